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

/// Returns where the entities of a file become too much, and what is wrong there.
pub(super) fn excess(bytes: &[u8]) -> Option<(usize, &'static str)> {
    let begin = memchr::memmem::find(bytes, b"<!DOCTYPE")?;
    let mut lengths = HashMap::new();
    let mut at = begin;
    while let Some(found) = memchr::memmem::find(&bytes[at..], b"<!ENTITY") {
        let declared = at + found;
        let rest = &bytes[declared + b"<!ENTITY".len()..];
        at = bytes.len() - rest.len();
        let Some((name, value)) = declaration(rest) else { continue };
        let length = expanded(value, &lengths);
        if length > BYTES_MAX {
            return Some((declared, TOO_LONG));
        }
        lengths.insert(name, length);
    }
    let grown = bytes.len().saturating_mul(GROWTH_MAX);
    let mut total = 0_usize;
    for (at, length) in references(bytes, &lengths) {
        total = total.saturating_add(length);
        if total > grown {
            return Some((at, TOO_MANY));
        }
    }
    None
}

/// Reads the name and the text behind `<!ENTITY`; `None` for what has no text in quotation marks.
fn declaration(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = rest.trim_ascii_start();
    let (name, rest) = rest.split_at(rest.iter().position(u8::is_ascii_whitespace)?);
    let (quote, rest) = rest.trim_ascii_start().split_first()?;
    let end = matches!(quote, b'"' | b'\'').then(|| memchr::memchr(*quote, rest)).flatten()?;
    Some((name, &rest[..end]))
}

/// Returns the length of a text with those of the entities in it.
fn expanded(text: &[u8], lengths: &HashMap<&[u8], usize>) -> usize {
    references(text, lengths).fold(text.len(), |sum, (_, length)| sum.saturating_add(length))
}

/// Finds the entities that a text names, each with the length of its text.
fn references<'a>(
    text: &'a [u8],
    lengths: &'a HashMap<&[u8], usize>,
) -> impl Iterator<Item = (usize, usize)> + 'a {
    memchr::memchr_iter(b'&', text).filter_map(|at| {
        let rest = &text[at + 1..];
        let end = memchr::memchr(b';', &rest[..rest.len().min(256)])?;
        lengths.get(&rest[..end]).map(|length| (at, *length))
    })
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
        check(&format!("<!DOCTYPE r [<!ENTITY a '{}'>]><r/>", "x".repeat(4_097)), Some(TOO_LONG));
        let long = "x".repeat(4_000);
        check(&format!("<!DOCTYPE r [<!ENTITY a '{long}'>]><r>{}</r>", "&a;".repeat(10)), None);
        check(&format!("<!DOCTYPE r [<!ENTITY a '{long}'>]><r>{}</r>", "&a;".repeat(1_000)), Some(TOO_MANY));
    }
}
