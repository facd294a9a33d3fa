//! Commands that look after a thread, and what they print where they cannot: series, sparql, backup and restore.

use super::program::{out, refused, throughline};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use throughline::model::time::clock::SystemClock;
use throughline::telemetry::Store;

/// Makes a thread `plant` with samples of two units.
fn plant() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| out(&throughline(folder.path(), arguments));
    std::fs::write(folder.path().join("pump.ttl"), super::world::PUMP).expect("a file");
    std::fs::write(
        folder.path().join("x.csv"),
        "t,unit,temp,flow\n2024-01-01T00:00:00Z,P-1,20,1\n2024-01-01T00:00:00Z,P-2,21,2\n",
    )
    .expect("a file");
    run(&["init", "plant", "--base", "https://test.example/"]);
    run(&["import", "--data", "plant", "pump.ttl"]);
    run(&["ingest", "--data", "plant", "--time", "t", "--twin", "unit", "x.csv"]);
    folder
}

fn lines(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn series_are_listed_and_deleted() {
    let folder = plant();
    let run = |arguments: &[&str]| throughline(folder.path(), &[&["series"], arguments].concat());
    let list = |arguments: &[&str]| out(&run(&[&["list", "--data", "plant"], arguments].concat()));
    let all = ["P-1 telemetry flow", "P-1 telemetry temp", "P-2 telemetry flow", "P-2 telemetry temp"];
    assert_eq!(lines(&list(&[])), all);
    assert_eq!(lines(&list(&["--twin", "P-1"])), all[..2]);
    assert_eq!(lines(&list(&["--twin", "P*", "--field", "t*p"])), [all[1], all[3]]);
    assert_eq!(list(&["--measurement", "pump"]), "");
    let delete = |arguments: &[&str]| run(&[&["delete", "--data", "plant"], arguments].concat());
    assert!(refused(&delete(&[])).contains("which series? give --twin, --measurement or --field"));
    let none = refused(&delete(&["--twin", "p-1"]));
    assert!(none.contains("error: no series fits\nhint: throughline series list"), "{none}");
    let dry = out(&delete(&["--twin", "P-2", "--dry-run"]));
    assert_eq!(
        lines(&dry),
        ["2 series would be deleted, with their samples", "P-2 telemetry flow", "P-2 telemetry temp"]
    );
    assert_eq!(lines(&list(&[])), all);
    assert_eq!(out(&delete(&["--twin", "P-2"])), "2 series deleted, with their samples\n");
    assert_eq!(lines(&list(&[])), all[..2]);
    assert!(refused(&run(&["list", "--data", "nowhere"])).contains("nowhere holds no thread"));
    let store = Store::open(&folder.path().join("plant/telemetry"), Arc::new(SystemClock::default()));
    let _store = store.expect("the telemetry");
    let in_use = refused(&run(&["list", "--data", "plant"]));
    assert!(in_use.contains("is in use by another process"), "{in_use}");
    let in_use = refused(&throughline(folder.path(), &["trust-clock", "--data", "plant"]));
    assert!(in_use.contains("is in use by another process\nhint: stop the service"), "{in_use}");
}

/// Runs a query that is given on the standard input.
fn piped(folder: &Path, query: &str) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_throughline"))
        .current_dir(folder)
        .args(["sparql", "--data", "plant", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    child.stdin.take().expect("its input").write_all(query.as_bytes()).expect("a query");
    out(&child.wait_with_output().expect("its end"))
}

#[test]
fn a_query_at_a_terminal_is_bounded() {
    let folder = plant();
    let sparql = |arguments: &[&str]| {
        throughline(folder.path(), &[&["sparql", "--data", "plant"], arguments].concat())
    };
    assert_eq!(piped(folder.path(), "ASK { ?s ?p ?o }"), "true");
    let product =
        "CONSTRUCT { ?a ?b ?c } { ?a ?p ?q . ?b ?r ?s . ?c ?t ?u . ?d ?v ?w . ?e ?x ?y . ?f ?z ?g }";
    let late = refused(&sparql(&["--seconds", "1", "--megabytes", "100000", product]));
    assert!(
        late.contains("stopped after 1 s") && late.contains("hint: --seconds allows it more time"),
        "{late}"
    );
    let large =
        refused(&sparql(&["--megabytes", "1", "SELECT DISTINCT * { ?a ?p ?q . ?b ?r ?s . ?c ?t ?u }"]));
    assert!(
        large.contains("more memory") && large.contains("hint: --megabytes allows it more memory"),
        "{large}"
    );
    std::fs::write(folder.path().join("plant/settings.toml"), "[server]\nseconds = 1\n").expect("settings");
    assert!(refused(&sparql(&["--megabytes", "100000", product])).contains("stopped after 1 s"));
    assert_eq!(sparql(&["--seconds", "0", "ASK {}"]).status.code(), Some(2));
}

#[test]
fn a_backup_is_made_and_restored_beside_other_folders() {
    let folder = plant();
    let run = |arguments: &[&str]| throughline(folder.path(), arguments);
    assert!(
        refused(&run(&["backup", "--data", "plant", "x.csv"])).contains("x.csv: it is a file: name a folder")
    );
    out(&run(&["backup", "--data", "plant", "kept"]));
    for (backup, into, expect) in [
        ("nowhere", "new", "nowhere: there is no such folder"),
        ("x.csv", "new", "x.csv: it is no archive of a backup"),
        ("plant", "new", "plant: it holds no whole backup"),
        ("kept", "x.csv", "x.csv: it is there already: name a new folder"),
        ("kept", "plant/new", "plant is a thread or a backup: name a folder beside it"),
        ("kept", "kept/new", "kept is a thread or a backup: name a folder beside it"),
    ] {
        let refusal = refused(&run(&["restore", backup, into]));
        assert!(refusal.contains(expect), "{refusal}");
    }
    let restored = out(&run(&["restore", "kept", "new"]));
    assert!(restored.contains("parts and batches of telemetry read: all is well"), "{restored}");
    let log = std::fs::read_dir(folder.path().join("kept/1/telemetry"))
        .expect("the backup")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "tlp"))
        .expect("a part");
    let mut bytes = std::fs::read(&log).expect("its bytes");
    bytes[60] ^= 1;
    std::fs::write(&log, bytes).expect("a damage");
    let damaged = refused(&run(&["restore", "kept", "other"]));
    assert!(damaged.contains(".tlp: it is damaged: ") && !damaged.contains("put the telemetry"), "{damaged}");
}
