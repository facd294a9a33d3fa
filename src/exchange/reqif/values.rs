//! The value of an attribute as terms of the graph, and back.

use super::catalog::{Catalog, Definition, element_of, enum_references, kind};
use super::names::Names;
use super::{attribute_value, namespace, terms};
use crate::exchange::xml::{Element, Node, Scope, self_contained, write};
use crate::model::statement::literal::canonical;
use oxigraph::model::vocab::xsd;
use oxigraph::model::{Literal, NamedNodeRef, Term};

const XML_LITERAL: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral");

/// Writes an element as a literal.
pub(super) fn element_literal(element: &Element) -> Term {
    let (mut scope, mut text) = (Scope::default(), String::new());
    scope.bind("", &namespace());
    write(element, &mut scope, None, &mut text);
    Literal::new_typed_literal(text, terms::XML).into()
}

/// Reads an ATTRIBUTE-VALUE of a definition: a plain value, or all of the element where it has more than one.
pub(super) fn read(
    value: &Element,
    definition: &Definition,
    names: &Names<'_>,
    catalog: &Catalog,
) -> Vec<Term> {
    let whole = || vec![element_literal(value)];
    if kind(value) != definition.kind {
        return whole();
    }
    let only = |names: &[&str]| {
        value
            .nodes
            .iter()
            .all(|node| matches!(node, Node::Element(child) if names.contains(&child.name.as_str())))
    };
    match definition.kind.as_str() {
        "XHTML" => match attribute_value(value) {
            Some(content)
                if value.attributes.is_empty() && only(&["DEFINITION", "THE-VALUE"]) && is_alone(value) =>
            {
                vec![Literal::new_typed_literal(self_contained(content), XML_LITERAL).into()]
            }
            _ => whole(),
        },
        "ENUMERATION" => {
            let references = enum_references(value);
            let known = references.iter().all(|own| catalog.enum_names.contains_key(own));
            let iris = references.iter().map(|own| names.of("enum", own).map(Term::from));
            match iris.collect::<Result<Vec<_>, _>>() {
                Ok(iris) if known && !iris.is_empty() && only(&["DEFINITION", "VALUES"]) => iris,
                _ => whole(),
            }
        }
        "STRING" | "INTEGER" | "REAL" | "BOOLEAN" | "DATE" => match value.attribute("THE-VALUE") {
            Some(text) if plain_attributes(value) && only(&["DEFINITION"]) => {
                vec![typed(text, &definition.kind)]
            }
            _ => whole(),
        },
        _ => whole(),
    }
}

fn plain_attributes(value: &Element) -> bool {
    let known = |name: &str| matches!(name, "THE-VALUE" | "DEFINITION");
    value.attributes.iter().all(|attribute| attribute.prefix.is_empty() && known(&attribute.name))
}

/// Returns whether nothing but blanks is beside the content of a THE-VALUE.
fn is_alone(value: &Element) -> bool {
    let Some(content) = value.child("THE-VALUE") else { return false };
    let is_blank = |node: &Node| matches!(node, Node::Text(text) if text.trim().is_empty());
    content.attributes.is_empty()
        && content.elements().count() == 1
        && content.nodes.iter().all(|node| matches!(node, Node::Element(_)) || is_blank(node))
}

/// Types a value where its text is the canonical one; another text stays a string, so that it comes back as it was.
fn typed(text: &str, kind: &str) -> Term {
    let datatype = match kind {
        "INTEGER" => xsd::INTEGER,
        "REAL" => xsd::DECIMAL,
        "BOOLEAN" => xsd::BOOLEAN,
        "DATE" => xsd::DATE_TIME,
        _ => xsd::STRING,
    };
    let term = Term::from(Literal::new_typed_literal(text, datatype));
    let fault = match &term {
        Term::Literal(literal) => crate::model::statement::literal::fault(literal),
        _ => None,
    };
    if fault.is_none() && canonical(term.clone()) == term {
        term
    } else {
        Literal::new_simple_literal(text).into()
    }
}

/// Writes the terms of an attribute as ATTRIBUTE-VALUE elements.
pub(super) fn write_terms(
    terms_: &[Term],
    definition: &Definition,
    enum_identifier: &dyn Fn(&Term) -> Option<String>,
) -> Vec<Element> {
    let mut values = Vec::new();
    let mut references = Vec::new();
    for term in terms_ {
        match term {
            Term::NamedNode(_) => references.extend(enum_identifier(term)),
            Term::Literal(literal) if literal.datatype() == terms::XML => {
                values.extend(element_of(literal.value()));
            }
            Term::Literal(literal) if literal.datatype() == XML_LITERAL => {
                values.extend(element_of(literal.value()).map(|content| xhtml(definition, content)));
            }
            Term::Literal(literal) => values.push(simple(definition, literal.value())),
            _ => {}
        }
    }
    if !references.is_empty() {
        values.push(enumeration(definition, &references));
    }
    values
}

fn begin(definition: &Definition) -> Element {
    let of = namespace();
    let name = format!("ATTRIBUTE-DEFINITION-{}-REF", definition.kind);
    let mut target = Element::new(&name, &of);
    target.nodes.push(Node::Text(definition.identifier.clone()));
    Element::new(&format!("ATTRIBUTE-VALUE-{}", definition.kind), &of)
        .holding(Element::new("DEFINITION", &of).holding(target))
}

/// Makes a value that is one text.
pub(super) fn simple(definition: &Definition, text: &str) -> Element {
    begin(definition).with("THE-VALUE", text)
}

/// Makes a value that is XHTML.
pub(super) fn xhtml(definition: &Definition, content: Element) -> Element {
    begin(definition).holding(Element::new("THE-VALUE", &namespace()).holding(content))
}

/// Makes a value that is some of an enumeration's.
pub(super) fn enumeration(definition: &Definition, identifiers: &[String]) -> Element {
    let of = namespace();
    let mut values = Element::new("VALUES", &of);
    for identifier in identifiers {
        let mut reference = Element::new("ENUM-VALUE-REF", &of);
        reference.nodes.push(Node::Text(identifier.clone()));
        values.nodes.push(Node::Element(reference));
    }
    begin(definition).holding(values)
}
