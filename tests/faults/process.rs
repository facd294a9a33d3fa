//! Commands that are run to their end, with a deadline after which they count as hung.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// How long a command may take.
const COMMAND_MAX: Duration = Duration::from_secs(300);

/// What a command came to.
#[derive(Clone, Debug)]
pub(crate) struct Finished {
    /// `None` where it hung and was killed.
    pub status: Option<ExitStatus>,
    pub stdout: String,
    pub stderr: String,
}

impl Finished {
    pub(crate) fn is_success(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }

    /// Returns what it printed, or how it failed.
    pub(crate) fn result(self) -> Result<String, String> {
        match self.status {
            Some(status) if status.success() => Ok(self.stdout),
            Some(status) => Err(format!("{status}: {}{}", self.stdout, self.stderr)),
            None if self.stderr.starts_with(UNRUNNABLE) => Err(self.stderr),
            None => Err(format!("hung for {} s", COMMAND_MAX.as_secs())),
        }
    }
}

/// The message for a command that does not start.
const UNRUNNABLE: &str = "cannot be run";

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Finished {
    let failed = |error: &std::io::Error| Finished {
        status: None,
        stdout: String::new(),
        stderr: format!("{UNRUNNABLE}: {error}"),
    };
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = match child {
        Ok(child) => child,
        Err(error) => return failed(&error),
    };
    let pid = child.id();
    let (ended, end) = mpsc::channel();
    std::thread::spawn(move || ended.send(child.wait_with_output()));
    let (output, hung) = match end.recv_timeout(COMMAND_MAX) {
        Ok(output) => (output, false),
        Err(_) => {
            signal(pid, "KILL");
            (end.recv().unwrap_or_else(|error| Err(std::io::Error::other(error))), true)
        }
    };
    match output {
        Ok(output) => Finished {
            status: Some(output.status).filter(|_| !hung),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        },
        Err(error) => failed(&error),
    }
}

/// Returns whether a tool is installed, whatever it is allowed to do.
pub(crate) fn is_installed(tool: &str) -> bool {
    let output = Command::new(tool).arg("--version").output();
    !output.is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

/// Returns whether a tool is installed and works with these arguments.
pub(crate) fn works(tool: &str, arguments: &[&str]) -> bool {
    run(Command::new(tool).args(arguments)).is_success()
}

/// Sends a signal, such as `TERM`, to a process that this one has started.
pub(crate) fn signal(pid: u32, name: &str) -> bool {
    Command::new("kill")
        .arg(format!("-{name}"))
        .arg(pid.to_string())
        .status()
        .is_ok_and(|status| status.success())
}

/// Waits for a child to end; `None` where it does not in time.
pub(crate) fn wait(mut child: Child, deadline: Duration) -> Option<ExitStatus> {
    let pid = child.id();
    let (ended, end) = mpsc::channel();
    std::thread::spawn(move || ended.send(child.wait()));
    match end.recv_timeout(deadline) {
        Ok(status) => status.ok(),
        Err(_) => {
            signal(pid, "KILL");
            // Its end is waited for, so that nothing of it goes on.
            drop(end.recv());
            None
        }
    }
}
