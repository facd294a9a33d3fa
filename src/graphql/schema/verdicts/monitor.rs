//! Monitors, and their runs.

use super::filing;
use crate::app::{Monitor, MonitorRun, Scope, Watched};
use crate::graphql::engine::types::build::{ObjectBuilder, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::history::mutations::Mutations;
use crate::graphql::schema::shared::{author, page};
use crate::model::time::interval::Interval;
use std::sync::Arc;

/// A stretch of time.
struct Window(Interval);

/// Adds the monitors and their runs to `Query`.
pub(crate) fn extend_query(builder: ObjectBuilder<()>) -> ObjectBuilder<()> {
    builder
        .field(
            "monitors",
            "[Monitor!]!",
            "The designs that the service checks against their requirements by itself, as configured in monitors.toml.",
            |(), call| Ok(Value::objects(call.request.session.monitors()?.monitors.iter().cloned())),
        )
        .field_with(
            "monitorRuns",
            "MonitorRunConnection!",
            "The runs of monitors since the service started, newest first; the last hundred.",
            page::arguments(),
            |(), call| page::listed(&call.request.session.monitor_runs()?, call.arguments, Clone::clone),
        )
}

/// Adds the running of monitors to `Mutation`.
pub(crate) fn extend_mutations(mutations: Mutations) -> Mutations {
    mutations.add(
        ("runMonitors", "Runs monitors now: new violations are recorded and open findings, in one commit; where nothing is new, nothing is written."),
        vec![InputField::new("names", "[String!]", "The monitors; all where absent."), author::argument()],
        |builder| builder.made("run", "MonitorRun", "The run.", |run: &MonitorRun, _| Ok(Value::object(run.clone()))),
        |call, key| {
            let names = call.arguments.texts("names")?;
            let author = author::read(call.arguments)?;
            let run = call.request.session.run_monitors(names.as_deref(), &author, key.as_ref())?;
            call.request.forget();
            Ok(run)
        },
    )
}

pub(crate) fn types() -> Vec<Definition> {
    let mut types = page::connection::<MonitorRun>("MonitorRun").to_vec();
    types.extend([window_type(), monitor_type(), run_type(), watched_type()]);
    types
}

fn window_type() -> Definition {
    object::<Window>("Window", "A stretch of time, its end not included.")
        .field("from", "DateTime!", "Its first instant.", |of, _| Ok(of.0.from().to_string().into()))
        .field("to", "DateTime!", "The first instant after it.", |of, _| Ok(of.0.to().to_string().into()))
        .done()
}

fn monitor_type() -> Definition {
    let texts = |texts: &Option<Vec<String>>| match texts {
        Some(texts) => Value::List(texts.iter().map(|text| text.clone().into()).collect()),
        None => Value::Null,
    };
    object::<Monitor>("Monitor", "Designs, and the requirements that their field life is checked against.")
        .field("name", "String!", "Its name.", |of, _| Ok(of.name.clone().into()))
        .field(
            "items",
            "[ID!]",
            "The Parts, DesignRevisions, Builds or TwinInstances; null: every DesignRevision that is RELEASED.",
            move |of, _| Ok(texts(&of.items)),
        )
        .field(
            "requirements",
            "[ID!]",
            "The requirements; null: all that the designs satisfy.",
            move |of, _| Ok(texts(&of.requirements)),
        )
        .field("length", "Duration!", "How far it looks back.", |of, _| Ok(of.length.to_string().into()))
        .field("window", "Window!", "What it looks at now.", |of, call| {
            Ok(Value::object(Window(of.window(call.request.now)?)))
        })
        .field("every", "Duration!", "How often the service runs it.", |_, call| {
            Ok(call.request.session.monitors()?.every.to_string().into())
        })
        .field("lastRun", "MonitorRun", "Its last run since the service started.", |of, call| {
            let runs = call.request.session.monitor_runs()?.into_iter();
            let mut own = runs.filter(|run| run.watched.iter().any(|watched| watched.monitor == of.name));
            Ok(own.next().map_or(Value::Null, Value::object))
        })
        .done()
}

fn run_type() -> Definition {
    object::<MonitorRun>("MonitorRun", "One run of monitors: one version, one watermark, at most one commit.")
        .field("at", "DateTime!", "When it began.", |of, _| Ok(of.at.to_string().into()))
        .field("branch", "String!", "The branch that takes what it writes.", |_, call| {
            Ok(call.request.session.monitors()?.branch.clone().into())
        })
        .field("read", "Thread!", "The version and the watermark that it read.", |of, call| {
            Ok(Value::object(read(of, call)?))
        })
        .field("monitors", "[WatchedMonitor!]!", "The result of each monitor.", |of, _| {
            Ok(Value::objects(of.watched.iter().cloned()))
        })
        .field("filings", "[Filing!]!", "How each violation was filed, including known ones.", |of, call| {
            let at = of.committed.as_ref().map_or(of.read, |committed| committed.commit.id);
            let scope = Arc::new(call.request.scope(&at.to_string(), None)?);
            Ok(filing::values(&scope, &of.filings))
        })
        .field("commit", "Commit", "What it wrote; null where nothing was new.", |of, _| {
            Ok(of.committed.as_ref().map_or(Value::Null, |made| Value::object(made.commit.clone())))
        })
        .done()
}

fn read(of: &MonitorRun, call: &Call<'_>) -> Result<Arc<Scope>, Error> {
    Ok(Arc::new(call.request.scope(&of.read.to_string(), Some(&of.watermark.to_string()))?))
}

fn watched_type() -> Definition {
    object::<Watched>("WatchedMonitor", "The result of one monitor in a run.")
        .field("name", "String!", "Its name.", |of, _| Ok(of.monitor.clone().into()))
        .field("window", "Window!", "What it looked at.", |of, _| Ok(Value::object(Window(of.window))))
        .field("marginCount", "Int!", "How many margins of requirements it judged.", |of, _| {
            Ok(of.margins.into())
        })
        .field("violatedCount", "Int!", "How many of these margins are violated.", |of, _| {
            Ok(of.violated.into())
        })
        .field("unknownCount", "Int!", "How many of these margins have an unknown verdict.", |of, _| {
            Ok(of.unknown.into())
        })
        .field("problems", "[String!]!", "Why an item or a requirement could not be checked.", |of, _| {
            Ok(Value::List(of.problems.iter().map(|problem| problem.clone().into()).collect()))
        })
        .done()
}
