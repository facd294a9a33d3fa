//! Turns of requests: few work at once, and a quick one never waits for a slow one.
//!
//! Nobody can know beforehand how long a request takes. So each begins with one of the quick turns, and gives it back after a moment:
//! then it waits, in the midst of its work, for one of the slow turns. It holds what it has read meanwhile, so only so many may wait.
//!
//! Each commit locks the thread for others, so mutations have turns of their own: they wait for one another, and never in the
//! place of a query.

use crate::model::sync::cancellation::{Cancellation, Cancelled};
use std::fmt;
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::ThreadId;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;

/// So many quick turns there are for each core.
const QUICK_PER_CORE: usize = 2;
/// So many slow turns there are for each core.
const SLOW_PER_CORE: usize = 1;
/// So many turns there are for mutations: those that wait for the disk at once are written together.
const WRITE_TURNS: usize = 32;
/// So many bytes of a mutation wait for one of them, as it takes memory by its size.
const BYTES_PER_WRITE_TURN: usize = 128 << 10;
/// So many requests may wait for a slow turn, and so many to write: each waits on a thread.
const WAITING_MAX: usize = 128;
/// How long a request may work before it counts as slow.
const QUICK_MAX: Duration = Duration::from_millis(25);
/// Where it works for less, as on a busy machine or while it waits for a disk, it counts as slow after so many times as long.
const WAITS_MAX: u32 = 10;
/// How often a request that waits looks whether it is still wanted.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The turns of a service.
#[derive(Clone, Debug)]
pub struct Turns {
    quick: Arc<Semaphore>,
    slow: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    write: Arc<Semaphore>,
    waiting_to_write: Arc<Semaphore>,
    quick_max: Duration,
}

impl Default for Turns {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self::new(cores * QUICK_PER_CORE, cores * SLOW_PER_CORE, WAITING_MAX)
    }
}

impl Turns {
    /// Makes so many quick turns, so many slow ones, and room for so many to wait for these.
    pub fn new(quick: usize, slow: usize, waiting: usize) -> Self {
        let counts = [quick, slow, waiting, WRITE_TURNS, waiting];
        let [quick, slow, waiting, write, waiting_to_write] =
            counts.map(|count| Arc::new(Semaphore::new(count)));
        Self { quick, slow, waiting, write, waiting_to_write, quick_max: QUICK_MAX }
    }

    /// Counts every request as slow that has worked so long.
    #[must_use]
    pub fn with_quick_max(self, quick_max: Duration) -> Self {
        Self { quick_max, ..self }
    }

    /// Waits for a turn, so long at the most.
    pub async fn take(&self, patience: Duration) -> Option<Turn> {
        let permit = tokio::time::timeout(patience, Arc::clone(&self.quick).acquire_owned()).await;
        let (since, runtime) = (Instant::now(), Handle::current());
        let stage = Mutex::new(Stage::Quick { _permit: permit.ok()?.ok()? });
        let (turns, first) = (self.clone(), Mutex::default());
        Some(Turn(Arc::new(Inner { turns, since, first, runtime, stage })))
    }

    /// Returns how many quick and slow turns are free.
    pub fn free(&self) -> (usize, usize) {
        (self.quick.available_permits(), self.slow.available_permits())
    }
}

/// One turn, until it is dropped.
pub struct Turn(Arc<Inner>);

struct Inner {
    turns: Turns,
    since: Instant,
    /// The thread that looked first, and the time that it had worked by then.
    first: Mutex<Option<(ThreadId, Duration)>>,
    runtime: Handle,
    stage: Mutex<Stage>,
}

enum Stage {
    /// Each permit is kept until the stage changes.
    Quick {
        _permit: OwnedSemaphorePermit,
    },
    Slow {
        _permit: OwnedSemaphorePermit,
    },
    Write {
        _permit: OwnedSemaphorePermit,
    },
    /// Neither: it waits, was refused, or has ended.
    Nothing,
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Turn")
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Whoever still holds the pace of this turn no longer has its permit.
        *self.0.stage.lock().unwrap_or_else(PoisonError::into_inner) = Stage::Nothing;
    }
}

impl Turn {
    /// Returns what changes this turn for one to write.
    pub(super) fn writing(&self) -> Writing {
        Writing(Arc::clone(&self.0))
    }

