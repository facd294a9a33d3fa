//! One subscription under way: looks for events when it is woken, and answers its selection for each of them in a scope of
//! its own: the heads, the watermark and the present instant of that event.

use super::engine::run::execute::Execution;
use super::error::Error;
use super::request::Request;
use super::schema::live::event::Found;
use super::schema::live::subscription::Source;
use super::service::{Answer, Prepared, Service, during, guarded, refusal, text_of};
use super::turn::Turn;
use crate::app::Session;
use crate::model::sync::cancellation::Cancellation;
use serde_json::Value as Json;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// The result of starting an operation.
#[derive(Debug)]
pub enum Started {
    /// A query or mutation was answered.
    Answered(Answer),
    /// A subscription is under way.
    Subscribed(Subscription),
    /// The operation was refused: the errors.
    Refused(Vec<Json>),
}

/// What one look of a subscription found.
#[derive(Debug)]
pub enum Polled {
    /// An answer as JSON text.
    Answer(String),
    /// Nothing has happened yet: see [`Subscription::woken`].
    Nothing,
    /// Something has happened that will be looked at when so much time has passed.
    Later(Duration),
    /// It has ended.
    End,
    /// It has failed, and ended: the errors.
    Failed(Vec<Json>),
}

/// A subscription under way.
pub struct Subscription {
    service: Arc<Service>,
    session: Session,
    prepared: Arc<Prepared>,
    /// Absent while it looks, and after a panic.
    source: Option<Source>,
    wake: Arc<Notify>,
    /// Of all its reads, as what one event finds is answered with the next.
    cancellation: Cancellation,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.cancellation.abandon();
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subscription")
    }
}

impl Subscription {
    /// Opens the source of a prepared subscription.
    pub(super) fn open(service: &Arc<Service>, prepared: Prepared, request: &Request) -> Result<Self, Error> {
        let wake = Arc::new(Notify::new());
        let notify = Arc::clone(&wake);
        let source = {
            let execution = prepared.execution(request);
            let (field, arguments) = execution.root_field(prepared.operation()?)?;
            Source::open(&field, &arguments, request, move || notify.notify_one())?
        };
        let (service, prepared) = (Arc::clone(service), Arc::new(prepared));
        let (session, cancellation) = (request.session.clone(), Cancellation::at(service.deadline()));
        Ok(Self { service, session, prepared, source: Some(source), wake, cancellation })
    }

    /// Waits until it is worth looking.
    pub async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Looks once, on a thread where waiting is allowed; the turn as with [`Service::handle`].
    pub async fn look(&mut self, turn: Turn) -> Polled {
        let Some(mut source) = self.source.take() else { return Polled::End };
        let (service, prepared) = (Arc::clone(&self.service), Arc::clone(&self.prepared));
        let (session, cancellation) = (self.session.clone(), self.cancellation.clone());
        turn.pace_in_place(&cancellation, service.deadline());
        let looked = during(turn, move || {
            guarded(|| {
                let request = Service::request_of_event(&session, &cancellation);
                let polled = next(&mut source, &prepared, &request);
                (source, polled)
            })
        });
        match looked.await.unwrap_or_else(|failed| Err(Error::internal(&failed))) {
            Ok((source, polled)) => {
                self.source = Some(source);
                polled
            }
            Err(error) => Polled::Failed(vec![refusal(&error.into())]),
        }
    }
}

fn next(source: &mut Source, prepared: &Prepared, request: &Request) -> Polled {
    let answered = source.next(request).and_then(|found| match found {
        Found::Nothing => Ok(Polled::Nothing),
        Found::Later(wait) => Ok(Polled::Later(wait)),
        Found::End => Ok(Polled::End),
        Found::Event(event) => {
            let execution: Execution<'_> = prepared.execution(request);
            Ok(Polled::Answer(text_of(execution.run_event(prepared.operation()?, Box::new(event)))))
        }
    });
    answered.unwrap_or_else(|error| Polled::Failed(vec![refusal(&error.into())]))
}
