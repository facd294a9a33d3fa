//! Constraints on how long units live: a B-life, or the reliability at an age.
//!
//! What keeps the limit is not the estimate but its confidence limit: 20,000 h of B10 at 95 % are shown where the one-sided lower limit
//! reaches them, and broken where the upper one does not. Between them nothing is concluded.

use super::constraint::{Constraint, LifeTerms, Statistic};
use super::{Context, Margin, Refusal, Verdict};
use crate::feedback::error::Error;
use crate::model::number::quantity::Conversion;
use crate::ontology::terms::unit;
use crate::statistics::survival::Family;
use crate::statistics::survival::limits::{Limits, Quantity};
use crate::telemetry::{Comparator, View};
use crate::twins::{
    self, Account, Clock, EventsOf, LifeClock, LifeQuestion, Lifetime, LifetimeQuestion, Repair,
};
use oxigraph::model::{NamedNode, NamedNodeRef};

/// Judges a constraint on lives; what cannot be judged is refused in the margin, as a value.
pub(in crate::feedback) fn margin(
    context: &Context<'_>,
    view: &View,
    constraint: &Constraint,
    terms: &LifeTerms,
) -> Result<Margin, Error> {
    let refuse = |reason: String| context.refused(constraint, Refusal::Lives(reason), Account::default());
    if constraint.window.is_some() || !constraint.check.conditions.is_empty() {
        return refuse(format!(
            "{} is of whole lives: it has neither a window nor conditions",
            constraint.statistic
        ));
    }
    let Some(quantity) = quantity(context, constraint, terms)? else {
        return refuse(
            "RELIABILITY is that at an age: the constraint needs \"age\" and \"ageUnit\"".to_owned(),
        );
    };
    let question = question(context, constraint, terms);
    let lifetime = twins::lifetime(context.snapshot, view, &question)?;
    let Some(limits) = lifetime.total.limits(quantity) else {
        let reason = lifetime.total.shortfall().map(ToString::to_string).unwrap_or_default();
        return Ok(Margin { account: account(&lifetime), ..refuse(reason)? });
    };
    let by = conversion(context, constraint)?;
    let limits = Limits {
        estimate: by.apply(limits.estimate),
        low: by.apply(limits.low),
        high: by.apply(limits.high),
    };
    conclude(context, constraint, terms, limits, account(&lifetime))
}

fn conclude(
    context: &Context<'_>,
    constraint: &Constraint,
    terms: &LifeTerms,
    limits: Limits,
    account: Account,
) -> Result<Margin, Error> {
    let verdict = judge(constraint.comparator, limits);
    let refusal = (verdict == Verdict::Unknown).then(|| {
        let confidence = 100.0 * terms.confidence;
        let (low, high) = (limits.low, limits.high);
        Refusal::Lives(format!(
            "at {confidence} % {} is shown to be above {low:.6} and below {high:.6}: more failures, or more time, decide",
            constraint.statistic
        ))
    });
    let decisive = match verdict {
        Verdict::Unknown => limits.estimate,
        _ => decisive(constraint, limits),
    };
    let (distance, limit) = constraint.distance(decisive);
    let is_known = limits.estimate.is_finite() && distance.is_finite();
    Ok(Margin {
        verdict,
        observed: Some(limits.estimate).filter(|estimate| estimate.is_finite()),
        distance: Some(distance).filter(|distance| distance.is_finite()),
        distance_percent: (is_known && limit != 0.0)
            .then(|| crate::model::number::decimal::percent(distance, limit)),
        account,
        refusal,
        ..context.blank(constraint)?
    })
}

/// Compares confidence limits with the limit of a constraint.
fn judge(comparator: Comparator, limits: Limits) -> Verdict {
    let holds = |value: f64| comparator.holds(value);
    match (holds(limits.low), holds(limits.high)) {
        (true, true) => Verdict::Conforms,
        (false, false) if is_on_one_side(comparator, limits) => Verdict::Violates,
        _ => Verdict::Unknown,
    }
}

/// Returns whether no value between the limits keeps the constraint, where neither of them does.
fn is_on_one_side(comparator: Comparator, limits: Limits) -> bool {
    match comparator {
        Comparator::Between(lower, upper) => limits.high < lower || limits.low > upper,
        _ => true,
    }
}

/// Returns the confidence limit that keeps least from the limit; where both break it, the one that breaks it least.
fn decisive(constraint: &Constraint, limits: Limits) -> f64 {
    let keeps = constraint.comparator.holds(limits.low);
    let distance = |value: f64| constraint.distance(value).0;
    let low_is_less = distance(limits.low) < distance(limits.high);
    if low_is_less == keeps { limits.low } else { limits.high }
}

