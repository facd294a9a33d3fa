//! What a JSON-LD processor passes over in silence: keys without a meaning, names that are no IRIs, contexts kept elsewhere; and the
//! numbers that it writes as doubles whatever their type.

use super::position::Position;
use super::{Error, Format, Notice, bounds, position, unread};
use oxigraph::io::RdfParser;
use oxigraph::model::vocab::{rdf, xsd};
use oxigraph::model::{Literal, NamedNode, NamedOrBlankNode, Quad, Term};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashSet};
use std::fmt;

/// What a key means that no context defines, in the second reading.
const UNDEFINED: &str = "x-undefined:";

/// The keywords of JSON-LD 1.1; a processor ignores other keys of their form.
const KEYWORDS: [&str; 23] = [
    "@base",
    "@container",
    "@context",
    "@default",
    "@direction",
    "@graph",
    "@id",
    "@import",
    "@included",
    "@index",
    "@json",
    "@language",
    "@list",
    "@nest",
    "@none",
    "@prefix",
    "@propagate",
    "@protected",
    "@reverse",
    "@set",
    "@type",
    "@value",
    "@version",
];

/// Finds the first escape of one half of a pair (`\ud800`) that has no other half beside it: such a text has no characters. Returns its
/// offset and the escape.
pub(super) fn lone_half(bytes: &[u8]) -> Option<(usize, String)> {
    let unit = |at: usize| {
        let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &bytes[at..]) {
        at += found;
        at += match (unit(at), unit(at + 6)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                return Some((at, String::from_utf8_lossy(&bytes[at..at + 6]).into_owned()));
            }
            _ => 2,
        };
        if at > bytes.len() {
            break;
        }
    }
    None
}

/// Refuses a context that the file only names, as nothing is fetched, and one whose terms are defined by too many others.
pub(super) fn check_contexts(bytes: &[u8], file: &str) -> Result<(), Error> {
    // What is not looked at here never reaches the processor.
    let distinct = serde_json::from_slice::<Distinct>(bytes);
    let document = distinct.and_then(|Distinct| serde_json::from_slice::<Value>(bytes)).map_err(|error| {
        let (at, text) = (Position { line: error.line(), column: error.column() }, error.to_string());
        let message = text.split(" at line ").next().unwrap_or(&text).to_owned();
        unread(at, message, bytes, (file, Format::JsonLd))
    })?;
    let refused = |label: &str, message: &str| {
        let Position { line, column } = position::of_label(bytes, &Value::from(label).to_string());
        Err(Error::Syntax { file: file.to_owned(), line, column, message: message.to_owned() })
    };
    if let Some(term) = bounds::too_long(&document) {
        return refused(term, bounds::TOO_LONG);
    }
    if bounds::copies_too_much(&document) {
        return refused("@context", bounds::COPIES_TOO_MUCH);
    }
    let Some(address) = remote_context(&document) else { return Ok(()) };
    let quoted = serde_json::to_string(&address).unwrap_or_default();
    let at = position::of_label(bytes, &quoted);
    Err(Error::RemoteContext { file: file.to_owned(), line: at.line, column: at.column, address })
}

/// A JSON value whose objects have no key twice: of two values one would be dropped.
struct Distinct;

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Distinct {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self, A::Error> {
        let mut keys = HashSet::new();
        while let Some(key) = fields.next_key::<String>()? {
            let _: Self = fields.next_value()?;
            if let Some(key) = keys.replace(key) {
                return Err(A::Error::custom(format!("the key \"{key}\" is there twice in one object")));
            }
        }
        Ok(self)
    }
}

/// Returns the address of the first context that is not in the file.
fn remote_context(value: &Value) -> Option<String> {
    match value {
        Value::Array(items) => items.iter().find_map(remote_context),
        Value::Object(object) => object.iter().find_map(|(key, value)| {
            let here = match key.as_str() {
                "@context" => address(value),
                "@import" => value.as_str().map(str::to_owned),
                _ => None,
            };
            here.or_else(|| remote_context(value))
        }),
        _ => None,
    }
}

fn address(context: &Value) -> Option<String> {
    match context {
        Value::String(address) => Some(address.clone()),
        Value::Array(contexts) => contexts.iter().find_map(address),
        _ => None,
    }
}

/// Lists what a file that could be read holds beside its statements. It is read a second time, with a context under its own in
/// which every key means something, and any text may be an IRI.
pub(super) fn notices(bytes: &[u8], base: &str, file: &str) -> Vec<Notice> {
    let Ok(mut document) = serde_json::from_slice::<Value>(bytes) else { return Vec::new() };
    let mut found = Found { file, seen: BTreeSet::new(), notices: Vec::new() };
    found.keywords(&document, None);
    match &mut document {
        Value::Array(items) => items.iter_mut().filter_map(Value::as_object_mut).for_each(define_all),
        Value::Object(object) => define_all(object),
        _ => {}
    }
    let Ok(parser) = RdfParser::from_format(Format::JsonLd.engine()).with_base_iri(base) else {
        return found.notices;
    };
    let text = document.to_string();
    parser.lenient().for_slice(text.as_bytes()).map_while(Result::ok).for_each(|quad| found.quad(&quad));
    found.notices
}

