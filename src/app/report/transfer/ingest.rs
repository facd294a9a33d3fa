//! What storing a table of readings came to.

use crate::app::write::ingest::Ingested;
use crate::exchange::samples::Report;
use crate::twins::{Reason, UnboundSeries};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How many refused cells are listed; the others are counted.
const REFUSED_MAX: usize = 1000;
/// How many names and units are listed of what is bound to nothing.
const LISTED_MAX: usize = 10;

/// What storing a table of readings came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IngestReport {
    /// The table.
    pub file: String,
    /// How many samples are stored.
    pub samples: u64,
    /// How many cells were refused.
    pub refused_count: usize,
    /// The first cells that were refused.
    pub refused: Vec<RefusedCell>,
    /// How many cells are gaps.
    pub gaps: u64,
    /// The columns that are not used.
    pub unused_columns: Vec<String>,
    /// What else is to be known of the table, each in one sentence.
    pub notes: Vec<String>,
    /// The series that count for nothing yet.
    pub unbound: Vec<UnboundReport>,
    /// How many kinds of such series there are beyond those.
    pub unbound_more: usize,
}

/// A cell that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedCell {
    /// The line, from 1.
    pub line: u64,
    /// The name of the column; empty where the line as a whole is wrong.
    pub column: String,
    /// Why.
    pub reason: String,
}

/// Series that no signal at main is bound to, for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnboundReport {
    /// Why, and what would bind them.
    pub reason: String,
    /// The twins or signals, the first of many.
    pub names: Vec<String>,
    /// How many there are beyond those.
    pub more: usize,
}

impl IngestReport {
    /// Describes what became of a table.
    pub fn new(file: &str, ingested: &Ingested) -> Self {
        let (report, unbound) = (&ingested.report, unbound(&ingested.unbound));
        let refused = report.refused.iter().take(REFUSED_MAX).map(|cell| RefusedCell {
            line: cell.line,
            column: cell.column.clone(),
            reason: cell.reason.clone(),
        });
        Self {
            file: file.to_owned(),
            samples: ingested.samples,
            refused_count: report.refused_count,
            refused: refused.collect(),
            gaps: report.gaps,
            unused_columns: report.unused_columns.clone(),
            notes: notes(report),
            unbound_more: unbound.len().saturating_sub(LISTED_MAX),
            unbound: unbound.into_iter().take(LISTED_MAX).collect(),
        }
    }
}

fn count(many: u64, what: &str) -> String {
    if many == 1 { format!("1 {what}") } else { format!("{many} {what}s") }
}

/// Describes what a reader of the table may not expect.
fn notes(report: &Report) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(delimiter) = report.delimiter {
        notes.push(format!("the delimiter, as found in the header, is {delimiter:?}"));
    }
    if let Some((lines, first)) = report.repeated_headers {
        let lines = count(lines, "line");
        notes.push(format!("{lines}, the first on line {first}, repeat the header: not read as rows"));
    }
    if report.ordered_count > 0 {
        let (rows, line) = (count(report.ordered_count, "row"), report.ordered_line);
        notes.push(format!(
            "{rows}, the first on line {line}: the clock shows the time twice, the order of rows resolved it"
        ));
    }
    let repeats = &report.repeats;
    if repeats.count > 0 {
        let (samples, line) = (count(repeats.count, "sample"), repeats.first_line);
        notes.push(format!(
            "{samples}, the first on line {line}: an earlier row states the same instant; the last one counts"
        ));
    }
    if repeats.is_partial {
        notes.push("the file is too long to look for repeated instants in all of it".to_owned());
    }
    notes
}

/// Describes which series of a file count for nothing yet, as no signal is bound to them.
fn unbound(unbound: &[UnboundSeries]) -> Vec<UnboundReport> {
    let mut by_reason: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for UnboundSeries { series, reason, .. } in unbound {
        let (twin, field) = (series.twin.as_str(), series.field.as_str());
        let (what, name) = match reason {
            Reason::NoTwin => {
                ("no unit of the thread, or several, has this identifier or IRI".to_owned(), twin)
            }
            Reason::NoSignal => (format!("no signal of {twin} has this name"), field),
            Reason::ManySeries | Reason::ManySignals => {
                let what = format!(
                    "several signals or series of {twin} share this name at one time; give the unit a signal of its own with the source that counts: MEASUREMENT, TAG=VALUE, or twin=NAME where the unit is sent under several names"
                );
                (what, field)
            }
            _ => continue,
        };
        by_reason.entry(what).or_default().insert(name);
    }
    let report = |(reason, names): (String, BTreeSet<&str>)| UnboundReport {
        reason,
        more: names.len().saturating_sub(LISTED_MAX),
        names: names.into_iter().take(LISTED_MAX).map(str::to_owned).collect(),
    };
    by_reason.into_iter().map(report).collect()
}
