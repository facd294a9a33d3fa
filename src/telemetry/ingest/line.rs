//! InfluxDB line protocol: one point, one instant, one or more fields.
//!
//! `measurement,tag=value field=1.5,other=3i 1700000000000000000`. The syntax is InfluxDB 2's: a backslash
//! escapes a comma or space in a measurement, a comma, space or equals sign in tags and field keys, and a quotation mark or
//! backslash in a quoted string. The fields of a point are values of their own: text and numbers that no double holds are
//! left out, the others kept. A point that breaks the syntax is refused as a whole, for nobody knows where its fields end.

use super::points::end_of_string;
use crate::model::number::numeral;
use crate::telemetry::series::key::SeriesKey;
use crate::telemetry::series::name;
use crate::telemetry::series::sample::LATEST;
use memchr::{memchr, memchr2, memchr3};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The unit of the timestamps in a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// Nanoseconds.
    #[default]
    Nanoseconds,
    /// Microseconds.
    Microseconds,
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
    /// Minutes: InfluxDB's v1 API has them.
    Minutes,
    /// Hours: InfluxDB's v1 API has them.
    Hours,
}

impl Precision {
    /// Returns the nanoseconds in one unit.
    pub const fn nanos(self) -> i64 {
        match self {
            Self::Nanoseconds => 1,
            Self::Microseconds => 1_000,
            Self::Milliseconds => 1_000_000,
            Self::Seconds => 1_000_000_000,
            Self::Minutes => 60_000_000_000,
            Self::Hours => 3_600_000_000_000,
        }
    }

    /// The precisions that senders mean, as both of InfluxDB's APIs know them.
    pub(in crate::telemetry) const ALL: [Self; 4] =
        [Self::Nanoseconds, Self::Microseconds, Self::Milliseconds, Self::Seconds];

    /// Returns the name that InfluxDB's APIs use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nanoseconds => "ns",
            Self::Microseconds => "us",
            Self::Milliseconds => "ms",
            Self::Seconds => "s",
            Self::Minutes => "m",
            Self::Hours => "h",
        }
    }

    /// Finds a precision by the name that InfluxDB's APIs use: `ns`, `us`, `ms`, `s`, also `n`, `u`, `µs`, `m` and `h`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "ns" | "n" => Some(Self::Nanoseconds),
            "us" | "u" | "µs" | "µ" => Some(Self::Microseconds),
            "ms" => Some(Self::Milliseconds),
            "s" => Some(Self::Seconds),
            "m" => Some(Self::Minutes),
            "h" => Some(Self::Hours),
            _ => None,
        }
    }
}

/// The greatest integer up to which a double holds every one.
const EXACT_INTEGER: u64 = 1 << 53;

/// One line, cut but not yet understood as a whole.
pub(in crate::telemetry) struct Line<'a> {
    /// Measurement and tags as written.
    pub(in crate::telemetry) head: &'a [u8],
    fields: &'a [u8],
    stamp: &'a [u8],
}

impl<'a> Line<'a> {
    /// Cuts a line at the spaces that are not escaped or quoted.
    pub(in crate::telemetry) fn cut(line: &'a [u8]) -> Result<Self, String> {
        let end = unescaped_space(line).ok_or("expected fields after the measurement and tags")?;
        let (head, rest) = (&line[..end], trim(&line[end..]));
        let end = end_of_fields(rest)?;
        Ok(Self { head, fields: &rest[..end], stamp: trim(&rest[end..]) })
    }

    /// Returns the timestamp as written, if there is one.
    pub(in crate::telemetry) fn stamp(&self) -> Result<Option<i128>, String> {
        if self.stamp.is_empty() {
            return Ok(None);
        }
        let stamp = integer(self.stamp);
        stamp.map(Some).ok_or_else(|| {
            let hint = match std::str::from_utf8(self.stamp) {
                _ if self.stamp.contains(&b'\r') => "; a line ends with LF, or CR and LF, not with CR alone",
                Ok(text) if text.parse::<f64>().is_ok() => {
                    "; it is a whole number: for parts of a second state the precision ms, us or ns"
                }
                _ => "",
            };
            format!("\"{}\" is not a timestamp{hint}", shown(self.stamp))
        })
    }

    /// Reports a text where a field should be.
    fn no_field(&self, rest: &[u8]) -> String {
        let is_fraction =
            rest.len() < self.fields.len() && !rest.is_empty() && rest.iter().all(u8::is_ascii_digit);
        if !is_fraction {
            return "expected field=value".to_owned();
        }
        let rest = shown(rest);
        format!(
            "expected field=value, found \"{rest}\"; a number has a decimal point: is \"{}\" one with a decimal comma?",
            shown(self.fields)
        )
    }

