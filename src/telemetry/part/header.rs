//! The first and the last bytes of a part.

use super::entry::{Extent, put_extent};
use crate::telemetry::error::Error;
use crate::telemetry::file::bytes::Reader;
use crate::telemetry::file::header::Form;
use std::path::Path;
use uuid::Uuid;

/// What a part begins and ends with.
pub(super) const MAGIC: &[u8; 8] = b"TLPART\0\0";
/// The format that is written.
pub(in crate::telemetry) const VERSION: u32 = 7;
/// The header of parts and of second directories.
pub(in crate::telemetry) const FORM: Form = Form { magic: *MAGIC, newest: VERSION, is_numbered: true };
/// The bytes of a header.
pub(super) const HEADER: usize = FORM.length();
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
    FORM.write(VERSION, store, number)
}

/// Returns the number of a part and the version of its format.
pub(super) fn check_header(path: &Path, header: &[u8; HEADER], store: Uuid) -> Result<(u64, u32), Error> {
    let version = FORM.check(path, header, store)?;
    Ok((Reader(&header[28..]).u64().unwrap_or(0), version))
}
