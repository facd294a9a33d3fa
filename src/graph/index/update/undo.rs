//! Taking a commit back out of the index: what no ref reaches any more costs nothing.
//!
//! Commits go newest first, so each is the last one of its lane when it goes: what it began was never, and what it ended
//! goes on.

use super::{DocumentDelta, Error, Here, OPEN, ROWS_HELD, Update, closed_key, rows};
use crate::graph::index::commits::Placed;

impl Update<'_> {
    /// Begins to take back a commit that is the last one of its lane.
    pub(crate) fn begin_undo(&mut self, placed: &Placed) -> Result<(), Error> {
        let (lane, ordinal, number) = (placed.lane, placed.ordinal, placed.number);
        self.here = Here { lane, ordinal, number, ..Here::default() };
        self.places.remove(placed)
    }

    /// Takes back what the begun commit did to one document, told against its first parent.
    pub(crate) fn undo_document(&mut self, document: &DocumentDelta) -> Result<(), Error> {
        let before = rows::of_document(&document.before, &mut self.dictionary)?;
        let after = rows::of_document(&document.after, &mut self.dictionary)?;
        for row in before.symmetric_difference(&after) {
            self.undo(row)?;
        }
        if self.held.len() > ROWS_HELD { self.flush() } else { Ok(()) }
    }

    fn undo(&mut self, key: &[u8]) -> Result<(), Error> {
        let (spans, here) = self.hold(key.to_vec(), true)?;
        spans.retain(|span| span.lane != here.lane || span.born < here.ordinal);
        let mut reopened = Vec::new();
        for span in spans.iter_mut().filter(|span| span.lane == here.lane && span.died != OPEN) {
            if span.died >= here.ordinal {
                reopened.push(closed_key(key, span));
                span.died = OPEN;
            }
        }
        for closed in reopened {
            self.dead.remove(closed.as_slice())?;
        }
        Ok(())
    }
}
