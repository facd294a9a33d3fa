//! Numbers: exact decimals and ratios, how they are written, and quantities with units.

pub mod decimal;
pub mod numeral;
pub mod quantity;
pub mod rank;
pub mod ratio;
