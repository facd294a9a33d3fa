//! Readings from a CSV file: wide (a column per signal) or long (a column that names the signal, one with its value).
//!
//! An empty cell is a gap, never a zero. A cell that is no number is refused with its line and column; the other cells of
//! its row are kept.

use super::blanks::Blanks;
use super::table::row::{Header, Row};
use super::table::template::Template;
use crate::model::instant::{self, Instant};
use crate::model::period::Zone;
use std::borrow::Cow;
use std::io::Read;
use std::ops::Range;

/// Instants in nanoseconds that can be stored: 1970 to 2262-01-01.
const STORABLE: Range<i64> = 0..9_214_646_400_000_000_000;

/// How the columns are to be understood.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The names of the columns of a file that has no header; empty: its first line names them.
    pub header: Vec<String>,
    /// The column that holds the time.
    pub time: String,
    /// How the time is told.
    pub clock: Clock,
    /// The column that names the twin, or a name with columns in braces such as `engine/{unit}`.
    pub twin: String,
    /// Which columns hold values.
    pub signals: Signals,
    /// What stands between columns; a blank stands for as many as it takes to align them.
    pub delimiter: u8,
}

/// How the time of a reading is told.
#[derive(Clone, Debug)]
pub enum Clock {
    /// As an instant; without an offset, in this zone, and refused where there is none.
    Instant(Option<Zone>),
    /// As a running number of steps (cycles, hours of operation) since an instant.
    Count {
        /// When the number is 0.
        epoch: Instant,
        /// How long a step lasts, in nanoseconds.
        step_ns: i64,
    },
}

/// Where signals and values stand.
#[derive(Clone, Debug)]
pub enum Signals {
    /// A column per signal: (column, signal); all columns but time and twin where empty.
    Wide(Vec<(String, String)>),
    /// One column names the signal, another holds its value.
    Long {
        /// The column with the signal's name.
        signal: String,
        /// The column with the value.
        value: String,
    },
}

/// One reading.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading<'a> {
    /// When.
    pub at: Instant,
    /// Of which twin.
    pub twin: &'a str,
    /// Of which signal.
    pub signal: &'a str,
    /// How much.
    pub value: f64,
    /// The line in the file, from 1.
    pub line: u64,
}

/// A cell that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The line in the file, from 1.
    pub line: u64,
    /// The column's name.
    pub column: String,
    /// What is wrong with the cell.
    pub reason: String,
}

/// Why a file is no table of readings.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A column that the layout names is not there.
    #[error("{file}: there is no column \"{column}\"; the columns are {columns}")]
    NoColumn {
        /// The file.
        file: String,
        /// The missing column.
        column: String,
        /// The columns that there are.
        columns: String,
    },
    /// The names given do not fit the file.
    #[error("{file}: the first line has {cells} cells, but {names} columns are named")]
    Header {
        /// The file.
        file: String,
        /// How many cells it has.
        cells: usize,
        /// How many columns are named.
        names: usize,
    },
    /// The name of the twin cannot be made from the columns.
    #[error("the name of the twin: {0}")]
    Twin(String),
    /// The file cannot be read as CSV.
    #[error("{file}: {source}")]
    Csv {
        /// The file.
        file: String,
        /// Where and what.
        source: csv::Error,
    },
    /// The file could not be read to its end.
    #[error("{source}; {stored} samples before that are stored")]
    Partly {
        /// How many samples are stored.
        stored: u64,
        /// Why.
        source: Box<Self>,
    },
}

/// Reads a table and hands out its readings row by row; returns the cells that were refused.
pub fn read(
    csv: impl Read,
    file: &str,
    layout: &Layout,
    mut each: impl FnMut(Reading<'_>),
) -> Result<Vec<Refused>, Error> {
    let failed = |source| Error::Csv { file: file.to_owned(), source };
    let text: Box<dyn Read + '_> =
        if layout.delimiter == b' ' { Box::new(Blanks::new(csv)) } else { Box::new(csv) };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(layout.delimiter)
        .has_headers(layout.header.is_empty())
        .trim(csv::Trim::All)
        .from_reader(text);
    let given = csv::StringRecord::from(layout.header.clone());
    let header = if given.is_empty() { reader.headers().map_err(failed)?.clone() } else { given };
    let columns = Columns::find(&header, layout, file)?;
    let mut refused = Vec::new();
    let mut row = csv::StringRecord::new();
    while reader.read_record(&mut row).map_err(failed)? {
        if row.len() != header.len() {
            return Err(Error::Header { file: file.to_owned(), cells: row.len(), names: header.len() });
        }
        columns.readings(&row, layout, &header, &mut refused, &mut each);
    }
    Ok(refused)
}

enum Name {
    Fixed(String),
    In(usize),
}

struct Columns {
    time: usize,
    twin: Twin,
    values: Vec<(usize, Name)>,
}

/// What names the twin of a row.
enum Twin {
    Column(usize),
    Template(Template),
}

impl Twin {
    /// Returns the name in a row; where it has none, the column that is empty.
    fn name<'a>(&self, row: &Row<'a>) -> Result<Cow<'a, str>, usize> {
        match self {
            Self::Column(column) => row.cell(*column).map(Cow::Borrowed).ok_or(*column),
            Self::Template(template) => template.fill(row).map(Cow::Owned),
        }
    }

    fn columns(&self) -> Vec<usize> {
        match self {
            Self::Column(column) => vec![*column],
            Self::Template(template) => template.columns().collect(),
        }
    }
}

