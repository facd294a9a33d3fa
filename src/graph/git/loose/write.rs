//! Loose objects written and synced together.
//!
//! libgit2 syncs each object and then its folder before it writes the next one; a commit of one resource is seven objects.
//! A disk takes the syncs of several files at once in the time of few. So all files are written beside their places and synced in one
//! round, and moved; their folders are synced in a second one. An object is never in its place before its content is on the disk, and
//! all are there before the caller goes on.
//!
//! A file is the zlib stream of `KIND LENGTH\0CONTENT`. Git's own name for unfinished files, `tmp_obj_`, lets Git's tools recognize
//! such as a killed process left behind. Git removes folders that are empty, also between two steps of a write: the write is repeated
//! then, and makes the folder again.

use super::deflate::Deflate;
use super::object::{Error, Object, place};
use super::syncs::Syncs;
use crate::graph::model::failpoint;
use crate::model::sync::counter::Synced;
use flate2::Compression;
use std::collections::BTreeSet;
use std::fs::{File, Permissions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// How often a folder that another process removes is made again before the write fails.
const ATTEMPTS: usize = 100;

/// An object to write, and its file: first beside its place, then in it.
struct Placed<'a> {
    object: &'a Object,
    shard: PathBuf,
    unfinished: PathBuf,
    finished: PathBuf,
}

impl<'a> Placed<'a> {
    fn new(folder: &Path, object: &'a Object) -> Self {
        let (shard, name) = place(folder, object.id);
        let (unfinished, finished) = (shard.join(format!("tmp_obj_{name}")), shard.join(name));
        Self { object, shard, unfinished, finished }
    }
}

/// Writes objects durably into a folder of objects; the files `beside` are synced with theirs.
pub(in crate::graph) fn write(
    syncs: &Syncs,
    folder: &Path,
    objects: &[Object],
    beside: &[File],
) -> Result<(), Error> {
    let placed: Vec<_> = objects.iter().map(|object| Placed::new(folder, object)).collect();
    let write = || {
        let written = write_once(syncs, folder, &placed, beside);
        written.inspect_err(|_| placed.iter().for_each(|one| _ = std::fs::remove_file(&one.unfinished)))
    };
    for _ in 1..ATTEMPTS {
        match write() {
            // Another process has removed a folder or an unfinished file meanwhile.
            Err(error) if error.is_not_found() => {}
            done => return done,
        }
    }
    write()
}

