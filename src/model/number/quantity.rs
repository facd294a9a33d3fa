//! Numbers with units: how a number in one unit becomes a number in another.
//!
//! A number is the decimal that was written: the double 35.3 counts as 35.3. Conversions are fractions, and what is converted
//! is rounded once, so 185 °F are 85 °C and not 85.00000000000004; see `docs/units.md`.

use super::decimal::{Decimal, round};
use super::ratio::{self, Ratio};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::ToPrimitive;
use std::cmp::Ordering;

/// A linear conversion `value × scale + offset`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conversion {
    /// What the value is multiplied by.
    pub scale: f64,
    /// What is added afterwards, in the target unit.
    pub offset: f64,
    /// The same exactly; `None` where its numbers are too long.
    exact: Option<Fraction>,
}

/// `(value × factor + constant) / divisor`, the divisor greater than zero.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Fraction {
    factor: i128,
    constant: i128,
    divisor: i128,
}

/// Whole numbers up to this size are doubles.
const DOUBLE_MAX: i128 = 1 << 53;

impl Conversion {
    /// Leaves every value as it is.
    pub const IDENTITY: Self =
        Self { scale: 1.0, offset: 0.0, exact: Some(Fraction { factor: 1, constant: 0, divisor: 1 }) };

    /// Makes the conversion that multiplies by one factor and then adds another, in the target unit.
    pub fn new(scale: &Ratio, offset: &Ratio) -> Self {
        Self { scale: scale.value(), offset: offset.value(), exact: Fraction::new(scale, offset) }
    }

    /// Makes a conversion of decimals.
    pub fn linear(scale: f64, offset: f64) -> Self {
        let exact = Ratio::of(scale).zip(Ratio::of(offset));
        let exact = exact.and_then(|(scale, offset)| Fraction::new(&scale, &offset));
        Self { scale, offset, exact }
    }

    /// Returns whether every value stays as it is.
    #[inline]
    pub fn is_identity(self) -> bool {
        self.scale == 1.0 && self.offset == 0.0
    }

    /// Converts a value, rounding once.
    pub fn apply(self, value: f64) -> f64 {
        // The identity must give the very same bits back.
        if self.is_identity() { value } else { self.apply_to_sum(value, 1) }
    }

    /// Converts a value fast, right to the last digits.
    #[inline]
    pub fn approximate(self, value: f64) -> f64 {
        if self.is_identity() { value } else { value.mul_add(self.scale, self.offset) }
    }

    /// Converts the sum of values that weigh so much together, rounding once.
    pub fn apply_to_sum(self, sum: f64, weight: u128) -> f64 {
        let exact = self.exact.zip(Decimal::of(sum)).and_then(|(exact, sum)| exact.of(sum, weight));
        exact.unwrap_or_else(|| sum.mul_add(self.scale, self.offset * weight as f64))
    }

    /// Compares a converted value with a number exactly, before any rounding.
    pub fn compare(self, value: f64, with: f64) -> Ordering {
        let decimals = Decimal::of(value).zip(Decimal::of(with));
        match self.exact.zip(decimals) {
            Some((exact, (value, with))) => exact.compare(value, with),
            None => self.approximate(value).total_cmp(&(with + 0.0)),
        }
    }

    /// Returns the conversion back.
    #[must_use]
    pub fn inverse(self) -> Self {
        let exact = self.exact.and_then(Fraction::inverse);
        Self { scale: 1.0 / self.scale, offset: -self.offset / self.scale, exact }
    }

    /// Returns the conversion of differences, which have no offset.
    #[must_use]
    pub fn of_differences(self) -> Self {
        Self { offset: 0.0, exact: self.exact.map(|exact| Fraction { constant: 0, ..exact }), ..self }
    }
}

impl Fraction {
    fn new(scale: &Ratio, offset: &Ratio) -> Option<Self> {
        let (factor, scale_below) = ratio::parts(&scale.rational())?;
        let (constant, offset_below) = ratio::parts(&offset.rational())?;
        let divisor = scale_below.checked_mul(offset_below / gcd(scale_below, offset_below))?;
        Some(Self {
            factor: factor.checked_mul(divisor / scale_below)?,
            constant: constant.checked_mul(divisor / offset_below)?,
            divisor,
        })
    }

