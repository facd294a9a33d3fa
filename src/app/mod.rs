//! Each use case once. [`App`] is the only owner of a repository and a telemetry store together, and the only writer.
//!
//! Everything here is synchronous, but for the clients of other services in `message`. Nothing here knows GraphQL, HTTP or the command line.

pub mod access;
mod application;
mod error;
mod jobs;
mod message;
mod outbox;
mod read;
pub mod report;
mod scope;
mod session;
mod settings;
mod write;

pub use application::{App, REVIEW};
pub use error::Error;
pub use jobs::backup::{BackedUp, Restored, Step, restore};
pub use jobs::health::DataRun;
pub use jobs::job::{Job, JobKind, JobOrder, JobProgress, JobState};
pub use jobs::monitor::{Monitor, MonitorRun, Monitors, Schedule, Watched};
pub use jobs::policies::{PolicyOutcome, PolicyRun, PolicySchedule};
pub use jobs::queue::{JobDraft, JobEnd, Jobs};
pub use jobs::upkeep::Upkeep;
pub(crate) use message::http;
pub use message::mqtt::status::{BrokerStatus, LinkState, RefusedTopic};
pub use message::mqtt::units::SparkplugUnit;
pub use message::tls::encrypt;
pub use outbox::deliver::{Deliverer, Deliveries};
pub use outbox::target_state::DeadLetter;
pub use outbox::targets::{TargetCounts, TargetStatus};
pub use read::export::{SamplePlace, SamplesAsked, SamplesPage};
pub use read::exposure::Exposed;
pub use read::foreign::{ForeignFormat, ForeignRequest};
pub use read::influxql::{Answered, Failure as InfluxFailure};
pub use read::oslc::pull::{NotPulled, PullRequest, Pulled, pull};
pub use read::oslc::refusal::OslcRefusal;
pub use read::oslc::resource::{OslcResource, Outward};
pub use read::oslc::search::{OslcPage, OslcQuery};
pub use read::oslc::selection::Describer;
pub use read::oslc::tracked::TrackedPage;
pub use read::telemetry::telemetry_to_read;
pub use scope::Scope;
pub use session::{
    Figures, HeaderOf, HookError, HookMessage, HookOutcome, JobCopy, OfKey, Session, Subscriber,
};
pub use settings::health::HealthSettings;
pub use settings::keys::{KEYS, SettingKey, reference as settings_reference};
pub use settings::log::{LogFormat, LogLevel, LogSettings};
pub use settings::policies::PolicySettings;
pub use settings::server::{RateSettings, ServerSettings, TlsSettings};
pub use settings::sources::effective::{Effective, Origin};
pub use settings::sources::further::FurtherThread;
pub use settings::sources::{Loaded, Sources};
pub use settings::threads::{Mount, ThreadName};
pub use settings::{MaintenanceSettings, Settings, migrate_settings};
pub use write::act::ActionRequest;
pub use write::clear::ClearRequest;
pub use write::decide::DecisionRequest;
pub use write::deviation::{DeviationRequest, RecordedDeviations};
pub use write::evidence::{EvidenceRequest, Recorded};
pub use write::forecast::{ForecastRequest, RecordedForecasts};
pub use write::import::{ImportOptions, ReadReport, SourceFile, SourceFormat, SourceStatements};
pub use write::ingest::{Ingested, TableRequest, Wanted};
pub use write::layout::{LayoutRequest, StatedDialect};
pub use write::oslc::{OslcDocument, OslcExpected};
pub use write::resolution::{Choice, Decision, resolution};
pub use write::review::{OpenRequest, Opened, SignRequest};

#[cfg(test)]
mod tests;
