//! The design context of series: of which part, revision, lot and serial, and at which site, a series reported, and when.
//!
//! A series reports of the item that its signal observes: the unit that sends, or what certainly is at the signal's position in it. A series
//! that no signal names reports of its unit. Where that is unknown, or two items are at one position, there is no context.

use crate::graph::Snapshot;
use crate::model::time::interval::Interval;
use crate::ontology::terms::{dcterms, tl};
use crate::telemetry::{Series, SeriesId, View};
use crate::twins::binding::readings::{Channel, channels_of_each, twin_named};
use crate::twins::error::Error;
use crate::twins::facts::Facts;
use oxigraph::model::{NamedNode, NamedNodeRef};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

/// Of what a series reported in a stretch of time; `None` where the version does not state it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// The identifier of the part.
    pub part: Option<String>,
    /// The revision, as the part's records write it.
    pub revision: Option<String>,
    /// The identifier of the lot.
    pub lot: Option<String>,
    /// The serial.
    pub serial: Option<String>,
    /// The site of the asset.
    pub site: Option<String>,
}

/// The contexts of a series, and when they hold.
pub type SeriesContexts = Vec<(Interval, Context)>;

/// The units whose configuration cannot be read, by their names, and why.
pub type ContextFaults = BTreeMap<String, Error>;

/// Returns for each series its contexts and when they hold: disjoint, in time order; and the units whose configuration contradicts itself, whose
/// series have no context.
pub fn series_contexts(
    snapshot: &Snapshot,
    view: &View,
    series: &[Series],
) -> Result<(Vec<SeriesContexts>, ContextFaults), Error> {
    let mut units: HashMap<&str, Option<NamedNode>> = HashMap::new();
    for name in series.iter().map(|series| series.twin.as_str()) {
        if !units.contains_key(name) {
            units.insert(name, twin_named(snapshot, name)?);
        }
    }
    let twins: Vec<NamedNode> =
        units.values().flatten().cloned().collect::<BTreeSet<_>>().into_iter().collect();
    let (channels, mut faulty) = channels(snapshot, view, &twins)?;
    let mut places: HashMap<SeriesId, Vec<Placed>> = HashMap::new();
    for channel in channels {
        let placed = Placed { within: channel.within, position: channel.signal.position.clone() };
        places.entry(channel.series).or_default().push(placed);
    }
    let facts = Facts::new(snapshot);
    let finder = Finder { facts: &facts, known: RefCell::default() };
    let (mut all, mut faults) = (Vec::with_capacity(series.len()), ContextFaults::new());
    for series in series {
        let contexts = match &units[series.twin.as_str()] {
            Some(unit) if faulty.contains_key(unit) || faults.contains_key(&series.twin) => Ok(Vec::new()),
            Some(unit) => finder.contexts(unit, places.get(&series.id).map_or(&[], Vec::as_slice)),
            None => Ok(Vec::new()),
        };
        all.push(contexts.or_else(|error| {
            faults.insert(series.twin.clone(), of_unit(error)?);
            Ok::<_, Error>(Vec::new())
        })?);
    }
    for (name, unit) in &units {
        let error = unit.as_ref().and_then(|unit| faulty.remove(unit));
        faults.extend(error.map(|error| ((*name).to_owned(), error)));
    }
    Ok((all, faults))
}

/// Returns the channels of units; where one of them contradicts itself each by itself, and which do.
fn channels(
    snapshot: &Snapshot,
    view: &View,
    twins: &[NamedNode],
) -> Result<(Vec<Channel>, BTreeMap<NamedNode, Error>), Error> {
    let of = |twins: &[NamedNode]| channels_of_each(snapshot, view, twins, Interval::ALWAYS);
    let mut faulty = BTreeMap::new();
    match of(twins).map_err(of_unit) {
        Ok(found) => return Ok((found.into_iter().flatten().collect(), faulty)),
        Err(Err(error)) => return Err(error),
        Err(Ok(_)) => {}
    }
    let mut channels = Vec::new();
    for twin in twins {
        match of(std::slice::from_ref(twin)) {
            Ok(found) => channels.extend(found.into_iter().flatten()),
            Err(error) => _ = faulty.insert(twin.clone(), of_unit(error)?),
        }
    }
    Ok((channels, faulty))
}

/// Returns an error that is of one unit alone; others are of the whole question.
fn of_unit(error: Error) -> Result<Error, Error> {
    if matches!(error, Error::Nesting(..)) { Ok(error) } else { Err(error) }
}

/// When a series observed which position of its unit; `None`: the unit itself.
struct Placed {
    within: Interval,
    position: Option<String>,
}

type Contexts = Rc<Vec<(Interval, Context)>>;

struct Finder<'a> {
    facts: &'a Facts<'a>,
    /// The contexts of the items at a position of a unit, over all of time.
    known: RefCell<HashMap<(NamedNode, Option<String>), Contexts>>,
}

