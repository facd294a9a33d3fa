//! One immutable version of the graph, read through the index.

use super::version_cache::{LatestFound, Remembered, VersionCache};
use crate::graph::error::Error;
use crate::graph::index;
use crate::graph::index::commits::{Placed, is_well_after};
use crate::graph::index::read::read_log::ReadLog;
use crate::graph::index::read::view::View;
use crate::graph::index::rows::key;
use crate::graph::index::storage::packed::Direction;
use crate::graph::index::terms::dictionary;
use crate::graph::model::commit::Commit;
use crate::graph::text::document::has_dot_segments;
use crate::model::statement::value::is_same;
use crate::model::statement::{Statement, literal, root};
use crate::model::sync::cancellation::Cancellation;
use crate::model::time::clock::Clock;
use crate::model::time::instant::Instant;
use crate::ontology::Ontology;
use oxigraph::model::vocab::rdf;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};
use std::fmt;
use std::sync::Arc;

/// One immutable version. Cloning is cheap; every read is at its commit, whatever happens meanwhile.
#[derive(Clone)]
pub struct Snapshot(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) view: View,
    pub(crate) placed: Placed,
    pub(crate) ontology: Arc<Ontology>,
    pub(crate) base: Arc<str>,
    pub(crate) memory: Arc<VersionCache>,
    pub(crate) latest: Arc<LatestFound>,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snapshot({})", self.commit().id)
    }
}

