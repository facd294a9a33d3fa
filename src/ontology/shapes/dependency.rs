//! The paths along which shapes look from a node at other nodes: what a change can break lies at their other end.

use super::proof::named;
use crate::ontology::terms::tl;
use oxigraph::model::NamedNode;
use rudof_rdf::rdf_core::SHACLPath;
use shacl::ir::{IRComponent, IRSchema, IRShape, ShapeLabelIdx};

/// How many steps a path may have and how deep shapes may nest before the rest is left out.
const STEPS_MAX: usize = 8;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ontology) struct Step {
    /// The predicates of which one is followed.
    pub(in crate::ontology) predicates: Vec<NamedNode>,
    /// Whether they are followed from object to subject.
    pub(in crate::ontology) inverse: bool,
    /// Whether the step may be taken any number of times.
    pub(in crate::ontology) repeated: bool,
}

/// A path from a node in focus to one that its shape looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ontology) struct Dependency {
    /// The steps.
    pub(in crate::ontology) steps: Vec<Step>,
    /// What of the node at the end matters.
    pub(in crate::ontology) reads: Reads,
}

/// What a shape reads of a node that it looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ontology) enum Reads {
    /// Its classes.
    Classes,
    /// The values of these predicates.
    Values(Vec<NamedNode>),
    /// Anything, what links to it too.
    Anything,
}

/// Gathers the dependencies of all shapes.
pub(super) fn of(schema: &IRSchema) -> Vec<Dependency> {
    let mut found = Vec::new();
    for (_, shape) in schema.iter_with_targets() {
        walk(shape, schema, &[], &mut found);
    }
    // A rule, not a shape: what a unit must fit is defined by the quantity kind of the property beside it.
    let steps = vec![Step { predicates: vec![tl::PROPERTY.into_owned()], inverse: false, repeated: false }];
    found.push(Dependency { steps, reads: Reads::Values(vec![tl::QUANTITY_KIND.into_owned()]) });
    found.sort_by_cached_key(|dependency| format!("{dependency:?}"));
    found.dedup();
    found
}

fn walk(shape: &IRShape, schema: &IRSchema, prefix: &[Step], found: &mut Vec<Dependency>) {
    let mut here = prefix.to_vec();
    if let Some(path) = shape.path() {
        here.extend(steps(path, false));
    }
    if here.len() > STEPS_MAX {
        return;
    }
    // A path of several steps reads the nodes between.
    for end in 1..here.len() {
        let is_plain = here[..=end].iter().all(|step| !step.inverse && !step.repeated);
        let reads = if is_plain { Reads::Values(here[end].predicates.clone()) } else { Reads::Anything };
        found.push(Dependency { steps: here[..end].to_vec(), reads });
    }
    let inner = shape.property_shapes().iter().chain(shape.components().iter().flat_map(referred));
    for index in inner {
        if let Some(inner) = schema.get_shape_from_idx(index).filter(|_| prefix.len() < STEPS_MAX) {
            walk_once(inner, schema, &here, found);
        }
    }
    if here.is_empty() {
        return;
    }
    let looks_at_classes = shape.components().iter().any(|part| matches!(part, IRComponent::Class(_)));
    if looks_at_classes {
        found.push(Dependency { steps: here.clone(), reads: Reads::Classes });
    }
    let reads_nodes = shape.components().iter().any(|part| matches!(part, IRComponent::Closed(_)));
    if here.iter().any(|step| step.inverse || step.repeated) || reads_nodes {
        found.push(Dependency { steps: here, reads: Reads::Anything });
    }
}

/// Walks on, unless a recursive shape brought the walk to where it has been.
fn walk_once(shape: &IRShape, schema: &IRSchema, prefix: &[Step], found: &mut Vec<Dependency>) {
    let reads_more = !shape.property_shapes().is_empty() || shape.path().is_some();
    if reads_more && !prefix.is_empty() {
        let here = Dependency { steps: prefix.to_vec(), reads: Reads::Anything };
        if found.contains(&here) && prefix.len() > STEPS_MAX / 2 {
            return;
        }
        found.push(here);
    }
    walk(shape, schema, prefix, found);
}

fn referred(component: &IRComponent) -> Vec<&ShapeLabelIdx> {
    match component {
        IRComponent::Or(or) => or.shapes().iter().collect(),
        IRComponent::And(and) => and.shapes().iter().collect(),
        IRComponent::Xone(xone) => xone.shapes().iter().collect(),
        IRComponent::Not(not) => vec![not.shape()],
        IRComponent::Node(node) => vec![node.shape()],
        IRComponent::QualifiedValueShape(qualified) => vec![qualified.shape()],
        _ => Vec::new(),
    }
}

/// Writes a path as steps; an alternative of paths that are not plain predicates is taken as repeated steps along
/// any of its predicates, which reaches more than it need.
fn steps(path: &SHACLPath, inverse: bool) -> Vec<Step> {
    match path {
        SHACLPath::Predicate { pred } => {
            vec![Step { predicates: vec![named(pred)], inverse, repeated: false }]
        }
        SHACLPath::Inverse { path } => steps(path, !inverse),
        SHACLPath::Sequence { paths } => {
            let mut all: Vec<Vec<Step>> = paths.iter().map(|path| steps(path, inverse)).collect();
            if inverse {
                all.reverse();
            }
            all.concat()
        }
        SHACLPath::Alternative { paths } => {
            let all: Vec<Step> = paths.iter().flat_map(|path| steps(path, inverse)).collect();
            let simple =
                all.len() == paths.len() && all.iter().all(|step| step.inverse == inverse && !step.repeated);
            merged(all, !simple)
        }
        SHACLPath::ZeroOrMore { path } | SHACLPath::OneOrMore { path } => merged(steps(path, inverse), true),
        SHACLPath::ZeroOrOne { path } => {
            let inner = steps(path, inverse);
            // Taken or not: as a repeated step it may also be left out.
            merged(inner, true)
        }
    }
}

/// Makes one step of several, per direction.
fn merged(steps: Vec<Step>, repeated: bool) -> Vec<Step> {
    let mut merged: Vec<Step> = Vec::new();
    for step in steps {
        match merged.iter_mut().find(|known| known.inverse == step.inverse) {
            Some(known) => known.predicates.extend(step.predicates),
            None => merged.push(Step { repeated: repeated || step.repeated, ..step }),
        }
    }
    merged
}
