//! What one version states about twins, each fact read at the first time it is needed. The version remembers it for other questions,
//! as long as there is room; a question keeps what it has met, so that it reads nothing twice, however large its fleet is.

pub(super) mod account;
pub(super) mod candidate;
pub(super) mod failure;
pub(super) mod installation;
pub(super) mod member;
pub(super) mod revision;
pub(super) mod service;
pub(super) mod signal;
pub(super) mod spans;

use super::error::Error;
use crate::graph::{Remembered, Snapshot};
use crate::model::statement::value;
use crate::model::time::interval::Interval;
use crate::ontology::terms::{dcterms, tl};
use crate::thread::{self, Record};
use failure::Failure;
use foldhash::HashMap;
use installation::Installation;
use member::Member;
use oxigraph::model::{Literal, NamedNode};
use revision::{Era, Modifications};
use service::Service;
use signal::Signal;
use std::cell::RefCell;
use std::sync::Arc;

/// The facts of one version, kept while one question is answered.
pub(super) struct Facts<'a> {
    pub(super) snapshot: &'a Snapshot,
    twins: Memo<'a, Twin>,
    lots: Memo<'a, Lot>,
    parts: Memo<'a, PartOf>,
    kinds: Memo<'a, KindOf>,
    installations: Memo<'a, Vec<Installation>>,
    eras: Memo<'a, Vec<Era>>,
    services: Memo<'a, Vec<Service>>,
    members: Memo<'a, Vec<Member>>,
    signals: Memo<'a, Vec<Arc<Signal>>>,
    places: Memo<'a, Vec<thread::Place>>,
    failures: Memo<'a, Vec<Failure>>,
    modifications: Memo<'a, Modifications>,
    unique: Memo<'a, Unique>,
}

/// One value for each resource, made at the first time it is asked for.
struct Memo<'a, V> {
    snapshot: &'a Snapshot,
    met: RefCell<HashMap<NamedNode, Arc<V>>>,
}

impl<'a, V: Remembered> Memo<'a, V> {
    fn new(snapshot: &'a Snapshot) -> Self {
        Self { snapshot, met: RefCell::default() }
    }

    /// Returns the value; `make` may ask for other values of the same memo.
    fn get(&self, key: &NamedNode, make: impl FnOnce() -> Result<V, Error>) -> Result<Arc<V>, Error> {
        if let Some(known) = self.met.borrow().get(key) {
            return Ok(Arc::clone(known));
        }
        let made = self.snapshot.remember(key, make)?;
        self.met.borrow_mut().insert(key.clone(), Arc::clone(&made));
        Ok(made)
    }
}

/// The part that a design revision is a revision of.
struct PartOf(Option<NamedNode>);

/// The quantity kind of a property.
struct KindOf(Option<NamedNode>);

/// Whether no other twin bears a twin's identifier.
struct Unique(bool);

impl Remembered for PartOf {}
impl Remembered for KindOf {}
impl Remembered for Unique {}
impl Remembered for Lot {}

impl Remembered for Twin {
    fn bytes(&self) -> usize {
        size_of::<Self>() + 256 + self.signals.len() * 128
    }
}

