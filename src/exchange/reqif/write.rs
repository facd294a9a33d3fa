//! A document of the graph to a file.

use super::catalog::{Catalog, Definition, element_of};
use super::graph::{Graph, View};
use super::hierarchy::Hierarchy;
use super::values::{enumeration, simple, write_terms, xhtml};
use super::{REQIF, XHTML, namespace, referring, terms};
use crate::exchange::fields::{Attributed, Derived, FieldMapping, Place, World, folded};
use crate::exchange::xml::{Element, Node, Scope, escape_attribute, write};
use crate::model::statement::Statement;
use crate::ontology::Class;
use crate::ontology::terms::{dcterms, rdf, tl};
use oxigraph::model::{NamedNode, Term};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

/// What tools are named that write the file.
const TOOL: &str = "Throughline";

pub(super) struct Writer<'a> {
    pub(super) graph: &'a Graph<'a>,
    pub(super) document: &'a NamedNode,
    pub(super) mapping: &'a FieldMapping,
    pub(super) world: World<'a>,
    pub(super) commit: &'a str,
    pub(super) at: &'a str,
}

/// What a document defines, with the names that its resources have.
pub(super) struct Defined {
    pub(super) catalog: Catalog,
    datatypes: Vec<Element>,
    types: Vec<Element>,
    /// The identifier of each attribute's definition, by its predicate.
    identifiers: BTreeMap<NamedNode, String>,
    enums: BTreeMap<NamedNode, String>,
}

