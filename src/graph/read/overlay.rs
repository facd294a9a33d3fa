//! A snapshot as it would be under a change: what validation reads before anything is written.

use super::snapshot::Snapshot;
use crate::graph::error::Error;
use crate::graph::index;
use crate::model::statement::Statement;
use crate::ontology::{Data, with_predicate};
use foldhash::fast::RandomState;
use oxigraph::model::{NamedNode, Term};
use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Once in so many nodes that are laid over the snapshot it is asked whether what reads them is still wanted.
const NODES_A_LOOK: usize = if cfg!(test) { 1 } else { 256 };

/// A snapshot in which some subjects have other statements.
pub(crate) struct Overlay<'a> {
    snapshot: &'a Snapshot,
    /// All statements of every subject that the change touches; none where it was removed.
    subjects: HashMap<&'a NamedNode, &'a [Statement], RandomState>,
    /// The statements by the hashes of their objects, in order; made when they are first asked for.
    objects: OnceLock<Vec<(u64, &'a Statement)>>,
    hasher: RandomState,
    /// How many nodes were read of those that are laid over the snapshot.
    read: AtomicUsize,
}

impl<'a> Overlay<'a> {
    /// Lays `after` over the subjects that occur in `before` or `after`: resources, each in canonical order.
    pub(crate) fn new(
        snapshot: &'a Snapshot,
        before: impl IntoIterator<Item = &'a [Statement]>,
        after: impl IntoIterator<Item = &'a [Statement]>,
    ) -> Self {
        let by_subject = |resource: &'a [Statement]| resource.chunk_by(|a, b| a.subject == b.subject);
        let after = after.into_iter();
        let room = after.size_hint().0;
        let mut subjects: HashMap<&NamedNode, &[Statement], RandomState> =
            HashMap::with_capacity_and_hasher(room, RandomState::default());
        subjects.extend(before.into_iter().flat_map(by_subject).map(|about| (&about[0].subject, &[][..])));
        subjects.extend(after.flat_map(by_subject).map(|about| (&about[0].subject, about)));
        Self {
            snapshot,
            subjects,
            objects: OnceLock::new(),
            hasher: RandomState::default(),
            read: AtomicUsize::new(0),
        }
    }

    /// Refuses to go on once the snapshot's reads are cancelled: what is in memory is read without the snapshot.
    fn look(&self) -> Result<(), Error> {
        if self.read.fetch_add(1, Ordering::Relaxed).is_multiple_of(NODES_A_LOOK) {
            self.snapshot.0.view.wanted.check().map_err(index::Error::from)?;
        }
        Ok(())
    }

    /// Returns the laid statements with an object.
    fn pointing_at(&self, object: &Term) -> impl Iterator<Item = &'a Statement> {
        let objects = self.objects.get_or_init(|| {
            let hashed = |statement: &'a Statement| (self.hasher.hash_one(&statement.object), statement);
            let mut objects: Vec<_> = self.subjects.values().copied().flatten().map(hashed).collect();
            objects.sort_unstable();
            objects
        });
        let hash = self.hasher.hash_one(object);
        let first = objects.partition_point(|(other, _)| *other < hash);
        let same = objects[first..].iter().take_while(move |(other, _)| *other == hash);
        same.map(|(_, statement)| *statement).filter(move |statement| statement.object == *object)
    }
}

impl Data for Overlay<'_> {
    type Error = Error;

    fn matching(
        &self,
        subject: Option<&NamedNode>,
        predicate: Option<&NamedNode>,
        object: Option<&Term>,
    ) -> Result<Vec<Statement>, Error> {
        let fits = |statement: &Statement| {
            predicate.is_none_or(|predicate| *predicate == statement.predicate)
                && object.is_none_or(|object| *object == statement.object)
        };
        if let Some(about) = subject.and_then(|subject| self.subjects.get(subject)) {
            return Ok(about.iter().filter(|statement| fits(statement)).cloned().collect());
        }
        let mut found = self.snapshot.matching(subject, predicate.map(NamedNode::as_ref), object)?;
        if subject.is_some() {
            return Ok(found);
        }
        found.retain(|statement| !self.subjects.contains_key(&statement.subject));
        match object {
            Some(object) => {
                found.extend(self.pointing_at(object).filter(|statement| fits(statement)).cloned());
            }
            None => {
                let laid = self.subjects.values().copied().flatten();
                found.extend(laid.filter(|statement| fits(statement)).cloned());
                found.sort_unstable();
            }
        }
        Ok(found)
    }

    fn about(&self, node: &NamedNode) -> Result<Cow<'_, [Statement]>, Error> {
        match self.subjects.get(node) {
            Some(about) => {
                self.look()?;
                Ok(Cow::Borrowed(about))
            }
            None => Ok(Cow::Owned(self.snapshot.statements(node)?)),
        }
    }

    fn values(&self, node: &NamedNode, predicate: &NamedNode) -> Result<Cow<'_, [Statement]>, Error> {
        match self.subjects.get(node) {
            Some(about) => Ok(Cow::Borrowed(with_predicate(about, predicate))),
            None => Data::values(self.snapshot, node, predicate),
        }
    }

    fn may_be_linked(&self, node: &NamedNode) -> Result<bool, Error> {
        let laid = self.pointing_at(&node.clone().into()).next().is_some();
        Ok(laid || self.snapshot.may_be_linked(node)?)
    }
}

impl Data for Snapshot {
    type Error = Error;

    fn matching(
        &self,
        subject: Option<&NamedNode>,
        predicate: Option<&NamedNode>,
        object: Option<&Term>,
    ) -> Result<Vec<Statement>, Error> {
        self.matching(subject, predicate.map(NamedNode::as_ref), object)
    }

    fn about(&self, node: &NamedNode) -> Result<Cow<'_, [Statement]>, Error> {
        Ok(Cow::Owned(self.statements(node)?))
    }

    fn values(&self, node: &NamedNode, predicate: &NamedNode) -> Result<Cow<'_, [Statement]>, Error> {
        self.matching(Some(node), Some(predicate.as_ref()), None).map(Cow::Owned)
    }

    fn may_be_linked(&self, node: &NamedNode) -> Result<bool, Error> {
        Ok(self.is_target(node)?)
    }
}
