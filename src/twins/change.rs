//! How much counters went up and how long states held: asked beside the aggregate, of the same pieces, where every
//! signal of the answer is of that kind.

use super::error::Error;
use super::signal::{Kind, Signal};
use crate::telemetry::{Increase, Piece, Plan, States, View};
use oxigraph::model::NamedNode;

/// What is asked of counters and states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// How much the counters went up.
    pub counters: bool,
    /// How long which state held.
    pub states: bool,
}

/// What was found, for each cell and slice.
#[derive(Debug, Default)]
pub(super) struct Changed {
    pub(super) increase: Option<Vec<Vec<Increase>>>,
    pub(super) states: Option<Vec<Vec<States>>>,
}

impl Changed {
    /// Asks the pieces of the answer itself, which are those of the plan's first `cells`.
    pub(super) fn read<'s>(
        asked: Changes,
        property: &NamedNode,
        mut signals: impl Iterator<Item = &'s Signal> + Clone,
        pieces: &[Piece],
        (plan, cells): (&Plan, usize),
        view: &View,
    ) -> Result<Self, Error> {
        let refuse = |kind: Kind, found: &Signal| Error::Kind {
            property: property.clone(),
            wanted: kind.name(),
            found: found.kind.name(),
        };
        let mut changed = Self::default();
        if asked == Changes::default() {
            return Ok(changed);
        }
        let own: Vec<Piece> = pieces.iter().filter(|piece| piece.cell < cells).cloned().collect();
        let plan = Plan { cells, ..plan.clone() };
        if asked.counters {
            let other = signals.clone().find(|signal| signal.kind != Kind::Counter);
            other.map_or(Ok(()), |signal| Err(refuse(Kind::Counter, signal)))?;
            changed.increase = Some(view.increase(&own, &plan)?);
        }
        if asked.states {
            let other = signals.find(|signal| signal.kind != Kind::State);
            other.map_or(Ok(()), |signal| Err(refuse(Kind::State, signal)))?;
            changed.states = Some(view.states(&own, &plan)?);
        }
        Ok(changed)
    }
}
