//! How the elements of an RDF/XML file nest, before it is parsed. The parser copies for each open element what prefixes mean there, so that its
//! time grows with the square of their depth; and it takes a file that is cut off for one that ends.

/// How many elements may be open at once.
const DEPTH_MAX: usize = 400;

/// How the elements of a file nest.
#[derive(Default)]
pub(super) struct Nesting {
    /// Where the first element begins that is nested too deep; what follows it is not looked at.
    pub(super) too_deep: Option<usize>,
    /// Where the last thing begins that the file is cut off in.
    pub(super) unclosed: Option<usize>,
}

impl Nesting {
    /// What is wrong with a file whose elements nest too deep, and with one that is cut off.
    pub(super) const TOO_DEEP: &str = "elements are nested deeper than 400";
    pub(super) const UNCLOSED: &str = "the file ends before what begins here is closed";

    /// Looks at the tags of a file.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let (mut at, mut open) = (0, Vec::new());
        while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr(b'<', rest)) {
            let begin = at + found;
            let Some((length, opens)) = markup(&bytes[begin..]) else {
                return Self { unclosed: Some(begin), ..Self::default() };
            };
            match opens {
                Some(true) => open.push(begin),
                Some(false) => _ = open.pop(),
                None => {}
            }
            if open.len() > DEPTH_MAX {
                return Self { too_deep: Some(begin), ..Self::default() };
            }
            at = begin + length;
        }
        Self { too_deep: None, unclosed: open.pop() }
    }
}

/// Returns the length of a tag, comment or whatever else begins with `<`, and whether it opens an element or closes one; `None` where it does
/// not end.
fn markup(rest: &[u8]) -> Option<(usize, Option<bool>)> {
    match rest {
        [_, b'!', b'-', b'-', ..] => Some((past(rest, b"-->")?, None)),
        _ if rest.starts_with(b"<![CDATA[") => Some((past(rest, b"]]>")?, None)),
        [_, b'?', ..] => Some((past(rest, b"?>")?, None)),
        // What a document type declares is no element.
        [_, b'!', ..] => Some((doctype(rest), None)),
        [_, b'/', ..] => Some((past(rest, b">")?, Some(false))),
        _ => tag(rest).map(|(length, is_empty)| (length, (!is_empty).then_some(true))),
    }
}

/// Returns the length up to and with `end`; `None` where it does not come.
fn past(rest: &[u8], end: &[u8]) -> Option<usize> {
    memchr::memmem::find(rest, end).map(|at| at + end.len())
}

/// Returns the length of a tag, whose attributes may have `>` in quotes, and whether its element is empty.
fn tag(rest: &[u8]) -> Option<(usize, bool)> {
    let mut quote = None;
    for (at, &byte) in rest.iter().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (None, b'>') => return Some((at + 1, rest[at - 1] == b'/')),
            _ => {}
        }
    }
    None
}

/// Returns the length of a document type, whose declarations are in brackets and may have anything in quotes.
fn doctype(rest: &[u8]) -> usize {
    let (mut quote, mut depth) = (None, 0_usize);
    for (at, &byte) in rest.iter().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (None, b'[') => depth += 1,
            (None, b']') => depth = depth.saturating_sub(1),
            (None, b'>') if depth == 0 => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_closed_and_not_too_deep() {
        let check = |text: &str, too_deep: Option<usize>, unclosed: Option<usize>| {
            let found = Nesting::of(text.as_bytes());
            assert_eq!((found.too_deep, found.unclosed), (too_deep, unclosed), "{text:.60}");
        };
        check("", None, None);
        check(
            "<?xml version=\"1.0\"?>\n<!DOCTYPE r [ <!ENTITY a \"x>\"> ]>\n<!-- <a> --><r><b c='>'/><![CDATA[<d>]]></r>\n",
            None,
            None,
        );
        check("<r>\n <a><b></b>", None, Some(5));
        check("<r><a>", None, Some(3));
        check("<r></r", None, Some(3));
        check("<r a=\"b", None, Some(0));
        check("<r><!-- ", None, Some(3));
        check(&format!("{}{}", "<a>".repeat(400), "</a>".repeat(400)), None, None);
        check(&format!("{}{}", "<a>".repeat(401), "</a>".repeat(401)), Some(1200), None);
        check(&"<a/>".repeat(2_000), None, None);
    }
}
