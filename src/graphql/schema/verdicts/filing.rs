//! What violations come to: the findings that they open or belong to.

use crate::app::Scope;
use crate::feedback::{Filing, FilingOutcome};
use crate::graphql::engine::Value;
use crate::graphql::engine::types::Definition;
use crate::graphql::engine::types::build::{enumeration, object};
use crate::graphql::schema::shared::node::Node;
use std::sync::Arc;

struct FilingValue {
    scope: Arc<Scope>,
    filing: Filing,
}

/// Wraps filings at a version that has their findings.
pub(crate) fn values(scope: &Arc<Scope>, filings: &[Filing]) -> Value {
    let wrap = |filing: &Filing| FilingValue { scope: Arc::clone(scope), filing: filing.clone() };
    Value::objects(filings.iter().map(wrap))
}

pub(crate) fn types() -> Vec<Definition> {
    let outcomes = FilingOutcome::ALL.map(|(_, name, comment)| (name, comment));
    vec![
        enumeration("FilingOutcome", "What a record of a violation meant for its finding.", &outcomes),
        object::<FilingValue>("Filing", "The result of filing the record of a violation.")
            .field("outcome", "FilingOutcome!", "What the record meant for the finding.", |of, _| {
                Ok(Value::Name(of.filing.outcome.name()))
            })
            .field("finding", "Finding!", "The finding that it belongs to.", |of, _| {
                Ok(Value::object(Node::new(&of.scope, of.filing.finding.clone())))
            })
            .field(
                "evidence",
                "FieldEvidence",
                "The record; null where a monitor did not write it, as it contains nothing new.",
                |of, _| {
                    let evidence = &of.filing.evidence;
                    Ok(match of.scope.snapshot.exists(evidence)? {
                        true => Value::object(Node::new(&of.scope, evidence.clone())),
                        false => Value::Null,
                    })
                },
            )
            .done(),
    ]
}
