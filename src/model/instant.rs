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
    /// The text is no RFC 3339 instant, or lies outside 1677 to 2262.
    #[error("\"{0}\" is not an instant such as 2024-05-01T08:00:00Z")]
    Malformed(String),
}

impl Instant {
    /// The earliest instant that can be told.
    pub const MIN: Self = Self(i64::MIN);
    /// The latest instant that can be told.
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

    /// Returns the instant `nanos` later (earlier where negative), held within the range.
    #[must_use]
    pub const fn plus_nanos(self, nanos: i64) -> Self {
        Self(self.0.saturating_add(nanos))
    }
}

impl FromStr for Instant {
    type Err = Error;

    /// Reads RFC 3339, offset required (`Z` or `±hh:mm`).
    fn from_str(text: &str) -> Result<Self, Error> {
        if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
            return i64::try_from(timestamp.as_nanosecond())
                .map(Self)
                .map_err(|_| Error::Malformed(text.to_owned()));
        }
        Err(match text.parse::<jiff::civil::DateTime>() {
            Ok(_) => Error::NoOffset(text.to_owned()),
            Err(_) => Error::Malformed(text.to_owned()),
        })
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
        check("2024-05-01", "the instant \"2024-05-01\" has no offset");
        check("2600-01-01T00:00:00Z", "\"2600-01-01T00:00:00Z\" is not an instant");
        check("soon", "\"soon\" is not an instant");
    }
}
