//! Places that few may have at once, and the order in which clients get them.
//!
//! Clients take turns, so one that asks for much waits behind itself and not before the others. Within a client its HTTP requests
//! take turns with the operations over its WebSockets, and these socket by socket. Only so many may wait, and fewer of one client; the
//! next one is refused.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Who asks for a place: a client by its address, over HTTP or over one of its WebSockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    client: IpAddr,
    socket: Option<u64>,
}

impl Caller {
    /// A client that asks over HTTP.
    pub const fn of(client: IpAddr) -> Self {
        Self { client, socket: None }
    }

    /// The same client over one of its WebSockets, known by its number.
    #[must_use]
    pub const fn over(self, socket: u64) -> Self {
        Self { socket: Some(socket), ..self }
    }
}

/// Too many wait already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// Places, and those who wait for them.
#[derive(Clone, Debug)]
pub struct Queue(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    places: usize,
    waiting_max: Bounds,
    state: Mutex<State>,
}

/// How many may wait: of all clients, of one, and of one over HTTP or over WebSockets.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    all: usize,
    client: usize,
    lane: usize,
}

#[derive(Debug, Default)]
struct State {
    free: usize,
    /// The next one, where it needs more places than are free.
    next: Option<Waiter>,
    clients: Ring<IpAddr, Client>,
    waiting: usize,
    tickets: u64,
}

/// What waits of one client.
#[derive(Debug, Default)]
struct Client {
    requests: VecDeque<Waiter>,
    sockets: Ring<u64, VecDeque<Waiter>>,
    /// Whether its sockets come before its requests.
    sockets_first: bool,
}

#[derive(Debug)]
struct Waiter {
    ticket: u64,
    places: usize,
    granted: oneshot::Sender<()>,
}

impl Queue {
    /// Makes so many places, for which so many may wait: three quarters of them of one client, half of them over HTTP or over
    /// WebSockets.
    pub fn new(places: usize, waiting_max: usize) -> Self {
        let share = |parts: usize| (waiting_max / 4 * parts).max(waiting_max.min(4));
        let waiting_max = Bounds { all: waiting_max, client: share(3), lane: share(2) };
        let state = Mutex::new(State { free: places, ..State::default() });
        Self(Arc::new(Inner { places, waiting_max, state }))
    }

    /// Returns how many places are free.
    pub fn free(&self) -> usize {
        self.0.lock().free
    }

    /// Returns how many wait.
    pub fn waiting(&self) -> usize {
        self.0.lock().waiting
    }

    /// Takes a place where one is free and nobody waits for it.
    pub fn try_take(&self) -> Option<Permit> {
        self.try_take_many(1)
    }

    /// Takes so many places where they are free and nobody waits for them.
    pub fn try_take_many(&self, places: usize) -> Option<Permit> {
        let mut state = self.0.lock();
        state.grant(places).then(|| Permit { inner: Arc::clone(&self.0), places })
    }

    /// Waits for a place.
    pub async fn take(&self, caller: Caller) -> Result<Permit, Full> {
        self.take_many(caller, 1).await
    }

    /// Waits for so many places, of which there are as many.
    pub async fn take_many(&self, caller: Caller, places: usize) -> Result<Permit, Full> {
        Ok(self.enter(caller, places)?.place().await)
    }

