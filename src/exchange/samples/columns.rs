//! The columns of a table of readings, and how their cells are read.

use super::measures::{Known, Measures};
use super::{Clock, Error, Layout, Report, Signals, Twin, Units, count};
use crate::exchange::table::cell::bracketed::stated;
use crate::exchange::table::cell::spoilt;
use crate::exchange::table::derived::Derived;
use crate::exchange::table::derived::template::Template;
use crate::exchange::table::sheet::Sheet;
use crate::exchange::table::sheet::row::{Header, Row, unwrapped};
use crate::exchange::table::{Dialect, unused};
use crate::model::number::numeral::loses_digits;
use crate::model::time::period::Shown;
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

/// Instants in nanoseconds that can be stored: 1970 to 2262-01-01.
const STORABLE: Range<i64> = 0..9_214_646_400_000_000_000;

/// Words that mark a gap in the exports of other programs, in lower case.
const GAPS: [&str; 13] = [
    "nan",
    "-nan",
    "nan(ind)",
    "-nan(ind)",
    "1.#qnan",
    "-1.#ind",
    "null",
    "none",
    "n/a",
    "na",
    "-",
    "--",
    "---",
];

enum Name {
    Fixed(String),
    In(usize),
}

enum Text {
    Fixed(String),
    Column(usize),
    Made(Template),
}

impl Text {
    fn new(text: &str, header: &Header<'_>) -> Result<Self, String> {
        if text.contains(['{', '}']) {
            return Template::parse(text, header).map(Self::Made);
        }
        header.index(text).map(Self::Column)
    }

    fn columns(&self) -> Vec<usize> {
        match self {
            Self::Fixed(_) => Vec::new(),
            Self::Column(column) => vec![*column],
            Self::Made(template) => template.columns().collect(),
        }
    }
}

/// The columns that a layout names.
pub(super) struct Columns {
    header: Vec<String>,
    /// How many columns the file itself has; derived ones follow.
    own: usize,
    derived: Derived,
    time: Text,
    offset: Option<usize>,
    twin: Text,
    /// The column with the units of the values.
    unit: Option<usize>,
    /// The units that headers state in brackets, by column.
    in_header: HashMap<usize, String>,
    values: Vec<(usize, Name)>,
}

/// When and of which twin the readings of a row are.
pub(super) struct When<'r> {
    /// What the file states of the time.
    pub(super) time: Cow<'r, str>,
    pub(super) shown: Shown,
    pub(super) twin: Cow<'r, str>,
}

impl Columns {
    pub(super) fn find(sheet: &mut Sheet<'_>, layout: &Layout, file: &str) -> Result<Self, Error> {
        let own = sheet.names.len();
        let derived = match &layout.mapping {
            Some(mapping) => Derived::new(mapping, &mut sheet.names, file)?,
            None => Derived::default(),
        };
        Self::resolve(sheet.header(), (own, derived), layout).map_err(Error::Columns)
    }

    fn resolve(
        header: Header<'_>,
        (own, derived): (usize, Derived),
        layout: &Layout,
    ) -> Result<Self, String> {
        let time = Text::new(&layout.time, &header)?;
        let offset = layout.offset.as_deref().map(|name| header.index(name)).transpose()?;
        let twin = match &layout.twin {
            Twin::Column(name) => {
                Text::new(name, &header).map_err(|message| format!("the name of the twin: {message}"))?
            }
            Twin::Unit(name) => Text::Fixed(name.clone()),
        };
        let unit = match &layout.units {
            Units::Column(name) => Some(header.index(name)?),
            Units::Row | Units::Unstated => None,
        };
        let mut named = time.columns();
        named.extend(twin.columns());
        named.extend(offset.into_iter().chain(unit));
        let values = match &layout.signals {
            Signals::Long { signal, value } => vec![(header.index(value)?, Name::In(header.index(signal)?))],
            Signals::Wide(columns) if columns.is_empty() => (0..header.names.len())
                .filter(|at| !named.contains(at))
                .map(|at| match header.names[at].as_str() {
                    "" => Ok((at, Name::Fixed(String::new()))),
                    name => header.index(name).map(|_| (at, Name::Fixed(name.to_owned()))),
                })
                .collect::<Result<_, _>>()?,
            Signals::Wide(columns) => columns
                .iter()
                .map(|(column, signal)| Ok((header.index(column)?, Name::Fixed(signal.clone()))))
                .collect::<Result<_, String>>()?,
        };
        let (header, in_header) = (header.names.to_vec(), HashMap::new());
        Ok(Self { header, own, derived, time, offset, twin, unit, in_header, values })
    }

