//! Tables whose entries are packed into blocks: a database page holds hundreds of rows instead of dozens.
//!
//! A block is stored under its first entry's key and holds all entries up to the next block's key. Blocks fill about one
//! page of the database; one that grows beyond is cut in two.

use super::block::{Packed, Packer, Walk};
use crate::graph::index::error::Error;
use redb::{AccessGuard, Range, ReadableTable, Table};
use std::ops::Bound;

type Bytes = &'static [u8];
type Entry<'a> = (AccessGuard<'a, Bytes>, AccessGuard<'a, Bytes>);

/// The most that a block and its key take: one page of the database, with what the page itself needs.
const BLOCK_BYTES: usize = if cfg!(test) { 120 } else { 4_040 };

/// Finds the block that holds a key: the last that begins at or before it.
fn block_of<'a>(table: &'a impl ReadableTable<Bytes, Bytes>, key: &[u8]) -> Result<Option<Entry<'a>>, Error> {
    Ok(table.upper_bound(Bound::Included(key))?.prev()?)
}

/// Looks an entry's value up.
pub(crate) fn get(table: &impl ReadableTable<Bytes, Bytes>, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    let Some((first, block)) = block_of(table, key)? else { return Ok(None) };
    let mut walk = Walk::default();
    let found = walk.seek(first.value(), block.value(), key)? && walk.key == key;
    Ok(found.then_some(walk.value))
}

/// Returns the key of the last entry.
pub(crate) fn last_key(table: &impl ReadableTable<Bytes, Bytes>) -> Result<Option<Vec<u8>>, Error> {
    let Some((first, block)) = table.last()? else { return Ok(None) };
    let mut walk = Walk::default();
    while walk.step(first.value(), block.value())? {}
    Ok(Some(walk.key))
}

/// Which way a scan goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Forward,
    Backward,
}

/// A scan of the entries from one key to before another.
pub(crate) enum Cursor<'a> {
    Forward(Forward<'a>),
    Backward(Backward<'a>),
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(
        table: &'a impl ReadableTable<Bytes, Bytes>,
        from: &[u8],
        to: &[u8],
        direction: Direction,
    ) -> Result<Self, Error> {
        Ok(match direction {
            Direction::Forward => Self::Forward(Forward::new(table, from, to)?),
            Direction::Backward => Self::Backward(Backward::new(table, from, to)?),
        })
    }

    /// Goes to the next entry; `false` at the end.
    pub(crate) fn step(&mut self) -> Result<bool, Error> {
        match self {
            Self::Forward(forward) => forward.step(),
            Self::Backward(backward) => backward.step(),
        }
    }

    pub(crate) fn key(&self) -> &[u8] {
        match self {
            Self::Forward(forward) => &forward.walk.key,
            Self::Backward(backward) => &backward.entries[backward.left].0,
        }
    }

    pub(crate) fn value(&self) -> &[u8] {
        match self {
            Self::Forward(forward) => &forward.walk.value,
            Self::Backward(backward) => &backward.entries[backward.left].1,
        }
    }
}

/// A scan in key order.
pub(crate) struct Forward<'a> {
    from: Vec<u8>,
    to: Vec<u8>,
    blocks: redb::Cursor<'a, Bytes, Bytes>,
    block: Option<Entry<'a>>,
    walk: Walk,
    is_begun: bool,
}

impl<'a> Forward<'a> {
    fn new(table: &'a impl ReadableTable<Bytes, Bytes>, from: &[u8], to: &[u8]) -> Result<Self, Error> {
        let mut blocks = table.upper_bound(Bound::Included(from))?;
        let block = blocks.peek_prev()?;
        let (from, to) = (from.to_vec(), to.to_vec());
        Ok(Self { from, to, blocks, block, walk: Walk::default(), is_begun: false })
    }

    fn step(&mut self) -> Result<bool, Error> {
        loop {
            if let Some((first, block)) = &self.block {
                let (first, block) = (first.value(), block.value());
                let found = match std::mem::replace(&mut self.is_begun, true) {
                    false => self.walk.seek(first, block, &self.from)?,
                    true => self.walk.step(first, block)?,
                };
                if found {
                    return Ok(self.walk.key < self.to);
                }
            }
            self.is_begun = true;
            self.block = self.blocks.next()?;
            self.walk.begin();
            if self.block.is_none() {
                return Ok(false);
            }
        }
    }
}

/// A scan against key order: block by block, each unpacked as a whole.
pub(crate) struct Backward<'a> {
    from: Vec<u8>,
    to: Vec<u8>,
    blocks: Range<'a, Bytes, Bytes>,
    entries: Vec<(Vec<u8>, Vec<u8>)>,
    /// The entry it is at; those before it are still to come.
    left: usize,
    is_last: bool,
}

