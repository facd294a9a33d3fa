//! Loose objects, each a file of its own as Git keeps them, written and synced together.
//!
//! libgit2 syncs each object and then its folder before it writes the next one; a commit of one resource is seven objects.
//! A disk takes the syncs of several threads at once in the time of few. So several threads share the folders, and each
//! writes a folder's files beside their places, syncs and moves them, and syncs the folder: an object is never in its place
//! before its content is on the disk, and all are there before the caller goes on.
//!
//! A file is the zlib stream of `KIND LENGTH\0CONTENT`. Git's own name for unfinished files, `tmp_obj_`, lets Git's tools recognize
//! such as a killed process left behind. Git removes folders that are empty, also between two steps of a write: the folder is
//! made again then, and the write repeated.

use crate::graph::model::failpoint;
use crate::model::durable::sync;
use crate::model::sync::counter::Synced;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use git2::{ObjectType, Oid};
use std::collections::BTreeMap;
use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// An object to write.
pub(in crate::graph) struct Object {
    pub(in crate::graph) id: Oid,
    pub(in crate::graph) kind: ObjectType,
    pub(in crate::graph) content: Vec<u8>,
}

/// Why objects are not durable.
#[derive(Debug, thiserror::Error)]
pub(in crate::graph) enum Error {
    /// An object was not written or not synced under its temporary name, so that none of it is in its place: a second try
    /// writes another file.
    #[error("{0}")]
    Unwritten(io::Error),
    /// Objects are in their places, but the sync of a folder failed: a second try could not know what of it is on the disk.
    #[error("failed to sync a folder of objects: {0}")]
    Unsynced(io::Error),
}

impl Error {
    fn is_not_found(&self) -> bool {
        let (Self::Unwritten(error) | Self::Unsynced(error)) = self;
        error.kind() == io::ErrorKind::NotFound
    }
}

/// How many threads wait for the disk at once.
const THREADS: usize = 16;

/// How often a folder that another process removes is made again before the write fails.
const ATTEMPTS: usize = 100;

/// Writes objects durably into a folder of objects.
pub(in crate::graph) fn write(folder: &Path, objects: &[Object]) -> Result<(), Error> {
    let mut shards: BTreeMap<PathBuf, Vec<(String, &Object)>> = BTreeMap::new();
    for object in objects {
        let (shard, name) = place(folder, object.id);
        shards.entry(shard).or_default().push((name, object));
    }
    for shard in shards.keys() {
        make_if_missing(shard).map_err(Error::Unwritten)?;
    }
    let folders: Vec<_> = shards.into_iter().map(Some).chain([None]).collect();
    together(&folders, |shard| match shard {
        Some((shard, objects)) => write_shard(folder, shard, objects),
        // Whoever made a shard, it is in the folder above from now on.
        None => sync(folder).map_err(Error::Unsynced),
    })?;
    failpoint::attempt("sync objects").map_err(|error| Error::Unsynced(io::Error::other(error)))
}

/// Returns an object's folder, and its name there.
pub(in crate::graph) fn place(folder: &Path, id: Oid) -> (PathBuf, String) {
    let id = id.to_string();
    let (shard, name) = id.split_at(2);
    (folder.join(shard), name.to_owned())
}

fn make_if_missing(shard: &Path) -> io::Result<()> {
    match std::fs::create_dir(shard) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Writes the objects of one folder, again where another process removes the folder or an unfinished file meanwhile.
fn write_shard(folder: &Path, shard: &Path, objects: &[(String, &Object)]) -> Result<(), Error> {
    let write = || {
        objects
            .iter()
            .try_for_each(|(name, object)| write_one(shard, name, object))
            .map_err(Error::Unwritten)?;
        sync(shard).map_err(Error::Unsynced)
    };
    for _ in 1..ATTEMPTS {
        match write() {
            Err(error) if error.is_not_found() => {
                make_if_missing(shard).map_err(Error::Unwritten)?;
                sync(folder).map_err(Error::Unsynced)?;
            }
            done => return done,
        }
    }
    write()
}

fn write_one(shard: &Path, name: &str, object: &Object) -> io::Result<()> {
    let unfinished = shard.join(format!("tmp_obj_{name}"));
    let write = || {
        write_unfinished(&unfinished, object)?.sync_all()?;
        Synced::Git.note();
        std::fs::rename(&unfinished, shard.join(name))
    };
    write().inspect_err(|_| _ = std::fs::remove_file(&unfinished))
}

fn write_unfinished(path: &Path, object: &Object) -> io::Result<File> {
    let mut encoder = ZlibEncoder::new(begin(path)?, Compression::fast());
    write!(encoder, "{} {}\0", object.kind.str(), object.content.len())?;
    encoder.write_all(&object.content)?;
    let file = encoder.finish()?;
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

/// Does the work of all items on several threads; of several failures a failed sync is returned first.
fn together<T: Sync>(items: &[T], work: impl Fn(&T) -> Result<(), Error> + Sync) -> Result<(), Error> {
    let next = AtomicUsize::new(0);
    let some = || {
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            work(item)?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..THREADS.min(items.len())).map(|_| scope.spawn(some)).collect();
        let own = some();
        others.into_iter().fold(own, |done, other| {
            match (done, other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))) {
                (Err(Error::Unwritten(_)), Err(Error::Unsynced(error))) => Err(Error::Unsynced(error)),
                (done, other) => done.and(other),
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use git2::Repository;

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

        write(&place, &objects).expect("written");
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
            write(&folder.path().join("missing"), &[object(b"one"), object(b"two")]).expect_err("no folder");
        assert!(missing.is_not_found(), "{missing}");
    }

    #[test]
    fn folders_that_git_removes_meanwhile_are_made_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let repository = Repository::init_bare(folder.path()).expect("a repository");
        let place = folder.path().join("objects");
        let (place, done) = (place.as_path(), &std::sync::atomic::AtomicBool::new(false));
        let objects: Vec<Object> = (0..400_u32).map(|n| object(&n.to_le_bytes())).collect();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    // Fails for those that are not empty, as it does for Git.
                    (0..=u8::MAX).for_each(|n| _ = std::fs::remove_dir(place.join(format!("{n:02x}"))));
                }
            });
            let written: Result<Vec<()>, Error> = objects.chunks(8).map(|some| write(place, some)).collect();
            done.store(true, Ordering::Relaxed);
            written.expect("all are written");
        });
        let read = |object: &Object| repository.find_blob(object.id).expect("the object").content().to_vec();
        objects.iter().for_each(|object| assert_eq!(read(object), object.content));
    }
}