impl Finder<'_> {
    fn contexts(&self, unit: &NamedNode, places: &[Placed]) -> Result<Vec<(Interval, Context)>, Error> {
        if places.is_empty() {
            return Ok(self.at(unit, None)?.to_vec());
        }
        let mut found = Vec::new();
        for (index, place) in places.iter().enumerate() {
            // What is claimed for two positions at once is of neither; two signals of one position are of the same items.
            let others = places.iter().enumerate().filter(|(other, placed)| {
                *other != index && (placed.position != place.position || *other < index)
            });
            let others: Vec<Interval> = others.map(|(_, placed)| placed.within).collect();
            for span in place.within.without(&others) {
                let contexts = self.at(unit, place.position.as_deref())?;
                found.extend(
                    contexts
                        .iter()
                        .filter_map(|(within, context)| Some((within.intersect(span)?, context.clone()))),
                );
            }
        }
        found.sort_by_key(|(within, _)| *within);
        Ok(found)
    }

    /// Returns the contexts of what is at a position of a unit, or of the unit itself.
    fn at(&self, unit: &NamedNode, position: Option<&str>) -> Result<Contexts, Error> {
        let key = (unit.clone(), position.map(str::to_owned));
        if let Some(known) = self.known.borrow().get(&key) {
            return Ok(Rc::clone(known));
        }
        let items = match position {
            None => vec![(unit.clone(), Interval::ALWAYS)],
            Some(position) => self.seated(unit, position)?,
        };
        let sites = self.sites(unit)?;
        let mut found = Vec::new();
        for (item, within) in items {
            for (era, context) in self.identities(&item)? {
                for (there, site) in &sites {
                    let within = within.intersect(era).and_then(|within| within.intersect(*there));
                    found.extend(
                        within.map(|within| (within, Context { site: site.clone(), ..context.clone() })),
                    );
                }
            }
        }
        found.sort_by_key(|(within, _)| *within);
        let found = Rc::new(found);
        self.known.borrow_mut().insert(key, Rc::clone(&found));
        Ok(found)
    }

    /// Returns what certainly is at a position of a unit, at any depth, while nothing else is.
    fn seated(&self, unit: &NamedNode, position: &str) -> Result<Vec<(NamedNode, Interval)>, Error> {
        let (mut seen, mut open) = (HashSet::new(), vec![unit.clone()]);
        let mut seated = Vec::new();
        while let Some(parent) = open.pop() {
            for installation in self.facts.snapshot.subjects(tl::PARENT, &parent.into())? {
                for item in self.facts.snapshot.targets(&installation, tl::COMPONENT)? {
                    if !seen.insert(item.clone()) {
                        continue;
                    }
                    for service in self.facts.services(&item)?.iter().filter(|service| service.certain) {
                        if service.seats.iter().any(|seat| seat.parent == *unit && seat.position == position)
                        {
                            seated.push((item.clone(), service.within));
                        }
                    }
                    open.push(item);
                }
            }
        }
        let alone = seated.iter().flat_map(|(item, within)| {
            let others: Vec<Interval> =
                seated.iter().filter(|(other, _)| other != item).map(|(_, within)| *within).collect();
            within.without(&others).into_iter().map(|within| (item.clone(), within))
        });
        Ok(alone.collect())
    }

    /// Returns what an item is: a unit has one revision after the other, a lot and software have one.
    fn identities(&self, item: &NamedNode) -> Result<Vec<(Interval, Context)>, Error> {
        let twin = self.facts.twin(item)?;
        if !twin.exists {
            let lot = self.facts.lot(item)?;
            let is_lot = crate::thread::is_instance(self.facts.snapshot, item, tl::BUILD)?;
            let revision = if is_lot { lot.realizes.clone() } else { Some(item.clone()) };
            let lot = if is_lot { Some(self.label(item, dcterms::IDENTIFIER)?) } else { None };
            let context = Context { lot, ..self.of_revision(revision.as_ref(), None)? };
            return Ok(vec![(Interval::ALWAYS, context)]);
        }
        let lot = twin.built_by.as_ref().map(|lot| self.label(lot, dcterms::IDENTIFIER)).transpose()?;
        let mut found = Vec::new();
        for era in self.facts.eras(item)?.iter() {
            let of_revision = self.of_revision(era.revision.as_ref(), twin.part.as_ref())?;
            found
                .push((era.within, Context { lot: lot.clone(), serial: twin.serial.clone(), ..of_revision }));
        }
        Ok(found)
    }

    fn of_revision(&self, revision: Option<&NamedNode>, part: Option<&NamedNode>) -> Result<Context, Error> {
        let part = match (part, revision) {
            (None, Some(revision)) => self.facts.part_of(revision)?,
            (part, _) => part.cloned(),
        };
        Ok(Context {
            part: part.map(|part| self.label(&part, dcterms::IDENTIFIER)).transpose()?,
            revision: revision.map(|revision| self.label(revision, tl::REVISION)).transpose()?,
            ..Context::default()
        })
    }

    /// Returns the sites of the asset that a unit is in, over all of time; its own where it is in none.
    fn sites(&self, unit: &NamedNode) -> Result<Vec<(Interval, Option<String>)>, Error> {
        let own = self.facts.twin(unit)?.site.clone();
        let mut sites = Vec::new();
        for service in self.facts.services(unit)?.iter().filter(|service| service.certain) {
            if let Some(asset) = service.seats.last() {
                sites.push((
                    service.within,
                    self.facts.twin(&asset.parent)?.site.clone().or_else(|| own.clone()),
                ));
            }
        }
        let seated: Vec<Interval> = sites.iter().map(|(within, _)| *within).collect();
        sites.extend(Interval::ALWAYS.without(&seated).into_iter().map(|within| (within, own.clone())));
        Ok(sites)
    }

    /// Returns a text of a resource, or its short name where it has none.
    fn label(&self, of: &NamedNode, predicate: NamedNodeRef<'_>) -> Result<String, Error> {
        let text = self.facts.snapshot.text(of, predicate)?;
        Ok(text.unwrap_or_else(|| self.facts.snapshot.shorten(of)))
    }
}
