//! Descriptions of operations, fragments and variables (2.5, 2.8, 2.10 of the specification of September 2025), which the parser does not
//! read: they are blanked out before it sees them, so that everything else keeps its place.

use super::text::{name_length, token_length};
use std::borrow::Cow;
use std::ops::Range;

/// Blanks the descriptions of a document out. A text that describes nothing is left to the parser, which refuses it.
pub(super) fn without_descriptions(query: &str) -> Cow<'_, str> {
    if !query.contains('"') {
        return Cow::Borrowed(query);
    }
    let described = descriptions(query);
    if described.is_empty() {
        return Cow::Borrowed(query);
    }
    let (mut out, mut end) = (String::with_capacity(query.len()), 0);
    for text in described {
        out.push_str(&query[end..text.start]);
        let blank = |sign| if matches!(sign, '\n' | '\r') { sign } else { ' ' };
        out.extend(query[text.clone()].chars().map(blank));
        end = text.end;
    }
    out.push_str(&query[end..]);
    Cow::Owned(out)
}

/// Finds the texts that stand before a definition or before a variable that is defined.
fn descriptions(query: &str) -> Vec<Range<usize>> {
    let (mut found, mut text) = (Vec::new(), None);
    // Parentheses, and other brackets: descriptions are outside all of these, those of variables in one pair of parentheses.
    let (mut round, mut other) = (0_usize, 0_usize);
    let (mut before, mut at) = (b' ', 0);
    while let Some(rest) = query.get(at..).filter(|rest| !rest.is_empty()) {
        let byte = rest.as_bytes()[0];
        let is_name = byte.is_ascii_alphabetic() || byte == b'_';
        let length = if is_name { name_length(rest) } else { token_length(rest.as_bytes()) };
        let length = length.max(rest.chars().next().map_or(1, char::len_utf8));
        let place = at..at + length;
        at += length;
        if matches!(byte, b' ' | b',' | b'\t' | b'\r' | b'\n' | b'#') || rest.starts_with('\u{feff}') {
            continue;
        }
        match byte {
            b'(' => round += 1,
            b')' => round = round.saturating_sub(1),
            b'{' | b'[' => other += 1,
            b'}' | b']' => other = other.saturating_sub(1),
            _ => {}
        }
        let describes = match byte {
            b'$' => round == 1,
            _ => is_name && round == 0 && is_definition(&rest[..length]),
        };
        let described = text.take().filter(|_| describes);
        found.extend(described);
        // Behind these it is a value.
        if byte == b'"' && other == 0 && !matches!(before, b'=' | b':') {
            text = Some(place);
        }
        before = byte;
    }
    found
}

fn is_definition(keyword: &str) -> bool {
    matches!(keyword, "query" | "mutation" | "subscription" | "fragment")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_blank_and_values_stay() {
        let check = |query: &str, expect: &str| assert_eq!(without_descriptions(query), expect, "{query}");
        check("\"a\" query Q { x }", "    query Q { x }");
        check("\"\"\"\né\n\"\"\"\nfragment F on Q { x }", "   \n \n   \nfragment F on Q { x }");
        check("query Q(\"a\" $x: Int, \"b\" $y: Int) { z }", "query Q(    $x: Int,     $y: Int) { z }");
        check("\"a\" # \"b\"\nmutation { x }", "    # \"b\"\nmutation { x }");
        check("\u{feff}\"a\" subscription { x }", "\u{feff}    subscription { x }");
        // Values.
        for query in [
            "query ($x: S = \"a\" $y: S) { z }",
            "query ($x: [S] = [\"a\" \"b\"], $y: S = \"\"\"c\"\"\") { z }",
            "query ($x: I = {a: \"a\"} $y: S @d(x: \"b\" query: \"c\")) { z }",
            "query @d(x: \"b\" query: 1) { z }",
            "{ a(x: \"b\") query b(y: [\"c\" $d]) }",
        ] {
            check(query, query);
        }
        // Nothing that can be described: the parser refuses it.
        for query in ["\"a\" { x }", "\"a\" \"b\"", "{ \"a\" query }", "\"a", "query Q(\"a\" x: 1) { y }"] {
            check(query, query);
        }
        check("\"a\" \"b\" query { x }", "\"a\"     query { x }");
    }
}
