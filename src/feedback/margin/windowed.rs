//! Constraints with a window of their own: an hourly mean, a daily maximum. Each whole or cut window is judged by itself, and
//! a unit keeps the limit if it does in every window about which something can be concluded, and if its windows together were
//! observed enough. A window is judged where samples cover their share of its service; the hours that they must cover are
//! those of all windows together, so that they bear windows of any length. A window that breaks the limit breaks it however few
//! the windows.
//!
//! Days and months are those of the unit: of its time zone, or failing that of the unit that it sits in, or UTC. The windows of a
//! fleet are those of the zone that all its units share, or UTC.

use super::constraint::{Constraint, Statistic};
use super::judgement::{Judgement, judge};
use super::{Context, Margin, Refusal, UnitMargin, Verdict, verdict};
use crate::feedback::error::Error;
use crate::graph::Snapshot;
use crate::model::time::interval::Interval;
use crate::model::time::period::{Period, Zone};
use crate::ontology::terms::tl;
use crate::telemetry::{Summary, View};
use crate::twins::{self, Account, Population, Portion, Question, Weight};
use oxigraph::model::NamedNode;
use std::collections::{BTreeMap, BTreeSet};

/// More windows than this, over all units, are refused.
const PARTS_MAX: usize = 5_000_000;
/// More windows than this of one unit are not even counted.
const WINDOWS_MAX: usize = 1_000_000;
/// How many are kept in memory at a time.
const PARTS_AT_ONCE: usize = 100_000;

/// Judges a constraint window by window; what cannot be judged is refused in the margin, as a value.
pub(in crate::feedback) fn margin(
    context: &Context<'_>,
    view: &View,
    constraint: &Constraint,
) -> Result<Margin, Error> {
    let refuse = |refusal| context.refused(constraint, refusal, Account::default());
    let Some(window) = constraint.window else {
        return refuse(Refusal::Window("the constraint has no window".to_owned()));
    };
    let members = twins::population(context.snapshot, &context.question.item, Some(context.question.window))?;
    let units = members.unit_count().max(1);
    let zones = Zones::read(context.snapshot, &members, window)?;
    let passes = match zones.passes(window, context.question.window) {
        Ok(passes) => passes,
        Err(error) => return refuse(Refusal::Window(error.to_string())),
    };
    let asked = units * passes.iter().map(|pass| pass.windows.len()).sum::<usize>();
    if asked > PARTS_MAX {
        return refuse(Refusal::TooManyWindows { window: window.to_string(), asked, most: PARTS_MAX });
    }
    let mut tally = Tally::default();
    for pass in &passes {
        for chunk in pass.windows.chunks((PARTS_AT_ONCE / units).max(1)) {
            let (Some(first), Some(last)) = (chunk.first(), chunk.last()) else { continue };
            let Ok(within) = Interval::new(first.from(), last.to()) else { continue };
            let asked = Question { zone: pass.zone.clone(), ..question(context, constraint, window, within) };
            let usage = asked.answer(context.snapshot, view)?;
            for bucket in &usage.buckets {
                if let Some(refusal) = context.circular(constraint, &bucket.usage) {
                    return refuse(refusal);
                }
                tally.take(context, constraint, &bucket.usage, |twin| pass.is_of(&zones, twin))?;
                if pass.is_of_fleet {
                    tally.take_fleet(context, constraint, &bucket.usage)?;
                }
            }
            if pass.is_of_fleet {
                tally.account.unbound.extend(usage.account().unbound.iter().cloned());
            }
        }
    }
    tally.finish(context, constraint)
}

/// The time zones in which the days of units begin, by name; `None` is UTC.
struct Zones(BTreeMap<NamedNode, Option<String>>);

/// The windows of one time zone, and whose they are.
struct Pass {
    /// `None`: of no single unit.
    name: Option<Option<String>>,
    zone: Zone,
    windows: Vec<Interval>,
    is_of_fleet: bool,
}

impl Zones {
    /// Reads the zone of each unit; windows of hours and below are the same in all zones.
    fn read(snapshot: &Snapshot, members: &Population, window: Period) -> Result<Self, Error> {
        let mut zones = BTreeMap::new();
        if window.is_of_calendar() {
            for member in &members.members {
                let own = snapshot.text(&member.unit, tl::TIME_ZONE)?;
                let zone =
                    own.map_or_else(|| snapshot.text(&member.asset, tl::TIME_ZONE), |own| Ok(Some(own)))?;
                // One that moves keeps the days of its first place.
                zones.entry(member.unit.clone()).or_insert(zone.filter(|name| name != "UTC"));
            }
        }
        Ok(Self(zones))
    }

    fn of(&self, twin: &NamedNode) -> Option<&str> {
        self.0.get(twin)?.as_deref()
    }