impl Columns {
    fn find(header: &csv::StringRecord, layout: &Layout, file: &str) -> Result<Self, Error> {
        let find = |name: &str| {
            header.iter().position(|column| column.trim_start_matches('\u{feff}') == name).ok_or_else(|| {
                let columns = header.iter().collect::<Vec<_>>().join(", ");
                Error::NoColumn { file: file.to_owned(), column: name.to_owned(), columns }
            })
        };
        let time = find(&layout.time)?;
        let twin = if layout.twin.contains(['{', '}']) {
            let names: Vec<String> = header.iter().map(str::to_owned).collect();
            let template = Template::parse(&layout.twin, &Header { names: &names, table: file });
            Twin::Template(template.map_err(Error::Twin)?)
        } else {
            Twin::Column(find(&layout.twin)?)
        };
        let named = twin.columns();
        let values = match &layout.signals {
            Signals::Long { signal, value } => vec![(find(value)?, Name::In(find(signal)?))],
            Signals::Wide(columns) if columns.is_empty() => (0..header.len())
                .filter(|at| *at != time && !named.contains(at))
                .map(|at| (at, Name::Fixed(header[at].to_owned())))
                .collect(),
            Signals::Wide(columns) => columns
                .iter()
                .map(|(column, signal)| Ok((find(column)?, Name::Fixed(signal.clone()))))
                .collect::<Result<_, Error>>()?,
        };
        Ok(Self { time, twin, values })
    }

