//! Requests that make no commit of their own, such as for a branch: what each came to is kept in Git under its idempotency key, so that
//! the same request is answered alike, whatever became of the branch since, and after a restart too.
//!
//! `request/KEY/DIGEST/COUNT`, kept as versions of reviews are, names the commit that a request came to: KEY is the SHA-256 of its key, DIGEST
//! the digest of the request, COUNT how many commits it took in. `begun/KEY/DIGEST/COMMIT` names the head of a branch that is to be deleted, from before that until it is recorded: else
//! nobody knew it where the process ends between the deletion and its record. `reserved/KEY/DIGEST` holds a key for a request that is under way.
//!
//! What is recorded stays as long as the thread does, as the keys of commits do, which are in the commits: a key that was free again would answer
//! a client that repeats itself late by doing the work twice.

use crate::graph::error::Error;
use crate::graph::model::commit::{Commit, CommitId};
use crate::graph::model::ref_name::MAIN;
use crate::graph::model::request_key::RequestKey;
use crate::graph::repository::Repository;

/// What a request came to.
pub(super) struct Outcome {
    pub(super) commit: Commit,
    /// How many commits it took in.
    pub(super) commits: usize,
}

impl Repository {
    /// Does what makes no commit of its own once for a key: `act` returns the commit that it comes to, and so does every repetition.
    pub fn once<E: From<Error>>(
        &self,
        key: Option<&RequestKey>,
        act: impl FnOnce() -> Result<Commit, E>,
    ) -> Result<Commit, E> {
        Ok(self.once_counted(key, || Ok::<_, E>(Outcome { commit: act()?, commits: 0 }))?.commit)
    }

