//! Limits: whether one allows less or more than before, whatever unit and comparator it is written with.

use super::case::Case;
use super::{Note, NoteKind};
use crate::graph::{Difference, Error};
use crate::model::number::quantity::Conversion;
use crate::ontology::terms::tl;
use crate::thread::record::Record;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};
use std::cmp::Ordering;

/// What a limit is about; where that changes, its numbers do not compare.
const ABOUT: [NamedNodeRef<'static>; 7] =
    [tl::PROPERTY, tl::STATISTIC, tl::TRANSFORM, tl::WINDOW, tl::SCOPE, tl::KIND, tl::CONDITION];

/// How far two numbers may lie apart, relatively, that a conversion should have made equal.
const TOLERANCE: f64 = 1e-9;

/// Describes the changed limits of a resource that was there before.
pub(super) fn limits(case: &Case<'_>) -> Result<Vec<Note>, Error> {
    let mut notes = Vec::new();
    if case.diff.difference != Difference::Changed {
        return Ok(notes);
    }
    for (subject, was, is) in case.fragments(tl::CONSTRAINT_CLASS)? {
        let kind = match (was.is_empty(), is.is_empty()) {
            (true, _) => Some(NoteKind::LimitAdded),
            (_, true) => Some(NoteKind::LimitRemoved),
            _ => compare(case, &was, &is)?,
        };
        if let Some(kind) = kind {
            let (before, after) = (words(case, &was), words(case, &is));
            let text = sentence(case, kind, before.as_deref(), after.as_deref());
            let related = [&is, &was].into_iter().find_map(|record| record.target(tl::PROPERTY));
            let related = related.into_iter().collect();
            notes.push(Note { subject, before, after, related, ..case.note(kind, text) });
        }
    }
    Ok(notes)
}

/// Describes changed conditions: the limit then applies to other samples.
pub(super) fn conditions(case: &Case<'_>) -> Result<Vec<Note>, Error> {
    let mut notes = Vec::new();
    for (subject, was, is) in case.fragments(tl::CONDITION_CLASS)? {
        if !was.is_empty() && !is.is_empty() {
            let (before, after) = (words(case, &was), words(case, &is));
            let text = sentence(case, NoteKind::LimitRedefined, before.as_deref(), after.as_deref());
            notes.push(Note { subject, before, after, ..case.note(NoteKind::LimitRedefined, text) });
        }
    }
    Ok(notes)
}

fn sentence(case: &Case<'_>, kind: NoteKind, before: Option<&str>, after: Option<&str>) -> String {
    let what = match kind {
        NoteKind::LimitTightened => "limit tightened",
        NoteKind::LimitLoosened => "limit loosened",
        NoteKind::LimitShifted => "limit shifted",
        NoteKind::LimitRestated => "limit written otherwise, meaning the same",
        NoteKind::LimitAdded => "new limit",
        NoteKind::LimitRemoved => "limit removed",
        _ => "limit about something else",
    };
    let change = match (before, after) {
        (Some(before), Some(after)) => format!("{before} → {after}"),
        (one, other) => one.or(other).unwrap_or("unreadable").to_owned(),
    };
    format!("{}: {what}: {change}", case.own_name())
}

/// Returns what became of a limit; `None` where nothing of it changed.
fn compare(case: &Case<'_>, was: &Record, is: &Record) -> Result<Option<NoteKind>, Error> {
    let values = |record: &Record, predicate| -> Vec<Term> { record.values(predicate).cloned().collect() };
    let differs = |predicate: NamedNodeRef<'static>| values(was, predicate) != values(is, predicate);
    if ABOUT.into_iter().any(differs) {
        return Ok(Some(NoteKind::LimitRedefined));
    }
    if ![tl::COMPARATOR, tl::LIMIT, tl::UPPER_LIMIT, tl::UNIT].into_iter().any(differs) {
        return Ok(None);
    }
    let units = (was.target(tl::UNIT), is.target(tl::UNIT));
    let measured = is.target(tl::PROPERTY).map(|property| case.after.target(&property, tl::QUANTITY_KIND));
    let measured = measured.transpose()?.flatten();
    let measured = measured.as_ref().map(NamedNode::as_ref);
    let conversion = match &units {
        (Some(from), Some(to)) => {
            case.ontology().units().conversion_of(measured, from.as_ref(), to.as_ref()).ok()
        }
        (None, None) => Some(Conversion::IDENTITY),
        _ => None,
    };
    let bounds =
        conversion.and_then(|conversion| Some((Bounds::read(was)?.convert(conversion), Bounds::read(is)?)));
    Ok(Some(match bounds.map(|(was, is)| is.tightness(&was)) {
        None => NoteKind::LimitRedefined,
        Some((Ordering::Equal, Ordering::Equal)) => NoteKind::LimitRestated,
        Some((Ordering::Less, Ordering::Greater) | (Ordering::Greater, Ordering::Less)) => {
            NoteKind::LimitShifted
        }
        Some((Ordering::Greater, _) | (_, Ordering::Greater)) => NoteKind::LimitTightened,
        Some(_) => NoteKind::LimitLoosened,
    }))
}

/// What a limit allows: from a lower to an upper bound, each there or not, itself allowed or not.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bounds {
    lower: Option<Bound>,
    upper: Option<Bound>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Bound {
    at: f64,
    /// Whether the bound itself is allowed.
    closed: bool,
    /// What numbers near the bound are measured against.
    scale: f64,
}

impl Bounds {
    fn read(record: &Record) -> Option<Self> {
        let limit = record.number(tl::LIMIT)?;
        let bound = |at: f64, closed| Some(Bound { at, closed, scale: at.abs() });
        let (lower, upper) = match record.text(tl::COMPARATOR)? {
            "LE" => (None, bound(limit, true)),
            "LT" => (None, bound(limit, false)),
            "GE" => (bound(limit, true), None),
            "GT" => (bound(limit, false), None),
            "BETWEEN" => (bound(limit, true), bound(record.number(tl::UPPER_LIMIT)?, true)),
            _ => return None,
        };
        Some(Self { lower, upper })
    }

    fn convert(self, conversion: Conversion) -> Self {
        let convert = |bound: Bound| {
            let at = conversion.apply(bound.at);
            Bound { at, scale: at.abs().max(conversion.offset.abs()), ..bound }
        };
        Self { lower: self.lower.map(convert), upper: self.upper.map(convert) }
    }

    /// Compares how tight the lower and the upper bounds are; `Greater` where this one allows less.
    fn tightness(&self, other: &Self) -> (Ordering, Ordering) {
        (
            tighter(self.lower, other.lower, |a, b| a.total_cmp(&b)),
            tighter(self.upper, other.upper, |a, b| b.total_cmp(&a)),
        )
    }
}

fn tighter(one: Option<Bound>, other: Option<Bound>, order: impl Fn(f64, f64) -> Ordering) -> Ordering {
    match (one, other) {
        (None, None) => Ordering::Equal,
        (Some(_), None) => Ordering::Greater,
        (None, Some(_)) => Ordering::Less,
        (Some(one), Some(other)) => {
            if (one.at - other.at).abs() <= TOLERANCE * one.scale.max(other.scale) {
                // Of two bounds at one place the one that is not allowed itself is tighter.
                other.closed.cmp(&one.closed)
            } else {
                order(one.at, other.at)
            }
        }
    }
}

/// Writes a limit as `P95 ≤ 85 °C`.
fn words(case: &Case<'_>, record: &Record) -> Option<String> {
    let limit = record.text(tl::LIMIT)?;
    let unit = case.unit(record, tl::UNIT).map_or(String::new(), |unit| format!(" {}", unit.symbol));
    let statistic = record.text(tl::STATISTIC).map_or(String::new(), |statistic| format!("{statistic} "));
    let sign = match record.text(tl::COMPARATOR)? {
        "LE" => "≤",
        "LT" => "<",
        "GE" => "≥",
        "GT" => ">",
        _ => {
            let upper = record.text(tl::UPPER_LIMIT)?;
            return Some(format!("{statistic}from {limit} to {upper}{unit}"));
        }
    };
    Some(format!("{statistic}{sign} {limit}{unit}"))
}
