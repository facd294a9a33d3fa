//! Which design revision a unit has when: the one it was built to, until a modification gives it another.

use super::Facts;
use crate::graph::{Remembered, Snapshot};
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::ontology::terms::tl;
use crate::thread::Record;
use crate::twins::error::Error;
use oxigraph::model::NamedNode;
use std::collections::HashMap;

/// A time in which a unit had one revision.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::twins) struct Era {
    pub(in crate::twins) within: Interval,
    /// `None` where the version does not state it.
    pub(in crate::twins) revision: Option<NamedNode>,
}

/// All modifications of a version, by unit, in time order.
pub(in crate::twins) struct Modifications(HashMap<NamedNode, Vec<(Instant, NamedNode)>>);

impl Remembered for Modifications {
    fn bytes(&self) -> usize {
        self.0.values().map(|changes| 256 + changes.len() * 128).sum()
    }
}

impl Modifications {
    pub(in crate::twins) fn read(snapshot: &Snapshot) -> Result<Self, Error> {
        let mut units: HashMap<NamedNode, Vec<(Instant, NamedNode)>> = HashMap::new();
        for modification in snapshot.instances(tl::MODIFICATION)? {
            let record = Record::read(snapshot, &modification)?;
            let fields = (record.target(tl::OF), record.instant(tl::AT), record.target(tl::REALIZES));
            if let (Some(unit), Some(at), Some(revision)) = fields {
                units.entry(unit).or_default().push((at, revision));
            }
        }
        units.values_mut().for_each(|changes| changes.sort_by_key(|change| change.0));
        Ok(Self(units))
    }

    fn of(&self, unit: &NamedNode) -> &[(Instant, NamedNode)] {
        self.0.get(unit).map_or(&[], Vec::as_slice)
    }
}

/// Returns the revisions of a unit, all of time long.
pub(in crate::twins) fn eras(facts: &Facts<'_>, twin: &NamedNode) -> Result<Vec<Era>, Error> {
    let mut revision = match &facts.twin(twin)?.built_by {
        Some(build) => facts.lot(build)?.realizes.clone(),
        None => None,
    };
    let mut from = Instant::MIN;
    let mut eras = Vec::new();
    for (at, next) in facts.modifications()?.of(twin) {
        eras.extend(Interval::new(from, *at).ok().map(|within| Era { within, revision: revision.take() }));
        (from, revision) = (*at, Some(next.clone()));
    }
    eras.extend(Interval::new(from, Instant::MAX).ok().map(|within| Era { within, revision }));
    Ok(eras)
}
