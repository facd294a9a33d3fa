//! Lifespans by lane: the closed ones, and the open ones of side lanes, stored so that the few which cover a place are found
//! among thousands that do not.
//!
//! A closed lifespan is in the smallest [`slot`](super::time_bucket) of time that holds all of it. So whatever covers a place is in
//! one of the slots that hold this place, one for each height; and as no slot holds many lifespans of a property with one value,
//! a read passes over a bounded number of them, however often its rows were rewritten. The open lifespans of a side lane are in one
//! slot of that lane, so that a read elsewhere never meets them, however many branches there were.
//!
//! | key | value |
//! |---|---|
//! | order and first id of the row, lane id, first ordinal of the slot / 32 as id, height u8 (255: open), rest of the row | the row's lifespans in the slot |
//!
//! The first id comes before the slot, so that of a resource that was never rewritten one look-up shows that there is nothing.
//! Ids are written as in [`codes`](crate::graph::index::terms::codes); a lifespan as `born less the slot's first ordinal << 1 | tombstone`, `died less
//! born` (of closed ones), `origin`, each as LEB128.

use super::key;
use super::lifespan::{Lifespan, OPEN, read_u32};
use super::time_bucket::{Places, TimeBucket};
use crate::graph::index::error::Error;
use crate::graph::index::format::Bytes;
use crate::graph::index::storage::packed::{Changes, Cursor, Direction};
use crate::graph::index::terms::codes::read_id;
use crate::model::varint;
use redb::ReadableTable;

/// Returns the part of a row that comes before the slot: its order and first id.
pub(in crate::graph::index) fn head(row: &[u8]) -> Result<&[u8], Error> {
    let mut rest = row.get(1..).ok_or_else(|| Error::corrupt("row"))?;
    read_id(&mut rest)?;
    Ok(&row[..row.len() - rest.len()])
}

fn key(row: &[u8], slot: TimeBucket) -> Result<Vec<u8>, Error> {
    let head = head(row)?;
    let mut key = Vec::with_capacity(row.len() + 8);
    key.extend_from_slice(head);
    slot.write(&mut key);
    key.extend_from_slice(&row[head.len()..]);
    Ok(key)
}

/// Reads an entry: the row, and its lifespans that pass a test.
fn read(
    key: &[u8],
    mut value: &[u8],
    row: &mut Vec<u8>,
    spans: &mut Vec<Lifespan>,
    passes: impl Fn(&Lifespan) -> bool,
) -> Result<(), Error> {
    let head = head(key)?;
    let mut rest = &key[head.len()..];
    let slot = TimeBucket::read(&mut rest)?;
    spans.clear();
    while !value.is_empty() {
        let first = read_u32(&mut value)?;
        let born = slot.start.saturating_add(first >> 1);
        let died = if slot.is_of_open() { OPEN } else { born.saturating_add(read_u32(&mut value)?) };
        let origin = read_u32(&mut value)?;
        let span = Lifespan { lane: slot.lane, tombstone: first & 1 == 1, born, died, origin };
        if passes(&span) {
            spans.push(span);
        }
    }
    row.clear();
    row.extend_from_slice(head);
    row.extend_from_slice(rest);
    Ok(())
}

/// Calls `each` with every row that begins with `prefix` and has lifespans here, and some of these, until it returns
/// `false`; in no order of rows.
pub(crate) fn each(
    table: &impl ReadableTable<Bytes, Bytes>,
    prefix: &[u8],
    mut each: impl FnMut(&[u8], &[Lifespan]) -> Result<bool, Error>,
) -> Result<(), Error> {
    let from = head(prefix).unwrap_or(prefix);
    let mut cursor = Cursor::new(table, from, &key::after(from), Direction::Forward)?;
    let (mut row, mut spans) = (Vec::new(), Vec::new());
    while cursor.step()? {
        read(cursor.key(), cursor.value(), &mut row, &mut spans, |_| true)?;
        if row.starts_with(prefix) && !each(&row, &spans)? {
            break;
        }
    }
    Ok(())
}

