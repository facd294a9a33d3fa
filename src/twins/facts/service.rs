//! When and where an item was in service: by itself, or inside others through any depth.
//!
//! An item that was never installed is in service by itself all its life, unless it is a component without a date of
//! commissioning. Of one that was installed at some time, the rest of its life is decided by what the version states of it:
//!
//! - Before the first installation, from its commissioning on, it was in service: an ASSET, SYSTEM or PROCESS by itself, any other
//!   unit where nobody knows. Without that date it is unknown whether an ASSET, SYSTEM or PROCESS was in service; of any other
//!   unit the first installation is the beginning.
//! - An installation that ends is a removal: until the next one the unit is not in service, as a spare on the shelf.
//! - After the last removal an ASSET, SYSTEM or PROCESS that is not retired may go on by itself: its hours are unknown. Any other unit
//!   is out of service.

use super::installation::Installation;
use super::spans::{self, Span};
use super::{Facts, Twin};
use crate::model::time::interval::Interval;
use crate::thread::bill::join;
use crate::twins::error::Error;
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// A stretch of service in one place.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::twins) struct Service {
    pub(in crate::twins) within: Interval,
    pub(in crate::twins) certain: bool,
    /// Whether the version states where: in [`Self::seats`], or by itself.
    pub(in crate::twins) placed: bool,
    /// How many single items it is: those of a lot that is installed together.
    pub(in crate::twins) quantity: f64,
    /// What it sat in, nearest first; empty for an item in service by itself, or nobody knows where.
    pub(in crate::twins) seats: Arc<[Seat]>,
}

/// A unit that an item sat in, at any depth.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::twins) struct Seat {
    pub(in crate::twins) parent: NamedNode,
    /// The way from the unit down to the item; empty where no position is named.
    pub(in crate::twins) position: String,
}

/// Nothing real is nested deeper.
const DEPTH_MAX: usize = 32;

/// Returns the service of an item, certain and uncertain, in the order of its installations.
pub(in crate::twins) fn services(facts: &Facts<'_>, item: &NamedNode) -> Result<Vec<Service>, Error> {
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
        let alone = twin.exists && twin.independent;
        return Ok(if alone { vec![Service::alone(alive, true)] } else { Vec::new() });
    }
    let mut services = Vec::new();
    if twin.exists {
        let outside = outside(&twin, &installations).into_iter();
        services.extend(
            outside
                .filter_map(|service| Some(Service { within: service.within.intersect(alive)?, ..service })),
        );
    }
    for installation in installations.iter() {
        for Span { within, certain } in &installation.spans {
            let Some(sitting) = within.intersect(alive) else { continue };
            services.extend(during(facts, &installation.parent, sitting, depth + 1)?.into_iter().map(
                |outer| {
                    let seats = sit(&installation.parent, &installation.position, &outer.seats);
                    Service {
                        within: outer.within,
                        certain: *certain && outer.certain,
                        placed: true,
                        quantity: installation.quantity,
                        seats,
                    }
                },
            ));
        }
    }
    Ok(services)
}

impl Service {
    /// Makes a stretch outside all others: of service by itself, or of hours of which nobody knows.
    fn alone(within: Interval, certain: bool) -> Self {
        Self { within, certain, placed: certain, quantity: 1.0, seats: Arc::new([]) }
    }
}

/// Returns the service of a unit before its first installation and after its last one.
fn outside(twin: &Twin, installations: &[Installation]) -> Vec<Service> {
    let spans = || installations.iter().flat_map(|installation| &installation.spans);
    let (Some(first), Some(last)) =
        (spans().map(|span| span.within.from()).min(), spans().map(|span| span.within.to()).max())
    else {
        return Vec::new();
    };
    let commissioned = spans::start(twin.life).is_some();
    let before = spans::between(None, Some(first)).filter(|_| commissioned || twin.works_alone);
    let before = before.map(|within| Service::alone(within, commissioned && twin.works_alone));
    let after = spans::between(Some(last), None).filter(|_| twin.works_alone);
    let after = after.map(|within| Service::alone(within, false));
    before.into_iter().chain(after).collect()
}

fn sit(parent: &NamedNode, position: &str, above: &[Seat]) -> Arc<[Seat]> {
    let own = Seat { parent: parent.clone(), position: position.to_owned() };
    let outer = above
        .iter()
        .map(|seat| Seat { parent: seat.parent.clone(), position: join(&seat.position, position) });
    std::iter::once(own).chain(outer).collect()
}
