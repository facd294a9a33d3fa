//! The verdict of the `shacl` crate's engine on nodes that could not be proved right, in words for a person.

use super::notation::{field_path, show};
use super::proof::named;
use super::store::Store;
use super::wording::Broken;
use super::{Names, alternatives};
use crate::model::statement::literal;
use crate::model::time::instant::Instant;
use crate::ontology::data::Data;
use crate::ontology::error::Error;
use crate::ontology::terms::{rdf, xsd};
use crate::ontology::violation::Violation;
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};
use rudof_rdf::rdf_core::SHACLPath;
use rudof_rdf::rdf_core::term::Object;
use shacl::ir::{IRComponent, IRSchema, IRShape, ShapeLabelIdx};
use shacl::types::{MessageMap, Severity};
use shacl::validator::engine::{Engine, NativeEngine, Retention, Validate};
use shacl::validator::nodes::FocusNodes;
use shacl::validator::report::ValidationResult;
use std::collections::BTreeMap;

/// How often the engine may ask for more data; shapes are shallow, but a path with `*` follows the data.
const ROUNDS_MAX: usize = 10_000;

/// How deep shapes are followed into those that they are made of; a shape may refer to itself.
const NESTED_MAX: usize = 8;

/// Nodes under suspicion, by the shape they may break.
pub(super) struct Judge<'a> {
    schema: &'a IRSchema,
    store: Store,
    names: &'a dyn Names,
    suspects: BTreeMap<(String, String), (Object, Vec<NamedNode>)>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(schema: &'a IRSchema, store: Store, names: &'a dyn Names) -> Self {
        Self { schema, store, names, suspects: BTreeMap::new() }
    }

    /// Adds a node that may break a shape.
    pub(super) fn suspect(&mut self, shape: &Object, name: &str, node: NamedNode) {
        let key = (name.to_owned(), shape.to_string());
        self.suspects.entry(key).or_insert_with(|| (shape.clone(), Vec::new())).1.push(node);
    }

    /// Runs the engine until nothing it asks for is missing, and returns what it found.
    pub(super) fn verdict<D: Data>(mut self, data: &D) -> Result<Vec<Violation>, Error> {
        let mut violations = Vec::new();
        for ((name, _), (id, nodes)) in std::mem::take(&mut self.suspects) {
            let shape = self
                .schema
                .get_shape(&id)
                .ok_or_else(|| Error::Validation(format!("{id} no longer exists")))?;
            let focus = FocusNodes::from_iter(nodes.into_iter().map(Term::from));
            let results = self.results(shape, &focus, data)?;
            let serious = results.iter().filter(|result| *result.severity() == Severity::Violation);
            violations.extend(serious.filter_map(|result| self.violation(result, &name)));
        }
        Ok(violations)
    }

    fn results<D: Data>(
        &mut self,
        shape: &IRShape,
        focus: &FocusNodes<Store>,
        data: &D,
    ) -> Result<Vec<ValidationResult>, Error> {
        for _ in 0..ROUNDS_MAX {
            let mut engine = NativeEngine::new(shacl::validator::RecursionSemantics::default());
            let engine: &mut dyn Engine<Store> = &mut engine;
            engine.set_retention(Retention { max_results: None, store_evidences: false });
            let outcome = shape.validate(&self.store, engine, Some(focus), Some(shape), self.schema);
            if !self.store.load(data)? {
                let outcome = outcome.map_err(|error| Error::Validation(error.to_string()))?;
                return Ok(outcome.into_parts().0);
            }
        }
        Err(Error::Validation(format!("{} asks for ever more data", shape.id())))
    }

    fn violation(&self, result: &ValidationResult, shape: &str) -> Option<Violation> {
        let Object::Iri(resource) = result.focus_node() else { return None };
        let path = result.path().map(|path| field_path(self.names, path));
        let value = result.value().cloned().map(Term::from);
        // A node constraint reports the node as its own value, which is no information.
        let value =
            value.filter(|value| !matches!(value, Term::NamedNode(iri) if iri.as_str() == resource.as_str()));
        let component = component_name(result.constraint_component());
        let message = self.message(result, path.as_deref(), value.as_ref());
        Some(Violation::new(named(resource), path, value, message, format!("{shape}: {component}")))
    }

    /// Returns what is wrong. A target that does not exist comes first, whatever else the shape asks of it.
    fn message(&self, result: &ValidationResult, path: Option<&str>, value: Option<&Term>) -> String {
        let source = result.source().and_then(|id| self.schema.get_shape(id));
        let broken = component_name(result.constraint_component());
        let missing = source.zip(value).and_then(|(shape, value)| self.missing(shape, &broken, value));
        let stated = source.and_then(|shape| self.stated(shape, &broken));
        let stated = match (self.datatype_missing(source, &broken, value), stated) {
            (Some(advice), Some(stated)) => Some(format!("{advice} ({stated})")),
            (advice, stated) => advice.or(stated),
        };
        match (missing, stated) {
            (Some(node), stated) => {
                let stated = stated.map(|stated| format!("; {stated}")).unwrap_or_default();
                format!("<{}> does not exist{stated}{}", node.as_str(), self.names.meant(node))
            }
            (None, Some(stated)) => stated,
            (None, None) => source
                .and_then(|shape| self.broken(result, &broken, path, value).wording(shape))
                .or_else(|| alternatives::wanted(self.schema, self.names, source?, &broken))
                .unwrap_or_else(|| text(result.message()).unwrap_or_else(|| "breaks the shape".to_owned())),
        }
    }

    /// Gathers what words for a broken constraint need.
    fn broken<'v>(
        &'v self,
        result: &ValidationResult,
        component: &'v str,
        path: Option<&'v str>,
        value: Option<&'v Term>,
    ) -> Broken<'v> {
        let values = match (result.focus_node(), result.path()) {
            (Object::Iri(node), Some(SHACLPath::Predicate { pred })) => {
                self.store.values(&named(node), &named(pred))
            }
            _ => Vec::new(),
        };
        let classes = match value {
            Some(Term::NamedNode(node)) => self.store.values(node, &rdf::TYPE.into_owned()),
            _ => Vec::new(),
        };
        let name = |class: Term| match class {
            Term::NamedNode(class) => Some(self.names.class(&class)),
            _ => None,
        };
        let classes = classes.into_iter().filter_map(name).collect();
        Broken { names: self.names, component, path, value, values, classes }
    }

    /// Returns what a literal lacks whose text is right and whose datatype is none that a shape asks for.
    fn datatype_missing(
        &self,
        shape: Option<&IRShape>,
        broken: &str,
        value: Option<&Term>,
    ) -> Option<String> {
        let Some(Term::Literal(literal)) = value else { return None };
        if !["Datatype", "Or", "Node", "And"].contains(&broken) || literal.language().is_some() {
            return None;
        }
        let mut wanted = Vec::new();
        self.datatypes(shape?, NESTED_MAX, &mut wanted);
        // Every text is one.
        wanted.retain(|datatype| *datatype != xsd::STRING);
        if wanted.iter().any(|datatype| datatype.as_ref() == literal.datatype()) {
            return None;
        }
        let text = literal.value();
        let fits = |datatype: &NamedNode| {
            let typed = Literal::new_typed_literal(text, datatype.clone());
            let named = datatype.as_ref();
            let is_known =
                literal::is_written_canonically(named) || literal::is_duration(named) || named == xsd::DATE;
            // An instant has an offset here, which XSD does not ask for.
            is_known
                && literal::fault(&typed).is_none()
                && (!literal::is_instant(datatype.as_ref()) || text.parse::<Instant>().is_ok())
        };
        let datatype = wanted.iter().find(|datatype| fits(datatype))?;
        let name = |datatype: NamedNodeRef<'_>| {
            let iri = datatype.as_str();
            iri.strip_prefix(xsd::NAMESPACE).map_or_else(|| format!("<{iri}>"), |name| format!("xsd:{name}"))
        };
        let found = match literal.datatype() {
            xsd::STRING => "is a plain text here".to_owned(),
            other => format!("has the datatype {} here", name(other)),
        };
        let (text, datatype) = (show(&literal.clone().into()), name(datatype.as_ref()));
        Some(format!("{text} {found}: write {text}^^{datatype}"))
    }

    /// Lists the datatypes that a shape, or one that it is made of, asks for.
    fn datatypes(&self, shape: &IRShape, nested_max: usize, found: &mut Vec<NamedNode>) {
        let mut all = |shapes: &[ShapeLabelIdx]| {
            if nested_max > 0 {
                let parts = shapes.iter().filter_map(|index| self.schema.get_shape_from_idx(index));
                parts.for_each(|shape| self.datatypes(shape, nested_max - 1, found));
            }
        };
        for component in shape.components() {
            match component {
                IRComponent::Or(or) => all(or.shapes()),
                IRComponent::And(and) => all(and.shapes()),
                IRComponent::Node(node) => all(&[*node.shape()]),
                _ => {}
            }
        }
        found.extend(shape.components().iter().filter_map(|component| match component {
            IRComponent::Datatype(datatype) => Some(named(datatype.datatype())),
            _ => None,
        }));
    }

    /// Returns a value that does not exist, where a shape wants an instance of a class.
    fn missing<'v>(&self, shape: &IRShape, broken: &str, value: &'v Term) -> Option<&'v NamedNode> {
        let Term::NamedNode(node) = value else { return None };
        let is_link = ["Class", "Or", "Xone", "And", "Node"].contains(&broken)
            && self.asks_for_class(shape, NESTED_MAX);
        (is_link && self.store.knows_nothing_of(value)).then_some(node)
    }

    /// Returns whether a shape, or one that it is made of, wants its nodes to be of a class.
    fn asks_for_class(&self, shape: &IRShape, nested_max: usize) -> bool {
        let any = |shapes: &[ShapeLabelIdx]| {
            let mut parts = shapes.iter().filter_map(|index| self.schema.get_shape_from_idx(index));
            nested_max > 0 && parts.any(|shape| self.asks_for_class(shape, nested_max - 1))
        };
        shape.components().iter().any(|component| match component {
            IRComponent::Class(_) => true,
            IRComponent::Or(or) => any(or.shapes()),
            IRComponent::Xone(one) => any(one.shapes()),
            IRComponent::And(all) => any(all.shapes()),
            IRComponent::Node(node) => any(&[*node.shape()]),
            _ => false,
        })
    }

    /// Returns the message that the files give for a shape, or for one that it refers to by `sh:node`.
    fn stated(&self, shape: &IRShape, broken: &str) -> Option<String> {
        let of_parts = || (broken == "Node").then(|| self.message_of_parts(shape)).flatten();
        shape.message().and_then(text).or_else(of_parts)
    }

    /// Returns the message of a shape that `sh:node` refers to.
    fn message_of_parts(&self, shape: &IRShape) -> Option<String> {
        shape.components().iter().find_map(|component| match component {
            IRComponent::Node(node) => text(self.schema.get_shape_from_idx(node.shape())?.message()?),
            _ => None,
        })
    }
}

/// Returns `MinCount` for `sh:MinCountConstraintComponent`.
fn component_name(component: &Object) -> String {
    match component {
        Object::Iri(iri) => {
            let name = crate::ontology::read::local_name(&named(iri));
            name.trim_end_matches("ConstraintComponent").to_owned()
        }
        other => other.to_string(),
    }
}

/// Returns a message in English, or without a language, or any.
fn text(messages: &MessageMap) -> Option<String> {
    let mut all: Vec<(String, &String)> = messages
        .iter()
        .map(|(language, text)| (language.as_ref().map(ToString::to_string).unwrap_or_default(), text))
        .collect();
    all.sort_by_key(|(language, _)| (!language.starts_with("en"), language.clone()));
    all.first().map(|(_, text)| (*text).clone())
}
