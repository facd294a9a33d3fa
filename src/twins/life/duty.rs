//! Duty: the cycles of a load that units went through, the damage that they did, and how often levels were crossed.
//!
//! Each unit's history is that of the samples in its certain stays, in order of time; a gap in it is no turning point. Every sample is
//! read, in the same order, so that the same question at the same watermark gives the same bits.

use crate::graph::Snapshot;
use crate::model::number::quantity::{Conversion, Transform};
use crate::model::time::interval::Interval;
use crate::ontology::terms::tl;
use crate::statistics::duty::damage::{BelowKnee, Damaging, WoehlerLine};
use crate::statistics::duty::exceedance::{Exceedances, Proven, Utilisation};
use crate::statistics::duty::level::Crossings;
use crate::statistics::duty::rainflow::{Cycle, Cycles, Rainflow, Residue, Spectrum};
use crate::telemetry::{SeriesId, View};
use crate::thread::Record;
use crate::twins::binding::resolver::{Binder, Binding, Found};
use crate::twins::error::Error;
use crate::twins::facts::Facts;
use crate::twins::facts::member::Member;
use crate::twins::facts::signal::Signal;
use crate::twins::usage::grid;
use crate::twins::usage::planner;
use crate::twins::usage::portion::UnitUsage;
use crate::twins::usage::question::{Question, TwinFilter};
use oxigraph::model::NamedNode;
use std::collections::{BTreeMap, BTreeSet};

/// A question about the duty of an item's units.
#[derive(Clone, Debug, PartialEq)]
pub struct DutyQuestion {
    /// The Part, DesignRevision, Build or TwinInstance.
    pub item: NamedNode,
    /// The load.
    pub property: NamedNode,
    /// When.
    pub window: Interval,
    /// Which units count.
    pub among: TwinFilter,
    /// The unit of the answer; `None`: that of the Wöhler line, or failing that of the first signal.
    pub unit: Option<NamedNode>,
    /// What is done to each value first.
    pub transform: Transform,
    /// Ranges up to this are noise.
    pub gate: f64,
    /// The width of the bins of ranges, above 0.
    pub range_width: f64,
    /// The width of the bins of means; 0: all in one.
    pub mean_width: f64,
    /// The levels whose crossings are counted.
    pub levels: Vec<f64>,
    /// What becomes of the residue.
    pub residue: Residue,
    /// The spectrum of the design that each unit is compared with; `None`: none.
    pub against: Option<SpectrumKind>,
}

/// Which spectrum of a design.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpectrumKind {
    /// The one that a rig has tested.
    Tested,
    /// The one that the design assumed.
    Assumed,
    /// The tested one, or failing that the assumed one.
    Best,
}

/// The duty of an item's units, at one version and one watermark.
#[derive(Clone, Debug)]
pub struct Duty {
    /// The unit of all loads.
    pub unit: Option<NamedNode>,
    /// Each unit, in IRI order.
    pub units: Vec<UnitDuty>,
    /// The cycles of all units.
    pub spectrum: Spectrum,
    /// Units that were in service but have no samples, or whose load several signals claim.
    pub silent_units: usize,
}

/// The duty of one unit.
#[derive(Clone, Debug)]
pub struct UnitDuty {
    /// The unit.
    pub twin: NamedNode,
    /// Its identifier.
    pub serial: Option<String>,
    /// How many samples count.
    pub sample_count: u64,
    /// How many lay beyond what the sensor can measure, and do not count.
    pub implausible: u64,
    /// The cycles.
    pub spectrum: Spectrum,
    /// How often levels were crossed on the way up.
    pub crossings: Crossings,
    /// The damage by the Wöhler lines of the revisions that it had; `None` where none has one.
    pub damage: Option<f64>,
    /// How it compares with the spectrum of its revision, the last that it had; `None` where that has none, or none was asked for.
    pub utilisation: Option<Utilisation>,
    /// Whether that spectrum is of so many hours, and compared by those that samples cover.
    pub is_by_hours: bool,
}

