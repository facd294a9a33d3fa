//! What is acknowledged has been synced before: read off the system calls of the program.

use super::program::is_there;
use super::world::PUMP;
use std::path::Path;
use std::process::Command;

/// Runs the program under `strace` and returns its system calls in order; `None` where there is none.
fn calls(folder: &Path, arguments: &[&str]) -> Option<Vec<String>> {
    if !is_there("strace", &["-f", "-e", "trace=none", "true"]) {
        return None;
    }
    let log = folder.join("calls");
    let output = Command::new("strace")
        .current_dir(folder)
        .args(["-f", "-y", "-s", "200", "-e", "trace=fsync,fdatasync,write,rename,renameat2,link"])
        .arg("-o")
        .arg(&log)
        .arg(env!("CARGO_BIN_EXE_throughline"))
        .args(arguments)
        .output()
        .expect("strace");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&std::fs::read(&log).expect("a log")).lines().map(str::to_owned).collect())
}

/// Returns the position of the first call, from `from` on, that is one of `names` and mentions `what`.
fn first(calls: &[String], from: usize, names: &[&str], what: &str) -> usize {
    let is_it = |call: &String| names.iter().any(|name| call.contains(name)) && call.contains(what);
    let at = calls[from..].iter().position(is_it);
    from + at.unwrap_or_else(|| panic!("no {names:?} of {what} after {from}:\n{}", calls.join("\n")))
}

#[test]
fn what_is_acknowledged_was_synced_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    std::fs::write(folder.join("pump.ttl"), PUMP).expect("a file");
    super::program::out(&super::program::throughline(
        folder,
        &["init", "plant", "--base", "https://test.example/"],
    ));
    let Some(calls) = calls(folder, &["import", "--data", "plant", "pump.ttl"]) else { return };
    const SYNC: [&str; 2] = ["fsync(", "fdatasync("];
    // Objects first, then the ref that leads to them, then the word to whoever asked.
    let objects = first(&calls, 0, &SYNC, "thread.git/objects/");
    let reference = first(&calls, objects, &SYNC, "thread.git/refs/heads/main");
    // A folder may be new, as `git gc` removes empty ones: the one above is synced with it, whoever made it.
    assert!(first(&calls, 0, &SYNC, "thread.git/objects>") < reference, "{}", calls.join("\n"));
    let folder_of_ref = first(&calls, reference, &SYNC, "thread.git/refs/heads>");
    let acknowledged = first(&calls, 0, &["write("], " on main: ");
    assert!(folder_of_ref < acknowledged, "{}", calls.join("\n"));

    std::fs::write(folder.join("temp.csv"), "t,unit,temp\n2024-01-01T00:00:00Z,P-1,20.5\n").expect("a file");
    let ingest = ["ingest", "--data", "plant", "--time", "t", "--twin", "unit", "temp.csv"];
    let calls = self::calls(folder, &ingest).expect("it was there");
    let synced = first(&calls, 0, &SYNC, "plant/telemetry/");
    let acknowledged = first(&calls, 0, &["write("], "1 sample stored");
    assert!(synced < acknowledged, "{}", calls.join("\n"));
}

/// Of a file that fills the disk, what was stored before is named and all that was refused is absent, also after a restart.
#[test]
fn an_ingest_that_fills_the_disk_reports_what_is_stored() {
    if !is_there("prlimit", &["--version"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    super::program::out(&super::program::throughline(folder, &["init", "plant"]));
    // Two batches of 250,000 samples take 10 MB of log.
    let columns: Vec<String> = (0..100).map(|column| format!("c{column}")).collect();
    let row = |at: usize| format!("{at},P-1{}\n", format!(",{at}.5").repeat(100));
    let text = format!("t,unit,{}\n{}", columns.join(","), (0..5000).map(row).collect::<String>());
    std::fs::write(folder.join("wide.csv"), text).expect("a file");
    let mut arguments = vec![
        "ingest",
        "--data",
        "plant",
        "--time",
        "t",
        "--twin",
        "unit",
        "--epoch",
        "2024-01-01T00:00:00Z",
        "--step",
        "PT1S",
    ];
    columns.iter().for_each(|column| arguments.extend(["--column", column]));
    arguments.push("wide.csv");
    let output = Command::new("sh")
        .current_dir(folder)
        .args(["-c", "trap '' XFSZ; exec prlimit --fsize=8000000 \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_throughline"))
        .args(&arguments)
        .output()
        .expect("the program");
    let printed = super::program::refused(&output);
    assert!(printed.contains("the samples were not stored: "), "{printed}");
    assert!(printed.contains("250000 samples that came before in the file are stored"), "{printed}");
    let clock = std::sync::Arc::new(throughline::model::time::clock::SystemClock::default());
    let store = throughline::telemetry::Store::open(&folder.join("plant/telemetry"), clock).expect("a store");
    let view = store.now();
    let window = throughline::model::time::interval::Interval::ALWAYS;
    let count = |series: throughline::telemetry::Series| {
        view.samples(series.id, window, usize::MAX).expect("samples").len()
    };
    assert_eq!(view.all_series().into_iter().map(count).sum::<usize>(), 250_000);
}
