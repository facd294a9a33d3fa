//! The names of versions: making, listing and deleting branches, making tags, keeping what is named.
//!
//! Git's ref moves first and durably; the index is stamped after it. A name resolves alike in an index kept up and in one
//! rebuilt.

use crate::graph::error::{Divergence, Error};
use crate::graph::git::store::History;
use crate::graph::model::commit::{Author, Commit, CommitId, check_message};
use crate::graph::model::ref_name::{self, MAIN, branch_ref, kept_ref, tag_ref};
use crate::graph::repository::Repository;
use crate::graph::repository::writer::Writer;

impl Repository {
    /// Returns the branches with their heads, in name order.
    pub fn branches(&self) -> Result<Vec<(String, Commit)>, Error> {
        self.named("refs/heads/")
    }

    /// Returns the tags with their commits, in name order.
    pub fn tags(&self) -> Result<Vec<(String, Commit)>, Error> {
        self.named("refs/tags/")
    }

    /// Returns the branches that cannot be read, with the reasons, in name order.
    pub fn unreadable_branches(&self) -> Vec<(String, String)> {
        self.index.unreadable_under("refs/heads/")
    }

    /// Returns the tags that cannot be read, with the reasons, in name order.
    pub fn unreadable_tags(&self) -> Vec<(String, String)> {
        self.index.unreadable_under("refs/tags/")
    }

    fn named(&self, prefix: &str) -> Result<Vec<(String, Commit)>, Error> {
        let tables = self.index.tables()?;
        let mut named = Vec::new();
        for (reference, id) in tables.references(prefix)? {
            if let Some(placed) = tables.commit(id)? {
                named.push((reference[prefix.len()..].to_owned(), placed.commit));
            }
        }
        Ok(named)
    }

    /// Makes a branch at any version.
    pub fn create_branch(&self, name: &str, at: &str) -> Result<Commit, Error> {
        if ref_name::is_vendors(name) {
            return Err(Error::InvalidName(name.to_owned()));
        }
        let at = self.snapshot(at)?;
        let id = at.commit().id;
        self.create_ref(&mut *self.writer()?, "branch", name, branch_ref(name), id, |history, reference| {
            history.move_ref(reference, id, None)
        })?;
        Ok(at.commit().clone())
    }

    /// Deletes a branch, where its head is `expected_head` if that is given, and returns its last head. What tags, kept
    /// versions and other branches reach stays; the index drops the rest, and its commits have no name any more.
    pub fn delete_branch(&self, name: &str, expected_head: Option<CommitId>) -> Result<CommitId, Error> {
        if name == MAIN {
            return Err(Error::Stays(name.to_owned(), "it is the thread itself"));
        }
        if ref_name::is_vendor(name) {
            return Err(Error::Stays(name.to_owned(), "the next import of its source is compared with it"));
        }
        let mut writer = self.writer()?;
        let reference = branch_ref(name);
        let head = self.index.tables()?.reference(&reference)?;
        let head = head.ok_or_else(|| self.unreadable(name, Error::UnknownBranch(name.to_owned())))?;
        let expected = expected_head.unwrap_or(head);
        if expected == head && self.delete_ref(&mut writer, &reference, head)? {
            return Ok(head);
        }
        self.catch_up_with(&writer)?;
        let now = self.index.tables()?.reference(&reference)?;
        let head = now.ok_or_else(|| Error::UnknownBranch(name.to_owned()))?;
        Err(Error::Conflict(Box::new(Divergence { expected, head, conflicts: Vec::new() })))
    }

    /// Deletes a ref where it names a commit; returns whether it did.
    fn delete_ref(&self, writer: &mut Writer, reference: &str, id: CommitId) -> Result<bool, Error> {
        self.index.announce_deletion(reference)?;
        crate::graph::model::failpoint::pass("deletion announced");
        match self
            .move_ref(writer, "ref deleted", reference, None, |history| history.delete_ref(reference, id))
        {
            Ok(Some(moved)) => {
                self.acknowledge([moved], self.catch_up_with(writer));
                Ok(true)
            }
            Ok(None) => Ok(false),
            Err(error) => {
                // Nothing was deleted: the announcement goes.
                self.catch_up_with(writer)?;
                Err(error)
            }
        }
    }

    /// Makes an annotated tag at any version.
    pub fn tag(&self, name: &str, at: &str, message: &str) -> Result<Commit, Error> {
        if ref_name::is_vendors(name) {
            return Err(Error::InvalidName(name.to_owned()));
        }
        let at = self.snapshot(at)?;
        let mut writer = self.writer()?;
        self.tag_locked(&mut writer, name, at.commit().id, &Author::default(), message)?;
        Ok(at.commit().clone())
    }

    /// Makes an annotated tag while nobody else writes.
    pub(super) fn tag_locked(
        &self,
        writer: &mut Writer,
        name: &str,
        id: CommitId,
        author: &Author,
        message: &str,
    ) -> Result<(), Error> {
        check_message(message)?;
        crate::graph::model::failpoint::attempt("tag").map_err(Error::NotWritten)?;
        let now = self.clock.now();
        self.create_ref(writer, "tag", name, tag_ref(name), id, |history, _| {
            history.tag(name, id, author, now, message)
        })
    }

