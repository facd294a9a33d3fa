//! From usage back to the design record: margins, and the evidence that is recorded of them.
//!
//! Pure: everything comes from a snapshot and what the twins' usage counted; nothing is written here.

mod assess;
mod constraint;
mod error;
mod evidence;
mod judgement;
mod margin;
mod margins;
mod prediction;
mod sufficiency;
mod windowed;

pub use assess::assess;
pub use constraint::{Constraint, Scope, Statistic};
pub use error::Error;
pub use evidence::{ALGORITHM, Evidence, FieldEvidence};
pub use margin::{Margin, Refusal, UnitMargin, Verdict};
pub use margins::{margins, margins_with};
pub use prediction::{Prediction, predictions};
pub use sufficiency::Sufficiency;

#[cfg(test)]
mod tests;
