//! Commits and tags written durably: few objects each in a file of its own, many in one pack.

use super::History;
use crate::graph::git::commit_object::{recorded, signature};
use crate::graph::git::files::ref_draft::RefDraft;
use crate::graph::git::loose;
use crate::graph::git::pack::{PackWriter, Staging};
use crate::graph::git::tree::{Objects, Staged};
use crate::graph::git::values::{Files, Move, commit_id, git_error};
use crate::graph::model::commit::{Author, CommitId};
use crate::graph::model::draft::{Draft, Recorded};
use crate::model::time::instant::Instant;
use git2::{ErrorCode, ObjectType, Oid};
use std::fs::File;
use std::path::Path;

/// More objects are written as one pack: that takes the syncs of two files and a folder, whereas each loose object takes that of its
/// file and mostly that of a folder. A small commit has seven or eight, which stay loose, as packs are to be few.
const LOOSE_MAX: usize = 16;

impl History {
    /// Writes a commit durably: `files` changed against the tree of the first parent. Moves no ref.
    pub(crate) fn write_commit(&self, draft: &Draft, files: &Files) -> Result<Recorded, git2::Error> {
        let write = |objects: &mut Objects<'_>| objects.commit(draft, &Staged::new(files)?);
        let id = self.write_objects(write, |id| vec![*id])?;
        recorded(&self.repository, id)
    }

    /// Writes a commit durably whose documents lie elsewhere than in its first parent: from path to path, with their blobs.
    /// `others` change beside.
    pub(crate) fn write_moved(
        &self,
        draft: &Draft,
        moves: &[Move],
        others: &Files,
    ) -> Result<Recorded, git2::Error> {
        let write = |objects: &mut Objects<'_>| {
            let mut staged = Staged::new(others)?;
            staged.add_moves(moves);
            objects.commit(draft, &staged)
        };
        let id = self.write_objects(write, |id| vec![*id])?;
        recorded(&self.repository, id)
    }

    /// Writes two commits together, of which the second merges the first: that becomes its last parent. Where both have
    /// the same files, these are written once.
    pub(crate) fn write_merged(
        &self,
        (first, first_files): (&Draft, &Files),
        (merge, merge_files): (&Draft, &Files),
    ) -> Result<[Recorded; 2], git2::Error> {
        let write = |objects: &mut Objects<'_>| {
            let mut staged = Staged::new(first_files)?;
            let first = objects.commit(first, &staged)?;
            if !std::ptr::eq(first_files, merge_files) {
                staged = Staged::new(merge_files)?;
            }
            let mut merge = merge.clone();
            merge.parents.push(commit_id(first));
            Ok([first, objects.commit(&merge, &staged)?])
        };
        let [first, merge] = self.write_objects(write, |ids| ids.to_vec())?;
        Ok([recorded(&self.repository, first)?, recorded(&self.repository, merge)?])
    }

    /// Writes commits durably together: each chain follows the parent of its first commit, and each commit the one before it.
    pub(crate) fn write_chains(
        &self,
        chains: &[Vec<(&Draft, &Files)>],
    ) -> Result<Vec<Vec<Recorded>>, git2::Error> {
        let write =
            |objects: &mut Objects<'_>| chains.iter().map(|chain| write_chain(objects, chain)).collect();
        let heads = |ids: &Vec<Vec<Oid>>| ids.iter().filter_map(|chain| chain.last().copied()).collect();
        let ids = self.write_objects(write, heads)?;
        let recorded = |id: &Oid| recorded(&self.repository, *id);
        ids.iter().map(|chain| chain.iter().map(recorded).collect()).collect()
    }

    /// Writes objects durably, few each by itself, many as one pack, and with them the drafts of the refs that are to move to `heads`.
    fn write_objects<T>(
        &self,
        write: impl FnOnce(&mut Objects<'_>) -> Result<T, git2::Error>,
        heads: impl FnOnce(&T) -> Vec<Oid>,
    ) -> Result<T, git2::Error> {
        let mut fresh = Fresh::new(&self.folder);
        let mut put = |id, kind, content: &[u8]| fresh.put(id, kind, content).map_err(git_error);
        let written = write(&mut Objects::new(&self.repository, &mut put))?;
        let (drafts, files) = self.draft_refs(&heads(&written)).map_err(git_error)?;
        match fresh {
            Fresh::Loose { objects, .. } => self.write_loose(&objects, &files)?,
            Fresh::Pack(staging, pack) => {
                let published = staging.publish_written(*pack, &self.syncs, &files);
                published.map_err(|error| self.noted(&error))?;
                self.repository.odb()?.refresh()?;
            }
        }
        self.drafts.replace(drafts);
        Ok(written)
    }

    /// Writes the drafts of refs that are to move to commits; the files are to be synced.
    fn draft_refs(&self, heads: &[Oid]) -> std::io::Result<(Vec<RefDraft>, Vec<File>)> {
        // Those that no ref was moved by go first, as the next ones have their names.
        self.drafts.take();
        let write = |(number, id): (usize, &Oid)| RefDraft::write(&self.folder, number, *id);
        heads.iter().enumerate().map(write).collect()
    }

    fn write_loose(&self, objects: &[loose::Object], beside: &[File]) -> Result<(), git2::Error> {
        let folder = self.folder.join("objects");
        loose::write(&self.syncs, &folder, objects, beside).map_err(|error| self.noted(&error))
    }

    /// Syncs objects that plain Git wrote, as it does not sync all that is written here.
    pub(in crate::graph) fn sync_foreign(&self) -> Result<(), git2::Error> {
        self.sync_all().map_err(|error| self.noted(&loose::Error::Unsynced(error)))
    }

    /// Notes whether objects are in doubt after a failure.
    fn noted(&self, error: &loose::Error) -> git2::Error {
        self.unsynced.set(self.unsynced.get() || matches!(error, loose::Error::Unsynced(_)));
        git2::Error::new(ErrorCode::GenericError, git2::ErrorClass::Os, error.to_string())
    }

    /// Makes an annotated tag.
    pub(crate) fn tag(
        &self,
        name: &str,
        at: CommitId,
        author: &Author,
        time: Instant,
        message: &str,
    ) -> Result<bool, git2::Error> {
        let (tagger, time) = (signature(author), time.seconds());
        let text = format!("object {at}\ntype commit\ntag {name}\ntagger {tagger} {time} +0000\n\n{message}");
        let (kind, content) = (ObjectType::Tag, text.into_bytes());
        let id = Oid::hash_object(kind, &content)?;
        // libgit2 would take an object of an earlier try whose sync failed for written.
        self.write_loose(&[loose::Object { id, kind, content }], &[])?;
        self.move_ref(&format!("refs/tags/{name}"), commit_id(id), None)
    }
}

