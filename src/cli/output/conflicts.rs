//! Conflicts, for whoever is to decide them: what two sides state of the same property, and who made which side.

use super::columns::aligned;
use super::words::{name, value};
use crate::app;
use crate::cli::error::Failure;
use crate::graph::{self, Commit, Conflict, ConflictKind, Snapshot};
use oxigraph::model::Term;
use serde_json::{Value, json};
use std::io::Write;

/// Prints conflicts as a table, each with who made which side; nothing where there are none.
pub(in crate::cli) fn print(
    out: &mut impl Write,
    conflicts: &[Conflict],
    at: &Snapshot,
) -> std::io::Result<()> {
    if conflicts.is_empty() {
        return Ok(());
    }
    let head = ["RESOURCE", "PROPERTY", "BASE", "OURS", "THEIRS"].map(str::to_owned);
    let rows: Vec<_> =
        std::iter::once(head).chain(conflicts.iter().map(|conflict| row(conflict, at))).collect();
    let conflicts = std::iter::once(None).chain(conflicts.iter().map(Some));
    for (line, conflict) in aligned(&rows).iter().zip(conflicts) {
        writeln!(out, "{line}")?;
        let Some(conflict) = conflict else { continue };
        for (side, commit) in [("ours", &conflict.ours_commit), ("theirs", &conflict.theirs_commit)] {
            if let Some(commit) = commit {
                writeln!(out, "    {side}: {}", describe(commit))?;
            }
        }
        for link in &conflict.links {
            let (from, to) = (at.shorten(&link.subject), value(&link.object, at));
            writeln!(out, "    links: {from} {} {to}", name(&link.predicate, at))?;
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
    let app::Error::Graph(graph::Error::Conflict(divergence)) = &error else { return error.into() };
    if divergence.conflicts.is_empty() {
        return error.into();
    }
    let mut out = std::io::stdout().lock();
    let printed = match json {
        true => {
            let conflicts: Vec<_> =
                divergence.conflicts.iter().map(|conflict| as_json(conflict, at)).collect();
            writeln!(out, "{:#}", json!({ "conflicts": conflicts }))
        }
        false => print(&mut out, &divergence.conflicts, at),
    };
    printed.map_or_else(Failure::from, |()| undecided(what))
}

/// Writes a conflict for a tool.
pub(in crate::cli) fn as_json(conflict: &Conflict, at: &Snapshot) -> Value {
    let values = |terms: &[Term]| terms.iter().map(|term| value(term, at)).collect::<Vec<_>>();
    let side = |terms: &[Term], commit: &Option<Commit>| json!({ "values": values(terms), "commit": commit.as_ref().map(|commit| commit.id.to_string()) });
    let links = conflict.links.iter().map(|link| {
        json!({
            "from": at.shorten(&link.subject),
            "property": name(&link.predicate, at),
            "to": value(&link.object, at),
        })
    });
    json!({
        "kind": conflict.kind.as_str(),
        "resource": at.shorten(&conflict.subject),
        "property": conflict.predicate.as_ref().map(|predicate| name(predicate, at)),
        "base": values(&conflict.base),
        "ours": side(&conflict.ours, &conflict.ours_commit),
        "theirs": side(&conflict.theirs, &conflict.theirs_commit),
        "links": links.collect::<Vec<_>>(),
    })
}

fn row(conflict: &Conflict, at: &Snapshot) -> [String; 5] {
    let list = |terms: &[Term], kind: ConflictKind| match (terms, kind) {
        ([], ConflictKind::BothChanged) => "-".to_owned(),
        ([], _) => "retired".to_owned(),
        (terms, ConflictKind::BothChanged) => {
            terms.iter().map(|term| value(term, at)).collect::<Vec<_>>().join(", ")
        }
        (_, ConflictKind::RetiredAndChanged) => "changed".to_owned(),
        (_, ConflictKind::RetiredAndLinked) => "linked".to_owned(),
    };
    let base = match conflict.kind {
        ConflictKind::BothChanged => list(&conflict.base, conflict.kind),
        _ => "there".to_owned(),
    };
    [
        at.shorten(&conflict.subject),
        conflict.predicate.as_ref().map_or_else(|| "-".to_owned(), |predicate| name(predicate, at)),
        base,
        list(&conflict.ours, conflict.kind),
        list(&conflict.theirs, conflict.kind),
    ]
}

fn describe(commit: &Commit) -> String {
    let id = commit.id.to_string();
    let subject = commit.message.lines().next().unwrap_or_default();
    format!("{} {} {}: {subject}", &id[..10], commit.time, commit.author.name)
}
