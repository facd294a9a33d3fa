//! The places of open connections, and which connection is closed where another one needs its place.
//!
//! Where all places are taken, the connection whose client makes the service wait most is closed and its place is free at once: one
//! that waits amid a request before one between two requests, and the longest wait first. A byte now and then does not end a wait.
//! One client has a share of the places; beyond it, its own connections make room for one another.

use super::activity::Activity;
use crate::server::share::{Client, Full};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

/// A connection that has waited less for its client is not closed for another one: the first bytes of a new one are on their way.
const WAIT_MIN: Duration = Duration::from_millis(100);
/// How soon another attempt follows one that found no place.
const RETRY: Duration = Duration::from_millis(20);

/// The open connections.
#[derive(Clone)]
pub(in crate::server) struct Connections {
    max: usize,
    /// How many of one client, on this machine and elsewhere.
    local_max: usize,
    remote_max: usize,
    open: Arc<Mutex<Open>>,
    /// Notified when a place is free.
    freed: Arc<Notify>,
}

#[derive(Default)]
struct Open {
    all: HashMap<u64, (Client, Arc<Activity>)>,
    of: HashMap<Client, usize>,
}

impl Connections {
    pub(in crate::server) fn new(max: usize, per_client_max: Option<usize>) -> Self {
        let each = |default: usize| per_client_max.unwrap_or(default).min(max);
        let (local_max, remote_max) = (each(max), each((max / 2).max(1)));
        Self { max, local_max, remote_max, open: Arc::default(), freed: Arc::default() }
    }

    const fn share(&self, client: Client) -> usize {
        if client.is_local() { self.local_max } else { self.remote_max }
    }

    /// Waits for a place; refused with the number that one client may have where this one has them.
    pub(in crate::server) async fn enter(
        &self,
        number: u64,
        client: Client,
        activity: &Arc<Activity>,
    ) -> Result<(), usize> {
        loop {
            match self.try_enter(number, client, activity, Instant::now()) {
                Ok(()) => return Ok(()),
                Err(Full::Client) => return Err(self.share(client)),
                Err(Full::All) => drop(timeout(RETRY, self.freed.notified()).await),
            }
        }
    }

    /// Takes a place, and closes another connection for it where none is free.
    fn try_enter(
        &self,
        number: u64,
        client: Client,
        activity: &Arc<Activity>,
        now: Instant,
    ) -> Result<(), Full> {
        let mut open = self.lock();
        let own = open.of.get(&client).copied().unwrap_or_default();
        if own >= self.share(client) && !open.close_one(Some(client), now) {
            return Err(if own >= self.max { Full::All } else { Full::Client });
        }
        if open.all.len() >= self.max && !open.close_one(None, now) {
            return Err(Full::All);
        }
        open.all.insert(number, (client, Arc::clone(activity)));
        *open.of.entry(client).or_default() += 1;
        Ok(())
    }

    /// Closes a connection because files are scarce.
    pub(in crate::server) fn make_room(&self) {
        self.lock().close_one(None, Instant::now());
    }

    pub(in crate::server) fn leave(&self, number: u64) {
        self.lock().remove(number);
        self.freed.notify_one();
    }

    pub(in crate::server) fn is_empty(&self) -> bool {
        self.lock().all.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Closes the connection, of one client or of all, whose client makes the service wait most; returns whether there was one.
    fn close_one(&mut self, client: Option<Client>, now: Instant) -> bool {
        let asked = self.all.iter().filter(|(_, (of, _))| client.is_none_or(|client| client == *of));
        let waiting = asked.filter_map(|(number, (_, activity))| {
            let waited = activity.waited(now).filter(|waited| *waited >= WAIT_MIN)?;
            Some((activity.weight(waited), *number))
        });
        let Some((_, number)) = waiting.max_by_key(|(weight, number)| (*weight, Reverse(*number))) else {
            return false;
        };
        if let Some(activity) = self.remove(number) {
            activity.close.notify_one();
        }
        true
    }

    /// Frees a place, unless it was freed before.
    fn remove(&mut self, number: u64) -> Option<Arc<Activity>> {
        let (client, activity) = self.all.remove(&number)?;
        if let Some(own) = self.of.get_mut(&client) {
            *own -= 1;
            if *own == 0 {
                self.of.remove(&client);
            }
        }
        Some(activity)
    }
}

#[cfg(test)]
mod tests {
    use super::super::activity::{Answering, Pausing};
    use super::*;
    use axum::body::Body;
    use std::net::{IpAddr, SocketAddr};

    const SECOND: Duration = Duration::from_secs(1);

