//! The datatypes and types of a document: what its attributes are called, and what their values mean.

use super::xhtml::plain;
use super::{REQIF, attribute_value, reference};
use crate::exchange::xml::{Element, parse};
use std::collections::HashMap;

/// What a document defines.
#[derive(Clone, Debug, Default)]
pub(super) struct Catalog {
    /// By identifier.
    pub(super) types: HashMap<String, Type>,
    /// The names of the values of enumerations, by identifier.
    pub(super) enum_names: HashMap<String, String>,
    /// The identifiers of the values of a datatype, by the datatype's.
    pub(super) enum_values: HashMap<String, Vec<String>>,
}

/// A type of objects, relations or specifications.
#[derive(Clone, Debug, Default)]
pub(super) struct Type {
    pub(super) name: String,
    pub(super) definitions: Vec<Definition>,
}

/// The definition of an attribute.
#[derive(Clone, Debug)]
pub(super) struct Definition {
    pub(super) identifier: String,
    pub(super) name: String,
    /// The kind of its values: `STRING`, `XHTML`, `ENUMERATION`, …
    pub(super) kind: String,
    pub(super) datatype: Option<String>,
    pub(super) default: Option<Element>,
}

impl Catalog {
    /// Takes in a DATATYPE-DEFINITION.
    pub(super) fn add_datatype(&mut self, element: &Element) {
        let Some(identifier) = element.attribute("IDENTIFIER") else { return };
        for value in element.children("SPECIFIED-VALUES") {
            if let Some(own) = value.attribute("IDENTIFIER") {
                let name = value.attribute("LONG-NAME").unwrap_or(own);
                self.enum_names.entry(own.to_owned()).or_insert_with(|| name.to_owned());
                self.enum_values.entry(identifier.to_owned()).or_default().push(own.to_owned());
            }
        }
    }

    /// Takes in a type; the first of an identifier counts.
    pub(super) fn add_type(&mut self, element: &Element) {
        let Some(identifier) = element.attribute("IDENTIFIER") else { return };
        let name = element.attribute("LONG-NAME").unwrap_or(identifier).to_owned();
        let definitions = element.children("SPEC-ATTRIBUTES").filter_map(definition).collect();
        self.types.entry(identifier.to_owned()).or_insert(Type { name, definitions });
    }

    /// Returns the definition of an attribute, that of a type first.
    pub(super) fn definition(&self, of_type: Option<&str>, identifier: &str) -> Option<&Definition> {
        let is = |definition: &&Definition| definition.identifier == identifier;
        let own = of_type.and_then(|own| self.types.get(own));
        own.and_then(|own| own.definitions.iter().find(is))
            .or_else(|| self.types.values().flat_map(|own| &own.definitions).find(is))
    }

    /// Returns the text of an ATTRIBUTE-VALUE as a person reads it.
    pub(super) fn text_of(&self, value: &Element) -> String {
        match kind(value) {
            "XHTML" => attribute_value(value).map(plain).unwrap_or_default(),
            "ENUMERATION" => {
                let names = enum_references(value).into_iter().map(|own| {
                    let name = self.enum_names.get(&own).cloned();
                    name.unwrap_or(own)
                });
                names.collect::<Vec<_>>().join(", ")
            }
            _ => value.attribute("THE-VALUE").map_or_else(
                || value.child("THE-VALUE").map(Element::text).unwrap_or_default(),
                str::to_owned,
            ),
        }
    }
}

fn definition(element: &Element) -> Option<Definition> {
    let kind = element.name.strip_prefix("ATTRIBUTE-DEFINITION-")?.to_owned();
    let identifier = element.attribute("IDENTIFIER")?.to_owned();
    let name = element.attribute("LONG-NAME").unwrap_or(&identifier).to_owned();
    let default = element.child("DEFAULT-VALUE").and_then(|default| default.elements().next()).cloned();
    Some(Definition { name, kind, datatype: reference(element, "TYPE"), default, identifier })
}

/// Returns the kind of an ATTRIBUTE-VALUE.
pub(super) fn kind(value: &Element) -> &str {
    value.name.strip_prefix("ATTRIBUTE-VALUE-").unwrap_or(&value.name)
}

/// Returns the identifiers of the values that an enumeration has.
pub(super) fn enum_references(value: &Element) -> Vec<String> {
    let listed: Vec<String> = value.children("VALUES").map(|own| own.text().trim().to_owned()).collect();
    match value.attribute("THE-VALUE") {
        Some(own) if listed.is_empty() => vec![own.to_owned()],
        _ => listed,
    }
}

/// Reads an element that a literal of the graph is.
pub(super) fn element_of(literal: &str) -> Option<Element> {
    let wrapped = format!("<x xmlns=\"{REQIF}\">{literal}</x>");
    let root = parse(wrapped.as_bytes()).ok()?;
    let mut elements = root.elements();
    elements.next().cloned()
}
