//! Requests made to knock the service over, many of each at once: how long others wait meanwhile, and what memory that takes.

use super::machine::memory_of;
use super::report::Report;
use crate::cli::demo::load::load;
use crate::graphql::Service;
use crate::model::period::Period;
use serde_json::json;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

type Failure = Box<dyn std::error::Error>;

/// So many clients send each request at once.
const CLIENTS: usize = 64;
/// How long a client waits for its answer.
const ANSWER_MAX: Duration = Duration::from_secs(120);
/// How often another client asks meanwhile.
const EVERY: Duration = Duration::from_millis(20);

/// One kind of request.
struct Attack {
    name: &'static str,
    request: Vec<u8>,
    /// Whether the client reads its answer; without reading it keeps its connection open for a while.
    reads: bool,
    clients: usize,
}

/// Serves the demo's thread and sends it each kind.
pub(super) fn run(folder: &Path, report: &mut Report) -> Result<(), Failure> {
    let (app, _) = load(folder, Period::from_days(7), |_| {})?;
    let app = Arc::new(app);
    let service = Arc::new(Service::new(Arc::clone(&app))?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    runtime.spawn(async move { crate::server::serve(listener, app, service, std::future::pending()).await });
    for attack in attacks()? {
        measure(address, &attack, report)?;
    }
    runtime.shutdown_background();
    Ok(())
}

fn attacks() -> io::Result<Vec<Attack>> {
    let bomb = format!(
        "{{ __type(name: \"Node\") {{ {} name {} }} }}",
        "possibleTypes{interfaces{".repeat(5),
        "}}".repeat(5)
    );
    let deep = format!(
        "{{ thread {{ twinInstances(first: 1000) {{ nodes {{ {} id {} }} }} }} }}",
        "latest{twin{".repeat(11),
        "}}".repeat(11)
    );
    let window = "window: { from: \"2000-01-01T00:00:00Z\", to: \"2100-01-01T00:00:00Z\" }";
    let samples = format!(
        "{{ thread {{ twinInstances(first: 1000) {{ nodes {{ telemetry({window}, limit: 100000) {{ samples {{ at value }} }} }} }} }} }}"
    );
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = b"x\n".repeat(1 << 19);
    (0..250).try_for_each(|_| gzip.write_all(&zeros))?;
    let lines = gzip.finish()?;
    let half = vec![b'x'; 8 << 20];
    let attack = |name, request, reads| Attack { name, request, reads, clients: CLIENTS };
    Ok(vec![
        attack("introspection, possibleTypes{interfaces{ five deep", graphql(&bomb), true),
        attack("latest{twin{ eleven deep", graphql(&deep), true),
        attack("all samples of 1,000 units", graphql(&samples), true),
        attack("all samples of 1,000 units, unread", graphql(&samples), false),
        attack("bodies 8 MiB long, one byte short", post("/write", "", &half, half.len() + 1), false),
        attack(
            "gzip of 250 MiB of bad lines",
            post("/write", "content-encoding: gzip\r\n", &lines, lines.len()),
            true,
        ),
        Attack { clients: 1100, ..attack("half heads", b"GET / HTTP/1.1\r\nhost: a".to_vec(), false) },
    ])
}

fn graphql(query: &str) -> Vec<u8> {
    let body = json!({ "query": query }).to_string().into_bytes();
    post("/graphql", "content-type: application/json\r\n", &body, body.len())
}

fn post(path: &str, headers: &str, body: &[u8], length: usize) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

fn measure(address: SocketAddr, attack: &Attack, report: &mut Report) -> Result<(), Failure> {
    // Forgets the peak before; where the system does not let it, the peak is that of all kinds so far.
    drop(std::fs::write("/proc/self/clear_refs", "5"));
    let (start, over) = (Instant::now(), AtomicBool::new(false));
    let slowest = std::thread::scope(|scope| {
        let other = scope.spawn(|| ask_until(address, &over));
        let clients: Vec<_> = (0..attack.clients).map(|_| scope.spawn(|| send(address, attack))).collect();
        // What becomes of them is not what is measured: a connection may break.
        clients.into_iter().for_each(|client| drop(client.join()));
        over.store(true, Ordering::Relaxed);
        other.join().map_err(|_| "the other client panicked")?.map_err(Failure::from)
    })?;
    let name = format!("{} × {}", attack.clients, attack.name);
    report.line(&name, start.elapsed().as_secs_f64(), "s");
    report.at_most("  others wait", slowest.as_secs_f64(), 1.0, "s");
    match memory_of(std::process::id(), "VmHWM") {
        Some(peak) => report.line("  peak memory, clients included", peak / 1e6, "MB"),
        None => report.skip("peak memory: the system does not tell"),
    }
    Ok(())
}

/// Sends one request, and reads the answer or lets it wait.
fn send(address: SocketAddr, attack: &Attack) -> io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(if attack.reads { ANSWER_MAX } else { Duration::from_secs(5) }))?;
    stream.write_all(&attack.request)?;
    if !attack.reads {
        // Nothing is taken of the answer but its first byte.
        stream.read_exact(&mut [0])?;
        std::thread::sleep(Duration::from_secs(5));
        return stream.shutdown(Shutdown::Both);
    }
    io::copy(&mut stream, &mut io::sink()).map(drop)
}

/// Asks for little again and again; returns the longest wait.
fn ask_until(address: SocketAddr, over: &AtomicBool) -> io::Result<Duration> {
    let mut slowest = Duration::ZERO;
    let requests = [graphql("{ thread { base } }"), post("/write", "", b"m,twin=nobody t=1 1", 19)];
    for request in requests.iter().cycle() {
        let start = Instant::now();
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(ANSWER_MAX))?;
        stream.write_all(request)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        if !answer.starts_with("HTTP/1.1 20") {
            return Err(io::Error::other(answer));
        }
        slowest = slowest.max(start.elapsed());
        if over.load(Ordering::Relaxed) {
            break;
        }
        std::thread::sleep(EVERY);
    }
    Ok(slowest)
}