    /// Names the columns that are not used.
    pub(super) fn unused(&self, header: &[String]) -> Vec<String> {
        let mut used = self.time.columns();
        used.extend(self.twin.columns());
        used.extend(self.offset.into_iter().chain(self.unit));
        self.derived.columns(&mut used);
        for (column, name) in &self.values {
            used.push(*column);
            if let Name::In(column) = name {
                used.push(*column);
            }
        }
        unused(header, &used)
    }

    /// Checks the units that the headers of columns state, as `temp [°C]`; other texts in brackets are part of a
    /// name. A column with many signals is checked row by row.
    pub(super) fn check_header<K: Known>(&mut self, measures: &mut Measures<K>) -> Result<(), String> {
        // The unit of a computed column is the mapping's affair.
        for (column, signal) in self.values.iter().filter(|(column, _)| *column < self.own) {
            let name = self.header[*column].as_str();
            let Some(unit) = stated(name, |text| measures.is_unit(text)) else { continue };
            self.in_header.insert(*column, unit.to_owned());
            if let Name::Fixed(signal) = signal
                && !signal.is_empty()
            {
                measures.check(signal, Some(name), unit, 0).map_err(|message| {
                    format!("column {} \"{name}\": {message}; if that is no unit, rename it there, or name all columns by header and skip the file's own with skip-lines", column + 1)
                })?;
            }
        }
        Ok(())
    }

    /// Checks the units of the columns, as a line below the header states them.
    pub(super) fn check_units<K: Known>(
        &self,
        units: Option<&csv::StringRecord>,
        measures: &mut Measures<K>,
    ) -> Result<(), String> {
        let Some(units) = units else { return Err("no line below the header states units".to_owned()) };
        // The unit of a computed column is the mapping's affair.
        for (column, signal) in self.values.iter().filter(|(column, _)| *column < self.own) {
            let unit = units.get(*column).unwrap_or("").trim();
            let unit = unit.trim_start_matches(['[', '(']).trim_end_matches([']', ')']);
            if let Name::Fixed(signal) = signal
                && !signal.is_empty()
            {
                let unit = if unit == "-" { "" } else { unit };
                if unit.is_empty() && self.in_header.contains_key(column) {
                    continue;
                }
                measures.check(signal, Some(self.name(Some(*column))), unit, 0).map_err(|message| {
                    format!("column {} \"{}\": {message}", column + 1, self.name(Some(*column)))
                })?;
            }
        }
        Ok(())
    }

    /// Returns whether the cells of a line are units where values should be.
    pub(super) fn are_units<K: Known>(&self, record: &csv::StringRecord, measures: &Measures<K>) -> bool {
        let cells = self.values.iter().filter_map(|(column, _)| record.get(*column));
        let cells = cells.map(|cell| cell.trim().trim_start_matches(['[', '(']).trim_end_matches([']', ')']));
        let mut stated = cells.filter(|cell| !cell.is_empty() && *cell != "-").peekable();
        stated.peek().is_some() && stated.all(|cell| cell.parse::<f64>().is_err() && measures.is_unit(cell))
    }

