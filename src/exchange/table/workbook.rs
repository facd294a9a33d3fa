//! A sheet of a workbook (.xlsx, .xlsm) as the CSV text that a mapping reads.
//!
//! A row of the sheet is a line of the text, so errors name the row. Numbers and dates are those that the cells hold, however they are
//! shown; merged cells have the value of the first in each. A formula without a value is an error value, which is refused
//! where the cell is used.

use crate::exchange::archive;
use calamine::{Data, Dimensions, Reader as _, SheetVisible, Xlsx, XlsxError, open_workbook_from_rs};
use std::collections::HashMap;
use std::io::Cursor;

type Workbook<'a> = Xlsx<Cursor<&'a [u8]>>;

/// How the text is written.
#[derive(Clone, Debug, Default)]
pub struct Writing {
    /// The sheet; absent: the only one with content.
    pub sheet: Option<String>,
    /// The delimiter.
    pub delimiter: Option<char>,
    /// The decimal mark.
    pub decimal: Option<char>,
    /// How times are written; absent: ISO 8601.
    pub format: Option<String>,
}

/// A sheet as CSV.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SheetText {
    /// The text, in UTF-8.
    pub csv: Vec<u8>,
    /// What of the sheet is not in it.
    pub notices: Vec<String>,
}

/// Returns whether bytes begin as a workbook does, of today or of old.
pub fn is_workbook(bytes: &[u8]) -> bool {
    archive::is_archive(bytes) || bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0])
}

/// Cells of a sheet, at most.
const CELLS_MAX: u64 = 5_000_000;
/// Merged stretches of a sheet, at most.
const MERGED_MAX: usize = 2000;
/// The cells that a notice names.
const NAMED_MAX: usize = 5;

/// Reads a sheet; the error states what would be right.
pub fn read(bytes: &[u8], writing: &Writing, bytes_max: u64) -> Result<SheetText, String> {
    let mut text = SheetText::default();
    if !archive::is_archive(bytes) {
        let is_protected = contains_wide(bytes, "EncryptedPackage");
        let reason = if is_protected {
            "protected by a password; save it without one"
        } else {
            "of the old format .xls; save it as .xlsx"
        };
        return Err(format!("the workbook is {reason}"));
    }
    let names = archive::measure(bytes, bytes_max)?;
    if names.iter().any(|name| name.ends_with("vbaProject.bin")) {
        text.notices.push("the workbook has macros, which are not run".to_owned());
    }
    let workbook: Result<Workbook<'_>, XlsxError> = open_workbook_from_rs(Cursor::new(bytes));
    let mut workbook = workbook.map_err(|error| format!("no .xlsx workbook that can be read: {error}"))?;
    let name = choose(&mut workbook, writing.sheet.as_deref())?;
    let failed = |error: XlsxError| format!("sheet \"{name}\": {error}");
    let (cells, formulas) = cells(&mut workbook, &name).map_err(failed)?;
    let merged = workbook.merge_cells_by_sheet_name(&name).map_err(failed)?;
    if merged.len() > MERGED_MAX {
        return Err(format!(
            "sheet \"{name}\" has {} merged stretches of cells, more than {MERGED_MAX}",
            merged.len()
        ));
    }
    let rows = cells.keys().map(|at| at.0 + 1).max().ok_or_else(|| format!("sheet \"{name}\" is empty"))?;
    let columns = cells.keys().map(|at| at.1 + 1).max().unwrap_or(0);
    if u64::from(rows) * u64::from(columns) > CELLS_MAX {
        return Err(format!(
            "sheet \"{name}\" reaches to row {rows} and column {columns}, more than {CELLS_MAX} cells"
        ));
    }
    let mut without = Vec::new();
    let mut writer = csv::WriterBuilder::new()
        .delimiter(writing.delimiter.and_then(|own| u8::try_from(own).ok()).unwrap_or(b','))
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in 0..rows {
        let mut record = Vec::new();
        for column in 0..columns {
            let at = first(&merged, (row, column));
            let value = cells.get(&at).unwrap_or(&Data::Empty);
            if matches!(value, Data::Empty) && formulas.contains_key(&at) {
                without.push(address(at));
                record.push("#VALUE!".to_owned());
            } else {
                record.push(shown(value, writing));
            }
        }
        writer.write_record(&record).map_err(|error| error.to_string())?;
    }
    text.csv = writer.into_inner().map_err(|error| error.to_string())?;
    if !without.is_empty() {
        let more = without.len().saturating_sub(NAMED_MAX);
        let named = without.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(", ");
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        text.notices.push(format!(
            "sheet \"{name}\": formulas without a value in {named}{more}; open and save the workbook with a spreadsheet program"
        ));
    }
    Ok(text)
}

/// Cells by row and column, from 0.
type Cells<T> = HashMap<(u32, u32), T>;

/// Reads what has a value, and the formulas. Nothing is as large as the sheet claims to be.
fn cells(workbook: &mut Workbook<'_>, name: &str) -> Result<(Cells<Data>, Cells<()>), XlsxError> {
    let (mut cells, mut formulas) = (Cells::new(), Cells::new());
    {
        let mut reader = workbook.worksheet_cells_reader(name)?;
        while let Some(cell) = reader.next_cell()? {
            let value = Data::from(cell.get_value().clone());
            if !matches!(value, Data::Empty) {
                cells.insert(cell.get_position(), value);
            }
        }
    }
    let mut reader = workbook.worksheet_cells_reader(name)?;
    while let Some(cell) = reader.next_formula()? {
        if !cell.get_value().is_empty() {
            formulas.insert(cell.get_position(), ());
        }
    }
    Ok((cells, formulas))
}

