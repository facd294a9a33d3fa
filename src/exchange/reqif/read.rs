//! A file to statements.

use super::catalog::Catalog;
use super::names::{Names, OBJECT};
use super::values::{self, element_literal};
use super::{REQIF, namespace, reference, terms, without};
use crate::exchange::archive;
use crate::exchange::fields::{Attributed, FieldMapping, World};
use crate::exchange::reading::Gaps;
use crate::exchange::xml::{Element, Node, parse};
use crate::model::statement::Statement;
use crate::model::visible;
use crate::ontology::terms::{adms, dcterms, rdf, rdfs, skos, tl};
use crate::ontology::{Class, Kind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oxigraph::model::vocab::xsd;
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

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

    /// States what every definition has.
    fn definition(&mut self, iri: &NamedNode, class: NamedNodeRef<'_>, element: &Element, order: usize) {
        self.state(iri, rdf::TYPE, class.into_owned());
        if let Some(identifier) = element.attribute("IDENTIFIER") {
            self.text(iri, terms::IDENTIFIER, identifier);
        }
        if let Some(name) = element.attribute("LONG-NAME").filter(|name| !name.trim().is_empty()) {
            self.text(iri, rdfs::LABEL, name);
        }
        self.order(iri, terms::ORDER, order);
        let document = self.document.clone();
        self.state(iri, terms::DOCUMENT, document);
    }

    fn datatypes(&mut self, elements: &[&Element]) -> Result<(), String> {
        for (order, element) in elements.iter().enumerate() {
            let iri = self.named("datatype", element)?;
            self.catalog.add_datatype(element);
            self.definition(&iri, terms::DATATYPE_CLASS, element, order + 1);
            self.state(&iri, terms::ELEMENT, element_literal(element));
            for (order, value) in element.children("SPECIFIED-VALUES").enumerate() {
                let own = self.named("enum", value)?;
                self.definition(&own, terms::ENUM_VALUE_CLASS, value, order + 1);
            }
        }
        Ok(())
    }

    fn types(&mut self, elements: &[&Element]) -> Result<(), String> {
        for (order, element) in elements.iter().enumerate() {
            let iri = self.named("type", element)?;
            let element = self.with_own_datatypes(element)?;
            self.catalog.add_type(&element);
            self.definition(&iri, terms::TYPE_CLASS, &element, order + 1);
            self.state(&iri, terms::ELEMENT, element_literal(&element));
            for (order, attribute) in element.children("SPEC-ATTRIBUTES").enumerate() {
                if !attribute.name.starts_with("ATTRIBUTE-DEFINITION-") {
                    self.gaps.add(
                        attribute.line,
                        format!(
                            "ReqIF defines no {} in SPEC-ATTRIBUTES; it is kept as it is",
                            attribute.name
                        ),
                    );
                    continue;
                }
                let own = self.named("attribute", attribute)?;
                self.definition(&own, terms::ATTRIBUTE_CLASS, attribute, order + 1);
            }
        }
        Ok(())
    }

    /// Names the values of enumerations that an attribute lists itself, without a datatype.
    fn with_own_datatypes(&mut self, element: &Element) -> Result<Element, String> {
        for attribute in element.children("SPEC-ATTRIBUTES") {
            for (order, value) in
                attribute.children("VALUES").enumerate().filter(|(_, value)| value.name == "ENUM-VALUE")
            {
                self.gaps
                    .add(value.line, "ENUM-VALUE is in an attribute's definition, and belongs to a datatype");
                let identifier = value.attribute("IDENTIFIER").unwrap_or_default().to_owned();
                let name = value.attribute("LONG-NAME").unwrap_or(&identifier).to_owned();
                let own = self.named("enum", value)?;
                self.definition(&own, terms::ENUM_VALUE_CLASS, value, order + 1);
                self.catalog.enum_names.insert(identifier, name);
            }
        }
        Ok(element.clone())
    }

    fn object(&mut self, element: &Element) -> Result<(), String> {
        let iri = self.named(OBJECT, element)?;
        let kind = reference(element, "TYPE");
        let known = kind.clone().filter(|kind| self.catalog.types.contains_key(kind));
        let mut shell = without(element, &["TYPE", "VALUES"]);
        match (&kind, &known) {
            (_, Some(known)) => {
                let of = self.names.of("type", known)?;
                self.state(&iri, terms::TYPE, of);
            }
            (Some(unknown), None) => {
                self.gaps.add(element.line, format!("the type \"{unknown}\" of SPEC-OBJECT is not defined"));
                shell.nodes.extend(element.child("TYPE").cloned().map(Node::Element));
            }
            (None, None) => self.gaps.add(element.line, "SPEC-OBJECT has no TYPE"),
        }
        let document = self.document.clone();
        self.state(&iri, terms::DOCUMENT, document);
        let identifier = element.attribute("IDENTIFIER").unwrap_or_default().to_owned();
        self.text(&iri, terms::IDENTIFIER, &identifier);
        let mut attributed = Attributed::default();
        for value in element.children("VALUES") {
            self.value(&iri, known.as_deref(), value, &mut attributed)?;
        }
        for definition in
            known.iter().filter_map(|kind| self.catalog.types.get(kind)).flat_map(|kind| &kind.definitions)
        {
            if let Some(default) = &definition.default {
                attributed.add(&definition.name, &self.catalog.text_of(default));
            }
        }
        self.state(&iri, terms::ELEMENT, element_literal(&shell));
        let type_name =
            known.as_ref().and_then(|kind| self.catalog.types.get(kind)).map(|kind| kind.name.clone());
        let class = self.mapping.class(type_name.as_deref().unwrap_or_default(), self.world.ontology);
        let class = class.unwrap_or_else(|fault| {
            self.gaps.add(element.line, fault);
            None
        });
        match class {
            Some(class) => self.fields(&iri, class, element, &attributed, &identifier),
            None => self.state(&iri, rdf::TYPE, terms::OBJECT_CLASS.into_owned()),
        }
        self.objects.entry(identifier).or_insert(Object { iri, class, is_placed: false });
        Ok(())
    }

    fn value(
        &mut self,
        object: &NamedNode,
        kind: Option<&str>,
        value: &Element,
        attributed: &mut Attributed,
    ) -> Result<(), String> {
        let identifier = reference(value, "DEFINITION");
        let definition = identifier.as_ref().and_then(|own| self.catalog.definition(kind, own)).cloned();
        let (Some(identifier), Some(definition)) = (identifier.clone(), definition) else {
            let name = identifier.unwrap_or_else(|| "none".to_owned());
            self.gaps.add(
                value.line,
                format!(
                    "the attribute definition \"{name}\" of {} is not there; the value is kept as it is",
                    value.name
                ),
            );
            self.state(object, terms::KEPT, element_literal(value));
            return Ok(());
        };
        attributed.add(&definition.name, &self.catalog.text_of(value));
        let predicate = self.names.of("attribute", &identifier)?;
        let terms = values::read(value, &definition, &self.names, &self.catalog);
        if super::catalog::kind(value) != definition.kind {
            let (own, kind) = (super::catalog::kind(value), &definition.kind);
            self.gaps.add(
                value.line,
                format!(
                    "the value of \"{}\" is {own}, and its definition {kind}; it is kept as it is",
                    definition.name
                ),
            );
        }
        if self
            .statements
            .iter()
            .rev()
            .take_while(|own| own.subject == *object)
            .any(|own| own.predicate == predicate)
        {
            self.gaps.add(
                value.line,
                format!("an object has two values of \"{}\"; both are kept", definition.name),
            );
        }
        for term in terms {
            self.state(object, predicate.as_ref(), term);
        }
        Ok(())
    }

    fn fields(
        &mut self,
        iri: &NamedNode,
        class: &Class,
        element: &Element,
        attributed: &Attributed,
        identifier: &str,
    ) {
        self.state(iri, rdf::TYPE, class.iri.clone());
        let (derived, gaps) = self.mapping.derive(iri, class, attributed, self.world);
        for gap in gaps {
            self.gaps.add(element.line, gap);
        }
        let has = |field: &str| derived.iter().any(|own| own.field == field);
        for (field, predicate, attribute) in
            [("title", dcterms::TITLE, "LONG-NAME"), ("description", dcterms::DESCRIPTION, "DESC")]
        {
            let text =
                element.attribute(attribute).map(str::trim).filter(|text| !text.is_empty() && !has(field));
            if let Some(text) = text {
                self.text(iri, predicate, text);
            }
        }
        self.statements.extend(derived.into_iter().map(|derived| derived.statement));
        if class.field("identifier").is_some() {
            let own = self.own_identifier(attributed, element.line, identifier);
            self.text(iri, dcterms::IDENTIFIER, &own);
            if own != identifier && visible::fault(identifier).is_none() && !identifier.is_empty() {
                let foreign = NamedNode::new_unchecked(format!("{}#reqif", iri.as_str()));
                self.state(iri, adms::IDENTIFIER, foreign.clone());
                self.state(&foreign, rdf::TYPE, adms::IDENTIFIER_CLASS.into_owned());
                self.text(&foreign, skos::NOTATION, identifier);
                let source = self.source.to_owned();
                self.text(&foreign, adms::SCHEMA_AGENCY, &source);
            }
        }
    }

    /// Chooses the identifier of an object: that which people know it by, or where it has none of its own, that of its element.
    fn own_identifier(&mut self, attributed: &Attributed, line: usize, identifier: &str) -> String {
        let chosen = self.mapping.identifier(attributed);
        if let Some(own) = chosen {
            match visible::fault(&own) {
                Some(fault) => {
                    self.gaps.add(
                        line,
                        format!(
                            "the identifier \"{}\" {fault}; that of the element is used",
                            own.escape_debug()
                        ),
                    );
                }
                None if self.taken.insert(own.clone()) => return own,
                None => self.gaps.add(
                    line,
                    format!(
                        "the identifier \"{own}\" is that of another object too; that of the element is used"
                    ),
                ),
            }
        }
        let plain = if visible::fault(identifier).is_none() {
            identifier.to_owned()
        } else {
            crate::exchange::table::derived::template::escape(identifier.trim())
        };
        let plain = format!("{}{plain}", self.mapping.prefix());
        let (mut own, mut number) = (plain.clone(), 2);
        while own.is_empty() || !self.taken.insert(own.clone()) {
            own = format!("{plain}~{number}");
            number += 1;
        }
        own
    }

    fn specification(&mut self, element: &Element, order: usize) -> Result<(), String> {
        let iri = self.named("specification", element)?;
        self.definition(&iri, terms::SPECIFICATION_CLASS, element, order);
        let mut shell = without(element, &["CHILDREN"]);
        for node in &mut shell.nodes {
            if let Node::Element(values) = node {
                values
                    .nodes
                    .retain(|own| !matches!(own, Node::Element(object) if object.name == "SPEC-OBJECT"));
            }
        }
        self.state(&iri, terms::ELEMENT, element_literal(&shell));
        if let Some(kind) = reference(element, "TYPE").filter(|kind| !self.catalog.types.contains_key(kind)) {
            self.gaps.add(element.line, format!("the type \"{kind}\" of SPECIFICATION is not defined"));
        }
        let mut above = Vec::new();
        self.places(element, &iri, None, &mut above)
    }

    fn places(
        &mut self,
        element: &Element,
        specification: &NamedNode,
        parent: Option<(&NamedNode, Option<&NamedNode>)>,
        above: &mut Vec<String>,
    ) -> Result<(), String> {
        for (order, child) in element.children("CHILDREN").enumerate() {
            if child.name != "SPEC-HIERARCHY" {
                self.keep(specification, child, element);
                continue;
            }
            let target = reference(child, "OBJECT");
            let object = target.as_ref().and_then(|target| self.objects.get_mut(target));
            let first = object.as_ref().is_some_and(|object| !object.is_placed);
            let (owner, class) = match object {
                Some(object) => {
                    object.is_placed = true;
                    (Some(object.iri.clone()), object.class)
                }
                None => (None, None),
            };
            let name = self.named("place", child)?;
            let step = name.as_str().rsplit('/').next().unwrap_or_default().to_owned();
            let base = owner.as_ref().unwrap_or(specification);
            let place = NamedNode::new_unchecked(format!("{}#place-{step}", base.as_str()));
            let left: &[&str] = if owner.is_some() { &["OBJECT", "CHILDREN"] } else { &["CHILDREN"] };
            self.state(base, terms::PLACE, place.clone());
            self.state(&place, rdf::TYPE, terms::PLACE_CLASS.into_owned());
            self.state(&place, terms::SPECIFICATION, specification.clone());
            if let Some((parent, _)) = parent {
                self.state(&place, terms::PARENT, parent.clone());
            }
            self.order(&place, terms::ORDER, order + 1);
            self.state(&place, terms::ELEMENT, element_literal(&without(child, left)));
            match (&owner, &target) {
                (Some(owner), Some(target)) => {
                    if above.contains(target) {
                        self.gaps.add(child.line, format!("the object \"{target}\" is below itself in the hierarchy; it is a section of its first place"));
                    }
                    if first && class.is_some_and(|class| class.field("order").is_some()) {
                        self.order(owner, tl::ORDER, order + 1);
                        if let Some(section) = parent.and_then(|(_, section)| section) {
                            self.state(owner, dcterms::IS_PART_OF, section.clone());
                        }
                    }
                }
                (None, Some(target)) => self
                    .gaps
                    .add(child.line, format!("the object \"{target}\" of a hierarchy is not in the file")),
                _ => self.gaps.add(child.line, "SPEC-HIERARCHY has no OBJECT"),
            }
            let is_section = class.is_some_and(|class| class.iri.as_ref() == tl::REQUIREMENT);
            let section = owner
                .as_ref()
                .filter(|_| is_section)
                .or_else(|| parent.and_then(|(_, section)| section).filter(|_| owner.is_none()));
            let section = section.cloned();
            above.push(target.unwrap_or_default());
            self.places(child, specification, Some((&place, section.as_ref())), above)?;
            above.pop();
        }
        Ok(())
    }

    fn relation(&mut self, element: &Element) -> Result<(), String> {
        let iri = self.named("relation", element)?;
        let document = self.document.clone();
        self.state(&iri, rdf::TYPE, terms::RELATION_CLASS.into_owned());
        self.state(&iri, terms::DOCUMENT, document);
        self.state(&iri, terms::ELEMENT, element_literal(element));
        let kind = reference(element, "TYPE");
        let name = kind.as_ref().and_then(|kind| self.catalog.types.get(kind)).map(|kind| kind.name.clone());
        if name.is_none() {
            let kind = kind.clone().unwrap_or_else(|| "none".to_owned());
            self.gaps.add(element.line, format!("the type \"{kind}\" of SPEC-RELATION is not defined"));
        } else if let Some(kind) = &kind {
            let of = self.names.of("type", kind)?;
            self.state(&iri, terms::TYPE, of);
        }
        let mut ends = Vec::new();
        for (end, predicate) in [("SOURCE", terms::SOURCE), ("TARGET", terms::TARGET)] {
            let target = reference(element, end);
            let object = target.as_ref().and_then(|target| self.objects.get(target));
            match object.map(|object| (object.iri.clone(), object.class)) {
                Some((object, class)) => {
                    self.state(&iri, predicate, object.clone());
                    ends.push((object, class));
                }
                None => {
                    let target = target.unwrap_or_else(|| "none".to_owned());
                    self.gaps.add(element.line, format!("the {end} \"{target}\" of a SPEC-RELATION is not in the file; the relation is kept"));
                }
            }
        }
        if let ([source, target], Some(name)) = (ends.as_slice(), name) {
            self.relate(&iri, &name, source, target, element.line);
        }
        Ok(())
    }

    /// Adds the link that a relation of a known name is.
    fn relate(&mut self, relation: &NamedNode, name: &str, source: &End<'_>, target: &End<'_>, line: usize) {
        let Some((field, reverse)) = self.mapping.relation(name) else {
            return self.gaps.add(line, format!("relations \"{name}\" are kept, and are no links: [relations] of a mapping makes them links"));
        };
        let (from, to) = if reverse { (target, source) } else { (source, target) };
        let fits = |class: &Class| {
            from.1.and_then(|own| own.field(field)).is_some_and(|field| match &field.kind {
                Kind::Link(targets) => {
                    targets.iter().any(|of| *of == class.iri || class.ancestors.contains(of))
                }
                _ => false,
            })
        };
        let predicate = from.1.and_then(|own| own.field(field)).map(|field| field.predicate.clone());
        match predicate.filter(|_| to.1.is_some_and(fits)) {
            Some(predicate) => {
                let link = Statement::new(from.0.clone(), predicate, to.0.clone());
                self.links.push((relation.clone(), line, link));
            }
            None => {
                let class = |end: &End<'_>| {
                    end.1.map_or_else(|| "an object without a class".to_owned(), |class| class.name.clone())
                };
                let message = format!(
                    "a relation \"{name}\" is no {field} from {} to {}; it is kept, and is no link",
                    class(from),
                    class(to)
                );
                self.gaps.add(line, message);
            }
        }
    }

    /// States the links, but for those that close a circle where there may be none.
    fn link(&mut self) {
        let links = std::mem::take(&mut self.links);
        let mut below: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
        for (relation, line, link) in links {
            let Statement { subject: from, predicate, object: Term::NamedNode(to) } = &link else { continue };
            let is_acyclic = self.world.ontology.acyclic().contains(predicate);
            if is_acyclic && (from == to || reaches(&below, predicate.as_str(), to.as_str(), from.as_str())) {
                let (a, b) = (from.as_str(), to.as_str());
                self.gaps.add(
                    line,
                    format!("the relation from {a} to {b} closes a circle; it is kept, and is no link"),
                );
                continue;
            }
            if is_acyclic {
                let key = (predicate.as_str().to_owned(), from.as_str().to_owned());
                below.entry(key).or_default().insert(to.as_str().to_owned());
            }
            self.state(&relation, terms::LINK, predicate.clone());
            self.statements.push(link);
        }
    }
}

/// Returns whether a path of links leads from one resource to another.
fn reaches(
    below: &BTreeMap<(String, String), BTreeSet<String>>,
    predicate: &str,
    from: &str,
    to: &str,
) -> bool {
    let (mut seen, mut open) = (HashSet::new(), vec![from.to_owned()]);
    while let Some(at) = open.pop() {
        if at == to {
            return true;
        }
        if seen.insert(at.clone()) {
            open.extend(below.get(&(predicate.to_owned(), at)).into_iter().flatten().cloned());
        }
    }
    false
}

fn terms_base() -> &'static str {
    "https://w3id.org/throughline/reqif"
}
