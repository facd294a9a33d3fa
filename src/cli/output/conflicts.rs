//! Conflicts, for whoever is to decide them: what two sides state of the same property, and who made which side.

use super::columns::aligned;
use crate::app;
use crate::app::report::conflict::ConflictReport;
use crate::cli::error::Failure;
use crate::graph::{self, Conflict, Snapshot};
use serde_json::{Value, json};
use std::io::Write;

/// Prints conflicts as a table, each with who made which side; nothing where there are none.
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

/// The fragment that [`ERRORS`] uses.
pub(in crate::cli) const SIDE: &str =
    "fragment side on MergeConflictSide { values commit { id time author { name } message } }";

/// What a GraphQL document asks of the errors of a mutation, for [`refused_by_service`].
pub(in crate::cli) const ERRORS: &str = "errors { message ... on ConflictError { conflicts(first: 100) { nodes { kind resource property base ours { ...side } theirs { ...side } links { from property to } } } } }";

/// Fails where the payload of a mutation has errors to [`ERRORS`]: conflicts are printed, as JSON where that is asked for, and left to decide.
pub(in crate::cli) fn refused_by_service(done: &Value, what: &str, json: bool) -> Result<(), Failure> {
    let Some(error) = done["errors"].get(0) else { return Ok(()) };
    let conflicts = of_answer(&error["conflicts"]["nodes"])?;
    match conflicts.is_empty() {
        true => Err(Failure::new(error["message"].as_str().unwrap_or_default())),
        false => Err(left_to_decide(&conflicts, what, json)),
    }
}

/// Reads the conflicts of an answer.
pub(in crate::cli) fn of_answer(nodes: &Value) -> Result<Vec<ConflictReport>, Failure> {
    let side = |side: &Value| {
        let commit = &side["commit"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let summary = commit["id"].as_str().map(|id| {
            let subject = text(&commit["message"]).lines().next().unwrap_or_default().to_owned();
            let (id, name) = (id.get(..10).unwrap_or(id), text(&commit["author"]["name"]));
            format!("{id} {} {name}: {subject}", text(&commit["time"]))
        });
        json!({ "values": side["values"], "commit": commit["id"], "summary": summary })
    };
    let report = |node: &Value| {
        let mut report = node.clone();
        (report["ours"], report["theirs"]) = (side(&node["ours"]), side(&node["theirs"]));
        Ok(serde_json::from_value(report)?)
    };
    nodes.as_array().into_iter().flatten().map(report).collect()
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
