//! Turns of what is under way, by names: the same again waits for its end.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The names of what is under way.
#[derive(Default)]
pub(in crate::graph) struct Turns {
    taken: Mutex<BTreeSet<String>>,
    ended: Condvar,
}

impl Turns {
    /// Waits until nothing else of a name is under way, and keeps others of it waiting until the returned value is dropped.
    pub(in crate::graph) fn take(&self, name: &str) -> Turn<'_> {
        let taken = self.ended.wait_while(self.lock(), |taken| taken.contains(name));
        taken.unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
        Turn { of: self, name: name.to_owned() }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A turn that is taken.
pub(in crate::graph) struct Turn<'a> {
    of: &'a Turns,
    name: String,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.of.lock().remove(&self.name);
        self.of.ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn the_same_is_never_under_way_twice() {
        let (turns, inside) = (Turns::default(), [AtomicUsize::new(0), AtomicUsize::new(0)]);
        std::thread::scope(|scope| {
            for number in 0..8 {
                let (turns, inside) = (&turns, &inside);
                scope.spawn(move || {
                    for _ in 0..1_000 {
                        let _turn = turns.take(&format!("name {}", number % 2));
                        assert_eq!(inside[number % 2].fetch_add(1, Ordering::SeqCst), 0);
                        std::thread::yield_now();
                        inside[number % 2].fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        // Another name does not wait.
        let (_one, _other) = (turns.take("one"), turns.take("other"));
    }
}
