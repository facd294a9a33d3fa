//! Results as InfluxDB 1.x writes them: JSON, and CSV.

use crate::model::time::instant::Instant;
use crate::model::time::period::Zone;
use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};
use serde_json::ser::PrettyFormatter;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

/// A value in a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// No value.
    Null,
    /// A number.
    Number(f64),
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(String),
    /// `true` or `false`.
    Bool(bool),
    /// An instant, in nanoseconds since 1970.
    Time(i64),
}

impl Cell {
    /// Returns the number, or null.
    pub fn number(value: Option<f64>) -> Self {
        value.map_or(Self::Null, Self::Number)
    }
}

/// Rows that belong together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// The measurement; empty: none.
    pub name: String,
    /// The tags that the rows are grouped by.
    pub tags: BTreeMap<String, String>,
    /// The names of the columns, which many series share.
    pub columns: Arc<[String]>,
    /// The rows.
    pub values: Vec<Vec<Cell>>,
}

/// What one statement gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatementResult {
    /// The series.
    pub series: Vec<Series>,
    /// What the reader is to know of the series.
    pub messages: Vec<String>,
    /// Why there are none.
    pub error: Option<String>,
    /// The zone in which times are written.
    pub zone: Option<Zone>,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Times are numbers of so many nanoseconds; `None`: RFC 3339.
    pub epoch: Option<i64>,
    /// Whether JSON is indented.
    pub pretty: bool,
}

/// Writes an error of a whole request as JSON.
pub fn error_json(message: &str, style: Style) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to memory does not fail.
    let _ = write_value(&serde_json::json!({ "error": message }), style, &mut bytes);
    bytes
}

/// Writes an error of a whole request as CSV.
pub fn error_csv(message: &str) -> Vec<u8> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let _ = table.write_record(["error"]).and_then(|()| table.write_record([message]));
    table.into_inner().unwrap_or_default()
}

/// Writes results as JSON.
pub fn write_json(results: &[StatementResult], style: Style, out: &mut impl Write) -> io::Result<()> {
    write_value(&Results(results, style), style, out)
}

fn write_value(value: &impl Serialize, style: Style, out: &mut impl Write) -> io::Result<()> {
    match style.pretty {
        true => {
            let indented = PrettyFormatter::with_indent(b"    ");
            value.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, indented))?;
        }
        false => serde_json::to_writer(&mut *out, value)?,
    }
    out.write_all(b"\n")
}

struct Results<'a>(&'a [StatementResult], Style);

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(1))?;
        let results: Vec<_> =
            self.0.iter().enumerate().map(|(id, result)| Numbered { id, result, style: self.1 }).collect();
        object.serialize_entry("results", &results)?;
        object.end()
    }
}

struct Numbered<'a> {
    id: usize,
    result: &'a StatementResult,
    style: Style,
}

impl Serialize for Numbered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("statement_id", &self.id)?;
        if !self.result.series.is_empty() {
            let times = Times { style: self.style, zone: self.result.zone.as_ref() };
            let series: Vec<_> = self.result.series.iter().map(|series| Timed(series, times)).collect();
            object.serialize_entry("series", &series)?;
        }
        if !self.result.messages.is_empty() {
            let message = |text| serde_json::json!({ "level": "warning", "text": text });
            object
                .serialize_entry("messages", &self.result.messages.iter().map(message).collect::<Vec<_>>())?;
        }
        if let Some(error) = &self.result.error {
            object.serialize_entry("error", error)?;
        }
        object.end()
    }
}

/// How times are written.
#[derive(Clone, Copy)]
struct Times<'a> {
    style: Style,
    zone: Option<&'a Zone>,
}

/// Something with times in it, and how these are written.
struct Timed<'a, T: ?Sized>(&'a T, Times<'a>);

impl Serialize for Timed<'_, Series> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(series, times) = *self;
        let mut object = serializer.serialize_map(None)?;
        if !series.name.is_empty() {
            object.serialize_entry("name", &series.name)?;
        }
        if !series.tags.is_empty() {
            object.serialize_entry("tags", &series.tags)?;
        }
        object.serialize_entry("columns", &*series.columns)?;
        if !series.values.is_empty() {
            object.serialize_entry("values", &Timed(series.values.as_slice(), times))?;
        }
        object.end()
    }
}

impl Serialize for Timed<'_, [Vec<Cell>]> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.0.len()))?;
        for row in self.0 {
            rows.serialize_element(&Timed(row.as_slice(), self.1))?;
        }
        rows.end()
    }
}

impl Serialize for Timed<'_, [Cell]> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_seq(Some(self.0.len()))?;
        for cell in self.0 {
            row.serialize_element(&Timed(cell, self.1))?;
        }
        row.end()
    }
}

/// Whole numbers up to here are written without a decimal point.
const WHOLE_MAX: f64 = 1e15;

impl Serialize for Timed<'_, Cell> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(cell, Times { style, zone }) = *self;
        match cell {
            Cell::Null => serializer.serialize_unit(),
            Cell::Number(number) if number.fract() == 0.0 && number.abs() < WHOLE_MAX => {
                serializer.serialize_i64(*number as i64)
            }
            Cell::Number(number) => serializer.serialize_f64(*number),
            Cell::Integer(number) => serializer.serialize_i64(*number),
            Cell::Text(text) => serializer.serialize_str(text),
            Cell::Bool(value) => serializer.serialize_bool(*value),
            Cell::Time(nanos) => match (style.epoch, zone) {
                (Some(unit), _) => serializer.serialize_i64(nanos / unit),
                (None, Some(zone)) => serializer.serialize_str(&zone.written(Instant::from_nanos(*nanos))),
                (None, None) => serializer.collect_str(&Instant::from_nanos(*nanos)),
            },
        }
    }
}

