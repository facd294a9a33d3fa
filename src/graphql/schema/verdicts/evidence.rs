//! Recording field evidence.

use super::{filing, margin};
use crate::app::{EvidenceRequest, Recorded, Scope};
use crate::graph::RequestKey;
use crate::graphql::engine::types::InputField;
use crate::graphql::engine::types::arguments::missing;
use crate::graphql::engine::types::build::ObjectBuilder;
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::history::mutations::{Mutations, Payload};
use crate::graphql::schema::shared::node::{Node, find_iri};
use crate::graphql::schema::shared::version_arguments::{MAIN, VERSION};
use crate::graphql::schema::shared::{author, payload};
use std::sync::Arc;

/// Evidence that was recorded, and what it was asked of.
struct Evidence {
    asked: Arc<Scope>,
    recorded: Recorded,
}

impl Evidence {
    /// Returns the version that the commit is.
    fn made(&self, call: &Call<'_>) -> Result<Arc<Scope>, Error> {
        let id = self.recorded.committed.commit.id.to_string();
        Ok(Arc::new(call.request.scope(&id, None)?))
    }
}

/// Adds the recording of evidence to `Mutation`.
pub(crate) fn extend_mutations(mutations: Mutations) -> Mutations {
    mutations.add(
        ("recordEvidence", "Judges the field life of an item by the requirements on its design, records the result as evidence, and files violations under findings."),
        vec![
            InputField::new("branch", "String!", "The branch that takes the record.").default(MAIN),
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
        ],
        payload_fields,
        record,
    )
}

fn record(call: &Call<'_>, key: Option<RequestKey>) -> Result<Evidence, Error> {
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
        idempotency_key: key,
    };
    let mut recorded = call.request.session.record_evidence(&asked, &request)?;
    call.request.forget();
    recorded.committed = payload::counted(call, recorded.committed)?;
    let asked = Arc::new(recorded.asked.clone());
    Ok(Evidence { asked, recorded })
}

fn payload_fields(builder: ObjectBuilder<Payload<Evidence>>) -> ObjectBuilder<Payload<Evidence>> {
    builder
        .commit("The commit; the head as it was where the same evidence was there already.", |of| {
            (&of.recorded.committed.commit, of.recorded.committed.changed)
        })
        .made("evidence", "[FieldEvidence!]", "The records, as of the commit.", |of, call| {
            let made = of.made(call)?;
            let records = of.recorded.evidence.records.iter();
            Ok(Value::objects(records.map(|record| Node::new(&made, record.iri.clone()))))
        })
        .made("filings", "[Filing!]", "The findings that the violations were filed under.", |of, call| {
            Ok(filing::values(&of.made(call)?, &of.recorded.filings))
        })
        .made(
            "margins",
            "[Margin!]",
            "What was found, at the version and watermark that were asked.",
            |of, _| Ok(margin::value(&of.asked, of.recorded.evidence.margins().cloned())),
        )
}
