//! Triple terms of RDF 1.2 within each other, in Turtle and N-Triples. The library that reads them calls itself for each level, and a
//! process whose stack is full ends; so they are counted before a text is read.

/// How many may be open at once.
const DEPTH_MAX: usize = 100;

/// What is wrong with a text that nests them deeper.
pub const TOO_DEEP: &str = "triple terms are nested deeper than 100, and none is supported";

/// Returns where the first triple term begins that is nested too deep.
pub fn too_deep(text: &[u8]) -> Option<usize> {
    let (mut at, mut open) = (0, 0_usize);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        at += match rest {
            [b'<', b'<', ..] => {
                open += 1;
                if open > DEPTH_MAX {
                    return Some(at);
                }
                2
            }
            [b'>', b'>', ..] => {
                open = open.saturating_sub(1);
                2
            }
            [b'<', inside @ ..] => 1 + end_of_iri(inside),
            [b'#', inside @ ..] => 1 + up_to(inside, |byte| matches!(byte, b'\n' | b'\r')),
            [quote @ (b'"' | b'\''), second, third, inside @ ..] if second == quote && third == quote => {
                3 + end_of_text(inside, &[*quote; 3])
            }
            [quote @ (b'"' | b'\''), inside @ ..] => 1 + end_of_text(inside, &[*quote]),
            [b'\\', _, ..] => 2,
            _ => 1,
        };
    }
    None
}

/// Returns the length of an IRI with its end, or of what is before the next character that no IRI has.
fn end_of_iri(text: &[u8]) -> usize {
    let length = up_to(text, |byte| matches!(byte, b'>' | b'<' | b'"' | b'\n'));
    length + usize::from(text.get(length) == Some(&b'>'))
}

/// Returns the length of a text with its end.
fn end_of_text(text: &[u8], end: &[u8]) -> usize {
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        match rest {
            [b'\\', ..] => at += 2,
            rest if rest.starts_with(end) => return at + end.len(),
            _ => at += 1,
        }
    }
    text.len()
}

fn up_to(text: &[u8], is_end: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|byte| is_end(*byte)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_counted_where_they_are_terms() {
        let check =
            |text: &str, expect: Option<usize>| assert_eq!(too_deep(text.as_bytes()), expect, "{text:.80}");
        let nested = |open: &str, depth: usize| format!("<a> <b> {}", open.repeat(depth));
        check(&nested("<<( <a> <b> ", 100), None);
        check(&nested("<<( <a> <b> ", 101), Some(8 + 100 * 12));
        check(&nested("<<e:a e:b ", 5_000), Some(8 + 100 * 10));
        // One after the other.
        check(&"<a> <b> <<( <a> <b> <c> )>> . ".repeat(1_000), None);
        // Within texts, IRIs and comments they are no terms, and a quotation mark of a name begins no text.
        for part in [
            "\"<< \\\" <<\" ",
            "'<< \\' <<' ",
            "'''<< ' '' <<''' ",
            "\"\"\"<< \" <<\\\"\"\"\" ",
            "# << \" <<\n",
            "<a#<b> ",
        ] {
            check(&part.repeat(200), None);
            check(&format!("{part} {}", "<<".repeat(101)), Some(part.len() + 1 + 200));
        }
        check(&format!("e:it\\'s {}", "<<( ".repeat(200)), Some(8 + 400));
        check("\"not closed <<", None);
    }
}
