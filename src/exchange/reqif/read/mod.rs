//! A file to statements.

mod definition;
mod object;
mod placement;
mod relation;

use super::catalog::Catalog;
use super::names::Names;
use super::values::element_literal;
use super::{REQIF, namespace, terms, without};
use crate::exchange::archive;
use crate::exchange::fields::{FieldMapping, World};
use crate::exchange::reading::Gaps;
use crate::exchange::xml::{Element, Node, parse};
use crate::model::statement::Statement;
use crate::ontology::Class;
use crate::ontology::terms::{dcterms, rdf};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oxigraph::model::vocab::xsd;
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};
use std::collections::{HashMap, HashSet};

/// A document in an archive.
#[derive(Clone, Copy, Debug)]
pub(in crate::exchange) struct Member<'a> {
    /// Its path.
    pub(in crate::exchange) path: &'a str,
    /// Whether the archive has no other document.
    pub(in crate::exchange) is_only: bool,
}

/// Reads another file of an archive, as an attachment of what `source` exchanges.
pub(in crate::exchange) fn attachment(
    file: &archive::Member,
    source: &str,
    base: &str,
) -> Result<Vec<Statement>, String> {
    let iri = Names::new(base, source, None).of("file", &file.path)?;
    let state = |predicate: NamedNodeRef<'_>, object: Term| {
        Statement::new(iri.clone(), predicate.into_owned(), object)
    };
    let content = Literal::new_typed_literal(STANDARD.encode(&file.bytes), BASE64_BINARY);
    Ok(vec![
        state(rdf::TYPE, terms::ATTACHMENT_CLASS.into_owned().into()),
        state(terms::PATH, Literal::new_simple_literal(&file.path).into()),
        state(terms::CONTENT, content.into()),
    ])
}

const BASE64_BINARY: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://www.w3.org/2001/XMLSchema#base64Binary");

/// Reads a ReqIF file as what `source` exchanges; `member` is where it is in an archive.
pub(in crate::exchange) fn read(
    bytes: &[u8],
    source: &str,
    member: Option<Member<'_>>,
    mapping: &FieldMapping,
    world: World<'_>,
    gaps: &mut Gaps,
) -> Result<Vec<Statement>, String> {
    let mut root = parse(bytes).map_err(|error| format!("line {}: {}", error.line, error.message))?;
    match root.name.as_str() {
        "REQ-IF" => {}
        "RIF" => {
            return Err("this is RIF, the format before ReqIF; export it as ReqIF 1.0 or later".to_owned());
        }
        other => return Err(format!("the file begins with <{other}>, and ReqIF with <REQ-IF>")),
    }
    let own = root.namespace.to_string();
    if own != REQIF {
        gaps.add(root.line, format!("the namespace \"{own}\" is read as that of ReqIF 1.2, \"{REQIF}\""));
    }
    rename(&mut root, &own);
    root.strip_blanks(REQIF);
    let several = member.filter(|member| !member.is_only).map(|member| member.path);
    let names = Names::new(world.base, source, several);
    let mut reader = Reader {
        source,
        document: names.document()?,
        names,
        mapping,
        world,
        gaps,
        catalog: Catalog::default(),
        statements: Vec::new(),
        identifiers: HashMap::new(),
        objects: HashMap::new(),
        taken: HashSet::new(),
        links: Vec::new(),
    };
    reader.document(&root, member.map(|member| member.path))?;
    Ok(reader.statements)
}

/// Puts the elements of one namespace into that of the standard, without a prefix.
fn rename(element: &mut Element, own: &str) {
    if &*element.namespace == own {
        element.namespace = namespace();
        element.prefix.clear();
    }
    for node in &mut element.nodes {
        if let Node::Element(child) = node {
            rename(child, own);
        }
    }
}

/// The elements that have a place of their own in a document.
#[derive(Default)]
struct Sections<'a> {
    datatypes: Vec<&'a Element>,
    types: Vec<&'a Element>,
    objects: Vec<&'a Element>,
    relations: Vec<&'a Element>,
    specifications: Vec<&'a Element>,
    groups: Vec<&'a Element>,
}

