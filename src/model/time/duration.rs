//! XSD durations as they are written: months, days and an exact rest, each kept apart as calendars keep them.

/// The seconds of a day, as XSD compares days with hours.
const DAY: u128 = 86_400;

/// The seconds of a month on average, by which durations are put in order.
const MONTH: u128 = 2_629_746;

/// A duration as it is written; [`Period`](super::period::Period) is what the program computes with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duration {
    negative: bool,
    months: u64,
    days: u64,
    seconds: u64,
    /// The decimals of a second, without trailing zeros.
    fraction: Box<str>,
}

/// What two spellings of one duration share: months, and seconds with decimals; a month has no length in days.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Length {
    negative: bool,
    months: u64,
    seconds: u128,
    fraction: Box<str>,
}

impl Duration {
    /// Reads the lexical form of `xsd:duration`; `None` where it is none, or too long for whole seconds in 64 bits.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let rest = rest.strip_prefix('P')?;
        let (date, time) = match rest.split_once('T') {
            Some((_, "")) => return None,
            Some((date, time)) => (date, time),
            None if rest.is_empty() => return None,
            None => (rest, ""),
        };
        let (years, date) = component(date, 'Y')?;
        let (months, date) = component(date, 'M')?;
        let (days, date) = component(date, 'D')?;
        let (hours, time) = component(time, 'H')?;
        let (minutes, time) = component(time, 'M')?;
        let (seconds, fraction) = match time.strip_suffix('S') {
            Some(text) => second(text)?,
            None if time.is_empty() => (0, ""),
            None => return None,
        };
        let rest = hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?;
        let this = Self {
            negative,
            months: years.checked_mul(12)?.checked_add(months)?,
            days,
            seconds: rest.checked_add(seconds)?,
            fraction: fraction.trim_end_matches('0').into(),
        };
        date.is_empty().then_some(this)
    }

    /// Returns whether it has no part of days and below.
    pub fn is_of_months(&self) -> bool {
        self.days == 0 && self.seconds == 0 && self.fraction.is_empty()
    }

    /// Returns whether it has no part of months and above.
    pub fn is_of_days(&self) -> bool {
        self.months == 0
    }

    /// Writes it with no more minutes and seconds than 59 and no more months than 11. Hours stay beside days: a day of
    /// a calendar is not always 24 hours.
    pub fn canonical(&self) -> String {
        let mut text = String::from(if self.negative && !self.is_zero() { "-P" } else { "P" });
        let mut part = |count: u64, unit: char| {
            if count > 0 {
                text.push_str(&format!("{count}{unit}"));
            }
        };
        part(self.months / 12, 'Y');
        part(self.months % 12, 'M');
        part(self.days, 'D');
        if self.seconds > 0 || !self.fraction.is_empty() {
            text.push('T');
            let mut part = |count: u64, unit: char| {
                if count > 0 {
                    text.push_str(&format!("{count}{unit}"));
                }
            };
            part(self.seconds / 3600, 'H');
            part(self.seconds / 60 % 60, 'M');
            match (self.seconds % 60, &*self.fraction) {
                (seconds, "") => part(seconds, 'S'),
                (seconds, fraction) => text.push_str(&format!("{seconds}.{fraction}S")),
            }
        }
        if self.is_zero() {
            text.push_str("T0S");
        }
        text
    }

    /// Returns what equal durations share: PT24H and P1D are equal, P1M and P30D are not.
    pub fn length(&self) -> Length {
        Length {
            negative: self.negative && !self.is_zero(),
            months: self.months,
            seconds: u128::from(self.days) * DAY + u128::from(self.seconds),
            fraction: self.fraction.clone(),
        }
    }

    fn is_zero(&self) -> bool {
        self.is_of_days() && self.is_of_months()
    }
}

impl Length {
    /// Appends bytes that are alike for equal durations, and sort as they do where a month is taken as 30.436875 days.
    pub fn write_key(&self, into: &mut Vec<u8>) {
        let start = into.len();
        into.push(0x80);
        let about = u128::from(self.months) * MONTH + self.seconds;
        into.extend(u64::try_from(about).unwrap_or(u64::MAX).to_be_bytes());
        into.extend(self.months.to_be_bytes());
        into.extend(self.fraction.bytes());
        into.push(0);
        if self.negative {
            // What is longer is less.
            into[start..].iter_mut().for_each(|byte| *byte = !*byte);
        }
    }
}

/// The bytes of a key before the decimals.
const WHOLE: usize = 17;

/// Returns how many bytes of `bytes` the key that [`Length::write_key`] wrote takes.
pub fn key_length(bytes: &[u8]) -> Option<usize> {
    let decimals = bytes.get(WHOLE..)?;
    decimals.iter().position(|byte| matches!(byte, 0 | 0xff)).map(|end| WHOLE + end + 1)
}

/// Splits off a whole number that a unit follows; 0 where the unit is not there.
fn component(text: &str, unit: char) -> Option<(u64, &str)> {
    let Some((count, rest)) = text.split_once(unit) else { return Some((0, text)) };
    let is_whole = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
    if is_whole { Some((count.parse().ok()?, rest)) } else { None }
}

fn second(text: &str) -> Option<(u64, &str)> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if digits(whole) && digits(fraction) { Some((whole.parse().ok()?, fraction)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(Duration::parse(text).map(|read| read.canonical()).as_deref(), expect, "{text}");
        };
        check("PT60M", Some("PT1H"));
        check("PT3600S", Some("PT1H"));
        check("PT90.50S", Some("PT1M30.5S"));
        check("P14M", Some("P1Y2M"));
        check("PT24H", Some("PT24H"));
        check("P1D", Some("P1D"));
        check("P1DT24H", Some("P1DT24H"));
        check("-P0D", Some("PT0S"));
        check("-PT0.5S", Some("-PT0.5S"));
        check("P1Y2M3DT4H5M6S", Some("P1Y2M3DT4H5M6S"));
        for wrong in [
            "", "P", "PT", "P1", "1H", "P1H", "PT1D", "P1DT", "PT1.5H", "P-1D", "P1W", "pt1h", "PT1S1M",
            "PT.5S", "PT5.S", "+P1D",
        ] {
            check(wrong, None);
        }
        check(&format!("P{}D", u128::MAX), None);
    }

    #[test]
    fn equal_durations_have_one_key() {
        let check = |one: &str, other: &str, equal: bool| {
            let [a, b] = [one, other].map(|text| Duration::parse(text).expect("a duration").length());
            let key = |length: &Length| {
                let mut key = Vec::new();
                length.write_key(&mut key);
                assert_eq!(key_length(&[key.clone(), vec![3, 0]].concat()), Some(key.len()));
                key
            };
            assert_eq!((a == b, key(&a) == key(&b)), (equal, equal), "{one} {other}");
        };
        check("PT1H", "PT60M", true);
        check("P1D", "PT24H", true);
        check("P1Y", "P12M", true);
        check("P1M", "P30D", false);
        check("PT0.5S", "PT0.50S", true);
        check("PT0.5S", "-PT0.5S", false);
        check("PT0S", "-P0D", true);
    }
}
