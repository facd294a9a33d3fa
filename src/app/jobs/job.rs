//! A job: long work that was asked for and is done in the background, kept on the disk with its state, so that a crash neither loses it nor
//! does it twice.

use crate::app::access::Operation;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of the files of jobs.
pub(super) const VERSION: u32 = 1;

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum JobKind {
    /// Imports files as the content of a source.
    Import,
    /// Stores tables of readings.
    Ingest,
    /// Copies the thread as a backup that can be downloaded.
    Backup,
}

impl JobKind {
    /// Returns the right that it takes.
    pub const fn operation(self) -> Operation {
        match self {
            Self::Import => Operation::Import,
            Self::Ingest => Operation::Ingest,
            Self::Backup => Operation::Maintain,
        }
    }
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum JobState {
    /// It waits for its turn.
    Queued,
    /// It is being done.
    Running,
    /// It is done, and has a result.
    Done,
    /// It was refused or failed, and has an error.
    Failed,
    /// Somebody has ended it.
    Cancelled,
    /// The service has ended before it was done; it can be run again.
    Interrupted,
}

impl JobState {
    /// Returns whether nothing more happens to it by itself.
    pub const fn is_over(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// A job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Job {
    /// The version of its file.
    pub version: u32,
    /// Its name; the commit that it makes has it as its idempotency key.
    pub id: String,
    /// What it does.
    pub kind: JobKind,
    /// How far it is.
    pub state: JobState,
    /// Who has asked for it.
    pub by: String,
    /// When.
    pub submitted: String,
    /// When it was begun the last time.
    pub started: Option<String>,
    /// When it ended.
    pub ended: Option<String>,
    /// How often it was begun.
    pub attempts: u32,
    /// What exactly it does.
    pub order: JobOrder,
    /// How much of it is done.
    pub progress: JobProgress,
    /// What it came to.
    pub result: Option<Value>,
    /// Why it failed.
    pub error: Option<Value>,
}

/// What exactly a job does: the request that has asked for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JobOrder {
    /// The parameters, as in the query of a URL.
    pub parameters: String,
    /// The content type of the body.
    pub content_type: String,
    /// Whether the body is gzip.
    pub packed: bool,
    /// The size of the body.
    pub bytes: u64,
}

/// How much of a job is done: whole files, and readings of the next one; of a backup, the files that are copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JobProgress {
    /// Files that are done.
    pub files: usize,
    /// Readings of the next one.
    pub readings: u64,
}
