//! Headers that are broken: all of a header is known without it, but for the version, which its sum shows.

use crate::telemetry::error::Error;
use crate::telemetry::file::header::Form;
use crate::telemetry::file::{control, frames, ledger};
use crate::telemetry::ingest::dictionary;
use crate::telemetry::log::{self, arrivals};
use crate::telemetry::store::pins;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// A header that is broken, as it was.
pub(super) struct Broken {
    path: PathBuf,
    header: Vec<u8>,
}

/// Finds the broken headers of a store's files, but those of parts, which have a second one.
pub(super) fn broken(folder: &Path, store: Uuid) -> Result<Vec<Broken>, Error> {
    let records = [
        (dictionary::FILE, dictionary::MAGIC),
        (pins::FILE, pins::MAGIC),
        (ledger::FILE, ledger::MAGIC),
        (arrivals::FILE, arrivals::MAGIC),
    ];
    let mut files: Vec<(PathBuf, Form, u64)> = vec![(folder.join(control::FILE), control::FORM, 0)];
    files.extend(records.map(|(name, magic)| (folder.join(name), frames::form(magic), 0)));
    let logs = log::files(folder)?;
    files.extend(logs.into_iter().filter_map(|path| {
        let first = log::first_named(&path)?;
        Some((path, log::FORM, first))
    }));
    let mut broken = Vec::new();
    for (path, form, number) in files {
        let bytes = match std::fs::read(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            read => read.map_err(Error::io("read", &path))?,
        };
        if form.is_broken(&bytes) {
            broken.push(Broken { header: form.mended(&bytes, store, number), path });
        } else if let Err(error @ Error::Format { .. }) = form.check(&path, &bytes, store) {
            return Err(error);
        }
    }
    Ok(broken)
}

/// Writes headers anew.
pub(super) fn write(broken: &[Broken], made_anew: &mut Vec<String>) -> Result<(), Error> {
    for Broken { path, header } in broken {
        let mut bytes = std::fs::read(path).map_err(Error::io("read", path))?;
        bytes[..header.len()].copy_from_slice(header);
        frames::replace(path, &bytes)?;
        made_anew.push(format!(
            "{}: its header was broken and is written anew; nothing that is behind it is lost by that",
            path.display()
        ));
    }
    Ok(())
}
