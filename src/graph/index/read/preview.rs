//! A commit that is nowhere but in memory, laid over the tables: what a version would be under changes that nobody has
//! committed. To a reader it is the only commit of a lane of its own, which forks off at the version it is based on, so
//! every question is answered as it would be of a branch with that commit. Nothing of it is ever written.

use crate::graph::index::commits::Placed;
use crate::graph::index::error::Error;
use crate::graph::index::format::Bytes;
use crate::graph::index::rows::key;
use crate::graph::index::rows::lifespan::{Lifespan, OPEN};
use crate::graph::index::terms::dictionary::{self, Intern};
use crate::graph::index::terms::inline;
use crate::graph::model::commit::CommitId;
use crate::graph::model::delta::{DocumentDelta, by_subject};
use crate::model::statement::difference::differing;
use oxigraph::model::{NamedNodeRef, Term};
use redb::ReadOnlyTable;
use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

/// The ids of terms by their dictionary bytes.
type Ids = ReadOnlyTable<Bytes, Bytes>;

/// What the commit adds to the tables.
pub(crate) struct Preview {
    pub(in crate::graph::index) placed: Placed,
    /// The place that its lane forks off from.
    pub(in crate::graph::index) fork: (u32, u32),
    /// What became of the rows that begin or end with it.
    rows: BTreeMap<Vec<u8>, Lifespan>,
    terms: NewTerms,
}

/// The terms that the tables do not know.
struct NewTerms {
    /// By their dictionary bytes.
    ids: BTreeMap<Vec<u8>, u64>,
    terms: HashMap<u64, Term>,
    next: u64,
}

impl Preview {
    /// Works out what a commit with these documents adds to a dictionary, whose next id is `next`, and to the rows.
    pub(super) fn new(
        (placed, fork): (Placed, (u32, u32)),
        documents: &[DocumentDelta],
        ids: &Ids,
        next: u64,
    ) -> Result<Self, Error> {
        let terms = NewTerms { ids: BTreeMap::new(), terms: HashMap::new(), next };
        let mut preview = Self { placed, fork, rows: BTreeMap::new(), terms };
        documents.iter().try_for_each(|document| preview.document(document, ids))?;
        Ok(preview)
    }

    fn document(&mut self, document: &DocumentDelta, ids: &Ids) -> Result<(), Error> {
        for (before, after) in by_subject(&document.before, &document.after) {
            let mut dictionary = Dictionary { known: ids, new: &mut self.terms };
            let mut changed = Vec::new();
            for (statement, begins) in differing(before.iter(), after.iter()) {
                let terms = [
                    dictionary.intern_iri(statement.subject.as_ref())?,
                    dictionary.intern_iri(statement.predicate.as_ref())?,
                    dictionary.intern(&statement.object)?,
                ];
                let in_order =
                    |(order, places): (u8, [usize; 3])| key::prefix(order, &places.map(|at| terms[at]));
                changed.extend(key::ORDERS.map(|order| (in_order(order), begins)));
            }
            let (was, is) = (key::ordered(before, &mut dictionary)?, key::ordered(after, &mut dictionary)?);
            changed.extend(differing(was.iter(), is.iter()).map(|(row, begins)| (row.clone(), begins)));
            if before.is_empty() != after.is_empty()
                && let Some(first) = before.first().or(after.first())
                && let Some(row) = key::fragment(first.subject.as_ref(), &mut dictionary)?
            {
                changed.push((row, before.is_empty()));
            }
            for (row, begins) in changed {
                let span = self.span(begins);
                self.rows.insert(row, span);
            }
        }
        Ok(())
    }

    fn span(&self, begins: bool) -> Lifespan {
        let Placed { lane, ordinal, number, .. } = self.placed;
        Lifespan { lane, tombstone: !begins, born: ordinal, died: OPEN, origin: number }
    }

    /// Returns what became of a row.
    pub(in crate::graph::index) fn row(&self, row: &[u8]) -> Option<Lifespan> {
        self.rows.get(row).copied()
    }

    /// Returns what became of the rows from `from` to before `to`, in order.
    pub(in crate::graph::index) fn rows(
        &self,
        from: &[u8],
        to: &[u8],
    ) -> impl DoubleEndedIterator<Item = (&[u8], Lifespan)> {
        let range = (Bound::Included(from), Bound::Excluded(to));
        self.rows.range::<[u8], _>(range).map(|(row, span)| (row.as_slice(), *span))
    }

    /// Returns the id of a term that the tables do not know.
    pub(in crate::graph::index) fn id(&self, bytes: &[u8]) -> Option<u64> {
        self.terms.ids.get(bytes).copied()
    }

    /// Returns the term of such an id.
    pub(in crate::graph::index) fn term(&self, id: u64) -> Option<&Term> {
        self.terms.terms.get(&id)
    }

    /// Returns whether this is the commit.
    pub(in crate::graph::index) fn is(&self, id: CommitId) -> bool {
        self.placed.commit.id == id
    }
}

/// The dictionary of the tables, going on in memory.
struct Dictionary<'a> {
    known: &'a Ids,
    new: &'a mut NewTerms,
}

impl Intern for Dictionary<'_> {
    fn intern(&mut self, term: &Term) -> Result<u64, Error> {
        if let Some(id) = inline::inline(term) {
            return Ok(id);
        }
        let bytes = dictionary::bytes(term);
        if let Some(id) = dictionary::find_bytes(&bytes, self.known)? {
            return Ok(id);
        }
        let new = &mut *self.new;
        Ok(*new.ids.entry(bytes).or_insert_with(|| {
            new.terms.insert(new.next, term.clone());
            new.next += 1;
            new.next - 1
        }))
    }

    fn intern_iri(&mut self, iri: NamedNodeRef<'_>) -> Result<u64, Error> {
        self.intern(&iri.into_owned().into())
    }
}
