//! Sums without rounding: adding is exact, so no order or grouping of the terms can change a bit of the result.
//!
//! A sum is a row of 128-bit integers, each for the terms whose binary exponents share a span of 32 (after
//! R. Neal, *Fast exact summation using small and large superaccumulators*, 2015, with wider chunks in
//! place of carry propagation). A term takes at most 84 bits of its chunk, a digit of a product at most 96, which leaves
//! room for 2³¹ products and many more terms.

use crate::telemetry::file::bytes::{Reader, Short, put_varint};
use smallvec::SmallVec;

/// A sum of doubles, kept exactly.
#[derive(Clone, Debug, Default)]
pub(in crate::telemetry) struct Exact {
    first: usize,
    chunks: SmallVec<[i128; CHUNKS_INLINE]>,
}

const MANTISSA_BITS: u32 = 52;
const MANTISSA_MASK: u64 = (1 << MANTISSA_BITS) - 1;
const EXPONENT_MASK: u64 = 0x7ff;
const LOWEST_EXPONENT: i64 = -1075;
const DIGIT_BITS: u32 = 32;
/// The span of a double's exponents, and room for the digits that carries add.
const CHUNKS_MAX: usize = 72;
/// Terms of like size fill no more.
const CHUNKS_INLINE: usize = 3;

impl Exact {
    /// Adds a finite number; an overflowed product counts as the largest number there is.
    #[inline]
    pub(in crate::telemetry) fn add(&mut self, term: f64) {
        let (chunk, amount) = split(term.clamp(-f64::MAX, f64::MAX));
        if amount != 0 {
            *self.chunk(chunk) += amount;
        }
    }

    /// Adds a finite number so many times; the product is not rounded either.
    #[inline]
    pub(in crate::telemetry) fn add_times(&mut self, term: f64, times: u64) {
        let (chunk, amount) = split(term.clamp(-f64::MAX, f64::MAX));
        self.add_product(chunk, amount, times);
    }

    /// Adds the square of a number so many times, neither rounded; one beyond a double counts as the largest number there is.
    #[inline]
    pub(in crate::telemetry) fn add_square(&mut self, term: f64, times: u64) {
        let bits = term.to_bits();
        let field = (bits >> MANTISSA_BITS) & EXPONENT_MASK;
        // Below this the square is smaller than a normal double.
        if !(538..=1534).contains(&field) {
            return self.add_times(term * term, times);
        }
        let root = u128::from((bits & MANTISSA_MASK) | 1 << MANTISSA_BITS);
        let (square, place) = (root * root, 2 * field - 1075);
        let (chunk, shift) = ((place / 32) as usize, place % 32);
        let (low, high) = (i128::from(square as u64) << shift, i128::from((square >> 64) as u64) << shift);
        if times == 1 {
            *self.chunk(chunk) += low;
            *self.chunk(chunk + 2) += high;
        } else {
            self.add_product(chunk, low, times);
            self.add_product(chunk + 2, high, times);
        }
    }

    /// Takes back a number that was added so many times.
    pub(in crate::telemetry) fn subtract_times(&mut self, term: f64, times: u64) {
        self.add_times(-term, times);
    }

    /// Takes back the square of a number that was added so many times.
    pub(in crate::telemetry) fn subtract_square_times(&mut self, term: f64, times: u64) {
        let mut square = Self::default();
        square.add_square(term, times);
        self.subtract_sum(&square);
    }

    /// Adds another sum so many times.
    pub(in crate::telemetry) fn merge_times(&mut self, other: &Self, times: u64) {
        for (offset, amount) in other.chunks.iter().enumerate() {
            self.add_product(other.first + offset, *amount, times);
        }
    }

    /// Adds another sum.
    pub(in crate::telemetry) fn merge(&mut self, other: &Self) {
        if self.chunks.is_empty() {
            self.clone_from(other);
            return;
        }
        let shared = other.first.checked_sub(self.first);
        if let Some(sums) = shared.and_then(|from| self.chunks.get_mut(from..from + other.chunks.len())) {
            sums.iter_mut().zip(&other.chunks).for_each(|(sum, amount)| *sum += amount);
            return;
        }
        for (offset, amount) in other.chunks.iter().enumerate() {
            if *amount != 0 {
                *self.chunk(other.first + offset) += amount;
            }
        }
    }

