//! What every file of a store begins with.
//!
//! ```text
//! magic, 8 bytes · version u32 · store id, 16 bytes · number u64, of a part and a log · crc32 u32 of all before
//! ```
//! Every version has this form, and a later one may only change what follows it: so a version is believed where the sum is right, and a
//! bit that was flipped in it is damage and no later format. All of a header but its version is known without it, so one that is broken
//! can be written anew.

use super::bytes::Reader;
use crate::telemetry::error::Error;
use std::path::Path;
use uuid::Uuid;

/// The longest header.
pub(in crate::telemetry) const LONGEST: usize = 40;
/// Where the number or the sum is.
const STORE_END: usize = 28;

/// The header of one kind of file.
#[derive(Clone, Copy, Debug)]
pub(in crate::telemetry) struct Form {
    /// What the file begins with.
    pub(in crate::telemetry) magic: [u8; 8],
    /// The newest version that is known.
    pub(in crate::telemetry) newest: u32,
    /// Whether the file has a number.
    pub(in crate::telemetry) is_numbered: bool,
}

impl Form {
    /// Returns how many bytes a header has.
    pub(in crate::telemetry) const fn length(&self) -> usize {
        if self.is_numbered { LONGEST } else { STORE_END + 4 }
    }

    /// Returns the header of a file; the number counts only where files of this kind have one.
    pub(in crate::telemetry) fn write(&self, version: u32, store: Uuid, number: u64) -> Vec<u8> {
        let mut header = self.magic.to_vec();
        header.extend(version.to_le_bytes());
        header.extend(store.as_bytes());
        if self.is_numbered {
            header.extend(number.to_le_bytes());
        }
        header.extend(crc32fast::hash(&header).to_le_bytes());
        header
    }

    /// Returns the version of a file of a store, of which at least the header is given.
    pub(in crate::telemetry) fn check(&self, path: &Path, bytes: &[u8], store: Uuid) -> Result<u32, Error> {
        let length = self.length();
        let Some(header) = bytes.get(..length) else { return Err(cut_short(path, bytes.len(), length)) };
        if !is_intact(header) || !header.starts_with(&self.magic) {
            return Err(Error::damaged(path, "its header is broken"));
        }
        let version = Reader(&header[8..]).u32().unwrap_or(0);
        if version > self.newest {
            return Err(Error::Format { path: path.to_owned(), found: version, known: self.newest });
        }
        if header[12..STORE_END] != *store.as_bytes() {
            return Err(Error::damaged(path, "it belongs to another store"));
        }
        Ok(version)
    }

    /// Returns the header that bytes with a broken one had: of the version that they, or their sum, show.
    pub(in crate::telemetry) fn mended(&self, bytes: &[u8], store: Uuid, number: u64) -> Vec<u8> {
        let end = self.length() - 4;
        let made = |version| self.write(version, store, number);
        let versions = || (1..=self.newest).rev().map(made);
        // The sum first: a version with a flipped bit may be another one that is known.
        let by_sum = versions().find(|made| bytes.get(end..end + 4) == made.get(end..));
        let by_sum = by_sum.or_else(|| versions().find(|made| bytes.get(..end) == made.get(..end)));
        by_sum.unwrap_or_else(|| made(self.newest))
    }

    /// Returns whether bytes that are long enough begin with a header that is broken.
    pub(in crate::telemetry) fn is_broken(&self, bytes: &[u8]) -> bool {
        bytes
            .get(..self.length())
            .is_some_and(|header| !is_intact(header) || !header.starts_with(&self.magic))
    }
}

/// Reports a file that ends within its header.
pub(in crate::telemetry) fn cut_short(path: &Path, length: usize, header: usize) -> Error {
    Error::damaged(
        path,
        format!("it was cut short: it has {length} bytes, and its header alone has {header}"),
    )
}

/// Returns the store that an intact header names, of whichever kind.
pub(in crate::telemetry) fn store_in(bytes: &[u8]) -> Option<Uuid> {
    let is_header = |length: usize| bytes.get(..length).is_some_and(is_intact);
    let id = bytes.get(12..STORE_END).filter(|_| is_header(STORE_END + 4) || is_header(LONGEST))?;
    Uuid::from_slice(id).ok()
}

fn is_intact(header: &[u8]) -> bool {
    header.split_last_chunk::<4>().is_some_and(|(rest, sum)| crc32fast::hash(rest).to_le_bytes() == *sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bit flipped anywhere in a header is damage, and the header is made again as it was.
    #[test]
    fn a_broken_header_is_made_again() {
        let (path, store) = (Path::new("file"), Uuid::from_u128(7));
        for form in [true, false].map(|is_numbered| Form { magic: *b"TLTEST\0\0", newest: 7, is_numbered }) {
            for version in [1, 4, 7] {
                let header = form.write(version, store, 5);
                assert_eq!(form.check(path, &header, store).ok(), Some(version));
                assert_eq!(store_in(&[&header[..], &[1; 90]].concat()), Some(store));
                for bit in 0..header.len() * 8 {
                    let mut broken = header.clone();
                    broken[bit / 8] ^= 1 << (bit % 8);
                    let found = form.check(path, &broken, store);
                    assert!(matches!(found, Err(Error::Damaged { .. })), "bit {bit}: {found:?}");
                    assert_eq!(store_in(&broken), None);
                    assert!(form.is_broken(&broken) && !form.is_broken(&header));
                    assert_eq!(form.mended(&broken, store, 5), header, "bit {bit}");
                }
            }
            let later = form.write(8, store, 5);
            assert!(matches!(form.check(path, &later, store), Err(Error::Format { found: 8, known: 7, .. })));
            let cut = form.check(path, &later[..9], store).unwrap_err().to_string();
            assert!(cut.contains("it was cut short: it has 9 bytes"), "{cut}");
        }
    }
}
