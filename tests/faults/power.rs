//! Power cuts. The thread is on a file system in a file, which writes back only what is synced. At some instant the service is frozen,
//! and that file is copied: it has what was synced, and some of what was not. The copy is mounted in the place of the first,
//! as after a power cut.
//!
//! The page cache of the file system itself is what is lost; what it has issued is in the file. A disk that loses what
//! it has confirmed is not simulated.

use super::check::{Watermarks, restart_and_check};
use super::kill::{CLIENTS, settings};
use super::load::Load;
use super::model::Model;
use super::mount::{self, Mount};
use super::plant::{self, Plant};
use super::process;
use super::random::Random;
use super::trial::{Stop, Trial};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

const SIZE: &str = "512M";
/// How many requests are acknowledged at most before the power is cut.
const ACKNOWLEDGED_MAX: usize = 120;

pub(crate) fn run(trial: &mut Trial) -> Result<(), Stop> {
    let folder = trial.folder.join("disk");
    let image = trial.folder.join("a.image");
    format(&image)?;
    let mut mount = Mount::image(&folder, &image)?;
    let result = cut(trial, &folder, image, &mut mount);
    mount::keep_where_lost(trial, &folder, result)
}

fn cut(trial: &mut Trial, folder: &Path, mut image: PathBuf, mount: &mut Mount) -> Result<(), Stop> {
    let mut next = trial.folder.join("b.image");
    let watermarks = *trial.random.pick(&[Watermarks::Answer, Watermarks::MayBeCompacted]);
    let plant = Plant::make(folder.join("plant"), CLIENTS, settings(watermarks))?;
    let mut models: Vec<_> = (0..CLIENTS).map(Model::new).collect();
    process::run(Command::new("sync").arg("--file-system").arg(folder));
    for _ in 0..trial.rounds {
        let mut random = trial.random.fork();
        let count = random.between(1, ACKNOWLEDGED_MAX);
        trial.round(&format!("power cut after {count} answers"));
        trial.tally.faults += 1;
        let service = match plant.start(&[]) {
            Ok(service) => service,
            Err(error) => return trial.lose([error.to_string()]),
        };
        let load = Load::start(service.client(), models, &mut random);
        load.wait_for(count);
        service.freeze().map_err(Stop::Broken)?;
        write_back_some(&plant.folder, &mut random);
        mount::copy(&image, &next)?;
        service.kill();
        models = load.finish();
        mount.replace(&next)?;
        std::mem::swap(&mut image, &mut next);
        restart_and_check(trial, &plant, &mut models, watermarks)?;
    }
    Ok(())
}

fn format(image: &Path) -> Result<(), Stop> {
    File::create(image)?;
    let tools = [("truncate", vec!["--size", SIZE]), ("mkfs.ext4", vec!["-q", "-F"])];
    for (tool, arguments) in tools {
        let made = process::run(Command::new(tool).args(arguments).arg(image)).result();
        made.map_err(|error| Stop::Skipped(format!("no file system can be made: {}", error.trim())))?;
    }
    Ok(())
}

/// Writes some files back that nobody has synced, as a kernel may at any time, in an order of its own.
fn write_back_some(folder: &Path, random: &mut Random) {
    let share = *random.pick(&[0, 0, 10, 50]);
    for file in plant::files(folder) {
        if random.chance(share)
            && let Ok(file) = File::open(folder.join(file))
        {
            // Where it fails, it is one of those that are lost.
            let _ = file.sync_data();
        }
    }
}
