//! The entities that an RDF/XML file declares, before it is parsed: the parser puts the text of each in the place of its name, and of those
//! within, however much that comes to.

use std::collections::HashMap;

/// How many bytes the text of one entity may have, those within it counted: they are for the beginnings of IRIs.
const BYTES_MAX: usize = 4_096;

/// By how many times its size a file may grow.
const GROWTH_MAX: usize = 16;

/// What is wrong with an entity whose text is too long.
pub(super) const TOO_LONG: &str = "the text of this entity, with those within it, has more than 4,096 bytes";

/// What is wrong with a file that grows too much.
pub(super) const TOO_MANY: &str =
    "with the texts of its entities the file, up to here, would be more than 16 times as large as it is";

/// Returns where the entities of a file become too much, and what is wrong there. Declarations are looked for everywhere, as the parser finds
/// them behind a document type in any case, and takes those of parameter entities as well.
pub(super) fn excess(bytes: &[u8]) -> Option<(usize, &'static str)> {
    // What is no UTF-8 is refused by the parser.
    let text = std::str::from_utf8(bytes).ok()?;
    let mut entities = Entities::default();
    for (at, keyword) in text.match_indices("<!ENTITY") {
        let Some((name, value)) = declaration(&text[at + keyword.len()..]) else { continue };
        let length = entities.expanded(value);
        if length > BYTES_MAX {
            return Some((at, TOO_LONG));
        }
        entities.add(name, length);
    }
    let grown = bytes.len().saturating_mul(GROWTH_MAX);
    let mut total = 0_usize;
    for (at, length) in entities.named(text) {
        total = total.saturating_add(length);
        if total > grown {
            return Some((at, TOO_MANY));
        }
    }
    None
}

/// Reads the name and the text behind `<!ENTITY`, as the parser does; `None` for what has no text in quotation marks.
fn declaration(rest: &str) -> Option<(&str, &str)> {
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('%').unwrap_or(rest).trim_start();
    let (name, rest) = rest.split_once(|c: char| c.is_ascii_whitespace())?;
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (value, _) = rest[1..].split_once(quote)?;
    Some((name, value))
}

/// The entities of a file: the length of the text of each, with those within it.
#[derive(Default)]
struct Entities<'a> {
    lengths: HashMap<&'a str, usize>,
    /// The length of the longest name.
    name: usize,
}

impl<'a> Entities<'a> {
    fn add(&mut self, name: &'a str, length: usize) {
        self.name = self.name.max(name.len());
        self.lengths.insert(name, length);
    }

    fn expanded(&self, text: &str) -> usize {
        self.named(text).fold(text.len(), |sum, (_, length)| sum.saturating_add(length))
    }

    /// Finds the entities that a text names, each with the length of its text.
    fn named(&self, text: &str) -> impl Iterator<Item = (usize, usize)> {
        text.match_indices('&').filter_map(|(at, _)| {
            let rest = &text.as_bytes()[at + 1..];
            let end = memchr::memchr(b';', &rest[..rest.len().min(self.name + 1)])?;
            self.lengths.get(text.get(at + 1..at + 1 + end)?).map(|length| (at, *length))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_are_for_the_beginnings_of_iris() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(excess(text.as_bytes()).map(|(_, what)| what), expect, "{text:.80}");
        };
        let xsd = "<!DOCTYPE rdf:RDF [ <!ENTITY xsd \"http://www.w3.org/2001/XMLSchema#\" >\n<!ENTITY % p SYSTEM 'x'> ]>";
        check("<r>&amp;&xsd;</r>", None);
        check(&format!("{xsd}<r>{}</r>", "<a b=\"&xsd;string\"/>".repeat(1_000)), None);
        let laughs: String = (1..10)
            .map(|at| format!("<!ENTITY l{at} \"{}\">", format!("&l{};", at - 1).repeat(10)))
            .collect();
        check(&format!("<!DOCTYPE r [ <!ENTITY l0 \"ha\"> {laughs} ]><r>&l9;</r>"), Some(TOO_LONG));
        let parameters = laughs.replace("<!ENTITY ", "<!ENTITY %\u{a0}");
        check(&format!("<!doctype r [<!ENTITY%l0 \"ha\">{parameters}]><r>&l9;</r>"), Some(TOO_LONG));
        check(&format!("<!DOCTYPE r [<!ENTITY a '{}'>]><r/>", "x".repeat(4_097)), Some(TOO_LONG));
        let long = "x".repeat(4_000);
        check(&format!("<!DOCTYPE r [<!ENTITY a '{long}'>]><r>{}</r>", "&a;".repeat(10)), None);
        check(&format!("<!DOCTYPE r [<!ENTITY a '{long}'>]><r>{}</r>", "&a;".repeat(1_000)), Some(TOO_MANY));
    }
}