    /// Puts work on the pace of this turn, until a deadline.
    pub(super) fn pace(&self, cancellation: &Cancellation, deadline: Instant) {
        let inner = Arc::clone(&self.0);
        cancellation.renew(deadline, Some(Arc::new(move |wanted, is_long| inner.go_on(wanted, is_long))));
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
        let Inner { turns, runtime, stage, .. } = &*self.0;
        let mut stage = stage.lock().unwrap_or_else(PoisonError::into_inner);
        match &*stage {
            Stage::Nothing => return Err(Cancelled::Crowded),
            Stage::Write { .. } => return Ok(()),
            Stage::Quick { .. } | Stage::Slow { .. } => {}
        }
        let place = Arc::clone(&turns.waiting_to_write).try_acquire_owned();
        *stage = Stage::Nothing;
        let _place = place.map_err(|_| Cancelled::Crowded)?;
        let count = bytes.div_ceil(BYTES_PER_WRITE_TURN).clamp(1, WRITE_TURNS);
        *stage = Stage::Write { _permit: runtime.block_on(turn_of(&turns.write, count, wanted))? };
        Ok(())
    }
}

/// Waits for a turn while it is wanted.
async fn turn_of(
    turns: &Arc<Semaphore>,
    count: usize,
    wanted: &Cancellation,
) -> Result<OwnedSemaphorePermit, Cancelled> {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let turn = Arc::clone(turns).acquire_many_owned(count);
    tokio::pin!(turn);
    loop {
        tokio::select! {
            permit = &mut turn => return permit.map_err(|_| Cancelled::Abandoned),
            () = sleep(LOOK_EVERY) => wanted.check_only()?,
        }
    }
}

impl Inner {
    /// Returns whether the request has worked for long: by the time of its thread, so that a busy machine makes no query slow.
    fn is_slow(&self) -> bool {
        let (passed, quick_max) = (self.since.elapsed(), self.turns.quick_max);
        let worked = self.worked();
        passed >= quick_max
            && (worked.is_none_or(|worked| worked >= quick_max)
                || passed >= quick_max.saturating_mul(WAITS_MAX))
    }

    /// Returns how long this thread has worked since the first look; `None` where several threads work, or the system does not report it.
    fn worked(&self) -> Option<Duration> {
        let (now, thread) = (thread_time()?, std::thread::current().id());
        let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
        let (known, then) = *first.get_or_insert((thread, now));
        (known == thread).then(|| now.saturating_sub(then))
    }

    /// Changes a quick turn that has lasted long for a slow one. Threads of one request that ask meanwhile wait here too.
    fn go_on(&self, wanted: &Cancellation, is_long: bool) -> Result<(), Cancelled> {
        if !is_long && !self.is_slow() {
            return Ok(());
        }
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        match &*stage {
            Stage::Slow { .. } | Stage::Write { .. } => return Ok(()),
            Stage::Nothing => return Err(Cancelled::Crowded),
            Stage::Quick { .. } => {}
        }
        if let Ok(permit) = Arc::clone(&self.turns.slow).try_acquire_owned() {
            *stage = Stage::Slow { _permit: permit };
            return Ok(());
        }
        let place = Arc::clone(&self.turns.waiting).try_acquire_owned();
        *stage = Stage::Nothing;
        let _place = place.map_err(|_| Cancelled::Crowded)?;
        *stage = Stage::Slow { _permit: self.runtime.block_on(turn_of(&self.turns.slow, 1, wanted))? };
        Ok(())
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
    use std::sync::mpsc::channel;

    const LONG: Duration = Duration::from_secs(60);

    /// Takes a turn, and the cancellation of what is done in it.
    async fn begin(turns: &Turns) -> (Turn, Cancellation) {
        let turn = turns.take(LONG).await.expect("a quick turn");
        let deadline = Instant::now() + LONG;
        let wanted = Cancellation::at(deadline);
        turn.pace(&wanted, deadline);
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
            if turns.waiting.available_permits() == 0 {
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
        let waiting = tokio::task::spawn_blocking(move || writing.wait(&wanted, 4 << 20));
        // It gets a quick turn once the large one waits, which leaves no turn to write.
        let (_quick, _) = begin(&turns).await;
        assert!(!waiting.is_finished());
        drop(small);
        assert_eq!(waiting.await.expect("no panic"), Ok(()));
        assert_eq!(turns.write.available_permits(), 0);
        drop(large);
        assert_eq!(turns.write.available_permits(), WRITE_TURNS);
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