/// New objects before they are durable.
enum Fresh<'a> {
    /// Few, in memory.
    Loose { git: &'a Path, objects: Vec<loose::Object> },
    /// Many, in a pack that is being written.
    Pack(Staging, Box<PackWriter>),
}

impl<'a> Fresh<'a> {
    fn new(git: &'a Path) -> Self {
        Self::Loose { git, objects: Vec::new() }
    }

    fn put(&mut self, id: Oid, kind: ObjectType, content: &[u8]) -> std::io::Result<()> {
        match self {
            Self::Loose { objects, .. } if objects.len() < LOOSE_MAX => {
                objects.push(loose::Object { id, kind, content: content.to_vec() });
                Ok(())
            }
            Self::Loose { git, objects } => {
                let staging = Staging::new(git)?;
                let mut pack = staging.writer()?;
                objects.iter().try_for_each(|object| pack.add(object.id, object.kind, &object.content))?;
                pack.add(id, kind, content)?;
                *self = Self::Pack(staging, Box::new(pack));
                Ok(())
            }
            Self::Pack(_, pack) => pack.add(id, kind, content),
        }
    }
}

/// Puts commits of which each follows the one before it, the first its own parents.
fn write_chain(objects: &mut Objects<'_>, chain: &[(&Draft, &Files)]) -> Result<Vec<Oid>, git2::Error> {
    let mut ids: Vec<Oid> = Vec::new();
    objects.keep_trees(chain.len() > 1);
    for (draft, files) in chain {
        let staged = Staged::new(files)?;
        let id = match ids.last() {
            None => objects.commit(draft, &staged)?,
            Some(before) => {
                let draft = Draft { parents: vec![commit_id(*before)], ..(*draft).clone() };
                objects.commit(&draft, &staged)?
            }
        };
        ids.push(id);
    }
    Ok(ids)
}
