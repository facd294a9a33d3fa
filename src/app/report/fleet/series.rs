//! The series of the telemetry store.

use crate::app::application::App;
use crate::app::error::Error;
use crate::app::report::page::{self, Page, PageAsked};
use crate::telemetry::{Selection, Series};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A page of the series that are meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesReport {
    /// The series.
    pub series: Vec<ListedSeries>,
    /// The cursor of the last of them, after which others follow; absent where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// The series that were deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletedReport {
    /// Whether they were deleted, rather than only looked for.
    pub deleted: bool,
    /// How many there are.
    #[serde(rename = "seriesCount")]
    pub count: usize,
    /// The series, the first of many.
    pub series: Vec<ListedSeries>,
}

/// A series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedSeries {
    /// The twin as senders name it.
    pub twin: String,
    /// The measurement.
    pub measurement: String,
    /// The field.
    pub field: String,
    /// The other tags.
    pub tags: BTreeMap<String, String>,
}

/// How many deleted series are listed.
pub const DELETED_LISTED_MAX: usize = 10_000;

impl SeriesReport {
    /// Lists a page of the series that are meant.
    pub fn read(app: &App, selection: &Selection, asked: &PageAsked) -> Result<Self, Error> {
        let number = |after: &String| after.parse::<u32>().map_err(|_| page::refused(after));
        let after = asked.after.as_ref().map(number).transpose()?;
        let view = app.telemetry().now();
        let limit = asked.first.saturating_add(1);
        let mut found = view.first_series(after, limit, |series| selection.selects(series));
        let has_more = page::cut(&mut found, asked.first);
        let next = found.last().filter(|_| has_more).map(|last| last.id.number().to_string());
        Ok(Self { series: found.iter().map(ListedSeries::from).collect(), next })
    }
}

impl DeletedReport {
    /// Deletes the series that are meant, with their samples, for ever; or only looks for them.
    pub fn delete(app: &App, selection: &Selection, is_dry: bool) -> Result<Self, Error> {
        let found = app.telemetry().now().series_where(|series| selection.selects(series));
        let ids: Vec<_> = found.iter().map(|series| series.id).collect();
        match is_dry {
            true => app.telemetry().may_delete(&ids)?,
            false => app.telemetry().delete_series(&ids)?,
        }
        let series = found.iter().take(DELETED_LISTED_MAX).map(ListedSeries::from).collect();
        Ok(Self { deleted: !is_dry, count: found.len(), series })
    }
}

impl From<&Series> for ListedSeries {
    fn from(series: &Series) -> Self {
        let tags = series.tags.iter().map(|(tag, value)| (tag.to_string(), value.to_string()));
        Self {
            twin: series.twin.to_string(),
            measurement: series.measurement.to_string(),
            field: series.field.to_string(),
            tags: tags.collect(),
        }
    }
}

impl Page for SeriesReport {
    // Series belong to no version.
    fn version(&self) -> &'static str {
        ""
    }

    fn item_count(&self) -> usize {
        self.series.len()
    }

    fn next(&self) -> Option<&String> {
        self.next.as_ref()
    }

    fn join(&mut self, following: Self) {
        self.series.extend(following.series);
        self.next = following.next;
    }
}
