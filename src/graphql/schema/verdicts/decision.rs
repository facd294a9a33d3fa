//! Decisions of persons on findings and change requests.

use crate::app::{DecisionRequest, Scope};
use crate::feedback::{ChangeDecision, ChangeDraft, FindingDecision};
use crate::graph::{Committed, RequestKey};
use crate::graphql::engine::types::arguments::wrong;
use crate::graphql::engine::types::build::{ObjectBuilder, enumeration, input};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::history::mutations::{Mutations, Payload};
use crate::graphql::schema::shared::node::{Node, find_iri};
use crate::graphql::schema::shared::version_arguments::MAIN;
use crate::graphql::schema::shared::{author, payload};
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// A decision that was taken.
struct Taken {
    scope: Arc<Scope>,
    committed: Committed,
    finding: Option<NamedNode>,
    change_request: Option<NamedNode>,
}

/// Adds the decisions to `Mutation`.
pub(crate) fn extend_mutations(mutations: Mutations) -> Mutations {
    let of_finding = vec![
        InputField::new("finding", "ID!", "The finding; it is open."),
        InputField::new("decision", "FindingDecision!", "What is decided."),
        InputField::new(
            "changeRequest",
            "ChangeRequestDraft",
            "The text of the change request, where one is opened.",
        ),
    ];
    let of_change = vec![
        InputField::new("changeRequest", "ID!", "The change request."),
        InputField::new("decision", "ChangeDecision!", "What is decided."),
        InputField::new("evidence", "[ID!]", "Field evidence that the decision rests on."),
    ];
    let change_request = |builder: ObjectBuilder<Payload<Taken>>| {
        let builder =
            builder.commit("The new commit.", |taken| (&taken.committed.commit, taken.committed.changed));
        builder.made(
            "changeRequest",
            "ChangeRequest",
            "The change request that was opened or decided on.",
            |taken, _| Ok(taken.node(taken.change_request.as_ref())),
        )
    };
    mutations
        .add(
            ("decideFinding", "Accepts or dismisses a finding. Accepted, it opens a change request on its design and requirement, in the same commit."),
            of_finding.into_iter().chain(grounds()).collect(),
            move |builder| {
                change_request(builder).made("finding", "Finding", "The finding that was decided on.", |taken, _| {
                    Ok(taken.node(taken.finding.as_ref()))
                })
            },
            decide_finding,
        )
        .add(
            ("decideChange", "Changes the state of a change request."),
            of_change.into_iter().chain(grounds()).collect(),
            change_request,
            decide_change,
        )
}

fn grounds() -> [InputField; 5] {
    [
        InputField::new("reason", "String!", "Why."),
        InputField::new(
            "author",
            "AuthorInput",
            "Who decides: whoever sends the request where absent, who must be a person.",
        ),
        InputField::new("branch", "String!", "The branch that takes the decision.").default(MAIN),
        InputField::new(
            "message",
            "String",
            "The message of the commit; a summary of the decision where absent.",
        ),
        InputField::new(
            "basedOn",
            "String",
            "The version that the decision is based on, the head where absent: where the evidence has changed since, nothing is decided.",
        ),
    ]
}

pub(crate) fn types() -> Vec<Definition> {
    let of_finding = FindingDecision::ALL.map(|(_, name, comment)| (name, comment));
    let of_change = ChangeDecision::ALL.map(|(_, name, comment)| (name, comment));
    vec![
        enumeration("FindingDecision", "What can be decided on a finding.", &of_finding),
        enumeration("ChangeDecision", "What can be decided on a change request.", &of_change),
        input(
            "ChangeRequestDraft",
            "The text of a change request; what is absent is derived from the finding.",
            vec![
                InputField::new("identifier", "String", "Its identifier, unique among change requests."),
                InputField::new("title", "String", "What it asks, in one line."),
                InputField::new("description", "String", "What it asks."),
            ],
        ),
    ]
}

impl Taken {
    fn node(&self, iri: Option<&NamedNode>) -> Value {
        iri.map_or(Value::Null, |iri| Value::object(Node::new(&self.scope, iri.clone())))
    }
}

fn decide_finding(call: &Call<'_>, key: Option<RequestKey>) -> Result<Taken, Error> {
    let request = request(call, key, "finding", FindingDecision::named)?;
    let draft = match call.arguments.object("changeRequest")? {
        Some(draft) => ChangeDraft {
            identifier: draft.text("identifier")?,
            title: draft.text("title")?,
            description: draft.text("description")?,
        },
        None => ChangeDraft::default(),
    };
    let (committed, change_request) = call.request.session.decide_finding(&request, &draft)?;
    taken(call, committed, Some(request.subject), change_request)
}

fn decide_change(call: &Call<'_>, key: Option<RequestKey>) -> Result<Taken, Error> {
    let request = request(call, key, "changeRequest", ChangeDecision::named)?;
    let head = call.request.session.head(&request.branch)?;
    let evidence = call.arguments.texts("evidence")?.unwrap_or_default();
    let evidence: Vec<NamedNode> = evidence.iter().map(|id| find_iri(&head, id)).collect::<Result<_, _>>()?;
    let committed = call.request.session.decide_change(&request, &evidence)?;
    taken(call, committed, None, Some(request.subject))
}

fn request<D>(
    call: &Call<'_>,
    key: Option<RequestKey>,
    subject: &str,
    decision: impl Fn(&str) -> Option<D>,
) -> Result<DecisionRequest<D>, Error> {
    let given = call.arguments;
    let branch = given.needed_text("branch")?;
    let head = call.request.session.head(&branch)?;
    Ok(DecisionRequest {
        subject: find_iri(&head, &given.needed_text(subject)?)?,
        decision: decision(&given.needed_text("decision")?)
            .ok_or_else(|| wrong("decision", "one of its enumeration"))?,
        reason: given.needed_text("reason")?,
        author: author::read(given)?,
        message: given.text("message")?,
        based_on: payload::based_on(call)?,
        idempotency_key: key,
        branch,
    })
}

fn taken(
    call: &Call<'_>,
    committed: Committed,
    finding: Option<NamedNode>,
    change_request: Option<NamedNode>,
) -> Result<Taken, Error> {
    call.request.forget();
    let committed = payload::counted(call, committed)?;
    let scope = Arc::new(call.request.scope(&committed.commit.id.to_string(), None)?);
    Ok(Taken { scope, committed, finding, change_request })
}
