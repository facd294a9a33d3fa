//! Readings from a CSV file: wide (a column per signal) or long (a column that names the signal, one with its value).
//!
//! An empty cell is a gap, never a zero. A cell that is no number is refused with its line and column; the other cells of
//! its row are kept.

use crate::model::instant::Instant;
use crate::model::period::Zone;
use std::io::Read;
use std::ops::Range;

/// Instants in nanoseconds that can be stored: 1970 to 2262-01-01.
const STORABLE: Range<i64> = 0..9_214_646_400_000_000_000;

/// How the columns are to be understood.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The column that holds the time.
    pub time: String,
    /// The column that names the twin.
    pub twin: String,
    /// Which columns hold values.
    pub signals: Signals,
    /// The zone of times that have no offset; without it they are refused.
    pub zone: Option<Zone>,
    /// What stands between columns.
    pub delimiter: u8,
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
    let mut reader =
        csv::ReaderBuilder::new().delimiter(layout.delimiter).trim(csv::Trim::All).from_reader(csv);
    let header = reader.headers().map_err(failed)?.clone();
    let columns = Columns::find(&header, layout, file)?;
    let mut refused = Vec::new();
    let mut row = csv::StringRecord::new();
    while reader.read_record(&mut row).map_err(failed)? {
        let line = row.position().map_or(0, csv::Position::line);
        let cell = |at: usize| row.get(at).unwrap_or("");
        let mut refuse = |at: usize, reason: String| {
            refused.push(Refused { line, column: header.get(at).unwrap_or("").to_owned(), reason });
        };
        let at = match instant(cell(columns.time), layout.zone.as_ref()) {
            Ok(at) => at,
            Err(reason) => {
                refuse(columns.time, reason);
                continue;
            }
        };
        if cell(columns.twin).is_empty() {
            refuse(columns.twin, "no twin is named".to_owned());
            continue;
        }
        for (column, signal) in &columns.values {
            let (signal, named_in) = match signal {
                Name::Fixed(name) => (name.as_str(), *column),
                Name::In(at) => (cell(*at), *at),
            };
            match number(cell(*column)) {
                Ok(Some(_)) if signal.is_empty() => refuse(named_in, "no signal is named".to_owned()),
                Ok(Some(value)) => each(Reading { at, twin: cell(columns.twin), signal, value, line }),
                Ok(None) => {}
                Err(reason) => refuse(*column, reason),
            }
        }
    }
    Ok(refused)
}

enum Name {
    Fixed(String),
    In(usize),
}

struct Columns {
    time: usize,
    twin: usize,
    values: Vec<(usize, Name)>,
}

impl Columns {
    fn find(header: &csv::StringRecord, layout: &Layout, file: &str) -> Result<Self, Error> {
        let find = |name: &str| {
            header.iter().position(|column| column.trim_start_matches('\u{feff}') == name).ok_or_else(|| {
                let columns = header.iter().collect::<Vec<_>>().join(", ");
                Error::NoColumn { file: file.to_owned(), column: name.to_owned(), columns }
            })
        };
        let (time, twin) = (find(&layout.time)?, find(&layout.twin)?);
        let values = match &layout.signals {
            Signals::Long { signal, value } => vec![(find(value)?, Name::In(find(signal)?))],
            Signals::Wide(columns) if columns.is_empty() => (0..header.len())
                .filter(|at| *at != time && *at != twin)
                .map(|at| (at, Name::Fixed(header[at].to_owned())))
                .collect(),
            Signals::Wide(columns) => columns
                .iter()
                .map(|(column, signal)| Ok((find(column)?, Name::Fixed(signal.clone()))))
                .collect::<Result<_, Error>>()?,
        };
        Ok(Self { time, twin, values })
    }
}

fn instant(text: &str, zone: Option<&Zone>) -> Result<Instant, String> {
    let instant = match (text.parse(), zone) {
        (Err(crate::model::instant::Error::NoOffset(_)), Some(zone)) => zone.instant(text),
        (read, _) => read,
    };
    let instant = instant.map_err(|error| error.to_string())?;
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
        Layout { time: "t".to_owned(), twin: "unit".to_owned(), signals, zone, delimiter: b',' }
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
