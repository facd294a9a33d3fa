//! What the last commits of a branch changed, so that work on an earlier head knows whether it read what is not so any more.
//!
//! Each commit is a step. Of every row that a commit changes, and of every term in it, the last step is kept by hash: two that share one
//! only make work be done again.

use super::snapshot::Snapshot;
use crate::graph::index::Error;
use crate::graph::index::read::read_log::Reads;
use crate::graph::index::read::tables::Tables;
use crate::graph::index::rows::key;
use crate::graph::index::terms::term_cache::TermCache;
use crate::graph::index::terms::{dictionary, inline};
use crate::graph::model::commit::CommitId;
use crate::graph::model::delta::DocumentDelta;
use crate::model::statement::Statement;
use crate::model::statement::difference::differing;
use foldhash::fast::FixedState;
use oxigraph::model::{NamedNodeRef, Term};
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::{Arc, Weak};

/// How many rows and terms are kept.
const KEPT_MAX: usize = 1_000_000;

/// What the last commits of one branch changed.
pub(crate) struct RecentChanges {
    /// The dictionary that gave out the ids in the rows.
    dictionary: Weak<TermCache>,
    ontology: [u8; 20],
    head: CommitId,
    step: u64,
    /// The heads of the branch, with their steps.
    heads: HashMap<CommitId, u64>,
    /// The beginnings of rows, and terms.
    changed: HashMap<u64, u64, FixedState>,
}

impl RecentChanges {
    /// Begins at a head: nothing is known of what was before.
    pub(crate) fn from(head: &Snapshot) -> Self {
        let id = head.commit().id;
        Self {
            dictionary: Arc::downgrade(&head.0.view.tables.term_cache),
            ontology: head.0.placed.ontology,
            head: id,
            step: 0,
            heads: HashMap::from([(id, 0)]),
            changed: HashMap::default(),
        }
    }

    /// Returns whether it goes on from a head, and has room.
    pub(crate) fn is_at(&self, head: &Snapshot) -> bool {
        self.head == head.commit().id && self.is_of(head) && self.changed.len() + self.heads.len() < KEPT_MAX
    }

    fn is_of(&self, version: &Snapshot) -> bool {
        self.ontology == version.0.placed.ontology
            && std::ptr::eq(self.dictionary.as_ptr(), Arc::as_ptr(&version.0.view.tables.term_cache))
    }

    /// Returns whether reads of a version would find the same after all changes since.
    pub(crate) fn leaves(&self, version: &Snapshot, reads: &Reads) -> bool {
        let Some(&then) = self.heads.get(&version.commit().id) else { return false };
        let is_later = |bytes: &[u8]| self.changed.get(&hash(bytes)).is_some_and(|&step| step > then);
        then == self.step
            || self.is_of(version)
                && !reads.is_more
                && !reads.prefixes.iter().chain(&reads.unknown).any(|bytes| is_later(bytes))
    }

    /// Notes what the next commit changes, before it is made.
    pub(crate) fn note(&mut self, tables: &Tables, documents: &[DocumentDelta]) -> Result<(), Error> {
        self.step += 1;
        for document in documents {
            for (statement, _) in differing(document.before.iter(), document.after.iter()) {
                self.note_statement(tables, statement)?;
            }
        }
        Ok(())
    }

    fn note_statement(&mut self, tables: &Tables, statement: &Statement) -> Result<(), Error> {
        let Statement { subject, predicate, object } = statement;
        let ids = [
            self.note_term(tables, &dictionary::iri_bytes(subject.as_ref()))?,
            self.note_term(tables, &dictionary::iri_bytes(predicate.as_ref()))?,
            self.note_object(tables, object)?,
        ];
        for (order, places) in key::ORDERS {
            self.note_row(order, places.map(|at| ids[at]));
        }
        if let Some((resource, _)) = subject.as_str().split_once('#') {
            let resource = dictionary::iri_bytes(NamedNodeRef::new_unchecked(resource));
            let resource = self.note_term(tables, &resource)?;
            self.note_row(key::FRAGMENTS, [resource, ids[0]]);
        }
        Ok(())
    }

    fn note_object(&mut self, tables: &Tables, object: &Term) -> Result<Option<u64>, Error> {
        match inline::inline(object) {
            Some(id) => Ok(Some(id)),
            None => self.note_term(tables, &dictionary::bytes(object)),
        }
    }

    fn note_term(&mut self, tables: &Tables, bytes: &[u8]) -> Result<Option<u64>, Error> {
        self.changed.insert(hash(bytes), self.step);
        tables.id(bytes)
    }

    /// Notes all beginnings of a row up to the first term without an id: of that nobody can have read rows.
    fn note_row<const N: usize>(&mut self, order: u8, ids: [Option<u64>; N]) {
        let mut row = key::prefix(order, &[]);
        self.changed.insert(hash(&row), self.step);
        for id in ids.into_iter().map_while(|id| id) {
            key::write_id(id, &mut row);
            self.changed.insert(hash(&row), self.step);
        }
    }

    /// Takes the commit that was noted last for the head.
    pub(crate) fn published(&mut self, head: CommitId) {
        self.head = head;
        self.heads.insert(head, self.step);
    }
}

fn hash(bytes: &[u8]) -> u64 {
    FixedState::default().hash_one(bytes)
}
