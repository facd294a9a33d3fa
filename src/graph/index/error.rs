//! Why the index cannot answer.

use crate::model::durable::is_full;
use crate::model::sync::cancellation::Cancelled;

/// Why the index cannot answer. It can always be deleted and rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It does not work.
    #[error("the index failed: {0}; {remedy}", remedy = remedy(.0))]
    Failed(#[from] redb::Error),
    /// The read is no longer wanted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

macro_rules! from_redb {
    ($($error:ty),*) => {$(
        impl From<$error> for Error {
            fn from(error: $error) -> Self {
                Self::Failed(error.into())
            }
        }
    )*};
}

from_redb!(
    redb::DatabaseError,
    redb::TransactionError,
    redb::TableError,
    redb::StorageError,
    redb::CommitError,
    redb::SetDurabilityError
);

impl Error {
    /// Reports that a read has found a block that is not what was written.
    pub(crate) fn damaged() -> Self {
        Self::corrupt(
            "the index file is damaged, and nothing is read from it or written until it is made anew from Git: a service begins that within seconds, `throughline reindex` does it at once",
        )
    }

    /// Returns whether another process has the file open.
    pub(crate) fn is_locked(&self) -> bool {
        matches!(self, Self::Failed(redb::Error::Io(error)) if error.kind() == std::io::ErrorKind::WouldBlock)
    }

    /// Returns whether what was read is not what was written.
    pub(crate) fn is_corrupt(&self) -> bool {
        matches!(self, Self::Failed(redb::Error::Corrupted(_)))
    }

    /// Reports that bytes read from the index are not what was written.
    pub(crate) fn corrupt(what: &str) -> Self {
        Self::Failed(redb::Error::Corrupted(what.to_owned()))
    }
}

/// Returns what to do about a failure: on a full disk there is no room for a new index either.
fn remedy(error: &redb::Error) -> &'static str {
    match error {
        redb::Error::Io(error) if is_full(error) => "nothing is lost: make room on its disk, and start again",
        _ => "it is derived from Git: make it anew with `throughline reindex`",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;

    #[test]
    fn the_advice_fits_the_failure() {
        let check = |kind: ErrorKind, expect: &str| {
            let message = Error::Failed(redb::Error::Io(kind.into())).to_string();
            assert!(message.contains(expect), "{kind}: {message}");
        };
        check(ErrorKind::StorageFull, "make room on its disk");
        check(ErrorKind::QuotaExceeded, "make room on its disk");
        check(ErrorKind::PermissionDenied, "throughline reindex");
    }
}
