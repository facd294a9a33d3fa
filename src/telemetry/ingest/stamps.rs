//! Whether the timestamps of a request were sent in the precision that it states.
//!
//! A sender that means another one is off by a factor of a thousand or more, so all its instants lie in the far future, or all
//! in the first month of 1970 although a coarser precision would make them instants of the last years.

use super::line::Precision;

/// The least and the greatest timestamp of a request, as written.
#[derive(Debug, Default)]
pub(in crate::telemetry) struct Stamps {
    span: Option<(i128, i128)>,
    /// Some line had none, so its instant is right.
    some_without: bool,
}

const DAY: i128 = 86_400_000_000_000;
/// Younger data than this is sent with a wrong precision more likely than data of January 1970.
const YEARS: i128 = 10 * 366 * DAY;

impl Stamps {
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
    }

    /// Explains why a request with these timestamps is refused as a whole, and which precision would fit.
    pub(in crate::telemetry) fn refuse(&self, precision: Precision, now: i64) -> Option<String> {
        let (least, greatest) = self.span.filter(|_| !self.some_without)?;
        let tomorrow = i128::from(now) + DAY;
        let fits = |precision: &Precision| {
            let unit = i128::from(precision.nanos());
            least * unit >= (tomorrow - YEARS).max(31 * DAY) && greatest * unit < tomorrow
        };
        let unit = i128::from(precision.nanos());
        let fitting = Precision::ALL.into_iter().find(fits).map(Precision::name);
        let stated = precision.name();
        match fitting {
            Some(fits) if least * unit >= tomorrow => Some(format!(
                "all timestamps lie beyond tomorrow when read as {stated}: nothing is stored; precision={fits} would fit"
            )),
            None if least * unit >= tomorrow => Some(format!(
                "all timestamps lie beyond tomorrow when read as {stated}: nothing is stored; is the sender's clock right?"
            )),
            Some(fits) if greatest * unit < 31 * DAY => Some(format!(
                "all timestamps lie in January 1970 when read as {stated}: nothing is stored; precision={fits} would fit"
            )),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_precision_is_reported_and_the_right_one_named() {
        let now = 1_700_000_000_000_000_000;
        let check = |stamps: &[Option<i128>], precision: Precision, expect: Option<&str>| {
            let mut all = Stamps::default();
            stamps.iter().for_each(|stamp| all.take(*stamp));
            let got = all.refuse(precision, now);
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
}
