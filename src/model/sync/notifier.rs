//! Notifies listeners that something has changed, and nothing more: a listener looks up what is new. So nothing is
//! queued, and nothing can be lost.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

type Hear = dyn Fn() + Send + Sync;

/// Calls its listeners.
#[derive(Default)]
pub struct Notifier(Mutex<Vec<Weak<Hear>>>);

/// Listens for as long as it lives.
#[must_use]
pub struct Listening(#[allow(dead_code)] Arc<Hear>);

impl Notifier {
    /// Has `hear` called at every ring from now on. It is called on the thread that rings, so it only notes the ring.
    pub fn listen(&self, hear: impl Fn() + Send + Sync + 'static) -> Listening {
        let hear: Arc<Hear> = Arc::new(hear);
        let mut listeners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|listener| listener.strong_count() > 0);
        listeners.push(Arc::downgrade(&hear));
        Listening(hear)
    }

    /// Rings.
    pub fn ring(&self) {
        let listeners: Vec<_> = {
            let listeners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            listeners.iter().filter_map(Weak::upgrade).collect()
        };
        listeners.iter().for_each(|hear| hear());
    }
}

impl fmt::Debug for Notifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bell")
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
    fn it_is_heard_while_someone_listens() {
        let bell = Notifier::default();
        let heard = Arc::new(AtomicU32::new(0));
        let hear = |by: u32| {
            let heard = Arc::clone(&heard);
            bell.listen(move || _ = heard.fetch_add(by, Ordering::Relaxed))
        };
        bell.ring();
        let (one, ten) = (hear(1), hear(10));
        bell.ring();
        drop(one);
        bell.ring();
        drop(ten);
        bell.ring();
        assert_eq!(heard.load(Ordering::Relaxed), 21);
    }
}
