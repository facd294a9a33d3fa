//! What was refused of a request, line by line.

/// A line, or a row of a batch, that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Which, counted from 1.
    pub line: usize,
    /// Why.
    pub message: String,
}

/// The most refused samples that are listed one by one.
const LISTED_MAX: usize = 100;

/// What was refused: the first ones, and how many. A request may hold many millions of bad lines.
#[derive(Debug, Default)]
pub(in crate::telemetry) struct Refusals {
    /// The first.
    pub(in crate::telemetry) listed: Vec<Rejected>,
    /// How many there are.
    pub(in crate::telemetry) count: usize,
}

impl Refusals {
    /// Adds one.
    pub(in crate::telemetry) fn push(&mut self, line: usize, message: String) {
        self.push_lines(line, 1, message);
    }

    /// Adds those of a later part of the same request.
    pub(in crate::telemetry) fn append(&mut self, later: Self) {
        self.count += later.count;
        let room = LISTED_MAX.saturating_sub(self.listed.len());
        self.listed.extend(later.listed.into_iter().take(room));
    }

    /// Adds one that covers several lines.
    pub(super) fn push_lines(&mut self, line: usize, lines: usize, message: String) {
        self.count += lines;
        if self.listed.len() < LISTED_MAX {
            self.listed.push(Rejected { line, message });
        }
    }
}
