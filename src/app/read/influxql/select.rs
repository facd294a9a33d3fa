//! `SELECT`: the columns of each group, computed and joined to rows.

use super::aggregate;
use super::catalog;
use super::column::{self, Names, Need, Node};
use super::curve::{self, Point};
use super::error::Failure;
use super::group::{Grouping, Key, Portion};
use super::question::Question;
use super::raw;
use super::reading::{Database, VALUES_MAX, too_many_values};
use super::window::Windows;
use crate::exchange::samples::influxql::answer::{Cell, Series};
use crate::exchange::samples::influxql::condition::{self, TimeRange};
use crate::exchange::samples::influxql::statement::{Dimension, Fill, Page, Select};
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::model::time::period::Zone;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Answers a `SELECT`.
pub(super) fn run(database: &Database<'_>, select: &Select) -> Result<Vec<Series>, Failure> {
    let zone = select.zone.clone().unwrap_or(Zone::UTC);
    let measurements = catalog::measurements(database, &select.from)?;
    let names = Names::of(&measurements);
    let (range, condition) =
        condition::split(select.condition.as_ref(), database.scope.now, &zone, &names.fields)?;
    let dimensions = dimensions(&select.dimensions, &names);
    let columns = column::columns(database, &select.fields, &names, &dimensions, select.every)?;
    let mut tags = Vec::new();
    for node in &columns.nodes {
        node.walk(&mut |node| {
            if let Node::Tag(name) = node {
                tags.push(name.as_str());
            }
        });
    }
    let grouping = Grouping::new(dimensions, condition, &tags);
    let Some(span) = span(database, select, range) else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for measurement in &measurements {
        let question = Question {
            database,
            select,
            measurement,
            columns: &columns,
            grouping: &grouping,
            span,
            has_start: range.from.is_some(),
        };
        let series = match columns.is_computed {
            true => question.computed()?,
            false => raw::run(&question)?,
        };
        all.extend(paged(series, select.series));
    }
    if select.descending {
        all.reverse();
    }
    Ok(all)
}

/// Returns the series on a page. They are counted by the tags that they have, as InfluxDB does: first those of fewer keys.
fn paged(series: Vec<Series>, page: Page) -> Vec<Series> {
    if page == Page::default() {
        return series;
    }
    let counted = |series: &Series| {
        let present = || series.tags.iter().filter(|(_, value)| !value.is_empty());
        let keys = present().map(|(key, _)| key.as_str());
        keys.chain(present().map(|(_, value)| value.as_str())).collect::<Vec<_>>().join("|")
    };
    let mut places: Vec<(String, usize)> = series.iter().map(counted).zip(0..).collect();
    places.sort_unstable();
    let chosen: BTreeSet<usize> = page.of(places).into_iter().map(|(_, place)| place).collect();
    series
        .into_iter()
        .zip(0..)
        .filter(|(_, place)| chosen.contains(place))
        .map(|(series, _)| series)
        .collect()
}

/// Returns the keys of the tags that rows are grouped by.
fn dimensions(asked: &[Dimension], names: &Names<'_>) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for dimension in asked {
        match dimension {
            Dimension::Tag(name) => _ = keys.insert(name.clone()),
            Dimension::All => keys.extend(names.tags.iter().map(|tag| (*tag).to_owned())),
            Dimension::Matching(pattern) => {
                let matching = names.tags.iter().filter(|tag| pattern.matches(tag));
                keys.extend(matching.map(|tag| (*tag).to_owned()));
            }
        }
    }
    keys
}

/// Returns the span of time that is asked for; `None` where no instant is in it. Buckets end now where no end is stated.
fn span(database: &Database<'_>, select: &Select, range: TimeRange) -> Option<Interval> {
    let now = database.scope.now.nanos();
    let end = range.to.or(select.every.map(|_| now));
    let from = Instant::from_nanos(range.from.unwrap_or(0));
    Interval::new(from, end.map_or(Instant::MAX, |to| Instant::from_nanos(to.saturating_add(1)))).ok()
}

/// The curves of an aggregate, by group.
type Curves = HashMap<Key, Vec<Point>>;

