//! Literals of the XSD datatypes: whether a text is in the lexical space, and the one canonical text of a value, so that
//! text and index agree.
//!
//! A canonical text keeps the datatype, and what a calendar keeps apart: PT24H stays beside P1D. Which literals of several
//! datatypes or spellings are one value, [`value`](super::value) defines.

use super::Statement;
use crate::model::number::numeral::{Numeral, split_mantissa, split_sign};
use crate::model::time::duration::Duration;
use crate::model::time::instant::Instant;
use oxigraph::model::vocab::xsd;
use oxigraph::model::{Literal, NamedNodeRef, Term};
use oxsdatatypes::{
    Boolean, Date, DateTime, GDay, GMonth, GMonthDay, GYear, GYearMonth, Time, TimezoneOffset,
};
use std::fmt::Display;
use std::str::FromStr;

/// Returns the term with its literal in canonical form; instants are in UTC. A text that its datatype does not know stays
/// as it is: [`fault`] describes what is wrong with it.
pub fn canonical(term: Term) -> Term {
    match term {
        Term::Literal(literal) => Term::Literal(canonical_literal(literal)),
        other => other,
    }
}

/// Returns the statement with its object in canonical form.
pub fn canonical_statement(statement: Statement) -> Statement {
    Statement { object: canonical(statement.object), ..statement }
}

/// Like [`canonical`], for a literal.
pub fn canonical_literal(literal: Literal) -> Literal {
    match canonical_text(literal.value(), literal.datatype()) {
        Ok(Some(text)) if text != literal.value() => {
            let datatype = literal.datatype().into_owned();
            Literal::new_typed_literal(text, datatype)
        }
        _ => literal,
    }
}

/// Returns the statement with its object in canonical form, or what is wrong with that.
pub fn admitted(statement: Statement) -> Result<Statement, Box<(Statement, String)>> {
    let Term::Literal(literal) = &statement.object else { return Ok(statement) };
    match canonical_text(literal.value(), literal.datatype()) {
        Ok(Some(text)) if text != literal.value() => {
            let object = Literal::new_typed_literal(text, literal.datatype().into_owned()).into();
            Ok(Statement { object, ..statement })
        }
        Ok(_) => Ok(statement),
        Err(expected) => {
            let fault = describe(literal, &expected);
            Err(Box::new((statement, fault)))
        }
    }
}

/// Describes what is wrong with the text of a literal, and what would be right; `None` where its datatype has such a text, or
/// is none of those that are known here.
pub fn fault(literal: &Literal) -> Option<String> {
    let expected = canonical_text(literal.value(), literal.datatype()).err()?;
    Some(describe(literal, &expected))
}

fn describe(literal: &Literal, expected: &str) -> String {
    let datatype = literal.datatype().into_owned();
    let name = datatype.as_str().strip_prefix(XSD).unwrap_or(datatype.as_str());
    format!("\"{}\" is no xsd:{name}: write {expected}", literal.value().escape_debug())
}

/// Returns whether the datatype holds instants.
pub fn is_instant(datatype: NamedNodeRef<'_>) -> bool {
    datatype == xsd::DATE_TIME || datatype == DATE_TIME_STAMP
}

/// Returns whether the datatype holds numbers.
pub fn is_number(datatype: NamedNodeRef<'_>) -> bool {
    matches!(datatype, xsd::INTEGER | xsd::DECIMAL | xsd::DOUBLE | xsd::FLOAT) || range(datatype).is_some()
}

/// Returns whether the datatype holds durations.
pub fn is_duration(datatype: NamedNodeRef<'_>) -> bool {
    matches!(datatype, xsd::DURATION | xsd::DAY_TIME_DURATION | xsd::YEAR_MONTH_DURATION)
}

const XSD: &str = "http://www.w3.org/2001/XMLSchema#";
const DATE_TIME_STAMP: NamedNodeRef<'_> =
    NamedNodeRef::new_unchecked("http://www.w3.org/2001/XMLSchema#dateTimeStamp");

/// A canonical text, `None` for a datatype that is not known here, or what a right text looks like.
type Canonical = Result<Option<String>, String>;