fn choose(workbook: &mut Workbook<'_>, wanted: Option<&str>) -> Result<String, String> {
    let visible = workbook.sheets_metadata().iter().filter(|sheet| sheet.visible == SheetVisible::Visible);
    let names: Vec<String> = visible.map(|sheet| sheet.name.clone()).collect();
    let all = workbook.sheet_names();
    match wanted {
        Some(wanted) if all.iter().any(|name| name == wanted) => return Ok(wanted.to_owned()),
        Some(wanted) => {
            return Err(format!("the workbook has no sheet \"{wanted}\"; its sheets are {}", all.join(", ")));
        }
        None => {}
    }
    let mut filled: Vec<String> = Vec::new();
    for name in names {
        if workbook
            .worksheet_cells_reader(&name)
            .is_ok_and(|mut reader| matches!(reader.next_cell(), Ok(Some(_))))
        {
            filled.push(name);
        }
    }
    match filled.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err("the workbook has no visible sheet with content".to_owned()),
        _ => Err(format!(
            "the workbook has several sheets; sheet = \"…\" of the mapping names the one that is meant: {}",
            filled.join(", ")
        )),
    }
}

/// Returns the first cell of those that a cell is merged with.
fn first(merged: &[Dimensions], at: (u32, u32)) -> (u32, u32) {
    let found = merged.iter().find(|own| own.contains(at.0, at.1));
    found.map_or(at, |own| own.start)
}

fn address((row, column): (u32, u32)) -> String {
    let (mut letters, mut rest) = (String::new(), column + 1);
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.insert(0, char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    format!("{letters}{}", row + 1)
}

fn shown(value: &Data, writing: &Writing) -> String {
    match value {
        Data::Empty => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => decimal(*number, writing),
        Data::Bool(truth) => truth.to_string(),
        Data::Error(error) => error.to_string(),
        Data::DateTime(time) if time.is_duration() => decimal(time.as_f64(), writing),
        Data::DateTime(time) => {
            let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
            date(
                writing.format.as_deref(),
                [
                    year.into(),
                    month.into(),
                    day.into(),
                    hour.into(),
                    minute.into(),
                    second.into(),
                    milli.into(),
                ],
            )
        }
    }
}

/// Writes a number with the fewest digits that read back to it.
fn decimal(number: f64, writing: &Writing) -> String {
    let text = number.to_string();
    match writing.decimal {
        Some(mark) => text.replace('.', &mark.to_string()),
        None => text,
    }
}

fn date(format: Option<&str>, [year, month, day, hour, minute, second, milli]: [u32; 7]) -> String {
    if let Some(format) = format.filter(|format| !format.contains("MMM") && !format.contains("AM")) {
        let two = |number: u32| format!("{number:02}");
        return format
            .replace("YYYY", &format!("{year:04}"))
            .replace("YY", &two(year % 100))
            .replace("MM", &two(month))
            .replace("DD", &two(day))
            .replace("hh", &two(hour))
            .replace("mm", &two(minute))
            .replace("ss", &two(second));
    }
    let fraction = if milli == 0 { String::new() } else { format!(".{milli:03}") };
    if (hour, minute, second, milli) == (0, 0, 0, 0) {
        return format!("{year:04}-{month:02}-{day:02}");
    }
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}")
}

/// Returns whether bytes have a text in UTF-16, as names in old workbooks are.
fn contains_wide(bytes: &[u8], text: &str) -> bool {
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes.windows(wide.len()).any(|window| window == wide)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_written_as_their_values() {
        let german =
            Writing { decimal: Some(','), format: Some("DD.MM.YYYY hh:mm".to_owned()), ..Writing::default() };
        let check = |value: &Data, writing: &Writing, expect: &str| assert_eq!(shown(value, writing), expect);
        let plain = Writing::default();
        check(&Data::Float(471_100.0), &plain, "471100");
        check(&Data::Float(0.1), &plain, "0.1");
        check(&Data::Float(-1234.5), &german, "-1234,5");
        check(&Data::String("1.234,5".to_owned()), &german, "1.234,5");
        check(&Data::Error(calamine::CellErrorType::Ref), &plain, "#REF!");
        assert_eq!(date(None, [2024, 5, 1, 8, 0, 0, 0]), "2024-05-01T08:00:00");
        assert_eq!(date(None, [2024, 5, 1, 0, 0, 0, 0]), "2024-05-01");
        assert_eq!(date(german.format.as_deref(), [2024, 5, 1, 8, 3, 0, 0]), "01.05.2024 08:03");
        assert_eq!([address((0, 0)), address((9, 27))], ["A1", "AB10"]);
    }

    #[test]
    fn what_is_no_workbook_is_refused() {
        let check = |bytes: &[u8], expect: &str| {
            let error = read(bytes, &Writing::default(), 1000).expect_err(expect);
            assert!(error.contains(expect), "{error}");
        };
        check(b"PK\x03\x04rubbish", "no ZIP archive");
        let mut protected = vec![0xD0, 0xCF, 0x11, 0xE0];
        protected.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
        check(&protected, "protected by a password");
        check(&[0xD0, 0xCF, 0x11, 0xE0, 1, 2, 3], "the old format .xls");
    }
}
