//! The fixed spans of time that rollups are kept for: hours, days, quarters of months and months of UTC.
//!
//! A quarter begins with the 1st, the 9th, the 17th or the 25th. Series of some minutes' period have too few samples for rollups of
//! days; of a month that a swap or another zone's calendar cuts, three quarters are still whole.

use super::weights::{DAY, HOUR};

/// Days of a quarter but the last, which ends with its month.
const QUARTER_DAYS: i64 = 8;

/// How long a slot is. Longer ones sort first: a query takes the longest that fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::telemetry) enum Level {
    /// A calendar month of UTC.
    Month,
    /// A quarter of a month of UTC.
    Quarter,
    /// A day of UTC.
    Day,
    /// An hour.
    Hour,
}

impl Level {
    /// All levels, shortest first: longer ones are made of shorter ones.
    pub(in crate::telemetry) const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Quarter, Self::Month];

    /// Returns the number of the level in a file.
    pub(in crate::telemetry) fn tag(self) -> u8 {
        match self {
            Self::Hour => 0,
            Self::Day => 1,
            Self::Month => 2,
            Self::Quarter => 3,
        }
    }

    /// Finds a level by its number.
    pub(in crate::telemetry) fn of_tag(tag: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.tag() == tag)
    }

    /// Returns the slot that an instant of 1970 to 2262 lies in.
    pub(in crate::telemetry) fn slot(self, at: i64) -> Slot {
        let start = match self {
            Self::Hour => at.div_euclid(HOUR) * HOUR,
            Self::Day => at.div_euclid(DAY) * DAY,
            Self::Quarter => quarter_start(at.div_euclid(DAY)) * DAY,
            Self::Month => month_start(month_of(at.div_euclid(DAY))) * DAY,
        };
        Slot { start, level: self }
    }
}

/// An hour, a day, a quarter of a month or a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::telemetry) struct Slot {
    /// Its first instant.
    pub(in crate::telemetry) start: i64,
    /// Its length.
    pub(in crate::telemetry) level: Level,
}

impl Slot {
    /// Returns the first instant after the slot.
    pub(in crate::telemetry) fn end(self) -> i64 {
        match self.level {
            Level::Hour => self.start + HOUR,
            Level::Day => self.start + DAY,
            Level::Quarter => quarter_end(self.start.div_euclid(DAY)) * DAY,
            Level::Month => month_start(month_of(self.start.div_euclid(DAY)) + 1) * DAY,
        }
    }
}

/// Returns the first day of the quarter of a month that a day lies in.
fn quarter_start(day: i64) -> i64 {
    let month = month_start(month_of(day));
    month + (day - month) / QUARTER_DAYS * QUARTER_DAYS
}

/// Returns the first day after a quarter of a month that starts with a day.
fn quarter_end(day: i64) -> i64 {
    let month = month_of(day);
    let is_last = day - month_start(month) == 3 * QUARTER_DAYS;
    if is_last { month_start(month + 1) } else { day + QUARTER_DAYS }
}

/// Returns the months from 0000-03 to the month of a day counted from 1970 (H. Hinnant, *chrono-compatible low-level date
/// algorithms*): years that start in March put the leap day last.
fn month_of(day: i64) -> i64 {
    let day = day + 719_468;
    let (era, day) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    (era * 400 + year) * 12 + (5 * day_of_year + 2) / 153
}

/// Returns the first day of a month counted as in [`month_of`].
fn month_start(month: i64) -> i64 {
    let (year, month) = (month.div_euclid(12), month.rem_euclid(12));
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    era * 146_097 + year * 365 + year / 4 - year / 100 + (153 * month + 2) / 5 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::instant::Instant;

    #[test]
    fn slots_are_those_of_the_calendar() {
        let check = |at: &str, level: Level, start: &str, end: &str| {
            let slot = level.slot(at.parse::<Instant>().unwrap().nanos());
            let text = |nanos| Instant::from_nanos(nanos).to_string();
            assert_eq!((text(slot.start), text(slot.end())), (start.to_owned(), end.to_owned()), "{at}");
            assert_eq!(Level::of_tag(level.tag()), Some(level));
        };
        check("1970-01-01T00:00:00Z", Level::Month, "1970-01-01T00:00:00Z", "1970-02-01T00:00:00Z");
        check("2024-02-29T23:59:59Z", Level::Month, "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z");
        check("2100-02-28T12:00:00Z", Level::Month, "2100-02-01T00:00:00Z", "2100-03-01T00:00:00Z");
        check("2023-12-31T23:00:00Z", Level::Month, "2023-12-01T00:00:00Z", "2024-01-01T00:00:00Z");
        check("2261-12-31T23:00:00Z", Level::Month, "2261-12-01T00:00:00Z", "2262-01-01T00:00:00Z");
        for (at, start, end) in
            [("01", "01", "09"), ("08", "01", "09"), ("09", "09", "17"), ("24", "17", "25")]
        {
            let day = |day: &str| format!("2024-02-{day}T00:00:00Z");
            check(&day(at), Level::Quarter, &day(start), &day(end));
        }
        check("2023-02-28T23:59:59Z", Level::Quarter, "2023-02-25T00:00:00Z", "2023-03-01T00:00:00Z");
        check("2024-02-29T23:59:59Z", Level::Quarter, "2024-02-25T00:00:00Z", "2024-03-01T00:00:00Z");
        check("2261-12-31T23:00:00Z", Level::Quarter, "2261-12-25T00:00:00Z", "2262-01-01T00:00:00Z");
        check("2024-02-29T23:59:59Z", Level::Day, "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z");
        check("2024-02-29T23:59:59Z", Level::Hour, "2024-02-29T23:00:00Z", "2024-03-01T00:00:00Z");
    }
}
