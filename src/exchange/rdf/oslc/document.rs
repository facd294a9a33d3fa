//! A document under construction: statements, and the bytes that they come to.

use super::vocabulary::{PREFIXES, RDF, named};
use crate::exchange::rdf::{Error, Format, Writer};
use crate::model::statement::Statement;
use oxigraph::model::vocab::xsd;
use oxigraph::model::{Literal, NamedNode, Term};

/// Statements that become one answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The statements, in the order in which they were added.
    pub statements: Vec<Statement>,
}

impl Document {
    /// Adds a statement.
    pub fn add(&mut self, subject: &NamedNode, predicate: (&str, &str), object: impl Into<Term>) {
        let predicate = named(predicate.0, predicate.1);
        self.statements.push(Statement::new(subject.clone(), predicate, object));
    }

    /// Adds a type.
    pub fn type_of(&mut self, subject: &NamedNode, class: (&str, &str)) {
        self.add(subject, (RDF, "type"), named(class.0, class.1));
    }

    /// Adds a text.
    pub fn text(&mut self, subject: &NamedNode, predicate: (&str, &str), text: &str) {
        self.add(subject, predicate, Literal::from(text));
    }

    /// Adds a whole number.
    pub fn integer(&mut self, subject: &NamedNode, predicate: (&str, &str), number: u64) {
        self.add(subject, predicate, Literal::new_typed_literal(number.to_string(), xsd::INTEGER));
    }

    /// Adds true or false.
    pub fn flag(&mut self, subject: &NamedNode, predicate: (&str, &str), value: bool) {
        self.add(subject, predicate, Literal::from(value));
    }

    /// Writes the statements, in canonical order and each once.
    pub fn written(mut self, format: Format) -> Result<Vec<u8>, Error> {
        self.statements.sort_unstable();
        self.statements.dedup();
        let mut bytes = Vec::new();
        let prefixes: Vec<_> = PREFIXES
            .into_iter()
            .filter(|(_, namespace)| self.statements.iter().any(|one| uses(one, namespace)))
            .collect();
        let mut writer = Writer::new(format, &prefixes, None, &mut bytes)?;
        for statement in &self.statements {
            writer.write(statement)?;
        }
        writer.finish()?;
        Ok(bytes)
    }
}

/// Returns whether a statement has a name of a namespace.
fn uses(statement: &Statement, namespace: &str) -> bool {
    let of_object = match &statement.object {
        Term::NamedNode(object) => object.as_str().starts_with(namespace),
        Term::Literal(literal) => literal.datatype().as_str().starts_with(namespace),
        _ => false,
    };
    of_object
        || statement.predicate.as_str().starts_with(namespace)
        || statement.subject.as_str().starts_with(namespace)
}
