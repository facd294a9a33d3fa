//! Answers to InfluxQL: the measurements, tags and fields of the series, with the design context of each sample as tags beside those that were
//! sent, and what happened to the units as the measurement `throughline_events`.
//!
//! One request sees one watermark, one version and one present instant. Aggregates come from the store's rollups wherever they are exact.
//! What InfluxDB 1.x answers is answered alike; what is not supported is refused by name.

mod aggregate;
mod catalog;
mod column;
mod curve;
mod error;
mod events;
mod group;
mod question;
mod raw;
mod reading;
mod select;
mod show;
mod window;

pub use error::Failure;

use crate::app::application::App;
use crate::exchange::samples::influxql::answer::Series;
use crate::exchange::samples::influxql::statement::Statement;
use crate::model::sync::cancellation::Cancellation;
use crate::model::time::period::Zone;
use reading::{Database, Reading};

/// The name of the database that a thread is.
const DATABASE: &str = "throughline";

/// The name of its retention policy.
const POLICY: &str = "autogen";

/// What one statement gives.
#[derive(Debug, Default)]
pub struct Answered {
    /// The series.
    pub series: Vec<Series>,
    /// What the reader is to know of the series.
    pub messages: Vec<String>,
    /// Why there are none.
    pub failure: Option<Failure>,
    /// The zone in which its times are written.
    pub zone: Option<Zone>,
}

/// Answers the statements of one request in turn, until one fails; `database` is where they look that name none.
pub(in crate::app) fn answer(
    app: &App,
    statements: &[Statement],
    database: Option<&str>,
    wanted: &Cancellation,
) -> Vec<Answered> {
    let reading = Reading::new(app, wanted);
    let mut has_failed = false;
    let answered = statements.iter().map(|statement| {
        if has_failed {
            let failure = Some(Failure::Refused("not executed".to_owned()));
            return Answered { failure, ..Answered::default() };
        }
        let zone = match statement {
            Statement::Select(select) => select.zone.clone(),
            _ => None,
        };
        match one(&reading, statement, database) {
            Ok((series, messages)) => Answered { series, messages, failure: None, zone },
            Err(failure) => {
                has_failed = true;
                Answered { failure: Some(failure), ..Answered::default() }
            }
        }
    });
    answered.collect()
}

/// Returns the series that answer a statement, and messages about them.
fn one(
    reading: &Reading<'_>,
    statement: &Statement,
    given: Option<&str>,
) -> Result<(Vec<Series>, Vec<String>), Failure> {
    if *statement == Statement::Databases {
        return Ok((show::databases(), Vec::new()));
    }
    let named = match statement {
        Statement::Databases => None,
        Statement::RetentionPolicies { on } => on.as_deref(),
        Statement::Measurements(show)
        | Statement::TagKeys(show)
        | Statement::TagValues(show, _)
        | Statement::FieldKeys(show)
        | Statement::Series(show)
        | Statement::SeriesCardinality(show, _) => reading::of_sources(&show.from)?.or(show.on.as_deref()),
        Statement::Select(select) => reading::of_sources(&select.from)?,
    };
    let name = named.or(given).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Failure::Refused("database name required".to_owned()))?;
    let database = Database::open(reading, name)?;
    let series = match statement {
        Statement::Databases | Statement::RetentionPolicies { .. } => Ok(show::policies()),
        Statement::Select(select) if events::are_meant(&select.from)? => events::run(&database, select),
        Statement::Select(select) => select::run(&database, select),
        Statement::Measurements(asked) => show::measurements(&database, asked),
        Statement::TagKeys(asked) => show::tag_keys(&database, asked),
        Statement::TagValues(asked, keys) => show::tag_values(&database, asked, keys),
        Statement::FieldKeys(asked) => show::field_keys(&database, asked),
        Statement::Series(asked) => show::series(&database, asked),
        Statement::SeriesCardinality(asked, exactness) => show::cardinality(&database, asked, *exactness),
    }?;
    if !matches!(statement, Statement::Select(_)) {
        let values = |series: &Series| series.values.len() * series.columns.len();
        database.count_values(series.iter().map(values).sum())?;
    }
    Ok((series, database.messages()))
}