impl Question<'_> {
    /// Answers with functions: of buckets, of all samples, or along them.
    fn computed(&self) -> Result<Vec<Series>, Failure> {
        let aggregates = self.aggregates()?;
        let samples = self.sampled()?;
        let keys: BTreeSet<&Key> =
            aggregates.iter().chain(samples.values()).flat_map(HashMap::keys).collect();
        let mut all = Vec::new();
        for key in keys {
            let rows = self.rows(&self.curves(key, &aggregates, &samples)?)?;
            if !rows.is_empty() {
                all.push(self.series(key, rows)?);
            }
        }
        Ok(all)
    }

    /// Computes the curves of the columns for a group; refuses more points than an answer may have values, whatever the page has of them.
    fn curves<'c>(
        &self,
        key: &Key,
        aggregates: &'c [Curves],
        samples: &'c HashMap<&str, Curves>,
    ) -> Result<Vec<Cow<'c, [Point]>>, Failure> {
        let (mut curves, mut computed) = (Vec::new(), 0);
        for node in &self.columns.nodes {
            let curve = self.curve(node, key, aggregates, samples)?;
            if let Cow::Owned(points) = &curve {
                computed += points.len();
            }
            if computed > VALUES_MAX {
                return Err(too_many_values());
            }
            curves.push(curve);
        }
        Ok(curves)
    }

    /// Joins curves to the rows on the page; each is counted before it is made.
    fn rows(&self, curves: &[Cow<'_, [Point]>]) -> Result<Vec<Vec<Cell>>, Failure> {
        let page = self.select.rows;
        let slices: Vec<&[Point]> = curves.iter().map(|curve| &**curve).collect();
        let mut rows = Vec::new();
        let reach = page.reach().unwrap_or(usize::MAX);
        for (place, (at, values)) in curve::rows(&slices, self.select.descending).take(reach).enumerate() {
            self.database.check()?;
            if place < page.offset {
                continue;
            }
            self.database.count_values(self.columns.names.len())?;
            let cells = values.into_iter().map(|value| Cell::number(value.flatten()));
            rows.push(std::iter::once(Cell::Time(at)).chain(cells).collect());
        }
        Ok(rows)
    }

    /// Computes all aggregates: those of one field over the same time together.
    fn aggregates(&self) -> Result<Vec<Curves>, Failure> {
        let mut curves: Vec<Curves> = self.columns.needs.iter().map(|_| Curves::new()).collect();
        let mut points = 0;
        let mut together: BTreeMap<(&str, i64), Vec<usize>> = BTreeMap::new();
        for (place, need) in self.columns.needs.iter().enumerate() {
            together.entry((&need.field, need.before)).or_default().push(place);
        }
        for ((field, before), places) in together {
            let span = self.extended(before);
            let groups = self.grouping.portions(self.database, self.measurement, field, span)?;
            let Some(windows) = self.windows(span, &groups)? else { continue };
            // Empty buckets take no place in the answer where they are not filled, but they do in the table of a group.
            let tables = if self.select.fill == Fill::None { 1 } else { groups.len() };
            if windows.len().saturating_mul(tables).saturating_mul(places.len()) > VALUES_MAX {
                return Err(too_many_values());
            }
            let needs: Vec<&Need> = places.iter().map(|place| &self.columns.needs[*place]).collect();
            let functions: Vec<_> = needs.iter().map(|need| need.function).collect();
            let asked = (field, functions.as_slice());
            aggregate::each_table(
                self.database,
                self.measurement,
                asked,
                &groups,
                &windows,
                |key, portions, table| {
                    for ((place, need), found) in places.iter().zip(&needs).zip(table) {
                        let curve = self.filled(need, found, &windows, portions)?;
                        points += curve.len();
                        if points > VALUES_MAX {
                            return Err(too_many_values());
                        }
                        if !curve.is_empty() {
                            curves[*place].insert(key.clone(), curve);
                        }
                    }
                    Ok(())
                },
            )?;
        }
        Ok(curves)
    }

    /// Returns the span with so many buckets before its first one, in the order of the answer.
    fn extended(&self, before: i64) -> Interval {
        let more = self.select.every.map_or(0, |every| every.nanos.saturating_mul(before));
        let (from, to) = match self.select.descending {
            true => (self.span.from(), self.span.to().plus_nanos(more)),
            false if self.has_start => (self.span.from().plus_nanos(-more), self.span.to()),
            false => (self.span.from(), self.span.to()),
        };
        Interval::new(from, to).unwrap_or(self.span)
    }

    /// Cuts a span into buckets; without a start from the first sample on. `None` where there is none.
    fn windows(
        &self,
        span: Interval,
        groups: &BTreeMap<Key, Vec<Portion>>,
    ) -> Result<Option<Windows>, Failure> {
        let Some(every) = self.select.every else { return Ok(Some(Windows::whole(span))) };
        let span = match self.has_start {
            true => span,
            false => {
                let portions = groups.values().flatten();
                let Some(first) = aggregate::first_at(self.database, portions, span)? else {
                    return Ok(None);
                };
                Interval::new(Instant::from_nanos(first), span.to()).unwrap_or(span)
            }
        };
        Windows::of(span, every, self.select.zone.as_ref()).map(Some)
    }

    /// Makes the curve of an aggregate of a group.
    fn filled(
        &self,
        need: &Need,
        found: &[Option<aggregate::Found>],
        windows: &Windows,
        portions: &[Portion],
    ) -> Result<Vec<Point>, Failure> {
        if self.select.every.is_none() {
            let Some(found) = found.first().copied().flatten() else { return Ok(Vec::new()) };
            let at = self.time_of(need, found, portions)?.unwrap_or(windows.starts[0]);
            return Ok(vec![(at, found.value)]);
        }
        let mut starts = windows.starts.clone();
        let mut values: Vec<Option<Option<f64>>> =
            found.iter().map(|found| found.map(|found| found.value)).collect();
        if !self.has_start {
            // Nothing is filled in before the first sample of the group.
            let first = values.iter().position(Option::is_some).unwrap_or(values.len());
            starts.drain(..first);
            values.drain(..first);
        }
        if self.select.descending {
            starts.reverse();
            values.reverse();
        }
        let fill = match (self.select.fill, need.function) {
            (Fill::Null, aggregate::Function::Count) => Fill::Number(0.0),
            (fill, _) => fill,
        };
        Ok(curve::fill(&starts, &values, fill))
    }

    /// Returns the time of the sample that the only selector of a statement without buckets has chosen.
    fn time_of(
        &self,
        need: &Need,
        found: aggregate::Found,
        portions: &[Portion],
    ) -> Result<Option<i64>, Failure> {
        if self.columns.needs.len() > 1 || !need.function.is_selector() {
            return Ok(None);
        }
        match (found.at, found.value) {
            (None, Some(value)) => {
                aggregate::extreme_at(self.database, need.function, value, portions, self.span)
            }
            (at, _) => Ok(at),
        }
    }

    /// Reads the samples of the fields that functions go along, by field and group.
    fn sampled(&self) -> Result<HashMap<&str, Curves>, Failure> {
        let mut fields = BTreeSet::new();
        for node in &self.columns.nodes {
            node.walk(&mut |node| {
                if let Node::Field(name) = node {
                    fields.insert(name.as_str());
                }
            });
        }
        let mut sampled = HashMap::new();
        for field in fields {
            let mut curves = Curves::new();
            for (key, portions) in
                self.grouping.portions(self.database, self.measurement, field, self.span)?
            {
                let samples = aggregate::samples(self.database, self.measurement, field, &portions)?;
                let mut curve: Vec<Point> =
                    samples.iter().map(|sample| (sample.at.nanos(), Some(sample.value))).collect();
                if self.select.descending {
                    curve.reverse();
                }
                if !curve.is_empty() {
                    curves.insert(key, curve);
                }
            }
            sampled.insert(field, curves);
        }
        Ok(sampled)
    }

    /// Computes the curve of a column for a group.
    fn curve<'c>(
        &self,
        node: &Node,
        key: &Key,
        aggregates: &'c [Curves],
        samples: &'c HashMap<&str, Curves>,
    ) -> Result<Cow<'c, [Point]>, Failure> {
        self.database.check()?;
        let (fill, descending) = (self.select.fill, self.select.descending);
        let of = |node: &Node| self.curve(node, key, aggregates, samples);
        let known = |curves: Option<&'c Curves>| {
            Cow::Borrowed(curves.and_then(|curves| curves.get(key)).map_or(&[][..], Vec::as_slice))
        };
        Ok(match node {
            Node::Aggregate(place) => known(aggregates.get(*place)),
            Node::Field(name) => known(samples.get(name.as_str())),
            Node::Along(transform, inner) => Cow::Owned(transform.apply(&of(inner)?, descending)),
            Node::Binary(left, operator, right) => Cow::Owned(match (&**left, &**right) {
                (Node::Number(number), right) => {
                    mapped(&of(right)?, |value| operator.computes(*number, value))
                }
                (left, Node::Number(number)) => mapped(&of(left)?, |value| operator.computes(value, *number)),
                (left, right) => {
                    let fill = if self.select.every.is_some() { fill } else { Fill::Null };
                    curve::combine(&of(left)?, *operator, &of(right)?, (fill, descending))
                }
            }),
            Node::Number(_) | Node::Tag(_) => Cow::Borrowed(&[]),
        })
    }
}

fn mapped(curve: &[Point], compute: impl Fn(f64) -> Option<f64>) -> Vec<Point> {
    curve.iter().map(|(at, value)| (*at, value.and_then(&compute))).collect()
}
