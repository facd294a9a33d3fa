//! Debian's InfluxDB 1.6.7 beside the service: the same lines written to both, the same queries asked of both, the same JSON expected.

use crate::program::is_there;
use crate::world::{Answer, World, request, until};
use serde_json::Value;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

/// A server in a folder of its own, stopped at the end.
pub(super) struct Influx {
    pub(super) address: SocketAddr,
    process: Child,
    _folder: tempfile::TempDir,
}

impl Drop for Influx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Influx {
    /// Starts the server; `None` where it is not installed.
    pub(super) fn start() -> Option<Self> {
        if !is_there("influxd", &["version"]) {
            return None;
        }
        let mut started = None;
        // Another test may have taken a port meanwhile.
        until(|| {
            started = Self::started();
            started.is_some()
        });
        let started = started?;
        let made = ask(started.address, &[("q", "CREATE DATABASE throughline")], &[]);
        assert_eq!(made.status, 200, "{}", made.body);
        Some(started)
    }

    /// Starts the server at a port that is free; `None` where it has ended at once.
    fn started() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let free =
            || TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
        let address = free();
        let path = folder.path().display();
        let settings = format!(
            "reporting-disabled = true\nbind-address = \"{}\"\n[meta]\ndir = \"{path}/meta\"\n[data]\ndir = \"{path}/data\"\n\
             wal-dir = \"{path}/wal\"\n[http]\nbind-address = \"{address}\"\nlog-enabled = false\n[monitor]\nstore-enabled = false\n",
            free()
        );
        let file = folder.path().join("influxdb.conf");
        std::fs::write(&file, settings).expect("a file");
        let mut server = Command::new("influxd");
        server.arg("-config").arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut process = server.spawn().expect("a server");
        let mut has_ended = false;
        until(|| {
            has_ended = process.try_wait().expect("a process").is_some();
            has_ended || TcpStream::connect(address).is_ok()
        });
        (!has_ended).then_some(Self { address, process, _folder: folder })
    }

    pub(super) fn write(&self, lines: &str) {
        let answer = request(self.address, "POST", "/write?db=throughline", &[], lines.as_bytes());
        assert_eq!(answer.status, 204, "{}", answer.body);
    }
}

/// Asks a query by a form, as Grafana does.
pub(super) fn ask(address: SocketAddr, parameters: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
    let form: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
    let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
    all.extend(headers);
    request(address, "POST", "/query", &all, form.join("&").as_bytes())
}

pub(super) fn escaped(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Asks both for the same, and compares what they answer.
pub(super) fn compare(lines: &str, queries: &[String], extra: &[(&str, &str)]) {
    let Some(influx) = Influx::start() else { return };
    influx.write(lines);
    let world = World::new();
    // Some of the samples are in a part, with rollups, the others in memory.
    let middle = lines.len() / 2 + lines[lines.len() / 2..].find('\n').expect("a line") + 1;
    for half in [&lines[..middle], &lines[middle..]] {
        let written = world.app.ingest_lines(half.as_bytes(), Default::default()).expect("samples");
        assert_eq!(written.rejected.len(), 0, "{:?}", written.rejected);
        world.app.seal().expect("a part");
    }
    let mut different = Vec::new();
    world.served(|address| {
        for batch in queries.chunks(40) {
            let query = batch.join("; ");
            let parameters = [&[("db", "throughline"), ("q", query.as_str())], extra].concat();
            let theirs = ask(influx.address, &parameters, &[]);
            let ours = ask(address, &parameters, &[]);
            assert_eq!((ours.status, theirs.status), (200, 200), "{query}: {}{}", ours.body, theirs.body);
            let (ours, theirs) = (ours.json(), theirs.json());
            for (place, query) in batch.iter().enumerate() {
                let (ours, theirs) = (&ours["results"][place], &theirs["results"][place]);
                if !is_same(ours, theirs) {
                    different.push(format!("{query}\nours:   {ours}\ntheirs: {theirs}\n"));
                }
            }
        }
    });
    assert!(
        different.is_empty(),
        "{} of {} queries:\n{}",
        different.len(),
        queries.len(),
        different.join("\n")
    );
}

/// Asks both for the same text, such as CSV or a refusal.
pub(super) fn compare_texts(lines: &str, queries: &[&str], headers: &[(&str, &str)]) {
    let Some(influx) = Influx::start() else { return };
    influx.write(lines);
    let world = World::new();
    world.app.ingest_lines(lines.as_bytes(), Default::default()).expect("samples");
    let mut different = Vec::new();
    world.served(|address| {
        for query in queries {
            let parameters = [("db", "throughline"), ("q", query)];
            let (theirs, ours) =
                (ask(influx.address, &parameters, headers), ask(address, &parameters, headers));
            if (ours.status, &ours.body) != (theirs.status, &theirs.body) {
                different.push(format!("{query}\nours:   {}\ntheirs: {}\n", ours.body, theirs.body));
            }
        }
    });
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// How far two numbers may be apart: sums are exact here, and rounded after each sample there.
const RELATIVE: f64 = 1e-12;

pub(super) fn is_same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(a), Value::Number(b)) => {
            let (Some(a), Some(b)) = (a.as_f64(), b.as_f64()) else { return false };
            a == b || (a - b).abs() <= RELATIVE * a.abs().max(b.abs()).max(1.0)
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(name, value)| b.get(name).is_some_and(|other| is_same(value, other)))
        }
        _ => ours == theirs,
    }
}
