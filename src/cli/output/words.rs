//! Statements and numbers in words: names as the ontology has them, values without datatypes.

use crate::cli::error::Failure;
use crate::graph::Snapshot;
use oxigraph::model::NamedNode;
use std::fmt;

/// Finds the resource that an argument names; see [`words::find`](crate::app::report::words::find).
pub(in crate::cli) fn find(at: &Snapshot, name: &str) -> Result<NamedNode, Failure> {
    Ok(crate::app::report::words::find(at, name)?)
}

/// Writes how many there are of something: `1 commit`, `2 commits`, `2 batches`, `2 series`.
pub(in crate::cli) fn count(many: impl fmt::Display, what: &str) -> String {
    let many = many.to_string();
    let end = match many.as_str() {
        "1" => "",
        _ if what.ends_with("ies") => "",
        _ if what.ends_with("ch") => "es",
        _ => "s",
    };
    format!("{many} {what}{end}")
}

/// Writes what a commit changed, such as `2 statements added or removed`.
pub(in crate::cli) fn changed(statements: usize) -> String {
    format!("{} added or removed", count(statements, "statement"))
}

/// How many names of a list are printed.
const NAMES_MAX: usize = 50;

/// Lists names, the first of many.
pub(in crate::cli) fn some_of(names: &[String]) -> String {
    let first = names[..names.len().min(NAMES_MAX)].join(", ");
    match names.len().saturating_sub(NAMES_MAX) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural() {
        let texts = [0, 1, 2].map(|many| format!("{}, {}", count(many, "commit"), count(many, "batch")));
        assert_eq!(texts, ["0 commits, 0 batches", "1 commit, 1 batch", "2 commits, 2 batches"]);
    }
}
