//! Rule *a decision has grounds*: a finding that is decided, a change request of a finding that is no longer open, and an action state
//! when, by whom and why. These grounds change only with another, later decision; on a finding there is none.
//!
//! Which state may follow which is not looked at: a merge brings several decisions at once, and only its ends are seen here.

use crate::model::statement::Statement;
use crate::ontology::rules::reader;
use crate::ontology::schema::Ontology;
use crate::ontology::terms::tl;
use crate::ontology::violation::Violation;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};
use std::collections::HashSet;

const RULE: &str = "a decision has grounds";
/// The grounds of a decision, besides the state that it led to.
const GROUNDS: [NamedNodeRef<'static>; 3] = [tl::DECIDED_AT, tl::DECIDED_BY, tl::REASON];

/// Compares a node before and after the change; `was` and `after` are all statements about it.
pub(in crate::ontology::rules) fn check(
    ontology: &Ontology,
    (node, was): (&NamedNode, &[Statement]),
    after: &[Statement],
    found: &mut Vec<Violation>,
) {
    let is_finding = is_a(was, tl::FINDING_CLASS) || is_a(after, tl::FINDING_CLASS);
    let is_action = is_a(was, tl::ACTION) || is_a(after, tl::ACTION);
    if after.is_empty() || !(is_finding || is_action || is_of_finding(was) || is_of_finding(after)) {
        return;
    }
    let mut refuse = |field: NamedNodeRef<'_>, message: &str| {
        let path = Some(ontology.field_name(&field.into_owned()));
        let value = reader::values(after, field).next().cloned();
        found.push(Violation::new(node.clone(), path, value, message.to_owned(), RULE));
    };
    if is_decided(after) {
        let missing = GROUNDS.into_iter().filter(|field| reader::values(after, *field).next().is_none());
        missing.for_each(|field| refuse(field, "a decision states when it was made, by whom and why"));
    }
    let changed =
        [tl::STATE].into_iter().chain(GROUNDS).find(|field| values(was, *field) != values(after, *field));
    let Some(field) = changed else { return };
    if is_finding && is_decided(was) {
        refuse(
            field,
            "the finding is decided: the decision is final; a worse observation opens a finding of its own",
        );
    } else if let Some(then) = reader::instant(was, tl::DECIDED_AT)
        && reader::instant(after, tl::DECIDED_AT).is_none_or(|now| now <= then)
    {
        refuse(field, "the grounds of a decision change only with another, later decision");
    }
}

fn is_a(about: &[Statement], class: NamedNodeRef<'_>) -> bool {
    reader::types(about).any(|own| own.as_ref() == class)
}

/// Returns whether it is a change request that a finding led to: those of other systems go by the rules of these.
fn is_of_finding(about: &[Statement]) -> bool {
    is_a(about, tl::CHANGE_REQUEST) && reader::values(about, tl::FINDING).next().is_some()
}

fn is_decided(about: &[Statement]) -> bool {
    reader::values(about, tl::STATE).filter_map(reader::text).any(|state| state != "OPEN")
}

fn values<'a>(about: &'a [Statement], field: NamedNodeRef<'_>) -> HashSet<&'a Term> {
    reader::values(about, field).collect()
}
