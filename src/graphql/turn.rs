//! Turns of requests: few work at once, and a quick one never waits for a slow one.
//!
//! Nobody can know beforehand how long a request takes. So each begins with one of the quick turns, and gives it back after a moment.
//! Where no slow turn is free then, it ends without an answer, forgets what it has read, waits in the queue, and begins anew in a slow
//! turn. A subscription, which cannot begin anew, waits for the slow turn in the midst of its work.
//!
//! Each commit locks the thread for others, so mutations have turns of their own: they wait for one another, and never in the
//! place of a query. Turns of each kind are given to the clients in turn (see [`super::queue`]).

use super::queue::{Caller, Full, Permit, Queue};
use crate::model::sync::cancellation::{Cancellation, Cancelled};
use std::fmt;
use std::future::Future;
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ThreadId;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::time::sleep;

/// How many quick turns there are for each core.
const QUICK_PER_CORE: usize = 2;
/// How many slow turns there are for each core.
const SLOW_PER_CORE: usize = 1;
/// How many turns there are for mutations: those that wait for the disk at once are written together.
const WRITE_TURNS: usize = 32;
/// How many bytes of a mutation wait for one of them: it takes memory by its size, about a hundred times as much while it is validated.
const BYTES_PER_WRITE_TURN: usize = 32 << 10;
/// How many requests may wait for a slow turn, and how many to write, on a thread each.
const WAITING_MAX: usize = 128;
/// How long a request may work before it counts as slow.
const QUICK_MAX: Duration = Duration::from_millis(25);
/// A request this young is not slow, and the system is not asked how long its thread has worked.
const YOUNG: Duration = Duration::from_millis(1);
/// Where others wait for its turn, it counts as slow after a part of that time.
const SHORTER: u32 = 3;
/// Where it works for less, as on a busy machine or while it waits for a disk, it counts as slow after so many times as long.
const WAITS_MAX: u32 = 10;
/// How often a request that waits looks whether it is still wanted.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The turns of a service.
#[derive(Clone, Debug)]
pub struct Turns {
    quick: Queue,
    slow: Queue,
    write: Queue,
    quick_max: Duration,
}

impl Default for Turns {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self::new(cores * QUICK_PER_CORE, cores * SLOW_PER_CORE, WAITING_MAX)
    }
}

impl Turns {
    /// Makes so many quick turns, so many slow ones, and lets so many wait for a slow turn or to write.
    pub fn new(quick: usize, slow: usize, waiting: usize) -> Self {
        // Connections and subscriptions bound how many wait for a quick turn.
        let quick = Queue::new(quick, usize::MAX);
        let (slow, write) = (Queue::new(slow, waiting), Queue::new(WRITE_TURNS, waiting));
        Self { quick, slow, write, quick_max: QUICK_MAX }
    }

    /// Counts every request as slow that has worked so long.
    #[must_use]
    pub fn with_quick_max(self, quick_max: Duration) -> Self {
        Self { quick_max, ..self }
    }

    /// Waits for a turn, so long at the most.
    pub async fn take(&self, caller: Caller, patience: Duration) -> Option<Turn> {
        let place = tokio::time::timeout(patience, self.quick.take(caller)).await;
        Some(self.turn(caller, Stage::Quick { _place: place.ok()?.ok()? }))
    }

    fn turn(&self, caller: Caller, stage: Stage) -> Turn {
        let (since, runtime) = (Instant::now(), Handle::current());
        let (turns, first, stage) = (self.clone(), Mutex::default(), Mutex::new(stage));
        Turn(Arc::new(Inner { turns, caller, since, first, runtime, stage }))
    }

    /// Returns how many turns of each kind are free, and how many requests wait for one.
    pub fn usage(&self) -> TurnUse {
        let of = |queue: &Queue| (queue.free(), queue.waiting());
        TurnUse { quick: of(&self.quick), slow: of(&self.slow), write: of(&self.write) }
    }

    /// Returns how many quick and slow turns are free.
    pub fn free(&self) -> (usize, usize) {
        (self.quick.free(), self.slow.free())
    }
}

/// How many turns of each kind are free, and how many requests wait for one.
#[derive(Clone, Copy, Debug)]
pub struct TurnUse {
    /// Turns of requests that are quick, as far as is known.
    pub quick: (usize, usize),
    /// Turns of slow ones.
    pub slow: (usize, usize),
    /// Turns of mutations.
    pub write: (usize, usize),
}