impl Snapshot {
    /// Ends reads of this version, which was just opened, once they are cancelled.
    #[must_use]
    pub fn while_wanted(mut self, wanted: &Cancellation) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.view.wanted = wanted.clone();
        }
        self
    }

    /// Notes what is read of this version, which was just opened.
    #[must_use]
    pub(crate) fn noting_reads(mut self, log: &Arc<ReadLog>) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.view.log = Some(Arc::clone(log));
        }
        self
    }

    /// Returns the commit that this version is.
    pub fn commit(&self) -> &Commit {
        &self.0.placed.commit
    }

    /// Returns how many commits are on the line of first parents that ends in this version.
    pub fn depth(&self) -> u64 {
        self.0.view.depth()
    }

    /// Returns whether the line of first parents that ends in a later version goes through this one, or ends in it.
    pub fn is_on_line_of(&self, later: &Self) -> bool {
        later.0.view.is_on_line(self.0.placed.lane, self.0.placed.ordinal)
    }

    /// Returns what `make` works out of this version about a resource; it is not asked where that is remembered. What it
    /// returns must depend on the version and the resource alone.
    pub fn remember<V: Remembered, E>(
        &self,
        about: &NamedNode,
        make: impl FnOnce() -> Result<V, E>,
    ) -> Result<Arc<V>, E> {
        self.0.view.note_more();
        self.0.memory.get(self.commit().id, about, make)
    }

    /// Returns the instant at which something can be recorded on top of this version: the present one, which comes after
    /// the version where the clock stopped or was set back by up to a second. A version that is further in the future was dated by a
    /// clock that has been put right, and the present instant is taken as it is.
    pub fn next_instant(&self, clock: &dyn Clock) -> Instant {
        next_instant(self.commit().time, clock)
    }

    /// Returns the ontology of this version.
    pub fn ontology(&self) -> &Arc<Ontology> {
        &self.0.ontology
    }

    /// Returns the IRI that the thread's own names begin with; it ends in `/`.
    pub fn base(&self) -> &str {
        &self.0.base
    }

    /// Returns the IRI that a text denotes: a full one, or the rest of one below the thread's base.
    pub fn expand(&self, text: &str) -> Result<NamedNode, Error> {
        let refuse = || Error::NotAnIri(text.to_owned(), self.base().to_owned());
        let is_full = text.contains("://") || text.starts_with("urn:");
        let full = if is_full { text.to_owned() } else { format!("{}{text}", self.base()) };
        match NamedNode::new(full) {
            Ok(iri) if !text.is_empty() && !has_dot_segments(&iri) => Ok(iri),
            _ => Err(refuse()),
        }
    }

    /// Returns the IRI without the thread's base, where it begins with it.
    pub fn shorten(&self, iri: &NamedNode) -> String {
        iri.as_str()
            .strip_prefix(self.base())
            .filter(|rest| !rest.is_empty())
            .unwrap_or(iri.as_str())
            .to_owned()
    }

    /// Returns the statements about exactly this subject, in canonical order.
    pub fn statements(&self, subject: &NamedNode) -> Result<Vec<Statement>, Error> {
        self.matching(Some(subject), None, None)
    }

    /// Returns the statements about a resource and its fragments, in canonical order.
    pub fn document(&self, resource: &NamedNode) -> Result<Vec<Statement>, Error> {
        Ok(self.whole_resource(resource)?)
    }

    /// Returns the values of a property, in canonical order.
    pub fn values(&self, subject: &NamedNode, predicate: NamedNodeRef<'_>) -> Result<Vec<Term>, Error> {
        let statements = self.matching(Some(subject), Some(predicate), None)?;
        Ok(statements.into_iter().map(|statement| statement.object).collect())
    }

    /// Returns the first value of a property.
    pub fn value(&self, subject: &NamedNode, predicate: NamedNodeRef<'_>) -> Result<Option<Term>, Error> {
        Ok(self.values(subject, predicate)?.into_iter().next())
    }

    /// Returns the targets of a link, in IRI order.
    pub fn targets(&self, subject: &NamedNode, predicate: NamedNodeRef<'_>) -> Result<Vec<NamedNode>, Error> {
        let values = self.values(subject, predicate)?;
        Ok(values.into_iter().filter_map(|value| NamedNode::try_from(value).ok()).collect())
    }

    /// Returns the first target of a link.
    pub fn target(
        &self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
    ) -> Result<Option<NamedNode>, Error> {
        Ok(self.targets(subject, predicate)?.into_iter().next())
    }

    /// Returns the lexical form of the first literal of a property.
    pub fn text(&self, subject: &NamedNode, predicate: NamedNodeRef<'_>) -> Result<Option<String>, Error> {
        let values = self.values(subject, predicate)?;
        Ok(values.into_iter().find_map(|value| match value {
            Term::Literal(literal) => Some(literal.value().to_owned()),
            _ => None,
        }))
    }

    /// Returns the first value of a property as a number.
    pub fn number(&self, subject: &NamedNode, predicate: NamedNodeRef<'_>) -> Result<Option<f64>, Error> {
        Ok(self.text(subject, predicate)?.and_then(|text| text.parse().ok()))
    }

    /// Returns the first value of a property as an instant.
    pub fn instant(
        &self,
        subject: &NamedNode,
        predicate: NamedNodeRef<'_>,
    ) -> Result<Option<Instant>, Error> {
        Ok(self.text(subject, predicate)?.and_then(|text| text.parse().ok()))
    }

    /// Returns the subjects that have this value or link to this target, in IRI order.
    pub fn subjects(&self, predicate: NamedNodeRef<'_>, object: &Term) -> Result<Vec<NamedNode>, Error> {
        let statements = self.matching(None, Some(predicate), Some(object))?;
        Ok(statements.into_iter().map(|statement| statement.subject).collect())
    }

    /// Returns the classes of a subject.
    pub fn classes_of(&self, subject: &NamedNode) -> Result<Vec<NamedNode>, Error> {
        self.targets(subject, rdf::TYPE)
    }

    /// Returns whether there is any statement about the subject.
    pub fn exists(&self, subject: &NamedNode) -> Result<bool, Error> {
        Ok(self.has_rows_of(key::SPO, subject)?)
    }

    /// Returns whether anything links to the resource or fragment.
    pub(crate) fn is_target(&self, iri: &NamedNode) -> Result<bool, index::Error> {
        self.has_rows_of(key::OSP, iri)
    }

    fn has_rows_of(&self, order: u8, first: &NamedNode) -> Result<bool, index::Error> {
        let Some(id) = self.iri_id(first.as_ref())? else { return Ok(false) };
        let mut found = false;
        self.0.view.scan(&key::prefix(order, &[id]), Direction::Forward, |_, _| {
            found = true;
            Ok(false)
        })?;
        Ok(found)
    }

    /// Returns the instances of a class and of its subclasses, in IRI order.
    pub fn instances(&self, class: NamedNodeRef<'_>) -> Result<Vec<NamedNode>, Error> {
        let mut instances = Vec::new();
        for class in self.class_and_descendants(class) {
            instances.extend(self.subjects(rdf::TYPE, &class.into())?);
        }
        instances.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        instances.dedup();
        Ok(instances)
    }

    pub(crate) fn class_and_descendants(&self, class: NamedNodeRef<'_>) -> Vec<NamedNode> {
        let mut classes = vec![class.into_owned()];
        if let Some(known) = self.ontology().class(class) {
            classes.extend(known.descendants.iter().cloned());
        }
        classes
    }

    /// Returns the statements that match, in canonical order; `None` matches everything.
    pub fn matching(
        &self,
        subject: Option<&NamedNode>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
    ) -> Result<Vec<Statement>, Error> {
        let Some(pattern) = self.pattern(subject, predicate, object)? else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        let known = Known {
            subject: subject.cloned(),
            predicate: predicate.map(NamedNodeRef::into_owned),
            object: object.cloned(),
        };
        pattern.scan(&self.0.view, |ids| {
            found.push(known.statement(ids, &self.0.view)?);
            Ok(true)
        })?;
        found.sort_unstable();
        Ok(found)
    }

    /// Returns the commit that first made a statement, where this version has it.
    pub fn origin(&self, statement: &Statement) -> Result<Option<Commit>, Error> {
        let view = &self.0.view;
        let Some(ids) = self.ids_of(statement)? else { return Ok(None) };
        let Some(number) = view.origin(&key::prefix(key::SPO, &ids))? else { return Ok(None) };
        Ok(Some(view.tables.commit_numbered(number)?.commit))
    }

    /// Returns whether a subject has a value or a link, whatever the value's spelling.
    pub(crate) fn has_equal(&self, statement: &Statement) -> Result<bool, Error> {
        let Statement { subject, predicate, object } = statement;
        let texts = self.ontology().texts(predicate.as_ref());
        let values = self.values(subject, predicate.as_ref())?;
        Ok(values.iter().any(|value| is_same(value, object, texts)))
    }

    /// Returns the ids of a statement's terms; `None` where one of them was never used.
    pub(crate) fn ids_of(&self, statement: &Statement) -> Result<Option<[u64; 3]>, index::Error> {
        let ids = [
            self.iri_id(statement.subject.as_ref())?,
            self.iri_id(statement.predicate.as_ref())?,
            self.0.view.id_as_kept(&statement.object)?,
        ];
        let [Some(s), Some(p), Some(o)] = ids else { return Ok(None) };
        Ok(Some([s, p, o]))
    }

    /// Returns the statements of a resource and of all its fragments, described or not, sorted.
    pub(crate) fn whole_resource(&self, root: &NamedNode) -> Result<Vec<Statement>, index::Error> {
        let view = &self.0.view;
        let mut statements = Vec::new();
        for id in view.described_ids(root)? {
            let known = Known::subject(view.iri(id)?);
            view.scan(&key::prefix(key::SPO, &[id]), Direction::Forward, |row, _| {
                statements.push(known.statement(key::ids(row)?, view)?);
                Ok(true)
            })?;
        }
        statements.sort_unstable();
        Ok(statements)
    }

    /// Returns all that is described, each resource once, without fragments.
    pub(crate) fn roots(&self) -> Result<Vec<NamedNode>, index::Error> {
        let view = &self.0.view;
        let mut last = None;
        let mut roots = Vec::new();
        view.scan(&key::prefix(key::SPO, &[]), Direction::Forward, |row, _| {
            let id = key::id(row, 0)?;
            if last.replace(id) != Some(id)
                && let Term::NamedNode(iri) = view.term(id)?
            {
                roots.push(root(&iri));
            }
            Ok(true)
        })?;
        roots.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        roots.dedup();
        Ok(roots)
    }

    pub(crate) fn iri_id(&self, iri: NamedNodeRef<'_>) -> Result<Option<u64>, index::Error> {
        self.0.view.iri_id(iri)
    }

    /// Returns the pattern in ids; `None` where one of the terms was never used.
    pub(crate) fn pattern(
        &self,
        subject: Option<&NamedNode>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<&Term>,
    ) -> Result<Option<Pattern>, index::Error> {
        let mut ids = [None; 3];
        if let Some(subject) = subject {
            let Some(id) = self.iri_id(subject.as_ref())? else { return Ok(None) };
            ids[0] = Some(id);
        }
        if let Some(predicate) = predicate {
            let Some(id) = self.iri_id(predicate)? else { return Ok(None) };
            ids[1] = Some(id);
        }
        if let Some(object) = object {
            let Some(id) = self.0.view.id(object)? else { return Ok(None) };
            ids[2] = Some(id);
        }
        Ok(Some(Pattern { ids }))
    }
}

