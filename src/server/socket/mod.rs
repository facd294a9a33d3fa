//! `/graphql` over WebSocket: any GraphQL operation, and subscriptions, as graphql-transport-ws carries them.
//!
//! A connection is one task that alone reads and writes the socket; each operation is a task of its own, which waits while the
//! client is slow to read. So a slow client keeps nothing in memory here but one message for each of its operations.

mod message;

use super::Shared;
use crate::graphql::{Begun, Query, Subscription, Told};
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use message::{PROTOCOL, Said};
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::AbortHandle;
use tokio::time::{Instant, interval_at, sleep, timeout};

/// How long a client may take to begin.
const INIT_MAX: Duration = Duration::from_secs(3);
/// How long a client may take to make room for a message.
const SEND_MAX: Duration = Duration::from_secs(30);
/// How often a client is asked whether it is still there.
const PING_EVERY: Duration = Duration::from_secs(30);
/// The largest message of a client.
const MESSAGE_BYTES_MAX: usize = 1 << 20;
/// So many operations may be under way on one connection.
const OPERATIONS_MAX: usize = 100;

/// Takes a connection over.
pub(super) fn upgrade(upgrade: WebSocketUpgrade, shared: Shared) -> Response {
    let Ok(permit) = Arc::clone(&shared.connections).try_acquire_owned() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many connections are open").into_response();
    };
    upgrade.protocols([PROTOCOL]).max_message_size(MESSAGE_BYTES_MAX).on_upgrade(move |socket| async move {
        let _permit = permit;
        Connection::new(socket, shared).run().await;
    })
}

/// Why a connection ends: a close code and its reason.
type End = (u16, String);

/// What an operation has to say.
enum Saying {
    Next(Json),
    Error(Vec<Json>),
    Complete,
}

/// What an operation says, with its name and its number: a name may be used again.
type Spoken = (String, u64, Saying);

struct Connection {
    socket: WebSocket,
    shared: Shared,
    acknowledged: bool,
    operations: HashMap<String, (u64, AbortHandle)>,
    begun: u64,
    speaker: Sender<Spoken>,
    spoken: Receiver<Spoken>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.operations.values().for_each(|(_, operation)| operation.abort());
    }
}

impl Connection {
    fn new(socket: WebSocket, shared: Shared) -> Self {
        let (speaker, spoken) = mpsc::channel(1);
        Self { socket, shared, acknowledged: false, operations: HashMap::new(), begun: 0, speaker, spoken }
    }

    async fn run(mut self) {
        let end = match self.socket.protocol() {
            Some(_) => self.serve().await,
            None => Some((4406, format!("Subprotocol not acceptable: {PROTOCOL} is spoken here"))),
        };
        if let Some((code, reason)) = end {
            let close = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
            // Whether it still arrives is the client's affair.
            drop(timeout(SEND_MAX, self.socket.send(close)).await);
        }
    }

    /// Serves until one side ends; returns what to close with, where there is somebody to tell.
    async fn serve(&mut self) -> Option<End> {
        let begin_by = sleep(INIT_MAX);
        tokio::pin!(begin_by);
        let mut pings = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        let mut closed = self.shared.closed.clone();
        loop {
            let done = tokio::select! {
                () = async { drop(closed.wait_for(|closed| *closed).await) } => Err((1001, "the service is closing".to_owned())),
                () = &mut begin_by, if !self.acknowledged => {
                    Err((4408, "Connection initialisation timeout".to_owned()))
                }
                _ = pings.tick() => self.send(message::ping()).await,
                spoken = self.spoken.recv() => match spoken {
                    Some(spoken) => self.say(spoken).await,
                    None => return None,
                },
                heard = self.socket.recv() => match heard {
                    Some(Ok(Message::Text(text))) => self.hear(&text).await,
                    Some(Ok(Message::Binary(_))) => Err((4400, "messages are texts".to_owned())),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                },
            };
            if let Err(end) = done {
                return Some(end);
            }
        }
    }

    async fn send(&mut self, text: String) -> Result<(), End> {
        match timeout(SEND_MAX, self.socket.send(Message::Text(text.into()))).await {
            Ok(Ok(())) => Ok(()),
            _ => Err((1013, "the client takes no messages".to_owned())),
        }
    }

