//! What a literal means, whatever its datatype's spelling: 85, 85.0 and 8.5E1 are one value, PT1H and PT60M, one instant
//! with two offsets. Texts are values as they are written, but for those that name something: a symbol or an identifier in
//! another Unicode spelling is the same name.

use super::literal::{canonical_literal, is_duration, is_instant, is_number};
use crate::model::number::numeral::{self, Numeral};
use crate::model::time::duration::{self, Duration, Length};
use crate::model::time::instant::Instant;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use oxigraph::model::vocab::xsd;
use oxigraph::model::{Literal, NamedNode, Term};
use std::borrow::Cow;

/// Whether other spellings of a text are the same text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Texts {
    /// Each text is a value of its own.
    AsWritten,
    /// The texts are names: symbols, identifiers, keys.
    Names,
}

/// The value of a term.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// A finite number.
    Number(Numeral),
    /// A duration.
    Duration(Length),
    /// An instant, as its canonical text.
    Instant(Box<str>),
    /// A name.
    Name(Box<str>),
    /// What is equal only to itself.
    Term(Term),
}

impl Value {
    /// Returns the value of a term.
    pub fn of(term: &Term, texts: Texts) -> Self {
        let Term::Literal(literal) = term else { return Self::Term(term.clone()) };
        let datatype = literal.datatype();
        if is_number(datatype)
            && let Some(number) = Numeral::parse(literal.value())
        {
            return Self::Number(number);
        }
        if is_duration(datatype)
            && let Some(duration) = Duration::parse(literal.value())
        {
            return Self::Duration(duration.length());
        }
        if datatype == xsd::STRING && texts == Texts::Names {
            return Self::Name(name(literal.value()).into());
        }
        let literal = canonical_literal(literal.clone());
        if is_instant(datatype) && literal.value().ends_with('Z') {
            return Self::Instant(literal.value().into());
        }
        Self::Term(literal.into())
    }
}

/// Returns whether two terms are one value.
pub fn is_same(one: &Term, other: &Term, texts: Texts) -> bool {
    one == other
        || matches!((one, other), (Term::Literal(_), Term::Literal(_)))
            && Value::of(one, texts) == Value::of(other, texts)
}

/// Letters and signs that Unicode has twice for one meaning, the one that names are compared by first. NFC alone makes one
/// of the Ohm, Kelvin and Ångström signs and their letters; it leaves these, which only a compatible normalisation joins.
const TWICE: [(&str, &str); 3] = [("\u{3bc}", "\u{b5}"), ("\u{b0}C", "\u{2103}"), ("\u{b0}F", "\u{2109}")];

/// Signs for which NFC has a letter.
const SIGNS: [(&str, &str); 3] = [("\u{3a9}", "\u{2126}"), ("K", "\u{212a}"), ("\u{c5}", "\u{212b}")];

/// Returns the spelling that a name is compared by: composed (NFC), with one letter for micro and two for a degree.
pub fn name(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut name = ComposingNormalizerBorrowed::new_nfc().normalize(text);
    for (letter, sign) in TWICE {
        if name.contains(sign) {
            name = Cow::Owned(name.replace(sign, letter));
        }
    }
    name
}

/// Returns the literals that an index may hold for one value, the given one first: it is to be looked up by each.
pub fn spellings(literal: &Literal) -> Vec<Literal> {
    let mut found = vec![canonical_literal(literal.clone())];
    let datatype = literal.datatype();
    if datatype == xsd::STRING {
        found.extend(names_like(literal.value()).into_iter().map(Literal::new_simple_literal));
    } else if is_number(datatype) {
        for datatype in [xsd::INTEGER, xsd::DECIMAL, xsd::DOUBLE, xsd::FLOAT] {
            found.extend(number_as(literal.value(), datatype.into_owned()));
        }
    }
    let value = Value::of(&literal.clone().into(), Texts::Names);
    let mut kept: Vec<Literal> = Vec::with_capacity(found.len());
    for literal in found {
        if !kept.contains(&literal) && Value::of(&literal.clone().into(), Texts::Names) == value {
            kept.push(literal);
        }
    }
    kept
}

