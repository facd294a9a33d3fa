//! One row of a table, its cells cleaned: blanks around a text and texts that mean an empty cell are no values.

use super::dialect::Dialect;
use crate::exchange::table::cell::spoilt;
use crate::model::{near, visible};

/// The names of the columns.
#[derive(Clone, Copy, Debug)]
pub(in crate::exchange) struct Header<'a> {
    pub(in crate::exchange) names: &'a [String],
    pub(in crate::exchange) table: &'a str,
}

impl Header<'_> {
    /// Returns the column of a name, which only one may have; a `#` that begins the header need not be written. The error
    /// names those that are near.
    pub(in crate::exchange) fn index(&self, name: &str) -> Result<usize, String> {
        let named =
            |name: &str| (0..self.names.len()).filter(|at| self.names[*at] == name).collect::<Vec<_>>();
        match named(name).as_slice() {
            [index] => Ok(*index),
            [] if self.names.first().is_some_and(|first| uncommented(first) == Some(name)) => Ok(0),
            [] => self.like(name).ok_or_else(|| self.unknown(name)),
            several => {
                let numbers: Vec<String> = several.iter().map(|index| (index + 1).to_string()).collect();
                Err(format!(
                    "{} has {} columns named \"{name}\" ({}); rename them there, or name all columns by header and skip the file's own with skip-lines",
                    self.table,
                    several.len(),
                    numbers.join(", ")
                ))
            }
        }
    }

    /// Returns the only column whose name differs by blanks, line feeds and characters without ink alone.
    fn like(&self, name: &str) -> Option<usize> {
        let wanted = squeezed(name);
        let mut like = (0..self.names.len()).filter(|at| squeezed(&self.names[*at]) == wanted);
        like.next().filter(|_| like.next().is_none())
    }

    fn unknown(&self, name: &str) -> String {
        let hint = near::hint(name, self.names.iter().map(String::as_str));
        let one = match self.names {
            [only] if only.contains([';', ',', '\t', '|']) => {
                "; all of it is one column: is the delimiter right?"
            }
            _ => "",
        };
        format!("{} has no column \"{name}\"{hint} (it has {}){one}", self.table, self.names.join(", "))
    }
}

/// Returns a name with one space for all blanks in a row, without characters that cannot be seen, and with plain digits for
/// superscript and subscript ones, which a workbook has as a format of the plain.
fn squeezed(name: &str) -> String {
    const DIGITS: [&str; 2] = ["⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉"];
    let digit = |sign: char| {
        let at = DIGITS.iter().find_map(|digits| digits.chars().position(|digit| digit == sign))?;
        char::from_digit(u32::try_from(at).ok()?, 10)
    };
    let plain = |word: &str| word.chars().map(|sign| digit(sign).unwrap_or(sign)).collect::<String>();
    let words = name.split_whitespace().map(|word| plain(&word.replace(visible::is_hidden, "")));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Returns the name behind the `#` that makes a comment of a header.
fn uncommented(name: &str) -> Option<&str> {
    name.strip_prefix('#').map(str::trim_start)
}

/// Returns the text of a cell without blanks around it, nor the `="…"` by which programs keep a spreadsheet from reading a number.
pub(in crate::exchange) fn unwrapped(cell: &str) -> &str {
    let cell = cell.trim();
    let text = cell.strip_prefix("=\"").and_then(|text| text.strip_suffix('"'));
    text.filter(|text| !text.contains('"')).map_or(cell, str::trim)
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub(in crate::exchange) struct Row<'a> {
    pub(in crate::exchange) line: u64,
    /// Its number among the rows that hold something, from 1.
    pub(in crate::exchange) number: u64,
    pub(in crate::exchange) record: &'a csv::StringRecord,
    pub(in crate::exchange) empty: &'a [String],
}

impl<'a> Row<'a> {
    /// Returns the text of a cell; `None` where it is empty.
    pub(in crate::exchange) fn cell(&self, column: usize) -> Option<&'a str> {
        let text = unwrapped(self.record.get(column)?);
        (!text.is_empty() && !self.empty.iter().any(|empty| empty == text)).then_some(text)
    }

    /// Describes what a spreadsheet spoilt in a cell: it holds an error value, or is one of the names of the row and became a
    /// number or a date.
    pub(in crate::exchange) fn spoilt(
        &self,
        column: usize,
        names: bool,
        dialect: &Dialect,
    ) -> Option<String> {
        let text = self.cell(column).filter(|text| !dialect.literal.iter().any(|literal| literal == text))?;
        let found = spoilt::error_value(text).or_else(|| spoilt::lost_characters(text));
        let found = found.or_else(|| spoilt::absent(text, names));
        found.or_else(|| names.then(|| spoilt::name(text)).flatten())
    }
}