/// Returns the order and first id of the first rows that have lifespans here, from those of `from` on.
pub(crate) fn next_head(
    table: &impl ReadableTable<Bytes, Bytes>,
    from: &[u8],
) -> Result<Option<Vec<u8>>, Error> {
    let from = head(from).unwrap_or(from);
    let mut cursor = Cursor::new(table, from, &[u8::MAX], Direction::Forward)?;
    if cursor.step()? { Ok(Some(head(cursor.key())?.to_vec())) } else { Ok(None) }
}

/// Returns the lifespans of one row that cover one of some places, in the order of lane and birth.
pub(crate) fn of_row(
    table: &impl ReadableTable<Bytes, Bytes>,
    row: &[u8],
    places: &Places,
    into: &mut Vec<Lifespan>,
) -> Result<(), Error> {
    let mut scan = Scan::new(table, places, row, &key::after(row), Direction::Forward)?;
    while scan.step()? {
        into.extend_from_slice(scan.spans());
    }
    into.sort_unstable_by_key(|span| (span.lane, span.born));
    Ok(())
}

/// A scan of the rows from one to before another, with those of their lifespans that cover one of some places. A row
/// comes once for each slot.
pub(crate) struct Scan<'a, T> {
    table: &'a T,
    places: &'a Places,
    direction: Direction,
    /// The range of rows that is still to come, after those of `sources`.
    from: Vec<u8>,
    to: Vec<u8>,
    /// The slots with rows of one head, each at a row.
    sources: Vec<Source<'a>>,
    at: usize,
    is_begun: bool,
}

impl<'a, T: ReadableTable<Bytes, Bytes>> Scan<'a, T> {
    pub(crate) fn new(
        table: &'a T,
        places: &'a Places,
        from: &[u8],
        to: &[u8],
        direction: Direction,
    ) -> Result<Self, Error> {
        let (from, to) = (from.to_vec(), to.to_vec());
        Ok(Self { table, places, direction, from, to, sources: Vec::new(), at: 0, is_begun: false })
    }

    pub(crate) fn row(&self) -> &[u8] {
        &self.sources[self.at].row
    }

    pub(crate) fn spans(&self) -> &[Lifespan] {
        &self.sources[self.at].spans
    }

    /// Goes to the next row; `false` at the end.
    pub(crate) fn step(&mut self) -> Result<bool, Error> {
        if std::mem::replace(&mut self.is_begun, true) && !self.sources[self.at].step(self.places)? {
            self.sources.swap_remove(self.at);
        }
        while self.sources.is_empty() {
            let Some(head) = self.next_head()? else {
                self.is_begun = false;
                return Ok(false);
            };
            self.open(&head)?;
        }
        let rows = self.sources.iter().enumerate();
        let by_row = |a: &(usize, &Source<'_>), b: &(usize, &Source<'_>)| a.1.row.cmp(&b.1.row);
        let next =
            if self.direction == Direction::Forward { rows.min_by(by_row) } else { rows.max_by(by_row) };
        self.at = next.map_or(0, |(at, _)| at);
        Ok(true)
    }

    /// Returns the head whose rows come next; `None` where nothing is left.
    fn next_head(&mut self) -> Result<Option<Vec<u8>>, Error> {
        if self.places.is_empty() || self.from >= self.to {
            return Ok(None);
        }
        // Most often all rows have one head, and no look-up is needed to know it.
        if let Ok(head) = head(&self.from)
            && self.to.as_slice() <= key::after(head).as_slice()
        {
            return Ok(Some(head.to_vec()));
        }
        let from = head(&self.from).unwrap_or(&self.from).to_vec();
        let mut entries = Cursor::new(self.table, &from, &self.end_of_heads(), self.direction)?;
        if entries.step()? { Ok(Some(head(entries.key())?.to_vec())) } else { Ok(None) }
    }

    /// Returns the key before which all entries of rows before `to` are.
    fn end_of_heads(&self) -> Vec<u8> {
        match head(&self.to) {
            Ok(head) if head.len() < self.to.len() => key::after(head),
            _ => self.to.clone(),
        }
    }

