//! The requirements of a thread as a document of its own, whatever they came from.

use super::catalog::Definition;
use super::graph::Graph;
use super::names::own_identifier;
use super::values::{enumeration, simple, xhtml};
use super::write::file::{file, header_of};
use super::write::relations::relation;
use super::write::write_back::paragraphs;
use super::{namespace, referring, terms};
use crate::exchange::fields::World;
use crate::exchange::xml::{Element, Node};
use crate::ontology::FieldKind;
use crate::ontology::terms::{dcterms, tl};
use oxigraph::model::{NamedNode, NamedNodeRef, Term};
use std::collections::BTreeMap;

const TYPE: &str = "_tl-type.Requirement";
const SPECIFICATION: &str = "_tl-specification";

/// The attributes of a requirement: field, name as the implementation guide has it, kind.
const ATTRIBUTES: &[(&str, &str, &str)] = &[
    ("identifier", "ReqIF.ForeignID", "STRING"),
    ("title", "ReqIF.Name", "STRING"),
    ("description", "ReqIF.Text", "XHTML"),
    ("status", "Status", "ENUMERATION"),
    ("verificationMethod", "Verification method", "ENUMERATION"),
    ("integrityLevel", "Integrity level", "STRING"),
    ("constraint", "Limits", "STRING"),
];

/// Writes the requirements.
pub(super) fn write(
    graph: &Graph<'_>,
    world: World<'_>,
    commit: &str,
    at: &str,
    notices: &mut Vec<String>,
) -> String {
    let requirements = graph.instances(tl::REQUIREMENT);
    let generator = Generator { graph, world, at };
    let other = graph.instances(tl::TEST_CASE_CLASS).len() + graph.instances(tl::TEST_RESULT).len();
    if other > 0 {
        notices.push(format!("{other} test cases and results are no requirements, and are left out"));
    }
    if requirements.iter().any(|own| graph.target(own, terms::DOCUMENT).is_some()) {
        notices.push("requirements of ReqIF documents are written with our fields alone; --source gives a document back as it was".to_owned());
    }
    let section = |name: &str, elements: Vec<Element>| {
        let nodes = elements.into_iter().map(Node::Element).collect();
        Element { nodes, ..Element::new(name, &namespace()) }
    };
    let mut content = Element::new("REQ-IF-CONTENT", &namespace())
        .holding(section("DATATYPES", generator.datatypes()))
        .holding(section("SPEC-TYPES", generator.types()))
        .holding(section("SPEC-OBJECTS", requirements.iter().map(|own| generator.object(own)).collect()))
        .holding(section("SPEC-RELATIONS", generator.relations(&requirements)))
        .holding(section("SPECIFICATIONS", vec![generator.specification(&requirements)]));
    content.nodes.retain(|node| !matches!(node, Node::Element(element) if element.nodes.is_empty()));
    let root = Element::new("REQ-IF", &namespace())
        .holding(Element::new("THE-HEADER", &namespace()).holding(header_of(None, commit, at)))
        .holding(Element::new("CORE-CONTENT", &namespace()).holding(content));
    file(&root)
}

struct Generator<'a> {
    graph: &'a Graph<'a>,
    world: World<'a>,
    at: &'a str,
}

