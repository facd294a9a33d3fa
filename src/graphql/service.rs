//! GraphQL over HTTP without the HTTP: bytes in, status and bytes out, as the GraphQL-over-HTTP specification requires. Knows
//! nothing of sockets; the offline `query` command uses it too.

use super::about::About;
use super::engine::document::coerce::{self, Variables};
use super::engine::document::limits;
use super::engine::document::prepare;
use super::engine::document::refusal::Refusal;
use super::engine::document::text;
use super::engine::run::execute::{Execution, Outcome};
use super::error::{Code, Error};
use super::live::{Started, Subscription};
use super::persisted::{self, Persisted};
use super::progress::{self, Changes, Progress};
use super::query::Query;
use super::request::{Request, not_started};
use super::schema::{Schema, SchemaError};
use super::turn::{Turn, Writing};
use crate::app::access::{Operation, Principal};
use crate::app::{App, Session};
use crate::model::accept;
use crate::model::sync::cancellation::Cancellation;
use crate::ontology::Ontology;
use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType};
use async_graphql::{Name, Value as Input};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::task::JoinHandle;

/// The media type of answers.
pub const MEDIA_TYPE: &str = "application/graphql-response+json";
/// The media type of answers to older clients: well-formed requests are always answered with status 200.
pub const OLDER_MEDIA_TYPE: &str = "application/json";

/// A body of no more bytes is read at once.
const SMALL_BYTES_MAX: usize = 64 << 10;
/// How much longer an answer is waited for than its work may take.
const GRACE: Duration = Duration::from_secs(1);

/// An answer: a status, the media type of the body, the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The media type.
    pub media_type: &'static str,
    /// JSON.
    pub body: Vec<u8>,
    /// What it answers.
    pub about: About,
    /// What became of the changes, where the request is a mutation.
    outcome: Option<Progress>,
}

impl Answer {
    /// Takes an error in the place of the answer, which cannot be given; it still reports what became of changes.
    #[must_use]
    pub fn replaced(&self, status: u16, code: Code, message: &str) -> Self {
        let manner = Manner { media_type: self.media_type, read_only: true, remote: true };
        refuse(manner, status, &[self.replacement(code, message)])
    }

    /// Returns the errors that take the place of the answer over a connection which can carry many, as [`Self::replaced`] does.
    pub fn replaced_by_errors(&self, code: Code, message: &str) -> Vec<Json> {
        vec![refusal(&self.replacement(code, message))]
    }

    fn replacement(&self, code: Code, message: &str) -> Refusal {
        let mut error = Error::new(code, message);
        if let Some(outcome) = self.outcome {
            error.details.insert("outcome".to_owned(), Json::from(outcome.as_str()));
        }
        error.into()
    }
}

/// How an answer is to be given.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// The value of the `Accept` header decides this: see [`Manner::accepting`].
    media_type: &'static str,
    /// Whether only queries are allowed, as for GET.
    pub read_only: bool,
    /// Whether only listed documents are answered where the settings want that: whoever has the folder may run any.
    remote: bool,
}

impl Manner {
    /// Reads an `Accept` header; `None` where no media type that it names can be given (status 406).
    pub fn accepting(accept: Option<&str>, read_only: bool) -> Option<Self> {
        let media_type = match accept.map(str::trim).filter(|accept| !accept.is_empty()) {
            None => OLDER_MEDIA_TYPE,
            Some(accept) => {
                // Whoever takes anything may know only the older one.
                let offers = [OLDER_MEDIA_TYPE, MEDIA_TYPE];
                offers[accept::best(accept, &offers.map(|name| vec![name]))?]
            }
        };
        Some(Self { media_type, read_only, remote: true })
    }

    /// Returns how pages are answered: their documents are the program's own, and answered whichever documents the settings list.
    pub const fn of_pages(read_only: bool) -> Self {
        Self { media_type: MEDIA_TYPE, read_only, remote: false }
    }
}

/// Answers GraphQL requests on one thread. The schema follows the ontology at the head of main.
#[derive(Debug)]
pub struct Service {
    app: Arc<App>,
    current: RwLock<Current>,
    persisted: Persisted,
    time_max: Duration,
}

