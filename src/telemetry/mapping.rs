//! From the unit of a series to the unit of an answer: a linear conversion, then perhaps dropping the sign.
//!
//! What a tally of raw values says of the mapped values is used wherever it is exact: sums, extremes, first
//! and last under every linear conversion; quantiles where the conversion only scales, since a relative
//! error survives that. Quantiles under an offset, and everything where the sign is dropped after an offset, need the
//! samples. Which of the two ways is taken depends on the mapping alone, never on what happens to be cached.

use crate::model::quantity::{Conversion, Transform};

/// A converted value that is smaller than this share of the offset is converted exactly.
const NOUGHT: f64 = 1e-9;

/// A conversion and what is done to the converted value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Mapping {
    pub(super) conversion: Conversion,
    pub(super) transform: Transform,
}

impl Mapping {
    /// Maps one value, rounding once.
    pub(super) fn apply(self, value: f64) -> f64 {
        self.transformed(self.conversion.apply(value))
    }

    fn transformed(self, converted: f64) -> f64 {
        match self.transform {
            Transform::None => converted,
            Transform::Abs => converted.abs(),
        }
    }

    /// Tells whether nothing but the sign can change.
    pub(super) fn keeps_unit(self) -> bool {
        self.conversion.is_identity()
    }

    /// Tells whether the conversion only scales.
    pub(super) fn only_scales(self) -> bool {
        self.conversion.offset == 0.0
    }

    /// Tells whether tallies must be made of mapped values instead of raw ones.
    pub(super) fn tallies_mapped(self) -> bool {
        self.transform == Transform::Abs && !self.only_scales()
    }

    /// Returns what of a raw value goes into the tally.
    #[inline]
    pub(super) fn tallied(self, value: f64) -> f64 {
        if self.tallies_mapped() { self.apply(value) } else { value }
    }

    /// Returns what of a raw value goes into the tally's sketch, right to the last digits.
    #[inline]
    pub(super) fn sketched(self, value: f64) -> f64 {
        if self.only_scales() {
            return value;
        }
        let converted = self.conversion.approximate(value);
        // Where scale and offset cancel, nought must come out as nought.
        if converted.abs() < NOUGHT * self.conversion.offset.abs() {
            return self.apply(value);
        }
        self.transformed(converted)
    }

    /// Returns what is still to be done to a tally made this way.
    pub(super) fn of_tally(self) -> Self {
        if self.tallies_mapped() {
            Self { conversion: Conversion::IDENTITY, transform: Transform::None }
        } else {
            self
        }
    }

    /// Tells whether rollups of raw values can serve; `quantiles` says whether the sketch matters.
    pub(super) fn serves_rollups(self, quantiles: bool) -> bool {
        self.only_scales() || (self.transform == Transform::None && !quantiles)
    }
}
