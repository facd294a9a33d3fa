//! A `SELECT` on one measurement.

use super::catalog::Measurement;
use super::column::Columns;
use super::group::{Grouping, Key};
use super::reading::Database;
use crate::exchange::samples::influxql::answer::{Cell, Series};
use crate::exchange::samples::influxql::statement::Select;
use crate::model::time::interval::Interval;

/// A `SELECT` on one measurement.
pub(super) struct Question<'a> {
    pub(super) database: &'a Database<'a>,
    pub(super) select: &'a Select,
    pub(super) measurement: &'a Measurement,
    pub(super) columns: &'a Columns,
    pub(super) grouping: &'a Grouping,
    pub(super) span: Interval,
    /// Whether the start of the span was stated.
    pub(super) has_start: bool,
}

impl Question<'_> {
    /// Makes the series of a group.
    pub(super) fn series(&self, key: &Key, values: Vec<Vec<Cell>>) -> Series {
        let (name, columns) = (self.measurement.name.clone(), self.columns.names.clone());
        Series { name, tags: self.grouping.tags(key), columns, values }
    }
}
