//! Filing evidence: each record of a violation goes to the one finding of its design, requirement and constraint.
//!
//! | what is there | what the record comes to |
//! |---|---|
//! | a finding that somebody is still to act on | further evidence of it, unless it repeats what it rests on already |
//! | only decided findings, and they cover the record | nothing |
//! | only decided findings, and it shows something worse | a new finding |
//! | no finding | a new finding |
//!
//! Decided findings *cover* a record whose very outcome they rest on, or that shows nothing worse: no unit breaks the limit
//! that none of their records names, and no value lies further beyond it than theirs by more than a quarter. For a limit on
//! the fleet as a whole the units do not count.

use super::evidence::{Evidence, FieldEvidence};
use super::finding::{Breach, Finding, Findings};
use crate::feedback::error::Error;
use crate::feedback::margin::Verdict;
use crate::feedback::margin::constraint::Scope;
use crate::graph::Snapshot;
use crate::model::statement::Statement;
use crate::model::statement::change::Change;
use crate::ontology::terms::tl;
use crate::thread::Record;
use oxigraph::model::NamedNode;
use std::collections::{BTreeMap, BTreeSet};

/// A value counts as worse when it lies so many times as far beyond the limit. A window
/// that slides sees other samples each day: what differs by less would reopen what a person has decided.
const WORSE: f64 = 1.25;

/// What a record of a violation came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filing {
    /// The record.
    pub evidence: NamedNode,
    /// The finding that it belongs to.
    pub finding: NamedNode,
    /// How it came to it.
    pub outcome: FilingOutcome,
    changes: Vec<Change>,
}

/// How a record came to its finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilingOutcome {
    /// It opened the finding.
    Opened,
    /// It became further evidence of a finding that was there.
    Added,
    /// The finding rests on a record with the same content.
    Repeated,
    /// The finding was decided, and the record shows nothing worse.
    Settled,
}

impl FilingOutcome {
    /// All of them, with their names and what they mean.
    pub const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Opened, "OPENED", "It opened the finding."),
        (Self::Added, "ADDED", "It became further evidence of a finding that was there."),
        (Self::Repeated, "REPEATED", "The finding rests on a record with the same content."),
        (Self::Settled, "SETTLED", "The finding was decided, and the record shows nothing worse."),
    ];

    /// Returns the name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(own, ..)| *own == self).map_or("", |(_, name, _)| name)
    }

    /// Returns whether the record has content that no finding rests on yet.
    pub const fn is_new(self) -> bool {
        matches!(self, Self::Opened | Self::Added)
    }
}

impl Filing {
    /// Returns what a commit must do beside recording the evidence.
    pub fn changes(&self) -> impl Iterator<Item = Change> + '_ {
        self.changes.iter().cloned()
    }
}

/// Files the records of violations at a version; the others come to nothing. `evidence` need not be recorded there yet.
pub fn file(snapshot: &Snapshot, evidence: &Evidence) -> Result<Vec<Filing>, Error> {
    let mut findings = Findings::read(snapshot)?;
    let fresh: Fresh<'_> = evidence.records.iter().map(|record| (&record.iri, record)).collect();
    let violations = evidence.records.iter().filter(|record| record.margin.verdict == Verdict::Violates);
    let mut filings = Vec::new();
    for record in violations {
        if let Some(breach) = Breach::of(record) {
            filings.push(file_one((snapshot, &fresh), &mut findings, &breach, record)?);
        }
    }
    Ok(filings)
}

/// Records that need not be stored anywhere yet.
type Fresh<'a> = BTreeMap<&'a NamedNode, &'a FieldEvidence>;

fn file_one(
    at: (&Snapshot, &Fresh<'_>),
    findings: &mut Findings,
    breach: &Breach,
    record: &FieldEvidence,
) -> Result<Filing, Error> {
    let filing = |finding: &NamedNode, outcome, changes| Filing {
        evidence: record.iri.clone(),
        finding: finding.clone(),
        outcome,
        changes,
    };
    if let Some(live) = findings.live(breach) {
        let known = Known::of(at, [&*live])?.outcomes.contains(&record.outcome_digest);
        let outcome = if known { FilingOutcome::Repeated } else { FilingOutcome::Added };
        live.evidence.push(record.iri.clone());
        let link = Statement::new(live.iri.clone(), tl::EVIDENCE, record.iri.clone());
        return Ok(filing(&live.iri, outcome, vec![Change::Add(link)]));
    }
    if let Some(last) = findings.of(breach).last()
        && Known::of(at, findings.of(breach))?.covers(record)
    {
        return Ok(filing(&last.iri, FilingOutcome::Settled, Vec::new()));
    }
    let (iri, statements) = findings.open(at.0, breach, record)?;
    Ok(filing(&iri, FilingOutcome::Opened, statements.into_iter().map(Change::Add).collect()))
}

/// What is known of a breach from the evidence of findings.
#[derive(Debug)]
struct Known {
    outcomes: BTreeSet<String>,
    violators: BTreeSet<NamedNode>,
    /// The least distance to the limit; negative.
    worst: f64,
}

impl Known {
    fn of<'a>(
        (snapshot, fresh): (&Snapshot, &Fresh<'_>),
        findings: impl IntoIterator<Item = &'a Finding>,
    ) -> Result<Self, Error> {
        let mut known = Self { outcomes: BTreeSet::new(), violators: BTreeSet::new(), worst: f64::INFINITY };
        for evidence in findings.into_iter().flat_map(|finding| &finding.evidence) {
            if let Some(record) = fresh.get(evidence) {
                known.outcomes.insert(record.outcome_digest.clone());
                known.violators.extend(record.margin.violators().map(|unit| unit.twin.clone()));
                known.worst = known.worst.min(record.margin.distance.unwrap_or(f64::INFINITY));
                continue;
            }
            let record = Record::read(snapshot, evidence)?;
            known.outcomes.extend(record.text(tl::OUTCOME_DIGEST).map(str::to_owned));
            known.violators.extend(record.targets(tl::VIOLATOR));
            known.worst = known.worst.min(record.number(tl::DISTANCE).unwrap_or(f64::INFINITY));
        }
        Ok(known)
    }

    /// Returns whether a record shows nothing worse.
    fn covers(&self, record: &FieldEvidence) -> bool {
        let margin = &record.margin;
        let units_known = margin.constraint.scope == Scope::Fleet
            || margin.violators().all(|unit| self.violators.contains(&unit.twin));
        let no_worse = margin.distance.is_some_and(|distance| distance >= self.worst * WORSE);
        self.outcomes.contains(&record.outcome_digest) || (units_known && no_worse)
    }
}