impl<'a> Backward<'a> {
    fn new(table: &'a impl ReadableTable<Bytes, Bytes>, from: &[u8], to: &[u8]) -> Result<Self, Error> {
        let blocks = table.range(..to)?;
        let (from, to) = (from.to_vec(), to.to_vec());
        Ok(Self { is_last: from >= to, from, to, blocks, entries: Vec::new(), left: 0 })
    }

    fn step(&mut self) -> Result<bool, Error> {
        while self.left == 0 {
            if self.is_last {
                return Ok(false);
            }
            let Some(next) = self.blocks.next_back() else { return Ok(false) };
            let (first, block) = next?;
            let (first, block) = (first.value(), block.value());
            self.is_last = first <= self.from.as_slice();
            self.entries.clear();
            let mut walk = Walk::default();
            let mut more = walk.seek(first, block, &self.from)?;
            while more && walk.key < self.to {
                self.entries.push((walk.key.clone(), walk.value.clone()));
                more = walk.step(first, block)?;
            }
            self.left = self.entries.len();
        }
        self.left -= 1;
        Ok(true)
    }
}

/// Changes of a table, in key order.
pub(crate) trait Changes {
    /// Returns the key that changes next.
    fn key(&self) -> Option<&[u8]>;
    /// Makes the change: from the value there was to `into`; `false` removes the entry. Goes on to the next.
    fn apply(&mut self, was: Option<&[u8]>, into: &mut Vec<u8>) -> Result<bool, Error>;
}

/// Makes changes to a table, each block once.
pub(crate) fn edit(table: &mut Table<'_, Bytes, Bytes>, changes: &mut impl Changes) -> Result<(), Error> {
    let own = |(first, block): Entry<'_>| (first.value().to_vec(), block.value().to_vec());
    while let Some(key) = changes.key() {
        let mut blocks = table.upper_bound(Bound::Included(key))?;
        let old = match blocks.peek_prev()? {
            Some(block) => Some(own(block)),
            None => blocks.next()?.map(own),
        };
        let until = blocks.next()?.map(|(next, _)| next.value().to_vec());
        drop(blocks);
        rewrite(table, old, until.as_deref(), changes)?;
    }
    Ok(())
}

/// Rewrites one block with the changes up to where the next one begins.
fn rewrite(
    table: &mut Table<'_, Bytes, Bytes>,
    old: Option<Packed>,
    until: Option<&[u8]>,
    changes: &mut impl Changes,
) -> Result<(), Error> {
    let (first, block) = old.unwrap_or_default();
    let mut walk = Walk::default();
    let mut has_old = !block.is_empty() && walk.step(&first, &block)?;
    if has_old {
        table.remove(first.as_slice())?;
    }
    let mut output = Output { table, packer: Packer::default() };
    let (mut key, mut value) = (Vec::new(), Vec::new());
    while let Some(next) = changes.key().filter(|key| until.is_none_or(|until| *key < until)) {
        key.clear();
        key.extend_from_slice(next);
        while has_old && walk.key < key {
            output.push(&walk.key, &walk.value, has_old)?;
            has_old = walk.step(&first, &block)?;
        }
        let is_there = has_old && walk.key == key;
        value.clear();
        if changes.apply(is_there.then_some(walk.value.as_slice()), &mut value)? {
            output.push(&key, &value, has_old)?;
        }
        if is_there {
            has_old = walk.step(&first, &block)?;
        }
    }
    while has_old {
        output.push(&walk.key, &walk.value, true)?;
        has_old = walk.step(&first, &block)?;
    }
    output.put_rest()
}

/// Where rewritten entries go.
struct Output<'a, 'txn> {
    table: &'a mut Table<'txn, Bytes, Bytes>,
    packer: Packer,
}

impl Output<'_, '_> {
    /// Adds an entry. A full block goes out whole where entries are added at the end of the table, else in halves, as
    /// more will come between.
    fn push(&mut self, key: &[u8], value: &[u8], in_between: bool) -> Result<(), Error> {
        if self.packer.size() + key.len() + value.len() + 12 > BLOCK_BYTES {
            let full = if in_between { self.packer.take_half()? } else { self.packer.take() };
            self.put(full)?;
        }
        self.packer.push(key, value);
        Ok(())
    }

    fn put(&mut self, block: Option<Packed>) -> Result<(), Error> {
        if let Some((first, block)) = block {
            self.table.insert(first.as_slice(), block.as_slice())?;
        }
        Ok(())
    }

