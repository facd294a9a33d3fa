//! A run of sorted entries in one value of the database: each stores only what it does not share with the one before.
//!
//! Layout: the entries, then the offset (u32, little-endian) of every sixteenth entry from the first on, then how many
//! offsets there are (u32). The block's own key in the database is its first entry's key. An entry:
//!
//! ```text
//! varint  bytes of the key shared << 1 | 1 where the value is that of the entry before
//! varint  bytes of the key that follow
//! varint  bytes of the value shared, varint bytes of the value that follow    (unless the value is the same)
//! key bytes, value bytes
//! ```
//!
//! Every sixteenth entry shares with the block's first key and with no value, so that a search can begin there.

use crate::graph::index::error::Error;
use crate::model::varint;
use std::cmp::Ordering;

/// A block with its key in the database.
pub(crate) type Packed = (Vec<u8>, Vec<u8>);

/// From entry to entry that a search can begin at.
const INTERVAL: usize = 16;

/// Collects entries in key order into a block.
#[derive(Default)]
pub(crate) struct Packer {
    first: Vec<u8>,
    bytes: Vec<u8>,
    restarts: Vec<u32>,
    key: Vec<u8>,
    value: Vec<u8>,
    count: usize,
}

impl Packer {
    /// Adds an entry; its key comes after all others.
    pub(crate) fn push(&mut self, key: &[u8], value: &[u8]) {
        if self.count == 0 {
            replace(&mut self.first, key);
        }
        let is_restart = self.count.is_multiple_of(INTERVAL);
        if is_restart {
            self.restarts.push(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
            replace(&mut self.key, &self.first);
            self.value.clear();
        }
        let is_same = !is_restart && value == self.value;
        let shared = common(&self.key, key);
        write_length(shared << 1 | usize::from(is_same), &mut self.bytes);
        write_length(key.len() - shared, &mut self.bytes);
        let shared_value = common(&self.value, value);
        if !is_same {
            write_length(shared_value, &mut self.bytes);
            write_length(value.len() - shared_value, &mut self.bytes);
        }
        self.bytes.extend_from_slice(&key[shared..]);
        self.bytes.extend_from_slice(&value[shared_value..]);
        replace(&mut self.key, key);
        replace(&mut self.value, value);
        self.count += 1;
    }

    /// Returns how many bytes key and block take.
    pub(crate) fn size(&self) -> usize {
        self.first.len() + self.bytes.len() + 4 * self.restarts.len() + 4
    }

    /// Returns key and block, and begins anew; `None` where nothing was added.
    pub(crate) fn take(&mut self) -> Option<Packed> {
        if self.count == 0 {
            return None;
        }
        let mut packed = std::mem::take(self);
        for restart in &packed.restarts {
            packed.bytes.extend_from_slice(&restart.to_le_bytes());
        }
        let count = u32::try_from(packed.restarts.len()).unwrap_or(u32::MAX);
        packed.bytes.extend_from_slice(&count.to_le_bytes());
        Some((packed.first, packed.bytes))
    }

    /// Returns the first half of the bytes, or of the entries where there are few, and keeps the rest.
    pub(crate) fn take_half(&mut self) -> Result<Option<Packed>, Error> {
        let size = self.bytes.len();
        let Some((first, block)) = self.take() else { return Ok(None) };
        let mut half = Self::default();
        let mut walk = Walk::default();
        while walk.step(&first, &block)? {
            let to = if half.count == 0 || half.bytes.len() < size / 2 { &mut half } else { &mut *self };
            to.push(&walk.key, &walk.value);
        }
        Ok(half.take())
    }
}

/// A place in a block: the entry read last.
pub(crate) struct Walk {
    pub(crate) key: Vec<u8>,
    pub(crate) value: Vec<u8>,
    at: usize,
    index: usize,
}

impl Default for Walk {
    fn default() -> Self {
        // Room for most keys and values.
        Self { key: Vec::with_capacity(64), value: Vec::with_capacity(64), at: 0, index: 0 }
    }
}

impl Walk {
    /// Goes before the first entry of a block.
    pub(crate) fn begin(&mut self) {
        (self.at, self.index) = (0, 0);
        self.key.clear();
        self.value.clear();
    }

