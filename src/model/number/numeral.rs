//! Exact decimal numbers, as XSD writes them: compared by value and written as bytes that sort by value.

use std::cmp::Ordering;

/// How many significant digits are part of a key; numbers that differ only behind them sort alike.
const KEY_DIGITS_MAX: usize = 120;

/// A finite number: `0.DIGITS × 10^exponent`, without leading and trailing zeros. Zero has no digits and no sign.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Numeral {
    negative: bool,
    exponent: i32,
    digits: Box<str>,
}

/// Returns whether a number that is not zero has become zero as a double.
pub fn underflows(text: &str, value: f64) -> bool {
    let mantissa = || text.split(['e', 'E']).next().unwrap_or_default();
    value == 0.0 && mantissa().bytes().any(|byte| matches!(byte, b'1'..=b'9'))
}

/// Returns whether a text writes a whole number of which a double loses digits: 123456789012345678 is no double, and neither is it
/// what a double is written as. Zeros behind the point make no other number of it; decimals are rounded as everywhere.
pub fn loses_digits(text: &str, value: f64) -> bool {
    if value.abs() < 9_007_199_254_740_992.0 {
        return false;
    }
    let written = Numeral::parse(text);
    let is_written_as = |double: &str| Numeral::parse(double) == written;
    written.as_ref().is_some_and(Numeral::is_whole)
        && !is_written_as(&format!("{value:e}"))
        && !is_written_as(&format!("{value:.0}"))
}

/// A double has no more significant digits.
const DOUBLE_DIGITS_MAX: usize = 800;

/// Returns whether reading a number loses digits where it is kept as a whole number of 64 bits or as a double: written with as many digits,
/// that double is another number. What is no number loses nothing.
pub fn is_rounded(text: &str) -> bool {
    let (Some(written), Ok(value)) = (Numeral::parse(text), text.parse::<f64>()) else { return false };
    let digits = written.digits.len();
    if text.parse::<i64>().is_ok() || !value.is_finite() {
        return false;
    }
    digits > DOUBLE_DIGITS_MAX
        || Numeral::parse(&format!("{value:.*e}", digits.saturating_sub(1))).as_ref() != Some(&written)
}

/// Returns a recorded number as JSON writes numbers, where no double is written as it is: 9007199254740993, 85.00000000000000001. `None`
/// where a double is, and for what is no number or has more than 400 digits.
pub fn beyond_doubles(text: &str) -> Option<String> {
    let number = Numeral::parse(text)?;
    let (nearest, side) = number.nearest();
    if side == Ordering::Equal && nearest.is_finite() {
        return None;
    }
    let plain = number.plain()?;
    Some(plain.strip_suffix(".0").map_or(plain.clone(), str::to_owned))
}

impl Numeral {
    /// Reads the lexical form of an integer, a decimal or a finite double: `85`, `-.50`, `8.5E1`.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = split_sign(text);
        let (mantissa, exponent) = match unsigned.split_once(['E', 'e']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = split_mantissa(mantissa)?;
        let leading = whole.trim_start_matches('0');
        let (digits, shift) = if leading.is_empty() {
            let rest = fraction.trim_start_matches('0');
            (rest.to_owned(), -i64::try_from(fraction.len() - rest.len()).ok()?)
        } else {
            (format!("{leading}{fraction}"), i64::try_from(leading.len()).ok()?)
        };
        let digits = digits.trim_end_matches('0');
        if digits.is_empty() {
            return Some(Self { negative: false, exponent: 0, digits: Box::default() });
        }
        let exponent = i32::try_from(shift.checked_add(exponent)?).ok()?;
        Some(Self { negative, exponent, digits: digits.into() })
    }

    /// Returns whether nothing but zeros is behind the point.
    fn is_whole(&self) -> bool {
        usize::try_from(self.exponent).is_ok_and(|exponent| exponent >= self.digits.len())
    }

    /// Returns whether the number is zero.
    pub fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// Appends bytes that sort as the numbers do, none the beginning of another: the nearest double, and where the number
    /// is not the one that the double is written as, its digits.
    pub fn write_key(&self, into: &mut Vec<u8>) {
        let nearest = self.nearest_double();
        into.extend_from_slice(&sortable(nearest));
        let written = Self::parse(&format!("{nearest:E}"));
        let order = match &written {
            Some(written) => self.cmp(written),
            // Beyond the doubles: below the positive infinity, above the negative one.
            None if self.negative => Ordering::Greater,
            None => Ordering::Less,
        };
        match order {
            Ordering::Equal => into.push(EXACT),
            Ordering::Less => self.write_digits(BELOW, into),
            Ordering::Greater => self.write_digits(ABOVE, into),
        }
    }

