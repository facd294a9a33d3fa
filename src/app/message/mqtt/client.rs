//! The client: connects, subscribes, gathers what arrives, has it stored while more arrives, and acknowledges what is stored. Where the
//! store takes nothing, or is slower than the broker, no more is read, so that what waits does so at the broker.

use super::intake::{Intake, Pending};
use super::link::Link;
use super::options::Subscription;
use super::packet::Incoming;
use super::status::{LinkState, Status};
use crate::exchange::samples::mqtt::sparkplug::Homes;
use crate::model::time::clock::Clock;
use crate::telemetry::{Batch, Written};
use sha2::{Digest as _, Sha256};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How long after the first failure it is tried again; twice as long after each further one.
const BACK_OFF: Duration = Duration::from_secs(1);
/// It is never longer than this.
const BACK_OFF_MAX: Duration = Duration::from_secs(60);
/// A connection that lasted so long was a good one: the next failure is a first one again.
const STEADY: Duration = Duration::from_secs(60);
/// How long what is under way may take when the service stops.
const LAST_MAX: Duration = Duration::from_secs(5);

/// Stores a batch, and where units were born; both are on the disk on return.
pub(in crate::app) type Store = Arc<dyn Fn(Batch, Option<Homes>) -> Result<Written, String> + Send + Sync>;

/// A client of one broker.
pub(in crate::app) struct Client {
    subscription: Arc<Subscription>,
    intake: Intake,
    status: Arc<Status>,
    clock: Arc<dyn Clock>,
    store: Store,
    writing: Option<Writing>,
    /// What could not be stored, and is tried again.
    again: Option<Arc<Pending>>,
    /// How often in a row the store has failed.
    failures: u32,
    /// No batch is begun before.
    next_write: Instant,
    /// The connections so far.
    links: u64,
}

/// A batch that is being stored.
struct Writing {
    pending: Arc<Pending>,
    task: JoinHandle<Result<Written, String>>,
}

/// Why a connection ended.
enum End {
    Stopped,
    Broken(String),
}

impl Client {
    /// Makes the client of a broker.
    pub(in crate::app) fn new(
        subscription: Arc<Subscription>,
        intake: Intake,
        (status, clock): (Arc<Status>, Arc<dyn Clock>),
        store: Store,
    ) -> Self {
        Self {
            subscription,
            intake,
            status,
            clock,
            store,
            writing: None,
            again: None,
            failures: 0,
            next_write: Instant::now(),
            links: 0,
        }
    }

