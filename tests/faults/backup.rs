//! Backups of a thread that is served and written to, some of them cut off by a kill of the service; each is restored, and has
//! all that was acknowledged before it began.

use super::check::{Watermarks, restart_and_check};
use super::kill::{CLIENTS, settings};
use super::load::Load;
use super::model::Model;
use super::plant::Plant;
use super::process;
use super::service;
use super::trial::{Stop, Trial};

/// How many requests are acknowledged at most before a backup, and how many beside it.
const ACKNOWLEDGED_MAX: usize = 60;

pub(crate) fn run(trial: &mut Trial) -> Result<(), Stop> {
    let watermarks = *trial.random.pick(&[Watermarks::Answer, Watermarks::MayBeCompacted]);
    let plant = Plant::make(trial.folder.join("plant"), 2 * CLIENTS, settings(watermarks))?;
    let backup = trial.folder.join("backup").to_string_lossy().into_owned();
    // Those who are done when a backup begins, and those who go on beside it.
    let mut idle: Vec<_> = (0..CLIENTS).map(Model::new).collect();
    let mut busy: Vec<_> = (CLIENTS..2 * CLIENTS).map(Model::new).collect();
    for round in 0..trial.rounds {
        let mut random = trial.random.fork();
        let (kills, count) = (random.chance(40), random.between(1, ACKNOWLEDGED_MAX));
        trial.round(if kills {
            "the service is killed while it is backed up"
        } else {
            "a backup beside clients"
        });
        trial.tally.faults += 1;
        let service = match plant.start(&[]) {
            Ok(service) => service,
            Err(error) => return trial.lose([error.to_string()]),
        };
        let load = Load::start(service.client(), idle, &mut random);
        load.wait_for(random.between(1, ACKNOWLEDGED_MAX));
        idle = load.finish();
        let load = Load::start(service.client(), busy, &mut random);
        let made = std::thread::scope(|scope| {
            let made = scope.spawn(|| plant.throughline(&["backup", &backup]));
            load.wait_for(count);
            if kills {
                service.kill();
                // What became of it does not matter: it is made again.
                let _ = made.join();
                return Ok(());
            }
            let made = made.join().map_err(|_| "the backup was not run".to_owned())?;
            made.result().and_then(|_| service.stop())
        });
        busy = load.finish();
        trial.lose(made.err())?;
        if kills {
            trial.lose(plant.throughline(&["backup", &backup]).result().err())?;
        }
        let restored = Plant::at(trial.folder.join(format!("restored-{round}")));
        let restoring = process::run(service::command(&[]).arg("restore").arg(&backup).arg(&restored.folder));
        trial.lose(restoring.result().err().map(|error| format!("restore: {error}")))?;
        restart_and_check(trial, &restored, &mut idle, watermarks)?;
        std::fs::remove_dir_all(&restored.folder)?;
        let mut all = [idle, busy].concat();
        restart_and_check(trial, &plant, &mut all, watermarks)?;
        busy = all.split_off(CLIENTS);
        idle = all;
        if random.chance(50) {
            std::mem::swap(&mut idle, &mut busy);
        }
    }
    Ok(())
}
