//! `throughline monitor`.

use crate::app::{self, Monitor, MonitorRun, Session, Watched};
use crate::cli::client::{Place, Service, Thread};
use crate::cli::error::Failure;
use crate::cli::output::authored::Authored;
use crate::cli::output::json;
use crate::cli::output::words::count;
use crate::feedback::Filing;
use crate::graph::Snapshot;
use crate::model::time::interval::Interval;
use crate::ontology::terms::dcterms;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::io::Write as _;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
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
    let thread = arguments.place.open()?;
    let names = Some(arguments.names.as_slice()).filter(|names| !names.is_empty());
    let monitors = match &thread {
        Thread::Here(session) => of_session(session, names)?,
        Thread::There(service) => of_service(service, names)?,
    };
    if monitors.is_empty() {
        let folder = match &thread {
            Thread::Here(_) => arguments.place.data().data.join("throughline.toml").display().to_string(),
            Thread::There(_) => "throughline.toml in the folder of the service".to_owned(),
        };
        return Err(Failure::new("there are no monitors").hint(format!("write {folder}")));
    }
    if arguments.once {
        let ran = match &thread {
            Thread::Here(session) => {
                Ran::here(session, &session.run_monitors(names, &arguments.authored.author(), None)?)?
            }
            Thread::There(service) => Ran::there(service, names, &arguments.authored)?,
        };
        return ran.print(arguments.form.json);
    }
    match arguments.form.json {
        true => json::print(&json!({ "monitors": monitors })),
        false => print(&monitors),
    }
}

fn print(monitors: &[Listed]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    for Listed { name, every, length, window, items, requirements } in monitors {
        let list = |list: &Option<Vec<String>>, all: &str| {
            list.as_ref().map_or(all.to_owned(), |list| list.join(", "))
        };
        writeln!(out, "{name} every {every} over {length} {window}")?;
        writeln!(out, "    items: {}", list(items, "every DesignRevision that is RELEASED"))?;
        writeln!(out, "    requirements: {}", list(requirements, "all"))?;
    }
    Ok(())
}

/// A monitor; what it leaves open is absent.
#[derive(Debug, Serialize)]
struct Listed {
    name: String,
    every: String,
    length: String,
    window: String,
    items: Option<Vec<String>>,
    requirements: Option<Vec<String>>,
}

fn of_session(session: &Session, names: Option<&[String]>) -> Result<Vec<Listed>, Failure> {
    let (every, now) = (session.monitors()?.every.to_string(), session.clock().now());
    let listed = |monitor: &Monitor| {
        Ok(Listed {
            name: monitor.name.clone(),
            every: every.clone(),
            length: monitor.length.to_string(),
            window: monitor.window(now)?.to_string(),
            items: monitor.items.clone(),
            requirements: monitor.requirements.clone(),
        })
    };
    session.monitors()?.named(names)?.into_iter().map(listed).collect()
}

const MONITORS: &str = "{ monitors { name every length window { from to } items requirements } }";

fn of_service(service: &Service, names: Option<&[String]>) -> Result<Vec<Listed>, Failure> {
    #[derive(Deserialize)]
    struct Known {
        name: String,
        every: String,
        length: String,
        window: Window,
        items: Option<Vec<String>>,
        requirements: Option<Vec<String>>,
    }
    let known = service.query(MONITORS, &json!({}))?["monitors"].take();
    let known: Vec<Known> = serde_json::from_value(known)?;
    let unknown = |name: &&String| known.iter().all(|monitor| monitor.name != **name);
    if let Some(name) = names.and_then(|names| names.iter().find(unknown)) {
        return Err(app::Error::NoMonitor(name.clone()).into());
    }
    let is_asked = |monitor: &Known| names.is_none_or(|names| names.contains(&monitor.name));
    let listed = |Known { name, every, length, window, items, requirements }: Known| {
        Ok(Listed { name, every, length, window: window.text()?, items, requirements })
    };
    known.into_iter().filter(is_asked).map(listed).collect()
}

/// A window as GraphQL answers it.
#[derive(Deserialize)]
struct Window {
    from: String,
    to: String,
}

impl Window {
    fn text(&self) -> Result<String, Failure> {
        Ok(Interval::new(self.from.parse()?, self.to.parse()?)?.to_string())
    }
}

/// What a run saw and did.
struct Ran {
    branch: String,
    /// The commit and its message; `None` where nothing was new.
    commit: Option<(String, String)>,
    watched: Vec<Seen>,
    filings: Vec<Filed>,
}