/// Returns the instant at which something can be recorded after another; see [`Snapshot::next_instant`].
pub(crate) fn next_instant(time: Instant, clock: &dyn Clock) -> Instant {
    let now = clock.now();
    if is_well_after(time, now) { now } else { now.max(time.plus_nanos(1)) }
}

/// The terms of a pattern that need no look-up.
#[derive(Default)]
pub(crate) struct Known {
    subject: Option<NamedNode>,
    predicate: Option<NamedNode>,
    object: Option<Term>,
}

impl Known {
    pub(crate) fn subject(subject: NamedNode) -> Self {
        Self { subject: Some(subject), ..Self::default() }
    }

    pub(crate) fn statement(&self, ids: [u64; 3], view: &View) -> Result<Statement, index::Error> {
        let subject = match &self.subject {
            Some(subject) => subject.clone(),
            None => view.iri(ids[0])?,
        };
        let predicate = self.predicate.clone().map_or_else(|| view.iri(ids[1]), Ok)?;
        let object = self.object.clone().map_or_else(|| view.term(ids[2]), Ok)?;
        Ok(Statement { subject, predicate, object })
    }
}

/// A pattern of ids, and the order of rows that answers it.
pub(crate) struct Pattern {
    pub(crate) ids: [Option<u64>; 3],
}

