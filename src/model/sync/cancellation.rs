//! Whether work is still wanted: until a deadline, and while somebody waits for it. Long reads ask now and then and end where it is not.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Work has been cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Cancelled {
    /// Its deadline has passed.
    #[error("the answer took too long; ask for less at once")]
    Late,
    /// Nobody waits for it any more.
    #[error("nobody waits for the answer any more")]
    Abandoned,
    /// Too much other work goes on.
    #[error("too many slow requests are under way; try again later, or ask for less at once")]
    Crowded,
}

/// What is called whenever work asks whether to go on, and whether it is about to take long; it may let the work wait.
pub type Pace = dyn Fn(&Cancellation, bool) -> Result<(), Cancelled> + Send + Sync;

/// A cancellation that clones share; the default one never comes.
#[derive(Clone, Default)]
pub struct Cancellation(Option<Arc<Inner>>);

#[derive(Default)]
struct Inner {
    abandoned: AtomicBool,
    terms: Mutex<Terms>,
}

/// Until when work is wanted, and what it meets on its way.
#[derive(Clone, Default)]
struct Terms {
    deadline: Option<Instant>,
    pace: Option<Arc<Pace>>,
}

impl fmt::Debug for Cancellation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cancellation({:?})", self.check_only())
    }
}

impl Cancellation {
    /// Wants work until a deadline.
    pub fn at(deadline: Instant) -> Self {
        let cancellation = Self(Some(Arc::default()));
        cancellation.renew(deadline, None);
        cancellation
    }

    /// Wants work until it is abandoned, however long it takes.
    pub fn until_abandoned() -> Self {
        Self(Some(Arc::default()))
    }

    /// Wants work until another deadline, and at another pace.
    pub fn renew(&self, deadline: Instant, pace: Option<Arc<Pace>>) {
        let Some(inner) = &self.0 else { return };
        *inner.terms.lock().unwrap_or_else(PoisonError::into_inner) =
            Terms { deadline: Some(deadline), pace };
    }

    /// Signals that nobody waits for the work any more.
    pub fn abandon(&self) {
        if let Some(inner) = &self.0 {
            inner.abandoned.store(true, Ordering::Relaxed);
        }
    }

    /// Abandons the work when the returned value is dropped.
    #[must_use]
    pub fn abandon_on_drop(&self) -> Interest {
        Interest(self.clone())
    }

    /// Refuses to go on where the work is cancelled; may wait.
    pub fn check(&self) -> Result<(), Cancelled> {
        self.go_on(false)
    }

    /// Like [`Self::check`], before work that takes long and cannot ask meanwhile.
    pub fn check_before_long_work(&self) -> Result<(), Cancelled> {
        self.go_on(true)
    }

    fn go_on(&self, is_long: bool) -> Result<(), Cancelled> {
        let Some(inner) = &self.0 else { return Ok(()) };
        let pace = inner.check()?;
        pace.map_or(Ok(()), |pace| pace(self, is_long))
    }

    /// Refuses to go on where the work is cancelled; never waits.
    pub fn check_only(&self) -> Result<(), Cancelled> {
        self.0.as_ref().map_or(Ok(()), |inner| inner.check().map(drop))
    }
}

impl Inner {
    fn check(&self) -> Result<Option<Arc<Pace>>, Cancelled> {
        if self.abandoned.load(Ordering::Relaxed) {
            return Err(Cancelled::Abandoned);
        }
        let Terms { deadline, pace } = self.terms.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let late = deadline.is_some_and(|deadline| Instant::now() >= deadline);
        if late { Err(Cancelled::Late) } else { Ok(pace) }
    }
}

/// Somebody who waits for work.
#[derive(Debug)]
pub struct Interest(Cancellation);

impl Drop for Interest {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn work_is_wanted_until_it_is_late_or_abandoned() {
        let now = Instant::now();
        let check = |cancellation: &Cancellation, expect| assert_eq!(cancellation.check(), expect);
        check(&Cancellation::default(), Ok(()));
        check(&Cancellation::at(now), Err(Cancelled::Late));
        let open = Cancellation::until_abandoned();
        check(&open, Ok(()));
        open.abandon();
        check(&open, Err(Cancelled::Abandoned));
        let wanted = Cancellation::at(now + Duration::from_secs(3600));
        let interest = wanted.abandon_on_drop();
        check(&wanted.clone(), Ok(()));
        wanted.renew(now + Duration::from_secs(3600), Some(Arc::new(|_, _| Err(Cancelled::Crowded))));
        check(&wanted, Err(Cancelled::Crowded));
        assert_eq!(wanted.check_only(), Ok(()));
        drop(interest);
        check(&wanted, Err(Cancelled::Abandoned));
    }
}
