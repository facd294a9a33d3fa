//! The text of a document before it is parsed: its limits, and what the parser cannot do.
//!
//! The parser keeps the last of two fields of one name in an object, and reads no `\u{…}` and no surrogate pairs; so the first are
//! found here, and the others written as the characters that they denote.

use super::refusal::Refusal;
use crate::graphql::error::Error;
use crate::model::number::numeral;
use async_graphql::Pos;
use std::borrow::Cow;
use std::collections::HashSet;

const TEXT_BYTES_MAX: usize = 256 * 1024;
/// How deep brackets may nest in the text; the parser recurses once for each.
const BRACKETS_MAX: usize = 200;

/// Refuses texts that are too long, or nested too deep for the parser's stack.
pub(super) fn check_text(query: &str) -> Result<(), Error> {
    if query.len() > TEXT_BYTES_MAX {
        return Err(Error::limit(format!(
            "a document may have {TEXT_BYTES_MAX} bytes, this one has {}",
            query.len()
        )));
    }
    let mut open = 0_usize;
    let mut rest = query.as_bytes();
    while let Some(byte) = rest.first() {
        match byte {
            b'{' | b'[' | b'(' => open += 1,
            b'}' | b']' | b')' => open = open.saturating_sub(1),
            _ => {}
        }
        if open > BRACKETS_MAX {
            return Err(Error::limit(format!("brackets may nest {BRACKETS_MAX} deep")));
        }
        rest = &rest[token_length(rest)..];
    }
    Ok(())
}

/// Returns how many bytes a text or comment at the start takes, else 1; as the parser reads them, so that no bracket that
/// it sees is missed.
pub(super) fn token_length(rest: &[u8]) -> usize {
    match rest {
        // Without an end it is read as an empty text and what follows.
        [b'"', b'"', b'"', ..] => text_length(rest, 3, b"\\\"\"\"", b"\"\"\"").unwrap_or(2),
        [b'"', ..] => text_length(rest, 1, b"\\", b"\"").unwrap_or(rest.len()),
        [b'#', ..] => {
            rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).map_or(rest.len(), |end| end + 1)
        }
        _ => 1,
    }
}

/// Returns the length of a text that is open after `from` bytes. What follows `\` alone is escaped with it.
fn text_length(rest: &[u8], from: usize, escape: &[u8], end: &[u8]) -> Option<usize> {
    let mut at = from;
    while at < rest.len() {
        if rest[at..].starts_with(escape) {
            at += escape.len().max(2);
        } else if rest[at..].starts_with(end) {
            return Some(at + end.len());
        } else {
            at += 1;
        }
    }
    None
}

/// Refuses an object that gives a field twice (5.6.3).
pub(super) fn check_objects(query: &str) -> Result<(), Vec<Refusal>> {
    let mut open: Vec<Bracket<'_>> = Vec::new();
    let (mut name, mut at) = (None, 0);
    while let Some(byte) = query.as_bytes().get(at) {
        let length = match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'_' => name_length(&query[at..]),
            _ => token_length(&query.as_bytes()[at..]),
        };
        match byte {
            // Objects are only in arguments and in the defaults of variables, and selections never are.
            b'{' if open.iter().any(|bracket| matches!(bracket, Bracket::Round)) => {
                open.push(Bracket::Object(HashSet::new()));
            }
            b'(' => open.push(Bracket::Round),
            b'{' | b'[' => open.push(Bracket::Other),
            b'}' | b']' | b')' => drop(open.pop()),
            b':' => {
                if let (Some(Bracket::Object(fields)), Some((field, at))) = (open.last_mut(), name)
                    && !fields.insert(field)
                {
                    let message = format!("an object gives the field \"{field}\" twice (GraphQL 5.6.3)");
                    return Err(vec![Refusal {
                        error: Box::new(Error::bad_input(message)),
                        locations: vec![position(query, at)],
                    }]);
                }
            }
            _ => {}
        }
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'_' => name = Some((&query[at..at + length], at)),
            b' ' | b',' | b'\t' | b'\r' | b'\n' | b'#' => {}
            _ => name = None,
        }
        at += length;
    }
    Ok(())
}

