//! Copies of a whole thread that is in service, and threads made from them again.
//!
//! ```text
//! backup.manifest   the digest of what follows, then JSON: when, which commit and watermark, all refs, the digest of every file
//! thread.git/       a bare mirror, which grows by one pack with each backup; plain Git reads it
//! 7/                the rest of the seventh backup: telemetry/, throughline.toml
//! lock              locked while a backup is made
//! ```
//! The graph is copied before the telemetry, as a commit names only watermarks and pins that were durable before it. All files are
//! synced before the manifest is put in the place of the last one: whenever a backup is stopped, the last one stays whole. The
//! index is not copied, as it is made anew from Git. A part of telemetry that is missing is named in the manifest, which has format 2 then;
//! such a backup does not take the place of one that holds the part.

use crate::app::access::{Event, Outcome, Principal};
use crate::app::application::App;
use crate::app::error::Error;
use crate::app::jobs::archive;
use crate::graph::{self, Depth, MirroredRefs, restore_mirror};
use crate::model::durable;
use crate::model::sync::file_lock::FileLock;
use crate::model::time::clock::Clock;
use crate::telemetry;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MANIFEST: &str = "backup.manifest";
/// What a backup that was killed may have left of a manifest and a mirror, the first one by an earlier release.
const LEFTOVERS: [&str; 3] = ["backup.manifest.begun", "backup.manifest.new", "thread.git.new"];
const LOCK: &str = "lock";
const MIRROR: &str = "thread.git";
const PACKS: &str = "objects/pack";
const TELEMETRY: &str = "telemetry";
const SUMS: &str = "SHA256SUMS";
/// The files of a thread's folder that are copied as they are, where they are there. A thread that was restored without its tokens
/// would let everybody in.
const COPIED: [&str; 4] = ["throughline.toml", "settings.toml", "monitors.toml", "tokens.json"];
/// The format of a backup that holds all.
const FORMAT: u32 = 1;
/// The format of one that lacks parts of telemetry, which an earlier program refuses.
const FORMAT_INCOMPLETE: u32 = 2;

/// Receives how many files are copied, and may end the work.
pub type Step<'a> = dyn Fn(usize) -> Result<(), Error> + 'a;

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackedUp {
    /// The head of `main` in it.
    pub commit: String,
    /// What is known of telemetry in it.
    pub watermark: String,
    /// How many backups were made in its folder, with this one.
    pub number: u64,
    /// How many bytes the packs that were added take.
    pub added_bytes: u64,
    /// The parts of telemetry that were missing: the backup is incomplete where there are any.
    pub missing: Vec<String>,
}

/// A thread that was made from a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// The head of `main`.
    pub commit: String,
    /// What is known of its telemetry.
    pub watermark: String,
    /// How many objects of Git were read and found sound.
    pub objects: usize,
    /// How many parts and logged batches of telemetry were.
    pub parts: usize,
    /// The parts of telemetry that were missing when the backup was made.
    pub missing: Vec<String>,
}

/// What a backup consists of.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    format: u32,
    number: u64,
    made: String,
    commit: String,
    watermark: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    missing: Vec<String>,
    refs: MirroredRefs,
    files: BTreeMap<String, FileSum>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileSum {
    bytes: u64,
    sha256: String,
}

impl App {
    /// Copies the thread as it is now into a folder: one that is new or empty, or holds earlier backups of the same thread, which
    /// this one takes the place of. Reading and writing go on meanwhile.
    pub fn backup(&self, folder: &Path) -> Result<BackedUp, Error> {
        refuse_nested(folder, self.repository().folder())?;
        self.copy_into(folder, &|_| Ok(()))
    }

    /// Copies the thread for a job, in the place of the backups of other jobs. `step` receives how many files are copied, and may end the work.
    pub fn backup_for_job(&self, id: &str, step: &Step<'_>) -> Result<BackedUp, Error> {
        self.jobs().remove_copies(true);
        let copy = self.jobs().copy(id);
        let done = self.copy_into(&copy, step);
        if done.is_err() && copy.exists() {
            std::fs::remove_dir_all(&copy).map_err(failed(&copy))?;
        }
        done
    }

