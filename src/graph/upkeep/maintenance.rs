//! Packing loose objects, while others read and write.
//!
//! Each small commit leaves about eight loose objects, and commits that are written together leave a pack. Loose objects are read, each verified against its id, written into packs and
//! synced; only then their files are deleted. Packs are merged once the small ones together are half as large as the next, so that
//! few are left: no multi-pack-index is needed to search them. Trees and commits, whose versions hardly differ, are stored as
//! deltas; documents are not, as they are read one by one.
//!
//! Nothing here needs the lock of the writer. An object is deleted only where a synced pack has it, and libgit2 looks for an object
//! again in new packs before it misses it. A kill at any point leaves each object in at least one place.

use crate::graph::error::Error;
use crate::graph::git::durability::{remove_old_quarantines, remove_old_temporaries};
use crate::graph::git::library;
use crate::graph::git::loose::{place, read};
use crate::graph::git::pack::{self, Staging};
use crate::graph::git::store::History;
use crate::graph::git::values::git_error;
use crate::graph::model::failpoint;
use crate::graph::repository::Repository;
use crate::model::durable::{remove_if_there, sync};
use git2::{ObjectType, Odb, Oid, PackBuilder};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

/// How many bytes of content are read before they are written as packs.
const BATCH_BYTES: usize = 64 << 20;

/// How many objects are written as packs at once.
const BATCH_OBJECTS: usize = 20_000;

/// Packs that are larger are not merged.
const PACK_BYTES_MAX: u64 = 512 << 20;

/// Packs are not merged into one of more objects.
const PACK_OBJECTS_MAX: usize = 500_000;

/// As a merge leaves two packs, one of trees and commits and one of the others, fewer than three are not merged.
const PACKS_MERGED_MIN: usize = 3;

/// The folders that are counted for an estimate: ids are spread evenly.
const SAMPLE: [u8; 4] = [0x17, 0x51, 0x9b, 0xe4];

/// What maintenance did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maintained {
    /// How many loose objects are packed now.
    pub packed: usize,
    /// How many packs were merged.
    pub merged: usize,
    /// How many packs there are now.
    pub packs: usize,
    /// How many objects were removed that no ref reaches.
    pub pruned: usize,
    /// The objects whose files are damaged, each with what is wrong; they stay as they are.
    pub damaged: Vec<String>,
}

impl Repository {
    /// Returns about how many objects are loose.
    pub fn loose_objects(&self) -> usize {
        let objects = self.git_folder().join("objects");
        let count =
            |shard: u8| std::fs::read_dir(objects.join(format!("{shard:02x}"))).map_or(0, Iterator::count);
        SAMPLE.into_iter().map(count).sum::<usize>() * 256 / SAMPLE.len()
    }

    /// Returns how many packs would be merged.
    pub fn packs_to_merge(&self) -> usize {
        let sizes = mergeable(&self.git_folder())
            .map(|packs| packs.iter().map(|(bytes, _)| *bytes).collect::<Vec<_>>());
        sizes.map_or(0, |sizes| worth_merging(&sizes))
    }

    /// Packs all loose objects and merges small packs, until `stop` returns `true`; what was done by then stays done.
    pub fn maintain(&self, stop: &dyn Fn() -> bool) -> Result<Maintained, Error> {
        let _packing = self.packing.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever may not write may not pack.
        drop(self.writer()?);
        self.remove_multi_pack_index()?;
        let git = self.git_folder();
        // They take room, and nothing else.
        _ = remove_old_quarantines(&git.join("objects"));
        let mut done = Maintained::default();
        pack_loose(&git, stop, &mut done)?;
        while !stop() {
            let merged = merge_packs(&git, stop)?;
            if merged == 0 {
                break;
            }
            done.merged += merged;
        }
        if done.merged > 0 {
            // The deleted packs take room for as long as someone has them open.
            self.writer()?.history.reopen()?;
            self.read().reopen()?;
        }
        done.packs = pack::indexes(&git).map_err(git_error)?.len();
        Ok(done)
    }

    /// Removes Git's index over several packs, and opens the repository without it: libgit2 would look for objects in packs that are
    /// deleted.
    pub(super) fn remove_multi_pack_index(&self) -> Result<(), Error> {
        let index = self.git_folder().join("objects/pack/multi-pack-index");
        if index.exists() {
            remove_if_there(&index).map_err(git_error)?;
            self.writer()?.history.reopen()?;
            self.read().reopen()?;
        }
        Ok(())
    }

    fn git_folder(&self) -> PathBuf {
        self.read().folder().to_owned()
    }
}

