//! Whether a revision that answers a finding cures what was found: the margins of both under the constraint that was broken,
//! and how their units compare.

use super::demonstration::Demonstration;
use super::{Compared, Comparison, ComparisonVerdict};
use crate::feedback::error::Error;
use crate::feedback::margin::cohort::{Cohort, Side, UnitStatistic};
use crate::feedback::margin::constraint::Constraint;
use crate::feedback::margin::margins::{Design, judge_all};
use crate::feedback::margin::{Margin, UnitMargin, Verdict};
use crate::feedback::sufficiency::Sufficiency;
use crate::graph::Snapshot;
use crate::statistics::difference::Resampling;
use crate::telemetry::{Comparator, View};

/// What became of a broken constraint.
#[derive(Clone, Debug, PartialEq)]
pub struct Effectiveness {
    /// The margin of the cohort in which the constraint was broken.
    pub before: Margin,
    /// The margin of the cohort with the fix.
    pub after: Margin,
    /// Their units compared, the cohort before on the left. The statistic of a unit is the one the constraint names, in the
    /// constraint's unit and under its conditions; where the constraint has a window of its own, that of the unit's worst
    /// window.
    pub comparison: Comparison,
    /// What must be observed after before keeping the limit shows anything; `None` where no unit is known to have broken it
    /// before.
    pub demonstration: Option<Demonstration>,
}

/// What is to be done about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Proposal {
    /// The constraint is kept, for longer than chance explains: the finding can be closed.
    Close,
    /// It is broken again: the finding is to be opened again.
    Reopen,
    /// Too little was observed.
    Wait,
}

/// Compares a cohort in which a constraint was broken with one that was to fix it, whether or not the latter's design is
/// still under the constraint.
pub fn effectiveness(
    snapshot: &Snapshot,
    view: &View,
    constraint: &Constraint,
    (before, after): (Cohort, Cohort),
    sufficiency: Sufficiency,
    resampling: Resampling,
) -> Result<Effectiveness, Error> {
    if before.is(&after) {
        return Err(Error::SameCohort(before.item));
    }
    let designs = [&before, &after].map(|cohort| Design::under(cohort, constraint));
    let mut margins = judge_all(snapshot, view, &designs, sufficiency)?.into_iter();
    let margins = margins.next().zip(margins.next()).expect("one constraint on two designs has two margins");
    let sides = (side(before, &margins.0), side(after, &margins.1));
    let compared = Compared {
        property: constraint.property.clone(),
        statistic: constraint.statistic,
        transform: constraint.transform,
        unit: constraint.unit.clone(),
        commit: snapshot.commit().id,
        watermark: view.watermark(),
    };
    let comparison = Comparison::of(compared, sides.0, sides.1, resampling, sufficiency)?;
    let demonstration = Demonstration::of(&margins.0, &margins.1, 1.0 - resampling.confidence);
    Ok(Effectiveness { before: margins.0, after: margins.1, comparison, demonstration })
}

fn side(cohort: Cohort, margin: &Margin) -> Side {
    let unit = |unit: &UnitMargin| UnitStatistic {
        twin: unit.twin.clone(),
        serial: unit.serial.clone(),
        value: unit.observed,
        within: unit.within,
        observed_hours: unit.observed_hours,
        counts: unit.verdict != Verdict::Unknown,
    };
    Side { cohort, units: margin.units.iter().map(unit).collect(), account: margin.account.clone() }
}

impl Effectiveness {
    /// Proposes what to do: the margin after decides, for what was required is the limit, not a difference. That it is kept
    /// closes the finding where enough was observed to show it.
    pub fn proposal(&self) -> Proposal {
        match self.after.verdict {
            Verdict::Conforms if self.demonstration.is_some_and(|shown| shown.is_shown()) => Proposal::Close,
            Verdict::Conforms => Proposal::Wait,
            Verdict::Violates => Proposal::Reopen,
            Verdict::Unknown => Proposal::Wait,
        }
    }

    /// Returns whether the cohort after lies further from the limit; `None` where no difference is shown, or the limit has two
    /// sides.
    pub fn is_better(&self) -> Option<bool> {
        let lower = match self.comparison.verdict {
            ComparisonVerdict::Lower => true,
            ComparisonVerdict::Higher => false,
            ComparisonVerdict::NoDifference | ComparisonVerdict::Unknown => return None,
        };
        match self.after.constraint.comparator {
            Comparator::Le(_) | Comparator::Lt(_) => Some(lower),
            Comparator::Ge(_) | Comparator::Gt(_) => Some(!lower),
            Comparator::Between(..) => None,
        }
    }
}
