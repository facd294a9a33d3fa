//! A sheet of a workbook (.xlsx, .xlsm) as the CSV text that a mapping reads.
//!
//! A row of the sheet is a line of the text, so errors name the row. Numbers and dates are those that the cells hold, however they are
//! shown, but superscript and subscript of some characters are written as such and what is struck out is left out; merged cells have the value of the first in each. Which cells hold dates, numbers of many digits or formulas without a value
//! is passed on beside the text: where such a cell is used as a text, it is refused.

use super::cell::workbook::{Typed, TypedCells, address, is_inexact};
use super::rich;
use crate::exchange::archive;
use calamine::{Data, Dimensions, Reader as _, SheetVisible, Xlsx, XlsxError, open_workbook_from_rs};
use std::collections::{HashMap, HashSet};
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
    /// The cells whose text is not what was typed.
    pub(super) typed: TypedCells,
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
    let Cells { values: cells, formulas, twice } = cells(&mut workbook, &name).map_err(failed)?;
    if let Some(at) = twice {
        return Err(format!(
            "sheet \"{name}\" has two cells {}, each with a value: open the workbook with a spreadsheet program and save it",
            address(at)
        ));
    }
    let formatted = rich::read(bytes, &name, bytes_max)?;
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
    let (mut without, mut struck, mut line) = (Vec::new(), Vec::new(), 1);
    text.typed.sheet.clone_from(&name);
    let mut writer = csv::WriterBuilder::new()
        .delimiter(writing.delimiter.and_then(|own| u8::try_from(own).ok()).unwrap_or(b','))
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in 0..rows {
        let mut record = Vec::new();
        for column in 0..columns {
            let at = first(&merged, (row, column));
            let value = cells.get(&at).unwrap_or(&Data::Empty);
            let (shown, mut typed) = shown(value, writing);
            if let Some(own) = formatted.get(&at).filter(|_| !matches!(value, Data::Empty)) {
                struck.extend(own.is_struck.then(|| address(at)));
                typed = Some(Typed::Formatted(at.0, at.1));
                record.push(own.text.clone());
            } else if matches!(value, Data::Empty) && formulas.contains(&at) {
                without.push(address(at));
                typed = Some(Typed::NoValue);
                record.push("#VALUE!".to_owned());
            } else {
                record.push(shown);
            }
            if let Some(typed) = typed {
                text.typed.add(line, column as usize, typed);
            }
        }
        line += 1 + record.iter().map(|cell| cell.matches('\n').count() as u64).sum::<u64>();
        writer.write_record(&record).map_err(|error| error.to_string())?;
    }
    text.csv = writer.into_inner().map_err(|error| error.to_string())?;
    if !without.is_empty() {
        text.notices.push(format!(
            "sheet \"{name}\": formulas without a value in {}; open and save the workbook with a spreadsheet program",
            listed(&without)
        ));
    }
    if !struck.is_empty() {
        text.notices.push(format!("sheet \"{name}\": what is struck out in {} is left out", listed(&struck)));
    }
    Ok(text)
}

/// Names the first of some cells.
fn listed(cells: &[String]) -> String {
    let more = cells.len().saturating_sub(NAMED_MAX);
    let named = cells.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(", ");
    if more == 0 { named } else { format!("{named} and {more} more") }
}

/// A cell's row and column, from 0.
type Place = (u32, u32);

/// The cells of a sheet.
#[derive(Default)]
struct Cells {
    values: HashMap<Place, Data>,
    formulas: HashSet<Place>,
    /// The first cell that has two values.
    twice: Option<Place>,
}

