//! A confirmed link that goes takes its confirmation along: what was confirmed is no longer said.

use super::resource_edit::ResourceEdit;
use super::statement_set::StatementSet;
use crate::model::statement::Statement;
use crate::ontology::terms::{rdf, tl};
use oxigraph::model::{NamedNode, NamedNodeRef, Term};

/// Leaves out of a family the confirmations of links that it had before and has no longer.
pub(crate) fn drop_with_links(family: &mut ResourceEdit) {
    let is_link = |said: &Statement| matches!(said.object, Term::NamedNode(_));
    if !family.differences().any(|(said, comes)| !comes && is_link(said)) {
        return;
    }
    let stale = without_link(family.after(), |link| family.before().contains(link));
    // What differs is found anew after a change, and most often there is none.
    if !stale.is_empty() {
        drop_all(family.change(), &stale);
    }
}

/// Leaves out of a merged family the confirmations of links that it does not have: one side removed what the other
/// confirmed.
pub(crate) fn drop_without_links(merged: &mut StatementSet) {
    let stale = without_link(merged, |_| true);
    if !stale.is_empty() {
        drop_all(merged, &stale);
    }
}

/// Returns the confirmations of links that a family does not have.
fn without_link(family: &StatementSet, is_gone: impl Fn(&Statement) -> bool) -> Vec<NamedNode> {
    let missing = |link: &Statement| !family.contains(link) && is_gone(link);
    let stale = confirmations(family)
        .filter(|confirmation| link(family, confirmation).is_some_and(|link| missing(&link)));
    stale.cloned().collect()
}

fn drop_all(family: &mut StatementSet, stale: &[NamedNode]) {
    let is_stale = |iri: &NamedNode| stale.contains(iri);
    family.retain(|said| {
        !is_stale(&said.subject) && !matches!(&said.object, Term::NamedNode(iri) if is_stale(iri))
    });
}

fn confirmations(family: &StatementSet) -> impl Iterator<Item = &NamedNode> {
    let class = Term::from(tl::LINK_CONFIRMATION);
    let typed = family.iter().filter(move |said| said.predicate == rdf::TYPE && said.object == class);
    typed.map(|said| &said.subject)
}

fn link(family: &StatementSet, confirmation: &NamedNode) -> Option<Statement> {
    let about = family.iter().filter(|said| said.subject == *confirmation);
    let part = |predicate: NamedNodeRef<'_>| {
        about.clone().find(|said| said.predicate == predicate).and_then(|said| match &said.object {
            Term::NamedNode(iri) => Some(iri.clone()),
            _ => None,
        })
    };
    Some(Statement::new(part(rdf::SUBJECT)?, part(rdf::PREDICATE)?, part(rdf::OBJECT)?))
}
