//! Recording field evidence.

use super::{filing, margin};
use crate::app::{EvidenceRequest, Recorded, Scope};
use crate::graphql::engine::types::arguments::missing;
use crate::graphql::engine::types::build::{ObjectBuilder, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::node::{Node, find_iri};
use crate::graphql::schema::shared::version_arguments::{MAIN, VERSION};
use crate::graphql::schema::shared::{author, payload};
use std::sync::Arc;

/// Evidence that was recorded, and what it was asked of.
struct Payload {
    asked: Arc<Scope>,
    recorded: Recorded,
}

impl Payload {
    /// Returns the version that the commit is.
    fn made(&self, call: &Call<'_>) -> Result<Arc<Scope>, Error> {
        let id = self.recorded.committed.commit.id.to_string();
        Ok(Arc::new(call.request.scope(&id, None)?))
    }
}

/// Adds the recording of evidence to `Mutation`.
pub(crate) fn extend_mutation(builder: ObjectBuilder<()>) -> ObjectBuilder<()> {
    builder.field_with(
        "recordEvidence",
        "EvidencePayload!",
        "Judges the field life of an item by the requirements on its design, records the result as evidence, and files violations under findings.",
        vec![
            InputField::new("branch", "String!", "The branch that takes the record."),
            InputField::new("item", "ID!", "A Part, DesignRevision, Build or TwinInstance."),
            InputField::new("requirement", "ID", "One requirement; all that the design satisfies where absent."),
            crate::graphql::schema::shared::window::window(),
            margin::sufficiency_argument(),
            InputField::new(
                "openFindings",
                "Boolean!",
                "Whether violations open findings, or become further evidence of those that are there.",
            )
            .default(true),
            InputField::new("at", "String!", VERSION).default(MAIN),
            InputField::new("asKnownAt", "String", crate::graphql::schema::shared::version_arguments::KNOWN),
            InputField::new("message", "String", "The message of the commit."),
            author::argument(),
            payload::idempotency_key(),
        ],
        |(), call| record(call),
    )
}

fn record(call: &Call<'_>) -> Result<Value, Error> {
    let given = call.arguments;
    let known = given.text("asKnownAt")?;
    let asked = Arc::new(call.request.scope(&given.needed_text("at")?, known.as_deref())?);
    let snapshot = &asked.snapshot;
    let request = EvidenceRequest {
        branch: given.needed_text("branch")?,
        item: find_iri(snapshot, &given.needed_text("item")?)?,
        requirement: given.text("requirement")?.map(|id| find_iri(snapshot, &id)).transpose()?,
        window: given.window("window")?.ok_or_else(|| missing("window"))?,
        sufficiency: Some(margin::sufficiency(given, asked.sufficiency)?),
        open_findings: given.flag("openFindings")?.unwrap_or(true),
        message: given.text("message")?,
        author: author::read(given)?,
        idempotency_key: given.text("idempotencyKey")?,
    };
    let mut recorded = call.request.session.record_evidence(&asked, &request)?;
    call.request.forget();
    recorded.committed = payload::counted(call, recorded.committed)?;
    let asked = Arc::new(recorded.asked.clone());
    Ok(Value::object(Payload { asked, recorded }))
}

pub(crate) fn types() -> Vec<Definition> {
    vec![payload()]
}

fn payload() -> Definition {
    object::<Payload>("EvidencePayload", "Evidence that was recorded.")
        .field(
            "commit",
            "Commit!",
            "The commit; the head as it was where the same evidence was there already.",
            |of, _| Ok(Value::object(of.recorded.committed.commit.clone())),
        )
        .field("changed", "Int!", "How many statements were added or removed.", |of, _| {
            Ok(of.recorded.committed.changed.into())
        })
        .field("evidence", "[FieldEvidence!]!", "The records, as the commit has them.", |of, call| {
            let made = of.made(call)?;
            let records = of.recorded.evidence.records.iter();
            Ok(Value::objects(records.map(|record| Node::new(&made, record.iri.clone()))))
        })
        .field("filings", "[Filing!]!", "What the violations came to, as the commit has it.", |of, call| {
            Ok(filing::values(&of.made(call)?, &of.recorded.filings))
        })
        .field(
            "margins",
            "[Margin!]!",
            "What was found, at the version and watermark that were asked.",
            |of, _| Ok(margin::value(&of.asked, of.recorded.evidence.margins().cloned())),
        )
        .done()
}
