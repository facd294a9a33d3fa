//! What hangs together: the links of the ontology, followed forwards and backwards.

use super::link::is_link;
use crate::graph::{Error, Snapshot};
use crate::model::statement::{Statement, root};
use crate::ontology::Upward;
use oxigraph::model::{NamedNode, Term};
use std::collections::BTreeSet;

/// Which way links are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From a resource to what it links to: from a design to its requirements.
    Forward,
    /// From a resource to what links to it: from a requirement to the designs that satisfy it.
    Backward,
    /// Both.
    Both,
    /// Up, as the ontology states for each link: from what was seen in the field to lot, revision, requirement, test and owner.
    Up,
}

/// One link that was followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// How many links it is away from where the trace began; the first have 1.
    pub depth: usize,
    /// The resource that was reached, as a whole even where the link meets one of its fragments.
    pub reached: NamedNode,
    /// The link as it is stated.
    pub link: Statement,
    /// Whether it was followed from its target to its subject.
    pub backward: bool,
    /// Which of the steps led to where this one begins; `None` for those that begin the trace.
    pub after: Option<usize>,
}

/// Follows links from a resource, nearest first, up to `depth` links away. Each resource is reached once, by one of the shortest
/// ways; fragments count as part of their resource.
pub fn trace(
    snapshot: &Snapshot,
    from: &NamedNode,
    direction: Direction,
    depth: usize,
) -> Result<Vec<Step>, Error> {
    let start = root(from);
    let mut seen = BTreeSet::from([start.clone()]);
    let mut edge = vec![(start, None)];
    let mut steps = Vec::new();
    for depth in 1..=depth {
        let mut next = Vec::new();
        for (resource, after) in edge {
            for (link, reached, backward) in links(snapshot, &resource, direction)? {
                if seen.insert(reached.clone()) {
                    next.push((reached.clone(), Some(steps.len())));
                    steps.push(Step { depth, reached, link, backward, after });
                }
            }
        }
        if next.is_empty() {
            break;
        }
        edge = next;
    }
    Ok(steps)
}

/// Returns the steps that lead from the beginning of a trace to one of its steps, that one last.
pub fn path(steps: &[Step], to: usize) -> Vec<usize> {
    let mut path: Vec<usize> = std::iter::successors(Some(to), |at| steps.get(*at)?.after).collect();
    path.reverse();
    path
}

/// Returns what may have to change when a resource does: all that links to it, directly or through others.
pub fn impact(snapshot: &Snapshot, of: &NamedNode) -> Result<Vec<Step>, Error> {
    trace(snapshot, of, Direction::Backward, usize::MAX)
}

type Link = (Statement, NamedNode, bool);

fn links(snapshot: &Snapshot, resource: &NamedNode, direction: Direction) -> Result<Vec<Link>, Error> {
    let document = snapshot.document(resource)?;
    let mut links = Vec::new();
    if direction != Direction::Backward {
        for link in document.iter().filter(|link| is_link(snapshot.ontology(), link)) {
            let Term::NamedNode(target) = &link.object else { continue };
            let reached = root(target);
            let leads = direction != Direction::Up || leads_up(snapshot, link, Upward::Forward)?;
            if leads && reached != *resource && snapshot.exists(&reached)? {
                links.push((link.clone(), reached, false));
            }
        }
    }
    if direction != Direction::Forward {
        let subjects: BTreeSet<&NamedNode> =
            document.iter().map(|statement| &statement.subject).chain([resource]).collect();
        for subject in subjects {
            for link in snapshot.matching(None, None, Some(&subject.clone().into()))? {
                let reached = root(&link.subject);
                let leads = direction != Direction::Up || leads_up(snapshot, &link, Upward::Backward)?;
                if leads && reached != *resource && is_link(snapshot.ontology(), &link) {
                    links.push((link, reached, true));
                }
            }
        }
    }
    Ok(links)
}

/// Returns whether a link leads up this way, as a class of its subject states.
fn leads_up(snapshot: &Snapshot, link: &Statement, way: Upward) -> Result<bool, Error> {
    let classes = snapshot.classes_of(&link.subject)?;
    let known = classes.iter().filter_map(|class| snapshot.ontology().class(class.as_ref()));
    let mut fields = known.filter_map(|class| class.field_of(link.predicate.as_ref()));
    Ok(fields.any(|field| field.upward == Some(way)))
}
