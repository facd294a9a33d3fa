//! From usage back to the design record: margins, the evidence that is recorded of them, the findings that evidence opens,
//! what is decided on those, and cohorts compared.
//!
//! Pure: everything comes from a snapshot and what the twins' usage counted; nothing is written here.

mod about;
mod agenda;
mod answer;
mod arrived;
mod assess;
mod change_request;
mod cohort;
mod compare;
mod comparison;
mod constraint;
mod crossing;
mod decision;
mod demonstration;
mod effectiveness;
mod error;
mod evidence;
mod exposure;
mod filing;
mod finding;
mod judgement;
mod margin;
mod margin_change;
mod margins;
mod prediction;
mod reach;
mod review;
mod sufficiency;
mod windowed;

pub use agenda::Agenda;
pub use answer::{Answer, AnswerWindows, answers};
pub use arrived::{Arrived, arrived};
pub use assess::assess;
pub use change_request::{ChangeDecision, ChangeDraft, ChangeState, decide_change};
pub use cohort::{Cohort, Shortfall, Side, UnitStatistic};
pub use compare::{ComparisonQuestion, compare};
pub use comparison::{Compared, Comparison, ComparisonVerdict};
pub use constraint::{Constraint, Scope, Statistic};
pub use crossing::{Crossing, Crossings, Measure, Threshold};
pub use decision::{DecidedFinding, FindingDecision, Grounds, decide_finding, outcomes_behind};
pub use demonstration::Demonstration;
pub use effectiveness::{Effectiveness, Proposal, effectiveness};
pub use error::Error;
pub use evidence::{ALGORITHM, Evidence, FieldEvidence};
pub use exposure::{ExposedSite, ExposedUnit, ExposedUnits, Exposure};
pub use filing::{Filing, FilingOutcome, file};
pub use finding::{Breach, Finding, FindingState, Findings};
pub use margin::{Margin, Refusal, UnitMargin, Verdict};
pub use margin_change::{MarginChange, margin_changes};
pub use margins::{margins, margins_of_each, margins_of_requirement, margins_with};
pub use prediction::{Prediction, predictions};
pub use reach::ReviewReach;
pub use review::{Review, ReviewDecision, ReviewState};
pub use sufficiency::{Sufficiency, Unbounded};

#[cfg(test)]
mod tests;