/// Refuses a document with a number of which reading loses digits.
pub(super) fn check_numbers(query: &str) -> Result<(), Vec<Refusal>> {
    match rounded_number(query) {
        Some((at, number)) => {
            Err(vec![Refusal { error: Box::new(rounded(number)), locations: vec![position(query, at)] }])
        }
        None => Ok(()),
    }
}

/// What an object, another value, and a byte of text in JSON take in memory while they become values of GraphQL, about.
const OBJECT_BYTES: usize = 600;
const VALUE_BYTES: usize = 160;
const TEXT_COPIES: usize = 2;

/// How many bytes the values of some JSON take in memory, about; the JSON comes in pieces.
#[derive(Clone, Copy, Debug, Default)]
pub struct ParsedBytes {
    bytes: usize,
    in_text: bool,
    is_escaped: bool,
}

impl ParsedBytes {
    /// Counts a piece.
    pub fn add(&mut self, json: &[u8]) {
        self.bytes += json.len() * TEXT_COPIES;
        for byte in json {
            if self.in_text {
                self.in_text = self.is_escaped || *byte != b'"';
                self.is_escaped = *byte == b'\\' && !self.is_escaped;
                continue;
            }
            match byte {
                b'"' => self.in_text = true,
                b'{' => self.bytes += OBJECT_BYTES,
                b',' | b'[' => self.bytes += VALUE_BYTES,
                _ => {}
            }
        }
    }

    /// Returns the bytes so far.
    pub const fn total(self) -> usize {
        self.bytes
    }
}

/// Refuses JSON with a number of which reading loses digits.
pub(in crate::graphql) fn check_json_numbers(json: &str) -> Result<(), Error> {
    rounded_number(json).map_or(Ok(()), |(_, number)| Err(rounded(number)))
}

fn rounded(number: &str) -> Error {
    let nearest = number.parse::<f64>().unwrap_or_default();
    let number: String = number.chars().take(60).collect();
    Error::bad_input(format!(
        "the number {number} has digits that a GraphQL number does not keep (it would be {nearest}): write it with fewer digits, or import it as Turtle, which keeps all"
    ))
}

/// Finds the first number outside texts and comments of which reading loses digits; of a document, or of JSON.
fn rounded_number(text: &str) -> Option<(usize, &str)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'_' => name_length(&text[at..]),
            b'0'..=b'9' | b'-' => {
                let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
                let number = &text[at..][..bytes[at..].iter().take_while(|byte| is_part(byte)).count()];
                if numeral::is_rounded(number) {
                    return Some((at, number));
                }
                number.len()
            }
            _ => token_length(&bytes[at..]),
        };
    }
    None
}

enum Bracket<'q> {
    Round,
    /// The fields that an object has given so far.
    Object(HashSet<&'q str>),
    Other,
}

pub(super) fn name_length(rest: &str) -> usize {
    rest.bytes().position(|byte| !(byte.is_ascii_alphanumeric() || byte == b'_')).unwrap_or(rest.len())
}

fn position(query: &str, at: usize) -> Pos {
    let before = &query[..at];
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    Pos { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
}

/// Moves `$` and `@` to the names that they belong to, which the parser reads only there, though they are tokens of their own (2.1.6).
pub(super) fn joined_names(query: &str) -> Cow<'_, str> {
    let bytes = query.as_bytes();
    let is_apart =
        |at: usize| matches!(bytes.get(at + 1), Some(b' ' | b',' | b'\t' | b'\r' | b'\n' | b'#' | 0xEF));
    let (mut out, mut end, mut at) = (String::new(), 0, 0);
    while let Some(byte) = bytes.get(at) {
        let length = token_length(&bytes[at..]);
        if matches!(byte, b'$' | b'@') && is_apart(at) {
            let name = at + 1 + ignored_length(&query[at + 1..]);
            // The sign takes the place of a space before the name, so that the name keeps its own.
            let between = &query[at + 1..name];
            out.push_str(&query[end..at]);
            out.push(' ');
            out.push_str(between.strip_suffix([' ', ',', '\t']).unwrap_or(between));
            out.push(char::from(*byte));
            (end, at) = (name, name);
        } else {
            at += length;
        }
    }
    match end {
        0 => Cow::Borrowed(query),
        _ => Cow::Owned(out + &query[end..]),
    }
}

