//! What a change would affect, computed before it is made: the units under it, the margins then and now, what it would cover or
//! uncover, which links it would make suspect. Everything is asked twice, of a version and of the same version under the
//! change, against one view of the telemetry; only the change makes a difference.

mod affected_designs;
mod units;

pub use units::{ExposedSite, ExposedUnit, ExposedUnits};

use super::error::Error;
use super::margin::Margin;
use super::margin::margin_change::{MarginChange, margin_changes};
use super::margin::margins::margins_with;
use super::sufficiency::Sufficiency;
use crate::graph::{ChangePreview, Snapshot};
use crate::model::time::interval::Interval;
use crate::ontology::terms::tl;
use crate::telemetry::View;
use crate::thread::{self, CoverageChange, Suspect, Suspects};
use oxigraph::model::NamedNode;
use std::collections::BTreeSet;

/// A change that is supposed of a version, and the designs that it reaches.
#[derive(Debug)]
pub struct Exposure {
    before: Snapshot,
    after: Snapshot,
    resources: Vec<NamedNode>,
    window: Interval,
    designs: BTreeSet<NamedNode>,
}

impl Exposure {
    /// Finds the designs that a supposed change of a version reaches; units and margins are asked within the window.
    ///
    /// A design revision is reached, before the change or after it, where the change touches
    ///
    /// - the revision itself, or names it as what fills a place of another (a part denotes all its revisions);
    /// - a requirement that it satisfies, or a property that a constraint on it limits;
    /// - a test or simulation of it;
    /// - a lot or modification that realizes it, a unit that was one within the window, or an installation of such a
    ///   unit; and whatever was installed in such a unit within the window, at any depth, as a unit's signals measure what
    ///   its components do.
    pub fn of(before: &Snapshot, supposed: &ChangePreview, window: Interval) -> Result<Self, Error> {
        let mut designs = BTreeSet::new();
        for snapshot in [before, &supposed.snapshot] {
            designs.extend(affected_designs::designs(snapshot, &supposed.diff.resources, window)?);
        }
        let resources = supposed.diff.resources.iter().map(|diff| diff.resource.clone()).collect();
        Ok(Self { before: before.clone(), after: supposed.snapshot.clone(), resources, window, designs })
    }

    /// Returns the design revisions that the change reaches, in IRI order.
    pub fn designs(&self) -> impl Iterator<Item = &NamedNode> {
        self.designs.iter()
    }

    /// Returns the units that carry one of the designs within the window, before the change or after it.
    pub fn units(&self) -> Result<ExposedUnits, Error> {
        ExposedUnits::of([&self.before, &self.after], &self.designs, self.window)
    }

    /// Returns the margins of the designs before and after the change, in the order of design, requirement and constraint.
    pub fn margins(&self, view: &View, sufficiency: Sufficiency) -> Result<Vec<MarginChange>, Error> {
        let place = |change: &MarginChange| {
            let constraint = &change.latest().constraint;
            (constraint.requirement.clone().map(NamedNode::into_string), constraint.iri.as_str().to_owned())
        };
        let mut margins = Vec::new();
        for design in &self.designs {
            let of = |snapshot| self.margins_of(snapshot, view, design, sufficiency);
            let mut changes = margin_changes(of(&self.before)?, of(&self.after)?);
            changes.sort_by_cached_key(place);
            margins.append(&mut changes);
        }
        Ok(margins)
    }

    /// Returns the margins of a design; none where the version does not know it.
    fn margins_of(
        &self,
        snapshot: &Snapshot,
        view: &View,
        design: &NamedNode,
        sufficiency: Sufficiency,
    ) -> Result<Vec<Margin>, Error> {
        match thread::is_instance(snapshot, design, tl::DESIGN_REVISION)? {
            true => margins_with(snapshot, view, design, self.window, sufficiency),
            false => Ok(Vec::new()),
        }
    }

    /// Returns what the change does to how requirements are covered.
    pub fn coverage(&self) -> Result<Vec<CoverageChange>, Error> {
        Ok(thread::coverage_change(&self.before, &self.after)?)
    }

    /// Returns the links that the change makes suspect, or suspect for other reasons than before, in the order of links.
    pub fn suspect_links(&self) -> Result<Vec<Suspect>, Error> {
        let then = Suspects::new(&self.before).around(&self.resources)?;
        let mut now = Suspects::new(&self.after).around(&self.resources)?;
        let is_same =
            |then: &Suspect, now: &Suspect| then.link == now.link && then.properties == now.properties;
        now.retain(|now| then.iter().all(|then| !is_same(then, now)));
        Ok(now)
    }
}
