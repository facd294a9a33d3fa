//! Life data: for each stay of an item the ages at which it began and ended, and whether a failure ended it.
//!
//! A life is that of a unit over all its stays, whatever revision it had and wherever it sat: its age goes on where it is moved or
//! modified, so that a stay that begins later, or before the window, enters late. Single items of a lot, and software, begin to live
//! where they are installed. A life ends with the first failure of any mode, unless repair is asked for; one of a mode that is not asked
//! about censors the others, but for failures of what the item sits in: those of other modes leave it as it was.
//!
//! What is certain makes rows. Stays that are only possible, lives of which nobody knows when they began, and ages that the clock did not
//! count make none, and are counted in the account.

use super::age::{Age, AgeReader, LifeClock, Service};
use super::stay;
use crate::graph::Snapshot;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::statistics::survival::{End, Observation};
use crate::telemetry::View;
use crate::twins::configuration::population::Membership;
use crate::twins::error::Error;
use crate::twins::facts::failure::{EventsOf, Failure};
use crate::twins::facts::member::Member;
use crate::twins::facts::{Facts, spans};
use crate::twins::usage::grid::{self, GroupKey};
use crate::twins::usage::question::{GroupBy, TwinFilter};
use oxigraph::model::NamedNode;
use std::collections::{BTreeMap, BTreeSet};

/// A question about the lives of an item's units.
#[derive(Clone, Debug, PartialEq)]
pub struct LifeQuestion {
    /// The Part, DesignRevision, Build or TwinInstance.
    pub item: NamedNode,
    /// When lives are watched; never after the version was recorded.
    pub window: Interval,
    /// What the answer is also grouped by; several make one key. Months are none: a life goes through many.
    pub group_by: Vec<GroupBy>,
    /// How many steps of the position make a group, from the asset down; `None`: all of them.
    pub position_depth: Option<usize>,
    /// Which units count.
    pub among: TwinFilter,
    /// The failure modes that count; empty: all, and failures of no known mode.
    pub modes: Vec<NamedNode>,
    /// Whose failures count.
    pub events_of: EventsOf,
    /// What lives are measured by.
    pub clock: LifeClock,
    /// What a failure does to a life.
    pub repair: Repair,
}

/// What a failure does to a life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Repair {
    /// It ends it.
    #[default]
    None,
    /// The unit is as new: another life begins at the age 0.
    AsNew,
    /// The unit goes on as old as it was.
    AsBefore,
}

/// The lives of an item's units, at one version.
#[derive(Clone, Debug, PartialEq)]
pub struct LifeData {
    /// The unit of the ages; `None`: hours, or the counters have none.
    pub unit: Option<NamedNode>,
    /// Each stay, in order of item and time.
    pub stays: Vec<LifeStay>,
    /// What makes no row, and why.
    pub account: LifeAccount,
    /// The time in which lives were watched.
    pub watched: Option<Interval>,
}

/// A stay of an item, as a life.
#[derive(Clone, Debug, PartialEq)]
pub struct LifeStay {
    /// The item and where it sat.
    pub member: Membership,
    /// What its group has in common.
    pub key: GroupKey,
    /// From when it was watched.
    pub from: Instant,
    /// Until when: it failed then, left the stay, or the watching ended.
    pub to: Instant,
    /// The ages, how the stay ended, and how many items.
    pub observation: Observation,
    /// The failure that ended it, whether or not of a mode that is asked about.
    pub event: Option<NamedNode>,
    /// The mode of that failure.
    pub mode: Option<NamedNode>,
    /// Whether the item is in service at the end of the watching, and has not failed.
    pub is_alive: bool,
    /// The hours of its service up to the end of the stay.
    pub hours: f64,
    /// The site of the asset.
    pub site: Option<String>,
}