fn define_all(object: &mut Map<String, Value>) {
    let context = match object.shift_remove("@context") {
        Some(Value::Array(contexts)) => contexts,
        own => own.into_iter().collect(),
    };
    let contexts: Vec<Value> = std::iter::once(json!({ "@vocab": UNDEFINED })).chain(context).collect();
    object.shift_insert(0, "@context".to_owned(), contexts.into());
}

struct Found<'a> {
    file: &'a str,
    seen: BTreeSet<String>,
    notices: Vec<Notice>,
}

impl Found<'_> {
    fn note(&mut self, subject: Option<&str>, message: &str) {
        let node = subject.map_or_else(|| "a node without @id".to_owned(), |subject| format!("<{subject}>"));
        let message = format!("{node}: {message}");
        if self.seen.insert(message.clone()) {
            self.notices.push(Notice { file: self.file.to_owned(), message });
        }
    }

    fn quad(&mut self, quad: &Quad) {
        let subject = match &quad.subject {
            NamedOrBlankNode::NamedNode(subject) => Some(subject.as_str().trim_start_matches(UNDEFINED)),
            NamedOrBlankNode::BlankNode(_) => None,
        };
        if let Some(key) = quad.predicate.as_str().strip_prefix(UNDEFINED) {
            return self
                .note(subject, &format!("the context does not define the key \"{key}\", so it is ignored"));
        }
        if let Term::Literal(literal) = &quad.object
            && let Some(language) = literal.language()
            && Literal::new_language_tagged_literal("", language).is_err()
        {
            let value = literal.value();
            self.note(
                subject,
                &format!("\"{language}\" is no language tag such as en or en-US, so the text \"{value}\" is ignored"),
            );
        }
        let names = [subject, Some(quad.predicate.as_str()), iri(&quad.object)];
        for name in names.into_iter().flatten() {
            if name.starts_with(UNDEFINED) && quad.predicate == rdf::TYPE {
                let class = name.trim_start_matches(UNDEFINED);
                self.note(subject, &format!("the context does not define the type \"{class}\""));
            } else if !name.starts_with(UNDEFINED) && NamedNode::new(name).is_err() {
                self.note(subject, &format!("\"{name}\" is not an IRI, so what names it is ignored"));
            } else if let Some(doubt) = doubtful(name) {
                self.note(subject, &doubt);
            }
        }
    }

    /// Notes keys that look like keywords and are none; contexts are left to the parser.
    fn keywords(&mut self, value: &Value, subject: Option<&str>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.keywords(item, subject)),
            Value::Object(object) => {
                let subject = object.get("@id").and_then(Value::as_str).or(subject);
                for (key, value) in object.iter().filter(|(key, _)| *key != "@context") {
                    let letters =
                        key.strip_prefix('@').is_some_and(|rest| rest.chars().all(char::is_alphabetic));
                    if letters && !KEYWORDS.contains(&key.as_str()) {
                        self.note(
                            subject,
                            &format!("\"{key}\" is not a keyword of JSON-LD, so it is ignored"),
                        );
                    }
                    self.keywords(value, subject);
                }
            }
            _ => {}
        }
    }
}

/// Schemes of IRIs without an authority, which are no prefixes that a context forgot; the scheme of the second reading is one.
const SCHEMES: [&str; 18] = [
    "about",
    "cid",
    "data",
    "did",
    "doi",
    "geo",
    "gid",
    "info",
    "isbn",
    "mailto",
    "mid",
    "ni",
    "oid",
    "pkg",
    "tag",
    "tel",
    "urn",
    "x-undefined",
];

/// Returns why a name is hardly the IRI that was meant: it begins with a prefix that the context does not define, or with a scheme in
/// capitals, which makes it another IRI.
fn doubtful(name: &str) -> Option<String> {
    let (scheme, rest) = name.split_once(':')?;
    let lower = scheme.to_ascii_lowercase();
    if rest.starts_with("//") {
        return (lower != scheme).then(|| {
            format!("\"{name}\" is stored as it is written, and is another IRI than \"{lower}:{rest}\": write the scheme in small letters")
        });
    }
    (!SCHEMES.contains(&&*lower)).then(|| {
        format!("the context does not define the prefix \"{scheme}\", so \"{name}\" is stored as an IRI of its own: define the prefix, or write the whole IRI")
    })
}

/// Returns the IRI that an object is, or that its datatype is.
fn iri(term: &Term) -> Option<&str> {
    match term {
        Term::NamedNode(node) => Some(node.as_str()),
        Term::Literal(literal) if literal.language().is_none() => Some(literal.datatype().as_str()),
        _ => None,
    }
}

