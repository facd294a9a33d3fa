//! InfluxDB line protocol: one line, one instant, one or more fields.
//!
//! `measurement,tag=value field=1.5,other=3i 1700000000000000000`. The syntax is InfluxDB 2's: a backslash
//! escapes a comma or space in a measurement, and a comma, space or equals sign in tags and field keys. A line
//! that holds anything but numbers and booleans is refused as a whole; a line end always ends the line, even
//! inside a quoted string, so that one bad line never takes its neighbours with it.

use super::series::Key;
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
    pub(super) const ALL: [Self; 4] =
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

/// Instants that can be stored end here: 2262-01-01, close to what 64 bits of nanoseconds can tell.
pub(super) const LATEST: i64 = 9_214_646_400_000_000_000;
/// The greatest integer up to which a double holds every one.
const EXACT_INTEGER: u64 = 1 << 53;

/// One line, cut but not yet understood as a whole.
pub(super) struct Line<'a> {
    /// Measurement and tags as written.
    pub(super) head: &'a [u8],
    fields: &'a [u8],
    stamp: &'a [u8],
}

impl<'a> Line<'a> {
    /// Cuts a line at the spaces that are not escaped or quoted.
    pub(super) fn cut(line: &'a [u8]) -> Result<Self, String> {
        let end = unescaped_space(line).ok_or("expected fields after the measurement and tags")?;
        let (head, rest) = (&line[..end], trim(&line[end..]));
        let end = end_of_fields(rest)?;
        Ok(Self { head, fields: &rest[..end], stamp: trim(&rest[end..]) })
    }

    /// Returns the timestamp as written, if there is one.
    pub(super) fn stamp(&self) -> Result<Option<i128>, String> {
        if self.stamp.is_empty() {
            return Ok(None);
        }
        let stamp = integer(self.stamp);
        stamp.map(Some).ok_or_else(|| format!("\"{}\" is not a timestamp", shown(self.stamp)))
    }

    /// Hands each field's name as written and its value to `take`.
    pub(super) fn fields(&self, mut take: impl FnMut(&'a [u8], f64)) -> Result<(), String> {
        let mut rest = self.fields;
        loop {
            let equals = unescaped(rest, b'=').ok_or("expected field=value")?;
            if equals == 0 {
                return Err("a field has no name".to_owned());
            }
            let (name, after) = (&rest[..equals], &rest[equals + 1..]);
            let end = memchr(b',', after).unwrap_or(after.len());
            take(name, value(&after[..end]).map_err(|reason| reason.of(name, &after[..end]))?);
            if end == after.len() {
                return Ok(());
            }
            rest = &after[end + 1..];
        }
    }
}

/// Reads measurement and tags; the key has no field yet.
pub(super) fn head(head: &[u8]) -> Result<Key, String> {
    let end = unescaped(head, b',').unwrap_or(head.len());
    let measurement = text(&head[..end], b", ")?;
    if measurement.is_empty() {
        return Err("the measurement is missing".to_owned());
    }
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
        if tags.insert(name.clone(), value).is_some() {
            return Err(format!("the tag \"{name}\" stands twice"));
        }
    }
    let twin =
        tags.remove("twin").ok_or("the tag \"twin\" is missing: it names the unit the values are from")?;
    Ok(Key { twin, measurement, field: String::new(), tags })
}

/// Reads a field's name.
pub(super) fn field_name(name: &[u8]) -> Result<String, String> {
    text(name, b",= ")
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
pub(super) fn instant(stamp: Option<i128>, precision: Precision, now: i64) -> Result<i64, String> {
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

/// Finds the space after the fields; one inside quotes belongs to a string.
fn end_of_fields(text: &[u8]) -> Result<usize, String> {
    let mut from = 0;
    while let Some(found) = memchr3(b' ', b'"', b'\\', &text[from..]).map(|found| from + found) {
        from = match text[found] {
            b' ' => return Ok(found),
            b'\\' => (found + 2).min(text.len()),
            _ => found + 1 + unescaped(&text[found + 1..], b'"').ok_or("a quoted string does not end")? + 1,
        };
    }
    Ok(text.len())
}

/// Returns the start of a text for a message.
fn shown(text: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(&text[..text.len().min(60)])
}

fn trim(text: &[u8]) -> &[u8] {
    text.trim_ascii()
}

enum NoNumber {
    Text,
    Range,
    Malformed,
}

impl NoNumber {
    fn of(self, name: &[u8], value: &[u8]) -> String {
        let (name, value) = (shown(name), shown(value));
        match self {
            Self::Text => {
                format!("field \"{name}\": {value} is text; only numbers and booleans can be stored")
            }
            Self::Range => {
                format!("field \"{name}\": {value} lies beyond what a double holds exactly (2^53)")
            }
            Self::Malformed => format!("field \"{name}\": \"{value}\" is not a finite number or boolean"),
        }
    }
}

/// Reads a field's value: a float, an integer with suffix `i` or `u`, or a boolean.
fn value(text: &[u8]) -> Result<f64, NoNumber> {
    match text {
        b"t" | b"T" | b"true" | b"True" | b"TRUE" => Ok(1.0),
        b"f" | b"F" | b"false" | b"False" | b"FALSE" => Ok(0.0),
        [b'"', ..] => Err(NoNumber::Text),
        [digits @ .., b'i'] => whole(digits),
        [digits @ .., b'u'] if digits.first() != Some(&b'-') => whole(digits),
        _ => float(text),
    }
}

fn whole(text: &[u8]) -> Result<f64, NoNumber> {
    let number = integer(text).ok_or(NoNumber::Malformed)?;
    if number.unsigned_abs() > u128::from(EXACT_INTEGER) { Err(NoNumber::Range) } else { Ok(number as f64) }
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

/// Reads a float; the standard library would also take `inf` and `nan`, which start with a letter.
fn float(text: &[u8]) -> Result<f64, NoNumber> {
    let start = text.iter().position(|byte| !matches!(byte, b'+' | b'-'));
    if !start.is_some_and(|start| text[start].is_ascii_digit() || text[start] == b'.') {
        return Err(NoNumber::Malformed);
    }
    let number = std::str::from_utf8(text).ok().and_then(|text| text.parse::<f64>().ok());
    number.filter(|number| number.is_finite()).ok_or(NoNumber::Malformed)
}
