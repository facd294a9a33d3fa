//! The answer of a query as a table: RFC 4180 with a header, `,` between cells, CRLF after rows, UTF-8.
//!
//! The rows are the items of one list of the answer. A field of an item is a column, one of an object in it a column with a
//! dotted path (`asset.site`). A list of plain values is one cell, the values parted by `; `. A list of objects in an item makes a row
//! of each, with the item's own cells repeated; an item can have one such list. Cells are written as the answer has them:
//! null is an empty cell, numbers have a decimal point. What the answer has beside the list is in no row, and is reported.
//!
//! A workbook has the same cells: numbers that a spreadsheet keeps exactly are numbers, everything else is text.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};
use serde_json::{Map, Value};

/// A table, and what of the answer is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerTable {
    /// The CSV text.
    pub csv: Vec<u8>,
    /// How many rows there are, without the header.
    pub rows: usize,
    /// The paths of what is not in the table.
    pub omitted: Vec<String>,
}

/// Why an answer makes no table.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no list.
    #[error("the answer has no list, so there are no rows: ask for a list, such as items or buckets")]
    NoList,
    /// There are several lists.
    #[error("the answer has several lists, and a table is made of one: {}", .0.join(", "))]
    SeveralLists(Vec<String>),
    /// The path leads to no list.
    #[error("{path} is no list of the answer; its lists are: {}", .lists.join(", "))]
    NotAList {
        /// The path.
        path: String,
        /// The lists that there are.
        lists: Vec<String>,
    },
    /// An item has two lists of objects, whose items do not belong together.
    #[error("an item of the list has two lists, {0} and {1}: ask for one of them at a time")]
    TwoLists(String, String),
    /// The table cannot be written.
    #[error("the table cannot be written: {0}")]
    Csv(#[from] csv::Error),
    /// The workbook cannot be written.
    #[error("the workbook cannot be written: {0}")]
    Workbook(#[from] XlsxError),
}

/// A cell: its text, and whether that is a number.
#[derive(Clone, Debug, Default)]
struct Cell {
    text: String,
    is_number: bool,
}

/// A row under way: cells with their columns, in the order of the answer.
type Row = Vec<(String, Cell)>;

/// The columns of a table, its rows, and what of the answer is in neither.
struct Grid {
    columns: Vec<String>,
    rows: Vec<Row>,
    omitted: Vec<String>,
}

/// Makes a table of one list of an answer: of the one at `path`, or of the only one.
pub fn write(answer: &Value, path: Option<&str>) -> Result<AnswerTable, Error> {
    let Grid { columns, rows, omitted } = grid(answer, path)?;
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(&columns)?;
    for row in &rows {
        writer.write_record(
            columns.iter().map(|column| at(row, column).map_or("", |cell| cell.text.as_str())),
        )?;
    }
    let csv = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(AnswerTable { csv, rows: rows.len(), omitted })
}

/// Makes a workbook as [`write`] makes a table; returns its bytes and what of the answer is not in it.
pub fn write_workbook(answer: &Value, path: Option<&str>) -> Result<(Vec<u8>, Vec<String>), Error> {
    let Grid { columns, rows, omitted } = grid(answer, path)?;
    let mut workbook = Workbook::new();
    // The same answer gives the same bytes.
    let properties = DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?);
    workbook.set_properties(&properties);
    let sheet = workbook.add_worksheet();
    for (column, name) in (0..).zip(&columns) {
        sheet.write_string(0, column, name)?;
    }
    for (line, row) in (1..).zip(&rows) {
        for (column, name) in (0..).zip(&columns) {
            let Some(cell) = at(row, name) else { continue };
            match cell.text.parse::<f64>() {
                Ok(number) if cell.is_number && digits(&cell.text) <= DIGITS_MAX => {
                    sheet.write_number(line, column, number)?;
                }
                _ if cell.text.is_empty() => {}
                _ => _ = sheet.write_string(line, column, &cell.text)?,
            }
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok((workbook.save_to_buffer()?, omitted))
}

/// The digits of a number that a spreadsheet keeps.
const DIGITS_MAX: usize = 15;

fn digits(text: &str) -> usize {
    text.chars().take_while(|char| !matches!(char, 'e' | 'E')).filter(char::is_ascii_digit).count()
}

fn at<'a>(row: &'a Row, column: &str) -> Option<&'a Cell> {
    row.iter().find(|(name, _)| name == column).map(|(_, cell)| cell)
}

