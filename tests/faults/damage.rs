//! Damage to files: flipped bits, files that are cut short, files that are missing; while the service is stopped and while it runs.
//! What is damaged is refused at the start, by what reads it, or is found by `fsck`; or every answer is as before. It
//! never becomes another answer, nor content of a later commit.

use super::check::{Files, Watermarks, check_running};
use super::http::Outcome;
use super::kill::CLIENTS;
use super::load::{self, Load};
use super::model::Model;
use super::plant::{self, Plant};
use super::questions;
use super::random::Random;
use super::service::{NoStart, Service};
use super::trial::{Stop, Trial};
use serde_json::{Value, json};
use std::path::Path;

/// How many requests are acknowledged before Git packs what there is, and how many after.
const ACKNOWLEDGED: usize = 60;

/// Parts are sealed and compacted all the time, or nothing leaves the log.
const SETTINGS: [&str; 2] = ["seal_rows = 400\nreadable = \"PT0S\"\n", "readable = \"PT0S\"\n"];

/// Files of the graph's index.
pub(crate) fn of_index(trial: &mut Trial) -> Result<(), Stop> {
    run(trial, |file| (file == "index.redb").then_some("index"))
}

/// Files of the telemetry.
pub(crate) fn of_telemetry(trial: &mut Trial) -> Result<(), Stop> {
    run(trial, |file| {
        let name = file.strip_prefix("telemetry/")?;
        match name {
            "lock" | "settings.toml" => None,
            _ => Some(name.split(['-', '.']).next().unwrap_or(name)),
        }
    })
}

/// Files of the Git repository.
pub(crate) fn of_repository(trial: &mut Trial) -> Result<(), Stop> {
    run(trial, |file| {
        let name = file.strip_prefix("thread.git/")?;
        match name.split('/').collect::<Vec<_>>().as_slice() {
            ["objects", "pack", pack] => Some(pack.rsplit_once('.')?.1),
            ["objects", "info", other] => Some(*other),
            ["objects", ..] => Some("object"),
            ["refs", kind, ..] => Some(*kind),
            ["packed-refs"] => Some("packed-refs"),
            ["HEAD"] => Some("HEAD"),
            _ => None,
        }
    })
}

/// A thread that is damaged again and again, each time in a copy.
struct Whole {
    plant: Plant,
    models: Vec<Model>,
    /// The tree of the probe's commit where nothing is damaged.
    tree: String,
}