    fn inverse(self) -> Option<Self> {
        let sign = self.factor.signum();
        let (factor, constant) =
            (self.divisor.checked_mul(sign)?, self.constant.checked_neg()?.checked_mul(sign)?);
        (sign != 0).then_some(Self { factor, constant, divisor: self.factor.checked_abs()? })
    }

    /// Converts a decimal; the constant is added so many times.
    fn of(self, value: Decimal, times: u128) -> Option<f64> {
        match self.short(value, times) {
            // The quotient of two doubles is rounded once.
            Some((above, below)) if above.abs() <= DOUBLE_MAX && below <= DOUBLE_MAX => {
                Some(above as f64 / below as f64)
            }
            Some((above, below)) => Some(round(&ratio::rational(above, below))),
            None => self.long(value, times).to_f64(),
        }
    }

    fn compare(self, value: Decimal, with: Decimal) -> Ordering {
        let short = || {
            let ((above, below), (with, divisor)) = (self.short(value, 1)?, with.fraction()?);
            Some(above.checked_mul(divisor)?.cmp(&with.checked_mul(below)?))
        };
        short().unwrap_or_else(|| self.long(value, 1).cmp(&with.rational()))
    }

    /// Returns the numerator and the denominator of a converted decimal; `None` where they are too long.
    fn short(self, value: Decimal, times: u128) -> Option<(i128, i128)> {
        let (above, below) = value.fraction()?;
        let constant = self.constant.checked_mul(i128::try_from(times).ok()?)?.checked_mul(below)?;
        Some((self.factor.checked_mul(above)?.checked_add(constant)?, self.divisor.checked_mul(below)?))
    }

    fn long(self, value: Decimal, times: u128) -> BigRational {
        let constant = BigInt::from(self.constant) * BigInt::from(times);
        (value.rational() * BigInt::from(self.factor) + constant) / BigInt::from(self.divisor)
    }
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// What is done to each value before it is aggregated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Transform {
    /// Nothing.
    #[default]
    None,
    /// The sign is dropped.
    Abs,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conversion(scale: &str, offset: &str) -> Conversion {
        Conversion::new(&scale.parse().expect(scale), &offset.parse().expect(offset))
    }

    #[test]
    fn what_was_written_is_converted_and_rounded_once() {
        let check = |(scale, offset): (&str, &str), value: f64, expect: f64| {
            let there = conversion(scale, offset);
            assert_eq!(there.apply(value), expect, "{value} × {scale} + {offset}");
            assert_eq!(there.compare(value, expect), Ordering::Equal, "{value} × {scale} + {offset}");
            assert_eq!(there.inverse().apply(expect), value, "{value} × {scale} + {offset}");
        };
        let (fahrenheit, rankine) = (("5/9", "-160/9"), ("5/9", "-273.15"));
        check(fahrenheit, 185.0, 85.0);
        check(fahrenheit, 32.0, 0.0);
        check(rankine, 518.67, 15.0);
        check(("9/5", "32"), 85.0, 185.0);
        check(("1/100", "0"), 35.3, 0.353);
        check(("1/100", "0"), 70.0, 0.7);
        check(("1/1000", "0"), 1013.0, 1.013);
        check(("1e-30", "0"), 7e30, 7.0);
    }

    #[test]
    fn factors_of_any_size_convert() {
        // Its numbers are longer than 128 bits.
        let tiny = conversion("1e-60", "0");
        assert!((tiny.apply(7e55) - 7e-5).abs() < 1e-19);
        assert_eq!(tiny.compare(7e55, 1.0), Ordering::Less);
        assert_eq!(tiny.inverse().compare(1.0, 7e55), Ordering::Greater);
    }

    #[test]
    fn what_is_rounded_away_still_compares() {
        let celsius = conversion("5/9", "-160/9");
        // 59.02 °F are 15.0111…, a little more than the double next to it.
        assert_eq!(celsius.compare(59.02, celsius.apply(59.02)), Ordering::Greater);
        assert_eq!(celsius.compare(59.02, celsius.apply(59.02).next_up()), Ordering::Less);
    }

    #[test]
    fn differences_have_no_offset_and_sums_have_it_as_often_as_they_weigh() {
        let celsius = conversion("5/9", "-160/9");
        assert_eq!(celsius.of_differences().apply(9.0), 5.0);
        assert_eq!(celsius.apply_to_sum(24.0 * 185.0, 24), 24.0 * 85.0);
        assert_eq!(celsius.apply_to_sum(1e300, u128::MAX), 1e300 / 9.0 * 5.0);
    }
}