/// An object that has been read.
struct Object<'a> {
    iri: NamedNode,
    class: Option<&'a Class>,
    is_placed: bool,
}

/// An end of a relation.
type End<'a> = (NamedNode, Option<&'a Class>);

struct Reader<'a, 'g> {
    source: &'a str,
    document: NamedNode,
    names: Names<'a>,
    mapping: &'a FieldMapping,
    world: World<'a>,
    gaps: &'g mut Gaps,
    catalog: Catalog,
    statements: Vec<Statement>,
    /// The identifiers that elements have, with the line of the first.
    identifiers: HashMap<String, usize>,
    objects: HashMap<String, Object<'a>>,
    /// Our identifiers that objects have.
    taken: HashSet<String>,
    /// Links of relations: the relation, its line, and the link.
    links: Vec<(NamedNode, usize, Statement)>,
}

impl Reader<'_, '_> {
    fn state(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, object: impl Into<Term>) {
        self.statements.push(Statement::new(subject.clone(), predicate.into_owned(), object));
    }

    fn text(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, text: &str) {
        self.state(subject, predicate, Literal::new_simple_literal(text));
    }

    fn order(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, order: usize) {
        self.state(subject, predicate, Literal::new_typed_literal(order.to_string(), xsd::INTEGER));
    }

    fn document(&mut self, root: &Element, member: Option<&str>) -> Result<(), String> {
        let document = self.document.clone();
        self.state(&document, rdf::TYPE, terms::DOCUMENT_CLASS.into_owned());
        let header = root.child("THE-HEADER").and_then(|header| header.elements().next());
        match header {
            Some(header) => {
                let title = header.child("TITLE").map(Element::text);
                let title = title.or_else(|| header.attribute("TITLE").map(str::to_owned));
                if let Some(title) = title.filter(|title| !title.trim().is_empty()) {
                    self.text(&document, dcterms::TITLE, &title);
                }
                let mut kept = without(header, &["CREATION-TIME", "REQ-IF-TOOL-ID", "REQ-IF-VERSION"]);
                let single = ["IDENTIFIER", "CREATION-TIME", "REQ-IF-TOOL-ID", "REQ-IF-VERSION"];
                kept.attributes.retain(|attribute| !single.contains(&attribute.name.as_str()));
                self.state(&document, terms::HEADER, element_literal(&kept));
            }
            None => self.gaps.add(root.line, "the file has no header (THE-HEADER)"),
        }
        if !self.mapping.text().is_empty() {
            self.text(&document, terms::MAPPING, self.mapping.text());
        }
        if let Some(path) = member {
            self.text(&document, terms::PATH, path);
        }
        for attribute in root.attributes.iter().filter(|attribute| attribute.prefix == "xml") {
            if let Ok(predicate) = NamedNode::new(format!("{}#{}", terms_base(), attribute.name)) {
                self.text(&document, predicate.as_ref(), &attribute.value);
            }
        }
        for element in root.elements() {
            match element.name.as_str() {
                "THE-HEADER" | "CORE-CONTENT" => {}
                "TOOL-EXTENSIONS" if element.nodes.is_empty() => {}
                "TOOL-EXTENSIONS" => self.state(&document, terms::TOOL_EXTENSIONS, element_literal(element)),
                _ => self.keep(&document, element, root),
            }
        }
        let mut sections = Sections::default();
        let Some(core) = root.child("CORE-CONTENT") else {
            self.gaps.add(root.line, "the file has no content (CORE-CONTENT)");
            return Ok(());
        };
        for element in core.elements() {
            match element.name.as_str() {
                "REQ-IF-CONTENT" => {
                    element.elements().for_each(|section| self.section(section, element, &mut sections));
                }
                _ => {
                    self.gaps.add(core.line, "sections are directly in CORE-CONTENT, not in REQ-IF-CONTENT");
                    self.section(element, core, &mut sections);
                }
            }
        }
        self.datatypes(&sections.datatypes)?;
        self.types(&sections.types)?;
        for element in &sections.objects {
            self.object(element)?;
        }
        for (order, element) in sections.specifications.iter().enumerate() {
            self.specification(element, order + 1)?;
        }
        for element in &sections.relations {
            self.relation(element)?;
        }
        self.link();
        for (order, element) in sections.groups.iter().enumerate() {
            let iri = self.named("group", element)?;
            self.definition(&iri, terms::GROUP_CLASS, element, order + 1);
            self.state(&iri, terms::ELEMENT, element_literal(element));
        }
        Ok(())
    }

