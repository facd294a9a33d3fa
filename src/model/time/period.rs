//! ISO 8601 durations, and the aligned buckets that they cut time into.

use super::instant::Instant;
use super::interval::Interval;
use std::fmt;
use std::str::FromStr;

/// An ISO 8601 duration (`PT10M`, `P1D`, `P1M`): calendar months and days beside an exact rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period {
    months: u32,
    days: u32,
    nanos: i64,
}

/// Why a text is not a duration, or not one that can be used here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is no ISO 8601 duration, or a negative one.
    #[error("\"{0}\" is not a duration such as PT10M, PT1H, P1D or P1M")]
    Malformed(String),
    /// Buckets need one calendar unit or an exact length, not a mixture and not nothing.
    #[error("{0} cannot cut time into buckets: use whole months, whole days, or hours and below")]
    NoBucket(Period),
    /// The buckets are too short for the time that they are to cut.
    #[error("buckets of {period} cut the time asked for into more than {most} parts")]
    TooMany {
        /// The length of the buckets.
        period: Period,
        /// How many they may be.
        most: usize,
    },
    /// It reaches back before the earliest instant.
    #[error("{0} is longer than an instant can represent")]
    TooLong(Period),
    /// The name is no time zone of the IANA database.
    #[error("\"{0}\" is not a time zone such as UTC or Europe/Paris")]
    Zone(String),
}

impl Period {
    /// Makes an exact duration.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self { months: 0, days: 0, nanos }
    }

    /// Makes a duration of whole calendar days.
    pub const fn from_days(days: u32) -> Self {
        Self { months: 0, days, nanos: 0 }
    }

    /// Makes a duration of whole calendar months.
    pub const fn from_months(months: u32) -> Self {
        Self { months, days: 0, nanos: 0 }
    }

    /// Returns whether months or days are involved, whose beginnings depend on the time zone.
    pub const fn is_of_calendar(self) -> bool {
        self.months > 0 || self.days > 0
    }

    /// Returns the exact length in nanoseconds, a day taken as 24 hours; `None` where months are involved.
    pub fn exact_nanos(self) -> Option<i64> {
        let days = i64::from(self.days).checked_mul(86_400_000_000_000)?;
        if self.months == 0 { self.nanos.checked_add(days) } else { None }
    }

    /// Returns the length in nanoseconds with a day of 24 hours and a month of the calendar's mean, a twelfth of 365.2425 days.
    pub fn mean_nanos(self) -> i64 {
        let days = i64::from(self.days).saturating_mul(86_400_000_000_000);
        let months = i64::from(self.months).saturating_mul(2_629_746_000_000_000);
        self.nanos.saturating_add(days).saturating_add(months)
    }

    /// Returns the instant that lies this long before another; days and months are those of UTC.
    pub fn before(self, at: Instant) -> Result<Instant, Error> {
        let zoned = jiff::Timestamp::from_nanosecond(i128::from(at.nanos()))
            .map(|at| at.to_zoned(jiff::tz::TimeZone::UTC));
        let span = jiff::Span::new().try_months(self.months).and_then(|span| span.try_days(self.days));
        let span = span.and_then(|span| span.try_nanoseconds(self.nanos));
        let earlier = zoned.and_then(|at| at.checked_sub(span?)).map_err(|_| Error::TooLong(self))?;
        i64::try_from(earlier.timestamp().as_nanosecond())
            .map(Instant::from_nanos)
            .map_err(|_| Error::TooLong(self))
    }

    /// Cuts `window` into buckets of this length. Months and days begin at midnight in `zone`: months are counted from January
    /// 1970, whole weeks from Monday 1970-01-05, other numbers of days from 1970-01-01. Exact lengths are counted from
    /// 1970-01-01T00:00:00Z. The first and last bucket are cut to the window. More than `most` are refused before they are made.
    pub fn buckets(self, window: Interval, zone: &Zone, most: usize) -> Result<Vec<Interval>, Error> {
        let mut start = self.start_of_bucket(window.from(), zone)?;
        let mut buckets = Vec::new();
        while start < window.to() {
            if buckets.len() == most {
                return Err(Error::TooMany { period: self, most });
            }
            let next = self.next_bucket(start, zone)?;
            let bucket = Interval::new(start, next).map_err(|_| Error::NoBucket(self))?;
            buckets.extend(bucket.intersect(window));
            start = next;
        }
        Ok(buckets)
    }

    fn start_of_bucket(self, at: Instant, zone: &Zone) -> Result<Instant, Error> {
        match (self.months, self.days, self.nanos) {
            (0, 0, nanos) if nanos > 0 => {
                let start = at.nanos().div_euclid(nanos).checked_mul(nanos);
                start.map(Instant::from_nanos).ok_or(Error::NoBucket(self))
            }
            (0, days, 0) if days > 0 => {
                let date = zone.date(at)?;
                let number = date.since(first_day(days)).map_err(|_| Error::NoBucket(self))?.get_days();
                let back = number.rem_euclid(i32::try_from(days).map_err(|_| Error::NoBucket(self))?);
                zone.midnight(
                    date.checked_sub(jiff::Span::new().days(back)).map_err(|_| Error::NoBucket(self))?,
                )
            }
            (months, 0, 0) if months > 0 => {
                let date = zone.date(at)?;
                let number = i32::from(date.year() - 1970) * 12 + i32::from(date.month()) - 1;
                let back = number.rem_euclid(i32::try_from(months).map_err(|_| Error::NoBucket(self))?);
                let first = date.first_of_month();
                zone.midnight(
                    first.checked_sub(jiff::Span::new().months(back)).map_err(|_| Error::NoBucket(self))?,
                )
            }
            _ => Err(Error::NoBucket(self)),
        }
    }

    fn next_bucket(self, start: Instant, zone: &Zone) -> Result<Instant, Error> {
        if self.months == 0 && self.days == 0 {
            return Ok(start.plus_nanos(self.nanos));
        }
        let span = jiff::Span::new().months(i64::from(self.months)).days(i64::from(self.days));
        zone.midnight(zone.date(start)?.checked_add(span).map_err(|_| Error::NoBucket(self))?)
    }
}

