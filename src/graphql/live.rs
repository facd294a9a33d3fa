//! One subscription under way: looks for events when it is woken, and answers its selection for each of them in a scope of
//! its own: the heads, the watermark and the present instant of that event.

use super::engine::execute::Execution;
use super::error::Error;
use super::request::Request;
use super::schema::subscription::{Found, Source};
use super::service::{Prepared, Service, during, json_of, refusal};
use serde_json::Value as Json;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// What came of an operation that was begun.
#[derive(Debug)]
pub enum Begun {
    /// A query or mutation was answered: the answer.
    Answered(Json),
    /// A subscription is under way.
    Subscribed(Subscription),
    /// The operation was refused: the errors.
    Refused(Vec<Json>),
}

/// What a subscription tells next.
#[derive(Debug)]
pub enum Told {
    /// An answer.
    Answer(Json),
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
    prepared: Arc<Prepared>,
    /// Absent while it looks, and after a panic.
    source: Option<Source>,
    wake: Arc<Notify>,
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
        Ok(Self { service: Arc::clone(service), prepared: Arc::new(prepared), source: Some(source), wake })
    }

    /// Waits until it is worth looking.
    pub async fn woken(&self) {
        self.wake.notified().await;
    }

    /// Looks once, on a thread where waiting is allowed; the turn as with [`Service::handle`].
    pub async fn look(&mut self, turn: impl Send + 'static) -> Told {
        let Some(mut source) = self.source.take() else { return Told::End };
        let (service, prepared) = (Arc::clone(&self.service), Arc::clone(&self.prepared));
        let looked = during(turn, move || {
            let request = service.request();
            let told = tell(&mut source, &prepared, &request);
            (source, told)
        });
        match looked.await {
            Ok((source, told)) => {
                self.source = Some(source);
                told
            }
            Err(panic) => Told::Failed(vec![refusal(&Error::internal(&panic).into())]),
        }
    }
}

fn tell(source: &mut Source, prepared: &Prepared, request: &Request) -> Told {
    let answered = source.next(request).and_then(|found| match found {
        Found::Nothing => Ok(Told::Nothing),
        Found::Later(wait) => Ok(Told::Later(wait)),
        Found::End => Ok(Told::End),
        Found::Event(event) => {
            let execution: Execution<'_> = prepared.execution(request);
            Ok(Told::Answer(json_of(execution.run_event(prepared.operation()?, Box::new(event)))))
        }
    });
    answered.unwrap_or_else(|error| Told::Failed(vec![refusal(&error.into())]))
}
