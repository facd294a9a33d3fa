//! `SHOW`: what there is.

use super::aggregate::have_samples;
use super::catalog::{self, Measurement, Points};
use super::error::Failure;
use super::events::{self, EVENTS};
use super::group::{CONTEXT, context_tags, is_context, of_series, tag_of};
use super::reading::{Contexts, Database};
use super::{DATABASE, POLICY};
use crate::exchange::samples::influxql::answer::{Cell, Series, series_key};
use crate::exchange::samples::influxql::condition::{self, Condition};
use crate::exchange::samples::influxql::statement::{Exactness, Show, TextTest};
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::model::time::period::Zone;
use crate::telemetry;
use crate::twins::Context;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

/// A measurement, and the points of it that a `SHOW` is about.
struct Found {
    measurement: Measurement,
    chosen: Vec<Chosen>,
}

/// Points by their place, and their contexts of which the condition holds.
struct Chosen {
    place: usize,
    contexts: Vec<Rc<Context>>,
}

impl Found {
    /// Returns the points with their contexts.
    fn points(&self) -> impl Iterator<Item = (&Points, &[Rc<Context>])> {
        self.chosen.iter().map(|chosen| (&self.measurement.points[chosen.place], chosen.contexts.as_slice()))
    }

    fn name(&self) -> &str {
        &self.measurement.name
    }
}

/// Finds the points that a `SHOW` is about.
fn found(database: &Database<'_>, asked: &Show, with_context: bool) -> Result<Vec<Found>, Failure> {
    let (range, condition) =
        condition::split(asked.condition.as_ref(), database.scope.now, &Zone::UTC, &BTreeSet::new())?;
    if let Some(field) = condition.fields().first() {
        let hint = "use tags and time";
        return Err(Failure::Refused(format!(
            "a condition on the field {field} in a SHOW is not supported: {hint}"
        )));
    }
    let mut has_context = with_context;
    condition.tags(&mut |tag| has_context |= is_context(tag));
    let to = range.to.map_or(Instant::MAX, |to| Instant::from_nanos(to.saturating_add(1)));
    let Ok(span) = Interval::new(Instant::from_nanos(range.from.unwrap_or(i64::MIN)), to) else {
        return Ok(Vec::new());
    };
    let is_bounded = range.from.or(range.to).is_some();
    let mut all = Vec::new();
    for mut measurement in catalog::measurements(database, &asked.from)? {
        if is_bounded {
            keep_sampled(database, &mut measurement, span)?;
        }
        let chosen = chosen(database, &measurement, &condition, (span, has_context))?;
        if !chosen.is_empty() {
            all.push(Found { measurement, chosen });
        }
    }
    Ok(all)
}

/// Leaves out the fields that have no sample in a span, and points without a field.
fn keep_sampled(
    database: &Database<'_>,
    measurement: &mut Measurement,
    span: Interval,
) -> Result<(), Failure> {
    let series: Vec<telemetry::SeriesId> =
        measurement.points.iter().flat_map(|points| points.fields.values()).map(|series| series.id).collect();
    let mut have = have_samples(database, &series, span)?.into_iter();
    for points in &mut measurement.points {
        points.fields.retain(|_, _| have.next().unwrap_or(false));
    }
    measurement.points.retain(|points| !points.fields.is_empty());
    Ok(())
}

fn chosen(
    database: &Database<'_>,
    measurement: &Measurement,
    condition: &Condition,
    (span, has_context): (Interval, bool),
) -> Result<Vec<Chosen>, Failure> {
    let series: Vec<telemetry::Series> = match has_context {
        true => measurement.points.iter().flat_map(|points| points.fields.values().cloned()).collect(),
        false => Vec::new(),
    };
    let mut contexts = of_series(database, &series)?.into_iter();
    let mut all = Vec::new();
    for (place, points) in measurement.points.iter().enumerate() {
        let own: Vec<Rc<Context>> = match has_context {
            true => {
                let of_fields: Vec<Contexts> = contexts.by_ref().take(points.fields.len()).collect();
                let in_span = of_fields.iter().flat_map(|contexts| contexts.iter());
                let in_span = in_span.filter(|(within, _)| within.intersect(span).is_some());
                in_span.map(|(_, context)| Rc::clone(context)).collect()
            }
            false => vec![Rc::default()],
        };
        let holds = |context: &Rc<Context>| {
            condition.of_tags(&|name: &str| tag_of(points, context, name)) == Condition::Fixed(true)
        };
        let contexts: Vec<Rc<Context>> = own.into_iter().filter(holds).collect();
        if !contexts.is_empty() {
            all.push(Chosen { place, contexts });
        }
    }
    Ok(all)
}

/// Answers `SHOW DATABASES`.
pub(super) fn databases() -> Vec<Series> {
    table("databases", &["name"], vec![vec![text(DATABASE)]])
}

/// Answers `SHOW RETENTION POLICIES`: samples are kept as the settings state, which no policy shows.
pub(super) fn policies() -> Vec<Series> {
    let row = vec![text(POLICY), text("0s"), text("168h0m0s"), Cell::Integer(1), Cell::Bool(true)];
    table("", &["name", "duration", "shardGroupDuration", "replicaN", "default"], vec![row])
}