impl Writer<'_> {
    /// Writes the document as the version has it.
    pub(super) fn write(&self, notices: &mut Vec<String>) -> Result<String, String> {
        let mut defined = self.defined();
        let members = self.graph.with(terms::DOCUMENT, &Term::from(self.document.clone()));
        let objects: Vec<NamedNode> = members.iter().filter(|own| self.is_object(own)).cloned().collect();
        let authored = self.authored(&objects);
        let hierarchy = Hierarchy::of(self.view(), &members, &objects, &authored, notices);
        let section = |name: &str, elements: Vec<Element>| {
            let nodes = elements.into_iter().map(Node::Element).collect();
            Element { nodes, ..Element::new(name, &namespace()) }
        };
        let mut ordered = hierarchy.objects();
        let listed: BTreeSet<&NamedNode> = ordered.iter().copied().collect();
        let unplaced: Vec<&NamedNode> = objects.iter().filter(|own| !listed.contains(own)).collect();
        ordered.extend(unplaced);
        let spec_objects: Vec<Element> =
            ordered.iter().filter_map(|own| self.object(own, &authored, &defined, notices)).collect();
        let relations = self.relations(&members, &ordered, &mut defined, notices);
        let groups = self.elements(&members, &["RELATION-GROUP"]);
        let mut content = Element::new("REQ-IF-CONTENT", &namespace())
            .holding(section("DATATYPES", defined.datatypes))
            .holding(section("SPEC-TYPES", defined.types))
            .holding(section("SPEC-OBJECTS", spec_objects))
            .holding(section("SPEC-RELATIONS", relations))
            .holding(section("SPECIFICATIONS", hierarchy.write(self.view())))
            .holding(section("SPEC-RELATION-GROUPS", groups));
        content.nodes.retain(|node| !matches!(node, Node::Element(element) if element.nodes.is_empty()));
        content.nodes.extend(self.kept(self.document).into_iter().map(Node::Element));
        let extensions = self.graph.text(self.document, terms::TOOL_EXTENSIONS).and_then(element_of);
        let header = self.graph.text(self.document, terms::HEADER).and_then(element_of);
        let mut root = Element::new("REQ-IF", &namespace())
            .holding(Element::new("THE-HEADER", &namespace()).holding(header_of(
                header,
                self.commit,
                self.at,
            )))
            .holding(Element::new("CORE-CONTENT", &namespace()).holding(content));
        root.nodes.extend(extensions.map(Node::Element));
        Ok(file(&root))
    }

    fn is_object(&self, member: &NamedNode) -> bool {
        self.graph.text(member, terms::ELEMENT).is_some_and(|text| text.starts_with("<SPEC-OBJECT"))
            && !self
                .graph
                .text(member, terms::ELEMENT)
                .is_some_and(|text| text.starts_with("<SPEC-OBJECT-TYPE"))
    }

    /// Returns what is kept of elements that ReqIF does not define.
    fn kept(&self, subject: &NamedNode) -> Vec<Element> {
        self.graph
            .values(subject, terms::KEPT)
            .filter_map(|term| match term {
                Term::Literal(literal) => element_of(literal.value()),
                _ => None,
            })
            .collect()
    }

    /// Returns the elements of members, in the order of the file.
    fn elements(&self, members: &[NamedNode], names: &[&str]) -> Vec<Element> {
        let mut found: Vec<(usize, Element)> = members
            .iter()
            .filter_map(|own| {
                Some((self.view().order(own), self.graph.text(own, terms::ELEMENT).and_then(element_of)?))
            })
            .filter(|(_, element)| names.iter().any(|name| element.name.starts_with(name)))
            .collect();
        found.sort_by_key(|(order, _)| *order);
        found.into_iter().map(|(_, element)| element).collect()
    }

    fn defined(&self) -> Defined {
        let members = self.graph.with(terms::DOCUMENT, &Term::from(self.document.clone()));
        let datatypes = self.elements(&members, &["DATATYPE-DEFINITION-"]);
        let kinds = ["SPEC-OBJECT-TYPE", "SPEC-RELATION-TYPE", "SPECIFICATION-TYPE", "RELATION-GROUP-TYPE"];
        let types = self.elements(&members, &kinds);
        let mut catalog = Catalog::default();
        datatypes.iter().for_each(|element| catalog.add_datatype(element));
        types.iter().for_each(|element| catalog.add_type(element));
        let (mut identifiers, mut enums) = (BTreeMap::new(), BTreeMap::new());
        for own in &members {
            let Some(identifier) = self.graph.text(own, terms::IDENTIFIER) else { continue };
            match self.graph.target(own, rdf::TYPE).map(NamedNode::as_ref) {
                Some(terms::ATTRIBUTE_CLASS) => _ = identifiers.insert(own.clone(), identifier.to_owned()),
                Some(terms::ENUM_VALUE_CLASS) => _ = enums.insert(own.clone(), identifier.to_owned()),
                _ => {}
            }
        }
        Defined { catalog, datatypes, types, identifiers, enums }
    }

    /// Returns the resources made here that belong to a section of the document, with the type of the object above them.
    fn authored(&self, objects: &[NamedNode]) -> BTreeMap<NamedNode, Option<NamedNode>> {
        let mut types: BTreeMap<NamedNode, Option<NamedNode>> =
            objects.iter().map(|own| (own.clone(), self.graph.target(own, terms::TYPE).cloned())).collect();
        let known: BTreeSet<NamedNode> = objects.iter().cloned().collect();
        let requirements = self.graph.instances(tl::REQUIREMENT);
        loop {
            let before = types.len();
            for own in &requirements {
                let above =
                    self.graph.target(own, dcterms::IS_PART_OF).and_then(|above| types.get(above)).cloned();
                if let Some(of) = above
                    .filter(|_| !types.contains_key(own) && self.graph.target(own, terms::DOCUMENT).is_none())
                {
                    types.insert(own.clone(), of);
                }
            }
            if types.len() == before {
                types.retain(|own, _| !known.contains(own));
                return types;
            }
        }
    }

    fn view(&self) -> View<'_> {
        View { graph: self.graph, base: self.world.base, at: self.at }
    }

    fn object(
        &self,
        object: &NamedNode,
        authored: &BTreeMap<NamedNode, Option<NamedNode>>,
        defined: &Defined,
        notices: &mut Vec<String>,
    ) -> Option<Element> {
        let shell = self.graph.text(object, terms::ELEMENT).and_then(element_of);
        let mut shell = match shell {
            Some(shell) => shell,
            None => Element::new("SPEC-OBJECT", &namespace())
                .with("IDENTIFIER", &self.view().identifier(object))
                .with("LAST-CHANGE", self.at),
        };
        let of = authored
            .get(object)
            .cloned()
            .flatten()
            .or_else(|| self.graph.target(object, terms::TYPE).cloned());
        let kind = of.and_then(|of| self.graph.text(&of, terms::IDENTIFIER)).map(str::to_owned);
        let mut values = self.values(object, kind.as_deref(), defined);
        self.write_back(object, kind.as_deref(), defined, &mut shell, &mut values, notices);
        let mut list = Element::new("VALUES", &namespace());
        list.nodes =
            values.into_iter().flat_map(|(_, own)| own).chain(self.kept(object)).map(Node::Element).collect();
        if !list.nodes.is_empty() {
            shell.nodes.push(Node::Element(list));
        }
        if let Some(kind) = kind {
            shell.nodes.push(Node::Element(referring("TYPE", "SPEC-OBJECT-TYPE-REF", &kind)));
        }
        Some(shell)
    }

    /// Returns the values of an object as the tool wrote them, in the order of its type's definitions.
    fn values(
        &self,
        object: &NamedNode,
        kind: Option<&str>,
        defined: &Defined,
    ) -> Vec<(Definition, Vec<Element>)> {
        let mut by_attribute: BTreeMap<&str, Vec<Term>> = BTreeMap::new();
        for statement in self.graph.about(object) {
            if let Some(identifier) = defined.identifiers.get(&statement.predicate) {
                by_attribute.entry(identifier).or_default().push(statement.object.clone());
            }
        }
        let own = kind.and_then(|kind| defined.catalog.types.get(kind));
        let mut definitions: Vec<Definition> = own.map(|own| own.definitions.clone()).unwrap_or_default();
        for identifier in by_attribute.keys() {
            if !definitions.iter().any(|own| own.identifier == *identifier) {
                definitions.extend(defined.catalog.definition(None, identifier).cloned());
            }
        }
        let values = definitions.into_iter().map(|definition| {
            let terms = by_attribute.get(definition.identifier.as_str()).cloned().unwrap_or_default();
            let order = definition.datatype.as_ref().and_then(|own| defined.catalog.enum_values.get(own));
            let mut elements = write_terms(&terms, &definition, &|term| match term {
                Term::NamedNode(iri) => defined.enums.get(iri).cloned(),
                _ => None,
            });
            if let (Some(order), [only]) = (order, elements.as_mut_slice()) {
                sort_enumeration(only, order);
            }
            (definition, elements)
        });
        values.collect()
    }

    /// Writes the fields that were changed here into the attributes that they came from.
    fn write_back(
        &self,
        object: &NamedNode,
        kind: Option<&str>,
        defined: &Defined,
        shell: &mut Element,
        values: &mut [(Definition, Vec<Element>)],
        notices: &mut Vec<String>,
    ) {
        let Some(class) = self.class(object) else { return };
        let mut attributed = Attributed::default();
        for (definition, elements) in values.iter() {
            for element in elements {
                attributed.add(&definition.name, &defined.catalog.text_of(element));
            }
        }
        for definition in
            kind.and_then(|kind| defined.catalog.types.get(kind)).into_iter().flat_map(|own| &own.definitions)
        {
            if let Some(default) = &definition.default {
                attributed.add(&definition.name, &defined.catalog.text_of(default));
            }
        }
        let (derived, _) = self.mapping.derive(object, class, &attributed, self.world);
        let mut is_changed = false;
        for (field, place) in self.mapping.places() {
            let Some(now) = self.now(object, class, &field) else { continue };
            let then = self.then(&field, &derived, &attributed, shell, &now);
            if now.as_deref() == then.as_deref() {
                continue;
            }
            let written =
                self.write_field(&field, &place, now.as_deref(), &attributed, defined, shell, values);
            match written {
                true => is_changed = true,
                false => notices
                    .push(format!("{object}: its type has no attribute for {field}, so that is left out")),
            }
        }
        if is_changed {
            shell.set("LAST-CHANGE", self.at);
        }
    }

    fn class(&self, object: &NamedNode) -> Option<&Class> {
        self.graph.values(object, rdf::TYPE).find_map(|term| match term {
            Term::NamedNode(class) => self.world.ontology.class(class.as_ref()),
            _ => None,
        })
    }

    /// Returns the text of a field as the version has it; the outer `None` where the class has no such field.
    fn now(&self, object: &NamedNode, class: &Class, field: &str) -> Option<Option<String>> {
        let (subject, class, name) = match field.strip_prefix("constraint.") {
            None => (object.clone(), class, field),
            Some(name) => {
                let constraint = NamedNode::new_unchecked(format!("{}#constraint", object.as_str()));
                (constraint, self.world.ontology.class(tl::CONSTRAINT_CLASS)?, name)
            }
        };
        let field = class.field(name)?;
        Some(self.graph.values(&subject, field.predicate.as_ref()).next().map(|term| self.shown(term)))
    }

    fn shown(&self, term: &Term) -> String {
        match term {
            Term::Literal(literal) => literal.value().to_owned(),
            Term::NamedNode(iri) => match self.world.ontology.units().get(iri.as_ref()) {
                Some(unit) => unit.symbol.clone(),
                None => iri.as_str().strip_prefix(self.world.base).unwrap_or(iri.as_str()).to_owned(),
            },
            other => other.to_string(),
        }
    }

    /// Returns the text that a field has of the attributes alone.
    fn then(
        &self,
        field: &str,
        derived: &[Derived],
        attributed: &Attributed,
        shell: &Element,
        now: &Option<String>,
    ) -> Option<String> {
        if field == "identifier" {
            let own = self.mapping.identifier(attributed);
            let element =
                format!("{}{}", self.mapping.prefix(), shell.attribute("IDENTIFIER").unwrap_or_default());
            // An identifier that is not the attribute's own was made out of that of the element.
            let is_made = now.as_ref().is_some_and(|now| now.starts_with(&element));
            return if is_made { now.clone() } else { own };
        }
        let found =
            derived.iter().find(|own| own.field == field).map(|own| self.shown(&own.statement.object));
        let attribute = match field {
            "title" => "LONG-NAME",
            "description" => "DESC",
            _ => return found,
        };
        found.or_else(|| {
            shell.attribute(attribute).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
        })
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "what a field is, and all the places where it may be written"
    )]
    fn write_field(
        &self,
        field: &str,
        place: &Place,
        now: Option<&str>,
        attributed: &Attributed,
        defined: &Defined,
        shell: &mut Element,
        values: &mut [(Definition, Vec<Element>)],
    ) -> bool {
        let has = |name: &&String| attributed.has(name);
        let is = |definition: &Definition, name: &str| folded(&definition.name) == folded(name);
        let defines = |name: &&String| values.iter().any(|(definition, _)| is(definition, name));
        let chosen = place
            .attributes
            .iter()
            .filter(defines)
            .find(has)
            .or_else(|| place.attributes.iter().find(defines));
        let chosen = chosen.cloned();
        let fallback = match field {
            "title" => Some("LONG-NAME"),
            "description" => Some("DESC"),
            _ => None,
        };
        if let Some(attribute) = fallback.filter(|own| {
            shell.attribute(own).is_some() && !chosen.as_ref().is_some_and(|name| attributed.has(name))
        }) {
            shell.set(attribute, now.unwrap_or_default());
            return true;
        }
        let Some((definition, elements)) =
            chosen.and_then(|name| values.iter_mut().find(|(own, _)| is(own, &name)))
        else {
            return now.is_none();
        };
        let Some(now) = now else {
            elements.clear();
            return true;
        };
        let own =
            if field == "identifier" { now.strip_prefix(self.mapping.prefix()).unwrap_or(now) } else { now };
        let word = place.word(own);
        let value = match definition.kind.as_str() {
            "XHTML" => xhtml(definition, paragraphs(word)),
            "ENUMERATION" => {
                let candidates =
                    definition.datatype.as_ref().and_then(|own| defined.catalog.enum_values.get(own));
                let named = |own: &&String| {
                    defined.catalog.enum_names.get(*own).is_some_and(|name| folded(name) == folded(word))
                };
                match candidates.into_iter().flatten().find(named) {
                    Some(value) => enumeration(definition, std::slice::from_ref(value)),
                    None => return false,
                }
            }
            _ => simple(definition, word),
        };
        *elements = vec![value];
        true
    }

    fn relations(
        &self,
        members: &[NamedNode],
        objects: &[&NamedNode],
        defined: &mut Defined,
        notices: &mut Vec<String>,
    ) -> Vec<Element> {
        let there: BTreeSet<&NamedNode> = objects.iter().copied().collect();
        let (mut elements, mut covered) = (Vec::new(), BTreeSet::new());
        for relation in members.iter().filter(|own| {
            self.graph.target(own, rdf::TYPE).map(NamedNode::as_ref) == Some(terms::RELATION_CLASS)
        }) {
            let ends =
                (self.graph.target(relation, terms::SOURCE), self.graph.target(relation, terms::TARGET));
            let lacks = |end: Option<&NamedNode>| end.is_some_and(|end| !there.contains(end));
            if lacks(ends.0) || lacks(ends.1) {
                notices.push(format!(
                    "{relation}: an object of the relation is retired, so the relation is left out"
                ));
                continue;
            }
            if let (Some(predicate), (Some(source), Some(target))) =
                (self.graph.target(relation, terms::LINK), ends)
            {
                let has = |from: &NamedNode, to: &NamedNode| {
                    self.graph.values(from, predicate.as_ref()).any(|own| *own == Term::from(to.clone()))
                };
                let link = if has(source, target) {
                    Some((source, target))
                } else {
                    Some((target, source)).filter(|(a, b)| has(a, b))
                };
                match link {
                    Some((from, to)) => _ = covered.insert((predicate.clone(), from.clone(), to.clone())),
                    None => {
                        notices.push(format!(
                            "{relation}: its link was removed here, so the relation is left out"
                        ));
                        continue;
                    }
                }
            }
            elements.extend(self.graph.text(relation, terms::ELEMENT).and_then(element_of));
        }
        for from in objects {
            for statement in self.graph.about(from) {
                if let Some(element) = self.new_relation(statement, &there, &covered, defined) {
                    elements.push(element);
                }
            }
        }
        elements
    }

    /// Makes a relation of a link that was made here.
    fn new_relation(
        &self,
        link: &Statement,
        there: &BTreeSet<&NamedNode>,
        covered: &BTreeSet<(NamedNode, NamedNode, NamedNode)>,
        defined: &mut Defined,
    ) -> Option<Element> {
        let Statement { subject, predicate, object: Term::NamedNode(target) } = link else { return None };
        let field = self.class(subject)?.field_of(predicate.as_ref())?;
        let name = field.local_name();
        let is_field = |relation: &str| {
            self.mapping.relation(relation).is_some_and(|(own, reverse)| field.is_named(own) && !reverse)
        };
        let is_known = is_field(name);
        if !is_known
            || !there.contains(target)
            || covered.contains(&(predicate.clone(), subject.clone(), target.clone()))
        {
            return None;
        }
        let is_kind = |element: &&Element| {
            element.name == "SPEC-RELATION-TYPE" && element.attribute("LONG-NAME").is_some_and(is_field)
        };
        let known = defined
            .types
            .iter()
            .find(is_kind)
            .and_then(|element| element.attribute("IDENTIFIER"))
            .map(str::to_owned);
        let kind = known.unwrap_or_else(|| {
            let identifier = format!("_tl-type.{name}");
            let made = Element::new("SPEC-RELATION-TYPE", &namespace()).with("IDENTIFIER", &identifier);
            defined.types.push(made.with("LAST-CHANGE", self.at).with("LONG-NAME", name));
            identifier
        });
        Some(relation(
            name,
            &self.view().identifier(subject),
            &self.view().identifier(target),
            &kind,
            self.at,
        ))
    }
}

