//! What introspection answers, counted before it is answered: each type can be asked for its interfaces, each of these for its
//! possible types, and so on, so that a text of 150 bytes could ask for gigabytes.
//!
//! The objects are counted as the schema has them, each with the texts that are selected of it, so that a request which asks for too much
//! of them takes no memory. Selections that merge or are skipped are counted too.

use super::coerce::{Variables, constant};
use crate::graphql::engine::types::{Definition, InputField, Type, Types, meta};
use crate::graphql::error::Error;
use async_graphql::Value as Input;
use async_graphql::parser::types::{ExecutableDocument, Field as FieldSelection, Selection, SelectionSet};
use std::collections::HashMap;

/// The largest answer to introspection, in bytes; the standard query for the whole schema asks for about a fifth of it.
const BYTES_MAX: u64 = 24 << 20;
/// What an object takes beside its texts, and what a text takes beside its characters.
const OBJECT_BYTES: u64 = 48;
const TEXT_BYTES: u64 = 16;
/// What each directive takes: they are few and small.
const DIRECTIVES_BYTES: u64 = 10_000;

/// Adds to `bytes` what an introspection field of the root asks for; refused where all of these fields ask for too much.
pub(in crate::graphql::engine) fn add(
    bytes: &mut u64,
    field: &FieldSelection,
    document: &ExecutableDocument,
    types: &Types,
    variables: &Variables,
) -> Result<(), Error> {
    let mut count = Count { document, types, known: HashMap::new() };
    let set = &field.selection_set.node;
    let more = match field.name.node.as_str() {
        "__schema" => count.schema(set),
        _ => named_type(field, variables).map_or(Ok(0), |name| count.named(&name, set)),
    };
    *bytes = bytes.saturating_add(more.unwrap_or(u64::MAX));
    match *bytes {
        ..=BYTES_MAX => Ok(()),
        _ => Err(Error::limit(format!(
            "an answer about the schema may have {} MiB, this one is larger: nest interfaces, possibleTypes and fields less deep, or ask for one type",
            BYTES_MAX >> 20
        ))),
    }
}

fn named_type(field: &FieldSelection, variables: &Variables) -> Option<String> {
    match constant(&field.get_argument("name")?.node, variables)? {
        Input::String(name) => Some(name),
        _ => None,
    }
}

/// The answer is larger than it may be.
#[derive(Debug)]
struct TooLarge;

type Counted = Result<u64, TooLarge>;

struct Count<'a> {
    document: &'a ExecutableDocument,
    types: &'a Types,
    /// What was counted for a type or field under a selection; each is at least one object of the answer.
    known: HashMap<(*const (), *const SelectionSet), u64>,
}

