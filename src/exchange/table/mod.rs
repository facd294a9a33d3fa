//! Tables to statements: the rows of a CSV file, by a mapping that the owner of the spreadsheet can write.
//!
//! ```toml
//! delimiter = ";"                  # where absent: what a line "sep=;" states, else found in the header; "\t", " " for blanks
//! encoding = "windows-1252"        # where absent UTF-8, or UTF-16 with its byte order mark
//! skip-lines = 2                   # lines above the header; skip-below = 1: lines below it that are no rows, such as units
//! header = ["unit", "cycle"]       # the columns' names where the table has no header
//! empty = ["-", "n/a", "#N/A"]     # texts that mean an empty cell
//! literal = ["9E+12", "MAR-01"]    # names that are meant so, though they look as if a spreadsheet had spoilt them
//! decimal = ","                    # and thousands = ".": how numbers are written
//! zone = "Europe/Berlin"           # of times without an offset; without it they are refused
//! ambiguous = "earlier"            # or "later": which one a time is that a clock shows twice; refused where absent
//! offset = "utc offset"            # a column with the offset of each time: +02:00, or CEST as the zone abbreviates it
//! format = "DD.MM.YYYY hh:mm"      # of times and dates that are not ISO 8601; MMM is a month's name
//! years-from = 1970                # the first year that two digits (YY) can mean; without it YY is refused
//!
//! [[extract]]                      # columns made of parts of another one: each named group is one
//! from = "location"                # a cell that does not fit the pattern is a problem of its row
//! pattern = '^(?<cabinet>c\d+)s(?<slot>\d+)$'
//!
//! [[column]]                       # a column made of others (also of extracted ones, and of those above)
//! name = "seconds"
//! value = "({cycle} - 1) * 3600"   # computed: + - * / ( ), exact on decimals; empty where one of its cells is
//! # or text = "{Date} {Time}"      # joined; empty where one of its cells is
//! # or first = ["SN", "old SN"]    # the first of these that is not empty
//!
//! [[resource]]                     # one for each resource that a row describes
//! class = "TwinInstance"
//! id = "pump/{serial}"             # below the thread's base, or an absolute IRI; {column} is a cell, {#row} the row's number,
//!                                  # {#nth} its number among the rows that otherwise give the same id
//! skip-if-empty = ["serial"]       # rows that do not describe one
//! only = { type = ["pump", "P"] }  # rows whose cell is one of these; "" is an empty cell
//!
//! [resource.fields]                # field of the class = column
//! identifier = "serial"
//! part = { id = "part/PUMP" }      # a link by the name of its target, cells allowed
//! level = { value = "ASSET" }      # the same in every row
//! site = { column = "plant", values = { RTM = "Rotterdam" } }
//! commissionedAt = { column = "in service", zone = "UTC" }   # a column's own decimal, thousands, zone, format, offset …
//! retiredAt = { column = ["scrapped", "sold"] }              # the first that is not empty
//! unitNumber = { value = "{batch} * 100 + {no}" }            # computed for a number; joined for another kind
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
//! removed = "bearing/{old}"        # leave out where the log only records what is put in
//! installed = "bearing/{new}"
//! reason = "reason"
//! shared = true                    # where a component may sit at many places at once: a lot, or software
//! ```
//!
//! `[readings]` defines the columns where a table holds them (`ingest --table`):
//!
//! ```toml
//! [readings]
//! time = "{Date} {Time}"           # a column, or several joined
//! twin = "serial"                  # or unit = "P-1", where all are of one unit
//! measurement = "scada"
//! signals = { "Power (kW)" = "power" }   # by column; or signal = "tag" and value = "value" for a long table
//! units-row = true                 # the first line below the header states units; or units-column = "unit"
//! ```
//!
//! An empty cell has no value: an empty `to` is an interval that still lasts; a row of empty cells is left out, any other
//! row must have a cell for each column. Several rows may describe one resource as long as they agree; where each row is
//! an event of its own, `{#nth}` in its id keeps rows apart that agree. An id with `{#nth}` stays the same when the table is
//! imported again with other rows added or taken out, one with `{#row}` only when rows are added at its end.
//!
//! Nothing of a table is taken unless all of it is right; the error lists the problems with line, column and value. Columns
//! that no mapping names are reported, not refused; only a name that is asked for must be unique. A cell that is used and
//! holds an error value of a spreadsheet (`#REF!`) is refused, and so is a name that one turned into a power of ten
//! (`9.55E+12`), a date (`01.Mrz`) or a number with decimals (`471100.0`), or in which a sign cannot be seen, and the words by which
//! programs write an empty cell (`NULL`), unless they are listed under `empty` or `literal`. A line that repeats the header is no row.
//!
//! [`Dialect`] is the part above `[[extract]]`; [readings](super::samples) share it.

