//! ReqIF 1.2 to statements and back.
//!
//! A SPEC-OBJECT is a requirement (or of the class that the mapping names for its type): its identifier, title, text and status are
//! fields of ours, its place in the first hierarchy is its section, and relations of known kinds are links. Everything of the file is kept
//! beside that in a vocabulary of its own, so that an export gives it back: each attribute is a predicate with the value as the tool
//! wrote it, and definitions, places and relations are resources with the element that they are. Where a field was changed here, the
//! export writes the new value into the attribute that the field came from.
//!
//! What names the single file and not its content (the header's identifier, its time, the tool that wrote it) is not kept: an export
//! states its own. Draft namespaces of ReqIF are read as that of the standard.

mod catalog;
mod document;
mod generate;
mod graph;
mod hierarchy;
mod names;
mod read;
mod terms;
mod values;
mod write;
mod xhtml;

pub use document::{Export, Exported};
pub(in crate::exchange) use read::{Member, attachment, read};

use super::xml::{Element, Node};
use oxigraph::model::NamedNodeRef;
use std::sync::Arc;

/// The class of documents: what one file of a source exchanges.
pub const DOCUMENT_CLASS: NamedNodeRef<'static> = terms::DOCUMENT_CLASS;
/// The class of other files of an archive.
pub const ATTACHMENT_CLASS: NamedNodeRef<'static> = terms::ATTACHMENT_CLASS;
/// The link from what belongs to a document to that document.
pub const DOCUMENT: NamedNodeRef<'static> = terms::DOCUMENT;

/// The namespace of ReqIF 1.0 to 1.2.
const REQIF: &str = "http://www.omg.org/spec/ReqIF/20110401/reqif.xsd";
const XHTML: &str = "http://www.w3.org/1999/xhtml";

/// Returns the name of a source's document, which the names of all that belongs to it begin with.
pub fn document_name(base: &str, source: &str) -> String {
    format!("{base}reqif/{}", super::table::derived::template::escape(source))
}

fn namespace() -> Arc<str> {
    REQIF.into()
}

/// Returns the identifier that an element refers to: by an element of a name, by the text of that element or by an attribute.
fn reference(element: &Element, name: &str) -> Option<String> {
    let text = match element.child(name) {
        Some(child) => child.text(),
        None => element.attribute(name)?.to_owned(),
    };
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Returns the one element that is the value of an XHTML attribute.
fn attribute_value(value: &Element) -> Option<&Element> {
    value.child("THE-VALUE")?.elements().next()
}

/// Returns an element without some of its children.
fn without(element: &Element, names: &[&str]) -> Element {
    let is_left =
        |node: &&Node| !matches!(node, Node::Element(child) if names.contains(&child.name.as_str()));
    let nodes = element.nodes.iter().filter(is_left).cloned().collect();
    Element {
        attributes: element.attributes.clone(),
        nodes,
        ..Element::new(&element.name, &element.namespace)
    }
}

/// Makes an element that refers to another one.
fn referring(name: &str, by: &str, identifier: &str) -> Element {
    let mut target = Element::new(by, &namespace());
    target.nodes.push(Node::Text(identifier.to_owned()));
    Element::new(name, &namespace()).holding(target)
}