/// One turn, until it is dropped.
pub struct Turn(Arc<Inner>);

struct Inner {
    turns: Turns,
    caller: Caller,
    since: Instant,
    /// The thread that looked first, and the time that it had worked by then.
    first: Mutex<Option<(ThreadId, Duration)>>,
    runtime: Handle,
    stage: Mutex<Stage>,
}

enum Stage {
    /// Each place is kept until the stage changes.
    Quick {
        _place: Permit,
    },
    Slow {
        _place: Permit,
    },
    Write {
        _place: Permit,
    },
    /// None: it was slow, and must begin anew in a slow turn.
    Postponed,
    /// None: it waits, was refused, or has ended.
    Nothing,
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Turn")
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Whoever still holds the pace of this turn no longer holds its place.
        let mut stage = self.0.stage.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(*stage, Stage::Postponed) {
            *stage = Stage::Nothing;
        }
    }
}

impl Turn {
    /// Returns what changes this turn for one to write.
    pub(super) fn writing(&self) -> Writing {
        Writing(Arc::clone(&self.0))
    }

    /// Returns what begins work anew that turned out to be slow.
    pub(super) fn again(&self) -> Again {
        Again(Arc::clone(&self.0))
    }

    /// Puts work on the pace of this turn, until a deadline; work that is slow is ended, and may begin [`Self::again`].
    pub(super) fn pace(&self, cancellation: &Cancellation, deadline: Instant) {
        let inner = Arc::clone(&self.0);
        cancellation
            .renew(deadline, Some(Arc::new(move |_, is_long| inner.go_on(is_long, |_| Stage::Postponed))));
    }

    /// Puts work on the pace of this turn, until a deadline; work that is slow waits where it is.
    pub(super) fn pace_in_place(&self, cancellation: &Cancellation, deadline: Instant) {
        let inner = Arc::clone(&self.0);
        let wait = move |wanted: &Cancellation, is_long| {
            inner.go_on(is_long, |inner| inner.wait_for_slow(wanted).unwrap_or(Stage::Nothing))
        };
        cancellation.renew(deadline, Some(Arc::new(wait)));
    }
}

/// What begins work anew in a slow turn.
pub(super) struct Again(Arc<Inner>);

impl Again {
    /// Waits for a slow turn where the work was ended because it was slow; `None` where it has come to its end.
    pub(super) async fn turn(self) -> Option<Result<Turn, Cancelled>> {
        let Inner { turns, caller, stage, .. } = &*self.0;
        if !matches!(*stage.lock().unwrap_or_else(PoisonError::into_inner), Stage::Postponed) {
            return None;
        }
        let place = turns.slow.take(*caller).await.map_err(|Full| Cancelled::Crowded);
        Some(place.map(|place| turns.turn(*caller, Stage::Slow { _place: place })))
    }
}

/// What changes a turn for one of those of mutations.
#[derive(Clone)]
pub(super) struct Writing(Arc<Inner>);

impl Writing {
    /// Gives the turn back, and waits for one to write, unless it is one already; refused where too many wait already, or nobody waits any more.
    ///
    /// A mutation of many bytes waits for several of them, or all.
    pub(super) fn wait(&self, wanted: &Cancellation, bytes: usize) -> Result<(), Cancelled> {
        let Inner { turns, caller, runtime, stage, .. } = &*self.0;
        let mut stage = stage.lock().unwrap_or_else(PoisonError::into_inner);
        match &*stage {
            Stage::Nothing | Stage::Postponed => return Err(Cancelled::Crowded),
            Stage::Write { .. } => return Ok(()),
            Stage::Quick { .. } | Stage::Slow { .. } => {}
        }
        let count = bytes.div_ceil(BYTES_PER_WRITE_TURN).clamp(1, WRITE_TURNS);
        // Before it gives its turn back, so that it waits before those who get that one.
        let ticket = turns.write.enter(*caller, count);
        *stage = Stage::Nothing;
        let ticket = ticket.map_err(|Full| Cancelled::Crowded)?;
        let place = runtime.block_on(while_wanted(async { Ok(ticket.place().await) }, wanted));
        *stage = Stage::Write { _place: place? };
        Ok(())
    }
}

