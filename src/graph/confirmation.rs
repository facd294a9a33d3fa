//! A confirmed link that goes takes its confirmation along: what was confirmed is no longer said.

use crate::model::statement::Statement;
use crate::ontology::terms::{rdf, tl};
use oxigraph::model::{NamedNode, NamedNodeRef, Term};
use std::collections::BTreeSet;

/// Leaves out of a family the confirmations of links that it had before and has no longer.
pub(crate) fn drop_with_links(before: &[Statement], after: &mut BTreeSet<Statement>) {
    let stale: Vec<NamedNode> = confirmations(after)
        .filter(|confirmation| match link(after, confirmation) {
            Some(link) => !after.contains(&link) && before.contains(&link),
            None => false,
        })
        .cloned()
        .collect();
    if !stale.is_empty() {
        let is_stale = |iri: &NamedNode| stale.contains(iri);
        after.retain(|said| {
            !is_stale(&said.subject) && !matches!(&said.object, Term::NamedNode(iri) if is_stale(iri))
        });
    }
}

fn confirmations(family: &BTreeSet<Statement>) -> impl Iterator<Item = &NamedNode> {
    let class = Term::from(tl::LINK_CONFIRMATION);
    let typed = family.iter().filter(move |said| said.predicate == rdf::TYPE && said.object == class);
    typed.map(|said| &said.subject)
}

fn link(family: &BTreeSet<Statement>, confirmation: &NamedNode) -> Option<Statement> {
    let about = family.iter().filter(|said| said.subject == *confirmation);
    let part = |predicate: NamedNodeRef<'_>| {
        about.clone().find(|said| said.predicate == predicate).and_then(|said| match &said.object {
            Term::NamedNode(iri) => Some(iri.clone()),
            _ => None,
        })
    };
    Some(Statement::new(part(rdf::SUBJECT)?, part(rdf::PREDICATE)?, part(rdf::OBJECT)?))
}
