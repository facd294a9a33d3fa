//! A confirmed link that goes takes its confirmation along: what was confirmed is no longer said.

use super::family::Family;
use super::said::Said;
use crate::model::statement::Statement;
use crate::ontology::terms::{rdf, tl};
use oxigraph::model::{NamedNode, NamedNodeRef, Term};

/// Leaves out of a family the confirmations of links that it had before and has no longer.
pub(crate) fn drop_with_links(family: &mut Family) {
    let is_link = |said: &Statement| matches!(said.object, Term::NamedNode(_));
    if family.differences().any(|(said, comes)| !comes && is_link(said)) {
        let before = family.before().clone();
        drop_of(family.change(), |link| before.contains(link));
    }
}

/// Leaves out of a merged family the confirmations of links that it does not have: one side removed what the other
/// confirmed.
pub(crate) fn drop_without_links(merged: &mut Said) {
    drop_of(merged, |_| true);
}

fn drop_of(family: &mut Said, is_gone: impl Fn(&Statement) -> bool) {
    let missing = |link: &Statement| !family.contains(link) && is_gone(link);
    let stale: Vec<NamedNode> = confirmations(family)
        .filter(|confirmation| link(family, confirmation).is_some_and(|link| missing(&link)))
        .cloned()
        .collect();
    if !stale.is_empty() {
        let is_stale = |iri: &NamedNode| stale.contains(iri);
        family.retain(|said| {
            !is_stale(&said.subject) && !matches!(&said.object, Term::NamedNode(iri) if is_stale(iri))
        });
    }
}

fn confirmations(family: &Said) -> impl Iterator<Item = &NamedNode> {
    let class = Term::from(tl::LINK_CONFIRMATION);
    let typed = family.iter().filter(move |said| said.predicate == rdf::TYPE && said.object == class);
    typed.map(|said| &said.subject)
}

fn link(family: &Said, confirmation: &NamedNode) -> Option<Statement> {
    let about = family.iter().filter(|said| said.subject == *confirmation);
    let part = |predicate: NamedNodeRef<'_>| {
        about.clone().find(|said| said.predicate == predicate).and_then(|said| match &said.object {
            Term::NamedNode(iri) => Some(iri.clone()),
            _ => None,
        })
    };
    Some(Statement::new(part(rdf::SUBJECT)?, part(rdf::PREDICATE)?, part(rdf::OBJECT)?))
}