    fn put_rest(&mut self) -> Result<(), Error> {
        let rest = self.packer.take();
        self.put(rest)
    }
}

/// Entries to be set, or removed with `None`, in key order.
pub(crate) struct Puts<I> {
    next: Option<(Vec<u8>, Option<Vec<u8>>)>,
    rest: I,
}

impl<I: Iterator<Item = (Vec<u8>, Option<Vec<u8>>)>> Puts<I> {
    pub(crate) fn new(mut entries: I) -> Self {
        Self { next: entries.next(), rest: entries }
    }
}

impl<I: Iterator<Item = (Vec<u8>, Option<Vec<u8>>)>> Changes for Puts<I> {
    fn key(&self) -> Option<&[u8]> {
        self.next.as_ref().map(|(key, _)| key.as_slice())
    }

    fn apply(&mut self, _: Option<&[u8]>, into: &mut Vec<u8>) -> Result<bool, Error> {
        let next = std::mem::replace(&mut self.next, self.rest.next());
        let Some(value) = next.and_then(|(_, value)| value) else { return Ok(false) };
        *into = value;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use redb::{Database, ReadableDatabase, TableDefinition};
    use std::collections::BTreeMap;

    const TABLE: TableDefinition<'_, Bytes, Bytes> = TableDefinition::new("packed");

    type Edit = (Vec<u8>, Option<Vec<u8>>);

    /// Sets or removes entries, and notes what was there before.
    struct Edits {
        left: std::vec::IntoIter<Edit>,
        met: Vec<Option<Vec<u8>>>,
    }

    impl Changes for Edits {
        fn key(&self) -> Option<&[u8]> {
            self.left.as_slice().first().map(|(key, _)| key.as_slice())
        }

        fn apply(&mut self, was: Option<&[u8]>, into: &mut Vec<u8>) -> Result<bool, Error> {
            self.met.push(was.map(<[u8]>::to_vec));
            let value = self.left.next().and_then(|(_, value)| value);
            into.extend(value.iter().flatten());
            Ok(value.is_some())
        }
    }

    fn key() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(0..4_u8, 0..6)
    }

    fn edits() -> impl Strategy<Value = BTreeMap<Vec<u8>, Option<Vec<u8>>>> {
        let value = prop::option::weighted(0.7, prop::collection::vec(0..2_u8, 0..60));
        prop::collection::btree_map(key(), value, 0..60)
    }

    fn scanned(
        table: &impl ReadableTable<Bytes, Bytes>,
        from: &[u8],
        to: &[u8],
        direction: Direction,
    ) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut cursor = Cursor::new(table, from, to, direction).expect("a scan");
        let mut all = Vec::new();
        while cursor.step().expect("own bytes") {
            all.push((cursor.key().to_vec(), cursor.value().to_vec()));
        }
        all
    }

    proptest! {
        #[test]
        fn a_packed_table_is_an_ordered_map(batches in prop::collection::vec(edits(), 1..5), from in key(), to in key()) {
            let backend = redb::backends::InMemoryBackend::new();
            let database = Database::builder().create_with_backend(backend).expect("a database");
            let mut model: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
            for batch in batches {
                let write = database.begin_write().expect("a write");
                let met: Vec<_> = batch.keys().map(|key| model.get(key).cloned()).collect();
                let left: Vec<Edit> = batch.into_iter().collect();
                let mut edits = Edits { left: left.clone().into_iter(), met: Vec::new() };
                edit(&mut write.open_table(TABLE).expect("a table"), &mut edits).expect("an edit");
                write.commit().expect("a commit");
                prop_assert_eq!(edits.met, met);
                for (key, value) in left {
                    match value {
                        Some(value) => drop(model.insert(key, value)),
                        None => drop(model.remove(&key)),
                    }
                }
            }
            let read = database.begin_read().expect("a read");
            let table = read.open_table(TABLE).expect("a table");
            for key in model.keys().chain([&from]) {
                prop_assert_eq!(&get(&table, key).expect("own bytes"), &model.get(key).cloned());
            }
            prop_assert_eq!(last_key(&table).expect("own bytes"), model.keys().next_back().cloned());
            let mut expect: Vec<_> = match from < to {
                true => model.range(from.clone()..to.clone()).map(|(k, v)| (k.clone(), v.clone())).collect(),
                false => Vec::new(),
            };
            prop_assert_eq!(&scanned(&table, &from, &to, Direction::Forward), &expect);
            expect.reverse();
            prop_assert_eq!(&scanned(&table, &from, &to, Direction::Backward), &expect);
        }
    }
}
