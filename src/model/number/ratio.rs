//! Exact factors of units: fractions, and fractions of powers of π.

use super::decimal::{Decimal, round};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{FromPrimitive, ToPrimitive, Zero};
use std::str::FromStr;

/// A fraction times a power of π.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ratio {
    fraction: BigRational,
    pi: i32,
}

/// π as a fraction, right to 34 digits: a convergent of its continued fraction.
const PI: (i64, i64) = (430_010_946_591_069_243, 136_876_735_467_187_340);

/// From so many digits on, a factor may be the rounding of a fraction that no decimal ends.
const DIGITS_ROUNDED: usize = 15;

impl Ratio {
    /// The factor that changes nothing.
    pub fn one() -> Self {
        Self { fraction: BigRational::from(BigInt::from(1)), pi: 0 }
    }

    /// The offset that changes nothing.
    pub fn zero() -> Self {
        Self { fraction: BigRational::zero(), pi: 0 }
    }

    /// Returns the decimal that a double was written as.
    pub fn of(value: f64) -> Option<Self> {
        Decimal::of(value).map(|decimal| Self { fraction: decimal.rational(), pi: 0 })
    }

    /// Returns whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.fraction.is_zero()
    }

    /// Returns the digits of the numerator and of the denominator; `None` where there is a π.
    pub fn written(&self) -> Option<(String, String)> {
        (self.pi == 0).then(|| (self.fraction.numer().to_string(), self.fraction.denom().to_string()))
    }

    /// Writes it as a decimal; `None` where that has no end, or a π.
    pub fn decimal(&self) -> Option<String> {
        const PLACES_MAX: u32 = 30;
        let ten = BigInt::from(10).pow(PLACES_MAX);
        let scaled = &self.fraction * BigRational::from(ten);
        if self.pi != 0 || !scaled.is_integer() {
            return if self.is_zero() { Some("0".to_owned()) } else { None };
        }
        let digits = scaled.to_integer().to_string();
        let (sign, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |digits| ("-", digits));
        let digits = format!("{digits:0>width$}", width = PLACES_MAX as usize + 1);
        let (whole, places) = digits.split_at(digits.len() - PLACES_MAX as usize);
        let places = places.trim_end_matches('0');
        let point = if places.is_empty() { "" } else { "." };
        Some(format!("{sign}{whole}{point}{places}"))
    }

    /// Returns the nearest double.
    pub fn value(&self) -> f64 {
        round(&self.rational())
    }

    /// Returns the product.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        Self { fraction: &self.fraction * &other.fraction, pi: self.pi + other.pi }
    }

    /// Returns the quotient; the divisor must not be zero.
    #[must_use]
    pub fn over(&self, other: &Self) -> Self {
        Self { fraction: &self.fraction / &other.fraction, pi: self.pi - other.pi }
    }

    /// Returns the difference.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        if self.pi == other.pi || self.is_zero() || other.is_zero() {
            let pi = if self.is_zero() { other.pi } else { self.pi };
            return Self { fraction: &self.fraction - &other.fraction, pi };
        }
        Self { fraction: self.rational() - other.rational(), pi: 0 }
    }

    /// Returns it as a plain fraction, π being taken to 34 digits.
    pub(super) fn rational(&self) -> BigRational {
        let pi = BigRational::new(PI.0.into(), PI.1.into());
        &self.fraction * pi.pow(self.pi)
    }

    /// Reads a decimal. One of 15 digits or more that is the rounding of a simple fraction is that fraction:
    /// 0.5555555555555556 is 5/9. So is one that is the rounding of a simple fraction of π.
    pub fn from_decimal(text: &str) -> Option<Self> {
        let fraction = decimal(text.trim())?;
        let digits = text.split(['e', 'E']).next()?.chars().filter(char::is_ascii_digit);
        let digits: String = digits.skip_while(|digit| *digit == '0').collect();
        if digits.len() < DIGITS_ROUNDED {
            return Some(Self { fraction, pi: 0 });
        }
        let of_pi = |pi: i32| {
            let without = Self { fraction: fraction.clone(), pi: -pi }.rational();
            simple(&without, digits.len()).map(|fraction| Self { fraction, pi })
        };
        Some([0, 1, -1, 2].into_iter().find_map(of_pi).unwrap_or(Self { fraction, pi: 0 }))
    }
}

/// Reads `5/9`, `π/180`, `2 π/60` or `0.3048`; a π may be written `pi`, and have a power: `pi^2`.
impl FromStr for Ratio {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (above, below) = text.split_once('/').unwrap_or((text, "1"));
        let (above, below) = (product(above).ok_or(())?, product(below).ok_or(())?);
        if below.is_zero() { Err(()) } else { Ok(above.over(&below)) }
    }
}

