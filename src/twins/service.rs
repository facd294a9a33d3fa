//! When and where an item was in service: by itself, or inside others through any depth.

use super::error::Error;
use super::facts::Facts;
use super::spans::Span;
use crate::model::interval::Interval;
use crate::thread::bill::join;
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// A stretch of service in one place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Service {
    pub(super) within: Interval,
    pub(super) certain: bool,
    /// What it sat in, nearest first; empty for an item in service by itself.
    pub(super) seats: Arc<[Seat]>,
}

/// A unit that an item sat in, at any depth.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seat {
    pub(super) parent: NamedNode,
    /// The way from the unit down to the item; empty where no position is named.
    pub(super) position: String,
}

/// Nothing real is nested deeper.
const DEPTH_MAX: usize = 32;

/// Returns the service of an item, certain and uncertain, in the order of its installations.
pub(super) fn services(facts: &Facts<'_>, item: &NamedNode, depth: usize) -> Result<Vec<Service>, Error> {
    if depth > DEPTH_MAX {
        return Err(Error::Nesting(item.clone(), DEPTH_MAX));
    }
    let (twin, installations) = (facts.twin(item)?, facts.installations(item)?);
    if installations.is_empty() {
        let alone = twin.exists && twin.stands_alone;
        let own = Service { within: twin.life, certain: true, seats: Arc::new([]) };
        return Ok(if alone { vec![own] } else { Vec::new() });
    }
    let mut services = Vec::new();
    for installation in installations.iter() {
        let above = facts.services(&installation.parent, depth + 1)?;
        for (span, outer) in installation.spans.iter().flat_map(|span| above.iter().map(move |o| (span, o))) {
            let alive = span.within.intersect(twin.life);
            let Some(within) = alive.and_then(|alive| alive.intersect(outer.within)) else { continue };
            let Span { certain, .. } = *span;
            let seats = sit(&installation.parent, &installation.position, &outer.seats);
            services.push(Service { within, certain: certain && outer.certain, seats });
        }
    }
    Ok(services)
}

fn sit(parent: &NamedNode, position: &str, above: &[Seat]) -> Arc<[Seat]> {
    let own = Seat { parent: parent.clone(), position: position.to_owned() };
    let outer = above
        .iter()
        .map(|seat| Seat { parent: seat.parent.clone(), position: join(&seat.position, position) });
    std::iter::once(own).chain(outer).collect()
}
