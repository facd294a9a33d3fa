//! Which stretches of which series count for which group.
//!
//! The tags that were sent hold for all of a series. Its design context changes with time: a sample counts for the revision that was installed
//! at its instant. So a series is cut into portions, each of which has one value of every tag.

use super::catalog::{Measurement, Points};
use super::error::Failure;
use super::reading::{Contexts, Database, VALUES_MAX, too_many_values};
use crate::exchange::samples::influxql::condition::Condition;
use crate::model::time::interval::Interval;
use crate::telemetry::{Series, SeriesId};
use crate::twins::{Context, series_contexts};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The tags of the design context.
pub(super) const CONTEXT: [&str; 5] = ["lot", "part", "revision", "serial", "site"];

/// A stretch of a series with one value of every tag.
pub(super) struct Portion {
    /// Which of the measurement's points it is of.
    pub(super) points: usize,
    pub(super) series: SeriesId,
    pub(super) within: Interval,
    pub(super) context: Rc<Context>,
    /// What is left of the condition, on fields.
    pub(super) rest: Option<Rc<Condition>>,
}

/// The values of the tags that rows are grouped by, in the order of their keys.
pub(super) type Key = Vec<String>;

/// How portions are chosen and grouped.
pub(super) struct Grouping {
    /// The keys of the tags, in order.
    pub(super) dimensions: Vec<String>,
    pub(super) condition: Condition,
    /// Whether the design context is needed.
    pub(super) has_context: bool,
}

impl Grouping {
    /// Groups by tags; `columns` are those whose values are shown.
    pub(super) fn new(dimensions: BTreeSet<String>, condition: Condition, columns: &[&str]) -> Self {
        let mut has_context =
            dimensions.iter().map(String::as_str).chain(columns.iter().copied()).any(is_context);
        condition.tags(&mut |tag| has_context |= is_context(tag));
        Self { dimensions: dimensions.into_iter().collect(), condition, has_context }
    }

    /// Returns the portions of a field within a span, by group.
    pub(super) fn portions(
        &self,
        database: &Database<'_>,
        measurement: &Measurement,
        field: &str,
        span: Interval,
    ) -> Result<BTreeMap<Key, Vec<Portion>>, Failure> {
        database.check()?;
        let with_field = measurement.points.iter().enumerate();
        let with_field: Vec<(usize, &Series)> =
            with_field.filter_map(|(index, points)| Some((index, points.fields.get(field)?))).collect();
        let series: Vec<Series> = match self.has_context {
            true => with_field.iter().map(|(_, series)| (*series).clone()).collect(),
            false => Vec::new(),
        };
        let contexts = of_series(database, &series)?;
        let whole = [(Interval::ALWAYS, Rc::default())];
        let mut groups: BTreeMap<Key, Vec<Portion>> = BTreeMap::new();
        let mut known: Option<Rc<Condition>> = None;
        for (place, (index, series)) in with_field.into_iter().enumerate() {
            database.check()?;
            let points = &measurement.points[index];
            for (within, context) in contexts.get(place).map_or(&whole[..], |contexts| &contexts[..]) {
                let Some(within) = within.intersect(span) else { continue };
                let tag = |name: &str| tag_of(points, context, name);
                let rest = match self.condition.of_tags(&tag) {
                    Condition::Fixed(false) => continue,
                    Condition::Fixed(true) => None,
                    // Portions in a row mostly have the same rest, which they share.
                    rest => Some(match known.take().filter(|known| **known == rest) {
                        Some(known) => known,
                        None => Rc::new(rest),
                    }),
                };
                known = rest.clone().or(known);
                let key = self.dimensions.iter().map(|name| tag(name).to_owned()).collect();
                let portion =
                    Portion { points: index, series: series.id, within, context: Rc::clone(context), rest };
                groups.entry(key).or_default().push(portion);
                if groups.len().saturating_mul(self.dimensions.len()) > VALUES_MAX {
                    return Err(too_many_values());
                }
            }
        }
        Ok(groups)
    }

    /// Returns the tags of a group.
    pub(super) fn tags(&self, key: &Key) -> BTreeMap<String, String> {
        self.dimensions.iter().cloned().zip(key.iter().cloned()).collect()
    }
}

/// Returns whether a tag is one of the design context.
pub(super) fn is_context(name: &str) -> bool {
    CONTEXT.contains(&name)
}

/// Returns the value of a tag: as it was sent, else that of the context; empty where there is none.
pub(super) fn tag_of<'p>(points: &'p Points, context: &'p Context, name: &str) -> &'p str {
    if let Some(sent) = points.tags.get(name) {
        return sent;
    }
    value_of(context, name).unwrap_or("")
}

fn value_of<'c>(context: &'c Context, name: &str) -> Option<&'c str> {
    let value = match name {
        "lot" => &context.lot,
        "part" => &context.part,
        "revision" => &context.revision,
        "serial" => &context.serial,
        "site" => &context.site,
        _ => &None,
    };
    value.as_deref()
}

/// Returns for each series its contexts; those that were not looked up before are looked up together.
pub(super) fn of_series(database: &Database<'_>, series: &[Series]) -> Result<Vec<Contexts>, Failure> {
    let mut known = database.contexts.borrow_mut();
    let new: Vec<Series> = series.iter().filter(|series| !known.contains_key(&series.id)).cloned().collect();
    if !new.is_empty() {
        let (found, faults) = series_contexts(&database.scope.snapshot, database.view(), &new)?;
        known.extend(new.iter().map(|series| series.id).zip(found.into_iter().map(whole)));
        database.faults.borrow_mut().extend(faults);
    }
    Ok(series.iter().filter_map(|series| known.get(&series.id).cloned()).collect())
}

/// Adds an empty context wherever there is none.
fn whole(contexts: Vec<(Interval, Context)>) -> Contexts {
    let known: Vec<Interval> = contexts.iter().map(|(within, _)| *within).collect();
    let empty: Rc<Context> = Rc::default();
    let unknown = Interval::ALWAYS.without(&known).into_iter().map(|within| (within, Rc::clone(&empty)));
    let mut all: Vec<_> = contexts.into_iter().map(|(within, context)| (within, Rc::new(context))).collect();
    all.extend(unknown);
    all.sort_by_key(|(within, _)| *within);
    all.into()
}

/// Returns the keys and values of a context that points do not have as tags that were sent.
pub(super) fn context_tags<'c>(points: &Points, context: &'c Context) -> Vec<(&'static str, &'c str)> {
    let own = CONTEXT.into_iter().filter(|name| !points.tags.contains_key(*name));
    own.filter_map(|name| Some((name, value_of(context, name)?))).collect()
}
