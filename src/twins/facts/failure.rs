//! Failures of a unit, as its field events record them.

use crate::graph::Snapshot;
use crate::model::time::instant::Instant;
use crate::ontology::terms::tl;
use crate::thread::Record;
use crate::twins::error::Error;
use oxigraph::model::NamedNode;

/// Whose failures count for a unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EventsOf {
    /// Those of the unit itself.
    #[default]
    Unit,
    /// Those of the units that it sat in as well, at any height, while it sat there.
    Asset,
}

/// One failure.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::twins) struct Failure {
    pub(in crate::twins) event: NamedNode,
    pub(in crate::twins) at: Instant,
    /// The last instant at which it was known not to have failed, where it was only found later that it had.
    pub(in crate::twins) earliest: Option<Instant>,
    pub(in crate::twins) mode: Option<NamedNode>,
    /// The place in the unit that failed, where that holds no unit of its own.
    pub(in crate::twins) position: Option<String>,
}

impl Failure {
    /// Reads the failures of a unit, in order of time; an event in which no fault was found is none.
    pub(in crate::twins) fn of(snapshot: &Snapshot, twin: &NamedNode) -> Result<Vec<Self>, Error> {
        let mut failures = Vec::new();
        for event in snapshot.subjects(tl::ON, &twin.clone().into())? {
            let record = Record::read(snapshot, &event)?;
            let is_failure = record.is_a(snapshot.ontology(), tl::FIELD_EVENT)
                && record.text(tl::KIND) == Some("FAILURE")
                && record.text(tl::STATE) != Some("NO_FAULT_FOUND");
            if let Some(at) = record.instant(tl::AT).filter(|_| is_failure) {
                failures.push(Self {
                    event,
                    at,
                    earliest: record.instant(tl::FROM_EARLIEST),
                    mode: record.target(tl::FAILURE_MODE),
                    position: record.text(tl::POSITION).map(str::to_owned),
                });
            }
        }
        failures.sort_by(|a, b| (a.at, a.event.as_str()).cmp(&(b.at, b.event.as_str())));
        Ok(failures)
    }
}
