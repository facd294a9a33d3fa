//! From the cells of the aggregate to the answer: merged by unit, bucket and group, with the account of each.

use super::change::Changed;
use super::grid::{self, GroupKey};
use super::planner::Planner;
use super::portion::{Portion, Terms, UnitUsage};
use super::question::Weight;
use super::{Bucket, Group, Usage};
use crate::graph::Snapshot;
use crate::model::time::interval::Interval;
use crate::telemetry::{Increase, States, Summary, View};
use crate::twins::facts::account::{self, Nanos};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Fewer cells and slices than this are not worth a thread.
const PARTS_A_THREAD: usize = if cfg!(test) { 4 } else { 1000 };

/// Puts the answer together; one part of it after the other, each merged in the order of cells and slices.
pub(super) fn assemble(
    survey: Planner,
    snapshot: &Snapshot,
    view: &View,
    cells: &[Vec<Summary>],
    changed: &Changed,
) -> Usage {
    let expected = lengths_of(&survey, &survey.expected);
    let unknown = lengths_of(&survey, &survey.layout.unknown);
    let (ranks, by_rank) = ranks(&survey);
    let assembler = Assembler { survey: &survey, cells, changed, expected, unknown, ranks, by_rank };
    let (portions, (buckets, groups)) = assembler.all();
    let checked = survey.question.checks.iter().zip(&survey.checks);
    let checked = checked.map(|(check, reading)| (check.clone(), Arc::clone(&portions[*reading]))).collect();
    Usage {
        commit: snapshot.commit().id,
        watermark: view.watermark(),
        unit: survey.readings[0].unit.clone(),
        total: Arc::clone(&portions[0]),
        buckets,
        groups,
        checked,
        question: survey.question,
    }
}

/// Nanoseconds by cell and slice.
type Lengths = Vec<Vec<i128>>;

fn lengths_of(survey: &Planner, spans: &[Vec<Interval>]) -> Lengths {
    let slices = &survey.layout.slices;
    let cells = spans.iter().map(|spans| {
        let mut nanos = vec![0_i128; slices.len()];
        for span in spans {
            let first = slices.partition_point(|slice| slice.within.to() <= span.from());
            for (slice, nanos) in slices.iter().zip(&mut nanos).skip(first) {
                let Some(shared) = slice.within.intersect(*span) else { break };
                *nanos += i128::from(shared.nanos());
            }
        }
        nanos
    });
    cells.collect()
}

struct Assembler<'a> {
    survey: &'a Planner,
    cells: &'a [Vec<Summary>],
    changed: &'a Changed,
    expected: Lengths,
    unknown: Lengths,
    /// The place of each unit in IRI order, and back.
    ranks: Vec<usize>,
    by_rank: Vec<usize>,
}

/// What was merged of one unit.
#[derive(Default)]
struct Merged {
    summary: Summary,
    nanos: Nanos,
}

/// Returns for each unit its place in IRI order, and for each of these places its unit.
fn ranks(survey: &Planner) -> (Vec<usize>, Vec<usize>) {
    let units = &survey.layout.units;
    let mut by_rank: Vec<usize> = (0..units.len()).collect();
    by_rank.sort_by(|a, b| units[*a].0.as_str().cmp(units[*b].0.as_str()));
    let mut ranks = vec![0; units.len()];
    by_rank.iter().enumerate().for_each(|(rank, unit)| ranks[*unit] = rank);
    (ranks, by_rank)
}

/// The first reading by bucket and by group.
type Cut = (Vec<Bucket>, Vec<Group>);

