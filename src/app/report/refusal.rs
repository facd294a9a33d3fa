//! Why an import or an ingest was refused, with the place of what is wrong.

use super::conflict::ConflictReport;
use super::transfer::import::UnusedReport;
use crate::app::error::Error;
use crate::exchange::{rdf, samples, table};
use crate::graph::{self, Snapshot};
use crate::ontology::Overlap;
use serde::{Deserialize, Serialize};

/// Why an import was refused, and what its files lost, which is the likeliest reason.
#[derive(Debug)]
pub struct Refused {
    /// Why.
    pub error: Error,
    /// Where, and what is to be decided.
    pub details: RefusalDetails,
}

/// Where something is wrong, and what is to be decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RefusalDetails {
    /// The file in which something is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The column, from 1: in characters, or of a table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// The rows of a table that are wrong, the first of many.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<ProblemReport>,
    /// The conflicts that are to be decided.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<ConflictReport>,
    /// Whether installations overlap.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub overlaps: bool,
    /// Whether some of them are all brought by the import, so that it can cut them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cuttable: bool,
    /// Whether some of them have no end, so that others imply one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub completable: bool,
    /// Whether some of them contradict each other however they are taken.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub contradictory: bool,
    /// The source that describes the same, where nobody named one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known_source: Option<String>,
    /// What in the files no statement came out of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<String>,
    /// The columns that a mapping does not use, by file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unused_columns: Vec<UnusedReport>,
}

/// A place in a file: its name, the line and the column.
type Place = (String, u64, Option<usize>);

/// A row of a table that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemReport {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The column of the table, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl Refused {
    /// Describes an error; `at` is the version that an import is compared with.
    pub fn new(error: Error, at: Option<&Snapshot>) -> Self {
        let problems: Vec<_> = match &error {
            Error::Table(table::Error::Rows { problems, .. }) => problems.iter().map(problem).collect(),
            _ => Vec::new(),
        };
        let of_row = |row: &ProblemReport| (row.file.clone(), row.line, row.column);
        let place = place(&error).or_else(|| problems.first().map(of_row));
        let violations = match &error {
            Error::Graph(graph::Error::Violations(violations)) => &violations[..],
            _ => &[],
        };
        let overlaps: Vec<&Overlap> =
            violations.iter().filter_map(|violation| violation.overlap.as_ref()).collect();
        // Where something else is wrong too, nothing that is done about overlaps lets the import pass.
        let are_all = overlaps.len() == violations.len();
        let details = RefusalDetails {
            file: place.as_ref().map(|(file, ..)| file.clone()),
            line: place.as_ref().map(|(_, line, _)| *line),
            column: place.and_then(|(.., column)| column),
            problems,
            conflicts: at.map(|at| conflicts(&error, at)).unwrap_or_default(),
            overlaps: !overlaps.is_empty(),
            cuttable: are_all && overlaps.iter().any(|overlap| overlap.is_within_import),
            completable: are_all && overlaps.iter().any(|overlap| overlap.is_open),
            contradictory: overlaps.iter().any(|overlap| !overlap.is_within_import && !overlap.is_open),
            known_source: match &error {
                Error::RenamedSource { known, .. } => Some(known.clone()),
                _ => None,
            },
            ..RefusalDetails::default()
        };
        Self { error, details }
    }
}

fn conflicts(error: &Error, at: &Snapshot) -> Vec<ConflictReport> {
    match error {
        Error::Graph(graph::Error::Conflict(divergence)) => {
            divergence.conflicts.iter().map(|conflict| ConflictReport::new(conflict, at)).collect()
        }
        _ => Vec::new(),
    }
}

/// Returns where in a file an error is.
fn place(error: &Error) -> Option<Place> {
    let at = |file: &String, line: usize, column: usize| Some((file.clone(), line as u64, Some(column)));
    match error {
        Error::Rdf(
            rdf::Error::Syntax { file, line, column, .. }
            | rdf::Error::Other { file, line, column, .. }
            | rdf::Error::RemoteContext { file, line, column, .. }
            | rdf::Error::Circle { file, line, column, .. },
        ) => at(file, *line, *column),
        Error::Rdf(rdf::Error::Foreign { file, .. }) => at(file, 1, 1),
        Error::Table(error) => table_place(error),
        Error::Samples(error) => samples_place(error),
        Error::PartlyStored { source, .. } => place(source),
        _ => None,
    }
}

fn table_place(error: &table::Error) -> Option<Place> {
    match error {
        table::Error::Mapping { file, line, column, .. } => Some((file.clone(), *line as u64, Some(*column))),
        _ => None,
    }
}

fn samples_place(error: &samples::Error) -> Option<Place> {
    match error {
        samples::Error::Mapping(error) => table_place(error),
        samples::Error::Form(row) => {
            Some((row.file.clone(), row.line, row.column.as_ref().map(|column| column.number)))
        }
        samples::Error::Partly { source, .. } => samples_place(source),
        _ => None,
    }
}

fn problem(row: &table::Problem) -> ProblemReport {
    ProblemReport {
        file: row.file.clone(),
        line: row.line,
        column: row.column.as_ref().map(|column| column.number),
        message: row.message.clone(),
    }
}