/// Packs the loose objects batch by batch.
fn pack_loose(git: &Path, stop: &dyn Fn() -> bool, done: &mut Maintained) -> Result<(), git2::Error> {
    let objects = git.join("objects");
    let mut loose = loose_ids(&objects)?.into_iter().peekable();
    while loose.peek().is_some() && !stop() {
        let mut packs = Packs::new(git)?;
        let (mut ids, mut bytes) = (Vec::new(), 0);
        while bytes < BATCH_BYTES
            && ids.len() < BATCH_OBJECTS
            && let Some(id) = loose.next()
        {
            match read::read(&objects, id) {
                Ok(Some((kind, content))) => {
                    packs.add(id, kind, &content)?;
                    bytes += content.len();
                    ids.push(id);
                }
                // Git has packed it meanwhile.
                Ok(None) => {}
                Err(damage) => done.damaged.push(format!("{id}: {damage}")),
            }
        }
        packs.publish(&ids, stop)?;
        failpoint::pass("pack published");
        for id in &ids {
            let (shard, name) = place(&objects, *id);
            remove_if_there(&shard.join(name)).map_err(git_error)?;
            failpoint::pass("loose file deleted");
        }
        done.packed += ids.len();
    }
    Ok(())
}

/// Returns the ids of all loose objects; unfinished files that nobody writes any more are deleted on the way.
pub(super) fn loose_ids(objects: &Path) -> Result<Vec<Oid>, git2::Error> {
    let mut ids = Vec::new();
    for shard in 0..=u8::MAX {
        let folder = objects.join(format!("{shard:02x}"));
        // Git removes a folder that is empty.
        let Ok(files) = std::fs::read_dir(&folder) else { continue };
        let before = ids.len();
        let mut others = false;
        for file in files.flatten() {
            match Oid::from_str(&format!("{shard:02x}{}", file.file_name().to_string_lossy())) {
                Ok(id) if file.file_name().len() == 38 => ids.push(id),
                _ => others = true,
            }
        }
        ids[before..].sort_unstable();
        if others {
            // Where nothing may be written they stay.
            _ = remove_old_temporaries(&folder);
        }
    }
    Ok(ids)
}

/// Returns whether the file of a loose object is damaged, whether anything names it or not.
pub(super) fn has_damaged_files(git: &Path) -> Result<bool, git2::Error> {
    let objects = git.join("objects");
    Ok(loose_ids(&objects)?.into_iter().any(|id| read::check(&objects, id).is_err()))
}

/// Merges the smallest packs where that is worth it; returns how many.
fn merge_packs(git: &Path, stop: &dyn Fn() -> bool) -> Result<usize, git2::Error> {
    let mut small = mergeable(git).map_err(git_error)?;
    small.truncate(worth_merging(&small.iter().map(|(bytes, _)| *bytes).collect::<Vec<_>>()));
    let mut ids = BTreeSet::new();
    let mut taken = 0;
    for (_, index) in &small {
        let more = pack::ids(index).map_err(git_error)?;
        if ids.len() + more.len() > PACK_OBJECTS_MAX {
            break;
        }
        ids.extend(more);
        taken += 1;
    }
    small.truncate(taken);
    if small.len() < PACKS_MERGED_MIN {
        return Ok(0);
    }
    let source = library::open_bare(git)?;
    let odb = source.odb()?;
    let ids: Vec<Oid> = ids.into_iter().collect();
    let mut packs = Packs::of_disk(git)?;
    for id in &ids {
        if stop() {
            return Ok(0);
        }
        packs.add_stored(&odb, *id)?;
    }
    let written = packs.publish(&ids, stop)?;
    failpoint::pass("packs merged");
    let old: Vec<&PathBuf> =
        small.iter().map(|(_, index)| index).filter(|index| !written.contains(index)).collect();
    // Git's index over several packs would name such as are deleted.
    remove_if_there(&git.join("objects/pack/multi-pack-index")).map_err(git_error)?;
    for index in &old {
        // An index without its pack is passed over, and removed by Git; a pack without its index might be one that is written.
        for kind in ["pack", "idx", "rev", "bitmap"] {
            remove_if_there(&index.with_extension(kind)).map_err(git_error)?;
            failpoint::pass("part of a pack deleted");
        }
    }
    sync(&git.join("objects/pack")).map_err(git_error)?;
    Ok(old.len())
}

/// Returns the packs that may be merged: their sizes and indexes, the smallest first.
fn mergeable(git: &Path) -> std::io::Result<Vec<(u64, PathBuf)>> {
    let mut packs = Vec::new();
    for index in pack::indexes(git)? {
        let is_marked = ["keep", "promisor", "mtimes"].iter().any(|kind| index.with_extension(kind).exists());
        match std::fs::metadata(index.with_extension("pack")) {
            Ok(pack) if pack.len() <= PACK_BYTES_MAX && !is_marked => packs.push((pack.len(), index)),
            _ => {}
        }
    }
    packs.sort_unstable();
    Ok(packs)
}

/// Returns how many of the smallest packs are to be merged: each that is smaller than twice those before it together.
fn worth_merging(sizes: &[u64]) -> usize {
    let (mut count, mut total) = (0, 0);
    for size in sizes {
        if count > 0 && *size >= 2 * total {
            break;
        }
        total += size;
        count += 1;
    }
    if count < PACKS_MERGED_MIN { 0 } else { count }
}

/// Two packs that are written: trees and commits as deltas, and all others without.
pub(in crate::graph) struct Packs {
    deltas: OnePack,
    whole: OnePack,
}

