//! Rule *evidence stays as it was recorded*: the content of a record of field evidence, and of its fragments, never changes. A
//! record may go as a whole, where nothing links to it.

use super::frozen::{is_no_content, unchanging};
use crate::model::statement::{Statement, without_fragment};
use crate::ontology::data::Data;
use crate::ontology::error::Error;
use crate::ontology::rules::reader::{self, Reader};
use crate::ontology::schema::Ontology;
use crate::ontology::terms::tl;
use crate::ontology::violation::Violation;
use oxigraph::model::NamedNode;

const RULE: &str = "evidence stays as it was recorded";
const MESSAGE: &str = "the evidence was recorded so: it stays; record it anew";

/// Compares a node before and after the change; `was` and `about` are all statements about it.
pub(in crate::ontology::rules) fn check<B: Data, A: Data>(
    ontology: &Ontology,
    (before, after): (&Reader<'_, B>, &Reader<'_, A>),
    (node, was): (&NamedNode, &[Statement]),
    about: &[Statement],
    found: &mut Vec<Violation>,
) -> Result<(), Error> {
    if was == about || !is_recorded(before, after, (node, was), about)? {
        return Ok(());
    }
    let stays = |statement: &Statement| !is_no_content(statement.predicate.as_ref());
    found.extend(unchanging(ontology, (node, was), about, stays, (RULE, MESSAGE)));
    Ok(())
}

/// Returns whether the resource of a node was evidence, and still is there.
fn is_recorded<B: Data, A: Data>(
    before: &Reader<'_, B>,
    after: &Reader<'_, A>,
    (node, was): (&NamedNode, &[Statement]),
    about: &[Statement],
) -> Result<bool, Error> {
    let resource = without_fragment(node.as_str());
    if resource == node.as_str() {
        return Ok(!about.is_empty() && is_evidence(was));
    }
    let resource = NamedNode::new_unchecked(resource);
    Ok(is_evidence(&after.about(&resource)?) && is_evidence(&before.about(&resource)?))
}

fn is_evidence(about: &[Statement]) -> bool {
    reader::types(about).any(|class| class.as_ref() == tl::FIELD_EVIDENCE)
}