fn grid(answer: &Value, path: Option<&str>) -> Result<Grid, Error> {
    let (mut lists, mut plain) = (Vec::new(), Vec::new());
    outermost(answer, "", &mut lists, &mut plain);
    let names = || lists.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
    let (chosen, items) = match (path, lists.as_slice()) {
        (_, []) => return Err(Error::NoList),
        (None, [one]) => one,
        (None, _) => return Err(Error::SeveralLists(names())),
        (Some(path), _) => lists
            .iter()
            .find(|(name, _)| name == path)
            .ok_or_else(|| Error::NotAList { path: path.to_owned(), lists: names() })?,
    };
    let mut rows = Vec::new();
    for item in *items {
        rows.extend(rows_of(item)?);
    }
    plain.extend(names().into_iter().filter(|name| name != chosen));
    Ok(Grid { columns: columns(&rows), rows, omitted: plain })
}

/// Finds the outermost lists of objects by their paths, and the paths of what is in none.
fn outermost<'a>(
    value: &'a Value,
    path: &str,
    lists: &mut Vec<(String, &'a Vec<Value>)>,
    plain: &mut Vec<String>,
) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                outermost(value, &joined(path, name), lists, plain);
            }
        }
        Value::Array(items) => lists.push((path.to_owned(), items)),
        Value::Null => {}
        _ => plain.push(path.to_owned()),
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// Returns the rows that an item makes.
fn rows_of(item: &Value) -> Result<Vec<Row>, Error> {
    let (mut cells, mut list) = (Vec::new(), None);
    gather(item, "", &mut cells, &mut list)?;
    let Some((path, items)) = list.filter(|(_, items): &(String, &Vec<Value>)| !items.is_empty()) else {
        return Ok(vec![cells]);
    };
    let mut rows = Vec::new();
    for inner in items {
        for row in rows_of(inner)? {
            let inner = row.into_iter().map(|(name, cell)| (joined(&path, &name), cell));
            rows.push(cells.iter().cloned().chain(inner).collect());
        }
    }
    Ok(rows)
}

/// Gathers the cells of an item, and the list of objects in it.
fn gather<'a>(
    value: &'a Value,
    path: &str,
    cells: &mut Row,
    list: &mut Option<(String, &'a Vec<Value>)>,
) -> Result<(), Error> {
    match value {
        Value::Object(fields) => return gather_fields(fields, path, cells, list),
        Value::Array(items) if items.iter().any(Value::is_object) => {
            if let Some((other, _)) = list.replace((path.to_owned(), items)) {
                return Err(Error::TwoLists(other, path.to_owned()));
            }
        }
        plain => {
            let cell = Cell { text: text(plain), is_number: plain.is_number() };
            cells.push((if path.is_empty() { "value".to_owned() } else { path.to_owned() }, cell));
        }
    }
    Ok(())
}

fn gather_fields<'a>(
    fields: &'a Map<String, Value>,
    path: &str,
    cells: &mut Row,
    list: &mut Option<(String, &'a Vec<Value>)>,
) -> Result<(), Error> {
    fields.iter().try_for_each(|(name, value)| gather(value, &joined(path, name), cells, list))
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    }
}