    /// Adds another sum so many times, up to 2⁹⁶.
    pub(in crate::telemetry) fn merge_times_wide(&mut self, other: &Self, times: u128) {
        let mut upper = Self::default();
        upper.merge_times(other, (times >> 32) as u64);
        self.merge_times(&upper, 1 << 32);
        self.merge_times(other, times as u64 & u64::from(u32::MAX));
    }

    /// Takes away the square of another sum, without rounding while that is a double.
    pub(in crate::telemetry) fn subtract_square(&mut self, other: &Self) {
        let (mut rest, mut parts) = (other.clone(), Vec::new());
        let mut part = rest.value();
        while part != 0.0 && part.is_finite() {
            parts.push(part);
            rest.add(-part);
            part = rest.value();
        }
        for a in &parts {
            for b in &parts {
                let product = a * b;
                self.add(-product);
                self.add(-a.mul_add(*b, -product));
            }
        }
    }

    /// Clears all terms, but keeps their room.
    pub(in crate::telemetry) fn clear(&mut self) {
        self.chunks.fill(0);
    }

    /// Adds the product of what a chunk holds, cut into digits so that each part of the product has room in its chunk.
    #[inline]
    fn add_product(&mut self, chunk: usize, amount: i128, times: u64) {
        let (times, mut rest, mut index) = (i128::from(times), amount, chunk);
        while rest != 0 {
            // The last digit keeps the sign; all others are not negative.
            let last = i64::try_from(rest).is_ok_and(|rest| rest.unsigned_abs() < 1 << DIGIT_BITS);
            let digit = if last { rest } else { rest & i128::from(u32::MAX) };
            *self.chunk(index) += digit * times;
            rest = (rest - digit) >> DIGIT_BITS;
            index += 1;
        }
    }

    /// Takes another sum away.
    pub(in crate::telemetry) fn subtract_sum(&mut self, other: &Self) {
        for (offset, amount) in other.chunks.iter().enumerate() {
            if *amount != 0 {
                *self.chunk(other.first + offset) -= amount;
            }
        }
    }

    #[inline]
    fn chunk(&mut self, index: usize) -> &mut i128 {
        if index < self.first || index >= self.first + self.chunks.len() {
            self.grow(index);
        }
        &mut self.chunks[index - self.first]
    }

    #[cold]
    fn grow(&mut self, index: usize) {
        if self.chunks.is_empty() {
            self.first = index;
        }
        while index < self.first {
            self.chunks.insert(0, 0);
            self.first -= 1;
        }
        let length = (index - self.first + 1).max(self.chunks.len());
        self.chunks.resize(length, 0);
    }

    /// Returns the double nearest to the sum, ties to even; infinity where that is beyond a double.
    pub(in crate::telemetry) fn value(&self) -> f64 {
        self.shifted(0)
    }

    /// Returns the double nearest to the sum over 2⁶⁴, which is one where the sum itself may be none.
    pub(in crate::telemetry) fn value_over_2_64(&self) -> f64 {
        self.shifted(-64)
    }

    /// Returns the double nearest to the sum times 2 to an exponent.
    fn shifted(&self, by: i64) -> f64 {
        let (negative, digits) = self.magnitude();
        let Some(top) = digits.iter().rposition(|digit| *digit != 0) else { return 0.0 };
        let low = top.saturating_sub(2);
        let leading = digits[low..=top].iter().rev().fold(0u128, |sum, digit| sum << 32 | u128::from(*digit));
        let shift = 64u32.saturating_sub(leading.leading_zeros());
        let sticky = leading & ((1 << shift) - 1) != 0 || digits[..low].iter().any(|digit| *digit != 0);
        let scale = 32 * exponent(self.first + low) + LOWEST_EXPONENT + i64::from(shift) + by;
        let magnitude = round(u64::try_from(leading >> shift).unwrap_or(u64::MAX), sticky, scale);
        if negative { -magnitude } else { magnitude }
    }

    /// Appends the sum as bytes: the index of the first one that is not zero, twice that plus the sign, then how many, then those.
    pub(in crate::telemetry) fn write(&self, bytes: &mut Vec<u8>) {
        let (negative, digits) = self.magnitude();
        let all: Vec<u8> = digits.iter().flat_map(|digit| digit.to_le_bytes()).collect();
        let low = all.iter().position(|byte| *byte != 0).unwrap_or(all.len());
        let high = all.iter().rposition(|byte| *byte != 0).map_or(low, |high| high + 1);
        put_varint(bytes, (4 * self.first + low) as u64 * 2 + u64::from(negative));
        put_varint(bytes, (high - low) as u64);
        bytes.extend(&all[low..high]);
    }

