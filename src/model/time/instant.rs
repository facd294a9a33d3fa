//! Points in time. Every instant is absolute: a text without an offset is refused, never guessed.

use std::fmt;
use std::str::FromStr;

/// A point in time, in nanoseconds since 1970-01-01T00:00:00Z; spans 1677 to 2262.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// Why a text is not an instant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text has no offset, so it names no single instant.
    #[error(
        "the instant \"{0}\" has no offset: write it as 2024-05-01T08:00:00Z or 2024-05-01T08:00:00+02:00"
    )]
    NoOffset(String),
    /// The zone's clock goes forward over this time.
    #[error("no clock of the zone ever shows {0}: it goes forward over that time")]
    Skipped(String),
    /// The zone's clock goes back over this time.
    #[error("a clock of the zone shows {0} twice: it goes back over that time")]
    Ambiguous(String),
    /// The text names a leap second.
    #[error(
        "\"{0}\" is in the second 60: leap seconds are not counted here; write the second 59, or the minute after it"
    )]
    LeapSecond(String),
    /// The text names a zone in brackets, and no offset that the zone has.
    #[error(
        "\"{0}\" names a zone in brackets: before it write the offset of that zone, as in 2024-05-01T08:00:00+02:00"
    )]
    Bracketed(String),
    /// The text has an offset that no clock has.
    #[error("\"{0}\" has an offset that no clock has: offsets reach from -14:00 to +14:00")]
    Offset(String),
    /// The text has the hour 24.
    #[error("\"{0}\" is in the hour 24: write 00:00 of the day after")]
    HourTwentyFour(String),
    /// The text has more decimals of a second than an instant.
    #[error("\"{0}\" has more than nine decimals of a second: an instant has nanoseconds")]
    Decimals(String),
    /// The text names a time that an instant cannot be.
    #[error(
        "\"{0}\" lies outside 1677-09-22 to 2262-04-11; where a year such as 9999 means that there is no end, leave the value out"
    )]
    OutOfRange(String),
    /// The text is no RFC 3339 instant.
    #[error("\"{0}\" is not an instant such as 2024-05-01T08:00:00Z")]
    Malformed(String),
}

impl Instant {
    /// The earliest instant that can be represented.
    pub const MIN: Self = Self(i64::MIN);
    /// The latest instant that can be represented.
    pub const MAX: Self = Self(i64::MAX);

    /// Takes nanoseconds since 1970-01-01T00:00:00Z.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Takes seconds since 1970-01-01T00:00:00Z.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000_000))
    }

    /// Returns nanoseconds since 1970-01-01T00:00:00Z.
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Returns whole seconds since 1970-01-01T00:00:00Z, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000_000)
    }

    /// Returns the instant `nanos` later (earlier where negative), clamped to the range.
    #[must_use]
    pub const fn plus_nanos(self, nanos: i64) -> Self {
        Self(self.0.saturating_add(nanos))
    }
}

impl FromStr for Instant {
    type Err = Error;

    /// Reads RFC 3339, offset required (`Z` or `±hh:mm`).
    fn from_str(text: &str) -> Result<Self, Error> {
        Error::refuse_leap_second(text)?;
        // jiff reads offsets up to 25:59:59.
        if offset_minutes(text).is_some_and(|minutes| minutes > OFFSET_MINUTES_MAX) {
            return Err(Error::Offset(text.to_owned()));
        }
        // jiff leaves the zone of a timestamp and of a civil time unread.
        if text.contains('[')
            && (text.parse::<jiff::Zoned>().is_err() || text.parse::<jiff::Timestamp>().is_err())
        {
            return Err(Error::Bracketed(text.to_owned()));
        }
        if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
            return i64::try_from(timestamp.as_nanosecond())
                .map(Self)
                .map_err(|_| Error::OutOfRange(text.to_owned()));
        }
        Err(match text.parse::<jiff::civil::DateTime>() {
            Ok(_) => Error::NoOffset(text.to_owned()),
            Err(_) => Error::of(text),
        })
    }
}

/// The largest offset of a clock from UTC, in either direction (XSD 1.1 part 2, 3.3.7).
pub const OFFSET_MINUTES_MAX: u32 = 14 * 60;

/// Returns the minutes of the offset that a text ends with, without its sign and rounded up; `None` where it has none.
fn offset_minutes(text: &str) -> Option<u32> {
    Written::read(text)?;
    let text = text.split('[').next()?.trim_end();
    let (_, time) = text.trim_start().split_once(['T', 't', ' '])?;
    let digits: String =
        time[time.rfind(['+', '-', '\u{2212}'])?..].chars().filter(char::is_ascii_digit).collect();
    let number = |at: std::ops::Range<usize>| digits.get(at).map_or(Some(0), |text| text.parse::<u32>().ok());
    Some(number(0..2)? * 60 + number(2..4)? + u32::from(number(4..6)? > 0))
}

