//! From every lower error to what a caller may know: a stable code, a message, and details. The only place where codes are made
//! and causes are hidden; a cause that is ours goes to the log, not to the caller.

use crate::model::statement::Statement;
use crate::model::sync::cancellation::Cancelled;
use crate::model::time::{instant, interval, period};
use crate::ontology::{self, Violation};
use crate::statistics::difference;
use crate::{app, feedback, graph, telemetry, twins};
use oxigraph::model::Term;
use serde_json::{Map, Value as Json, json};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Whose fault it is and what the caller can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The request contains an invalid value.
    BadInput,
    /// What the request names does not exist.
    NotFound,
    /// Nobody in particular sends the request.
    Unauthenticated,
    /// Who sends the request may not do so.
    Forbidden,
    /// Someone else has changed the same thing.
    Conflict,
    /// The data would break the ontology's shapes or rules.
    ShapeViolation,
    /// No document is known by the hash that the request names: send it with its hash.
    PersistedQueryNotFound,
    /// The request asks for more than is answered at once.
    LimitExceeded,
    /// The answer took too long.
    Timeout,
    /// The service cannot answer now; later it may.
    Unavailable,
    /// What was stored is damaged or missing: an operator has to act, and all else is answered.
    Damaged,
    /// The service failed.
    Internal,
}

impl Code {
    /// Returns the code as it is written in an answer.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadInput => "BAD_INPUT",
            Self::NotFound => "NOT_FOUND",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::Conflict => "CONFLICT",
            Self::ShapeViolation => "SHAPE_VIOLATION",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::Timeout => "TIMEOUT",
            Self::Unavailable => "UNAVAILABLE",
            Self::Damaged => "DAMAGED",
            Self::Internal => "INTERNAL",
        }
    }
}

/// An error lists so many violations or conflicts, and states how many there are.
const LISTED_MAX: usize = 1000;

/// The error that a caller receives.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Error {
    pub(crate) code: Code,
    pub(crate) message: String,
    /// What is beside the code in `extensions`.
    pub(crate) details: Map<String, Json>,
    /// What an error of a mutation is about, where that is more than a message.
    pub(crate) cause: Option<Arc<Cause>>,
}

/// What an error is about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cause {
    /// The branch says something else, or has moved.
    Conflict(graph::Divergence),
    /// The shapes and rules that would be broken.
    Violations(Vec<Violation>),
    /// What commits made elsewhere have that the thread's own have not.
    Faults(Vec<graph::Fault>),
    /// The statements that link to what should go.
    Linked(Vec<Statement>),
    /// The commit that was made under the idempotency key; `None`: a request that made none.
    KeyUsed(Option<Box<graph::Commit>>),
}

