//! Superscript and subscript in plain text: the characters that Unicode has for them, else `^` or `_` before the text.

const RAISED: (&str, &str) = ("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ");
const LOWERED: (&str, &str) = ("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎");

/// Writes a superscript, as `³`, `⁻³`, `^th` and `^(a b)`.
pub(in crate::exchange) fn raised(text: &str) -> String {
    written(text, RAISED, '^')
}

/// Writes a subscript, as `₂`, `_max` and `_(a b)`.
pub(in crate::exchange) fn lowered(text: &str) -> String {
    written(text, LOWERED, '_')
}

fn written(text: &str, (plain, shown): (&str, &str), mark: char) -> String {
    let text = text.trim();
    let sign =
        |own: char| plain.chars().zip(shown.chars()).find(|(plain, _)| *plain == own).map(|both| both.1);
    match text.chars().map(sign).collect::<Option<String>>() {
        Some(signs) => signs,
        None if text.chars().all(char::is_alphanumeric) => format!("{mark}{text}"),
        None => format!("{mark}({text})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_unicode_lacks_has_a_mark() {
        let check = |own: String, expect: &str| assert_eq!(own, expect);
        check(raised("3"), "³");
        check(raised("-12"), "⁻¹²");
        check(raised("th"), "^th");
        check(raised("a b"), "^(a b)");
        check(raised(" "), "");
        check(lowered("2"), "₂");
        check(lowered("max"), "_max");
    }
}
