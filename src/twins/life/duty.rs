//! Duty: the cycles of a load that units went through, the damage that they did, and how often levels were crossed.
//!
//! Each unit's history is that of the samples in its certain stays, in order of time; a gap in it is no turning point. It is counted month
//! by month, and the counts are joined in the same order, so that the same question at the same watermark gives the same bits.

use super::cycle_count::{CycleCount, CycleRule, SAMPLES_MAX};
use super::design_spectrum::{DesignLoads, SpectrumKind};
use crate::graph::Snapshot;
use crate::model::number::quantity::{Conversion, Transform};
use crate::model::time::interval::Interval;
use crate::statistics::duty::exceedance::Utilisation;
use crate::statistics::duty::level::Crossings;
use crate::statistics::duty::rainflow::{Residue, Spectrum};
use crate::telemetry::{Plausible, View};
use crate::twins::binding::resolver::{Binder, Binding, Found};
use crate::twins::error::Error;
use crate::twins::facts::Facts;
use crate::twins::facts::member::Member;
use crate::twins::usage::grid;
use crate::twins::usage::planner;
use crate::twins::usage::portion::UnitUsage;
use crate::twins::usage::question::{Question, TwinFilter};
use oxigraph::model::NamedNode;
use std::collections::BTreeMap;

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
    /// The site of the asset that it was in last.
    pub site: Option<String>,
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

/// The duty of the units at one site.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SiteDuty {
    /// The site; `None`: the version names none.
    pub site: Option<String>,
    /// How many units have samples.
    pub units: usize,
    /// How many of them have a spectrum of the design to be compared with.
    pub compared: usize,
    /// How many of these are beyond it.
    pub beyond: usize,
    /// The greatest utilisation of a unit.
    pub utilisation: Option<f64>,
}

impl Duty {
    /// Returns the duty by site, in order of their names; those without one first.
    pub fn sites(&self) -> Vec<SiteDuty> {
        let mut sites: BTreeMap<Option<&str>, SiteDuty> = BTreeMap::new();
        for unit in &self.units {
            let site = sites.entry(unit.site.as_deref()).or_default();
            site.units += 1;
            let Some(utilisation) = unit.utilisation else { continue };
            site.compared += 1;
            site.beyond += usize::from(utilisation.ratio > 1.0);
            site.utilisation = Some(site.utilisation.unwrap_or(0.0).max(utilisation.ratio));
        }
        let named =
            |(site, duty): (Option<&str>, SiteDuty)| SiteDuty { site: site.map(str::to_owned), ..duty };
        sites.into_iter().map(named).collect()
    }
}

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
        designs: DesignLoads::new(&facts, &question.property, question.against),
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
    designs: DesignLoads<'a>,
    /// The hours that the samples of each unit cover.
    hours: BTreeMap<String, f64>,
    read: u64,
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
        let design = last.map(|revision| self.designs.spectrum(&revision, &mut self.unit)).transpose()?;
        let design = design.flatten();
        let thresholds = design.as_ref().map(|of| of.proven.thresholds()).unwrap_or_default();
        let rule = self.rule(thresholds);
        let mut counting = CycleCount::new(&rule);
        let mut has_line = false;
        for member in &members {
            let Some(within) = member.within.intersect(self.question.window) else { continue };
            let line = member.revision.as_ref().map(|revision| self.designs.line(revision, &mut self.unit));
            let line = line.transpose()?.flatten();
            has_line |= line.is_some();
            counting.set_line(line);
            let bindings = binder.bind(member, &self.question.property, within)?;
            if !planner::overlaps(&bindings) {
                self.of_bindings(bindings, &CycleRule { line, ..rule.clone() }, &mut counting)?;
            }
        }
        if counting.sample_count == 0 {
            return Ok(None);
        }
        let twin = members[0].unit().clone();
        let site = members.last().map(|member| self.facts.twin(member.asset())).transpose()?;
        let (sample_count, implausible) = (counting.sample_count, counting.implausible);
        let crossings = counting.crossings.clone();
        let (counted, damage) = counting.finish(self.question.residue);
        let scale = |hours: Option<f64>| {
            hours.map_or(1.0, |hours| hours / self.hours.get(twin.as_str()).copied().unwrap_or(0.0))
        };
        let is_by_hours = design.as_ref().is_some_and(|of| of.hours.is_some());
        let utilisation = design
            .map(|of| of.proven.utilisation(&counted.exceedances, scale(of.hours)))
            .filter(|utilisation| utilisation.ratio.is_finite());
        Ok(Some(UnitDuty {
            serial: self.facts.twin(&twin)?.serial.clone(),
            site: site.and_then(|asset| asset.site.clone()),
            utilisation,
            is_by_hours,
            twin,
            sample_count,
            implausible,
            spectrum: counted.cycles,
            crossings,
            damage: has_line.then_some(damage),
        }))
    }

    fn rule(&self, thresholds: Vec<f64>) -> CycleRule {
        let question = self.question;
        CycleRule {
            gate: question.gate,
            range_width: question.range_width,
            mean_width: question.mean_width,
            levels: question.levels.clone(),
            thresholds,
            line: None,
            by: Conversion::IDENTITY,
            transform: question.transform,
            plausible: Plausible::ALL,
        }
    }

    fn of_bindings(
        &mut self,
        mut bindings: Vec<Binding>,
        rule: &CycleRule,
        counting: &mut CycleCount,
    ) -> Result<(), Error> {
        bindings.sort_by_key(|binding| binding.within);
        for binding in bindings {
            let Found::Series(signal, series) = &binding.found else { continue };
            self.unit = self.unit.take().or_else(|| signal.unit.clone());
            let by = planner::conversion(self.facts, signal, self.unit.as_ref())?;
            let rule = CycleRule { by, plausible: signal.plausible, ..rule.clone() };
            let stretch = (*series, binding.within);
            let before = counting.read_count();
            if rule.gate > 0.0 {
                // What is noise depends on all that was before: nothing is counted apart.
                rule.count_into(counting, self.view, stretch)?;
            } else {
                let how = rule.name();
                let count = || rule.count_by_month(self.view, stretch, &how);
                counting.append(&*self.view.derived(stretch, &how, count)?);
            }
            self.read += counting.read_count() - before;
            if self.read > SAMPLES_MAX {
                return Err(Error::TooManySamples { most: SAMPLES_MAX });
            }
        }
        Ok(())
    }
}
