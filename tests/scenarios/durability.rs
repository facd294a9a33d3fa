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
        .args(["-f", "-y", "-s", "200", "-e", "trace=fsync,fdatasync,syncfs,write,rename,renameat2,link"])
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
    const MOVE: [&str; 2] = ["rename(", "renameat2("];
    // Objects and the content of the ref that leads to them first, then the ref is moved, then whoever asked is answered.
    let moved = first(&calls, 0, &MOVE, "thread.git/refs/heads/main.lock");
    let is_synced =
        |call: &String, what: &str| SYNC.iter().any(|name| call.contains(name)) && call.contains(what);
    for what in ["thread.git/objects/", "thread.git/throughline.ref."] {
        let last = calls.iter().rposition(|call| is_synced(call, what));
        assert!(last.is_some_and(|last| last < moved), "{what}: {}", calls.join("\n"));
    }
    // A folder may be new, as `git gc` removes empty ones: the one above is synced with it, whoever made it.
    assert!(first(&calls, 0, &SYNC, "thread.git/objects>") < moved, "{}", calls.join("\n"));
    let folder_of_ref = first(&calls, moved, &SYNC, "thread.git/refs/heads>");
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

/// Serves the thread by a command that ends in the program.
fn served(folder: &Path, mut command: Command) -> (super::program::Served, std::net::SocketAddr) {
    command.args(["serve", "--data", "plant", "--listen", "127.0.0.1:0"]).current_dir(folder);
    command.stderr(std::process::Stdio::null());
    super::program::Served::start(command)
}

/// What a killed process wrote and had not synced may be gone with the next power cut, though every read finds it: the next start syncs
/// it before anything builds on it.
#[test]
#[cfg(target_os = "linux")]
fn a_start_after_a_kill_syncs_what_was_not_synced() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    std::fs::write(folder.join("pump.ttl"), PUMP).expect("a file");
    let run = |arguments: &[&str]| super::program::out(&super::program::throughline(folder, arguments));
    run(&["init", "plant", "--base", "https://test.example/"]);
    run(&["import", "--data", "plant", "pump.ttl"]);
    let Some(orderly) = calls(folder, &["tag", "--data", "plant", "one"]) else { return };
    let synced = |calls: &[String]| -> Vec<String> {
        let calls = calls.iter().filter(|call| call.contains("syncfs("));
        calls
            .filter_map(|call| Some(call.split_once("thread.git/")?.1.split('>').next()?.to_owned()))
            .collect()
    };
    assert_eq!(synced(&orderly), [""; 0], "the last process ended in order");
    drop(served(folder, Command::new(env!("CARGO_BIN_EXE_throughline"))));
    let calls = self::calls(folder, &["tag", "--data", "plant", "two"]).expect("it was there");
    assert_eq!(synced(&calls), ["refs", "objects"], "{}", calls.join("\n"));
    let last = calls.iter().rposition(|call| call.contains("syncfs(")).expect("a sync");
    let writes = first(&calls, 0, &["rename(", "renameat2(", "link("], "thread.git/refs/tags/two");
    assert!(last < writes, "{}", calls.join("\n"));
}

/// A sync of the log that fails while samples are written over HTTP: nobody knows whether they are on the disk, and the answer states it.
#[test]
fn an_answer_states_that_samples_may_be_stored_or_not() {
    if !is_there("strace", &["-f", "-e", "trace=none", "true"]) {
        return;
    }
    for (path, text_of) in [("/api/v2/write", "message"), ("/write", "error")] {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path().canonicalize().expect("a path");
        let folder = folder.as_path();
        let run = |arguments: &[&str]| super::program::out(&super::program::throughline(folder, arguments));
        run(&["init", "plant"]);
        std::fs::write(folder.join("temp.csv"), "t,unit,temp\n2024-01-01T00:00:00Z,P-1,20.5\n")
            .expect("a file");
        run(&["ingest", "--data", "plant", "--time", "t", "--twin", "unit", "temp.csv"]);
        let files = std::fs::read_dir(folder.join("plant/telemetry")).expect("telemetry").flatten();
        let logs =
            files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|of| of == "log"));
        let mut strace = Command::new("strace");
        strace.args([
            "-D",
            "-f",
            "-o",
            "/dev/null",
            "-e",
            "trace=fdatasync",
            "-e",
            "inject=fdatasync:error=EIO",
        ]);
        logs.for_each(|path| _ = strace.arg("-P").arg(path));
        strace.arg(env!("CARGO_BIN_EXE_throughline"));
        let (service, address) = served(folder, strace);
        let write =
            || super::world::request(address, "POST", path, &[], b"pump,twin=P-2 temp=1 1704067200000000000");
        let answer = write();
        assert_eq!(answer.status, 503, "{}", answer.body);
        let body = answer.json();
        let text = body[text_of].as_str().expect("a text");
        assert!(text.starts_with("the samples may be stored or not: cannot sync "), "{text}");
        assert!(
            text.ends_with("nothing more is accepted until a restart, which leaves them out if it can"),
            "{text}"
        );
        assert_eq!(
            body.get("code").and_then(|code| code.as_str()),
            path.contains("v2").then_some("unavailable")
        );
        // What comes after it was certainly not stored.
        let after = write();
        assert_eq!(after.status, 503, "{}", after.body);
        assert!(!after.body.contains("may be stored"), "{}", after.body);
        drop(service);
        // The next start leaves the samples out, and takes them when they are sent again.
        let (_service, address) = served(folder, Command::new(env!("CARGO_BIN_EXE_throughline")));
        let series = || {
            let query = "{ thread { unboundSeries { nodes { series { twin } } } } }";
            super::world::post_graphql(address, query, &serde_json::json!({}))
                .body
                .matches("\"twin\"")
                .count()
        };
        assert_eq!(series(), 1);
        let again =
            super::world::request(address, "POST", path, &[], b"pump,twin=P-2 temp=1 1704067200000000000");
        assert_eq!((again.status, series()), (204, 2), "{}", again.body);
    }
}