/// What the numbers of a file begin with where it is read for their texts; no text of a file begins so.
const NUMBER: &str = "\u{F8FF}\u{F8FE}";

/// Returns the text of each object that is a number in the file, in the order of its statements; `None` where none of them can differ
/// from the number that a processor makes of it. The file is read a second time, with texts in the place of its numbers.
pub(super) fn written_numbers(bytes: &[u8], base: &str) -> Option<Vec<(NamedNode, Option<String>)>> {
    let mut document = serde_json::from_slice::<Value>(bytes).ok()?;
    if !mark_numbers(&mut document) {
        return None;
    }
    let parser = RdfParser::from_format(Format::JsonLd.engine()).with_base_iri(base).ok()?;
    let text = document.to_string();
    let quads = parser.lenient().for_slice(text.as_bytes()).map_while(Result::ok);
    let written = |object: &Term| match object {
        Term::Literal(literal) => literal.value().strip_prefix(NUMBER).map(str::to_owned),
        _ => None,
    };
    Some(quads.map(|quad| (quad.predicate, written(&quad.object))).collect())
}

/// Puts a text in the place of each number outside contexts; returns whether any is more than a short whole number.
fn mark_numbers(value: &mut Value) -> bool {
    match value {
        Value::Array(items) => items.iter_mut().map(mark_numbers).fold(false, |any, one| any | one),
        Value::Object(object) => object
            .iter_mut()
            .filter(|(key, _)| *key != "@context")
            .map(|(_, value)| mark_numbers(value))
            .fold(false, |any, one| any | one),
        Value::Number(number) => {
            let text = number.to_string();
            let is_short = text.len() < 16 && text.bytes().all(|byte| byte.is_ascii_digit());
            *value = Value::String(format!("{NUMBER}{text}"));
            !is_short
        }
        _ => false,
    }
}

/// Writes a number that the context types as a decimal or an integer without exponent: the JSON-LD API writes numbers with a
/// fraction as doubles whatever their type (section 8.2.2), and XSD decimals have no exponent (part 2, 3.3.3).
pub(super) fn typed_number(object: Term) -> Term {
    let Term::Literal(literal) = &object else { return object };
    let is_double = [xsd::DOUBLE, xsd::FLOAT, xsd::STRING].contains(&literal.datatype());
    let is_number =
        literal.datatype().as_str().starts_with("http://www.w3.org/2001/XMLSchema#") && !is_double;
    match is_number.then(|| without_exponent(literal.value())).flatten() {
        Some(plain) => Literal::new_typed_literal(plain, literal.datatype()).into(),
        None => object,
    }
}

/// Writes `6.75E1` as `67.5`; `None` for what is not written so.
fn without_exponent(text: &str) -> Option<String> {
    let (mantissa, exponent) = text.split_once('E')?;
    let exponent: i32 = exponent.parse().ok().filter(|exponent: &i32| exponent.abs() <= 400)?;
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let (whole, places) = mantissa.split_once('.')?;
    if whole.len() != 1 || !whole.chars().chain(places.chars()).all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let digits = format!("{whole}{}", if places == "0" { "" } else { places });
    let point = 1 + exponent;
    let plain = match usize::try_from(point) {
        Ok(0) | Err(_) => format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize)),
        Ok(point) if point >= digits.len() => format!("{digits}{}", "0".repeat(point - digits.len())),
        Ok(point) => format!("{}.{}", &digits[..point], &digits[point..]),
    };
    Some(format!("{sign}{plain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_pair_is_no_character() {
        let check = |text: &str, expect: Option<(usize, &str)>| {
            let found = lone_half(text.as_bytes());
            assert_eq!(found.as_ref().map(|(at, escape)| (*at, escape.as_str())), expect, "{text}");
        };
        check(r#"{"a":"\ud83d\ude00"}"#, None);
        check(r#"{"a":"x\ud800b"}"#, Some((7, "\\ud800")));
        check(r#"{"a":"\uDE00"}"#, Some((6, "\\uDE00")));
        check(r#"{"a":"\ud800\ud800\udc00"}"#, Some((6, "\\ud800")));
        check(r#"{"a":"\\ud800"}"#, None);
        check(r#"{"a":"\"#, None);
        check(r#"{"a":"\ud8"#, None);
    }

    #[test]
    fn a_double_is_written_as_a_decimal() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(without_exponent(text).as_deref(), expect, "{text}");
        };
        check("6.75E1", Some("67.5"));
        check("-6.75E0", Some("-6.75"));
        check("6.75E-1", Some("0.675"));
        check("1.0E-7", Some("0.0000001"));
        check("1.0E21", Some("1000000000000000000000"));
        check("1.2345E2", Some("123.45"));
        check("67", None);
        check("1E5", None);
        check("x.yEz", None);
    }
}
