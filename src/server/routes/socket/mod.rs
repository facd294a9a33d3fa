//! `/graphql` over WebSocket: any GraphQL operation, and subscriptions, as graphql-transport-ws carries them.
//!
//! A connection is one task that alone reads and writes the socket; each operation is a task of its own, which waits while the
//! client is slow to read. So a slow client keeps nothing in memory here but one message for each of its operations.
//!
//! Each client has a share of the connections and operations, and one operation of a connection at a time looks for events. A client
//! that sends nothing is asked for a pong, which RFC 6455 makes it send, and is cut off without one.

mod message;

use super::graphql::refused;
use crate::app::Session;
use crate::app::access::{Denied, Origin};
use crate::graphql::{About, Caller, Code, Permit, Polled, Query, Started, Subscription};
use crate::server::Shared;
use crate::server::auth::{self, Peer};
use crate::server::body::parsed::Lacking;
use crate::server::share::{Client, Full, Share};
use axum::body::Bytes;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::Response;
use message::{ClientMessage, PROTOCOL};
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::AbortHandle;
use tokio::time::{Instant, interval_at, sleep, timeout};

/// How long a client may take to begin.
const INIT_MAX: Duration = Duration::from_secs(3);
/// How long an operation may wait for its turn.
const TURN_MAX: Duration = Duration::from_secs(30);
/// How long a client may take to close what the service closes.
const CLOSE_MAX: Duration = Duration::from_secs(2);
/// How long a connection stays open after a frame that breaks the protocol, so that the client reads why.
const LINGER: Duration = Duration::from_millis(500);
/// Longer than any connection is open.
const FOR_EVER: Duration = Duration::from_secs(100 * 365 * 86_400);
/// The largest message of a client.
const MESSAGE_BYTES_MAX: usize = 1 << 20;
/// How many operations may be under way on one connection.
const OPERATIONS_MAX: usize = 100;

/// Takes a connection over.
pub(in crate::server) fn upgrade(
    upgrade: WebSocketUpgrade,
    shared: Shared,
    (client, peer): (Client, Peer),
    session: Option<Session>,
) -> Response {
    let settings = &shared.app.settings().server;
    let permit = match shared.process.sockets.take(client, 1) {
        Ok(permit) => permit,
        Err(Full::All) => {
            let max = settings.sockets_max;
            let text = format!(
                "{max} WebSockets are open, which is all that may (sockets under [server] in throughline.toml)"
            );
            return refused(StatusCode::SERVICE_UNAVAILABLE, &text);
        }
        Err(Full::Client) => {
            let max = settings.sockets_per_client_max;
            let text = format!(
                "{max} WebSockets of this client are open, which is all that may (socketsPerClient under [server] in throughline.toml)"
            );
            return refused(StatusCode::SERVICE_UNAVAILABLE, &text);
        }
    };
    // A frame is given room when its head is read, before its message is counted.
    let upgrade = upgrade.max_frame_size(MESSAGE_BYTES_MAX).max_message_size(MESSAGE_BYTES_MAX);
    upgrade.protocols([PROTOCOL]).on_upgrade(move |socket| async move {
        let _permit = permit;
        let number = shared.process.sockets_opened.fetch_add(1, Ordering::Relaxed);
        let caller = client.caller().over(number);
        Connection::new(socket, shared, (client, caller, peer), session).run().await;
    })
}

/// How often it is looked whether the principal of a connection is still let in.
const VALID_EVERY: Duration = Duration::from_secs(1);
/// How many bytes the reason of a close frame may have (RFC 6455, 5.5).
const REASON_BYTES_MAX: usize = 120;

/// Cuts a reason to what a close frame may hold.
fn close_reason(text: &str) -> String {
    let mut reason = text.to_owned();
    reason.truncate(text.floor_char_boundary(REASON_BYTES_MAX));
    reason
}

/// Why a connection ends: a close code and its reason.
type End = (u16, String);

/// Returns what to close with after a frame that is not one of the protocol (RFC 6455, 7.4.1); `None` where the connection is lost.
fn broken(error: &axum::Error) -> Option<End> {
    let reason = error.to_string();
    let code = match reason.split(':').next().unwrap_or_default() {
        "UTF-8 encoding error" => 1007,
        "WebSocket protocol error" => 1002,
        "Space limit exceeded" => 1009,
        _ => return None,
    };
    Some((code, close_reason(&reason)))
}

/// A message of an operation to its client.
enum ServerMessage {
    /// JSON text, and the room that it takes until it is sent.
    Next(String, Share),
    Error(Vec<Json>),
    Complete,
}

/// A message of an operation, with its name and its number: a name may be used again.
type Outgoing = (String, u64, ServerMessage);

