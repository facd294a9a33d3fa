//! SIGKILL under the mixed load: between two answers, at a system call, and in the middle of an import.

use super::check::{Watermarks, restart_and_check};
use super::load::Load;
use super::model::{Deed, Model};
use super::plant::Plant;
use super::process;
use super::random::Random;
use super::trial::{Stop, Trial};
use std::fmt::Write as _;

/// How many clients there are at once.
pub(crate) const CLIENTS: usize = 3;
/// How many requests are acknowledged at most before the service is killed.
const ACKNOWLEDGED_MAX: usize = 120;
/// System calls at which it is killed: those that change what is on the disk.
const CALLS: [&str; 9] =
    ["write", "pwrite64", "fsync", "fdatasync", "openat", "rename", "link", "unlink", "mkdir"];

pub(crate) fn run(trial: &mut Trial) -> Result<(), Stop> {
    let watermarks = *trial.random.pick(&[Watermarks::Answer, Watermarks::MayBeCompacted]);
    let plant = Plant::make(trial.folder.join("plant"), CLIENTS, settings(watermarks))?;
    let mut models: Vec<_> = (0..CLIENTS).map(Model::new).collect();
    // The last one imports files.
    let mut importer = Model::new(CLIENTS);
    let traced = process::works("strace", &["-f", "-e", "trace=none", "true"]);
    if !traced && super::is_ci() {
        return Err(Stop::Skipped("strace may not trace here".to_owned()));
    }
    for _ in 0..trial.rounds {
        let mut random = trial.random.fork();
        let wrapper = if traced && random.chance(50) { at_a_call(&mut random, "write") } else { Vec::new() };
        let count = random.between(1, ACKNOWLEDGED_MAX);
        trial.round(&format!("killed after {count} answers or by {wrapper:?}"));
        trial.tally.faults += 1;
        match plant.start(&wrapper) {
            Ok(service) => {
                let load = Load::start(service.client(), models, &mut random);
                load.wait_for(count);
                service.kill();
                models = load.finish();
            }
            // It was killed while it started.
            Err(_) if !wrapper.is_empty() => {}
            Err(error) => return trial.lose([error.to_string()]),
        }
        if random.chance(50) {
            trial.tally.faults += 1;
            import(&plant, &mut importer, &mut random, traced)?;
        }
        models.push(importer);
        restart_and_check(trial, &plant, &mut models, watermarks)?;
        importer = models.pop().unwrap_or_else(|| Model::new(CLIENTS));
    }
    Ok(())
}

/// The settings of the telemetry: parts are sealed all the time, and compacted where watermarks may be refused.
pub(crate) fn settings(watermarks: Watermarks) -> &'static str {
    match watermarks {
        Watermarks::Answer => "seal_rows = 400\n",
        Watermarks::MayBeCompacted => "seal_rows = 400\nreadable = \"PT0S\"\n",
    }
}

/// Kills the program at one of its system calls.
fn at_a_call(random: &mut Random, frequent: &str) -> Vec<String> {
    let call = *random.pick(&CALLS);
    // Each thread counts for itself.
    let most = if call == frequent || call == "openat" { 400 } else { 40 };
    let inject = format!("inject={call}:signal=SIGKILL:when={}", random.between(1, most));
    ["strace", "-D", "-f", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject]
        .map(str::to_owned)
        .to_vec()
}

/// Imports a file, and kills that where it can be done at a system call.
fn import(plant: &Plant, importer: &mut Model, random: &mut Random, traced: bool) -> Result<(), Stop> {
    let message = importer.fresh("import");
    let mut values = importer.values("main");
    let mut turtle = String::from(
        "@prefix tl: <https://w3id.org/throughline#> .\n@prefix dcterms: <http://purl.org/dc/terms/> .\n",
    );
    for part in 0..random.between(20, 400) {
        values.insert(format!("{}i{part}", importer.prefix()), message.clone());
    }
    for (name, title) in &values {
        let _ = writeln!(
            turtle,
            "<https://test.example/part/{name}> a tl:Part ; dcterms:identifier \"{name}\" ; dcterms:title \"{title}\" ."
        );
    }
    let file = plant.folder.with_extension("import.ttl");
    std::fs::write(&file, turtle)?;
    let wrapper = if traced && random.chance(70) { at_a_call(random, "openat") } else { Vec::new() };
    let finished = plant.import("tool", &file, &wrapper);
    let deed =
        Deed::Commit { branch: "main".to_owned(), values, message: "Import plant.import.ttl".to_owned() };
    match finished.stdout.split_once(" on main: ") {
        Some((commit, _)) => importer.acknowledge(deed, Some(commit)),
        None if wrapper.is_empty() => {
            return Err(Stop::Broken(format!("the import failed: {}", finished.stderr)));
        }
        None => importer.pending = Some(deed),
    }
    Ok(())
}
