//! Notifies listeners that something has changed, and nothing more: a listener looks up what is new. So nothing is
//! queued, and nothing can be lost. Our own and not the crate `event-listener`, as that wakes tasks that wait, where each must be polled
//! and begin to wait anew: here a listener is a call, of which any kind of waiting can be made.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

type Listener = dyn Fn() + Send + Sync;

/// Calls its listeners.
#[derive(Default)]
pub struct Notifier(Mutex<Vec<Weak<Listener>>>);

/// Listens for as long as it lives.
#[must_use]
pub struct Listening(#[allow(dead_code)] Arc<Listener>);

impl Notifier {
    /// Has `listener` called at every notification from now on. It is called on the notifying thread, so it must be quick.
    pub fn listen(&self, listener: impl Fn() + Send + Sync + 'static) -> Listening {
        let listener: Arc<Listener> = Arc::new(listener);
        let mut listeners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|listener| listener.strong_count() > 0);
        listeners.push(Arc::downgrade(&listener));
        Listening(listener)
    }

    /// Calls every listener.
    pub fn notify(&self) {
        let listeners: Vec<_> = {
            let listeners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            listeners.iter().filter_map(Weak::upgrade).collect()
        };
        listeners.iter().for_each(|listener| listener());
    }
}

impl fmt::Debug for Notifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notifier")
    }
}

impl fmt::Debug for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listening")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn a_listener_is_called_as_long_as_it_lives() {
        let notifier = Notifier::default();
        let calls = Arc::new(AtomicU32::new(0));
        let listener = |by: u32| {
            let calls = Arc::clone(&calls);
            notifier.listen(move || _ = calls.fetch_add(by, Ordering::Relaxed))
        };
        notifier.notify();
        let (one, ten) = (listener(1), listener(10));
        notifier.notify();
        drop(one);
        notifier.notify();
        drop(ten);
        notifier.notify();
        assert_eq!(calls.load(Ordering::Relaxed), 21);
    }
}