    /// Hands each field's name as written and its value to `take`, or why the value cannot be kept.
    pub(in crate::telemetry) fn fields(
        &self,
        mut take: impl FnMut(&'a [u8], Result<f64, Unkept<'a>>),
    ) -> Result<(), String> {
        let mut rest = self.fields;
        loop {
            let equals = unescaped(rest, b'=').ok_or_else(|| self.no_field(rest))?;
            if equals == 0 {
                return Err("a field has no name".to_owned());
            }
            let (name, after) = (&rest[..equals], &rest[equals + 1..]);
            let end = end_of_value(after);
            match value(&after[..end]) {
                Ok(number) => take(name, Ok(number)),
                Err(NoNumber::Text) => take(name, Err(Unkept::Text(&after[..end]))),
                Err(NoNumber::Range(reason)) => take(name, Err(Unkept::Number(&after[..end], reason))),
                Err(NoNumber::Malformed) => {
                    let reason = if after.first() == Some(&b'"') { MISQUOTED } else { MALFORMED };
                    return Err(Unkept::Number(&after[..end], reason).describe(name));
                }
            }
            if end == after.len() {
                return Ok(());
            }
            rest = &after[end + 1..];
        }
    }
}

/// Why the value of a field cannot be kept, though the point is well written; with the value as written.
#[derive(Clone, Copy)]
pub(in crate::telemetry) enum Unkept<'a> {
    /// It is text.
    Text(&'a [u8]),
    /// It is a number that no double holds, with the problem.
    Number(&'a [u8], &'static str),
}

const MALFORMED: &str = "is not a finite number or boolean";
const MISQUOTED: &str =
    "goes on behind its closing quotation mark; inside a string, write a quotation mark as \\\"";

impl Unkept<'_> {
    /// Describes it for the person who wrote the field.
    pub(in crate::telemetry) fn describe(self, name: &[u8]) -> String {
        let name = shown(name);
        match self {
            Self::Text(value) => {
                let value = shown(value);
                format!("field \"{name}\": {value} is text; only numbers and booleans can be stored")
            }
            Self::Number(value, reason) => format!("field \"{name}\": \"{}\" {reason}", shown(value)),
        }
    }
}

/// Returns the length of a field's value: up to the next comma, one inside a quoted string left aside.
fn end_of_value(text: &[u8]) -> usize {
    let from = if text.first() == Some(&b'"') { end_of_string(text).unwrap_or(text.len()) } else { 0 };
    memchr(b',', &text[from..]).map_or(text.len(), |end| from + end)
}

/// Reads measurement and tags; the key has no field yet.
pub(in crate::telemetry) fn head(head: &[u8]) -> Result<SeriesKey, String> {
    let end = unescaped(head, b',').unwrap_or(head.len());
    let measurement = text(&head[..end], b", ")?;
    if measurement.is_empty() {
        return Err("the measurement is missing".to_owned());
    }
    name::check("measurement", &measurement)?;
    let (mut tags, mut rest) = (BTreeMap::new(), head.get(end + 1..));
    while let Some(tag) = rest {
        let end = unescaped(tag, b',').unwrap_or(tag.len());
        rest = tag.get(end + 1..);
        let tag = &tag[..end];
        let equals = unescaped(tag, b'=').ok_or("expected tag=value after the measurement")?;
        let (name, value) = (text(&tag[..equals], b",= ")?, text(&tag[equals + 1..], b",= ")?);
        if name.is_empty() || value.is_empty() {
            return Err("a tag has no name or no value".to_owned());
        }
        name::check("tag", &name)?;
        name::check("value of a tag", &value)?;
        if tags.insert(name.clone(), value).is_some() {
            return Err(format!("the tag \"{}\" occurs twice", name::shortened(&name)));
        }
    }
    let twin =
        tags.remove("twin").ok_or("the tag \"twin\" is missing: it names the unit the values are from")?;
    Ok(SeriesKey { twin, measurement, field: String::new(), tags })
}

/// Reads a field's name.
pub(super) fn field_name(name: &[u8]) -> Result<String, String> {
    let name = text(name, b",= ")?;
    name::check("field", &name)?;
    Ok(name)
}

/// Takes the backslashes from in front of what they escape.
fn text(raw: &[u8], escapable: &[u8]) -> Result<String, String> {
    let bytes =
        if memchr(b'\\', raw).is_none() { Cow::Borrowed(raw) } else { Cow::Owned(unescape(raw, escapable)) };
    String::from_utf8(bytes.into_owned()).map_err(|_| "the line is not UTF-8".to_owned())
}