impl Error {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: Map::new(), cause: None }
    }

    pub(crate) fn bad_input(message: impl fmt::Display) -> Self {
        Self::new(Code::BadInput, message.to_string())
    }

    pub(crate) fn not_found(message: impl fmt::Display) -> Self {
        Self::new(Code::NotFound, message.to_string())
    }

    pub(crate) fn limit(message: impl fmt::Display) -> Self {
        Self::new(Code::LimitExceeded, message.to_string())
    }

    /// Refuses an answer that takes more bytes than one may.
    pub(crate) fn too_large(bytes_max: usize) -> Self {
        let megabytes = bytes_max as f64 / 1e6;
        Self::limit(format!(
            "the answer is larger than {megabytes} MB: ask for smaller pages, fewer samples or fewer fields, or raise answerMegabytes under [server] in throughline.toml"
        ))
        .with("cost", json!({ "bytesMax": bytes_max }))
    }

    pub(crate) fn timeout() -> Self {
        Cancelled::Late.into()
    }

    /// Logs the cause and reports to the caller only that the fault is internal.
    pub(crate) fn internal(cause: &dyn std::error::Error) -> Self {
        tracing::error!(cause = %chain(cause), "a request failed");
        Self::new(Code::Internal, "the service failed; the cause is in its log")
    }

    /// Logs where the damage is, and names the file to the caller, but not its folder, and who can do something about it.
    fn damaged(error: &telemetry::Error, path: &Path, reason: &str) -> Self {
        tracing::error!(cause = %chain(error), "a request failed");
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        Self::new(
            Code::Damaged,
            format!(
                "{file} of the stored samples cannot be read ({reason}), so this cannot be answered; all that does not need it is. The operator puts it back from a \
                 backup, or runs throughline fsck, which shows what else can be done"
            ),
        )
        .with("file", Json::from(file))
    }

    /// Reports that an assumption of the program is violated.
    pub(crate) fn broken(what: &str) -> Self {
        tracing::error!(what, "a request failed");
        Self::new(Code::Internal, "the service failed; the cause is in its log")
    }

    pub(in crate::graphql) fn with(mut self, name: &str, value: Json) -> Self {
        self.details.insert(name.to_owned(), value);
        self
    }

    fn about(mut self, cause: Cause) -> Self {
        self.cause = Some(Arc::new(cause));
        self
    }

    /// Returns the `extensions` of the error.
    pub(crate) fn extensions(&self) -> Json {
        let mut extensions = Map::new();
        extensions.insert("code".to_owned(), Json::from(self.code.as_str()));
        extensions.extend(self.details.clone());
        Json::Object(extensions)
    }
}

