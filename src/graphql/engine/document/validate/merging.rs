//! Fields with the same response key must be the same (5.3.2): `FieldsInSetCanMerge`.
//!
//! All selections of an operation are merged into a tree: by response key, below it by the type that they are selected on. Two
//! fields of one key on one type must be equal, so they share a node, and what is below both is merged there. Fields on different
//! types are compared in pairs. Each pair of nodes is met once at most, since its parents are one pair too: the work is bounded by
//! the selections, which [`crate::graphql::engine::document::limits`] bounds, times the types that share a key.

use super::{Validation, is_composite};
use crate::graphql::engine::types::{Definition, Type};
use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, Selection, SelectionSet};
use async_graphql::{Name, Positioned};
use async_graphql_value::Value as Literal;

/// What is selected of an object: for each response key a field for each type that it is selected on.
type Merged<'a> = IndexMap<&'a str, Vec<Node<'a>>>;

struct Node<'a> {
    on: &'a Definition,
    field: &'a Positioned<Field>,
    ty: &'a Type,
    below: Merged<'a>,
}

impl<'a> Validation<'a> {
    pub(super) fn merging(&mut self) {
        let document = self.document;
        for (_, operation) in document.operations.iter() {
            let mut merged = Merged::new();
            if let Some(root) = self.root(operation.node.ty) {
                self.merge(&operation.node.selection_set.node, root, &mut merged);
            }
            self.compare_all(&merged);
        }
    }

    /// Adds a selection to what is merged.
    fn merge(&mut self, set: &'a SelectionSet, on: &'a Definition, merged: &mut Merged<'a>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => self.merge_field(field, on, merged),
                Selection::InlineFragment(inline) => {
                    let inner = match &inline.node.type_condition {
                        Some(condition) => self.definition(&condition.node.on.node),
                        None => Some(on),
                    };
                    if let Some(inner) = inner {
                        self.merge(&inline.node.selection_set.node, inner, merged);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) else {
                        continue;
                    };
                    if let Some(inner) = self.definition(&fragment.node.type_condition.node.on.node) {
                        self.merge(&fragment.node.selection_set.node, inner, merged);
                    }
                }
            }
        }
    }

    fn merge_field(&mut self, field: &'a Positioned<Field>, on: &'a Definition, merged: &mut Merged<'a>) {
        let Some((ty, _)) = self.known_field(on, &field.node.name.node) else { return };
        let nodes = merged.entry(field.node.response_key().node.as_str()).or_default();
        let known = nodes.iter().position(|node| std::ptr::eq(node.on, on));
        if let Some(first) = known.map(|place| nodes[place].field)
            && let Some(why) = differ(first, field)
        {
            self.conflict(first, field, &why);
            return;
        }
        let place = known.unwrap_or_else(|| {
            nodes.push(Node { on, field, ty, below: Merged::new() });
            nodes.len() - 1
        });
        if let Some(inner) = self.definition(ty.name()) {
            self.merge(&field.node.selection_set.node, inner, &mut nodes[place].below);
        }
    }

    fn compare_all(&mut self, merged: &Merged<'a>) {
        for nodes in merged.values() {
            for (at, a) in nodes.iter().enumerate() {
                nodes[at + 1..].iter().for_each(|b| self.compare(a, b, false));
                self.compare_all(&a.below);
            }
        }
    }

    /// Compares fields that share a key; `exclusive` ones never meet in one object, so only the form of their values must agree.
    fn compare(&mut self, a: &Node<'a>, b: &Node<'a>, exclusive: bool) {
        if self.is_full() {
            return;
        }
        let object = |node: &Node<'_>| matches!(node.on, Definition::Object(_));
        let exclusive = exclusive || (object(a) && object(b) && !std::ptr::eq(a.on, b.on));
        let why = if exclusive { None } else { differ(a.field, b.field) };
        let why = why.or_else(|| {
            let differ = !self.same_form(a.ty, b.ty);
            differ.then(|| format!("as {} and as {}, which have no common form", a.ty, b.ty))
        });
        if let Some(why) = why {
            self.conflict(a.field, b.field, &why);
            return;
        }
        for (key, nodes) in &a.below {
            for other in b.below.get(key).into_iter().flatten() {
                nodes.iter().for_each(|node| self.compare(node, other, exclusive));
            }
        }
    }

    /// Returns whether values of two types have one form in an answer: `SameResponseShape`.
    fn same_form(&self, a: &Type, b: &Type) -> bool {
        match (a, b) {
            (Type::NonNull(a), Type::NonNull(b)) | (Type::List(a), Type::List(b)) => self.same_form(a, b),
            (Type::Named(a), Type::Named(b)) => {
                let has_fields = |name: &str| self.definition(name).is_some_and(is_composite);
                a == b || (has_fields(a) && has_fields(b))
            }
            _ => false,
        }
    }

    fn conflict(&mut self, a: &Positioned<Field>, b: &Positioned<Field>, why: &str) {
        let key = &a.node.response_key().node;
        let message = format_args!("\"{key}\" is asked for in two ways, {why}: give one of them an alias");
        self.refuse("5.3.2", message, vec![a.pos, b.pos]);
    }
}

/// Returns how two fields differ that must be equal.
fn differ(a: &Positioned<Field>, b: &Positioned<Field>) -> Option<String> {
    let (a, b) = (&a.node, &b.node);
    if a.name.node != b.name.node {
        return Some(format!("as {} and as {}", a.name.node, b.name.node));
    }
    let given = |arguments: &[(Positioned<Name>, Positioned<Literal>)], name: &Name| {
        let found = arguments.iter().find(|(other, _)| other.node == *name);
        found.map(|(_, value)| value.node.clone())
    };
    let other = |(name, value): &&(Positioned<Name>, Positioned<Literal>)| {
        given(&b.arguments, &name.node).as_ref() != Some(&value.node)
    };
    let differing = a.arguments.iter().find(other).map(|(name, _)| &name.node);
    let missing = || {
        let more = b.arguments.iter().find(|(name, _)| given(&a.arguments, &name.node).is_none());
        more.map(|(name, _)| &name.node)
    };
    differing.or_else(missing).map(|name| format!("with different values of \"{name}\""))
}
