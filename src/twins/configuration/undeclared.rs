//! Installations at positions that no usage of the parent's design declares: a slip of the pen, or a design behind its fleet.

use crate::graph::Snapshot;
use crate::model::time::interval::Interval;
use crate::ontology::terms::tl;
use crate::thread::{self, bill_of_materials};
use crate::twins::error::Error;
use crate::twins::facts::Facts;
use crate::twins::facts::installation::StatedInstallation;
use oxigraph::model::NamedNode;
use std::collections::HashMap;

/// An installation at a position that the parent's design does not declare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndeclaredPosition {
    /// The installation.
    pub installation: NamedNode,
    /// The unit that it is in.
    pub parent: NamedNode,
    /// The position.
    pub position: String,
    /// The first revision that the parent had at the time whose usages declare no such position.
    pub revision: NamedNode,
}

/// Returns the installations at undeclared positions, in IRI order. A parent of which no revision is known may declare any
/// position, and so may a design without usages, or with one that names no position, and what is inside a place that names a part
/// but not which revision of it.
pub fn undeclared_positions(snapshot: &Snapshot) -> Result<Vec<UndeclaredPosition>, Error> {
    let facts = Facts::new(snapshot);
    let mut designs: HashMap<NamedNode, Declared> = HashMap::new();
    let mut found = Vec::new();
    for installation in snapshot.instances(tl::INSTALLATION)? {
        let Some(StatedInstallation { parent, position, possible: Some(possible), .. }) =
            StatedInstallation::read(&facts, &installation)?
        else {
            continue;
        };
        if position.is_empty() {
            continue;
        }
        for revision in revisions(&facts, &parent, possible)? {
            if !designs.contains_key(&revision) {
                designs.insert(revision.clone(), Declared::by(snapshot, &revision)?);
            }
            if !designs[&revision].allows(&position) {
                found.push(UndeclaredPosition { installation, parent, position, revision });
                break;
            }
        }
    }
    Ok(found)
}

/// Returns the revisions that a unit had within a stretch, as far as they are known.
fn revisions(facts: &Facts<'_>, unit: &NamedNode, within: Interval) -> Result<Vec<NamedNode>, Error> {
    let eras = facts.eras(unit)?;
    let there = eras.iter().filter(|era| era.within.intersect(within).is_some());
    Ok(there.filter_map(|era| era.revision.clone()).collect())
}

/// The positions that a design declares, at any depth.
struct Declared(Vec<DeclaredPosition>);

/// A position, and whether there may be any other in it.
struct DeclaredPosition {
    path: String,
    open: bool,
}

impl Declared {
    fn by(snapshot: &Snapshot, revision: &NamedNode) -> Result<Self, Error> {
        let mut places = Vec::new();
        for line in bill_of_materials(snapshot, revision)? {
            let open = thread::is_instance(snapshot, &line.place.child, tl::PART_CLASS)?;
            places.push(DeclaredPosition { path: line.path, open });
        }
        Ok(Self(places))
    }

    fn allows(&self, position: &str) -> bool {
        let is_inside = |path: &str| position.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        self.0.is_empty()
            || self.0.iter().any(|place| {
                place.path == position || place.path.is_empty() || (place.open && is_inside(&place.path))
            })
    }
}
