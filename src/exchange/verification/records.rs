//! Records of a source as statements.

use crate::exchange::table::derived::template::{escape, expand};
use crate::model::statement::Statement;
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};

/// Statements of one source, whose resources are named below a folder.
pub(super) struct Records<'a> {
    base: &'a str,
    folder: String,
    pub(super) statements: Vec<Statement>,
}

impl<'a> Records<'a> {
    pub(super) fn new(base: &'a str, format: &str, source: &str) -> Self {
        Self { base, folder: format!("{format}/{}", escape(source)), statements: Vec::new() }
    }

    /// Returns the resource of a name.
    pub(super) fn named(&self, name: &str) -> Result<NamedNode, String> {
        expand(self.base, &format!("{}/{}", self.folder, escape(name)))
    }

    pub(super) fn state(
        &mut self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
        object: impl Into<Term>,
    ) {
        self.statements.push(Statement::new(subject.clone(), predicate.into_owned(), object));
    }

    /// States a text, unless it is blank.
    pub(super) fn text(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, text: &str) {
        if !text.trim().is_empty() {
            self.state(subject, predicate, Literal::new_simple_literal(text));
        }
    }
}