    /// Writes the number with a point and without exponent; `None` where that takes more than 400 digits.
    pub fn plain(&self) -> Option<String> {
        let sign = if self.negative { "-" } else { "" };
        let (digits, length) = (&*self.digits, i32::try_from(self.digits.len()).ok()?);
        if self.exponent.abs() > 400 || length > 400 {
            return None;
        }
        let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
        Some(match self.exponent {
            at if at <= 0 => format!("{sign}0.{}{}", zeros(-at), if self.is_zero() { "0" } else { digits }),
            at if at >= length => format!("{sign}{digits}{}.0", zeros(at - length)),
            at => {
                let (whole, fraction) = digits.split_at(usize::try_from(at).ok()?);
                format!("{sign}{whole}.{fraction}")
            }
        })
    }

    /// Returns the nearest double, and how the number compares with the decimal that this double counts as.
    pub fn nearest(&self) -> (f64, Ordering) {
        let nearest = self.nearest_double();
        let written = Self::parse(&format!("{nearest:E}"));
        (nearest, written.map_or(Ordering::Equal, |written| self.cmp(&written)))
    }

    fn nearest_double(&self) -> f64 {
        let sign = if self.negative { "-" } else { "" };
        let text = format!("{sign}0.{}E{}", self.digits, self.exponent);
        if self.is_zero() { 0.0 } else { text.parse().unwrap_or(0.0) }
    }

    fn write_digits(&self, side: u8, into: &mut Vec<u8>) {
        into.push(side);
        let start = into.len();
        into.extend_from_slice(&(self.exponent.cast_unsigned() ^ 1 << 31).to_be_bytes());
        into.extend(self.digits.bytes().take(KEY_DIGITS_MAX));
        into.push(0);
        if self.negative {
            into[start..].iter_mut().for_each(|byte| *byte = !*byte);
        }
    }
}

/// What follows the nearest double in a key.
const BELOW: u8 = 0x40;
const EXACT: u8 = 0x80;
const ABOVE: u8 = 0xc0;

/// Returns how many bytes of `bytes` the key that [`Numeral::write_key`] wrote takes.
pub fn key_length(bytes: &[u8]) -> Option<usize> {
    if *bytes.get(8)? == EXACT {
        return Some(9);
    }
    let digits = bytes.get(13..)?;
    digits.iter().position(|byte| matches!(byte, 0 | 0xff)).map(|end| 13 + end + 1)
}

/// Appends the key of a double that is no number of its own: an infinity, or not a number.
pub fn write_special_key(value: f64, into: &mut Vec<u8>) {
    into.extend_from_slice(&sortable(if value.is_nan() { f64::NAN } else { value }));
    into.push(EXACT);
}

/// Returns the bytes of a double that sort as doubles do.
fn sortable(value: f64) -> [u8; 8] {
    let bits = value.to_bits();
    (if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }).to_be_bytes()
}

/// Splits the sign off a number; returns whether it is a minus.
pub fn split_sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

/// Splits an unsigned decimal at its point; `None` where it has no digit, or anything else than digits.
pub fn split_mantissa(text: &str) -> Option<(&str, &str)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let has_digit = !whole.is_empty() || !fraction.is_empty();
    (has_digit && digits(whole) && digits(fraction)).then_some((whole, fraction))
}

fn parse_exponent(text: &str) -> Option<i64> {
    let (negative, digits) = split_sign(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value: i64 = digits.parse().ok()?;
    Some(if negative { -value } else { value })
}

impl Ord for Numeral {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |number: &Self| match (number.is_zero(), number.negative) {
            (true, _) => 0,
            (false, negative) => {
                if negative {
                    -1
                } else {
                    1
                }
            }
        };
        sign(self).cmp(&sign(other)).then_with(|| {
            let size = |number: &Self| if number.is_zero() { i32::MIN } else { number.exponent };
            let by_size = size(self).cmp(&size(other)).then_with(|| self.digits.cmp(&other.digits));
            if self.negative { by_size.reverse() } else { by_size }
        })
    }
}

impl PartialOrd for Numeral {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(text: &str) -> Vec<u8> {
        let mut key = Vec::new();
        Numeral::parse(text).expect("a number").write_key(&mut key);
        key
    }

    #[test]
    fn a_number_lies_on_one_side_of_its_double() {
        let check = |text: &str, double: f64, side: Ordering| {
            assert_eq!(Numeral::parse(text).expect("a number").nearest(), (double, side), "{text}");
        };
        check("85", 85.0, Ordering::Equal);
        check("35.3", 35.3, Ordering::Equal);
        check("85.00000000000000001", 85.0, Ordering::Greater);
        check("84.99999999999999999", 85.0, Ordering::Less);
        check("-84.99999999999999999", -85.0, Ordering::Greater);
        check("0.1000000000000000055511151231257827", 0.1, Ordering::Greater);
        check("1e400", f64::INFINITY, Ordering::Equal);
    }