    fn copy_into(&self, folder: &Path, step: &Step<'_>) -> Result<BackedUp, Error> {
        let own = self.repository().folder();
        if folder.exists() && !folder.is_dir() {
            return Err(refused(folder, "it is a file: name a folder"));
        }
        durable::make_folders(folder).map_err(failed(folder))?;
        refuse_foreign(folder)?;
        let _lock = lock(folder)?;
        let last = begin(folder)?;
        let number = last.as_ref().map_or(0, |last| last.number) + 1;
        let place = folder.join(number.to_string());
        std::fs::create_dir(&place).map_err(failed(&place))?;
        let refs = self.repository().mirror(&folder.join(MIRROR))?;
        step(count_files(folder)?)?;
        let commit = refs.get("refs/heads/main").cloned().unwrap_or_default();
        let telemetry::Backup { watermark, missing } = self.telemetry().backup(&place.join(TELEMETRY))?;
        let watermark = watermark.to_string();
        step(count_files(folder)?)?;
        // Before it takes the place of the last backup, which may still be sound.
        refuse_loss(folder, last.as_ref(), &missing)?;
        let copied = telemetry::check(&place.join(TELEMETRY))?;
        if let Some(damage) = other_damages(&copied, &place, &missing).next() {
            return Err(refused(
                &own.join(TELEMETRY),
                format!("it is damaged, and the last backup is kept: {damage}"),
            ));
        }
        for name in COPIED.iter().filter(|name| own.join(name).exists()) {
            copy_with_mode(&own.join(name), &place.join(name))?;
        }
        sync(&place)?;
        step(count_files(folder)?)?;
        let known = last.map(|last| last.files).unwrap_or_default();
        let files = sums(folder, number, &known)?;
        let added = files.iter().filter(|(name, _)| !known.contains_key(*name) && name.starts_with(MIRROR));
        let added_bytes = added.map(|(_, sum)| sum.bytes).sum();
        let made = self.clock().now().to_string();
        let format = if missing.is_empty() { FORMAT } else { FORMAT_INCOMPLETE };
        let manifest = Manifest {
            format,
            number,
            made,
            commit: commit.clone(),
            watermark: watermark.clone(),
            missing: missing.clone(),
            refs,
            files,
        };
        manifest.put(folder)?;
        remove_others(folder, number)?;
        Ok(BackedUp { commit, watermark, number, added_bytes, missing })
    }
}

/// Makes a thread in a new folder from a backup: its folder, or its archive as it was downloaded. Every file is compared with its digest, and then everything is checked as `fsck`
/// does, before the folder gets its name.
pub fn restore(backup: &Path, folder: &Path, clock: Arc<dyn Clock>) -> Result<Restored, Error> {
    if folder.exists() {
        return Err(refused(folder, "it is there already: name a new folder"));
    }
    if backup.is_file() {
        return restore_archive(backup, folder, clock);
    }
    if !backup.is_dir() {
        return Err(refused(backup, "there is no such folder or archive"));
    }
    refuse_occupied(folder, backup)?;
    let manifest = Manifest::read(backup)?.ok_or_else(|| refused(backup, "it holds no whole backup"))?;
    manifest.verify(backup)?;
    let mut begun = folder.as_os_str().to_owned();
    begun.push(".restoring");
    let begun = PathBuf::from(begun);
    let _running = begin_restore(&begun)?;
    let made = manifest.restore(backup, &begun).and_then(|()| check(&begun, &manifest.missing));
    let (objects, parts) = match made {
        Ok(counts) => counts,
        Err(error) => {
            std::fs::remove_dir_all(&begun).map_err(failed(&begun))?;
            return Err(error);
        }
    };
    std::fs::rename(&begun, folder).map_err(failed(folder))?;
    sync(durable::parent(folder))?;
    // Makes the index, and finds out whether reviews and evidence have the telemetry that they name.
    let app = App::open(folder, clock)?;
    // The log is in no backup, and begins anew where there is somebody to log.
    if folder.join("tokens.json").exists() {
        let event = Event::of(&Principal::local(), "restore", Outcome::Done);
        app.access().audit().record(Event { on: Some(backup.display().to_string()), ..event })?;
    }
    drop(app);
    let Manifest { commit, watermark, missing, .. } = manifest;
    Ok(Restored { commit, watermark, objects, parts, missing })
}

/// Unpacks an archive beside the new folder, and makes the thread of it.
fn restore_archive(file: &Path, folder: &Path, clock: Arc<dyn Clock>) -> Result<Restored, Error> {
    let mut unpacked = folder.as_os_str().to_owned();
    unpacked.push(".unpacked");
    let unpacked = PathBuf::from(unpacked);
    if unpacked.exists() {
        return Err(refused(
            &unpacked,
            "it is there already, of a restore that was stopped perhaps: remove it",
        ));
    }
    durable::make_folders(durable::parent(folder)).map_err(failed(folder))?;
    let restored = archive::unpack(file, &unpacked)
        .map_err(|error| refused(file, format!("it is no archive of a backup: {error}")))
        .and_then(|()| restore(&unpacked, folder, clock));
    if unpacked.exists() {
        std::fs::remove_dir_all(&unpacked).map_err(failed(&unpacked))?;
    }
    restored
}

