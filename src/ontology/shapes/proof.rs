//! The quick proof that a node conforms to a shape.
//!
//! Almost all data is valid, and the SHACL engine takes some hundred microseconds to find so for one resource. So the
//! constraints that shapes are mostly made of are compiled into a proof: it answers *yes*, or *unknown*. It
//! never accuses; whatever it cannot prove goes to the engine, whose verdict alone counts. What it proves must
//! conform for the engine too; a property test compares the two.

use super::value;
use crate::model::statement::Statement;
use crate::ontology::error::Error;
use crate::ontology::terms::rdf;
use oxigraph::model::{NamedNode, Term};
use rudof_iri::IriS;
use rudof_rdf::rdf_core::SHACLPath;
use rudof_rdf::rdf_core::term::Object;
use shacl::ir::components::Pattern;
use shacl::ir::{IRComponent, IRSchema, IRShape, ShapeLabelIdx};
use shacl::types::NodeKind;
use std::borrow::Cow;
use std::collections::HashSet;

/// How deep shapes may refer to each other before the engine takes over.
const DEPTH_MAX: usize = 8;

/// What the proof may ask of the data.
pub(super) trait Surroundings {
    /// Returns whether a node is an instance of a class or of one of its subclasses.
    fn is_instance(&self, node: &NamedNode, class: &NamedNode) -> Result<bool, Error>;
    /// Returns all statements about a node.
    fn about(&self, node: &NamedNode) -> Result<Cow<'_, [Statement]>, Error>;
}

/// A shape, as far as it can be proved.
#[derive(Debug)]
pub(super) struct Proof {
    /// What must hold of the node itself.
    tests: Vec<Test>,
    /// What must hold of its values.
    fields: Vec<FieldOfShape>,
}

/// A property shape of a shape.
#[derive(Debug)]
struct FieldOfShape {
    id: Object,
    /// None where nothing can be proved.
    proof: Option<FieldProof>,
}

impl FieldOfShape {
    fn holds<S: Surroundings>(&self, about: &[Statement], around: &S) -> Result<bool, Error> {
        self.proof.as_ref().map_or(Ok(false), |proof| proof.holds(about, around))
    }
}

/// What could not be proved of a node.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Doubts<'a> {
    /// The shape itself, and with it all its parts.
    Whole,
    /// Some of its property shapes; none: the node conforms.
    Parts(Vec<&'a Object>),
}

/// What must hold of the values of one predicate.
#[derive(Debug)]
struct FieldProof {
    predicate: NamedNode,
    min: usize,
    max: usize,
    /// Values of which one must be there each.
    required: Vec<Term>,
    /// Predicates whose values must all be greater, and whether they may be equal.
    less_than: Vec<(NamedNode, bool)>,
    each: Proof,
}

/// One constraint on one node.
#[derive(Debug)]
enum Test {
    Datatype(String),
    NodeKind(NodeKind),
    Class(NamedNode),
    In(HashSet<Term>),
    HasValue(Term),
    Pattern(Box<Pattern>),
    MinLength(usize),
    MaxLength(usize),
    Range(value::Bound, String),
    Closed(HashSet<String>),
    Or(Vec<Proof>),
    And(Vec<Proof>),
    /// Nothing can be proved, even where there is no value.
    Never,
}

impl Proof {
    /// Compiles a shape.
    pub(super) fn of(shape: &IRShape, schema: &IRSchema) -> Self {
        Self::compile(shape, schema, 0)
    }

    fn never() -> Self {
        Self { tests: vec![Test::Never], fields: Vec::new() }
    }

    fn compile(shape: &IRShape, schema: &IRSchema, depth: usize) -> Self {
        if depth > DEPTH_MAX || shape.deactivated().is_some() || shape.reifier_info().is_some() {
            return Self::never();
        }
        let mut proof = Self { tests: Vec::new(), fields: Vec::new() };
        for component in shape.components() {
            proof.tests.push(Test::of(component, shape, schema, depth));
        }
        proof.compile_fields(shape, schema, depth);
        proof
    }

    fn compile_fields(&mut self, shape: &IRShape, schema: &IRSchema, depth: usize) {
        for index in shape.property_shapes() {
            match schema.get_shape_from_idx(index) {
                Some(inner) => {
                    let part =
                        FieldOfShape { id: inner.id().clone(), proof: FieldProof::of(inner, schema, depth) };
                    self.fields.push(part);
                }
                None => self.tests.push(Test::Never),
            }
        }
    }

    fn referred(index: &ShapeLabelIdx, schema: &IRSchema, depth: usize) -> Self {
        let Some(shape) = schema.get_shape_from_idx(index) else { return Self::never() };
        if shape.path().is_none() {
            return Self::compile(shape, schema, depth + 1);
        }
        let part = FieldOfShape { id: shape.id().clone(), proof: FieldProof::of(shape, schema, depth + 1) };
        Self { tests: Vec::new(), fields: vec![part] }
    }

