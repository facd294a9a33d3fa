//! How much counters increased and how long states lasted: asked beside the aggregate, of the same pieces, where every
//! signal of the answer is of that kind.

use crate::telemetry::{self, Increase, Piece, Plan, States, View};
use crate::twins::error::Error;
use crate::twins::facts::signal::{Signal, SignalKind};
use oxigraph::model::NamedNode;

/// What is asked of counters and states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// How much the counters went up.
    pub counters: bool,
    /// How long each state lasted.
    pub states: bool,
}

/// What is asked of the changes of one question, of which kind of signals.
pub(in crate::twins) struct ChangeQuestion<'a> {
    pub(in crate::twins) changes: Changes,
    pub(in crate::twins) property: &'a NamedNode,
    pub(in crate::twins) signals: Vec<&'a Signal>,
    /// Those of the answer itself, which are those of the first `cells`.
    pub(in crate::twins) pieces: &'a [Piece],
    pub(in crate::twins) cells: usize,
}

/// What was found, for each cell and slice.
#[derive(Debug, Default)]
pub(in crate::twins) struct Changed {
    pub(in crate::twins) increase: Option<Vec<Vec<Increase>>>,
    pub(in crate::twins) states: Option<Vec<Vec<States>>>,
}

impl Changed {
    /// Reads what is asked of some questions, which are cut by the buckets of one plan: their counters together, and their states.
    pub(super) fn read_all(
        asked: &[ChangeQuestion<'_>],
        plan: &Plan,
        view: &View,
    ) -> Result<Vec<Self>, Error> {
        let counters = |asked: &ChangeQuestion<'_>| asked.changes.counters;
        let increases = together(asked, SignalKind::Counter, counters, |pieces, cells| {
            view.increase(pieces, &Plan { cells, ..plan.clone() })
        })?;
        let states = together(
            asked,
            SignalKind::State,
            |asked| asked.changes.states,
            |pieces, cells| view.states(pieces, &Plan { cells, ..plan.clone() }),
        )?;
        let both = increases.into_iter().zip(states);
        Ok(both.map(|(increase, states)| Self { increase, states }).collect())
    }
}

/// Asks once for the pieces of all that want an answer, and hands each the cells of its own.
fn together<T>(
    asked: &[ChangeQuestion<'_>],
    kind: SignalKind,
    wants: impl Fn(&ChangeQuestion<'_>) -> bool,
    ask: impl FnOnce(&[Piece], usize) -> Result<Vec<T>, telemetry::Error>,
) -> Result<Vec<Option<Vec<T>>>, Error> {
    let (mut pieces, mut cells) = (Vec::new(), 0);
    for asked in asked.iter().filter(|asked| wants(asked)) {
        asked.must_be(kind)?;
        let own = asked.pieces.iter().filter(|piece| piece.cell < asked.cells);
        pieces.extend(own.map(|piece| Piece { cell: piece.cell + cells, ..piece.clone() }));
        cells += asked.cells;
    }
    if cells == 0 {
        return Ok(asked.iter().map(|asked| wants(asked).then(Vec::new)).collect());
    }
    let mut found = ask(&pieces, cells)?.into_iter();
    Ok(asked.iter().map(|asked| wants(asked).then(|| found.by_ref().take(asked.cells).collect())).collect())
}

impl ChangeQuestion<'_> {
    /// Refuses signals of another kind.
    fn must_be(&self, kind: SignalKind) -> Result<(), Error> {
        match self.signals.iter().find(|signal| signal.kind != kind) {
            None => Ok(()),
            Some(other) => Err(Error::Kind {
                property: self.property.clone(),
                wanted: kind.name(),
                found: other.kind.name(),
            }),
        }
    }
}
