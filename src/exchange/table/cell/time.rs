//! Times and dates as spreadsheets write them.

use super::{months, offset};
use crate::model::time::instant::{self, Instant};
use crate::model::time::period::{Shown, Zone};

/// How a column writes its times: `DD.MM.YYYY hh:mm`, `MM/DD/YY hh:mm AM`, `DD-MMM-YYYY`. The words are `YYYY` `YY` `MM`
/// `MMM` (a month's name) `DD` `hh` `mm` `ss` and `AM`; anything else is literal. Decimals of a second and an offset
/// may follow the text. `YY` needs the first of the hundred years that two digits can mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::exchange) struct Pattern {
    text: String,
    years_from: Option<u32>,
}

/// Which instant a local time is that a clock shows twice, as summer time ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::exchange) enum Ambiguous {
    /// Neither: it is refused.
    #[default]
    Refused,
    /// The earlier one, in summer time.
    Earlier,
    /// The later one, in winter time.
    Later,
}

impl Ambiguous {
    /// Reads `refuse`, `earlier` or `later`.
    pub(in crate::exchange) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "refuse" => Ok(Self::Refused),
            "earlier" => Ok(Self::Earlier),
            "later" => Ok(Self::Later),
            _ => Err(format!("\"{text}\" is neither refuse nor earlier nor later")),
        }
    }
}

