//! Constraints with a window of their own: an hourly mean, a daily maximum. Each whole or cut window is judged by itself, and
//! a unit keeps the limit if it does in every window about which something can be concluded, and if its windows together were
//! observed enough. A window that breaks the limit breaks it however few the windows.

use super::constraint::{Constraint, Statistic};
use super::error::Error;
use super::judgement::{Judgement, judge};
use super::margin::{Context, Margin, Refusal, UnitMargin, Verdict};
use crate::model::interval::Interval;
use crate::model::period::{Period, Zone};
use crate::telemetry::{Summary, View};
use crate::twins::{Account, Portion, Question, Weight};
use oxigraph::model::NamedNode;
use std::collections::BTreeMap;

/// More windows than this, over all units, are refused.
const PARTS_MAX: usize = 5_000_000;
/// More windows than this of one unit are not even counted.
const WINDOWS_MAX: usize = 1_000_000;
/// How many are held in memory at a time.
const PARTS_AT_ONCE: usize = 100_000;

/// Judges a constraint window by window; what cannot be judged is refused in the margin, as a value.
pub(super) fn margin(context: &Context<'_>, view: &View, constraint: &Constraint) -> Result<Margin, Error> {
    let refuse = |refusal| context.refused(constraint, refusal, Account::default());
    let Some(window) = constraint.window else {
        return refuse(Refusal::Window("the constraint has no window".to_owned()));
    };
    let buckets = match window.buckets(context.question.window, &Zone::UTC, WINDOWS_MAX) {
        Ok(buckets) => buckets,
        Err(error) => return refuse(Refusal::Window(error.to_string())),
    };
    let members =
        crate::twins::population(context.snapshot, &context.question.item, Some(context.question.window))?;
    let asked = members.unit_count().max(1) * buckets.len();
    if asked > PARTS_MAX {
        return refuse(Refusal::TooManyWindows { window: window.to_string(), asked, most: PARTS_MAX });
    }
    let mut tally = Tally::default();
    for chunk in buckets.chunks((PARTS_AT_ONCE / members.unit_count().max(1)).max(1)) {
        let (Some(first), Some(last)) = (chunk.first(), chunk.last()) else { continue };
        let Ok(within) = Interval::new(first.from(), last.to()) else { continue };
        let usage = question(context, constraint, window, within).answer(context.snapshot, view)?;
        for bucket in &usage.buckets {
            if let Some(refusal) = context.circular(constraint, &bucket.usage) {
                return refuse(refusal);
            }
            tally.take(context, constraint, &bucket.usage);
        }
        tally.account.unbound.extend(usage.account().unbound.iter().cloned());
    }
    tally.finish(context, constraint)
}

fn question(context: &Context<'_>, constraint: &Constraint, window: Period, within: Interval) -> Question {
    Question {
        property: constraint.property.clone(),
        window: within,
        bucket: Some(window),
        unit: constraint.unit.clone(),
        transform: constraint.transform,
        conditions: constraint.check.conditions.clone(),
        limits: constraint.check.limits.clone(),
        checks: Vec::new(),
        // Each bucket keeps its units.
        weight: Weight::Unit,
        quantiles: matches!(constraint.statistic, Statistic::Percentile(_)),
        ..context.question.clone()
    }
}

/// What the windows of one unit, or of the fleet, come to.
#[derive(Default)]
struct Windows {
    serial: Option<String>,
    known: bool,
    violated: bool,
    worst: Option<f64>,
    within: f64,
    sample_count: u64,
    time_ns: u128,
    beyond_ns: u128,
    account: Account,
}

#[derive(Default)]
struct Tally {
    units: BTreeMap<NamedNode, Windows>,
    fleet: Windows,
    account: Account,
}

impl Tally {
    fn take(&mut self, context: &Context<'_>, constraint: &Constraint, portion: &Portion) {
        for unit in &portion.units {
            let windows = self.units.entry(unit.twin.clone()).or_default();
            windows.serial.clone_from(&unit.serial);
            windows.take(context, constraint, portion, &unit.summary, &unit.account);
        }
        self.fleet.take(context, constraint, portion, &portion.summary, &portion.account);
        self.account.add(&portion.account);
    }

    fn finish(self, context: &Context<'_>, constraint: &Constraint) -> Result<Margin, Error> {
        let units = self.units.into_iter().map(|(twin, windows)| UnitMargin {
            twin,
            verdict: windows.verdict(context),
            observed: windows.worst,
            within: windows.within,
            distance: windows.worst.map(|worst| constraint.distance(worst).0),
            sample_count: windows.sample_count,
            observed_hours: windows.account.observed_hours,
            conforming_hours: windows.conforming_hours(),
            serial: windows.serial,
        });
        let fleet = (self.fleet.verdict(context), self.fleet.worst);
        let conforming = self.fleet.conforming_hours();
        context.conclude(constraint, units.collect(), fleet, conforming, self.account)
    }
}

impl Windows {
    fn take(
        &mut self,
        context: &Context<'_>,
        constraint: &Constraint,
        portion: &Portion,
        summary: &Summary,
        account: &Account,
    ) {
        self.account.add(account);
        self.within = self.within.max(constraint.statistic.within(summary));
        self.sample_count += summary.count;
        self.time_ns += summary.time_ns;
        self.beyond_ns +=
            portion.beyond_of(summary, constraint.comparator).map_or(0, |beyond| beyond.time_ns);
        let judged = judge(constraint, portion, summary);
        let verdict = context.verdict(constraint, judged, account);
        let Some(Judgement { observed, .. }) = judged.filter(|_| verdict != Verdict::Unknown) else { return };
        self.known = true;
        self.violated |= verdict == Verdict::Violates;
        let distance = |value: f64| constraint.distance(value).0;
        self.worst =
            Some(self.worst.filter(|worst| distance(*worst) <= distance(observed)).unwrap_or(observed));
    }

    fn verdict(&self, context: &Context<'_>) -> Verdict {
        if self.violated {
            Verdict::Violates
        } else if self.known && context.sufficiency.is_met(&self.account) {
            Verdict::Conforms
        } else {
            Verdict::Unknown
        }
    }

    fn conforming_hours(&self) -> Option<f64> {
        (self.time_ns > 0).then(|| 1.0 - self.beyond_ns as f64 / self.time_ns as f64)
    }
}
