//! The service in a process of its own.

use super::machine::memory_of;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running service; it ends with this.
pub(super) struct Served {
    child: Child,
    pub(super) address: SocketAddr,
}

impl Served {
    /// Starts this program as the service of a thread.
    pub(super) fn start(folder: &Path) -> Result<Self, Box<dyn std::error::Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("serve").arg("--data").arg(folder).args(["--listen", "127.0.0.1:0"]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        let address = line.trim().rsplit('/').next().unwrap_or_default().parse();
        let address = address.map_err(|_| format!("the service did not start: {line}"))?;
        Ok(Self { child, address })
    }

    /// Makes the peak of memory begin anew.
    pub(super) fn forget_peak(&self) {
        // Where the system does not let it, the peak is that of all kinds so far.
        drop(std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5"));
    }

    /// Returns the memory in bytes, where the system reports it.
    pub(super) fn memory(&self) -> Option<f64> {
        memory_of(self.child.id(), "VmRSS")
    }

    /// Returns how many files and connections are open, where the system reports it.
    pub(super) fn open_files(&self) -> Option<f64> {
        Some(std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).ok()?.count() as f64)
    }

    /// Returns the peak of memory in bytes, where the system reports it.
    pub(super) fn peak(&self) -> Option<f64> {
        memory_of(self.child.id(), "VmHWM")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