/// Returns how many bytes at the start mean nothing: spaces, ends of lines, commas, comments.
fn ignored_length(rest: &str) -> usize {
    let mut at = 0;
    loop {
        at += match rest.as_bytes().get(at) {
            Some(b' ' | b',' | b'\t' | b'\r' | b'\n') => 1,
            Some(b'#') => token_length(&rest.as_bytes()[at..]),
            Some(0xEF) if rest[at..].starts_with('\u{feff}') => '\u{feff}'.len_utf8(),
            _ => return at,
        };
    }
}

/// Writes `\u{…}` and surrogate pairs in texts as the characters that they denote (2.9.4). What follows a text keeps its place.
pub(super) fn plain_escapes(query: &str) -> Result<Cow<'_, str>, Vec<Refusal>> {
    if !query.contains("\\u") {
        return Ok(Cow::Borrowed(query));
    }
    let mut out = String::with_capacity(query.len());
    let mut at = 0;
    while at < query.len() {
        let rest = &query[at..];
        let length = token_length(rest.as_bytes());
        let is_text = rest.starts_with('"') && !rest.starts_with("\"\"\"");
        if is_text && length > 1 {
            let refused = |reason| {
                vec![Refusal {
                    error: Box::new(Error::bad_input(reason)),
                    locations: vec![position(query, at)],
                }]
            };
            let text = plain_text(&rest[..length]).map_err(refused)?;
            let shorter = rest[..length].chars().count().saturating_sub(text.chars().count());
            out.push_str(&text);
            out.extend(std::iter::repeat_n(' ', shorter));
            at += length;
        } else {
            // One character, whatever its length: tokens that are no texts and no comments count as one byte.
            let length = length.max(rest.chars().next().map_or(1, char::len_utf8));
            out.push_str(&rest[..length]);
            at += length;
        }
    }
    Ok(Cow::Owned(out))
}

/// Writes the escapes of one text plainly that the parser does not read.
fn plain_text(text: &str) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let escape = if rest.starts_with("\\u") { unicode(rest)? } else { None };
        match escape {
            Some((character, length)) => {
                push_plain(&mut out, character);
                rest = &rest[length..];
            }
            None => {
                let length = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
                out.push_str(&rest[..length]);
                rest = &rest[length..];
            }
        }
    }
    out.push_str(rest);
    Ok(out)
}

fn push_plain(out: &mut String, character: char) {
    match character {
        '"' | '\\' => out.extend(['\\', character]),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        character => out.push(character),
    }
}

