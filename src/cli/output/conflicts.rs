//! Conflicts, for whoever is to decide them: what two sides state of the same property, and who made which side.

use super::columns::aligned;
use crate::app;
use crate::app::report::conflict::ConflictReport;
use crate::cli::error::Failure;
use crate::graph::{self, Conflict, Snapshot};
use serde_json::{Value, json};
use std::io::Write;

/// Prints conflicts as a table, each with who made which side; nothing where there are none.
pub(in crate::cli) fn print(
    out: &mut impl Write,
    conflicts: &[Conflict],
    at: &Snapshot,
) -> std::io::Result<()> {
    print_reports(out, &reports(conflicts, at))
}

/// Like [`print`], with conflicts that are described already.
pub(in crate::cli) fn print_reports(
    out: &mut impl Write,
    conflicts: &[ConflictReport],
) -> std::io::Result<()> {
    if conflicts.is_empty() {
        return Ok(());
    }
    let head = ["RESOURCE", "PROPERTY", "BASE", "OURS", "THEIRS"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(head).chain(conflicts.iter().map(row)).collect();
    let conflicts = std::iter::once(None).chain(conflicts.iter().map(Some));
    for (line, conflict) in aligned(&rows).iter().zip(conflicts) {
        writeln!(out, "{line}")?;
        let Some(conflict) = conflict else { continue };
        for (name, side) in [("ours", &conflict.ours), ("theirs", &conflict.theirs)] {
            if let Some(summary) = &side.summary {
                writeln!(out, "    {name}: {summary}")?;
            }
        }
        for link in &conflict.links {
            writeln!(out, "    links: {} {} {}", link.from, link.property, link.to)?;
        }
    }
    Ok(())
}

/// Reports that something is not done, as conflicts are not decided.
pub(in crate::cli) fn undecided(what: &str) -> Failure {
    Failure::new(format!("{what}: conflicts are not decided"))
        .hint("decide each with --ours, --theirs or --set, or in a file for --resolutions")
}

/// Describes why something was refused: conflicts are printed, as JSON where that is asked for, and left to decide.
pub(in crate::cli) fn refused(error: app::Error, what: &str, json: bool, at: &Snapshot) -> Failure {
    match &error {
        app::Error::Graph(graph::Error::Conflict(divergence)) if !divergence.conflicts.is_empty() => {
            left_to_decide(&reports(&divergence.conflicts, at), what, json)
        }
        _ => error.into(),
    }
}

/// Prints conflicts, as JSON where that is asked for, and reports that something is not done.
pub(in crate::cli) fn left_to_decide(conflicts: &[ConflictReport], what: &str, json: bool) -> Failure {
    let mut out = std::io::stdout().lock();
    let printed = match json {
        true => writeln!(out, "{:#}", json!({ "conflicts": conflicts })),
        false => print_reports(&mut out, conflicts),
    };
    printed.map_or_else(Failure::from, |()| undecided(what))
}

/// Writes a conflict for a tool.
pub(in crate::cli) fn as_json(conflict: &Conflict, at: &Snapshot) -> Value {
    json!(ConflictReport::new(conflict, at))
}

fn reports(conflicts: &[Conflict], at: &Snapshot) -> Vec<ConflictReport> {
    conflicts.iter().map(|conflict| ConflictReport::new(conflict, at)).collect()
}

fn row(conflict: &ConflictReport) -> [String; 5] {
    let is_of_values = conflict.is_of_values();
    let list = |values: &[String]| match (values, is_of_values) {
        ([], true) => "-".to_owned(),
        ([], false) => "retired".to_owned(),
        (values, true) => values.join(", "),
        _ if conflict.is_of_change() => "changed".to_owned(),
        _ => "linked".to_owned(),
    };
    [
        conflict.resource.clone(),
        conflict.property.clone().unwrap_or_else(|| "-".to_owned()),
        if is_of_values { list(&conflict.base) } else { "there".to_owned() },
        list(&conflict.ours.values),
        list(&conflict.theirs.values),
    ]
}
