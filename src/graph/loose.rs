//! Loose objects, each a file of its own as Git keeps them, written and synced together.
//!
//! libgit2 syncs each object and then its folder before it writes the next one; a commit of one resource is seven objects.
//! A disk takes the syncs of several threads at once in the time of few. So several threads share the folders, and each
//! writes a folder's files beside their places, syncs and moves them, and syncs the folder: an object is never in its place
//! before its content is on the disk, and all are there before the caller goes on.
//!
//! A file is the zlib stream of `KIND LENGTH\0CONTENT`. Git's own name for files begun, `tmp_obj_`, lets `git gc` remove such as
//! a killed process left behind.

use super::folder::sync;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use git2::{ObjectType, Oid};
use std::collections::BTreeMap;
use std::fs::{File, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// An object to write.
pub(super) struct Object {
    pub(super) id: Oid,
    pub(super) kind: ObjectType,
    pub(super) content: Vec<u8>,
}

/// So many threads wait for the disk at once.
const THREADS: usize = 8;

/// Writes objects durably into a folder of objects.
pub(super) fn write(folder: &Path, objects: &[Object]) -> io::Result<()> {
    let mut shards: BTreeMap<PathBuf, Vec<(String, &Object)>> = BTreeMap::new();
    for object in objects {
        let (shard, name) = place(folder, object);
        shards.entry(shard).or_default().push((name, object));
    }
    for shard in shards.keys() {
        make_if_gone(shard)?;
    }
    // Whoever made a folder, it stands in the one above from now on.
    shards.insert(folder.to_owned(), Vec::new());
    together(&shards.into_iter().collect::<Vec<_>>(), |(shard, objects)| {
        objects.iter().try_for_each(|(name, object)| write_one(shard, name, object))?;
        sync(shard)
    })
}

/// Returns an object's folder, and its name there.
fn place(folder: &Path, object: &Object) -> (PathBuf, String) {
    let id = object.id.to_string();
    let (shard, name) = id.split_at(2);
    (folder.join(shard), name.to_owned())
}

/// Makes the folder of a shard where `git gc` has removed it.
fn make_if_gone(shard: &Path) -> io::Result<()> {
    match std::fs::create_dir(shard) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

fn write_one(shard: &Path, name: &str, object: &Object) -> io::Result<()> {
    let begun = shard.join(format!("tmp_obj_{name}"));
    let file = write_begun(&begun, object)?;
    file.sync_all()?;
    std::fs::rename(&begun, shard.join(name))
}

fn write_begun(begun: &Path, object: &Object) -> io::Result<File> {
    let mut encoder = ZlibEncoder::new(begin(begun)?, Compression::fast());
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

/// Does the work of all items on several threads; of several failures one is told.
fn together<T: Sync>(items: &[T], work: impl Fn(&T) -> io::Result<()> + Sync) -> io::Result<()> {
    let next = AtomicUsize::new(0);
    let some = || -> io::Result<()> {
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            work(item)?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..THREADS.min(items.len())).map(|_| scope.spawn(some)).collect();
        let own = some();
        others.into_iter().fold(own, |done, other| {
            done.and(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
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
        let (shard, name) = super::place(&place, &objects[7]);
        std::fs::create_dir(&shard).expect("its shard");
        set_readonly(&File::create(shard.join(format!("tmp_obj_{name}"))).expect("a file"))
            .expect("read-only");

        write(&place, &objects).expect("written");
        for object in &objects {
            assert_eq!(repository.find_blob(object.id).expect("the object").content(), object.content);
        }
        let begun = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with("tmp_obj_");
        let left = objects.iter().flat_map(|object| std::fs::read_dir(super::place(&place, object).0));
        assert_eq!(left.flatten().flatten().filter(begun).count(), 0);
    }

    #[test]
    fn a_failure_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let missing =
            write(&folder.path().join("gone"), &[object(b"one"), object(b"two")]).expect_err("no folder");
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }
}