fn canonical_text(lexical: &str, datatype: NamedNodeRef<'_>) -> Canonical {
    // Every text of a graph comes by here, and most are of no XSD datatype but string.
    if datatype == xsd::STRING || !datatype.as_str().starts_with(XSD) {
        return Ok(None);
    }
    let text = lexical.trim_matches([' ', '\t', '\r', '\n']);
    let known = |text: Option<String>, expected: &str| text.map(Some).ok_or_else(|| expected.to_owned());
    match datatype {
        xsd::BOOLEAN => known(parsed::<Boolean>(text), "true or false"),
        xsd::INTEGER => known(integer(text), "a whole number such as 85 or -3"),
        xsd::DECIMAL => known(decimal(text), "a decimal such as 85 or -0.5, without exponent and unit"),
        xsd::DOUBLE => {
            known(double(text), "a number such as 85, -0.5 or 8.5E1 that a double can hold, INF or NaN")
        }
        xsd::FLOAT => {
            known(float(text), "a number such as 85, -0.5 or 8.5E1 that a float can hold, INF or NaN")
        }
        xsd::DATE_TIME => {
            known(instant(text), "a time such as 2024-05-01T08:00:00Z or 2024-05-01T08:00:00+02:00")
        }
        DATE_TIME_STAMP => {
            let stamp = instant(text).filter(|text| text.ends_with('Z'));
            known(stamp, "a time with its offset such as 2024-05-01T08:00:00Z or 2024-05-01T08:00:00+02:00")
        }
        xsd::DATE => known(parsed::<Date>(text), "a date such as 2024-05-01"),
        xsd::TIME => known(time(text), "a time of day such as 08:00:00"),
        xsd::G_YEAR => known(parsed::<GYear>(text), "a year such as 2024"),
        xsd::G_YEAR_MONTH => known(parsed::<GYearMonth>(text), "a year and month such as 2024-05"),
        xsd::G_MONTH => known(parsed::<GMonth>(text), "a month such as --05"),
        xsd::G_MONTH_DAY => known(month_and_day(text), "a month and day such as --05-01"),
        xsd::G_DAY => known(parsed::<GDay>(text), "a day such as ---01"),
        xsd::DURATION => known(duration(text, |_| true), "a duration such as PT1H, P1DT12H or P1Y2M"),
        xsd::DAY_TIME_DURATION => {
            known(duration(text, Duration::is_of_days), "a duration of days and below such as P1D or PT1H")
        }
        xsd::YEAR_MONTH_DURATION => {
            let months = duration(text, Duration::is_of_months);
            let months = months.map(|text| if text == "PT0S" { "P0M".to_owned() } else { text });
            known(months, "a duration of years and months such as P1Y2M")
        }
        datatype => match range(datatype) {
            Some(range) => {
                let within = integer(text).filter(|text| range.contains(text));
                within.map(Some).ok_or_else(|| range.to_string())
            }
            None => Ok(None),
        },
    }
}

fn parsed<T: FromStr + Display>(text: &str) -> Option<String> {
    text.parse::<T>().ok().map(|value| value.to_string())
}