/// More samples are refused: each is read.
const SAMPLES_MAX: u64 = 200_000_000;
/// How many are in memory at once.
const AT_ONCE: usize = 500_000;

/// Returns the duty of an item's units.
pub fn duty(snapshot: &Snapshot, view: &View, question: &DutyQuestion) -> Result<Duty, Error> {
    planner::must_be_property(snapshot, &question.property)?;
    let facts = Facts::new(snapshot);
    let members = facts.members(&question.item)?;
    let binder = Binder::new(&facts, view);
    binder.expect(members.iter());
    let mut by_unit: BTreeMap<&str, Vec<&Member>> = BTreeMap::new();
    for member in members.iter().filter(|member| member.certain) {
        if grid::passes(&facts, member, &question.among)?
            && member.within.intersect(question.window).is_some()
        {
            by_unit.entry(member.unit().as_str()).or_default().push(member);
        }
    }
    let mut reading = Reading {
        facts: &facts,
        view,
        question,
        unit: question.unit.clone(),
        lines: BTreeMap::new(),
        spectra: BTreeMap::new(),
        hours: observed_hours(snapshot, view, question)?,
        read: 0,
    };
    let (mut units, mut silent_units) = (Vec::new(), 0);
    let mut spectrum = reading.spectrum();
    for members in by_unit.into_values() {
        match reading.of_unit(&binder, &members)? {
            Some(unit) => {
                spectrum.add(&unit.spectrum);
                units.push(unit);
            }
            None => silent_units += 1,
        }
    }
    Ok(Duty { unit: reading.unit, units, spectrum, silent_units })
}

/// Returns the hours that the samples of each unit cover, where they are needed for a comparison.
fn observed_hours(
    snapshot: &Snapshot,
    view: &View,
    question: &DutyQuestion,
) -> Result<BTreeMap<String, f64>, Error> {
    if question.against.is_none() {
        return Ok(BTreeMap::new());
    }
    let asked = Question {
        among: question.among.clone(),
        quantiles: false,
        ..Question::new(question.item.clone(), question.property.clone(), question.window)
    };
    let usage = asked.answer(snapshot, view)?;
    let hours = |unit: &UnitUsage| (unit.twin.as_str().to_owned(), unit.account.observed_hours);
    Ok(usage.total.units.iter().map(hours).collect())
}

/// The reading under way.
struct Reading<'a> {
    facts: &'a Facts<'a>,
    view: &'a View,
    question: &'a DutyQuestion,
    unit: Option<NamedNode>,
    /// The line of each revision, in the unit of the answer.
    lines: BTreeMap<NamedNode, Option<WoehlerLine>>,
    /// The spectrum of each revision, in the unit of the answer.
    spectra: BTreeMap<NamedNode, Option<DesignSpectrum>>,
    /// The hours that the samples of each unit cover.
    hours: BTreeMap<String, f64>,
    read: u64,
}

/// What is counted of one unit.
struct Counting {
    rainflow: Rainflow<Damaging<Counted>>,
    crossings: Crossings,
    sample_count: u64,
    implausible: u64,
    has_line: bool,
}

/// Takes cycles into a spectrum, and counts those greater than the levels of another.
#[derive(Clone, Debug, PartialEq)]
struct Counted {
    cycles: Spectrum,
    exceedances: Exceedances,
}

impl Cycles for Counted {
    fn take(&mut self, cycle: Cycle) {
        self.cycles.take(cycle);
        self.exceedances.take(cycle);
    }
}

/// A spectrum of a design, in the unit of the answer.
#[derive(Clone, Debug)]
struct DesignSpectrum {
    proven: Proven,
    hours: Option<f64>,
}

