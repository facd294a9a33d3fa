//! A disk that fails to write what it has taken: a sync fails for real, and the pages of what was written stay in memory as if they were on
//! the disk. The service is restarted, as it asks, serves on, and then the power is cut.
//!
//! The disk is a file in a small file system in memory, with holes where nothing is stored: when the memory is used up,
//! blocks that are new cannot be written.

use super::check::{Files, Watermarks, check_running, restart_and_check};
use super::kill::{CLIENTS, settings};
use super::load::Load;
use super::model::Model;
use super::mount::{self, Mount};
use super::plant::Plant;
use super::process;
use super::trial::{Stop, Trial};
use std::path::Path;
use std::process::Command;

/// The size of the disk.
const SIZE: &str = "96M";
/// The size of the memory that holds it.
const MEMORY: &str = "128m";
/// How many requests are acknowledged at most before the disk fails, and after it is whole again.
const ACKNOWLEDGED_MAX: usize = 60;
/// How many bytes at most are taken by the failing disk.
const LEFT_MAX: usize = 300_000;

pub(crate) fn run(trial: &mut Trial) -> Result<(), Stop> {
    let memory = trial.folder.join("memory");
    let mounted = Mount::in_memory(&memory, MEMORY)?;
    let image = memory.join("image");
    let folder = trial.folder.join("disk");
    let mut disk = thin(&image, &folder)?;
    let watermarks = *trial.random.pick(&[Watermarks::Answer, Watermarks::MayBeCompacted]);
    let plant = Plant::make(folder.join("plant"), CLIENTS, settings(watermarks))?;
    process::run(Command::new("sync").arg("--file-system").arg(&folder));
    let mut models: Vec<_> = (0..CLIENTS).map(Model::new).collect();
    let mut random = trial.random.fork();
    let left = random.below(LEFT_MAX);
    trial.round(&format!("a disk that takes {left} bytes more"));
    trial.tally.faults += 2;

    let service = plant.start(&[]).map_err(|error| Stop::Broken(error.to_string()))?;
    let load = Load::start(service.client(), models, &mut random);
    load.wait_for(random.between(1, ACKNOWLEDGED_MAX));
    let ballast = memory.join("ballast");
    mount::fill(&ballast, left)?;
    load.wait_for(10 * ACKNOWLEDGED_MAX);
    models = load.finish();
    drop(service.kill_or_stop(random.chance(50)));
    std::fs::remove_file(&ballast)?;

    let after = trial.folder.join("after.image");
    match plant.start(&[]) {
        Ok(service) => {
            check_running(trial, &service, &mut models, watermarks, Files::Whole)?;
            let load = Load::start(service.client(), models, &mut random);
            load.wait_for(random.between(1, ACKNOWLEDGED_MAX));
            service.freeze().map_err(Stop::Broken)?;
            mount::copy(&image, &after)?;
            service.kill();
            models = load.finish();
        }
        // The file system may have given up writing altogether.
        Err(_) => {
            trial.tally.refusals += 1;
            mount::copy(&image, &after)?;
        }
    }
    disk.replace(&after)?;
    drop(mounted);
    let result = restart_and_check(trial, &plant, &mut models, watermarks);
    mount::keep_where_lost(trial, &folder, result)
}

/// Mounts a file system whose free blocks have no place yet.
fn thin(image: &Path, folder: &Path) -> Result<Mount, Stop> {
    let skipped = |error: String| Stop::Skipped(format!("no disk can be made that fails: {}", error.trim()));
    let tools = [("fallocate", vec!["--length", SIZE]), ("mkfs.ext4", vec!["-q", "-F", "-E", "nodiscard"])];
    for (tool, arguments) in tools {
        process::run(Command::new(tool).args(arguments).arg(image)).result().map_err(skipped)?;
    }
    let disk = Mount::image(folder, image)?;
    process::run(Command::new("fstrim").arg(folder)).result().map_err(skipped)?;
    Ok(disk)
}
