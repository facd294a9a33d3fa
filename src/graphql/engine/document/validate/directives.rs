//! Directives (5.7): `@skip` and `@include`, on what is selected.

use super::{Scope, Validation};
use crate::graphql::engine::types::InputField;
use async_graphql::Positioned;
use async_graphql::parser::types::Directive;
use std::sync::LazyLock;

/// Where directives are written.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Location {
    Selection,
    Operation,
    Fragment,
    Variable,
}

impl Location {
    const fn name(self) -> &'static str {
        match self {
            Self::Selection => "a selection",
            Self::Operation => "an operation",
            Self::Fragment => "the definition of a fragment",
            Self::Variable => "the definition of a variable",
        }
    }
}

static ARGUMENTS: LazyLock<[InputField; 1]> = LazyLock::new(|| [InputField::new("if", "Boolean!", "")]);

impl<'a> Validation<'a> {
    pub(super) fn directives(
        &mut self,
        directives: &'a [Positioned<Directive>],
        location: Location,
        scope: &mut Scope<'a>,
    ) {
        for (place, directive) in directives.iter().enumerate() {
            let (name, at) = (directive.node.name.node.as_str(), directive.pos);
            if matches!(name, "deprecated" | "specifiedBy" | "oneOf") {
                self.refuse("5.7.2", format_args!("@{name} may be in a schema only"), vec![at]);
                directive.node.arguments.iter().for_each(|(_, value)| Self::unknown(value, scope));
                continue;
            }
            if !matches!(name, "skip" | "include") {
                directive.node.arguments.iter().for_each(|(_, value)| Self::unknown(value, scope));
                self.refuse("5.7.1", format_args!("there is no directive @{name}"), vec![at]);
                continue;
            }
            if location != Location::Selection {
                let place = location.name();
                self.refuse("5.7.2", format_args!("@{name} may not be on {place}"), vec![at]);
            }
            if let Some(first) = directives[..place].iter().find(|other| other.node.name.node == name) {
                self.refuse("5.7.3", format_args!("@{name} is given twice"), vec![at, first.pos]);
            }
            let of = format!("the directive @{name}");
            self.arguments(&directive.node.arguments, &*ARGUMENTS, (&of, at), scope);
        }
    }
}
