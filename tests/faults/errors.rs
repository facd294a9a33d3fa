//! System calls that fail: `strace` makes the n-th call of a thread return an error instead of doing its work.

use super::check::{Watermarks, restart_and_check};
use super::kill::{CLIENTS, settings};
use super::load::Load;
use super::model::Model;
use super::plant::{self, Plant};
use super::process;
use super::random::Random;
use super::trial::{Stop, Trial};

/// Calls and the errors that a disk makes them return.
const FAULTS: [(&str, &[&str]); 9] = [
    ("fsync", &["EIO", "ENOSPC", "EDQUOT"]),
    ("fdatasync", &["EIO", "ENOSPC", "EDQUOT"]),
    ("write", &["EIO", "ENOSPC", "EDQUOT"]),
    ("pwrite64", &["EIO", "ENOSPC", "EDQUOT"]),
    ("rename", &["EIO", "ENOSPC"]),
    ("link", &["EIO", "ENOSPC"]),
    ("openat", &["EIO", "ENOSPC", "EMFILE"]),
    ("mkdir", &["EIO", "ENOSPC"]),
    ("ftruncate", &["EIO"]),
];
/// How many requests are acknowledged at most in a round.
const ACKNOWLEDGED_MAX: usize = 80;

pub(crate) fn run(trial: &mut Trial) -> Result<(), Stop> {
    if !process::works("strace", &["-f", "-e", "trace=none", "true"]) {
        return Err(Stop::Skipped("strace is not installed, or may not trace here".to_owned()));
    }
    let watermarks = *trial.random.pick(&[Watermarks::Answer, Watermarks::MayBeCompacted]);
    let plant = Plant::make(trial.folder.join("plant"), CLIENTS, settings(watermarks))?;
    let mut models: Vec<_> = (0..CLIENTS).map(Model::new).collect();
    for _ in 0..trial.rounds {
        let mut random = trial.random.fork();
        let (inject, wrapper) = failing(&plant, &mut random);
        trial.round(&inject);
        trial.tally.faults += 1;
        match plant.start(&wrapper) {
            Ok(service) => {
                let load = Load::start(service.client(), models, &mut random);
                load.wait_for(random.between(ACKNOWLEDGED_MAX / 2, ACKNOWLEDGED_MAX));
                models = load.finish();
                // It may have ended itself, and its end may fail with the call: then it is killed.
                drop(service.kill_or_stop(random.chance(50)));
            }
            Err(_) => trial.tally.refusals += 1,
        }
        restart_and_check(trial, &plant, &mut models, watermarks)?;
    }
    Ok(())
}

/// Chooses the call that fails, once or from then on, and returns it with the command that makes it fail.
fn failing(plant: &Plant, random: &mut Random) -> (String, Vec<String>) {
    let (call, errors) = *random.pick(&FAULTS);
    let error = random.pick(errors);
    let nth = random.between(1, if call == "openat" { 300 } else { 30 });
    let on = if random.chance(30) { "+" } else { "" };
    let inject = format!("inject={call}:error={error}:when={nth}{on}");
    let mut wrapper: Vec<String> =
        ["strace", "-D", "-f", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject]
            .map(str::to_owned)
            .to_vec();
    if call == "write" {
        // Only files: the runtime wakes its own threads by the same call.
        let files = plant::files(&plant.folder).into_iter().filter(|file| !file.contains("objects/"));
        wrapper.extend(
            files.flat_map(|file| ["-P".to_owned(), plant.folder.join(file).to_string_lossy().into_owned()]),
        );
    }
    (inject, wrapper)
}
