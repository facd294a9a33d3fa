//! Monitors of the data itself, and decisions on what they find.

use crate::app::{DataRun, Scope};
use crate::graph::{Committed, RequestKey};
use crate::graphql::engine::types::build::{enumeration, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::history::mutations::Mutations;
use crate::graphql::schema::shared::node::{Node, find_iri};
use crate::graphql::schema::shared::version_arguments::MAIN;
use crate::graphql::schema::shared::{author, payload};
use crate::twins::Unhealthy;
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// A run, at the version that it came to.
struct Run {
    scope: Arc<Scope>,
    run: DataRun,
}

/// A fault, at the version that it was seen at.
struct Fault {
    scope: Arc<Scope>,
    fault: Unhealthy,
}

/// A finding that was decided on.
struct Decided {
    scope: Arc<Scope>,
    committed: Committed,
    finding: NamedNode,
}

/// Adds the monitors of data to `Mutation`.
pub(crate) fn extend_mutations(mutations: Mutations) -> Mutations {
    let decide = vec![
        InputField::new("finding", "ID!", "The finding on data; it is open."),
        InputField::new("decision", "DataFindingDecision!", "What is decided."),
        InputField::new("reason", "String!", "Why."),
        author::argument(),
        InputField::new("branch", "String!", "The branch that takes it.").default(MAIN),
    ];
    mutations
        .add(
            ("runDataMonitors", "Looks at the health of all series now: faults open findings on data, and those whose fault is over are closed; where nothing is new, nothing is written."),
            vec![author::argument()],
            |builder| {
                builder.made("run", "DataRun", "The run.", |run: &DataRun, call| {
                    let at = run.committed.as_ref().map(|made| made.commit.id.to_string());
                    let branch = || call.request.session.monitors().map(|monitors| monitors.branch.clone());
                    let version = at.map_or_else(branch, Ok)?;
                    let scope = Arc::new(call.request.scope(&version, None)?);
                    Ok(Value::object(Run { scope, run: run.clone() }))
                })
            },
            |call, key| {
                let author = author::read(call.arguments)?;
                let run = call.request.session.run_data_monitors(&author, key.as_ref())?;
                call.request.forget();
                Ok(run)
            },
        )
        .add(
            ("decideDataFinding", "Accepts or dismisses a finding on data. It is closed by the service once the fault is over; a fault that goes on is not found again."),
            decide,
            |builder| {
                builder
                    .commit("The new commit.", |decided: &Decided| (&decided.committed.commit, decided.committed.changed))
                    .made("finding", "DataFinding", "The finding.", |decided, _| {
                        Ok(Value::object(Node::new(&decided.scope, decided.finding.clone())))
                    })
            },
            |call, key| decide_data_finding(call, key.as_ref()),
        )
}

pub(crate) fn types() -> Vec<Definition> {
    let nodes = |scope: &Arc<Scope>, iris: &[NamedNode]| {
        Value::objects(iris.iter().map(|iri| Node::new(scope, iri.clone())))
    };
    vec![
        enumeration(
            "DataFindingDecision",
            "What can be decided on a finding on data.",
            &[("ACCEPT", "Somebody is to act on it."), ("DISMISS", "It is no fault, or nobody acts on it.")],
        ),
        object::<Run>("DataRun", "One look at the health of all series.")
            .field("at", "DateTime!", "When it was.", |of, _| Ok(of.run.at.to_string().into()))
            .field("faults", "[DataFault!]!", "All faults that there are, the known ones too.", |of, _| {
                let wrap = |fault: &Unhealthy| Fault { scope: Arc::clone(&of.scope), fault: fault.clone() };
                Ok(Value::objects(of.run.faults.iter().map(wrap)))
            })
            .field("opened", "[DataFinding!]!", "The findings that it opened.", move |of, _| {
                Ok(nodes(&of.scope, &of.run.opened))
            })
            .field("closed", "[DataFinding!]!", "The findings whose fault is over.", move |of, _| {
                Ok(nodes(&of.scope, &of.run.closed))
            })
            .field("commit", "Commit", "What it wrote; null where nothing was new.", |of, _| {
                Ok(of.run.committed.as_ref().map_or(Value::Null, |made| Value::object(made.commit.clone())))
            })
            .done(),
        object::<Fault>("DataFault", "What is wrong with a series.")
            .field("kind", "DataFindingKind!", "What is wrong.", |of, _| {
                Ok(Value::Name(of.fault.fault.name()))
            })
            .field("series", "String!", "The series: twin, measurement, field and tags.", |of, _| {
                Ok(of.fault.series.clone().into())
            })
            .field("twin", "TwinInstance", "The unit that sends it.", |of, _| {
                let twin = of.fault.twin.as_ref();
                Ok(twin.map_or(Value::Null, |twin| Value::object(Node::new(&of.scope, twin.clone()))))
            })
            .field("since", "DateTime!", "Since when.", |of, _| Ok(of.fault.since.to_string().into()))
            .field("seen", "String!", "What was seen.", |of, _| Ok(of.fault.seen.clone().into()))
            .done(),
    ]
}

fn decide_data_finding(call: &Call<'_>, key: Option<&RequestKey>) -> Result<Decided, Error> {
    let given = call.arguments;
    let (branch, author) = (given.needed_text("branch")?, author::read(given)?);
    let head = call.request.session.head(&branch)?;
    let finding = find_iri(&head, &given.needed_text("finding")?)?;
    let is_accepted = given.needed_text("decision")? == "ACCEPT";
    let reason = given.needed_text("reason")?;
    let asked = (branch.as_str(), &author, reason.as_str());
    let committed = call.request.session.decide_data_finding(asked, &finding, is_accepted, key)?;
    call.request.forget();
    let committed = payload::counted(call, committed)?;
    let scope = Arc::new(call.request.scope(&committed.commit.id.to_string(), None)?);
    Ok(Decided { scope, committed, finding })
}
