//! What is installed in a unit at an instant, at any depth.

pub(super) mod circumstances;
pub(super) mod containment;
pub(super) mod population;
pub(super) mod series_context;
pub(super) mod undeclared;

use super::error::Error;
use super::facts::{Facts, spans};
use crate::graph::Snapshot;
use crate::model::time::instant::Instant;
use crate::ontology::terms::tl;
use crate::thread::bill::join;
use oxigraph::model::NamedNode;
use population::{Certainty, Membership};
use std::collections::BTreeSet;

/// Nothing real is nested deeper.
const DEPTH_MAX: usize = 32;

/// Returns what was installed in a unit at an instant (`None`: at the version's commit), each component before what is
/// inside it, in order of position. `from` and `to` are those of the component's own installation.
pub fn configuration(
    snapshot: &Snapshot,
    twin: &NamedNode,
    at: Option<Instant>,
) -> Result<Vec<Membership>, Error> {
    let facts = Facts::new(snapshot);
    if !facts.twin(twin)?.exists {
        return Err(Error::NotATwin(twin.clone()));
    }
    inside(&facts, twin, at.unwrap_or(snapshot.commit().time))
}

/// Returns what was installed in a unit at an instant.
pub(super) fn inside(facts: &Facts<'_>, twin: &NamedNode, at: Instant) -> Result<Vec<Membership>, Error> {
    let mut found = Vec::new();
    Walk { facts, asset: twin, at }.inside(twin, "", Certainty::Certain, 0, &mut found)?;
    Ok(found)
}

/// Returns the revision of an item at an instant, and its lot.
pub(super) fn identity(
    facts: &Facts<'_>,
    item: &NamedNode,
    at: Instant,
) -> Result<(Option<NamedNode>, Option<NamedNode>), Error> {
    let twin = facts.twin(item)?;
    if twin.exists {
        let eras = facts.eras(item)?;
        let era = eras.iter().find(|era| era.within.contains(at));
        return Ok((era.and_then(|era| era.revision.clone()), twin.built_by.clone()));
    }
    match facts.lot(item)?.realizes.clone() {
        Some(revision) => Ok((Some(revision), Some(item.clone()))),
        None if facts.part_of(item)?.is_some() => Ok((Some(item.clone()), None)),
        None => Ok((None, Some(item.clone()))),
    }
}

struct Walk<'a> {
    facts: &'a Facts<'a>,
    asset: &'a NamedNode,
    at: Instant,
}

impl Walk<'_> {
    fn inside(
        &self,
        parent: &NamedNode,
        path: &str,
        certainty: Certainty,
        depth: usize,
        found: &mut Vec<Membership>,
    ) -> Result<(), Error> {
        if depth > DEPTH_MAX {
            return Err(Error::Nesting(parent.clone(), DEPTH_MAX));
        }
        for (position, item, quantity, span) in self.sitting(parent)? {
            let certainty = certainty.max(if span.certain { Certainty::Certain } else { Certainty::Unknown });
            let path = join(path, &position);
            let (revision, lot) = identity(self.facts, &item, self.at)?;
            found.push(Membership {
                item: item.clone(),
                unit: if self.facts.twin(&item)?.exists { item.clone() } else { parent.clone() },
                asset: self.asset.clone(),
                path: path.clone(),
                from: spans::start(span.within),
                to: spans::end(span.within),
                certainty,
                hours: spans::start(span.within)
                    .map_or(0.0, |from| spans::hours((self.at.nanos() - from.nanos()).into())),
                quantity,
                revision,
                lot,
            });
            self.inside(&item, &path, certainty, depth + 1, found)?;
        }
        Ok(())
    }

    /// Returns what sits in a unit at the instant, in order of position and name.
    fn sitting(&self, parent: &NamedNode) -> Result<Vec<(String, NamedNode, f64, spans::Span)>, Error> {
        let mut components = BTreeSet::new();
        for installation in self.facts.snapshot.subjects(tl::PARENT, &parent.clone().into())? {
            components.extend(self.facts.snapshot.targets(&installation, tl::COMPONENT)?);
        }
        let mut sitting = Vec::new();
        for component in components {
            for installation in self.facts.installations(&component)?.iter() {
                let span = installation.spans.iter().find(|span| span.within.contains(self.at));
                if let Some(span) = span.filter(|_| installation.parent == *parent) {
                    sitting.push((
                        installation.position.clone(),
                        component.clone(),
                        installation.quantity,
                        *span,
                    ));
                }
            }
        }
        sitting.sort_by(|a, b| (&a.0, a.1.as_str()).cmp(&(&b.0, b.1.as_str())));
        Ok(sitting)
    }
}