    /// Reads the next entry; `false` at the end.
    pub(crate) fn step(&mut self, first: &[u8], block: &[u8]) -> Result<bool, Error> {
        let entries = &block[..entries_end(block)?];
        self.step_in(first, entries)
    }

    fn step_in(&mut self, first: &[u8], entries: &[u8]) -> Result<bool, Error> {
        if self.at >= entries.len() {
            return Ok(false);
        }
        if self.index.is_multiple_of(INTERVAL) {
            replace(&mut self.key, first);
        }
        let entry = Entry::read(&entries[self.at..])?;
        self.key.truncate(entry.shared);
        self.key.extend_from_slice(entry.key);
        self.pass(&entry);
        Ok(true)
    }

    /// Reads the first entry from `target` on; `false` where the block has none. Of the entries before it only the values are
    /// put together: where each begins to differ from the one before decides how its key compares with the target.
    pub(crate) fn seek(&mut self, first: &[u8], block: &[u8], target: &[u8]) -> Result<bool, Error> {
        self.begin();
        let entries = &block[..entries_end(block)?];
        let with_first = common(first, target);
        if target[with_first..] <= first[with_first..] {
            return self.step_in(first, entries);
        }
        let restart = |number: usize| word(block, entries.len() + 4 * number);
        let (mut low, mut high) = (0, restarts(block)?);
        while low + 1 < high {
            let middle = low.midpoint(high);
            let entry = Entry::read(entries.get(restart(middle)?..).unwrap_or_default())?;
            if entry.order(with_first, target).is_le() { low = middle } else { high = middle }
        }
        (self.at, self.index) = (restart(low)?, low * INTERVAL);
        let mut with_last = with_first;
        while let Some(rest) = entries.get(self.at..).filter(|rest| !rest.is_empty()) {
            let entry = Entry::read(rest)?;
            if self.index.is_multiple_of(INTERVAL) {
                with_last = with_first;
            }
            self.pass(&entry);
            if entry.order(with_last, target).is_ge() {
                self.key.extend_from_slice(&target[..entry.shared]);
                self.key.extend_from_slice(entry.key);
                return Ok(true);
            }
            if entry.shared == with_last {
                with_last += common(entry.key, &target[with_last..]);
            }
        }
        Ok(false)
    }

    /// Takes an entry's value, and goes behind it.
    fn pass(&mut self, entry: &Entry<'_>) {
        if self.index.is_multiple_of(INTERVAL) {
            self.value.clear();
        }
        if let Some((shared, value)) = entry.value {
            self.value.truncate(shared);
            self.value.extend_from_slice(value);
        }
        self.at += entry.bytes;
        self.index += 1;
    }
}

/// An entry as it is written.
struct Entry<'a> {
    /// How many bytes of its key are those of the entry before, and the bytes that follow.
    shared: usize,
    key: &'a [u8],
    /// The same of its value; `None` where that is the one of the entry before.
    value: Option<(usize, &'a [u8])>,
    /// How many bytes the entry has.
    bytes: usize,
}

impl<'a> Entry<'a> {
    /// Reads the entry that bytes begin with.
    fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        let corrupt = || Error::corrupt("block entry");
        let mut rest = bytes;
        let head = read_length(&mut rest)?;
        let key_bytes = read_length(&mut rest)?;
        let value = match head & 1 {
            1 => None,
            _ => Some((read_length(&mut rest)?, read_length(&mut rest)?)),
        };
        let (key, mut rest) = rest.split_at_checked(key_bytes).ok_or_else(corrupt)?;
        let mut take = |count| {
            let (taken, left) = rest.split_at_checked(count).ok_or_else(corrupt)?;
            rest = left;
            Ok::<_, Error>(taken)
        };
        let value = value.map(|(shared, count)| Ok::<_, Error>((shared, take(count)?))).transpose()?;
        Ok(Self { shared: head >> 1, key, value, bytes: bytes.len() - rest.len() })
    }