impl Pattern {
    /// Returns the rows that answer the pattern.
    pub(crate) fn rows(&self) -> Rows {
        // Which order begins with what is bound, and where subject, predicate and object are in it.
        let (order, bound, places): (u8, &[u64], _) = match self.ids {
            [Some(s), Some(p), Some(o)] => (key::SPO, &[s, p, o], [0, 1, 2]),
            [Some(s), Some(p), None] => (key::SPO, &[s, p], [0, 1, 2]),
            [Some(s), None, None] => (key::SPO, &[s], [0, 1, 2]),
            [Some(s), None, Some(o)] => (key::OSP, &[o, s], [1, 2, 0]),
            [None, Some(p), Some(o)] => (key::POS, &[p, o], [2, 0, 1]),
            [None, Some(p), None] => (key::POS, &[p], [2, 0, 1]),
            [None, None, Some(o)] => (key::OSP, &[o], [1, 2, 0]),
            [None, None, None] => (key::SPO, &[], [0, 1, 2]),
        };
        let from = key::prefix(order, bound);
        Rows { to: key::after(&from), from, places }
    }

    /// Calls `each` with the ids of every matching statement.
    pub(crate) fn scan(
        &self,
        view: &View,
        mut each: impl FnMut([u64; 3]) -> Result<bool, index::Error>,
    ) -> Result<(), index::Error> {
        let rows = self.rows();
        view.scan_range(&rows.from, &rows.to, Direction::Forward, |row, _| each(rows.ids(row)?))
    }
}

/// A range of rows of one order.
pub(crate) struct Rows {
    pub(crate) from: Vec<u8>,
    pub(crate) to: Vec<u8>,
    /// Where subject, predicate and object are in a row.
    places: [usize; 3],
}

impl Rows {
    /// Returns the subject, predicate and object of a row.
    pub(crate) fn ids(&self, row: &[u8]) -> Result<[u64; 3], index::Error> {
        let ids = key::ids(row)?;
        Ok(self.places.map(|at| ids[at]))
    }
}

impl View {
    /// Returns the id of a term that may be written otherwise than the thread writes it; `None` where it was never used.
    pub(crate) fn id_as_kept(&self, term: &Term) -> Result<Option<u64>, index::Error> {
        let canonical = literal::canonical(term.clone());
        // Versions of earlier programs hold some datatypes as they were written.
        if let Term::Literal(literal) = term
            && canonical != *term
            && !literal::is_written_canonically(literal.datatype())
            && let Some(id) = self.id(term)?
        {
            return Ok(Some(id));
        }
        self.id(&canonical)
    }

    pub(crate) fn iri_id(&self, iri: NamedNodeRef<'_>) -> Result<Option<u64>, index::Error> {
        self.id_of_bytes(&dictionary::iri_bytes(iri))
    }

    /// Returns the ids of a resource and of the fragments of it that were described at any version.
    pub(crate) fn whole_resource_ids(&self, resource: &NamedNode) -> Result<Vec<u64>, index::Error> {
        let Some(id) = self.iri_id(resource.as_ref())? else { return Ok(Vec::new()) };
        let fragments = self.lifespans_by_row(&key::prefix(key::FRAGMENTS, &[id]))?;
        std::iter::once(Ok(id)).chain(fragments.keys().map(|row| key::id(row, 1))).collect()
    }

    /// Returns the ids of a resource and of the fragments of it that are described here.
    pub(crate) fn described_ids(&self, resource: &NamedNode) -> Result<Vec<u64>, index::Error> {
        let Some(id) = self.iri_id(resource.as_ref())? else { return Ok(Vec::new()) };
        let mut found = vec![id];
        // A fragment has none of its own.
        if !resource.as_str().contains('#') {
            self.scan(&key::prefix(key::FRAGMENTS, &[id]), Direction::Forward, |row, _| {
                found.push(key::id(row, 1)?);
                Ok(true)
            })?;
        }
        Ok(found)
    }
}