/// Writes results as CSV: times are always numbers of nanoseconds; a blank line is between tables of other columns. An error takes the place
/// of its statement's table.
pub fn write_csv(results: &[StatementResult], out: &mut impl Write) -> io::Result<()> {
    let mut is_first = true;
    for result in results {
        if let Some(error) = &result.error {
            separate(&mut is_first, out)?;
            out.write_all(&error_csv(error))?;
        }
        let mut columns: Option<&[String]> = None;
        for series in &result.series {
            if columns != Some(&*series.columns) {
                separate(&mut is_first, out)?;
                let head = ["name", "tags"].into_iter().chain(series.columns.iter().map(String::as_str));
                record(head, out)?;
                columns = Some(&series.columns);
            }
            let tags: Vec<String> = series
                .tags
                .iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(key, value)| format!("{}={}", escaped(key), escaped(value)))
                .collect();
            let tags = tags.join(",");
            for row in &series.values {
                let cells: Vec<String> = row.iter().map(plain).collect();
                let own = [series.name.as_str(), tags.as_str()].into_iter();
                record(own.chain(cells.iter().map(String::as_str)), out)?;
            }
        }
    }
    Ok(())
}

fn separate(is_first: &mut bool, out: &mut impl Write) -> io::Result<()> {
    if std::mem::take(is_first) { Ok(()) } else { out.write_all(b"\n") }
}

fn record<'a>(cells: impl Iterator<Item = &'a str>, out: &mut impl Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(cells)?;
    out.write_all(&table.into_inner().map_err(|error| io::Error::other(error.to_string()))?)
}

/// Returns a key or value of a tag as line protocol escapes it.
fn escaped(text: &str) -> String {
    text.replace(',', "\\,").replace('=', "\\=").replace(' ', "\\ ")
}

fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Number(number) => number.to_string(),
        Cell::Integer(number) | Cell::Time(number) => number.to_string(),
        Cell::Text(text) => text.clone(),
        Cell::Bool(value) => value.to_string(),
    }
}

/// Returns the key of a series as line protocol writes it: the measurement and its tags.
pub fn series_key(measurement: &str, tags: &BTreeMap<String, String>) -> String {
    let measurement = measurement.replace(',', "\\,").replace(' ', "\\ ");
    tags.iter().fold(measurement, |key, (name, value)| format!("{key},{}={}", escaped(name), escaped(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results() -> Vec<StatementResult> {
        let tags =
            BTreeMap::from([("host".to_owned(), "a b".to_owned()), ("site".to_owned(), String::new())]);
        let columns = ["time", "mean"].map(str::to_owned).into();
        let values = vec![
            vec![Cell::Time(1_500_000_000), Cell::Number(30.0)],
            vec![Cell::Time(0), Cell::Number(-0.25)],
            vec![Cell::Time(0), Cell::Null],
        ];
        let series = Series { name: "m".to_owned(), tags, columns, values };
        let refused = StatementResult { error: Some("no, \"x\"".to_owned()), ..StatementResult::default() };
        let messages = vec!["of P-1".to_owned()];
        vec![StatementResult { series: vec![series], messages, ..StatementResult::default() }, refused]
    }

    #[test]
    fn results_are_written_as_json() {
        let check = |style: Style, zone: Option<&str>, times: [&str; 2]| {
            let mut results = results();
            results[0].zone = zone.map(|zone| zone.parse().expect("a zone"));
            let mut bytes = Vec::new();
            write_json(&results, style, &mut bytes).expect("JSON");
            let expect = format!(
                "{{\"results\":[{{\"statement_id\":0,\"series\":[{{\"name\":\"m\",\"tags\":{{\"host\":\"a b\",\"site\":\"\"}},\
                 \"columns\":[\"time\",\"mean\"],\"values\":[[{0},30],[{1},-0.25],[{1},null]]}}],\
                 \"messages\":[{{\"level\":\"warning\",\"text\":\"of P-1\"}}]}},\
                 {{\"statement_id\":1,\"error\":\"no, \\\"x\\\"\"}}]}}\n",
                times[0], times[1]
            );
            assert_eq!(String::from_utf8(bytes).expect("text"), expect);
        };
        check(Style::default(), None, ["\"1970-01-01T00:00:01.5Z\"", "\"1970-01-01T00:00:00Z\""]);
        check(Style { epoch: Some(1_000_000), pretty: false }, Some("Europe/Berlin"), ["1500", "0"]);
        let berlin = ["\"1970-01-01T01:00:01.5+01:00\"", "\"1970-01-01T01:00:00+01:00\""];
        check(Style::default(), Some("Europe/Berlin"), berlin);
        check(Style::default(), Some("UTC"), ["\"1970-01-01T00:00:01.5Z\"", "\"1970-01-01T00:00:00Z\""]);
        let indented = error_json("no", Style { pretty: true, epoch: None });
        assert_eq!(indented, b"{\n    \"error\": \"no\"\n}\n");
    }

    #[test]
    fn results_are_written_as_csv() {
        let mut bytes = Vec::new();
        write_csv(&results(), &mut bytes).expect("CSV");
        let expect = "name,tags,time,mean\nm,host=a\\ b,1500000000,30\nm,host=a\\ b,0,-0.25\nm,host=a\\ b,0,\n\nerror\n\"no, \"\"x\"\"\"\n";
        assert_eq!(String::from_utf8(bytes).expect("text"), expect);
    }
}
