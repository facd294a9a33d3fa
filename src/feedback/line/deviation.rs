//! Deviations as records: what is unusual in what was measured on a lot, once for each lot and characteristic, for a person to decide.

use super::characteristic::{Characteristic, LineQuestion, line_quality};
use crate::feedback::error::Error;
use crate::feedback::record::about::About;
use crate::feedback::record::evidence::digest;
use crate::graph::Snapshot;
use crate::model::statement::change::Change;
use crate::ontology::terms::{dcterms, rdf, tl};
use crate::thread::Record;
use oxigraph::model::NamedNode;
use std::collections::{BTreeMap, BTreeSet};

/// What the line's deviations come to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deviations {
    /// The findings that are new.
    pub opened: Vec<NamedNode>,
    /// The findings that were open, and rest on more now.
    pub extended: Vec<NamedNode>,
    /// What a commit must do.
    pub changes: Vec<Change>,
}

/// A deviation that is not recorded yet.
struct Deviation {
    measurement: NamedNode,
    rule: String,
    at: Option<String>,
    value: f64,
    limits: (Option<f64>, Option<f64>),
}

/// Finds what is unusual in the measurements of an item: values out of tolerance, and signals of the rules that are named (1 to 8). What is
/// recorded already is left as it is, whatever was decided on it.
pub fn deviations(
    head: &Snapshot,
    snapshot: &Snapshot,
    question: &LineQuestion,
    rules: &[usize],
) -> Result<Deviations, Error> {
    let mut made = Deviations::default();
    for characteristic in line_quality(snapshot, question)? {
        for (lot, found) in by_lot(&characteristic, rules) {
            file(head, (&lot, &characteristic), found, &mut made)?;
        }
    }
    Ok(made)
}

/// Returns the deviations of each lot; those of units of no lot are of the unit.
fn by_lot(characteristic: &Characteristic, rules: &[usize]) -> Vec<(NamedNode, Vec<Deviation>)> {
    let mut by: BTreeMap<String, Vec<Deviation>> = BTreeMap::new();
    let at = |at: Option<crate::model::time::instant::Instant>| at.map(|at| at.to_string());
    for value in characteristic.measured.values.iter().filter(|value| value.keeps == Some(false)) {
        let lot = value.lot.as_ref().unwrap_or(&value.item).as_str().to_owned();
        by.entry(lot).or_default().push(Deviation {
            measurement: value.measurement.clone(),
            rule: "TOLERANCE".to_owned(),
            at: at(value.at),
            value: value.value,
            limits: (value.tolerance.lower, value.tolerance.upper),
        });
    }
    let Some(charts) = &characteristic.process.charts else {
        return by.into_iter().map(|(lot, found)| (NamedNode::new_unchecked(lot), found)).collect();
    };
    for signal in characteristic.process.signals.iter().filter(|signal| rules.contains(&signal.rule)) {
        let (Some(value), Some(point)) =
            (characteristic.value_at(*signal), charts.location.points.get(signal.at))
        else {
            continue;
        };
        let lot = value.lot.as_ref().unwrap_or(&value.item).as_str().to_owned();
        by.entry(lot).or_default().push(Deviation {
            measurement: value.measurement.clone(),
            rule: format!("NELSON_{}", signal.rule),
            at: at(value.at),
            value: point.value,
            limits: (Some(point.lower), Some(point.upper)),
        });
    }
    by.into_iter().map(|(lot, found)| (NamedNode::new_unchecked(lot), found)).collect()
}

/// Files the deviations of one lot and characteristic: to the finding that is open, or to a new one.
fn file(
    head: &Snapshot,
    (lot, characteristic): (&NamedNode, &Characteristic),
    found: Vec<Deviation>,
    made: &mut Deviations,
) -> Result<(), Error> {
    let digits = &digest(&format!("deviation\n{lot}\n{}\n", characteristic.name))[..12];
    let (mut known, mut open, mut number) = (BTreeSet::new(), None, 1);
    let free = loop {
        let iri = head.expand(&format!("finding/{digits}-{number}"))?;
        if !head.exists(&iri)? {
            break iri;
        }
        let record = Record::read(head, &iri)?;
        let fragments = record.targets(tl::DEVIATION);
        for fragment in &fragments {
            let of = Record::read(head, fragment)?;
            let measurement = of.target(tl::MEASUREMENT_FIELD).map(NamedNode::into_string);
            known.insert((measurement.unwrap_or_default(), of.text(tl::RULE).unwrap_or_default().to_owned()));
        }
        if record.text(tl::STATE) == Some("OPEN") {
            open = Some((iri, fragments.len()));
        }
        number += 1;
    };
    let is_new = |of: &Deviation| !known.contains(&(of.measurement.as_str().to_owned(), of.rule.clone()));
    let news: Vec<Deviation> = found.into_iter().filter(is_new).collect();
    if news.is_empty() {
        return Ok(());
    }
    let (iri, first) = open.clone().unwrap_or((free, 0));
    let mut about = About::new(iri.clone());
    match open {
        Some(_) => made.extended.push(iri.clone()),
        None => {
            about.add(rdf::TYPE, tl::FINDING_CLASS.into_owned());
            let lot_name = head.text(lot, dcterms::IDENTIFIER)?.unwrap_or_else(|| head.shorten(lot));
            about.text(dcterms::TITLE, &format!("{lot_name}: {} deviates", characteristic.name));
            about.text(tl::KIND, "DEVIATION");
            about.text(tl::STATE, "OPEN");
            about.link(tl::DESIGN, Some(lot));
            made.opened.push(iri.clone());
        }
    }
    for (number, deviation) in news.into_iter().enumerate() {
        let fragment =
            NamedNode::new_unchecked(format!("{}#deviation-{:05}", iri.as_str(), first + number + 1));
        about.link(tl::DEVIATION, Some(&fragment));
        let mut of = About::new(fragment);
        of.add(rdf::TYPE, tl::DEVIATION_CLASS.into_owned());
        of.link(tl::MEASUREMENT_FIELD, Some(&deviation.measurement));
        of.text(tl::CHARACTERISTIC, &characteristic.name);
        of.text(tl::RULE, &deviation.rule);
        of.number(tl::VALUE, Some(deviation.value));
        of.number(tl::LOWER, deviation.limits.0);
        of.number(tl::UPPER, deviation.limits.1);
        of.link(tl::UNIT, characteristic.measured.unit.as_ref());
        deviation.at.iter().for_each(|at| of.instant(tl::AT, at));
        about.statements.append(&mut of.statements);
    }
    made.changes.extend(about.statements.into_iter().map(Change::Add));
    Ok(())
}
