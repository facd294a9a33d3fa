//! How many GraphQL requests the service answers over HTTP.

use super::report::Report;
use crate::app::App;
use crate::cli::demo::load::load;
use crate::graphql::Service;
use crate::model::period::Period;
use serde_json::json;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

type Failure = Box<dyn std::error::Error>;

const CLIENTS: usize = 8;

/// Serves the demo's graph and asks it over loopback; client and server share the machine.
pub(crate) fn run(folder: &Path, report: &mut Report) -> Result<(), Failure> {
    let (app, _) = load(folder, Period::from_days(7), |_| {})?;
    let app = Arc::new(app);
    let service = Arc::new(Service::new(Arc::clone(&app))?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    runtime.spawn(serve(listener, app, service));
    let trivial = r"{ thread { commit { id } } }";
    let nested = r"{ thread { twinInstances(first: 10) { edges { node {
        identifier site builtBy { identifier realizes { revision revisionOf { identifier } } } } } } } }";
    report.at_least("trivial GraphQL", rate(address, trivial, 20_000)?, 15_000.0, "requests/s");
    report.at_least("nested GraphQL, about 30 nodes", rate(address, nested, 6_000)?, 3_000.0, "requests/s");
    runtime.shutdown_background();
    Ok(())
}

async fn serve(listener: tokio::net::TcpListener, app: Arc<App>, service: Arc<Service>) {
    if let Err(error) = crate::server::serve(listener, app, service, std::future::pending()).await {
        tracing::error!(%error, "the benchmark's server stopped");
    }
}

/// Asks `count` times over kept-alive connections; returns requests a second.
fn rate(address: SocketAddr, query: &str, count: usize) -> Result<f64, Failure> {
    let body = json!({ "query": query }).to_string();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let start = Instant::now();
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| scope.spawn(|| client(address, request.as_bytes(), count / CLIENTS)))
            .collect();
        clients
            .into_iter()
            .try_for_each(|client| client.join().map_err(|_| "a client panicked")?.map_err(Failure::from))
    })?;
    Ok(count as f64 / start.elapsed().as_secs_f64())
}

fn client(address: SocketAddr, request: &[u8], count: usize) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut answers = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    let mut body = Vec::new();
    for _ in 0..count {
        stream.write_all(request)?;
        let mut length = 0;
        loop {
            line.clear();
            answers.read_line(&mut line)?;
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().map_err(std::io::Error::other)?;
            }
            if line.trim().is_empty() {
                break;
            }
        }
        body.resize(length, 0);
        answers.read_exact(&mut body)?;
        if body.windows(8).any(|part| part == b"\"errors\"") {
            return Err(std::io::Error::other(String::from_utf8_lossy(&body).into_owned()));
        }
    }
    Ok(())
}
