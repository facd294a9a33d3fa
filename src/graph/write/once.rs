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

    /// Does once for a key what has no commit to return. Returns whether `act` was called.
    pub fn once_done<E: From<Error>>(
        &self,
        key: Option<&RequestKey>,
        act: impl FnOnce() -> Result<(), E>,
    ) -> Result<bool, E> {
        let mut is_called = false;
        self.once(key, || {
            is_called = true;
            act()?;
            Ok::<_, E>(self.head(MAIN)?.commit().clone())
        })?;
        Ok(is_called)
    }

    /// Does what may take commits in once for a key: `act` returns what it comes to, and so does every repetition.
    ///
    /// The key is reserved before `act` begins: no other request does anything under it, not even one that is sent at the same time. The same
    /// request waits for the end of the one under way. Where `act` fails, the key is free again.
    pub(super) fn once_counted<E: From<Error>>(
        &self,
        key: Option<&RequestKey>,
        act: impl FnOnce() -> Result<Outcome, E>,
    ) -> Result<Outcome, E> {
        let Some(key) = key else { return act() };
        let reserved = format!("reserved/{}", key.place());
        let _turn = self.requests.take(&reserved);
        if let Some(done) = self.reserve(key, &reserved)? {
            return Ok(done);
        }
        let done = act().inspect_err(|_| self.release_done(&reserved))?;
        self.keep(&format!("request/{}/{}", key.place(), done.commits), done.commit.id)?;
        self.release_done(&reserved);
        Ok(done)
    }

    /// Releases what a request does not need any more that is over. What it came to stays so whether this succeeds or not.
    fn release_done(&self, name: &str) {
        if let Err(error) = self.release(name) {
            tracing::warn!(%error, name, "what a request had kept while it was under way stays; its key is free for the same request only");
        }
    }

    /// Reserves a key for a request, while nobody else writes. Returns what the request came to, where it was made before.
    fn reserve(&self, key: &RequestKey, name: &str) -> Result<Option<Outcome>, Error> {
        let mut writer = self.writer()?;
        if let Some(done) = self.done_under(key)? {
            return Ok(Some(done));
        }
        // Where the process ended amid the request, it is reserved already.
        if self.kept(name)?.is_none() {
            let id = self.head(MAIN)?.commit().id;
            self.keep_locked(&mut writer, name, id)?;
        }
        Ok(None)
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

    /// Returns the digest of the request that used a key, and what it came to; its own first, where several used it at once, as earlier versions
    /// let them. One that is under way counts, where it is another one.
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
        // Where the same request ran twice at once, as earlier versions let it, one took the commits in, and the other found them there.
        Ok(named.max_by_key(|(request, outcome)| (request == own, outcome.commits)))
    }
}