    /// Compares the entry's key with a target that comes after the key it shares with, and has the first `alike` bytes, and no
    /// more, of that.
    fn order(&self, alike: usize, target: &[u8]) -> Ordering {
        match self.shared.cmp(&alike) {
            Ordering::Greater => Ordering::Less,
            Ordering::Less => Ordering::Greater,
            Ordering::Equal => self.key.cmp(&target[alike..]),
        }
    }
}

fn restarts(block: &[u8]) -> Result<usize, Error> {
    word(block, block.len().saturating_sub(4))
}

fn entries_end(block: &[u8]) -> Result<usize, Error> {
    let tail = restarts(block)?.saturating_mul(4).saturating_add(4);
    block.len().checked_sub(tail).ok_or_else(|| Error::corrupt("block"))
}

fn word(block: &[u8], at: usize) -> Result<usize, Error> {
    let bytes = block.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
    let word = bytes.map(u32::from_le_bytes).ok_or_else(|| Error::corrupt("block"))?;
    usize::try_from(word).map_err(|_| Error::corrupt("block"))
}

fn replace(buffer: &mut Vec<u8>, bytes: &[u8]) {
    buffer.clear();
    buffer.extend_from_slice(bytes);
}

fn common(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

fn write_length(length: usize, into: &mut Vec<u8>) {
    varint::write(length as u64, into);
}

#[inline]
fn read_length(bytes: &mut &[u8]) -> Result<usize, Error> {
    let length = varint::read(bytes).and_then(|length| usize::try_from(length).ok());
    length.ok_or_else(|| Error::corrupt("block entry"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    type Entries = BTreeMap<Vec<u8>, Vec<u8>>;

    fn entries() -> impl Strategy<Value = Entries> {
        let bytes = |letters| prop::collection::vec(0..letters, 0..7);
        prop::collection::btree_map(bytes(3_u8), bytes(2_u8), 1..120)
    }

    fn pack(entries: &Entries) -> Packer {
        let mut packer = Packer::default();
        entries.iter().for_each(|(key, value)| packer.push(key, value));
        packer
    }

    fn unpack((first, block): &(Vec<u8>, Vec<u8>)) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut walk = Walk::default();
        let mut all = Vec::new();
        while walk.step(first, block).expect("own bytes") {
            all.push((walk.key.clone(), walk.value.clone()));
        }
        all
    }

    proptest! {
        #[test]
        fn entries_come_back_in_whole_and_in_halves(entries in entries()) {
            let all: Vec<_> = entries.clone().into_iter().collect();
            prop_assert_eq!(unpack(&pack(&entries).take().expect("entries")), all.clone());
            let mut rest = pack(&entries);
            let half = rest.take_half().expect("own bytes").expect("entries");
            let mut joined = unpack(&half);
            joined.extend(rest.take().iter().flat_map(unpack));
            prop_assert_eq!(joined, all);
        }

        #[test]
        fn a_search_finds_the_first_from_its_target_and_goes_on(entries in entries(), target in prop::collection::vec(0..3_u8, 0..7)) {
            let (first, block) = pack(&entries).take().expect("entries");
            let mut walk = Walk::default();
            let mut found = walk.seek(&first, &block, &target).expect("own bytes");
            for expect in entries.range(target..) {
                prop_assert_eq!(found.then_some((&walk.key, &walk.value)), Some(expect));
                found = walk.step(&first, &block).expect("own bytes");
            }
            prop_assert!(!found && !walk.step(&first, &block).expect("own bytes"));
        }
    }

    #[test]
    fn a_damaged_block_is_an_error_or_an_end() {
        let (first, block) =
            pack(&(0..40_u8).map(|n| (vec![n], vec![n; 3])).collect()).take().expect("entries");
        for cut in 0..block.len() {
            let mut walk = Walk::default();
            while matches!(walk.step(&first, &block[..cut]), Ok(true)) {}
            let _ = Walk::default().seek(&first, &block[cut..], &[7]);
        }
    }
}
