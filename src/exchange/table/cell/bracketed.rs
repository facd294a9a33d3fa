//! What the header of a column has in brackets at its end, as `temp [°C]`.

/// Brackets that open and close, also those of the width of ideographs.
const BRACKETS: [(char, char); 4] = [('[', ']'), ('(', ')'), ('［', '］'), ('（', '）')];

/// Returns the text in the last brackets of a name that ends with them.
pub(in crate::exchange) fn bracketed(name: &str) -> Option<&str> {
    let name = name.trim_end();
    let (end, last) = name.char_indices().next_back()?;
    let (open, close) = *BRACKETS.iter().find(|(_, close)| *close == last)?;
    let mut depth = 1;
    for (at, sign) in name[..end].char_indices().rev() {
        if sign == close {
            depth += 1;
        } else if sign == open {
            depth -= 1;
        }
        if depth == 0 {
            let text = name[at + open.len_utf8()..end].trim();
            return Some(text).filter(|text| !text.is_empty());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expect: Option<&str>) {
        assert_eq!(bracketed(name), expect, "{name}");
    }

    #[test]
    fn the_last_brackets_count() {
        check("temp [°F]", Some("°F"));
        check("temp( °F ) ", Some("°F"));
        check("temp（℃）", Some("℃"));
        check("temp (left) [°F]", Some("°F"));
        check("flow (kg/(m²·s))", Some("kg/(m²·s)"));
        check("[bar]", Some("bar"));
        check("temp [°F] mean", None);
        check("temp_degF", None);
        check("temp []", None);
        check("temp °F]", None);
        check("", None);
    }
}