pub(super) mod cell;
pub(super) mod derived;
mod head;
mod mapping;
mod plan;
pub(super) mod problem;
mod rich;
mod rows;
pub(super) mod sheet;
mod swaps;
mod value;
pub mod workbook;

pub use cell::marks::Marks;
pub use head::{Head, head};
pub use mapping::{Mapping, Readings};
pub use problem::{Column, Error, Problem};
pub use sheet::dialect::{Dialect, Stated, Unreadable};

use crate::model::statement::Statement;
use crate::ontology::{FieldKind, Ontology};
use cell::workbook::TypedCells;
use derived::Derived;
use oxigraph::model::Term;
use plan::{Planner, ResourcePlan};
use problem::Problems;
use rows::Writer;
use sheet::Sheet;
use sheet::fault::Fault;
use sheet::row::{Header, Row};
use std::io::Read;
use std::sync::Arc;
use swaps::{Log, SwapPlan};
use value::World;

/// The content of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The statements, in the order of the rows; installations of a swap log last.
    pub statements: Vec<Statement>,
    /// How many rows there are.
    pub rows: usize,
    /// How many of them nothing comes out of, as `only` and `skip-if-empty` take none of them.
    pub skipped: usize,
    /// The columns that the mapping does not use.
    pub unused_columns: Vec<String>,
    /// The contradictions of a dirty swap log, each with how it was settled, in line order.
    pub settled: Vec<Problem>,
    /// The lines that repeat the header and are no rows: how many, and the first.
    pub repeated_headers: Option<(u64, u64)>,
}

/// What becomes of a swap log that contradicts itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dirt {
    /// Nothing of it is taken; the error lists the contradictions.
    #[default]
    Refused,
    /// The later event is believed; how each contradiction was settled is reported with the table.
    Settled,
}

/// Reads a table by its mapping: `file` names it in errors, short names are resolved against `base`.
pub fn read(
    mapping: &Mapping,
    csv: impl Read,
    file: &str,
    base: &str,
    ontology: &Ontology,
) -> Result<Vec<Statement>, Error> {
    read_table(mapping, csv, file, base, ontology, Dirt::Refused).map(|table| table.statements)
}

/// Reads one value as a table's cell of the field's kind would be read; the error states what would be right.
pub fn value(text: &str, kind: &FieldKind, ontology: &Ontology, base: &str) -> Result<Term, String> {
    value::read(text, kind, &value::Notation::default(), None, World { ontology, base })
}

/// Reads a table as [`read`] does, and reports what it did not use.
pub fn read_table(
    mapping: &Mapping,
    csv: impl Read,
    file: &str,
    base: &str,
    ontology: &Ontology,
    dirt: Dirt,
) -> Result<Table, Error> {
    mapping.describes_resources()?;
    let dialect = mapping.dialect()?;
    let mut sheet = Sheet::open(csv, file, &dialect).map_err(|fault| failed(fault, file))?;
    let derived = Derived::new(mapping, &mut sheet.names, file)?;
    let header = sheet.names.clone();
    let names = Header { names: &header, table: file };
    let planner = Planner { mapping, header: names, world: World { ontology, base } };
    let mut plan = Plan::new(&planner, derived)?;
    let mut problems = Problems::new(file, &header, dirt == Dirt::Settled);
    let mut writer = Writer::new(planner.world, &mut problems);
    plan.rows(&mut sheet, &dialect, &mut writer).map_err(|fault| failed(fault, file))?;
    let (used, skipped) = (std::mem::take(&mut plan.used), plan.skipped);
    plan.finish(&mut writer);
    let statements = std::mem::take(&mut writer.statements);
    let settled = problems.into_result()?;
    let rows = usize::try_from(sheet.rows).unwrap_or(usize::MAX);
    let (unused_columns, repeated_headers) = (unused(&header, &used), sheet.repeated);
    Ok(Table { statements, rows, skipped, unused_columns, settled, repeated_headers })
}

/// Names the columns that are not used, by their number where they have no name.
pub(super) fn unused(header: &[String], used: &[usize]) -> Vec<String> {
    let unused = header.iter().enumerate().filter(|(index, _)| !used.contains(index));
    unused
        .map(|(index, name)| if name.is_empty() { format!("column {}", index + 1) } else { name.clone() })
        .collect()
}

fn failed(fault: Fault, file: &str) -> Error {
    match fault {
        Fault::Io(source) => Error::Io { file: file.to_owned(), source },
        Fault::Line { line, message, .. } | Fault::Header { line, message } => {
            let problem = Problem { file: file.to_owned(), line, column: None, message };
            Error::Rows { problems: vec![problem], more: 0 }
        }
    }
}

