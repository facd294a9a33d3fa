//! From the cells of the aggregate to the answer: merged by unit, bucket and group, with the account of each.

use super::account::{self, Account};
use super::layout::Key;
use super::portion::{Portion, Terms, UnitUsage};
use super::question::{GroupBy, Weight};
use super::spans;
use super::survey::Survey;
use super::usage::{Bucket, Group, Usage};
use crate::graph::Snapshot;
use crate::model::interval::Interval;
use crate::telemetry::{Summary, View};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Puts the answer together; one part of it after the other, each merged in the order of cells and slices.
pub(super) fn assemble(survey: Survey, snapshot: &Snapshot, view: &View, cells: &[Vec<Summary>]) -> Usage {
    let expected = hours_of(&survey, &survey.expected);
    let unknown = hours_of(&survey, &survey.layout.unknown);
    let assembler = Assembler { survey: &survey, cells, expected, unknown };
    let portions: Vec<Arc<Portion>> =
        (0..survey.readings.len()).map(|reading| Arc::new(assembler.whole(reading))).collect();
    let (buckets, groups) = (assembler.buckets(), assembler.groups());
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

/// Hours by cell and slice.
type Hours = Vec<Vec<f64>>;

fn hours_of(survey: &Survey, spans: &[Vec<Interval>]) -> Hours {
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
        nanos.into_iter().map(spans::hours).collect()
    });
    cells.collect()
}

struct Assembler<'a> {
    survey: &'a Survey,
    cells: &'a [Vec<Summary>],
    expected: Hours,
    unknown: Hours,
}

impl Assembler<'_> {
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
        let mut parts: BTreeMap<Key, Vec<(usize, usize)>> = BTreeMap::new();
        for (cell, (_, group)) in layout.cells.iter().enumerate() {
            for (slice, cut) in layout.slices.iter().enumerate() {
                let key = with_month(&layout.groups[*group], group_by, cut.month.as_deref());
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
        let mut units: BTreeMap<&str, (usize, UnitUsage, f64)> = BTreeMap::new();
        for (cell, slice) in parts {
            let place = layout.cells[cell].0;
            let (twin, serial) = &layout.units[place];
            let (_, unit, expected) = units.entry(twin.as_str()).or_insert_with(|| {
                let (twin, serial) = (twin.clone(), serial.clone());
                let (summary, account) = (Summary::default(), Account::default());
                (place, UnitUsage { twin, serial, summary, account }, 0.0)
            });
            unit.summary.merge(self.part(reading, cell, slice));
            unit.account.add(&self.account(reading, cell, slice));
            *expected += self.expected[cell][slice];
        }
        let (mut summary, mut account) = (Summary::default(), Account::default());
        for (_, unit, _) in units.values() {
            summary.merge(&unit.summary);
            account.add(&unit.account);
        }
        let in_service = units.into_values().filter(|(_, _, expected)| *expected > 0.0);
        let units: Vec<UnitUsage> = in_service.map(|(_, unit, _)| unit).collect();
        let unit_count = units.len();
        let units = if keep_units { units } else { Vec::new() };
        Portion { summary, unit_count, units, account, terms: self.terms() }
    }

    fn part(&self, set: usize, cell: usize, slice: usize) -> &Summary {
        &self.cells[set * self.survey.layout.cells.len() + cell][slice]
    }

    fn account(&self, reading: usize, cell: usize, slice: usize) -> Account {
        let own = self.part(reading, cell, slice);
        let covered = self.part(self.survey.coverage(reading), cell, slice).hours();
        Account {
            service_hours: self.expected[cell][slice],
            observed_hours: own.hours(),
            missing_hours: (self.expected[cell][slice] - covered).max(0.0),
            unknown_configuration_hours: self.unknown[cell][slice],
            unbound: Vec::new(),
            overwritten: own.overwritten,
            late: own.late,
        }
    }
}

/// Puts the month where the question names it in the key.
fn with_month(key: &[(GroupBy, String)], group_by: &[GroupBy], month: Option<&str>) -> Key {
    let mut rest = key.iter();
    let value = |by: &GroupBy| match (by, month) {
        (GroupBy::Month, Some(month)) => Some((GroupBy::Month, month.to_owned())),
        (GroupBy::Month, None) => None,
        _ => rest.next().cloned(),
    };
    group_by.iter().filter_map(value).collect()
}

impl Group {
    /// Tells whether the group says nothing at all.
    fn is_empty(&self) -> bool {
        self.usage.unit_count == 0 && self.usage.account.unknown_configuration_hours == 0.0
    }
}
