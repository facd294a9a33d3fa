//! The windows in which a process may be killed, by name, and the deeds that may fail. Only tests stop or fail there; elsewhere
//! passing one does nothing.

#[cfg(not(test))]
#[inline]
pub(crate) fn pass(_window: &'static str) {}

#[cfg(not(test))]
#[inline]
pub(crate) fn attempt(_deed: &'static str) -> Result<(), git2::Error> {
    Ok(())
}

#[cfg(test)]
pub(crate) use armed::{arm, attempt, fail, pass};

#[cfg(test)]
mod armed {
    use std::cell::Cell;
    use std::sync::Mutex;

    /// The window at which the process ends, and how often it is passed before.
    static ARMED: Mutex<Option<(String, usize)>> = Mutex::new(None);

    /// Makes the process end when it passes a window after `before` earlier passes.
    pub(crate) fn arm(window: &str, before: usize) {
        *ARMED.lock().expect("nobody panics with it") = Some((window.to_owned(), before));
    }

    pub(crate) fn pass(window: &'static str) {
        let mut armed = ARMED.lock().expect("nobody panics with it");
        match armed.as_mut().filter(|(name, _)| name == window) {
            Some((_, 0)) => std::process::abort(),
            Some((_, before)) => *before -= 1,
            None => {}
        }
    }

    thread_local! {
        /// The deed whose next attempt on this thread fails, as a disk fails that does not sync.
        static FAILING: Cell<Option<&'static str>> = const { Cell::new(None) };
    }

    /// Makes the next attempt at a deed on this thread fail.
    pub(crate) fn fail(deed: &'static str) {
        FAILING.set(Some(deed));
    }

    pub(crate) fn attempt(deed: &'static str) -> Result<(), git2::Error> {
        if FAILING.get() != Some(deed) {
            return Ok(());
        }
        FAILING.set(None);
        Err(git2::Error::from_str("failed to sync: no space left on device"))
    }
}