impl Reading<'_> {
    fn spectrum(&self) -> Spectrum {
        let (range_width, mean_width) = (self.question.range_width, self.question.mean_width);
        Spectrum { range_width, mean_width, ..Spectrum::default() }
    }

    /// Counts a unit; `None` where it has no samples.
    fn of_unit(&mut self, binder: &Binder<'_>, members: &[&Member]) -> Result<Option<UnitDuty>, Error> {
        let mut members = members.to_vec();
        members.sort_by_key(|member| member.within);
        let last = members.last().and_then(|member| member.revision.clone());
        let design = last.as_ref().map(|revision| self.design_spectrum(revision)).transpose()?.flatten();
        let exceedances =
            Exceedances::new(design.as_ref().map(|of| of.proven.thresholds()).unwrap_or_default());
        let counted = Counted { cycles: self.spectrum(), exceedances };
        let damaging = Damaging { cycles: counted, line: None, damage: 0.0 };
        let mut counting = Counting {
            rainflow: Rainflow::new(damaging, self.question.gate),
            crossings: Crossings::new(self.question.levels.clone()),
            sample_count: 0,
            implausible: 0,
            has_line: false,
        };
        for member in &members {
            let Some(within) = member.within.intersect(self.question.window) else { continue };
            let line = member.revision.as_ref().map(|revision| self.line(revision)).transpose()?.flatten();
            counting.has_line |= line.is_some();
            counting.rainflow.closed.line = line;
            let bindings = binder.bind(member, &self.question.property, within)?;
            if !planner::overlaps(&bindings) {
                self.of_bindings(bindings, &mut counting)?;
            }
        }
        if counting.sample_count == 0 {
            return Ok(None);
        }
        let twin = members[0].unit().clone();
        let counted = counting.rainflow.finish(self.question.residue);
        let scale = |hours: Option<f64>| {
            hours.map_or(1.0, |hours| hours / self.hours.get(twin.as_str()).copied().unwrap_or(0.0))
        };
        let is_by_hours = design.as_ref().is_some_and(|of| of.hours.is_some());
        let utilisation = design
            .map(|of| of.proven.utilisation(&counted.cycles.exceedances, scale(of.hours)))
            .filter(|utilisation| utilisation.ratio.is_finite());
        Ok(Some(UnitDuty {
            serial: self.facts.twin(&twin)?.serial.clone(),
            utilisation,
            is_by_hours,
            twin,
            sample_count: counting.sample_count,
            implausible: counting.implausible,
            spectrum: counted.cycles.cycles,
            crossings: counting.crossings,
            damage: counting.has_line.then_some(counted.damage),
        }))
    }

    fn of_bindings(&mut self, mut bindings: Vec<Binding>, counting: &mut Counting) -> Result<(), Error> {
        bindings.sort_by_key(|binding| binding.within);
        for binding in bindings {
            let Found::Series(signal, series) = &binding.found else { continue };
            self.unit = self.unit.take().or_else(|| signal.unit.clone());
            let by = planner::conversion(self.facts, signal, self.unit.as_ref())?;
            self.samples(*series, binding.within, (signal, by), counting)?;
        }
        Ok(())
    }

    fn samples(
        &mut self,
        series: SeriesId,
        within: Interval,
        (signal, by): (&Signal, Conversion),
        counting: &mut Counting,
    ) -> Result<(), Error> {
        let mut rest = Some(within);
        while let Some(within) = rest.take() {
            let samples = self.view.samples(series, within, AT_ONCE)?;
            self.read += samples.len() as u64;
            if self.read > SAMPLES_MAX {
                return Err(Error::TooManySamples { most: SAMPLES_MAX });
            }
            for sample in &samples {
                if !signal.plausible.contains(sample.value) {
                    counting.implausible += 1;
                    continue;
                }
                let value = by.apply(sample.value);
                let value = if self.question.transform == Transform::Abs { value.abs() } else { value };
                counting.rainflow.push(value);
                counting.crossings.push(value);
                counting.sample_count += 1;
            }
            let last = samples.last().filter(|_| samples.len() == AT_ONCE);
            rest = last.and_then(|last| Interval::new(last.at.plus_nanos(1), within.to()).ok());
        }
        Ok(())
    }

    /// Returns the spectrum of a revision for the load, in the unit of the answer.
    fn design_spectrum(&mut self, revision: &NamedNode) -> Result<Option<DesignSpectrum>, Error> {
        let Some(against) = self.question.against else { return Ok(None) };
        if let Some(known) = self.spectra.get(revision) {
            return Ok(known.clone());
        }
        let snapshot = self.facts.snapshot;
        let mut spectra: Vec<String> =
            snapshot.targets(revision, tl::LOAD_SPECTRUM)?.into_iter().map(NamedNode::into_string).collect();
        spectra.sort_unstable();
        let (mut tested, mut assumed) = (None, None);
        for spectrum in spectra {
            let record = Record::read(snapshot, &NamedNode::new_unchecked(spectrum))?;
            if record.target(tl::PROPERTY).as_ref() != Some(&self.question.property) {
                continue;
            }
            let own = if record.text(tl::KIND) == Some("TESTED") { &mut tested } else { &mut assumed };
            own.get_or_insert(record);
        }
        let chosen = match against {
            SpectrumKind::Tested => tested,
            SpectrumKind::Assumed => assumed,
            SpectrumKind::Best => tested.or(assumed),
        };
        let found = chosen.map(|record| self.read_spectrum(&record)).transpose()?.flatten();
        self.spectra.insert(revision.clone(), found.clone());
        Ok(found)
    }

    fn read_spectrum(&mut self, record: &Record) -> Result<Option<DesignSpectrum>, Error> {
        let snapshot = self.facts.snapshot;
        let Some(from) = record.target(tl::UNIT) else { return Ok(None) };
        let to = self.unit.get_or_insert_with(|| from.clone()).clone();
        let units = snapshot.ontology().units();
        // A range is a difference: it converts without an offset.
        let by = units.conversion(from.as_ref(), to.as_ref())?.of_differences();
        let mut levels = Vec::new();
        for level in record.targets(tl::LOAD_LEVEL) {
            let level = Record::read(snapshot, &level)?;
            levels.extend(level.number(tl::RANGE).map(|range| by.apply(range)).zip(level.number(tl::CYCLES)));
        }
        let hours = record.number(tl::HOURS);
        Ok(Proven::new(levels).map(|proven| DesignSpectrum { proven, hours }))
    }

    /// Returns the Wöhler line of a revision for the load, in the unit of the answer.
    fn line(&mut self, revision: &NamedNode) -> Result<Option<WoehlerLine>, Error> {
        if let Some(known) = self.lines.get(revision) {
            return Ok(*known);
        }
        let snapshot = self.facts.snapshot;
        let mut found = None;
        let lines: BTreeSet<String> =
            snapshot.targets(revision, tl::WOEHLER_LINE)?.into_iter().map(NamedNode::into_string).collect();
        for line in lines {
            let record = Record::read(snapshot, &NamedNode::new_unchecked(line))?;
            if record.target(tl::PROPERTY).as_ref() == Some(&self.question.property) && found.is_none() {
                found = self.read_line(&record)?;
            }
        }
        self.lines.insert(revision.clone(), found);
        Ok(found)
    }

    fn read_line(&mut self, record: &Record) -> Result<Option<WoehlerLine>, Error> {
        let (Some(knee), Some(cycles), Some(slope), Some(from)) = (
            record.number(tl::KNEE),
            record.number(tl::CYCLES),
            record.number(tl::SLOPE),
            record.target(tl::UNIT),
        ) else {
            return Ok(None);
        };
        let to = self.unit.get_or_insert_with(|| from.clone()).clone();
        let units = self.facts.snapshot.ontology().units();
        // A range is a difference: it converts without an offset.
        let by = units.conversion(from.as_ref(), to.as_ref())?.of_differences();
        let below = match record.text(tl::BELOW_KNEE) {
            Some("ENDURED") => BelowKnee::Endured,
            Some("HAIBACH") => BelowKnee::Haibach,
            _ => BelowKnee::Elementary,
        };
        Ok(Some(WoehlerLine { knee: by.apply(knee), cycles, slope, below }))
    }
}
