//! What can be asked about the field usage of an item.

use super::change::Changes;
use crate::model::number::quantity::Transform;
use crate::model::time::interval::Interval;
use crate::model::time::period::{Period, Zone};
use crate::telemetry::Comparator;
use oxigraph::model::NamedNode;

/// A question about the field usage of an item.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The Part, DesignRevision, Build or TwinInstance.
    pub item: NamedNode,
    /// What is observed.
    pub property: NamedNode,
    /// When.
    pub window: Interval,
    /// The length of the buckets that the answer is also given for.
    pub bucket: Option<Period>,
    /// The time zone in which days and months begin.
    pub zone: Zone,
    /// What the answer is also grouped by; several make one key.
    pub group_by: Vec<GroupBy>,
    /// How many steps of the position make a group, from the asset down; `None`: all of them.
    pub position_depth: Option<usize>,
    /// The unit of the answer; `None`: that of the first signal bound, a design's before a unit's own.
    pub unit: Option<NamedNode>,
    /// What is done to each value first.
    pub transform: Transform,
    /// What each value counts for.
    pub weight: Weight,
    /// Which units count.
    pub among: TwinFilter,
    /// Only samples while all of these hold count.
    pub conditions: Vec<Condition>,
    /// Limits in the unit of the answer; the time beyond each is counted exactly.
    pub limits: Vec<Comparator>,
    /// Constraints to be assessed along the way, each in its own unit and under its own conditions.
    pub checks: Vec<Check>,
    /// Whether percentiles and histograms will be asked of the answer; without them it comes faster.
    pub quantiles: bool,
    /// What will be asked of counters and states.
    pub changes: Changes,
}

/// What the answer can be grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupBy {
    /// The unit, by its IRI.
    Unit,
    /// The lot, by its IRI.
    Lot,
    /// The site of the asset.
    Site,
    /// The design revision, by its IRI.
    Revision,
    /// The month, as `2024-05`, in the question's time zone.
    Month,
    /// The place in the asset, or the first steps of it.
    Position,
}

/// What a value counts for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Weight {
    /// The time that it covers.
    #[default]
    Time,
    /// One.
    Sample,
    /// Its time, as a share of its unit's: every unit counts once.
    Unit,
}

/// Which units count; an empty list lets all pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TwinFilter {
    /// Sites of the asset.
    pub sites: Vec<String>,
    /// Serials of the unit or of what it sits in, at any height, or IRIs of them.
    pub serials: Vec<String>,
    /// Identifiers of the unit's lot, or IRIs of it.
    pub lots: Vec<String>,
    /// IRIs of design revisions: only the times in which a unit had one of them count.
    pub revisions: Vec<String>,
    /// A place in the asset: only the times in which a unit sat there or below count.
    pub position: Option<String>,
}

/// Only samples while it holds count.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// The property that is compared.
    pub property: NamedNode,
    /// With what.
    pub comparator: Comparator,
    /// The unit of the limits; `None`: that of the signal.
    pub unit: Option<NamedNode>,
}

/// What is to be known exactly about one constraint.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// What is done to each value first.
    pub transform: Transform,
    /// The unit of the limits.
    pub unit: Option<NamedNode>,
    /// Only samples while all of these hold count.
    pub conditions: Vec<Condition>,
    /// The limits; the time beyond each is counted exactly.
    pub limits: Vec<Comparator>,
}

impl Question {
    /// Asks how an item behaved, with the defaults: weighted by time, no conditions, one answer for all.
    pub fn new(item: NamedNode, property: NamedNode, window: Interval) -> Self {
        Self {
            item,
            property,
            window,
            bucket: None,
            zone: Zone::UTC,
            group_by: Vec::new(),
            position_depth: None,
            unit: None,
            transform: Transform::None,
            weight: Weight::Time,
            among: TwinFilter::default(),
            conditions: Vec::new(),
            limits: Vec::new(),
            checks: Vec::new(),
            quantiles: true,
            changes: Changes::default(),
        }
    }
}
