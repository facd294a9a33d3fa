//! Which parts a store must have, and which positions can no longer be answered.
//!
//! `parts.tll` is a file of records (see `frames`) with the magic "TLLEDGER"; a record is
//! parts joined u32; number u64 of each · parts left u32; number u64 of each · spans lost u32; first and last position u64
//! of each. A part joins before the log of its rows is removed, and leaves before its file is removed: so a part that has joined and is not
//! there is damage. A part that is there and has not joined holds nothing that is not in other parts or in the log, and is removed at the
//! next start; one of an earlier program without a ledger, of which the log no longer holds the rows, joins then.

use super::bytes::{Reader, Short};
use super::control::{Control, Look, Recorded};
use super::frames::{Frames, frames};
use crate::telemetry::error::Error;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

/// What it begins with.
pub(in crate::telemetry) const MAGIC: [u8; 8] = *b"TLLEDGER";
/// Its name in the folder.
pub(in crate::telemetry) const FILE: &str = "parts.tll";

/// The parts that have joined and not left, and the spans of positions that were dropped.
#[derive(Debug)]
pub(in crate::telemetry) struct Ledger {
    frames: Frames,
    /// The numbers of the parts.
    pub(in crate::telemetry) parts: BTreeSet<u64>,
    /// The greatest number of a part that ever joined.
    newest: u64,
    /// Spans of positions, first and last: what had arrived by then was damaged or missing, and was dropped.
    pub(in crate::telemetry) lost: Vec<(u64, u64)>,
}

/// One change of a ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::telemetry) struct LedgerEdit {
    /// Parts that join.
    pub(in crate::telemetry) joined: Vec<u64>,
    /// Parts that leave.
    pub(in crate::telemetry) left: Vec<u64>,
    /// Spans that are lost.
    pub(in crate::telemetry) lost: Vec<(u64, u64)>,
}

impl Ledger {
    /// Opens the file, made where it is missing.
    pub(in crate::telemetry) fn open(
        folder: &Path,
        store: Uuid,
        control: &Arc<Control>,
    ) -> Result<Self, Error> {
        let (frames, payloads) = Frames::open(folder.join(FILE), MAGIC, store, control, Recorded::Ledger)?;
        let Content { parts, newest, lost } = content(folder, &payloads)?;
        Ok(Self { frames, parts, newest, lost })
    }

    /// Returns whether a part that is not among the parts had joined and left.
    pub(in crate::telemetry) fn has_left(&self, number: u64) -> bool {
        number <= self.newest && !self.parts.contains(&number)
    }

    /// Reads the parts that must be there; nothing is made or mended.
    pub(in crate::telemetry) fn look(
        folder: &Path,
        store: Uuid,
        control: Option<&Look>,
    ) -> Result<BTreeSet<u64>, Error> {
        let payloads = Frames::look(&folder.join(FILE), MAGIC, store, control, Recorded::Ledger)?;
        Ok(content(folder, &payloads)?.parts)
    }

    /// Makes a change durable.
    pub(in crate::telemetry) fn append(&mut self, edit: &LedgerEdit) -> Result<(), Error> {
        if *edit != LedgerEdit::default() {
            self.frames.append(&[edit.write()])?;
            apply(edit, &mut self.parts, &mut self.lost);
            self.newest = edit.joined.iter().fold(self.newest, |newest, number| newest.max(*number));
        }
        Ok(())
    }

    /// Returns a record, as the file has it, by which a span is lost.
    pub(in crate::telemetry) fn lost_record(&self, span: (u64, u64)) -> Vec<u8> {
        frames(&[LedgerEdit { lost: vec![span], ..LedgerEdit::default() }.write()])
    }

    /// Returns its file.
    pub(in crate::telemetry) fn frames(&self) -> &Frames {
        &self.frames
    }

    /// Returns whether an append failed such that the end of the file is not known.
    pub(in crate::telemetry) fn is_broken(&self) -> bool {
        self.frames.is_broken()
    }
}

/// What all records of the file come to.
#[derive(Default)]
struct Content {
    parts: BTreeSet<u64>,
    newest: u64,
    lost: Vec<(u64, u64)>,
}

fn content(folder: &Path, payloads: &[Vec<u8>]) -> Result<Content, Error> {
    let mut content = Content::default();
    for payload in payloads {
        let edit = LedgerEdit::read(payload);
        let edit =
            edit.map_err(|Short| Error::damaged(&folder.join(FILE), "a record is no edit of the ledger"))?;
        apply(&edit, &mut content.parts, &mut content.lost);
        content.newest = edit.joined.iter().fold(content.newest, |newest, number| newest.max(*number));
    }
    Ok(content)
}

fn apply(edit: &LedgerEdit, parts: &mut BTreeSet<u64>, lost: &mut Vec<(u64, u64)>) {
    parts.extend(&edit.joined);
    parts.retain(|number| !edit.left.contains(number));
    lost.extend(&edit.lost);
}

impl LedgerEdit {
    fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for numbers in [&self.joined, &self.left] {
            bytes.extend((numbers.len() as u32).to_le_bytes());
            numbers.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
        }
        bytes.extend((self.lost.len() as u32).to_le_bytes());
        for (first, last) in &self.lost {
            bytes.extend(first.to_le_bytes());
            bytes.extend(last.to_le_bytes());
        }
        bytes
    }

    fn read(payload: &[u8]) -> Result<Self, Short> {
        let mut reader = Reader(payload);
        let numbers =
            |reader: &mut Reader<'_>| (0..reader.u32()?).map(|_| reader.u64()).collect::<Result<_, _>>();
        let (joined, left) = (numbers(&mut reader)?, numbers(&mut reader)?);
        let lost = (0..reader.u32()?).map(|_| Ok((reader.u64()?, reader.u64()?)));
        Ok(Self { joined, left, lost: lost.collect::<Result<_, _>>()? })
    }
}
