//! Decisions on actions, and reports of what became of them.

use super::{Acted, acted, found, grounds, payload_of, reference, request};
use crate::feedback::{ActionMove, Completion};
use crate::graph::RequestKey;
use crate::graphql::engine::Call;
use crate::graphql::engine::types::arguments::wrong;
use crate::graphql::engine::types::build::enumeration;
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::error::Error;
use crate::graphql::schema::history::mutations::Mutations;
use crate::graphql::schema::shared::node::find_iri;

/// Adds decisions and reports to `Mutation`.
pub(crate) fn extend_mutations(mutations: Mutations) -> Mutations {
    let reason = || InputField::new("reason", "String!", "Why.");
    let actions = || InputField::new("actions", "[ID!]!", "The actions.");
    let action = || InputField::new("action", "ID!", "The action.");
    let decide = vec![actions(), InputField::new("decision", "ActionDecision!", "What is decided.")];
    let report =
        vec![actions(), InputField::new("report", "ActionReport!", "What became of them."), reference()];
    let complete = vec![
        action(),
        InputField::new("at", "DateTime", "When it was done; now where absent."),
        InputField::new(
            "replacement",
            "String",
            "The serial of the unit that was installed, or its IRI; a serial that no unit of the part bears becomes a unit.",
        ),
        InputField::new("lot", "ID", "The lot of a replacement that becomes a unit."),
        InputField::new("position", "String", "The place in the target; as the action has it where absent."),
        InputField::new(
            "realizes",
            "ID",
            "The design revision that the unit has from then on; as the action has it where absent.",
        ),
        reference(),
    ];
    let why = InputField::new("reason", "String", "Why; what the margins show where absent.");
    let with =
        |fields: Vec<InputField>, reason| fields.into_iter().chain(grounds(reason)).collect::<Vec<_>>();
    mutations
        .add(
            ("decideActions", "Approves or rejects actions, all or none."),
            with(decide, reason()),
            payload_of,
            |call, key| move_actions(call, "decision", key),
        )
        .add(
            ("reportActions", "Records that actions were ordered, acknowledged or declined, all or none."),
            with(report, reason()),
            payload_of,
            |call, key| move_actions(call, "report", key),
        )
        .add(
            ("completeAction", "Records that an action was done, and in the same commit the installation, modification or event that follows from it."),
            with(complete, reason()),
            payload_of,
            complete_action,
        )
        .add(
            ("verifyAction", "Verifies an action that is DONE from the margins of its unit since then, which are recorded as evidence; where they do not conform it is a CONFLICT."),
            with(vec![action()], why),
            payload_of,
            verify_action,
        )
}

pub(crate) fn types() -> Vec<Definition> {
    let named = |of: &[(ActionMove, &'static str, &'static str)]| {
        of.iter().map(|(_, name, comment)| (*name, *comment)).collect::<Vec<_>>()
    };
    vec![
        enumeration("ActionDecision", "What can be decided on an action.", &named(&ActionMove::DECISIONS)),
        enumeration("ActionReport", "What can be reported of an action.", &named(&ActionMove::REPORTS)),
    ]
}

fn move_actions(call: &Call<'_>, argument: &str, key: Option<RequestKey>) -> Result<Acted, Error> {
    let request = request(call, key)?;
    let of = ActionMove::named(&call.arguments.needed_text(argument)?)
        .ok_or_else(|| wrong(argument, "one of its enumeration"))?;
    let actions = found(call, &request.branch, "actions")?;
    let committed = call.request.session.move_actions(&request, &actions, of)?;
    acted(call, committed, actions)
}

fn complete_action(call: &Call<'_>, key: Option<RequestKey>) -> Result<Acted, Error> {
    let (request, given) = (request(call, key)?, call.arguments);
    let head = call.request.session.head(&request.branch)?;
    let one = |argument: &str| given.text(argument)?.map(|name| find_iri(&head, &name)).transpose();
    let action = find_iri(&head, &given.needed_text("action")?)?;
    let completion = Completion {
        at: given.instant("at")?,
        position: given.text("position")?,
        replacement: given.text("replacement")?,
        lot: one("lot")?,
        realizes: one("realizes")?,
    };
    let committed = call.request.session.complete_action(&request, &action, &completion)?;
    acted(call, committed, vec![action])
}

fn verify_action(call: &Call<'_>, key: Option<RequestKey>) -> Result<Acted, Error> {
    let request = request(call, key)?;
    let head = call.request.session.head(&request.branch)?;
    let action = find_iri(&head, &call.arguments.needed_text("action")?)?;
    let committed = call.request.session.verify_action(&request, &action)?;
    acted(call, committed, vec![action])
}