    /// Keeps an element that ReqIF does not define where it is.
    fn keep(&mut self, subject: &NamedNode, element: &Element, within: &Element) {
        self.gaps.add(
            element.line,
            format!("ReqIF defines no {} in {}; it is kept as it is", element.name, within.name),
        );
        self.state(subject, terms::KEPT, element_literal(element));
    }

    fn section<'e>(&mut self, section: &'e Element, within: &Element, found: &mut Sections<'e>) {
        let expected = match section.name.as_str() {
            "DATATYPES" => "datatypes",
            "SPEC-TYPES" => "types",
            "SPEC-OBJECTS" => "objects",
            "SPEC-RELATIONS" => "relations",
            "SPECIFICATIONS" => "specifications",
            "SPEC-RELATION-GROUPS" => "groups",
            _ => {
                let document = self.document.clone();
                return self.keep(&document, section, within);
            }
        };
        for element in section.elements() {
            let name = element.name.as_str();
            let (kind, list) = match name {
                _ if name.starts_with("DATATYPE-DEFINITION-") => ("datatypes", &mut found.datatypes),
                "SPEC-OBJECT-TYPE" | "SPEC-RELATION-TYPE" | "SPECIFICATION-TYPE" | "RELATION-GROUP-TYPE" => {
                    ("types", &mut found.types)
                }
                "SPEC-OBJECT" => ("objects", &mut found.objects),
                "SPEC-RELATION" => ("relations", &mut found.relations),
                "SPECIFICATION" => ("specifications", &mut found.specifications),
                "RELATION-GROUP" => ("groups", &mut found.groups),
                _ => {
                    let document = self.document.clone();
                    self.keep(&document, element, section);
                    continue;
                }
            };
            if kind != expected {
                self.gaps.add(
                    element.line,
                    format!("{name} is in {}, and is read as if it were in its own section", section.name),
                );
            }
            list.push(element);
            if name == "SPECIFICATION" {
                for object in element.children("VALUES").filter(|object| object.name == "SPEC-OBJECT") {
                    self.gaps.add(
                        object.line,
                        "SPEC-OBJECT is in a SPECIFICATION, and is read as if it were in SPEC-OBJECTS",
                    );
                    found.objects.push(object);
                }
            }
        }
    }

    /// Returns the name of an element by its identifier; the second of one kind with an identifier gets another name.
    fn named(&mut self, kind: &str, element: &Element) -> Result<NamedNode, String> {
        let identifier = match element.attribute("IDENTIFIER") {
            Some(identifier) if !identifier.trim().is_empty() => identifier.to_owned(),
            _ => {
                let made = format!("{}-{}", element.name.to_lowercase(), self.identifiers.len() + 1);
                self.gaps
                    .add(element.line, format!("{} has no IDENTIFIER, and is called {made}", element.name));
                made
            }
        };
        let mut name = identifier.clone();
        if let Some(first) = self.identifiers.get(&identifier) {
            let (line, mut number) = (*first, 2);
            while self.identifiers.contains_key(&format!("{kind} {name}")) {
                name = format!("{identifier}~{number}");
                number += 1;
            }
            let kept =
                if name == identifier { String::new() } else { format!("; the second is kept as {name}") };
            let message = format!(
                "the identifier \"{identifier}\" of {} is also that of the element in line {line}{kept}",
                element.name
            );
            self.gaps.add(element.line, message);
        } else {
            self.identifiers.insert(identifier.clone(), element.line);
        }
        self.identifiers.insert(format!("{kind} {name}"), element.line);
        self.names.of(kind, &name)
    }
}

fn terms_base() -> &'static str {
    "https://w3id.org/throughline/reqif"
}
