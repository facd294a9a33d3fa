//! How far a request that changes something has come, so that an answer which comes before its end can report what became of it.

use super::error::{Code, Error};
use crate::model::sync::cancellation::Cancelled;
use serde_json::Value as Json;
use std::sync::{Arc, Mutex, PoisonError};

/// What became of the changes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Nothing was changed, nor will be.
    NotCommitted,
    /// A change is under way: it may be made or fail.
    Unknown,
    /// At least one change was made.
    Committed,
}

impl Progress {
    /// Returns the word of the extension `outcome`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::NotCommitted => "NOT_COMMITTED",
            Self::Unknown => "UNKNOWN",
            Self::Committed => "COMMITTED",
        }
    }
}

/// The changes of one request, shared by the work and by whoever answers when it takes too long.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Whether a field of the mutation is under way.
    open: bool,
    made: usize,
    /// Whether no other change may begin.
    closed: bool,
    /// Whether the request is a mutation at all.
    any: bool,
}

impl Changes {
    /// Begins a change, unless the request was answered already.
    pub(crate) fn begin(&self) -> Result<(), Error> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            return Err(Cancelled::Late.into());
        }
        (state.open, state.any) = (true, true);
        Ok(())
    }

    /// Notes that the change under way was made; what follows only reads.
    pub(crate) fn note_made(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.made += usize::from(std::mem::take(&mut state.open));
    }

    /// Notes that the change under way was refused: nothing of it was made, nor will be.
    pub(crate) fn note_refused(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).open = false;
    }

    /// Returns how many changes were made so far.
    pub(crate) fn made(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).made
    }

    /// Notes that a change has ended, well or not; returns whether it was made.
    pub(crate) fn end(&self, succeeded: bool) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let noted = !std::mem::take(&mut state.open);
        state.made += usize::from(succeeded && !noted);
        succeeded || noted
    }

    /// Notes that the request may change something.
    pub(crate) fn expect(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).any = true;
    }

    /// Lets changes begin again, as the request begins anew.
    pub(super) fn reopen(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).closed = false;
    }

    /// Lets no other change begin; returns what became of those before, where the request has any.
    pub(crate) fn close(&self) -> Option<Progress> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.closed = true;
        let progress = match (state.open, state.made) {
            (true, _) => Progress::Unknown,
            (false, 0) => Progress::NotCommitted,
            (false, _) => Progress::Committed,
        };
        state.any.then_some(progress)
    }
}

/// Adds to an error of a field that changes something whether the change was made, where the error leaves that open.
pub(crate) fn note_outcome(mut error: Error, made: bool) -> Error {
    let progress = match (made, error.code) {
        (true, _) => Progress::Committed,
        (false, Code::Timeout | Code::Unavailable) => Progress::NotCommitted,
        // Something failed that was not foreseen.
        (false, Code::Internal) => Progress::Unknown,
        (false, _) => return error,
    };
    error.details.entry("outcome").or_insert_with(|| Json::from(progress.as_str()));
    error
}

/// Adds to the error of a request that a panic has ended what became of its changes.
pub(super) fn after_panic(mut error: Error, progress: Option<Progress>) -> Error {
    let Some(progress) = progress else { return error };
    error.message.push_str(match progress {
        Progress::NotCommitted => "; nothing was changed",
        Progress::Unknown => {
            "; a change was under way, and may have been made: look for it in the log of its branch, or send the same request with the same idempotencyKey"
        }
        Progress::Committed => {
            "; a change was made: look for it in the log of its branch, or send the same request with the same idempotencyKey, which answers with it"
        }
    });
    error.details.insert("outcome".to_owned(), Json::from(progress.as_str()));
    error
}

/// Refuses to wait for a request any longer, and describes what became of its changes.
pub(super) fn timeout(progress: Option<Progress>) -> Error {
    let mut error = Error::timeout();
    let Some(progress) = progress else { return error };
    error.message = match progress {
        Progress::NotCommitted => "the request took too long; nothing was changed, nor will be: send it again",
        Progress::Unknown => {
            "the request took too long; its change is under way and may still be made: look for it in the log of its branch, or send the same request with the same idempotencyKey, which makes it once at the most"
        }
        Progress::Committed => {
            "the request took too long after a change was made: look for it in the log of its branch, or send the same request with the same idempotencyKey, which answers with it"
        }
    }
    .to_owned();
    error.details.insert("outcome".to_owned(), Json::from(progress.as_str()));
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    enum Step {
        Begin,
        Made,
        Refused,
        /// Whether it succeeded, and whether the change was made.
        End(bool, bool),
    }

    #[test]
    fn what_became_of_changes() {
        let check = |steps: &[Step], expect: Option<Progress>| {
            let changes = Changes::default();
            for step in steps {
                match step {
                    Step::Begin => changes.begin().expect("it may begin"),
                    Step::Made => changes.note_made(),
                    Step::Refused => changes.note_refused(),
                    Step::End(succeeded, made) => assert_eq!(changes.end(*succeeded), *made, "{steps:?}"),
                }
            }
            assert_eq!(changes.close(), expect, "{steps:?}");
            assert!(changes.begin().is_err(), "{steps:?}");
        };
        let (not, unknown, committed) = (Progress::NotCommitted, Progress::Unknown, Progress::Committed);
        use Step::{Begin, End, Made, Refused};
        check(&[], None);
        check(&[Begin], Some(unknown));
        check(&[Begin, Made], Some(committed));
        check(&[Begin, End(false, false)], Some(not));
        check(&[Begin, End(true, true)], Some(committed));
        check(&[Begin, Made, End(false, true)], Some(committed));
        check(&[Begin, Refused, End(true, true)], Some(not));
        check(&[Begin, End(true, true), Begin], Some(unknown));
        check(&[Begin, End(true, true), Begin, End(false, false)], Some(committed));
    }
}