    /// Works until it is stopped.
    pub(in crate::app) fn run(mut self, stop: watch::Receiver<bool>) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(self.serve(stop));
        // A look-up of a name that goes on is not waited for.
        runtime.shutdown_background();
        Ok(())
    }

    async fn serve(&mut self, mut stop: watch::Receiver<bool>) {
        let mut failures = 0;
        while !*stop.borrow() {
            self.status.turn(LinkState::Connecting, self.clock.now());
            let begun = Instant::now();
            let opened = tokio::select! {
                opened = Link::open(&self.subscription.endpoint) => opened,
                _ = stop.changed() => continue,
            };
            let reason = match opened {
                Err(reason) => reason,
                Ok(mut link) => match self.use_link(&mut link, &mut stop).await {
                    End::Stopped => {
                        self.finish_all(&mut link).await;
                        link.close().await;
                        break;
                    }
                    End::Broken(reason) => {
                        failures = failures_after(failures, begun.elapsed());
                        reason
                    }
                },
            };
            failures += 1;
            tracing::warn!(broker = self.subscription.name, failures, "{reason}");
            self.status.lock().error = Some(reason);
            self.status.turn(LinkState::Waiting, self.clock.now());
            let wait = back_off(&self.subscription.name, failures);
            let _ = tokio::time::timeout(wait, stop.changed()).await;
        }
        if let Some(writing) = self.writing.take() {
            // What it has stored is not acknowledged, and comes again.
            let _ = tokio::time::timeout(LAST_MAX, writing.task).await;
        }
        self.status.turn(LinkState::Idle, self.clock.now());
    }

    /// Takes what arrives by a connection, until it breaks or the service stops.
    async fn use_link(&mut self, link: &mut Link, stop: &mut watch::Receiver<bool>) -> End {
        self.links += 1;
        self.intake.connected();
        let is_lost = self.links > 1 && !link.has_session && !self.subscription.endpoint.session.is_zero();
        {
            let mut status = self.status.lock();
            status.connections += 1;
            status.lost_sessions += u64::from(is_lost);
            status.error = None;
        }
        if is_lost {
            tracing::warn!(
                broker = self.subscription.name,
                "the broker has not kept the session: messages that waited there are lost"
            );
        }
        self.status.turn(LinkState::Connected, self.clock.now());
        tracing::info!(broker = self.subscription.name, kept = link.has_session, "connected");
        match self.take_all(link, stop).await {
            Ok(()) => End::Stopped,
            Err(reason) => End::Broken(reason),
        }
    }

    async fn take_all(&mut self, link: &mut Link, stop: &mut watch::Receiver<bool>) -> Result<(), String> {
        let filters: Vec<String> =
            self.subscription.routes.iter().map(|route| route.pattern.filter()).collect();
        link.subscribe(&filters).await?;
        let mut ping = tokio::time::interval(self.subscription.endpoint.keep_alive / 2);
        ping.reset();
        let mut is_answer_due = false;
        loop {
            while !self.intake.is_full() {
                let Some(packet) = link.taken()? else { break };
                self.handle(packet, &filters)?;
            }
            for (topic, payload) in self.intake.commands() {
                link.publish(&topic, &payload, None).await?;
            }
            if self.begin_write() {
                continue;
            }
            let is_reading = !self.intake.is_full();
            let is_waiting = self.writing.is_none() && self.has_work();
            let next_write = self.next_write;
            tokio::select! {
                biased;
                _ = stop.changed() => return Ok(()),
                stored = stored(&mut self.writing), if self.writing.is_some() => {
                    let numbers = self.finish(stored);
                    link.acknowledge(&numbers).await?;
                    self.intake.acknowledged(numbers.len());
                }
                // Before what arrives, so that a flood keeps no ping from the broker.
                _ = ping.tick() => {
                    if is_answer_due && is_reading {
                        return Err("the broker does not answer".to_owned());
                    }
                    is_answer_due = is_reading;
                    link.ping().await?;
                }
                received = link.receive(), if is_reading => {
                    received?;
                    is_answer_due = false;
                }
                () = tokio::time::sleep_until(next_write), if is_waiting => {}
            }
        }
    }

    fn handle(&mut self, packet: Incoming, filters: &[String]) -> Result<(), String> {
        match packet {
            Incoming::Published(message) => self.intake.take(&message),
            Incoming::TooLarge { topic, number, bytes } => self.intake.take_large(&topic, number, bytes),
            Incoming::Subscribed(granted) => {
                let refused = filters.iter().zip(&granted).filter(|(_, is_granted)| !**is_granted);
                let refused: Vec<String> = refused.map(|(filter, _)| filter.clone()).collect();
                if !refused.is_empty() {
                    tracing::warn!(
                        broker = self.subscription.name,
                        ?refused,
                        "the broker does not grant topics"
                    );
                }
                self.status.lock().refused_filters = refused;
            }
            Incoming::Closed(reason) | Incoming::Refused(reason) => return Err(reason),
            Incoming::Connected { .. } | Incoming::Acknowledged { .. } | Incoming::Pong | Incoming::Other => {
            }
        }
        Ok(())
    }

    fn has_work(&self) -> bool {
        self.again.is_some() || !self.intake.is_empty()
    }

    /// Begins to store what there is, where that is due and nothing is being stored; returns whether it did.
    fn begin_write(&mut self) -> bool {
        let now = Instant::now();
        let is_due = self.next_write <= now || self.intake.is_full() && self.failures == 0;
        if self.writing.is_some() || !self.has_work() || !is_due {
            return false;
        }
        let pending = self.again.take().unwrap_or_else(|| Arc::new(self.intake.hand_out(self.links)));
        let (store, given) = (Arc::clone(&self.store), Arc::clone(&pending));
        // The batch is kept until it is stored: it is tried again where that fails.
        let task = tokio::task::spawn_blocking(move || store(given.batch.clone(), given.homes.clone()));
        self.next_write = now + self.subscription.limits.every;
        self.writing = Some(Writing { pending, task });
        true
    }

    /// Takes notice of the end of a write; returns the numbers that are to be acknowledged now.
    fn finish(&mut self, stored: Result<Written, String>) -> Vec<u16> {
        let Some(Writing { pending, .. }) = self.writing.take() else { return Vec::new() };
        match stored {
            Ok(written) => {
                self.failures = 0;
                self.intake.stored(&pending, &written);
                // The numbers of another connection mean other messages.
                if pending.link == self.links { pending.numbers.clone() } else { Vec::new() }
            }
            Err(reason) => {
                self.failures += 1;
                tracing::error!(
                    broker = self.subscription.name,
                    "messages are not stored, and are tried again: {reason}"
                );
                self.status.lock().error = Some(format!("messages are not stored: {reason}"));
                self.next_write = Instant::now() + back_off(&self.subscription.name, self.failures);
                self.again = Some(pending);
                Vec::new()
            }
        }
    }

    /// Has everything stored that has arrived, once, and acknowledges it.
    async fn finish_all(&mut self, link: &mut Link) {
        let finished = async {
            for _ in 0..3 {
                if self.writing.is_some() {
                    let stored = stored(&mut self.writing).await;
                    let numbers = self.finish(stored);
                    if link.acknowledge(&numbers).await.is_err() || self.failures > 0 {
                        return;
                    }
                    self.intake.acknowledged(numbers.len());
                }
                self.next_write = Instant::now();
                self.begin_write();
            }
        };
        // What is not acknowledged comes again.
        let _ = tokio::time::timeout(LAST_MAX, finished).await;
    }
}

