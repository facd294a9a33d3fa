//! What a design states of a load: the spectrum that it assumed or that a rig has tested, and the Wöhler line.

use crate::ontology::terms::tl;
use crate::statistics::duty::damage::{BelowKnee, WoehlerLine};
use crate::statistics::duty::exceedance::Proven;
use crate::thread::Record;
use crate::twins::error::Error;
use crate::twins::facts::Facts;
use oxigraph::model::NamedNode;
use std::collections::{BTreeMap, BTreeSet};

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

/// A spectrum of a design, in the unit of the answer.
#[derive(Clone, Debug)]
pub(super) struct DesignSpectrum {
    pub(super) proven: Proven,
    /// The hours that it is of; `None`: of a whole life.
    pub(super) hours: Option<f64>,
}

/// Reads what designs state of one load, each once.
pub(super) struct DesignLoads<'a> {
    facts: &'a Facts<'a>,
    property: &'a NamedNode,
    against: Option<SpectrumKind>,
    /// The line of each revision, in the unit of the answer.
    lines: BTreeMap<NamedNode, Option<WoehlerLine>>,
    /// The spectrum of each revision, in the unit of the answer.
    spectra: BTreeMap<NamedNode, Option<DesignSpectrum>>,
}

impl<'a> DesignLoads<'a> {
    pub(super) fn new(facts: &'a Facts<'a>, property: &'a NamedNode, against: Option<SpectrumKind>) -> Self {
        Self { facts, property, against, lines: BTreeMap::new(), spectra: BTreeMap::new() }
    }

    /// Returns the spectrum of a revision for the load, in the unit of the answer.
    pub(super) fn spectrum(
        &mut self,
        revision: &NamedNode,
        unit: &mut Option<NamedNode>,
    ) -> Result<Option<DesignSpectrum>, Error> {
        let Some(against) = self.against else { return Ok(None) };
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
            if record.target(tl::PROPERTY).as_ref() != Some(self.property) {
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
        let found = chosen.map(|record| self.read_spectrum(&record, unit)).transpose()?.flatten();
        self.spectra.insert(revision.clone(), found.clone());
        Ok(found)
    }

    fn read_spectrum(
        &self,
        record: &Record,
        unit: &mut Option<NamedNode>,
    ) -> Result<Option<DesignSpectrum>, Error> {
        let snapshot = self.facts.snapshot;
        let Some(from) = record.target(tl::UNIT) else { return Ok(None) };
        let to = unit.get_or_insert_with(|| from.clone()).clone();
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
    pub(super) fn line(
        &mut self,
        revision: &NamedNode,
        unit: &mut Option<NamedNode>,
    ) -> Result<Option<WoehlerLine>, Error> {
        if let Some(known) = self.lines.get(revision) {
            return Ok(*known);
        }
        let snapshot = self.facts.snapshot;
        let mut found = None;
        let lines: BTreeSet<String> =
            snapshot.targets(revision, tl::WOEHLER_LINE)?.into_iter().map(NamedNode::into_string).collect();
        for line in lines {
            let record = Record::read(snapshot, &NamedNode::new_unchecked(line))?;
            if record.target(tl::PROPERTY).as_ref() == Some(self.property) && found.is_none() {
                found = self.read_line(&record, unit)?;
            }
        }
        self.lines.insert(revision.clone(), found);
        Ok(found)
    }

    fn read_line(&self, record: &Record, unit: &mut Option<NamedNode>) -> Result<Option<WoehlerLine>, Error> {
        let (Some(knee), Some(cycles), Some(slope), Some(from)) = (
            record.number(tl::KNEE),
            record.number(tl::CYCLES),
            record.number(tl::SLOPE),
            record.target(tl::UNIT),
        ) else {
            return Ok(None);
        };
        let to = unit.get_or_insert_with(|| from.clone()).clone();
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
