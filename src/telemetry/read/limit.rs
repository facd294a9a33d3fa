//! What a limit allows, as values of the series itself: found once, exactly, so that samples are compared as they were sent.
//!
//! A sample and a limit are the decimals that were written, and whether a limit is kept is decided by their exact
//! conversion, never by a rounded one. Decimals grow with the doubles, so the doubles that keep a limit lie between two of them.

use super::plan::Comparator;
use crate::model::number::quantity::{Conversion, Transform};
use crate::telemetry::aggregate::mapping::Mapping;
use std::cmp::Ordering;

/// The raw values that satisfy a comparison: one span or two, ends included; a span of nothing begins above its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::telemetry) struct Allowed([(f64, f64); 2]);

const NOTHING: (f64, f64) = (f64::INFINITY, f64::NEG_INFINITY);

/// A bound in the unit of the limit, and whether it is allowed itself.
type Bound = (f64, bool);

/// Below and above without end.
const BELOW: Bound = (f64::NEG_INFINITY, true);
const ABOVE: Bound = (f64::INFINITY, true);

impl Allowed {
    /// Finds what a comparison allows before the mapping.
    pub(in crate::telemetry) fn new(mapping: Mapping, comparator: Comparator) -> Self {
        let spans = match mapping.transform {
            Transform::None => [Some(plain(comparator)), None],
            Transform::Abs => absolute(comparator),
        };
        Self(spans.map(|span| span.map_or(NOTHING, |(low, high)| raw(mapping.conversion, low, high))))
    }

    /// Returns whether a raw value keeps the limit.
    #[inline]
    pub(in crate::telemetry) fn contains(self, value: f64) -> bool {
        let [(a, b), (c, d)] = self.0;
        (a <= value && value <= b) || (c <= value && value <= d)
    }

    /// Returns whether all or none from `low` to `high` keep the limit; `None` where some do.
    pub(super) fn decides(self, low: f64, high: f64) -> Option<bool> {
        let holds = |(from, to): (f64, f64)| from <= low && high <= to;
        let misses = |(from, to): (f64, f64)| from > to || high < from || to < low;
        if self.0.into_iter().any(holds) {
            Some(true)
        } else {
            self.0.into_iter().all(misses).then_some(false)
        }
    }
}

fn plain(comparator: Comparator) -> (Bound, Bound) {
    match comparator {
        Comparator::Le(limit) => (BELOW, (limit, true)),
        Comparator::Lt(limit) => (BELOW, (limit, false)),
        Comparator::Ge(limit) => ((limit, true), ABOVE),
        Comparator::Gt(limit) => ((limit, false), ABOVE),
        Comparator::Between(lower, upper) => ((lower, true), (upper, true)),
    }
}

/// Returns what is allowed of numbers whose sign is then dropped.
fn absolute(comparator: Comparator) -> [Option<(Bound, Bound)>; 2] {
    let ((low, low_in), (high, high_in)) = plain(comparator);
    let above = ((low, low_in), (high, high_in));
    let below = ((-high, high_in), (-low, low_in));
    if low > 0.0 || (low == 0.0 && !low_in) {
        [Some(below), Some(above)]
    } else {
        [Some((below.0, above.1)), None]
    }
}

/// Returns the raw values that a conversion takes into a span.
fn raw(conversion: Conversion, (low, low_in): Bound, (high, high_in): Bound) -> (f64, f64) {
    if low.is_nan() || high.is_nan() {
        return NOTHING;
    }
    let first = |bound: f64, past: Ordering, is_in: bool| {
        first(conversion.inverse().apply(bound), |value| {
            let order = conversion.compare(value, bound);
            order == past || (is_in && order.is_eq())
        })
    };
    // Where values fall as raw ones rise, the span begins at its high bound.
    if conversion.scale > 0.0 {
        (first(low, Ordering::Greater, low_in), first(high, Ordering::Greater, !high_in).next_down())
    } else {
        (first(high, Ordering::Less, high_in), first(low, Ordering::Less, !low_in).next_down())
    }
}

/// Returns the smallest double that fulfils what holds from some double on, or infinity; the search begins at a guess.
fn first(guess: f64, holds: impl Fn(f64) -> bool) -> f64 {
    let holds = |key: i64| holds(double(key));
    let (least, most) = (key(f64::MIN), key(f64::MAX));
    let (mut low, mut step) = (key(guess).clamp(least, most), 1_i64);
    let mut high = low;
    while !holds(high) {
        if high == most {
            return f64::INFINITY;
        }
        (low, high, step) = (high, high.saturating_add(step).min(most), step.saturating_mul(2));
    }
    while holds(low) {
        if low == least {
            return f64::MIN;
        }
        (low, high, step) = (low.saturating_sub(step).max(least), low, step.saturating_mul(2));
    }
    while low.saturating_add(1) < high {
        let middle = low.midpoint(high);
        if holds(middle) { high = middle } else { low = middle }
    }
    double(high)
}