    fn is_trivial(&self) -> bool {
        self.tests.is_empty() && self.fields.is_empty()
    }

    /// Returns what cannot be proved of a node; `about` is all statements about it.
    pub(super) fn doubts<S: Surroundings>(
        &self,
        node: &NamedNode,
        about: &[Statement],
        around: &S,
    ) -> Result<Doubts<'_>, Error> {
        for test in &self.tests {
            if !test.holds_for_node(node, about, around)? {
                return Ok(Doubts::Whole);
            }
        }
        let mut parts = Vec::new();
        for part in &self.fields {
            if !part.holds(about, around)? {
                parts.push(&part.id);
            }
        }
        Ok(Doubts::Parts(parts))
    }

    /// Returns whether a node certainly conforms; `about` is all statements about it.
    fn holds<S: Surroundings>(
        &self,
        node: &NamedNode,
        about: &[Statement],
        around: &S,
    ) -> Result<bool, Error> {
        for test in &self.tests {
            if !test.holds_for_node(node, about, around)? {
                return Ok(false);
            }
        }
        for field in &self.fields {
            if !field.holds(about, around)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn holds_for_value<S: Surroundings>(&self, value: &Term, around: &S) -> Result<bool, Error> {
        if self.is_trivial() {
            return Ok(true);
        }
        for test in &self.tests {
            if !test.holds(value, around)? {
                return Ok(false);
            }
        }
        if self.fields.is_empty() {
            return Ok(true);
        }
        let Term::NamedNode(node) = value else { return Ok(false) };
        let about = around.about(node)?;
        for field in &self.fields {
            if !field.holds(&about, around)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl FieldProof {
    /// Compiles a property shape; none where its path is not a plain predicate.
    fn of(shape: &IRShape, schema: &IRSchema, depth: usize) -> Option<Self> {
        let SHACLPath::Predicate { pred } = shape.path()? else { return None };
        if depth > DEPTH_MAX || shape.deactivated().is_some() || shape.reifier_info().is_some() {
            return None;
        }
        let mut field = Self {
            predicate: named(pred),
            min: 0,
            max: usize::MAX,
            required: Vec::new(),
            less_than: Vec::new(),
            each: Proof { tests: Vec::new(), fields: Vec::new() },
        };
        for component in shape.components() {
            match component {
                IRComponent::MinCount(count) => field.min = field.min.max(count.min_count()),
                IRComponent::MaxCount(count) => field.max = field.max.min(count.max_count()),
                IRComponent::HasValue(value) => field.required.push(value.value().clone().into()),
                IRComponent::LessThan(other) => field.less_than.push((named(other.iri()), false)),
                IRComponent::LessThanOrEquals(other) => field.less_than.push((named(other.iri()), true)),
                // These constrain a node without values too, or of the node rather than its values.
                IRComponent::QualifiedValueShape(_)
                | IRComponent::Equals(_)
                | IRComponent::SubsetOf(_)
                | IRComponent::Deactivated(_)
                | IRComponent::Closed(_)
                | IRComponent::BasicSparql(_) => return None,
                other => field.each.tests.push(Test::of(other, shape, schema, depth)),
            }
        }
        field.each.compile_fields(shape, schema, depth + 1);
        Some(field)
    }

    fn holds<S: Surroundings>(&self, about: &[Statement], around: &S) -> Result<bool, Error> {
        let mut count = 0;
        for value in values(about, &self.predicate) {
            count += 1;
            let ordered = self.less_than.iter().all(|(other, or_equal)| {
                values(about, other).all(|other| value::certainly_less(value, other, *or_equal))
            });
            if !ordered || !self.each.holds_for_value(value, around)? {
                return Ok(false);
            }
        }
        let has = |wanted: &Term| values(about, &self.predicate).any(|value| value == wanted);
        Ok(self.min <= count && count <= self.max && self.required.iter().all(has))
    }
}

impl Test {
    fn of(component: &IRComponent, shape: &IRShape, schema: &IRSchema, depth: usize) -> Self {
        let referred = |indices: &[ShapeLabelIdx]| -> Vec<Proof> {
            indices.iter().map(|index| Proof::referred(index, schema, depth)).collect()
        };
        match component {
            IRComponent::Datatype(datatype) => Self::Datatype(datatype.datatype().as_str().to_owned()),
            IRComponent::NodeKind(kind) => Self::NodeKind(kind.node_kind().clone()),
            IRComponent::Class(class) => match class.class_rule() {
                Object::Iri(class) => Self::Class(named(class)),
                _ => Self::Never,
            },
            IRComponent::In(values) => Self::In(values.values().iter().cloned().map(Term::from).collect()),
            IRComponent::HasValue(value) => Self::HasValue(value.value().clone().into()),
            IRComponent::Pattern(pattern) => Self::Pattern(Box::new(pattern.clone())),
            IRComponent::MinLength(length) => {
                usize::try_from(length.min_length()).map_or(Self::Never, Self::MinLength)
            }
            IRComponent::MaxLength(length) => {
                usize::try_from(length.max_length()).map_or(Self::Never, Self::MaxLength)
            }
            IRComponent::MinInclusive(c) => Self::range(value::Bound::MinInclusive, c.min_inclusive()),
            IRComponent::MinExclusive(c) => Self::range(value::Bound::MinExclusive, c.min_exclusive()),
            IRComponent::MaxInclusive(c) => Self::range(value::Bound::MaxInclusive, c.max_inclusive()),
            IRComponent::MaxExclusive(c) => Self::range(value::Bound::MaxExclusive, c.max_exclusive()),
            IRComponent::Closed(closed) if closed.is_closed() => {
                Self::Closed(shape.allowed_properties().iter().map(|iri| iri.as_str().to_owned()).collect())
            }
            IRComponent::Closed(_) => Self::And(Vec::new()),
            IRComponent::Or(or) => Self::Or(referred(or.shapes())),
            IRComponent::And(and) => Self::And(referred(and.shapes())),
            IRComponent::Node(node) => Self::And(referred(std::slice::from_ref(node.shape()))),
            _ => Self::Never,
        }
    }

    fn range(bound: value::Bound, limit: &rudof_rdf::rdf_core::term::literal::ConcreteLiteral) -> Self {
        match value::numeric(&Term::from(Object::literal(limit.clone()))) {
            Some(number) => Self::Range(bound, number.to_owned()),
            None => Self::Never,
        }
    }

    fn holds_for_node<S: Surroundings>(
        &self,
        node: &NamedNode,
        about: &[Statement],
        around: &S,
    ) -> Result<bool, Error> {
        match self {
            Self::Closed(allowed) => {
                Ok(about.iter().all(|statement| allowed.contains(statement.predicate.as_str())))
            }
            Self::Or(options) => any(options, |option| option.holds(node, about, around)),
            Self::And(parts) => all(parts, |part| part.holds(node, about, around)),
            _ => self.holds(&Term::NamedNode(node.clone()), around),
        }
    }

    fn holds<S: Surroundings>(&self, value: &Term, around: &S) -> Result<bool, Error> {
        Ok(match self {
            Self::Datatype(datatype) => value::certainly_has_datatype(value, datatype),
            Self::NodeKind(kind) => value::has_node_kind(value, kind),
            Self::Class(class) => {
                let Term::NamedNode(node) = value else { return Ok(false) };
                return around.is_instance(node, class);
            }
            Self::In(values) => values.contains(value),
            Self::HasValue(wanted) => value == wanted,
            Self::Pattern(pattern) => value::lexical(value).is_some_and(|text| pattern.match_str(text)),
            Self::MinLength(length) => value::lexical(value).is_some_and(|text| text.len() >= *length),
            Self::MaxLength(length) => value::lexical(value).is_some_and(|text| text.len() <= *length),
            Self::Range(bound, limit) => bound.certainly_holds(value, limit),
            Self::Or(options) => return any(options, |option| option.holds_for_value(value, around)),
            Self::And(parts) => return all(parts, |part| part.holds_for_value(value, around)),
            Self::Closed(_) | Self::Never => false,
        })
    }
}

fn values<'a>(about: &'a [Statement], predicate: &'a NamedNode) -> impl Iterator<Item = &'a Term> {
    about.iter().filter(move |statement| statement.predicate == *predicate).map(|statement| &statement.object)
}

fn any(proofs: &[Proof], mut holds: impl FnMut(&Proof) -> Result<bool, Error>) -> Result<bool, Error> {
    for proof in proofs {
        if holds(proof)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn all(proofs: &[Proof], mut holds: impl FnMut(&Proof) -> Result<bool, Error>) -> Result<bool, Error> {
    for proof in proofs {
        if !holds(proof)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Takes an IRI of the engine as one of ours.
pub(super) fn named(iri: &IriS) -> NamedNode {
    NamedNode::new_unchecked(iri.as_str())
}

/// Returns the classes among the statements about a node.
pub(super) fn types(about: &[Statement]) -> impl Iterator<Item = &NamedNode> {
    about.iter().filter(|statement| statement.predicate == rdf::TYPE).filter_map(|statement| match &statement
        .object
    {
        Term::NamedNode(class) => Some(class),
        _ => None,
    })
}
