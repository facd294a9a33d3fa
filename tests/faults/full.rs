//! A disk that is full: a small file system where one may be mounted, else a limit on the size of files.

use super::check::{Files, Watermarks, check_running, restart_and_check};
use super::http::Outcome;
use super::kill::{CLIENTS, settings};
use super::load::{self, Load};
use super::model::{Deed, Model};
use super::mount::{self, Mount};
use super::plant::{self, Plant};
use super::process;
use super::questions::{BEGIN, Samples};
use super::random::Random;
use super::service::Service;
use super::trial::{Stop, Trial};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Large enough for the threads of all rounds in a row.
const SIZE: &str = "160m";
/// How many requests are acknowledged at most before the disk is full.
const ACKNOWLEDGED_MAX: usize = 60;
/// At most so many bytes are left.
const LEFT_MAX: usize = 600_000;

/// How a disk is made full.
enum Disk {
    /// A file takes what is left of a small file system.
    Small { _mount: Mount, ballast: PathBuf },
    /// Files of the service may not grow.
    Limited,
}

pub(crate) fn run(trial: &mut Trial) -> Result<(), Stop> {
    let folder = trial.folder.join("disk");
    let disk = match Mount::in_memory(&folder, SIZE) {
        Ok(mount) => Disk::Small { _mount: mount, ballast: folder.join("ballast") },
        Err(_) if process::works("prlimit", &["--version"]) => Disk::Limited,
        Err(error) => return Err(error),
    };
    let result = fill_and_empty(trial, &folder, &disk);
    mount::keep_where_lost(trial, &folder, result)
}

fn fill_and_empty(trial: &mut Trial, folder: &Path, disk: &Disk) -> Result<(), Stop> {
    let watermarks = *trial.random.pick(&[Watermarks::Answer, Watermarks::MayBeCompacted]);
    let plant = Plant::make(folder.join("plant"), CLIENTS, settings(watermarks))?;
    let mut models: Vec<_> = (0..CLIENTS).map(Model::new).collect();
    for _ in 0..trial.rounds {
        let mut random = trial.random.fork();
        let left = random.below(LEFT_MAX);
        trial.round(&format!("{left} bytes left"));
        trial.tally.faults += 1;
        let service = match plant.start(&[]) {
            Ok(service) => service,
            Err(error) => return trial.lose([error.to_string()]),
        };
        models = fill(disk, &plant, &service, models, left, &mut random)?;
        if models.iter().all(|model| model.pending.is_none()) {
            check_running(trial, &service, &mut models, watermarks, Files::Whole)?;
        }
        if random.chance(50) {
            disk.make_room(&service);
            match write_again(&service, &mut models[0]) {
                Ok(true) => trial.lose(service.kill_or_stop(random.chance(50)).err())?,
                // It ended itself: where the index cannot follow Git, the next start finds out.
                Ok(false) => trial.tally.refusals += 1,
                Err(error) => trial.lose([error])?,
            }
        } else {
            service.kill();
            // While it is full a start may be refused.
            trial.tally.refusals += usize::from(plant.start(&[]).is_err());
        }
        disk.empty();
        restart_and_check(trial, &plant, &mut models, watermarks)?;
    }
    Ok(())
}

/// Lets clients write, fills the disk, and lets them go on until nothing more is taken.
fn fill(
    disk: &Disk,
    plant: &Plant,
    service: &Service,
    models: Vec<Model>,
    left: usize,
    random: &mut Random,
) -> Result<Vec<Model>, Stop> {
    let load = Load::start(service.client(), models, random);
    load.wait_for(random.between(1, ACKNOWLEDGED_MAX));
    disk.fill(plant, service, left)?;
    load.wait_for(10 * ACKNOWLEDGED_MAX);
    Ok(load.finish())
}

/// Writes a sample: once there is room, samples are taken without a restart. Returns whether the service is still there.
fn write_again(service: &Service, model: &mut Model) -> Result<bool, String> {
    let second = model.samples.last_key_value().map_or(BEGIN, |(second, _)| second + 1);
    let samples = Samples::from([(second, 1.0)]);
    match service.client().write(&load::lines(model.number, &samples)) {
        Outcome::Done(_) => {
            model.acknowledge(Deed::Write { samples }, None);
            Ok(true)
        }
        Outcome::Unsent => Ok(false),
        other => Err(format!("there is room again, and a sample is not taken: {other:?}")),
    }
}

impl Disk {
    fn fill(&self, plant: &Plant, service: &Service, left: usize) -> Result<(), Stop> {
        match self {
            Self::Small { ballast, .. } => mount::fill(ballast, left),
            Self::Limited => {
                let sizes = plant::files(&plant.folder)
                    .into_iter()
                    .filter_map(|file| Some(std::fs::metadata(plant.folder.join(file)).ok()?.len()));
                limit(service, &sizes.max().unwrap_or(0).to_string());
                Ok(())
            }
        }
    }

    /// Makes room while the service runs.
    fn make_room(&self, service: &Service) {
        self.empty();
        if let Self::Limited = self {
            limit(service, "unlimited");
        }
    }

    fn empty(&self) {
        if let Self::Small { ballast, .. } = self {
            // There is none where the load ended before.
            let _ = std::fs::remove_file(ballast);
        }
    }
}

fn limit(service: &Service, bytes: &str) {
    let (pid, size) = (service.pid().to_string(), format!("--fsize={bytes}:unlimited"));
    process::run(Command::new("prlimit").args(["--pid", &pid, &size]));
}
