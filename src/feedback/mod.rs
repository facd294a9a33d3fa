//! From usage back to the design record: margins, the evidence that is recorded of them, the findings that evidence opens,
//! what is decided on those, the actions that they lead to, and cohorts compared.
//!
//! Pure: everything comes from a snapshot and what the twins' usage counted; nothing is written here.

mod action;
mod comparison;
mod error;
mod exposure;
mod line;
mod margin;
mod record;
mod residual;
mod review;
mod sufficiency;
mod trend;

pub use action::completion::{Completed, Completion, complete_action};
pub use action::policy::{Autonomy, Policy, PolicyWork, expired_actions, grant_policy, in_state};
pub use action::proposal::{ActionProposal, PROPOSED_MAX, Proposed, propose};
pub use action::state::{ActionMove, ActionState};
pub use action::step::{StepGrounds, move_actions};
pub use action::verification::{Verification, verified, verify_action};
pub use comparison::compare::{ComparisonQuestion, compare};
pub use comparison::demonstration::Demonstration;
pub use comparison::effectiveness::{Effectiveness, Proposal, effectiveness};
pub use comparison::lives::{
    ComparisonShortfall, LifeComparison, LifeComparisonQuestion, LifeVerdict, compare_lives,
};
pub use comparison::{Compared, Comparison, ComparisonVerdict};
pub use error::Error;
pub use exposure::{ExposedSite, ExposedUnit, ExposedUnits, Exposure};
pub use line::characteristic::{Characteristic, LineGroup, LineQuestion, Process, Subgroups, line_quality};
pub use line::contrast::{CharacteristicContrast, Contrast, ContrastQuestion, contrast};
pub use line::deviation::{Deviations, deviations};
pub use line::measured::{Measured, MeasuredValue};
pub use margin::cohort::{Cohort, Shortfall, Side, UnitStatistic};
pub use margin::constraint::{Constraint, LifeTerms, RecordedLimit, Scope, Statistic};
pub use margin::margin_change::{MarginChange, margin_changes};
pub use margin::margins::{margins, margins_of_each, margins_of_requirement, margins_with};
pub use margin::prediction::{Prediction, predictions};
pub use margin::{Margin, Refusal, UnitMargin, Verdict};
pub use record::arrived::{Arrived, arrived};
pub use record::assess::assess;
pub use record::change_request::{ChangeDecision, ChangeDraft, ChangeState, decide_change};
pub use record::data_finding::{DataFilings, decide_data_finding, file_data};
pub use record::decision::{DecidedFinding, FindingDecision, decide_finding, outcomes_behind};
pub use record::evidence::{ALGORITHM, Evidence, FieldEvidence};
pub use record::filing::{Filing, FilingOutcome, file};
pub use record::finding::{Breach, Finding, FindingState, Findings};
pub use record::grounds::Grounds;
pub use residual::model::{Model, ModelInput, Prediction as ModelPrediction};
pub use residual::{Figures, ResidualPoint, ResidualQuestion, Residuals, UnitResiduals, residuals};
pub use review::answer::{Answer, AnswerWindows, answers};
pub use review::crossing::{Crossing, CrossingDetector, Measure, Threshold};
pub use review::dependencies::ReviewDependencies;
pub use review::subject::ReviewSubject;
pub use review::{Review, ReviewDecision, ReviewState};
pub use sufficiency::{Sufficiency, Unbounded};
pub use trend::forecast::{ForecastOutcome, ForecastQuestion, ForecastRecord, Forecasts, forecasts};
pub use trend::remaining::{RemainingLives, RemainingQuestion, UnitRemaining, remaining_lives};
pub use trend::score::ForecastScore;
pub use trend::{TrendOutcome, TrendQuestion, TrendShortfall, Trends, UnitTrend, trends};

#[cfg(test)]
mod tests;
