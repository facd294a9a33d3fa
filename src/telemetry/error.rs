//! What can go wrong with the store as a whole. Bad input lines are values, see [`super::ingest::batch::Rejected`].

use super::series::key::SeriesId;
use super::series::watermark::Watermark;
use crate::model::sync::cancellation::Cancelled;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use std::path::{Path, PathBuf};

/// Why the store does not answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The read is no longer wanted.
    #[error("{0}")]
    Cancelled(Cancelled),
    /// The file system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// A file does not hold what was once written to it.
    #[error(
        "{} is damaged: {reason}; put the telemetry folder back from a backup, or see what throughline fsck advises",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A file with acknowledged samples is missing.
    #[error(
        "{} is missing, and what was stored in it: put it back from a backup, or see what throughline fsck advises",
        .0.display()
    )]
    Missing(PathBuf),
    /// The file was written by a later version of this program.
    #[error("{} has the format {found}, this program reads up to {known}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The version it carries.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// Another process has the store open.
    #[error("{} is in use by another process", path.display())]
    InUse {
        /// The store's folder.
        path: PathBuf,
    },
    /// The path no longer leads to the folder that was opened.
    #[error("{} is no longer the folder that this process opened: it was moved or replaced, so nothing is stored until a restart", .0.display())]
    Moved(PathBuf),
    /// A write to disk failed before, so nothing can be accepted until the store is opened anew.
    #[error("the telemetry store stopped accepting samples: {reason}")]
    Stopped {
        /// What failed.
        reason: String,
    },
    /// A write to disk failed and left nothing behind; the next one may succeed.
    #[error("the samples were not stored: {reason}")]
    NotStored {
        /// What failed.
        reason: String,
    },
    /// A sync to disk failed, so that it is unknown whether the samples are on it; nothing more can be accepted until the store is
    /// opened anew.
    #[error(
        "the samples may be stored or not: {reason}; nothing more is accepted until a restart, which leaves them out if it can"
    )]
    MaybeStored {
        /// What failed.
        reason: String,
    },
    /// A request was stored in pieces, and one of them could not be stored.
    #[error("the first {stored} samples of the request are stored, the others are not: {source}")]
    PartlyStored {
        /// How many samples are stored.
        stored: u64,
        /// Why the others are not.
        source: Box<Self>,
    },
    /// The watermark belongs to another store.
    #[error("the watermark {0} was made by another telemetry store")]
    ForeignWatermark(Watermark),
    /// The watermark lies beyond what has arrived.
    #[error("the watermark {asked} has not been reached, the newest is {newest}")]
    UnreachedWatermark {
        /// What was asked for.
        asked: Watermark,
        /// What could be answered.
        newest: Watermark,
    },
    /// The instant is not past, so that more may arrive by it.
    #[error(
        "{asked} is not past, so more can arrive by then: it is {now}; without an instant, what is known now is answered"
    )]
    NotPast {
        /// What was asked for.
        asked: Instant,
        /// The present.
        now: Instant,
    },
    /// Nobody knows what had arrived by the instant.
    #[error("what had arrived by {asked} cannot be answered exactly: {}", unknown(later.as_ref()))]
    UnknownArrival {
        /// What was asked for.
        asked: Instant,
        /// The first watermark after it of which the arrival is known.
        later: Option<(Watermark, Instant)>,
    },
    /// The clock was set back about the instant.
    #[error(
        "what had arrived by {asked} cannot be answered exactly: the service's clock was set back, and by its readings it was what is known at \
         {first}, or at {last}; ask for one of these watermarks"
    )]
    DisputedArrival {
        /// What was asked for.
        asked: Instant,
        /// The last watermark before which all had arrived earlier.
        first: Watermark,
        /// The last watermark that had arrived earlier.
        last: Watermark,
    },
    /// The watermark is older than compaction, and nothing or not this is pinned at it.
    #[error(
        "what was known at the watermark {asked} has been compacted and is not pinned; the oldest that answers is {oldest}"
    )]
    CompactedWatermark {
        /// What was asked for.
        asked: Watermark,
        /// The oldest watermark that answers without a pin.
        oldest: Watermark,
    },
    /// What had arrived by the watermark was damaged or missing, and was dropped.
    #[error(
        "what was known at the watermark {asked} can no longer be answered: some of what had arrived by then was damaged or missing, and was dropped"
    )]
    LostWatermark {
        /// What was asked for.
        asked: Watermark,
    },
    /// The view answers what is pinned, and this is not.
    #[error(
        "{field} of {twin} is not pinned over all of {within}: at the watermark {watermark} only what was pinned is answered, for ever alike"
    )]
    NotPinned {
        /// The twin of the series, as senders name it.
        twin: String,
        /// The field of the series.
        field: String,
        /// What was asked for.
        within: Interval,
        /// As known at.
        watermark: Watermark,
    },
    /// A series that is pinned cannot be deleted.
    #[error(
        "{field} of {twin} is pinned: a review or recorded evidence was drawn from it, and must read the same for ever; nothing was deleted"
    )]
    Pinned {
        /// The twin of the series, as senders name it.
        twin: String,
        /// The field of the series.
        field: String,
    },
    /// There is no such pin.
    #[error("the telemetry store has no pin {0}")]
    NoPin(u64),
    /// The samples asked for have expired, and no remaining rollup answers the question exactly.
    #[error(
        "the samples of series {series} from {from} to {to} have expired, and the remaining rollups do not answer this exactly: ask for whole days or months, with figures that need no samples"
    )]
    Expired {
        /// The series.
        series: SeriesId,
        /// The start of the expired span.
        from: Instant,
        /// Its end.
        to: Instant,
    },
    /// The settings cannot be used.
    #[error("{}: {reason}", path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// All instants of a request lie where no sample of today can.
    #[error("{0}")]
    Precision(String),
    /// A body is in another encoding than UTF-8.
    #[error("{0}")]
    Encoding(String),
    /// There is no such series as of the watermark.
    #[error("there is no series {0}")]
    NoSeries(SeriesId),
    /// The values of a series are too many to be states.
    #[error("series {series} has more than {most} different values: these are no states")]
    TooManyStates {
        /// The series.
        series: SeriesId,
        /// How many there may be.
        most: usize,
    },
    /// A piece names a cell that the plan does not have.
    #[error("a piece names cell {cell} of a plan with {cells} cells")]
    NoCell {
        /// The cell named.
        cell: usize,
        /// How many there are.
        cells: usize,
    },
    /// The buckets overlap or are out of order.
    #[error("the buckets of a plan must be disjoint and in time order")]
    Buckets,
}

fn unknown(later: Option<&(Watermark, Instant)>) -> String {
    match later {
        Some((watermark, at)) => {
            format!(
                "of what came before {watermark}, which arrived at {at}, it is not recorded when; ask for a watermark"
            )
        }
        None => "of the newest samples it is not recorded when they arrived; ask for a watermark".to_owned(),
    }
}

impl Error {
    /// Adds what was tried on which file to the system's error.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    /// Reports that a file does not hold what was written to it.
    pub(super) fn damaged(path: &Path, reason: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), reason: reason.into() }
    }
}