/// The schema in force.
#[derive(Debug)]
struct Current {
    schema: Arc<Schema>,
    /// The digest of a newer ontology that makes no schema; the one before stays in force.
    refused: Option<String>,
}

/// Who sends a request, until when it may work, and what it changes.
#[derive(Clone)]
struct Terms {
    session: Session,
    deadline: std::time::Instant,
    cancellation: Cancellation,
    changes: Changes,
    /// What waits for the turn of a mutation; absent where there is no queue.
    writing: Option<Writing>,
}

/// The parts of a request that show its kind; the others are skipped.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Skimmed {
    query: Option<String>,
    operation_name: Option<String>,
}

fn no_request(error: &serde_json::Error) -> Error {
    let (line, column, text) = (error.line(), error.column(), error.to_string());
    let reason = text.split(" at line ").next().unwrap_or_default();
    let expected = "a JSON object with \"query\", and with \"operationName\", \"variables\" and \"extensions\" where they are needed";
    Error::bad_input(match error.classify() {
        serde_json::error::Category::Data => {
            format!(
                "the body is no GraphQL request: line {line}, column {column}: {reason}; expected {expected}"
            )
        }
        _ => format!("{}; expected {expected}", super::error::json_fault(error, "the body")),
    })
}

/// What came of a request before it is put into an answer.
enum Outline {
    /// The request was refused before anything was executed.
    Refused { status: u16, refusals: Vec<Refusal> },
    /// The operation was executed.
    Executed(Outcome),
}

impl Service {
    /// Makes the service of a thread.
    pub fn new(app: Arc<App>) -> Result<Self, Failure> {
        let ontology = Arc::clone(app.snapshot("main")?.ontology());
        let schema = Arc::new(schema_of(&app, &ontology)?);
        let current = RwLock::new(Current { schema, refused: None });
        let time_max = app.settings().server.time_max;
        let persisted = Persisted::read(&app.settings().server)?;
        Ok(Self { app, current, persisted, time_max })
    }

    /// Limits how long one request may take.
    #[must_use]
    pub fn with_time_max(self, time_max: Duration) -> Self {
        Self { time_max, ..self }
    }