struct OnePack {
    staging: Staging,
    repository: git2::Repository,
    /// Where the contents are until the pack is written, where they are not on the disk.
    memory: Option<Odb<'static>>,
    entries: Vec<(Oid, Option<String>)>,
}

impl Packs {
    /// Begins packs of objects that are in memory.
    fn new(git: &Path) -> Result<Self, git2::Error> {
        Ok(Self { deltas: OnePack::new(git, true)?, whole: OnePack::new(git, false)? })
    }

    /// Begins packs of objects that are read from the disk again.
    pub(super) fn of_disk(git: &Path) -> Result<Self, git2::Error> {
        Ok(Self { deltas: OnePack::of_disk(git, true)?, whole: OnePack::of_disk(git, false)? })
    }

    /// Adds an object that is on the disk.
    pub(super) fn add_stored(&mut self, odb: &Odb<'_>, id: Oid) -> Result<(), git2::Error> {
        let kind = odb.read_header(id)?.1;
        // The content is wanted for a tree's hint alone.
        let object = if kind == ObjectType::Tree { Some(odb.read(id)?) } else { None };
        self.add(id, kind, object.as_ref().map_or(&[], |object| object.data()))
    }

    fn add(&mut self, id: Oid, kind: ObjectType, content: &[u8]) -> Result<(), git2::Error> {
        match kind {
            ObjectType::Tree => self.deltas.add(id, kind, content, Some(hint(content))),
            ObjectType::Commit => self.deltas.add(id, kind, content, None),
            _ => self.whole.add(id, kind, content, None),
        }
    }

    /// Writes the packs durably, and checks that they have all the objects; returns their indexes.
    pub(in crate::graph) fn publish(
        &self,
        ids: &[Oid],
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<PathBuf>, git2::Error> {
        let mut written = Vec::new();
        for one in [&self.deltas, &self.whole] {
            written.extend(one.publish(stop)?);
        }
        let mut found = BTreeSet::new();
        for index in &written {
            found.extend(pack::ids(index).map_err(git_error)?);
        }
        match ids.iter().find(|id| !found.contains(*id)) {
            Some(id) => {
                Err(git2::Error::from_str(&format!("the new packs lack object {id}; nothing was deleted")))
            }
            None => Ok(written),
        }
    }
}

impl OnePack {
    fn of_disk(git: &Path, deltas: bool) -> Result<Self, git2::Error> {
        let staging = Staging::new(git).map_err(git_error)?;
        let repository = staging.open_repository(deltas)?;
        Ok(Self { staging, repository, memory: None, entries: Vec::new() })
    }

    fn new(git: &Path, deltas: bool) -> Result<Self, git2::Error> {
        let mut one = Self::of_disk(git, deltas)?;
        let memory = Odb::new()?;
        memory.add_new_mempack_backend(1)?;
        one.repository.set_odb(&memory)?;
        one.memory = Some(memory);
        Ok(one)
    }

    fn add(
        &mut self,
        id: Oid,
        kind: ObjectType,
        content: &[u8],
        hint: Option<String>,
    ) -> Result<(), git2::Error> {
        if let Some(memory) = &self.memory {
            memory.write(kind, content)?;
        }
        self.entries.push((id, hint));
        Ok(())
    }

    fn publish(&self, stop: &dyn Fn() -> bool) -> Result<Option<PathBuf>, git2::Error> {
        if self.entries.is_empty() {
            return Ok(None);
        }
        let mut pack: PackBuilder<'_> = self.repository.packbuilder()?;
        pack.set_threads(1);
        pack.set_progress_callback(|_, _, _| !stop())?;
        for (id, hint) in &self.entries {
            pack.insert_object(*id, hint.as_deref())?;
        }
        if stop() {
            return Err(git2::Error::from_str("the service stops; nothing was deleted"));
        }
        self.staging.publish(&mut pack).map(Some).map_err(|error| git2::Error::from_str(&error.to_string()))
    }
}

/// Returns what brings the versions of one folder together, so that they are compared for deltas: the name of its first entry.
fn hint(tree: &[u8]) -> String {
    let name = tree.split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(name).replace('\0', "")
}

impl History {
    /// Opens the repository's objects again, so that packs that were deleted are closed.
    pub(in crate::graph) fn reopen(&mut self) -> Result<(), git2::Error> {
        self.repository = library::open_bare(self.folder())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_are_merged_where_the_small_ones_weigh_enough() {
        let check = |sizes: &[u64], expect: usize| assert_eq!(worth_merging(sizes), expect, "{sizes:?}");
        check(&[], 0);
        check(&[5], 0);
        check(&[5, 5], 0);
        check(&[1, 1, 1], 3);
        check(&[1, 1, 4, 4], 0);
        check(&[1, 1, 1, 1, 6, 6], 6);
        check(&[1, 1, 1, 1, 8, 8], 4);
        check(&[1, 1, 1, 100, 100, 100], 3);
        check(&[1, 100, 100, 100], 0);
    }
}
