//! Doubles that are really something smaller, and back without losing a bit.
//!
//! Most values are short decimals, singles, or singles that were printed and read again on their way. Each of these
//! is a function of an integer, which compresses several times better than the double. A form is used only where it
//! gives back every bit of every value of a chunk.

/// What the values of a chunk are a function of. The numbers are part of the file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::telemetry) enum Form {
    /// The doubles themselves.
    Double,
    /// `n / 10^k`.
    Decimal(u8),
    /// Singles.
    Single,
    /// `n / 10^k` rounded to a single.
    SingleDecimal(u8),
    /// `n / 10^k` rounded to a single, printed with 8 digits and read again, then a few units in the last place off.
    Printed(u8),
}

/// Powers of ten up to the greatest number of decimals.
const POWERS: [f64; 12] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11];
/// More decimals than this compress no better than doubles.
const DECIMALS_MAX: u8 = 9;
/// Integers up to here are doubles, so `n / 10^k` is the double nearest to the decimal.
const INTEGER_MAX: f64 = 9_007_199_254_740_992.0;
/// How far a printed single may be off, in units in the last place.
const OFF_MAX: u64 = 8;

impl Form {
    /// Finds the forms worth trying, best first; the last is always [`Form::Double`] unless a better one is sure.
    pub(in crate::telemetry) fn candidates(values: &[f64]) -> Vec<Self> {
        let tries: [fn(u8) -> Self; 3] = [Self::Decimal, Self::SingleDecimal, Self::Printed];
        let mut forms: Vec<Self> =
            tries.iter().find_map(|form| decimals(values, *form)).into_iter().collect();
        if forms.iter().any(|form| form.digits() <= 6) {
            return forms;
        }
        forms.extend(values.iter().all(|value| is_single(*value)).then_some(Self::Single));
        forms.push(Self::Double);
        forms
    }

    /// Returns the number of decimals.
    fn digits(self) -> u8 {
        match self {
            Self::Decimal(digits) | Self::SingleDecimal(digits) | Self::Printed(digits) => digits,
            Self::Double | Self::Single => 0,
        }
    }

    /// Returns the integer that a value is made of, and how far off the value is; `None` where it is not.
    #[inline]
    pub(in crate::telemetry) fn split(self, value: f64) -> Option<(i64, i64)> {
        let integer = (value * POWERS[usize::from(self.digits())]).round();
        if integer.abs() > INTEGER_MAX {
            return None;
        }
        let integer = integer as i64;
        let off = (value.to_bits() as i64).wrapping_sub(self.join(integer, 0).to_bits() as i64);
        let bound = if matches!(self, Self::Printed(_)) { OFF_MAX } else { 0 };
        (off.unsigned_abs() <= bound).then_some((integer, off))
    }

    /// Makes the value again.
    #[inline]
    pub(in crate::telemetry) fn join(self, integer: i64, off: i64) -> f64 {
        let value = integer as f64 / POWERS[usize::from(self.digits().min(DECIMALS_MAX))];
        let value = match self {
            Self::SingleDecimal(_) => f64::from(value as f32),
            Self::Printed(_) => printed(value as f32),
            _ => value,
        };
        f64::from_bits((value.to_bits() as i64).wrapping_add(off) as u64)
    }

    /// Returns the numbers of the form in a file.
    pub(in crate::telemetry) fn tag(self) -> [u8; 2] {
        match self {
            Self::Double => [0, 0],
            Self::Decimal(digits) => [1, digits],
            Self::Single => [2, 0],
            Self::SingleDecimal(digits) => [3, digits],
            Self::Printed(digits) => [4, digits],
        }
    }

    /// Finds a form by its numbers.
    pub(in crate::telemetry) fn of_tag(tag: [u8; 2]) -> Option<Self> {
        match tag {
            [0, 0] => Some(Self::Double),
            [1, digits @ 0..=DECIMALS_MAX] => Some(Self::Decimal(digits)),
            [2, 0] => Some(Self::Single),
            [3, digits @ 0..=DECIMALS_MAX] => Some(Self::SingleDecimal(digits)),
            [4, digits @ 0..=DECIMALS_MAX] => Some(Self::Printed(digits)),
            _ => None,
        }
    }
}

/// Finds the fewest decimals with which all values have a form.
fn decimals(values: &[f64], form: fn(u8) -> Form) -> Option<Form> {
    let mut digits = 0;
    for value in values {
        while form(digits).split(*value).is_none() {
            digits += 1;
            if digits > DECIMALS_MAX {
                return None;
            }
        }
    }
    let form = form(digits);
    values.iter().all(|value| form.split(*value).is_some()).then_some(form)
}

fn is_single(value: f64) -> bool {
    f64::from(value as f32).to_bits() == value.to_bits()
}

/// Prints a single as C's `%.8g` does and reads it by dividing the digits by powers of ten one after the other, as the fast
/// readers of pandas and others do; they are off by a unit in the last place in many cases, and in the same ones.
fn printed(single: f32) -> f64 {
    let value = f64::from(single.abs());
    if !(1e-4..1e8).contains(&value) {
        return f64::from(single);
    }
    // Eight digits: a single's 24 bits times 5^11 still fit a double, so the product is exact.
    let mut places = if value >= 1.0 {
        7 - POWERS[1..].iter().take_while(|power| value >= **power).count()
    } else {
        7 + (1..=4).find(|power| value * POWERS[*power] >= 1.0).unwrap_or(4)
    };
    let mut digits = (value * POWERS[places]).round_ties_even() as u64;
    while digits.is_multiple_of(10) && places > 0 {
        digits /= 10;
        places -= 1;
    }
    let mut number = digits as f64;
    for (bit, divisor) in [1e1, 1e2, 1e4, 1e8].into_iter().enumerate() {
        if places >> bit & 1 == 1 {
            number /= divisor;
        }
    }
    if single < 0.0 { -number } else { number }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_find_their_form() {
        let check =
            |values: &[f64], expect: &[Form]| assert_eq!(Form::candidates(values), expect, "{values:?}");
        check(&[1.0, -25.0], &[Form::Decimal(0)]);
        check(&[1.5, 20.25, -3.0], &[Form::Decimal(2)]);
        check(&[f64::from(7.12f32), f64::from(0.1f32)], &[Form::SingleDecimal(2)]);
        check(&[7.119_999_900_000_001, 642.780_03, -0.959_999_98, 6.389_999_9], &[Form::Printed(2)]);
        check(&[f64::from(std::f32::consts::PI)], &[Form::SingleDecimal(7), Form::Single, Form::Double]);
        check(&[std::f64::consts::PI], &[Form::Double]);
        check(&[-0.0, 1.0], &[Form::Single, Form::Double]);
        check(&[1e300], &[Form::Double]);
    }

    proptest! {
        #[test]
        fn a_form_gives_every_bit_back(bits: u64, digits in 0u8..=9, kind in 1u8..5) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            if let Some(form) = Form::of_tag([kind, digits])
                && form != Form::Single
                && let Some((integer, off)) = form.split(value)
            {
                prop_assert_eq!(form.join(integer, off).to_bits(), bits);
            }
        }

        #[test]
        fn printed_singles_have_a_form(integer in -10_000_000i64..10_000_000) {
            let single = (integer as f64 / 100.0) as f32;
            let read: f64 = format!("{single:.7e}").parse().unwrap();
            prop_assume!(integer != 0);
            prop_assert!(Form::Printed(2).split(read).is_some());
        }
    }
}
