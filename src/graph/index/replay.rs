//! What commits do to a row, replayed on its lifespans: it begins or ends at a place of the history.

use super::commits::Placed;
use super::ended::{self, Edits};
use super::lifespan::{Lifespan, Lineage, OPEN, read_open, visible, write_open};
use super::packed::Changes;
use super::slot::Places;
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
    /// The places at which the past of a row decides what becomes of it here.
    past: Places,
}

impl Here {
    /// A commit is taken in.
    pub(crate) fn taken_in(placed: &Placed, below: Lineage, merged: Option<Lineage>) -> Self {
        let past = Places::new(below.iter().chain(merged.iter().flatten()).copied());
        let Placed { lane, ordinal, number, .. } = *placed;
        Self { lane, ordinal, number, below, merged, is_undone: false, past }
    }

    /// A commit, the last one of its lane, is taken back.
    pub(crate) fn taken_back(placed: &Placed) -> Self {
        let Placed { lane, ordinal, number, .. } = *placed;
        let past = Places::new([(lane, ordinal.saturating_sub(1))]);
        Self { lane, ordinal, number, is_undone: true, past, ..Self::default() }
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
    /// The row's lifespans that had ended before, as far as they matter.
    past: Vec<Lifespan>,
    /// What changes in the table of dead rows.
    pub(crate) ended: Edits,
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
        let (key, spans, past, ended) = (Vec::new(), Vec::new(), Vec::new(), Edits::default());
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
        let heres = || events.iter().flat_map(|event| &self.steps[event.step as usize]);
        // A row with a term that came up since the last writing has no past.
        if heres().all(|here| here.past.is_empty())
            || rows::holds(&self.key, |id| self.dictionary.is_new(id))?
        {
            return Ok(());
        }
        for here in heres() {
            ended::of_row(self.dead, &self.key, &here.past, &mut self.past)?;
        }
        let place = |span: &Lifespan| (span.lane, span.born);
        self.past.sort_unstable_by_key(place);
        self.past.dedup_by_key(|span| place(span));
        Ok(())
    }

    /// Notes which lifespans ended, or go on again.
    fn note_ended(&mut self) -> Result<(), Error> {
        let ended = |span: &&Lifespan| span.died != OPEN;
        for span in self.spans.iter().filter(ended).filter(|span| !self.past.contains(span)) {
            self.ended.note(&self.key, *span, true)?;
        }
        for span in self.past.iter().filter(|span| !self.spans.contains(span)) {
            self.ended.note(&self.key, *span, false)?;
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
        self.note_ended()?;
        self.spans.retain(|span| span.died == OPEN);
        write_open(&self.spans, into);
        self.left = left;
        self.write_next_key();
        Ok(!self.spans.is_empty())
    }
}
