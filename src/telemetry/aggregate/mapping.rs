//! From the unit of a series to the unit of an answer: a linear conversion, then perhaps dropping the sign.
//!
//! A tally of raw values serves for the mapped values wherever it is exact: sums, extremes, first
//! and last under every linear conversion. Where the sign is dropped after an offset they need the samples. Where values lie is
//! always computed from raw ones. Which of the ways is taken depends on the mapping alone, never on what happens to be cached.

use crate::model::number::quantity::{Conversion, Transform};

/// A converted value that is smaller than this share of the offset is converted exactly.
const NOUGHT: f64 = 1e-9;

/// A conversion and what is done to the converted value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::telemetry) struct Mapping {
    pub(in crate::telemetry) conversion: Conversion,
    pub(in crate::telemetry) transform: Transform,
}

impl Mapping {
    /// Maps one value, rounding once.
    pub(in crate::telemetry) fn apply(self, value: f64) -> f64 {
        self.transformed(self.conversion.apply(value))
    }

    fn transformed(self, converted: f64) -> f64 {
        match self.transform {
            Transform::None => converted,
            Transform::Abs => converted.abs(),
        }
    }

    /// Returns a key that puts mappings in an order.
    pub(in crate::telemetry) fn order(self) -> (u64, u64, u8) {
        let Conversion { scale, offset, .. } = self.conversion;
        (scale.to_bits(), offset.to_bits(), self.transform as u8)
    }

    /// Returns whether nothing but the sign can change.
    pub(in crate::telemetry) fn keeps_unit(self) -> bool {
        self.conversion.is_identity()
    }

    /// Returns whether the conversion only scales.
    pub(super) fn only_scales(self) -> bool {
        self.conversion.offset == 0.0
    }

    /// Returns whether tallies must be made of mapped values instead of raw ones.
    pub(super) fn tallies_mapped(self) -> bool {
        self.transform == Transform::Abs && !self.only_scales()
    }

    /// Returns what of a raw value goes into the tally.
    #[inline]
    pub(in crate::telemetry) fn tallied(self, value: f64) -> f64 {
        if self.tallies_mapped() { self.apply(value) } else { value }
    }

    /// Maps one value, right to the last digits.
    pub(in crate::telemetry) fn approximate(self, value: f64) -> f64 {
        let converted = self.conversion.approximate(value);
        // Where scale and offset cancel, zero must come out as zero.
        if converted.abs() < NOUGHT * self.conversion.offset.abs() {
            return self.apply(value);
        }
        self.transformed(converted)
    }

    /// Returns what is still to be done to a tally made this way.
    pub(in crate::telemetry) fn of_tally(self) -> Self {
        if self.tallies_mapped() {
            Self { conversion: Conversion::IDENTITY, transform: Transform::None }
        } else {
            self
        }
    }

    /// Returns whether rollups of raw values can serve.
    pub(in crate::telemetry) fn serves_rollups(self) -> bool {
        !self.tallies_mapped()
    }
}
