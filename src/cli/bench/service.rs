//! How many GraphQL requests the service answers over HTTP.

use super::report::Report;
use crate::app::App;
use crate::app::access::{NewToken, RANDOM_BYTES, Role, Tokens};
use crate::cli::demo::load::load;
use crate::graphql::Service;
use crate::model::time::clock::{Clock as _, SystemClock};
use crate::model::time::period::Period;
use serde_json::json;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use tokio::runtime::Runtime;

type Failure = Box<dyn std::error::Error>;

const CLIENTS: usize = 8;

/// Serves the demo's graph and asks it over loopback; client and server share the machine.
pub(crate) fn run(folder: &Path, report: &mut Report) -> Result<(), Failure> {
    let (app, _) = load(folder, Period::from_days(7), |_| {})?;
    let (runtime, address) = served(&Arc::new(app))?;
    let trivial = r"{ thread { commit { id } } }";
    let nested = r"{ thread { twinInstances(first: 10) { edges { node {
        identifier site builtBy { identifier realizes { revision revisionOf { identifier } } } } } } } }";
    report.at_least("trivial GraphQL", rate(address, &post(trivial), 20_000)?, 15_000.0, "requests/s");
    let open = rate(address, &post(nested), 6_000)?;
    report.at_least("nested GraphQL, about 30 nodes", open, 3_000.0, "requests/s");
    // From the first token on each request has to prove who sends it.
    let token = token(folder)?;
    let header = format!("\r\nauthorization: Bearer {token}\r\n\r\n");
    let known = rate(address, &post(nested).replacen("\r\n\r\n", &header, 1), 6_000)?;
    report.at_least("the same with access, of it", known / open, 0.9, "×");
    runtime.shutdown_background();
    Ok(())
}

/// Makes a token that reads.
fn token(folder: &Path) -> Result<String, Failure> {
    let (name, role) = ("bench".to_owned(), Role::Reader);
    let new = NewToken { name, email: None, role, twins: None, act_as: false, expires: None };
    let now = SystemClock::default().now();
    // Whoever knows the bytes is let into a thread that is deleted with the benchmark.
    Ok(Tokens::of(folder).create(&new, &[7; RANDOM_BYTES], now)?.1)
}

/// Serves an application on loopback, until the runtime ends.
pub(super) fn served(app: &Arc<App>) -> Result<(Runtime, SocketAddr), Failure> {
    let service = Arc::new(Service::new(Arc::clone(app))?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    runtime.spawn(serve(listener, Arc::clone(app), service));
    Ok((runtime, address))
}

async fn serve(listener: tokio::net::TcpListener, app: Arc<App>, service: Arc<Service>) {
    if let Err(error) = crate::server::serve(listener, app, service, std::future::pending()).await {
        tracing::error!(%error, "the benchmark's server stopped");
    }
}

/// Asks `count` times over kept-alive connections; returns requests a second.
fn rate(address: SocketAddr, request: &str, count: usize) -> Result<f64, Failure> {
    let start = Instant::now();
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                scope.spawn(|| {
                    let mut client = Client::connect(address)?;
                    (0..count / CLIENTS).try_for_each(|_| client.ask(request.as_bytes()))
                })
            })
            .collect();
        clients
            .into_iter()
            .try_for_each(|client| client.join().map_err(|_| "a client panicked")?.map_err(Failure::from))
    })?;
    Ok(count as f64 / start.elapsed().as_secs_f64())
}

/// Makes the request of a query.
pub(super) fn post(query: &str) -> String {
    let body = json!({ "query": query }).to_string();
    format!(
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: application/graphql-response+json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A connection that is kept alive.
pub(super) struct Client {
    stream: TcpStream,
    answers: BufReader<TcpStream>,
    body: Vec<u8>,
}

impl Client {
    pub(super) fn connect(address: SocketAddr) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let answers = BufReader::new(stream.try_clone()?);
        Ok(Self { stream, answers, body: Vec::new() })
    }

    /// Sends a request and reads the answer; one that has errors is an error.
    pub(super) fn ask(&mut self, request: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(request)?;
        let (mut line, mut length) = (String::new(), 0);
        while line != "\r\n" {
            line.clear();
            self.answers.read_line(&mut line)?;
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().map_err(std::io::Error::other)?;
            }
        }
        self.body.resize(length, 0);
        self.answers.read_exact(&mut self.body)?;
        if self.body.windows(8).any(|part| part == b"\"errors\"") {
            return Err(std::io::Error::other(String::from_utf8_lossy(&self.body).into_owned()));
        }
        Ok(())
    }
}
