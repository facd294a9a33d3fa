//! Instants that a file states twice for one series: the later row takes the place of the earlier one, so it is reported.

use crate::model::time::instant::Instant;
use std::collections::HashSet;

/// How many instants are remembered; what comes after them is not compared.
const REMEMBERED_MAX: usize = 16_000_000;

/// The instants of one series.
#[derive(Debug, Default)]
struct Seen {
    /// In ascending order.
    sorted: Vec<Instant>,
    late: HashSet<Instant>,
}

/// The readings of a file that repeat an instant of their series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repeats {
    /// How many there are.
    pub count: u64,
    /// The line of the first, from 1.
    pub first_line: u64,
    /// Whether the file has more readings than are compared.
    pub is_partial: bool,
}

/// Finds repeats as readings come in.
#[derive(Debug, Default)]
pub(super) struct Finder {
    series: Vec<Seen>,
    remembered: usize,
    pub(super) found: Repeats,
}

impl Finder {
    pub(super) fn add(&mut self, series: usize, at: Instant, line: u64) {
        if self.remembered >= REMEMBERED_MAX {
            self.found.is_partial = true;
            return;
        }
        if self.series.len() <= series {
            self.series.resize_with(series + 1, Seen::default);
        }
        let Seen { sorted, late } = &mut self.series[series];
        let is_new = if sorted.last().is_none_or(|last| *last < at) {
            sorted.push(at);
            true
        } else {
            sorted.binary_search(&at).is_err() && late.insert(at)
        };
        if is_new {
            self.remembered += 1;
            return;
        }
        self.found.count += 1;
        if self.found.first_line == 0 || line < self.found.first_line {
            self.found.first_line = line;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_repeats_in_any_order() {
        let mut finder = Finder::default();
        for (line, (series, at)) in
            [(0, 5), (1, 5), (0, 7), (0, 6), (0, 5), (0, 6), (0, 8)].into_iter().enumerate()
        {
            finder.add(series, Instant::from_seconds(at), line as u64 + 2);
        }
        assert_eq!(finder.found, Repeats { count: 2, first_line: 6, is_partial: false });
    }
}
