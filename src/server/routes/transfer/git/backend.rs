//! `git http-backend`, as any web server runs it (RFC 3875): the request on its input, the head and the body of the answer on its output.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use std::io::{self, BufRead, BufReader, Read as _, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// The largest head of an answer.
const HEAD_BYTES_MAX: u64 = 16 << 10;
/// The largest answer to a push: what became of each ref, and what hooks print.
const REPORT_BYTES_MAX: u64 = 4 << 20;
/// The memory that each program may map that takes a push, in KiB: a small pack can describe objects without end.
const PUSH_MEMORY_KIB: u64 = 4 << 20;

/// What a client of Git asks.
pub(super) struct GitRequest {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) query: String,
    pub(super) body: Vec<u8>,
    /// The largest pack that is taken, where commits may be pushed.
    pub(super) push_bytes_max: Option<usize>,
}

/// Returns the command that answers.
pub(super) fn command(folder: &Path, asked: &GitRequest, headers: &HeaderMap) -> Command {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // What is pushed is unpacked already, within the limit of bodies.
    let encoding = if asked.push_bytes_max.is_some() { "" } else { text(header::CONTENT_ENCODING) };
    let mut command = program(asked.push_bytes_max.is_some());
    command.env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.envs(std::env::vars_os().filter(|(name, _)| name == "PATH"));
    command.envs([
        ("GIT_HTTP_EXPORT_ALL", "1"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("REQUEST_METHOD", asked.method.as_str()),
        ("QUERY_STRING", &asked.query),
        ("CONTENT_TYPE", text(header::CONTENT_TYPE)),
        ("CONTENT_LENGTH", &asked.body.len().to_string()),
        ("HTTP_CONTENT_ENCODING", encoding),
        ("GIT_PROTOCOL", text(HeaderName::from_static("git-protocol"))),
    ]);
    let settings = settings(asked.push_bytes_max);
    command.env("GIT_CONFIG_COUNT", settings.len().to_string());
    for (number, (name, value)) in settings.iter().enumerate() {
        command.env(format!("GIT_CONFIG_KEY_{number}"), name);
        command.env(format!("GIT_CONFIG_VALUE_{number}"), value);
    }
    command.env("GIT_PROJECT_ROOT", folder).env("PATH_INFO", asked.path);
    command
}

/// Returns the program without its environment. What takes a push may map no more than so much memory, so that it fails by itself and not
/// the machine.
fn program(takes_pushes: bool) -> Command {
    if !takes_pushes {
        let mut command = Command::new("git");
        command.arg("http-backend");
        return command;
    }
    let mut command = Command::new("sh");
    // Where the shell knows no such limit there is none.
    command.args(["-c", &format!("ulimit -v {PUSH_MEMORY_KIB} 2>/dev/null; exec git http-backend")]);
    command
}

/// Returns the settings of Git that differ from those of the repository.
fn settings(push_bytes_max: Option<usize>) -> Vec<(&'static str, String)> {
    // The folder may belong to another user than the service runs as.
    let mut settings = vec![("safe.directory", "*".to_owned())];
    if let Some(bytes_max) = push_bytes_max {
        settings.extend([
            ("http.receivepack", "true".to_owned()),
            ("receive.fsckObjects", "true".to_owned()),
            ("receive.maxInputSize", bytes_max.to_string()),
            ("receive.autogc", "false".to_owned()),
            // Larger files are never in memory as a whole; packs that are there are mapped in small parts.
            ("core.bigFileThreshold", "16m".to_owned()),
            ("core.packedGitWindowSize", "32m".to_owned()),
            ("core.packedGitLimit", "512m".to_owned()),
        ]);
    }
    settings
}

/// The head of an answer.
struct Head {
    status: StatusCode,
    fields: HeaderMap,
}

impl Default for Head {
    fn default() -> Self {
        Self { status: StatusCode::OK, fields: HeaderMap::new() }
    }
}

impl Head {
    /// Reads it as CGI has it (RFC 3875, 6.3).
    fn read(&mut self, out: &mut impl BufRead) -> io::Result<()> {
        let mut head = out.take(HEAD_BYTES_MAX);
        loop {
            let mut line = String::new();
            if head.read_line(&mut line)? == 0 {
                return Err(io::Error::other("git http-backend has not answered: is git installed?"));
            }
            let line = line.trim_end();
            let Some((name, value)) = line.split_once(':') else {
                return if line.is_empty() { Ok(()) } else { Err(io::Error::other("git answers no CGI")) };
            };
            let value = value.trim();
            if name.eq_ignore_ascii_case("status") {
                let code = value.split(' ').next().and_then(|code| code.parse().ok());
                self.status =
                    code.and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(StatusCode::BAD_GATEWAY);
            } else if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
                self.fields.append(name, value);
            }
        }
    }
}

/// A program that answers, and ends with this.
pub(super) struct Backend {
    child: Child,
    out: BufReader<ChildStdout>,
    pub(super) status: StatusCode,
    pub(super) fields: HeaderMap,
}

impl Backend {
    /// Starts it, hands it the request, and reads the head of its answer.
    pub(super) fn start(mut command: Command, body: Vec<u8>) -> io::Result<Self> {
        let mut child = command.spawn()?;
        let (input, out) = (child.stdin.take(), child.stdout.take());
        let out = BufReader::new(out.ok_or_else(|| io::Error::other("git has no output"))?);
        let mut backend = Self { child, out, status: StatusCode::OK, fields: HeaderMap::new() };
        if let Some(mut input) = input {
            // Beside, as it may answer before it has read all; and it may end before it has.
            std::thread::spawn(move || drop(input.write_all(&body)));
        }
        let mut head = Head::default();
        head.read(&mut backend.out)?;
        (backend.status, backend.fields) = (head.status, head.fields);
        Ok(backend)
    }

    /// Passes the body on.
    pub(super) fn copy(&mut self, out: &mut dyn Write) -> io::Result<()> {
        io::copy(&mut self.out, out)?;
        match self.child.wait()?.success() {
            true => Ok(()),
            false => Err(io::Error::other("git http-backend failed")),
        }
    }
}

/// Answers a push: Git runs to its end whether the client waits or not, so that each ref is made or is not. Returns the report.
pub(super) fn push(mut command: Command, body: &[u8]) -> io::Result<Vec<u8>> {
    let mut child = command.spawn()?;
    let (input, out) = (child.stdin.take(), child.stdout.take());
    let report = std::thread::scope(|scope| {
        if let Some(mut input) = input {
            // Fails where Git has refused the rest: its report has the reason.
            scope.spawn(move || drop(input.write_all(body)));
        }
        let mut report = Vec::new();
        let read = out.map_or(Ok(0), |out| out.take(REPORT_BYTES_MAX).read_to_end(&mut report));
        read.map(|_| report)
    });
    if !child.wait()?.success() {
        return Err(io::Error::other("git http-backend failed, or git is not installed"));
    }
    let mut head = Head::default();
    let mut report = BufReader::new(io::Cursor::new(report?));
    head.read(&mut report)?;
    if head.status != StatusCode::OK {
        return Err(io::Error::other(format!("git http-backend answers {}", head.status)));
    }
    let mut rest = Vec::new();
    report.read_to_end(&mut rest)?;
    Ok(rest)
}

impl Drop for Backend {
    fn drop(&mut self) {
        // Where the client is not there any more; else it has ended.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
