//! Tables to statements: the rows of a CSV file, by a mapping that the owner of the spreadsheet can write.
//!
//! ```toml
//! delimiter = ";"                  # "," where absent; "\t" for tabs; " " for blanks, as many as it takes
//! skip-lines = 2                   # lines above the header
//! empty = ["-", "n/a"]             # texts that stand for an empty cell
//! decimal = ","                    # and thousands = ".": how numbers are written
//! zone = "Europe/Berlin"           # of times without an offset; without it they are refused
//! format = "DD.MM.YYYY hh:mm"      # of times and dates that are not ISO 8601
//! header = ["unit", "cycle"]       # the columns' names where the table has no header
//!
//! [[extract]]                      # columns made of parts of another one: each named group is one
//! from = "location"                # a cell that does not fit the pattern is a problem of its row
//! pattern = '^(?<cabinet>c\d+)s(?<slot>\d+)$'
//!
//! [[resource]]                     # one for each resource that a row describes
//! class = "TwinInstance"
//! id = "pump/{serial}"             # below the thread's base, or an absolute IRI; {column} is a cell
//! skip-if-empty = ["serial"]       # rows that do not describe one
//! only = { type = ["pump", "P"] }  # rows whose cell says one of these
//!
//! [resource.fields]                # field of the class = column
//! identifier = "serial"
//! part = { id = "part/PUMP" }      # a link by the name of its target, cells allowed
//! level = { value = "ASSET" }      # the same in every row
//! site = { column = "plant", values = { RTM = "Rotterdam" } }
//! commissionedAt = { column = "in service", zone = "UTC" }   # a column's own decimal, zone, format
//!
//! [[resource.fragment]]            # a part of the resource: constraint, signal, usage …
//! field = "signal"
//! name = "{channel}"               # where a resource has several; the field's name where absent
//! fields = { name = "channel", unit = "unit" }               # units by name (DEG_C) or symbol (°C)
//!
//! [swaps]                          # or: one row is one event at a position
//! parent = "pump/{pump}"
//! position = "position"            # a column, or { value = "drive-end/bearing" }
//! at = "time"
//! removed = "bearing/{old}"        # leave out where the log only tells what is put in
//! installed = "bearing/{new}"
//! reason = "reason"
//! shared = true                    # where a component may sit at many places at once: a lot, or software
//! ```
//!
//! An empty cell says nothing: an empty `to` is an interval that still lasts. Several rows may describe one resource
//! as long as they agree. Nothing of a table is taken unless all of it is right; the error lists the problems
//! with line, column and value. Columns that no mapping names are reported, not refused.

mod extract;
mod mapping;
mod near;
mod plan;
mod problem;
pub(super) mod row;
mod rows;
mod swaps;
pub(super) mod template;
mod time;
mod value;

pub use mapping::Mapping;
pub use problem::{Column, Error, Problem};

use super::blanks::Blanks;
use crate::model::statement::Statement;
use crate::ontology::{Kind, Ontology};
use extract::Extracts;
use oxigraph::model::Term;
use plan::{Planner, ResourcePlan};
use problem::Problems;
use row::{Header, Row};
use rows::Writer;
use std::io::Read;
use swaps::{Log, SwapPlan};
use value::World;

/// What a table says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The statements, in the order of the rows; installations of a swap log last.
    pub statements: Vec<Statement>,
    /// How many rows there are.
    pub rows: usize,
    /// The columns that the mapping does not use.
    pub unused_columns: Vec<String>,
    /// The contradictions of a dirty swap log, each with how it was settled, in line order.
    pub settled: Vec<Problem>,
}

/// What becomes of a swap log that contradicts itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dirt {
    /// Nothing of it is taken; the error lists the contradictions.
    #[default]
    Refused,
    /// The later event is believed; how each contradiction was settled is told with the table.
    Settled,
}

