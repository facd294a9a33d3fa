//! Why field usage cannot be compared with the design record, or a record that it led to cannot be decided.

use super::sufficiency::Unbounded;
use crate::{graph, ontology, statistics::difference, telemetry, twins};
use oxigraph::model::NamedNode;

/// Why field usage cannot be compared with the design record.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The usage was asked of another version than the one given.
    #[error("the usage was asked at commit {asked}, the requirement is to be read at {given}")]
    OtherVersion {
        /// The commit of the usage.
        asked: graph::CommitId,
        /// The commit of the snapshot.
        given: graph::CommitId,
    },
    /// The resource is no requirement.
    #[error("{0} is no Requirement of this version")]
    NotARequirement(NamedNode),
    /// The requirement does not limit the property that was asked about.
    #[error("{requirement} has no constraint on {property}")]
    NoConstraint {
        /// The requirement.
        requirement: NamedNode,
        /// The property of the usage.
        property: NamedNode,
    },
    /// The usage did not count what the constraint needs.
    #[error("the usage was asked without the check of {0}: ask with `twins::usage`, or name the check")]
    NotChecked(NamedNode),
    /// The constraint holds window by window, which a usage does not keep.
    #[error("{0} is judged window by window: take its margin with `feedback::margins`")]
    Windowed(NamedNode),
    /// The statistic is one of lives.
    #[error("{0} is a statistic of lives or of duty, not of samples; lives are compared with `compareLife`")]
    OfLives(String),
    /// More lines would be drawn through points than one request may ask for.
    #[error(
        "intervals of trends take {asked} lines (units × resamples), {most} are the most: ask for fewer units or resamples"
    )]
    TooManyLines {
        /// How many it asks for.
        asked: usize,
        /// How many are drawn at the most.
        most: usize,
    },
    /// A forecast is of one limit.
    #[error("{0} has two limits (BETWEEN): a forecast is of one, state each as a constraint of its own")]
    TwoLimits(NamedNode),
    /// Both sides of a comparison are the same.
    #[error("{0} is compared with itself: give the sides different items, units or windows")]
    SameCohort(NamedNode),
    /// The difference of the cohorts has no interval.
    #[error(transparent)]
    Interval(#[from] difference::Error),
    /// The resource is of another class.
    #[error("{1} is no {0} of this version")]
    NotA(&'static str, NamedNode),
    /// A decision needs a reason.
    #[error("a decision needs a reason")]
    NoReason,
    /// A person decides.
    #[error(transparent)]
    Nobody(#[from] graph::NotAPerson),
    /// Somebody has decided before.
    #[error(
        "{finding} is {state} already, decided by {by} at {at}: a decision is final, and worse evidence opens a finding of its own"
    )]
    Decided {
        /// The finding.
        finding: NamedNode,
        /// What was decided.
        state: String,
        /// By whom.
        by: String,
        /// When.
        at: String,
    },
    /// The decision cannot be taken in the state that the change request is in.
    #[error("{request} is {state}, where {decision} cannot be decided: {why}")]
    Transition {
        /// The change request.
        request: NamedNode,
        /// Its state.
        state: &'static str,
        /// The decision.
        decision: &'static str,
        /// Why not.
        why: String,
    },
    /// The move cannot be made in the state that the action is in.
    #[error("{action} is {state}, where {movement} cannot be made: it follows {from}")]
    ActionMove {
        /// The action.
        action: NamedNode,
        /// Its state.
        state: &'static str,
        /// The move.
        movement: &'static str,
        /// The states that it follows.
        from: String,
    },
    /// What is reported of an action does not fit it.
    #[error("{action}: {why}")]
    Completion {
        /// The action.
        action: NamedNode,
        /// Why not.
        why: String,
    },
    /// The field does not show that an action helped.
    #[error("{action} cannot be verified: {why}")]
    Unverified {
        /// The action.
        action: NamedNode,
        /// What the field shows.
        why: String,
    },
    /// Actions are proposed on nothing.
    #[error("actions are proposed on units or lots: name targets, or a finding whose evidence names units")]
    NoTargets,
    /// Too many actions are proposed at once.
    #[error("{asked} actions are proposed at once, {most} are the most: propose them in several requests")]
    TooManyActions {
        /// How many.
        asked: usize,
        /// How many may be.
        most: usize,
    },
    /// What is enough cannot be measured.
    #[error(transparent)]
    Bound(#[from] Unbounded),
    /// The question about the twins has no answer.
    #[error(transparent)]
    Twins(#[from] twins::Error),
    /// Units do not convert.
    #[error(transparent)]
    Units(#[from] ontology::units::Error),
    /// The telemetry refuses or fails.
    #[error(transparent)]
    Telemetry(#[from] telemetry::Error),
    /// The graph failed.
    #[error(transparent)]
    Graph(#[from] graph::Error),
}

impl Error {
    /// Returns whether units of measure are the cause, which concerns this constraint alone.
    pub(super) fn is_about_units(&self) -> bool {
        matches!(self, Self::Twins(error) if error.is_about_units())
    }

    /// Returns whether a store failed, so that there is no answer.
    pub fn is_failure(&self) -> bool {
        use twins::Error::{Graph, Telemetry};
        matches!(self, Self::Graph(_) | Self::Telemetry(_) | Self::Twins(Graph(_) | Telemetry(_)))
    }

    /// Returns whether more was asked at once than is answered.
    pub fn is_limit(&self) -> bool {
        use difference::Error::TooManyDraws;
        matches!(
            self,
            Self::Twins(twins::Error::TooMany { .. })
                | Self::Interval(TooManyDraws { .. })
                | Self::TooManyLines { .. }
        )
    }
}