    /// Connections whose clients behave as the test needs, at instants that it sets.
    struct Scene {
        connections: Connections,
        opened: Instant,
        entered: Vec<Arc<Activity>>,
    }

    impl Scene {
        fn new(max: usize, per_client_max: Option<usize>) -> Self {
            let connections = Connections::new(max, per_client_max);
            Self { connections, opened: Instant::now(), entered: Vec::new() }
        }

        /// Opens a connection of a client so long after the beginning.
        fn enter(&mut self, client: &str, at: Duration) -> Result<(), Full> {
            let now = self.opened + at;
            let (activity, number) = (Activity::new(now), self.entered.len() as u64);
            let client = Client::from(SocketAddr::from((client.parse::<IpAddr>().expect("an address"), 1)));
            self.entered.push(Arc::clone(&activity));
            self.connections.try_enter(number, client, &activity, now)
        }

        /// Returns the numbers of the connections that have a place.
        fn open(&self) -> Vec<u64> {
            let mut open: Vec<_> = self.connections.lock().all.keys().copied().collect();
            open.sort_unstable();
            open
        }

        /// Lets a client send bytes at an even pace.
        fn drip(&self, number: usize, bytes: usize, every: Duration, until: Duration) {
            let times = until.div_duration_f64(every) as u32;
            (1..=times).for_each(|time| self.entered[number].moved(bytes, self.opened + every * time));
        }
    }

    #[test]
    fn the_client_that_makes_the_service_wait_most_loses_its_place() {
        let mut scene = Scene::new(3, None);
        for number in 0..3 {
            assert_eq!(scene.enter(&format!("10.0.0.{number}"), Duration::ZERO), Ok(()));
        }
        // One sends its body as fast as it must, one a byte now and then, one works off a request that is complete.
        scene.drip(0, 16 << 10, SECOND, 20 * SECOND);
        scene.drip(1, 1, SECOND * 9 / 10, 20 * SECOND);
        let _work = scene.entered[2].work();
        assert_eq!(scene.enter("10.0.0.3", 20 * SECOND), Ok(()));
        assert_eq!(scene.open(), [0, 2, 3], "the slow one makes room");
        assert_eq!(scene.enter("10.0.0.4", 20 * SECOND), Err(Full::All), "nobody has waited for long");
        assert_eq!(scene.enter("10.0.0.5", 20 * SECOND + WAIT_MIN), Ok(()));
    }

    #[test]
    fn a_request_in_part_weighs_more_than_a_connection_between_requests() {
        let mut scene = Scene::new(2, None);
        assert_eq!(scene.enter("10.0.0.1", Duration::ZERO), Ok(()));
        let answered = Answering::new(Body::empty(), Pausing::new(&scene.entered[0]));
        drop(answered);
        assert_eq!(scene.enter("10.0.0.2", 8 * SECOND), Ok(()));
        assert_eq!(scene.enter("10.0.0.3", 10 * SECOND), Ok(()));
        assert_eq!(scene.open(), [0, 2], "half a head for 2 s before an idle connection for 10 s");
        assert_eq!(scene.enter("10.0.0.4", 10 * SECOND + WAIT_MIN), Ok(()));
        assert_eq!(scene.open(), [2, 3], "a head may take a moment");
    }

    #[test]
    fn one_client_leaves_places_to_others() {
        let check = |client: &str, per_client_max: Option<usize>, expect: usize| {
            let mut scene = Scene::new(8, per_client_max);
            let works = |scene: &Scene| scene.entered.last().map(Activity::work);
            let mut work = Vec::new();
            while scene.enter(client, Duration::ZERO).is_ok() {
                work.push(works(&scene));
            }
            assert_eq!(scene.open().len(), expect, "{client} {per_client_max:?}");
            let other = scene.enter("10.9.9.9", Duration::ZERO);
            assert_eq!(other.is_ok(), expect < 8, "{client} {per_client_max:?}");
        };
        check("10.0.0.1", None, 4);
        check("2001:db8::1", None, 4);
        check("127.0.0.1", None, 8);
        check("10.0.0.1", Some(3), 3);
        check("127.0.0.1", Some(3), 3);
        check("10.0.0.1", Some(8), 8);
    }

    #[test]
    fn connections_of_one_client_make_room_for_one_another() {
        let mut scene = Scene::new(4, Some(2));
        for client in ["10.0.0.9", "10.0.0.1", "10.0.0.1", "10.0.0.1"] {
            let at = SECOND * scene.entered.len() as u32;
            assert_eq!(scene.enter(client, at), Ok(()));
        }
        assert_eq!(scene.open(), [0, 2, 3], "not the one of the other client, which has waited longer");
    }
}
