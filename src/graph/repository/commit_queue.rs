//! The queue of commits that are validated and wait to be written: whoever finds nobody writing writes all that wait as one group, on its
//! own thread, and the others wait for their answers.

use crate::graph::change::prepared::Prepared;
use crate::graph::error::Error;
use crate::graph::index;
use crate::graph::model::commit::Commit;
use crate::model::sync::counter::Spread;
use std::collections::{HashMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The most commits of a group.
const COMMITS_MAX: usize = 64;

/// A group has no more files, unless a single commit has.
const FILES_MAX: usize = 1_000;

/// How often a commit that waits looks whether it is still wanted.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What became of a commit that waited: it is durable and visible, was refused, or has to be validated again (`None`).
pub(in crate::graph) type Answer = Result<Option<Commit>, Error>;

/// The place of a commit in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::graph) struct Ticket(u64);

impl Ticket {
    /// The place of a commit that is not in the queue.
    pub(in crate::graph) const ALONE: Self = Self(u64::MAX);

    #[cfg(test)]
    pub(in crate::graph) fn numbered(number: usize) -> Self {
        Self(number as u64)
    }
}

/// The queue of commits.
pub(in crate::graph) struct CommitQueue {
    state: Mutex<State>,
    answered: Condvar,
    /// How many commits the groups had.
    groups: Spread,
}

/// The sizes of groups that are distinguished.
const SIZES: &[u64] = &[1, 2, 4, 8, 16, 32];

impl Default for CommitQueue {
    fn default() -> Self {
        Self { state: Mutex::default(), answered: Condvar::new(), groups: Spread::over(SIZES) }
    }
}

#[derive(Default)]
struct State {
    next: u64,
    waiting: VecDeque<(Ticket, Prepared)>,
    answers: HashMap<Ticket, Answer>,
    /// Whether a thread writes a group.
    is_led: bool,
}

impl CommitQueue {
    /// Waits until a commit is written, by this thread where nobody else writes: `lead` takes a group from the queue and answers it.
    ///
    /// A commit that nobody wants any more leaves the queue, unless it is being written.
    pub(in crate::graph) fn submit(
        &self,
        commit: Prepared,
        lead: impl Fn(&mut Group<'_>) -> Result<(), Error>,
    ) -> Answer {
        let wanted = commit.wanted.clone();
        let mut state = self.lock();
        let ticket = Ticket(state.next);
        state.next += 1;
        state.waiting.push_back((ticket, commit));
        loop {
            if let Some(answer) = state.answers.remove(&ticket) {
                return answer;
            }
            if state.is_led {
                let waited = self.answered.wait_timeout(state, LOOK_EVERY);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
                if let Err(cancelled) = wanted.check_only()
                    && state.withdraw(ticket)
                {
                    return Err(index::Error::from(cancelled).into());
                }
                continue;
            }
            state.is_led = true;
            drop(state);
            let led = lead(&mut Group { queue: self, taken: Vec::new() });
            state = self.lock();
            if let Err(error) = led {
                // It concerns whoever leads: the others find out for themselves.
                state.withdraw(ticket);
                state.answers.remove(&ticket);
                return Err(error);
            }
        }
    }

    /// Returns how many commits wait.
    pub(in crate::graph) fn waiting(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Returns how many commits the groups had: the sum, and by upper bounds.
    pub(in crate::graph) fn groups(&self) -> (u64, Vec<(f64, u64)>) {
        self.groups.read()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes a commit out of the queue; `false` where it is being written.
    fn withdraw(&mut self, ticket: Ticket) -> bool {
        let place = self.waiting.iter().position(|(other, _)| *other == ticket);
        place.is_some_and(|place| self.waiting.remove(place).is_some())
    }

    /// Takes the commits that are to be written together.
    fn take_group(&mut self) -> Vec<(Ticket, Prepared)> {
        let (mut group, mut files) = (Vec::new(), 0);
        while group.len() < COMMITS_MAX
            && let Some((_, next)) = self.waiting.front()
            && (group.is_empty() || files + next.files.len() <= FILES_MAX)
        {
            files += next.files.len();
            group.extend(self.waiting.pop_front());
        }
        group
    }
}

/// The commits that one thread writes together. Those that it leaves without an answer are validated again.
pub(in crate::graph) struct Group<'a> {
    queue: &'a CommitQueue,
    taken: Vec<Ticket>,
}

impl Group<'_> {
    /// Takes the commits that wait now, the first of them first.
    pub(in crate::graph) fn take(&mut self) -> Vec<(Ticket, Prepared)> {
        let group = self.queue.lock().take_group();
        self.taken.extend(group.iter().map(|(ticket, _)| *ticket));
        if !group.is_empty() {
            self.queue.groups.note(group.len() as u64);
        }
        group
    }

    /// Answers commits.
    pub(in crate::graph) fn answer(&mut self, answers: Vec<(Ticket, Answer)>) {
        self.taken.retain(|ticket| !answers.iter().any(|(answered, _)| answered == ticket));
        self.queue.lock().answers.extend(answers);
    }
}

impl Drop for Group<'_> {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.answers.extend(self.taken.drain(..).map(|ticket| (ticket, Ok(None))));
        state.is_led = false;
        drop(state);
        self.queue.answered.notify_all();
    }
}
