//! Taking commits in while Git still writes them: their rows are made ready meanwhile, and the transaction is committed only
//! once the branches have moved, so that the index never has what Git has not.

use super::commits::{Placed, idempotency};
use super::error::Error;
use super::store::{Index, stamp, take_in};
use super::write::update::Update;
use crate::graph::model::commit::{Author, Commit, CommitId};
use crate::graph::model::delta::DocumentDelta;
use crate::graph::model::draft::{Draft, Recorded};
use std::sync::mpsc::Receiver;

/// A commit that has no name yet.
pub(crate) struct Prepared<'a> {
    pub(crate) draft: &'a Draft,
    pub(crate) branch: &'a str,
    /// The full name of the branch's ref.
    pub(crate) reference: String,
    pub(crate) documents: &'a [DocumentDelta],
}

/// Why nothing was taken in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Stop {
    /// The commits did not come to be.
    #[error("the commits were not recorded")]
    NotRecorded,
    /// The index failed.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl Index {
    /// Makes the rows of commits ready, of which each merges the one before, waits until they are recorded, and then takes
    /// them in and stamps their branches. Documents given twice are read once.
    pub(crate) fn take_prepared(
        &self,
        drafts: &[Prepared<'_>],
        recorded: &Receiver<Vec<Recorded>>,
    ) -> Result<(), Stop> {
        // Documents that several commits have are written once.
        let distinct = drafts.chunk_by(|a, b| std::ptr::eq(a.documents, b.documents));
        let documents = distinct.map(|same| same[0].documents.len()).sum();
        self.write(self.is_sync_due(documents), |write| {
            let mut refs = Vec::new();
            take_in(write, |update, write| {
                let places = make_ready(drafts, update)?;
                let recorded = recorded.recv().map_err(|_| Stop::NotRecorded)?;
                for ((placed, recorded), draft) in places.into_iter().zip(recorded).zip(drafts) {
                    let id = recorded.commit.id;
                    idempotency::note(write, recorded.idempotency_key.as_deref(), id)?;
                    update.places.name(placed, recorded.commit, recorded.ontology)?;
                    refs.push((draft.reference.clone(), id));
                }
                Ok::<(), Stop>(())
            })?;
            Ok(stamp(write, &refs)?)
        })
    }
}

fn make_ready(drafts: &[Prepared<'_>], update: &mut Update<'_>) -> Result<Vec<Placed>, Error> {
    let mut places: Vec<Placed> = Vec::new();
    for same in drafts.chunk_by(|a, b| std::ptr::eq(a.documents, b.documents)) {
        for (at, draft) in same.iter().enumerate() {
            let unnamed = unnamed(draft.draft, places.last());
            places.push(match at {
                0 => update.begin_commit(&unnamed, draft.branch)?,
                _ => update.join_commit(&unnamed, draft.branch)?,
            });
        }
        same[0].documents.iter().try_for_each(|document| update.document(document))?;
    }
    update.flush()?;
    Ok(places)
}

/// Makes the commit of a draft under a name that no commit has; it merges the one before.
fn unnamed(draft: &Draft, before: Option<&Placed>) -> Recorded {
    let mut id = before.map_or(CommitId([0; 20]), |before| before.commit.id);
    id.0[19] += 1;
    let parents = draft.parents.iter().copied().chain(before.map(|before| before.commit.id)).collect();
    let (time, message) = (draft.time, String::new());
    let commit = Commit { id, parents, author: Author::default(), time, order: time, message };
    Recorded { commit, idempotency_key: None, ontology: [0; 20], is_own: true }
}
