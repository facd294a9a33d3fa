//! Times that a clock shows twice, as summer time ends: told apart by the order of the rows.
//!
//! The rows of one key (a unit, or a unit's signal) go one way in time, mostly forward. Where they go back once within the
//! hour that comes twice, the rows before that are the earlier pass and those after it the later one; in a file that is sorted
//! from the newest row on it is the other way round. Where they go back never, or more than once, the order does not decide.

use crate::model::instant::Instant;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A row whose time is shown twice.
#[derive(Debug)]
pub(super) struct Pending<T> {
    pub(super) earlier: Instant,
    pub(super) later: Instant,
    pub(super) row: T,
}

/// The rows of one hour that comes twice.
#[derive(Debug)]
struct Run<T> {
    before: Option<Instant>,
    rows: Vec<Pending<T>>,
}

/// What the order says of a row: when it was, or that it does not decide.
pub(super) type Ordered<T> = (T, Result<Instant, (Instant, Instant)>);

/// Keeps the rows of hours that come twice until their order is known.
#[derive(Debug)]
pub(super) struct Order<T> {
    /// By key, the last instant that is certain.
    last: Vec<Option<Instant>>,
    runs: BTreeMap<usize, Run<T>>,
}

/// Times further apart than this, in nanoseconds, belong to different hours that come twice.
const SAME_CHANGE_MAX_NS: i64 = 86_400_000_000_000;

impl<T> Order<T> {
    pub(super) const fn new() -> Self {
        Self { last: Vec::new(), runs: BTreeMap::new() }
    }

    /// Notes that a row of a key was at an instant; returns the rows before it that this decides.
    pub(super) fn certain(&mut self, key: usize, at: Instant) -> Vec<Ordered<T>> {
        if self.last.len() <= key {
            self.last.resize(key + 1, None);
        }
        self.last[key] = Some(at);
        match self.runs.is_empty() {
            true => Vec::new(),
            false => self.runs.remove(&key).map_or_else(Vec::new, |run| run.decide(Some(at))),
        }
    }

    /// Takes in a row of a key that is not certain; returns the rows before it that this decides.
    pub(super) fn pending(&mut self, key: usize, row: Pending<T>) -> Vec<Ordered<T>> {
        let is_other =
            |last: &Pending<T>| (last.earlier.nanos() - row.earlier.nanos()).abs() > SAME_CHANGE_MAX_NS;
        let ended = match self.runs.get(&key).and_then(|run| run.rows.last()) {
            Some(last) if is_other(last) => self.runs.remove(&key),
            _ => None,
        };
        let decided = ended.map_or_else(Vec::new, |run| run.decide(Some(row.earlier)));
        let before = self.last.get(key).copied().flatten();
        self.runs.entry(key).or_insert_with(|| Run { before, rows: Vec::new() }).rows.push(row);
        decided
    }

    /// Returns the rows that are left at the end of the file.
    pub(super) fn finish(self) -> Vec<Ordered<T>> {
        self.runs.into_values().flat_map(|run| run.decide(None)).collect()
    }
}

impl<T> Run<T> {
    fn decide(self, after: Option<Instant>) -> Vec<Ordered<T>> {
        let is_forward = self.is_forward(after);
        let goes_back = |pair: &[Pending<T>]| match is_forward {
            Some(true) => pair[1].earlier <= pair[0].earlier,
            _ => pair[1].earlier >= pair[0].earlier,
        };
        let mut turns = (1..self.rows.len()).filter(|at| goes_back(&self.rows[at - 1..=*at]));
        let turn = match (is_forward, turns.next(), turns.next()) {
            (Some(is_forward), Some(turn), None) => Some((turn, is_forward)),
            _ => None,
        };
        let decide = |(at, pending): (usize, Pending<T>)| {
            let Pending { earlier, later, row } = pending;
            let instant =
                turn.map(|(turn, is_forward)| if (at < turn) == is_forward { earlier } else { later });
            (row, instant.ok_or((earlier, later)))
        };
        self.rows.into_iter().enumerate().map(decide).collect()
    }

    /// Tells whether the rows go forward in time, where that can be known.
    fn is_forward(&self, after: Option<Instant>) -> Option<bool> {
        let (first, last) = (self.rows.first()?.earlier, self.rows.last()?.earlier);
        match (self.before, after) {
            (Some(before), Some(after)) => (before != after).then_some(before < after),
            (Some(before), None) => Some(before < first),
            (None, Some(after)) => Some(after > last),
            (None, None) => {
                let steps = |way: Ordering| {
                    self.rows.windows(2).filter(|pair| pair[1].earlier.cmp(&pair[0].earlier) == way).count()
                };
                let (forward, back) = (steps(Ordering::Greater), steps(Ordering::Less));
                (forward != back).then_some(forward > back)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Orders the rows of one key: minutes after midnight UTC, of which the clock shows 60 to 119 again an hour later.
    /// Returns the minutes they were at, 0 where the order does not decide.
    fn check(shown: &[i64], expect: &[i64]) {
        let minute = |minute: i64| Instant::from_seconds(minute * 60);
        let (mut order, mut decided) = (Order::new(), Vec::new());
        for (line, shown) in shown.iter().enumerate() {
            decided.extend(if (60..120).contains(shown) {
                let pending = Pending { earlier: minute(*shown), later: minute(shown + 60), row: line };
                order.pending(7, pending)
            } else {
                let at = if *shown < 60 { *shown } else { shown + 60 };
                let mut before = order.certain(7, minute(at));
                before.push((line, Ok(minute(at))));
                before
            });
        }
        decided.extend(order.finish());
        decided.sort_by_key(|(line, _)| *line);
        let minutes = decided.iter().map(|(_, at)| at.map_or(0, |at| at.seconds() / 60));
        assert_eq!(minutes.collect::<Vec<_>>(), expect, "{shown:?}");
    }

    #[test]
    fn the_order_of_rows_tells_the_passes_apart() {
        check(&[30, 60, 90, 60, 90, 120], &[30, 60, 90, 120, 150, 180]);
        check(&[60, 90, 60, 90], &[60, 90, 120, 150]);
        check(&[30, 60, 60, 120], &[30, 60, 120, 180]);
        check(&[100, 119, 60, 61], &[100, 119, 120, 121]);
        // From the newest row on.
        check(&[120, 90, 60, 90, 60, 30], &[180, 150, 120, 90, 60, 30]);
        // One pass, or three.
        check(&[30, 60, 90, 120], &[30, 0, 0, 180]);
        check(&[60], &[0]);
        check(&[30, 60, 60, 60, 120], &[30, 0, 0, 0, 180]);
        check(&[60, 60], &[0, 0]);
        check(&[119, 60, 61], &[0, 0, 0]);
    }

    #[test]
    fn hours_of_two_years_are_decided_apart() {
        let pending = |at: i64| Pending {
            earlier: Instant::from_seconds(at),
            later: Instant::from_seconds(at + 3600),
            row: at,
        };
        let mut order = Order::new();
        let year = 364 * 86_400;
        assert!(order.pending(0, pending(0)).is_empty());
        assert!(order.pending(0, pending(0)).is_empty());
        let decided = order.pending(0, pending(year));
        let at = |seconds: i64| Ok(Instant::from_seconds(seconds));
        assert_eq!(decided, [(0, at(0)), (0, at(3600))]);
        assert_eq!(
            order.finish(),
            [(year, Err((Instant::from_seconds(year), Instant::from_seconds(year + 3600))))]
        );
    }
}