impl Manifest {
    /// Reads the manifest of a folder; `None` where there is none.
    fn read(folder: &Path) -> Result<Option<Self>, Error> {
        let path = folder.join(MANIFEST);
        let text = match std::fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text.map_err(failed(&path))?,
        };
        let (sum, json) = text.split_once('\n').unwrap_or_default();
        if hex(&Sha256::digest(json)) != sum {
            return Err(refused(&path, "it is damaged: its first line is not the digest of the rest"));
        }
        let manifest: Self = serde_json::from_str(json).map_err(|error| refused(&path, error.to_string()))?;
        if ![FORMAT, FORMAT_INCOMPLETE].contains(&manifest.format) {
            return Err(refused(
                &path,
                format!("this program reads backups of the formats {FORMAT} and {FORMAT_INCOMPLETE}"),
            ));
        }
        Ok(Some(manifest))
    }

    /// Puts the manifest in the place of the last one.
    fn put(&self, folder: &Path) -> Result<(), Error> {
        let path = folder.join(MANIFEST);
        let json = serde_json::to_string_pretty(self).map_err(|error| refused(&path, error.to_string()))?;
        let text = format!("{}\n{json}", hex(&Sha256::digest(&json)));
        durable::replace(&path, text.as_bytes()).map_err(failed(&path))
    }

    fn place(&self, backup: &Path) -> PathBuf {
        backup.join(self.number.to_string())
    }

    /// Holds every file against its digest.
    fn verify(&self, backup: &Path) -> Result<(), Error> {
        for (name, expect) in &self.files {
            let path = backup.join(name);
            if sum(&path)? != *expect {
                return Err(refused(&path, "it is damaged: it is not what was backed up"));
            }
        }
        let telemetry = self.place(backup).join(TELEMETRY);
        let watermark = telemetry::verify_backup(&telemetry).map_err(of_backup)?.watermark.to_string();
        if watermark != self.watermark {
            return Err(refused(&telemetry, format!("it is as of {watermark}, not of {}", self.watermark)));
        }
        Ok(())
    }

    /// Copies everything into a new folder.
    fn restore(&self, backup: &Path, folder: &Path) -> Result<(), Error> {
        let place = self.place(backup);
        std::fs::create_dir(folder.join(TELEMETRY)).map_err(failed(folder))?;
        let packs: Vec<PathBuf> = self
            .files
            .keys()
            .filter_map(|name| Path::new(name).strip_prefix(MIRROR).ok().map(Path::to_owned))
            .collect();
        restore_mirror(&backup.join(MIRROR), &packs, &self.refs, &folder.join(MIRROR))?;
        for entry in std::fs::read_dir(place.join(TELEMETRY)).map_err(failed(&place))? {
            let entry = entry.map_err(failed(&place))?;
            if entry.file_name() != SUMS {
                copy(&entry.path(), &folder.join(TELEMETRY).join(entry.file_name()))?;
            }
        }
        for name in COPIED.iter().filter(|name| place.join(name).exists()) {
            copy_with_mode(&place.join(name), &folder.join(name))?;
        }
        sync(&folder.join(TELEMETRY))?;
        sync(folder)
    }
}

/// Makes the folder in which a restore works, and locks it. One that a stopped restore left goes first.
fn begin_restore(folder: &Path) -> Result<FileLock, Error> {
    let lock = || match FileLock::take(File::open(folder).map_err(failed(folder))?) {
        Err(TryLockError::WouldBlock) => Err(refused(folder, "a restore is under way there")),
        Err(TryLockError::Error(error)) => Err(refused(folder, error.to_string())),
        Ok(lock) => Ok(lock),
    };
    if folder.exists() {
        let stopped = lock()?;
        refuse_not_restored(folder)?;
        std::fs::remove_dir_all(folder).map_err(failed(folder))?;
        drop(stopped);
    }
    durable::make_folders(durable::parent(folder)).map_err(failed(folder))?;
    std::fs::create_dir(folder).map_err(failed(folder))?;
    lock()
}