struct Connection {
    socket: WebSocket,
    shared: Shared,
    client: Client,
    caller: Caller,
    peer: Peer,
    /// Whose connection it is; absent until its first message proves it.
    session: Option<Session>,
    acknowledged: bool,
    /// Whether anything was received since the last ping.
    received: bool,
    /// Locked by the operation that looks for events.
    look: Arc<Semaphore>,
    operations: HashMap<String, (u64, AbortHandle)>,
    started: u64,
    sender: Sender<Outgoing>,
    outgoing: Receiver<Outgoing>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.operations.values().for_each(|(_, operation)| operation.abort());
    }
}

impl Connection {
    fn new(
        socket: WebSocket,
        shared: Shared,
        (client, caller, peer): (Client, Caller, Peer),
        session: Option<Session>,
    ) -> Self {
        let (sender, outgoing) = mpsc::channel(1);
        let (operations, look) = (HashMap::new(), Arc::new(Semaphore::new(1)));
        let (acknowledged, received, started) = (false, true, 0);
        Self {
            socket,
            shared,
            client,
            caller,
            peer,
            session,
            acknowledged,
            received,
            look,
            operations,
            started,
            sender,
            outgoing,
        }
    }

    async fn run(mut self) {
        let end = match self.socket.protocol() {
            Some(_) => self.serve().await,
            None => Some((4406, format!("Subprotocol not acceptable: {PROTOCOL} is required"))),
        };
        let is_broken = matches!(end, Some((1002 | 1007 | 1009, _)));
        let close = async {
            if let Some((code, reason)) = end {
                let close = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
                self.socket.send(close).await?;
            }
            // What is left unread would take the close frame from the client, whose connection is reset.
            if is_broken {
                sleep(LINGER).await;
            }
            // Reading on sends the answer to the client's close frame, or awaits its answer to ours (RFC 6455, 7.1.1).
            while let Some(message) = self.socket.recv().await {
                message?;
            }
            Ok::<_, axum::Error>(())
        };
        // Whether it still arrives is the client's affair.
        drop(timeout(CLOSE_MAX, close).await);
    }

    /// Serves until one side ends; returns what to close with, where the client still listens.
    async fn serve(&mut self) -> Option<End> {
        let begin_by = sleep(INIT_MAX);
        tokio::pin!(begin_by);
        let patience = self.shared.app.settings().server.patience;
        let mut pings = interval_at(Instant::now() + patience, patience);
        let mut looks = interval_at(Instant::now() + VALID_EVERY, VALID_EVERY);
        let mut closed = self.shared.process.closed.clone();
        let aged = sleep(self.age_max().unwrap_or(FOR_EVER));
        tokio::pin!(aged);
        loop {
            let done = tokio::select! {
                () = async { drop(closed.wait_for(|closed| *closed).await) } => Err((1001, "the service is closing".to_owned())),
                () = &mut begin_by, if !self.acknowledged => {
                    Err((4408, "Connection initialisation timeout".to_owned()))
                }
                () = &mut aged => Err((1001, "the connection is old: open it again (socketSeconds under [access.proxy])".to_owned())),
                _ = pings.tick() => self.ping().await,
                _ = looks.tick() => self.valid().map(drop),
                outgoing = self.outgoing.recv() => match outgoing {
                    Some(outgoing) => self.forward(outgoing).await,
                    None => return None,
                },
                received = self.socket.recv() => match self.note(received) {
                    Some(Ok(Message::Text(text))) => self.receive(&text).await,
                    Some(Ok(Message::Binary(_))) => Err((4400, "messages are texts".to_owned())),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
                    Some(Err(error)) => return broken(&error),
                    Some(Ok(Message::Close(_))) | None => return None,
                },
            };
            if let Err(end) = done {
                return Some(end);
            }
        }
    }

    fn note<T>(&mut self, received: Option<T>) -> Option<T> {
        self.received = true;
        received
    }

    /// Returns how long the connection may be open, where that is limited: a proxy is asked who its user is when a connection is opened, and
    /// not again.
    fn age_max(&self) -> Option<Duration> {
        let session = self.session.as_ref()?;
        let proxy = self.shared.app.access().settings().proxy.as_ref();
        proxy.filter(|_| session.principal().origin == Origin::Proxy).map(|proxy| proxy.socket_max)
    }

    /// Asks the client for a sign of life, unless it owes one.
    async fn ping(&mut self) -> Result<(), End> {
        if !std::mem::take(&mut self.received) {
            return Err((4408, "the client has not answered a ping".to_owned()));
        }
        self.send_message(Message::Ping(Bytes::new())).await
    }

    async fn send(&mut self, text: String) -> Result<(), End> {
        self.send_message(Message::Text(text.into())).await
    }

    async fn send_message(&mut self, message: Message) -> Result<(), End> {
        let patience = self.shared.app.settings().server.patience;
        match timeout(patience, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err((1013, "the client takes no messages".to_owned())),
        }
    }