/// Reads `\u{…}` or a surrogate pair: the character and the length of the escape. The other escapes are the parser's.
fn unicode(rest: &str) -> Result<Option<(char, usize)>, String> {
    if let Some(braced) = rest.strip_prefix("\\u{") {
        let end = braced.find('}').filter(|end| (1..=8).contains(end));
        let code = end.and_then(|end| u32::from_str_radix(&braced[..end], 16).ok());
        let character = code.and_then(char::from_u32);
        let wrong = || format!("{} is no Unicode scalar value", &rest[..end.map_or(3, |end| end + 4)]);
        return Ok(Some((character.ok_or_else(wrong)?, end.unwrap_or_default() + 4)));
    }
    let unit = |at: usize| {
        let digits = rest.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(0).filter(|unit| (0xD800..0xE000).contains(unit)) else { return Ok(None) };
    match char::decode_utf16([Some(first), unit(6)].into_iter().flatten()).next() {
        Some(Ok(character)) => Ok(Some((character, 12))),
        _ => Err(format!("{} is half of a surrogate pair", &rest[..6])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_texts_do_not_count() {
        let check = |query: &str, passes: bool| assert_eq!(check_text(query).is_ok(), passes, "{query}");
        let many = "{".repeat(BRACKETS_MAX + 1);
        check(&many, false);
        check(&many[1..], true);
        check(&format!("\"{many}\\\"{many}\""), true);
        check(&format!("\"\"\"{many}\" {many}\"\"\""), true);
        check(&format!("# {many}"), true);
        check(&format!("# \n{many}"), false);
        check(&format!("\"\" {many}"), false);
        check("\"\\", true);
        // Where a text or a comment ends is where the parser ends it.
        check(&format!("# \r{many}"), false);
        check(&format!("# \\\n{many}"), false);
        check(&format!("\"\"\"\\\\\"\"\" \"\"\" {many}"), false);
        check(&format!("\"\"\" \\\"\"\" {many} \"\"\""), true);
        check(&format!("[\"\"\" \" {many}"), false);
    }

    #[test]
    fn signs_are_moved_to_their_names() {
        let check = |query: &str, expect: &str| assert_eq!(joined_names(query), expect, "{query}");
        check("query ($a: Int) { x(y: $a) @skip(if: true) }", "query ($a: Int) { x(y: $a) @skip(if: true) }");
        check("query ($ a: Int) { x(y: $ ,a) @\tskip }", "query ( $a: Int) { x(y:   $a)  @skip }");
        check("{ x @ # a\n skip }", "{ x   # a\n@skip }");
        check("{ x @\nskip }", "{ x  \n@skip }");
        check("{ x(y: \"$ a\") # @ b\n }", "{ x(y: \"$ a\") # @ b\n }");
        check("{ x @", "{ x @");
        check("{ x @ ", "{ x  @");
    }

    #[test]
    fn an_object_gives_a_field_once() {
        let check = |query: &str, twice: Option<(usize, usize)>| {
            let refused = check_objects(query).err();
            let found = refused.map(|refused| (refused[0].locations[0].line, refused[0].locations[0].column));
            assert_eq!(found, twice, "{query}");
        };
        check("{ f(o: {a: 1, b: {a: 1}, c: [{a: 1}, {a: 2}]}) { a: x a: x } }", None);
        check("{ f(o: {a: 1, b: 2, a: 1}) }", Some((1, 21)));
        check("{ é: f(\no: {b: {a: a a: 2}}) }", Some((2, 14)));
        check("query ($o: O = {a: 1 # a: 2\n, a , : 3}) { f(o: $o) }", Some((2, 3)));
        check(
            "{ f(o: {a: \"{ a: \", b: \"\"\" a: \"\"\"}) @skip(if: true) { b: x(a: 1) b: x(a: 1) } }",
            None,
        );
        check("{ f @include(if: {a: 1, a: 1}) }", Some((1, 25)));
    }

    #[test]
    fn numbers_whose_digits_would_be_lost_are_found() {
        let check =
            |text: &str, expect: Option<(usize, &str)>| assert_eq!(rounded_number(text), expect, "{text}");
        check("{ f(limit: 85.0, n: -3, e: 1.5e-3) { a1: b ...c } }", None);
        check("{ f(limit: 85.00000000000000001) }", Some((11, "85.00000000000000001")));
        check("{ f(t: \"85.00000000000000001\") # 85.00000000000000001\n é }", None);
        check("{ f(t: \"\"\"85.00000000000000001\"\"\" n: [-1e-400]) }", Some((38, "-1e-400")));
        check("{ f(x: $v85 y: v18446744073709551617) }", None);
        check(
            r#"{"query":"{ f(n: 1e-400) }","variables":{"a\"":[18446744073709551617]}}"#,
            Some((48, "18446744073709551617")),
        );
    }

    #[test]
    fn escapes_are_written_as_what_they_mean() {
        let check = |query: &str, expect: Option<&str>| {
            let plain = plain_escapes(query).ok();
            assert_eq!(plain.as_deref(), expect, "{query}");
        };
        check(r#"{ f(t: "\u{1F600}!") x }"#, Some("{ f(t: \"\u{1F600}!\"        ) x }"));
        check(r#"{ f(t: "\uD83D\uDE00") }"#, Some("{ f(t: \"\u{1F600}\"           ) }"));
        check(
            r#"{ f(t: "\u{22}\u{5c}\u{A}\u0041\\u{41}") }"#,
            Some(r#"{ f(t: "\"\\\n\u0041\\u{41}"           ) }"#),
        );
        check(r#"{ f(t: """\u{41}""") # \u{41}"#, Some(r#"{ f(t: """\u{41}""") # \u{41}"#));
        for wrong in [
            r"\u{}",
            r"\u{110000}",
            r"\u{D800}",
            r"\u{xyz}",
            r"\u{41",
            r"\uD83D",
            r"\uDE00\uD83D",
            r"\uD83D\u0041",
        ] {
            check(&format!("{{ f(t: \"{wrong}\") }}"), None);
        }
        check("{ é }", Some("{ é }"));
    }
}