fn question(context: &Context<'_>, constraint: &Constraint, terms: &LifeTerms) -> LifetimeQuestion {
    let clock_unit =
        if constraint.statistic == Statistic::Reliability { &terms.age_unit } else { &constraint.unit };
    let clock = match terms.clock.as_deref() {
        Some("COUNTER") => {
            LifeClock::Counter(Clock { property: constraint.property.clone(), unit: clock_unit.clone() })
        }
        Some("CALENDAR") => LifeClock::Calendar,
        _ => LifeClock::Service,
    };
    let asked = context.question;
    let lives = LifeQuestion {
        item: asked.item.clone(),
        window: asked.window,
        group_by: Vec::new(),
        position_depth: None,
        among: asked.among.clone(),
        modes: terms.modes.clone(),
        events_of: EventsOf::Unit,
        clock,
        repair: Repair::None,
    };
    // Two limits of which each is right with this confidence by itself.
    LifetimeQuestion {
        lives,
        family: Family::Weibull,
        shape: terms.shape,
        confidence: 2.0 * terms.confidence - 1.0,
    }
}

/// Returns what of the distribution the constraint limits; `None` where it does not name an age.
fn quantity(
    context: &Context<'_>,
    constraint: &Constraint,
    terms: &LifeTerms,
) -> Result<Option<Quantity>, Error> {
    Ok(match constraint.statistic {
        Statistic::Life(percent) => Some(Quantity::Quantile(f64::from(percent) / 100.0)),
        _ => match (terms.age, &terms.age_unit) {
            (Some(age), Some(from)) if by_hours(terms) => {
                let by = convert(context, constraint, from.as_ref(), unit::HOUR)?;
                Some(Quantity::Reliability(by.apply(age)))
            }
            (Some(age), Some(_)) => Some(Quantity::Reliability(age)),
            _ => None,
        },
    })
}

fn by_hours(terms: &LifeTerms) -> bool {
    terms.clock.as_deref() != Some("COUNTER")
}

/// Returns how what is estimated converts into the unit of the constraint.
fn conversion(context: &Context<'_>, constraint: &Constraint) -> Result<Conversion, Error> {
    let Some(to) = &constraint.unit else { return Ok(Conversion::IDENTITY) };
    let life = constraint.life.as_ref();
    match constraint.statistic {
        Statistic::Reliability => {
            let units = context.snapshot.ontology().units();
            Ok(units.conversion_of(None, unit::UNITLESS, to.as_ref())?)
        }
        // A counter is read in the unit of the constraint.
        _ if life.is_some_and(by_hours) => convert(context, constraint, unit::HOUR, to.as_ref()),
        _ => Ok(Conversion::IDENTITY),
    }
}

fn convert(
    context: &Context<'_>,
    constraint: &Constraint,
    from: NamedNodeRef<'_>,
    to: NamedNodeRef<'_>,
) -> Result<Conversion, Error> {
    let kind = context.snapshot.target(&constraint.property, crate::ontology::terms::tl::QUANTITY_KIND)?;
    let kind = kind.as_ref().map(NamedNode::as_ref);
    Ok(context.snapshot.ontology().units().conversion_of(kind, from, to)?)
}

/// Returns what was watched: units, and by hours those that they were watched for.
fn account(lifetime: &Lifetime) -> Account {
    let by_hours = !matches!(lifetime.question.lives.clock, LifeClock::Counter(_));
    let hours = if by_hours { lifetime.total.lives.exposure() } else { 0.0 };
    Account { units: lifetime.total.units, service_hours: hours, observed_hours: hours, ..Account::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_limits_are_judged_not_estimates() {
        let check = |comparator: Comparator, low: f64, high: f64, expect: Verdict| {
            let found = judge(comparator, Limits { estimate: f64::midpoint(low, high), low, high });
            assert_eq!(found, expect, "{comparator:?} {low} {high}");
        };
        let at_least = Comparator::Ge(100.0);
        check(at_least, 100.0, 300.0, Verdict::Conforms);
        check(at_least, 101.0, f64::INFINITY, Verdict::Conforms);
        check(at_least, 99.0, 300.0, Verdict::Unknown);
        check(at_least, 10.0, 99.0, Verdict::Violates);
        check(Comparator::Lt(5.0), 1.0, 4.0, Verdict::Conforms);
        check(Comparator::Lt(5.0), 1.0, 5.0, Verdict::Unknown);
        check(Comparator::Between(2.0, 5.0), 2.0, 5.0, Verdict::Conforms);
        check(Comparator::Between(2.0, 5.0), 1.0, 6.0, Verdict::Unknown);
        check(Comparator::Between(2.0, 5.0), 6.0, 7.0, Verdict::Violates);
    }
}
