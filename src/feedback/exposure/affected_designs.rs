//! Which design revisions a change reaches at one version; [`super::Exposure::of`] states the rule.

use crate::feedback::error::Error;
use crate::graph::{ResourceDiff, Snapshot};
use crate::model::time::interval::Interval;
use crate::ontology::terms::tl;
use crate::thread::{self, Record};
use crate::twins;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};
use std::collections::BTreeSet;

/// Returns the design revisions that changes of resources reach, as one version has them.
pub(super) fn designs(
    snapshot: &Snapshot,
    changes: &[ResourceDiff],
    window: Interval,
) -> Result<BTreeSet<NamedNode>, Error> {
    let mut affected = AffectedDesigns { snapshot, window, designs: BTreeSet::new(), units: BTreeSet::new() };
    for change in changes {
        affected.resource(&change.resource, change)?;
    }
    let mut designs = affected.designs;
    for design in std::mem::take(&mut designs) {
        if thread::is_instance(snapshot, &design, tl::DESIGN_REVISION)? {
            designs.insert(design);
        }
    }
    Ok(designs)
}

struct AffectedDesigns<'a> {
    snapshot: &'a Snapshot,
    window: Interval,
    designs: BTreeSet<NamedNode>,
    /// The units that were looked into.
    units: BTreeSet<NamedNode>,
}

impl AffectedDesigns<'_> {
    fn resource(&mut self, resource: &NamedNode, change: &ResourceDiff) -> Result<(), Error> {
        let record = Record::read(self.snapshot, resource)?;
        let ontology = self.snapshot.ontology();
        let is = |class: NamedNodeRef<'_>| record.is_a(ontology, class);
        if is(tl::DESIGN_REVISION) {
            self.revision(resource, change)
        } else if is(tl::REQUIREMENT) {
            self.satisfying(resource)
        } else if is(tl::PROPERTY_CLASS) {
            self.limiting(resource)
        } else if is(tl::VERIFICATION) {
            self.designs.extend(record.targets(tl::OF));
            Ok(())
        } else if is(tl::MODIFICATION) {
            self.designs.extend(record.targets(tl::REALIZES));
            self.items(record.targets(tl::OF))
        } else if is(tl::INSTALLATION) {
            // What it sits in behaves by its own signals, whatever sits in it.
            self.items(record.targets(tl::COMPONENT))
        } else {
            self.items(vec![resource.clone()])
        }
    }

    /// Adds a revision, what fills the places that the change is about, and what its units hold where its signals change.
    fn revision(&mut self, revision: &NamedNode, change: &ResourceDiff) -> Result<(), Error> {
        self.designs.insert(revision.clone());
        let mut signals = false;
        for property in &change.properties {
            let subject_is_signal = thread::is_instance(self.snapshot, &property.subject, tl::SIGNAL_CLASS)?;
            signals |= subject_is_signal || property.predicate.as_ref() == tl::SIGNAL;
            if property.predicate.as_ref() == tl::CHILD {
                let children = property.removed.iter().chain(&property.added);
                self.children(children.cloned().filter_map(|child| NamedNode::try_from(child).ok()))?;
            }
        }
        if signals {
            for member in twins::population(self.snapshot, revision, Some(self.window))?.members {
                self.inside(&member.unit)?;
            }
        }
        Ok(())
    }

    fn children(&mut self, children: impl Iterator<Item = NamedNode>) -> Result<(), Error> {
        for child in children {
            self.designs.extend(self.snapshot.subjects(tl::REVISION_OF, &child.clone().into())?);
            self.designs.insert(child);
        }
        Ok(())
    }

    fn satisfying(&mut self, requirement: &NamedNode) -> Result<(), Error> {
        self.designs.extend(self.snapshot.subjects(tl::SATISFIES, &requirement.clone().into())?);
        Ok(())
    }

    /// Adds what is under a constraint on a property.
    fn limiting(&mut self, property: &NamedNode) -> Result<(), Error> {
        for constraint in self.snapshot.subjects(tl::PROPERTY, &property.clone().into())? {
            for owner in self.snapshot.subjects(tl::CONSTRAINT, &Term::from(constraint))? {
                self.satisfying(&owner)?;
                self.designs.insert(owner);
            }
        }
        Ok(())
    }

    /// Adds what items in service are: units, lots, or software.
    fn items(&mut self, items: Vec<NamedNode>) -> Result<(), Error> {
        for item in items {
            let record = Record::read(self.snapshot, &item)?;
            if record.is_a(self.snapshot.ontology(), tl::BUILD) {
                self.designs.extend(record.targets(tl::REALIZES));
                for unit in self.snapshot.subjects(tl::BUILT_BY, &item.clone().into())? {
                    self.unit(&unit)?;
                }
            } else if record.is_a(self.snapshot.ontology(), tl::TWIN_INSTANCE) {
                self.unit(&item)?;
            } else {
                self.designs.insert(item);
            }
        }
        Ok(())
    }

    fn unit(&mut self, unit: &NamedNode) -> Result<(), Error> {
        self.revisions_of(unit)?;
        self.inside(unit)
    }

    /// Adds the revisions that a unit was within the window.
    fn revisions_of(&mut self, unit: &NamedNode) -> Result<(), Error> {
        if thread::is_instance(self.snapshot, unit, tl::TWIN_INSTANCE)? {
            let members = twins::population(self.snapshot, unit, Some(self.window))?.members;
            self.designs.extend(members.into_iter().filter_map(|member| member.revision));
        }
        Ok(())
    }

    /// Adds what was installed in a unit within the window, at any depth.
    fn inside(&mut self, unit: &NamedNode) -> Result<(), Error> {
        if !self.units.insert(unit.clone()) {
            return Ok(());
        }
        for installation in self.snapshot.subjects(tl::PARENT, &unit.clone().into())? {
            let record = Record::read(self.snapshot, &installation)?;
            let is_over = record.instant(tl::TO).is_some_and(|to| to <= self.window.from());
            let is_to_come = record.instant(tl::FROM).is_some_and(|from| from >= self.window.to());
            if !is_over && !is_to_come {
                self.items(record.targets(tl::COMPONENT))?;
            }
        }
        Ok(())
    }
}
