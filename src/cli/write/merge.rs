//! `throughline merge`.

use crate::app::Session;
use crate::app::report::merge::{MergeAsked, MergeChanges, MergePreviewReport};
use crate::app::report::page::PageAsked;
use crate::cli::client::{ClientRequest, Place, Service, Thread};
use crate::cli::error::Failure;
use crate::cli::output::authored::Authored;
use crate::cli::output::conflicts;
use crate::cli::output::page::add_to;
use crate::cli::output::resolutions::Decisions;
use crate::cli::output::streamed;
use crate::cli::output::words::{changed, count};
use crate::graph::MergeRequest;
use crate::model::sync::cancellation::Cancellation;
use serde_json::{Value, json};
use std::io::Write;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
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
    let thread = arguments.place.open()?;
    let asked = arguments.asked(&thread)?;
    let preview = preview(&thread, &asked).map_err(|failure| arguments.resolutions.explain(failure))?;
    let mut out = std::io::stdout().lock();
    if arguments.preview || !preview.clean {
        match arguments.json {
            true => write_json(&mut out, &thread, &preview, &asked)?,
            false => print(&mut out, &preview)?,
        }
    }
    if arguments.preview {
        return Ok(());
    }
    if !preview.conflicts.is_empty() {
        return Err(conflicts::undecided(&what(arguments)));
    }
    let Merged { commit, changed: count } = match &thread {
        Thread::Here(session) => merge(arguments, session, &preview)?,
        Thread::There(service) => send(arguments, service, &preview)?,
    };
    match (arguments.json, preview.merged_already) {
        (true, _) => writeln!(out, "{:#}", json!({ "commit": commit, "changed": count }))?,
        (false, true) => writeln!(out, "nothing new: {} has all of {}", arguments.into, arguments.source)?,
        (false, false) => writeln!(out, "{commit} on {}: {}", arguments.into, changed(count))?,
    }
    Ok(())
}

impl Arguments {
    fn asked(&self, thread: &Thread) -> Result<MergeAsked, Failure> {
        // Each refusal of a decision names its place in the file.
        match thread {
            Thread::Here(session) => drop(self.resolutions.read(&session.snapshot(&self.into)?)?),
            Thread::There(_) => drop(self.resolutions.inputs()?),
        }
        let decisions = self.resolutions.all()?.into_iter().map(|(decision, _)| decision).collect();
        Ok(MergeAsked { source: self.source.clone(), into: self.into.clone(), decisions })
    }
}

fn preview(thread: &Thread, asked: &MergeAsked) -> Result<MergePreviewReport, Failure> {
    match thread {
        Thread::Here(session) => Ok(session.merge_report(asked, &Cancellation::default())?),
        Thread::There(service) => service.read(post("/merge/preview", Vec::new(), asked)?),
    }
}

fn post(
    path: &'static str,
    query: Vec<(&'static str, String)>,
    asked: &MergeAsked,
) -> Result<ClientRequest<'static>, Failure> {
    Ok(ClientRequest::post(path, query, "application/json", serde_json::to_vec(asked)?))
}

/// What a merge came to.
struct Merged {
    commit: String,
    changed: usize,
}

fn merge(arguments: &Arguments, session: &Session, preview: &MergePreviewReport) -> Result<Merged, Failure> {
    let into = session.snapshot(&arguments.into)?;
    let expected = preview.into.parse().map_err(|error| Failure::new(format!("{error}")))?;
    let committed = session.merge(&MergeRequest {
        source: arguments.source.clone(),
        into: arguments.into.clone(),
        message: arguments.message.clone(),
        resolutions: arguments.resolutions.read(&into)?,
        expected_head: Some(expected),
        author: arguments.authored.author(),
        ..MergeRequest::default()
    })?;
    Ok(Merged { commit: committed.commit.id.to_string(), changed: committed.changed })
}

/// Merges through a service.
fn send(arguments: &Arguments, service: &Service, preview: &MergePreviewReport) -> Result<Merged, Failure> {
    let mut input = json!({
        "source": arguments.source,
        "into": arguments.into,
        "message": arguments.message,
        "resolutions": arguments.resolutions.inputs()?,
        "expectedHead": preview.into,
    });
    arguments.authored.add_to(&mut input);
    let text = format!(
        "mutation($input: MergeInput!) {{ done: merge(input: $input) {{ commit {{ id }} changed {} }} }} {}",
        conflicts::ERRORS,
        conflicts::SIDE
    );
    let done = service.payload(&text, &json!({ "input": input }))?;
    conflicts::refused_by_service(&done, &what(arguments), arguments.json)?;
    let changed = done["changed"].as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or_default();
    Ok(Merged { commit: done["commit"]["id"].as_str().unwrap_or_default().to_owned(), changed })
}

/// Names what is not done where it is refused.
fn what(arguments: &Arguments) -> String {
    format!("{} is not merged", arguments.source)
}

/// Prints the conflicts, then what breaks, then what would change.
fn print(out: &mut impl Write, preview: &MergePreviewReport) -> std::io::Result<()> {
    conflicts::print_reports(out, &preview.conflicts)?;
    for violation in &preview.violations {
        writeln!(out, "breaks: {}", violation.text)?;
    }
    match preview.merged_already {
        true => writeln!(out, "merged already"),
        false => {
            let state = if preview.clean { "clean" } else { "not clean" };
            let conflicts = count(preview.conflicts.len(), "conflict");
            let resources = count(preview.change_count, "resource");
            writeln!(out, "{state}: {conflicts}, {resources} would change")
        }
    }
}

/// Writes the preview for a tool. What would change is read page by page, and never in memory as a whole.
fn write_json(
    out: &mut impl Write,
    thread: &Thread,
    preview: &MergePreviewReport,
    asked: &MergeAsked,
) -> Result<(), Failure> {
    let Value::Object(fields) = serde_json::to_value(preview)? else { return Ok(()) };
    let (source, into) = (preview.source.clone(), preview.into.clone());
    let asked = MergeAsked { source, into, decisions: asked.decisions.clone() };
    streamed::write(out, fields, "changes", |item| {
        let (mut first, mut after) = (CHANGES_MAX, None);
        loop {
            let MergeChanges { changes, next } = changes(thread, &asked, &mut first, after)?;
            changes.into_iter().try_for_each(|change| item(serde_json::to_value(change)?))?;
            after = match next {
                Some(next) => Some(next),
                None => return Ok(()),
            };
        }
    })
}

/// How many changes are asked for at once: as many as a service answers with, as each page merges anew.
const CHANGES_MAX: usize = 10_000;

/// Reads a page of what the merge would change, of `first` resources, or fewer from here on where so many do not fit into one answer.
fn changes(
    thread: &Thread,
    asked: &MergeAsked,
    first: &mut usize,
    after: Option<String>,
) -> Result<MergeChanges, Failure> {
    let service = match thread {
        Thread::Here(session) => {
            let page = PageAsked { first: *first, after };
            return Ok(session.merge_changes(asked, &page, &Cancellation::default())?);
        }
        Thread::There(service) => service,
    };
    loop {
        let mut query = Vec::new();
        add_to(&mut query, PageAsked { first: *first, after: after.clone() });
        match service.json(post("/merge/changes", query, asked)?)? {
            Ok(page) => return Ok(page),
            Err(refusal) if refusal.code == TOO_LARGE && *first > 1 => *first /= 10,
            Err(refusal) => return Err(refusal.into()),
        }
    }
}

/// The code of the refusal of an answer that is larger than the service lets one be.
const TOO_LARGE: &str = "LIMIT_EXCEEDED";