/// Returns the day that buckets of so many days are counted from: weeks begin on Monday (ISO 8601).
fn first_day(days: u32) -> jiff::civil::Date {
    if days.is_multiple_of(7) { jiff::civil::date(1970, 1, 5) } else { jiff::civil::date(1970, 1, 1) }
}

impl FromStr for Period {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let malformed = || Error::Malformed(text.to_owned());
        let span: jiff::Span = text.parse().map_err(|_| malformed())?;
        if span.is_negative() || !text.starts_with('P') {
            return Err(malformed());
        }
        let months = i64::from(span.get_years()) * 12 + i64::from(span.get_months());
        let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
        let seconds = i64::from(span.get_hours()) * 3600 + span.get_minutes() * 60 + span.get_seconds();
        let rest =
            span.get_milliseconds() * 1_000_000 + span.get_microseconds() * 1000 + span.get_nanoseconds();
        Ok(Self {
            months: u32::try_from(months).map_err(|_| malformed())?,
            days: u32::try_from(days).map_err(|_| malformed())?,
            nanos: seconds
                .checked_mul(1_000_000_000)
                .and_then(|n| n.checked_add(rest))
                .ok_or_else(malformed)?,
        })
    }
}

impl fmt::Display for Period {
    /// Writes ISO 8601.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span = jiff::Span::new()
            .months(i64::from(self.months))
            .days(i64::from(self.days))
            .hours(self.nanos / 3_600_000_000_000)
            .minutes(self.nanos / 60_000_000_000 % 60)
            .seconds(self.nanos / 1_000_000_000 % 60)
            .nanoseconds(self.nanos % 1_000_000_000);
        span.fmt(f)
    }
}

/// When a wall clock shows a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// At one instant.
    Once(Instant),
    /// At two, as the clock goes back in between: the earlier and the later one.
    Twice(Instant, Instant),
}

