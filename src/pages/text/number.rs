//! Numbers as people read them. The exact number is beside each, in its title and in the CSV.

/// Separates groups of three digits (ISO 80000-1, 7.3.1), and does not break.
const GROUPS: char = '\u{202f}';

/// Writes a number to four significant digits, whole numbers in full, with a real minus sign.
pub(in crate::pages) fn number(value: f64) -> String {
    if !value.is_finite() {
        return value.to_string();
    }
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-4..1e15).contains(&magnitude) {
        return format!("{value:.3e}").replace('-', "−");
    }
    let before = if magnitude >= 1.0 { magnitude.log10().floor() as i32 + 1 } else { 0 };
    let leading =
        if magnitude > 0.0 && magnitude < 1.0 { -(magnitude.log10().floor() as i32) - 1 } else { 0 };
    let decimals = (4 - before + leading).clamp(0, 8) as usize;
    let text = format!("{magnitude:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let mut written = String::new();
    if value < 0.0 && text != "0" {
        written.push('−');
    }
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) && whole.len() > 4 {
            written.push(GROUPS);
        }
        written.push(digit);
    }
    if !part.is_empty() {
        written.push('.');
        written.push_str(part);
    }
    written
}

/// Writes a share as a percentage.
pub(in crate::pages) fn percent(share: f64) -> String {
    format!("{} %", number((share * 1000.0).round() / 10.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_not_wrong() {
        let check = |value: f64, expect: &str| assert_eq!(number(value), expect, "{value}");
        check(0.0, "0");
        check(-0.0, "0");
        check(85.0, "85");
        check(99.390_625, "99.39");
        check(-14.390_625, "−14.39");
        check(0.207_142_857, "0.2071");
        check(0.001_234_56, "0.001235");
        check(1598.226, "1598");
        check(1_598_226.0, "1\u{202f}598\u{202f}226");
        check(12_470.75, "12\u{202f}471");
        check(999.96, "1000");
        check(1e-9, "1.000e−9");
        check(6.02e23, "6.020e23");
        check(f64::NAN, "NaN");
        assert_eq!(percent(0.207_142_857), "20.7 %");
        assert_eq!(percent(1.0), "100 %");
    }
}
