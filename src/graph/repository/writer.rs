//! The only writer of a thread: it writes no more once nobody knows what of a write is on the disk.

use crate::graph::error::Error;
use crate::graph::git::store::History;
use crate::graph::model::commit::CommitId;
use crate::graph::model::failpoint;
use crate::graph::read::recent_changes::RecentChanges;
use std::collections::HashMap;
use std::time::Duration;

pub(in crate::graph) struct Writer {
    pub(in crate::graph) history: History,
    /// Set when a write failed half-way: nothing more is written by this process.
    pub(in crate::graph) stopped: bool,
    /// What the last commits of branches changed.
    pub(in crate::graph) recent: HashMap<String, RecentChanges>,
}

/// Of so many branches the last changes are remembered.
const BRANCHES_MAX: usize = 16;

impl Writer {
    /// Makes one that writes.
    pub(in crate::graph) fn new(history: History) -> Self {
        Self { history, stopped: false, recent: HashMap::new() }
    }

    /// Makes one that writes nothing.
    pub(in crate::graph) fn stopped(history: History) -> Self {
        Self { history, stopped: true, recent: HashMap::new() }
    }

    /// Remembers what the last commits of a branch changed.
    pub(in crate::graph) fn remember(&mut self, branch: String, recent: RecentChanges) {
        if self.recent.len() >= BRANCHES_MAX {
            self.recent.clear();
        }
        self.recent.insert(branch, recent);
    }

    /// Runs a write. Where the sync of a folder of objects fails, this process writes no more, as a second try could not
    /// know what of it is on the disk; after any other failure nothing is in its place, and the next write may succeed. A panic half-way leaves the writer stopped.
    pub(in crate::graph) fn written<T>(
        &mut self,
        write: impl FnOnce(&History) -> Result<T, git2::Error>,
    ) -> Result<T, Error> {
        self.stopped = true;
        let done = failpoint::attempt("write").and_then(|()| write(&self.history));
        self.stopped = done.is_err() && self.history.is_unsynced();
        done.map_err(|error| if self.stopped { Error::Unsynced(error) } else { Error::NotWritten(error) })
    }

    /// Runs a move of a ref, to nowhere where it is deleted. A ref that has moved although the move failed (its folder was
    /// not synced) can neither be acknowledged nor denied: the process ends, and the next start finds out.
    pub(in crate::graph) fn moved(
        &mut self,
        reference: &str,
        to: Option<CommitId>,
        make: impl Fn(&History) -> Result<bool, git2::Error>,
    ) -> Result<bool, Error> {
        let made = failpoint::attempt("move").and_then(|()| unlocked(|| make(&self.history)));
        let moved = match made.and_then(|moved| failpoint::attempt("sync the move").map(|()| moved)) {
            // Someone else holds the ref just now, as `git gc` does: nothing was written, and the caller may come again.
            Err(error) if error.code() == git2::ErrorCode::Locked => return Err(Error::Busy),
            made => self.written(|_| made),
        };
        if moved.is_err() && self.history.reference(reference).map_or(true, |now| now == to) {
            tracing::error!(
                reference,
                "the ref may have moved without being synced; the next start finds out"
            );
            std::process::abort();
        }
        moved
    }
}

/// For how long a move waits for a ref that another program has locked, as `git gc` and `git pack-refs` do while they write, and how
/// long between two tries.
const LOCKED_MAX: Duration = Duration::from_secs(3);
const TRY_EVERY: Duration = Duration::from_millis(5);

/// Tries again while another program has the ref locked.
pub(in crate::graph) fn unlocked(
    mut make: impl FnMut() -> Result<bool, git2::Error>,
) -> Result<bool, git2::Error> {
    let mut waited = Duration::ZERO;
    loop {
        match make() {
            Err(error) if error.code() == git2::ErrorCode::Locked && waited < LOCKED_MAX => {
                std::thread::sleep(TRY_EVERY);
                waited += TRY_EVERY;
            }
            made => return made,
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.stopped
            && let Err(error) = self.history.mark_closed()
        {
            tracing::warn!(%error, "the next start takes this for a kill, and syncs everything again");
        }
    }
}
