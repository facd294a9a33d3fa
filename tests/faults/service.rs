//! The real program, serving a folder in a process of its own: started, stopped, frozen and killed.

use super::http::Client;
use super::process;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// How long a start may take before it counts as hung.
const START_MAX: Duration = Duration::from_secs(120);
/// How long the service may take to end once it is asked to.
const STOP_MAX: Duration = Duration::from_secs(60);

/// A service that answers. Dropped, it is killed.
pub(crate) struct Service {
    child: Option<Child>,
    address: SocketAddr,
}

/// Why a service does not answer.
#[derive(Clone, Debug)]
pub(crate) enum NoStart {
    /// It ended, with this message.
    Refused(String),
    Hung,
}

impl std::fmt::Display for NoStart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(message) => write!(f, "the start was refused: {message}"),
            Self::Hung => write!(f, "the start hung for {} s", START_MAX.as_secs()),
        }
    }
}

/// The program, or a program that runs it.
pub(crate) fn command(wrapper: &[String]) -> Command {
    let program = env!("CARGO_BIN_EXE_throughline");
    match wrapper.split_first() {
        None => Command::new(program),
        Some((first, rest)) => {
            let mut command = Command::new(first);
            command.args(rest).arg(program);
            command
        }
    }
}

impl Service {
    /// Serves a folder on a free port, and returns once it answers. Its log goes on in the file `log`.
    pub(crate) fn start(folder: &Path, log: &Path, wrapper: &[String]) -> Result<Self, NoStart> {
        Self::run(command(wrapper), folder, log)
    }

    /// Serves a folder by a command that runs the program.
    pub(crate) fn run(mut command: Command, folder: &Path, log: &Path) -> Result<Self, NoStart> {
        let refused = |error: std::io::Error| NoStart::Refused(error.to_string());
        let before = std::fs::metadata(log).map_or(0, |log| log.len());
        let stderr = File::options().create(true).append(true).open(log).map_err(refused)?;
        command.arg("serve").arg("--data").arg(folder).args(["--listen", "127.0.0.1:0"]);
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr).spawn().map_err(refused)?;
        let stdout = child.stdout.take();
        let mut service = Self { child: Some(child), address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        let (sender, line) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = stdout.map(|stdout| BufReader::new(stdout).read_line(&mut line));
            sender.send(read.and_then(|_| line.trim().strip_prefix("listening on http://")?.parse().ok()))
        });
        match line.recv_timeout(START_MAX) {
            Ok(Some(address)) => {
                service.address = address;
                Ok(service)
            }
            Ok(None) => {
                drop(service);
                Err(NoStart::Refused(tail(log, before)))
            }
            Err(_) => Err(NoStart::Hung),
        }
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.address)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().map_or(0, Child::id)
    }

    /// Kills it, wherever it is.
    pub(crate) fn kill(mut self) {
        self.end();
    }

    /// Asks it to end and waits; the error is a hang or a failure.
    pub(crate) fn stop(mut self) -> Result<(), String> {
        process::signal(self.pid(), "TERM");
        let Some(child) = self.child.take() else { return Ok(()) };
        match process::wait(child, STOP_MAX) {
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(format!("the service ended with {status} when it was asked to stop")),
            None => Err(format!("the service did not stop within {} s", STOP_MAX.as_secs())),
        }
    }

    /// Kills it, or asks it to end.
    pub(crate) fn kill_or_stop(self, kills: bool) -> Result<(), String> {
        if kills {
            self.kill();
            return Ok(());
        }
        self.stop()
    }

    /// Stops it between two instructions, with nothing under way in the kernel, until it is killed.
    pub(crate) fn freeze(&self) -> Result<(), String> {
        process::signal(self.pid(), "STOP");
        let tasks = PathBuf::from(format!("/proc/{}/task", self.pid()));
        let is_stopped = || {
            let states = std::fs::read_dir(&tasks).ok()?.filter_map(|task| {
                let stat = std::fs::read_to_string(task.ok()?.path().join("stat")).ok()?;
                stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next())
            });
            Some(states.into_iter().all(|state| matches!(state, 'T' | 't' | 'Z' | 'X')))
        };
        let begin = std::time::Instant::now();
        while !is_stopped().ok_or("the service has ended")? {
            if begin.elapsed() > STOP_MAX {
                return Err("the service could not be frozen".to_owned());
            }
            std::thread::yield_now();
        }
        Ok(())
    }

    fn end(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Fails only where it has ended by itself.
            drop(child.kill());
            drop(child.wait());
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.end();
    }
}

/// Returns what a log has from a position on, at most its last two thousand bytes.
fn tail(log: &Path, from: u64) -> String {
    let bytes = std::fs::read(log).unwrap_or_default();
    let from = usize::try_from(from).unwrap_or(0).max(bytes.len().saturating_sub(2000)).min(bytes.len());
    String::from_utf8_lossy(&bytes[from..]).trim().to_owned()
}