    /// Adds a sum that was written.
    pub(in crate::telemetry) fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Short> {
        let (place, length) = (reader.varint()?, reader.varint()? as usize);
        let (negative, low) = (place & 1 == 1, (place / 2) as usize);
        if low + length > 4 * CHUNKS_MAX {
            return Err(Short);
        }
        let (mut rest, mut index) = (reader.take(length)?, low);
        while !rest.is_empty() {
            let (digit, more) = rest.split_at(rest.len().min(4 - index % 4));
            let amount = i128::from(digit.iter().rev().fold(0, |digit, byte| digit << 8 | u64::from(*byte)));
            let amount = amount << (8 * (index % 4));
            *self.chunk(index / 4) += if negative { -amount } else { amount };
            (rest, index) = (more, index + digit.len());
        }
        Ok(())
    }

    /// Returns the sign and the digits (base 2³², least first) of the sum in units of its first chunk.
    fn magnitude(&self) -> (bool, Vec<u32>) {
        let negative = signed_digits(self.chunks.iter().copied()).1;
        let sign = if negative { -1 } else { 1 };
        (negative, signed_digits(self.chunks.iter().map(|chunk| sign * chunk)).0)
    }
}

impl PartialEq for Exact {
    /// Sums are equal when the numbers are.
    fn eq(&self, other: &Self) -> bool {
        let mut difference = self.clone();
        difference.subtract_sum(other);
        difference.magnitude().1.iter().all(|digit| *digit == 0)
    }
}

/// Splits a number into the index of its chunk and its amount there.
#[inline]
fn split(term: f64) -> (usize, i128) {
    let bits = term.to_bits();
    let field = (bits >> MANTISSA_BITS) & EXPONENT_MASK;
    let hidden = u64::from(field != 0) << MANTISSA_BITS;
    let exponent = field.max(1);
    let amount = i128::from((bits & MANTISSA_MASK) | hidden) << (exponent % 32);
    ((exponent / 32) as usize, if term < 0.0 { -amount } else { amount })
}

/// Carries chunk amounts into digits; returns whether the number is negative (its digits are then of no use).
fn signed_digits(chunks: impl Iterator<Item = i128>) -> (Vec<u32>, bool) {
    let (mut digits, mut carry) = (Vec::new(), 0i128);
    for chunk in chunks {
        carry += chunk;
        digits.push(carry as u32);
        carry >>= DIGIT_BITS;
    }
    while carry != 0 && carry != -1 {
        digits.push(carry as u32);
        carry >>= DIGIT_BITS;
    }
    (digits, carry < 0)
}

/// Returns an index as a signed number.
fn exponent(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX / 64)
}

/// Returns the double nearest to `(leading + a little if sticky) × 2^scale`.
fn round(leading: u64, sticky: bool, scale: i64) -> f64 {
    let bits = i64::from(64 - leading.leading_zeros());
    let dropped = (bits - 53).max(-1074 - scale);
    if dropped <= 0 {
        return leading as f64 * power_of_two(scale);
    }
    if dropped > 64 {
        return 0.0;
    }
    let (kept, rest, half) = if dropped == 64 {
        (0, leading, 1 << 63)
    } else {
        (leading >> dropped, leading & ((1 << dropped) - 1), 1 << (dropped - 1))
    };
    let up = rest > half || (rest == half && (sticky || kept & 1 == 1));
    (kept + u64::from(up)) as f64 * power_of_two(scale + dropped)
}