fn integer(text: &str) -> Option<String> {
    let (negative, digits) = split_sign(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    let sign = if negative { "-" } else { "" };
    Some(if digits.is_empty() { "0".to_owned() } else { format!("{sign}{digits}") })
}

/// Keeps one digit on each side of the point, as Turtle needs the point to see a decimal.
fn decimal(text: &str) -> Option<String> {
    let (negative, unsigned) = split_sign(text);
    let (whole, fraction) = split_mantissa(unsigned)?;
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let sign = if negative && !(whole.is_empty() && fraction.is_empty()) { "-" } else { "" };
    let or_zero = |digits: &str| if digits.is_empty() { "0".to_owned() } else { digits.to_owned() };
    Some(format!("{sign}{}.{}", or_zero(whole), or_zero(fraction)))
}

/// Writes the shortest digits that read back to the same bits, with the exponent Turtle needs to see a double.
fn double(text: &str) -> Option<String> {
    if let Some(special) = special(text) {
        return Some(special.to_owned());
    }
    let value: f64 =
        within(text, |text| text.parse().ok(), |value: f64| value.is_finite(), |value| value == 0.0)?;
    let text = format!("{value:E}");
    Some(match text.split_once('E') {
        Some((mantissa, exponent)) if !mantissa.contains('.') => format!("{mantissa}.0E{exponent}"),
        _ => text,
    })
}

fn float(text: &str) -> Option<String> {
    if let Some(special) = special(text) {
        return Some(special.to_owned());
    }
    let value: f32 =
        within(text, |text| text.parse().ok(), |value: f32| value.is_finite(), |value| value == 0.0)?;
    Some(oxsdatatypes::Float::from(value).to_string())
}

/// Reads a number that the type can hold: neither an infinity that nobody wrote nor a zero that nobody wrote.
fn within<T: Copy>(
    text: &str,
    parse: impl Fn(&str) -> Option<T>,
    is_finite: impl Fn(T) -> bool,
    is_zero: impl Fn(T) -> bool,
) -> Option<T> {
    let exact = Numeral::parse(text)?;
    let value = parse(text)?;
    (is_finite(value) && is_zero(value) == exact.is_zero()).then_some(value)
}

fn special(text: &str) -> Option<&'static str> {
    match text {
        "INF" | "+INF" => Some("INF"),
        "-INF" => Some("-INF"),
        "NaN" => Some("NaN"),
        _ => None,
    }
}

/// Writes a time with an offset in UTC, and leaves one without as it is.
fn instant(text: &str) -> Option<String> {
    if is_plain_instant(text.as_bytes())
        && let Ok(instant) = text.parse::<Instant>()
    {
        return Some(instant.to_string());
    }
    let time: DateTime = text.parse().ok()?;
    match time.timezone_offset() {
        Some(_) => time.adjust(Some(TimezoneOffset::UTC)).map(|time| time.to_string()),
        None => Some(time.to_string()),
    }
}

/// Returns whether an instant is written with four digits of a year, as nearly all are; those are read the quick way.
fn is_plain_instant(text: &[u8]) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00";
    let Some((date, rest)) = text.split_at_checked(FORM.len()) else { return false };
    let fits = |(byte, form): (&u8, &u8)| if *form == b'0' { byte.is_ascii_digit() } else { byte == form };
    let fraction = match rest.strip_prefix(b".") {
        Some(rest) => rest.iter().take_while(|byte| byte.is_ascii_digit()).count() + 1,
        None => 0,
    };
    // The quick way takes a leap second for the one before, and hours of an offset up to 25.
    date.iter().zip(FORM).all(fits)
        && date[17] < b'6'
        && fraction != 1
        && match &rest[fraction..] {
            [b'+' | b'-', b'0', b'0'..=b'9', minutes @ ..]
            | [b'+' | b'-', b'1', b'0'..=b'3', minutes @ ..] => {
                matches!(minutes, [b':', b'0'..=b'5', b'0'..=b'9'])
            }
            offset => offset == b"Z",
        }
}

fn time(text: &str) -> Option<String> {
    let time: Time = text.parse().ok()?;
    match time.timezone_offset() {
        Some(_) => time.adjust(Some(TimezoneOffset::UTC)).map(|time| time.to_string()),
        None => Some(time.to_string()),
    }
}

fn month_and_day(text: &str) -> Option<String> {
    // The library knows no year that is a leap year here, but XSD takes the 29th of February for a day of some years.
    match text.strip_prefix("--02-29") {
        Some(offset) => {
            let day = parsed::<GMonthDay>(&format!("--02-28{offset}"))?;
            Some(day.replacen("28", "29", 1))
        }
        None => parsed::<GMonthDay>(text),
    }
}

fn duration(text: &str, fits: impl Fn(&Duration) -> bool) -> Option<String> {
    Duration::parse(text).filter(fits).map(|duration| duration.canonical())
}

/// The whole numbers that a datatype derived from `xsd:integer` holds.
struct Range {
    least: Option<i128>,
    most: Option<i128>,
}

