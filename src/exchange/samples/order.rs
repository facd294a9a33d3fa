//! Times that a clock shows twice, as summer time ends: distinguished by the order of the rows, where that is evidence.
//!
//! The order of a key (a unit, or a unit's signal) is evidence where its rows are sorted in the whole file, forward or from the
//! newest row on, and go back exactly once within the hour that comes twice: the rows before that are the earlier pass,
//! those after it the later one; in a file that is sorted from the newest row on it is the other way round. A row that repeats
//! the time of the one before it is a second pass only where the rows are an hour apart everywhere and no other instant of the
//! key repeats: else it may as well be a copy. All else is not decided.

use crate::model::time::instant::Instant;
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
    after: Option<Instant>,
}

/// What is known of the rows of one key.
#[derive(Debug)]
struct Track<T> {
    last: Option<Instant>,
    /// Which way the certain rows go; `None` before there are two.
    way: Option<Ordering>,
    is_sorted: bool,
    /// Whether an instant repeats that the clock shows once.
    has_copies: bool,
    /// The shortest time between two rows that follow each other, in nanoseconds.
    step_ns: Option<i64>,
    runs: Vec<Run<T>>,
    /// Whether the last of the runs still takes rows.
    is_open: bool,
}

/// What the order of rows shows about a row: when it was, or that it does not decide.
pub(super) type Ordered<T> = (T, Result<Instant, (Instant, Instant)>);

/// Keeps the rows of hours that come twice until the order of all rows is known.
#[derive(Debug)]
pub(super) struct Order<T> {
    tracks: BTreeMap<usize, Track<T>>,
    waiting: usize,
}

/// Times further apart than this, in nanoseconds, belong to different hours that come twice.
const SAME_CHANGE_MAX_NS: i64 = 86_400_000_000_000;

/// How many rows wait for the end of the file; what comes after them is not decided.
const WAITING_MAX: usize = if cfg!(test) { 8 } else { 2_000_000 };

impl<T> Order<T> {
    pub(super) const fn new() -> Self {
        Self { tracks: BTreeMap::new(), waiting: 0 }
    }

    /// Notes that a row of a key was at an instant.
    pub(super) fn certain(&mut self, key: usize, at: Instant) {
        self.tracks.entry(key).or_default().certain(at);
    }

    /// Takes in a row of a key that is not certain; returns it where too many wait already.
    pub(super) fn pending(&mut self, key: usize, row: Pending<T>) -> Option<Ordered<T>> {
        if self.waiting >= WAITING_MAX {
            return Some((row.row, Err((row.earlier, row.later))));
        }
        self.waiting += 1;
        self.tracks.entry(key).or_default().pending(row);
        None
    }

    /// Decides at the end of the file.
    pub(super) fn finish(self) -> Vec<Ordered<T>> {
        self.tracks.into_values().flat_map(Track::finish).collect()
    }
}

impl<T> Default for Track<T> {
    fn default() -> Self {
        Self {
            last: None,
            way: None,
            is_sorted: true,
            has_copies: false,
            step_ns: None,
            runs: Vec::new(),
            is_open: false,
        }
    }
}

impl<T> Track<T> {
    fn certain(&mut self, at: Instant) {
        if let Some(last) = self.last {
            match (at.cmp(&last), self.way) {
                (Ordering::Equal, _) => self.has_copies = true,
                (way, Some(known)) => self.is_sorted &= way == known,
                (way, None) => self.way = Some(way),
            }
            if !self.is_open {
                self.step(last, at);
            }
        }
        self.close(Some(at));
        self.last = Some(at);
    }

    fn pending(&mut self, row: Pending<T>) {
        let is_other =
            |last: &Pending<T>| (last.earlier.nanos() - row.earlier.nanos()).abs() > SAME_CHANGE_MAX_NS;
        let last = self.runs.last().and_then(|run| run.rows.last());
        if self.is_open && last.is_some_and(is_other) {
            self.close(None);
        }
        if !self.is_open {
            self.runs.push(Run { before: self.last, rows: Vec::new(), after: None });
            self.is_open = true;
        }
        if let Some(run) = self.runs.last_mut() {
            run.rows.push(row);
        }
    }

    fn close(&mut self, after: Option<Instant>) {
        if let Some(run) = self.runs.last_mut().filter(|_| self.is_open) {
            run.after = after;
        }
        self.is_open = false;
    }

    fn step(&mut self, one: Instant, other: Instant) {
        let step = (one.nanos() - other.nanos()).abs();
        if step > 0 {
            self.step_ns = Some(self.step_ns.map_or(step, |known| known.min(step)));
        }
    }

    fn finish(self) -> Vec<Ordered<T>> {
        let (way, step_ns) = (self.way, self.step_ns);
        let has_copies = self.has_copies || self.runs.iter().any(Run::has_copies);
        let runs = self.runs.into_iter();
        runs.flat_map(|run| {
            let turn = if self.is_sorted { run.turn(way, step_ns, has_copies) } else { None };
            run.decide(turn)
        })
        .collect()
    }
}