/// Makes a relation; its identifier comes from what it relates.
pub(super) fn relation(field: &str, source: &str, target: &str, kind: &str, at: &str) -> Element {
    let digest = Sha256::digest(format!("{field}\n{source}\n{target}"));
    let mut identifier = "_tl-relation.".to_owned();
    digest.iter().take(16).for_each(|byte| _ = write!(identifier, "{byte:02x}"));
    Element::new("SPEC-RELATION", &namespace())
        .with("IDENTIFIER", &identifier)
        .with("LAST-CHANGE", at)
        .holding(referring("TARGET", "SPEC-OBJECT-REF", target))
        .holding(referring("SOURCE", "SPEC-OBJECT-REF", source))
        .holding(referring("TYPE", "SPEC-RELATION-TYPE-REF", kind))
}

/// Puts the values of an enumeration into the order of its datatype.
fn sort_enumeration(value: &mut Element, order: &[String]) {
    for node in &mut value.nodes {
        if let Node::Element(values) = node
            && values.name == "VALUES"
        {
            let place = |node: &Node| match node {
                Node::Element(own) => order.iter().position(|listed| *listed == own.text()),
                _ => None,
            };
            values.nodes.sort_by_key(place);
        }
    }
}

/// Makes XHTML of a text, a line each.
pub(super) fn paragraphs(text: &str) -> Element {
    let of: Arc<str> = XHTML.into();
    let element = |name: &str| Element { prefix: "xhtml".to_owned(), ..Element::new(name, &of) };
    let mut content = element("div");
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            content.nodes.push(Node::Element(element("br")));
        }
        content.nodes.push(Node::Text(line.to_owned()));
    }
    content
}

