//! What is wrong with a table or its mapping, described so that the owner of the spreadsheet can correct it.

use crate::model::visible;
use std::fmt;

/// How many problems of one table are listed before the rest is only counted.
pub(super) const PROBLEMS_MAX: usize = 20;

/// Why a table cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The mapping is not valid, or names something that does not exist.
    #[error("{file}:{line}:{column}: {message}")]
    Mapping {
        /// The mapping file, as the caller names it.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1, in characters.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// Rows of the table are wrong; nothing of it is taken.
    #[error("{}", list(problems, *more))]
    Rows {
        /// The first problems, in line order.
        problems: Vec<Problem>,
        /// How many there are beyond those.
        more: usize,
    },
    /// The table cannot be read at all.
    #[error("{file} cannot be read")]
    Io {
        /// The table, as the caller names it.
        file: String,
        /// Why.
        source: std::io::Error,
    },
}

fn list(problems: &[Problem], more: usize) -> String {
    let mut lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines.join("\n")
}

/// One problem of a table: where it is, what is there, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The table, as the caller names it.
    pub file: String,
    /// The line, from 1, the header included.
    pub line: u64,
    /// The column, where the problem has one.
    pub column: Option<Column>,
    /// What is wrong, with the value and what would be right.
    pub message: String,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its number, from 1.
    pub number: usize,
    /// Its name in the header.
    pub name: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if let Some(Column { number, name }) = &self.column {
            write!(f, "column {number} \"{name}\": ")?;
        }
        f.write_str(&self.message)
    }
}

/// A message may be so long; cells may have millions of characters.
const MESSAGE_CHARS_MAX: usize = 600;

/// Returns a message that fits on a screen: with the middle of a long cell left out, and what cannot be seen escaped.
pub(in crate::exchange) fn readable(message: String) -> String {
    let count = message.chars().count();
    let hidden = |char: char| char != '\n' && visible::is_hidden(char);
    if count <= MESSAGE_CHARS_MAX && !message.contains(hidden) {
        return message;
    }
    let mut out = String::new();
    let left_out = count.saturating_sub(MESSAGE_CHARS_MAX);
    for (at, char) in message.chars().enumerate() {
        match at.checked_sub(MESSAGE_CHARS_MAX / 3).filter(|at| *at < left_out) {
            Some(0) => out.push_str(&format!("… {left_out} characters …")),
            Some(_) => {}
            None if hidden(char) => out.extend(char.escape_default()),
            None => out.push(char),
        }
    }
    out
}

/// Collects the problems of one table.
#[derive(Debug)]
pub(super) struct Problems<'a> {
    file: &'a str,
    header: &'a [String],
    /// Whether contradictions are settled instead of refused.
    dirty: bool,
    found: Vec<Problem>,
    settled: Vec<Problem>,
}

impl<'a> Problems<'a> {
    pub(super) const fn new(file: &'a str, header: &'a [String], dirty: bool) -> Self {
        Self { file, header, dirty, found: Vec::new(), settled: Vec::new() }
    }

    /// Notes a problem; `column` counts from 0.
    pub(super) fn add(&mut self, line: u64, column: Option<usize>, message: impl Into<String>) {
        let problem = self.problem(line, column, message.into());
        self.found.push(problem);
    }

    /// Notes a contradiction. Where the source may be dirty it is settled as `settled` describes, and noted with that; returns
    /// whether it is.
    pub(super) fn settle(&mut self, line: u64, column: Option<usize>, message: &str, settled: &str) -> bool {
        if self.dirty {
            let problem = self.problem(line, column, format!("{message}; {settled}"));
            self.settled.push(problem);
        } else {
            self.add(line, column, message);
        }
        self.dirty
    }

    fn problem(&self, line: u64, column: Option<usize>, message: String) -> Problem {
        let column = column.map(|index| Column {
            number: index + 1,
            name: self.header.get(index).cloned().unwrap_or_default(),
        });
        Problem { file: self.file.to_owned(), line, column, message: readable(message) }
    }

    /// Returns the error that lists them, if there are any, else what was settled, in line order.
    pub(super) fn into_result(mut self) -> Result<Vec<Problem>, Error> {
        let place = |problem: &Problem| (problem.line, problem.column.as_ref().map(|column| column.number));
        self.settled.sort_by_key(place);
        if self.found.is_empty() {
            return Ok(self.settled);
        }
        self.found.sort_by_key(place);
        let more = self.found.len().saturating_sub(PROBLEMS_MAX);
        self.found.truncate(PROBLEMS_MAX);
        Err(Error::Rows { problems: self.found, more })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_can_be_read() {
        let check = |message: &str, expect: &str| assert_eq!(readable(message.to_owned()), expect);
        check("\"hot\" is not a number", "\"hot\" is not a number");
        check("\"5\0\u{1a}\" is\nnone", "\"5\\u{0}\\u{1a}\" is\nnone");
        let long = format!("\"{}\" is not a number", "9".repeat(1_000_000));
        let expect =
            format!("\"{}… 999418 characters …{}\" is not a number", "9".repeat(199), "9".repeat(383));
        check(&long, &expect);
    }
}
