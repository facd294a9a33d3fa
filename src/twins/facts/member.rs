//! Members: items in service as what is asked about, one stretch in one place with one revision each.

use super::Facts;
use super::candidate::{self, ItemKind};
use super::service::Seat;
use crate::model::time::interval::Interval;
use crate::twins::error::Error;
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// A stretch of service of one item in one place with one revision.
#[derive(Clone, Debug)]
pub(in crate::twins) struct Member {
    pub(in crate::twins) item: NamedNode,
    pub(in crate::twins) kind: ItemKind,
    pub(in crate::twins) within: Interval,
    pub(in crate::twins) certain: bool,
    /// Whether the version states where it was.
    pub(in crate::twins) placed: bool,
    /// How many single items it is.
    pub(in crate::twins) quantity: f64,
    pub(in crate::twins) seats: Arc<[Seat]>,
    pub(in crate::twins) revision: Option<NamedNode>,
}

impl Member {
    /// Returns whether the item is a unit of its own.
    pub(in crate::twins) fn is_twin(&self) -> bool {
        self.kind == ItemKind::Twin
    }

    /// Returns the top-most unit: the item itself where it sits in nothing.
    pub(in crate::twins) fn asset(&self) -> &NamedNode {
        self.seats.last().map_or(&self.item, |seat| &seat.parent)
    }

    /// Returns the unit that the stretch counts for: the item, or the unit that carries it where it is no unit itself.
    pub(in crate::twins) fn unit(&self) -> &NamedNode {
        match (self.kind, self.seats.first()) {
            (ItemKind::Lot | ItemKind::Software, Some(seat)) => &seat.parent,
            _ => &self.item,
        }
    }

    /// Returns the way from the asset down to the item; empty for the asset itself.
    pub(in crate::twins) fn path(&self) -> &str {
        self.seats.last().map_or("", |seat| &seat.position)
    }

    /// Returns the lot of the item.
    pub(in crate::twins) fn lot(&self, facts: &Facts<'_>) -> Result<Option<NamedNode>, Error> {
        Ok(match self.kind {
            ItemKind::Twin => facts.twin(&self.item)?.built_by.clone(),
            ItemKind::Lot => Some(self.item.clone()),
            ItemKind::Software => None,
        })
    }
}

/// Returns the members for what is asked about, in order of item, place and time; not cut to any window.
pub(in crate::twins) fn members(facts: &Facts<'_>, asked: &NamedNode) -> Result<Vec<Member>, Error> {
    let mut members = Vec::new();
    for candidate in candidate::candidates(facts, asked)? {
        for service in facts.services(&candidate.item)?.iter() {
            for tenure in &candidate.tenures {
                let Some(within) = service.within.intersect(tenure.span.within) else { continue };
                members.push(Member {
                    item: candidate.item.clone(),
                    kind: candidate.kind,
                    within,
                    certain: service.certain && tenure.span.certain,
                    placed: service.placed,
                    quantity: service.quantity,
                    seats: Arc::clone(&service.seats),
                    revision: tenure.revision.clone(),
                });
            }
        }
    }
    members.sort_by(|a, b| order(a).cmp(&order(b)));
    Ok(members)
}

fn order(member: &Member) -> (&str, Interval, &str, &str, bool) {
    (member.item.as_str(), member.within, member.asset().as_str(), member.path(), !member.certain)
}
