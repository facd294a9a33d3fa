//! Doubles as the decimals that people write: 35.3, not 35.29999999999999716.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::ToPrimitive as _;

/// The shortest decimal that reads back as a double: `digits × 10^exponent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    pub(in crate::model) digits: i64,
    pub(in crate::model) exponent: i32,
}

/// Powers of ten that the quick way tries.
const POWERS: [(i32, f64); 7] = [(0, 1.0), (1, 1e1), (2, 1e2), (3, 1e3), (4, 1e4), (5, 1e5), (6, 1e6)];

/// Numbers of so many digits differ as doubles too.
const DIGITS_SAFE: f64 = 1e15;

impl Decimal {
    /// Returns the decimal of a double; `None` for what is not finite.
    pub fn of(value: f64) -> Option<Self> {
        for (places, power) in POWERS {
            let digits = (value * power).round();
            // At most 15 digits that read back as the double: no other decimal as short does.
            if digits.abs() < DIGITS_SAFE && digits / power == value {
                return Some(Self { digits: digits as i64, exponent: -places });
            }
        }
        Self::parse(&format!("{value:e}"))
    }

    /// Reads digits, a point and an exponent, such as `-6.75e1`.
    fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = text.split_once('e')?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let places = i32::try_from(fraction.len()).ok()?;
        Some(Self {
            digits: format!("{whole}{fraction}").parse().ok()?,
            exponent: exponent.parse::<i32>().ok()? - places,
        })
    }

    /// Returns numerator and denominator; `None` where they are too long.
    pub(in crate::model) fn fraction(self) -> Option<(i128, i128)> {
        let power = 10_i128.checked_pow(self.exponent.unsigned_abs())?;
        let digits = i128::from(self.digits);
        if self.exponent < 0 { Some((digits, power)) } else { Some((digits.checked_mul(power)?, 1)) }
    }

    /// Returns the same number as a rational.
    pub(super) fn rational(self) -> BigRational {
        let power = BigInt::from(10).pow(self.exponent.unsigned_abs());
        let digits = BigInt::from(self.digits);
        if self.exponent < 0 { BigRational::new(digits, power) } else { (digits * power).into() }
    }
}

/// A sum of doubles, each taken as the decimal that was written: 0.1 + 0.2 is 0.3.
#[derive(Clone, Debug, Default)]
pub struct DecimalSum {
    digits: BigInt,
    /// Of the power of ten that the digits count, 0 or less.
    exponent: i32,
}

impl DecimalSum {
    /// Adds a finite number.
    pub fn add(&mut self, value: f64) {
        if let Some(Decimal { digits, exponent }) = Decimal::of(value) {
            self.merge(&Self { digits: digits.into(), exponent }.scaled(exponent.min(0)));
        }
    }

    /// Takes a finite number away.
    pub fn subtract(&mut self, value: f64) {
        self.add(-value);
    }

    /// Adds another sum.
    pub fn merge(&mut self, other: &Self) {
        let exponent = self.exponent.min(other.exponent);
        self.digits = self.scaled(exponent).digits + other.scaled(exponent).digits;
        self.exponent = exponent;
    }

    /// Returns the sum, rounded once.
    pub fn value(&self) -> f64 {
        round(&BigRational::new(self.digits.clone(), power_of_ten(self.exponent)))
    }

    /// Returns the digits as little-endian bytes with their sign, and how many of them are decimals.
    pub fn parts(&self) -> (Vec<u8>, u32) {
        (self.digits.to_signed_bytes_le(), self.exponent.unsigned_abs())
    }

    /// Puts a sum together from its parts; `None` where it has more decimals than any sum of doubles.
    pub fn from_parts(digits: &[u8], decimals: u64) -> Option<Self> {
        let exponent = i32::try_from(decimals).ok().filter(|decimals| *decimals <= DECIMALS_MAX)?;
        Some(Self { digits: BigInt::from_signed_bytes_le(digits), exponent: -exponent })
    }

    /// Returns the same sum with the digits of a smaller power of ten.
    fn scaled(&self, exponent: i32) -> Self {
        Self { digits: &self.digits * power_of_ten(self.exponent - exponent), exponent }
    }
}

impl PartialEq for DecimalSum {
    /// Sums are equal when the numbers are.
    fn eq(&self, other: &Self) -> bool {
        let exponent = self.exponent.min(other.exponent);
        self.scaled(exponent).digits == other.scaled(exponent).digits
    }
}

