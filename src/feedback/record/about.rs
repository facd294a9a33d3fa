//! Statements about one subject, added one by one.

use crate::model::number::numeral;
use crate::model::statement::Statement;
use crate::ontology::terms::xsd;
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};

/// Statements about one subject.
pub(in crate::feedback) struct About {
    subject: NamedNode,
    pub(in crate::feedback) statements: Vec<Statement>,
}

impl About {
    pub(in crate::feedback) fn new(subject: NamedNode) -> Self {
        Self { subject, statements: Vec::new() }
    }

    pub(in crate::feedback) fn add(&mut self, predicate: NamedNodeRef<'_>, object: impl Into<Term>) {
        self.statements.push(Statement::new(self.subject.clone(), predicate.into_owned(), object));
    }

    pub(in crate::feedback) fn text(&mut self, predicate: NamedNodeRef<'_>, text: &str) {
        self.add(predicate, Literal::new_simple_literal(text));
    }

    pub(in crate::feedback) fn instant(&mut self, predicate: NamedNodeRef<'_>, instant: &str) {
        self.add(predicate, Literal::new_typed_literal(instant, xsd::DATE_TIME));
    }

    pub(in crate::feedback) fn link(&mut self, predicate: NamedNodeRef<'_>, target: Option<&NamedNode>) {
        if let Some(target) = target {
            self.add(predicate, target.clone());
        }
    }

    /// Adds a number as it is recorded elsewhere: as a double, or with all its digits where it is none.
    pub(in crate::feedback) fn recorded_number(&mut self, predicate: NamedNodeRef<'_>, text: Option<&str>) {
        match text.and_then(numeral::beyond_doubles) {
            Some(digits) => self.add(predicate, Literal::new_typed_literal(digits, xsd::DECIMAL)),
            None => self.number(predicate, text.and_then(|text| text.parse().ok())),
        }
    }

    pub(in crate::feedback) fn number(&mut self, predicate: NamedNodeRef<'_>, number: Option<f64>) {
        if let Some(number) = number.filter(|number| number.is_finite()) {
            self.add(predicate, Literal::from(number));
        }
    }
}