    /// Hands out the readings of a row, and notes the cells that are refused.
    fn readings(
        &self,
        record: &csv::StringRecord,
        layout: &Layout,
        header: &csv::StringRecord,
        refused: &mut Vec<Refused>,
        each: &mut impl FnMut(Reading<'_>),
    ) {
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |at: usize| record.get(at).unwrap_or("");
        let mut refuse = |at: usize, reason: String| {
            refused.push(Refused { line, column: header.get(at).unwrap_or("").to_owned(), reason });
        };
        let at = match instant(cell(self.time), &layout.clock) {
            Ok(at) => at,
            Err(reason) => return refuse(self.time, reason),
        };
        let twin = match self.twin.name(&Row { line, record, empty: &[] }) {
            Ok(twin) => twin,
            Err(column) => return refuse(column, "no twin is named".to_owned()),
        };
        for (column, signal) in &self.values {
            let (signal, named_in) = match signal {
                Name::Fixed(name) => (name.as_str(), *column),
                Name::In(at) => (cell(*at), *at),
            };
            match number(cell(*column)) {
                Ok(Some(_)) if signal.is_empty() => refuse(named_in, "no signal is named".to_owned()),
                Ok(Some(value)) => each(Reading { at, twin: &twin, signal, value, line }),
                Ok(None) => {}
                Err(reason) => refuse(*column, reason),
            }
        }
    }
}

fn instant(text: &str, clock: &Clock) -> Result<Instant, String> {
    let instant = match (clock, text.parse()) {
        (Clock::Count { epoch, step_ns }, _) => return counted(text, *epoch, *step_ns),
        (Clock::Instant(Some(zone)), Err(instant::Error::NoOffset(_))) => zone.instant(text),
        (Clock::Instant(_), read) => read,
    };
    storable(instant.map_err(|error| error.to_string())?, text)
}

/// Returns the instant of a running number; parts of a step count too.
fn counted(text: &str, epoch: Instant, step_ns: i64) -> Result<Instant, String> {
    let since = match (text.parse::<i64>(), text.parse::<f64>()) {
        (Ok(steps), _) => steps.checked_mul(step_ns),
        (Err(_), Ok(steps)) if steps.is_finite() => {
            let nanos = (steps * step_ns as f64).round();
            (nanos.abs() < i64::MAX as f64).then_some(nanos as i64)
        }
        _ => return Err(format!("\"{text}\" is not a number of steps")),
    };
    let nanos = since.and_then(|since| epoch.nanos().checked_add(since)).unwrap_or(i64::MAX);
    storable(Instant::from_nanos(nanos), text)
}

fn storable(instant: Instant, text: &str) -> Result<Instant, String> {
    if STORABLE.contains(&instant.nanos()) {
        Ok(instant)
    } else {
        Err(format!("{text} lies outside 1970 to 2262"))
    }
}

fn number(cell: &str) -> Result<Option<f64>, String> {
    if cell.is_empty() {
        return Ok(None);
    }
    match cell.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Some(value)),
        Ok(_) => Err(format!("\"{cell}\" is not a finite number")),
        Err(_) => Err(format!("\"{cell}\" is not a number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(signals: Signals, zone: Option<&str>) -> Layout {
        let zone = zone.map(|zone| zone.parse().expect("a zone"));
        let (time, twin, header) = ("t".to_owned(), "unit".to_owned(), Vec::new());
        Layout { header, time, clock: Clock::Instant(zone), twin, signals, delimiter: b',' }
    }

    fn check(csv: &str, layout: &Layout, expect: &[&str]) {
        let mut seen = Vec::new();
        let refused = read(csv.as_bytes(), "f.csv", layout, |reading| {
            seen.push(format!("{} {} {} {}", reading.at, reading.twin, reading.signal, reading.value));
        });
        match refused {
            Ok(refused) => {
                seen.extend(refused.iter().map(|r| format!("{} {}: {}", r.line, r.column, r.reason)));
            }
            Err(error) => seen.push(error.to_string()),
        }
        assert_eq!(seen, expect);
    }

    #[test]
    fn reads_running_numbers_of_columns_without_names() {
        let counted = Layout {
            header: ["unit", "t", "temp"].map(str::to_owned).to_vec(),
            time: "t".to_owned(),
            clock: Clock::Count { epoch: Instant::from_seconds(946_684_800), step_ns: 3_600_000_000_000 },
            twin: "engine/{unit}".to_owned(),
            signals: Signals::Wide(Vec::new()),
            delimiter: b' ',
        };
        check(
            "1  1 -0.5  \n1 1.5 20\n 2 x 7\n2 9999999 7\n",
            &counted,
            &[
                "2000-01-01T01:00:00Z engine/1 temp -0.5",
                "2000-01-01T01:30:00Z engine/1 temp 20",
                "3 t: \"x\" is not a number of steps",
                "4 t: 9999999 lies outside 1970 to 2262",
            ],
        );
        check("1 1\n", &counted, &["f.csv: the first line has 2 cells, but 3 columns are named"]);
        let odd = Layout { twin: "engine/{motor}".to_owned(), ..counted };
        check(
            "1 1 2\n",
            &odd,
            &["the name of the twin: f.csv has no column \"motor\" (it has unit, t, temp)"],
        );
    }

    #[test]
    fn reads_wide_and_long_tables() {
        let wide = "t,unit,temp,flow\n2024-01-01T00:00:00+01:00,P-1,20.5,\n2024-01-01T00:00:00Z,P-1,x,3\n";
        check(
            wide,
            &layout(Signals::Wide(Vec::new()), None),
            &[
                "2023-12-31T23:00:00Z P-1 temp 20.5",
                "2024-01-01T00:00:00Z P-1 flow 3",
                "3 temp: \"x\" is not a number",
            ],
        );
        let long = "t,unit,s,v\n2024-07-01 08:00,P-1,temp,20.5\nsoon,P-1,temp,1\n2024-07-01 08:00,,temp,1\n";
        let signals = Signals::Long { signal: "s".to_owned(), value: "v".to_owned() };
        check(
            long,
            &layout(signals, Some("Europe/Paris")),
            &[
                "2024-07-01T06:00:00Z P-1 temp 20.5",
                "3 t: \"soon\" is not an instant such as 2024-05-01T08:00:00Z",
                "4 unit: no twin is named",
            ],
        );
        let odd = "t,unit,s,v\n1969-12-31T23:59:59Z,P-1,temp,1\n2262-01-01T00:00:00Z,P-1,temp,1\n2024-07-01T08:00:00Z,P-1,,1\n1970-01-01T00:00:00Z,P-1,,\n";
        let signals = Signals::Long { signal: "s".to_owned(), value: "v".to_owned() };
        check(
            odd,
            &layout(signals, None),
            &[
                "2 t: 1969-12-31T23:59:59Z lies outside 1970 to 2262",
                "3 t: 2262-01-01T00:00:00Z lies outside 1970 to 2262",
                "4 s: no signal is named",
            ],
        );
        let missing = layout(Signals::Wide(vec![("speed".to_owned(), "v".to_owned())]), None);
        check(
            "t,unit,temp\n",
            &missing,
            &["f.csv: there is no column \"speed\"; the columns are t, unit, temp"],
        );
    }
}
