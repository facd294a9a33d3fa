//! Columns made of parts of others: a code such as `c3-4c2s1n0` that names cabinet, cage and node in one cell.

use crate::exchange::table::mapping::{Extract, Mapping};
use crate::exchange::table::problem::Error;
use crate::exchange::table::sheet::row::Header;
use regex::Regex;

/// Patterns matched against the columns of a table.
#[derive(Debug, Default)]
pub(in crate::exchange::table) struct Extracts(Vec<Plan>);

#[derive(Debug)]
struct Plan {
    column: usize,
    pattern: Regex,
    groups: Vec<String>,
}

impl Extracts {
    /// Reads the patterns of a mapping; the columns that they make are added to the header.
    pub(in crate::exchange::table) fn new(
        mapping: &Mapping,
        header: &mut Vec<String>,
        table: &str,
    ) -> Result<Self, Error> {
        let mut plans = Vec::new();
        for Extract { from, pattern } in &mapping.written.extract {
            let column = Header { names: header, table }
                .index(from.get_ref())
                .map_err(|message| mapping.error(from.span().start, message))?;
            let wrong = |message: String| mapping.error(pattern.span().start, message);
            let read = Regex::new(pattern.get_ref()).map_err(|error| wrong(error.to_string()))?;
            let groups: Vec<String> = read.capture_names().flatten().map(str::to_owned).collect();
            if groups.is_empty() {
                return Err(wrong("the pattern names no part; write (?<name>…) around each".to_owned()));
            }
            if let Some(taken) = groups.iter().find(|group| header.contains(group)) {
                return Err(wrong(format!("there is a column \"{taken}\" already; name the part otherwise")));
            }
            header.extend(groups.iter().cloned());
            plans.push(Plan { column, pattern: read, groups });
        }
        Ok(Self(plans))
    }

    /// Returns the columns that are read.
    pub(in crate::exchange::table) fn columns(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().map(|plan| plan.column)
    }

    /// Adds the parts to a row; of an empty cell they are empty, and a cell that does not fit is wrong.
    pub(in crate::exchange::table) fn extend(
        &self,
        record: &mut csv::StringRecord,
        wrong: &mut impl FnMut(Option<usize>, String),
    ) {
        for Plan { column, pattern, groups } in &self.0 {
            let cell = record.get(*column).unwrap_or_default().trim().to_owned();
            let found = pattern.captures(&cell);
            if found.is_none() && !cell.is_empty() {
                wrong(Some(*column), format!("\"{cell}\" does not fit the pattern {pattern}"));
            }
            for group in groups {
                let part = found.as_ref().and_then(|found| found.name(group));
                record.push_field(part.map_or("", |part| part.as_str()));
            }
        }
    }
}