    /// Returns the schema as it is now.
    pub fn schema(&self) -> Arc<Schema> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner).schema)
    }

    /// Prints the schema that requests are answered by now; where the thread cannot be read, the one in force.
    pub fn printed_schema(&self) -> Arc<str> {
        let current = self.current(&self.request(self.terms(self.local())));
        current.unwrap_or_else(|_| self.schema()).sdl()
    }

    /// Answers a request whose body is JSON, on a thread where waiting is allowed. The work ends soon after nobody waits for it any
    /// more, and holds its turn until then.
    pub async fn handle(
        self: Arc<Self>,
        session: Session,
        body: Vec<u8>,
        manner: Manner,
        turn: Turn,
    ) -> Answer {
        self.off_the_reactor(session, manner, turn, move |service, terms| {
            service.answer_within(&body, manner, terms)
        })
        .await
    }

    /// Answers a request whose parts came one by one, as with GET; the turn as with [`Self::handle`].
    pub async fn handle_query(
        self: Arc<Self>,
        session: Session,
        query: Query,
        manner: Manner,
        turn: Turn,
    ) -> Answer {
        self.off_the_reactor(session, manner, turn, move |service, terms| {
            service.answer_query_within(query.clone(), manner, terms)
        })
        .await
    }

    async fn off_the_reactor(
        self: Arc<Self>,
        session: Session,
        manner: Manner,
        turn: Turn,
        work: impl Fn(&Self, Terms) -> Answer + Send + Sync + 'static,
    ) -> Answer {
        let patience = self.time_max + GRACE;
        let terms = self.terms(session);
        // Dropped with this future: the client has closed its connection.
        let _interest = terms.cancellation.abandon_on_drop();
        let changes = terms.changes.clone();
        let worked = in_turns(turn, terms, move |terms| work(&self, terms));
        match tokio::time::timeout(patience, worked).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(Unworked::Crowded(error))) => refuse(manner, 503, &[error.into()]),
            Ok(Err(Unworked::Panicked(error))) => {
                let error = progress::after_panic(error, changes.close());
                refuse(manner, 500, &[error.into()])
            }
            // In one long read or a commit; it ends by itself, but nobody waits for it.
            Err(_) => refuse(manner, 503, &[progress::timeout(changes.close()).into()]),
        }
    }

    /// Returns the terms of a request that begins now.
    fn terms(&self, session: Session) -> Terms {
        let deadline = std::time::Instant::now() + self.time_max;
        let (cancellation, changes) = (Cancellation::at(deadline), Changes::default());
        Terms { session, deadline, cancellation, changes, writing: None }
    }

    /// Returns a session of whoever works on this machine.
    pub(super) fn local(&self) -> Session {
        self.app.session(Principal::local())
    }

    /// Answers a request whose body is JSON, of whoever works on this machine. Synchronous.
    pub fn answer(&self, body: &[u8], manner: Manner) -> Answer {
        self.answer_within(body, manner, self.terms(self.local()))
    }

    fn answer_within(&self, body: &[u8], manner: Manner, terms: Terms) -> Answer {
        if body.len() > SMALL_BYTES_MAX
            && let Err((status, error)) = self.wait_to_read(body, &terms)
        {
            return refuse(manner, status, &[error.into()]);
        }
        if let Ok(text) = std::str::from_utf8(body)
            && let Err(error) = text::check_json_numbers(text)
        {
            return refuse(manner, 400, &[error.into()]);
        }
        match serde_json::from_slice::<Query>(body) {
            Ok(query) => self.answer_query_within(query, manner, terms),
            Err(error) => refuse(manner, 400, &[no_request(&error).into()]),
        }
    }

    /// Waits for a turn of its kind before a large body is read, which then takes many times its bytes in memory.
    fn wait_to_read(&self, body: &[u8], terms: &Terms) -> Result<(), (u16, Error)> {
        let outline: Skimmed = serde_json::from_slice(body).map_err(|error| (400, no_request(&error)))?;
        let schema = self.schema();
        let text = outline.query.unwrap_or_default();
        let is_mutation = schema.documents.prepare(&text, &schema.types).is_ok_and(|document| {
            prepare::operation(&document, outline.operation_name.as_deref())
                .is_ok_and(|operation| operation.node.ty == OperationType::Mutation)
        });
        if !is_mutation {
            return terms.cancellation.check_before_long_work().map_err(|cancelled| (503, cancelled.into()));
        }
        terms.changes.expect();
        let Some(writing) = &terms.writing else { return Ok(()) };
        writing.wait(&terms.cancellation, body.len()).map_err(|cancelled| (503, not_started(cancelled)))
    }

    /// Answers a request of whoever works on this machine. Synchronous.
    pub fn answer_query(&self, query: &Query, manner: Manner) -> Answer {
        self.answer_query_within(query.clone(), manner, self.terms(self.local()))
    }

    fn answer_query_within(&self, query: Query, manner: Manner, terms: Terms) -> Answer {
        let (changes, is_asked) = (terms.changes.clone(), query.has_document());
        let worked = guarded(|| {
            let request = self.request(terms);
            (self.execute_in(&request, query, manner), request.about())
        });
        let (outline, about) = worked.unwrap_or_else(|error| {
            let refusals = vec![progress::after_panic(error, changes.close()).into()];
            (Outline::Refused { status: 500, refusals }, About::default())
        });
        match outline {
            Outline::Executed(outcome) => {
                let about = about.with_failed(!outcome.errors.is_empty());
                Answer { outcome: changes.close(), about, ..executed(manner, outcome) }
            }
            Outline::Refused { status, refusals } => {
                // Older clients read a status other than 200 as a failure of the transport.
                let older = manner.media_type == OLDER_MEDIA_TYPE && is_asked && status == 400;
                let about = about.with_failed(true);
                Answer { about, ..refuse(manner, if older { 200 } else { status }, &refusals) }
            }
        }
    }

    /// Answers a request with its JSON, for callers that have no transport.
    pub fn run(&self, query: &Query) -> Json {
        let manner = Manner { media_type: MEDIA_TYPE, read_only: false, remote: false };
        serde_json::from_slice(&self.answer_query(query, manner).body).unwrap_or_default()
    }

    /// Answers a request as [`Self::run`] does, and counts how often it asks telemetry.
    #[cfg(test)]
    pub(super) fn run_counted(&self, query: &Query) -> (Json, usize) {
        let manner = Manner { media_type: MEDIA_TYPE, read_only: false, remote: false };
        let request = self.request(self.terms(self.local())).watched();
        let outcome = match self.execute_in(&request, query.clone(), manner) {
            Outline::Executed(outcome) => outcome,
            Outline::Refused { refusals, .. } => panic!("{query:?} is refused: {refusals:?}"),
        };
        (json_of(outcome), request.view(None).map(|view| view.calls()).unwrap_or_default())
    }

    fn execute_in(&self, request: &Request, query: Query, manner: Manner) -> Outline {
        match self.prepared(query, request, manner) {
            Ok(outcome) => Outline::Executed(outcome),
            Err((status, refusals)) => Outline::Refused { status, refusals },
        }
    }

    fn prepared(
        &self,
        query: Query,
        request: &Request,
        manner: Manner,
    ) -> Result<Outcome, (u16, Vec<Refusal>)> {
        let bad = |error: Error| (400, vec![Refusal::from(error)]);
        let prepared = self.prepare(query, request, manner.remote)?;
        let operation = prepared.operation().map_err(bad)?;
        match operation.ty {
            OperationType::Subscription => {
                return Err(bad(Error::bad_input("a subscription needs a WebSocket: graphql-transport-ws")));
            }
            OperationType::Mutation if manner.read_only => {
                return Err((405, vec![Error::bad_input("a mutation needs POST").into()]));
            }
            OperationType::Mutation => request.wait_to_write().map_err(|error| (503, vec![error.into()]))?,
            OperationType::Query => {}
        }
        Ok(prepared.execution(request).run(operation))
    }

    /// Makes an operation ready to execute.
    fn prepare(
        &self,
        query: Query,
        request: &Request,
        remote: bool,
    ) -> Result<Prepared, (u16, Vec<Refusal>)> {
        let bad = |error: Error| (400, vec![Refusal::from(error)]);
        let one = |refusal: Refusal| (400, vec![refusal]);
        let forbidden = |error: crate::app::Error| (403, vec![Refusal::from(Error::from(error))]);
        request.session.authorize(Operation::Read).map_err(forbidden)?;
        let text = self.persisted.document(&query, remote).map_err(bad)?;
        request.note(|about| about.set_document(&text));
        let schema = self.current(request).map_err(|error| (500, vec![error.into()]))?;
        let document = schema.documents.prepare(&text, &schema.types).map_err(|errors| (400, errors))?;
        self.persisted.keep(&query);
        let cost = query.asks_cost().map_err(bad)?;
        let name = query.operation_name;
        let operation = &prepare::operation(&document, name.as_deref()).map_err(bad)?.node;
        request.note(|about| about.set_kind(operation.ty));
        if operation.ty == OperationType::Mutation {
            request.session.authorize_changes().map_err(forbidden)?;
        }
        let given = variables(query.variables).map_err(bad)?;
        let variables =
            coerce::variables(&operation.variable_definitions, given, &schema.types).map_err(one)?;
        let nodes = limits::check_cost(&document, operation, &schema.types, &variables).map_err(one)?;
        let cost = cost.then_some(nodes);
        Ok(Prepared { schema, document, name, variables, cost })
    }

    /// Begins an operation that came over a connection which can carry many answers. Waits for nothing but the answer to a
    /// query or mutation; the turn as with [`Self::handle`].
    pub async fn begin(self: Arc<Self>, session: Session, query: Query, turn: Turn) -> Started {
        let terms = self.terms(session);
        let _interest = terms.cancellation.abandon_on_drop();
        let changes = terms.changes.clone();
        let begin = move |terms| guarded(|| self.started(query.clone(), terms));
        let started = in_turns(turn, terms, begin).await.unwrap_or_else(|unworked| match unworked {
            Unworked::Crowded(error) => Ok(Started::Refused(vec![refusal(&error.into())])),
            Unworked::Panicked(error) => Err(error),
        });
        started.unwrap_or_else(|error| {
            let error = progress::after_panic(error, changes.close());
            Started::Refused(vec![refusal(&error.into())])
        })
    }

    fn started(self: &Arc<Self>, query: Query, terms: Terms) -> Started {
        let changes = terms.changes.clone();
        let request = self.request(terms);
        let started = self.prepare(query, &request, true).and_then(|prepared| {
            let bad = |error: Error| (400, vec![Refusal::from(error)]);
            let operation = prepared.operation().map_err(bad)?;
            if operation.ty == OperationType::Subscription {
                return Subscription::open(self, prepared, &request).map(Started::Subscribed).map_err(bad);
            }
            if operation.ty == OperationType::Mutation {
                request.wait_to_write().map_err(|error| (503, vec![error.into()]))?;
            }
            let manner = Manner { media_type: MEDIA_TYPE, read_only: false, remote: true };
            let outcome = prepared.execution(&request).run(operation);
            let about = request.about().with_failed(!outcome.errors.is_empty());
            let answer = executed(manner, outcome);
            Ok(Started::Answered(Answer { outcome: changes.close(), about, ..answer }))
        });
        started.unwrap_or_else(|(_, refusals)| Started::Refused(refusals.iter().map(refusal).collect()))
    }

    /// Begins to read: one present instant, one watermark, each version once.
    fn request(&self, terms: Terms) -> Request {
        Request::new(terms.session, terms.cancellation, terms.changes).with_writing(terms.writing)
    }

    /// Begins to read for one event of a subscription, whose reads all have one cancellation.
    pub(super) fn request_of_event(session: &Session, cancellation: &Cancellation) -> Request {
        Request::new(session.clone(), cancellation.clone(), Changes::default())
    }

    /// Returns until when what begins now may take.
    pub(super) fn deadline(&self) -> std::time::Instant {
        std::time::Instant::now() + self.time_max
    }

    /// Returns the schema of the ontology at the head of main, built anew where that has changed. An ontology that makes no
    /// schema leaves the one before in force.
    fn current(&self, request: &Request) -> Result<Arc<Schema>, Error> {
        let head = request.snapshot("main")?;
        let digest = head.ontology().digest();
        {
            let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
            let same = Arc::ptr_eq(&current.schema.ontology, head.ontology());
            if same
                || current.schema.ontology.digest() == digest
                || current.refused.as_deref() == Some(digest)
            {
                return Ok(Arc::clone(&current.schema));
            }
        }
        let built = schema_of(&self.app, head.ontology());
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        match built {
            Ok(schema) => *current = Current { schema: Arc::new(schema), refused: None },
            Err(error) => {
                tracing::error!(%error, "the new ontology makes no GraphQL schema; the one before stays in force");
                current.refused = Some(digest.to_owned());
            }
        }
        Ok(Arc::clone(&current.schema))
    }
}

