//! The client: connects, subscribes, gathers what arrives, has it stored while more arrives, and acknowledges what is stored. Where the
//! store takes nothing, or is slower than the broker, no more is read, so that what waits does so at the broker.

use super::back_off::{back_off, failures_after};
use super::intake::Intake;
use super::link::Link;
use super::options::Subscription;
use super::packet::Incoming;
use super::status::{LinkState, Status};
use super::writer::{Store, Writer};
use crate::model::time::clock::Clock;
use crate::telemetry::Written;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// How long what is under way may take when the service stops.
const LAST_MAX: Duration = Duration::from_secs(5);

/// A client of one broker.
pub(in crate::app) struct Client {
    subscription: Arc<Subscription>,
    intake: Intake,
    status: Arc<Status>,
    clock: Arc<dyn Clock>,
    writer: Writer,
    /// The connections so far.
    links: u64,
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
        let writer = Writer::new(&subscription.name, store, subscription.limits.every);
        Self { subscription, intake, status, clock, writer, links: 0 }
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
        self.writer.leave(LAST_MAX).await;
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
            let is_writing = self.writer.is_writing();
            let is_waiting = !is_writing && (self.writer.has_again() || !self.intake.is_empty());
            let next_write = self.writer.next();
            tokio::select! {
                biased;
                _ = stop.changed() => return Ok(()),
                stored = self.writer.stored(), if is_writing => {
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

    /// Begins to store what there is, where that is due and nothing is being stored; returns whether it did.
    fn begin_write(&mut self) -> bool {
        let (intake, link) = (&mut self.intake, self.links);
        let is_full = intake.is_full();
        self.writer.begin(is_full, || (!intake.is_empty()).then(|| intake.hand_out(link)))
    }

    /// Takes notice of the end of a write; returns the numbers that are to be acknowledged now.
    fn finish(&mut self, stored: Result<Written, String>) -> Vec<u16> {
        match self.writer.finish(stored) {
            Some(Ok((pending, written))) => {
                self.intake.stored(&pending, &written);
                // The numbers of another connection mean other messages.
                if pending.link == self.links { pending.numbers.clone() } else { Vec::new() }
            }
            Some(Err(reason)) => {
                tracing::error!(
                    broker = self.subscription.name,
                    "messages are not stored, and are tried again: {reason}"
                );
                self.status.lock().error = Some(format!("messages are not stored: {reason}"));
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// Has everything stored that has arrived, once, and acknowledges it.
    async fn finish_all(&mut self, link: &mut Link) {
        let finished = async {
            for _ in 0..3 {
                if self.writer.is_writing() {
                    let stored = self.writer.stored().await;
                    let numbers = self.finish(stored);
                    if link.acknowledge(&numbers).await.is_err() || self.writer.has_failed() {
                        return;
                    }
                    self.intake.acknowledged(numbers.len());
                }
                self.writer.hurry();
                self.begin_write();
            }
        };
        // What is not acknowledged comes again.
        let _ = tokio::time::timeout(LAST_MAX, finished).await;
    }
}
