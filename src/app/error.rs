//! Why a use case fails.

use super::access;
use crate::exchange::{self, rdf, samples, table};

use crate::graph::{self, CommitId};
use crate::model::statement::Statement;
use crate::model::time::interval;
use crate::{feedback, telemetry};
use oxigraph::model::{NamedNode, Term};
use std::path::PathBuf;

/// Why a use case fails; the source has the details.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The graph refuses or fails.
    #[error(transparent)]
    Graph(#[from] graph::Error),
    /// The telemetry store refuses or fails.
    #[error(transparent)]
    Telemetry(#[from] telemetry::Error),
    /// The principal may not do it.
    #[error(transparent)]
    Forbidden(#[from] access::Forbidden),
    /// The files of access cannot be used.
    #[error(transparent)]
    Access(#[from] access::Error),
    /// The text is no watermark and no instant.
    #[error("\"{0}\" is not a watermark, and not an instant such as 2025-06-01T00:00:00Z")]
    Watermark(String),
    /// A file is not the RDF that its format names.
    #[error(transparent)]
    Rdf(#[from] rdf::Error),
    /// A table or its mapping is wrong.
    #[error(transparent)]
    Table(#[from] table::Error),
    /// A file is no table of readings.
    #[error(transparent)]
    Samples(#[from] samples::Error),
    /// A file of readings could not be stored to its end.
    #[error("{source}; {stored} samples that came before in the file are stored")]
    PartlyStored {
        /// How many samples are stored.
        stored: u64,
        /// Why.
        source: Box<Self>,
    },
    /// An import is larger than the settings allow.
    #[error(
        "the files take more than the {max} bytes that one import may bring, unpacked: import them one after the other, each with \
         all its statements about a resource and without pruning, or raise megabytes under [import] in throughline.toml"
    )]
    ImportTooLarge {
        /// What they may take.
        max: u64,
    },
    /// A source that nobody named describes what another one does.
    #[error(
        "{source_name} would be a new source, but {shared} of the {total} resources of these files are known from the source \
         {known}: name the source that this is an export of"
    )]
    RenamedSource {
        /// The source as it would be called.
        source_name: String,
        /// The source that describes the same resources.
        known: String,
        /// How many resources both describe.
        shared: usize,
        /// How many resources the files describe.
        total: usize,
    },
    /// Usage cannot be compared with the design record.
    #[error(transparent)]
    Feedback(#[from] feedback::Error),
    /// A file of another tool cannot be read.
    #[error(transparent)]
    Foreign(#[from] exchange::foreign::Unread),
    /// A version cannot be written in a format of other tools.
    #[error("the export cannot be made: {0}")]
    Export(String),
    /// The value of a resolution is not what the property takes.
    #[error("the value of a resolution: {0}")]
    ResolutionValue(String),
    /// The text decides no conflict.
    #[error(
        "\"{0}\" is no decision: write ours RESOURCE [PROPERTY], theirs RESOURCE [PROPERTY] or set RESOURCE PROPERTY VALUE"
    )]
    Decision(String),
    /// The columns of a table of readings are not described.
    #[error("{0}")]
    Layout(String),
    /// There is nothing to record evidence for.
    #[error("no requirement with a limit on something observed is satisfied by the design of {0}")]
    NoEvidence(NamedNode),
    /// The telemetry that a record of the thread was drawn from is not there.
    #[error(
        "{} is missing, though {record} is based on its contents: restore it from a backup, or create an empty folder to start with no telemetry; such records can then no longer be recomputed",
        path.display()
    )]
    NoTelemetry {
        /// Where it should be.
        path: PathBuf,
        /// The record.
        record: NamedNode,
    },
    /// The file of settings or of monitors is not what it should be.
    #[error("{}: {reason}", path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A backup cannot be made there, or nothing be made from it.
    #[error("{}: {reason}", path.display())]
    Backup {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Several resources have this identifier.
    #[error("{name} is the identifier of {several}: name one of them by its IRI")]
    SeveralResources {
        /// The identifier.
        name: String,
        /// The resources.
        several: String,
    },
    /// No commit behind the version changes the resource.
    #[error("no commit up to {version} changes {resource}")]
    NeverChanged {
        /// The resource.
        resource: NamedNode,
        /// The version.
        version: String,
    },
    /// The version has no such resource.
    #[error("{resource} does not exist at {version}, and nothing has the identifier {name}")]
    NoResource {
        /// What was asked for.
        name: String,
        /// The resource that the name is read as.
        resource: NamedNode,
        /// The version.
        version: String,
    },
    /// The ending of a file's name is that of no RDF.
    #[error("{0} is no RDF file: write Turtle, such as changes.ttl")]
    NoRdfFile(String),
    /// The text cannot be searched for.
    #[error("{0}")]
    Unsearchable(String),
    /// No job has this name.
    #[error("there is no job {0}")]
    NoJob(String),
    /// A job has no backup that could be downloaded.
    #[error(
        "the job {0} has no backup to download: it is not done, or another one was made since, or it was done more than a day ago"
    )]
    NoCopy(String),
    /// A job is over, so that it cannot be cancelled.
    #[error("the job {0} is over: there is nothing to cancel")]
    JobIsOver(String),
    /// A job waits, is under way or is done, so that it cannot be run again.
    #[error(
        "the job {0} waits, is under way or is done: only one that is interrupted, cancelled or failed can be run again"
    )]
    JobRuns(String),
    /// There is no place for another job.
    #[error("{0}: try again once some are done")]
    JobsFull(String),
    /// The files of a job cannot be used.
    #[error("{}: {reason}", path.display())]
    Jobs {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The files of the outbox cannot be used.
    #[error("{}: {reason}", path.display())]
    Outbox {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// What is kept of a broker cannot be read.
    #[error("{}: {reason}", path.display())]
    Brokers {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// No target has this name.
    #[error("no target of the outbox is called \"{0}\"")]
    NoTarget(String),
    /// Nothing of this name was given up.
    #[error("nothing that was to be delivered to {target} was given up{}", id.as_ref().map(|id| format!(" under the name {id}")).unwrap_or_default())]
    NoDeadLetter {
        /// The target.
        target: String,
        /// The name of a delivery.
        id: Option<String>,
    },
    /// No monitor has this name.
    #[error("no monitor is called \"{0}\"")]
    NoMonitor(String),
    /// A window has no instant in it.
    #[error(transparent)]
    Window(#[from] interval::Empty),
    /// The link to clear is not there.
    #[error("there is no link {} {} {}", .0.subject, .0.predicate, .0.object)]
    NoLink(Box<Statement>),
    /// The link to clear is in order.
    #[error("the link {} {} {} is not suspect: its target is unchanged since the link was made or last confirmed", .0.subject, .0.predicate, .0.object)]
    NotSuspect(Box<Statement>),
    /// What a person judges has changed since the version that was looked at.
    #[error("{0} has changed since {1}: look at it again")]
    ChangedSince(Box<Term>, CommitId),
    /// A review is of designs, and there is none.
    #[error("a review needs a title and at least one design revision")]
    EmptyReview,
    /// What is to be reviewed is no design revision.
    #[error("{0} is no DesignRevision of this version")]
    NotADesign(NamedNode),
    /// No design under review satisfies the requirement.
    #[error("none of the designs under review satisfies {0}")]
    NotSatisfied(NamedNode),
    /// The resource is no review that was opened on a version.
    #[error("{0} is no DesignReview that was opened on a commit and a watermark")]
    NotAReview(NamedNode),
    /// The review is signed already.
    #[error("the review {identifier} is {decision}: {by} signed it at {at}")]
    Signed {
        /// The review.
        identifier: String,
        /// What was decided.
        decision: feedback::ReviewDecision,
        /// By whom.
        by: String,
        /// When.
        at: String,
    },
    /// A review was asked for with another watermark than its own.
    #[error(
        "the review {identifier} names its own watermark, {own}: leave out the other, or ask its commit {commit} instead"
    )]
    ReviewWatermark {
        /// The review.
        identifier: String,
        /// Its watermark.
        own: telemetry::Watermark,
        /// Its commit.
        commit: CommitId,
    },
    /// A person has to sign, or to clear a link.
    #[error(transparent)]
    Nobody(#[from] graph::NotAPerson),
}
