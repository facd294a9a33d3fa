//! Fields, arguments and fragments (5.3.1, 5.3.3, 5.4, 5.5), and the root of a subscription (5.2.4.1).

use super::directives::Location;
use super::{Scope, Scopes, Validation, is_composite};
use crate::graphql::engine::types::{Definition, InputField, Type, meta};
use async_graphql::parser::types::{
    Directive, Field, FragmentDefinition, OperationDefinition, OperationType, Selection, SelectionSet,
    TypeCondition,
};
use async_graphql::{Name, Pos, Positioned};
use async_graphql_value::Value as Literal;

impl<'a> Validation<'a> {
    /// Checks all operations and fragments by themselves; returns the variables that they use.
    pub(super) fn selections(&mut self) -> Scopes<'a> {
        let document = self.document;
        let operations = document.operations.iter().map(|(name, operation)| {
            (name.map_or("", |name| name.as_str()), self.operation(&operation.node))
        });
        let operations = operations.collect();
        let fragments = document.fragments.iter();
        let fragments = fragments.map(|(name, fragment)| (name.as_str(), self.fragment(&fragment.node)));
        Scopes { operations, fragments: fragments.collect() }
    }

    fn operation(&mut self, operation: &'a OperationDefinition) -> Scope<'a> {
        let mut scope = Scope::default();
        self.directives(&operation.directives, Location::Operation, &mut scope);
        for variable in &operation.variable_definitions {
            self.directives(&variable.node.directives, Location::Variable, &mut scope);
        }
        let root = self.root(operation.ty);
        self.set(&operation.selection_set.node, root, &mut scope);
        if operation.ty == OperationType::Subscription {
            self.single_root(&operation.selection_set.node);
        }
        scope
    }

    fn single_root(&mut self, set: &'a SelectionSet) {
        let mut fields: Vec<&Positioned<Field>> = Vec::new();
        let (mut open, mut at) = (vec![set], 0);
        let is_condition = |directive: &&Positioned<Directive>| {
            matches!(directive.node.name.node.as_str(), "skip" | "include")
        };
        while let Some(set) = open.get(at).copied() {
            at += 1;
            for selection in &set.items {
                if let Some(condition) = selection.node.directives().iter().find(is_condition) {
                    let message = "what a subscription asks for may not depend on @skip or @include";
                    self.refuse("5.2.4.1", message, vec![condition.pos]);
                }
                match &selection.node {
                    Selection::Field(field) => fields.push(field),
                    Selection::InlineFragment(inline) => open.push(&inline.node.selection_set.node),
                    Selection::FragmentSpread(spread) => {
                        let fragment = self.document.fragments.get(&spread.node.fragment_name.node);
                        open.extend(fragment.map(|fragment| &fragment.node.selection_set.node));
                    }
                }
            }
        }
        let key = |field: &Positioned<Field>| field.node.response_key().node.clone();
        let other = fields.iter().find(|field| key(field) != key(fields[0]));
        if let Some(other) = other {
            self.refuse("5.2.4.1", "a subscription asks for exactly one field", vec![other.pos]);
        }
        if let Some(field) = fields.iter().find(|field| field.node.name.node.starts_with("__")) {
            self.refuse("5.2.4.1", "a subscription asks for a field of Subscription itself", vec![field.pos]);
        }
    }

    fn fragment(&mut self, fragment: &'a FragmentDefinition) -> Scope<'a> {
        let mut scope = Scope::default();
        self.directives(&fragment.directives, Location::Fragment, &mut scope);
        let on = self.condition(&fragment.type_condition);
        self.set(&fragment.selection_set.node, on, &mut scope);
        scope
    }

    /// Returns the type that a fragment applies to.
    fn condition(&mut self, condition: &'a Positioned<TypeCondition>) -> Option<&'a Definition> {
        let name = condition.node.on.node.as_str();
        match self.definition(name) {
            Some(definition) if is_composite(definition) => Some(definition),
            Some(_) => {
                let message = format_args!("a fragment cannot be on {name}, which has no fields");
                self.refuse("5.5.1.3", message, vec![condition.pos]);
                None
            }
            None if is_built_in(name) => {
                let message = format_args!("a fragment cannot be on {name}, which has no fields");
                self.refuse("5.5.1.3", message, vec![condition.pos]);
                None
            }
            None => {
                self.refuse("5.5.1.2", format_args!("there is no type {name}"), vec![condition.pos]);
                None
            }
        }
    }

    /// Checks what is selected of an object; of one whose type is not known only what does not depend on it.
    fn set(&mut self, set: &'a SelectionSet, of: Option<&'a Definition>, scope: &mut Scope<'a>) {
        for selection in &set.items {
            if self.is_full() {
                return;
            }
            self.directives(selection.node.directives(), Location::Selection, scope);
            match &selection.node {
                Selection::Field(field) => self.field(field, of, scope),
                Selection::InlineFragment(inline) => {
                    let inner = match &inline.node.type_condition {
                        Some(condition) => self.condition(condition),
                        None => of,
                    };
                    self.applies(of, inner, selection.pos);
                    self.set(&inline.node.selection_set.node, inner, scope);
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    scope.spreads.push(name);
                    match self.document.fragments.get(name) {
                        Some(fragment) => {
                            let on = fragment.node.type_condition.node.on.node.as_str();
                            self.applies(of, self.definition(on), selection.pos);
                        }
                        None => {
                            let message = format_args!("there is no fragment {name}");
                            self.refuse("5.5.2.1", message, vec![selection.pos]);
                        }
                    }
                }
            }
        }
    }

    /// Refuses a fragment that no object of the type around it could pass (5.5.2.3).
    fn applies(&mut self, of: Option<&Definition>, on: Option<&Definition>, at: Pos) {
        if let (Some(of), Some(on)) = (of, on)
            && is_composite(on)
            && !self.types.overlap(of, on)
        {
            let message = format_args!("no {} is a {}: the fragment never applies", of.name(), on.name());
            self.refuse("5.5.2.3", message, vec![at]);
        }
    }

    fn field(&mut self, field: &'a Positioned<Field>, of: Option<&'a Definition>, scope: &mut Scope<'a>) {
        let (asked, at) = (&field.node, field.pos);
        let name = asked.name.node.as_str();
        let known = of.and_then(|of| self.known_field(of, name));
        if let (Some(of), None) = (of, known) {
            let message = format_args!("{} has no field \"{name}\"", of.name());
            self.refuse("5.3.1", message, vec![at]);
        }
        let below = known.and_then(|(ty, _)| self.definition(ty.name())).filter(|below| is_composite(below));
        if let (Some(of), Some((ty, arguments))) = (of, known) {
            let text = format!("the field {}.{name}", of.name());
            self.arguments(&asked.arguments, arguments, (&text, at), scope);
            let has_set = !asked.selection_set.node.items.is_empty();
            match (below, has_set) {
                (Some(below), false) => {
                    let message = format_args!("{text} needs a selection of fields of {}", below.name());
                    self.refuse("5.3.3", message, vec![at]);
                }
                (None, true) => {
                    let message = format_args!("{text} is a {} and has no fields to select", ty.name());
                    self.refuse("5.3.3", message, vec![at]);
                }
                _ => {}
            }
        } else {
            asked.arguments.iter().for_each(|(_, value)| Self::unknown(value, scope));
        }
        self.set(&asked.selection_set.node, below, scope);
    }

    /// Returns the type and the arguments of a field.
    pub(super) fn known_field(&self, of: &'a Definition, name: &str) -> Option<(&'a Type, &'a [InputField])> {
        of.field(name).or_else(|| meta::field(of, name))
    }

    /// Checks arguments against what is declared for a field or directive.
    pub(super) fn arguments(
        &mut self,
        given: &'a [(Positioned<Name>, Positioned<Literal>)],
        declared: &'a [InputField],
        (of, at): (&str, Pos),
        scope: &mut Scope<'a>,
    ) {
        for (place, (name, value)) in given.iter().enumerate() {
            if let Some((first, _)) = given[..place].iter().find(|(other, _)| other.node == name.node) {
                let message = format_args!("{of} is given \"{}\" twice", name.node);
                self.refuse("5.4.2", message, vec![name.pos, first.pos]);
            }
            match declared.iter().find(|field| name.node == field.name.as_str()) {
                Some(field) => self.value(value, field, scope),
                None => {
                    self.refuse(
                        "5.4.1",
                        format_args!("{of} has no argument \"{}\"", name.node),
                        vec![name.pos],
                    );
                    Self::unknown(value, scope);
                }
            }
        }
        for field in declared.iter().filter(|field| field.is_needed()) {
            if !given.iter().any(|(name, _)| name.node == field.name.as_str()) {
                let message = format_args!("{of} needs the argument \"{}\"", field.name);
                self.refuse("5.4.3", message, vec![at]);
            }
        }
    }
}

/// Returns whether a type is one of GraphQL's own scalars.
pub(super) fn is_built_in(name: &str) -> bool {
    matches!(name, "Int" | "Float" | "String" | "Boolean" | "ID")
}
