//! One subject's statements, read once and asked many times.

use crate::graph::{Error, Snapshot};
use crate::model::statement::Statement;
use crate::model::time::instant::Instant;
use crate::ontology::Ontology;
use crate::ontology::terms::rdf;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};

/// The statements of one version about exactly one subject.
#[derive(Clone, Debug)]
pub struct Record {
    /// The subject.
    pub subject: NamedNode,
    statements: Vec<Statement>,
}

impl Record {
    /// Reads a subject; one that is not described has an empty record.
    pub fn read(snapshot: &Snapshot, subject: &NamedNode) -> Result<Self, Error> {
        Ok(Self { subject: subject.clone(), statements: snapshot.statements(subject)? })
    }

    /// Takes the statements about a subject, in canonical order.
    pub(super) fn of(subject: NamedNode, statements: Vec<Statement>) -> Self {
        Self { subject, statements }
    }

    /// Returns whether there is no statement about the subject.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// Returns the values of a property, in canonical order.
    pub fn values(&self, predicate: NamedNodeRef<'_>) -> impl Iterator<Item = &Term> {
        let found = self.statements.iter().filter(move |found| found.predicate.as_ref() == predicate);
        found.map(|statement| &statement.object)
    }

    /// Returns the targets of a link, in IRI order.
    pub fn targets(&self, predicate: NamedNodeRef<'_>) -> Vec<NamedNode> {
        let targets = self.values(predicate).filter_map(|value| match value {
            Term::NamedNode(target) => Some(target.clone()),
            _ => None,
        });
        targets.collect()
    }

    /// Returns the first target of a link.
    pub fn target(&self, predicate: NamedNodeRef<'_>) -> Option<NamedNode> {
        self.targets(predicate).into_iter().next()
    }

    /// Returns the lexical form of the first literal of a property.
    pub fn text(&self, predicate: NamedNodeRef<'_>) -> Option<&str> {
        self.values(predicate).find_map(|value| match value {
            Term::Literal(literal) => Some(literal.value()),
            _ => None,
        })
    }

    /// Returns the first value of a property as a number.
    pub fn number(&self, predicate: NamedNodeRef<'_>) -> Option<f64> {
        self.text(predicate)?.parse().ok()
    }

    /// Returns the first value of a property as an instant.
    pub fn instant(&self, predicate: NamedNodeRef<'_>) -> Option<Instant> {
        self.text(predicate)?.parse().ok()
    }

    /// Returns whether the subject is an instance of a class or of one of its subclasses.
    pub fn is_a(&self, ontology: &Ontology, class: NamedNodeRef<'_>) -> bool {
        self.targets(rdf::TYPE).iter().any(|found| is_or_is_below(ontology, found, class))
    }
}

/// Returns whether a resource is an instance of a class or of one of its subclasses.
pub fn is_instance(
    snapshot: &Snapshot,
    resource: &NamedNode,
    class: NamedNodeRef<'_>,
) -> Result<bool, Error> {
    let classes = snapshot.classes_of(resource)?;
    Ok(classes.iter().any(|found| is_or_is_below(snapshot.ontology(), found, class)))
}

fn is_or_is_below(ontology: &Ontology, found: &NamedNode, class: NamedNodeRef<'_>) -> bool {
    let above = ontology.class(found.as_ref()).map_or(&[][..], |known| &known.ancestors);
    found.as_ref() == class || above.iter().any(|ancestor| ancestor.as_ref() == class)
}
