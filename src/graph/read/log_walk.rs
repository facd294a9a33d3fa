//! The walk from a version along its parents, and the walks that the pages of logs ended in.

use super::snapshot::Snapshot;
use crate::graph::error::Error;
use crate::graph::index;
use crate::graph::index::read::tables::Tables;
use crate::graph::index::terms::term_cache::TermCache;
use crate::graph::model::commit::{Commit, CommitId};
use crate::model::time::instant::Instant;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// How many walks are kept, that pages of logs ended in.
const WALKS_MAX: usize = 16;

/// How many commits of a page are kept with its walk, the last ones.
const PAGE_MAX: usize = 1_001;

/// The walks that pages of logs ended in, the last one at the end.
#[derive(Default)]
pub(in crate::graph) struct Walks(Mutex<VecDeque<Kept>>);

pub(in crate::graph) struct Kept {
    version: CommitId,
    /// The index that the numbers of the walk are of: one that is made anew numbers commits anew.
    index: Weak<TermCache>,
    /// The commits of the last page: the next one may begin after any of them, as a reader that looks for more reads on.
    page: Vec<Commit>,
    walk: Walk,
}

impl Walks {
    /// Returns the walk that goes on after a commit.
    pub(in crate::graph) fn after(&self, version: &Snapshot, after: CommitId) -> Option<Walk> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let index = Arc::downgrade(&version.0.view.tables.term_cache);
        let id = version.commit().id;
        let goes_on = |kept: &Kept| {
            kept.version == id
                && kept.index.ptr_eq(&index)
                && kept.page.iter().any(|commit| commit.id == after)
        };
        let Kept { page, walk, .. } = kept.iter().rfind(|kept| goes_on(kept))?;
        let read = page.iter().skip_while(|commit| commit.id != after).skip(1).chain(&walk.read);
        Some(Walk { read: read.cloned().collect(), open: walk.open.clone(), seen: walk.seen.clone() })
    }

    pub(in crate::graph) fn keep(&self, walk: Walk, version: &Snapshot, page: &[Commit]) {
        let tables = &version.0.view.tables;
        if page.is_empty() || tables.is_preview() {
            return;
        }
        let page = &page[page.len().saturating_sub(PAGE_MAX)..];
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let id = version.commit().id;
        let is_same = |kept: &Kept| kept.version == id && kept.page == page;
        kept.retain(|kept| !is_same(kept));
        if kept.len() >= WALKS_MAX {
            kept.pop_front();
        }
        let (version, index) = (version.commit().id, Arc::downgrade(&tables.term_cache));
        kept.push_back(Kept { version, index, page: page.to_vec(), walk });
    }
}

/// A walk over all commits behind a version, newest first.
pub(in crate::graph) struct Walk {
    /// Commits that were read before and come next.
    read: VecDeque<Commit>,
    open: BinaryHeap<(Instant, CommitId)>,
    seen: Numbers,
}

impl Walk {
    /// Begins at a version, and passes over all commits up to `after`.
    pub(in crate::graph) fn begin(version: &Snapshot, after: Option<CommitId>) -> Result<Self, Error> {
        let commit = version.commit();
        let open = BinaryHeap::from([(commit.order, commit.id)]);
        let mut seen = Numbers::default();
        seen.insert(version.0.placed.number);
        let mut walk = Self { read: VecDeque::new(), open, seen };
        while let Some(after) = after
            && let Some(commit) = walk.next(&version.0.view.tables)?
        {
            if commit.id == after {
                break;
            }
        }
        Ok(walk)
    }

    pub(in crate::graph) fn next(&mut self, tables: &Tables) -> Result<Option<Commit>, Error> {
        if let Some(commit) = self.read.pop_front() {
            return Ok(Some(commit));
        }
        let Some((_, id)) = self.open.pop() else { return Ok(None) };
        let placed = |id| tables.commit(id)?.ok_or_else(|| index::Error::corrupt("missing commit"));
        #[cfg(test)]
        index::read::rows_read::add_one();
        let commit = placed(id)?.commit;
        for parent in &commit.parents {
            let parent = placed(*parent)?;
            if self.seen.insert(parent.number) {
                self.open.push((parent.commit.order, parent.commit.id));
            }
        }
        Ok(Some(commit))
    }
}

/// A set of commits' numbers, a bit each.
#[derive(Clone, Default)]
pub(in crate::graph) struct Numbers(Vec<u64>);

impl Numbers {
    /// Adds a number; returns whether it is new.
    pub(in crate::graph) fn insert(&mut self, number: u32) -> bool {
        let (word, bit) = ((number / u64::BITS) as usize, 1_u64 << (number % u64::BITS));
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        let is_new = self.0[word] & bit == 0;
        self.0[word] |= bit;
        is_new
    }
}
