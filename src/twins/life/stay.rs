//! For which stay of an item a failure counts.

use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::twins::facts::failure::Failure;
use crate::twins::facts::member::Member;
use oxigraph::model::NamedNode;

/// Returns the unit of a member and all that it sits in.
pub(super) fn bearers(member: &Member) -> impl Iterator<Item = &NamedNode> {
    std::iter::once(member.unit()).chain(member.seats.iter().map(|seat| &seat.parent))
}

/// Returns whether a failure of a carrier names the place of the single items that it carries.
pub(super) fn names(failure: &Failure, member: &Member) -> bool {
    let place = member.seats.first().map_or("", |seat| &seat.position);
    !place.is_empty() && failure.position.as_deref() == Some(place)
}

/// Returns the stay that a failure counts for: the one that it ended or fell in, a certain one before one that is only
/// possible; else the one that began at that instant. A stay is its time and whether it is certain.
pub(super) fn stay_of<S: Copy>(stays: &[S], at: Instant, of: impl Fn(S) -> (Interval, bool)) -> Option<S> {
    let holds = |within: Interval| within.from() < at && at <= within.to();
    let find = |wanted: bool, lies: &dyn Fn(Interval) -> bool| {
        stays.iter().copied().find(|stay| {
            let (within, certain) = of(*stay);
            certain == wanted && lies(within)
        })
    };
    let begun = |within: Interval| within.contains(at);
    find(true, &holds)
        .or_else(|| find(false, &holds))
        .or_else(|| find(true, &begun))
        .or_else(|| find(false, &begun))
}