impl<T> Run<T> {
    /// Returns where the later pass begins, or in a file sorted from the newest row on the earlier one, and which it is: `true` for
    /// forward. `None` where the order is no evidence.
    fn turn(&self, way: Option<Ordering>, step_ns: Option<i64>, has_copies: bool) -> Option<(usize, bool)> {
        let way = way.or_else(|| self.way())?;
        if !self.is_between(way) {
            return None;
        }
        let order = |at: usize| self.rows[at].earlier.cmp(&self.rows[at - 1].earlier);
        let mut turns = (1..self.rows.len()).filter(|at| order(*at) != way);
        let (Some(turn), None) = (turns.next(), turns.next()) else { return None };
        let may_be_copy = has_copies || !self.is_hourly(way, step_ns);
        let is_copy = order(turn) == Ordering::Equal && may_be_copy;
        (!is_copy).then_some((turn, way == Ordering::Greater))
    }

    /// Returns which way the rows go where nothing is certain around them: only times that come twice show that the hour does.
    fn way(&self) -> Option<Ordering> {
        if let (Some(at), Some(first)) = (self.before, self.rows.first()) {
            return Some(first.earlier.cmp(&at));
        }
        if let (Some(at), Some(last)) = (self.after, self.rows.last()) {
            return Some(at.cmp(&last.earlier));
        }
        let count = |way: Ordering| {
            self.rows.windows(2).filter(|pair| pair[1].earlier.cmp(&pair[0].earlier) == way).count()
        };
        let comes_twice = self.times().windows(2).any(|pair| pair[0] == pair[1]);
        match count(Ordering::Greater).cmp(&count(Ordering::Less)) {
            Ordering::Equal => None,
            way => Some(way).filter(|_| comes_twice),
        }
    }

    /// Returns whether a time comes more often than the clock shows it.
    fn has_copies(&self) -> bool {
        self.times().windows(3).any(|times| times[0] == times[2])
    }

    /// Returns the times of the rows, in ascending order.
    fn times(&self) -> Vec<Instant> {
        let mut times: Vec<Instant> = self.rows.iter().map(|row| row.earlier).collect();
        times.sort_unstable();
        times
    }

    /// Returns whether the rows are where a sorted file has them: behind the row before and before the row behind.
    fn is_between(&self, way: Ordering) -> bool {
        let (Some(first), Some(last)) = (self.rows.first(), self.rows.last()) else { return false };
        let (begin, end) = match way {
            Ordering::Greater => (first.earlier, last.later),
            _ => (first.later, last.earlier),
        };
        self.before.is_none_or(|before| begin.cmp(&before) == way)
            && self.after.is_none_or(|after| after.cmp(&end) == way)
    }

    /// Returns whether rows that follow each other are at least as far apart as the two passes.
    fn is_hourly(&self, way: Ordering, step_ns: Option<i64>) -> bool {
        let (Some(first), Some(last)) = (self.rows.first(), self.rows.last()) else { return false };
        let (begin, end) = match way {
            Ordering::Greater => (first.earlier, last.later),
            _ => (first.later, last.earlier),
        };
        let step = |one: Option<Instant>, other: Instant| Some((one?.nanos() - other.nanos()).abs());
        let steps = [step_ns, step(self.before, begin), step(self.after, end)];
        let passes = first.later.nanos() - first.earlier.nanos();
        steps.iter().flatten().min().is_some_and(|step| *step >= passes)
    }

