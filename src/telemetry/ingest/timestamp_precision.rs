//! Whether the timestamps of a request were sent in the precision that it states.
//!
//! A sender that means another one is off by a factor of a thousand or more, so all its instants lie in the far future, or all
//! in the first month of 1970 although a coarser precision would make them instants of the last years.

use super::line::{Line, Precision};
use super::points::Point;
use std::ops::Range;

/// The least and the greatest timestamp of a request, as written, and the lines that another precision was meant for.
#[derive(Debug)]
pub(in crate::telemetry) struct Stamps {
    precision: Precision,
    /// The instants of the last years, up to tomorrow.
    recent: Range<i128>,
    span: Option<(i128, i128)>,
    /// Some line had none, so its instant is right.
    some_without: bool,
    /// Some instant is recent as it was sent.
    some_recent: bool,
    coarse: Vec<Coarse>,
}

/// A line of January 1970 whose timestamp is recent in a coarser precision.
#[derive(Debug)]
pub(in crate::telemetry) struct Coarse {
    /// The line.
    pub(in crate::telemetry) line: usize,
    /// Which samples were read of it.
    pub(in crate::telemetry) samples: Range<usize>,
    stamp: i128,
    fits: Precision,
}

const DAY: i128 = 86_400_000_000_000;
const MONTH: i128 = 31 * DAY;
/// Younger data than this is sent with a wrong precision more likely than data of January 1970.
const YEARS: i128 = 10 * 366 * DAY;

/// Returns the precision in which a number of steps since 1970 is an instant of the last years, though with the steps given, in
/// nanoseconds, it lies in January 1970: that is hardly meant.
pub fn coarser_precision(stamp: i128, step_ns: i64, now: i64) -> Option<Precision> {
    let lies_early = (0..MONTH).contains(&stamp.saturating_mul(i128::from(step_ns)));
    let recent = Stamps::new(Precision::Nanoseconds, now).recent;
    let fits = |of: &Precision| recent.contains(&(stamp.saturating_mul(i128::from(of.nanos()))));
    Precision::ALL.into_iter().find(fits).filter(|_| lies_early)
}

impl Stamps {
    /// Expects timestamps of a precision, none of them a day or more after `now`.
    pub(in crate::telemetry) fn new(precision: Precision, now: i64) -> Self {
        let tomorrow = i128::from(now) + DAY;
        let recent = (tomorrow - YEARS).max(MONTH)..tomorrow;
        Self { precision, recent, span: None, some_without: false, some_recent: false, coarse: Vec::new() }
    }

    /// Takes notice of a line's timestamp.
    #[inline]
    pub(in crate::telemetry) fn take(&mut self, stamp: Option<i128>) {
        match (stamp, &mut self.span) {
            (None, _) => self.some_without = true,
            (Some(stamp), Some((least, greatest))) => {
                *least = stamp.min(*least);
                *greatest = stamp.max(*greatest);
            }
            (Some(stamp), span) => *span = Some((stamp, stamp)),
        }
        self.some_recent |= stamp.is_some_and(|stamp| self.is_recent(stamp, self.precision));
    }

    /// Takes notice of the samples of a line, where its instant is hardly the one that is meant.
    #[inline]
    pub(in crate::telemetry) fn take_samples(
        &mut self,
        stamp: Option<i128>,
        line: usize,
        samples: Range<usize>,
    ) {
        let Some(stamp) = stamp else { return };
        if stamp * i128::from(self.precision.nanos()) >= MONTH {
            return;
        }
        let fits = Precision::ALL.into_iter().find(|precision| self.is_recent(stamp, *precision));
        if let Some(fits) = fits {
            self.coarse.push(Coarse { line, samples, stamp, fits });
        }
    }

    /// Takes notice of the timestamp of a line of which nothing is stored yet.
    pub(in crate::telemetry) fn take_of(&mut self, point: &Point<'_>) {
        if let Ok(stamp) = Line::cut(point.text).and_then(|line| line.stamp()) {
            self.take(stamp);
        }
    }

    /// Returns whether later lines may show that lines were sent in another precision.
    pub(in crate::telemetry) fn is_open(&self) -> bool {
        !self.coarse.is_empty() && !self.is_shown()
    }

    /// Takes the lines since the last call that were sent in another precision than the others of the request.
    pub(in crate::telemetry) fn take_coarse(&mut self) -> Vec<Coarse> {
        let coarse = std::mem::take(&mut self.coarse);
        if self.is_shown() { coarse } else { Vec::new() }
    }

    fn is_shown(&self) -> bool {
        self.some_recent || self.some_without
    }

    fn is_recent(&self, stamp: i128, precision: Precision) -> bool {
        self.recent.contains(&(stamp * i128::from(precision.nanos())))
    }