/// What one monitor saw.
#[derive(Debug, Serialize)]
struct Seen {
    monitor: String,
    window: String,
    margins: usize,
    violated: usize,
    unknown: usize,
    problems: Vec<String>,
}

/// What a violation came to.
#[derive(Debug, Serialize)]
struct Filed {
    outcome: String,
    finding: String,
    #[serde(skip)]
    title: String,
}

impl Ran {
    fn here(session: &Session, run: &MonitorRun) -> Result<Self, Failure> {
        let made = run.committed.as_ref().map(|made| &made.commit);
        let at: Snapshot = session.snapshot(&made.map_or(run.read, |commit| commit.id).to_string())?;
        let watched = |watched: &Watched| Seen {
            monitor: watched.monitor.clone(),
            window: watched.window.to_string(),
            margins: watched.margins,
            violated: watched.violated,
            unknown: watched.unknown,
            problems: watched.problems.clone(),
        };
        let filed = |filing: &Filing| {
            Ok::<_, Failure>(Filed {
                outcome: filing.outcome.name().to_owned(),
                finding: at.shorten(&filing.finding),
                title: at.text(&filing.finding, dcterms::TITLE)?.unwrap_or_default(),
            })
        };
        Ok(Self {
            branch: session.monitors()?.branch.clone(),
            commit: made.map(|commit| (commit.id.to_string(), commit.message.clone())),
            watched: run.watched.iter().map(watched).collect(),
            filings: run.filings.iter().map(filed).collect::<Result<_, _>>()?,
        })
    }

    fn there(service: &Service, names: Option<&[String]>, authored: &Authored) -> Result<Self, Failure> {
        let mut input = json!({ "names": names });
        authored.add_to(&mut input);
        let done = service.change(RUN, &json!({ "input": input }))?;
        Self::of_answer(&done["run"])
    }

    fn of_answer(run: &Value) -> Result<Self, Failure> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let number =
            |value: &Value| value.as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or_default();
        let watched = |watched: &Value| {
            let window: Window = serde_json::from_value(watched["window"].clone())?;
            Ok::<_, Failure>(Seen {
                monitor: text(&watched["name"]),
                window: window.text()?,
                margins: number(&watched["marginCount"]),
                violated: number(&watched["violatedCount"]),
                unknown: number(&watched["unknownCount"]),
                problems: serde_json::from_value(watched["problems"].clone())?,
            })
        };
        let filed = |filing: &Value| Filed {
            outcome: text(&filing["outcome"]),
            finding: text(&filing["finding"]["iri"]),
            title: text(&filing["finding"]["title"]),
        };
        let list = |name: &str| run[name].as_array().into_iter().flatten();
        Ok(Self {
            branch: text(&run["branch"]),
            commit: run["commit"]["id"].as_str().map(|id| (id.to_owned(), text(&run["commit"]["message"]))),
            watched: list("monitors").map(watched).collect::<Result<_, _>>()?,
            filings: list("filings").map(filed).collect(),
        })
    }

    fn print(&self, is_json: bool) -> Result<(), Failure> {
        match is_json {
            true => json::print(&json!({
                "branch": self.branch,
                "commit": self.commit.as_ref().map(|(id, _)| id),
                "watched": self.watched,
                "filings": self.filings,
            }))?,
            false => self.print_text()?,
        }
        let problems: usize = self.watched.iter().map(|watched| watched.problems.len()).sum();
        if problems > 0 {
            let them = if problems == 1 { "item or requirement" } else { "items or requirements" };
            return Err(Failure::new(format!("{problems} {them} could not be looked at")));
        }
        Ok(())
    }

    fn print_text(&self) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        for Seen { monitor, window, margins, violated, unknown, problems } in &self.watched {
            let margins = count(margins, "margin");
            writeln!(out, "{monitor}: {margins} in {window}, {violated} violated, {unknown} unknown")?;
            problems.iter().try_for_each(|problem| writeln!(out, "    {problem}"))?;
        }
        for Filed { outcome, finding, title } in &self.filings {
            writeln!(out, "{outcome} {finding}  {title}")?;
        }
        match &self.commit {
            Some((id, message)) => writeln!(out, "{id} on {}: {message}", self.branch)?,
            None => writeln!(out, "nothing new")?,
        }
        Ok(())
    }
}

const RUN: &str = "mutation($input: RunMonitorsInput!) { done: runMonitors(input: $input) { run { branch commit { id message } \
    monitors { name window { from to } marginCount violatedCount unknownCount problems } filings { outcome finding { iri title } } } \
    errors { message } } }";
