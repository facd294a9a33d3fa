//! Line protocol sent to a service in a process of its own, as a client of InfluxDB would, and the memory that it takes.

use super::Failure;
use crate::app::App;
use crate::cli::bench::machine;
use crate::cli::bench::report::{Report, median};
use crate::model::time::clock::SystemClock;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

const LINES_PER_REQUEST: usize = 10_000;
const TWINS: usize = 1_000;
/// How many connections send at once.
const CLIENTS: usize = 2;
/// How many requests are made before the clock runs; more would only fill the memory.
const REQUESTS_AT_ONCE: usize = 40;
/// Bytes of an instant and a double.
const PLAIN_SAMPLE: f64 = 16.0;

/// Measures one sample at a time, beside a bare sync of the disk, then the rates, then the memory of another service that
/// takes all samples.
pub(super) fn measure(
    folder: &Path,
    samples: usize,
    sync_micros: f64,
    report: &mut Report,
) -> Result<(), Failure> {
    let service = Service::start(&folder.join("rates"))?;
    let micros = service.micros_of_one_sample()?;
    report.line("one sample a request over HTTP, durable, p50", micros, "µs");
    report.line("the same, by one fdatasync", micros / sync_micros, "×");
    for (fields, bar) in [(6, 500.0), (1, 250.0)] {
        for late in [false, true] {
            let rate = service.rate(Load { fields, late }, samples / 10)? / 1e3;
            let order = if late { "10 % late" } else { "in order" };
            let what = format!("ingest over HTTP, durable, {fields} fields a line, {order}");
            report.at_least(&what, rate, bar, "k samples/s");
        }
    }
    drop(service);
    let service = Service::start(&folder.join("memory"))?;
    let before = service.memory();
    let load = Load { fields: 6, late: true };
    let requests = load.requests(samples);
    let start = Instant::now();
    service.post_all(requests, |number| load.body(number))?;
    let sent = (requests * load.samples_per_request()) as f64;
    report.line("samples sent to one service, 10 % late", sent / 1e6, "M");
    report.line("sent, made on the way", sent / start.elapsed().as_secs_f64() / 1e3, "k samples/s");
    if let (Some(peak), Some(before)) = (service.memory(), before) {
        report.line("peak memory of the service meanwhile", peak / 1e6, "MB");
        report.line("the same before", before / 1e6, "MB");
        report.line(
            "the peak, by all samples as plain instants and values",
            peak / (sent * PLAIN_SAMPLE),
            "×",
        );
    }
    Ok(())
}

/// What is sent: so many fields a line, every tenth line late or all in order.
#[derive(Clone, Copy)]
struct Load {
    fields: usize,
    late: bool,
}

impl Load {
    fn samples_per_request(self) -> usize {
        LINES_PER_REQUEST * self.fields
    }

    fn requests(self, samples: usize) -> usize {
        samples.div_ceil(self.samples_per_request()).max(CLIENTS)
    }

    /// Makes the body of one request: every twin ten times. A late line is for an instant that was skipped before.
    fn body(self, request: usize) -> Vec<u8> {
        let mut body = Vec::with_capacity(LINES_PER_REQUEST * (50 + 10 * self.fields));
        let kind = if self.late { "late" } else { "order" };
        for line in 0..LINES_PER_REQUEST {
            let (twin, step) = (line % TWINS, request * (LINES_PER_REQUEST / TWINS) + line / TWINS);
            let _ = write!(body, "{kind}{},twin=U-{twin:04} ", self.fields);
            for field in 0..self.fields {
                let comma = if field == 0 { "" } else { "," };
                let hundredths = (step * 31 + twin * 17 + field * 7) % 1000;
                let _ = write!(body, "{comma}s{field}={}.{:02}", 20 + hundredths / 100, hundredths % 100);
            }
            let second = 1_600_000_000 + step * 10;
            let second = if self.late && (line + step) % 10 == 3 { second - 405 } else { second };
            let _ = writeln!(body, " {second}");
        }
        body
    }
}

/// A service of a thread of its own; it ends with this value.
struct Service {
    process: Child,
    address: SocketAddr,
}

impl Service {
    fn start(folder: &Path) -> Result<Self, Failure> {
        App::init(folder, &[], "https://bench.example.org/", Arc::new(SystemClock::default()))?;
        let mut serve = Command::new(std::env::current_exe()?);
        serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder);
        let mut process = serve.stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        let output = process.stdout.take().ok_or("the service has no output")?;
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim().strip_prefix("listening on http://").and_then(|text| text.parse().ok());
        match address {
            Some(address) => Ok(Self { process, address }),
            None => Err(format!("the service did not start: {line}").into()),
        }
    }

    /// Returns the most memory that the process has had.
    fn memory(&self) -> Option<f64> {
        machine::memory_of(self.process.id(), "VmHWM")
    }

    /// Returns the median time of a request that brings one sample, its connection included.
    fn micros_of_one_sample(&self) -> Result<f64, Failure> {
        let mut micros = Vec::new();
        for second in 1_600_000_000..1_600_000_200 {
            let start = Instant::now();
            post(&mut TcpStream::connect(self.address)?, format!("one,twin=U-0 s=1 {second}").as_bytes())?;
            micros.push(start.elapsed().as_secs_f64() * 1e6);
        }
        Ok(median(&mut micros))
    }

    /// Sends about so many samples; returns how many a second were stored, the making of the requests left out.
    fn rate(&self, load: Load, samples: usize) -> Result<f64, Failure> {
        let all: Vec<usize> = (0..load.requests(samples)).collect();
        let mut seconds = 0.0;
        for numbers in all.chunks(REQUESTS_AT_ONCE) {
            let bodies: Vec<_> = numbers.iter().map(|number| load.body(*number)).collect();
            let start = Instant::now();
            self.post_all(bodies.len(), |at| bodies[at].as_slice())?;
            seconds += start.elapsed().as_secs_f64();
        }
        Ok((all.len() * load.samples_per_request()) as f64 / seconds)
    }

    /// Posts bodies, each client the next one that nobody has taken.
    fn post_all<B: AsRef<[u8]>>(
        &self,
        requests: usize,
        body: impl Fn(usize) -> B + Sync,
    ) -> Result<(), Failure> {
        let next = AtomicUsize::new(0);
        let client = || -> std::io::Result<()> {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= requests {
                    return Ok(());
                }
                post(&mut TcpStream::connect(self.address)?, body(number).as_ref())?;
            }
        };
        std::thread::scope(|scope| {
            let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(client)).collect();
            let mut ends = clients.into_iter().map(std::thread::ScopedJoinHandle::join);
            ends.try_for_each(|end| end.map_err(|_| "a client panicked")?.map_err(Failure::from))
        })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // What is measured has been measured; a service that has ended already needs no stop.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Sends one body over a connection and reads the answer.
fn post(stream: &mut TcpStream, body: &[u8]) -> std::io::Result<()> {
    let head = format!(
        "POST /api/v2/write?precision=s HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    if answer.starts_with("HTTP/1.1 204") { Ok(()) } else { Err(std::io::Error::other(answer)) }
}
