//! Constraints on duty: the cycles of each unit against the spectrum that the design assumed, or a rig tested.
//!
//! What is compared is the most, over all ranges, of the unit's cycles above a range over those of the spectrum: 1 is all of it. A spectrum of
//! so many hours is compared by the hours that samples cover, so that too few hours show nothing; one of a whole life is compared as it is,
//! and a unit that is beyond it stays beyond it, however little was observed.

use super::constraint::{Constraint, Scope};
use super::{Context, Margin, Refusal, UnitMargin, Verdict};
use crate::feedback::error::Error;
use crate::model::number::quantity::Transform;
use crate::ontology::terms::unit;
use crate::statistics::duty::rainflow::Residue;
use crate::telemetry::View;
use crate::twins::{self, Account, DutyQuestion, Question, UnitDuty, UnitUsage};
use std::collections::BTreeMap;

/// Judges a constraint on duty; what cannot be judged is refused in the margin, as a value.
pub(in crate::feedback) fn margin(
    context: &Context<'_>,
    view: &View,
    constraint: &Constraint,
) -> Result<Margin, Error> {
    let refuse =
        |reason: &str| context.refused(constraint, Refusal::Duty(reason.to_owned()), Account::default());
    if constraint.window.is_some() || !constraint.check.conditions.is_empty() {
        return refuse("DUTY is of all cycles: it has neither a window nor conditions");
    }
    if constraint.scope == Scope::Fleet {
        return refuse("DUTY is of each unit: a spectrum is that of one, so its scope is EACH_UNIT");
    }
    let asked = context.question;
    let usage =
        Question { property: constraint.property.clone(), unit: None, quantiles: false, ..asked.clone() };
    let usage = usage.answer(context.snapshot, view)?;
    let duty = twins::duty(context.snapshot, view, &question(context, constraint))?;
    let counted: BTreeMap<&str, &UnitDuty> =
        duty.units.iter().map(|unit| (unit.twin.as_str(), unit)).collect();
    if duty.units.iter().any(|unit| unit.utilisation.is_some()) {
        let share = share(context, constraint)?;
        let unit = |unit: &UnitUsage| {
            unit_margin(context, constraint, (unit, share), counted.get(unit.twin.as_str()).copied())
        };
        let units: Vec<UnitMargin> = usage.total.units.iter().map(unit).collect();
        return context.conclude(
            constraint,
            units,
            (Verdict::Unknown, None),
            None,
            usage.total.account.clone(),
        );
    }
    let reason = match duty.units.is_empty() {
        true => "no unit has samples of the load",
        false => "the design has no spectrum of this load to compare with",
    };
    Ok(Margin { account: usage.total.account.clone(), ..refuse(reason)? })
}

/// Returns what one is in the unit of the constraint: 100 in percent.
fn share(context: &Context<'_>, constraint: &Constraint) -> Result<f64, Error> {
    let Some(to) = &constraint.unit else { return Ok(1.0) };
    let units = context.snapshot.ontology().units();
    Ok(units.conversion(unit::UNITLESS, to.as_ref())?.apply(1.0))
}

fn question(context: &Context<'_>, constraint: &Constraint) -> DutyQuestion {
    let asked = context.question;
    DutyQuestion {
        item: asked.item.clone(),
        property: constraint.property.clone(),
        window: asked.window,
        among: asked.among.clone(),
        unit: None,
        transform: if constraint.transform == Transform::Abs { Transform::Abs } else { Transform::None },
        gate: 0.0,
        // The bins themselves are not looked at.
        range_width: f64::MAX / 4.0,
        mean_width: 0.0,
        levels: Vec::new(),
        residue: Residue::Half,
        against: constraint.spectrum,
    }
}

fn unit_margin(
    context: &Context<'_>,
    constraint: &Constraint,
    (unit, share): (&UnitUsage, f64),
    duty: Option<&UnitDuty>,
) -> UnitMargin {
    let utilisation = duty.and_then(|duty| duty.utilisation);
    let observed = utilisation.map(|utilisation| utilisation.ratio * share);
    let is_sufficient = context.sufficiency.is_met(&unit.account);
    let verdict = match observed.map(|observed| constraint.comparator.holds(observed)) {
        Some(true) if is_sufficient => Verdict::Conforms,
        Some(false) if is_sufficient || duty.is_some_and(|duty| !duty.is_by_hours) => Verdict::Violates,
        _ => Verdict::Unknown,
    };
    UnitMargin {
        twin: unit.twin.clone(),
        serial: unit.serial.clone(),
        verdict,
        observed,
        within: 0.0,
        distance: observed.map(|observed| constraint.distance(observed).0),
        sample_count: duty.map_or(0, |duty| duty.sample_count),
        observed_hours: unit.account.observed_hours,
        conforming_hours: None,
    }
}