/// Reads what has a value, and the formulas. Nothing is as large as the sheet claims to be.
fn cells(workbook: &mut Workbook<'_>, name: &str) -> Result<Cells, XlsxError> {
    let mut cells = Cells::default();
    {
        let mut reader = workbook.worksheet_cells_reader(name)?;
        while let Some(cell) = reader.next_cell()? {
            let value = Data::from(cell.get_value().clone());
            if !matches!(value, Data::Empty) && cells.values.insert(cell.get_position(), value).is_some() {
                cells.twice.get_or_insert(cell.get_position());
            }
        }
    }
    let mut reader = workbook.worksheet_cells_reader(name)?;
    while let Some(cell) = reader.next_formula()? {
        if !cell.get_value().is_empty() {
            cells.formulas.insert(cell.get_position());
        }
    }
    Ok(cells)
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

/// Writes a cell; one whose text may not be what was typed with what it holds.
fn shown(value: &Data, writing: &Writing) -> (String, Option<Typed>) {
    match value {
        Data::Empty => (String::new(), None),
        Data::String(text) => (text.clone(), None),
        Data::DateTimeIso(text) | Data::DurationIso(text) => (text.clone(), Some(Typed::Time)),
        Data::Int(number) => (number.to_string(), is_inexact(*number as f64).then_some(Typed::Number)),
        Data::Float(number) => (decimal(*number, writing), is_inexact(*number).then_some(Typed::Number)),
        Data::Bool(truth) => (truth.to_string(), None),
        Data::Error(error) => (error.to_string(), None),
        Data::DateTime(time) if time.is_duration() => (decimal(time.as_f64(), writing), Some(Typed::Time)),
        Data::DateTime(time) if !(0.0..DATES_END).contains(&time.as_f64()) => {
            (decimal(time.as_f64(), writing), Some(Typed::NoDate))
        }
        // Day 0 of 1900 and what is less than a day: a formula that refers to an empty cell, or a time of day without a day.
        Data::DateTime(time) if time.to_ymd_hms_milli().0 < 1900 => {
            (decimal(time.as_f64(), writing), Some(Typed::NoDate))
        }
        Data::DateTime(time) => {
            let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
            let parts = [
                year.into(),
                month.into(),
                day.into(),
                hour.into(),
                minute.into(),
                second.into(),
                milli.into(),
            ];
            (date(writing.format.as_deref(), parts), Some(Typed::Time))
        }
    }
}

/// The number of the first day that spreadsheets cannot show: 10000-01-01.
const DATES_END: f64 = 2_958_466.0;

/// Writes a number with the fewest digits that read back to it; with an exponent where it has more digits than a double holds.
fn decimal(number: f64, writing: &Writing) -> String {
    let text =
        if is_inexact(number) { format!("{number:E}").replacen('E', "E+", 1) } else { number.to_string() };
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
    use calamine::{ExcelDateTime, ExcelDateTimeType};

    #[test]
    fn cells_are_written_as_their_values() {
        let german =
            Writing { decimal: Some(','), format: Some("DD.MM.YYYY hh:mm".to_owned()), ..Writing::default() };
        let check = |value: &Data, writing: &Writing, expect: &str| {
            assert_eq!(shown(value, writing), (expect.to_owned(), None));
        };
        let plain = Writing::default();
        check(&Data::Float(471_100.0), &plain, "471100");
        check(&Data::Float(0.1), &plain, "0.1");
        check(&Data::Float(-1234.5), &german, "-1234,5");
        check(&Data::String("1.234,5".to_owned()), &german, "1.234,5");
        check(&Data::Error(calamine::CellErrorType::Ref), &plain, "#REF!");
        let check = |value: &Data, writing: &Writing, expect: &str, typed: Typed| {
            assert_eq!(shown(value, writing), (expect.to_owned(), Some(typed)));
        };
        let day = |number: f64, kind| Data::DateTime(ExcelDateTime::new(number, kind, false));
        check(&Data::Float(9.551_668_127_401_234E16), &plain, "9.551668127401234E+16", Typed::Number);
        check(&Data::Float(9_007_199_254_740_992.0), &german, "9,007199254740992E+15", Typed::Number);
        check(&day(45352.0, ExcelDateTimeType::DateTime), &plain, "2024-03-01", Typed::Time);
        check(&day(1.5, ExcelDateTimeType::TimeDelta), &german, "1,5", Typed::Time);
        check(&day(-1.0, ExcelDateTimeType::DateTime), &plain, "-1", Typed::NoDate);
        check(&day(2_958_466.0, ExcelDateTimeType::DateTime), &plain, "2958466", Typed::NoDate);
        check(&day(0.0, ExcelDateTimeType::DateTime), &plain, "0", Typed::NoDate);
        check(&day(0.5, ExcelDateTimeType::DateTime), &german, "0,5", Typed::NoDate);
        let of_1904 = |number| Data::DateTime(ExcelDateTime::new(number, ExcelDateTimeType::DateTime, true));
        check(&of_1904(0.0), &plain, "1904-01-01", Typed::Time);
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

    const UNITS: &str = "[[resource]]
        class = \"TwinInstance\"
        id = \"unit/{serial}\"
        fields = { identifier = \"serial\", site = \"site\", unitNumber = \"no\", commissionedAt = \"since\" }";

    /// A workbook of one sheet with these rows; style 1 is a date, 2 a duration and 3 struck out.
    fn workbook(rows: &str) -> Vec<u8> {
        const MAIN: &str = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
        const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
        const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let relation = |id: u8, kind: &str, target: &str| {
            format!("<Relationship Id=\"r{id}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
        };
        let relations =
            |all: &str| format!("<Relationships xmlns=\"{PACKAGE}/relationships\">{all}</Relationships>");
        let files = [
            (
                "[Content_Types].xml",
                format!(
                    "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"
                ),
            ),
            ("_rels/.rels", relations(&relation(1, "officeDocument", "xl/workbook.xml"))),
            (
                "xl/workbook.xml",
                format!(
                    "<workbook {MAIN} xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                relations(
                    &(relation(1, "worksheet", "worksheets/sheet1.xml")
                        + &relation(2, "styles", "styles.xml")),
                ),
            ),
            (
                "xl/styles.xml",
                format!(
                    "<styleSheet {MAIN}><numFmts count=\"1\"><numFmt numFmtId=\"165\" formatCode=\"[h]:mm\"/></numFmts><fonts count=\"2\"><font/><font><strike/></font></fonts><cellXfs count=\"4\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"165\"/><xf numFmtId=\"0\" fontId=\"1\"/></cellXfs></styleSheet>"
                ),
            ),
            (
                "xl/worksheets/sheet1.xml",
                format!(
                    "<worksheet {MAIN}><sheetData>{}{rows}</sheetData></worksheet>",
                    row(1, ["serial", "site", "no", "since"].map(text))
                ),
            ),
        ];
        let files = files.map(|(path, xml)| archive::Member {
            path: path.to_owned(),
            bytes: format!("<?xml version=\"1.0\"?>{xml}").into_bytes(),
        });
        archive::pack(&files).expect("an archive")
    }

    fn row(number: u32, cells: [String; 4]) -> String {
        let cells: String = ["A", "B", "C", "D"]
            .iter()
            .zip(cells)
            .map(|(column, cell)| cell.replacen("<c", &format!("<c r=\"{column}{number}\""), 1))
            .collect();
        format!("<row r=\"{number}\">{cells}</row>")
    }

    fn text(text: &str) -> String {
        format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>")
    }

    fn number(value: &str, style: u8) -> String {
        format!("<c s=\"{style}\"><v>{value}</v></c>")
    }

    /// Reads the units of rows; returns their statements but for types, or the problems.
    fn units(mapping: &str, rows: &str) -> Vec<String> {
        use crate::exchange::table::{Dirt, Mapping, read_table};
        let mapping = Mapping::parse(mapping, "m.toml").expect("a mapping");
        let (writing, mapping) = mapping.of_workbook();
        let sheet = match read(&workbook(rows), &writing, 1 << 20) {
            Ok(sheet) => sheet,
            Err(message) => return vec![message],
        };
        let ontology = crate::ontology::Ontology::shipped().expect("an ontology");
        let mapping = mapping.of_sheet(&sheet);
        let table =
            read_table(&mapping, &sheet.csv[..], "u.xlsx", "https://x.example/", &ontology, Dirt::Refused);
        match table {
            Ok(table) => table.statements.iter().skip(1).map(|own| own.object.to_string()).collect(),
            Err(error) => error.to_string().lines().map(str::to_owned).collect(),
        }
    }

    #[test]
    fn a_text_that_a_spreadsheet_has_changed_is_refused_by_its_cell() {
        let unit =
            |serial: String, site: String, no: String, since: String| row(2, [serial, site, no, since]);
        let good = || (text("P-7"), text("Bergen"), number("7", 0), number("45352", 1));
        let check = |rows: String, expect: &str| {
            let mapping = format!("zone = \"UTC\"\nliteral = [\"2024-03-09\"]\n{UNITS}");
            let got = units(&mapping, &rows).join(" ");
            assert!(got.contains(expect), "{rows}: {got}");
        };
        let (serial, site, no, since) = good();
        let all = unit(serial.clone(), site.clone(), no.clone(), since.clone());
        check(all.clone(), "\"P-7\" \"Bergen\" \"7\"^^<http://www.w3.org/2001/XMLSchema#integer>");
        let date = || number("45352", 1);
        check(
            unit(date(), site.clone(), no.clone(), since.clone()),
            "u.xlsx:2: column 1 \"serial\": holds the date or time 2024-03-01, which a spreadsheet may have made of another text",
        );
        check(
            unit(serial.clone(), date(), no.clone(), since.clone()),
            "u.xlsx:2: column 2 \"site\": holds the date or time",
        );
        check(
            unit(serial.clone(), number("1.5", 2), no.clone(), since.clone()),
            "column 2 \"site\": holds the date or time 1.5",
        );
        check(unit(number("45360", 1), site.clone(), no.clone(), since.clone()), "\"2024-03-09\" \"Bergen\"");
        check(
            unit(number("9.5516681274012343E+16", 0), site.clone(), no.clone(), since.clone()),
            "column 1 \"serial\": holds the number 9.551668127401234E+16, of which a spreadsheet has not kept all digits",
        );
        check(
            unit(number("9551668127401", 0), site.clone(), no.clone(), since.clone()),
            "\"9551668127401\" \"Bergen\"",
        );
        check(
            unit(serial.clone(), site.clone(), number("9.5516681274012343E+16", 0), since.clone()),
            "column 3 \"no\": \"9.551668127401234E+16\" is not a whole number",
        );
        check(
            unit(serial.clone(), "<c><f>A2</f></c>".to_owned(), no.clone(), since.clone()),
            "column 2 \"site\": has a formula, and the workbook does not hold its value",
        );
        check(
            unit(serial.clone(), site.clone(), no.clone(), number("-1", 1)),
            "column 4 \"since\": has the format of a date and the number -1, which is none",
        );
        let twice = all.replace("</row>", "<c r=\"A2\" t=\"inlineStr\"><is><t>P-8</t></is></c></row>");
        check(twice, "sheet \"S\" has two cells A2, each with a value");
    }

    #[test]
    fn digits_that_are_raised_or_struck_out_are_no_digits_of_a_number() {
        let run = |text: &str, format: &str| format!("<r><rPr>{format}</rPr><t>{text}</t></r>");
        let rich = |runs: &[String]| format!("<c t=\"inlineStr\"><is>{}</is></c>", runs.concat());
        const RAISED: &str = "<vertAlign val=\"superscript\"/>";
        let check = |site: String, no: String, expect: &str| {
            let rows = row(2, [text("P-7"), site, no, number("45352", 1)]);
            let got = units(&format!("zone = \"UTC\"\n{UNITS}"), &rows).join(" ");
            assert!(got.contains(expect), "{rows}: {got}");
        };
        let power = rich(&[run("10", ""), run("3", RAISED)]);
        let corrected = rich(&[run("85", "<strike/>"), run("80", "")]);
        let plain = rich(&[run("8", "<b/>"), run("5", "<strike val=\"0\"/>")]);
        let below = rich(&[run("H", ""), run("2", "<vertAlign val=\"subscript\"/>"), run("O", "")]);
        check(power.clone(), number("7", 0), "\"10³\"");
        check(below, number("7", 0), "\"H₂O\"");
        check(corrected.clone(), number("7", 0), "\"80\"");
        check(plain.clone(), plain, "\"85\" \"85\"^^<http://www.w3.org/2001/XMLSchema#integer>");
        let refused =
            "column 3 \"no\": has superscript, subscript or struck out characters in C2 of sheet \"S\"";
        check(text("x"), power, refused);
        check(text("x"), corrected.clone(), refused);
        check(text("x"), rich(&[run("85", "<strike/>")]), refused);
        check(text("x"), number("85", 3), refused);
        let rows = row(2, [text("P-7"), corrected, number("7", 0), number("45352", 1)]);
        let sheet = read(&workbook(&rows), &Writing::default(), 1 << 20).expect("a sheet");
        assert_eq!(sheet.notices, ["sheet \"S\": what is struck out in B2 is left out"]);
    }

    #[test]
    fn a_date_in_an_id_is_one_where_a_field_takes_it_as_a_time() {
        let mapping = UNITS.replace("unit/{serial}", "unit/{serial}/{since}");
        let mapping = format!("zone = \"UTC\"\n{mapping}");
        let cells = [text("P-7"), text("Line 1\nBergen"), number("7", 0), number("45352", 1)];
        let rows = row(2, cells.clone()) + &row(3, cells).replace("P-7", "P-8").replacen("45352", "45353", 1);
        assert_eq!(units(&mapping, &rows).len(), 9, "two units of five statements, but for one");
        let spoilt = rows
            .replace(&text("P-8").replacen("<c", "<c r=\"A3\"", 1), "<c r=\"A3\" s=\"1\"><v>45352</v></c>");
        assert!(
            units(&mapping, &spoilt).join(" ").contains("column 1 \"serial\": holds the date"),
            "below a cell of two lines"
        );
    }
}