/// Writes a number in another datatype, where it has it.
fn number_as(text: &str, datatype: NamedNode) -> Option<Literal> {
    let plain = Numeral::parse(text)?.plain()?;
    let literal = canonical_literal(Literal::new_typed_literal(plain.clone(), datatype.clone()));
    match super::literal::fault(&literal) {
        None => Some(literal),
        Some(_) => {
            let whole = plain.strip_suffix(".0")?;
            Some(Literal::new_typed_literal(whole, datatype))
        }
    }
}

/// Returns the spellings by which a name may be found elsewhere, the given one first. A name in ASCII has one.
pub fn names(text: &str) -> Vec<String> {
    let mut names = vec![text.to_owned()];
    if !text.is_ascii() {
        names.extend(names_like(text).into_iter().filter(|name| name != text));
    }
    names
}

/// Returns the spellings of a name: with each pair of signs in either form throughout, composed and decomposed.
fn names_like(text: &str) -> Vec<String> {
    let base = name(text).into_owned();
    if base.is_ascii() && !base.contains('K') {
        return vec![base];
    }
    let mut names = vec![base];
    for (letter, sign) in TWICE.into_iter().chain(SIGNS) {
        let with_signs: Vec<_> = names
            .iter()
            .filter(|name| name.contains(letter))
            .map(|name| name.replace(letter, sign))
            .collect();
        names.extend(with_signs);
    }
    let decomposed = DecomposingNormalizerBorrowed::new_nfd();
    let decomposed: Vec<_> = names.iter().map(|name| decomposed.normalize(name).into_owned()).collect();
    names.extend(decomposed);
    names
}

const NUMBER: u8 = 0x10;
const DURATION: u8 = 0x18;
const INSTANT: u8 = 0x20;
const TEXT: u8 = 0x30;

/// How many bytes of a text are part of its key.
const TEXT_BYTES: usize = 120;

/// Returns bytes that are alike for one value and sort as values do; none is the beginning of another. Texts sort by
/// the bytes of their [`name`]s, whatever they are of.
pub fn key(literal: &Literal) -> Vec<u8> {
    let (datatype, text) = (literal.datatype(), literal.value());
    if datatype == xsd::STRING {
        return text_key(&name(text));
    }
    if is_number(datatype)
        && let Some(key) = number_key(text)
    {
        return key;
    }
    if is_instant(datatype)
        && let Some(key) = instant_key(text)
    {
        return key;
    }
    if is_duration(datatype)
        && let Some(duration) = Duration::parse(text)
    {
        let mut key = vec![DURATION];
        duration.length().write_key(&mut key);
        return key;
    }
    text_key(&name(text))
}

fn number_key(text: &str) -> Option<Vec<u8>> {
    let mut key = vec![NUMBER];
    match Numeral::parse(text) {
        Some(number) => number.write_key(&mut key),
        None => numeral::write_special_key(text.parse().ok()?, &mut key),
    }
    Some(key)
}

/// Writes the seconds since 1970 and the decimals of the second, ended by NUL.
fn instant_key(text: &str) -> Option<Vec<u8>> {
    let (seconds, fraction) = match text.parse::<Instant>() {
        Ok(instant) => {
            let nanos = instant.nanos().rem_euclid(1_000_000_000);
            (instant.seconds(), if nanos == 0 { String::new() } else { format!("{nanos:09}") })
        }
        Err(_) => seconds_of(text)?,
    };
    let mut key = vec![INSTANT];
    key.extend((seconds.cast_unsigned() ^ 1 << 63).to_be_bytes());
    key.extend(fraction.trim_end_matches('0').bytes());
    key.push(0);
    Some(key)
}

/// Returns the seconds since 1970 of a time that lies beyond the range of [`Instant`], and its decimals.
fn seconds_of(text: &str) -> Option<(i64, String)> {
    let time: oxsdatatypes::DateTime = text.parse().ok()?;
    let offset = i64::from(i16::from_be_bytes(time.timezone_offset()?.to_be_bytes()));
    let second = time.second().to_string();
    let (whole, fraction) = second.split_once('.').unwrap_or((&second, ""));
    let days = days_since_1970(time.year(), i64::from(time.month()), i64::from(time.day()))?;
    let minutes = i64::from(time.hour()) * 60 + i64::from(time.minute()) - offset;
    let seconds = days.checked_mul(86_400)?.checked_add(minutes * 60 + whole.parse::<i64>().ok()?)?;
    Some((seconds, fraction.to_owned()))
}