    /// Returns the unit of a row's values, where a column states it; empty where its cell states none.
    pub(super) fn unit<'r>(&self, record: &'r csv::StringRecord) -> Option<&'r str> {
        record.get(self.unit?).map(str::trim).map(|unit| if unit == "-" { "" } else { unit })
    }

    /// Returns whether a column names the signals.
    pub(super) fn is_long(&self) -> bool {
        matches!(self.values.first(), Some((_, Name::In(_))))
    }

    /// Adds the derived columns to a row, and notes those that cannot be made.
    pub(super) fn extend(
        &self,
        record: &mut csv::StringRecord,
        (line, number): (u64, u64),
        dialect: &Dialect,
        report: &mut Report,
    ) {
        self.derived.extend(record, (line, number), dialect, &mut |column, message| {
            report.refuse(line, self.name(column), message);
        });
    }

    fn name(&self, column: Option<usize>) -> &str {
        column.and_then(|column| self.header.get(column)).map_or("", String::as_str)
    }

    /// Reads when a row was, and of which twin; what is wrong is noted.
    pub(super) fn when<'r>(
        &'r self,
        record: &'r csv::StringRecord,
        (line, number): (u64, u64),
        layout: &'r Layout,
        report: &mut Report,
    ) -> Option<When<'r>> {
        let dialect = &layout.dialect;
        let row = Row { line, number, record, empty: &dialect.empty };
        let time = match self.text(&self.time, &row, false, dialect) {
            Ok(time) => time,
            Err((column, reason)) => {
                let reason = reason.unwrap_or_else(|| "is empty, but states when".to_owned());
                report.refuse(line, self.name(Some(column)), reason);
                return None;
            }
        };
        let twin = match self.text(&self.twin, &row, true, dialect) {
            Ok(twin) => twin,
            Err((column, reason)) => {
                let reason = reason.unwrap_or_else(|| "no twin is named".to_owned());
                report.refuse(line, self.name(Some(column)), reason);
                return None;
            }
        };
        let offset = self.offset.and_then(|column| row.cell(column));
        match shown(&time, offset, layout) {
            Ok(shown) => Some(When { time, shown, twin }),
            Err(reason) => {
                // A time that can be read has an offset that is wrong.
                let of_offset = self.offset.filter(|_| offset.is_some() && layout.dialect.wall.reads(&time));
                let column = of_offset.or_else(|| self.time.columns().first().copied());
                report.refuse(line, self.name(column), reason);
                None
            }
        }
    }

    /// Returns a text of a row; where it has none, the column and what is wrong there, nothing where it is empty.
    fn text<'r>(
        &self,
        text: &'r Text,
        row: &Row<'r>,
        is_name: bool,
        dialect: &Dialect,
    ) -> Result<Cow<'r, str>, (usize, Option<String>)> {
        let spoilt = text.columns().into_iter().find_map(|at| Some((at, row.spoilt(at, is_name, dialect)?)));
        if let Some((column, reason)) = spoilt {
            return Err((column, Some(reason)));
        }
        match text {
            Text::Fixed(text) => Ok(Cow::Borrowed(text.as_str())),
            Text::Column(column) => row.cell(*column).map(Cow::Borrowed).ok_or((*column, None)),
            Text::Made(template) => {
                let made = if is_name { template.fill(row) } else { template.text(row) };
                made.map(Cow::Owned).map_err(|unfilled| (unfilled.column(), unfilled.reason()))
            }
        }
    }

    /// Hands out the values of a row by signal, with the name of a column that holds no other and the unit in its header; gaps are counted, and cells that are refused, here or there, noted.
    pub(super) fn values(
        &self,
        record: &csv::StringRecord,
        line: u64,
        dialect: &Dialect,
        report: &mut Report,
        mut each: impl FnMut(&str, Option<&str>, Option<&str>, f64) -> Result<(), String>,
    ) {
        let cell = |at: usize| unwrapped(record.get(at).unwrap_or(""));
        for (column, signal) in &self.values {
            let (signal, named_in) = match signal {
                Name::Fixed(name) => (name.as_str(), *column),
                Name::In(at) => (cell(*at), *at),
            };
            match number(cell(*column), dialect) {
                Ok(None) => report.gaps += u64::from(!signal.is_empty()),
                Ok(Some(_)) if signal.is_empty() => {
                    report.refuse(line, self.name(Some(named_in)), "no signal is named".to_owned());
                }
                Ok(Some(value)) => {
                    let own = (*column == named_in).then(|| self.name(Some(*column)));
                    let in_header = self.in_header.get(column).map(String::as_str);
                    if let Err(reason) = each(signal, own, in_header, value) {
                        report.refuse(line, self.name(self.unit.or(Some(*column))), reason);
                    }
                }
                Err(reason) => report.refuse(line, self.name(Some(*column)), reason),
            }
        }
    }
}

fn shown(text: &str, offset: Option<&str>, layout: &Layout) -> Result<Shown, String> {
    let shown = match &layout.clock {
        Clock::Count { epoch, step_ns } => {
            Shown::Once(count::instant(text, *epoch, *step_ns, layout.dialect.marks)?)
        }
        Clock::Instant => {
            layout.dialect.wall.shown(text, offset).map_err(|reason| reason + &count::hint(text))?
        }
    };
    let (first, last) = match shown {
        Shown::Once(at) => (at, at),
        Shown::Twice(earlier, later) => (earlier, later),
    };
    if STORABLE.contains(&first.nanos()) && STORABLE.contains(&last.nanos()) {
        Ok(shown)
    } else {
        Err(format!("{text} lies outside 1970 to 2262"))
    }
}

/// Reads a value; `None` where the cell is a gap.
fn number(cell: &str, dialect: &Dialect) -> Result<Option<f64>, String> {
    if cell.is_empty() || dialect.empty.iter().any(|text| text == cell) {
        return Ok(None);
    }
    let value = match dialect.marks.float(cell) {
        Ok(value) => value,
        Err(_) if GAPS.iter().any(|gap| gap.eq_ignore_ascii_case(cell)) => return Ok(None),
        // As in line protocol; InfluxDB and pandas export booleans so.
        Err(_) if cell.eq_ignore_ascii_case("true") => return Ok(Some(1.0)),
        Err(_) if cell.eq_ignore_ascii_case("false") => return Ok(Some(0.0)),
        Err(reason) => return Err(spoilt::error_value(cell).unwrap_or(reason)),
    };
    if dialect.marks.plain(cell).is_ok_and(|plain| loses_digits(&plain, value)) {
        return Err(format!(
            "\"{cell}\" has more digits than a sample keeps (whole numbers up to 9007199254740992)"
        ));
    }
    Ok(Some(value))
}
