//! A client: one connection a request, with a deadline, so that an answer that never comes is seen as a hang.

use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer may take before the service counts as hung.
const ANSWER_MAX: Duration = Duration::from_secs(90);

/// How the message of a request begins that was not answered in time.
pub(crate) const HANG: &str = "no answer";

/// What a request that changes something came to.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// It was acknowledged.
    Done(Value),
    /// It was refused: nothing of it may be there, now or later.
    Refused(String),
    /// It was neither acknowledged nor refused.
    Unknown(String),
    /// It never reached the service.
    Unsent,
}

/// A client of one service.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client {
    address: SocketAddr,
}

/// An HTTP answer that came to its end.
struct Answer {
    status: u16,
    body: String,
}

enum Broken {
    Unsent(String),
    Unanswered(String),
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address }
    }

    /// Asks a question; the error is a refusal or a broken connection.
    pub(crate) fn ask(&self, query: &str, variables: &Value) -> Result<Value, String> {
        let answer = match self.post_graphql(query, variables) {
            Ok(answer) => answer,
            Err(Broken::Unsent(error) | Broken::Unanswered(error)) => return Err(error),
        };
        let mut body: Value = serde_json::from_str(&answer.body).map_err(|_| answer.text())?;
        match body.get("errors") {
            None => Ok(body["data"].take()),
            Some(errors) => Err(errors.to_string()),
        }
    }

    /// Sends a mutation.
    pub(crate) fn change(&self, mutation: &str, variables: &Value) -> Outcome {
        let answer = match self.post_graphql(mutation, variables) {
            Ok(answer) => answer,
            Err(Broken::Unsent(_)) => return Outcome::Unsent,
            Err(Broken::Unanswered(error)) => return Outcome::Unknown(error),
        };
        let Ok(mut body) = serde_json::from_str::<Value>(&answer.body) else {
            return Outcome::Unknown(answer.text());
        };
        let Some(error) = body.get("errors").map(|errors| errors[0].clone()) else {
            let data = body["data"].take();
            let refused =
                data.as_object().and_then(|fields| fields.values().find_map(|of| of["errors"].get(0)));
            return match refused {
                Some(error) => Outcome::Refused(error.to_string()),
                None => Outcome::Done(data),
            };
        };
        let code = error["extensions"]["code"].as_str().unwrap_or_default();
        if is_open(&error.to_string()) || matches!(code, "INTERNAL" | "TIMEOUT" | "") {
            Outcome::Unknown(error.to_string())
        } else {
            Outcome::Refused(error.to_string())
        }
    }

    /// Writes samples in line protocol, instants in seconds.
    pub(crate) fn write(&self, lines: &str) -> Outcome {
        match self.send("POST", "/api/v2/write?precision=s", "text/plain; charset=utf-8", lines) {
            Ok(answer) if answer.status == 204 => Outcome::Done(Value::Null),
            Ok(answer) if is_open(&answer.body) || answer.status == 500 => Outcome::Unknown(answer.text()),
            Ok(answer) => Outcome::Refused(answer.text()),
            Err(Broken::Unsent(_)) => Outcome::Unsent,
            Err(Broken::Unanswered(error)) => Outcome::Unknown(error),
        }
    }

    fn post_graphql(&self, query: &str, variables: &Value) -> Result<Answer, Broken> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        self.send("POST", "/graphql", "application/json", &body)
    }

    fn send(&self, method: &str, path: &str, kind: &str, body: &str) -> Result<Answer, Broken> {
        let unsent = |error: std::io::Error| Broken::Unsent(error.to_string());
        let mut stream = TcpStream::connect(self.address).map_err(unsent)?;
        stream.set_read_timeout(Some(ANSWER_MAX)).map_err(unsent)?;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        let exchange = |stream: &mut TcpStream| {
            stream.write_all(head.as_bytes())?;
            stream.write_all(body.as_bytes())?;
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes)?;
            Ok::<_, std::io::Error>(bytes)
        };
        let bytes = exchange(&mut stream).map_err(|error| Broken::Unanswered(describe(&error)))?;
        parse(&bytes).ok_or_else(|| Broken::Unanswered("the answer was broken off".to_owned()))
    }
}

impl Answer {
    fn text(&self) -> String {
        format!("{} {}", self.status, self.body)
    }
}

/// Describes a broken connection; one without an answer in time is a [`HANG`].
fn describe(error: &std::io::Error) -> String {
    if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) {
        return format!("{HANG} within {} s", ANSWER_MAX.as_secs());
    }
    error.to_string()
}

/// Returns whether an error leaves open what became of the request.
fn is_open(error: &str) -> bool {
    ["may be", "may have", "is not known", "cannot be known"].iter().any(|words| error.contains(words))
}

/// Reads an answer; `None` where it was broken off.
fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, body) = (std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 4..]);
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let header = |name: &str| {
        let mut headers = head.lines().filter_map(|line| line.split_once(": "));
        headers.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    let body = if header("transfer-encoding") == Some("chunked") {
        joined(body)?
    } else {
        let length = header("content-length").map_or(Some(body.len()), |length| length.parse().ok())?;
        body.get(..length)?.to_owned()
    };
    Some(Answer { status, body: String::from_utf8(body).ok()? })
}

/// Joins the chunks of a body; `None` where the last one is missing.
fn joined(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).ok()?, 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend(rest.get(line + 2..line + 2 + size)?);
        rest = rest.get(line + 4 + size..)?;
    }
}