/// Refuses a folder that holds something else than a restore puts there.
fn refuse_not_restored(folder: &Path) -> Result<(), Error> {
    let known = ["lock", "index.redb", "index.check.redb", MIRROR, "thread.git.new", TELEMETRY];
    for entry in std::fs::read_dir(folder).map_err(failed(folder))? {
        let name = entry.map_err(failed(folder))?.file_name().to_string_lossy().into_owned();
        if !known.contains(&name.as_str()) && !COPIED.contains(&name.as_str()) {
            let reason = format!("it holds {name}, which no restore put there: move it away");
            return Err(refused(folder, reason));
        }
    }
    Ok(())
}

/// Refuses to replace a backup by one that lacks a part of telemetry which it holds.
fn refuse_loss(folder: &Path, last: Option<&Manifest>, missing: &[String]) -> Result<(), Error> {
    let Some(last) = last else { return Ok(()) };
    let telemetry = last.place(folder).join(TELEMETRY);
    match missing.iter().map(|part| telemetry.join(part)).find(|part| part.exists()) {
        None => Ok(()),
        Some(part) => Err(refused(
            &part,
            "the thread no longer has this part of its telemetry, so this backup is kept: put the part back from it, or name another folder",
        )),
    }
}

/// Returns what is damaged besides the parts of telemetry that are known to be missing.
fn other_damages<'a>(
    checked: &'a telemetry::Checked,
    place: &Path,
    missing: &[String],
) -> impl Iterator<Item = &'a telemetry::Damage> {
    let known = missing.iter().map(|part| place.join(TELEMETRY).join(part).display().to_string());
    let known: Vec<String> = known.collect();
    checked.damages.iter().filter(move |damage| !known.iter().any(|part| damage.what.starts_with(part)))
}

/// Reads everything; returns how many objects of Git, and parts and batches of telemetry, are sound.
fn check(folder: &Path, missing: &[String]) -> Result<(usize, usize), Error> {
    let graph = graph::upkeep::fsck::check(folder, Depth::Whole)?;
    let series = telemetry::check(&folder.join(TELEMETRY))?;
    let damages = graph.damages.iter().map(ToString::to_string);
    let of_series = other_damages(&series, folder, missing).map(ToString::to_string);
    let damages: Vec<_> = damages.chain(of_series).collect();
    match damages.first() {
        Some(first) => Err(refused(folder, format!("{} damages, such as {first}", damages.len()))),
        None => Ok((graph.objects, series.parts + series.batches)),
    }
}

/// Refuses a folder that holds something, but no lock of a backup: that one is made first.
fn refuse_foreign(folder: &Path) -> Result<(), Error> {
    let mut entries = std::fs::read_dir(folder).map_err(failed(folder))?;
    match entries.next() {
        Some(entry) if !folder.join(LOCK).exists() => {
            let name = entry.map_err(failed(folder))?.file_name();
            let reason =
                format!("it holds {}, and no backup was made there: name another folder", name.display());
            Err(refused(folder, reason))
        }
        _ => Ok(()),
    }
}

/// Looks at what a folder of backups holds, and takes away what a backup left that was stopped; returns the last manifest.
fn begin(folder: &Path) -> Result<Option<Manifest>, Error> {
    for entry in std::fs::read_dir(folder).map_err(failed(folder))? {
        let name = entry.map_err(failed(folder))?.file_name().to_string_lossy().into_owned();
        let is_ours = [MANIFEST, LOCK, MIRROR].contains(&name.as_str())
            || LEFTOVERS.contains(&name.as_str())
            || name.parse::<u64>().is_ok();
        if !is_ours {
            return Err(refused(
                folder,
                format!("it holds {name}, which is no backup's: name another folder"),
            ));
        }
    }
    let last = Manifest::read(folder)?;
    if let Some(last) = &last {
        for (name, expect) in &last.files {
            let path = folder.join(name);
            if std::fs::metadata(&path).map(|data| data.len()).ok() != Some(expect.bytes) {
                return Err(refused(&path, "the last backup is damaged here: name another folder"));
            }
        }
    }
    remove_others(folder, last.as_ref().map_or(0, |last| last.number))?;
    for left in LEFTOVERS.map(|name| folder.join(name)).iter().filter(|left| left.exists()) {
        let removed = if left.is_dir() { std::fs::remove_dir_all(left) } else { std::fs::remove_file(left) };
        removed.map_err(failed(left))?;
    }
    Ok(last)
}

/// Removes the folders of other backups than the one with a number.
fn remove_others(folder: &Path, number: u64) -> Result<(), Error> {
    for entry in std::fs::read_dir(folder).map_err(failed(folder))? {
        let entry = entry.map_err(failed(folder))?;
        let other = entry.file_name().to_string_lossy().parse::<u64>().is_ok_and(|other| other != number);
        if other {
            std::fs::remove_dir_all(entry.path()).map_err(failed(&entry.path()))?;
        }
    }
    Ok(())
}