/// What makes no row of life data, or one that rests on less than others.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LifeAccount {
    /// Stays in which an item may have been in service as what is asked about.
    pub unknown_stays: usize,
    /// Failures in those.
    pub unknown_failures: usize,
    /// Stays of items of which nobody knows when their life began.
    pub unknown_ages: usize,
    /// Stays that the clock did not count well enough.
    pub uncounted: usize,
    /// Stays over which the clock ran backwards: the age at their end is less than that at their beginning.
    pub backward: usize,
    /// Rows of a life in which the clock began anew: it is counted on from 0.
    pub resets: usize,
    /// Failures at the instant at which a life begins: they have no age.
    pub without_time: usize,
    /// Stays after the failure that ended the life.
    pub later_stays: usize,
    /// Failures while the item was not in service as what is asked about.
    pub outside_failures: usize,
    /// Failures of modes that are not asked about: they censor.
    pub other_modes: usize,
}

/// The share of an item's hours in service that a counter must have counted for its age to be one.
const COUNTED_MIN: f64 = 0.9;

/// Returns the lives of an item's units; telemetry is only read where the question names a counter.
pub fn life_data(snapshot: &Snapshot, view: &View, question: &LifeQuestion) -> Result<LifeData, Error> {
    if question.group_by.contains(&GroupBy::Month) {
        return Err(Error::LivesByMonth);
    }
    let facts = Facts::new(snapshot);
    let members = facts.members(&question.item)?;
    let known = spans::between(None, Some(snapshot.commit().time));
    let watched = known.and_then(|known| known.intersect(question.window));
    let ages = AgeReader::new(&facts, view, &question.clock, &members)?;
    let mut reading =
        Reading { facts: &facts, question, ages, stays: Vec::new(), account: LifeAccount::default() };
    if let Some(watched) = watched {
        for of_item in members.chunk_by(|a, b| a.item == b.item) {
            if of_item[0].is_twin() {
                reading.unit(of_item, watched)?;
            } else {
                reading.items(of_item, watched)?;
            }
        }
    }
    let Reading { ages, stays, account, .. } = reading;
    Ok(LifeData { unit: ages.unit(), stays, account, watched })
}

impl LifeData {
    /// Returns the groups' keys in order, each with its stays; without groups one of all.
    pub fn groups(&self) -> BTreeMap<&GroupKey, Vec<&LifeStay>> {
        let mut groups: BTreeMap<&GroupKey, Vec<&LifeStay>> = BTreeMap::new();
        for stay in &self.stays {
            groups.entry(&stay.key).or_default().push(stay);
        }
        groups
    }
}

/// The reading under way.
struct Reading<'a> {
    facts: &'a Facts<'a>,
    question: &'a LifeQuestion,
    ages: AgeReader<'a>,
    stays: Vec<LifeStay>,
    account: LifeAccount,
}

/// The life of an item: the stays that are asked about, its whole service, and what failed in it.
struct Life<'m> {
    asked: Vec<&'m Member>,
    service: Service<'m>,
    failures: Vec<Failure>,
    /// How many items live it, each of which fails once at the most.
    count: f64,
    watched: Interval,
}

/// A stretch between two ages with what ended it.
struct Stretch<'f> {
    from: Instant,
    to: Instant,
    failure: Option<&'f Failure>,
    count: f64,
    /// The failure at which the life began anew.
    since: Option<Instant>,
}

