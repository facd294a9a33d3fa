//! Figures of this process, from the `/proc` of Linux; elsewhere there are none.

/// Figures of the process at one moment.
pub(super) struct Process {
    pub(super) cpu_seconds: f64,
    pub(super) resident_bytes: u64,
    pub(super) virtual_bytes: u64,
    pub(super) threads: u64,
    pub(super) open_files: u64,
    pub(super) files_max: u64,
    /// Since 1970.
    pub(super) started_seconds: f64,
}

/// Ticks a second in `/proc/self/stat`: what Linux shows to programs on every architecture (`USER_HZ`).
const TICKS: f64 = 100.0;

/// Reads the figures.
#[cfg(target_os = "linux")]
pub(super) fn read() -> Option<Process> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let boot = std::fs::read_to_string("/proc/stat").ok()?;
    let boot: f64 = boot.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()?;
    let open_files = std::fs::read_dir("/proc/self/fd").ok()?.count();
    let files_max = rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(u64::MAX);
    // The one that reads the folder is counted too.
    of(&stat, boot, (open_files as u64).saturating_sub(1), files_max, rustix::param::page_size() as u64)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn read() -> Option<Process> {
    None
}

/// Takes the figures out of the line of `/proc/self/stat` (proc_pid_stat(5)), in which the name of the program may have spaces.
fn of(stat: &str, boot: f64, open_files: u64, files_max: u64, page_bytes: u64) -> Option<Process> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    // The third field of the page is the first one here.
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    Some(Process {
        cpu_seconds: (field(14)? + field(15)?) as f64 / TICKS,
        threads: field(20)?,
        started_seconds: boot + field(22)? as f64 / TICKS,
        virtual_bytes: field(23)?,
        resident_bytes: field(24)? * page_bytes,
        open_files,
        files_max,
    })
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_line_of_the_system_is_read() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194304 1 0 0 0 150 50 0 0 20 0 9 0 300 4096000 12 18446744073709551615";
        let process = of(stat, 1_000.0, 3, 64, 4096).expect("figures");
        assert_eq!((process.cpu_seconds, process.started_seconds), (2.0, 1_003.0));
        assert_eq!((process.threads, process.virtual_bytes, process.resident_bytes), (9, 4_096_000, 49_152));
        assert!(of("7 (a) S 1", 0.0, 0, 0, 0).is_none());
    }
}