fn unescape(raw: &[u8], escapable: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut index = 0;
    while let Some(byte) = raw.get(index) {
        let escapes = *byte == b'\\'
            && raw.get(index + 1).is_some_and(|next| escapable.contains(next) || *next == b'\\');
        index += usize::from(escapes);
        bytes.extend(raw.get(index));
        index += 1;
    }
    bytes
}

/// Returns the instant of a timestamp in nanoseconds, `now` where there is none.
#[inline]
pub(in crate::telemetry) fn instant(
    stamp: Option<i128>,
    precision: Precision,
    now: i64,
) -> Result<i64, String> {
    let Some(stamp) = stamp else { return Ok(now) };
    let nanos = i64::try_from(stamp).ok().and_then(|stamp| stamp.checked_mul(precision.nanos()));
    nanos
        .filter(|nanos| (0..LATEST).contains(nanos))
        .ok_or_else(|| format!("the timestamp {stamp} lies outside 1970 to 2262; is the precision right?"))
}

/// Finds a byte that no backslash escapes.
fn unescaped(text: &[u8], byte: u8) -> Option<usize> {
    let mut from = 0;
    loop {
        let found = from + memchr2(byte, b'\\', &text[from..])?;
        if text[found] == byte {
            return Some(found);
        }
        from = (found + 2).min(text.len());
    }
}

fn unescaped_space(text: &[u8]) -> Option<usize> {
    unescaped(text, b' ')
}

/// Finds the space after the fields; one inside a quoted string belongs to it.
fn end_of_fields(text: &[u8]) -> Result<usize, String> {
    let mut from = 0;
    while let Some(found) = memchr3(b' ', b'"', b'\\', &text[from..]).map(|found| from + found) {
        from = match text[found] {
            b' ' => return Ok(found),
            b'\\' => (found + 2).min(text.len()),
            _ if found > 0 && text[found - 1] == b'=' => {
                found + end_of_string(&text[found..]).ok_or("a quoted string does not end")?
            }
            _ => found + 1,
        };
    }
    Ok(text.len())
}

/// Returns the start of a text for a message, in one line.
pub(in crate::telemetry) fn shown(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(&text[..text.len().min(60)]);
    name::printable(&text)
}

fn trim(text: &[u8]) -> &[u8] {
    text.trim_ascii()
}

enum NoNumber {
    Text,
    Range(&'static str),
    Malformed,
}

/// Reads a field's value: a float, an integer with suffix `i` or `u`, a boolean, or a quoted string.
fn value(text: &[u8]) -> Result<f64, NoNumber> {
    match text {
        b"t" | b"T" | b"true" | b"True" | b"TRUE" => Ok(1.0),
        b"f" | b"F" | b"false" | b"False" | b"FALSE" => Ok(0.0),
        [b'"', ..] if end_of_string(text) == Some(text.len()) => Err(NoNumber::Text),
        [digits @ .., b'i'] => whole(digits),
        [digits @ .., b'u'] if digits.first() != Some(&b'-') => whole(digits),
        _ => float(text),
    }
}

fn whole(text: &[u8]) -> Result<f64, NoNumber> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(NoNumber::Malformed);
    }
    match integer(text) {
        Some(number) if number.unsigned_abs() <= u128::from(EXACT_INTEGER) => Ok(number as f64),
        _ => Err(NoNumber::Range("lies beyond what a double holds exactly (2^53)")),
    }
}

/// Reads a decimal integer of up to 30 digits, with an optional minus sign.
fn integer(text: &[u8]) -> Option<i128> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > 30 {
        return None;
    }
    let mut number = 0i128;
    for digit in digits {
        let digit = digit.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + i128::from(digit);
    }
    Some(if negative { -number } else { number })
}

/// Reads a float. NaN and the infinities, in any way of writing that programming languages print, are numbers that cannot be kept.
fn float(text: &[u8]) -> Result<f64, NoNumber> {
    let unsigned = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    let is_not_finite = [b"nan".as_slice(), b"inf", b"infinity"];
    if is_not_finite.iter().any(|word| unsigned.eq_ignore_ascii_case(word)) {
        return Err(NoNumber::Range(MALFORMED));
    }
    if !unsigned.first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'.') {
        return Err(NoNumber::Malformed);
    }
    let text = std::str::from_utf8(text).map_err(|_| NoNumber::Malformed)?;
    let number: f64 = text.parse().map_err(|_| NoNumber::Malformed)?;
    match number.is_finite() {
        true if numeral::underflows(text, number) => {
            Err(NoNumber::Range("is too small for a double, which would make it 0"))
        }
        true if numeral::loses_digits(text, number) => {
            Err(NoNumber::Range("has more digits than a double keeps (whole numbers up to 9007199254740992)"))
        }
        true => Ok(number),
        false => Err(NoNumber::Range(MALFORMED)),
    }
}
