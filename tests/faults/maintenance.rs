//! Git's own maintenance beside busy clients: `git gc`, `repack`, `prune` and `pack-refs`, by the real Git.

use super::check::{Watermarks, restart_and_check};
use super::kill::{CLIENTS, settings};
use super::load::Load;
use super::model::Model;
use super::plant::Plant;
use super::process;
use super::random::Random;
use super::trial::{Stop, Trial};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

const COMMANDS: [&[&str]; 7] = [
    &["gc", "--quiet"],
    &["gc", "--quiet", "--prune=now"],
    &["repack", "-adq"],
    &["repack", "-dq"],
    &["prune", "--expire=now"],
    &["pack-refs", "--all"],
    &["prune-packed", "--quiet"],
];
/// How many requests are acknowledged at most in a round.
const ACKNOWLEDGED_MAX: usize = 300;

pub(crate) fn run(trial: &mut Trial) -> Result<(), Stop> {
    if !process::works("git", &["--version"]) {
        return Err(Stop::Skipped("git is not there".to_owned()));
    }
    let plant = Plant::make(trial.folder.join("plant"), CLIENTS, settings(Watermarks::Answer))?;
    let mut models: Vec<_> = (0..CLIENTS).map(Model::new).collect();
    for _ in 0..trial.rounds {
        let mut random = trial.random.fork();
        let count = random.between(ACKNOWLEDGED_MAX / 2, ACKNOWLEDGED_MAX);
        trial.round(&format!("Git's maintenance beside {count} answers"));
        let service = match plant.start(&[]) {
            Ok(service) => service,
            Err(error) => return trial.lose([error.to_string()]),
        };
        let stop = AtomicBool::new(false);
        let mut choices = random.fork();
        let (done, runs) = std::thread::scope(|scope| {
            let git = scope.spawn(|| maintain(&plant, &mut choices, &stop));
            let load = Load::start(service.client(), models, &mut random);
            load.wait_for(count);
            let models = load.finish();
            stop.store(true, Ordering::Relaxed);
            (models, git.join().unwrap_or(0))
        });
        models = done;
        trial.tally.faults += runs;
        let stuck = models.iter().filter_map(|model| model.pending.as_ref());
        trial.lose(
            stuck
                .map(|deed| format!("not answered beside Git's maintenance: {}", deed.name()))
                .collect::<Vec<_>>(),
        )?;
        let mut refused = models.iter().flat_map(|model| model.refused.iter());
        let stopped = refused.find(|error| error.contains("restart"));
        trial.lose(stopped.map(|error| format!("commits are stopped beside Git's maintenance: {error}")))?;
        trial.lose(service.kill_or_stop(random.chance(50)).err())?;
        restart_and_check(trial, &plant, &mut models, Watermarks::Answer)?;
        cloned(trial, &plant)?;
        trial.lose(plant.throughline(&["reindex"]).result().err())?;
        restart_and_check(trial, &plant, &mut models, Watermarks::Answer)?;
    }
    Ok(())
}

/// Runs Git's maintenance again and again; returns how often.
fn maintain(plant: &Plant, random: &mut Random, stop: &AtomicBool) -> usize {
    let mut runs = 0;
    while !stop.load(Ordering::Relaxed) {
        // Git itself gives up where an object vanishes under it; what counts is what the service then has.
        plant.git(COMMANDS[random.below(COMMANDS.len())]);
        runs += 1;
    }
    runs
}

/// Clones the thread and lets Git check the clone.
fn cloned(trial: &mut Trial, plant: &Plant) -> Result<(), Stop> {
    let clone = trial.folder.join("clone.git");
    let made = process::run(
        Command::new("git")
            .args(["clone", "--quiet", "--mirror", "--no-local"])
            .arg(plant.repository())
            .arg(&clone),
    );
    trial.lose(made.result().err().map(|error| format!("git clone: {error}")))?;
    let checked =
        process::run(Command::new("git").arg("-C").arg(&clone).args(["fsck", "--full", "--no-dangling"]));
    trial.lose(checked.result().err().map(|error| format!("git fsck of a clone: {error}")))?;
    Ok(std::fs::remove_dir_all(clone)?)
}