/// Answers `SHOW MEASUREMENTS`.
pub(super) fn measurements(database: &Database<'_>, asked: &Show) -> Result<Vec<Series>, Failure> {
    let names: BTreeSet<String> = match asked.condition {
        None => all_names(database, asked),
        Some(_) => found(database, asked, false)?.iter().map(|found| found.name().to_owned()).collect(),
    };
    let rows = names.into_iter().map(|name| vec![Cell::Text(name)]).collect();
    Ok(table("measurements", &["name"], asked.page.of(rows)))
}

/// Returns the names of measurements, however many series there are.
fn all_names(database: &Database<'_>, asked: &Show) -> BTreeSet<String> {
    let is_wanted =
        |name: &str| asked.from.is_empty() || asked.from.iter().any(|source| source.measurement.holds(name));
    let names = RefCell::new(BTreeSet::new());
    database.view().series_where(|series| {
        let mut names = names.borrow_mut();
        if !names.contains(&series.measurement) && is_wanted(&series.measurement) {
            names.insert(series.measurement.clone());
        }
        false
    });
    let mut names = names.into_inner();
    names.extend(is_wanted(EVENTS).then(|| EVENTS.to_owned()));
    names
}

/// Answers `SHOW TAG KEYS`.
pub(super) fn tag_keys(database: &Database<'_>, asked: &Show) -> Result<Vec<Series>, Failure> {
    if events::are_meant(&asked.from)? {
        return Ok(table(EVENTS, &["tagKey"], events::tag_keys(asked)));
    }
    let mut all = Vec::new();
    for found in found(database, asked, true)? {
        let mut keys: BTreeSet<&str> = BTreeSet::new();
        for (points, contexts) in found.points() {
            keys.extend(points.tags.keys().map(String::as_str));
            for context in contexts {
                keys.extend(context_tags(points, context).into_iter().map(|(key, _)| key));
            }
        }
        let rows = keys.into_iter().map(|key| vec![text(key)]).collect();
        all.extend(table(found.name(), &["tagKey"], asked.page.of(rows)));
    }
    Ok(all)
}

/// Answers `SHOW TAG VALUES`.
pub(super) fn tag_values(
    database: &Database<'_>,
    asked: &Show,
    keys: &TextTest,
) -> Result<Vec<Series>, Failure> {
    if events::are_meant(&asked.from)? {
        return Ok(table(EVENTS, &["key", "value"], events::tag_values(database, asked, keys)?));
    }
    let mut all = Vec::new();
    let has_context = CONTEXT.into_iter().any(|name| keys.holds(name));
    for found in found(database, asked, has_context)? {
        let mut values: BTreeSet<(&str, &str)> = BTreeSet::new();
        for (points, contexts) in found.points() {
            let sent = points.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
            values.extend(sent.filter(|(key, _)| keys.holds(key)));
            for context in contexts {
                values.extend(context_tags(points, context).into_iter().filter(|(key, _)| keys.holds(key)));
            }
        }
        let rows = values.into_iter().map(|(key, value)| vec![text(key), text(value)]).collect();
        all.extend(table(found.name(), &["key", "value"], asked.page.of(rows)));
    }
    Ok(all)
}

/// Answers `SHOW FIELD KEYS`: every field is a number.
pub(super) fn field_keys(database: &Database<'_>, asked: &Show) -> Result<Vec<Series>, Failure> {
    if events::are_meant(&asked.from)? {
        return Ok(table(EVENTS, &["fieldKey", "fieldType"], events::field_keys(asked)));
    }
    let mut all = Vec::new();
    for found in found(database, asked, false)? {
        let fields: BTreeSet<&str> =
            found.points().flat_map(|(points, _)| points.fields.keys()).map(String::as_str).collect();
        let rows = fields.into_iter().map(|field| vec![text(field), text("float")]).collect();
        all.extend(table(found.name(), &["fieldKey", "fieldType"], asked.page.of(rows)));
    }
    Ok(all)
}

/// Answers `SHOW SERIES`: the tags that were sent.
pub(super) fn series(database: &Database<'_>, asked: &Show) -> Result<Vec<Series>, Failure> {
    let mut rows = Vec::new();
    for found in found(database, asked, false)? {
        rows.extend(
            found.points().map(|(points, _)| vec![Cell::Text(series_key(found.name(), &points.tags))]),
        );
    }
    Ok(table("", &["key"], asked.page.of(rows)))
}

/// Answers `SHOW SERIES CARDINALITY`; the estimate is exact.
pub(super) fn cardinality(
    database: &Database<'_>,
    asked: &Show,
    exactness: Exactness,
) -> Result<Vec<Series>, Failure> {
    let found = found(database, asked, false)?;
    let number = |count: usize| vec![Cell::Integer(i64::try_from(count).unwrap_or(i64::MAX))];
    if exactness == Exactness::Estimated {
        let count = found.iter().map(|found| found.chosen.len()).sum();
        return Ok(table("", &["cardinality estimation"], vec![number(count)]));
    }
    let of = |found: &Found| table(found.name(), &["count"], vec![number(found.chosen.len())]);
    Ok(found.iter().flat_map(of).collect())
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

/// Makes a series of rows; none where there are none.
fn table(name: &str, columns: &[&str], values: Vec<Vec<Cell>>) -> Vec<Series> {
    if values.is_empty() {
        return Vec::new();
    }
    let columns = columns.iter().map(|column| (*column).to_owned()).collect();
    vec![Series { name: name.to_owned(), columns, values, ..Series::default() }]
}