fn run(trial: &mut Trial, kind_of: fn(&str) -> Option<&str>) -> Result<(), Stop> {
    let whole = prepare(trial)?;
    let files = plant::files(&whole.plant.folder);
    let mut kinds: Vec<_> = files.iter().filter_map(|file| kind_of(file)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let first = trial.random.below(kinds.len());
    for round in 0..trial.rounds {
        let mut random = trial.random.fork();
        let kind = kinds[(first + round) % kinds.len()];
        let of_kind: Vec<_> = files.iter().filter(|file| kind_of(file) == Some(kind)).collect();
        let file = *random.pick(&of_kind);
        let damage = Damage::choose(&mut random, &whole.plant.folder.join(file))?;
        let runs = matches!(damage, Damage::Flip { .. }) && random.chance(25);
        trial.round(&format!("{file}: {damage:?}{}", if runs { " while the service runs" } else { "" }));
        trial.tally.faults += 1;
        let copy = whole.plant.copy(trial.folder.join(format!("copy-{round}")))?;
        // Each round has a copy of its own, so others may follow where something was lost.
        match probe(trial, &whole, &copy, file, &damage, runs) {
            Ok(()) => std::fs::remove_dir_all(&copy.folder)?,
            Err(stop) => trial.go_on(stop)?,
        }
    }
    Ok(())
}

/// Makes a thread with everything in it, part of it packed, and notes what a commit makes of it.
fn prepare(trial: &mut Trial) -> Result<Whole, Stop> {
    let settings = *trial.random.pick(&SETTINGS);
    let plant = Plant::make(trial.folder.join("plant"), CLIENTS, settings)?;
    let mut models: Vec<_> = (0..CLIENTS).map(Model::new).collect();
    for is_packed in [true, false] {
        let service = plant.start(&[]).map_err(|error| Stop::Broken(error.to_string()))?;
        let load = Load::start(service.client(), models, &mut trial.random);
        load.wait_for(ACKNOWLEDGED);
        models = load.finish();
        check_running(trial, &service, &mut models, Watermarks::MayBeCompacted, Files::Whole)?;
        service.stop().map_err(Stop::Broken)?;
        if is_packed {
            for command in [&["repack", "-q"][..], &["prune-packed", "-q"], &["pack-refs", "--all"]] {
                plant.git(command).result().map_err(Stop::Broken)?;
            }
        }
    }
    let control = plant.copy(trial.folder.join("control"))?;
    let service = control.start(&[]).map_err(|error| Stop::Broken(error.to_string()))?;
    let tree = match commit(&service, &models[0]) {
        Outcome::Done(answer) => tree(&control, &answer).map_err(Stop::Broken)?,
        other => return Err(Stop::Broken(format!("the probe's commit: {other:?}"))),
    };
    service.kill();
    Ok(Whole { plant, models, tree })
}

/// Damages a copy and looks at what comes of it.
fn probe(
    trial: &mut Trial,
    whole: &Whole,
    copy: &Plant,
    file: &str,
    damage: &Damage,
    runs: bool,
) -> Result<(), Stop> {
    let path = copy.folder.join(file);
    let (found, before) = (trial.tally.found, std::fs::read(&path)?);
    if runs {
        let service = copy.start(&[]).map_err(|error| Stop::Broken(error.to_string()))?;
        damage.apply(&path)?;
        check_running(
            trial,
            &service,
            &mut whole.models.clone(),
            Watermarks::MayBeCompacted,
            Files::Damaged,
        )?;
        trial.lose(service.stop().err())?;
    } else {
        damage.apply(&path)?;
    }
    let models = whole.models.clone();
    match copy.start(&[]) {
        Err(NoStart::Refused(message)) if !message.is_empty() && !message.contains("panicked") => {
            trial.tally.refusals += 1;
            trial.tally.found += 1;
        }
        Err(error) => trial.lose([error.to_string()])?,
        Ok(service) => use_damaged(trial, whole, copy, service, models)?,
    }
    let own = copy.throughline(&["fsck"]);
    let ended = own.status.is_some_and(|status| matches!(status.code(), Some(0 | 1)));
    trial.lose((!ended).then(|| format!("fsck hung or crashed: {:?} {}", own.status, own.stderr)))?;
    let is_found = trial.tally.found > found || !own.is_success() || !damage.is_there(&path, &before);
    let is_found = is_found || !copy.git(&["fsck", "--full", "--no-dangling"]).is_success();
    // A pack that no ref needs any more may be missing.
    let may_be_missing = matches!(damage, Damage::Missing) && file.starts_with("thread.git/");
    let passes = is_found || may_be_missing || !is_checked_whole(file);
    trial.lose((!passes).then(|| "it is there, and neither a start, a read nor fsck finds it".to_owned()))
}

/// Returns whether each bit of a file counts; other files have unused room.
fn is_checked_whole(file: &str) -> bool {
    match file.split_once('/') {
        Some(("telemetry", name)) => name != "control.tlc",
        Some(("thread.git", name)) => {
            let extension = name.rsplit_once('.').map(|(_, extension)| extension);
            let is_object = name.starts_with("objects/")
                && !name.starts_with("objects/info/")
                && matches!(extension, None | Some("pack" | "idx"));
            is_object || name.starts_with("refs/") || name == "packed-refs"
        }
        _ => false,
    }
}

/// Reads all of a damaged thread, commits to it, and lets clients go on, until it takes nothing more.
fn use_damaged(
    trial: &mut Trial,
    whole: &Whole,
    copy: &Plant,
    service: Service,
    mut models: Vec<Model>,
) -> Result<(), Stop> {
    let check = |trial: &mut Trial, models: &mut [Model]| {
        check_running(trial, &service, models, Watermarks::MayBeCompacted, Files::Damaged)
    };
    check(trial, &mut models)?;
    if let Outcome::Done(answer) = commit(&service, &models[0])
        && let Ok(tree) = tree(copy, &answer)
        && tree != whole.tree
    {
        let expect = &whole.tree;
        trial.lose([format!(
            "a commit has the tree {tree}, which without the damage has the tree {expect}"
        )])?;
    }
    let load = Load::start(service.client(), models, &mut trial.random);
    load.wait_for(ACKNOWLEDGED / 3);
    models = load.finish();
    check(trial, &mut models)?;
    trial.lose(service.stop().err())
}

/// Changes all parts and units that were there before, so that a wrong index entry for them would get into Git.
fn commit(service: &Service, model: &Model) -> Outcome {
    let units = (0..CLIENTS)
        .map(|unit| json!({ "putTwinInstance": { "id": format!("unit/P-{unit}"), "site": "Bergen" } }));
    let parts = model.values("main");
    let parts = parts
        .keys()
        .map(|name| json!({ "putPart": { "id": format!("part/{name}"), "description": "probed" } }));
    load::commit(service.client(), "main", "probe", &Value::Array(units.chain(parts).collect()))
}

/// Returns the tree of a commit that was acknowledged.
fn tree(plant: &Plant, answer: &Value) -> Result<String, String> {
    let commit = questions::text(&answer["commit"]["commit"]["id"]);
    plant.git(&["rev-parse", &format!("{commit}^{{tree}}")]).result().map(|tree| tree.trim().to_owned())
}

/// What is done to a file.
#[derive(Clone, Copy, Debug)]
enum Damage {
    /// One bit of one byte is another.
    Flip {
        byte: usize,
        bit: u8,
    },
    /// Only so many bytes are left.
    Cut {
        length: usize,
    },
    Missing,
}

impl Damage {
    /// Returns whether a file, undamaged before, is still as the damage left it.
    fn is_there(&self, file: &Path, before: &[u8]) -> bool {
        let now = std::fs::read(file).ok();
        match (*self, now) {
            (Self::Missing, now) => now.is_none(),
            (_, None) => false,
            (Self::Cut { length }, Some(now)) => now == before[..length],
            (Self::Flip { byte, bit }, Some(now)) => {
                now.len() == before.len() && now[byte] == before[byte] ^ (1 << bit)
            }
        }
    }

    fn choose(random: &mut Random, file: &Path) -> Result<Self, Stop> {
        let bytes = std::fs::read(file)?;
        let path = file.to_string_lossy();
        // Plain Git may delete and rename refs, and keeps no check sum of their names: only what they name is damaged.
        let is_ref = path.contains("thread.git/refs/");
        let counts: Vec<_> = if path.ends_with("thread.git/packed-refs") {
            ids_of_packed_refs(&bytes, file.parent())
        } else {
            (0..bytes.len()).collect()
        };
        if counts.is_empty() {
            return Ok(Self::Missing);
        }
        let is_whole_file = counts.len() == bytes.len();
        Ok(match random.below(10) {
            0 if is_whole_file && !is_ref => Self::Missing,
            1 if is_whole_file => Self::Cut { length: random.below(bytes.len()) },
            _ => {
                let bit = u8::try_from(random.below(8)).unwrap_or(0);
                Self::Flip { byte: *random.pick(&counts), bit }
            }
        })
    }

    /// Does it in place, so that a service that has the file open sees it.
    fn apply(&self, file: &Path) -> Result<(), Stop> {
        use std::os::unix::fs::FileExt as _;
        let mut permissions = std::fs::metadata(file)?.permissions();
        #[allow(clippy::permissions_set_readonly_false)]
        // Git's objects are read-only; this is a copy in a private folder.
        permissions.set_readonly(false);
        std::fs::set_permissions(file, permissions)?;
        match *self {
            Self::Flip { byte, bit } => {
                let open = std::fs::File::options().read(true).write(true).open(file)?;
                let (mut one, at) = ([0], u64::try_from(byte).unwrap_or(0));
                open.read_exact_at(&mut one, at)?;
                open.write_all_at(&[one[0] ^ (1 << bit)], at)?;
            }
            Self::Cut { length } => {
                let open = std::fs::File::options().write(true).open(file)?;
                open.set_len(u64::try_from(length).unwrap_or(0))?;
            }
            Self::Missing => std::fs::remove_file(file)?,
        }
        Ok(())
    }
}

/// Returns the places of the ids in `packed-refs` that count: a ref's own file hides what is packed for it.
fn ids_of_packed_refs(bytes: &[u8], repository: Option<&Path>) -> Vec<usize> {
    let is_hidden = |line: &[u8]| {
        let name = line.get(41..).map(|name| String::from_utf8_lossy(name).trim_end().to_owned());
        repository.zip(name).is_some_and(|(folder, name)| folder.join(name).is_file())
    };
    let mut places = Vec::new();
    let mut at = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if !line.starts_with(b"#") && !line.starts_with(b"^") && !is_hidden(line) {
            places.extend(at..at + line.len().min(40));
        }
        at += line.len();
    }
    places
}
