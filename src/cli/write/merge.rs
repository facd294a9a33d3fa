//! `throughline merge`.

use crate::app::Session;
use crate::app::report::change::ChangedResource;
use crate::cli::Data;
use crate::cli::error::Failure;
use crate::cli::output::authored::Authored;
use crate::cli::output::conflicts;
use crate::cli::output::resolutions::Decisions;
use crate::cli::output::streamed;
use crate::cli::output::words::{changed, count};
use crate::graph::{MergePreview, MergeRequest, Resolution, ResourceDiff, Snapshot};
use crate::model::sync::cancellation::Cancellation;
use crate::ontology::Violation;
use serde_json::{Value, json};
use std::io::Write;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// The version whose changes are taken in
    source: String,
    /// The branch that takes them
    #[arg(long, value_name = "BRANCH", default_value = "main")]
    into: String,
    /// The message of the merge commit
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

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let session = arguments.data.open()?;
    let into = session.snapshot(&arguments.into)?;
    let resolutions = arguments.resolutions.read(&into)?;
    let wanted = Cancellation::default();
    let preview = session.merge_preview(&arguments.source, &arguments.into, &resolutions, &wanted);
    let preview = preview.map_err(|error| arguments.resolutions.explain(error.into()))?;
    let mut out = std::io::stdout().lock();
    if arguments.preview || !preview.is_clean() {
        match arguments.json {
            true => write_json(&mut out, &session, &preview, &into, &resolutions)?,
            false => print(&mut out, &preview, &into)?,
        }
    }
    if arguments.preview {
        return Ok(());
    }
    if !preview.conflicts.is_empty() {
        return Err(conflicts::undecided(&format!("{} is not merged", arguments.source)));
    }
    let committed = session.merge(&MergeRequest {
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
        (false, false) => {
            writeln!(out, "{} on {}: {}", committed.commit.id, arguments.into, changed(committed.changed))?;
        }
    }
    Ok(())
}

/// Prints the conflicts, then what breaks, then what would change.
fn print(out: &mut impl Write, preview: &MergePreview, at: &Snapshot) -> std::io::Result<()> {
    conflicts::print(out, &preview.conflicts, at)?;
    for violation in &preview.violations {
        writeln!(out, "breaks: {violation}")?;
    }
    match (preview.merged_already, preview.diff.total) {
        (true, _) => writeln!(out, "merged already"),
        (false, changes) => {
            let state = if preview.is_clean() { "clean" } else { "not clean" };
            let conflicts = count(preview.conflicts.len(), "conflict");
            let resources = count(changes, "resource");
            writeln!(out, "{state}: {conflicts}, {resources} would change")
        }
    }
}

/// Writes the preview for a tool. What is not in memory of what would change is merged once more, and written resource by resource.
fn write_json(
    out: &mut impl Write,
    session: &Session,
    preview: &MergePreview,
    at: &Snapshot,
    resolutions: &[Resolution],
) -> Result<(), Failure> {
    let Value::Object(fields) = as_json(preview, at) else { return Ok(()) };
    let (known, heads) = (&preview.diff.resources, (preview.source.id, preview.into.id));
    streamed::write(out, fields, "changes", |item| {
        let mut write = |diff: &ResourceDiff| item(serde_json::to_value(ChangedResource::new(diff, at))?);
        known.iter().try_for_each(&mut write)?;
        let Some(last) = known.last().filter(|_| preview.diff.has_more) else { return Ok(()) };
        let (after, wanted) = (Some(&last.resource), Cancellation::default());
        session.each_merge_change::<Failure>(heads, resolutions, after, &wanted, |diff| {
            write(&diff).map(|()| true)
        })
    })
}

fn as_json(preview: &MergePreview, at: &Snapshot) -> Value {
    let conflicts: Vec<_> =
        preview.conflicts.iter().map(|conflict| conflicts::as_json(conflict, at)).collect();
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
    })
}