    async fn hear(&mut self, text: &str) -> Result<(), End> {
        match message::read(text).map_err(|reason| (4400, format!("Invalid message: {reason}")))? {
            Said::Init if self.acknowledged => Err((4429, "Too many initialisation requests".to_owned())),
            Said::Init => {
                self.acknowledged = true;
                self.send(message::ack()).await
            }
            Said::Ping(payload) => self.send(message::pong(payload)).await,
            Said::Pong => Ok(()),
            Said::Subscribe { .. } if !self.acknowledged => Err((4401, "Unauthorized".to_owned())),
            Said::Subscribe { id, query } => self.begin(id, *query).await,
            Said::Complete { id } => {
                if let Some((_, operation)) = self.operations.remove(&id) {
                    operation.abort();
                }
                Ok(())
            }
        }
    }

    /// Begins an operation.
    async fn begin(&mut self, id: String, query: Query) -> Result<(), End> {
        if self.operations.contains_key(&id) {
            return Err((4409, format!("Subscriber for {id:.60} already exists")));
        }
        if self.operations.len() >= OPERATIONS_MAX {
            let text = format!("{OPERATIONS_MAX} operations are under way on this connection");
            let error = json!({ "message": text, "extensions": { "code": "LIMIT_EXCEEDED" } });
            return self.send(message::error(&id, &[error])).await;
        }
        self.begun += 1;
        let (number, shared) = (self.begun, self.shared.clone());
        let speaker = Speaker { id: id.clone(), number, sender: self.speaker.clone() };
        let operation = tokio::spawn(async move { operate(&shared, query, &speaker).await });
        self.operations.insert(id, (number, operation.abort_handle()));
        Ok(())
    }

    /// Passes on what an operation says, unless the client has completed it meanwhile.
    async fn say(&mut self, (id, number, saying): Spoken) -> Result<(), End> {
        if self.operations.get(&id).is_none_or(|(known, _)| *known != number) {
            return Ok(());
        }
        let text = match saying {
            Saying::Next(answer) => return self.send(message::next(&id, &answer)).await,
            Saying::Error(errors) => message::error(&id, &errors),
            Saying::Complete => message::complete(&id),
        };
        self.operations.remove(&id);
        self.send(text).await
    }
}

/// The voice of one operation.
struct Speaker {
    id: String,
    number: u64,
    sender: Sender<Spoken>,
}

impl Speaker {
    /// Says something once the client has room for it; tells whether anybody listens.
    async fn say(&self, saying: Saying) -> bool {
        self.sender.send((self.id.clone(), self.number, saying)).await.is_ok()
    }
}

/// Runs one operation to its end, or until nobody listens.
async fn operate(shared: &Shared, query: Query, speaker: &Speaker) {
    let last = match begin(shared, query).await {
        None => return,
        Some(Begun::Refused(errors)) => Saying::Error(errors),
        Some(Begun::Answered(answer)) => {
            speaker.say(Saying::Next(answer)).await;
            Saying::Complete
        }
        Some(Begun::Subscribed(subscription)) => match follow(shared, subscription, speaker).await {
            Some(last) => last,
            None => return,
        },
    };
    speaker.say(last).await;
}

/// Begins an operation when it is its turn; `None` where the service closes.
async fn begin(shared: &Shared, query: Query) -> Option<Begun> {
    let turn = Arc::clone(&shared.queries).acquire_owned().await.ok()?;
    Some(Arc::clone(&shared.service).begin(query, turn).await)
}

/// Tells what a subscription finds; returns what to say at its end, where somebody still listens.
async fn follow(shared: &Shared, mut subscription: Subscription, speaker: &Speaker) -> Option<Saying> {
    loop {
        let turn = Arc::clone(&shared.queries).acquire_owned().await.ok()?;
        match subscription.look(turn).await {
            Told::Answer(answer) => {
                if !speaker.say(Saying::Next(answer)).await {
                    return None;
                }
            }
            Told::Nothing => subscription.woken().await,
            Told::Later(wait) => sleep(wait).await,
            Told::End => return Some(Saying::Complete),
            Told::Failed(errors) => return Some(Saying::Error(errors)),
        }
    }
}