/// A time zone of the IANA database, by its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone(jiff::tz::TimeZone);

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(jiff::tz::TimeZone::UTC);

    /// Returns the instant at which a wall clock of this zone shows `text` (no offset in it), such as
    /// `2024-05-01T08:00:00` or `2024-05-01 08:00`. A time that the clock shows twice, when it goes back, is refused, and
    /// so is one that it never shows, when it goes forward. A date alone begins at its first instant, which is not always midnight.
    pub fn instant(&self, text: &str) -> Result<Instant, super::instant::Error> {
        match self.shown(text)? {
            Shown::Once(instant) => Ok(instant),
            Shown::Twice(..) => Err(super::instant::Error::Ambiguous(text.to_owned())),
        }
    }

    /// Returns the instants at which a wall clock of this zone shows `text`; a time that it never shows is refused.
    pub fn shown(&self, text: &str) -> Result<Shown, super::instant::Error> {
        super::instant::Error::refuse_leap_second(text)?;
        if text.contains('[') {
            return Err(super::instant::Error::Bracketed(text.to_owned()));
        }
        let malformed = || super::instant::Error::of(text);
        let civil: jiff::civil::DateTime = text.parse().map_err(|_| malformed())?;
        if is_date(text) {
            let begin = self.midnight(civil.date()).map_err(|_| malformed())?;
            // A zone that changes its side of the date line leaves out a whole day.
            let is_shown = self.date(begin).is_ok_and(|date| date == civil.date());
            let skipped = || super::instant::Error::Skipped(text.to_owned());
            return if is_shown { Ok(Shown::Once(begin)) } else { Err(skipped()) };
        }
        let ambiguous = self.0.to_ambiguous_timestamp(civil);
        let instant = |timestamp: Result<jiff::Timestamp, jiff::Error>| {
            let nanos = timestamp.map_err(|_| malformed())?.as_nanosecond();
            i64::try_from(nanos).map(Instant::from_nanos).map_err(|_| malformed())
        };
        match ambiguous.offset() {
            jiff::tz::AmbiguousOffset::Unambiguous { .. } => Ok(Shown::Once(instant(ambiguous.earlier())?)),
            jiff::tz::AmbiguousOffset::Gap { .. } => Err(super::instant::Error::Skipped(text.to_owned())),
            jiff::tz::AmbiguousOffset::Fold { .. } => {
                Ok(Shown::Twice(instant(ambiguous.earlier())?, instant(ambiguous.later())?))
            }
        }
    }

    /// Returns the abbreviation of the zone's time at an instant, such as `CEST`.
    pub fn abbreviation(&self, at: Instant) -> String {
        let at = jiff::Timestamp::from_nanosecond(i128::from(at.nanos()));
        at.map_or_else(|_| String::new(), |at| self.0.to_offset_info(at).abbreviation().to_owned())
    }

    /// Returns how far the zone's clock is ahead of UTC at an instant, in nanoseconds; 0 beyond the range of its rules.
    pub fn offset_nanos(&self, at: Instant) -> i64 {
        let at = jiff::Timestamp::from_nanosecond(i128::from(at.nanos()));
        at.map_or(0, |at| i64::from(self.0.to_offset(at).seconds()) * 1_000_000_000)
    }

    /// Writes an instant in RFC 3339 with the zone's offset, with as many decimals of a second as are needed.
    pub fn written(&self, at: Instant) -> String {
        let offset = self.offset_nanos(at);
        let local = at.plus_nanos(offset).to_string();
        if offset == 0 {
            return local;
        }
        let minutes = offset.abs() / 60_000_000_000;
        let sign = if offset < 0 { '-' } else { '+' };
        format!("{}{sign}{:02}:{:02}", local.trim_end_matches('Z'), minutes / 60, minutes % 60)
    }

    fn date(&self, at: Instant) -> Result<jiff::civil::Date, Error> {
        let at = jiff::Timestamp::from_nanosecond(i128::from(at.nanos())).map_err(|_| self.out_of_range())?;
        Ok(self.0.to_datetime(at).date())
    }

    fn midnight(&self, date: jiff::civil::Date) -> Result<Instant, Error> {
        let zoned = date.to_zoned(self.0.clone()).map_err(|_| self.out_of_range())?;
        i64::try_from(zoned.timestamp().as_nanosecond())
            .map(Instant::from_nanos)
            .map_err(|_| self.out_of_range())
    }

    fn out_of_range(&self) -> Error {
        Error::Zone(format!("{} beyond its range", self.0.iana_name().unwrap_or("UTC")))
    }
}

/// Returns whether a time that was read is a date alone.
fn is_date(text: &str) -> bool {
    !text.trim().contains([':', 'T', 't', ' '])
}