/// No double has more.
const DECIMALS_MAX: i32 = 400;

fn power_of_ten(exponent: i32) -> BigInt {
    BigInt::from(10).pow(exponent.unsigned_abs())
}

/// Returns `minuend − subtrahend` of the decimals, rounded once: 0.3 − 0.2 is 0.1.
pub fn difference(minuend: f64, subtrahend: f64) -> f64 {
    exactly(minuend, subtrahend, |a, b| a - b).unwrap_or(minuend - subtrahend)
}

/// Returns how many per cent one number is of the size of another, rounded once.
pub fn percent(part: f64, whole: f64) -> f64 {
    let hundred = || BigRational::from(BigInt::from(100));
    let exact = if whole == 0.0 { None } else { exactly(part, whole.abs(), |a, b| a / b * hundred()) };
    exact.unwrap_or(part / whole.abs() * 100.0)
}

fn exactly(a: f64, b: f64, of: impl Fn(BigRational, BigRational) -> BigRational) -> Option<f64> {
    Some(round(&of(Decimal::of(a)?.rational(), Decimal::of(b)?.rational())))
}

/// Returns the nearest double, or an infinity.
pub(super) fn round(value: &BigRational) -> f64 {
    value.to_f64().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_double_is_the_decimal_that_was_written() {
        let check = |value: f64, digits: i64, exponent: i32| {
            assert_eq!(Decimal::of(value), Some(Decimal { digits, exponent }), "{value}");
        };
        check(0.0, 0, 0);
        check(-0.0, 0, 0);
        check(85.0, 85, 0);
        check(-35.3, -353, -1);
        check(518.67, 51867, -2);
        check(0.1 + 0.2, 30_000_000_000_000_004, -17);
        check(1e300, 1, 300);
        check(5e-324, 5, -324);
        check(9_007_199_254_740_993.0, 9_007_199_254_740_992, 0);
        assert_eq!((Decimal::of(f64::NAN), Decimal::of(f64::INFINITY)), (None, None));
    }

    #[test]
    fn differences_and_shares_are_those_of_the_decimals() {
        let check = |minuend: f64, subtrahend: f64, expect: f64, percents: f64| {
            assert_eq!(difference(minuend, subtrahend), expect, "{minuend} - {subtrahend}");
            assert_eq!(percent(expect, minuend), percents, "{expect} of {minuend}");
        };
        check(0.3, 0.2, 0.1, 100.0 / 3.0);
        check(85.0, 84.7, 0.3, 0.352_941_176_470_588_25);
        check(-1.0, -0.9, -0.1, -10.0);
        check(85.0, 80.75, 4.25, 5.0);
        assert_eq!(difference(f64::INFINITY, 1.0), f64::INFINITY);
    }

    #[test]
    fn a_sum_is_that_of_the_decimals() {
        let check = |terms: &[f64], expect: f64| {
            let (mut sum, mut back) = (DecimalSum::default(), DecimalSum::default());
            terms.iter().for_each(|term| sum.add(*term));
            terms.iter().rev().for_each(|term| back.add(*term));
            assert_eq!((sum.value(), &sum), (expect, &back), "{terms:?}");
            let (digits, decimals) = sum.parts();
            assert_eq!(DecimalSum::from_parts(&digits, decimals.into()), Some(sum));
            terms.iter().for_each(|term| back.subtract(*term));
            assert_eq!(back, DecimalSum::default());
        };
        check(&[], 0.0);
        check(&[0.1, 0.2], 0.3);
        check(&[0.4, -0.1], 0.3);
        check(&[1e300, 0.1, -1e300], 0.1);
        check(&[2e3, 5e-324, 1500.0], 3500.0);
        check(&[0.1; 10], 1.0);
        assert_eq!(DecimalSum::from_parts(&[1], 401), None);
    }

    proptest::proptest! {
        #[test]
        fn the_decimal_is_the_shortest_that_reads_back(value in proptest::num::f64::NORMAL) {
            let Decimal { digits, exponent } = Decimal::of(value).expect("finite");
            proptest::prop_assert_eq!(format!("{digits}e{exponent}").parse::<f64>().expect("a number"), value);
            let written = Decimal::parse(&format!("{value:e}")).expect("a number");
            proptest::prop_assert_eq!(Decimal { digits, exponent }.rational(), written.rational());
        }
    }
}
