//! Requests that make no commit of their own, such as for a branch: what each came to is kept in Git under its idempotency key, so that
//! the same request is answered alike, whatever became of the branch since, and after a restart too.
//!
//! `request/KEY/DIGEST/COUNT`, kept as versions of reviews are, names the commit that a request came to: KEY is the SHA-256 of its key, DIGEST
//! the digest of the request, COUNT how many commits it took in. `begun/KEY/DIGEST/COMMIT` names the head of a branch that is to be deleted, from before that until for ever: else
//! nobody knew it where the process ends between the deletion and its record.

use crate::graph::error::Error;
use crate::graph::model::commit::{Commit, CommitId};
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
        Ok(self.once(Some(key), delete)?.id)
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

    /// Returns the digest of the request that used a key, and what it came to; its own first, where several used it at once.
    fn named_under(&self, key: &RequestKey) -> Result<Option<(String, Outcome)>, Error> {
        let place = key.place();
        let Some((folder, own)) = place.split_once('/') else { return Ok(None) };
        let named = self.kept_under(&format!("request/{folder}/"))?.into_iter();
        let named = named.filter_map(|(name, commit)| {
            let (request, commits) = name.split_once('/')?;
            Some((request.to_owned(), Outcome { commit, commits: commits.parse().ok()? }))
        });
        // Where the same request ran twice at once, one took the commits in, and the other found them there.
        Ok(named.max_by_key(|(request, outcome)| (request == own, outcome.commits)))
    }
}