    fn decide(self, turn: Option<(usize, bool)>) -> Vec<Ordered<T>> {
        let decide = |(at, pending): (usize, Pending<T>)| {
            let Pending { earlier, later, row } = pending;
            let instant =
                turn.map(|(turn, is_forward)| if (at < turn) == is_forward { earlier } else { later });
            (row, instant.ok_or((earlier, later)))
        };
        self.rows.into_iter().enumerate().map(decide).collect()
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
            if (60..120).contains(shown) {
                let pending = Pending { earlier: minute(*shown), later: minute(shown + 60), row: line };
                decided.extend(order.pending(7, pending));
            } else {
                let at = if *shown < 60 { *shown } else { shown + 60 };
                order.certain(7, minute(at));
                decided.push((line, Ok(minute(at))));
            }
        }
        decided.extend(order.finish());
        decided.sort_by_key(|(line, _)| *line);
        let minutes = decided.iter().map(|(_, at)| at.map_or(0, |at| at.seconds() / 60));
        assert_eq!(minutes.collect::<Vec<_>>(), expect, "{shown:?}");
    }

    #[test]
    fn the_order_of_rows_distinguishes_the_passes() {
        check(&[30, 60, 90, 60, 90, 120], &[30, 60, 90, 120, 150, 180]);
        check(&[60, 90, 60, 90], &[60, 90, 120, 150]);
        check(&[0, 60, 60, 120], &[0, 60, 120, 180]);
        check(&[30, 100, 119, 60, 61], &[30, 100, 119, 120, 121]);
        // From the newest row on.
        check(&[120, 90, 60, 90, 60, 30], &[180, 150, 120, 90, 60, 30]);
        check(&[120, 60, 60, 0], &[180, 120, 60, 0]);
        // One pass, or three.
        check(&[30, 60, 90, 120], &[30, 0, 0, 180]);
        check(&[60], &[0]);
        check(&[0, 60, 60, 60, 120], &[0, 0, 0, 0, 180]);
        check(&[60, 60], &[0, 0]);
        check(&[119, 60, 61], &[0, 0, 0]);
    }

    #[test]
    fn the_order_of_a_file_that_is_not_sorted_is_no_evidence() {
        check(&[30, 90, 60, 120, 0], &[30, 0, 0, 180, 0]);
        check(&[150, 30, 60, 90, 60, 90, 120], &[210, 30, 0, 0, 0, 0, 180]);
        check(&[30, 150, 60, 90, 60, 90, 180], &[30, 210, 0, 0, 0, 0, 240]);
        check(&[30, 60, 120, 90, 150], &[30, 0, 180, 0, 210]);
        check(&[100, 119, 60, 61], &[0, 0, 0, 0]);
        check(&[90, 60], &[0, 0]);
    }

    #[test]
    fn a_repeated_row_may_be_a_copy() {
        check(&[0, 30, 60, 60, 120], &[0, 30, 0, 0, 180]);
        check(&[30, 60, 60, 120], &[30, 0, 0, 180]);
        check(&[0, 60, 90, 90, 120], &[0, 0, 0, 0, 180]);
        // Half-hourly elsewhere in the file.
        check(&[0, 60, 60, 120, 180, 210], &[0, 0, 0, 180, 240, 270]);
        check(&[0, 60, 60, 120, 180, 240], &[0, 60, 120, 180, 240, 300]);
    }

    #[test]
    fn a_repeated_row_is_no_evidence_where_others_repeat() {
        // All rows twice, or some others, before or behind, forward or back.
        check(&[0, 0, 60, 60, 120, 120], &[0, 0, 0, 0, 180, 180]);
        check(&[0, 60, 60, 120, 180, 180], &[0, 0, 0, 180, 240, 240]);
        check(&[-60, -60, 0, 60, 60, 120], &[-60, -60, 0, 0, 0, 180]);
        check(&[180, 180, 120, 60, 60, 0], &[240, 240, 180, 0, 0, 0]);
        // Going back is evidence all the same.
        check(&[30, 30, 60, 90, 60, 90, 120], &[30, 30, 60, 90, 120, 150, 180]);
        // Another key.
        let (mut order, at) = (Order::new(), |minute: i64| Instant::from_seconds(minute * 60));
        for (key, minute) in [(1, 0), (2, 0), (2, 0)] {
            order.certain(key, at(minute));
        }
        for row in 0..2 {
            assert!(order.pending(1, Pending { earlier: at(60), later: at(120), row }).is_none());
        }
        assert_eq!(order.finish(), [(0, Ok(at(60))), (1, Ok(at(120)))]);
    }

    #[test]
    fn a_time_shown_thrice_in_one_year_makes_copies_of_another() {
        let at = Instant::from_seconds;
        let check = |times: &[usize], expect: &[bool]| {
            let mut order = Order::new();
            for (year, times) in times.iter().enumerate() {
                let seconds = i64::try_from(year).expect("few years") * 364 * 86_400;
                order.certain(0, at(seconds - 3600));
                for _ in 0..*times {
                    let pending = Pending { earlier: at(seconds), later: at(seconds + 3600), row: year };
                    assert!(order.pending(0, pending).is_none());
                }
                order.certain(0, at(seconds + 7200));
            }
            let decided: Vec<bool> = order.finish().iter().map(|(_, at)| at.is_ok()).collect();
            assert_eq!(decided, expect, "{times:?}");
        };
        check(&[2, 2], &[true; 4]);
        check(&[3, 2], &[false; 5]);
        check(&[2, 3], &[false; 5]);
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
        for at in [0, 1800, 0, 1800, year] {
            assert!(order.pending(0, pending(at)).is_none());
        }
        let at = |seconds: i64| Ok(Instant::from_seconds(seconds));
        let last = Err((Instant::from_seconds(year), Instant::from_seconds(year + 3600)));
        assert_eq!(
            order.finish(),
            [(0, at(0)), (1800, at(1800)), (0, at(3600)), (1800, at(5400)), (year, last)]
        );
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut order = Order::new();
        let at = Instant::from_seconds(0);
        let mut refused = 0;
        for row in 0..WAITING_MAX + 2 {
            refused += usize::from(order.pending(0, Pending { earlier: at, later: at, row }).is_some());
        }
        assert_eq!((refused, order.finish().len()), (2, WAITING_MAX));
    }
}
