//! The first and the last bytes of a part.

use super::entry::{Extent, put_extent};
use crate::telemetry::error::Error;
use crate::telemetry::file::bytes::Reader;
use std::path::Path;
use uuid::Uuid;

/// What a part begins and ends with.
pub(super) const MAGIC: &[u8; 8] = b"TLPART\0\0";
/// The format that is written.
pub(in crate::telemetry) const VERSION: u32 = 7;
/// The bytes of a header.
pub(super) const HEADER: usize = 40;
/// The bytes of a footer.
pub(super) const FOOTER: usize = 24;

/// Returns the end of a file whose directory is at an extent.
pub(super) fn footer(directory: Extent) -> Vec<u8> {
    let mut footer = Vec::new();
    put_extent(&mut footer, directory);
    footer.extend(MAGIC);
    footer
}

/// Returns the beginning of the file of a part.
pub(super) fn header(store: Uuid, number: u64) -> Vec<u8> {
    let mut header = MAGIC.to_vec();
    header.extend(VERSION.to_le_bytes());
    header.extend(store.as_bytes());
    header.extend(number.to_le_bytes());
    header.extend(crc32fast::hash(&header).to_le_bytes());
    header
}

/// Returns the number of a part and the version of its format.
pub(super) fn check_header(path: &Path, header: &[u8; HEADER], store: Uuid) -> Result<(u64, u32), Error> {
    let mut reader = Reader(&header[8..]);
    let version = reader.u32().unwrap_or(0);
    if header.starts_with(MAGIC) && version > VERSION {
        return Err(Error::Format { path: path.to_owned(), found: version, known: VERSION });
    }
    let sum = crc32fast::hash(&header[..HEADER - 4]).to_le_bytes();
    if !header.starts_with(MAGIC) || sum != header[HEADER - 4..] {
        return Err(Error::damaged(path, "its header is broken"));
    }
    if header[12..28] != *store.as_bytes() {
        return Err(Error::damaged(path, "it belongs to another store"));
    }
    Ok((Reader(&header[28..]).u64().unwrap_or(0), version))
}
