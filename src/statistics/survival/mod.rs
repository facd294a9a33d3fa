//! How long items live: estimators for lives that begin before they are watched and end after, or between two looks.
//!
//! Every estimator takes the same [`Lives`]: rows of a counting process, each watched from an age to an age. So an item that was
//! watched in two stretches is two rows, and the likelihood is that of the whole.

pub mod family;
pub mod fit;
pub mod forecast;
pub mod goodness;
pub mod kaplan_meier;
pub mod limits;
pub mod lives;
pub mod log_rank;
pub mod three;
pub mod turnbull;
pub mod weibayes;

mod likelihood;
#[cfg(test)]
mod tests;

pub use family::Family;
pub use fit::Fit;
pub use lives::{End, Error, Lives, Observation};
