//! What a link is: a statement whose target is another thing of the thread.

use crate::graph::{Error, Snapshot};
use crate::model::statement::{Statement, root};
use crate::ontology::terms::rdf;
use crate::ontology::{FieldKind, Ontology};
use oxigraph::model::{NamedNode, Term};

/// Returns whether a statement links resources: not a class, a unit or a kind of quantity, which live in the ontology, and not
/// what a confirmation repeats of a link.
pub fn is_link(ontology: &Ontology, statement: &Statement) -> bool {
    let repeats = [rdf::TYPE, rdf::SUBJECT, rdf::PREDICATE, rdf::OBJECT];
    match &statement.object {
        Term::NamedNode(iri) => {
            !repeats.contains(&statement.predicate.as_ref())
                && ontology.class(iri.as_ref()).is_none()
                && ontology.units().get(iri.as_ref()).is_none()
                && ontology.units().quantity_kind(iri.as_ref()).is_none()
        }
        _ => false,
    }
}

/// Returns the target of a link from one resource or its fragments to another.
pub(super) fn target_of<'a>(ontology: &Ontology, link: &'a Statement) -> Option<&'a NamedNode> {
    match &link.object {
        Term::NamedNode(target) if is_link(ontology, link) && root(target) != root(&link.subject) => {
            Some(target)
        }
        _ => None,
    }
}

/// Returns the predicate that a text names: the name of a link of the subject's classes, or an IRI in full.
pub fn predicate_named(
    snapshot: &Snapshot,
    subject: &NamedNode,
    name: &str,
) -> Result<Option<NamedNode>, Error> {
    let ontology = snapshot.ontology();
    for class in snapshot.classes_of(subject)? {
        let field = ontology.class(class.as_ref()).and_then(|class| class.field(name));
        if let Some(field) = field.filter(|field| matches!(field.kind, FieldKind::Link(_))) {
            return Ok(Some(field.predicate.clone()));
        }
    }
    Ok(if name.contains(':') { NamedNode::new(name).ok() } else { None })
}
