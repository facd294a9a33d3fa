//! Rule *no cycle*: nothing leads back to itself along a property declared `tl:acyclic`.

use crate::ontology::data::Data;
use crate::ontology::error::Error;
use crate::ontology::rules::Subject;
use crate::ontology::rules::reader::Reader;
use crate::ontology::schema::Ontology;
use crate::ontology::violation::Violation;
use oxigraph::model::{NamedNode, Term};
use std::collections::{HashMap, HashSet};

const RULE: &str = "no cycle";

/// The nodes from which no cycle is reached, by property: so that a long chain is walked once in all.
#[derive(Default)]
pub(in crate::ontology::rules) struct Memory(HashMap<NamedNode, HashSet<NamedNode>>);

pub(in crate::ontology::rules) fn check<D: Data>(
    ontology: &Ontology,
    data: &Reader<'_, D>,
    subject: &Subject<'_>,
    memory: &mut Memory,
    found: &mut Vec<Violation>,
) -> Result<(), Error> {
    for property in ontology.acyclic() {
        if subject.target(property.as_ref()).is_none() {
            continue;
        }
        let safe = memory.0.entry(property.clone()).or_default();
        if let Some(next) = cycle(data, subject.node, property, safe)? {
            let path = ontology.field_name(property);
            let message = format!("leads back to itself along {path}");
            found.push(subject.violation(RULE, Some(path), Some(Term::NamedNode(next)), message));
        }
    }
    Ok(())
}

/// Returns the first step of a cycle through `start`. Where the walk meets no cycle at all, all that was walked is
/// safe from then on.
fn cycle<D: Data>(
    data: &Reader<'_, D>,
    start: &NamedNode,
    property: &NamedNode,
    safe: &mut HashSet<NamedNode>,
) -> Result<Option<NamedNode>, Error> {
    let mut on_path: HashSet<NamedNode> = HashSet::from([start.clone()]);
    let mut walked: HashSet<NamedNode> = HashSet::new();
    let mut cycle_elsewhere = false;
    let mut path = vec![(start.clone(), data.targets(start, property.as_ref())?)];
    while let Some((node, pending)) = path.last_mut() {
        let Some(next) = pending.pop() else {
            on_path.remove(node);
            walked.insert(node.clone());
            path.pop();
            continue;
        };
        if next == *start {
            let first = path.get(1).map_or(next, |(first, _)| first.clone());
            return Ok(Some(first));
        }
        cycle_elsewhere |= on_path.contains(&next);
        if !safe.contains(&next) && !walked.contains(&next) && on_path.insert(next.clone()) {
            let targets = data.targets(&next, property.as_ref())?;
            path.push((next, targets));
        }
    }
    if !cycle_elsewhere {
        safe.extend(walked);
    }
    Ok(None)
}