    async fn receive(&mut self, text: &str) -> Result<(), End> {
        let values = match self.shared.process.parsed.try_take(text.as_bytes()) {
            Ok(place) => place,
            Err(lacking) => return self.refuse(text, lacking).await,
        };
        match message::read(text).map_err(|reason| (4400, format!("Invalid message: {reason}")))? {
            ClientMessage::Init(_) if self.acknowledged => {
                Err((4429, "Too many initialisation requests".to_owned()))
            }
            ClientMessage::Init(payload) => {
                self.identify(payload.as_ref()).await?;
                self.acknowledged = true;
                self.send(message::ack()).await
            }
            ClientMessage::Ping(payload) => self.send(message::pong(payload)).await,
            ClientMessage::Pong => Ok(()),
            ClientMessage::Subscribe { .. } if !self.acknowledged => Err((4401, "Unauthorized".to_owned())),
            ClientMessage::Subscribe { id, query } => self.begin(id, *query, values).await,
            ClientMessage::Complete { id } => {
                if let Some((_, operation)) = self.operations.remove(&id) {
                    operation.abort();
                }
                Ok(())
            }
        }
    }

    /// Refuses an operation whose values get no memory.
    async fn refuse(&mut self, text: &str, lacking: Lacking) -> Result<(), End> {
        let (code, reason) = match lacking {
            Lacking::TooMuch(reason) => (Code::LimitExceeded, reason),
            Lacking::Later(reason) => (Code::Unavailable, reason),
        };
        let Some(id) = message::id_of(text) else { return Err((4400, "Invalid message".to_owned())) };
        self.send(message::error(&id, &[error(code, &reason)])).await
    }

    /// Finds out whose connection it is, from what the first message carries or the request had.
    async fn identify(&mut self, payload: Option<&Json>) -> Result<(), End> {
        let proven = match auth::session_of_payload(&self.shared, payload, self.peer.0).await {
            Ok(None) if self.session.is_none() => Err(Denied::Absent),
            proven => proven,
        };
        match proven {
            Ok(proven) => self.session = proven.or(self.session.take()),
            Err(denied) => {
                auth::note_denied(&self.shared, denied, self.peer.0, "/graphql").await;
                let code = if auth::status(denied) == StatusCode::UNAUTHORIZED { 4401 } else { 4403 };
                return Err((code, close_reason(&denied.to_string())));
            }
        }
        Ok(())
    }

    /// Returns whose connection it is, where that principal is still let in.
    fn valid(&self) -> Result<Option<&Session>, End> {
        match &self.session {
            Some(session) if !session.is_valid() => {
                Err((4403, "Forbidden: the token has expired or was revoked".to_owned()))
            }
            session => Ok(session.as_ref()),
        }
    }

    /// Begins an operation, whose values may have memory of their own.
    async fn begin(&mut self, id: String, query: Query, values: Option<Permit>) -> Result<(), End> {
        let Some(session) = self.valid()?.cloned() else { return Err((4401, "Unauthorized".to_owned())) };
        if let Err(excess) = self.shared.limits.admit(session.principal(), Some(0)) {
            let (text, _) = excess.describe(session.principal());
            self.shared.metrics.limited("requests");
            return self.send(message::error(&id, &[error(Code::Unavailable, &text)])).await;
        }
        if self.operations.contains_key(&id) {
            return Err((4409, format!("Subscriber for {id:.60} already exists")));
        }
        if self.operations.len() >= OPERATIONS_MAX {
            let text = format!("{OPERATIONS_MAX} operations are under way on this connection");
            let error = json!({ "message": text, "extensions": { "code": "LIMIT_EXCEEDED" } });
            return self.send(message::error(&id, &[error])).await;
        }
        let Ok(share) = self.shared.process.operations.take(self.client, 1) else {
            let max = self.shared.app.settings().server.subscriptions_per_client_max;
            let text = format!(
                "{max} operations of this client are under way, which is all that may (subscriptionsPerClient under [server] in throughline.toml)"
            );
            let error = json!({ "message": text, "extensions": { "code": "LIMIT_EXCEEDED" } });
            return self.send(message::error(&id, &[error])).await;
        };
        self.started += 1;
        let (number, shared) = (self.started, self.shared.clone());
        let (client, caller, sender) = (self.client, self.caller, self.sender.clone());
        let sender = OperationSender { id: id.clone(), number, client, caller, sender };
        let look = Arc::clone(&self.look);
        let operation = tokio::spawn(async move {
            let _share = share;
            operate((&shared, session), query, values, &sender, &look).await;
        });
        self.operations.insert(id, (number, operation.abort_handle()));
        Ok(())
    }