/// One object of introspection.
#[derive(Clone, Copy)]
enum Node<'a> {
    Type(&'a Definition),
    Reference(&'a Type),
    Field(&'a str, &'a str, &'a Type, &'a [InputField]),
    Input(&'a InputField),
    EnumValue(&'a str, &'a str),
}

impl<'a> Node<'a> {
    /// Returns the address of what the object describes.
    fn address(self) -> *const () {
        match self {
            Self::Type(definition) => std::ptr::from_ref(definition).cast(),
            Self::Reference(ty) => std::ptr::from_ref(ty).cast(),
            Self::Field(name, ..) | Self::EnumValue(name, _) => name.as_ptr().cast(),
            Self::Input(input) => std::ptr::from_ref(input).cast(),
        }
    }

    /// Returns how long the texts of a field are.
    fn text(self, field: &str) -> u64 {
        let (name, comment) = match self {
            Self::Type(definition) => (definition.name(), definition.comment()),
            Self::Field(name, comment, ..) | Self::EnumValue(name, comment) => (name, comment),
            Self::Input(input) => (input.name.as_str(), input.comment.as_str()),
            Self::Reference(_) => ("", ""),
        };
        match field {
            "name" => name.len() as u64,
            "description" => comment.len() as u64,
            _ => 0,
        }
    }
}

impl<'a> Count<'a> {
    /// Returns the bytes of all that is selected, where `child` counts the objects of a field.
    fn set(
        &mut self,
        set: &'a SelectionSet,
        text: &dyn Fn(&str) -> u64,
        child: &mut dyn FnMut(&mut Self, &str, &'a SelectionSet) -> Counted,
    ) -> Counted {
        let mut bytes = 0_u64;
        for selection in &set.items {
            let more = match &selection.node {
                Selection::Field(field) => {
                    let (field, key) = (&field.node, field.node.response_key().node.len() as u64);
                    let own = TEXT_BYTES + key + text(&field.name.node);
                    own.saturating_add(child(self, &field.name.node, &field.selection_set.node)?)
                }
                Selection::InlineFragment(fragment) => {
                    self.set(&fragment.node.selection_set.node, text, child)?
                }
                Selection::FragmentSpread(spread) => {
                    match self.document.fragments.get(&spread.node.fragment_name.node) {
                        Some(fragment) => self.set(&fragment.node.selection_set.node, text, child)?,
                        None => 0,
                    }
                }
            };
            bytes = bytes.saturating_add(more);
            if bytes > BYTES_MAX {
                return Err(TooLarge);
            }
        }
        Ok(bytes)
    }

    fn schema(&mut self, set: &'a SelectionSet) -> Counted {
        let types = self.types;
        self.set(set, &|_| 0, &mut |count, field, below| match field {
            "types" => count.all(types.all().iter().chain(meta::types().all()).map(Node::Type), below),
            "queryType" => count.named("Query", below),
            "mutationType" => count.named("Mutation", below),
            "subscriptionType" => count.named("Subscription", below),
            "directives" => Ok(DIRECTIVES_BYTES),
            _ => Ok(0),
        })
    }

    fn named(&mut self, name: &str, set: &'a SelectionSet) -> Counted {
        let known = self.types.get(name);
        // A scalar of the language has little to describe.
        known.map_or(Ok(OBJECT_BYTES + TEXT_BYTES), |definition| self.node(Node::Type(definition), set))
    }

    fn all(&mut self, nodes: impl Iterator<Item = Node<'a>>, set: &'a SelectionSet) -> Counted {
        let mut bytes = 0_u64;
        for node in nodes {
            bytes = bytes.saturating_add(self.node(node, set)?);
            if bytes > BYTES_MAX {
                return Err(TooLarge);
            }
        }
        Ok(bytes)
    }

    fn node(&mut self, node: Node<'a>, set: &'a SelectionSet) -> Counted {
        if let (Node::Reference(Type::Named(name)), false) = (node, set.items.is_empty()) {
            return self.named(name, set);
        }
        let key = (node.address(), std::ptr::from_ref(set));
        if let Some(bytes) = self.known.get(&key) {
            return Ok(*bytes);
        }
        let below = self.set(set, &|field| node.text(field), &mut |count, field, below| {
            count.below(node, field, below)
        })?;
        let bytes = below.saturating_add(OBJECT_BYTES);
        self.known.insert(key, bytes);
        match self.known.len() as u64 * OBJECT_BYTES > BYTES_MAX {
            true => Err(TooLarge),
            false => Ok(bytes),
        }
    }

    /// Returns the bytes of the objects that a field of an object has.
    fn below(&mut self, node: Node<'a>, field: &str, set: &'a SelectionSet) -> Counted {
        match (node, field) {
            (Node::Type(Definition::Object(of)), "fields") => {
                let fields = of.fields.iter();
                self.all(fields.map(|of| Node::Field(&of.name, &of.comment, &of.ty, &of.arguments)), set)
            }
            (Node::Type(Definition::Interface(of)), "fields") => {
                let fields = of.fields.iter();
                self.all(fields.map(|of| Node::Field(&of.name, &of.comment, &of.ty, &of.arguments)), set)
            }
            (Node::Type(Definition::Object(of)), "interfaces") => self.each(&of.interfaces, set),
            (Node::Type(Definition::Interface(of)), "interfaces") => self.each(&of.interfaces, set),
            (Node::Type(Definition::Interface(of)), "possibleTypes") => {
                let possible: Vec<_> = self.types.objects_of(&of.name).map(Node::Type).collect();
                self.all(possible.into_iter(), set)
            }
            (Node::Type(Definition::Enumeration(of)), "enumValues") => {
                self.all(of.values.iter().map(|(name, comment)| Node::EnumValue(name, comment)), set)
            }
            (Node::Type(Definition::Input(of)), "inputFields") => {
                self.all(of.fields.iter().map(Node::Input), set)
            }
            (Node::Reference(Type::List(inner) | Type::NonNull(inner)), "ofType") => {
                self.node(Node::Reference(inner), set)
            }
            (Node::Field(_, _, ty, _) | Node::Input(InputField { ty, .. }), "type") => {
                self.node(Node::Reference(ty), set)
            }
            (Node::Field(_, _, _, arguments), "args") => self.all(arguments.iter().map(Node::Input), set),
            _ => Ok(0),
        }
    }

    fn each(&mut self, names: &'a [String], set: &'a SelectionSet) -> Counted {
        let types = self.types;
        self.all(names.iter().filter_map(|name| types.get(name)).map(Node::Type), set)
    }
}