/// An operation ready to execute, as often as it takes.
pub(super) struct Prepared {
    schema: Arc<Schema>,
    document: Arc<ExecutableDocument>,
    name: Option<String>,
    variables: Variables,
    /// How many nodes the operation may ask for, where the request asks what it costs.
    cost: Option<u64>,
}

impl Prepared {
    /// Returns the operation that is meant.
    pub(super) fn operation(&self) -> Result<&OperationDefinition, Error> {
        Ok(&prepare::operation(&self.document, self.name.as_deref())?.node)
    }

    /// Returns an execution that reads through a request.
    pub(super) fn execution<'a>(&'a self, request: &'a Request) -> Execution<'a> {
        Execution {
            types: &self.schema.types,
            document: &self.document,
            variables: &self.variables,
            request,
            cost: self.cost,
        }
    }
}

/// Makes the schema of an ontology as the settings of the thread say.
fn schema_of(app: &App, ontology: &Arc<Ontology>) -> Result<Schema, SchemaError> {
    if app.settings().federation { Schema::build_federated(ontology) } else { Schema::build(ontology) }
}

/// Why a service cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The thread cannot be read.
    #[error(transparent)]
    App(#[from] crate::app::Error),
    /// Its ontology makes no schema.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The documents that it lists cannot be used.
    #[error(transparent)]
    Documents(#[from] persisted::Failure),
}

fn variables(given: Json) -> Result<IndexMap<Name, Input>, Error> {
    match coerce::of_json(given) {
        Input::Null => Ok(IndexMap::new()),
        Input::Object(given) => Ok(given),
        _ => Err(Error::bad_input("\"variables\" must be an object")),
    }
}

/// Why work came to no end.
enum Unworked {
    /// It was slow, and too much like it waits already.
    Crowded(Error),
    Panicked(Error),
}

/// Works in a turn on a thread where waiting is allowed; what turns out to be slow begins anew in a slow turn.
async fn in_turns<T: Send + 'static>(
    mut turn: Turn,
    terms: Terms,
    work: impl Fn(Terms) -> T + Send + Sync + 'static,
) -> Result<T, Unworked> {
    let (work, changes) = (Arc::new(work), terms.changes.clone());
    loop {
        let (again, work) = (turn.again(), Arc::clone(&work));
        turn.pace(&terms.cancellation, terms.deadline);
        let terms = Terms { writing: Some(turn.writing()), ..terms.clone() };
        let done = during(turn, move || work(terms)).await;
        match again.turn().await {
            None => return done.map_err(|failed| Unworked::Panicked(Error::internal(&failed))),
            Some(next) => turn = next.map_err(|crowded| Unworked::Crowded(crowded.into()))?,
        }
        changes.reopen();
    }
}