    #[test]
    fn a_number_is_rounded_where_its_double_has_other_digits() {
        let check = |text: &str, expect: bool| assert_eq!(is_rounded(text), expect, "{text}");
        for kept in [
            "0",
            "-0.0",
            "85",
            "85.0",
            "8.5E1",
            "0.1",
            "35.30",
            "1e-7",
            "9007199254740993",
            "-9223372036854775808",
        ] {
            check(kept, false);
        }
        // As C and JavaScript write doubles, with any number of digits.
        for kept in [
            "85.099999999999994",
            "85.0999999999999943",
            "0.30000000000000004",
            "1.7976931348623157e308",
            "5e-324",
        ] {
            check(kept, false);
        }
        for rounded in [
            "85.00000000000000001",
            "84.99999999999999999",
            "1e-400",
            "18446744073709551617",
            "0.1000000000000000055",
            "-9223372036854775809",
        ] {
            check(rounded, true);
        }
        check(&format!("0.{}1", "3".repeat(70_000)), true);
        for other in ["", "-", "1.2.3", "1e400"] {
            check(other, false);
        }
    }

    #[test]
    fn a_number_that_no_double_is_written_as_keeps_its_digits() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(beyond_doubles(text).as_deref(), expect, "{text}");
        };
        check("9007199254740993", Some("9007199254740993"));
        check("-18446744073709551617.0", Some("-18446744073709551617"));
        check("+085.000000000000000010", Some("85.00000000000000001"));
        check("-.1000000000000000000001", Some("-0.1000000000000000000001"));
        check(&format!("1{}", "0".repeat(310)), Some(&format!("1{}", "0".repeat(310))));
        for doubles in ["85", "85.0", "0.1", "9007199254740992", "1E21", "5E-324", "0", "-0", "NaN", "hot"] {
            check(doubles, None);
        }
    }

    #[test]
    fn whole_numbers_that_no_double_holds_are_found() {
        let check = |text: &str, expect: bool| {
            assert_eq!(loses_digits(text, text.parse().expect("a number")), expect, "{text}");
        };
        check("123456789012345678", true);
        check("-9007199254740993", true);
        check("9007199254740992", false);
        check("9007199254740994", false);
        // As C and Go write doubles.
        check("123456789012345680", false);
        check("100000000000000000000000", false);
        check("99999999999999991611392", false);
        check("1.2345678901234568e17", false);
        check("0.1000000000000000055", false);
        check("12345678901234567.8", false);
        check("9007199254740993.0", true);
        check("9.007199254740993e15", true);
        check("123456789012345680.000", false);
    }

    #[test]
    fn numbers_are_compared_by_value() {
        let check = |one: &str, other: &str, expect: Ordering| {
            let [a, b] = [one, other].map(|text| Numeral::parse(text).expect("a number"));
            assert_eq!((a.cmp(&b), a == b), (expect, expect == Ordering::Equal), "{one} {other}");
            assert_eq!(key(one).cmp(&key(other)), expect, "{one} {other}");
        };
        check("85", "8.5E1", Ordering::Equal);
        check("85.00", "+085", Ordering::Equal);
        check("-0.0", "0", Ordering::Equal);
        check("-.5", "-0.50E0", Ordering::Equal);
        check("0.1", "1.0E-1", Ordering::Equal);
        check("9007199254740992", "9007199254740993", Ordering::Less);
        check("9007199254740993", "9007199254740994", Ordering::Less);
        check("-9007199254740993", "-9007199254740992", Ordering::Less);
        check("0.10000000000000001", "0.1", Ordering::Greater);
        check("-0.10000000000000001", "-0.1", Ordering::Less);
        check("1e400", "1.7976931348623157E308", Ordering::Greater);
        check("-1e400", "-1e401", Ordering::Greater);
        check("9", "10", Ordering::Less);
        check("-9", "-10", Ordering::Greater);
        check("-1", "0", Ordering::Less);
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in
            ["", "-", "+-5", "-.", ".", "1e", "1e+", "e5", "1.2.3", "0x10", "INF", "NaN", "1_000", "１"]
        {
            assert_eq!(Numeral::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn keys_sort_as_numbers_and_know_their_length(
            one in "-?[0-9]{1,20}(\\.[0-9]{1,20})?", other in "-?[0-9]{1,20}(\\.[0-9]{1,20})?",
        ) {
            let [a, b] = [&one, &other].map(|text| Numeral::parse(text).expect("a number"));
            prop_assert_eq!(key(&one).cmp(&key(&other)), a.cmp(&b));
            let followed = [key(&one), vec![7, 0, 0xff]].concat();
            prop_assert_eq!(key_length(&followed), Some(key(&one).len()));
        }

        #[test]
        fn doubles_sort_as_they_do(one: f64, other: f64) {
            prop_assume!(one.is_finite() && other.is_finite());
            let [a, b] = [one, other].map(|value| key(&format!("{value:E}")));
            prop_assert_eq!(a.cmp(&b), one.partial_cmp(&other).expect("an order"));
        }
    }
}
