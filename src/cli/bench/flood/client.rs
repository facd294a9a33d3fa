//! Clients that send what knocks over, and one that wants little and should get it soon.

use super::attacks::{Attack, Payload, Reads};
use crate::cli::bench::requests::{get, graphql, post};
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long a client waits for its answer.
const ANSWER_MAX: Duration = Duration::from_secs(60);
/// How long a client that does not read, or does not send, keeps its connection.
const HOLD: Duration = Duration::from_secs(6);
/// How often a slow client sends a byte.
const DRIP_EVERY: Duration = Duration::from_millis(900);
/// How much of an answer is searched for its code.
const SHOWN_BYTES: usize = 64 << 10;

/// What the clients of one kind were answered.
#[derive(Default)]
pub(super) struct AnswerCounts(BTreeMap<String, usize>);

impl AnswerCounts {
    /// Counts an answer; `None` where a client had no thread.
    pub(super) fn add(&mut self, answer: Option<io::Result<String>>) {
        let answer = match answer {
            Some(Ok(answer)) => answer,
            Some(Err(error)) => match error.kind() {
                ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof => {
                    "closed".to_owned()
                }
                ErrorKind::WouldBlock | ErrorKind::TimedOut => "no answer".to_owned(),
                kind => kind.to_string(),
            },
            None => "no client".to_owned(),
        };
        *self.0.entry(answer).or_default() += 1;
    }

    /// Returns whether all answers begin with one of some words.
    pub(super) fn has_only(&self, words: &[&str]) -> bool {
        self.0.keys().all(|answer| words.iter().any(|word| answer.starts_with(word)))
    }
}

impl fmt::Display for AnswerCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<_> = self.0.iter().map(|(answer, count)| format!("{count} × {answer}")).collect();
        f.write_str(&counts.join(", "))
    }
}

/// Sends what one client of a kind sends, with its request; returns what it was answered.
pub(super) fn send(address: SocketAddr, attack: &Attack, request: &[u8]) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(ANSWER_MAX))?;
    match &attack.kind {
        Payload::Requests(_, reads) => {
            // A refusal may come before all is sent.
            let sent = stream.write_all(request);
            match reads {
                Reads::All => read(&mut stream).or_else(|error| sent.and(Err(error))),
                Reads::Little => hold(&mut stream),
                Reads::Drips => drip(&mut stream),
            }
        }
        Payload::Sockets(messages, reads) => socket(&mut stream, messages, *reads),
    }
}

/// Reads an answer to its end; returns its status, with the code and outcome of its first error.
fn read(stream: &mut TcpStream) -> io::Result<String> {
    let (mut start, mut piece, mut last) = (Vec::new(), vec![0; 64 << 10], Vec::new());
    let broken = loop {
        match stream.read(&mut piece) {
            Ok(0) => break false,
            Ok(size) => {
                if start.len() < SHOWN_BYTES {
                    start.extend_from_slice(&piece[..size]);
                }
                last = piece[..size].iter().rev().take(5).rev().copied().collect();
            }
            Err(_) if !start.is_empty() => break true,
            Err(error) => return Err(error),
        }
    };
    let text = String::from_utf8_lossy(&start);
    let cut = broken || (text.contains("transfer-encoding: chunked") && last != b"0\r\n\r\n");
    Ok(label(&text) + if cut { " cut off" } else { "" })
}

/// Describes an answer: its status, with the code and outcome of its first error.
fn label(text: &str) -> String {
    let mut label = text.split(' ').nth(1).unwrap_or("nothing").to_owned();
    for name in ["\"code\":\"", "\"outcome\":\""] {
        if let Some(value) = text.split(name).nth(1).and_then(|rest| rest.split('"').next()) {
            label = format!("{label} {value}");
        }
    }
    label
}

/// Takes nothing but the first byte, and keeps the connection for a while.
fn hold(stream: &mut TcpStream) -> io::Result<String> {
    stream.set_read_timeout(Some(HOLD))?;
    let first = stream.read(&mut [0]);
    match first {
        Ok(0) => return Ok("closed".to_owned()),
        Ok(_) => std::thread::sleep(HOLD),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
        Err(error) => return Err(error),
    }
    drop(stream.shutdown(Shutdown::Both));
    Ok("kept open".to_owned())
}