/// Works on a thread where waiting is allowed. The turn goes with the work, which goes on where nobody waits for it any more.
pub(super) fn during<T: Send + 'static>(
    turn: impl Send + 'static,
    work: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    // What is logged on the way carries the id of the request.
    let span = tracing::Span::current();
    tokio::task::spawn_blocking(move || {
        let _turn = turn;
        span.in_scope(work)
    })
}

/// Catches a panic: one request fails, and nothing else. Locks that it had taken are used as it left them.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, Error> {
    std::panic::catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Error::broken(&format!("a panic: {}", text.unwrap_or("of an unknown kind")))
    })
}

fn executed(manner: Manner, outcome: Outcome) -> Answer {
    let (media_type, body) = (manner.media_type, body_of(outcome));
    Answer { status: 200, media_type, body, about: About::default(), outcome: None }
}

fn body_of(Outcome { data: mut body, errors, cost }: Outcome) -> Vec<u8> {
    let mut head = b"{".to_vec();
    if !errors.is_empty() {
        head.extend_from_slice(b"\"errors\":");
        head.extend_from_slice(Json::Array(errors).to_string().as_bytes());
        head.push(b',');
    }
    head.extend_from_slice(b"\"data\":");
    // In place: an answer may be large.
    let tail = cost.map(|cost| format!(r#","extensions":{}"#, json!({ "cost": cost })));
    let tail = tail.unwrap_or_default();
    body.reserve_exact(head.len() + tail.len() + 1);
    body.splice(..0, head);
    body.extend_from_slice(tail.as_bytes());
    body.push(b'}');
    body
}

/// Returns an answer as JSON.
#[cfg(test)]
pub(super) fn json_of(outcome: Outcome) -> Json {
    serde_json::from_slice(&body_of(outcome)).unwrap_or_default()
}

/// Returns an answer as the text of its JSON.
pub(super) fn text_of(outcome: Outcome) -> String {
    // JSON is written as UTF-8 alone.
    String::from_utf8(body_of(outcome)).unwrap_or_default()
}

fn refuse(manner: Manner, status: u16, refusals: &[Refusal]) -> Answer {
    let errors: Vec<Json> = refusals.iter().map(refusal).collect();
    Answer {
        status,
        media_type: manner.media_type,
        body: json!({ "errors": errors }).to_string().into_bytes(),
        about: About::refused(),
        outcome: None,
    }
}

/// Returns a refusal as an error of an answer.
pub(super) fn refusal(refusal: &Refusal) -> Json {
    let mut error = json!({ "message": refusal.error.message, "extensions": refusal.error.extensions() });
    if !refusal.locations.is_empty() {
        let locations = refusal.locations.iter().map(|at| json!({ "line": at.line, "column": at.column }));
        error["locations"] = locations.collect();
    }
    error
}

/// Refuses a request before it is read, as JSON whatever was asked for.
pub fn refuse_transport(status: u16, code: Code, message: &str) -> Answer {
    let manner = Manner { media_type: OLDER_MEDIA_TYPE, read_only: true, remote: true };
    refuse(manner, status, &[Error::new(code, message).into()])
}