impl Reading<'_> {
    /// Reads the life of a unit.
    fn unit(&mut self, asked: &[Member], watched: Interval) -> Result<(), Error> {
        let item = &asked[0].item;
        let whole = self.facts.members(item)?;
        let services = self.facts.services(item)?;
        let spans: Vec<(Interval, bool)> =
            services.iter().map(|service| (service.within, service.certain)).collect();
        let members: Vec<&Member> = whole.iter().collect();
        let failures = self.failures(&members, asked, watched)?;
        let service = Service::of(members, &spans);
        let life = Life { asked: asked.iter().collect(), service, failures, count: 1.0, watched };
        self.live(&life)
    }

    /// Reads the lives of single items of a lot, or of software, from each installation on.
    fn items(&mut self, asked: &[Member], watched: Interval) -> Result<(), Error> {
        let item = &asked[0].item;
        for installation in self.facts.installations(item)?.iter() {
            let inside = |member: &&Member| {
                let seat = member.seats.first();
                let is_seat = seat.is_some_and(|seat| {
                    seat.parent == installation.parent && seat.position == installation.position
                });
                is_seat
                    && installation.spans.iter().any(|span| span.within.intersect(member.within).is_some())
            };
            let members: Vec<&Member> = asked.iter().filter(inside).collect();
            let spans: Vec<(Interval, bool)> =
                installation.spans.iter().map(|span| (span.within, span.certain)).collect();
            let stays: Vec<Member> = members.iter().map(|member| (*member).clone()).collect();
            let failures = self.failures(&members, &stays, watched)?;
            let service = Service::of(members.clone(), &spans);
            let count = installation.quantity;
            self.live(&Life { asked: members, service, failures, count, watched })?;
        }
        Ok(())
    }

    /// Returns the failures that count for an item, in order of time, up to the end of the watching.
    fn failures(
        &mut self,
        whole: &[&Member],
        asked: &[Member],
        watched: Interval,
    ) -> Result<Vec<Failure>, Error> {
        let by_unit = self.question.events_of == EventsOf::Unit;
        let bearers: BTreeSet<&NamedNode> = match self.question.events_of {
            EventsOf::Unit => whole.iter().map(|member| member.unit()).collect(),
            EventsOf::Asset => whole.iter().flat_map(|member| stay::bearers(member)).collect(),
        };
        let mut failures = Vec::new();
        for bearer in bearers {
            for failure in self.facts.failures(bearer)?.iter().filter(|failure| failure.at <= watched.to()) {
                let bears = |member: &&Member| {
                    let of_items = by_unit && !member.is_twin();
                    stay::bearers(member).any(|own| own == bearer)
                        && (!of_items || stay::names(failure, member))
                };
                let borne: Vec<&Member> = whole.iter().copied().filter(bears).collect();
                if !self.counts(failure) && !borne.iter().any(|member| is_own(member, bearer, failure)) {
                    continue;
                }
                let found = stay::stay_of(&borne, failure.at, |member| (member.within, member.certain));
                let Some(found) = found else {
                    let of_unit = whole.iter().all(|member| member.is_twin() && member.unit() == bearer);
                    self.account.outside_failures += usize::from(of_unit && watched.contains(failure.at));
                    continue;
                };
                let possible = |member: &&Member| !member.certain && member.within == found.within;
                self.account.unknown_failures += usize::from(asked.iter().any(|member| possible(&member)));
                failures.push(failure.clone());
            }
        }
        failures.sort_by(|a, b| (a.at, a.event.as_str()).cmp(&(b.at, b.event.as_str())));
        Ok(failures)
    }

    /// Returns whether a failure is of a mode that is asked about.
    fn counts(&self, failure: &Failure) -> bool {
        let modes = &self.question.modes;
        modes.is_empty() || failure.mode.as_ref().is_some_and(|mode| modes.contains(mode))
    }

    /// Makes the rows of a life.
    fn live(&mut self, life: &Life<'_>) -> Result<(), Error> {
        let mut rows = Vec::new();
        for member in &life.asked {
            if !grid::passes(self.facts, member, &self.question.among)? {
                continue;
            }
            let Some(within) = member.within.intersect(life.watched) else { continue };
            // A unit whose revision nobody knows may have had one of those asked for.
            let known = self.question.among.revisions.is_empty() || member.revision.is_some();
            if !(member.certain && known) {
                self.account.unknown_stays += 1;
                continue;
            }
            rows.extend(self.stretches(life, within).into_iter().map(|stretch| (*member, stretch)));
        }
        let ages = self.ages_of(life, &rows)?;
        for (member, stretch) in rows {
            self.row(life, member, &stretch, &ages)?;
        }
        Ok(())
    }

    /// Cuts a stay at the failures in it.
    fn stretches<'f>(&mut self, life: &'f Life<'_>, within: Interval) -> Vec<Stretch<'f>> {
        let before = life.failures.iter().rev().find(|failure| failure.at <= within.from());
        let inside =
            life.failures.iter().filter(|failure| failure.at > within.from() && failure.at <= within.to());
        let repair = self.question.repair;
        let anew = |failure: &Failure| (repair == Repair::AsNew).then_some(failure.at);
        let (mut from, mut since) = (within.from(), before.and_then(anew));
        let mut stretches = Vec::new();
        let is_one = life.asked.first().is_some_and(|member| member.is_twin());
        if !is_one {
            let mut left = life.count;
            for failure in inside {
                let count = left.min(1.0);
                left -= count;
                if count > 0.0 {
                    stretches.push(Stretch {
                        from,
                        to: failure.at,
                        failure: Some(failure),
                        count,
                        since: None,
                    });
                }
            }
            if left > 0.0 {
                stretches.push(Stretch { from, to: within.to(), failure: None, count: left, since: None });
            }
            return stretches;
        }
        if before.is_some() && repair == Repair::None {
            self.account.later_stays += 1;
            return stretches;
        }
        for failure in inside {
            stretches.push(Stretch { from, to: failure.at, failure: Some(failure), count: 1.0, since });
            if repair == Repair::None {
                return stretches;
            }
            (from, since) = (failure.at, anew(failure));
        }
        if from < within.to() {
            stretches.push(Stretch { from, to: within.to(), failure: None, count: 1.0, since });
        }
        stretches
    }

    /// Returns the age of an item at each instant that its rows need.
    fn ages_of(
        &mut self,
        life: &Life<'_>,
        rows: &[(&Member, Stretch<'_>)],
    ) -> Result<BTreeMap<Instant, Age>, Error> {
        let mut instants = BTreeSet::new();
        for (_, stretch) in rows {
            instants.extend([stretch.from, stretch.to]);
            instants.extend(stretch.since);
            instants.extend(stretch.failure.and_then(|failure| failure.earliest));
        }
        let instants: Vec<Instant> = instants.into_iter().collect();
        let ages = self.ages.ages(&life.service, &instants)?;
        Ok(instants.into_iter().zip(ages).collect())
    }

    fn row(
        &mut self,
        life: &Life<'_>,
        member: &Member,
        stretch: &Stretch<'_>,
        ages: &BTreeMap<Instant, Age>,
    ) -> Result<(), Error> {
        let base = stretch.since.map(|since| ages[&since]);
        let age = |at: Instant| base.map_or(ages[&at], |base| ages[&at].since(base));
        let (entry, exit) = (age(stretch.from), age(stretch.to));
        if exit.is_open {
            self.account.unknown_ages += 1;
            return Ok(());
        }
        if exit.uncounted_hours > (1.0 - COUNTED_MIN) * (exit.hours + exit.possible) {
            self.account.uncounted += 1;
            return Ok(());
        }
        let Some(membership) = Membership::of(self.facts, member, Some(life.watched))? else { return Ok(()) };
        let counted = stretch.failure.filter(|failure| self.counts(failure));
        self.account.other_modes += usize::from(stretch.failure.is_some() && counted.is_none());
        let end = match counted {
            None => End::Suspended(exit.certain),
            Some(failure) => {
                let earliest = failure.earliest.filter(|earliest| *earliest < failure.at);
                let earliest = earliest.map_or(exit.certain, |earliest| age(earliest).certain);
                let latest = exit.certain + exit.possible;
                if earliest < latest {
                    End::Between(earliest.max(entry.certain), latest)
                } else {
                    End::Failed(latest)
                }
            }
        };
        if end.age() < entry.certain {
            self.account.backward += 1;
            return Ok(());
        }
        if end.age() <= entry.certain {
            self.account.without_time += usize::from(matches!(end, End::Failed(_)));
            return Ok(());
        }
        self.account.resets += usize::from(exit.resets > 0);
        self.stays.push(LifeStay {
            member: membership,
            key: grid::key(self.facts, member, &self.question.group_by, self.question.position_depth)?,
            from: stretch.from,
            to: stretch.to,
            observation: Observation { entry: entry.certain, end, count: stretch.count },
            event: stretch.failure.map(|failure| failure.event.clone()),
            mode: stretch.failure.and_then(|failure| failure.mode.clone()),
            is_alive: stretch.failure.is_none() && stretch.to == life.watched.to(),
            hours: exit.hours,
            site: self.facts.twin(member.asset())?.site.clone(),
        });
        Ok(())
    }
}

/// Returns whether a failure is of the item itself, not of what it sits in: that of another mode leaves the item as it was.
fn is_own(member: &Member, bearer: &NamedNode, failure: &Failure) -> bool {
    if member.is_twin() { member.unit() == bearer } else { stay::names(failure, member) }
}
