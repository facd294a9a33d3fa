//! What the header of a column has at its end, in brackets as `temp [°C]`, or as `temp in °C` and `temp / °C`.

/// Brackets that open and close, also those of the width of ideographs.
const BRACKETS: [(char, char); 4] = [('[', ']'), ('(', ')'), ('［', '］'), ('（', '）')];

/// Returns the text at the end of a name that may be a unit.
pub(in crate::exchange) fn stated(name: &str) -> Option<&str> {
    let mark = [" in ", " / "].into_iter().filter_map(|mark| Some((name.rfind(mark)?, mark.len()))).max();
    let behind =
        || mark.filter(|(at, _)| !name[..*at].trim().is_empty()).map(|(at, length)| &name[at + length..]);
    bracketed(name).or_else(behind).map(str::trim).filter(|unit| !unit.is_empty())
}

/// Returns the text in the last brackets of a name that ends with them.
fn bracketed(name: &str) -> Option<&str> {
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
    fn units_may_lack_brackets() {
        let check = |name: &str, expect: Option<&str>| assert_eq!(stated(name), expect, "{name}");
        check("Bearing in °F", Some("°F"));
        check("Bearing / °F", Some("°F"));
        check("Bearing in °F [K]", Some("K"));
        check("Power in / kW ", Some("kW"));
        check("flow / kg/s", Some("kg/s"));
        check("in °F", None);
        check("a/b", None);
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