impl FromStr for Zone {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        jiff::tz::TimeZone::get(name).map(Self).map_err(|_| Error::Zone(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At the most four.
    fn buckets(period: &str, from: &str, to: &str, zone: &str) -> Vec<String> {
        let instant = |text: &str| text.parse::<Instant>().expect("a test instant");
        let window = Interval::new(instant(from), instant(to)).expect("a test window");
        let zone: Zone = zone.parse().expect("a test zone");
        let buckets = period.parse::<Period>().and_then(|period| period.buckets(window, &zone, 4));
        match buckets {
            Ok(buckets) => buckets.iter().map(|bucket| bucket.from().to_string()).collect(),
            Err(error) => vec![error.to_string()],
        }
    }

    #[test]
    fn a_wall_clock_time_becomes_an_instant() {
        let zone: Zone = "Europe/Paris".parse().expect("a zone");
        let check = |text: &str, expect: &str| {
            let got =
                zone.instant(text).map_or_else(|error| error.to_string(), |instant| instant.to_string());
            assert!(got.starts_with(expect), "{text}: {got}");
        };
        check("2024-07-01 08:00", "2024-07-01T06:00:00Z");
        check("2024-10-27T02:30:00", "a clock of the zone shows 2024-10-27T02:30:00 twice");
        let twice =
            ["2024-10-27T00:30:00Z", "2024-10-27T01:30:00Z"].map(|at| at.parse().expect("an instant"));
        assert_eq!(zone.shown("2024-10-27T02:30:00"), Ok(Shown::Twice(twice[0], twice[1])));
        assert_eq!(twice.map(|at| zone.abbreviation(at)), ["CEST", "CET"]);
        check("2024-03-31T02:30:00", "no clock of the zone ever shows 2024-03-31T02:30:00");
        check("noon", "\"noon\" is not an instant");
        check(
            "2024-07-01T08:00[Europe/Berlin]",
            "\"2024-07-01T08:00[Europe/Berlin]\" names a zone in brackets",
        );
    }

    #[test]
    fn a_date_begins_at_its_first_instant() {
        let check = |zone: &str, text: &str, expect: &str| {
            let zone: Zone = zone.parse().expect("a zone");
            let got = zone.instant(text).map_or_else(|error| error.to_string(), |at| at.to_string());
            assert!(got.starts_with(expect), "{text}: {got}");
        };
        check("Europe/Paris", "2024-07-01", "2024-06-30T22:00:00Z");
        // No clock shows 00:00 of this day, which begins at 01:00.
        check("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z");
        check("America/Sao_Paulo", "2018-11-04T00:00", "no clock of the zone ever shows 2018-11-04T00:00");
        // 00:00 is shown twice.
        check("America/Havana", "2024-11-03", "2024-11-03T04:00:00Z");
        check("America/Havana", "2024-11-03 00:00", "a clock of the zone shows 2024-11-03 00:00 twice");
        // There was no such day.
        check("Pacific/Apia", "2011-12-30", "no clock of the zone ever shows 2011-12-30");
    }

    #[test]
    fn an_instant_is_written_in_a_zone() {
        let check = |zone: &str, expect: &str| {
            let zone: Zone = zone.parse().expect("a zone");
            let at: Instant = "2024-07-01T12:00:00.25Z".parse().expect("an instant");
            let written = zone.written(at);
            assert_eq!(written, expect);
            assert_eq!(written.parse::<Instant>(), Ok(at));
        };
        check("UTC", "2024-07-01T12:00:00.25Z");
        check("Europe/Paris", "2024-07-01T14:00:00.25+02:00");
        check("America/St_Johns", "2024-07-01T09:30:00.25-02:30");
    }

    #[test]
    fn returns_the_instant_before() {
        let check = |period: &str, expect: &str| {
            let at: Instant = "2024-03-31T12:00:00Z".parse().expect("a test instant");
            let before = period.parse::<Period>().and_then(|period| period.before(at));
            assert_eq!(
                before.map_or_else(|error| error.to_string(), |at| at.to_string()),
                expect,
                "{period}"
            );
        };
        check("PT90M", "2024-03-31T10:30:00Z");
        check("P1DT1H", "2024-03-30T11:00:00Z");
        check("P1M", "2024-02-29T12:00:00Z");
        check("P800Y", "P9600M is longer than an instant can represent");
    }

    #[test]
    fn cuts_time() {
        let check =
            |period, from, to, zone, expect: &[&str]| assert_eq!(buckets(period, from, to, zone), expect);
        check(
            "PT1H",
            "2024-01-01T00:30:00Z",
            "2024-01-01T02:00:00Z",
            "UTC",
            &["2024-01-01T00:30:00Z", "2024-01-01T01:00:00Z"],
        );
        check(
            "P1M",
            "2024-01-31T23:30:00Z",
            "2024-03-01T00:00:00Z",
            "Europe/Paris",
            &["2024-01-31T23:30:00Z", "2024-02-29T23:00:00Z"],
        );
        check(
            "P1Y",
            "2023-06-01T00:00:00Z",
            "2024-02-01T00:00:00Z",
            "UTC",
            &["2023-06-01T00:00:00Z", "2024-01-01T00:00:00Z"],
        );
        let january = ("2024-01-03T12:00:00Z", "2024-01-23T00:00:00Z");
        for week in ["P1W", "P7D"] {
            check(
                week,
                january.0,
                january.1,
                "Europe/Paris",
                &[
                    "2024-01-03T12:00:00Z",
                    "2024-01-07T23:00:00Z",
                    "2024-01-14T23:00:00Z",
                    "2024-01-21T23:00:00Z",
                ],
            );
        }
        // The clocks go forward on Sunday, 2024-03-31: that week has 167 hours.
        check(
            "P1W",
            "2024-03-25T00:00:00+01:00",
            "2024-04-08T00:00:00+02:00",
            "Europe/Paris",
            &["2024-03-24T23:00:00Z", "2024-03-31T22:00:00Z"],
        );
        // 2817 weeks, an odd number, lie between Monday 1970-01-05 and Monday 2024-01-01.
        check(
            "P2W",
            january.0,
            january.1,
            "UTC",
            &["2024-01-03T12:00:00Z", "2024-01-08T00:00:00Z", "2024-01-22T00:00:00Z"],
        );
        // 2024-01-03 is day 19725 from 1970-01-01.
        check(
            "P10D",
            january.0,
            january.1,
            "UTC",
            &["2024-01-03T12:00:00Z", "2024-01-08T00:00:00Z", "2024-01-18T00:00:00Z"],
        );
        check(
            "P1W",
            "1969-12-24T00:00:00Z",
            "1970-01-06T00:00:00Z",
            "UTC",
            &["1969-12-24T00:00:00Z", "1969-12-29T00:00:00Z", "1970-01-05T00:00:00Z"],
        );
        // The day the clocks go forward has 23 hours.
        check(
            "P1D",
            "2024-03-31T00:00:00+01:00",
            "2024-04-01T00:00:00+02:00",
            "Europe/Paris",
            &["2024-03-30T23:00:00Z"],
        );
        check(
            "P1DT1H",
            "2024-01-01T00:00:00Z",
            "2024-01-02T00:00:00Z",
            "UTC",
            &["P1DT1H cannot cut time into buckets: use whole months, whole days, or hours and below"],
        );
        check(
            "1h",
            "2024-01-01T00:00:00Z",
            "2024-01-02T00:00:00Z",
            "UTC",
            &["\"1h\" is not a duration such as PT10M, PT1H, P1D or P1M"],
        );
        check(
            "PT0.001S",
            "1970-01-01T00:00:00Z",
            "2200-01-01T00:00:00Z",
            "UTC",
            &["buckets of PT0.001S cut the time asked for into more than 4 parts"],
        );
        check(
            "PT1H",
            "2024-01-01T00:00:00Z",
            "2024-01-01T04:00:00Z",
            "UTC",
            &["2024-01-01T00:00:00Z", "2024-01-01T01:00:00Z", "2024-01-01T02:00:00Z", "2024-01-01T03:00:00Z"],
        );
        // The bucket that the window begins in would begin before all instants.
        check(
            "PT2000000H",
            "1680-01-01T00:00:00Z",
            "1690-01-01T00:00:00Z",
            "UTC",
            &["PT2000000H cannot cut time into buckets: use whole months, whole days, or hours and below"],
        );
    }
}
