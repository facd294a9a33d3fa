//! One row of a table, its cells cleaned: blanks around a text and texts that stand for nothing are no values.

use super::near;

/// The names of the columns.
#[derive(Clone, Copy, Debug)]
pub(in crate::exchange) struct Header<'a> {
    pub(in crate::exchange) names: &'a [String],
    pub(in crate::exchange) table: &'a str,
}

impl Header<'_> {
    /// Returns where a column stands; the error names those that are near.
    pub(in crate::exchange) fn index(&self, name: &str) -> Result<usize, String> {
        self.names.iter().position(|known| known == name).ok_or_else(|| {
            let hint = near::hint(name, self.names.iter().map(String::as_str));
            format!("{} has no column \"{name}\"{hint} (it has {})", self.table, self.names.join(", "))
        })
    }
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub(in crate::exchange) struct Row<'a> {
    pub(in crate::exchange) line: u64,
    pub(in crate::exchange) record: &'a csv::StringRecord,
    pub(in crate::exchange) empty: &'a [String],
}

impl<'a> Row<'a> {
    /// Returns the text of a cell; `None` where it says nothing.
    pub(in crate::exchange) fn cell(&self, column: usize) -> Option<&'a str> {
        let text = self.record.get(column)?.trim();
        (!text.is_empty() && !self.empty.iter().any(|empty| empty == text)).then_some(text)
    }
}
