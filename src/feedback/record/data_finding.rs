//! Findings on data: what is wrong with a series, once for each fault, until it is over.
//!
//! One is OPEN until a person accepts or dismisses it; the service closes it once the fault is over. So a fault that goes on and was
//! dismissed is not reported again, and one that comes back is.

use super::about::About;
use super::change_request::refuse_other;
use super::evidence::digest;
use super::grounds::Grounds;
use crate::feedback::error::Error;
use crate::graph::Snapshot;
use crate::model::statement::change::Change;
use crate::model::time::instant::Instant;
use crate::ontology::terms::{dcterms, rdf, tl, xsd};
use crate::thread::Record;
use crate::twins::{DataFault, Unhealthy};
use oxigraph::model::{Literal, NamedNode, NamedNodeRef};
use std::collections::{BTreeMap, BTreeSet};

/// So many digits of the digest are in a finding's name.
const DIGITS: usize = 12;
/// The state of a finding whose fault is over.
const CLOSED: &str = "CLOSED";

/// What faults come to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DataFilings {
    /// The findings that they open.
    pub opened: Vec<NamedNode>,
    /// The findings whose fault is over.
    pub closed: Vec<NamedNode>,
    /// How many faults are known already.
    pub known: usize,
    /// What a commit must do.
    pub changes: Vec<Change>,
}

/// Files the faults of an instant: each opens a finding unless one of the same fault of the same series is there that is not closed.
/// Where only faults of one kind were looked for, findings of others stay as they are.
pub fn file_data(
    snapshot: &Snapshot,
    faults: &[Unhealthy],
    only: Option<DataFault>,
    at: Instant,
) -> Result<DataFilings, Error> {
    let mut live = live(snapshot)?;
    live.retain(|(fault, _), _| only.is_none_or(|only| only.name() == fault));
    let (mut filings, mut seen) = (DataFilings::default(), BTreeSet::new());
    for fault in faults {
        let key = (fault.fault.name().to_owned(), fault.series.clone());
        if !seen.insert(key.clone()) {
            continue;
        }
        if live.remove(&key).is_some() {
            filings.known += 1;
            continue;
        }
        let (iri, changes) = open(snapshot, fault, at)?;
        filings.opened.push(iri);
        filings.changes.extend(changes);
    }
    for (_, over) in live {
        let grounds = format!("the fault is over at {at}");
        filings.changes.extend(moved(&over, CLOSED, at, "throughline", &grounds));
        filings.closed.push(over);
    }
    Ok(filings)
}

/// Accepts or dismisses a finding on data that is OPEN.
pub fn decide_data_finding(
    snapshot: &Snapshot,
    finding: &NamedNode,
    is_accepted: bool,
    grounds: &Grounds,
) -> Result<Vec<Change>, Error> {
    grounds.checked()?;
    refuse_other(snapshot, finding, tl::DATA_FINDING, "DataFinding")?;
    let record = Record::read(snapshot, finding)?;
    let stated = |predicate| record.text(predicate).unwrap_or("unknown").to_owned();
    if stated(tl::STATE) != "OPEN" {
        return Err(Error::Decided {
            finding: finding.clone(),
            state: stated(tl::STATE),
            by: stated(tl::DECIDED_BY),
            at: stated(tl::DECIDED_AT),
        });
    }
    let state = if is_accepted { "ACCEPTED" } else { "DISMISSED" };
    Ok(moved(finding, state, grounds.at, &grounds.by.to_string(), grounds.reason.trim()))
}

/// Returns the findings that are not closed, by fault and series.
fn live(snapshot: &Snapshot) -> Result<BTreeMap<(String, String), NamedNode>, Error> {
    let mut live = BTreeMap::new();
    for iri in snapshot.instances(tl::DATA_FINDING)? {
        let record = Record::read(snapshot, &iri)?;
        if record.text(tl::STATE) != Some(CLOSED)
            && let (Some(fault), Some(series)) = (record.text(tl::KIND), record.text(tl::NAME))
        {
            live.insert((fault.to_owned(), series.to_owned()), iri);
        }
    }
    Ok(live)
}

fn open(snapshot: &Snapshot, fault: &Unhealthy, at: Instant) -> Result<(NamedNode, Vec<Change>), Error> {
    let digits = &digest(&format!("{}\n{}\n", fault.fault.name(), fault.series))[..DIGITS];
    let mut number = 1;
    let iri = loop {
        let iri = snapshot.expand(&format!("dataFinding/{digits}-{number}"))?;
        if !snapshot.exists(&iri)? {
            break iri;
        }
        number += 1;
    };
    let mut about = About::new(iri.clone());
    about.add(rdf::TYPE, tl::DATA_FINDING.into_owned());
    about.text(dcterms::TITLE, &format!("{} {}", fault.fault.name(), fault.series));
    about.text(dcterms::DESCRIPTION, &fault.seen);
    about.text(tl::KIND, fault.fault.name());
    about.text(tl::NAME, &fault.series);
    about.link(tl::TWIN, fault.twin.as_ref());
    about.link(tl::PROPERTY, fault.property.as_ref());
    about.instant(tl::FROM, &fault.since.to_string());
    about.instant(tl::OPENED_AT, &at.to_string());
    about.text(tl::STATE, "OPEN");
    Ok((iri, about.statements.into_iter().map(Change::Add).collect()))
}

fn moved(finding: &NamedNode, state: &str, at: Instant, by: &str, reason: &str) -> Vec<Change> {
    let set = |predicate: NamedNodeRef<'_>, value: Literal| Change::Set {
        subject: finding.clone(),
        predicate: predicate.into_owned(),
        values: vec![value.into()],
    };
    vec![
        set(tl::STATE, Literal::new_simple_literal(state)),
        set(tl::DECIDED_AT, Literal::new_typed_literal(at.to_string(), xsd::DATE_TIME)),
        set(tl::DECIDED_BY, Literal::new_simple_literal(by)),
        set(tl::REASON, Literal::new_simple_literal(reason)),
    ]
}
