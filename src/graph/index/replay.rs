//! What commits do to a row, replayed on its lifespans: it begins or ends at a place of the history.

use super::lifespan::{
    Lifespan, Lineage, OPEN, closed_key, read_closed, read_open, visible, write_closed, write_open,
};
use super::packed::{Changes, Cursor, Direction};
use super::terms::Dictionary;
use super::{Bytes, Error, rows};
use redb::ReadableTable;

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
}

impl Here {
    /// Tells whether the past of a row can decide what becomes of it here.
    fn asks_the_past(&self) -> bool {
        !self.below.is_empty() || self.merged.is_some() || self.is_undone
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

/// Events, sorted by row and then by time, as changes of the live rows.
pub(crate) struct Replay<'a, R, W, T> {
    left: &'a [Event<R>],
    steps: &'a [Vec<Here>],
    dead: &'a T,
    dictionary: &'a Dictionary<'a>,
    write_key: W,
    key: Vec<u8>,
    spans: Vec<Lifespan>,
    /// The row's lifespans that had ended before.
    past: Vec<Lifespan>,
    /// What changes in the table of dead rows: lifespans that ended, and with `None` such as go on again.
    pub(crate) ended: Vec<(Vec<u8>, Option<Vec<u8>>)>,
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
        dead: &'a T,
        dictionary: &'a Dictionary<'a>,
        write_key: W,
    ) -> Self {
        let (key, spans, past, ended) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut replay = Self { left: events, steps, dead, dictionary, write_key, key, spans, past, ended };
        replay.write_next_key();
        replay
    }

    fn write_next_key(&mut self) {
        self.key.clear();
        if let Some(next) = self.left.first() {
            (self.write_key)(&next.row, &mut self.key);
        }
    }

    /// Reads what ended before this update, where one of the steps asks for it.
    fn read_past(&mut self, events: &[Event<R>]) -> Result<(), Error> {
        self.past.clear();
        let mut heres = events.iter().flat_map(|event| &self.steps[event.step as usize]);
        // A row with a term that came up since the last writing has no past.
        if !heres.any(Here::asks_the_past) || rows::holds(&self.key, |id| self.dictionary.is_new(id))? {
            return Ok(());
        }
        let mut dead = Cursor::new(self.dead, &self.key, &rows::after(&self.key), Direction::Forward)?;
        while dead.step()? {
            self.past.push(read_closed(dead.key(), dead.value())?.1);
        }
        Ok(())
    }

    /// Notes which lifespans ended, or go on again.
    fn note_ended(&mut self) {
        // Both lists came in the order of lane and birth.
        let place = |span: &Lifespan| (span.lane, span.born);
        self.spans.sort_unstable_by_key(place);
        for span in self.spans.iter().filter(|span| span.died != OPEN) {
            let known = self.past.binary_search_by_key(&place(span), place);
            if known.map_or(true, |at| self.past[at] != *span) {
                self.ended.push((closed_key(&self.key, span), Some(write_closed(span))));
            }
        }
        for span in &self.past {
            let now = self.spans.binary_search_by_key(&place(span), place);
            if now.map_or(true, |at| self.spans[at].died == OPEN) {
                self.ended.push((closed_key(&self.key, span), None));
            }
        }
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
        self.note_ended();
        self.spans.retain(|span| span.died == OPEN);
        write_open(&self.spans, into);
        self.left = left;
        self.write_next_key();
        Ok(!self.spans.is_empty())
    }
}
