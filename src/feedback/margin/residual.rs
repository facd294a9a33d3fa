//! Constraints on the residual of a model: observed less predicted, bucket by bucket of the constraint's window, of each unit.

use super::constraint::{Constraint, Statistic};
use super::{Context, Margin, Refusal, UnitMargin, Verdict};
use crate::feedback::error::Error;
use crate::feedback::residual::{ResidualQuestion, UnitResiduals, nearest_rank, residuals};
use crate::model::number::quantity::Transform;
use crate::model::time::period::{Period, Zone};
use crate::statistics::control::chart::mean;
use crate::telemetry::View;
use crate::twins::Account;
use oxigraph::model::NamedNode;

/// The buckets of a constraint without a window.
const HOUR: Period = Period::from_nanos(3_600_000_000_000);

/// Judges a constraint on residuals; what cannot be judged is refused in the margin, as a value.
pub(in crate::feedback) fn margin(
    context: &Context<'_>,
    view: &View,
    constraint: &Constraint,
) -> Result<Margin, Error> {
    let refuse = |reason: String| context.refused(constraint, Refusal::Residual(reason), Account::default());
    let Some(model) = &constraint.model else {
        return refuse("the constraint names no model".to_owned());
    };
    let bucket = constraint.window.unwrap_or(HOUR);
    let asked = context.question;
    let question = ResidualQuestion {
        item: asked.item.clone(),
        model: model.clone(),
        window: asked.window,
        bucket,
        zone: Zone::UTC,
        among: asked.among.clone(),
        conditions: constraint.check.conditions.clone(),
    };
    let found = residuals(context.snapshot, view, &question)?;
    if found.model.property != constraint.property {
        return refuse("the model computes another property than the constraint is of".to_owned());
    }
    // A residual is a difference: it converts without an offset.
    let units = context.snapshot.ontology().units();
    let to = constraint.unit.as_ref().unwrap_or(&found.model.unit);
    let by = units.conversion(found.model.unit.as_ref(), to.as_ref())?.of_differences();
    let hours = bucket.mean_nanos() as f64 / 3.6e12;
    let (mut all, mut margins, mut accounts) = (Vec::new(), Vec::new(), Vec::new());
    for unit in &found.units {
        let mut values: Vec<f64> = unit.residuals().into_iter().map(|value| by.apply(value)).collect();
        if constraint.transform == Transform::Abs {
            values.iter_mut().for_each(|value| *value = value.abs());
        }
        let own = account_of(unit, values.len() as f64 * hours);
        margins.push(unit_margin(context, constraint, unit, (&mut values, &own)));
        accounts.push(own);
        all.extend(values);
    }
    let mut account = Account::default();
    accounts.iter().for_each(|own| account.add(own));
    account.count_units(accounts.iter());
    let observed = statistic(constraint.statistic, &mut all);
    let fleet = judge(context, constraint, observed, &account);
    context.conclude(constraint, margins, (fleet, observed), None, account)
}

/// Returns the account of a unit: what was compared is what was observed.
fn account_of(unit: &UnitResiduals, compared: f64) -> Account {
    let (_, service) = unit.hours;
    Account {
        units: 1,
        service_hours: service,
        observed_hours: compared.min(service),
        missing_hours: (service - compared).max(0.0),
        ..Account::default()
    }
}

fn unit_margin(
    context: &Context<'_>,
    constraint: &Constraint,
    unit: &UnitResiduals,
    (values, account): (&mut Vec<f64>, &Account),
) -> UnitMargin {
    let observed = statistic(constraint.statistic, values);
    let keeping = values.iter().filter(|value| constraint.comparator.holds(**value)).count();
    UnitMargin {
        twin: NamedNode::new_unchecked(&unit.twin),
        serial: unit.serial.clone(),
        verdict: judge(context, constraint, observed, account),
        observed,
        within: 0.0,
        distance: observed.map(|observed| constraint.distance(observed).0),
        sample_count: values.len() as u64,
        observed_hours: account.observed_hours,
        conforming_hours: (!values.is_empty()).then(|| keeping as f64 / values.len() as f64),
    }
}

fn judge(
    context: &Context<'_>,
    constraint: &Constraint,
    observed: Option<f64>,
    account: &Account,
) -> Verdict {
    match observed.map(|observed| constraint.comparator.holds(observed)) {
        Some(true) if context.sufficiency.is_met(account) => Verdict::Conforms,
        Some(false) if constraint.is_of_extreme() || context.sufficiency.is_met(account) => Verdict::Violates,
        _ => Verdict::Unknown,
    }
}

/// Returns the statistic of residuals, each bucket counting once; sorts them.
fn statistic(of: Statistic, values: &mut [f64]) -> Option<f64> {
    let average = mean(values);
    values.sort_unstable_by(f64::total_cmp);
    match of {
        Statistic::Min => values.first().copied(),
        Statistic::Max => values.last().copied(),
        Statistic::Mean => average,
        Statistic::Percentile(percent) => nearest_rank(values, percent),
        Statistic::Life(_) | Statistic::Reliability | Statistic::Duty => None,
    }
}
