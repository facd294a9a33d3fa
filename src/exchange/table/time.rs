//! Times and dates as spreadsheets write them.

use crate::model::instant::{self, Instant};
use crate::model::period::Zone;

/// How a column writes its times: `DD.MM.YYYY hh:mm`, `MM/DD/YY hh:mm AM`. The words are `YYYY` `YY` (20YY) `MM`
/// `DD` `hh` `mm` `ss` and `AM`; anything else stands for itself. An offset may follow the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(String);

#[derive(Default)]
struct Parts {
    year: u32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
    afternoon: Option<bool>,
}

impl Pattern {
    pub(super) fn new(text: &str) -> Result<Self, String> {
        for word in ["YY", "MM", "DD"] {
            if !text.contains(word) {
                return Err(format!("the format \"{text}\" has no {word}; write it like DD.MM.YYYY hh:mm"));
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the text in ISO 8601 and what follows it; `None` where it is not written like this.
    fn iso<'a>(&self, text: &'a str) -> Option<(String, &'a str)> {
        let mut parts = Parts::default();
        let (mut pattern, mut text) = (self.0.as_str(), text);
        while !pattern.is_empty() {
            (pattern, text) = parts.take(pattern, text)?;
        }
        let hour = match parts.afternoon {
            Some(afternoon) if (1..=12).contains(&parts.hour) => parts.hour % 12 + 12 * u32::from(afternoon),
            Some(_) => return None,
            None => parts.hour,
        };
        let Parts { year, month, day, minute, second, .. } = parts;
        Some((format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"), text.trim_start()))
    }
}

impl Parts {
    /// Takes one word of the pattern off both; returns what is left.
    fn take<'p, 't>(&mut self, pattern: &'p str, text: &'t str) -> Option<(&'p str, &'t str)> {
        if let Some(pattern) = pattern.strip_prefix("YYYY") {
            let (year, rest) = number(text, 4, 4)?;
            self.year = year;
            return Some((pattern, rest));
        }
        if let Some(pattern) = pattern.strip_prefix("YY") {
            let (year, rest) = number(text, 2, 2)?;
            self.year = 2000 + year;
            return Some((pattern, rest));
        }
        if let Some(pattern) = pattern.strip_prefix("AM") {
            let half = text.get(..2)?.to_ascii_uppercase();
            self.afternoon = Some(if half == "PM" {
                true
            } else if half == "AM" {
                false
            } else {
                return None;
            });
            return Some((pattern, &text[2..]));
        }
        let words = [
            ("MM", &mut self.month),
            ("DD", &mut self.day),
            ("hh", &mut self.hour),
            ("mm", &mut self.minute),
            ("ss", &mut self.second),
        ];
        for (word, part) in words {
            if let Some(pattern) = pattern.strip_prefix(word) {
                let (value, rest) = number(text, 1, 2)?;
                *part = value;
                return Some((pattern, rest));
            }
        }
        let character = pattern.chars().next()?;
        Some((&pattern[character.len_utf8()..], text.strip_prefix(character)?))
    }
}

fn number(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let digits = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if digits < least {
        return None;
    }
    Some((text[..digits].parse().ok()?, &text[digits..]))
}

/// Reads an instant; one without an offset is a wall clock's time in `zone`. The error says what would be right.
pub(super) fn instant(text: &str, pattern: Option<&Pattern>, zone: Option<&Zone>) -> Result<Instant, String> {
    let Some(pattern) = pattern else { return absolute_or_local(text, zone, text) };
    let Some((iso, offset)) = pattern.iso(text) else {
        return Err(format!("\"{text}\" is not written as the mapping's format {} says", pattern.0));
    };
    absolute_or_local(&format!("{iso}{offset}"), zone, text)
}

fn absolute_or_local(iso: &str, zone: Option<&Zone>, text: &str) -> Result<Instant, String> {
    match (iso.parse::<Instant>(), zone) {
        (Ok(instant), _) => Ok(instant),
        (Err(instant::Error::NoOffset(_)), Some(zone)) => {
            zone.instant(iso).map_err(|error| error.to_string())
        }
        (Err(instant::Error::NoOffset(_)), None) => Err(format!(
            "\"{text}\" has no offset; give the mapping the zone of these times, as in zone = \"Europe/Berlin\""
        )),
        (Err(error @ instant::Error::Skipped(_)), _) => Err(error.to_string()),
        (Err(instant::Error::Malformed(_)), _) => Err(format!(
            "\"{text}\" is not an instant such as 2024-05-01T08:00:00Z or 2024-05-01 08:00{}",
            guess(text)
        )),
    }
}

/// Reads a calendar date and returns it in ISO 8601.
pub(super) fn date(text: &str, pattern: Option<&Pattern>) -> Result<String, String> {
    let iso = match pattern {
        Some(pattern) => pattern.iso(text).map(|(iso, _)| iso),
        None => Some(text.to_owned()),
    };
    let day = iso.as_deref().and_then(|iso| iso.get(..10)).unwrap_or(text);
    match Zone::UTC.instant(&format!("{day}T00:00:00")) {
        Ok(_) if day.len() == 10 => Ok(day.to_owned()),
        _ => Err(format!("\"{text}\" is not a date such as 2024-05-01{}", guess(text))),
    }
}

/// Suggests the format that a text seems to have.
fn guess(text: &str) -> String {
    let known = [
        "DD.MM.YYYY hh:mm:ss",
        "DD.MM.YYYY hh:mm",
        "DD.MM.YYYY",
        "MM/DD/YYYY hh:mm:ss AM",
        "MM/DD/YYYY hh:mm AM",
        "MM/DD/YYYY hh:mm",
        "MM/DD/YYYY",
        "DD-MM-YYYY hh:mm",
        "DD-MM-YYYY",
        "YYYY/MM/DD hh:mm",
        "YYYY/MM/DD",
    ];
    let fits = known
        .iter()
        .find(|format| Pattern((**format).to_owned()).iso(text).is_some_and(|(_, rest)| rest.is_empty()));
    fits.map_or_else(String::new, |format| {
        format!("; if they are all written so, give the mapping format = \"{format}\"")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_the_times_of_spreadsheets() {
        let check = |text: &str, pattern: Option<&str>, zone: Option<&str>, expect: &str| {
            let pattern = pattern.map(|text| Pattern::new(text).expect("a good pattern"));
            let zone = zone.map(|name| name.parse().expect("a zone"));
            let got = instant(text, pattern.as_ref(), zone.as_ref());
            let got = got.map_or_else(|error| error, |instant| instant.to_string());
            assert!(got.starts_with(expect), "{text}: {got}");
        };
        check("2024-05-01T08:00:00+02:00", None, None, "2024-05-01T06:00:00Z");
        check("2024-05-01 08:00", None, Some("Europe/Berlin"), "2024-05-01T06:00:00Z");
        check("2024-05-01", None, Some("UTC"), "2024-05-01T00:00:00Z");
        check(
            "2024-05-01 08:00",
            None,
            None,
            "\"2024-05-01 08:00\" has no offset; give the mapping the zone",
        );
        check("1.5.2024 8:05", Some("DD.MM.YYYY hh:mm"), Some("UTC"), "2024-05-01T08:05:00Z");
        check("5/1/24 12:30 PM", Some("MM/DD/YY hh:mm AM"), Some("UTC"), "2024-05-01T12:30:00Z");
        check("5/1/24 12:30 am", Some("MM/DD/YY hh:mm AM"), Some("UTC"), "2024-05-01T00:30:00Z");
        check("01.05.2024 08:00 +02:00", Some("DD.MM.YYYY hh:mm"), None, "2024-05-01T06:00:00Z");
        check("31.02.2024", Some("DD.MM.YYYY"), Some("UTC"), "\"31.02.2024\" is not an instant");
        check(
            "2024-05-01",
            Some("DD.MM.YYYY"),
            Some("UTC"),
            "\"2024-05-01\" is not written as the mapping's format",
        );
        check(
            "01.05.2024 08:00",
            None,
            Some("UTC"),
            "\"01.05.2024 08:00\" is not an instant such as 2024-05-01T08:00:00Z or 2024-05-01 08:00; if they are all written so, give the mapping format = \"DD.MM.YYYY hh:mm\"",
        );
        check("é", Some("AMYYMMDD"), None, "\"é\" is not written");
    }

    #[test]
    fn reads_dates() {
        let pattern = Pattern::new("DD.MM.YYYY").expect("a good pattern");
        assert_eq!(date("1.5.2024", Some(&pattern)), Ok("2024-05-01".to_owned()));
        assert_eq!(date("2024-05-01", None), Ok("2024-05-01".to_owned()));
        assert!(date("2024-02-30", None).is_err());
    }

    proptest! {
        /// Whatever is written, it is an instant or refused.
        #[test]
        fn no_text_is_fatal(text in "[ 0-9a-zä:./-]{0,24}|\\PC{0,12}", at in 0..4usize) {
            let pattern = ["DD.MM.YYYY hh:mm", "MM/DD/YY hh:mm AM", "YYYYMMDD", "YY é MM DD"][at];
            let pattern = Pattern::new(pattern).expect("a good pattern");
            let _ = instant(&text, Some(&pattern), Some(&Zone::UTC));
            let _ = date(&text, Some(&pattern));
            let _ = (instant(&text, None, None), date(&text, None));
        }
    }
}