/// Returns 2 to the `exponent`; infinity where that is beyond a double.
fn power_of_two(exponent: i64) -> f64 {
    match u64::try_from(exponent + 1023) {
        Ok(field @ 1..=2046) => f64::from_bits(field << MANTISSA_BITS),
        Ok(2047..) => f64::INFINITY,
        _ => f64::from_bits(1 << (exponent + 1074).max(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sum(terms: &[f64]) -> Exact {
        let mut sum = Exact::default();
        terms.iter().for_each(|term| sum.add(*term));
        sum
    }

    #[test]
    fn sums_are_rounded_once() {
        let check = |terms: &[f64], expect: f64| assert_eq!(sum(terms).value(), expect, "{terms:?}");
        check(&[], 0.0);
        check(&[1.0, 2.0, 3.5], 6.5);
        check(&[1e300, 1.0, -1e300], 1.0);
        check(&[0.1; 10], 1.0);
        check(&[f64::MIN_POSITIVE / 4.0, f64::MIN_POSITIVE / 2.0], f64::MIN_POSITIVE * 0.75);
        check(&[f64::MAX, f64::MAX], f64::INFINITY);
        check(&[-1e-300, -5.0], -5.0);
        check(&[9_007_199_254_740_992.0, 1.0], 9_007_199_254_740_992.0);
        check(&[9_007_199_254_740_992.0, 1.0, 1e-9], 9_007_199_254_740_994.0);
        let check =
            |terms: &[f64], expect: f64| assert_eq!(sum(terms).value_over_2_64(), expect, "{terms:?}");
        check(&[f64::MAX, f64::MAX], f64::MAX / 2f64.powi(63));
        check(&[3.0], 3.0 / 2f64.powi(64));
    }

    proptest! {
        #[test]
        fn one_term_is_itself(bits: u64) {
            let term = f64::from_bits(bits);
            prop_assume!(term.is_finite());
            prop_assert_eq!(sum(&[term]).value(), term);
        }

        #[test]
        fn order_and_grouping_do_not_matter(terms in prop::collection::vec(-1e20f64..1e20, 0..40), cut in 0usize..40) {
            let whole = sum(&terms);
            let cut = cut.min(terms.len());
            let mut regrouped = sum(&terms[cut..]);
            regrouped.merge(&sum(&terms[..cut]));
            prop_assert_eq!(whole.value().to_bits(), regrouped.value().to_bits());
            prop_assert!(whole == regrouped);
            for term in &terms {
                regrouped.subtract_times(*term, 1);
            }
            prop_assert_eq!(regrouped.value(), 0.0);
            let mut bytes = Vec::new();
            whole.write(&mut bytes);
            regrouped.read(&mut Reader(&bytes)).map_err(|_| TestCaseError::fail("short"))?;
            prop_assert!(whole == regrouped);
        }

        #[test]
        fn a_product_is_a_sum(terms in prop::collection::vec(-1e9f64..1e9, 1..9), times in 0u64..40) {
            let (mut one_by_one, mut together, mut whole) = (Exact::default(), Exact::default(), Exact::default());
            for term in &terms {
                (0..times).for_each(|_| one_by_one.add(*term));
                together.add_times(*term, times);
            }
            whole.merge_times(&sum(&terms), times);
            prop_assert!(one_by_one == together);
            prop_assert!(one_by_one == whole);
            // Hours of nanoseconds, as weights are, leave room as well.
            whole.clear();
            (0..1000).for_each(|_| whole.merge_times(&sum(&terms), 3_600_000_000_000));
            together.clear();
            terms.iter().for_each(|term| together.add_times(*term, 3_600_000_000_000_000));
            prop_assert!(whole == together);
        }

        #[test]
        fn squares_are_not_rounded(terms in prop::collection::vec(-1e9f64..1e9, 1..9), offset in prop::sample::select(vec![0.0, 1e9, 1e15]), times in 1u64..9) {
            // n Σ v² − (Σ v)² is the sum of all (a − b)² over pairs; with whole numbers nothing is rounded there either.
            let terms: Vec<f64> = terms.iter().map(|term| (term / 1e6).round() + offset).collect();
            let (mut squares, mut all) = (Exact::default(), Exact::default());
            for term in &terms {
                squares.add_square(*term, times);
                (0..times).for_each(|_| all.add(*term));
            }
            let mut difference = Exact::default();
            difference.merge_times_wide(&squares, terms.len() as u128 * u128::from(times));
            difference.subtract_square(&all);
            let pairs = terms.iter().flat_map(|a| terms.iter().map(move |b| (a - b) * (a - b)));
            prop_assert_eq!(difference.value(), pairs.sum::<f64>() / 2.0 * (times * times) as f64);
        }

        #[test]
        fn two_terms_sum_as_the_machine_does(a: f64, b: f64) {
            prop_assume!(a.is_finite() && b.is_finite());
            prop_assert_eq!(sum(&[a, b]).value(), a + b);
        }
    }
}
