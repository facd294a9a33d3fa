//! Why a question about twins has no answer.

use crate::model::time::period;
use crate::ontology::units;
use crate::{graph, telemetry};
use oxigraph::model::NamedNode;

/// Why a question about twins has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The resource is not one whose field usage can be asked.
    #[error("{0} is no Part, DesignRevision, Build or TwinInstance of this version")]
    NotFielded(NamedNode),
    /// Lives go through many months.
    #[error(
        "lives are not grouped by MONTH, for each goes through many; group by UNIT, LOT, SITE, REVISION or POSITION"
    )]
    LivesByMonth,
    /// The question reads more samples than one request may.
    #[error(
        "cycles are counted from each sample: the question reads more than {most}, ask for fewer units or a shorter window"
    )]
    TooManySamples {
        /// How many are read at the most.
        most: u64,
    },
    /// The resource is no twin.
    #[error("{0} is no TwinInstance of this version")]
    NotATwin(NamedNode),
    /// The resource is no field event.
    #[error("{0} is no FieldEvent of this version with a unit and an instant")]
    NotAnEvent(NamedNode),
    /// The resource is no property.
    #[error("{0} is no Property of this version")]
    NotAProperty(NamedNode),
    /// Twins sit in each other in a circle, or deeper than any real one.
    #[error("{0} is installed in itself, or more than {1} levels deep")]
    Nesting(NamedNode, usize),
    /// The values wrap around.
    #[error("{property} is a direction: its values wrap around, so it has no {statistic}")]
    Circular {
        /// The property.
        property: NamedNode,
        /// What was asked for.
        statistic: &'static str,
    },
    /// The number is greater than a double.
    #[error(
        "the {statistic} of {property} is beyond 1.8e308, the greatest number of an answer: ask for its mean, or state a plausible range on its signal"
    )]
    TooGreat {
        /// The property.
        property: NamedNode,
        /// What was asked for.
        statistic: &'static str,
    },
    /// The signals are not of the kind that has what was asked for.
    #[error("{property} is observed by a signal of the kind {found}, only one of the kind {wanted} has this")]
    Kind {
        /// The property.
        property: NamedNode,
        /// The kind that has it.
        wanted: &'static str,
        /// The kind that was found.
        found: &'static str,
    },
    /// The question would be cut into too many parts.
    #[error(
        "the question asks for {asked} parts (units × groups × buckets), {most} are the most: ask for a shorter window, longer buckets, fewer keys of groupBy, or fewer units (among)"
    )]
    TooMany {
        /// How many it asks for.
        asked: usize,
        /// How many are answered.
        most: usize,
    },
    /// The unit of the answer measures something else than the property is.
    #[error("{unit} does not measure {property}, which is a {kind}")]
    Unit {
        /// The unit that was asked for.
        unit: NamedNode,
        /// The property.
        property: NamedNode,
        /// What the property is: the name of its quantity kind.
        kind: String,
    },
    /// Units do not convert.
    #[error(transparent)]
    Units(#[from] units::Error),
    /// The buckets cannot be cut.
    #[error(transparent)]
    Period(#[from] period::Error),
    /// The graph failed.
    #[error(transparent)]
    Graph(#[from] graph::Error),
    /// The telemetry store failed.
    #[error(transparent)]
    Telemetry(#[from] telemetry::Error),
}

impl Error {
    /// Returns whether units of measure are the cause, which concerns this question alone.
    pub fn is_about_units(&self) -> bool {
        matches!(self, Self::Unit { .. } | Self::Units(_))
    }
}