impl Range {
    /// Returns whether a canonical integer is in the range.
    fn contains(&self, text: &str) -> bool {
        match text.parse::<i128>() {
            Ok(value) => {
                self.least.is_none_or(|least| least <= value) && self.most.is_none_or(|most| value <= most)
            }
            // It has more digits than any bound.
            Err(_) if text.starts_with('-') => self.least.is_none(),
            Err(_) => self.most.is_none(),
        }
    }
}

impl Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.least, self.most) {
            (Some(least), Some(most)) => write!(f, "a whole number from {least} to {most}"),
            (Some(least), None) => write!(f, "a whole number from {least} upwards"),
            (None, Some(most)) => write!(f, "a whole number up to {most}"),
            (None, None) => write!(f, "a whole number"),
        }
    }
}

fn range(datatype: NamedNodeRef<'_>) -> Option<Range> {
    let of = |least: i128, most: i128| Some(Range { least: Some(least), most: Some(most) });
    match datatype {
        xsd::NON_NEGATIVE_INTEGER => Some(Range { least: Some(0), most: None }),
        xsd::POSITIVE_INTEGER => Some(Range { least: Some(1), most: None }),
        xsd::NON_POSITIVE_INTEGER => Some(Range { least: None, most: Some(0) }),
        xsd::NEGATIVE_INTEGER => Some(Range { least: None, most: Some(-1) }),
        xsd::LONG => of(i64::MIN.into(), i64::MAX.into()),
        xsd::INT => of(i32::MIN.into(), i32::MAX.into()),
        xsd::SHORT => of(i16::MIN.into(), i16::MAX.into()),
        xsd::BYTE => of(i8::MIN.into(), i8::MAX.into()),
        xsd::UNSIGNED_LONG => of(0, u64::MAX.into()),
        xsd::UNSIGNED_INT => of(0, u32::MAX.into()),
        xsd::UNSIGNED_SHORT => of(0, u16::MAX.into()),
        xsd::UNSIGNED_BYTE => of(0, u8::MAX.into()),
        _ => None,
    }
}

/// Returns whether every program has written the datatype canonically; the others of this module kept durations, dates and
/// the like as they came, so that older versions hold them so.
pub fn is_written_canonically(datatype: NamedNodeRef<'_>) -> bool {
    is_instant(datatype)
        || matches!(datatype, xsd::BOOLEAN | xsd::INTEGER | xsd::DECIMAL | xsd::DOUBLE | xsd::FLOAT)
}