/// One unit, as the version describes it.
#[derive(Clone, Debug)]
pub(super) struct Twin {
    pub(super) serial: Option<String>,
    pub(super) part: Option<NamedNode>,
    pub(super) built_by: Option<NamedNode>,
    pub(super) site: Option<String>,
    /// From commissioning to retirement; open where the version does not state it.
    pub(super) life: Interval,
    /// Whether it is in service by itself where it was never installed anywhere.
    pub(super) independent: bool,
    /// Whether the version calls it an ASSET, a SYSTEM or a PROCESS.
    pub(super) works_alone: bool,
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
            twins: Memo::new(snapshot),
            lots: Memo::new(snapshot),
            parts: Memo::new(snapshot),
            kinds: Memo::new(snapshot),
            installations: Memo::new(snapshot),
            eras: Memo::new(snapshot),
            services: Memo::new(snapshot),
            members: Memo::new(snapshot),
            signals: Memo::new(snapshot),
            places: Memo::new(snapshot),
            failures: Memo::new(snapshot),
            modifications: Memo::new(snapshot),
            unique: Memo::new(snapshot),
        }
    }

    pub(super) fn twin(&self, twin: &NamedNode) -> Result<Arc<Twin>, Error> {
        self.twins.get(twin, || Ok(Twin::of(&Record::read(self.snapshot, twin)?, self.snapshot)))
    }

    pub(super) fn lot(&self, build: &NamedNode) -> Result<Arc<Lot>, Error> {
        self.lots.get(build, || {
            let record = Record::read(self.snapshot, build)?;
            let identifier = record.text(dcterms::IDENTIFIER).map(str::to_owned);
            Ok(Lot { identifier, realizes: record.target(tl::REALIZES) })
        })
    }

    /// Returns the part that a design revision is a revision of.
    pub(super) fn part_of(&self, revision: &NamedNode) -> Result<Option<NamedNode>, Error> {
        let part =
            self.parts.get(revision, || Ok(PartOf(self.snapshot.target(revision, tl::REVISION_OF)?)))?;
        Ok(part.0.clone())
    }

    /// Returns the quantity kind of a property.
    pub(super) fn quantity_kind(&self, property: &NamedNode) -> Result<Option<NamedNode>, Error> {
        let kind =
            self.kinds.get(property, || Ok(KindOf(self.snapshot.target(property, tl::QUANTITY_KIND)?)))?;
        Ok(kind.0.clone())
    }

    /// Returns where a component has been installed.
    pub(super) fn installations(&self, component: &NamedNode) -> Result<Arc<Vec<Installation>>, Error> {
        self.installations.get(component, || installation::of_component(self, component))
    }

    /// Returns the revisions that a unit has had, in time order.
    pub(super) fn eras(&self, twin: &NamedNode) -> Result<Arc<Vec<Era>>, Error> {
        self.eras.get(twin, || revision::eras(self, twin))
    }

    /// Returns when and where an item has been in service.
    pub(super) fn services(&self, item: &NamedNode) -> Result<Arc<Vec<Service>>, Error> {
        self.services.get(item, || service::services(self, item))
    }

    /// Returns the members for what is asked about, in order of item, place and time; not cut to any window.
    pub(super) fn members(&self, item: &NamedNode) -> Result<Arc<Vec<Member>>, Error> {
        self.members.get(item, || member::members(self, item))
    }

    /// Returns the signals that a twin or a design revision declares.
    pub(super) fn signals(&self, owner: &NamedNode) -> Result<Arc<Vec<Arc<Signal>>>, Error> {
        self.signals.get(owner, || Signal::of(self.snapshot, &self.snapshot.targets(owner, tl::SIGNAL)?))
    }

    /// Returns the signals of a twin, as its record lists them.
    pub(super) fn own_signals(&self, twin: &NamedNode) -> Result<Arc<Vec<Arc<Signal>>>, Error> {
        let known = self.twin(twin)?;
        self.signals.get(twin, || Signal::of(self.snapshot, &known.signals))
    }

    /// Hands over all signals of a twin: its own, and those of every design that it ever had.
    pub(super) fn each_signal(
        &self,
        twin: &NamedNode,
        mut take: impl FnMut(&Arc<Signal>),
    ) -> Result<(), Error> {
        self.own_signals(twin)?.iter().for_each(&mut take);
        for era in self.eras(twin)?.iter() {
            if let Some(revision) = &era.revision {
                self.signals(revision)?.iter().for_each(&mut take);
            }
        }
        Ok(())
    }

    /// Returns the places of a design revision.
    pub(super) fn places(&self, revision: &NamedNode) -> Result<Arc<Vec<thread::Place>>, Error> {
        self.places.get(revision, || Ok(thread::places(self.snapshot, revision)?))
    }

    /// Returns the failures of a twin.
    pub(super) fn failures(&self, twin: &NamedNode) -> Result<Arc<Vec<Failure>>, Error> {
        self.failures.get(twin, || Failure::of(self.snapshot, twin))
    }

    /// Returns all modifications, read together.
    pub(super) fn modifications(&self) -> Result<Arc<Modifications>, Error> {
        let all = tl::MODIFICATION.into_owned();
        self.modifications.get(&all, || Modifications::read(self.snapshot))
    }

    /// Returns whether no other twin bears the identifier of a twin.
    pub(super) fn is_unique(&self, twin: &NamedNode) -> Result<bool, Error> {
        let unique = self.unique.get(twin, || Ok(Unique(self.bears_alone(twin)?)))?;
        Ok(unique.0)
    }

    fn bears_alone(&self, twin: &NamedNode) -> Result<bool, Error> {
        let known = self.twin(twin)?;
        let Some(serial) = &known.serial else { return Ok(false) };
        for serial in value::names(serial) {
            let text = Literal::new_simple_literal(serial).into();
            for subject in self.snapshot.subjects(dcterms::IDENTIFIER, &text)? {
                if subject != *twin && thread::is_instance(self.snapshot, &subject, tl::TWIN_INSTANCE)? {
                    return Ok(false);
                }
            }
        }
        Ok(known.exists)
    }
}

impl Twin {
    fn of(record: &Record, snapshot: &Snapshot) -> Self {
        let text = |predicate| record.text(predicate).map(str::to_owned);
        let (from, to) = (record.instant(tl::COMMISSIONED_AT), record.instant(tl::RETIRED_AT));
        let level = record.text(tl::LEVEL);
        let component = level == Some("COMPONENT");
        Self {
            serial: text(dcterms::IDENTIFIER),
            part: record.target(tl::PART),
            built_by: record.target(tl::BUILT_BY),
            site: text(tl::SITE),
            life: spans::between(from, to).unwrap_or(Interval::ALWAYS),
            independent: !component || from.is_some(),
            works_alone: level.is_some() && !component,
            signals: record.targets(tl::SIGNAL),
            exists: record.is_a(snapshot.ontology(), tl::TWIN_INSTANCE),
        }
    }
}
