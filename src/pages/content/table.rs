//! Tables: on the page their first rows, as CSV all of them.

use super::cell::Cell;
use askama::Template;

/// How many rows of a long table are on the page.
const SHOWN: usize = 25;

/// A table.
#[derive(Clone, Debug, Template)]
#[template(path = "table.html")]
pub(in crate::pages) struct Table {
    /// The name by which its CSV is asked for.
    pub(in crate::pages) name: &'static str,
    caption: String,
    columns: Vec<String>,
    rows: Vec<Vec<Cell>>,
    /// What is shown where there are no rows.
    empty: String,
    /// How many rows are on the page.
    most: usize,
    /// How many rows there are in all, where the answer had not room for all.
    total: usize,
    /// Where the CSV is.
    csv: String,
    has_csv: bool,
}

impl Table {
    /// Begins a table.
    pub(in crate::pages) fn new(name: &'static str, caption: &str, columns: &[&str]) -> Self {
        Self {
            name,
            caption: caption.to_owned(),
            columns: columns.iter().map(|column| (*column).to_owned()).collect(),
            rows: Vec::new(),
            empty: "None.".to_owned(),
            most: SHOWN,
            total: 0,
            csv: String::new(),
            has_csv: true,
        }
    }

    /// Begins a table of what the service does not keep: it has no CSV.
    pub(in crate::pages) fn of_file(name: &'static str, caption: &str, columns: &[&str]) -> Self {
        Self { has_csv: false, ..Self::new(name, caption, columns) }
    }

    /// Adds rows.
    #[must_use]
    pub(in crate::pages) fn rows(mut self, rows: impl IntoIterator<Item = Vec<Cell>>) -> Self {
        self.rows.extend(rows);
        self.total = self.total.max(self.rows.len());
        self
    }

    /// States what is shown where there are no rows.
    #[must_use]
    pub(in crate::pages) fn or(mut self, empty: &str) -> Self {
        empty.clone_into(&mut self.empty);
        self
    }

    /// Shows every row on the page.
    #[must_use]
    pub(in crate::pages) fn all(mut self) -> Self {
        self.most = usize::MAX;
        self
    }

    /// States how many rows there are in all.
    #[must_use]
    pub(in crate::pages) fn of(mut self, total: usize) -> Self {
        self.total = self.total.max(total);
        self
    }

    /// States where the CSV is.
    pub(in crate::pages) fn at(&mut self, csv: String) {
        self.csv = csv;
    }

    /// Returns the heads of the columns, and whether each has numbers.
    fn heads(&self) -> Vec<(&str, bool)> {
        let first = self.rows.first();
        let is_number = |at| first.and_then(|row| row.get(at)).is_some_and(Cell::is_number);
        self.columns.iter().enumerate().map(|(at, column)| (column.as_str(), is_number(at))).collect()
    }

    fn shown(&self) -> &[Vec<Cell>] {
        &self.rows[..self.rows.len().min(self.most)]
    }

    /// Returns what the page and the CSV leave out; nothing is left out silently.
    fn left_out(&self) -> String {
        let (shown, there) = (self.shown().len(), self.rows.len());
        match (shown < there, there < self.total) {
            (false, false) => String::new(),
            (true, _) if !self.has_csv => format!("{shown} of {there} rows."),
            (true, false) => format!("{shown} of {there} rows; the CSV has all."),
            (false, true) => format!("{shown} of {} rows; ask GraphQL for the others.", self.total),
            (true, true) => {
                format!("{shown} of {} rows; the CSV has {there}, ask GraphQL for the others.", self.total)
            }
        }
    }

    /// Writes the table as CSV (RFC 4180), with exact numbers.
    pub(in crate::pages) fn csv(&self) -> String {
        let head = self.columns.iter().map(|column| field(column)).collect::<Vec<_>>().join(",");
        let rows = self
            .rows
            .iter()
            .map(|row| row.iter().map(|cell| field(cell.exact())).collect::<Vec<_>>().join(","));
        std::iter::once(head).chain(rows).map(|line| line + "\r\n").collect()
    }
}

/// Writes one field. A text that a spreadsheet would compute as a formula is quoted by an apostrophe; numbers are left as they are.
fn field(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_has_exact_numbers_and_no_formulas() {
        let check = |cell: Cell, expect: &str| {
            let table = Table::new("t", "T", &["a"]).rows([vec![cell]]);
            assert_eq!(table.csv(), format!("a\r\n{expect}\r\n"));
        };
        check(Cell::number(Some(-14.390625)), "-14.390625");
        check(Cell::number(None), "");
        check(Cell::text("a, \"b\""), "\"a, \"\"b\"\"\"");
        check(Cell::text("=1+1"), "'=1+1");
        check(Cell::text("-cmd"), "'-cmd");
        check(Cell::instant(Some("2026-01-05T00:14:00Z")), "2026-01-05T00:14:00Z");
    }

    #[test]
    fn what_is_left_out_is_stated() {
        let check = |rows: usize, total: usize, expect: &str| {
            let table = Table::new("t", "T", &["a"]).rows((0..rows).map(|_| vec![Cell::text("x")])).of(total);
            assert_eq!(table.left_out(), expect, "{rows} of {total}");
        };
        check(3, 3, "");
        check(30, 30, "25 of 30 rows; the CSV has all.");
        check(3, 5, "3 of 5 rows; ask GraphQL for the others.");
        check(30, 40, "25 of 40 rows; the CSV has 30, ask GraphQL for the others.");
    }
}