    /// Begins to wait for so many places.
    pub fn enter(&self, caller: Caller, places: usize) -> Result<Ticket, Full> {
        let places = places.min(self.0.places);
        let mut state = self.0.lock();
        if state.grant(places) {
            return Ok(Ticket::Permit(Permit { inner: Arc::clone(&self.0), places }));
        }
        let (number, granted) = state.enter(caller, places, self.0.waiting_max)?;
        let inner = Arc::clone(&self.0);
        Ok(Ticket::Waits(Waiting { inner, caller, number, places, granted: Some(granted) }))
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes places where they are free and nobody waits.
    fn grant(&mut self, places: usize) -> bool {
        let free = self.waiting == 0 && self.free >= places;
        if free {
            self.free -= places;
        }
        free
    }

    fn enter(
        &mut self,
        caller: Caller,
        places: usize,
        max: Bounds,
    ) -> Result<(u64, oneshot::Receiver<()>), Full> {
        let client = self.clients.of(caller.client);
        let (requests, sockets) = (client.requests.len(), client.sockets.0.iter().map(|(_, of)| of.len()));
        let sockets: usize = sockets.sum();
        let lane = if caller.socket.is_some() { sockets } else { requests };
        if self.waiting >= max.all || requests + sockets >= max.client || lane >= max.lane {
            self.clients.0.retain(|(_, client)| !client.is_empty());
            return Err(Full);
        }
        let (granted, receiver) = oneshot::channel();
        self.tickets += 1;
        self.waiting += 1;
        let waiter = Waiter { ticket: self.tickets, places, granted };
        match caller.socket {
            None => client.requests.push_back(waiter),
            Some(socket) => client.sockets.of(socket).push_back(waiter),
        }
        Ok((self.tickets, receiver))
    }

    /// Gives free places to those whose turn it is.
    fn serve(&mut self) {
        loop {
            let Some(waiter) = self.next.take().or_else(|| self.clients.next(Client::next)) else { return };
            if waiter.places > self.free {
                self.next = Some(waiter);
                return;
            }
            self.waiting -= 1;
            // Whoever has left meanwhile removes itself before its receiver is dropped.
            if waiter.granted.send(()).is_ok() {
                self.free -= waiter.places;
            }
        }
    }

    /// Removes one who waits no longer; returns whether it still waited.
    fn leave(&mut self, caller: Caller, ticket: u64) -> bool {
        if self.next.as_ref().is_some_and(|waiter| waiter.ticket == ticket) {
            self.next = None;
        } else {
            let client = self.clients.of(caller.client);
            let lane = match caller.socket {
                None => &mut client.requests,
                Some(socket) => client.sockets.of(socket),
            };
            let place = lane.iter().position(|waiter| waiter.ticket == ticket);
            let found = place.and_then(|place| lane.remove(place)).is_some();
            client.sockets.0.retain(|(_, of)| !of.is_empty());
            self.clients.0.retain(|(_, client)| !client.is_empty());
            if !found {
                return false;
            }
        }
        self.waiting -= 1;
        true
    }
}

impl Client {
    fn is_empty(&self) -> bool {
        self.requests.is_empty() && self.sockets.0.is_empty()
    }

    /// Takes the next one; returns too whether others wait.
    fn next(&mut self) -> (Option<Waiter>, bool) {
        let sockets_first = self.sockets_first;
        self.sockets_first = !sockets_first;
        let of_socket = |of: &mut VecDeque<Waiter>| (of.pop_front(), !of.is_empty());
        let next = if sockets_first {
            self.sockets.next(of_socket).or_else(|| self.requests.pop_front())
        } else {
            self.requests.pop_front().or_else(|| self.sockets.next(of_socket))
        };
        (next, !self.is_empty())
    }
}

/// What waits, by key; the keys take turns.
#[derive(Debug)]
struct Ring<K, W>(VecDeque<(K, W)>);

impl<K, W> Default for Ring<K, W> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<K: PartialEq, W: Default> Ring<K, W> {
    /// Returns what waits under a key; a new key is the last one in turn.
    fn of(&mut self, key: K) -> &mut W {
        let known = self.0.iter().position(|(known, _)| *known == key);
        let place = known.unwrap_or_else(|| {
            self.0.push_back((key, W::default()));
            self.0.len() - 1
        });
        &mut self.0[place].1
    }

    /// Takes what is next under the key whose turn it is, which then is the last one.
    fn next(&mut self, take: impl Fn(&mut W) -> (Option<Waiter>, bool)) -> Option<Waiter> {
        while let Some((key, mut waiting)) = self.0.pop_front() {
            let (next, more) = take(&mut waiting);
            if more {
                self.0.push_back((key, waiting));
            }
            if next.is_some() {
                return next;
            }
        }
        None
    }
}

/// One who waits for places, or has them already.
#[derive(Debug)]
pub enum Ticket {
    /// They were free.
    Permit(Permit),
    /// Others have them.
    Waits(Waiting),
}

impl Ticket {
    /// Waits until the places are there.
    pub async fn place(self) -> Permit {
        let mut waiting = match self {
            Self::Permit(place) => return place,
            Self::Waits(waiting) => waiting,
        };
        if let Some(granted) = &mut waiting.granted {
            // The sender is dropped only with the queue, which this one keeps.
            drop(granted.await);
        }
        waiting.granted = None;
        Permit { inner: Arc::clone(&waiting.inner), places: waiting.places }
    }
}

/// One who waits in the queue.
#[derive(Debug)]
pub struct Waiting {
    inner: Arc<Inner>,
    caller: Caller,
    number: u64,
    places: usize,
    /// Absent once the place was taken.
    granted: Option<oneshot::Receiver<()>>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.granted.is_none() {
            return;
        }
        let mut state = self.inner.lock();
        if !state.leave(self.caller, self.number) {
            // It was granted, and nobody takes it.
            state.free += self.places;
        }
        state.serve();
    }
}

/// Places that are taken, until this is dropped.
#[derive(Debug)]
pub struct Permit {
    inner: Arc<Inner>,
    places: usize,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.inner.lock();
        state.free += self.places;
        state.serve();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
    use std::future::Future;
    use std::net::Ipv4Addr;
    use std::pin::Pin;