impl app::OfKey for Error {
    fn commit_of_key(&self) -> Option<&graph::Commit> {
        match self.cause.as_deref() {
            Some(Cause::KeyUsed(commit)) => commit.as_deref(),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Writes an error with all that caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

impl From<Cancelled> for Error {
    fn from(cancelled: Cancelled) -> Self {
        let code = match cancelled {
            Cancelled::Late | Cancelled::Abandoned => Code::Timeout,
            Cancelled::Crowded => Code::Unavailable,
        };
        Self::new(code, cancelled.to_string())
    }
}

/// Returns why a read was given up, also one of a validation.
fn cancelled(error: &graph::Error) -> Option<Cancelled> {
    match error {
        graph::Error::Index(graph::IndexError::Cancelled(why)) => Some(*why),
        graph::Error::Ontology(ontology::Error::Data(source)) => {
            source.downcast_ref::<graph::Error>().and_then(cancelled)
        }
        _ => None,
    }
}

impl From<graph::Error> for Error {
    fn from(error: graph::Error) -> Self {
        use graph::Error as Graph;
        if let Some(cancelled) = cancelled(&error) {
            return cancelled.into();
        }
        match error {
            Graph::UnknownVersion(_)
            | Graph::BeforeFirst { .. }
            | Graph::UnknownBranch(_)
            | Graph::UnknownRef(_)
            | Graph::UnknownResource(_) => Self::not_found(error),
            Graph::AmbiguousVersion(_)
            | Graph::OnlySupposed(_)
            | Graph::NoBase(_)
            | Graph::InvalidName(_)
            | Graph::Message(_)
            | Graph::NotAnIri(..)
            | Graph::DotSegments(_)
            | Graph::OntologyFile(..)
            | Graph::VendorBranch(_)
            | Graph::RecordedAt { .. }
            | Graph::NoRecordingDate(_)
            | Graph::Stays(..)
            | Graph::Unadoptable { .. }
            | Graph::IdempotencyKey(_)
            | Graph::OutsideDocument { .. }
            | Graph::Resolution(..)
            | Graph::NotBehind { .. }
            | Graph::FirstCommit
            | Graph::Cursor(_)
            | Graph::Query(_) => Self::bad_input(error),
            Graph::KeyOfName { .. } => {
                Self::new(Code::BadInput, error.to_string()).about(Cause::KeyUsed(None))
            }
            Graph::KeyReused { ref commit, .. } | Graph::KeyElsewhere { ref commit, .. } => {
                let refused = Self::new(Code::BadInput, error.to_string());
                let refused = refused.with("commit", Json::from(commit.id.to_string()));
                refused.about(Cause::KeyUsed(Some(commit.clone())))
            }
            Graph::Violations(ref found) => {
                let violations = found.iter().take(LISTED_MAX).map(violation).collect();
                let refused = Self::new(Code::ShapeViolation, error.to_string());
                let refused = refused.with("violations", violations);
                refused
                    .with("violationCount", Json::from(found.len()))
                    .about(Cause::Violations(found.clone()))
            }
            Graph::Faults(ref found) => {
                let faults = found.iter().take(100).map(fault).collect();
                let refused = Self::new(Code::BadInput, error.to_string()).with("faults", faults);
                refused.about(Cause::Faults(found.clone()))
            }
            Graph::Linked { ref inbound, .. } => {
                let links = inbound.iter().take(100).map(link).collect();
                let refused = Self::new(Code::ShapeViolation, error.to_string());
                refused.with("inbound", links).about(Cause::Linked(inbound.clone()))
            }
            Graph::Conflict(ref divergence) => Self::new(Code::Conflict, error.to_string())
                .with("expectedHead", Json::from(divergence.expected.to_string()))
                .with("head", Json::from(divergence.head.to_string()))
                .with("conflicts", divergence.conflicts.iter().take(LISTED_MAX).map(conflict).collect())
                .with("conflictCount", Json::from(divergence.conflicts.len()))
                .about(Cause::Conflict((**divergence).clone())),
            Graph::Unrelated { .. } | Graph::Exists { .. } => Self::new(Code::Conflict, error.to_string()),
            Graph::Untagged { commit, .. } => {
                let error = Self::new(Code::Unavailable, error.to_string());
                error.with("commit", Json::from(commit.to_string())).with("outcome", Json::from("COMMITTED"))
            }
            Graph::Stopped
            | Graph::Busy
            | Graph::NotWritten(_)
            | Graph::Unsynced(_)
            | Graph::IndexDisagrees { .. }
            | Graph::Clock { .. }
            | Graph::LostFolder(_)
            | Graph::Unreadable { .. }
            | Graph::ReadOnly(_) => Self::new(Code::Unavailable, error.to_string()),
            // It states that nothing was committed, which whoever made the change must know.
            Graph::Panicked(_) => {
                Self::new(Code::Internal, error.to_string()).with("outcome", Json::from("NOT_COMMITTED"))
            }
            _ => Self::internal(&error),
        }
    }
}

fn violation(violation: &Violation) -> Json {
    json!({
        "resource": violation.resource.as_str(),
        "path": violation.path,
        "value": violation.value.as_ref().map(plain),
        "message": violation.message,
        "rule": violation.rule,
    })
}

fn fault(fault: &graph::Fault) -> Json {
    json!({ "commit": fault.commit.to_string(), "file": fault.file, "reason": fault.reason })
}

fn link(statement: &Statement) -> Json {
    json!({ "from": statement.subject.as_str(), "property": statement.predicate.as_str(), "to": plain(&statement.object) })
}

fn conflict(conflict: &graph::Conflict) -> Json {
    let list = |terms: &[Term]| terms.iter().map(plain).collect::<Vec<_>>();
    json!({
        "resource": conflict.subject.as_str(),
        "property": conflict.predicate.as_ref().map(|predicate| predicate.as_str()),
        "kind": conflict.kind.as_str(),
        "base": list(&conflict.base),
        "ours": list(&conflict.ours),
        "theirs": list(&conflict.theirs),
        "links": conflict.links.iter().take(100).map(link).collect::<Vec<_>>(),
    })
}

/// Returns an IRI or a literal's lexical form.
pub(crate) fn plain(term: &Term) -> String {
    match term {
        Term::NamedNode(iri) => iri.as_str().to_owned(),
        Term::Literal(literal) => literal.value().to_owned(),
        other => other.to_string(),
    }
}

impl From<telemetry::Error> for Error {
    fn from(error: telemetry::Error) -> Self {
        use telemetry::Error as Telemetry;
        match error {
            Telemetry::ForeignWatermark(_)
            | Telemetry::UnreachedWatermark { .. }
            | Telemetry::CompactedWatermark { .. }
            | Telemetry::LostWatermark { .. }
            | Telemetry::UnknownArrival { .. }
            | Telemetry::DisputedArrival { .. }
            | Telemetry::NotPinned { .. }
            | Telemetry::NoPin(_)
            | Telemetry::Expired { .. } => Self::not_found(error),
            Telemetry::Cancelled(cancelled) => cancelled.into(),
            Telemetry::Stopped { .. }
            | Telemetry::Moved(_)
            | Telemetry::NotStored { .. }
            | Telemetry::MaybeStored { .. }
            | Telemetry::PartlyStored { .. } => Self::new(Code::Unavailable, error.to_string()),
            Telemetry::Precision(_) | Telemetry::TooManyStates { .. } | Telemetry::NotPast { .. } => {
                Self::bad_input(error)
            }
            Telemetry::Damaged { ref path, ref reason } => Self::damaged(&error, path, reason),
            Telemetry::Missing(ref path) => Self::damaged(&error, path, "it is missing"),
            _ => Self::internal(&error),
        }
    }
}

impl From<app::Error> for Error {
    fn from(error: app::Error) -> Self {
        match error {
            app::Error::Graph(error) => error.into(),
            app::Error::Telemetry(error) => error.into(),
            app::Error::Forbidden(error) => Self::new(Code::Forbidden, error.to_string()),
            app::Error::Access(app::access::Error::Cancelled(cancelled)) => cancelled.into(),
            app::Error::Access(error) => {
                tracing::error!(%error, "a request was refused, as the files of access cannot be used");
                Self::new(
                    Code::Unavailable,
                    "the audit log cannot be written: nothing is changed until it can",
                )
            }
            app::Error::PartlyStored { source, .. } => (*source).into(),
            error @ app::Error::Watermark(_) => Self::bad_input(error),
            error @ (app::Error::Rdf(_)
            | app::Error::Table(_)
            | app::Error::Samples(_)
            | app::Error::Foreign(_)
            | app::Error::Export(_)) => Self::bad_input(error),
            app::Error::Feedback(error) => error.into(),
            app::Error::NoTarget(_)
            | app::Error::NoDeadLetter { .. }
            | app::Error::NoEvidence(_)
            | app::Error::NoMonitor(_)
            | app::Error::NoJob(_)
            | app::Error::NoCopy(_)
            | app::Error::NoResource { .. }
            | app::Error::NeverChanged { .. } => Self::not_found(error),
            app::Error::JobIsOver(_) | app::Error::JobRuns(_) => Self::new(Code::Conflict, error.to_string()),
            app::Error::JobsFull(_)
            | app::Error::Jobs { .. }
            | app::Error::Outbox { .. }
            | app::Error::Brokers { .. } => Self::new(Code::Unavailable, error.to_string()),
            app::Error::Settings { .. } | app::Error::NoTelemetry { .. } | app::Error::Backup { .. } => {
                Self::internal(&error)
            }
            app::Error::Window(error) => error.into(),
            app::Error::ImportTooLarge { .. } => Self::limit(error),
            app::Error::ResolutionValue(_) | app::Error::RenamedSource { .. } => Self::bad_input(error),
            app::Error::Decision(_)
            | app::Error::Layout(_)
            | app::Error::Unsearchable(_)
            | app::Error::NoRdfFile(_)
            | app::Error::SeveralResources { .. } => Self::bad_input(error),
            app::Error::NoLink(_) | app::Error::NotSuspect(_) | app::Error::Nobody(_) => {
                Self::bad_input(error)
            }
            app::Error::EmptyReview | app::Error::NotSatisfied(_) | app::Error::ReviewWatermark { .. } => {
                Self::bad_input(error)
            }
            app::Error::NotADesign(_) | app::Error::NotAReview(_) => Self::not_found(error),
            app::Error::Signed { .. } | app::Error::ChangedSince(..) => {
                Self::new(Code::Conflict, error.to_string())
            }
        }
    }
}

impl From<twins::Error> for Error {
    fn from(error: twins::Error) -> Self {
        use twins::Error as Twins;
        match error {
            Twins::NotFielded(_) | Twins::NotATwin(_) | Twins::NotAnEvent(_) | Twins::NotAProperty(_) => {
                Self::not_found(error)
            }
            Twins::LivesByMonth
            | Twins::Nesting(..)
            | Twins::Circular { .. }
            | Twins::TooGreat { .. }
            | Twins::Unit { .. }
            | Twins::Kind { .. } => Self::bad_input(error),
            Twins::TooMany { .. } | Twins::TooManySamples { .. } => Self::limit(error),
            Twins::Units(error) => error.into(),
            Twins::Period(error) => error.into(),
            Twins::Graph(error) => error.into(),
            Twins::Telemetry(error) => error.into(),
        }
    }
}

impl From<feedback::Error> for Error {
    fn from(error: feedback::Error) -> Self {
        use feedback::Error as Feedback;
        match error {
            Feedback::NotARequirement(_) | Feedback::NoConstraint { .. } => Self::not_found(error),
            Feedback::NotA(..) => Self::not_found(error),
            Feedback::Windowed(_)
            | Feedback::NoReason
            | Feedback::Nobody(_)
            | Feedback::Bound(_)
            | Feedback::OfLives(_)
            | Feedback::TwoLimits(_)
            | Feedback::SameCohort(_) => Self::bad_input(error),
            Feedback::Interval(difference::Error::TooManyDraws { .. }) | Feedback::TooManyLines { .. } => {
                Self::limit(error)
            }
            Feedback::NoTargets | Feedback::Completion { .. } => Self::bad_input(error),
            Feedback::TooManyActions { .. } => Self::limit(error),
            Feedback::ActionMove { .. } | Feedback::Unverified { .. } => {
                Self::new(Code::Conflict, error.to_string())
            }
            Feedback::Interval(_) => Self::bad_input(error),
            Feedback::Decided { .. } | Feedback::Transition { .. } => {
                Self::new(Code::Conflict, error.to_string())
            }
            Feedback::OtherVersion { .. } | Feedback::NotChecked(_) => Self::internal(&error),
            Feedback::Twins(error) => error.into(),
            Feedback::Units(error) => error.into(),
            Feedback::Telemetry(error) => error.into(),
            Feedback::Graph(error) => error.into(),
        }
    }
}

impl From<ontology::units::Error> for Error {
    fn from(error: ontology::units::Error) -> Self {
        Self::bad_input(error)
    }
}

impl From<instant::Error> for Error {
    fn from(error: instant::Error) -> Self {
        Self::bad_input(error)
    }
}

impl From<interval::Empty> for Error {
    fn from(error: interval::Empty) -> Self {
        Self::bad_input(error)
    }
}

impl From<period::Error> for Error {
    fn from(error: period::Error) -> Self {
        match error {
            period::Error::TooMany { .. } => Self::limit(error),
            _ => Self::bad_input(error),
        }
    }
}

/// Describes why `what` cannot be read as JSON, with the place.
pub fn json_fault(error: &serde_json::Error, what: &str) -> String {
    let (line, column, text) = (error.line(), error.column(), error.to_string());
    match text.split(" at line ").next().unwrap_or_default() {
        // The parser stops where it would need too much of its stack.
        "recursion limit exceeded" => format!(
            "{what} is nested too deeply: at line {line}, column {column} more than 127 lists and objects are inside each other"
        ),
        reason => format!("{what} is not JSON: line {line}, column {column}: {reason}"),
    }
}
