//! What a measurement asks of the system: bytes on disk and in memory, and a disk that was not read before.

use std::path::Path;
use std::process::{Command, Stdio};

/// Returns the bytes that a file or all files of a folder take.
pub(super) fn size_of(path: &Path) -> std::io::Result<u64> {
    if !path.is_dir() {
        return Ok(path.metadata()?.len());
    }
    std::fs::read_dir(path)?.map(|entry| size_of(&entry?.path())).sum()
}

/// Returns a figure of a process's memory in bytes, such as `VmRSS` or `VmHWM`; `None` where the system does not report it.
pub(super) fn memory_of(process: u32, figure: &str) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(figure)?.strip_prefix(':'))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024.0)
}

/// Returns the processor time that this process has taken, in seconds; `None` where the system does not report it.
pub(super) fn processor_seconds() -> Option<f64> {
    /// Linux reports it in hundredths, whatever the clock of the kernel.
    const TICKS_PER_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in brackets, may have spaces; the times are the 14th and 15th field of all.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / TICKS_PER_SECOND)
}

/// Asks the system to forget what it holds of a file or of all files of a folder, which must be synced; returns whether it
/// was asked. `dd` has the right way to ask, which needs no privilege.
pub(super) fn forget_file(path: &Path) -> std::io::Result<bool> {
    if path.is_dir() {
        let mut asked = true;
        for entry in std::fs::read_dir(path)? {
            asked &= forget_file(&entry?.path())?;
        }
        return Ok(asked);
    }
    let mut dd = Command::new("dd");
    dd.arg(format!("if={}", path.display())).args(["iflag=nocache", "count=0"]);
    Ok(dd.stderr(Stdio::null()).status().is_ok_and(|status| status.success()))
}
