//! Times as a running number of steps since an instant: cycles, hours of operation, seconds since 1970.

use crate::exchange::table::Marks;
use crate::model::time::instant::Instant;
use std::borrow::Cow;

/// Returns the instant of a running number, exact to the nanosecond; parts of a step count too.
pub(super) fn instant(text: &str, epoch: Instant, step_ns: i64, marks: Marks) -> Result<Instant, String> {
    let plain = marks.plain(text).map_err(|_| format!("\"{text}\" is not a number of steps"))?;
    let plain = without_exponent(&plain).ok_or_else(|| {
        format!("\"{text}\" lacks digits, as where a spreadsheet shortens long numbers; export the column with all of them")
    })?;
    let nanos = nanos(&plain, step_ns).and_then(|since| epoch.nanos().checked_add(since));
    Ok(nanos.map_or(Instant::MAX, Instant::from_nanos))
}

/// From this exponent on, fewer decimals than the exponent mean that digits were left out.
const SHORTENED_MIN: i32 = 9;

/// Writes `1.5e3` as `1500`; `None` where the digits do not reach as far as the exponent, or the exponent is beyond all instants.
fn without_exponent(plain: &str) -> Option<Cow<'_, str>> {
    let Some((mantissa, exponent)) = plain.split_once(['e', 'E']) else { return Some(plain.into()) };
    let exponent: i32 = exponent.parse().ok().filter(|exponent: &i32| exponent.abs() <= 40)?;
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let (whole, places) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let reached = i32::try_from(places.len()).ok()?;
    if exponent >= SHORTENED_MIN && reached < exponent {
        return None;
    }
    let (left, right) = (exponent.min(0).unsigned_abs() as usize, exponent.max(0).unsigned_abs() as usize);
    let digits = format!("{}{whole}{places}{}", "0".repeat(left), "0".repeat(right));
    let (whole, places) = digits.split_at(whole.len() + right);
    Some(format!("{sign}{whole}.{places}").into())
}

/// Multiplies a plain decimal with a step; `None` beyond what instants can be.
fn nanos(plain: &str, step_ns: i64) -> Option<i64> {
    let (sign, digits) = plain.strip_prefix('-').map_or((1, plain), |digits| (-1, digits));
    let digits = digits.strip_prefix('+').unwrap_or(digits);
    let (whole, places) = digits.split_once('.').unwrap_or((digits, ""));
    // Steps are shorter than 300 years, so 20 places are less than a nanosecond, and more would not fit.
    let places = &places[..places.len().min(20)];
    let number = |digits: &str| if digits.is_empty() { Some(0) } else { digits.parse::<i128>().ok() };
    let scale = 10_i128.checked_pow(u32::try_from(places.len()).ok()?)?;
    let step = i128::from(step_ns);
    let whole = number(whole)?.checked_mul(step)?;
    // The product of the places with the whole step would not fit, so the step is divided first.
    let part = number(places)?;
    let (quotient, rest) = (step / scale, step % scale);
    let below = part.checked_mul(quotient)?.checked_add((part.checked_mul(rest)? + scale / 2) / scale)?;
    i64::try_from(sign * whole.checked_add(below)?).ok()
}

/// Suggests what a number may be where an instant is expected; empty where nothing is known.
pub(super) fn hint(text: &str) -> String {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return String::new();
    }
    // From 2001 to 2286.
    let (unit, step) = match whole.len() {
        10 => ("seconds", "PT1S"),
        13 => ("milliseconds", "PT0.001S"),
        16 => ("microseconds", "PT0.000001S"),
        19 => ("nanoseconds", "PT0.000000001S"),
        _ => return String::new(),
    };
    format!("; if it counts {unit} since 1970, state --epoch 1970-01-01T00:00:00Z --step {step}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_numbers_are_exact() {
        let check = |text: &str, step_ns: i64, expect: &str| {
            let epoch = Instant::from_seconds(0);
            let got = instant(text, epoch, step_ns, Marks::default());
            let got = got.map_or_else(|error| error, |at| at.to_string());
            assert!(got.starts_with(expect), "{text}: {got}");
        };
        let second = 1_000_000_000;
        check("1704067200", second, "2024-01-01T00:00:00Z");
        // As doubles 28 and 36 ns off.
        check("1704067200.123", second, "2024-01-01T00:00:00.123Z");
        check("1704067200.123456789", second, "2024-01-01T00:00:00.123456789Z");
        check("1704067200123.456", 1_000_000, "2024-01-01T00:00:00.123456Z");
        check("1704067200123456789", 1, "2024-01-01T00:00:00.123456789Z");
        check("-0.5", second, "1969-12-31T23:59:59.5Z");
        check("0.33333333333333333333333333333", 3 * second, "1970-01-01T00:00:01Z");
        check("19723.5", 86_400 * second, "2024-01-01T12:00:00Z");
        check("1.70407E+12", 1_000_000, "\"1.70407E+12\" lacks digits");
        check("1.704067200123000000e+12", 1_000_000, "2024-01-01T00:00:00.123Z");
        check("1.5e3", second, "1970-01-01T00:25:00Z");
        check("5E-1", second, "1970-01-01T00:00:00.5Z");
        check("99999999999999999999999999999999999999999", second, "2262-04-11");
        check("9223372037", second, "2262-04-11");
        check("soon", second, "\"soon\" is not a number of steps");
    }

    #[test]
    fn numbers_in_place_of_instants_are_explained() {
        for (text, step) in [
            ("1704067200", "PT1S"),
            ("1704067200.5", "PT1S"),
            ("1704067200123", "PT0.001S"),
            ("1704067200123456789", "PT0.000000001S"),
        ] {
            assert!(hint(text).ends_with(&format!("--step {step}")), "{text}: {}", hint(text));
        }
        for text in ["20240501", "soon", "45292.5", "-1704067200"] {
            assert_eq!(hint(text), "", "{text}");
        }
    }
}
