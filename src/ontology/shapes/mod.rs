//! The SHACL shapes, compiled once, and the check of nodes against them.
//!
//! A node is checked against the shapes that target one of its classes or their superclasses. The proof (`proof`)
//! passes what is plainly right; the `shacl` crate's engine judges the rest, and only it accuses.

mod alternatives;
mod dependency;
mod judge;
mod nesting;
mod notation;
mod proof;
mod store;
mod value;
mod wording;

#[cfg(test)]
mod oracle_tests;

use super::data::Data;
use super::error::Error;
use super::terms::{qudt, rdf, rdfs};
use super::violation::Violation;
use crate::model::statement::Statement;
pub(super) use dependency::{Dependency, Reads, Step};
use judge::Judge;
pub(super) use notation::show;
use oxigraph::io::{RdfFormat, RdfSerializer};
use oxigraph::model::{Graph, NamedNode, NamedOrBlankNode, Term, Triple};
use proof::{Doubts, Proof, Surroundings};
use rudof_rdf::rdf_core::RDFFormat;
use rudof_rdf::rdf_core::term::Object;
use rudof_rdf::rdf_impl::ReaderMode;
use shacl::ir::{IRSchema, IRShape};
use shacl::types::Target;
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;
use store::{Background, Store};

/// How many doubtful nodes the engine judges at once: enough to share its set-up, few enough to bound its memory.
const DOUBTS_MAX: usize = 10_000;

/// All shapes of an ontology.
#[derive(Debug)]
pub(super) struct Shapes {
    schema: IRSchema,
    background: Arc<Background>,
    roots: Vec<Root>,
    /// The roots that target a class, by the class.
    by_class: HashMap<NamedNode, Vec<usize>>,
    /// The roots with targets of another kind.
    others: Vec<usize>,
    dependencies: Vec<Dependency>,
}

/// A shape with targets.
#[derive(Debug)]
struct Root {
    id: Object,
    name: String,
    targets: Vec<NodeTarget>,
    proof: Proof,
}

/// A way to select nodes that is not by their class.
#[derive(Debug)]
enum NodeTarget {
    Node(Term),
    SubjectsOf(NamedNode),
    ObjectsOf(NamedNode),
}

impl Shapes {
    /// Compiles the shapes of a graph; the error is a sentence.
    pub(super) fn compile(
        graph: &Graph,
        superclasses: &HashMap<NamedNode, Vec<NamedNode>>,
    ) -> Result<Self, String> {
        nesting::check(graph)?;
        let schema = schema(graph)?;
        let background = Arc::new(background(graph, superclasses));
        let dependencies = dependency::of(&schema);
        let mut shapes = Self {
            schema,
            background,
            roots: Vec::new(),
            by_class: HashMap::new(),
            others: Vec::new(),
            dependencies,
        };
        let mut found: Vec<(&Object, &IRShape)> = shapes.schema.iter_with_targets().collect();
        found.sort_by_key(|(id, _)| id.to_string());
        for (id, shape) in found {
            let mut targets = Vec::new();
            for target in shape.targets() {
                match node_target(target).map_err(|reason| format!("{id}: {reason}"))? {
                    Selected::Class(class) => {
                        shapes.by_class.entry(class).or_default().push(shapes.roots.len());
                    }
                    Selected::Nodes(target) => targets.push(target),
                }
            }
            if !targets.is_empty() {
                shapes.others.push(shapes.roots.len());
            }
            let proof = Proof::of(shape, &shapes.schema);
            shapes.roots.push(Root { id: id.clone(), name: name(id), targets, proof });
        }
        Ok(shapes)
    }

    /// Returns the paths along which a shape looks from a node at others.
    pub(super) fn dependencies(&self) -> &[Dependency] {
        &self.dependencies
    }

    /// Starts a check of nodes of `data`.
    pub(super) fn check<'a, D: Data>(&'a self, data: &'a D, names: &'a dyn Names) -> Check<'a, D> {
        Check {
            shapes: self,
            data,
            names,
            classes: RefCell::default(),
            roots: HashMap::new(),
            doubts: Vec::new(),
            violations: Vec::new(),
            proves: true,
        }
    }
}

