//! The confirmation of a removed link is removed with it.

use super::resource_edit::ResourceEdit;
use super::statement_set::StatementSet;
use crate::model::statement::Statement;
use crate::ontology::terms::{rdf, tl};
use oxigraph::model::{NamedNode, NamedNodeRef, Term};

/// Leaves out of a resource the confirmations of links that it had before and has no longer.
pub(crate) fn drop_with_links(edit: &mut ResourceEdit) {
    let is_link = |statement: &Statement| matches!(statement.object, Term::NamedNode(_));
    if !edit.differences().any(|(statement, comes)| !comes && is_link(statement)) {
        return;
    }
    let stale = without_link(edit.after(), |link| edit.before().contains(link));
    // What differs is found anew after a change, and most often there is none.
    if !stale.is_empty() {
        drop_all(edit.change(), &stale);
    }
}

/// Leaves out of a merged resource the confirmations of links that it does not have: one side removed what the other
/// confirmed.
pub(crate) fn drop_without_links(merged: &mut StatementSet) {
    let stale = without_link(merged, |_| true);
    if !stale.is_empty() {
        drop_all(merged, &stale);
    }
}

/// Returns the confirmations of links that a resource does not have.
fn without_link(statements: &StatementSet, is_removed: impl Fn(&Statement) -> bool) -> Vec<NamedNode> {
    let missing = |link: &Statement| !statements.contains(link) && is_removed(link);
    let stale = confirmations(statements)
        .filter(|confirmation| link(statements, confirmation).is_some_and(|link| missing(&link)));
    stale.cloned().collect()
}

fn drop_all(statements: &mut StatementSet, stale: &[NamedNode]) {
    let is_stale = |iri: &NamedNode| stale.contains(iri);
    statements.retain(|statement| {
        !is_stale(&statement.subject) && !matches!(&statement.object, Term::NamedNode(iri) if is_stale(iri))
    });
}

fn confirmations(statements: &StatementSet) -> impl Iterator<Item = &NamedNode> {
    let class = Term::from(tl::LINK_CONFIRMATION);
    let typed = statements
        .iter()
        .filter(move |statement| statement.predicate == rdf::TYPE && statement.object == class);
    typed.map(|statement| &statement.subject)
}

fn link(statements: &StatementSet, confirmation: &NamedNode) -> Option<Statement> {
    let about = statements.iter().filter(|statement| statement.subject == *confirmation);
    let part = |predicate: NamedNodeRef<'_>| {
        about.clone().find(|statement| statement.predicate == predicate).and_then(
            |statement| match &statement.object {
                Term::NamedNode(iri) => Some(iri.clone()),
                _ => None,
            },
        )
    };
    Some(Statement::new(part(rdf::SUBJECT)?, part(rdf::PREDICATE)?, part(rdf::OBJECT)?))
}
