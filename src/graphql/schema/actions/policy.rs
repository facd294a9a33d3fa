//! Policies: what they may do by themselves, and their runs.

use super::{Acted, acted, grounds, request};
use crate::app::{PolicyOutcome, PolicyRun, Scope};
use crate::feedback::Autonomy;
use crate::graph::RequestKey;
use crate::graphql::engine::types::arguments::wrong;
use crate::graphql::engine::types::build::object;
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::history::mutations::Mutations;
use crate::graphql::schema::shared::author;
use crate::graphql::schema::shared::node::{Node, find_iri};
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// A run, at the version that it came to.
struct Run {
    scope: Arc<Scope>,
    run: PolicyRun,
}

/// What one policy did in a run.
struct OutcomeAt {
    scope: Arc<Scope>,
    outcome: PolicyOutcome,
}

/// Adds the granting and the running of policies to `Mutation`.
pub(crate) fn extend_mutations(mutations: Mutations) -> Mutations {
    let grant = vec![
        InputField::new("policy", "ID!", "The policy."),
        InputField::new("autonomy", "PolicyAutonomy!", "How far it may go by itself, as it is now."),
    ];
    let reason = InputField::new("reason", "String!", "Why.");
    mutations
        .add(
            ("grantPolicy", "Grants a policy how far it may go by itself. A policy that is changed later only recommends until it is granted again."),
            grant.into_iter().chain(grounds(reason)).collect(),
            |builder| {
                builder
                    .commit("The new commit.", |acted: &Acted| (&acted.committed.commit, acted.committed.changed))
                    .made("policy", "ActionPolicy", "The policy.", |acted, _| {
                        let policy = acted.actions.first();
                        Ok(policy.map_or(Value::Null, |iri| Value::object(Node::new(&acted.scope, iri.clone()))))
                    })
            },
            grant_policy,
        )
        .add(
            ("runPolicies", "Runs the policies now, as the service does by itself: actions are proposed and ordered, expire and are verified; where there is nothing to do, nothing is written."),
            vec![author::argument()],
            |builder| {
                builder.made("run", "PolicyRun", "The run.", |run: &PolicyRun, call| {
                    let at = run.commits.last().map(|made| made.commit.id.to_string());
                    let branch = || call.request.session.monitors().map(|monitors| monitors.branch.clone());
                    let version = at.map_or_else(branch, Ok)?;
                    let scope = Arc::new(call.request.scope(&version, None)?);
                    Ok(Value::object(Run { scope, run: run.clone() }))
                })
            },
            |call, key| {
                let author = author::read(call.arguments)?;
                let run = call.request.session.run_policies(&author, key.as_ref())?;
                call.request.forget();
                Ok(run)
            },
        )
}

pub(crate) fn types() -> Vec<Definition> {
    let texts = |texts: &[String]| Value::List(texts.iter().map(|text| text.clone().into()).collect());
    vec![
        object::<Run>("PolicyRun", "One run of policies.")
            .field("at", "DateTime!", "When it was.", |of, _| Ok(of.run.at.to_string().into()))
            .field("policies", "[PolicyOutcome!]!", "What each policy did.", |of, _| {
                let wrap = |outcome: &PolicyOutcome| OutcomeAt {
                    scope: Arc::clone(&of.scope),
                    outcome: outcome.clone(),
                };
                Ok(Value::objects(of.run.policies.iter().map(wrap)))
            })
            .field("expired", "[Action!]!", "The actions that nobody has taken on in time.", |of, _| {
                Ok(nodes(&of.scope, &of.run.expired))
            })
            .field(
                "verified",
                "[Action!]!",
                "The actions that the margins of their units verified.",
                |of, _| Ok(nodes(&of.scope, &of.run.verified)),
            )
            .field(
                "unverified",
                "[String!]!",
                "Why actions that are DONE were not verified.",
                move |of, _| Ok(texts(&of.run.unverified)),
            )
            .field("commits", "[Commit!]!", "What it wrote.", |of, _| {
                Ok(Value::objects(of.run.commits.iter().map(|made| made.commit.clone())))
            })
            .done(),
        object::<OutcomeAt>("PolicyOutcome", "What one policy did in a run.")
            .field("policy", "ActionPolicy!", "The policy.", |of, _| {
                Ok(Value::object(Node::new(&of.scope, of.outcome.policy.clone())))
            })
            .field("proposed", "[Action!]!", "The actions that it proposed.", |of, _| {
                Ok(nodes(&of.scope, &of.outcome.proposed))
            })
            .field("ordered", "[Action!]!", "The actions that it ordered.", |of, _| {
                Ok(nodes(&of.scope, &of.outcome.ordered))
            })
            .field("problems", "[String!]!", "What kept it from acting.", move |of, _| {
                Ok(texts(&of.outcome.problems))
            })
            .done(),
    ]
}

fn nodes(scope: &Arc<Scope>, iris: &[NamedNode]) -> Value {
    Value::objects(iris.iter().map(|iri| Node::new(scope, iri.clone())))
}

fn grant_policy(call: &Call<'_>, key: Option<RequestKey>) -> Result<Acted, Error> {
    let request = request(call, key)?;
    let head = call.request.session.head(&request.branch)?;
    let policy = find_iri(&head, &call.arguments.needed_text("policy")?)?;
    let autonomy = Autonomy::named(&call.arguments.needed_text("autonomy")?)
        .ok_or_else(|| wrong("autonomy", "one of its enumeration"))?;
    let committed = call.request.session.grant_policy(&request, &policy, autonomy)?;
    acted(call, committed, vec![policy])
}