/// Returns the digests of a backup's files; those of packs that were there before are known.
fn sums(
    folder: &Path,
    number: u64,
    known: &BTreeMap<String, FileSum>,
) -> Result<BTreeMap<String, FileSum>, Error> {
    let mut names = vec![format!("{number}/{TELEMETRY}/{SUMS}")];
    let copied = COPIED.iter().map(|name| format!("{number}/{name}"));
    names.extend(copied.filter(|name| folder.join(name).exists()));
    let packs = folder.join(MIRROR).join(PACKS);
    for entry in std::fs::read_dir(&packs).map_err(failed(&packs))? {
        let name = entry.map_err(failed(&packs))?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".pack") || name.ends_with(".idx") {
            names.push(format!("{MIRROR}/{PACKS}/{name}"));
        }
    }
    let sum = |name: String| match known.get(&name) {
        Some(sum) => Ok((name, sum.clone())),
        None => sum(&folder.join(&name)).map(|sum| (name, sum)),
    };
    names.into_iter().map(sum).collect()
}

/// Counts the files below a folder.
fn count_files(folder: &Path) -> Result<usize, Error> {
    Ok(archive::entries(folder).map_err(failed(folder))?.iter().filter(|entry| entry.is_file).count())
}

fn sum(path: &Path) -> Result<FileSum, Error> {
    let mut digest = Sha256::new();
    let read = File::open(path).and_then(|mut file| io::copy(&mut file, &mut digest));
    let bytes = read.map_err(failed(path))?;
    Ok(FileSum { bytes, sha256: hex(&digest.finalize()) })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Refuses to put a backup into the thread that it is of, or around it.
fn refuse_nested(folder: &Path, own: &Path) -> Result<(), Error> {
    let own = own.canonicalize().map_err(failed(own))?;
    let folder = std::path::absolute(folder).map_err(failed(folder))?;
    // What is not there yet is in what is.
    let there = folder.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)));
    let whole = there.map_or(folder.clone(), |(above, whole)| {
        folder.strip_prefix(above).map_or(whole.clone(), |rest| whole.join(rest))
    });
    if whole.starts_with(&own) || own.starts_with(&whole) {
        return Err(refused(&folder, "a backup is made beside its thread, not in it or around it"));
    }
    Ok(())
}

/// Refuses to make a thread within another one, or within a backup.
fn refuse_occupied(folder: &Path, backup: &Path) -> Result<(), Error> {
    let folder = std::path::absolute(folder).map_err(failed(folder))?;
    let backup = backup.canonicalize().map_err(failed(backup))?;
    let occupied = folder
        .ancestors()
        .skip(1)
        .find(|above| above.join(MIRROR).is_dir() || above.canonicalize().is_ok_and(|above| above == backup));
    match occupied {
        Some(above) => Err(refused(
            &folder,
            format!("{} is a thread or a backup: name a folder beside it", above.display()),
        )),
        None => Ok(()),
    }
}

/// Describes what is wrong with the telemetry of a backup, which cannot be put back from one.
fn of_backup(error: telemetry::Error) -> Error {
    match error {
        telemetry::Error::Damaged { path, reason } => refused(&path, format!("it is damaged: {reason}")),
        telemetry::Error::Missing(path) => refused(&path, "it is missing"),
        error => error.into(),
    }
}

fn lock(folder: &Path) -> Result<FileLock, Error> {
    let path = folder.join(LOCK);
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed(&path))?;
    FileLock::take(file).map_err(|_| refused(folder, "another backup is being made there"))
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    let copy = || {
        let mut file = File::create_new(to)?;
        io::copy(&mut File::open(from)?, &mut file)?;
        file.sync_all()
    };
    copy().map_err(failed(to))
}

/// Copies a file that may be for its owner alone.
fn copy_with_mode(from: &Path, to: &Path) -> Result<(), Error> {
    copy(from, to)?;
    let mode = std::fs::metadata(from).map_err(failed(from))?.permissions();
    std::fs::set_permissions(to, mode).map_err(failed(to))
}

fn sync(path: &Path) -> Result<(), Error> {
    File::open(path).and_then(|file| file.sync_all()).map_err(failed(path))
}

fn failed(path: &Path) -> impl Fn(io::Error) -> Error {
    let path = path.to_owned();
    move |error| refused(&path, error.to_string())
}

fn refused(path: &Path, reason: impl Into<String>) -> Error {
    Error::Backup { path: path.to_owned(), reason: reason.into() }
}