/// Counts days of the Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms").
fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    let year = if month <= 2 { year.checked_sub(1)? } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    era.checked_mul(146_097)?.checked_add(of_era - 719_468)
}

/// Returns the key of a text: at most 120 bytes of it, ended by NUL.
pub fn text_key(text: &str) -> Vec<u8> {
    let mut key = vec![TEXT];
    key.extend(text.bytes().filter(|&byte| byte != 0).take(TEXT_BYTES));
    key.push(0);
    key
}

/// Returns the text of a key, where it is one of a text.
pub fn text_of(key: &[u8]) -> Option<Cow<'_, str>> {
    match key {
        [TEXT, text @ .., 0] => Some(String::from_utf8_lossy(text)),
        _ => None,
    }
}

/// Returns whether the key holds less than the whole value, so that equal keys may hide different values.
pub fn is_cut(key: &[u8]) -> bool {
    key.first() == Some(&TEXT) && key.len() >= TEXT_BYTES + 2
}

/// Returns how many bytes of `bytes` the key that they begin with takes.
pub fn key_length(bytes: &[u8]) -> Option<usize> {
    let (kind, rest) = bytes.split_first()?;
    let ended = |from: usize| Some(from + rest.get(from..)?.iter().position(|byte| *byte == 0)? + 1);
    let length = match *kind {
        NUMBER => numeral::key_length(rest)?,
        DURATION => duration::key_length(rest)?,
        INSTANT => ended(8)?,
        _ => ended(0)?,
    };
    Some(length + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `85`, `"text"` or `text^^datatype`.
    fn literal(text: &str) -> Literal {
        match text.split_once("^^") {
            Some((text, datatype)) => {
                let datatype = format!("http://www.w3.org/2001/XMLSchema#{datatype}");
                Literal::new_typed_literal(text, NamedNode::new_unchecked(datatype))
            }
            None => Literal::new_simple_literal(text),
        }
    }

    #[test]
    fn spellings_of_one_value_are_the_same() {
        let check = |one: &str, other: &str, expect: [bool; 2]| {
            let [a, b] = [one, other].map(|text| Term::from(literal(text)));
            let found = [Texts::AsWritten, Texts::Names].map(|texts| is_same(&a, &b, texts));
            assert_eq!(found, expect, "{one} {other}");
        };
        for (one, other) in [
            ("85^^integer", "85.0^^decimal"),
            ("85^^integer", "8.5E1^^double"),
            ("85^^int", "85^^float"),
            ("0.1^^decimal", "1.0E-1^^double"),
            ("-0.0E0^^double", "0^^integer"),
            ("PT1H^^duration", "PT60M^^dayTimeDuration"),
            ("P1D^^duration", "PT24H^^duration"),
            ("2024-05-01T08:00:00+02:00^^dateTime", "2024-05-01T06:00:00.0Z^^dateTime"),
            ("9999-12-31T23:00:00-02:00^^dateTime", "10000-01-01T01:00:00Z^^dateTimeStamp"),
            ("1^^boolean", "true^^boolean"),
            ("2024-05-01Z^^date", "2024-05-01+00:00^^date"),
            ("NaN^^double", "NaN^^double"),
        ] {
            check(one, other, [true, true]);
        }
        for (one, other) in [
            ("85^^integer", "85"),
            ("9007199254740993^^integer", "9007199254740992^^integer"),
            ("9007199254740993^^integer", "9007199254740992.0E0^^double"),
            ("P1M^^duration", "P30D^^duration"),
            ("2024-05-01T08:00:00^^dateTime", "2024-05-01T08:00:00Z^^dateTime"),
            ("2024-05-01^^date", "2024-05-01Z^^date"),
            ("x^^integer", "y^^integer"),
            ("p-1", "P-1"),
        ] {
            check(one, other, [false, false]);
        }
        for (one, other) in [
            ("\u{b5}m", "\u{3bc}m"),
            ("\u{2126}", "\u{3a9}"),
            ("\u{b0}C", "\u{2103}"),
            ("\u{212a}", "K"),
            ("Gda\u{144}sk", "Gdan\u{301}sk"),
        ] {
            check(one, other, [false, true]);
        }
    }

    #[test]
    fn a_value_is_found_by_its_spellings() {
        let check = |asked: &str, kept: &str, found: bool| {
            assert_eq!(spellings(&literal(asked)).contains(&literal(kept)), found, "{asked} {kept}");
        };
        check("85^^integer", "8.5E1^^double", true);
        check("8.50E1^^double", "85^^integer", true);
        check("85.0^^decimal", "85^^integer", true);
        check("85.5^^decimal", "8.55E1^^double", true);
        check("0.1^^decimal", "0^^integer", false);
        check("9007199254740993^^integer", "9.007199254740992E15^^double", false);
        check("5 \u{b5}m", "5 \u{3bc}m", true);
        check("5 \u{3bc}m", "5 \u{b5}m", true);
        check("20 \u{2103}", "20 \u{b0}C", true);
        check("10 k\u{3a9}", "10 k\u{2126}", true);
        check("300 K", "300 \u{212a}", true);
        check("Gda\u{144}sk", "Gdan\u{301}sk", true);
        check("Gdan\u{301}sk", "Gda\u{144}sk", true);
        assert_eq!(spellings(&literal("P-1")).len(), 1);
    }

    #[test]
    fn keys_sort_as_values() {
        let check = |values: &[&str]| {
            let keys: Vec<_> = values.iter().map(|text| key(&literal(text))).collect();
            assert!(keys.is_sorted_by(|a, b| a < b), "{values:?}");
            for key in keys {
                assert_eq!(key_length(&[key.as_slice(), &[9, 0, 0xff]].concat()), Some(key.len()));
            }
        };
        check(&[
            "-INF^^double",
            "-85.5^^decimal",
            "-1.0^^decimal",
            "0^^integer",
            "0.5^^decimal",
            "8.5E1^^double",
            "INF^^double",
            "NaN^^double",
        ]);
        check(&[
            "9007199254740992^^integer",
            "9007199254740993^^integer",
            "9007199254740993.5^^decimal",
            "9007199254740994^^integer",
        ]);
        check(&[
            "-0044-03-15T00:00:00Z^^dateTime",
            "0001-01-01T00:00:00Z^^dateTime",
            "1969-05-01T00:00:00Z^^dateTime",
            "2024-05-01T00:00:00+02:00^^dateTime",
            "2024-05-01T00:00:00Z^^dateTime",
            "2024-05-01T00:00:00.05Z^^dateTime",
            "2024-05-01T00:00:00.5Z^^dateTime",
            "9999-12-31T00:00:00Z^^dateTime",
        ]);
        check(&[
            "-P1D^^duration",
            "PT0S^^duration",
            "PT10M^^duration",
            "PT1H^^duration",
            "P1D^^duration",
            "P30D^^duration",
            "P1M^^duration",
            "P31D^^duration",
        ]);
        check(&["", "P-1", "P-10", "P-2", "é"]);
        let same =
            |one: &str, other: &str| assert_eq!(key(&literal(one)), key(&literal(other)), "{one} {other}");
        same("85^^integer", "8.5E1^^double");
        same("-0.0E0^^double", "0^^integer");
        same("PT24H^^duration", "P1D^^duration");
        same("2024-05-01T02:00:00+02:00^^dateTime", "2024-05-01T00:00:00Z^^dateTime");
        same("20 \u{2103}", "20 \u{b0}C");
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        for text in
            ["1970-01-01T00:00:00Z", "2000-02-29T12:00:00Z", "1900-03-01T00:00:01Z", "2262-01-01T00:00:00Z"]
        {
            let instant: Instant = text.parse().expect("an instant");
            assert_eq!(seconds_of(text).map(|(seconds, _)| seconds), Some(instant.seconds()), "{text}");
        }
    }
}