    /// Explains why a request with these timestamps is refused as a whole, and which precision would fit.
    pub(in crate::telemetry) fn refuse(&self) -> Option<String> {
        let (least, greatest) = self.span.filter(|_| !self.some_without)?;
        let fits =
            |precision: &Precision| self.is_recent(least, *precision) && self.is_recent(greatest, *precision);
        let (unit, tomorrow) = (i128::from(self.precision.nanos()), self.recent.end);
        let fitting = Precision::ALL.into_iter().find(fits).map(Precision::name);
        let stated = self.precision.name();
        match fitting {
            Some(fits) if least * unit >= tomorrow => Some(format!(
                "all timestamps lie beyond tomorrow when read as {stated}: nothing is stored; precision={fits} would fit"
            )),
            None if least * unit >= tomorrow => Some(format!(
                "all timestamps lie beyond tomorrow when read as {stated}: nothing is stored; is the sender's clock right?"
            )),
            Some(fits) if greatest * unit < MONTH => Some(format!(
                "all timestamps lie in January 1970 when read as {stated}: nothing is stored; precision={fits} would fit"
            )),
            _ => None,
        }
    }
}

impl Coarse {
    /// Describes why the line is refused.
    pub(in crate::telemetry) fn describe(&self, sent: Precision) -> String {
        format!(
            "the timestamp {} lies in January 1970 when read as {}, as other lines of the request are: the line is not stored; send lines of one precision together, this one with precision={}",
            self.stamp,
            sent.name(),
            self.fits.name()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_precision_is_reported_and_the_right_one_named() {
        let now = 1_700_000_000_000_000_000;
        let check = |stamps: &[Option<i128>], precision: Precision, expect: Option<&str>| {
            let mut all = Stamps::new(precision, now);
            stamps.iter().for_each(|stamp| all.take(*stamp));
            let got = all.refuse();
            assert_eq!(got.is_some(), expect.is_some(), "{stamps:?}: {got:?}");
            let (got, expect) = (got.unwrap_or_default(), expect.unwrap_or_default());
            assert!(got.contains(expect), "{stamps:?}: {got}");
        };
        let (seconds, nanos) = (1_699_999_000, 1_699_999_000_000_000_000);
        check(&[Some(seconds)], Precision::Seconds, None);
        check(&[Some(nanos)], Precision::Nanoseconds, None);
        check(&[Some(nanos), Some(nanos + 5)], Precision::Seconds, Some("precision=ns would fit"));
        check(&[Some(nanos / 1000)], Precision::Milliseconds, Some("precision=us would fit"));
        check(&[Some(seconds)], Precision::Nanoseconds, Some("1970 when read as ns"));
        check(&[Some(seconds * 1000)], Precision::Nanoseconds, Some("precision=ms would fit"));
        check(&[Some(seconds + 200_000)], Precision::Seconds, Some("is the sender's clock right"));
        // Some instants are right, or none can be shown to be wrong.
        check(&[Some(seconds + 200_000), Some(seconds)], Precision::Seconds, None);
        check(&[Some(nanos), None], Precision::Seconds, None);
        check(&[Some(5)], Precision::Nanoseconds, None);
        check(&[Some(-5)], Precision::Nanoseconds, None);
        check(&[], Precision::Nanoseconds, None);
    }
    #[test]
    fn lines_of_a_coarser_precision_than_the_others_are_found() {
        let now = 1_700_000_000_000_000_000;
        let check = |stamps: &[Option<i128>], precision: Precision, expect: &[usize]| {
            let mut all = Stamps::new(precision, now);
            for (line, stamp) in stamps.iter().enumerate() {
                all.take(*stamp);
                all.take_samples(*stamp, line, 0..1);
            }
            assert_eq!(
                all.take_coarse().iter().map(|coarse| coarse.line).collect::<Vec<_>>(),
                expect,
                "{stamps:?}"
            );
        };
        let (seconds, nanos) = (1_699_999_000, 1_699_999_000_000_000_000);
        check(&[Some(nanos), Some(seconds)], Precision::Nanoseconds, &[1]);
        check(&[Some(seconds * 1000), None, Some(seconds * 1_000_000)], Precision::Nanoseconds, &[0, 2]);
        check(&[Some(seconds), Some(seconds * 1000)], Precision::Milliseconds, &[0]);
        // All of them is another refusal; old data, and time that begins at 0, are what they are.
        check(&[Some(seconds), Some(seconds + 1)], Precision::Nanoseconds, &[]);
        check(&[Some(nanos), Some(nanos / 4), Some(5), Some(0)], Precision::Nanoseconds, &[]);
        check(&[Some(0), Some(seconds), Some(MONTH + 1)], Precision::Nanoseconds, &[]);
        check(&[Some(seconds), Some(seconds / 2)], Precision::Seconds, &[]);
    }
}