/// Completes a header with what names the file.
pub(super) fn header_of(kept: Option<Element>, commit: &str, at: &str) -> Element {
    let of = namespace();
    let mut header = Element::new("REQ-IF-HEADER", &of).with("IDENTIFIER", &format!("_{commit}"));
    for (name, text) in [("CREATION-TIME", at), ("REQ-IF-TOOL-ID", TOOL), ("REQ-IF-VERSION", "1.0")] {
        let mut own = Element::new(name, &of);
        own.nodes.push(Node::Text(text.to_owned()));
        header.nodes.push(Node::Element(own));
    }
    let kept = kept.unwrap_or_else(|| {
        let mut kept = Element::new("REQ-IF-HEADER", &of);
        for name in ["SOURCE-TOOL-ID", "TITLE"] {
            let mut own = Element::new(name, &of);
            own.nodes.push(Node::Text(TOOL.to_owned()));
            kept.nodes.push(Node::Element(own));
        }
        kept
    });
    header.attributes.extend(kept.attributes);
    header.nodes.extend(kept.nodes);
    header
}

/// Writes a file, with the prefixes of all of it declared at its root.
pub(super) fn file(root: &Element) -> String {
    let mut prefixes: BTreeMap<String, Arc<str>> = BTreeMap::new();
    collect(root, &mut prefixes);
    let mut scope = Scope::default();
    scope.bind("", &namespace());
    let mut out = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<REQ-IF xmlns=\"{REQIF}\"");
    for (prefix, iri) in &prefixes {
        _ = write!(out, " xmlns:{prefix}=\"{}\"", escape_attribute(iri));
        scope.bind(prefix, iri);
    }
    out.push('>');
    for child in root.elements() {
        out.push_str("\n  ");
        write(child, &mut scope, Some((REQIF, 1)), &mut out);
    }
    out.push_str("\n</REQ-IF>\n");
    out
}

fn collect(element: &Element, prefixes: &mut BTreeMap<String, Arc<str>>) {
    let own = std::iter::once((&element.prefix, &element.namespace));
    let others = element.attributes.iter().map(|attribute| (&attribute.prefix, &attribute.namespace));
    for (prefix, iri) in own.chain(others).filter(|(prefix, _)| !prefix.is_empty() && *prefix != "xml") {
        prefixes.entry(prefix.clone()).or_insert_with(|| Arc::clone(iri));
    }
    element.elements().for_each(|child| collect(child, prefixes));
}
