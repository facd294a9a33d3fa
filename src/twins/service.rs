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
pub(super) fn services(facts: &Facts<'_>, item: &NamedNode) -> Result<Vec<Service>, Error> {
    during(facts, item, Interval::ALWAYS, 0)
}

/// Returns what of the service of an item lies in a stretch. What it sat in is only asked about the time in which it sat there:
/// over all of time each of two units may have sat in the other.
fn during(facts: &Facts<'_>, item: &NamedNode, when: Interval, depth: usize) -> Result<Vec<Service>, Error> {
    if depth > DEPTH_MAX {
        return Err(Error::Nesting(item.clone(), DEPTH_MAX));
    }
    let (twin, installations) = (facts.twin(item)?, facts.installations(item)?);
    let Some(alive) = twin.life.intersect(when) else { return Ok(Vec::new()) };
    if installations.is_empty() {
        let alone = twin.exists && twin.stands_alone;
        let own = Service { within: alive, certain: true, seats: Arc::new([]) };
        return Ok(if alone { vec![own] } else { Vec::new() });
    }
    let mut services = Vec::new();
    for installation in installations.iter() {
        for Span { within, certain } in &installation.spans {
            let Some(sitting) = within.intersect(alive) else { continue };
            services.extend(during(facts, &installation.parent, sitting, depth + 1)?.into_iter().map(
                |outer| {
                    let seats = sit(&installation.parent, &installation.position, &outer.seats);
                    Service { within: outer.within, certain: *certain && outer.certain, seats }
                },
            ));
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
