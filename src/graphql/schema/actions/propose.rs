//! The proposing of actions.

use super::{Acted, acted, found, grounds, payload_of, request};
use crate::feedback::ActionProposal;
use crate::graph::RequestKey;
use crate::graphql::engine::Call;
use crate::graphql::engine::types::InputField;
use crate::graphql::error::Error;
use crate::graphql::schema::history::mutations::Mutations;
use crate::graphql::schema::shared::node::find_iri;
use oxigraph::model::NamedNode;

/// Adds the proposing of actions to `Mutation`.
pub(crate) fn extend_mutations(mutations: Mutations) -> Mutations {
    let fields = vec![
        InputField::new("kind", "ActionKind!", "What is to be done."),
        InputField::new(
            "targets",
            "[ID!]",
            "The units or lots, at most 1,000; where absent, the units that the evidence of the finding names.",
        ),
        InputField::new("finding", "ID", "The finding that is the reason."),
        InputField::new("evidence", "[ID!]", "Field evidence that is the reason."),
        InputField::new(
            "position",
            "String",
            "The place in each target of the component that is to be worked on.",
        ),
        InputField::new("realizes", "ID", "The design revision that they are to have afterwards."),
        InputField::new("property", "ID", "What is to be set or limited."),
        InputField::new("value", "Float", "The value that it is to be set or limited to."),
        InputField::new("unit", "ID", "The unit of the value."),
        InputField::new(
            "dueAt",
            "DateTime",
            "By when; where nobody has acknowledged it by then, it expires.",
        ),
        InputField::new(
            "title",
            "String",
            "What it is, in one line; made of the kind, the target and the finding where absent.",
        ),
        InputField::new("instructions", "String", "What is to be done, in words."),
    ];
    let reason = InputField::new("reason", "String!", "Why.");
    mutations.add(
        ("proposeActions", "Proposes one action on each unit or lot, all in one commit."),
        fields.into_iter().chain(grounds(reason)).collect(),
        payload_of,
        propose,
    )
}

fn propose(call: &Call<'_>, key: Option<RequestKey>) -> Result<Acted, Error> {
    let (request, given) = (request(call, key)?, call.arguments);
    let head = call.request.session.head(&request.branch)?;
    let one = |argument: &str| -> Result<Option<NamedNode>, Error> {
        given.text(argument)?.map(|name| find_iri(&head, &name)).transpose()
    };
    let unit = given.text("unit")?.map(|name| head.expand(&name)).transpose()?;
    let proposal = ActionProposal {
        kind: given.needed_text("kind")?,
        targets: found(call, &request.branch, "targets")?,
        position: given.text("position")?,
        realizes: one("realizes")?,
        property: one("property")?,
        value: given.number("value")?,
        unit,
        finding: one("finding")?,
        evidence: found(call, &request.branch, "evidence")?,
        policy: None,
        due_at: given.instant("dueAt")?,
        title: given.text("title")?,
        instructions: given.text("instructions")?,
    };
    let (committed, actions) = call.request.session.propose_actions(&request, &proposal)?;
    acted(call, committed, actions)
}