/// What messages call things by.
pub(super) trait Names {
    /// Returns a predicate's field name.
    fn field(&self, predicate: &NamedNode) -> String;
    /// Returns a class's name.
    fn class(&self, class: &NamedNode) -> String;
    /// Returns which known units or quantity kinds a missing one may mean, as `; did you mean unit:KiloPA?`; empty where none is near.
    fn meant(&self, missing: &NamedNode) -> String;
}

/// A node that the proof could not pass.
struct Doubt<'a> {
    root: usize,
    /// The root, or one of its property shapes.
    shape: &'a Object,
    node: NamedNode,
}

/// A running check.
pub(super) struct Check<'a, D> {
    shapes: &'a Shapes,
    data: &'a D,
    names: &'a dyn Names,
    /// The direct classes of nodes asked about so far.
    classes: RefCell<HashMap<NamedNode, Vec<NamedNode>>>,
    /// The roots that apply to each combination of classes met so far.
    roots: HashMap<Vec<NamedNode>, Vec<usize>>,
    doubts: Vec<Doubt<'a>>,
    violations: Vec<Violation>,
    /// Whether proofs are trusted; a test leaves all to the engine.
    proves: bool,
}

impl<D: Data> Check<'_, D> {
    /// Checks one node, all of whose statements are given.
    pub(super) fn node(&mut self, node: &NamedNode, about: &[Statement]) -> Result<(), Error> {
        let shapes = self.shapes;
        for root in self.applicable(node, about)? {
            let doubts = match self.proves {
                true => shapes.roots[root].proof.doubts(node, about, &*self)?,
                false => Doubts::Whole,
            };
            let parts = match doubts {
                Doubts::Whole => vec![&shapes.roots[root].id],
                Doubts::Parts(parts) => parts,
            };
            self.doubts.extend(parts.into_iter().map(|shape| Doubt { root, shape, node: node.clone() }));
        }
        if self.doubts.len() >= DOUBTS_MAX {
            self.judge()?;
        }
        Ok(())
    }

    /// Ends the check.
    pub(super) fn finish(mut self) -> Result<Vec<Violation>, Error> {
        self.judge()?;
        Ok(self.violations)
    }

    fn judge(&mut self) -> Result<(), Error> {
        let mut judge =
            Judge::new(&self.shapes.schema, Store::new(Arc::clone(&self.shapes.background)), self.names);
        for doubt in std::mem::take(&mut self.doubts) {
            judge.suspect(doubt.shape, &self.shapes.roots[doubt.root].name, doubt.node);
        }
        self.violations.extend(judge.verdict(self.data)?);
        Ok(())
    }

    fn applicable(&mut self, node: &NamedNode, about: &[Statement]) -> Result<Vec<usize>, Error> {
        let classes: Vec<NamedNode> = proof::types(about).cloned().collect();
        let mut roots = match self.roots.get(&classes) {
            Some(roots) => roots.clone(),
            None => self.shapes.roots_of(&classes),
        };
        self.roots.entry(classes).or_insert_with(|| roots.clone());
        for &root in &self.shapes.others {
            if !roots.contains(&root) && self.is_target(&self.shapes.roots[root], node, about)? {
                roots.push(root);
            }
        }
        Ok(roots)
    }

    fn is_target(&self, root: &Root, node: &NamedNode, about: &[Statement]) -> Result<bool, Error> {
        for target in &root.targets {
            let selected = match target {
                NodeTarget::Node(target) => matches!(target, Term::NamedNode(target) if target == node),
                NodeTarget::SubjectsOf(predicate) => {
                    about.iter().any(|statement| statement.predicate == *predicate)
                }
                NodeTarget::ObjectsOf(predicate) => {
                    let object = Term::NamedNode(node.clone());
                    !self.data.matching(None, Some(predicate), Some(&object)).map_err(Error::data)?.is_empty()
                }
            };
            if selected {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl<D: Data> Surroundings for Check<'_, D> {
    fn is_instance(&self, node: &NamedNode, class: &NamedNode) -> Result<bool, Error> {
        if let Some(classes) = self.classes.borrow().get(node) {
            return Ok(self.shapes.is_one_of(classes, class));
        }
        let kind = rdf::TYPE.into_owned();
        let about = self.data.values(node, &kind).map_err(Error::data)?;
        let known =
            self.shapes.background.get(node).into_iter().flatten().filter(|triple| triple.predicate == kind);
        let mut classes: Vec<NamedNode> = proof::types(&about).cloned().collect();
        classes.extend(known.filter_map(|triple| named(&triple.object)));
        let is_one = self.shapes.is_one_of(&classes, class);
        self.classes.borrow_mut().insert(node.clone(), classes);
        Ok(is_one)
    }

    fn about(&self, node: &NamedNode) -> Result<Cow<'_, [Statement]>, Error> {
        self.data.about(node).map_err(Error::data)
    }
}

impl Shapes {
    /// Returns the roots that apply to instances of these classes.
    fn roots_of(&self, classes: &[NamedNode]) -> Vec<usize> {
        let mut roots: Vec<usize> = classes
            .iter()
            .flat_map(|class| std::iter::once(class.clone()).chain(self.superclasses(class)))
            .filter_map(|class| self.by_class.get(&class))
            .flatten()
            .copied()
            .collect();
        roots.sort_unstable();
        roots.dedup();
        roots
    }

    fn is_one_of(&self, classes: &[NamedNode], wanted: &NamedNode) -> bool {
        classes.contains(wanted)
            || classes.iter().any(|class| self.superclasses(class).any(|above| above == *wanted))
    }

    /// Returns all superclasses; the background names each class's at every height.
    fn superclasses(&self, class: &NamedNode) -> impl Iterator<Item = NamedNode> {
        let about = self.background.get(class).into_iter().flatten();
        about
            .filter(|triple| triple.predicate == rdfs::SUB_CLASS_OF)
            .filter_map(|triple| named(&triple.object))
    }
}

fn named(term: &Term) -> Option<NamedNode> {
    match term {
        Term::NamedNode(iri) => Some(iri.clone()),
        _ => None,
    }
}

/// Compiles the engine's form of the shapes.
fn schema(graph: &Graph) -> Result<IRSchema, String> {
    let mut serializer = RdfSerializer::from_format(RdfFormat::NTriples).for_writer(Vec::new());
    for triple in graph {
        serializer.serialize_triple(triple).map_err(|error| error.to_string())?;
    }
    let text = serializer.finish().map_err(|error| error.to_string())?;
    IRSchema::from_reader(
        &mut text.as_slice(),
        "the ontology",
        &RDFFormat::NTriples,
        None,
        &ReaderMode::Strict,
    )
    .map_err(|error| error.to_string())
}

/// Gathers the ontology's statements about classes, units and quantity kinds themselves.
fn background(graph: &Graph, superclasses: &HashMap<NamedNode, Vec<NamedNode>>) -> Background {
    let mut background = Background::new();
    for class in [qudt::UNIT, qudt::QUANTITY_KIND] {
        for subject in graph.subjects_for_predicate_object(rdf::TYPE, class) {
            if let NamedOrBlankNode::NamedNode(subject) = subject.into_owned() {
                let triple = Triple::new(subject.clone(), rdf::TYPE, class);
                background.entry(subject).or_default().push(triple);
            }
        }
    }
    for (class, above) in superclasses {
        let triples = above.iter().map(|above| Triple::new(class.clone(), rdfs::SUB_CLASS_OF, above.clone()));
        background.entry(class.clone()).or_default().extend(triples);
    }
    background
}

enum Selected {
    Class(NamedNode),
    Nodes(NodeTarget),
}

fn node_target(target: &shacl::ir::IRTarget) -> Result<Selected, String> {
    match target {
        Target::Class(Object::Iri(class)) | Target::ImplicitClass(Object::Iri(class)) => {
            Ok(Selected::Class(proof::named(class)))
        }
        Target::SubjectsOf(predicate) => Ok(Selected::Nodes(NodeTarget::SubjectsOf(proof::named(predicate)))),
        Target::ObjectsOf(predicate) => Ok(Selected::Nodes(NodeTarget::ObjectsOf(proof::named(predicate)))),
        Target::Node(expression) => match expression.as_constant() {
            Some(node) => Ok(Selected::Nodes(NodeTarget::Node(node.into()))),
            None => Err("a target must be a node, a class or a predicate".to_owned()),
        },
        _ => Err("a target must be a node, a class or a predicate".to_owned()),
    }
}

/// Returns the name by which violations call a shape.
fn name(id: &Object) -> String {
    match id {
        Object::Iri(iri) => super::read::local_name(&proof::named(iri)),
        _ => "shape".to_owned(),
    }
}
