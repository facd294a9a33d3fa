//! The subject of a design review: designs, the requirements that they are checked against, and a window of their field life.

use crate::feedback::error::Error;
use crate::feedback::margin::Margin;
use crate::feedback::margin::margins::margins_with;
use crate::feedback::record::evidence::{FieldEvidence, digest};
use crate::feedback::sufficiency::Sufficiency;
use crate::graph::Snapshot;
use crate::model::time::interval::Interval;
use crate::ontology::terms::tl;
use crate::telemetry::{SeriesId, View};
use crate::twins::{self, Observation};
use oxigraph::model::NamedNode;
use std::collections::BTreeMap;

/// What is on a design review's table.
#[derive(Clone, Debug, PartialEq)]
pub struct ReviewSubject {
    /// The design revisions.
    pub designs: Vec<NamedNode>,
    /// The requirements; none: all constraints that the designs are under.
    pub requirements: Vec<NamedNode>,
    /// When the designs were in the field.
    pub window: Interval,
    /// How much must have been observed.
    pub sufficiency: Sufficiency,
}

impl ReviewSubject {
    /// Makes a subject with the default sufficiency; each design and requirement is listed once, in IRI order,
    /// as the record will list them.
    pub fn new(mut designs: Vec<NamedNode>, mut requirements: Vec<NamedNode>, window: Interval) -> Self {
        for list in [&mut designs, &mut requirements] {
            list.sort_unstable();
            list.dedup();
        }
        Self { designs, requirements, window, sufficiency: Sufficiency::default() }
    }

    /// Returns the designs that a version knows: later ones may have lost some.
    pub fn designs_of(&self, snapshot: &Snapshot) -> Result<Vec<NamedNode>, Error> {
        let mut known = Vec::new();
        for design in &self.designs {
            if snapshot.target(design, tl::REVISION_OF)?.is_some() {
                known.push(design.clone());
            }
        }
        Ok(known)
    }

    /// Returns the margins of all designs against the requirements, in the order of designs.
    pub fn margins(&self, snapshot: &Snapshot, view: &View) -> Result<Vec<Margin>, Error> {
        let mut found = Vec::new();
        for design in self.designs_of(snapshot)? {
            found.extend(margins_with(snapshot, view, &design, self.window, self.sufficiency)?);
        }
        found.retain(|margin| match &margin.constraint.requirement {
            Some(requirement) => self.requirements.is_empty() || self.requirements.contains(requirement),
            None => self.requirements.is_empty(),
        });
        Ok(found)
    }

    /// Returns the series that any question about the designs in the window can read.
    pub fn observations(
        &self,
        snapshot: &Snapshot,
        view: &View,
    ) -> Result<BTreeMap<SeriesId, Observation>, Error> {
        let mut all: BTreeMap<SeriesId, Observation> = BTreeMap::new();
        for design in self.designs_of(snapshot)? {
            for (series, observation) in twins::observations(snapshot, view, &design, self.window)? {
                all.entry(series).or_default().join(observation);
            }
        }
        Ok(all)
    }

    /// Returns the digest of margins that were found at a version: of the canonical text of each, in their order.
    pub fn digest(snapshot: &Snapshot, margins: &[Margin]) -> Result<String, Error> {
        let mut text = String::new();
        for margin in margins {
            text.push_str(&FieldEvidence::of(snapshot, margin.clone())?.text());
            text.push('\n');
        }
        Ok(digest(&text))
    }
}