    /// Returns the windows of each zone, and those of the fleet.
    fn passes(
        &self,
        window: Period,
        within: Interval,
    ) -> Result<Vec<Pass>, crate::model::time::period::Error> {
        let names: BTreeSet<Option<String>> = self.0.values().cloned().collect();
        let is_one = names.len() < 2;
        let pass = |name: Option<String>, is_of_units: bool, is_of_fleet: bool| {
            let zone = name.as_deref().map_or(Ok(Zone::UTC), str::parse)?;
            let windows = window.buckets(within, &zone, WINDOWS_MAX)?;
            Ok(Pass { name: is_of_units.then_some(name), zone, windows, is_of_fleet })
        };
        let fleet = if is_one { names.first().cloned().flatten() } else { None };
        let mut passes = vec![pass(fleet, is_one, true)?];
        if !is_one {
            for name in names {
                passes.push(pass(name, true, false)?);
            }
        }
        Ok(passes)
    }
}

impl Pass {
    fn is_of(&self, zones: &Zones, twin: &NamedNode) -> bool {
        self.name.as_ref().is_some_and(|name| name.as_deref() == zones.of(twin))
    }
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
    /// Takes one window of the units that it belongs to.
    fn take(
        &mut self,
        context: &Context<'_>,
        constraint: &Constraint,
        portion: &Portion,
        is_of: impl Fn(&NamedNode) -> bool,
    ) -> Result<(), Error> {
        for unit in portion.units.iter().filter(|unit| is_of(&unit.twin)) {
            let windows = self.units.entry(unit.twin.clone()).or_default();
            windows.serial.clone_from(&unit.serial);
            let is_sufficient = context.sufficiency.has_share(&unit.account);
            windows.take(constraint, portion, (&unit.summary, &unit.account), is_sufficient)?;
        }
        Ok(())
    }

    /// Takes one window of all units together.
    fn take_fleet(
        &mut self,
        context: &Context<'_>,
        constraint: &Constraint,
        portion: &Portion,
    ) -> Result<(), Error> {
        let (account, sufficiency) = (&portion.account, context.sufficiency);
        let reporting = account.units - account.silent_units;
        let is_sufficient = sufficiency.has_share(account) && sufficiency.is_met_by(reporting, account.units);
        self.fleet.take(constraint, portion, (&portion.summary, account), is_sufficient)?;
        self.account.add(account);
        Ok(())
    }

    fn finish(mut self, context: &Context<'_>, constraint: &Constraint) -> Result<Margin, Error> {
        let sufficiency = context.sufficiency;
        self.account.count_units(self.units.values().map(|windows| &windows.account));
        let fleet = self.fleet.verdict(
            constraint,
            sufficiency.has_hours(&self.account),
            sufficiency.is_met_by_fleet(&self.account),
        );
        let units = self.units.into_iter().map(|(twin, windows)| UnitMargin {
            twin,
            verdict: windows.verdict(
                constraint,
                sufficiency.has_hours(&windows.account),
                sufficiency.is_met(&windows.account),
            ),
            observed: windows.worst,
            within: windows.within,
            distance: windows.worst.map(|worst| constraint.distance(worst).0),
            sample_count: windows.sample_count,
            observed_hours: windows.account.observed_hours,
            conforming_hours: windows.conforming_hours(),
            serial: windows.serial,
        });
        let fleet = (fleet, self.fleet.worst);
        let conforming = self.fleet.conforming_hours();
        context.conclude(constraint, units.collect(), fleet, conforming, self.account)
    }
}

impl Windows {
    /// Takes one window, of which enough was observed or not.
    fn take(
        &mut self,
        constraint: &Constraint,
        portion: &Portion,
        (summary, account): (&Summary, &Account),
        is_sufficient: bool,
    ) -> Result<(), Error> {
        self.account.add(account);
        self.within = self.within.max(constraint.statistic.within(summary)?);
        self.sample_count += summary.count;
        self.time_ns += summary.time_ns;
        self.beyond_ns +=
            portion.beyond_of(summary, constraint.comparator).map_or(0, |beyond| beyond.time_ns);
        let judged = judge(constraint, portion, summary)?;
        let verdict = verdict(constraint, judged, is_sufficient);
        let Some(Judgement { observed, .. }) = judged.filter(|_| verdict != Verdict::Unknown) else {
            return Ok(());
        };
        self.known = true;
        self.violated |= verdict == Verdict::Violates;
        let distance = |value: f64| constraint.distance(value).0;
        self.worst =
            Some(self.worst.filter(|worst| distance(*worst) <= distance(observed)).unwrap_or(observed));
        Ok(())
    }

    /// Judges all windows together: `has_hours` where samples cover the required hours, `is_sufficient` where they also cover their
    /// share of all service.
    fn verdict(&self, constraint: &Constraint, has_hours: bool, is_sufficient: bool) -> Verdict {
        if self.violated && (has_hours || constraint.is_of_extreme()) {
            Verdict::Violates
        } else if self.known && !self.violated && is_sufficient {
            Verdict::Conforms
        } else {
            Verdict::Unknown
        }
    }

    fn conforming_hours(&self) -> Option<f64> {
        (self.time_ns > 0).then(|| 1.0 - self.beyond_ns as f64 / self.time_ns as f64)
    }
}
