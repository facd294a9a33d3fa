//! Commands that only read, beside a running service and in a folder that may not be written.

use super::program::{out, refused, throughline};
use super::world::{PUMP, World, clock};
use std::path::Path;
use std::process::{Command, Output};
use throughline::app::App;

const QUERY: &str = "{ thread { commit { id } twinInstances { totalCount nodes { latest { value } } } } }";

/// Makes a plant with a pump and a reading in the folder `plant`.
fn plant(folder: &Path) {
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("a file");
    write("pump.ttl", PUMP);
    write("temp.csv", "t,unit,temp\n2024-01-01T00:00:00Z,P-1,20.5\n");
    write("q.graphql", QUERY);
    let run = |arguments: &[&str]| out(&throughline(folder, arguments));
    run(&["init", "plant", "--base", "https://test.example/"]);
    run(&["import", "--data", "plant", "pump.ttl"]);
    run(&["ingest", "--data", "plant", "--time", "t", "--twin", "unit", "temp.csv"]);
    run(&["tag", "--data", "plant", "v1"]);
}

/// The commands that read the graph alone.
const GRAPH: [&[&str]; 6] = [
    &["show", "--data", "plant", "REQ-1"],
    &["log", "--data", "plant"],
    &["blame", "--data", "plant", "REQ-1"],
    &["diff", "--data", "plant", "v1", "main"],
    &["suspects", "--data", "plant"],
    &["sparql", "--data", "plant", "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"],
];
const ASK: &[&str] = &["query", "--data", "plant", "q.graphql"];
const CHECK: &[&str] = &["fsck", "--data", "plant"];

#[test]
fn a_thread_is_read_beside_its_service() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    plant(folder);
    let read = |arguments: &[&str]| throughline(folder, arguments);
    let expect: Vec<String> = GRAPH.iter().map(|arguments| out(&read(arguments))).collect();
    let answer = out(&read(ASK));
    assert!(answer.contains("20.5"), "{answer}");
    let app = App::open(&folder.join("plant"), clock()).expect("the thread");
    // Nobody answers for the telemetry of a folder that is open but not served.
    assert!(refused(&read(ASK)).contains("another process"));
    // The graph is read beside whoever has it open.
    for (arguments, expect) in GRAPH.iter().zip(&expect) {
        let output = read(arguments);
        assert_eq!(out(&output), *expect, "{arguments:?}");
        let note = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(note.contains("note: another process"), "{arguments:?}: {note}");
    }
    let world = World::of(tempfile::tempdir().expect("a folder"), app);
    world.served(|_| {
        for (arguments, expect) in GRAPH.iter().zip(&expect) {
            let output = read(arguments);
            assert_eq!(out(&output), *expect, "{arguments:?}");
            // A service is asked.
            let note = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!note.contains("note: another process"), "{arguments:?}: {note}");
        }
        assert_eq!(out(&read(ASK)), answer);
        assert!(out(&read(CHECK)).contains("all is well"));
        out(&read(&["tag", "--data", "plant", "v2"]));
        assert!(refused(&read(&["tag", "--data", "plant", "v2"])).contains("v2"));
    });
}

/// Runs the program as somebody without rights; `None` where this process cannot become one.
fn as_nobody(folder: &Path, arguments: &[&str]) -> Option<Output> {
    let program = env!("CARGO_BIN_EXE_throughline");
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", program]).args(arguments);
    let output = command
        .current_dir(folder)
        .envs(["TMPDIR", "HOME"].map(|name| (name, folder.join("tmp"))))
        .output()
        .ok()?;
    // What `setpriv` itself refuses, or a program that it may not run.
    if matches!(output.status.code(), Some(126 | 127)) { None } else { Some(output) }
}

#[test]
fn a_folder_that_may_not_be_written_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    plant(folder);
    let expect: Vec<String> = GRAPH.iter().map(|arguments| out(&throughline(folder, arguments))).collect();
    let answer = out(&throughline(folder, ASK));
    std::fs::create_dir(folder.join("tmp")).expect("a folder");
    let set = |tool: &str, arguments: &[&str]| {
        Command::new(tool).args(arguments).arg(folder).output().is_ok_and(|done| done.status.success())
    };
    let is_set = set("chown", &["-R", "65534:65534"]) && set("chmod", &["-R", "a-w,a+rX"]);
    std::fs::metadata(folder.join("tmp")).expect("a folder");
    let is_set = is_set && Command::new("chmod").arg("u+w").arg(folder.join("tmp")).status().is_ok();
    let skipped = "skipped: nobody can be somebody without rights here";
    if !is_set || as_nobody(folder, &["--version"]).is_none_or(|output| !output.status.success()) {
        eprintln!("{skipped}");
        return;
    }
    let read = |arguments: &[&str]| as_nobody(folder, arguments).expect("it ran");
    for (arguments, expect) in GRAPH.iter().zip(&expect) {
        let output = read(arguments);
        assert_eq!(out(&output), *expect, "{arguments:?}");
        let note = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(note.contains("note: the folder cannot be written"), "{note}");
    }
    assert_eq!(out(&read(ASK)), answer);
    assert!(out(&read(CHECK)).contains("all is well"));
    refused(&read(&["tag", "--data", "plant", "v2"]));
    assert_eq!(std::fs::read_dir(folder.join("tmp")).expect("a folder").count(), 0, "nothing stays behind");
}
