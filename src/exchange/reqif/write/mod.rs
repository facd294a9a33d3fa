//! A document of the graph to a file.

pub(super) mod file;
pub(super) mod relations;
pub(super) mod write_back;

use crate::exchange::fields::{FieldMapping, World};
use crate::exchange::reqif::catalog::{Catalog, Definition, element_of};
use crate::exchange::reqif::graph::{Graph, View};
use crate::exchange::reqif::hierarchy::Hierarchy;
use crate::exchange::reqif::values::write_terms;
use crate::exchange::reqif::{namespace, referring, terms};
use crate::exchange::xml::{Element, Node};
use crate::ontology::Class;
use crate::ontology::terms::{dcterms, rdf, tl};
use file::{file, header_of};
use oxigraph::model::{NamedNode, Term};
use std::collections::{BTreeMap, BTreeSet};

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

    fn class(&self, object: &NamedNode) -> Option<&Class> {
        self.graph.values(object, rdf::TYPE).find_map(|term| match term {
            Term::NamedNode(class) => self.world.ontology.class(class.as_ref()),
            _ => None,
        })
    }
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