/// Reads numbers and powers of π with blanks or `*` between them.
fn product(text: &str) -> Option<Ratio> {
    let text = text.replace('π', " pi").replace('*', " ");
    let mut product = text.split_whitespace().next().map(|_| Ratio::one())?;
    for factor in text.split_whitespace() {
        let pi = match factor.strip_prefix("pi") {
            Some("") => 1,
            Some(power) => power.strip_prefix('^')?.parse().ok().filter(|power: &i32| power.abs() <= 4)?,
            None => 0,
        };
        let fraction = if pi == 0 { decimal(factor)? } else { BigInt::from(1).into() };
        product = product.times(&Ratio { fraction, pi });
    }
    Some(product)
}

/// Reads a decimal of any length exactly; `None` where its exponent has more than 400 zeros.
pub fn decimal(text: &str) -> Option<BigRational> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, places) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.parse::<i32>().ok()?.checked_sub(i32::try_from(places.len()).ok()?)?;
    let sign_less = whole.strip_prefix(['-', '+']).unwrap_or(whole);
    let is_number = |text: &str| text.chars().all(|sign| sign.is_ascii_digit());
    if !is_number(sign_less)
        || !is_number(places)
        || sign_less.len() + places.len() == 0
        || exponent.abs() > 400
    {
        return None;
    }
    let digits = BigInt::from_str(&format!("{whole}{places}")).ok()?;
    let power = BigInt::from(10).pow(exponent.unsigned_abs());
    Some(if exponent < 0 { BigRational::new(digits, power) } else { (digits * power).into() })
}

/// Returns the fraction of which a decimal of so many digits is the rounding, if it is much shorter than the decimal. The
/// convergents of the continued fraction are the best approximations.
fn simple(decimal: &BigRational, digits: usize) -> Option<BigRational> {
    let ten = |power: usize| BigInt::from(10).pow(u32::try_from(power).unwrap_or(u32::MAX));
    let near = decimal.clone() / BigRational::from(ten(digits - 1));
    let near = if near < BigRational::zero() { -near } else { near };
    let (mut rest, mut last, mut this) = (decimal.clone(), (BigInt::from(1), BigInt::zero()), None);
    loop {
        let whole = rest.floor().to_integer();
        let (above, below): (BigInt, BigInt) = match &this {
            None => (whole.clone(), BigInt::from(1)),
            Some((above, below)) => (&whole * above + &last.0, &whole * below + &last.1),
        };
        // A fraction of n digits meets a decimal of m digits by chance once in 10^(m − n).
        if (&above * &below).to_string().len() + 4 > digits {
            return None;
        }
        let found = BigRational::new(above.clone(), below.clone());
        let off = if found > *decimal { &found - decimal } else { decimal - &found };
        if off <= near {
            return Some(found);
        }
        last = this.replace((above, below)).unwrap_or(last);
        rest = (rest - BigRational::from(whole)).recip();
    }
}

/// Returns numerator and denominator where they fit.
pub(in crate::model) fn parts(value: &BigRational) -> Option<(i128, i128)> {
    Some((value.numer().to_i128()?, value.denom().to_i128()?))
}

/// Makes a rational of two whole numbers.
pub(super) fn rational(above: i128, below: i128) -> BigRational {
    let whole = |number| BigInt::from_i128(number).unwrap_or_default();
    BigRational::new(whole(above), whole(below))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_are_read_exactly() {
        let check = |decimal: &str, expect: &str| {
            let got = Ratio::from_decimal(decimal).expect(decimal);
            assert_eq!(got, expect.parse().expect(expect), "{decimal}");
        };
        check("1.0", "1");
        check("0.0254", "127/5000");
        check("4.4482216152605", "44482216152605/1e13");
        check("0.5555555555555556", "5/9");
        check("0.5555555555555555555555555555555556", "5/9");
        check("2.7777777777777776e-7", "1/3600000");
        check("0.0002777777777777778", "1/3600");
        check("6894.757293168361336722673445346891", "8896443230521/1290320000");
        check("0.017453292519943295", "pi/180");
        check("0.10471975511965978", "2 π/60");
        check("9.869604401089358", "pi^2");
        check("1e-9", "1/1000000000");
        check("6.894757293168361", "6894757293168361/1e15");
        check("-0.3333333333333333", "-1/3");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "much", "1/0", "5/", "/9", "1e9999", "1.2.3", "pi^9", "--1", "1e", "NaN", "0x1"] {
            assert!(text.parse::<Ratio>().is_err(), "{text}");
        }
    }

    #[test]
    fn pi_cancels() {
        let ratio = |text: &str| text.parse::<Ratio>().expect(text);
        assert_eq!(ratio("pi/30").over(&ratio("pi/180")), ratio("6"));
        assert_eq!(ratio("pi/180").value(), 1_f64.to_radians());
        assert_eq!(ratio("pi^2").value(), std::f64::consts::PI * std::f64::consts::PI);
    }
}
