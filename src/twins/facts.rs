//! What one version says about twins, read once for each question, each fact at the first time it is needed.

use super::error::Error;
use super::failure::Failure;
use super::installation::{self, Installation};
use super::revision::{self, Era};
use super::service::{self, Service};
use super::signal::Signal;
use super::spans;
use crate::graph::Snapshot;
use crate::model::interval::Interval;
use crate::ontology::terms::{dcterms, tl};
use crate::thread::{self, Record};
use foldhash::HashMap;
use oxigraph::model::{Literal, NamedNode};
use std::cell::RefCell;
use std::rc::Rc;

/// The facts of one version, kept while one question is answered.
pub(super) struct Facts<'a> {
    pub(super) snapshot: &'a Snapshot,
    twins: Memo<Twin>,
    lots: Memo<Lot>,
    parts: Memo<Option<NamedNode>>,
    kinds: Memo<Option<NamedNode>>,
    installations: Memo<Vec<Installation>>,
    eras: Memo<Vec<Era>>,
    services: Memo<Vec<Service>>,
    signals: Memo<Vec<Signal>>,
    places: Memo<Vec<thread::Place>>,
    failures: Memo<Vec<Failure>>,
    modifications: RefCell<Option<Rc<revision::Modifications>>>,
}

/// One value for each resource, made at the first time it is asked for.
struct Memo<V>(RefCell<HashMap<NamedNode, Rc<V>>>);

impl<V> Memo<V> {
    fn new() -> Self {
        Self(RefCell::default())
    }

    /// Returns the value; `make` may ask for other values of the same memo.
    fn get(&self, key: &NamedNode, make: impl FnOnce() -> Result<V, Error>) -> Result<Rc<V>, Error> {
        if let Some(known) = self.0.borrow().get(key) {
            return Ok(Rc::clone(known));
        }
        let made = Rc::new(make()?);
        self.0.borrow_mut().insert(key.clone(), Rc::clone(&made));
        Ok(made)
    }
}

/// One unit, as the version describes it.
#[derive(Clone, Debug)]
pub(super) struct Twin {
    pub(super) serial: Option<String>,
    pub(super) part: Option<NamedNode>,
    pub(super) built_by: Option<NamedNode>,
    pub(super) site: Option<String>,
    /// From commissioning to retirement; open where the version does not say.
    pub(super) life: Interval,
    /// Whether it is in service by itself where it was never installed anywhere.
    pub(super) stands_alone: bool,
    pub(super) signals: Vec<NamedNode>,
    pub(super) exists: bool,
}

/// One lot or order.
#[derive(Clone, Debug)]
pub(super) struct Lot {
    pub(super) identifier: Option<String>,
    pub(super) realizes: Option<NamedNode>,
}

