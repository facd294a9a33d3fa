//! Validation of documents before anything is executed: the rules of section 5 of the GraphQL specification (September 2025).
//!
//! An error names the section of the rule. Cycles of fragments (5.5.2.2) and unused fragments (5.5.1.4) are refused by
//! [`super::limits`], names given twice to operations and fragments (5.2.2.1, 5.2.3.1, 5.5.1.1) by the parser, in the words of
//! [`super::refusal`]. Never executes anything
//! and never recurses deeper than [`crate::graphql::engine::types::registry::DEPTH_MAX`] selections or the bracket limit of the text.

mod directives;
mod merging;
mod selections;
mod values;
mod variables;

use super::refusal::Refusal;
use crate::graphql::engine::types::{Definition, Type, Types};
use crate::graphql::error::Error;
use async_graphql::parser::types::{ExecutableDocument, OperationType};
use async_graphql::{Name, Pos};
use std::collections::BTreeMap;

/// How many errors of one document are listed.
const ERRORS_MAX: usize = 100;

/// Checks a document against the types; the errors come in the order of the document.
pub(in crate::graphql::engine) fn validate(
    document: &ExecutableDocument,
    types: &Types,
) -> Result<(), Vec<Refusal>> {
    let mut validation = Validation { document, types, errors: Vec::new() };
    let scopes = validation.selections();
    validation.variables(&scopes);
    validation.merging();
    let mut errors = validation.errors;
    errors.sort_by_key(|error| error.locations.first().map(|at| (at.line, at.column)));
    if errors.len() == ERRORS_MAX {
        let text = format!("validation stopped after {ERRORS_MAX} errors: there may be more");
        errors.push(Error::limit(text).into());
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// A document under validation.
struct Validation<'a> {
    document: &'a ExecutableDocument,
    types: &'a Types,
    errors: Vec<Refusal>,
}

/// An operation or a fragment: the variables that it uses itself, and the fragments that it spreads.
#[derive(Default)]
struct Scope<'a> {
    usages: Vec<Usage>,
    spreads: Vec<&'a str>,
}

/// A variable where a value is expected.
struct Usage {
    name: Name,
    at: Pos,
    /// The type that is expected; none where the document is wrong there.
    expected: Option<Type>,
    /// Whether the argument or field has a default, so that a variable that may be absent or null fits a non-null type.
    has_default: bool,
    /// Whether it is the field of a @oneOf input object, which must not be null whatever its type.
    one_of: bool,
}

/// All scopes of a document: operations by name, fragments by name.
struct Scopes<'a> {
    operations: BTreeMap<&'a str, Scope<'a>>,
    fragments: BTreeMap<&'a str, Scope<'a>>,
}

impl<'a> Validation<'a> {
    /// Notes an error; the same one elsewhere is another place of the first.
    fn refuse(&mut self, section: &str, message: impl std::fmt::Display, at: Vec<Pos>) {
        let error = Error::bad_input(format!("{message} (GraphQL {section})"));
        let is_full = self.is_full();
        match self.errors.iter_mut().find(|known| *known.error == error) {
            Some(known) if known.locations.len() < ERRORS_MAX => known.locations.extend(at),
            Some(_) => {}
            None if is_full => {}
            None => self.errors.push(Refusal { error: Box::new(error), locations: at }),
        }
    }

    fn is_full(&self) -> bool {
        self.errors.len() >= ERRORS_MAX
    }

    fn definition(&self, name: &str) -> Option<&'a Definition> {
        self.types.get(name)
    }

    /// Returns the type that an operation begins with.
    fn root(&self, of: OperationType) -> Option<&'a Definition> {
        self.types.get(match of {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        })
    }
}

/// Returns whether values of a type have fields.
fn is_composite(definition: &Definition) -> bool {
    matches!(definition, Definition::Object(_) | Definition::Interface(_))
}

#[cfg(test)]
mod examples;
#[cfg(test)]
mod tests;
