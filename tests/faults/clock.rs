//! Clocks that jump, forward and back, by seconds and by years, beside clients and with retention: the program's wall clock is set from
//! outside by a library that is loaded before libc.

use super::check::{Files, Watermarks, check_running, restart_and_check};
use super::http::Outcome;
use super::kill::CLIENTS;
use super::load::{self, Load};
use super::model::{Deed, Model};
use super::plant::Plant;
use super::process;
use super::questions;
use super::service::{self, Service};
use super::trial::{Stop, Trial};
use serde_json::json;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Samples are of 2024: none of them is ten years old.
const SETTINGS: &str =
    "seal_rows = 400\n\n[[retention]]\nmeasurement = \"*\"\nfield = \"*\"\nkeep = \"P3650D\"\n";
const DAY: i64 = 86_400;
/// Seconds by which the clock jumps.
const JUMPS: [i64; 9] = [1, -1, 3600, -3600, DAY, -DAY, 365 * DAY, 3285 * DAY, 4383 * DAY];
/// How much later than a clock that was stepped back the newest commit may be.
const STEP_MAX: jiff::SignedDuration = jiff::SignedDuration::from_secs(1);
/// How many requests are acknowledged at most before, during and after a jump.
const ACKNOWLEDGED_MAX: usize = 60;

pub(crate) fn run(trial: &mut Trial) -> Result<(), Stop> {
    let clock = Clock::new(&trial.folder)?;
    let plant = Plant::make(trial.folder.join("plant"), CLIENTS, SETTINGS)?;
    let mut models: Vec<_> = (0..CLIENTS).map(Model::new).collect();
    for _ in 0..trial.rounds {
        let mut random = trial.random.fork();
        let jump = *random.pick(&JUMPS);
        trial.round(&format!("the clock jumps by {jump} s and back"));
        trial.tally.faults += 2;
        let restarts = random.chance(30);
        let mut service = start(trial, &plant, &clock)?;
        for offset in [0, jump, 0] {
            clock.set(offset)?;
            let load = Load::start(service.client(), models, &mut random);
            load.wait_for(random.between(1, ACKNOWLEDGED_MAX));
            models = load.finish();
            check_running(trial, &service, &mut models, Watermarks::Answer, Files::Whole)?;
            if restarts {
                trial.lose(service.stop().err())?;
                service = start(trial, &plant, &clock)?;
            }
        }
        let hidden = newest_is_found(&service, &mut models[0]);
        trial.lose(hidden.err())?;
        trial.lose(service.stop().err())?;
        restart_and_check(trial, &plant, &mut models, Watermarks::Answer)?;
    }
    Ok(())
}

fn start(trial: &mut Trial, plant: &Plant, clock: &Clock) -> Result<Service, Stop> {
    match Service::run(clock.command(), &plant.folder, &plant.log) {
        Ok(service) => Ok(service),
        Err(error) => {
            trial.lose([error.to_string()])?;
            Err(Stop::Lost)
        }
    }
}

/// Makes a commit, and asks for main as of now: it is the commit.
fn newest_is_found(service: &Service, model: &mut Model) -> Result<(), String> {
    let message = model.fresh("commit");
    let name = format!("{}m0", model.prefix());
    let mut values = model.values("main");
    values.insert(name.clone(), message.clone());
    let changes =
        json!([{ "putPart": { "id": format!("part/{name}"), "identifier": name, "title": message } }]);
    match load::commit(service.client(), "main", &message, &changes) {
        Outcome::Done(answer) => {
            let id = questions::text(&answer["commit"]["commit"]["id"]);
            model.acknowledge(Deed::Commit { branch: "main".to_owned(), values, message }, Some(&id));
            // A clock that is stepped back by less than a second leaves commits later than it for that long.
            let until = jiff::Timestamp::now() + STEP_MAX;
            loop {
                let now = jiff::Timestamp::now();
                let found = questions::head(service.client(), &now.to_string())?;
                if found == id {
                    return Ok(());
                }
                if now > until {
                    return Err(format!("main at {now} is {found}, not its newest commit {id}"));
                }
            }
        }
        other => Err(format!("the clock is right again, and a commit is not taken: {other:?}")),
    }
}

/// A wall clock for the program.
struct Clock {
    library: PathBuf,
    offset: PathBuf,
}

impl Clock {
    fn new(folder: &Path) -> Result<Self, Stop> {
        let clock = Self { library: folder.join("clock.so"), offset: folder.join("clock") };
        clock.set(0)?;
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/clock.c");
        let made = process::run(
            Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&clock.library).arg(source),
        );
        made.result().map_err(|error| Stop::Skipped(format!("no library can be made: {}", error.trim())))?;
        Ok(clock)
    }

    fn command(&self) -> Command {
        let mut command = service::command(&[]);
        command.env("LD_PRELOAD", &self.library).env("THROUGHLINE_CLOCK", &self.offset);
        command
    }

    /// Sets the clock to so many seconds after the system's.
    fn set(&self, offset: i64) -> Result<(), Stop> {
        use std::os::unix::fs::FileExt as _;
        let file = File::options().create(true).write(true).truncate(false).open(&self.offset)?;
        Ok(file.write_all_at(&offset.to_ne_bytes(), 0)?)
    }
}
