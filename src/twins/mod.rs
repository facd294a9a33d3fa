//! The join: which unit carried what when, which series observed it there, and how it behaved.
//!
//! The only place where versions and telemetry meet. Everything is computed from one [`crate::graph::Snapshot`] and one
//! [`crate::telemetry::View`]; nothing is stored.

mod account;
mod answer;
mod binding;
mod candidate;
mod change;
mod check;
mod circumstances;
mod clock;
mod configuration;
mod containment;
mod error;
mod facts;
mod failure;
mod failure_rate;
mod installation;
mod layout;
mod member;
mod observation;
mod observed;
mod population;
mod portion;
mod question;
mod readings;
mod revision;
mod service;
mod signal;
mod spans;
mod survey;
mod unbound_series;
mod undeclared;
mod usage;

pub use account::{Account, Reason, Unbound};
pub use change::Changes;
pub use check::{comparator, conditions, transform};
pub use circumstances::{Age, Circumstances, Parent, SiblingFailure, Siblings, circumstances, siblings};
pub use clock::Clock;
pub use configuration::configuration;
pub use containment::{Carried, Carrier, Containment, When, containment};
pub use error::Error;
pub use failure::EventsOf;
pub use failure_rate::{
    Counted, CountedFailure, FailureGroup, FailureQuestion, FailureRate, Failures, failure_rate,
};
pub use observation::{Observation, observations};
pub use observed::{CounterAge, Observed, counter_ages_of_each, observed};
pub use population::{Certainty, Membership, Population, population, population_among, senders};
pub use portion::{Portion, UnitUsage};
pub use question::{Check, Condition, GroupBy, Question, TwinFilter, Weight};
pub use readings::{
    Channel, Reading, Rollup, Trace, arrived, channels, channels_of_each, latest_of_each, names_of, rollups,
    signals, traces, twin_named,
};
pub use signal::Signal;
pub use survey::{answer_all, answer_each, answer_some};
pub use unbound_series::{UnboundSeries, unbound_among, unbound_series};
pub use undeclared::{UndeclaredPosition, undeclared_positions};
pub use usage::{Bucket, Group, Usage, usage};

#[cfg(test)]
pub(crate) mod tests;
