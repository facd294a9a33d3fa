//! What a change can break: the nodes that changed, and those whose shapes look at them.

use super::data::Data;
use super::error::Error;
use super::shapes::{Dependency, Reads, Step};
use super::terms::rdf;
use crate::model::statement::Statement;
use crate::model::statement::difference::differing;
use oxigraph::model::{NamedNode, Term};
use std::collections::HashSet;

/// From how many changed nodes on two threads look around them.
const NODES_A_THREAD: usize = if cfg!(test) { 2 } else { 500 };

/// Returns the changed nodes and those that reach one, before or after the change, along a dependency; in IRI order.
pub(super) fn focus<B: Data, A: Data>(
    dependencies: &[Dependency],
    before: &B,
    after: &A,
    changed: &[NamedNode],
) -> Result<Vec<NamedNode>, Error> {
    let (first, second) = changed.split_at(changed.len() / 2);
    let mut found: HashSet<NamedNode> = changed.iter().cloned().collect();
    if first.len() < NODES_A_THREAD {
        found.extend(looking_at(dependencies, before, after, changed)?);
    } else {
        std::thread::scope(|scope| {
            let second = scope.spawn(|| looking_at(dependencies, before, after, second));
            found.extend(looking_at(dependencies, before, after, first)?);
            found.extend(second.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
            Ok::<_, Error>(())
        })?;
    }
    let mut found: Vec<NamedNode> = found.into_iter().collect();
    found.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
    Ok(found)
}

/// Finds the nodes that reach one of the changed ones.
fn looking_at<B: Data, A: Data>(
    dependencies: &[Dependency],
    before: &B,
    after: &A,
    changed: &[NamedNode],
) -> Result<HashSet<NamedNode>, Error> {
    let mut found = HashSet::new();
    for node in changed {
        let was = before.about(node).map_err(Error::data)?;
        let is = after.about(node).map_err(Error::data)?;
        let mut predicates: Vec<&NamedNode> =
            differing(was.iter(), is.iter()).map(|(statement, _)| &statement.predicate).collect();
        predicates.dedup();
        let concerned: Vec<_> = dependencies
            .iter()
            .filter(|dependency| differs(&dependency.reads, !was.is_empty(), &predicates))
            .collect();
        if concerned.is_empty() {
            continue;
        }
        let linked = before.may_be_linked(node).map_err(Error::data)?
            || after.may_be_linked(node).map_err(Error::data)?;
        for dependency in concerned {
            let ends = ends(dependency, node, &was, &is);
            // Most nodes are the target of nothing; that is asked once, and not for each predicate.
            if !linked && ends.len() == 1 && !dependency.steps.iter().any(|step| step.inverse) {
                continue;
            }
            if !was.is_empty() {
                found.extend(reaching(before, dependency, &ends)?);
            }
            found.extend(reaching(after, dependency, &ends)?);
        }
    }
    Ok(found)
}

/// Returns whether what a shape reads of a node has changed, by the predicates whose values have.
fn differs(reads: &Reads, was_there: bool, changed: &[&NamedNode]) -> bool {
    match reads {
        // Where only its classes matter, a new node can but mend what links to it, and what links to it in the same
        // change has changed itself.
        Reads::Classes => was_there && changed.iter().any(|predicate| predicate.as_ref() == rdf::TYPE),
        Reads::Values(predicates) => predicates.iter().any(|read| changed.contains(&read)),
        Reads::Anything => true,
    }
}

/// Returns where the dependency ends for a changed node: at the node, and where its last step is taken backwards,
/// at what the node points at too.
fn ends(dependency: &Dependency, node: &NamedNode, was: &[Statement], is: &[Statement]) -> Vec<NamedNode> {
    let mut ends = vec![node.clone()];
    for step in dependency.steps.iter().filter(|step| step.inverse) {
        for statement in
            was.iter().chain(is).filter(|statement| step.predicates.contains(&statement.predicate))
        {
            if let Term::NamedNode(target) = &statement.object {
                ends.push(target.clone());
            }
        }
    }
    ends
}

/// Walks a dependency backwards from its ends.
fn reaching<D: Data>(
    data: &D,
    dependency: &Dependency,
    ends: &[NamedNode],
) -> Result<HashSet<NamedNode>, Error> {
    let mut here: HashSet<NamedNode> = ends.iter().cloned().collect();
    let mut met = HashSet::new();
    for step in dependency.steps.iter().rev() {
        let mut next = HashSet::new();
        let mut pending: Vec<NamedNode> = here.iter().cloned().collect();
        while let Some(node) = pending.pop() {
            for source in back(data, step, &node)? {
                if next.insert(source.clone()) && step.repeated {
                    pending.push(source);
                }
            }
        }
        if step.repeated {
            next.extend(here);
        }
        met.extend(next.iter().cloned());
        here = next;
    }
    // Ends of backward steps lie between; taking all that was met in is a superset that costs little.
    Ok(if dependency.steps.iter().any(|step| step.inverse || step.repeated) {
        met.into_iter().chain(here).collect()
    } else {
        here
    })
}

fn back<D: Data>(data: &D, step: &Step, node: &NamedNode) -> Result<Vec<NamedNode>, Error> {
    let mut sources = Vec::new();
    for predicate in &step.predicates {
        if step.inverse {
            let found = data.values(node, predicate).map_err(Error::data)?;
            let target = |statement: &Statement| match &statement.object {
                Term::NamedNode(iri) => Some(iri.clone()),
                _ => None,
            };
            sources.extend(found.iter().filter_map(target));
        } else {
            let object = Term::NamedNode(node.clone());
            let found = data.matching(None, Some(predicate), Some(&object)).map_err(Error::data)?;
            sources.extend(found.into_iter().map(|statement| statement.subject));
        }
    }
    Ok(sources)
}
