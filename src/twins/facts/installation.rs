//! Where a component sat, and how certainly so.

use super::Facts;
use super::spans::Span;
use crate::model::time::bounds::Bounds;
use crate::model::time::interval::Interval;
use crate::ontology::terms::tl;
use crate::thread::Record;
use crate::twins::error::Error;
use oxigraph::model::NamedNode;

/// One installation of a component in a parent.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::twins) struct Installation {
    pub(in crate::twins) parent: NamedNode,
    /// The place in the parent; empty where the version names none.
    pub(in crate::twins) position: String,
    /// How many single items it is; 1 where the component is a unit of its own.
    pub(in crate::twins) quantity: f64,
    /// When, certain and uncertain times apart; disjoint.
    pub(in crate::twins) spans: Vec<Span>,
}

/// The statements of a version about an installation.
pub(in crate::twins) struct StatedInstallation {
    component: NamedNode,
    pub(in crate::twins) parent: NamedNode,
    pub(in crate::twins) position: String,
    quantity: f64,
    certain: Option<Interval>,
    pub(in crate::twins) possible: Option<Interval>,
}

impl StatedInstallation {
    pub(in crate::twins) fn read(facts: &Facts<'_>, installation: &NamedNode) -> Result<Option<Self>, Error> {
        let record = Record::read(facts.snapshot, installation)?;
        let (Some(component), Some(parent)) = (record.target(tl::COMPONENT), record.target(tl::PARENT))
        else {
            return Ok(None);
        };
        let position = record.text(tl::POSITION).unwrap_or("").to_owned();
        let bounds = Bounds {
            from: record.instant(tl::FROM),
            to: record.instant(tl::TO),
            from_earliest: record.instant(tl::FROM_EARLIEST),
            to_latest: record.instant(tl::TO_LATEST),
        };
        let (certain, possible) = (bounds.certain(), bounds.possible());
        let quantity = record.number(tl::QUANTITY).unwrap_or(1.0);
        Ok(Some(Self { component, parent, position, quantity, certain, possible }))
    }
}

/// Returns the installations of a component, in the order of their names.
pub(super) fn of_component(facts: &Facts<'_>, component: &NamedNode) -> Result<Vec<Installation>, Error> {
    let mut all = Vec::new();
    for installation in facts.snapshot.subjects(tl::COMPONENT, &component.clone().into())? {
        all.extend(StatedInstallation::read(facts, &installation)?);
    }
    let elsewhere: Vec<Interval> = all.iter().filter_map(|stated| stated.certain).collect();
    all.iter().map(|stated| settle(facts, stated, &elsewhere)).collect()
}

/// Separates certain from uncertain times. A unit is not where it may have been while it certainly sat elsewhere.
fn settle(
    facts: &Facts<'_>,
    stated: &StatedInstallation,
    elsewhere: &[Interval],
) -> Result<Installation, Error> {
    let mut spans: Vec<Span> =
        stated.certain.into_iter().map(|within| Span { within, certain: true }).collect();
    let is_twin = facts.twin(&stated.component)?.exists;
    if stated.possible != stated.certain
        && let Some(possible) = stated.possible
    {
        let mut taken: Vec<Interval> = stated.certain.into_iter().collect();
        if is_twin {
            taken.extend(elsewhere);
        }
        taken.extend(others_there(facts, stated)?);
        spans.extend(possible.without(&taken).into_iter().map(|within| Span { within, certain: false }));
    }
    let quantity = if is_twin { 1.0 } else { stated.quantity };
    Ok(Installation { parent: stated.parent.clone(), position: stated.position.clone(), quantity, spans })
}

/// Returns when others certainly filled the same place, where it holds one at a time.
fn others_there(facts: &Facts<'_>, stated: &StatedInstallation) -> Result<Vec<Interval>, Error> {
    if stated.position.is_empty() || !holds_one(facts, stated)? {
        return Ok(Vec::new());
    }
    let mut taken = Vec::new();
    for installation in facts.snapshot.subjects(tl::PARENT, &stated.parent.clone().into())? {
        let Some(other) = StatedInstallation::read(facts, &installation)? else { continue };
        if other.position == stated.position && other.component != stated.component {
            taken.extend(other.certain);
        }
    }
    Ok(taken)
}

fn holds_one(facts: &Facts<'_>, stated: &StatedInstallation) -> Result<bool, Error> {
    for era in facts.eras(&stated.parent)?.iter() {
        let Some(revision) = &era.revision else { continue };
        let places = facts.places(revision)?;
        let place = places.iter().find(|place| place.position.as_deref() == Some(&stated.position));
        if place.is_some_and(|place| place.quantity > 1.0) {
            return Ok(false);
        }
    }
    Ok(true)
}
