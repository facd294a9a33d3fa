//! Conflicts, for whoever is to decide them: what two sides state of the same property, and who made which side.

use super::columns::aligned;
use super::words::{name, value};
use crate::app;
use crate::cli::error::Failure;
use crate::graph::{self, Clash, ClashKind, Commit, Snapshot};
use oxigraph::model::Term;
use serde_json::{Value, json};
use std::io::Write;

/// Prints conflicts as a table, each with who made which side; nothing where there are none.
pub(in crate::cli) fn print(out: &mut impl Write, clashes: &[Clash], at: &Snapshot) -> std::io::Result<()> {
    if clashes.is_empty() {
        return Ok(());
    }
    let head = ["RESOURCE", "PROPERTY", "BASE", "OURS", "THEIRS"].map(str::to_owned);
    let rows: Vec<_> = std::iter::once(head).chain(clashes.iter().map(|clash| row(clash, at))).collect();
    let clashes = std::iter::once(None).chain(clashes.iter().map(Some));
    for (line, clash) in aligned(&rows).iter().zip(clashes) {
        writeln!(out, "{line}")?;
        let Some(clash) = clash else { continue };
        for (side, commit) in [("ours", &clash.ours_commit), ("theirs", &clash.theirs_commit)] {
            if let Some(commit) = commit {
                writeln!(out, "    {side}: {}", describe(commit))?;
            }
        }
        for link in &clash.links {
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
    let app::Error::Graph(graph::Error::Conflict(conflict)) = &error else { return error.into() };
    if conflict.clashes.is_empty() {
        return error.into();
    }
    let mut out = std::io::stdout().lock();
    let printed = match json {
        true => {
            let conflicts: Vec<_> = conflict.clashes.iter().map(|clash| as_json(clash, at)).collect();
            writeln!(out, "{:#}", json!({ "conflicts": conflicts }))
        }
        false => print(&mut out, &conflict.clashes, at),
    };
    printed.map_or_else(Failure::from, |()| undecided(what))
}

/// Writes a conflict for a tool.
pub(in crate::cli) fn as_json(clash: &Clash, at: &Snapshot) -> Value {
    let values = |terms: &[Term]| terms.iter().map(|term| value(term, at)).collect::<Vec<_>>();
    let side = |terms: &[Term], commit: &Option<Commit>| json!({ "values": values(terms), "commit": commit.as_ref().map(|commit| commit.id.to_string()) });
    let links = clash.links.iter().map(|link| {
        json!({
            "from": at.shorten(&link.subject),
            "property": name(&link.predicate, at),
            "to": value(&link.object, at),
        })
    });
    json!({
        "kind": clash.kind.as_str(),
        "resource": at.shorten(&clash.subject),
        "property": clash.predicate.as_ref().map(|predicate| name(predicate, at)),
        "base": values(&clash.base),
        "ours": side(&clash.ours, &clash.ours_commit),
        "theirs": side(&clash.theirs, &clash.theirs_commit),
        "links": links.collect::<Vec<_>>(),
    })
}

fn row(clash: &Clash, at: &Snapshot) -> [String; 5] {
    let list = |terms: &[Term], kind: ClashKind| match (terms, kind) {
        ([], ClashKind::BothChanged) => "-".to_owned(),
        ([], _) => "retired".to_owned(),
        (terms, ClashKind::BothChanged) => {
            terms.iter().map(|term| value(term, at)).collect::<Vec<_>>().join(", ")
        }
        (_, ClashKind::RetiredAndChanged) => "changed".to_owned(),
        (_, ClashKind::RetiredAndLinked) => "linked".to_owned(),
    };
    let base = match clash.kind {
        ClashKind::BothChanged => list(&clash.base, clash.kind),
        _ => "there".to_owned(),
    };
    [
        at.shorten(&clash.subject),
        clash.predicate.as_ref().map_or_else(|| "-".to_owned(), |predicate| name(predicate, at)),
        base,
        list(&clash.ours, clash.kind),
        list(&clash.theirs, clash.kind),
    ]
}

fn describe(commit: &Commit) -> String {
    let id = commit.id.to_string();
    let subject = commit.message.lines().next().unwrap_or_default();
    format!("{} {} {}: {subject}", &id[..10], commit.time, commit.author.name)
}
