//! The tools of GraphQL's clients, run against the service: what they refuse, clients would meet.

use super::program::is_there;
use super::world::{PUMP, World};
use std::path::{Path, PathBuf};
use std::process::Command;
use throughline::telemetry::Precision;

const JUDGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/judges");

/// Returns the folder that the packages of `tests/judges` are installed in; without it, or without Node, the test is skipped.
fn installed() -> Option<PathBuf> {
    let folder = std::env::var_os("THROUGHLINE_JUDGES").map(PathBuf::from).unwrap_or_else(|| JUDGES.into());
    let graphql = folder.join("node_modules/graphql/index.js");
    is_there("node", &["--check", &graphql.to_string_lossy()]).then_some(folder)
}

/// Lets a judge, a script of `tests/judges`, judge the service.
fn check(judge: &str) {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    check_on(judge, &world);
}

/// Lets a judge judge the service of a thread.
fn check_on(judge: &str, world: &World) {
    let Some(folder) = installed() else { return };
    for script in ["judge", "browser", judge] {
        let script = format!("{script}.mjs");
        let (from, to) = (Path::new(JUDGES).join(&script), folder.join(&script));
        // Several tests do so at a time: what one of them reads is whole.
        if std::fs::read(&from).expect("a script") != std::fs::read(&to).unwrap_or_default() {
            let part = folder.join(format!("{judge}.{script}.part"));
            std::fs::copy(&from, &part).expect("a copy");
            std::fs::rename(&part, &to).expect("a script");
        }
    }
    let output = world.served(|address| {
        Command::new("node")
            .arg(format!("{judge}.mjs"))
            .arg(format!("http://{address}/graphql"))
            .arg(env!("CARGO_MANIFEST_DIR"))
            .current_dir(&folder)
            .output()
            .expect("node runs")
    });
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && printed.contains(": pass"), "{printed}{errors}");
}

#[test]
fn graphql_http_audits_the_transport() {
    check("http");
}

#[test]
fn graphql_js_reads_the_schema() {
    check("schema");
}

#[test]
fn graphql_js_has_the_same_verdicts() {
    check("verdicts");
}

#[test]
fn graphql_codegen_types_the_documents() {
    check("documents");
}

#[test]
fn relay_compiles_pages() {
    check("relay");
}

#[test]
fn graphql_ws_subscribes() {
    check("subscriptions");
}

#[test]
fn graphql_eslint_finds_no_fault_in_the_schema() {
    check("lint");
}

#[test]
fn graphql_cop_finds_no_way_in() {
    check("cop");
}

#[test]
fn graphiql_starts_offline() {
    check("graphiql");
}

/// The pages of the demo in a browser.
#[test]
fn chromium_reads_the_pages() {
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "chromium".to_owned());
    if is_there(&chromium, &["--version"]) {
        check_on("pages", &super::demo::story().world);
    }
}

/// Decisions in a browser, on a thread of their own, as they change it.
#[test]
fn chromium_decides_on_the_pages() {
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "chromium".to_owned());
    if is_there(&chromium, &["--version"]) {
        let world = World::new();
        world.import("pump", PUMP).expect("an import");
        let line = format!("m,twin=P-1 temp=90 {}", 1_765_324_800);
        world.app.ingest_lines(line.as_bytes(), Precision::Seconds).expect("an ingest");
        check_on("decisions", &world);
    }
}
