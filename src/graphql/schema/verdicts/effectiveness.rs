//! `Effectiveness`: whether what answers a change request cures what was found.

use super::{comparison, margin};
use crate::app::Scope;
use crate::feedback::{self, Answer, AnswerWindows, Margin, Proposal};
use crate::graphql::engine::types::arguments::missing;
use crate::graphql::engine::types::build::{ObjectBuilder, enumeration, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::node::Node;
use crate::ontology::Class;
use crate::ontology::terms::tl;
use oxigraph::model::NamedNode;
use std::sync::Arc;

struct AnswerValue {
    scope: Arc<Scope>,
    answer: Answer,
}

const EFFECTIVENESS: &str = "Whether each design revision that answers the change request cures what was found: the constraint \
                             that was broken, on both designs. A proposal; the decision is a person's.";

const PROPOSALS: [(&str, &str); 3] = [
    (
        "CLOSE",
        "The answer keeps the limit, and for longer than chance explains: the change request can be closed.",
    ),
    ("REOPEN", "The answer breaks the limit: the change request is to be opened again."),
    ("WAIT", "Too little is known, or the limit is kept but not yet for long enough: see `hoursNeeded`."),
];

/// Adds `effectiveness` to findings and change requests.
pub(crate) fn extend(builder: ObjectBuilder<Node>, class: &Class) -> ObjectBuilder<Node> {
    let of_request = class.is_below(tl::CHANGE_REQUEST);
    if !of_request && !class.is_below(tl::FINDING_CLASS) {
        return builder;
    }
    let arguments = vec![
        InputField::new("window", "WindowInput!", "When the design that answers is looked at."),
        InputField::new(
            "before",
            "WindowInput",
            "When the design of the finding is; the same window where absent.",
        ),
        margin::sufficiency_argument(),
    ];
    builder.field_with("effectiveness", "[Effectiveness!]!", EFFECTIVENESS, arguments, move |node, call| {
        let requests = match of_request {
            true => vec![node.iri.clone()],
            false => node.scope.snapshot.subjects(tl::FINDING, &node.iri.clone().into())?,
        };
        resolve(node, &requests, call)
    })
}

fn resolve(node: &Node, requests: &[NamedNode], call: &Call<'_>) -> Result<Value, Error> {
    let after = call.arguments.window("window")?.ok_or_else(|| missing("window"))?;
    let before = call.arguments.window("before")?.unwrap_or(after);
    let scope = &node.scope;
    let sufficiency = margin::sufficiency(call.arguments, scope.sufficiency)?;
    let mut answers = Vec::new();
    for request in requests {
        let windows = AnswerWindows { before, after };
        let found = feedback::answers(&scope.snapshot, &scope.view, request, windows, sufficiency)?;
        // A change request may have led from other findings too.
        let own = |answer: &Answer| answer.request == node.iri || answer.finding == node.iri;
        answers.extend(found.into_iter().filter(own));
    }
    Ok(Value::objects(answers.into_iter().map(|answer| AnswerValue { scope: Arc::clone(scope), answer })))
}

impl AnswerValue {
    fn node(&self, iri: Option<&NamedNode>) -> Value {
        iri.map_or(Value::Null, |iri| Value::object(Node::new(&self.scope, iri.clone())))
    }

    fn margin(&self, margin: Option<&Margin>) -> Value {
        margin.map_or(Value::Null, |margin| margin::one(&self.scope, margin.clone()))
    }
}

pub(crate) fn types() -> Vec<Definition> {
    vec![
        enumeration("EffectivenessProposal", "What is to be done about a change request.", &PROPOSALS),
        answer_type(),
    ]
}

fn answer_type() -> Definition {
    object::<AnswerValue>("Effectiveness", "What became of a finding by one answer to its change request.")
        .field("proposal", "EffectivenessProposal!", "What is to be done.", |of, _| {
            Ok(Value::Name(match of.answer.proposal {
                Proposal::Close => "CLOSE",
                Proposal::Reopen => "REOPEN",
                Proposal::Wait => "WAIT",
            }))
        })
        .field("reasons", "[String!]!", "Why.", |of, _| {
            Ok(Value::List(of.answer.reasons.iter().map(|reason| reason.clone().into()).collect()))
        })
        .field(
            "hoursNeeded",
            "Float",
            "The hours of observation in which the limit is still to be kept before that shows anything; 0 where enough is shown, null where no unit is known to have broken it before.",
            |of, _| {
                let found = of.answer.effectiveness.as_ref().and_then(|found| found.demonstration);
                Ok(found.map(|found| found.hours_missing()).into())
            },
        )
        .field("finding", "Finding!", "The finding.", |of, _| Ok(of.node(Some(&of.answer.finding))))
        .field("changeRequest", "ChangeRequest!", "The change request.", |of, _| {
            Ok(of.node(Some(&of.answer.request)))
        })
        .field(
            "answer",
            "DesignRevision",
            "The design revision that answers it; null where none does yet.",
            |of, _| Ok(of.node(of.answer.revision.as_ref())),
        )
        .field("before", "Margin", "The margin of the design of the finding.", |of, _| {
            Ok(of.margin(of.answer.effectiveness.as_ref().map(|found| &found.before)))
        })
        .field("after", "Margin", "The margin of the design that answers.", |of, _| {
            Ok(of.margin(of.answer.effectiveness.as_ref().map(|found| &found.after)))
        })
        .field("comparison", "Comparison", "The units of both, those of the finding's design on the left.", |of, _| {
            let comparison = of.answer.effectiveness.as_ref().map(|found| found.comparison.clone());
            Ok(comparison.map_or(Value::Null, |comparison| comparison::value(&of.scope, comparison)))
        })
        .field(
            "better",
            "Boolean",
            "Whether the units of the answer certainly lie further from the limit; null where no difference is certain.",
            |of, _| Ok(of.answer.effectiveness.as_ref().and_then(|found| found.is_better()).map_or(Value::Null, Value::Boolean)),
        )
        .done()
}