/// Returns whether a version of any program holds a term as it is.
pub fn was_canonical(term: &Term) -> bool {
    let Term::Literal(literal) = term else { return true };
    if is_instant(literal.datatype()) {
        // Only what an instant can represent was written in UTC.
        return literal
            .value()
            .parse::<Instant>()
            .map_or(true, |instant| instant.to_string() == literal.value());
    }
    !is_written_canonically(literal.datatype()) || canonical_literal(literal.clone()) == *literal
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a text is written as, or `None` where the datatype has no such text.
    fn written(text: &str, datatype: &str) -> Option<String> {
        let datatype = oxigraph::model::NamedNode::new_unchecked(format!("{XSD}{datatype}"));
        let literal = Literal::new_typed_literal(text, datatype);
        let canonical = canonical_literal(literal.clone());
        match fault(&literal) {
            None => {
                assert_eq!(canonical_literal(canonical.clone()), canonical, "{text}");
                Some(canonical.value().to_owned())
            }
            Some(fault) => {
                assert!(fault.contains(": write ") && canonical == literal, "{fault}");
                None
            }
        }
    }

    #[test]
    fn values_have_one_text() {
        let check = |text: &str, datatype: &str, expect: &str| {
            assert_eq!(written(text, datatype).as_deref(), Some(expect), "{text} {datatype}");
        };
        check("+085", "integer", "85");
        check("-0", "integer", "0");
        check(" 8\n", "integer", "8");
        check("007", "int", "7");
        check("-128", "byte", "-128");
        check("18446744073709551615", "unsignedLong", "18446744073709551615");
        check(&"9".repeat(60), "positiveInteger", &"9".repeat(60));
        check("85", "decimal", "85.0");
        check("85.", "decimal", "85.0");
        check("-.50", "decimal", "-0.5");
        check("-0.0", "decimal", "0.0");
        check("85", "double", "8.5E1");
        check("0.1", "double", "1.0E-1");
        check("-0", "double", "-0.0E0");
        check("+INF", "double", "INF");
        check("NaN", "float", "NaN");
        check("0e-999", "double", "0.0E0");
        check("1", "boolean", "true");
        check("2024-05-01T08:00:00.500+02:00", "dateTime", "2024-05-01T06:00:00.5Z");
        check("2024-05-01T08:00:00", "dateTime", "2024-05-01T08:00:00");
        check("2024-12-31T24:00:00Z", "dateTime", "2025-01-01T00:00:00Z");
        check("9999-12-31T23:59:59+02:00", "dateTime", "9999-12-31T21:59:59Z");
        check("2024-05-01T08:00:00+14:00", "dateTimeStamp", "2024-04-30T18:00:00Z");
        check("2024-05-01+00:00", "date", "2024-05-01Z");
        check("08:00:00+02:00", "time", "06:00:00Z");
        check("2024", "gYear", "2024");
        check("--02-29", "gMonthDay", "--02-29");
        check("PT60M", "duration", "PT1H");
        check("PT36H", "dayTimeDuration", "PT36H");
        check("P0Y", "yearMonthDuration", "P0M");
        check(" kept ", "string", " kept ");
        check("any", "token", "any");
    }

    #[test]
    fn what_is_no_text_of_the_datatype_is_refused_and_stays() {
        for (datatype, texts) in [
            ("integer", &["", "-", "+-5", "8x", "85.0", "1e3", "１", "1 000"][..]),
            ("decimal", &["", "-", "+-5", "-.", ".", "1e3", "1,5", "--5", "5-", "0x1", "INF"]),
            (
                "double",
                &["", "-", "1e", "e1", "inf", "Infinity", "nan", "1e999", "-1e999", "1e-999", "0x1p3"],
            ),
            ("float", &["1e39", "1e-60", "-inf"]),
            ("boolean", &["TRUE", "yes", "", "2"]),
            ("byte", &["128", "-129"]),
            ("unsignedInt", &["-1", "4294967296"]),
            ("negativeInteger", &["0", "5"]),
            ("positiveInteger", &["0"]),
            ("long", &["9223372036854775808"]),
            (
                "dateTime",
                &[
                    "2024-05-01",
                    "2024-05-01 08:00:00Z",
                    "2024-05-01T08:00Z",
                    "2024-02-30T00:00:00Z",
                    "2024-05-01T08:00:60Z",
                    "2024-05-01T25:00:00Z",
                    "2024-05-01T08:00:00+15:00",
                    "2024-05-01T08:00:00.Z",
                    "24-05-01T08:00:00Z",
                    "",
                    "2024-05-01t08:00:00z",
                    "2024-05-01T08:00:00+02",
                    "2024-05-01T08:00:00Z[UTC]",
                ],
            ),
            ("dateTimeStamp", &["2024-05-01T08:00:00"]),
            ("date", &["2024-02-30", "2024-5-1", "2024-05-01T00:00:00Z", "May"]),
            ("time", &["25:00:00", "08:00", "8:00:00"]),
            ("gYear", &["24", "02024", "MMXXIV"]),
            ("gYearMonth", &["2024-13"]),
            ("gMonth", &["05", "--13"]),
            ("gMonthDay", &["--02-30"]),
            ("gDay", &["---32", "5"]),
            ("duration", &["PT", "1H", "P1W", "P1Y2", ""]),
            ("dayTimeDuration", &["P1M"]),
            ("yearMonthDuration", &["P1D", "PT0.1S"]),
        ] {
            for text in texts {
                assert_eq!(written(text, datatype), None, "{text} {datatype}");
            }
        }
    }

    #[test]
    fn a_fault_states_what_would_be_right() {
        let literal = Literal::new_typed_literal("+-5", xsd::DECIMAL);
        assert_eq!(
            fault(&literal).as_deref(),
            Some("\"+-5\" is no xsd:decimal: write a decimal such as 85 or -0.5, without exponent and unit")
        );
    }
}
