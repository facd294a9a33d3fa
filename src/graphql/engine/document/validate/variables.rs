//! Variables: what is declared of them and where they are used, fragments followed (5.8).

use super::selections::is_built_in;
use super::values::LiteralSite;
use super::{Scope, Scopes, Usage, Validation};
use crate::graphql::engine::document::coerce::declared;
use crate::graphql::engine::types::{Definition, Type};
use async_graphql::Positioned;
use async_graphql::parser::types::{OperationDefinition, VariableDefinition};
use async_graphql_value::ConstValue;
use std::collections::{HashMap, HashSet};

/// The variables of an operation by name.
type Definitions<'a> = HashMap<&'a str, &'a Positioned<VariableDefinition>>;

impl<'a> Validation<'a> {
    /// Checks the variables of each operation where it uses them, in itself or in the fragments that it reaches.
    pub(super) fn variables(&mut self, scopes: &Scopes<'a>) {
        let document = self.document;
        for (name, operation) in document.operations.iter() {
            let definitions = self.definitions(&operation.node);
            let Some(scope) = scopes.operations.get(name.map_or("", |name| name.as_str())) else { continue };
            let mut used = HashSet::new();
            for usage in reached(scope, scopes) {
                used.insert(usage.name.as_str());
                match definitions.get(usage.name.as_str()) {
                    Some(definition) => self.usage(usage, definition),
                    None => {
                        let of = name.map_or_else(|| "the operation".to_owned(), ToString::to_string);
                        let message = format_args!("the variable ${} is not declared by {of}", usage.name);
                        self.refuse("5.8.3", message, vec![usage.at, operation.pos]);
                    }
                }
            }
            for definition in &operation.node.variable_definitions {
                let name = definition.node.name.node.as_str();
                if !used.contains(name) {
                    let message = format_args!("the variable ${name} is never used");
                    self.refuse("5.8.4", message, vec![definition.pos]);
                }
            }
        }
    }

    fn definitions(&mut self, operation: &'a OperationDefinition) -> Definitions<'a> {
        let mut definitions = Definitions::new();
        for definition in &operation.variable_definitions {
            let (name, at) = (definition.node.name.node.as_str(), definition.pos);
            if let Some(first) = definitions.insert(name, definition) {
                self.refuse(
                    "5.8.1",
                    format_args!("the variable ${name} is declared twice"),
                    vec![at, first.pos],
                );
            }
            let ty = declared(&definition.node.var_type.node);
            if !self.is_input(ty.name()) {
                let what =
                    if self.definition(ty.name()).is_some() { "not an input type" } else { "not a type" };
                let message = format_args!("${name}: {} is {what}", ty.name());
                self.refuse("5.8.2", message, vec![definition.node.var_type.pos]);
            } else if let Some(value) = &definition.node.default_value {
                let place = LiteralSite::new(format!("${name}"), value.pos);
                self.literal(&value.node.clone().into_value(), &ty, &place, &mut Scope::default());
            }
        }
        definitions
    }

    fn is_input(&self, name: &str) -> bool {
        let input = |definition: &Definition| !super::is_composite(definition);
        is_built_in(name) || self.types.get(name).is_some_and(input)
    }

    /// Refuses a variable whose type does not fit where it is used (5.8.5).
    fn usage(&mut self, usage: &Usage, definition: &Positioned<VariableDefinition>) {
        let Some(expected) = &usage.expected else { return };
        let ty = declared(&definition.node.var_type.node);
        if !self.is_input(ty.name()) {
            return;
        }
        let at = vec![usage.at, definition.pos];
        if usage.one_of && !matches!(ty, Type::NonNull(_)) {
            let message = format_args!(
                "the variable ${} of the type {ty} may be null or absent, which no field of a @oneOf input object may be: \
                 declare it as {ty}!",
                usage.name
            );
            self.refuse("5.8.5", message, at);
            return;
        }
        let default = definition.node.default_value.as_ref().map(|value| &value.node);
        let has_value = usage.has_default || default.is_some_and(|value| *value != ConstValue::Null);
        let fits = match (expected, &ty) {
            (Type::NonNull(inner), nullable) if !matches!(nullable, Type::NonNull(_)) => {
                has_value && fits(nullable, inner)
            }
            (expected, ty) => fits(ty, expected),
        };
        if !fits {
            let name = &usage.name;
            let message =
                format_args!("the variable ${name} of the type {ty} is used where {expected} is expected");
            self.refuse("5.8.5", message, at);
        }
    }
}

/// Returns the usages of a scope and of all fragments that it reaches.
fn reached<'s>(scope: &'s Scope<'_>, scopes: &'s Scopes<'_>) -> Vec<&'s Usage> {
    let (mut usages, mut visited, mut open) = (Vec::new(), HashSet::new(), vec![scope]);
    while let Some(scope) = open.pop() {
        usages.extend(&scope.usages);
        let fresh = scope.spreads.iter().filter(|name| visited.insert(**name));
        open.extend(fresh.filter_map(|name| scopes.fragments.get(name)));
    }
    usages
}

/// Returns whether every value of a variable's type is one of the expected type: `AreTypesCompatible`.
fn fits(ty: &Type, expected: &Type) -> bool {
    match (ty, expected) {
        (Type::NonNull(ty), Type::NonNull(expected)) => fits(ty, expected),
        (_, Type::NonNull(_)) => false,
        (Type::NonNull(ty), expected) => fits(ty, expected),
        (Type::List(ty), Type::List(expected)) => fits(ty, expected),
        (Type::Named(ty), Type::Named(expected)) => ty == expected,
        _ => false,
    }
}