impl<'a> Facts<'a> {
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        Self {
            snapshot,
            twins: Memo::new(),
            lots: Memo::new(),
            parts: Memo::new(),
            kinds: Memo::new(),
            installations: Memo::new(),
            eras: Memo::new(),
            services: Memo::new(),
            signals: Memo::new(),
            places: Memo::new(),
            failures: Memo::new(),
            modifications: RefCell::new(None),
        }
    }

    pub(super) fn twin(&self, twin: &NamedNode) -> Result<Rc<Twin>, Error> {
        self.twins.get(twin, || Ok(Twin::of(&Record::read(self.snapshot, twin)?, self.snapshot)))
    }

    pub(super) fn lot(&self, build: &NamedNode) -> Result<Rc<Lot>, Error> {
        self.lots.get(build, || {
            let record = Record::read(self.snapshot, build)?;
            let identifier = record.text(dcterms::IDENTIFIER).map(str::to_owned);
            Ok(Lot { identifier, realizes: record.target(tl::REALIZES) })
        })
    }

    /// Returns the part that a design revision is a revision of.
    pub(super) fn part_of(&self, revision: &NamedNode) -> Result<Option<NamedNode>, Error> {
        let part = self.parts.get(revision, || Ok(self.snapshot.target(revision, tl::REVISION_OF)?))?;
        Ok((*part).clone())
    }

    /// Returns the quantity kind of a property.
    pub(super) fn quantity_kind(&self, property: &NamedNode) -> Result<Option<NamedNode>, Error> {
        let kind = self.kinds.get(property, || Ok(self.snapshot.target(property, tl::QUANTITY_KIND)?))?;
        Ok((*kind).clone())
    }

    /// Returns where a component has been installed.
    pub(super) fn installations(&self, component: &NamedNode) -> Result<Rc<Vec<Installation>>, Error> {
        self.installations.get(component, || installation::of_component(self, component))
    }

    /// Returns the revisions that a unit has had, in time order.
    pub(super) fn eras(&self, twin: &NamedNode) -> Result<Rc<Vec<Era>>, Error> {
        self.eras.get(twin, || revision::eras(self, twin))
    }

    /// Returns when and where an item has been in service.
    pub(super) fn services(&self, item: &NamedNode) -> Result<Rc<Vec<Service>>, Error> {
        self.services.get(item, || service::services(self, item))
    }

    /// Returns the signals that a twin or a design revision declares.
    pub(super) fn signals(&self, owner: &NamedNode) -> Result<Rc<Vec<Signal>>, Error> {
        self.signals.get(owner, || Signal::of(self.snapshot, &self.snapshot.targets(owner, tl::SIGNAL)?))
    }

    /// Returns the signals of a twin, whose record tells which they are.
    pub(super) fn own_signals(&self, twin: &NamedNode) -> Result<Rc<Vec<Signal>>, Error> {
        let known = self.twin(twin)?;
        self.signals.get(twin, || Signal::of(self.snapshot, &known.signals))
    }

    /// Hands over all signals of a twin: its own, and those of every design that it ever had.
    pub(super) fn each_signal(&self, twin: &NamedNode, mut take: impl FnMut(&Signal)) -> Result<(), Error> {
        self.own_signals(twin)?.iter().for_each(&mut take);
        for era in self.eras(twin)?.iter() {
            if let Some(revision) = &era.revision {
                self.signals(revision)?.iter().for_each(&mut take);
            }
        }
        Ok(())
    }

    /// Returns the places of a design revision.
    pub(super) fn places(&self, revision: &NamedNode) -> Result<Rc<Vec<thread::Place>>, Error> {
        self.places.get(revision, || Ok(thread::places(self.snapshot, revision)?))
    }

    /// Returns the failures of a twin.
    pub(super) fn failures(&self, twin: &NamedNode) -> Result<Rc<Vec<Failure>>, Error> {
        self.failures.get(twin, || Failure::of(self.snapshot, twin))
    }

    /// Returns all modifications, read together.
    pub(super) fn modifications(&self) -> Result<Rc<revision::Modifications>, Error> {
        if let Some(known) = self.modifications.borrow().as_ref() {
            return Ok(Rc::clone(known));
        }
        let read = Rc::new(revision::Modifications::read(self.snapshot)?);
        *self.modifications.borrow_mut() = Some(Rc::clone(&read));
        Ok(read)
    }

    /// Tells whether no other twin bears the identifier of a twin.
    pub(super) fn is_unique(&self, twin: &NamedNode, identifier: &str) -> Result<bool, Error> {
        let text = Literal::new_simple_literal(identifier).into();
        for subject in self.snapshot.subjects(dcterms::IDENTIFIER, &text)? {
            if subject != *twin && thread::is_instance(self.snapshot, &subject, tl::TWIN_INSTANCE)? {
                return Ok(false);
            }
        }
        Ok(self.twin(twin)?.exists)
    }
}

impl Twin {
    fn of(record: &Record, snapshot: &Snapshot) -> Self {
        let text = |predicate| record.text(predicate).map(str::to_owned);
        let (from, to) = (record.instant(tl::COMMISSIONED_AT), record.instant(tl::RETIRED_AT));
        let component = record.text(tl::LEVEL) == Some("COMPONENT");
        Self {
            serial: text(dcterms::IDENTIFIER),
            part: record.target(tl::PART),
            built_by: record.target(tl::BUILT_BY),
            site: text(tl::SITE),
            life: spans::between(from, to).unwrap_or(Interval::ALWAYS),
            stands_alone: !component || from.is_some(),
            signals: record.targets(tl::SIGNAL),
            exists: record.is_a(snapshot.ontology(), tl::TWIN_INSTANCE),
        }
    }
}