impl Error {
    /// Describes what is wrong with a text that is no instant.
    pub(in crate::model) fn of(text: &str) -> Self {
        let Some(Written { year, hour, decimals, .. }) = Written::read(text) else {
            return Self::Malformed(text.to_owned());
        };
        let text = text.to_owned();
        match () {
            () if hour == Some("24") => Self::HourTwentyFour(text),
            () if decimals > 9 => Self::Decimals(text),
            () if !(1678..=2261).contains(&year) => Self::OutOfRange(text),
            () => Self::Malformed(text),
        }
    }

    /// Refuses a leap second, which would be read as the second before it.
    pub(super) fn refuse_leap_second(text: &str) -> Result<(), Self> {
        match Written::read(text) {
            Some(Written { second: Some("60"), .. }) => Err(Self::LeapSecond(text.to_owned())),
            _ => Ok(()),
        }
    }
}

/// The parts of a text that is written as an instant, right or wrong.
struct Written<'a> {
    year: i32,
    hour: Option<&'a str>,
    second: Option<&'a str>,
    decimals: usize,
}

impl<'a> Written<'a> {
    /// Reads `YYYY-MM-DD` or `YYYYMMDD` and a time of the same form behind it; `None` where it is nothing of the kind.
    fn read(text: &'a str) -> Option<Self> {
        let (date, time) = text.trim_start().split_once(['T', 't', ' ']).unwrap_or((text, ""));
        let is_date =
            date.trim_start_matches(['+', '-']).bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let time = time.trim_start();
        let year = date.get(..4).filter(|_| is_date && date.is_ascii())?.parse().ok()?;
        let end = time.find(|sign: char| !sign.is_ascii_digit() && sign != ':').unwrap_or(time.len());
        let (clock, rest) = time.split_at(end);
        let second = if clock.contains(':') { clock.split(':').nth(2) } else { clock.get(4..) };
        let decimals = rest.strip_prefix(['.', ',']).unwrap_or("");
        let decimals = decimals.bytes().take_while(u8::is_ascii_digit).count();
        Some(Self { year, hour: clock.get(..2), second, decimals })
    }
}

impl fmt::Display for Instant {
    /// Writes RFC 3339 in UTC with as many decimals of a second as are needed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        jiff::Timestamp::from_nanosecond(i128::from(self.0)).map_err(|_| fmt::Error)?.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes() {
        let check = |text: &str, expect: &str| {
            let got = match text.parse::<Instant>() {
                Ok(instant) => instant.to_string(),
                Err(error) => error.to_string(),
            };
            assert!(got.starts_with(expect), "{text}: {got}");
        };
        check("2024-05-01T08:00:00+02:00", "2024-05-01T06:00:00Z");
        check("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z");
        check("2024-05-01T08:00:00", "the instant \"2024-05-01T08:00:00\" has no offset");
        check("2024-05-01T08:00:60.000+02:00", "\"2024-05-01T08:00:60.000+02:00\" is in the second 60");
        check("2024-05-01", "the instant \"2024-05-01\" has no offset");
        for far in ["2600-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"] {
            check(far, &format!("\"{far}\" lies outside 1677"));
        }
        for leap in
            ["2016-12-31T23:59:60Z", "2016-12-31 23:59:60.5+01:00", "20161231T235960Z", "2016-12-31T23:59:60"]
        {
            check(leap, &format!("\"{leap}\" is in the second 60: leap seconds are not counted"));
        }
        check(
            "2024-05-01T24:00:00Z",
            "\"2024-05-01T24:00:00Z\" is in the hour 24: write 00:00 of the day after",
        );
        check(
            "2024-05-01T08:00:00.1234567891Z",
            "\"2024-05-01T08:00:00.1234567891Z\" has more than nine decimals",
        );
        check("2024-05-32T08:00:00Z", "\"2024-05-32T08:00:00Z\" is not an instant");
        check("soon", "\"soon\" is not an instant");
        check("2024-05-01T08:00:00+14:00", "2024-04-30T18:00:00Z");
        check("2024-05-01T08:00:00-14:00", "2024-05-01T22:00:00Z");
        for offset in
            ["+24:00", "+25:59", "-15:00", "+14:01", "-14:30", "+14:00:01", "+2400", "+15", "+14:00:30[UTC]"]
        {
            let text = format!("2024-05-01T08:00:00{offset}");
            check(
                &text,
                &format!("\"{text}\" has an offset that no clock has: offsets reach from -14:00 to +14:00"),
            );
        }
        check("2024-05-01T08:00:00+02:00[Europe/Berlin]", "2024-05-01T06:00:00Z");
        check("2024-10-27T02:30:00+01:00[Europe/Berlin]", "2024-10-27T01:30:00Z");
        for bracketed in [
            "2024-05-01T08:00:00+01:00[Europe/Berlin]",
            "2024-05-01T08:00:00[Europe/Berlin]",
            "2024-05-01T08:00:00+02:00[Mars/Base]",
        ] {
            check(
                bracketed,
                &format!("\"{bracketed}\" names a zone in brackets: before it write the offset"),
            );
        }
    }
}