/// Numbers doubles in their order; zero has one number, whatever its sign.
fn key(value: f64) -> i64 {
    let bits = value.to_bits().cast_signed();
    if bits >= 0 { bits } else { i64::MIN.wrapping_sub(bits) }
}

fn double(key: i64) -> f64 {
    let bits = if key >= 0 { key } else { i64::MIN.wrapping_sub(key) };
    f64::from_bits(bits.cast_unsigned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(scale: &str, offset: &str, transform: Transform, comparator: Comparator) -> Allowed {
        let ratio = |text: &str| text.parse().expect("a ratio");
        let conversion = Conversion::new(&ratio(scale), &ratio(offset));
        Allowed::new(Mapping { conversion, transform }, comparator)
    }

    #[test]
    fn the_last_value_that_keeps_a_limit_is_found_exactly() {
        use Comparator::{Between, Ge, Gt, Le, Lt};
        let check = |of: &Allowed, values: &[f64], others: &[f64]| {
            for value in values {
                assert!(of.contains(*value), "{value} in {of:?}");
            }
            for value in others {
                assert!(!of.contains(*value), "{value} not in {of:?}");
            }
        };
        let celsius = |of| allowed("5/9", "-160/9", Transform::None, of);
        let more = 185_f64.next_up();
        let less = 185_f64.next_down();
        check(&celsius(Le(85.0)), &[-1e300, 32.0, less, 185.0], &[more, 1e300]);
        check(&celsius(Lt(85.0)), &[-1e300, less], &[185.0, more]);
        check(&celsius(Ge(85.0)), &[185.0, more, f64::MAX], &[less, f64::MIN]);
        check(&celsius(Gt(85.0)), &[more], &[less, 185.0]);
        check(&celsius(Between(0.0, 85.0)), &[32.0, 185.0], &[32_f64.next_down(), more]);
        check(&celsius(Between(85.0, 0.0)), &[], &[0.0, 32.0, 100.0, 185.0]);
        check(&celsius(Le(0.0)), &[32.0], &[32_f64.next_up()]);
        check(&celsius(Le(f64::NAN)), &[], &[0.0]);
        check(&celsius(Le(f64::INFINITY)), &[f64::MAX, f64::MIN], &[]);
        let distance = |of| allowed("5/9", "-160/9", Transform::Abs, of);
        check(&distance(Le(85.0)), &[185.0, -121.0, 32.0], &[more, (-121_f64).next_down()]);
        check(&distance(Gt(85.0)), &[more, -122.0], &[185.0, -121.0, 0.0]);
        check(&distance(Ge(0.0)), &[32.0, -1e9], &[]);
        check(&distance(Gt(0.0)), &[31.0, 33.0], &[32.0]);
        check(&distance(Lt(0.0)), &[], &[32.0]);
        check(&distance(Between(5.0, 10.0)), &[41.0, 50.0, 23.0, 14.0], &[40.9, 32.0, 50.1, 13.9]);
        let falling = |of| allowed("-1/10", "3/10", Transform::None, of);
        check(&falling(Le(0.1)), &[2.0, 9.0], &[2_f64.next_down(), 0.0]);
        check(&falling(Gt(0.1)), &[2_f64.next_down(), -7.0], &[2.0, 3.0]);
    }

    proptest::proptest! {
        #[test]
        fn decides_as_decimal_arithmetic_does(
            digits in -100_000_i64..100_000,
            places in 0_u32..5,
            nudge in -1_i64..=1,
            (scale, offset) in proptest::sample::select(vec![
                ("5/9", "-160/9"), ("9/5", "32"), ("1/1000", "0"), ("-3/7", "1/3"), ("127/5000", "0"),
                ("8896443230521/1290320000", "0"), ("pi/180", "0"), ("1", "-273.15"),
            ]),
        ) {
            let value: f64 = format!("{digits}e-{places}").parse().expect("a number");
            let ratio = |text: &str| text.parse().expect("a ratio");
            let conversion = Conversion::new(&ratio(scale), &ratio(offset));
            let limit = double(key(conversion.apply(value)) + nudge);
            let order = conversion.compare(value, limit);
            let holds = |of| allowed(scale, offset, Transform::None, of).contains(value);
            proptest::prop_assert_eq!(holds(Comparator::Le(limit)), order.is_le());
            proptest::prop_assert_eq!(holds(Comparator::Lt(limit)), order.is_lt());
            proptest::prop_assert_eq!(holds(Comparator::Ge(limit)), order.is_ge());
            proptest::prop_assert_eq!(holds(Comparator::Gt(limit)), order.is_gt());
        }
    }
}