/// Reads a table by its mapping: `file` names it in errors, short names stand below `base`.
pub fn read(
    mapping: &Mapping,
    csv: impl Read,
    file: &str,
    base: &str,
    ontology: &Ontology,
) -> Result<Vec<Statement>, Error> {
    read_table(mapping, csv, file, base, ontology, Dirt::Refused).map(|table| table.statements)
}

/// Reads one value as a table's cell of the field's kind would be read; the error says what would be right.
pub fn value(text: &str, kind: &Kind, ontology: &Ontology, base: &str) -> Result<Term, String> {
    value::read(text, kind, &value::Notation::default(), World { ontology, base })
}

/// Reads a table as [`read`] does, and tells what it did not use.
pub fn read_table(
    mapping: &Mapping,
    mut csv: impl Read,
    file: &str,
    base: &str,
    ontology: &Ontology,
    dirt: Dirt,
) -> Result<Table, Error> {
    let mut bytes = Vec::new();
    csv.read_to_end(&mut bytes).map_err(|source| Error::Io { file: file.to_owned(), source })?;
    let (bytes, above) = body(&bytes, mapping.written.skip_lines);
    let delimiter = delimiter(mapping)?;
    let text: Box<dyn Read + '_> =
        if delimiter == b' ' { Box::new(Blanks::new(bytes)) } else { Box::new(bytes) };
    let given = mapping.written.header.as_deref();
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(given.is_none()).from_reader(text);
    let mut header = header(&mut reader, given, file, above)?;
    let written = header.len();
    let extracts = Extracts::new(mapping, &mut header, file)?;
    let names = Header { names: &header, table: file };
    let planner = Planner { mapping, header: names, world: World { ontology, base } };
    let mut plan = Plan::new(&planner, written, extracts)?;
    let used = plan.columns();
    let mut problems = Problems::new(file, &header, dirt == Dirt::Settled);
    let mut writer = Writer::new(planner.world, &mut problems);
    let rows = plan.rows(&mut reader, above, &mapping.written.empty, &mut writer);
    plan.finish(&mut writer);
    let statements = std::mem::take(&mut writer.statements);
    let settled = problems.into_result()?;
    let unused = header.iter().enumerate().filter(|(index, _)| !used.contains(index));
    let unused_columns = unused.map(|(_, name)| name.clone()).collect();
    Ok(Table { statements, rows, unused_columns, settled })
}

/// Everything that is done with each row.
struct Plan<'a> {
    /// How many columns the table itself has.
    columns: usize,
    extracts: Extracts,
    resources: Vec<ResourcePlan<'a>>,
    log: Option<Log<'a>>,
}

impl<'a> Plan<'a> {
    fn new(planner: &Planner<'a>, columns: usize, extracts: Extracts) -> Result<Self, Error> {
        let written = &planner.mapping.written;
        let resources = written.resource.iter().map(|resource| planner.resource(resource));
        let log = written.swaps.as_ref().map(|swaps| SwapPlan::new(planner, swaps).map(Log::new));
        Ok(Self { columns, extracts, resources: resources.collect::<Result<_, _>>()?, log: log.transpose()? })
    }

    /// Lists the columns that are used.
    fn columns(&self) -> Vec<usize> {
        let mut used: Vec<usize> = self.extracts.columns().collect();
        for resource in &self.resources {
            used.extend(resource.id.columns());
            resource.node.columns(&mut used);
        }
        if let Some(log) = &self.log {
            log.columns(&mut used);
        }
        used
    }

