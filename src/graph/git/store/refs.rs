//! Refs: which there are, the commit that each names, and how one is moved or deleted.

use super::History;
use crate::graph::git::files::packed_refs::PackedRefs;
use crate::graph::git::files::ref_draft::{Locked, RefDraft, RefLock};
use crate::graph::git::files::ref_files;
use crate::graph::git::lookup;
use crate::graph::git::values::{Unreadable, commit_id, git_error, oid};
use crate::graph::model::commit::CommitId;
use crate::graph::model::ref_name::LOST;
use crate::model::durable::sync;
use git2::{ErrorCode, Oid};
use std::collections::{BTreeMap, BTreeSet};

/// How often the move of a ref with the expected target is tried, though its folder was removed meanwhile.
const MOVES: usize = 10;

impl History {
    /// Returns whether the file of a ref holds neither an id nor the name of another ref.
    pub(in crate::graph) fn is_garbled(&self, name: &str) -> bool {
        let found = self.repository.find_reference(name);
        found.is_err_and(|error| error.code() != ErrorCode::NotFound)
    }

    /// Replaces the file of a ref that is garbled; nobody else writes to the repository meanwhile. libgit2 would read `HEAD` first, and
    /// with it the garbled `main`.
    pub(in crate::graph) fn replace_garbled(&self, name: &str, to: CommitId) -> Result<(), git2::Error> {
        self.make_ref_folder(name)?;
        let path = self.folder.join(name);
        ref_files::write_ref(&self.folder, &path, &to.to_string()).map_err(git_error)
    }

    /// Moves a ref from `expected` (`None`: must not exist) to `to`; `false` where it had another target.
    pub(crate) fn move_ref(
        &self,
        name: &str,
        to: CommitId,
        expected: Option<CommitId>,
    ) -> Result<bool, git2::Error> {
        // Git removes the folders of refs that it packs, also between two steps of a move.
        for _ in 1..MOVES {
            if self.move_ref_once(name, oid(to), expected)? {
                return Ok(true);
            }
            match self.reference(name) {
                Ok(now) if now == expected => {}
                Ok(_) => return Ok(false),
                // The ref is there, whatever it names.
                Err(error) if lookup::is_damage(&error) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        self.move_ref_once(name, oid(to), expected)
    }

    fn move_ref_once(&self, name: &str, to: Oid, expected: Option<CommitId>) -> Result<bool, git2::Error> {
        if let (Some(expected), Some(draft)) = (expected, self.take_draft(to))
            && let Locked::Lock(lock) = draft.lock(&self.folder, name)?
        {
            return self.move_locked(lock, name, oid(expected));
        }
        self.make_ref_folder(name)?;
        let moved = match expected {
            None => self.repository.reference(name, to, false, "throughline"),
            Some(expected) => {
                self.repository.reference_matching(name, to, true, oid(expected), "throughline")
            }
        };
        match moved {
            Ok(_) => Ok(true),
            Err(error)
                if matches!(error.code(), ErrorCode::Modified | ErrorCode::Exists | ErrorCode::NotFound) =>
            {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Takes the draft of a ref that is to name a commit.
    fn take_draft(&self, to: Oid) -> Option<RefDraft> {
        let mut drafts = self.drafts.borrow_mut();
        let place = drafts.iter().position(|draft| draft.id() == to)?;
        Some(drafts.swap_remove(place))
    }

    /// Moves a ref that is locked; `false` where it had another target.
    fn move_locked(&self, lock: RefLock, name: &str, expected: Oid) -> Result<bool, git2::Error> {
        match self.repository.find_reference(name) {
            Ok(found) if found.target() == Some(expected) => {}
            Err(error) if error.code() != ErrorCode::NotFound => return Err(error),
            _ => return Ok(false),
        }
        lock.commit().map_err(git_error)?;
        Ok(true)
    }

    /// Deletes a ref with the target `expected`, and syncs the folders it was in; `false` where it has another one. Git's own packing of
    /// refs either comes before or finds no ref: it is an error with the code `Locked` while it runs.
    pub(crate) fn delete_ref(&self, name: &str, expected: CommitId) -> Result<bool, git2::Error> {
        let packed = PackedRefs::lock(&self.folder)?;
        let mut deletion = self.repository.transaction()?;
        deletion.lock_ref(name)?;
        if self.reference(name)? != Some(expected) {
            return Ok(false);
        }
        packed.remove(name).map_err(git_error)?;
        deletion.remove(name)?;
        deletion.commit()?;
        // libgit2 syncs no folder; it removes those that are empty now.
        let path = self.folder.join(name);
        let up = path.ancestors().skip(1).take_while(|folder| folder.starts_with(&self.folder));
        up.filter(|folder| folder.exists()).try_for_each(sync).map_err(git_error)?;
        Ok(true)
    }

    /// Returns the commit that a ref names.
    pub(crate) fn reference(&self, name: &str) -> Result<Option<CommitId>, git2::Error> {
        match self.repository.find_reference(name).and_then(|found| lookup::peel(&self.repository, &found)) {
            Ok(commit) => Ok(Some(commit_id(commit.id()))),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns whether Git takes the text as the name of a branch or tag.
    pub(crate) fn is_ref_name(name: &str) -> bool {
        git2::Reference::is_valid_name(&format!("refs/heads/{name}")) && !name.starts_with('-')
    }

    /// Returns the names of all refs, of such too as cannot be read: libgit2's list leaves those out without a word. A name
    /// that is not UTF-8 is none of the thread's.
    pub(in crate::graph) fn ref_names(&self) -> Result<BTreeSet<String>, git2::Error> {
        let mut names: BTreeSet<String> =
            self.repository.references()?.names().flatten().map(str::to_owned).collect();
        let files = self.ref_files().map_err(git_error)?;
        names.extend(files.into_iter().filter(|name| git2::Reference::is_valid_name(name)));
        Ok(names)
    }

    /// Returns all branches, tags and kept refs with the commits they name, and those that cannot be read with the reason.
    pub(crate) fn refs(&self) -> Result<(BTreeMap<String, CommitId>, Unreadable), git2::Error> {
        let (mut refs, mut unreadable) = (BTreeMap::new(), Unreadable::new());
        let ours = ["refs/heads/", "refs/tags/", "refs/throughline/"];
        let is_ours =
            |name: &str| ours.iter().any(|prefix| name.starts_with(prefix)) && !name.starts_with(LOST);
        for name in self.ref_names()?.iter().filter(|name| is_ours(name)) {
            let reference = match self.repository.find_reference(name) {
                // Plain Git has deleted it meanwhile.
                Err(error) if error.code() == ErrorCode::NotFound => continue,
                Err(error) => {
                    unreadable.insert(name.to_owned(), error.message().to_owned());
                    continue;
                }
                Ok(found) => found,
            };
            match lookup::peel(&self.repository, &reference) {
                Ok(commit) => drop(refs.insert(name.to_owned(), commit_id(commit.id()))),
                // A ref to something else than a commit is none of the thread's.
                Err(error) if matches!(error.code(), ErrorCode::Peel | ErrorCode::InvalidSpec) => {}
                Err(error) => drop(unreadable.insert(name.to_owned(), error.message().to_owned())),
            }
        }
        Ok((refs, unreadable))
    }
}
