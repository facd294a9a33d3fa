//! The unit that the header of a column states, as in `temp [°C]`, `temp in °C` and `temp / °C`.

/// Brackets that open and close, also those of the width of ideographs.
const BRACKETS: [(char, char); 7] =
    [('[', ']'), ('(', ')'), ('{', '}'), ('<', '>'), ('［', '］'), ('（', '）'), ('【', '】')];

/// What units are written like, and words that say what a column holds: inches, and the least of several values.
const WORDS: [&str; 2] = ["in", "min"];

/// Returns the unit that a name states, where `is_unit` knows one: in brackets, behind `in`, behind `/` as DIN 1313 writes it, or as a
/// word of the name where it has a sign that other words do not have. Brackets at the end come first, and of brackets what is before a
/// comma, as in `temp (°C, mean)`. A name that is a unit as a whole states none.
pub(in crate::exchange) fn stated(name: &str, is_unit: impl Fn(&str) -> bool) -> Option<&str> {
    let name = name.trim();
    if is_unit(name) {
        return None;
    }
    let behind = |mark: &str| {
        let (before, unit) = name.rsplit_once(mark)?;
        (!before.trim().is_empty()).then_some(unit)
    };
    let at_end = [bracketed(name), behind(" in "), behind(" / ")].into_iter().flatten();
    let at_end = at_end.map(|unit| unit.trim().strip_prefix("in ").unwrap_or(unit.trim()));
    let words = || name.split(|sign: char| sign.is_whitespace() || "_-,:;*".contains(sign));
    at_end
        .chain(divided(name))
        .chain(words().filter(|word| has_sign(word)))
        .chain(first_in_brackets(name).filter(|unit| is_no_word(unit)))
        .chain(words().map(|word| word.trim_matches(is_bracket)).filter(|word| has_sign(word)))
        .find(|unit| !unit.is_empty() && is_unit(unit))
}

fn is_bracket(sign: char) -> bool {
    BRACKETS.iter().any(|(open, close)| [*open, *close].contains(&sign))
}

/// Returns what is before the first comma in each pair of brackets.
fn first_in_brackets(name: &str) -> impl Iterator<Item = &str> {
    let closes = name.char_indices().filter(|(_, sign)| BRACKETS.iter().any(|(_, close)| close == sign));
    let inside = closes.filter_map(|(at, sign)| bracketed(&name[..at + sign.len_utf8()]));
    inside.filter_map(|text| text.split([',', ';']).next()).map(str::trim)
}

/// Returns whether what looks like a unit can hardly be meant as something else.
fn is_no_word(text: &str) -> bool {
    has_sign(text) || (text.chars().count() > 1 && !WORDS.contains(&text))
}

/// Returns whether a text has a sign that units have and words do not, or begins as degrees do.
fn has_sign(text: &str) -> bool {
    text.starts_with("deg") || text.contains(|sign: char| "°℃℉%‰/·²³µμΩΩ".contains(sign))
}

/// Returns what is behind each `/` without blanks, as in `temp/°C`. One letter is a unit behind the symbol of a quantity alone, as in `T/K`.
fn divided(name: &str) -> impl Iterator<Item = &str> {
    name.match_indices('/').filter_map(move |(at, _)| {
        let (before, unit) = (name[..at].trim(), name[at + 1..].trim());
        let is_symbol = before.chars().count() <= 2;
        (!before.is_empty() && (is_symbol || unit.chars().count() > 1)).then_some(unit)
    })
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
        let is_unit = |text: &str| {
            [
                "°F",
                "°C",
                "K",
                "kW",
                "kg/s",
                "%",
                "A",
                "m³/h",
                "µm",
                "km/h",
                "degF",
                "bar",
                "in",
                "min",
                "kg/(m²·s)",
                "m²·s",
            ]
            .contains(&text)
        };
        let check = |name: &str, expect: Option<&str>| assert_eq!(stated(name, is_unit), expect, "{name}");
        for name in [
            "temp [°F]",
            "temp (°F)",
            "temp {°F}",
            "temp <°F>",
            "temp（°F）",
            "temp in °F",
            "temp [in °F]",
            "temp / °F",
            "temp/ °F",
            "temp /°F",
            "temp/°F",
            "temp °F",
            "temp, °F",
            "temp: °F",
            "temp (left) [°F]",
            "temp [°F] mean",
            "temp (°F, mean)",
            "temp (°F; left)",
            "temp (mean, °F)",
            "temp (mean °F) left",
            "temp °F mean",
            "temp_°F",
            "temp-°F",
            "°F temp",
            "temp (°F)*",
            "in °F x",
        ] {
            check(name, Some("°F"));
        }
        check("temp_degF", Some("degF"));
        check("p (bar, mean)", Some("bar"));
        check("p (bar) mean", Some("bar"));
        check("Bearing in °F [K]", Some("K"));
        check("Power in / kW ", Some("kW"));
        check("flow / kg/s", Some("kg/s"));
        check("flow/kg/s", Some("kg/s"));
        check("flow/(kg/s)", Some("kg/s"));
        check("flow m³/h", Some("m³/h"));
        check("flow kg/(m²·s) mean", Some("kg/(m²·s)"));
        check("T/K", Some("K"));
        check("I/A", Some("A"));
        check("p/bar", Some("bar"));
        check("load %", Some("%"));
        for none in [
            "km/h",
            "°F",
            "a/b",
            "temp (in, mean)",
            "Phase (A) temp",
            "temp (left, bar)",
            "Pump A",
            "Phase/A",
            "temp",
            "bar",
            "in/out",
            "temp (max)",
            "",
        ] {
            check(none, None);
        }
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
