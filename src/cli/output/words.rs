//! Statements and numbers in words: names as the ontology has them, values without datatypes.

pub(in crate::cli) use crate::app::report::words::{name, value};
use crate::cli::error::Failure;
use crate::feedback::{Margin, MarginChange};
use crate::graph::Snapshot;
use crate::model::number::numeral;
use crate::model::statement::Statement;
use oxigraph::model::NamedNode;
use serde_json::Value;
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

/// Writes a link as `pump/A satisfies REQ-1`.
pub(in crate::cli) fn link(link: &Statement, at: &Snapshot) -> String {
    let (name, to) = (name(&link.predicate, at), value(&link.object, at));
    format!("{} {name} {to}", at.shorten(&link.subject))
}

/// Writes the margin of one constraint at two versions or watermarks.
pub(in crate::cli) fn margins(change: &MarginChange, at: &Snapshot) -> String {
    let (before, after) = (margin(change.before.as_ref()), margin(change.after.as_ref()));
    let text = if before == after { before } else { format!("{before} → {after}") };
    let Margin { item, constraint, .. } = change.latest();
    format!("{} {}: {text}", at.shorten(item), at.shorten(&constraint.iri))
}

fn margin(margin: Option<&Margin>) -> String {
    let Some(margin) = margin else { return "no such constraint".to_owned() };
    let recorded = &margin.constraint.recorded;
    let written = |text: &str| {
        let double = || text.parse::<f64>().map_or(text.to_owned(), |number| number.to_string());
        numeral::beyond_doubles(text).unwrap_or_else(double)
    };
    let limit = written(&recorded.limit);
    let upper = recorded.upper.as_deref().map_or(String::new(), |upper| format!(" … {}", written(upper)));
    let observed = margin.observed.map_or("-".to_owned(), |observed| format!("{observed:.4}"));
    format!("{} {observed} (limit {limit}{upper})", margin.verdict)
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

/// Returns a recorded number with all its digits, as JSON writes it.
pub(in crate::cli) fn number(text: &str) -> Value {
    match numeral::beyond_doubles(text) {
        Some(digits) => serde_json::from_str(&digits).unwrap_or(Value::String(digits)),
        None => text.parse::<f64>().map_or(Value::Null, Value::from),
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
