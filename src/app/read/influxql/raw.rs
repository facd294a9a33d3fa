//! Rows of samples: the fields of one point are one row, with its tags.

use super::aggregate::start_of_last;
use super::catalog::Points;
use super::column::Node;
use super::error::Failure;
use super::group::{Key, Portion, tag_of};
use super::question::Question;
use crate::exchange::samples::influxql::answer::{Cell, Series};
use crate::model::time::interval::Interval;
use crate::telemetry::{Sample, SeriesId};
use std::collections::{BTreeMap, BTreeSet};

/// A point: the values of its fields, which are few, and the portion that they are of.
struct Row<'a> {
    values: Vec<(&'a str, f64)>,
    portion: &'a Portion,
}

impl Row<'_> {
    fn value(&self, field: &str) -> Option<f64> {
        self.values.iter().find(|(name, _)| *name == field).map(|(_, value)| *value)
    }
}

/// The portions of a group, by the points that they have in common, each with its field.
type OfPoints<'a> = BTreeMap<usize, Vec<(&'a str, Portion)>>;

/// Answers a `SELECT` of samples.
pub(super) fn run(question: &Question<'_>) -> Result<Vec<Series>, Failure> {
    let fields = fields(question);
    let mut groups: BTreeMap<Key, OfPoints<'_>> = BTreeMap::new();
    for field in fields {
        let portions =
            question.grouping.portions(question.database, question.measurement, field, question.span)?;
        for (key, portions) in portions {
            let points = groups.entry(key).or_default();
            for portion in portions {
                points.entry(portion.points).or_default().push((field, portion));
            }
        }
    }
    let mut all = Vec::new();
    for (key, points) in &groups {
        let rows = of_group(question, points)?;
        if !rows.is_empty() {
            all.push(question.series(key, rows)?);
        }
    }
    Ok(all)
}

/// Returns the fields whose samples make rows.
fn fields<'a>(question: &Question<'a>) -> BTreeSet<&'a str> {
    let mut fields = BTreeSet::new();
    for node in &question.columns.nodes {
        node.walk(&mut |node| {
            if let Node::Field(name) = node {
                fields.insert(name.as_str());
            }
        });
    }
    fields
}

/// Returns the rows of a group, in the order of the answer.
fn of_group(question: &Question<'_>, points: &OfPoints<'_>) -> Result<Vec<Vec<Cell>>, Failure> {
    let mut rows: Vec<(i64, usize, Row<'_>)> = Vec::new();
    for (index, portions) in points {
        question.database.check()?;
        let joined = joined(question, &question.measurement.points[*index], portions)?;
        rows.extend(joined.into_iter().map(|(at, row)| (at, *index, row)));
    }
    rows.sort_by_key(|(at, index, _)| (*at, *index));
    if question.select.descending {
        rows.reverse();
    }
    let rows = question.select.rows.of(rows);
    question.database.count_values(rows.len().saturating_mul(question.columns.names.len()))?;
    rows.iter()
        .map(|(at, index, row)| cells(question, *at, &question.measurement.points[*index], row))
        .collect()
}

/// Makes the cells of a row.
fn cells(question: &Question<'_>, at: i64, points: &Points, row: &Row<'_>) -> Result<Vec<Cell>, Failure> {
    question.database.check()?;
    let mut cells = vec![Cell::Time(at)];
    for node in &question.columns.nodes {
        let cell = cell(node, points, row);
        if let Cell::Text(text) = &cell {
            question.database.count_text(text.len())?;
        }
        cells.push(cell);
    }
    Ok(cells)
}

/// Joins the fields of points by time, as far as the condition holds.
fn joined<'a>(
    question: &Question<'_>,
    points: &'a Points,
    portions: &'a [(&'a str, Portion)],
) -> Result<BTreeMap<i64, Row<'a>>, Failure> {
    let mut rows: BTreeMap<i64, Row<'a>> = BTreeMap::new();
    for (field, portion) in portions {
        for sample in samples(question, portion)? {
            let row = rows
                .entry(sample.at.nanos())
                .or_insert_with(|| Row { values: Vec::with_capacity(1), portion });
            row.values.push((field, sample.value));
        }
    }
    let rests = || portions.iter().filter_map(|(_, portion)| Some((portion, portion.rest.as_ref()?)));
    let mut read: BTreeSet<(&str, SeriesId, Interval)> = BTreeSet::new();
    for (portion, rest) in rests() {
        let others = rest.fields().into_iter().filter_map(|name| Some((name, points.fields.get(name)?)));
        read.extend(others.map(|(name, series)| (name, series.id, portion.within)));
    }
    for (name, series, within) in read {
        for sample in question.database.samples(series, within, None)? {
            if let Some(row) = rows.get_mut(&sample.at.nanos())
                && row.value(name).is_none()
            {
                row.values.push((name, sample.value));
            }
        }
    }
    rows.retain(|_, row| row.portion.rest.as_ref().is_none_or(|rest| rest.holds(&|name| row.value(name))));
    Ok(rows)
}

/// Reads the samples of a portion that can be on the page of the answer.
fn samples(question: &Question<'_>, portion: &Portion) -> Result<Vec<Sample>, Failure> {
    let database = question.database;
    let reach = question.select.rows.reach().filter(|_| portion.rest.is_none());
    match (reach, question.select.descending) {
        (Some(count), true) => match start_of_last(database, portion, count)? {
            Some(within) => database.samples(portion.series, within, None),
            None => Ok(Vec::new()),
        },
        (reach, _) => database.samples(portion.series, portion.within, reach),
    }
}

/// Returns what is in a column of a row; arithmetic with a field that is absent has no value.
fn cell(node: &Node, points: &Points, row: &Row<'_>) -> Cell {
    match node {
        Node::Tag(name) => match tag_of(points, &row.portion.context, name) {
            "" => Cell::Null,
            value => Cell::Text(value.to_owned()),
        },
        other => Cell::number(number(other, row)),
    }
}

fn number(node: &Node, row: &Row<'_>) -> Option<f64> {
    match node {
        Node::Field(name) => row.value(name),
        Node::Number(number) => Some(*number),
        Node::Binary(left, operator, right) => operator.computes(number(left, row)?, number(right, row)?),
        Node::Tag(_) | Node::Aggregate(_) | Node::Along(..) => None,
    }
}
