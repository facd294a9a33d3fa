//! What commits do to a row, replayed on its lifespans: it begins or ends at a place of the history.

use crate::graph::index::commits::Placed;
use crate::graph::index::error::Error;
use crate::graph::index::format::Bytes;
use crate::graph::index::rows::closed::{self, Edits};
use crate::graph::index::rows::key;
use crate::graph::index::rows::lifespan::{Lifespan, Lineage, OPEN, read_open, visible, write_open};
use crate::graph::index::rows::time_bucket::Places;
use crate::graph::index::storage::packed::Changes;
use crate::graph::index::terms::dictionary::Dictionary;
use redb::ReadableTable;
use std::collections::HashSet;

/// A row begins or ends at a step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event<R> {
    pub(crate) row: R,
    pub(crate) step: u32,
    pub(crate) begins: bool,
}

/// The place that rows begin and end at.
#[derive(Debug, Default)]
pub(crate) struct Here {
    pub(crate) lane: u32,
    pub(crate) ordinal: u32,
    pub(crate) number: u32,
    /// The way down from the first parent's lane, without this lane.
    pub(crate) below: Lineage,
    /// The way down from the second parent, where the commit merges.
    pub(crate) merged: Option<Lineage>,
    /// Whether the commit, the last one of its lane, is taken back.
    pub(crate) is_undone: bool,
    /// The places at which what `live` does not have of a row decides what becomes of it here.
    places: Places,
}

impl Here {
    /// A commit is taken in.
    pub(crate) fn taken_in(
        placed: &Placed,
        below: Lineage,
        merged: Option<Lineage>,
        sides: &HashSet<u32>,
    ) -> Self {
        let Placed { lane, ordinal, number, .. } = *placed;
        let closed: Vec<_> = below.iter().chain(merged.iter().flatten()).copied().collect();
        let mut open = closed.clone();
        open.push((lane, ordinal.saturating_sub(1)));
        open.retain(|(lane, _)| sides.contains(lane));
        let places = Places::new(&closed, &open);
        Self { lane, ordinal, number, below, merged, is_undone: false, places }
    }

    /// A commit, the last one of its lane, is taken back.
    pub(crate) fn taken_back(placed: &Placed, sides: &HashSet<u32>) -> Self {
        let Placed { lane, ordinal, number, .. } = *placed;
        let last = (lane, ordinal.saturating_sub(1));
        let open: &[_] = if sides.contains(&lane) { &[last, (lane, ordinal)] } else { &[] };
        let places = Places::new(&[last], open);
        Self { lane, ordinal, number, is_undone: true, places, ..Self::default() }
    }

    fn apply(&self, begins: bool, spans: &mut Vec<Lifespan>) {
        match (self.is_undone, begins) {
            (true, _) => self.undo(spans),
            (false, true) => self.begin(spans),
            (false, false) => self.end(spans),
        }
    }

    fn begin(&self, spans: &mut Vec<Lifespan>) {
        let origin = self.merged.as_ref().and_then(|way| visible(spans, way)).unwrap_or(self.number);
        self.close(spans, true);
        spans.push(Lifespan { lane: self.lane, tombstone: false, born: self.ordinal, died: OPEN, origin });
    }

    fn end(&self, spans: &mut Vec<Lifespan>) {
        self.close(spans, false);
        if visible(spans, &self.below).is_some() {
            let (lane, born, origin) = (self.lane, self.ordinal, self.number);
            spans.push(Lifespan { lane, tombstone: true, born, died: OPEN, origin });
        }
    }

    /// What began here was never, and what ended here goes on.
    fn undo(&self, spans: &mut Vec<Lifespan>) {
        spans.retain(|span| span.lane != self.lane || span.born < self.ordinal);
        for span in spans.iter_mut().filter(|span| span.lane == self.lane && span.died != OPEN) {
            if span.died >= self.ordinal {
                span.died = OPEN;
            }
        }
    }

    /// Ends this lane's open lifespan of the kind, where there is one.
    fn close(&self, spans: &mut [Lifespan], tombstone: bool) {
        for span in spans {
            if span.lane == self.lane && span.died == OPEN && span.tombstone == tombstone {
                span.died = self.ordinal;
            }
        }
    }
}