    /// Goes to the rows of a head, and leaves them out of what is still to come.
    fn open(&mut self, head: &[u8]) -> Result<(), Error> {
        let end = key::after(head);
        let from = self.from.strip_prefix(head).unwrap_or_default().to_vec();
        let to = self.to.strip_prefix(head).map(<[u8]>::to_vec);
        match self.direction {
            Direction::Forward => self.from = end,
            Direction::Backward => self.to = head.to_vec(),
        }
        // Before this key no entry is left to be found.
        let mut known = head.to_vec();
        for slot in &self.places.slots {
            let mut first = head.to_vec();
            slot.write(&mut first);
            if first < known && !known.starts_with(&first) {
                continue;
            }
            let last = to.as_ref().map_or_else(|| key::after(&first), |to| [&first, to.as_slice()].concat());
            first.extend_from_slice(&from);
            let mut cursor = Cursor::new(self.table, &first, &last, Direction::Forward)?;
            if cursor.step()? {
                self.add(cursor, &first, &last)?;
            } else if cursor.key().starts_with(head) {
                known = cursor.key().to_vec();
            } else {
                break;
            }
        }
        Ok(())
    }

    /// Adds a slot that holds rows of the range.
    fn add(&mut self, forward: Cursor<'a>, first: &[u8], last: &[u8]) -> Result<(), Error> {
        let (row, spans) = (Vec::new(), Vec::new());
        let mut source = Source { cursor: forward, row, spans };
        let found = match self.direction {
            Direction::Forward => source.read(self.places)? || source.step(self.places)?,
            Direction::Backward => {
                source.cursor = Cursor::new(self.table, first, last, self.direction)?;
                source.step(self.places)?
            }
        };
        if found {
            self.sources.push(source);
        }
        Ok(())
    }
}

/// One slot in a scan.
struct Source<'a> {
    cursor: Cursor<'a>,
    row: Vec<u8>,
    spans: Vec<Lifespan>,
}

impl Source<'_> {
    /// Goes to the next row with a lifespan that covers a place; `false` at the end.
    fn step(&mut self, places: &Places) -> Result<bool, Error> {
        while self.cursor.step()? {
            if self.read(places)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads the entry that the cursor is at, and returns whether it covers a place.
    fn read(&mut self, places: &Places) -> Result<bool, Error> {
        #[cfg(test)]
        crate::graph::index::read::rows_read::add_one();
        let covers = |span: &Lifespan| places.are_met_by(span);
        read(self.cursor.key(), self.cursor.value(), &mut self.row, &mut self.spans, covers)?;
        Ok(!self.spans.is_empty())
    }
}

/// Lifespans that come into the table or go out of it.
#[derive(Default)]
pub(crate) struct Edits {
    /// The last one comes first.
    left: Vec<(Vec<u8>, bool, Lifespan)>,
}

impl Edits {
    /// Notes that a lifespan of a row comes, or with `false` that it goes.
    pub(crate) fn note(&mut self, row: &[u8], span: Lifespan, comes: bool) -> Result<(), Error> {
        self.left.push((key(row, TimeBucket::of(&span))?, comes, span));
        Ok(())
    }

    /// Puts what is noted in the order of keys; of one key, what goes before what comes.
    pub(crate) fn sorted(mut self) -> Self {
        self.left.sort_unstable_by(|a, b| (&b.0, b.1, b.2.born).cmp(&(&a.0, a.1, a.2.born)));
        self
    }
}

impl Changes for Edits {
    fn key(&self) -> Option<&[u8]> {
        self.left.last().map(|(key, ..)| key.as_slice())
    }

    fn apply(&mut self, was: Option<&[u8]>, into: &mut Vec<u8>) -> Result<bool, Error> {
        let Some(key) = self.key().map(<[u8]>::to_vec) else { return Ok(false) };
        let (mut row, mut spans) = (Vec::new(), Vec::new());
        read(&key, was.unwrap_or_default(), &mut row, &mut spans, |_| true)?;
        while let Some((_, comes, span)) = self.left.pop_if(|(next, ..)| *next == key) {
            spans.retain(|known| known.born != span.born);
            if comes {
                spans.push(span);
            }
        }
        spans.sort_unstable_by_key(|span| span.born);
        for span in &spans {
            let start = TimeBucket::of(span).start;
            varint::write(u64::from(span.born - start) << 1 | u64::from(span.tombstone), into);
            if span.died != OPEN {
                varint::write(u64::from(span.died - span.born), into);
            }
            varint::write(u64::from(span.origin), into);
        }
        Ok(!spans.is_empty())
    }
}

#[cfg(test)]
mod tests;
