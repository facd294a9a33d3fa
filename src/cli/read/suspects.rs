//! `throughline suspects` and `throughline confirm-link`.

use crate::app::report::page::Page as _;
use crate::app::report::suspect::{SignificantChange, SuspectLink, SuspectsAsked, SuspectsReport};
use crate::app::{ClearRequest, Session};
use crate::cli::client::{ClientRequest, Place, Service, Thread};
use crate::cli::error::Failure;
use crate::cli::output::authored::Authored;
use crate::cli::output::json;
use crate::cli::output::page::{After, PAGE_MAX, add_to};
use crate::cli::output::words;
use crate::model::statement::Statement;
use crate::model::sync::cancellation::Cancellation;
use crate::thread;
use serde_json::json;
use std::io::Write as _;
use std::num::NonZeroUsize;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The version: branch, tag, commit, branch@instant or instant
    #[arg(default_value = "main")]
    version: String,
    /// How many links at the most [default: all]
    #[arg(long, short = 'n')]
    first: Option<NonZeroUsize>,
    #[command(flatten)]
    after: After,
    #[command(flatten)]
    form: json::Form,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ConfirmArguments {
    #[command(flatten)]
    place: Place,
    /// The resource or fragment that the link belongs to
    from: String,
    /// The field that holds it, such as satisfies, or the property's IRI
    property: String,
    /// What is linked
    to: String,
    /// The branch that takes the commit
    #[arg(long, default_value = "main")]
    branch: String,
    /// The version that was looked at: where the target has changed after it, nothing is confirmed [default: the head]
    #[arg(long, value_name = "VERSION")]
    based_on: Option<String>,
    /// The message of the commit
    #[arg(long, short)]
    message: Option<String>,
    #[command(flatten)]
    authored: Authored,
    #[command(flatten)]
    form: json::Form,
}

/// Prints the links whose target has changed since they were made or last confirmed, and what changed.
pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let part = arguments.after.with(arguments.first.map_or(usize::MAX, NonZeroUsize::get));
    let report: SuspectsReport = match arguments.place.open_to_read()? {
        Thread::Here(session) => {
            let asked = SuspectsAsked { version: arguments.version.clone(), page: part };
            session.suspects_report(&asked, &Cancellation::default())?
        }
        Thread::There(service) => SuspectsReport::gather(&part, PAGE_MAX, |page, version| {
            let mut query = vec![("at", version.unwrap_or(&arguments.version).to_owned())];
            add_to(&mut query, page);
            service.read(ClientRequest::get("/suspects", query))
        })?,
    };
    if arguments.form.json {
        return json::print(&report);
    }
    let mut out = std::io::stdout().lock();
    for SuspectLink { from, property, to, changes, .. } in &report.links {
        writeln!(out, "{from} {property} {to}")?;
        for SignificantChange { change, target, since } in changes {
            let by = since.as_ref().map_or(String::new(), |commit| {
                format!("  ({} {})", commit.id.get(..10).unwrap_or(&commit.id), commit.time)
            });
            writeln!(out, "    {target} {}{by}", change.text)?;
        }
    }
    if let Some(next) = &report.next {
        writeln!(out, "more follow: --after '{next}'")?;
    }
    Ok(())
}

/// Confirms that a suspect link still holds.
pub(in crate::cli) fn confirm(arguments: &ConfirmArguments) -> Result<(), Failure> {
    let Confirmed { commit, message } = match arguments.place.open()? {
        Thread::Here(session) => confirm_here(arguments, &session)?,
        Thread::There(service) => confirm_there(arguments, &service)?,
    };
    if arguments.form.json {
        return json::print(&json!({ "commit": commit, "branch": arguments.branch }));
    }
    println!("{commit} on {}: {message}", arguments.branch);
    Ok(())
}

/// The commit that confirmed a link.
struct Confirmed {
    commit: String,
    message: String,
}

fn confirm_here(arguments: &ConfirmArguments, session: &Session) -> Result<Confirmed, Failure> {
    let head = session.head(&arguments.branch)?;
    let (from, to) = (words::find(&head, &arguments.from)?, words::find(&head, &arguments.to)?);
    let predicate = thread::predicate_named(&head, &from, &arguments.property)?
        .ok_or_else(|| Failure::new(format!("{from} has no link called {}", arguments.property)))?;
    let based_on = arguments.based_on.as_deref().map(|version| session.snapshot(version)).transpose()?;
    let committed = session.confirm_link(&ClearRequest {
        branch: arguments.branch.clone(),
        link: Statement::new(from, predicate, to),
        message: arguments.message.clone(),
        author: arguments.authored.author(),
        idempotency_key: None,
        based_on: based_on.map(|version| version.commit().id),
    })?;
    let commit = committed.commit;
    Ok(Confirmed { commit: commit.id.to_string(), message: commit.message })
}

const CONFIRM: &str = "mutation($input: ConfirmLinkInput!) { done: confirmLink(input: $input) { commit { id message } errors { message } } }";

fn confirm_there(arguments: &ConfirmArguments, service: &Service) -> Result<Confirmed, Failure> {
    let mut input = json!({
        "branch": arguments.branch,
        "from": arguments.from,
        "property": arguments.property,
        "to": arguments.to,
        "message": arguments.message,
        "basedOn": arguments.based_on,
    });
    arguments.authored.add_to(&mut input);
    let done = service.change(CONFIRM, &json!({ "input": input }))?;
    let text = |field: &str| done["commit"][field].as_str().unwrap_or_default().to_owned();
    Ok(Confirmed { commit: text("id"), message: text("message") })
}