/// Everything that is done with each row.
struct Plan<'a> {
    derived: Derived,
    resources: Vec<ResourcePlan<'a>>,
    log: Option<Log<'a>>,
    /// The columns that are used.
    used: Vec<usize>,
    /// Those of them whose cells name something.
    names: Vec<usize>,
    /// Those of them whose cells are texts or names, and no times.
    texts: Vec<usize>,
    /// The cells of a workbook whose text is not what was typed.
    typed: Arc<TypedCells>,
    /// How many rows were taken by nothing.
    skipped: usize,
}

impl<'a> Plan<'a> {
    fn new(planner: &Planner<'a>, derived: Derived) -> Result<Self, Error> {
        let written = &planner.mapping.written;
        let resources = written.resource.iter().map(|resource| planner.resource(resource));
        let resources: Vec<ResourcePlan<'a>> = resources.collect::<Result<_, _>>()?;
        let log =
            written.swaps.as_ref().map(|swaps| SwapPlan::new(planner, swaps).map(Log::new)).transpose()?;
        let (mut used, mut names, mut texts, mut times) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        derived.columns(&mut used);
        for resource in &resources {
            names.extend(resource.id.columns());
            resource.node.names(&mut names);
            resource.node.columns(&mut used);
            resource.node.by_kind(&mut texts, &mut times);
        }
        if let Some(log) = &log {
            log.names(&mut names);
            log.columns(&mut used);
            log.by_kind(&mut texts, &mut times);
        }
        used.extend(&names);
        texts.extend(&names);
        derived.first_of(&mut texts, planner.header.names.len());
        derived.first_of(&mut times, planner.header.names.len());
        texts.retain(|column| !times.contains(column));
        for columns in [&mut used, &mut names, &mut texts] {
            columns.sort_unstable();
            columns.dedup();
        }
        let typed = Arc::clone(&planner.mapping.typed);
        Ok(Self { derived, resources, log, used, names, texts, typed, skipped: 0 })
    }

    /// Takes in all rows.
    fn rows(
        &mut self,
        sheet: &mut Sheet<'_>,
        dialect: &Dialect,
        writer: &mut Writer<'_, '_>,
    ) -> Result<(), Fault> {
        let empty = dialect.empty.as_slice();
        let mut record = csv::StringRecord::new();
        loop {
            match sheet.next(&mut record, empty) {
                Ok(None) => return Ok(()),
                Ok(Some(line)) => {
                    let number = sheet.rows;
                    if self.is_typed(&Row { line, number, record: &record, empty }, dialect, writer) {
                        continue;
                    }
                    writer.begin(record.as_slice().len());
                    let mut is_wrong = false;
                    self.derived.extend(&mut record, (line, number), dialect, &mut |column, message| {
                        writer.problems.add(line, column, message);
                        is_wrong = true;
                    });
                    if is_wrong {
                        continue;
                    }
                    self.row(&Row { line, number, record: &record, empty }, dialect, writer);
                    if writer.is_overfull(line) {
                        return Ok(());
                    }
                }
                Err(Fault::Line { line, column, message }) => writer.problems.add(line, column, message),
                Err(fault) => return Err(fault),
            }
        }
    }

    fn row(&mut self, row: &Row<'_>, dialect: &Dialect, writer: &mut Writer<'_, '_>) {
        if self.is_spoilt(row, dialect, writer) {
            return;
        }
        let mut is_taken = false;
        for (number, resource) in self.resources.iter().enumerate() {
            is_taken |= writer.resource(resource, number, row);
        }
        if let Some(log) = &mut self.log {
            is_taken |= log.row(row, writer);
        }
        self.skipped += usize::from(!is_taken);
    }

    /// Notes the cells of a workbook whose text is not what was typed, and returns whether there are any.
    fn is_typed(&self, row: &Row<'_>, dialect: &Dialect, writer: &mut Writer<'_, '_>) -> bool {
        let mut is_typed = false;
        for &column in &self.used {
            let cell = row.cell(column).filter(|text| !dialect.literal.iter().any(|literal| literal == text));
            let is_text = self.texts.binary_search(&column).is_ok();
            let fault = self.typed.fault((row.line, column), cell, is_text);
            if let Some(message) = fault {
                writer.problems.add(row.line, Some(column), message);
                is_typed = true;
            }
        }
        is_typed
    }

    /// Notes the cells that a spreadsheet spoilt, and returns whether there are any.
    fn is_spoilt(&self, row: &Row<'_>, dialect: &Dialect, writer: &mut Writer<'_, '_>) -> bool {
        let mut is_spoilt = false;
        for column in &self.used {
            let names = self.names.binary_search(column).is_ok();
            if let Some(message) = row.spoilt(*column, names, dialect) {
                writer.problems.add(row.line, Some(*column), message);
                is_spoilt = true;
            }
        }
        is_spoilt
    }

    fn finish(self, writer: &mut Writer<'_, '_>) {
        if let Some(log) = self.log {
            log.finish(writer);
        }
    }
}

#[cfg(test)]
mod tests;