    /// Takes in all rows and returns how many there were; `above` lines stand above the header.
    fn rows(
        &mut self,
        reader: &mut csv::Reader<impl Read>,
        above: u64,
        empty: &[String],
        writer: &mut Writer<'_, '_>,
    ) -> usize {
        let mut rows = 0;
        let mut record = csv::StringRecord::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(false) => return rows,
                Ok(true) => {
                    rows += 1;
                    let line = record.position().map_or(0, csv::Position::line) + above;
                    if record.len() != self.columns {
                        writer.problems.add(line, None, unequal(record.len(), self.columns));
                        continue;
                    }
                    self.extracts.extend(&mut record, line, writer.problems);
                    self.row(&Row { line, record: &record, empty }, writer);
                }
                Err(error) => {
                    let (line, column, message) = malformed(&error);
                    writer.problems.add(line + above, column, message);
                    if !goes_on(&error) {
                        return rows;
                    }
                }
            }
        }
    }

    fn row(&mut self, row: &Row<'_>, writer: &mut Writer<'_, '_>) {
        for resource in &self.resources {
            writer.resource(resource, row);
        }
        if let Some(log) = &mut self.log {
            log.row(row, writer);
        }
    }

    fn finish(self, writer: &mut Writer<'_, '_>) {
        if let Some(log) = self.log {
            log.finish(writer);
        }
    }
}

/// Returns the table from its header on, without a byte order mark, and how many lines stand above.
fn body(bytes: &[u8], skip: usize) -> (&[u8], u64) {
    let mut rest = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut skipped = 0;
    for _ in 0..skip {
        let Some(newline) = memchr::memchr(b'\n', rest) else { break };
        rest = &rest[newline + 1..];
        skipped += 1;
    }
    (rest, skipped)
}

fn delimiter(mapping: &Mapping) -> Result<u8, Error> {
    let Some(delimiter) = &mapping.written.delimiter else { return Ok(b',') };
    match delimiter.get_ref().as_bytes() {
        [byte] => Ok(*byte),
        _ => {
            Err(mapping
                .error(delimiter.span().start, "the delimiter is one character, such as \";\" or \"\\t\""))
        }
    }
}

/// Returns the names of the columns: those given, else those in the first line.
fn header(
    reader: &mut csv::Reader<impl Read>,
    given: Option<&[String]>,
    file: &str,
    skipped: u64,
) -> Result<Vec<String>, Error> {
    let problem = |line: u64, message: String| Error::Rows {
        problems: vec![Problem { file: file.to_owned(), line: line + skipped, column: None, message }],
        more: 0,
    };
    let names: Vec<String> = match given {
        Some(given) => given.to_vec(),
        None => {
            let record = reader.headers().map_err(|error| {
                let (line, _, message) = malformed(&error);
                problem(line, message)
            })?;
            record.iter().map(|name| name.trim().to_owned()).collect()
        }
    };
    if names.iter().all(String::is_empty) {
        return Err(problem(1, "the table has no header; its first line names the columns".to_owned()));
    }
    for (index, name) in names.iter().enumerate() {
        if !name.is_empty() && names[..index].contains(name) {
            return Err(problem(
                1,
                format!("two columns are named \"{name}\"; each needs a name of its own"),
            ));
        }
    }
    Ok(names)
}

/// Tells where and why the table's own form is broken.
fn malformed(error: &csv::Error) -> (u64, Option<usize>, String) {
    match error.kind() {
        csv::ErrorKind::Utf8 { pos, err } => {
            let line = pos.as_ref().map_or(1, csv::Position::line);
            (line, Some(err.field()), "is not UTF-8; save the table as \"CSV UTF-8\"".to_owned())
        }
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(1, csv::Position::line);
            let (len, expected) = (usize::try_from(*len), usize::try_from(*expected_len));
            (line, None, unequal(len.unwrap_or(usize::MAX), expected.unwrap_or(usize::MAX)))
        }
        _ => (error.position().map_or(1, csv::Position::line), None, error.to_string()),
    }
}

fn unequal(cells: usize, columns: usize) -> String {
    format!("the row has {cells} cells, but the header {columns}; is the delimiter right?")
}

/// Tells whether rows may follow after an error.
fn goes_on(error: &csv::Error) -> bool {
    matches!(error.kind(), csv::ErrorKind::Utf8 { .. } | csv::ErrorKind::UnequalLengths { .. })
}

#[cfg(test)]
mod tests;
