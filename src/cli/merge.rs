//! `throughline merge`.

use super::Data;
use super::authored::Authored;
use super::columns::aligned;
use super::error::Failure;
use super::resolutions::Decisions;
use super::words::{name, value};
use crate::graph::{Clash, ClashKind, Commit, MergePreview, MergeRequest, Snapshot};
use crate::ontology::Violation;
use oxigraph::model::Term;
use serde_json::json;
use std::io::Write;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// The version whose changes are taken in
    source: String,
    /// The branch that takes them
    #[arg(long, value_name = "BRANCH", default_value = "main")]
    into: String,
    /// What the merge commit says of itself
    #[arg(long, short)]
    message: Option<String>,
    #[command(flatten)]
    authored: Authored,
    #[command(flatten)]
    resolutions: Decisions,
    /// Show what would come of it, and write nothing
    #[arg(long)]
    preview: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let app = arguments.data.open()?;
    let into = app.snapshot(&arguments.into)?;
    let resolutions = arguments.resolutions.read(&into)?;
    let preview = app.merge_preview(&arguments.source, &arguments.into, &resolutions)?;
    let mut out = std::io::stdout().lock();
    if arguments.preview || !preview.is_clean() {
        match arguments.json {
            true => writeln!(out, "{:#}", as_json(&preview, &into))?,
            false => print(&mut out, &preview, &into)?,
        }
    }
    if arguments.preview {
        return Ok(());
    }
    if !preview.clashes.is_empty() {
        let failure = Failure::new(format!("{} is not merged: conflicts are not decided", arguments.source));
        return Err(
            failure.hint("decide each with --ours, --theirs or --set, or in a file for --resolutions")
        );
    }
    let committed = app.merge(&MergeRequest {
        source: arguments.source.clone(),
        into: arguments.into.clone(),
        message: arguments.message.clone(),
        resolutions,
        expected_head: Some(preview.into.id),
        author: arguments.authored.author(),
        ..MergeRequest::default()
    })?;
    match (arguments.json, preview.merged_already) {
        (true, _) => {
            writeln!(
                out,
                "{:#}",
                json!({ "commit": committed.commit.id.to_string(), "changed": committed.changed })
            )?;
        }
        (false, true) => writeln!(out, "nothing new: {} has all of {}", arguments.into, arguments.source)?,
        (false, false) => writeln!(
            out,
            "{} on {}: {} statements came or went",
            committed.commit.id, arguments.into, committed.changed
        )?,
    }
    Ok(())
}

/// Prints the conflicts as a table, each with who made which side, then what breaks, then what would change.
fn print(out: &mut impl Write, preview: &MergePreview, at: &Snapshot) -> std::io::Result<()> {
    let head = ["RESOURCE", "PROPERTY", "BASE", "OURS", "THEIRS"].map(str::to_owned);
    let rows = preview.clashes.iter().map(|clash| row(clash, at));
    let rows: Vec<[String; 5]> = std::iter::once(head).chain(rows).collect();
    let clashes = std::iter::once(None).chain(preview.clashes.iter().map(Some));
    for (line, clash) in aligned(&rows).iter().zip(clashes).filter(|_| !preview.clashes.is_empty()) {
        writeln!(out, "{line}")?;
        let Some(clash) = clash else { continue };
        for (side, commit) in [("ours", &clash.ours_commit), ("theirs", &clash.theirs_commit)] {
            if let Some(commit) = commit {
                writeln!(out, "    {side}: {}", told(commit))?;
            }
        }
        for link in &clash.links {
            let (from, to) = (at.shorten(&link.subject), value(&link.object, at));
            writeln!(out, "    links: {from} {} {to}", name(&link.predicate, at))?;
        }
    }
    for violation in &preview.violations {
        writeln!(out, "breaks: {violation}")?;
    }
    match (preview.merged_already, preview.diff.resources.len()) {
        (true, _) => writeln!(out, "merged already"),
        (false, changes) => {
            let state = if preview.is_clean() { "clean" } else { "not clean" };
            let count =
                |many: usize, what: &str| format!("{many} {what}{}", if many == 1 { "" } else { "s" });
            let (conflicts, resources) =
                (count(preview.clashes.len(), "conflict"), count(changes, "resource"));
            writeln!(out, "{state}: {conflicts}, {resources} would change")
        }
    }
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

fn told(commit: &Commit) -> String {
    let id = commit.id.to_string();
    let subject = commit.message.lines().next().unwrap_or_default();
    format!("{} {} {}: {subject}", &id[..10], commit.time, commit.author.name)
}

fn as_json(preview: &MergePreview, at: &Snapshot) -> serde_json::Value {
    let conflicts: Vec<_> = preview.clashes.iter().map(|clash| clash_json(clash, at)).collect();
    let violation = |violation: &Violation| {
        json!({
            "resource": at.shorten(&violation.resource),
            "path": violation.path,
            "message": violation.message,
            "rule": violation.rule,
        })
    };
    json!({
        "into": preview.into.id.to_string(),
        "source": preview.source.id.to_string(),
        "bases": preview.bases.iter().map(|base| base.id.to_string()).collect::<Vec<_>>(),
        "mergedAlready": preview.merged_already,
        "clean": preview.is_clean(),
        "conflicts": conflicts,
        "violations": preview.violations.iter().map(violation).collect::<Vec<_>>(),
        "changes": super::diff::as_json(&preview.diff, at)["resources"],
    })
}

fn clash_json(clash: &Clash, at: &Snapshot) -> serde_json::Value {
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
