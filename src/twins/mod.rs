//! The join: which unit carried what when, which series observed it there, and how it behaved.
//!
//! The only place where versions and telemetry meet. Everything is computed from one [`crate::graph::Snapshot`] and one
//! [`crate::telemetry::View`]; nothing is stored.

mod binding;
mod configuration;
mod error;
mod facts;
mod life;
mod usage;

pub use binding::health::{DataFault, HealthBounds, Unhealthy, unhealthy};
pub use binding::observation::{Observation, observations};
pub use binding::readings::{
    Channel, Reading, Rollup, Trace, arrived, channels, channels_of_each, latest_of_each, names_of, rollups,
    signals, traces, twin_named,
};
pub use binding::unbound_series::{UnboundSeries, unbound_among, unbound_series};
pub use configuration::circumstances::{
    Age, Circumstances, Parent, SiblingFailure, Siblings, circumstances, siblings,
};
pub use configuration::configuration;
pub use configuration::containment::{Carried, Carrier, Containment, When, containment};
pub use configuration::population::{
    Certainty, Membership, Population, population, population_among, senders,
};
pub use configuration::series_context::{Context, ContextFaults, SeriesContexts, series_contexts};
pub use configuration::undeclared::{UndeclaredPosition, undeclared_positions};
pub use error::Error;
pub use facts::account::{Account, Reason, Unbound};
pub use facts::failure::EventsOf;
pub use facts::signal::Signal;
pub use life::age::LifeClock;
pub use life::clock::Clock;
pub use life::design_spectrum::SpectrumKind;
pub use life::duty::{Duty, DutyQuestion, SiteDuty, UnitDuty, duty};
pub use life::failure_rate::{
    Counted, CountedFailure, FailureGroup, FailureQuestion, FailureRate, Failures, failure_rate,
};
pub use life::life_data::{LifeAccount, LifeData, LifeQuestion, LifeStay, Repair, life_data};
pub use life::lifetime::{
    FAILURES_MIN, LifeEstimate, LifeForecast, LifeModel, LifeShortfall, Lifetime, LifetimeQuestion,
    SiteForecast, lifetime,
};
pub use life::observed::{CounterAge, Observed, counter_ages_of_each, observed};
pub use usage::answer::{answer_all, answer_each, answer_some};
pub use usage::change::Changes;
pub use usage::check::{comparator, conditions, transform};
pub use usage::portion::{Portion, UnitUsage};
pub use usage::question::{Check, Condition, GroupBy, Question, TwinFilter, Weight};
pub use usage::{Bucket, Group, Usage, usage};

#[cfg(test)]
pub(crate) mod tests;
