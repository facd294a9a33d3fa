//! The windows in which a process may be killed, by name, and the deeds that may fail. Only tests stop or fail there; elsewhere
//! passing one does nothing. Our own and not the crate `fail`, as that arms points for the whole process: here a deed can fail on one
//! thread alone, and a window can be the n-th passing, after which the process ends at once.

#[cfg(not(test))]
#[inline]
pub(crate) fn pass(_window: &'static str) {}

#[cfg(not(test))]
#[inline]
pub(crate) fn attempt(_deed: &'static str) -> Result<(), git2::Error> {
    Ok(())
}

#[cfg(test)]
pub(crate) use armed::{arm, attempt, fail, fail_at, pass, startle};

#[cfg(test)]
mod armed {
    use std::cell::Cell;
    use std::sync::Mutex;

    /// The window at which the process ends, and how often it is passed before.
    static ARMED: Mutex<Option<(String, usize)>> = Mutex::new(None);

    /// The deed that fails on any thread, and how often it is done before.
    static DOOMED: Mutex<Option<(String, usize)>> = Mutex::new(None);

    /// Makes the process end when it passes a window after `before` earlier passes.
    pub(crate) fn arm(window: &str, before: usize) {
        *ARMED.lock().expect("nobody panics with it") = Some((window.to_owned(), before));
    }

    pub(crate) fn pass(window: &'static str) {
        if STARTLED.get() == Some(window) {
            STARTLED.set(None);
            panic!("startled at {window}");
        }
        if is_met(&ARMED, window) {
            std::process::abort();
        }
    }

    /// Makes an attempt at a deed fail, on whichever thread, after `before` earlier ones.
    pub(crate) fn fail_at(deed: &str, before: usize) {
        *DOOMED.lock().expect("nobody panics with it") = Some((deed.to_owned(), before));
    }

    /// Returns whether a name is met as often as it was to be; each time before counts.
    fn is_met(awaited: &Mutex<Option<(String, usize)>>, name: &str) -> bool {
        let mut awaited = awaited.lock().expect("nobody panics with it");
        match awaited.as_mut().filter(|(awaited, _)| awaited == name) {
            Some((_, 0)) => true,
            Some((_, before)) => {
                *before -= 1;
                false
            }
            None => false,
        }
    }

    thread_local! {
        /// The deed whose next attempt on this thread fails, as a disk fails that does not sync.
        static FAILING: Cell<Option<&'static str>> = const { Cell::new(None) };
    }

    thread_local! {
        /// The window whose next pass on this thread panics, as a validator may.
        static STARTLED: Cell<Option<&'static str>> = const { Cell::new(None) };
    }

    /// Makes the next pass of a window on this thread panic.
    pub(crate) fn startle(window: &'static str) {
        STARTLED.set(Some(window));
    }

    /// Makes the next attempt at a deed on this thread fail.
    pub(crate) fn fail(deed: &'static str) {
        FAILING.set(Some(deed));
    }

    pub(crate) fn attempt(deed: &'static str) -> Result<(), git2::Error> {
        if FAILING.get() == Some(deed) {
            FAILING.set(None);
        } else if !is_met(&DOOMED, deed) {
            return Ok(());
        }
        Err(git2::Error::from_str("failed to sync: no space left on device"))
    }
}
