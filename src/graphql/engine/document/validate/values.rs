//! Literals against the types that are expected of them (5.6), and the variables in them.

use super::selections::is_built_in;
use super::{Scope, Usage, Validation};
use crate::graphql::engine::document::coerce::{Variables, built_in, constant, unfit};
use crate::graphql::engine::types::{Definition, InputField, InputObject, Type};
use async_graphql::indexmap::IndexMap;
use async_graphql::{Name, Pos, Positioned};
use async_graphql_value::Value as Literal;

/// Where a literal is: for messages, for locations, and for the variables in it.
pub(super) struct LiteralSite {
    path: String,
    at: Pos,
    has_default: bool,
    one_of: bool,
}

impl LiteralSite {
    /// Names a value that has no default.
    pub(super) fn new(path: String, at: Pos) -> Self {
        Self { path, at, has_default: false, one_of: false }
    }

    fn within(&self, step: impl std::fmt::Display) -> Self {
        Self::new(format!("{}.{step}", self.path), self.at)
    }
}

impl Validation<'_> {
    /// Checks the value of an argument.
    pub(super) fn value(&mut self, value: &Positioned<Literal>, field: &InputField, scope: &mut Scope<'_>) {
        let place = LiteralSite {
            has_default: field.default.is_some(),
            ..LiteralSite::new(field.name.clone(), value.pos)
        };
        self.literal(&value.node, &field.ty, &place, scope);
    }

    /// Notes the variables of a value of which nothing is known.
    pub(super) fn unknown(value: &Positioned<Literal>, scope: &mut Scope<'_>) {
        let mut open = vec![&value.node];
        while let Some(literal) = open.pop() {
            match literal {
                Literal::Variable(name) => scope.usages.push(Usage {
                    name: name.clone(),
                    at: value.pos,
                    expected: None,
                    has_default: false,
                    one_of: false,
                }),
                Literal::List(items) => open.extend(items),
                Literal::Object(fields) => open.extend(fields.values()),
                _ => {}
            }
        }
    }

    /// Checks a literal against a type.
    pub(super) fn literal(&mut self, value: &Literal, ty: &Type, place: &LiteralSite, scope: &mut Scope<'_>) {
        match (ty, value) {
            (_, Literal::Variable(name)) => scope.usages.push(Usage {
                name: name.clone(),
                at: place.at,
                expected: Some(ty.clone()),
                has_default: place.has_default,
                one_of: place.one_of,
            }),
            (Type::NonNull(_), Literal::Null) => {
                self.refuse("5.6.1", format_args!("{} must not be null", place.path), vec![place.at]);
            }
            (Type::NonNull(inner), value) => self.literal(value, inner, place, scope),
            (_, Literal::Null) => {}
            (Type::List(inner), Literal::List(items)) => {
                for (at, item) in items.iter().enumerate() {
                    self.literal(item, inner, &place.within(at), scope);
                }
            }
            (Type::List(inner), single) => self.literal(single, inner, place, scope),
            (Type::Named(name), value) => self.named(value, name, place, scope),
        }
    }

    fn named(&mut self, value: &Literal, name: &str, place: &LiteralSite, scope: &mut Scope<'_>) {
        let constant = || constant(value, &Variables::new()).unwrap_or_default();
        let reason = match self.definition(name) {
            Some(Definition::Input(object)) => match value {
                Literal::Object(given) => return self.object(given, object, place, scope),
                _ => Some(format!("{value} is not an object of the type {name}")),
            },
            Some(Definition::Enumeration(enumeration)) => match value {
                Literal::Enum(value) if enumeration.has(value) => None,
                Literal::String(text) if enumeration.has(text) => {
                    Some(format!("a value of {name} is written without quotation marks: {text}"))
                }
                _ => Some(format!("{value} is not a value of {name}")),
            },
            Some(Definition::Scalar(scalar)) => (scalar.check)(&constant()).err(),
            _ if is_built_in(name) && built_in(&constant(), name) => None,
            _ => Some(unfit(value, name)),
        };
        if let Some(reason) = reason {
            self.refuse("5.6.1", format_args!("{}: {reason}", place.path), vec![place.at]);
        }
    }

    fn object(
        &mut self,
        given: &IndexMap<Name, Literal>,
        object: &InputObject,
        place: &LiteralSite,
        scope: &mut Scope<'_>,
    ) {
        for (name, value) in given {
            let Some(field) = object.fields.iter().find(|field| *name == field.name.as_str()) else {
                let message = format_args!("{}: {}", place.path, object.without(name));
                self.refuse("5.6.2", message, vec![place.at]);
                Self::unknown(&Positioned::new(value.clone(), place.at), scope);
                continue;
            };
            let place = LiteralSite {
                has_default: field.default.is_some(),
                one_of: object.one_of,
                ..place.within(&field.name)
            };
            self.literal(value, &field.ty, &place, scope);
        }
        for field in object.fields.iter().filter(|field| field.is_needed()) {
            if !given.contains_key(field.name.as_str()) {
                let message =
                    format_args!("{}: {} needs the field \"{}\"", place.path, object.name, field.name);
                self.refuse("5.6.4", message, vec![place.at]);
            }
        }
        if object.one_of && (given.len() != 1 || given.values().any(|value| *value == Literal::Null)) {
            let message = format_args!(
                "{}: exactly one field of {} must be given, and not null",
                place.path, object.name
            );
            self.refuse("5.6.1", message, vec![place.at]);
        }
    }
}
