//! Confirmations: that somebody looked at a link again, after its target had changed, and found that it still holds.

use super::record::Record;
use crate::graph::{Commit, Error, Snapshot};
use crate::model::statement::change::Change;
use crate::model::statement::{Statement, root};
use crate::model::time::instant::Instant;
use crate::ontology::terms::{prov, rdf, tl, xsd};
use oxigraph::model::{Literal, NamedNode, Term};
use sha2::{Digest as _, Sha256};

/// Returns the changes that confirm a link; they take the place of an earlier confirmation of it.
pub fn confirm(link: &Statement, at: Instant, by: &NamedNode) -> Vec<Change> {
    let resource = root(&link.subject);
    let fragment = name(&resource, link);
    let set = |predicate: oxigraph::model::NamedNodeRef<'_>, value: Term| Change::Set {
        subject: fragment.clone(),
        predicate: predicate.into_owned(),
        values: vec![value],
    };
    vec![
        Change::Add(Statement::new(resource, tl::CONFIRMATION, fragment.clone())),
        set(rdf::TYPE, tl::LINK_CONFIRMATION.into()),
        set(rdf::SUBJECT, link.subject.clone().into()),
        set(rdf::PREDICATE, link.predicate.clone().into()),
        set(rdf::OBJECT, link.object.clone()),
        set(prov::GENERATED_AT_TIME, Literal::new_typed_literal(at.to_string(), xsd::DATE_TIME).into()),
        set(prov::WAS_ATTRIBUTED_TO, by.clone().into()),
    ]
}

/// Names the confirmation of a link after the link, so that confirming again replaces it.
fn name(resource: &NamedNode, link: &Statement) -> NamedNode {
    let digest = Sha256::digest(link.to_string());
    let digits: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    NamedNode::new_unchecked(format!("{}#confirmation-{digits}", resource.as_str()))
}

/// Returns the commit that last confirmed a link.
pub fn confirmed(snapshot: &Snapshot, link: &Statement) -> Result<Option<Commit>, Error> {
    let mut newest: Option<Commit> = None;
    for fragment in snapshot.targets(&root(&link.subject), tl::CONFIRMATION)? {
        let record = Record::read(snapshot, &fragment)?;
        let same = record.values(rdf::OBJECT).any(|to| *to == link.object)
            && record.target(rdf::SUBJECT).as_ref() == Some(&link.subject)
            && record.target(rdf::PREDICATE).as_ref() == Some(&link.predicate);
        if same && let Some(at) = record.values(prov::GENERATED_AT_TIME).next() {
            let at = Statement::new(fragment, prov::GENERATED_AT_TIME, at.clone());
            let commit = snapshot.arrival(&at)?;
            let order = |commit: &Commit| (commit.order, commit.id);
            if commit.as_ref().map(order) > newest.as_ref().map(order) {
                newest = commit;
            }
        }
    }
    Ok(newest)
}