/// Waits for the end of a write. A panic is a failure like others.
async fn stored(writing: &mut Option<Writing>) -> Result<Written, String> {
    match writing {
        Some(writing) => (&mut writing.task).await.unwrap_or_else(|error| Err(error.to_string())),
        None => std::future::pending().await,
    }
}

/// Returns how many failures in a row there were before the end of a connection that lasted so long: one that a broker accepts and ends at
/// once is a failure too.
fn failures_after(failures: u32, lasted: Duration) -> u32 {
    if lasted >= STEADY { 0 } else { failures }
}

/// Returns how long to wait after so many failures. It differs from broker to broker by up to a quarter; for one it is the same in every run.
fn back_off(name: &str, failures: u32) -> Duration {
    let doubled = BACK_OFF.saturating_mul(1 << failures.saturating_sub(1).min(10)).min(BACK_OFF_MAX);
    let digest = Sha256::digest(format!("{name}\n{failures}\n"));
    doubled - doubled / 4 * u32::from(digest[0]) / 255
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::app::message::mqtt::homes::Kept;
    use crate::app::message::mqtt::options::{BatchLimits, Endpoint, Version};
    use crate::exchange::samples::mqtt::pattern::{Pattern, Template};
    use crate::exchange::samples::mqtt::route::{Payload, Route, TwinName};
    use crate::model::time::clock::FixedClock;
    use crate::model::time::instant::Instant as Moment;
    use crate::telemetry;
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::sync::atomic::{AtomicU32, Ordering};

    fn subscription(port: u16) -> Subscription {
        let pattern = Pattern::parse("{twin}/{field}").expect("a pattern");
        let names: Vec<&str> = pattern.names().collect();
        let template = |text: &str| Template::parse(text, &names).expect("a template");
        let route = Route {
            payload: Payload::Plain,
            twin: TwinName::Topic(template("{twin}")),
            measurement: template("mqtt"),
            field: Some(template("{field}")),
            tags: Vec::new(),
            each: None,
            time: None,
            pattern,
        };
        let endpoint = Endpoint {
            host: "127.0.0.1".to_owned(),
            port,
            is_tls: false,
            ca: None,
            identity: None,
            version: Version::V3,
            client: "test".to_owned(),
            login: None,
            session: Duration::from_secs(60),
            keep_alive: Duration::from_secs(60),
            unacknowledged_max: 10,
            message_bytes_max: 1_000,
        };
        let limits = BatchLimits { samples_max: 2, bytes_max: 10_000, every: Duration::ZERO };
        Subscription { name: "test".to_owned(), endpoint, routes: vec![route], twins: None, limits }
    }

    /// Takes a packet from a client, all of whose packets are short.
    fn taken(stream: &mut TcpStream) -> Vec<u8> {
        let mut head = [0; 2];
        stream.read_exact(&mut head).expect("a head");
        let mut packet = vec![0; head[1].into()];
        stream.read_exact(&mut packet).expect("a packet");
        [&head[..], &packet].concat()
    }

    /// Accepts a client and what it subscribes to.
    fn accepted(listener: &TcpListener, has_session: bool) -> TcpStream {
        let (mut stream, _) = listener.accept().expect("a client");
        assert_eq!(taken(&mut stream)[0], 0x10);
        stream.write_all(&[0x20, 2, u8::from(has_session), 0]).expect("sent");
        assert_eq!(taken(&mut stream)[0], 0x82);
        stream.write_all(&[0x90, 3, 0, 1, 1]).expect("sent");
        stream
    }

    fn send(stream: &mut TcpStream, numbers: std::ops::Range<u8>) {
        for number in numbers {
            let message = [0x32, 9, 0, 4, b'P', b'/', b't', b'0' + number, 0, number, b'7'];
            let mut message = message.to_vec();
            message[1] = u8::try_from(message.len() - 2).expect("short");
            stream.write_all(&message).expect("sent");
        }
    }

    /// While nothing can be stored nothing is acknowledged; once it can, everything is, in order. What was acknowledged on an earlier
    /// connection is not acknowledged on the next one, whose numbers mean other messages.
    #[test]
    fn nothing_is_acknowledged_before_it_is_stored() {
        let folder = tempfile::tempdir().expect("a folder");
        let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(Moment::from_seconds(1_767_225_600)));
        let telemetry = Arc::new(telemetry::Store::open(folder.path(), Arc::clone(&clock)).expect("a store"));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let subscription = Arc::new(subscription(listener.local_addr().expect("an address").port()));
        let status = Arc::new(Status::new("test", String::new(), "homes".into(), Kept::default()));
        let (attempts, full, kept) =
            (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(1)), Arc::clone(&telemetry));
        let (attempts_of, full_of) = (Arc::clone(&attempts), Arc::clone(&full));
        let store: Store = Arc::new(move |batch, _| {
            attempts_of.fetch_add(1, Ordering::SeqCst);
            match full_of.load(Ordering::SeqCst) {
                0 => kept.write(batch).map_err(|error| error.to_string()),
                _ => Err("the disk is full".to_owned()),
            }
        });
        let (status_of, clock_of) = (Arc::clone(&status), Arc::clone(&clock));
        let intake = Intake::new(Arc::clone(&subscription), clock_of, status_of, 100);
        let client = Client::new(subscription, intake, (Arc::clone(&status), clock), store);
        let (stop, stopped) = watch::channel(false);
        let client = std::thread::spawn(move || client.run(stopped));

        let mut stream = accepted(&listener, false);
        send(&mut stream, 1..4);
        while attempts.load(Ordering::SeqCst) < 2 {
            std::thread::yield_now();
        }
        assert_eq!(status.read().error.as_deref(), Some("messages are not stored: the disk is full"));
        stream.set_nonblocking(true).expect("set");
        let unacknowledged = stream.read(&mut [0; 1]).expect_err("nothing is acknowledged");
        assert_eq!(unacknowledged.kind(), io::ErrorKind::WouldBlock);
        drop(stream);

        // The broker sends the first ones again, and others under numbers that were used before.
        let mut stream = accepted(&listener, false);
        full.store(0, Ordering::SeqCst);
        send(&mut stream, 3..6);
        let acknowledged: Vec<Vec<u8>> = (0..3).map(|_| taken(&mut stream)).collect();
        assert_eq!(acknowledged, [[0x40, 2, 0, 3], [0x40, 2, 0, 4], [0x40, 2, 0, 5]]);
        stop.send_replace(true);
        assert_eq!(taken(&mut stream), [0xe0, 0], "it leaves");
        client.join().expect("no panic").expect("it ends");
        let status = status.read();
        assert_eq!((status.samples, status.unacknowledged, status.error), (6, 0, None));
        assert_eq!((status.connections, status.lost_sessions), (2, 1), "the first one has nothing to lose");
    }

    #[test]
    fn each_failure_waits_twice_as_long_up_to_a_minute() {
        let check = |failures: u32, seconds: u64| {
            let (wait, most) = (back_off("plant", failures), Duration::from_secs(seconds));
            assert!(wait <= most && wait >= most / 4 * 3, "{failures}: {wait:?}");
        };
        check(1, 1);
        check(3, 4);
        check(9, 60);
        check(u32::MAX, 60);
        assert_eq!(failures_after(5, Duration::from_millis(10)), 5, "accepted and closed at once");
        assert_eq!(failures_after(5, STEADY), 0);
    }
}