/// Waits for a place while it is wanted.
async fn while_wanted(
    place: impl Future<Output = Result<Permit, Full>>,
    wanted: &Cancellation,
) -> Result<Permit, Cancelled> {
    tokio::pin!(place);
    loop {
        tokio::select! {
            place = &mut place => return place.map_err(|Full| Cancelled::Crowded),
            () = sleep(LOOK_EVERY) => wanted.check_only()?,
        }
    }
}

impl Inner {
    /// Returns whether the request has worked for long: by the time of its thread, so that a busy machine makes no query slow.
    fn is_slow(&self) -> bool {
        let (passed, mut quick_max) = (self.since.elapsed(), self.turns.quick_max);
        if passed < YOUNG.min(quick_max) {
            return false;
        }
        if passed >= quick_max / SHORTER && self.turns.quick.waiting() > 0 {
            quick_max /= SHORTER;
        }
        let worked = self.worked();
        passed >= quick_max
            && (worked.is_none_or(|worked| worked >= quick_max)
                || passed >= quick_max.saturating_mul(WAITS_MAX))
    }

    /// Returns how long this thread has worked since the first look that counted; `None` where several threads work, or the system does not report it.
    fn worked(&self) -> Option<Duration> {
        let (now, thread) = (thread_time()?, std::thread::current().id());
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, then) = *first.get_or_insert((thread, now));
        (known == thread).then(|| now.saturating_sub(then))
    }

    /// Changes a quick turn that has lasted long for a slow one, or for what `otherwise` makes of it where none is free. Threads of one
    /// request that ask meanwhile wait here too.
    fn go_on(&self, is_long: bool, otherwise: impl FnOnce(&Self) -> Stage) -> Result<(), Cancelled> {
        if !is_long && !self.is_slow() {
            return Ok(());
        }
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        match &*stage {
            Stage::Slow { .. } | Stage::Write { .. } => return Ok(()),
            Stage::Nothing | Stage::Postponed => return Err(Cancelled::Crowded),
            Stage::Quick { .. } => {}
        }
        if let Some(place) = self.turns.slow.try_take() {
            *stage = Stage::Slow { _place: place };
            return Ok(());
        }
        *stage = Stage::Nothing;
        *stage = otherwise(self);
        match &*stage {
            Stage::Slow { .. } => Ok(()),
            _ => Err(Cancelled::Crowded),
        }
    }

    fn wait_for_slow(&self, wanted: &Cancellation) -> Result<Stage, Cancelled> {
        let place = while_wanted(self.turns.slow.take(self.caller), wanted);
        Ok(Stage::Slow { _place: self.runtime.block_on(place)? })
    }
}