/// Returns the columns of all rows, each after the one that it follows in a row; of an object that is null in some rows only
/// its fields are columns.
fn columns(rows: &[Row]) -> Vec<String> {
    let mut columns: Vec<String> = Vec::new();
    for row in rows {
        let mut after = 0;
        for (name, _) in row {
            after = match columns.iter().position(|column| column == name) {
                Some(at) => at + 1,
                None => {
                    columns.insert(after, name.clone());
                    after + 1
                }
            };
        }
    }
    let is_object = |name: &String| {
        columns
            .iter()
            .any(|other| other.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.')))
    };
    let objects: Vec<String> = columns.iter().filter(|name| is_object(name)).cloned().collect();
    columns.retain(|column| !objects.contains(column));
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(answer: &Value, path: Option<&str>, csv: &str, omitted: &[&str]) {
        let table = write(answer, path).expect("a table");
        assert_eq!(String::from_utf8(table.csv).expect("UTF-8"), csv.replace('\n', "\r\n"));
        assert_eq!(table.omitted, omitted);
    }

    #[test]
    fn items_are_rows_and_nested_fields_are_columns() {
        check(
            &json!({ "thread": { "parts": { "totalCount": 2, "nodes": [
                { "id": "P-1", "made": { "site": "Bergen, NO", "at": null }, "hours": 1.5, "tags": ["a", "b"], "ok": true },
                { "id": "P\"2", "made": null, "hours": null, "tags": [], "ok": false },
            ] } } }),
            None,
            "id,made.site,made.at,hours,tags,ok\nP-1,\"Bergen, NO\",,1.5,a; b,true\n\"P\"\"2\",,,,,false\n",
            &["thread.parts.totalCount"],
        );
    }

    #[test]
    fn a_workbook_reads_back_as_the_table() {
        let answer = json!({ "units": [{ "serial": "00471", "hours": 1.5, "lot": "=1+1" }, { "serial": "9", "hours": null, "lot": null }] });
        let (bytes, omitted) = write_workbook(&answer, None).expect("a workbook");
        assert_eq!(omitted, Vec::<String>::new());
        assert_eq!(write_workbook(&answer, None).expect("a workbook").0, bytes);
        let text =
            crate::exchange::table::workbook::read(&bytes, &Default::default(), 1_000_000).expect("a sheet");
        assert_eq!(
            String::from_utf8(text.csv).expect("UTF-8"),
            "serial,hours,lot\r\n00471,1.5,=1+1\r\n9,,\r\n"
        );
    }

    #[test]
    fn a_list_in_an_item_makes_a_row_of_each() {
        check(
            &json!({ "groups": [
                { "key": "A", "usage": { "unit": "°C", "buckets": [{ "from": "1", "mean": 2 }, { "from": "2", "mean": 3 }] } },
                { "key": "B", "usage": { "unit": "°C", "buckets": [] } },
            ] }),
            None,
            "key,usage.unit,usage.buckets.from,usage.buckets.mean\nA,°C,1,2\nA,°C,2,3\nB,°C,,\n",
            &[],
        );
    }

    #[test]
    fn a_column_that_a_later_row_brings_is_where_that_row_has_it() {
        check(
            &json!({ "a": [{ "x": null, "z": 1 }, { "x": { "y": 2 }, "z": 3 }] }),
            None,
            "x.y,z\n,1\n2,3\n",
            &[],
        );
    }

    #[test]
    fn one_list_is_chosen_by_its_path() {
        let two = json!({ "a": [{ "x": 1 }], "b": { "c": ["t"] } });
        check(&two, Some("a"), "x\n1\n", &["b.c"]);
        check(&two, Some("b.c"), "value\nt\n", &["a"]);
        let refuse = |answer: &Value, path, message: &str| {
            let error = write(answer, path).expect_err("no table").to_string();
            assert!(error.contains(message), "{error}");
        };
        refuse(&two, None, "several lists, and a table is made of one: a, b.c");
        refuse(&two, Some("b"), "b is no list of the answer; its lists are: a, b.c");
        refuse(&json!({ "a": 1 }), None, "no list");
        refuse(&json!({ "a": [{ "x": [{}], "y": [{}] }] }), None, "two lists, x and y");
    }
}