impl Assembler<'_> {
    /// Returns each reading as a whole, and the first one by bucket and by group.
    fn all(&self) -> (Vec<Arc<Portion>>, Cut) {
        let wholes =
            || (0..self.survey.readings.len()).map(|reading| Arc::new(self.whole(reading))).collect();
        let cut = || (self.buckets(), self.groups());
        if self.cells.len() * self.survey.layout.slices.len() < PARTS_A_THREAD {
            return (wholes(), cut());
        }
        std::thread::scope(|scope| {
            let cut = scope.spawn(cut);
            (wholes(), cut.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        })
    }

    fn terms(&self) -> Arc<Terms> {
        Arc::new(Terms {
            property: self.survey.question.property.clone(),
            circular: self.survey.circular,
            weight: self.survey.question.weight,
            limits: self.survey.limits.clone(),
        })
    }

    /// Returns all cells and slices of a reading together, with every unit by itself.
    fn whole(&self, reading: usize) -> Portion {
        let layout = &self.survey.layout;
        let all =
            (0..layout.cells.len()).flat_map(|cell| (0..layout.slices.len()).map(move |slice| (cell, slice)));
        let mut portion = self.portion(reading, all, true);
        let unbound = self.survey.unbound.iter().chain(&self.survey.undecided[reading]);
        portion.account.unbound = account::gather(unbound.cloned().collect());
        portion
    }

    fn buckets(&self) -> Vec<Bucket> {
        let layout = &self.survey.layout;
        let mut slices = vec![Vec::new(); layout.buckets.len()];
        for (slice, cut) in layout.slices.iter().enumerate() {
            cut.bucket.into_iter().for_each(|bucket| slices[bucket].push(slice));
        }
        let bucket = |(within, slices): (&Interval, Vec<usize>)| {
            let parts =
                (0..layout.cells.len()).flat_map(|cell| slices.iter().map(move |slice| (cell, *slice)));
            Bucket { within: *within, usage: self.portion(0, parts, self.by_unit()) }
        };
        layout.buckets.iter().zip(slices).map(bucket).collect()
    }

    fn groups(&self) -> Vec<Group> {
        let layout = &self.survey.layout;
        let group_by = &self.survey.question.group_by;
        if group_by.is_empty() {
            return Vec::new();
        }
        let mut parts: BTreeMap<GroupKey, Vec<(usize, usize)>> = BTreeMap::new();
        for (cell, (_, group)) in layout.cells.iter().enumerate() {
            for (slice, cut) in layout.slices.iter().enumerate() {
                let key = grid::with_month(&layout.groups[*group], group_by, cut.month.as_deref());
                parts.entry(key).or_default().push((cell, slice));
            }
        }
        let group = |(key, parts): (_, Vec<_>)| Group { key, usage: self.portion(0, parts, self.by_unit()) };
        parts.into_iter().map(group).filter(|group| !group.is_empty()).collect()
    }

    fn by_unit(&self) -> bool {
        self.survey.question.weight == Weight::Unit
    }

    /// Merges parts (cell, slice), first by unit, then all units.
    fn portion(
        &self,
        reading: usize,
        parts: impl IntoIterator<Item = (usize, usize)>,
        keep_units: bool,
    ) -> Portion {
        let layout = &self.survey.layout;
        let mut units: BTreeMap<usize, Merged> = BTreeMap::new();
        let (mut summary, mut nanos) = (Summary::default(), Nanos::default());
        let mut increase = self.changed.increase.as_ref().map(|_| Increase::default());
        let mut states = self.changed.states.as_ref().map(|_| States::default());
        for (cell, slice) in parts {
            if let (Some(sum), Some(found)) = (&mut increase, &self.changed.increase) {
                sum.merge(&found[cell][slice]);
            }
            if let (Some(sum), Some(found)) = (&mut states, &self.changed.states) {
                sum.merge(&found[cell][slice]);
            }
            let unit = units.entry(self.ranks[layout.cells[cell].0]).or_default();
            // Summaries have no order, so a unit's own is made only where it is wanted.
            let target = if keep_units { &mut unit.summary } else { &mut summary };
            let part = self.part(reading, cell, slice);
            target.merge(part);
            unit.nanos.take(part, self.expected[cell][slice], self.unknown[cell][slice]);
        }
        for unit in units.values() {
            summary.merge(&unit.summary);
            nanos.add(&unit.nanos);
        }
        units.retain(|_, unit| unit.nanos.service > 0);
        let (unit_count, mut account) = (units.len(), nanos.account());
        account.count_units(units.values().map(|unit| unit.nanos.account()));
        let units = if keep_units { self.usages(units) } else { Vec::new() };
        Portion {
            summary,
            increase,
            states,
            unit_count,
            units,
            finer: OnceLock::new(),
            account,
            terms: self.terms(),
        }
    }

    fn usages(&self, units: BTreeMap<usize, Merged>) -> Vec<UnitUsage> {
        let usage = |(rank, unit): (usize, Merged)| {
            let (twin, serial) = self.survey.layout.units[self.by_rank[rank]].clone();
            UnitUsage { twin, serial, summary: unit.summary, account: unit.nanos.account() }
        };
        units.into_iter().map(usage).collect()
    }

    fn part(&self, reading: usize, cell: usize, slice: usize) -> &Summary {
        &self.cells[reading * self.survey.layout.cells.len() + cell][slice]
    }
}

impl Group {
    /// Returns whether the group contains nothing at all.
    fn is_empty(&self) -> bool {
        self.usage.unit_count == 0 && self.usage.account.unknown_configuration_hours == 0.0
    }
}