    /// Does once for a key what nothing else shows to be done. The key is reserved before `act` begins: no other request does anything under it,
    /// not even one that is sent at the same time. Where `act` fails, it is free again. Returns whether `act` was called.
    pub fn once_reserved<E: From<Error>>(
        &self,
        key: Option<&RequestKey>,
        act: impl FnOnce() -> Result<(), E>,
    ) -> Result<bool, E> {
        let Some(key) = key else { return act().map(|()| true) };
        let reserved = format!("reserved/{}", key.place());
        let id = self.head(MAIN)?.commit().id;
        if !self.reserve(key, &reserved, id)? {
            return Ok(false);
        }
        if let Err(error) = act() {
            self.release(&reserved)?;
            return Err(error);
        }
        match self.keep(&format!("request/{}/0", key.place()), id) {
            // The same request, sent at the same time, was recorded first.
            Ok(()) | Err(Error::Exists { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        self.release_done(&reserved);
        Ok(true)
    }

    /// Releases what a request that is recorded does not need any more. Its work is done whether this succeeds or not.
    fn release_done(&self, name: &str) {
        if let Err(error) = self.release(name) {
            tracing::warn!(%error, name, "what a request had kept while it was under way stays; it does no harm");
        }
    }

    /// Reserves a key for a request, while nobody else writes; `false`: the request was made before.
    fn reserve(&self, key: &RequestKey, name: &str, id: CommitId) -> Result<bool, Error> {
        let mut writer = self.writer()?;
        if self.done_under(key)?.is_some() {
            return Ok(false);
        }
        // Where the process ended amid the request, it is reserved already.
        if self.kept(name)?.is_none() {
            self.keep_locked(&mut writer, name, id)?;
        }
        Ok(true)
    }

    /// Does what may take commits in once for a key: `act` returns what it comes to, and so does every repetition.
    pub(super) fn once_counted<E: From<Error>>(
        &self,
        key: Option<&RequestKey>,
        act: impl FnOnce() -> Result<Outcome, E>,
    ) -> Result<Outcome, E> {
        let Some(key) = key else { return act() };
        if let Some(done) = self.done_under(key)? {
            return Ok(done);
        }
        let done = act()?;
        match self.keep(&format!("request/{}/{}", key.place(), done.commits), done.commit.id) {
            // The same request, sent at the same time, was recorded first.
            Err(Error::Exists { .. }) => Ok(self.done_under(key)?.unwrap_or(done)),
            kept => {
                kept?;
                Ok(done)
            }
        }
    }

    /// Deletes a branch once for a key; see [`Repository::delete_branch`].
    pub fn delete_branch_once(
        &self,
        name: &str,
        expected_head: Option<CommitId>,
        key: Option<&RequestKey>,
    ) -> Result<CommitId, Error> {
        let Some(key) = key else { return self.delete_branch(name, expected_head) };
        let delete = || {
            let begun = format!("begun/{}/", key.place());
            let head = match self.head(name) {
                Ok(head) => head.commit().clone(),
                Err(missing @ (Error::UnknownBranch(_) | Error::UnknownVersion(_))) => {
                    let begun = self.kept_under(&begun)?.into_iter().next();
                    return begun.map(|(_, head)| head).ok_or(missing);
                }
                Err(error) => return Err(error),
            };
            let is_expected = expected_head.is_none_or(|expected| expected == head.id);
            if is_expected {
                self.keep(&format!("{begun}{}-head", head.id), head.id)?;
            }
            match self.delete_branch(name, Some(expected_head.unwrap_or(head.id))) {
                // It was deleted meanwhile, by the same request or another one: nothing is left to do.
                Err(Error::UnknownBranch(_)) if is_expected => Ok(head),
                deleted => deleted.map(|_| head),
            }
        };
        let head = self.once(Some(key), delete)?.id;
        // What is recorded names the commit as well.
        for (name, _) in self.kept_under(&format!("begun/{}/", key.place()))? {
            self.release_done(&format!("begun/{}/{name}", key.place()));
        }
        Ok(head)
    }

    /// Returns what a request came to that was made under its key. A key of another request is refused.
    fn done_under(&self, key: &RequestKey) -> Result<Option<Outcome>, Error> {
        key.check()?;
        if let Some((request, outcome)) = self.named_under(key)? {
            let is_own = key.place().ends_with(&format!("/{request}"));
            return if is_own { Ok(Some(outcome)) } else { Err(Error::key_of_name(key, &outcome.commit)) };
        }
        let tables = self.index.tables()?;
        match tables.keyed(key)?.first() {
            Some(id) => {
                let made = tables.commit(*id)?.ok_or_else(|| Error::UnknownVersion(id.to_string()))?;
                Err(Error::key_reused(key, made.commit))
            }
            None => Ok(None),
        }
    }

    /// Refuses a key that a request has used which made no commit of its own.
    pub(super) fn refuse_key_of_name(&self, key: &RequestKey) -> Result<(), Error> {
        match self.named_under(key)? {
            Some((_, outcome)) => Err(Error::key_of_name(key, &outcome.commit)),
            None => Ok(()),
        }
    }

    /// Returns whether a request has used the key, or is using it, that makes no commit of its own.
    pub(super) fn is_key_of_name(&self, key: &RequestKey) -> Result<bool, Error> {
        Ok(self.named_under(key)?.is_some())
    }

    /// Returns the digest of the request that used a key, and what it came to; its own first, where several used it at once. One that is
    /// under way counts, where it is another one.
    fn named_under(&self, key: &RequestKey) -> Result<Option<(String, Outcome)>, Error> {
        let place = key.place();
        let Some((folder, own)) = place.split_once('/') else { return Ok(None) };
        let named = self.kept_under(&format!("request/{folder}/"))?.into_iter();
        let named = named.filter_map(|(name, commit)| {
            let (request, commits) = name.split_once('/')?;
            Some((request.to_owned(), Outcome { commit, commits: commits.parse().ok()? }))
        });
        let reserved = self.kept_under(&format!("reserved/{folder}/"))?.into_iter();
        let reserved = reserved.filter(|(request, _)| request != own);
        let reserved = reserved.map(|(request, commit)| (request, Outcome { commit, commits: 0 }));
        let named = named.chain(reserved);
        // Where the same request ran twice at once, one took the commits in, and the other found them there.
        Ok(named.max_by_key(|(request, outcome)| (request == own, outcome.commits)))
    }
}
