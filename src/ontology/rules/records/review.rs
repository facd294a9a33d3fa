//! Rule *a review stays as it was opened*: what a design review was opened on never changes, nor does the review go away;
//! once it is signed, nothing in it does.

use super::frozen::{is_no_content, unchanging};
use crate::model::statement::Statement;
use crate::ontology::rules::reader;
use crate::ontology::schema::Ontology;
use crate::ontology::terms::{dcterms, rdf, tl};
use crate::ontology::violation::Violation;
use oxigraph::model::{NamedNode, NamedNodeRef};

/// The name of the rule.
pub const RULE: &str = "a review stays as it was opened";

/// What a review is opened on.
const OPENED_ON: [NamedNodeRef<'static>; 17] = [
    rdf::TYPE,
    dcterms::IDENTIFIER,
    tl::OF,
    tl::REQUIREMENT_FIELD,
    tl::FROM,
    tl::TO,
    tl::HOURS_MIN,
    tl::SHARE_MIN,
    tl::UNIT_SHARE_MIN,
    tl::UNITS_MIN,
    tl::COMMIT,
    tl::WATERMARK,
    tl::PIN,
    tl::EVIDENCE,
    tl::ALGORITHM,
    tl::RESULT_DIGEST,
    tl::OPENED_AT,
];

/// Compares a node before and after the change; `was` and `after` are all statements about it.
pub(in crate::ontology::rules) fn check(
    ontology: &Ontology,
    (node, was): (&NamedNode, &[Statement]),
    after: &[Statement],
    found: &mut Vec<Violation>,
) {
    if !reader::types(was).any(|class| class.as_ref() == tl::DESIGN_REVIEW) {
        return;
    }
    let is_open = is_open(was);
    let is_pinned = reader::values(was, tl::PIN).next().is_some();
    let stays = |statement: &Statement| match is_open {
        true => is_pinned && OPENED_ON.contains(&statement.predicate.as_ref()),
        false => !is_no_content(statement.predicate.as_ref()),
    };
    let message = match is_open {
        true => "the review was opened on this: it stays; open another review",
        false => "the review is signed: it stays as it is; open another review",
    };
    found.extend(unchanging(ontology, (node, was), after, stays, (RULE, message)));
}

/// Returns whether a review with these statements waits to be signed.
pub fn is_open(about: &[Statement]) -> bool {
    reader::values(about, tl::STATE).filter_map(reader::text).all(|state| state == "OPEN")
}