/// Returns the time that this thread has worked.
fn thread_time() -> Option<Duration> {
    #[cfg(target_os = "linux")]
    return Duration::try_from(rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime)).ok();
    #[cfg(not(target_os = "linux"))]
    return None;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::tests::caller;
    use std::sync::mpsc::channel;

    const LONG: Duration = Duration::from_secs(60);

    /// Takes a turn, and the cancellation of what is done in it.
    async fn begin(turns: &Turns) -> (Turn, Cancellation) {
        let turn = turns.take(caller(), LONG).await.expect("a quick turn");
        let deadline = Instant::now() + LONG;
        let wanted = Cancellation::at(deadline);
        turn.pace_in_place(&wanted, deadline);
        (turn, wanted)
    }

    async fn check(wanted: &Cancellation) -> Result<(), Cancelled> {
        let wanted = wanted.clone();
        tokio::task::spawn_blocking(move || wanted.check()).await.expect("no panic")
    }

    #[tokio::test]
    async fn slow_work_makes_room_for_quick_work_and_waits_for_its_like() {
        let turns = Turns::new(1, 1, 1).with_quick_max(Duration::ZERO);
        let (first, wanted) = begin(&turns).await;
        assert_eq!(turns.free(), (0, 1));
        assert_eq!(check(&wanted).await, Ok(()));
        assert_eq!(turns.free(), (1, 0), "it is slow");
        let (_second, wanted) = begin(&turns).await;
        let (sender, done) = channel();
        let waiting = tokio::task::spawn_blocking(move || sender.send(wanted.check()));
        let (third, wanted) = loop {
            // Free once the second one waits.
            let (third, wanted) = begin(&turns).await;
            if turns.slow.waiting() == 1 {
                break (third, wanted);
            }
        };
        assert_eq!(check(&wanted).await, Err(Cancelled::Crowded), "only one may wait");
        assert!(done.try_recv().is_err(), "the second one waits for the first");
        drop((first, third));
        waiting.await.expect("no panic").expect("it is heard");
        assert_eq!(done.recv(), Ok(Ok(())));
    }

    /// Mutations wait for one another, not in the place of queries.
    #[tokio::test]
    async fn mutations_wait_in_a_queue_of_their_own() {
        let turns = Turns::new(1, 1, 1).with_quick_max(LONG);
        let begin_to_write = async || {
            let (turn, wanted) = begin(&turns).await;
            let writing = turn.writing();
            let waited = tokio::task::spawn_blocking(move || writing.wait(&wanted, 1));
            (turn, waited)
        };
        let mut writers = Vec::new();
        for _ in 0..WRITE_TURNS {
            let (turn, waited) = begin_to_write().await;
            assert_eq!(waited.await.expect("no panic"), Ok(()));
            assert_eq!(turns.free(), (1, 1), "it takes no turn of a query");
            writers.push(turn);
        }
        let (_third, third) = begin_to_write().await;
        // It gets a quick turn once the third one waits.
        let (_fourth, fourth) = begin_to_write().await;
        assert_eq!(fourth.await.expect("no panic"), Err(Cancelled::Crowded), "only one may wait");
        assert_eq!(turns.free(), (1, 1));
        assert!(!third.is_finished());
        drop(writers);
        assert_eq!(third.await.expect("no panic"), Ok(()));
    }

    /// One that takes much memory is alone.
    #[tokio::test]
    async fn a_large_mutation_waits_for_all_turns() {
        let turns = Turns::new(1, 1, 2).with_quick_max(LONG);
        let (small, wanted) = begin(&turns).await;
        let writing = small.writing();
        let waited = tokio::task::spawn_blocking(move || writing.wait(&wanted, 1));
        assert_eq!(waited.await.expect("no panic"), Ok(()));
        let (large, wanted) = begin(&turns).await;
        let writing = large.writing();
        let waiting = tokio::task::spawn_blocking(move || writing.wait(&wanted, 1 << 20));
        // It gets a quick turn once the large one waits, which leaves no turn to write.
        let (_quick, _) = begin(&turns).await;
        assert!(!waiting.is_finished());
        drop(small);
        assert_eq!(waiting.await.expect("no panic"), Ok(()));
        assert_eq!(turns.write.free(), 0);
        drop(large);
        assert_eq!(turns.write.free(), WRITE_TURNS);
    }

    #[tokio::test]
    async fn slow_work_begins_anew_in_a_slow_turn() {
        let turns = Turns::new(1, 1, 1).with_quick_max(Duration::ZERO);
        let other = turns.slow.try_take();
        let turn = turns.take(caller(), LONG).await.expect("a quick turn");
        let (again, deadline) = (turn.again(), Instant::now() + LONG);
        let wanted = Cancellation::at(deadline);
        turn.pace(&wanted, deadline);
        assert_eq!(check(&wanted).await, Err(Cancelled::Crowded));
        assert_eq!(turns.free(), (1, 0), "others are quick meanwhile");
        assert_eq!(check(&wanted).await, Err(Cancelled::Crowded), "it ends soon");
        drop((turn, other));
        let turn = again.turn().await.expect("it was ended").expect("a slow turn");
        assert_eq!(turns.free(), (1, 0));
        let again = turn.again();
        turn.pace(&wanted, deadline);
        assert_eq!(check(&wanted).await, Ok(()));
        drop(turn);
        assert!(again.turn().await.is_none(), "it has come to its end");
        assert_eq!(turns.free(), (1, 1));
    }

    #[tokio::test]
    async fn work_that_is_quick_keeps_its_turn() {
        let turns = Turns::new(1, 1, 1).with_quick_max(LONG);
        let (turn, wanted) = begin(&turns).await;
        assert_eq!((check(&wanted).await, turns.free()), (Ok(()), (0, 1)));
        drop(turn);
        assert_eq!(turns.free(), (1, 1), "whoever holds its cancellation");
    }
}