    /// Refuses a name that a tag cannot have, or something has.
    pub(super) fn refuse_tag(&self, name: &str) -> Result<(), Error> {
        if ref_name::is_vendor(name) {
            return Err(Error::InvalidName(name.to_owned()));
        }
        self.refuse_name("tag", name, &tag_ref(name))
    }

    /// Keeps a commit under a name, so that deleting a branch never loses what evidence and reviews are based on. Keeping
    /// the same commit again is no error.
    pub fn keep(&self, name: &str, id: CommitId) -> Result<(), Error> {
        self.keep_locked(&mut *self.writer()?, name, id)
    }

    /// Keeps a commit under a name while nobody else writes.
    pub(super) fn keep_locked(&self, writer: &mut Writer, name: &str, id: CommitId) -> Result<(), Error> {
        let reference = kept_ref(name);
        let made =
            self.create_ref(writer, "kept version", name, reference.clone(), id, |history, reference| {
                history.move_ref(reference, id, None)
            });
        match made {
            Err(Error::Exists { .. }) if self.index.tables()?.reference(&reference)? == Some(id) => Ok(()),
            made => made,
        }
    }

    /// Keeps a commit under a name no more; where nothing is kept under it, that is no error.
    pub(super) fn release(&self, name: &str) -> Result<(), Error> {
        let (mut writer, reference) = (self.writer()?, kept_ref(name));
        let Some(id) = self.index.tables()?.reference(&reference)? else { return Ok(()) };
        if !self.delete_ref(&mut writer, &reference, id)? {
            self.catch_up_with(&writer)?;
        }
        Ok(())
    }

    /// Returns the commit that is kept under a name.
    pub fn kept(&self, name: &str) -> Result<Option<CommitId>, Error> {
        Ok(self.index.tables()?.reference(&kept_ref(name))?)
    }

    /// Returns what is kept under names that begin alike, in the order of what follows.
    pub fn kept_under(&self, prefix: &str) -> Result<Vec<(String, Commit)>, Error> {
        self.named(&kept_ref(prefix))
    }

    /// Refuses a name under which nothing can be kept, or something is.
    pub fn refuse_kept(&self, kind: &'static str, name: &str) -> Result<(), Error> {
        self.refuse_name(kind, name, &kept_ref(name))
    }

    fn create_ref(
        &self,
        writer: &mut Writer,
        kind: &'static str,
        name: &str,
        reference: String,
        id: CommitId,
        make: impl Fn(&History, &str) -> Result<bool, git2::Error>,
    ) -> Result<(), Error> {
        self.refuse_name(kind, name, &reference)?;
        // Between the question where to begin and this moment a branch may have been deleted, and its commits with it.
        if self.index.tables()?.commit(id)?.is_none() {
            return Err(Error::UnknownVersion(id.to_string()));
        }
        let make = |history: &History| make(history, &reference);
        let Some(moved) = self.move_ref(writer, "ref made", &reference, Some(id), make)? else {
            return Err(Error::Exists { kind, name: name.to_owned() });
        };
        self.acknowledge([moved], self.index.take(&[], &[(reference, id)]));
        Ok(())
    }

    /// Refuses a name that Git or the file system would refuse, or that is taken: Git keeps refs as files, so `a` and
    /// `a/b` cannot both be.
    pub(super) fn refuse_name(&self, kind: &'static str, name: &str, reference: &str) -> Result<(), Error> {
        let fits = name.split('/').all(|part| part.len() <= 100) && name.len() <= 400;
        if !fits || ref_name::shadows(name) || !History::is_ref_name(name) {
            return Err(Error::InvalidName(name.to_owned()));
        }
        if let Some(reason) = self.index.unreadable(reference) {
            return Err(Error::Unreadable { name: name.to_owned(), reason });
        }
        let tables = self.index.tables()?;
        // A name that is a branch and a tag would refer to one version today and for another tomorrow.
        for (taken, other) in [("branch", branch_ref(name)), ("tag", tag_ref(name))] {
            if tables.reference(&other)?.is_some() && !reference.starts_with("refs/throughline/") {
                return Err(Error::Exists { kind: taken, name: name.to_owned() });
            }
        }
        let above = reference.match_indices('/').map(|(at, _)| &reference[..at]);
        let exists = |taken: &str| {
            // Of a reference above or below it, the rest of the name is reported.
            let folder = reference.strip_suffix(name).unwrap_or_default();
            let name = taken.strip_prefix(folder).unwrap_or(taken).to_owned();
            Err(Error::Exists { kind, name })
        };
        for taken in above.chain([reference]) {
            if tables.reference(taken)?.is_some() {
                return exists(taken);
            }
        }
        match tables.references(&format!("{reference}/"))?.first() {
            Some((taken, _)) => exists(taken),
            None => Ok(()),
        }
    }
}
