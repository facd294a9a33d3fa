//! From usage back to the design record: margins, the evidence that is recorded of them, and cohorts compared.
//!
//! Pure: everything comes from a snapshot and what the twins' usage counted; nothing is written here.

mod assess;
mod bootstrap;
mod cohort;
mod compare;
mod comparison;
mod constraint;
mod effect;
mod effectiveness;
mod error;
mod evidence;
mod judgement;
mod margin;
mod margins;
mod normal;
mod prediction;
mod sufficiency;
mod windowed;

pub use assess::assess;
pub use bootstrap::{ConfidenceInterval, Resampling};
pub use cohort::{Cohort, Shortfall, Side, UnitStatistic};
pub use compare::{ComparisonQuestion, compare};
pub use comparison::{Compared, Comparison, ComparisonVerdict};
pub use constraint::{Constraint, Scope, Statistic};
pub use effectiveness::{Effectiveness, Proposal, effectiveness};
pub use error::Error;
pub use evidence::{ALGORITHM, Evidence, FieldEvidence};
pub use margin::{Margin, Refusal, UnitMargin, Verdict};
pub use margins::{margins, margins_with};
pub use prediction::{Prediction, predictions};
pub use sufficiency::Sufficiency;

#[cfg(test)]
mod tests;