/// Sends a byte now and then.
fn drip(stream: &mut TcpStream) -> io::Result<String> {
    stream.set_read_timeout(Some(DRIP_EVERY))?;
    let start = Instant::now();
    let mut answer = vec![0; 4096];
    while start.elapsed() < HOLD {
        match stream.read(&mut answer) {
            Ok(0) => return Ok("closed".to_owned()),
            Ok(size) => return Ok(label(&String::from_utf8_lossy(&answer[..size]))),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                stream.write_all(b"a")?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok("kept open".to_owned())
}

/// Opens a WebSocket, sends messages, and reads for a while, or nothing at all; answers no ping.
fn socket(stream: &mut TcpStream, messages: &[String], reads: bool) -> io::Result<String> {
    let head = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: graphql-transport-ws";
    stream.write_all(format!("GET /graphql HTTP/1.1\r\nhost: localhost\r\n{head}\r\n\r\n").as_bytes())?;
    let mut start = [0; 12];
    stream.read_exact(&mut start)?;
    let status = String::from_utf8_lossy(&start[9..]).into_owned();
    if status != "101" {
        return Ok(status);
    }
    for message in messages {
        stream.write_all(&frame(message.as_bytes()))?;
    }
    if !reads {
        std::thread::sleep(HOLD);
        return Ok(status);
    }
    let (start, mut taken) = (Instant::now(), vec![0; 64 << 10]);
    stream.set_read_timeout(Some(Duration::from_millis(100)))?;
    while start.elapsed() < HOLD {
        match stream.read(&mut taken) {
            Ok(0) => return Ok(format!("{status}, closed")),
            Ok(_) => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(status)
}

/// Writes a text as a frame of a client; its mask of zeros changes nothing.
fn frame(payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x81];
    match u16::try_from(payload.len()) {
        Ok(length @ ..=125) => frame.push(0x80 | length.to_be_bytes()[1]),
        Ok(length) => {
            frame.push(0x80 | 126);
            frame.extend(length.to_be_bytes());
        }
        Err(_) => {
            frame.push(0x80 | 127);
            frame.extend((payload.len() as u64).to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend_from_slice(payload);
    frame
}

/// What became of a client that asks for little again and again.
pub(super) struct Other {
    /// The longest wait, and for what.
    pub(super) slowest: (Duration, &'static str),
    /// The first answer that was no success.
    pub(super) failure: Option<String>,
}

impl Other {
    /// How often it asks.
    const EVERY: Duration = Duration::from_millis(20);

    /// Asks on new connections until the others are done.
    pub(super) fn ask_until(address: SocketAddr, over: &AtomicBool) -> Self {
        let sample = b"pump,twin=P-001 bearing_temperature=50";
        let requests = [
            ("a query", graphql("{ thread { base } }")),
            ("a sample", post("/write", "", sample, sample.len())),
            ("SPARQL", get("/sparql?query=ASK%7B%7D", "")),
            ("health", get("/health", "")),
        ];
        let mut other = Self { slowest: (Duration::ZERO, ""), failure: None };
        for (name, request) in requests.iter().cycle() {
            let start = Instant::now();
            let answer = Self::ask(address, request);
            other.slowest = other.slowest.max((start.elapsed(), name));
            let answer = answer.unwrap_or_else(|error| error.to_string());
            if !answer.starts_with("HTTP/1.1 20") && other.failure.is_none() {
                other.failure = Some(format!("{name}: {:.300}", answer.replace("\r\n", " ")));
            }
            if over.load(Ordering::Relaxed) {
                break;
            }
            std::thread::sleep(Self::EVERY);
        }
        other
    }

    fn ask(address: SocketAddr, request: &[u8]) -> io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(ANSWER_MAX))?;
        stream.write_all(request)?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}