fn write_once(syncs: &Syncs, folder: &Path, placed: &[Placed<'_>], beside: &[File]) -> Result<(), Error> {
    let shards: BTreeSet<&Path> = placed.iter().map(|one| one.shard.as_path()).collect();
    shards.iter().try_for_each(|shard| make_if_missing(shard)).map_err(Error::Unwritten)?;
    write_unfinished(syncs, placed, beside).map_err(Error::Unwritten)?;
    let renamed = |one: &Placed<'_>| std::fs::rename(&one.unfinished, &one.finished);
    placed.iter().try_for_each(renamed).map_err(Error::Unwritten)?;
    // Whoever made a shard, it is in the folder above from now on.
    let folders: io::Result<_> = shards.into_iter().chain([folder]).map(File::open).collect();
    folders.and_then(|folders| syncs.sync(folders)).map_err(Error::Unsynced)?;
    failpoint::attempt("sync objects").map_err(|error| Error::Unsynced(io::Error::other(error)))
}

fn make_if_missing(shard: &Path) -> io::Result<()> {
    match std::fs::create_dir(shard) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Writes all objects beside their places, and syncs them at once.
fn write_unfinished(syncs: &Syncs, placed: &[Placed<'_>], beside: &[File]) -> io::Result<()> {
    let (mut deflate, mut files) = (Deflate::new(Compression::fast()), Vec::new());
    for one in placed {
        files.push(write_file(&one.unfinished, one.object, &mut deflate)?);
        Synced::Git.note();
    }
    for file in beside {
        files.push(file.try_clone()?);
    }
    syncs.sync(files)
}

fn write_file(path: &Path, object: &Object, deflate: &mut Deflate) -> io::Result<File> {
    let mut text = format!("{} {}\0", object.kind.str(), object.content.len()).into_bytes();
    text.extend_from_slice(&object.content);
    let mut stream = Vec::new();
    deflate.append(&text, &mut stream)?;
    let mut file = begin(path)?;
    file.write_all(&stream)?;
    set_readonly(&file)?;
    Ok(file)
}

/// Begins a file in the place of one that a killed process may have left.
fn begin(path: &Path) -> io::Result<File> {
    match File::create_new(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            std::fs::remove_file(path)?;
            File::create_new(path)
        }
        begun => begun,
    }
}

/// Nobody writes an object again.
fn set_readonly(file: &File) -> io::Result<()> {
    let mut permissions: Permissions = file.metadata()?.permissions();
    permissions.set_readonly(true);
    file.set_permissions(permissions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use git2::{ObjectType, Oid, Repository};
    use std::sync::atomic::{AtomicBool, Ordering};

    fn object(content: &[u8]) -> Object {
        let id = Oid::hash_object(ObjectType::Blob, content).expect("a digest");
        Object { id, kind: ObjectType::Blob, content: content.to_vec() }
    }

    #[test]
    fn objects_are_read_by_libgit2() {
        let folder = tempfile::tempdir().expect("a folder");
        let repository = Repository::init_bare(folder.path()).expect("a repository");
        let objects: Vec<Object> = (0..40_u8).map(|n| object(&vec![n; usize::from(n) * 100])).collect();
        let place = folder.path().join("objects");
        // A killed process left a piece of one.
        let (shard, name) = super::place(&place, objects[7].id);
        std::fs::create_dir(&shard).expect("its shard");
        set_readonly(&File::create(shard.join(format!("tmp_obj_{name}"))).expect("a file"))
            .expect("read-only");

        write(&Syncs::default(), &place, &objects, &[]).expect("written");
        for object in &objects {
            assert_eq!(repository.find_blob(object.id).expect("the object").content(), object.content);
        }
        let begun = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with("tmp_obj_");
        let left = objects.iter().flat_map(|object| std::fs::read_dir(super::place(&place, object.id).0));
        assert_eq!(left.flatten().flatten().filter(begun).count(), 0);
    }

    #[test]
    fn a_failure_is_reported() {
        let folder = tempfile::tempdir().expect("a folder");
        let missing =
            write(&Syncs::default(), &folder.path().join("missing"), &[object(b"one"), object(b"two")], &[])
                .expect_err("no folder");
        assert!(missing.is_not_found(), "{missing}");
    }

    #[test]
    fn folders_that_git_removes_meanwhile_are_made_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let repository = Repository::init_bare(folder.path()).expect("a repository");
        let place = folder.path().join("objects");
        let (place, done) = (place.as_path(), &AtomicBool::new(false));
        let syncs = Syncs::default();
        let objects: Vec<Object> = (0..400_u32).map(|n| object(&n.to_le_bytes())).collect();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                // Those of the objects that are written together fewer times than these are tried, however slow the disk is.
                let mut removed = [0_usize; 256];
                while !done.load(Ordering::Relaxed) {
                    for (n, removed) in
                        removed.iter_mut().enumerate().filter(|(_, removed)| **removed < ATTEMPTS / 16)
                    {
                        // Fails for those that are not empty, as it does for Git.
                        *removed += usize::from(std::fs::remove_dir(place.join(format!("{n:02x}"))).is_ok());
                    }
                }
            });
            let written: Result<Vec<()>, Error> =
                objects.chunks(8).map(|some| write(&syncs, place, some, &[])).collect();
            done.store(true, Ordering::Relaxed);
            written.expect("all are written");
        });
        let read = |object: &Object| repository.find_blob(object.id).expect("the object").content().to_vec();
        objects.iter().for_each(|object| assert_eq!(read(object), object.content));
    }
}