    /// Forwards a message of an operation, unless the client has completed it meanwhile.
    async fn forward(&mut self, (id, number, message): Outgoing) -> Result<(), End> {
        if self.operations.get(&id).is_none_or(|(known, _)| *known != number) {
            return Ok(());
        }
        self.valid()?;
        let text = match message {
            ServerMessage::Next(answer, _room) => {
                let message = message::next(&id, &answer);
                drop(answer);
                return self.send(message).await;
            }
            ServerMessage::Error(errors) => message::error(&id, &errors),
            ServerMessage::Complete => message::complete(&id),
        };
        self.operations.remove(&id);
        self.send(text).await
    }
}

/// The sending side of one operation.
struct OperationSender {
    id: String,
    number: u64,
    client: Client,
    caller: Caller,
    sender: Sender<Outgoing>,
}

impl OperationSender {
    /// Sends a message once the client has room for it; returns whether anybody listens.
    async fn send(&self, message: ServerMessage) -> bool {
        self.sender.send((self.id.clone(), self.number, message)).await.is_ok()
    }
}

/// Runs one operation to its end, or until nobody listens.
async fn operate(
    (shared, session): (&Shared, Session),
    query: Query,
    values: Option<Permit>,
    sender: &OperationSender,
    look: &Semaphore,
) {
    let last = match begin((shared, session), query, sender.caller).await {
        None => ServerMessage::Error(vec![crowded()]),
        Some(Started::Refused(errors)) => ServerMessage::Error(errors),
        Some(Started::Answered(mut answer)) => {
            match shared.process.bodies.room_unread(answer.body.len(), sender.client) {
                Ok(room) => {
                    // JSON is UTF-8.
                    let text = String::from_utf8(std::mem::take(&mut answer.body)).unwrap_or_default();
                    sender.send(ServerMessage::Next(text, room)).await;
                    ServerMessage::Complete
                }
                Err(text) => ServerMessage::Error(answer.replaced_by_errors(Code::Unavailable, &text)),
            }
        }
        // It would keep the memory for as long as it likes.
        Some(Started::Subscribed(_)) if values.is_some() => {
            let text = "a subscription may have few variables: what they take is kept until its end";
            ServerMessage::Error(vec![error(Code::LimitExceeded, text)])
        }
        Some(Started::Subscribed(subscription)) => match follow(shared, subscription, sender, look).await {
            Some(last) => last,
            None => return,
        },
    };
    sender.send(last).await;
}

/// The error of an operation that waited for its turn in vain.
fn crowded() -> Json {
    error(Code::Unavailable, "too many requests are being answered: try again later")
}

fn error(code: Code, message: &str) -> Json {
    json!({ "message": message, "extensions": { "code": code.as_str() } })
}

/// Begins an operation when it is its turn; `None` where it has waited for too long.
async fn begin((shared, session): (&Shared, Session), query: Query, caller: Caller) -> Option<Started> {
    let began = Instant::now();
    let turn = shared.process.turns.take(caller, TURN_MAX).await?;
    let started = Arc::clone(&shared.service).begin(session, query, turn).await;
    let about = match &started {
        Started::Answered(answer) => answer.about.clone(),
        Started::Subscribed(_) => About::subscription(),
        Started::Refused(_) => About::refused(),
    };
    shared.note_operation(&about, began.elapsed());
    Some(started)
}

/// Sends what a subscription finds; returns what to send at its end, where somebody still listens.
///
/// One subscription of a connection looks at a time, and few of all connections: what they do not know yet, requests that somebody
/// waits for come before it.
async fn follow(
    shared: &Shared,
    mut subscription: Subscription,
    sender: &OperationSender,
    look: &Semaphore,
) -> Option<ServerMessage> {
    loop {
        let polled = {
            let _own = look.acquire().await.ok()?;
            let _all = shared.process.looks.acquire().await.ok()?;
            // Waits as long as it takes: what it looks for does not go away.
            let turn = loop {
                if let Some(turn) = shared.process.turns.take(sender.caller, TURN_MAX).await {
                    break turn;
                }
            };
            subscription.look(turn).await
        };
        match polled {
            Polled::Answer(answer) => match shared.process.bodies.room_unread(answer.len(), sender.client) {
                Ok(room) => {
                    if !sender.send(ServerMessage::Next(answer, room)).await {
                        return None;
                    }
                }
                Err(text) => {
                    let extensions = json!({ "code": Code::Unavailable.as_str() });
                    return Some(ServerMessage::Error(vec![
                        json!({ "message": text, "extensions": extensions }),
                    ]));
                }
            },
            Polled::Nothing => subscription.woken().await,
            Polled::Later(wait) => sleep(wait).await,
            Polled::End => return Some(ServerMessage::Complete),
            Polled::Failed(errors) => return Some(ServerMessage::Error(errors)),
        }
    }
}
