//! Conditions on other series, asked instant by instant in time order.

use super::error::Error;
use super::mapping::Mapping;
use super::plan::Guard;
use super::sample::Sample;
use super::view::{View, last_arrivals};

/// The guards of a piece over a span.
pub(super) struct Gate<'a>(Vec<Watched<'a>>);

struct Watched<'a> {
    guard: &'a Guard,
    samples: Vec<Sample>,
    next: usize,
}

impl<'a> Gate<'a> {
    /// Reads what the guards need to know to answer within `[from, to)`.
    pub(super) fn open(view: &View, guards: &'a [Guard], from: i64, to: i64) -> Result<Self, Error> {
        let watch = |guard: &'a Guard| {
            let from = if guard.hold_ns > 0 { from.saturating_sub(guard.hold_ns) } else { 0 };
            let rows = view.rows(&*view.track(guard.series)?, from, to);
            Ok(Watched { guard, samples: last_arrivals(&rows).collect(), next: 0 })
        };
        guards.iter().map(watch).collect::<Result<_, _>>().map(Self)
    }

    /// Tells whether all guards hold; the instants asked for must not go back.
    pub(super) fn holds(&mut self, at: i64) -> bool {
        self.0.iter_mut().all(|watched| watched.holds(at))
    }
}

impl Watched<'_> {
    fn holds(&mut self, at: i64) -> bool {
        while self.samples.get(self.next).is_some_and(|sample| sample.at.nanos() <= at) {
            self.next += 1;
        }
        let Some(last) = self.next.checked_sub(1).and_then(|index| self.samples.get(index)) else {
            return false;
        };
        let guard = self.guard;
        let mapping = Mapping { conversion: guard.conversion, transform: guard.transform };
        let fresh = guard.hold_ns <= 0 || at - last.at.nanos() < guard.hold_ns;
        fresh && guard.comparator.holds(mapping.apply(last.value))
    }
}