/// How times are written, and what resolves those without an offset.
#[derive(Clone, Debug, Default)]
pub(in crate::exchange) struct Wall {
    pub(in crate::exchange) zone: Option<Zone>,
    pub(in crate::exchange) pattern: Option<Pattern>,
    pub(in crate::exchange) ambiguous: Ambiguous,
}

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
    /// Reads a format; `years_from` is the first year that two digits can mean.
    pub(in crate::exchange) fn new(text: &str, years_from: Option<u32>) -> Result<Self, String> {
        for word in ["YY", "MM", "DD"] {
            if !text.contains(word) {
                return Err(format!("the format \"{text}\" has no {word}; write it like DD.MM.YYYY hh:mm"));
            }
        }
        if years_from.is_none() && text.replace("YYYY", "").contains("YY") {
            return Err(format!(
                "the format \"{text}\" has years of two digits; state the first year that they can mean, as in years-from = 1970 (70 is 1970, 69 is 2069)"
            ));
        }
        if let Some(year) = years_from.filter(|year| !(1000..=9900).contains(year)) {
            return Err(format!(
                "two digits cannot mean the hundred years from {year} on; write a year such as 1970"
            ));
        }
        Ok(Self { text: text.to_owned(), years_from })
    }

    /// Returns the text in ISO 8601 and what follows it; `None` where it is not written like this.
    fn iso<'a>(&self, text: &'a str) -> Option<(String, &'a str)> {
        let mut parts = Parts::default();
        let (mut pattern, mut text) = (self.text.as_str(), text);
        while !pattern.is_empty() {
            (pattern, text) = parts.take(pattern, text, self.years_from)?;
        }
        let hour = match parts.afternoon {
            Some(afternoon) if (1..=12).contains(&parts.hour) => parts.hour % 12 + 12 * u32::from(afternoon),
            Some(_) => return None,
            None => parts.hour,
        };
        // Decimals are of a second only where the format has seconds.
        if text.starts_with(['.', ',']) && !self.text.contains("ss") {
            return None;
        }
        let Parts { year, month, day, minute, second, .. } = parts;
        Some((format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"), text.trim_start()))
    }
}

impl Parts {
    /// Takes one word of the pattern off both; returns what is left.
    fn take<'p, 't>(
        &mut self,
        pattern: &'p str,
        text: &'t str,
        years_from: Option<u32>,
    ) -> Option<(&'p str, &'t str)> {
        if let Some(pattern) = pattern.strip_prefix("YYYY") {
            let (year, rest) = number(text, 4, 4)?;
            self.year = year;
            return Some((pattern, rest));
        }
        if let Some(pattern) = pattern.strip_prefix("YY") {
            let (year, rest) = number(text, 2, 2)?;
            let from = years_from?;
            self.year = from + (year + 100 - from % 100) % 100;
            return Some((pattern, rest));
        }
        if let Some(pattern) = pattern.strip_prefix("MMM") {
            let (month, rest) = month(text)?;
            self.month = month;
            // A point may shorten the name, unless the format has it.
            let rest = rest.strip_prefix('.').filter(|_| !pattern.starts_with('.')).unwrap_or(rest);
            return Some((pattern, rest));
        }
        if let Some(pattern) = pattern.strip_prefix("AM") {
            let halves = [("a.m.", false), ("p.m.", true), ("am", false), ("pm", true)];
            let (half, afternoon) = halves.into_iter().find(|(half, _)| {
                text.get(..half.len()).is_some_and(|start| start.eq_ignore_ascii_case(half))
            })?;
            self.afternoon = Some(afternoon);
            return Some((pattern, &text[half.len()..]));
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

/// The first letters of the names of months that are not known as a whole, shortened in other ways: English, German, French, Italian,
/// Spanish, Portuguese, Dutch.
const MONTHS: [&[&str]; 12] = [
    &["jan", "gen", "ene"],
    &["feb", "fév", "fev"],
    &["mar", "mär", "mrz", "maa", "mrt"],
    &["apr", "avr", "abr"],
    &["may", "mai", "mag", "mei"],
    &["jun", "juin", "giu"],
    &["jul", "juil", "lug"],
    &["aug", "aoû", "aou", "ago"],
    &["sep", "set"],
    &["oct", "okt", "ott", "out"],
    &["nov"],
    &["dec", "dez", "déc", "dic"],
];

/// Takes a month's name off a text.
fn month(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|character: char| !character.is_alphabetic()).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if let Some(month) = months::month(name) {
        return Some((month, rest));
    }
    let name = name.to_lowercase();
    let month = MONTHS.iter().position(|starts| starts.iter().any(|start| name.starts_with(start)))?;
    Some((u32::try_from(month).ok()? + 1, rest))
}

impl Wall {
    /// Reads an instant; one without an offset is a wall clock's time. The error states what would be right.
    pub(in crate::exchange) fn instant(&self, text: &str, offset: Option<&str>) -> Result<Instant, String> {
        match (self.shown(text, offset)?, self.ambiguous) {
            (Shown::Once(instant), _) => Ok(instant),
            (Shown::Twice(earlier, _), Ambiguous::Earlier) => Ok(earlier),
            (Shown::Twice(_, later), Ambiguous::Later) => Ok(later),
            (Shown::Twice(earlier, later), Ambiguous::Refused) => Err(format!(
                "\"{text}\" is shown twice by the clocks of this zone, at {earlier} and at {later}; give it an offset, or state ambiguous = \"earlier\" or \"later\""
            )),
        }
    }

    /// Returns whether a time can be read whatever its offset, so that a fault of both is one of the offset.
    pub(in crate::exchange) fn reads(&self, text: &str) -> bool {
        self.shown(text, if self.zone.is_some() { None } else { Some("Z") }).is_ok()
    }

    /// Reads a time as the one or two instants that it can be.
    pub(in crate::exchange) fn shown(&self, text: &str, offset: Option<&str>) -> Result<Shown, String> {
        let Some(pattern) = &self.pattern else {
            if is_day_number(text) {
                return Err(not_an_instant(text));
            }
            // As `date` and many loggers write it: the offset, or the abbreviation of a zone's time, behind a blank.
            return match text.rsplit_once(' ').filter(|(_, end)| is_offset(end)) {
                // What an offset makes of a time, no zone changes.
                Some((time, end)) if offset.is_none() && end.starts_with(['+', '-']) => {
                    self.absolute_or_local(&format!("{}{end}", time.trim_end()), None, text)
                }
                Some((time, end)) if offset.is_none() => {
                    self.absolute_or_local(time.trim_end(), Some(end), text)
                }
                _ => self.absolute_or_local(text, offset, text),
            };
        };
        let Some((iso, rest)) = pattern.iso(text) else {
            let hint = if is_day_number(text) { guess(text) } else { String::new() };
            return Err(format!("\"{text}\" is not written in the format {}{hint}", pattern.text));
        };
        self.absolute_or_local(&format!("{iso}{rest}"), offset, text)
    }

    fn absolute_or_local(&self, iso: &str, offset: Option<&str>, text: &str) -> Result<Shown, String> {
        match (iso.parse::<Instant>(), offset, &self.zone) {
            (Ok(instant), _, _) => Ok(Shown::Once(instant)),
            (Err(instant::Error::NoOffset(_)), Some(offset), zone) => {
                offset::instant(iso, offset, zone.as_ref()).map(Shown::Once)
            }
            (Err(instant::Error::NoOffset(_)), None, Some(zone)) => {
                zone.shown(iso).map_err(|error| error.to_string())
            }
            (Err(instant::Error::NoOffset(_)), None, None) => Err(format!(
                "\"{text}\" has no offset; state the zone of these times, as in zone = \"Europe/Berlin\""
            )),
            (Err(instant::Error::Malformed(_)), _, _) => Err(not_an_instant(text)),
            (Err(error), _, _) => Err(error.to_string()),
        }
    }
}

fn not_an_instant(text: &str) -> String {
    format!("\"{text}\" is not an instant such as 2024-05-01T08:00:00Z or 2024-05-01 08:00{}", guess(text))
}

/// Returns whether the last word of a time is an offset (`+0200`, `UTC`) or an abbreviation such as `CEST`.
fn is_offset(word: &str) -> bool {
    let is_number = word.starts_with(['+', '-']) && word[1..].starts_with(|sign: char| sign.is_ascii_digit());
    let is_abbreviation = (1..=5).contains(&word.len())
        && word.bytes().all(|byte| byte.is_ascii_uppercase())
        && !matches!(word, "AM" | "PM");
    is_number || is_abbreviation
}

/// Reads a calendar date, or the date of a time, and returns it in ISO 8601.
pub(in crate::exchange::table) fn date(text: &str, pattern: Option<&Pattern>) -> Result<String, String> {
    let iso = match pattern {
        Some(pattern) => pattern.iso(text).map(|(iso, rest)| format!("{iso}{rest}")),
        None => Some(text.to_owned()).filter(|text| !is_day_number(text)),
    };
    let none = || format!("\"{text}\" is not a date such as 2024-05-01{}", guess(text));
    let iso = iso.ok_or_else(none)?;
    let at = match iso.parse::<Instant>() {
        Err(instant::Error::NoOffset(_)) => Zone::UTC.instant(&iso),
        read => read,
    };
    match at {
        Ok(_) => iso.get(..10).map(str::to_owned).ok_or_else(none),
        Err(instant::Error::Malformed(_)) => Err(none()),
        Err(error) => Err(error.to_string()),
    }
}

/// Returns whether a text is the number of a day since 1900, as spreadsheets keep dates from 1954 to 2119.
fn is_day_number(text: &str) -> bool {
    let (whole, places) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    whole.len() == 5 && digits(whole) && digits(places) && ("20000"..="79999").contains(&whole)
}

/// Suggests the format that a text seems to have.
fn guess(text: &str) -> String {
    if is_day_number(text) {
        return "; it looks like the number of a day, as spreadsheets keep dates: format the column as date and time there, and export it again".to_owned();
    }
    let is_written = |format: &String| {
        let pattern = Pattern { text: format.clone(), years_from: Some(1970) };
        let written = pattern.iso(text).filter(|(_, rest)| rest.is_empty());
        written.is_some_and(|(iso, _)| Zone::UTC.instant(&iso).is_ok())
    };
    let dates = [
        "DD.MM.YYYY",
        "MM/DD/YYYY",
        "DD/MM/YYYY",
        "YYYY/MM/DD",
        "YYYY.MM.DD",
        "DD-MM-YYYY",
        "MM-DD-YYYY",
        "DD-MMM-YYYY",
        "DD MMM YYYY",
        "MMM DD, YYYY",
        "DD.MM.YY",
        "MM/DD/YY",
        "DD/MM/YY",
        "DD-MMM-YY",
    ];
    let hours = [" hh:mm:ss AM", " hh:mm AM", " hh:mm:ss", " hh:mm", ""];
    let formats = dates.iter().flat_map(|date| hours.iter().map(move |hour| format!("{date}{hour}")));
    let fits: Vec<String> =
        formats.filter(is_written).map(|format| format!("format = \"{format}\"")).collect();
    match fits.first() {
        None => String::new(),
        Some(first) => {
            let years =
                if first.contains("YYYY") { "" } else { ", and the years-from of its years of two digits" };
            format!("; if they are all written so, state {}{years}", fits.join(" or "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_the_times_of_spreadsheets() {
        let check = |text: &str, pattern: Option<&str>, zone: Option<&str>, expect: &str| {
            let pattern = pattern.map(|text| Pattern::new(text, Some(1970)).expect("a good pattern"));
            let zone = zone.map(|name| name.parse().expect("a zone"));
            let got = Wall { zone, pattern, ambiguous: Ambiguous::Refused }.instant(text, None);
            let got = got.map_or_else(|error| error, |instant| instant.to_string());
            assert!(got.starts_with(expect), "{text}: {got}");
        };
        check("2024-05-01T08:00:00+02:00", None, None, "2024-05-01T06:00:00Z");
        check("2024-05-01 08:00", None, Some("Europe/Berlin"), "2024-05-01T06:00:00Z");
        check("2024-05-01", None, Some("UTC"), "2024-05-01T00:00:00Z");
        check("2024-05-01 08:00:00 +0200", None, None, "2024-05-01T06:00:00Z");
        check("2024-05-01 08:00 UTC", None, None, "2024-05-01T08:00:00Z");
        check("2024-10-27 02:30 CET", None, Some("Europe/Berlin"), "2024-10-27T01:30:00Z");
        check("2024-10-27 02:30 MESZ", None, Some("Europe/Berlin"), "2024-10-27T00:30:00Z");
        check(
            "2024-05-01 08:00 CET",
            None,
            Some("Europe/Berlin"),
            "\"CET\" is no offset such as +02:00 or Z, or CEST",
        );
        check("2024-05-01 08:00 EST", None, None, "\"EST\" is no offset such as +02:00 or Z");
        let stated = |text: &str| {
            format!(
                "\"{text}\" is not an instant such as 2024-05-01T08:00:00Z or 2024-05-01 08:00; if they are all written so, state "
            )
        };
        let check_advice =
            |text: &str, advice: &str| check(text, None, Some("UTC"), &format!("{}{advice}", stated(text)));
        check_advice("01/02/2024 10:00", "format = \"MM/DD/YYYY hh:mm\" or format = \"DD/MM/YYYY hh:mm\"");
        check_advice("13/02/2024 10:00:05", "format = \"DD/MM/YYYY hh:mm:ss\"");
        check_advice("02/13/2024 10:00 PM", "format = \"MM/DD/YYYY hh:mm AM\"");
        check_advice("1 mai 2024", "format = \"DD MMM YYYY\"");
        check("2024-05-01 08:00", None, None, "\"2024-05-01 08:00\" has no offset; state the zone");
        check("1.5.2024 8:05", Some("DD.MM.YYYY hh:mm"), Some("UTC"), "2024-05-01T08:05:00Z");
        for (text, format) in [("1.5.2024.5", "DD.MM.YYYY"), ("1.5.2024 8:05,5", "DD.MM.YYYY hh:mm")] {
            check(
                text,
                Some(format),
                Some("UTC"),
                &format!("\"{text}\" is not written in the format {format}"),
            );
        }
        check("2024-05-01 08:00:00.5 +02:00", None, Some("UTC"), "2024-05-01T06:00:00.5Z");
        check("2024-05-01 08:00 -0530", None, Some("Europe/Paris"), "2024-05-01T13:30:00Z");
        check("5/1/2024 12:30 p.m.", Some("MM/DD/YYYY hh:mm AM"), Some("UTC"), "2024-05-01T12:30:00Z");
        for text in ["02-juil.-2024", "2-lug-2024", "2-Juli-2024", "02-jul-2024"] {
            check(text, Some("DD-MMM-YYYY"), Some("UTC"), "2024-07-02T00:00:00Z");
        }
        for text in ["2-červenec-2024", "2-lipca-2024", "2-heinä-2024", "2-Temmuz-2024"] {
            check(text, Some("DD-MMM-YYYY"), Some("UTC"), "2024-07-02T00:00:00Z");
        }
        for text in ["3-juin-2024", "3-giu-2024", "3-JUN-2024"] {
            check(text, Some("DD-MMM-YYYY"), Some("UTC"), "2024-06-03T00:00:00Z");
        }
        check("3-févr.-2024", Some("DD-MMM-YYYY"), Some("UTC"), "2024-02-03T00:00:00Z");
        for day in ["45292", "45292.5"] {
            let expect = format!(
                "{}it looks like the number of a day",
                stated(day).replace("if they are all written so, state ", "")
            );
            check(day, None, Some("UTC"), &expect);
            assert!(date(day, None).is_err_and(|error| error.contains("the number of a day")), "{day}");
        }
        check(
            "45292.5",
            None,
            Some("UTC"),
            "\"45292.5\" is not an instant such as 2024-05-01T08:00:00Z or 2024-05-01 08:00; it looks like the number of a day",
        );
        check("5/1/24 12:30 PM", Some("MM/DD/YY hh:mm AM"), Some("UTC"), "2024-05-01T12:30:00Z");
        check("5/1/24 12:30 am", Some("MM/DD/YY hh:mm AM"), Some("UTC"), "2024-05-01T00:30:00Z");
        check("01.05.2024 08:00 +02:00", Some("DD.MM.YYYY hh:mm"), None, "2024-05-01T06:00:00Z");
        check("31.02.2024", Some("DD.MM.YYYY"), Some("UTC"), "\"31.02.2024\" is not an instant");
        check("2024-05-01", Some("DD.MM.YYYY"), Some("UTC"), "\"2024-05-01\" is not written in the format");
        check(
            "01.05.2024 08:00",
            None,
            Some("UTC"),
            "\"01.05.2024 08:00\" is not an instant such as 2024-05-01T08:00:00Z or 2024-05-01 08:00; if they are all written so, state format = \"DD.MM.YYYY hh:mm\"",
        );
        let leap = "is in the second 60: leap seconds are not counted here";
        check(
            "31.12.2016 23:59:60",
            Some("DD.MM.YYYY hh:mm:ss"),
            Some("UTC"),
            &format!("\"2016-12-31T23:59:60\" {leap}"),
        );
        check("2016-12-31 23:59:60", None, Some("Europe/Berlin"), &format!("\"2016-12-31 23:59:60\" {leap}"));
        check(
            "2024-05-01 24:00:00",
            None,
            Some("UTC"),
            "\"2024-05-01 24:00:00\" is in the hour 24: write 00:00 of",
        );
        check(
            "2024-05-01 08:00:00.1234567890",
            None,
            Some("UTC"),
            "\"2024-05-01 08:00:00.1234567890\" has more than nine",
        );
        check("9999-12-31", None, Some("UTC"), "\"9999-12-31\" lies outside 1677-09-22 to 2262-04-11");
        check("é", Some("AMYYMMDD"), None, "\"é\" is not written");
        check("1-Mar-2024 08:00:00.5", Some("DD-MMM-YYYY hh:mm:ss"), Some("UTC"), "2024-03-01T08:00:00.5Z");
        check("01. Mrz. 24", Some("DD. MMM YY"), Some("UTC"), "2024-03-01T00:00:00Z");
        check("01.Dezember.2024", Some("DD.MMM.YYYY"), Some("UTC"), "2024-12-01T00:00:00Z");
        check(
            "2024-10-27 02:30",
            None,
            Some("Europe/Berlin"),
            "\"2024-10-27 02:30\" is shown twice by the clocks of this zone, at 2024-10-27T00:30:00Z and at 2024-10-27T01:30:00Z;",
        );
        check(
            "2024-03-31 02:30",
            None,
            Some("Europe/Berlin"),
            "no clock of the zone ever shows 2024-03-31 02:30",
        );
    }

    #[test]
    fn two_digits_of_a_year_need_their_century() {
        let check = |years_from: u32, text: &str, expect: &str| {
            let pattern = Pattern::new("DD.MM.YY", Some(years_from)).expect("a good pattern");
            assert_eq!(date(text, Some(&pattern)).as_deref(), Ok(expect), "{text} from {years_from}");
        };
        check(1970, "01.05.70", "1970-05-01");
        check(1970, "01.05.99", "1999-05-01");
        check(1970, "01.05.69", "2069-05-01");
        check(2000, "01.05.99", "2099-05-01");
        check(1924, "01.05.24", "1924-05-01");
        check(1924, "01.05.23", "2023-05-01");
        let refused = Pattern::new("DD.MM.YY", None).expect_err("no century");
        assert!(refused.contains("years-from = 1970"), "{refused}");
        assert!(Pattern::new("DD.MM.YYYY", None).is_ok());
        assert!(Pattern::new("DD.MM.YY", Some(70)).is_err());
    }

    #[test]
    fn a_stated_rule_resolves_a_time_that_is_shown_twice() {
        let check = |ambiguous: &str, offset: Option<&str>, expect: &str| {
            let ambiguous = Ambiguous::parse(ambiguous).expect("a rule");
            let wall = Wall { zone: "Europe/Berlin".parse().ok(), pattern: None, ambiguous };
            let got = wall.instant("2024-10-27 02:30", offset).map(|at| at.to_string());
            assert_eq!(got.as_deref(), Ok(expect), "{ambiguous:?} {offset:?}");
        };
        check("earlier", None, "2024-10-27T00:30:00Z");
        check("later", None, "2024-10-27T01:30:00Z");
        check("refuse", Some("+01:00"), "2024-10-27T01:30:00Z");
        check("earlier", Some("CET"), "2024-10-27T01:30:00Z");
        assert!(Ambiguous::parse("first").is_err());
    }

    #[test]
    fn reads_dates() {
        let pattern = Pattern::new("DD.MM.YYYY", None).expect("a good pattern");
        assert_eq!(date("1.5.2024", Some(&pattern)), Ok("2024-05-01".to_owned()));
        assert_eq!(date("2024-05-01", None), Ok("2024-05-01".to_owned()));
        assert_eq!(date("2024-05-01 23:30", None), Ok("2024-05-01".to_owned()));
        for text in
            ["2024-02-30", "2024-05-01x", "20240-05-01", "2024-05-01 25:00", "2024-05-01T08:00:00+15:00"]
        {
            assert!(date(text, None).is_err(), "{text}");
        }
        assert!(date("1.5.2024 or so", Some(&pattern)).is_err());
    }

    proptest! {
        /// Whatever is written, it is an instant or refused.
        #[test]
        fn no_text_is_fatal(text in "[ 0-9a-zä:./-]{0,24}|\\PC{0,12}", at in 0..4usize) {
            let pattern = ["DD.MM.YYYY hh:mm", "MM/DD/YY hh:mm AM", "YYYYMMDD", "YY é MM DD"][at];
            let pattern = Pattern::new(pattern, Some(1970)).expect("a good pattern");
            let _ = date(&text, Some(&pattern));
            let berlin = "Europe/Berlin".parse().expect("a zone");
            let wall = Wall { zone: Some(berlin), pattern: Some(pattern), ambiguous: Ambiguous::Later };
            let _ = (wall.instant(&text, None), wall.instant(&text, Some(&text)), wall.instant("01.05.24 08:00", Some(&text)));
            let _ = (Wall::default().instant(&text, None), date(&text, None));
        }
    }
}