/// Returns whether `live` has a lifespan: an open one of a main lane. An open one of a lane that no step is on or reads was read there.
fn is_live(span: &Lifespan, sides: &HashSet<u32>) -> bool {
    span.died == OPEN && !sides.contains(&span.lane)
}

/// Events, sorted by row and then by time, as changes of the live rows.
pub(crate) struct Replay<'a, R, W, T> {
    left: &'a [Event<R>],
    steps: &'a [Vec<Here>],
    /// The side lanes that the steps are on or read.
    sides: &'a HashSet<u32>,
    by_lane: &'a T,
    dictionary: &'a Dictionary<'a>,
    write_key: W,
    key: Vec<u8>,
    spans: Vec<Lifespan>,
    /// The row's lifespans that `live` did not have before, as far as they matter.
    past: Vec<Lifespan>,
    /// What changes in the table of lifespans by lane.
    pub(crate) by_lane_edits: Edits,
}

impl<'a, R, W, T> Replay<'a, R, W, T>
where
    R: PartialEq,
    W: Fn(&R, &mut Vec<u8>),
    T: ReadableTable<Bytes, Bytes>,
{
    pub(crate) fn new(
        events: &'a [Event<R>],
        steps: &'a [Vec<Here>],
        sides: &'a HashSet<u32>,
        by_lane: &'a T,
        dictionary: &'a Dictionary<'a>,
        write_key: W,
    ) -> Self {
        let mut replay = Self {
            left: events,
            steps,
            sides,
            by_lane,
            dictionary,
            write_key,
            key: Vec::new(),
            spans: Vec::new(),
            past: Vec::new(),
            by_lane_edits: Edits::default(),
        };
        replay.write_next_key();
        replay
    }

    fn write_next_key(&mut self) {
        self.key.clear();
        if let Some(next) = self.left.first() {
            (self.write_key)(&next.row, &mut self.key);
        }
    }

    /// Reads what `live` does not have of the row before this update, where one of the steps depends on it.
    fn read_past(&mut self, events: &[Event<R>]) -> Result<(), Error> {
        self.past.clear();
        let heres = || events.iter().flat_map(|event| &self.steps[event.step as usize]);
        // A row with a term that came up since the last writing has no past.
        if heres().all(|here| here.places.is_empty())
            || key::holds(&self.key, |id| self.dictionary.is_new(id))?
        {
            return Ok(());
        }
        for here in heres() {
            closed::of_row(self.by_lane, &self.key, &here.places, &mut self.past)?;
        }
        let place = |span: &Lifespan| (span.lane, span.born);
        self.past.sort_unstable_by_key(place);
        self.past.dedup_by_key(|span| place(span));
        Ok(())
    }

    /// Notes which lifespans come into the table of lifespans by lane, or go.
    fn note_by_lane(&mut self) -> Result<(), Error> {
        let comes = |span: &&Lifespan| !is_live(span, self.sides) && !self.past.contains(span);
        for span in self.spans.iter().filter(comes) {
            self.by_lane_edits.note(&self.key, *span, true)?;
        }
        for span in self.past.iter().filter(|span| !self.spans.contains(span)) {
            self.by_lane_edits.note(&self.key, *span, false)?;
        }
        Ok(())
    }
}

impl<R, W, T> Changes for Replay<'_, R, W, T>
where
    R: PartialEq,
    W: Fn(&R, &mut Vec<u8>),
    T: ReadableTable<Bytes, Bytes>,
{
    fn key(&self) -> Option<&[u8]> {
        (!self.left.is_empty()).then_some(self.key.as_slice())
    }

    fn apply(&mut self, was: Option<&[u8]>, into: &mut Vec<u8>) -> Result<bool, Error> {
        let here = self.left.iter().take_while(|event| event.row == self.left[0].row).count();
        let (events, left) = self.left.split_at(here);
        self.read_past(events)?;
        self.spans.clear();
        self.spans.extend_from_slice(&self.past);
        if let Some(open) = was {
            read_open(open, &mut self.spans)?;
        }
        for event in events {
            for here in &self.steps[event.step as usize] {
                here.apply(event.begins, &mut self.spans);
            }
        }
        self.note_by_lane()?;
        self.spans.retain(|span| is_live(span, self.sides));
        write_open(&self.spans, into);
        self.left = left;
        self.write_next_key();
        Ok(!self.spans.is_empty())
    }
}