impl Generator<'_> {
    fn element(&self, name: &str, identifier: &str, long_name: &str) -> Element {
        let made = Element::new(name, &namespace()).with("IDENTIFIER", identifier);
        made.with("LAST-CHANGE", self.at).with("LONG-NAME", long_name)
    }

    /// Returns the values of a field that is an enumeration.
    fn enumerated(&self, field: &str) -> Vec<String> {
        let class = self.world.ontology.class(tl::REQUIREMENT);
        match class.and_then(|class| class.field(field)).map(|field| &field.kind) {
            Some(FieldKind::Enumeration(_, values)) => values.clone(),
            _ => Vec::new(),
        }
    }

    fn datatypes(&self) -> Vec<Element> {
        let string = self
            .element("DATATYPE-DEFINITION-STRING", "_tl-datatype.STRING", "String")
            .with("MAX-LENGTH", "65536");
        let rich = self.element("DATATYPE-DEFINITION-XHTML", "_tl-datatype.XHTML", "XHTML");
        let enumerations =
            ATTRIBUTES.iter().filter(|(_, _, kind)| *kind == "ENUMERATION").map(|(field, name, _)| {
                let mut values = Element::new("SPECIFIED-VALUES", &namespace());
                for (key, value) in self.enumerated(field).iter().enumerate() {
                    let embedded = Element::new("EMBEDDED-VALUE", &namespace())
                        .with("KEY", &key.to_string())
                        .with("OTHER-CONTENT", "");
                    let own = self.element("ENUM-VALUE", &enum_identifier(field, value), value);
                    let own = own.holding(Element::new("PROPERTIES", &namespace()).holding(embedded));
                    values.nodes.push(Node::Element(own));
                }
                self.element("DATATYPE-DEFINITION-ENUMERATION", &format!("_tl-datatype.{field}"), name)
                    .holding(values)
            });
        [string, rich].into_iter().chain(enumerations).collect()
    }

    fn types(&self) -> Vec<Element> {
        let mut attributes = Element::new("SPEC-ATTRIBUTES", &namespace());
        for (field, name, kind) in ATTRIBUTES {
            let mut own = self.element(
                &format!("ATTRIBUTE-DEFINITION-{kind}"),
                &format!("_tl-attribute.{field}"),
                name,
            );
            if *kind == "ENUMERATION" {
                own.set("MULTI-VALUED", if *field == "status" { "false" } else { "true" });
            }
            let of = if *kind == "ENUMERATION" { *field } else { *kind };
            let target =
                referring("TYPE", &format!("DATATYPE-DEFINITION-{kind}-REF"), &format!("_tl-datatype.{of}"));
            attributes.nodes.push(Node::Element(own.holding(target)));
        }
        vec![
            self.element("SPEC-OBJECT-TYPE", TYPE, "Requirement").holding(attributes),
            self.element("SPEC-RELATION-TYPE", "_tl-type.derivedFrom", "derivedFrom"),
            self.element("SPECIFICATION-TYPE", "_tl-type.Specification", "Specification"),
        ]
    }

    fn object(&self, requirement: &NamedNode) -> Element {
        let mut values = Element::new("VALUES", &namespace());
        let class = self.world.ontology.class(tl::REQUIREMENT);
        for (field, name, kind) in ATTRIBUTES {
            let definition = Definition {
                identifier: format!("_tl-attribute.{field}"),
                name: (*name).to_owned(),
                kind: (*kind).to_owned(),
                datatype: None,
                default: None,
            };
            let Some(predicate) =
                class.and_then(|class| class.field(field)).map(|field| field.predicate.clone())
            else {
                continue;
            };
            let own: Vec<&Term> = self.graph.values(requirement, predicate.as_ref()).collect();
            let texts = || {
                own.iter().filter_map(|term| match term {
                    Term::Literal(literal) => Some(literal.value()),
                    _ => None,
                })
            };
            let value = match (*kind, *field) {
                (_, "constraint") => Some(self.limits(&own))
                    .filter(|text| !text.is_empty())
                    .map(|text| simple(&definition, &text)),
                ("ENUMERATION", _) => {
                    let chosen: Vec<String> = self
                        .enumerated(field)
                        .iter()
                        .filter(|value| texts().any(|own| own == *value))
                        .map(|value| enum_identifier(field, value))
                        .collect();
                    Some(chosen)
                        .filter(|chosen| !chosen.is_empty())
                        .map(|chosen| enumeration(&definition, &chosen))
                }
                ("XHTML", _) => texts().next().map(|text| xhtml(&definition, paragraphs(text))),
                _ => texts().next().map(|text| simple(&definition, text)),
            };
            values.nodes.extend(value.map(Node::Element));
        }
        Element::new("SPEC-OBJECT", &namespace())
            .with("IDENTIFIER", &own_identifier(requirement, self.world.base))
            .with("LAST-CHANGE", self.at)
            .holding(values)
            .holding(referring("TYPE", "SPEC-OBJECT-TYPE-REF", TYPE))
    }

    /// Writes limits for a person: `P95 of bearing temperature LE 85 °C`.
    fn limits(&self, constraints: &[&Term]) -> String {
        let text = |constraint: &NamedNode, predicate: NamedNodeRef<'_>| {
            self.graph.values(constraint, predicate).next().map(|term| match term {
                Term::Literal(literal) => literal.value().to_owned(),
                Term::NamedNode(iri) => {
                    let unit = self.world.ontology.units().get(iri.as_ref()).map(|unit| unit.symbol.clone());
                    unit.unwrap_or_else(|| {
                        iri.as_str().strip_prefix(self.world.base).unwrap_or(iri.as_str()).to_owned()
                    })
                }
                other => other.to_string(),
            })
        };
        let shown = constraints.iter().filter_map(|constraint| {
            let Term::NamedNode(constraint) = constraint else { return None };
            let of = text(constraint, tl::PROPERTY)?;
            let words = [tl::COMPARATOR, tl::LIMIT, tl::UPPER_LIMIT, tl::UNIT]
                .map(|predicate| text(constraint, predicate));
            let words: Vec<String> = words.into_iter().flatten().collect();
            let statistic = text(constraint, tl::STATISTIC).unwrap_or_default();
            Some(format!("{statistic} of {of} {}", words.join(" ")))
        });
        shown.collect::<Vec<_>>().join("; ")
    }

    fn relations(&self, requirements: &[NamedNode]) -> Vec<Element> {
        let identifier = |iri: &NamedNode| own_identifier(iri, self.world.base);
        let mut relations = Vec::new();
        for from in requirements {
            for to in self.graph.values(from, tl::DERIVED_FROM) {
                if let Term::NamedNode(to) = to
                    && requirements.binary_search_by(|own| own.as_str().cmp(to.as_str())).is_ok()
                {
                    relations.push(relation(
                        "derivedFrom",
                        &identifier(from),
                        &identifier(to),
                        "_tl-type.derivedFrom",
                        self.at,
                    ));
                }
            }
        }
        relations
    }

    fn specification(&self, requirements: &[NamedNode]) -> Element {
        let mut below: BTreeMap<Option<&NamedNode>, Vec<(f64, &NamedNode)>> = BTreeMap::new();
        for own in requirements {
            let order =
                self.graph.text(own, tl::ORDER).and_then(|text| text.parse().ok()).unwrap_or(f64::MAX);
            let above = self.graph.target(own, dcterms::IS_PART_OF);
            below.entry(above).or_default().push((order, own));
        }
        for list in below.values_mut() {
            list.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        let shell = self.element("SPECIFICATION", SPECIFICATION, "Requirements");
        let shell = shell.holding(referring("TYPE", "SPECIFICATION-TYPE-REF", "_tl-type.Specification"));
        self.with_children(shell, None, &below)
    }

    fn with_children(
        &self,
        mut element: Element,
        above: Option<&NamedNode>,
        below: &BTreeMap<Option<&NamedNode>, Vec<(f64, &NamedNode)>>,
    ) -> Element {
        let mut list = Element::new("CHILDREN", &namespace());
        for (_, own) in below.get(&above).into_iter().flatten() {
            let identifier = own_identifier(own, self.world.base);
            let place = Element::new("SPEC-HIERARCHY", &namespace())
                .with("IDENTIFIER", &identifier.replacen("_tl.", "_tl-place.", 1))
                .with("LAST-CHANGE", self.at)
                .holding(referring("OBJECT", "SPEC-OBJECT-REF", &identifier));
            list.nodes.push(Node::Element(self.with_children(place, Some(own), below)));
        }
        if !list.nodes.is_empty() {
            element.nodes.push(Node::Element(list));
        }
        element
    }
}

fn enum_identifier(field: &str, value: &str) -> String {
    format!("_tl-enum.{field}.{value}")
}
