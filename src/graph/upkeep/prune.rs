//! Removing objects that no ref reaches any more: what deleted branches alone had, and what refused commits and stopped writes left.
//!
//! What all refs reach is found first, while others write, and packs are written anew without what they do not. Then nobody writes
//! for a moment: what refs have come to reach since is added, and only what is still reached by none is removed. A commit never relies
//! on an object that no ref reached before: it writes it anew ([`crate::graph::git::tree`]), so that no later commit misses what was removed.
//!
//! Objects that are younger than an instant stay, as a push writes objects before its ref. Packs are as old as their files.

use super::fsck::{Depth, below};
use super::maintenance::{Packs, loose_ids};
use crate::graph::error::Error;
use crate::graph::git::loose::place;
use crate::graph::git::store::History;
use crate::graph::git::values::git_error;
use crate::graph::git::{library, lookup, pack};
use crate::graph::model::failpoint;
use crate::graph::repository::Repository;
use crate::model::durable::{remove_if_there, sync};
use crate::model::time::instant::Instant;
use git2::{ErrorCode, ObjectType, Oid};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::time::{Duration, SystemTime};

impl Repository {
    /// Removes objects that no ref reaches and that were written before an instant; returns how many. Where a ref or an object that
    /// one reaches cannot be read, nothing is removed.
    pub fn prune(&self, before: Instant) -> Result<usize, Error> {
        let _packing = self.packing.lock().unwrap_or_else(PoisonError::into_inner);
        // A lost ref reaches what it named once it is restored.
        self.catch_up_with(&*self.writer()?)?;
        self.remove_multi_pack_index()?;
        let history = self.fresh_reader()?;
        let git = history.folder().to_owned();
        let mut reached = Reached::default();
        reached.add_all(&history)?;
        let packs = Rewritten::all(&git, &reached, before)?;
        failpoint::pass("packs rewritten");
        let mut writer = self.writer()?;
        reached.add_all(&History::open_reader(&git)?)?;
        let mut pruned = HashSet::new();
        for rewritten in packs {
            rewritten.remove_old(&reached, &mut pruned)?;
        }
        remove_loose(&git, &reached, before, &mut pruned)?;
        sync(&git.join("objects/pack")).map_err(git_error)?;
        // The deleted packs take room for as long as someone has them open.
        writer.history.reopen()?;
        self.read().reopen()?;
        Ok(pruned.len())
    }
}

/// The objects that refs reach.
#[derive(Default)]
struct Reached(HashSet<Oid>);

impl Reached {
    /// Adds what any ref of the repository reaches now, no matter who made the ref.
    fn add_all(&mut self, history: &History) -> Result<(), git2::Error> {
        let mut open = Vec::new();
        for name in history.ref_names()? {
            match history.repository.find_reference(&name).and_then(|found| found.resolve()) {
                Ok(found) => open.extend(found.target()),
                // It was deleted meanwhile.
                Err(error) if error.code() == ErrorCode::NotFound && !is_there(history, &name) => {}
                Err(error) => return Err(error),
            }
        }
        let odb = history.repository.odb()?;
        let mut typed = Vec::with_capacity(open.len());
        for id in open {
            lookup::refuse_damaged(&history.repository, id)?;
            typed.push((id, odb.read_header(id)?.1));
        }
        self.add(history, typed)
    }

    /// Adds objects and all that is below them; what is below a known one is known.
    fn add(&mut self, history: &History, mut open: Vec<(Oid, ObjectType)>) -> Result<(), git2::Error> {
        while let Some((id, kind)) = open.pop() {
            if !self.0.insert(id) {
                continue;
            }
            match kind {
                ObjectType::Blob => {}
                ObjectType::Tag => {
                    let tag = history.repository.find_tag(id)?;
                    let kind = tag.target_type().unwrap_or(ObjectType::Commit);
                    open.push((tag.target_id(), kind));
                }
                _ => {
                    lookup::refuse_damaged(&history.repository, id)?;
                    let below = below(history, id, kind, Depth::Whole)?;
                    // A commit in a folder is one of another repository.
                    open.extend(
                        below
                            .into_iter()
                            .filter(|(_, of)| kind == ObjectType::Commit || *of != ObjectType::Commit),
                    );
                }
            }
        }
        Ok(())
    }

    fn has(&self, id: &Oid) -> bool {
        self.0.contains(id)
    }
}

fn is_there(history: &History, name: &str) -> bool {
    history.folder().join(name).exists()
}

/// A pack whose reached objects are in new packs.
struct Rewritten {
    index: PathBuf,
    /// The objects that no ref reached.
    left_out: Vec<Oid>,
}

impl Rewritten {
    /// Writes all packs anew that have objects which no ref reaches, and are old enough.
    fn all(git: &Path, reached: &Reached, before: Instant) -> Result<Vec<Self>, git2::Error> {
        let mut rewritten = Vec::new();
        for index in pack::indexes(git).map_err(git_error)? {
            let is_marked =
                ["keep", "promisor", "mtimes"].iter().any(|kind| index.with_extension(kind).exists());
            if is_marked || !is_older(&index.with_extension("pack"), before) {
                continue;
            }
            let (kept, left_out): (Vec<Oid>, Vec<Oid>) =
                pack::ids(&index).map_err(git_error)?.into_iter().partition(|id| reached.has(id));
            if !left_out.is_empty() {
                write(git, &kept)?;
                rewritten.push(Self { index, left_out });
            }
        }
        Ok(rewritten)
    }

    /// Removes the old pack, unless a ref has come to reach something that is in no new one.
    fn remove_old(self, reached: &Reached, pruned: &mut HashSet<Oid>) -> Result<(), git2::Error> {
        if self.left_out.iter().any(|id| reached.has(id)) {
            return Ok(());
        }
        remove_if_there(&self.index.with_file_name("multi-pack-index")).map_err(git_error)?;
        for kind in ["pack", "idx", "rev", "bitmap"] {
            remove_if_there(&self.index.with_extension(kind)).map_err(git_error)?;
            failpoint::pass("part of a pack pruned");
        }
        pruned.extend(self.left_out);
        Ok(())
    }
}

/// Writes objects that the repository has as new packs.
fn write(git: &Path, ids: &[Oid]) -> Result<(), git2::Error> {
    let source = library::open_bare(git)?;
    let odb = source.odb()?;
    let mut packs = Packs::of_disk(git)?;
    for id in ids {
        packs.add_stored(&odb, *id)?;
    }
    packs.publish(ids, &|| false).map(drop)
}

/// Removes the files of loose objects that no ref reaches, and that are old enough.
fn remove_loose(
    git: &Path,
    reached: &Reached,
    before: Instant,
    pruned: &mut HashSet<Oid>,
) -> Result<(), git2::Error> {
    let objects = git.join("objects");
    for id in loose_ids(&objects)?.into_iter().filter(|id| !reached.has(id)) {
        let (shard, name) = place(&objects, id);
        let path = shard.join(name);
        if is_older(&path, before) {
            remove_if_there(&path).map_err(git_error)?;
            failpoint::pass("loose object pruned");
            pruned.insert(id);
        }
    }
    Ok(())
}

/// Returns whether a file was last written before an instant; one that cannot be asked was not.
fn is_older(path: &Path, before: Instant) -> bool {
    let written = std::fs::metadata(path).and_then(|data| data.modified());
    let before = u64::try_from(before.nanos()).map(Duration::from_nanos).unwrap_or_default();
    written.is_ok_and(|written| written < SystemTime::UNIX_EPOCH + before)
}
