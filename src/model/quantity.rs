//! Numbers with units: how a number in one unit becomes a number in another.

/// A linear conversion `value × scale + offset`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conversion {
    /// What the value is multiplied by.
    pub scale: f64,
    /// What is added afterwards, in the target unit.
    pub offset: f64,
}

impl Conversion {
    /// Leaves every value as it is.
    pub const IDENTITY: Self = Self { scale: 1.0, offset: 0.0 };

    /// Converts a value.
    pub fn apply(self, value: f64) -> f64 {
        // The identity must give the very same bits back.
        if self == Self::IDENTITY { value } else { value.mul_add(self.scale, self.offset) }
    }

    /// Returns the conversion back.
    #[must_use]
    pub fn inverse(self) -> Self {
        Self { scale: 1.0 / self.scale, offset: -self.offset / self.scale }
    }
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
