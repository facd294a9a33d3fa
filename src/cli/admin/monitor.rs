//! `throughline monitor`.

use crate::app::{Monitor, MonitorRun, Session, Watched};
use crate::cli::Data;
use crate::cli::error::Failure;
use crate::cli::output::authored::Authored;
use crate::cli::output::json;
use crate::cli::output::words::count;
use crate::feedback::Filing;
use crate::graph::Snapshot;
use serde_json::{Value, json};
use std::io::Write as _;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// Run them once, as the service does by itself
    #[arg(long)]
    once: bool,
    /// Only the monitors of these names
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    authored: Authored,
    #[command(flatten)]
    form: json::Form,
}

/// Prints the monitors; or runs them, and prints what they found.
pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let session = arguments.data.open()?;
    let names = Some(arguments.names.as_slice()).filter(|names| !names.is_empty());
    let monitors = session.monitors()?.named(names)?;
    if monitors.is_empty() {
        return Err(Failure::new("there are no monitors")
            .hint(format!("write {}", arguments.data.data.join("throughline.toml").display())));
    }
    let mut out = std::io::stdout().lock();
    if arguments.once {
        let run = session.run_monitors(names, &arguments.authored.author(), None)?;
        return print_run(&session, &run, arguments.form.json, &mut out);
    }
    if arguments.form.json {
        return json::print(&json!({ "monitors": listed(&session, &monitors)? }));
    }
    for monitor in monitors {
        let list = |list: &Option<Vec<String>>, all: &str| {
            list.as_ref().map_or(all.to_owned(), |list| list.join(", "))
        };
        let window = monitor.window(session.clock().now())?;
        writeln!(
            out,
            "{} every {} over {} {window}",
            monitor.name,
            session.monitors()?.every,
            monitor.length
        )?;
        writeln!(out, "    items: {}", list(&monitor.items, "every DesignRevision that is RELEASED"))?;
        writeln!(out, "    requirements: {}", list(&monitor.requirements, "all"))?;
    }
    Ok(())
}

/// Describes monitors; what a monitor leaves open is null.
fn listed(session: &Session, monitors: &[&Monitor]) -> Result<Vec<Value>, Failure> {
    let (every, now) = (session.monitors()?.every.to_string(), session.clock().now());
    let one = |monitor: &&Monitor| {
        Ok(json!({
            "name": monitor.name,
            "every": every,
            "length": monitor.length.to_string(),
            "window": monitor.window(now)?.to_string(),
            "items": monitor.items,
            "requirements": monitor.requirements,
        }))
    };
    monitors.iter().map(one).collect()
}

/// Describes a run.
fn as_json(session: &Session, run: &MonitorRun, at: &Snapshot) -> Result<Value, Failure> {
    let watched = |watched: &Watched| {
        json!({
            "monitor": watched.monitor,
            "window": watched.window.to_string(),
            "margins": watched.margins,
            "violated": watched.violated,
            "unknown": watched.unknown,
            "problems": watched.problems,
        })
    };
    let filing =
        |filing: &Filing| json!({ "outcome": filing.outcome.name(), "finding": at.shorten(&filing.finding) });
    Ok(json!({
        "branch": session.monitors()?.branch,
        "commit": run.committed.as_ref().map(|made| made.commit.id.to_string()),
        "watched": run.watched.iter().map(watched).collect::<Vec<_>>(),
        "filings": run.filings.iter().map(filing).collect::<Vec<_>>(),
    }))
}

fn print_run(
    session: &Session,
    run: &MonitorRun,
    is_json: bool,
    out: &mut impl std::io::Write,
) -> Result<(), Failure> {
    let at: Snapshot =
        session.snapshot(&run.committed.as_ref().map_or(run.read, |made| made.commit.id).to_string())?;
    match is_json {
        true => writeln!(out, "{:#}", as_json(session, run, &at)?)?,
        false => print_text(session, run, &at, out)?,
    }
    let problems: usize = run.watched.iter().map(|watched| watched.problems.len()).sum();
    if problems > 0 {
        let them = if problems == 1 { "item or requirement" } else { "items or requirements" };
        return Err(Failure::new(format!("{problems} {them} could not be looked at")));
    }
    Ok(())
}

fn print_text(
    session: &Session,
    run: &MonitorRun,
    at: &Snapshot,
    out: &mut impl std::io::Write,
) -> Result<(), Failure> {
    for watched in &run.watched {
        let (violated, unknown) = (watched.violated, watched.unknown);
        writeln!(
            out,
            "{}: {} in {}, {violated} violated, {unknown} unknown",
            watched.monitor,
            count(watched.margins, "margin"),
            watched.window
        )?;
        for problem in &watched.problems {
            writeln!(out, "    {problem}")?;
        }
    }
    for filing in &run.filings {
        let (finding, outcome) = (at.shorten(&filing.finding), filing.outcome.name());
        let title = at.text(&filing.finding, crate::ontology::terms::dcterms::TITLE)?.unwrap_or_default();
        writeln!(out, "{outcome} {finding}  {title}")?;
    }
    let result = match &run.committed {
        Some(made) => {
            format!("{} on {}: {}", made.commit.id, session.monitors()?.branch, made.commit.message)
        }
        None => "nothing new".to_owned(),
    };
    writeln!(out, "{result}")?;
    Ok(())
}
