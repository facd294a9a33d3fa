//! A `SELECT` on one measurement.

use super::catalog::Measurement;
use super::column::Columns;
use super::error::Failure;
use super::group::{Grouping, Key};
use super::reading::Database;
use crate::exchange::samples::influxql::answer::{Cell, Series};
use crate::exchange::samples::influxql::statement::Select;
use crate::model::time::interval::Interval;
use std::sync::Arc;

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
    pub(super) fn series(&self, key: &Key, values: Vec<Vec<Cell>>) -> Result<Series, Failure> {
        let keys = self.grouping.dimensions.iter().chain(key);
        self.database.count_text(keys.map(String::len).sum())?;
        let (name, columns) = (self.measurement.name.clone(), Arc::clone(&self.columns.names));
        Ok(Series { name, tags: self.grouping.tags(key), columns, values })
    }
}
