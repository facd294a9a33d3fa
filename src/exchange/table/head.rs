//! The first rows of a table as it is written: what a person looks at before a mapping is chosen.

use super::mapping::Mapping;
use super::sheet::Sheet;
use super::sheet::fault::Fault;
use super::workbook;

/// The columns of a table and its first rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The first rows that hold something.
    pub rows: Vec<Vec<String>>,
}

/// Reads the columns and at most so many rows of CSV text or of the one sheet of a workbook with content; `file` names it in errors.
/// A workbook that would be larger as text than `bytes_max` is refused.
pub fn head(bytes: &[u8], file: &str, rows_max: usize, bytes_max: u64) -> Result<Head, String> {
    let mut mapping = Mapping::parse("", file).map_err(|error| error.to_string())?;
    let mut text = None;
    if workbook::is_workbook(bytes) {
        let (writing, own) = mapping.of_workbook();
        text = Some(workbook::read(bytes, &writing, bytes_max)?.csv);
        mapping = own;
    }
    let dialect = mapping.dialect().map_err(|error| error.to_string())?;
    let mut sheet = Sheet::open(text.as_deref().unwrap_or(bytes), file, &dialect).map_err(describe)?;
    let mut head = Head { columns: sheet.names.clone(), rows: Vec::new() };
    let mut record = csv::StringRecord::new();
    while head.rows.len() < rows_max && sheet.next(&mut record, &[]).map_err(describe)?.is_some() {
        head.rows.push(record.iter().take(head.columns.len()).map(str::to_owned).collect());
    }
    Ok(head)
}

fn describe(fault: Fault) -> String {
    match fault {
        Fault::Io(error) => error.to_string(),
        Fault::Line { line, message, .. } | Fault::Header { line, message } => {
            format!("line {line}: {message}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rows_are_as_written() {
        let check = |text: &str, columns: &[&str], rows: &[&[&str]]| {
            let head = head(text.as_bytes(), "a.csv", 2, 1 << 20).expect(text);
            assert_eq!(head.columns, columns, "{text}");
            assert_eq!(head.rows, rows, "{text}");
        };
        check(
            "serial;type\nP-1;A\n\nP-2;\"B;C\"\nP-3;D\n",
            &["serial", "type"],
            &[&["P-1", "A"], &["P-2", "B;C"]],
        );
        check("serial,type\n", &["serial", "type"], &[]);
        assert!(head(b"", "a.csv", 2, 1 << 20).is_err_and(|message| message.contains("no header")));
    }
}
