//! The datatypes and types of a document: what its attributes are called, and what their values mean.

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

/// The elements of XHTML that begin on a line of their own.
const BLOCKS: &[&str] = &[
    "address",
    "blockquote",
    "caption",
    "dd",
    "div",
    "dl",
    "dt",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "tr",
    "ul",
];

/// Returns the text of XHTML: blanks as a browser shows them, a line for each block and row, a tab between cells.
pub(super) fn plain(xhtml: &Element) -> String {
    let mut text = String::new();
    flatten(xhtml, false, &mut text);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut kept: Vec<&str> = lines;
    kept.dedup_by(|a, b| a.is_empty() && b.is_empty());
    kept.join("\n").trim().to_owned()
}

fn flatten(element: &Element, is_preformatted: bool, text: &mut String) {
    use crate::exchange::xml::Node;
    let name = element.name.to_lowercase();
    let is_block = BLOCKS.contains(&name.as_str());
    let new_line = |text: &mut String| {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
    };
    match name.as_str() {
        "br" => text.push('\n'),
        "td" | "th" if !text.is_empty() && !text.ends_with('\n') => text.push('\t'),
        _ if is_block => new_line(text),
        _ => {}
    }
    if name == "li" {
        text.push_str("- ");
    }
    let is_preformatted = is_preformatted || name == "pre";
    for node in &element.nodes {
        match node {
            Node::Element(child) => flatten(child, is_preformatted, text),
            Node::Text(own) if is_preformatted => text.push_str(own),
            Node::Text(own) => {
                let begins_blank = own.starts_with([' ', '\n', '\t', '\r']);
                if begins_blank && !text.is_empty() && !text.ends_with([' ', '\n', '\t']) {
                    text.push(' ');
                }
                let words: Vec<&str> =
                    own.split([' ', '\n', '\t', '\r']).filter(|word| !word.is_empty()).collect();
                text.push_str(&words.join(" "));
                if !words.is_empty() && own.ends_with([' ', '\n', '\t', '\r']) {
                    text.push(' ');
                }
            }
            Node::Comment(_) => {}
        }
    }
    if is_block {
        new_line(text);
    }
}

/// Reads an element that a literal of the graph is.
pub(super) fn element_of(literal: &str) -> Option<Element> {
    let wrapped = format!("<x xmlns=\"{REQIF}\">{literal}</x>");
    let root = parse(wrapped.as_bytes()).ok()?;
    let mut elements = root.elements();
    elements.next().cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xhtml_becomes_the_text_that_a_browser_shows() {
        let check = |inner: &str, expect: &str| {
            let text = format!("<h:div xmlns:h='http://www.w3.org/1999/xhtml'>{inner}</h:div>");
            assert_eq!(plain(&parse(text.as_bytes()).expect("xhtml")), expect, "{inner}");
        };
        check(" The <h:b>limit</h:b> is\n  85 °C. ", "The limit is 85 °C.");
        check("a<h:br/>b<h:p>c</h:p><h:p/>d", "a\nb\nc\nd");
        check("<h:ul><h:li>one</h:li><h:li>two</h:li></h:ul>", "- one\n- two");
        check(
            "<h:table><h:tr><h:td>a</h:td><h:td>b</h:td></h:tr><h:tr><h:td>c</h:td></h:tr></h:table>",
            "a\tb\nc",
        );
        check("<h:pre>x\n  y</h:pre>", "x\ny");
        check("<h:object data='x.png'>a picture</h:object>", "a picture");
    }
}
