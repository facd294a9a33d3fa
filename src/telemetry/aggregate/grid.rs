//! Grids of histogram bins, whose width is a power of two, aligned to zero.
//!
//! A bin of level `j` holds the values with one sign and one `⌊|v| / 2^j⌋`; zero has a bin of its own. The bins of a finer
//! level lie within those of a coarser one, so counts by bin merge at the coarser level, in any order, and dropping a sign drops that of
//! the key. Where doubles lie further apart than `2^j`, as an outlier of 1e30 among values near 1, each double has its own
//! bin; at level [`EXACT`] all have.

/// The level whose bins hold one double each.
pub(in crate::telemetry) const EXACT: i32 = -1074;

/// Keys of bins as wide as their level; those beyond are of single doubles.
const NEAR: i64 = 1 << 53;
const MANTISSA_BITS: u32 = 52;

/// A grid of one level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::telemetry) struct Grid {
    /// The binary logarithm of a bin's width.
    pub(in crate::telemetry) level: i32,
    step: f64,
    /// From here on doubles lie at least a step apart.
    far: f64,
}

impl Grid {
    /// Returns the grid of a level.
    pub(in crate::telemetry) fn new(level: i32) -> Self {
        let level = level.clamp(EXACT, 1023);
        Self { level, step: power_of_two(level), far: power_of_two(level + 53) }
    }

    /// Returns the key of the bin that holds a finite value. A greater value never has a smaller key.
    #[inline]
    pub(in crate::telemetry) fn key(self, value: f64) -> i64 {
        let size = value.abs();
        let key = if size < self.far {
            if size == 0.0 {
                return 0;
            }
            (size / self.step) as i64 + 1
        } else {
            NEAR + 1 + (size.to_bits() - self.far.to_bits()) as i64
        };
        if value < 0.0 { -key } else { key }
    }

    /// Returns the smallest and the greatest value of a bin.
    pub(in crate::telemetry) fn span(self, key: i64) -> (f64, f64) {
        if key == 0 {
            return (0.0, 0.0);
        }
        let (low, high) = (self.low(key.abs()).max(f64::from_bits(1)), self.low(key.abs() + 1).next_down());
        if key < 0 { (-high, -low) } else { (low, high) }
    }

    /// Returns the value that represents a bin: its only one, or its middle.
    pub(in crate::telemetry) fn centre(self, key: i64) -> f64 {
        let (low, high) = self.span(key);
        if low >= high {
            return if key < 0 { high } else { low };
        }
        let size = (key.abs() as f64 - 0.5) * self.step;
        if key < 0 { -size } else { size }
    }

    /// Returns the key that a bin of this grid has in a coarser one.
    #[inline]
    pub(in crate::telemetry) fn coarser(self, key: i64, to: Self) -> i64 {
        let size = key.abs();
        let key = key.signum();
        match size {
            0 => 0,
            ..=NEAR => key * (((size - 1) >> (to.level - self.level).min(63)) + 1),
            _ => key * to.key(self.low(size)),
        }
    }

    fn low(self, size: i64) -> f64 {
        if size <= NEAR {
            (size - 1) as f64 * self.step
        } else {
            f64::from_bits(self.far.to_bits() + (size - NEAR - 1) as u64)
        }
    }
}

/// Returns the binary logarithm of a size, rounded down.
pub(super) fn exponent(size: f64) -> i32 {
    let bits = size.abs().to_bits();
    match (bits >> MANTISSA_BITS) as i32 {
        0 => EXACT.max(EXACT + 63 - bits.leading_zeros() as i32),
        field => field - 1023,
    }
}

/// Returns the binary logarithm of a size, rounded up.
pub(in crate::telemetry) fn exponent_up(size: f64) -> i32 {
    let exponent = exponent(size);
    if power_of_two(exponent) == size.abs() { exponent } else { exponent + 1 }
}

/// Returns 2 to the `exponent`; infinity where that is beyond a double.
pub(in crate::telemetry) fn power_of_two(exponent: i32) -> f64 {
    match exponent + 1023 {
        field @ 1..=2046 => f64::from_bits((field as u64) << MANTISSA_BITS),
        2047.. => f64::INFINITY,
        _ => f64::from_bits(1 << (exponent - EXACT).max(0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn finite() -> impl Strategy<Value = f64> {
        prop_oneof![
            any::<f64>().prop_filter("finite", |value| value.is_finite()),
            -1e6..1e6f64,
            prop::sample::select(vec![0.0, 1.0, -1.0, 1e30, -9999.0, f64::MAX, f64::MIN_POSITIVE, 5e-324])
        ]
    }

    #[test]
    fn exponents_are_rounded_as_documented() {
        let check = |size: f64, down: i32, up: i32| {
            assert_eq!((exponent(size), exponent_up(size)), (down, up), "{size}");
        };
        check(1.0, 0, 0);
        check(-1.5, 0, 1);
        check(0.75, -1, 0);
        check(5e-324, -1074, -1074);
        check(1.5e-323, -1073, -1072);
        check(f64::MAX, 1023, 1024);
    }

    proptest! {
        #[test]
        fn a_bin_holds_its_values_and_lies_in_a_coarser_one(
            value in finite(), other in finite(), level in -1074i32..900, more in 0i32..100,
        ) {
            let (grid, coarse) = (Grid::new(level), Grid::new(level + more));
            let key = grid.key(value);
            let (low, high) = grid.span(key);
            prop_assert!(low <= value && value <= high, "{low} {high}");
            prop_assert_eq!((grid.key(low), grid.key(high), grid.key(grid.centre(key))), (key, key, key));
            prop_assert!(grid.key(high.next_up()) > key || high == f64::MAX);
            prop_assert!(value > other || key <= grid.key(other));
            prop_assert_eq!(grid.coarser(key, coarse), coarse.key(value));
            prop_assert_eq!(grid.key(-value), -key);
            prop_assert_eq!(Grid::new(EXACT).centre(Grid::new(EXACT).key(value)), value);
        }
    }
}