    type Taking = Pin<Box<dyn Future<Output = Result<Permit, Full>>>>;

    /// A queue whose only place is taken, and those who wait for it, by name.
    struct Scene {
        queue: Queue,
        taken: Option<Permit>,
        waiting: Vec<(String, Taking)>,
    }

    fn client(number: u8) -> Caller {
        Caller::of(Ipv4Addr::new(10, 0, 0, number).into())
    }

    impl Scene {
        fn new(waiting_max: usize) -> Self {
            let queue = Queue::new(1, waiting_max);
            let taken = queue.try_take();
            Self { queue, taken, waiting: Vec::new() }
        }

        /// Lets a caller wait; returns whether it may.
        fn enter(&mut self, name: &str, caller: Caller) -> bool {
            let queue = self.queue.clone();
            let mut waiting: Taking = Box::pin(async move { queue.take(caller).await });
            match (&mut waiting).now_or_never() {
                None => self.waiting.push((name.to_owned(), waiting)),
                Some(got) => return got.is_ok(),
            }
            true
        }

        /// Returns the names in the order in which they get the place.
        fn order(mut self) -> String {
            let mut order = Vec::new();
            self.taken = None;
            while !self.waiting.is_empty() {
                let ready = |(_, waiting): &mut (String, Taking)| waiting.now_or_never();
                let found = self.waiting.iter_mut().enumerate().find_map(|(at, of)| Some((at, ready(of)?)));
                let (at, place) = found.expect("somebody gets the place");
                order.push(self.waiting.remove(at).0);
                drop(place.expect("a place"));
            }
            assert_eq!((self.queue.free(), self.queue.waiting()), (1, 0));
            order.join(" ")
        }
    }

    #[test]
    fn clients_and_their_sockets_take_turns() {
        let check = |callers: &[(&str, Caller)], expect: &str| {
            let mut scene = Scene::new(100);
            assert!(callers.iter().all(|(name, caller)| scene.enter(name, *caller)), "{expect}");
            assert_eq!(scene.order(), expect);
        };
        let (a, b) = (client(1), client(2));
        check(&[("a1", a), ("a2", a), ("a3", a), ("b1", b)], "a1 b1 a2 a3");
        check(&[("s1", a.over(1)), ("s2", a.over(1)), ("t1", a.over(2)), ("a1", a)], "a1 s1 t1 s2");
        check(
            &[("s1", a.over(1)), ("s2", a.over(1)), ("s3", a.over(1)), ("a1", a), ("a2", a), ("b1", b)],
            "a1 b1 s1 a2 s2 s3",
        );
        check(&[], "");
    }

    #[test]
    fn so_many_may_wait_and_so_many_of_one_client() {
        let check = |caller: &dyn Fn(usize) -> Caller, expect: usize| {
            let mut scene = Scene::new(16);
            let entered = (0..100).filter(|number| scene.enter("x", caller(*number))).count();
            assert_eq!(entered, expect);
            assert_eq!(scene.queue.waiting(), expect);
            let free_for_others = scene.enter("other", client(99));
            assert_eq!(free_for_others, expect < 16, "{expect}");
        };
        check(&|_| client(1), 8);
        check(&|number| client(1).over(number as u64), 8);
        check(&|number| if number % 2 == 0 { client(1) } else { client(1).over(1) }, 12);
        check(&|number| client(number as u8 / 2), 16);
    }

    #[test]
    fn who_leaves_is_forgotten_and_a_large_one_is_not_passed_over() {
        let queue = Queue::new(2, 10);
        let first = queue.try_take().expect("a place");
        let mut all: Taking = Box::pin({
            let queue = queue.clone();
            async move { queue.take_many(client(1), 2).await }
        });
        assert!((&mut all).now_or_never().is_none());
        assert!(queue.try_take().is_none(), "it waits for both");
        let mut later: Taking = Box::pin({
            let queue = queue.clone();
            async move { queue.take(client(2)).await }
        });
        assert!((&mut later).now_or_never().is_none());
        let second = queue.clone();
        drop(all);
        let later = (&mut later).now_or_never().expect("its turn").expect("a place");
        assert_eq!((second.free(), second.waiting()), (0, 0));
        drop((first, later));
        assert_eq!(second.free(), 2);
    }

    #[test]
    fn a_place_that_was_granted_to_one_who_leaves_is_free_again() {
        let mut scene = Scene::new(10);
        assert!(scene.enter("a", client(1)));
        scene.taken = None;
        assert_eq!(scene.queue.free(), 0, "it is granted");
        scene.waiting.clear();
        assert_eq!(scene.queue.free(), 1);
    }
}
