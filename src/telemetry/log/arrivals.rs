//! When batches arrived, by the service's clock: what turns an instant into a watermark.
//!
//! `arrivals.tla` is a file of records (see `frames`) with the magic "TLARRIVE". A record is a run of consecutive positions: first position
//! u64 · number of positions u32 · the instant i64 of the first in nanoseconds · for each other one the difference from the one before
//! (zigzag, varint). A run is written before its batches leave the log, which holds the instants of those since. Batches that came
//! with version 1 of the log have none.
//!
//! The clock may have been set back while the store was in use. Where batches before and after a position disagree about an instant,
//! the instant is refused: nothing shows which of them is right.

use crate::telemetry::error::Error;
use crate::telemetry::file::bytes::{Reader, Short, put_varint, unzigzag, zigzag};
use crate::telemetry::file::control::{Control, Look, Recorded};
use crate::telemetry::file::frames::Frames;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

/// What it begins with.
pub(in crate::telemetry) const MAGIC: [u8; 8] = *b"TLARRIVE";
/// Its name in the folder.
pub(in crate::telemetry) const FILE: &str = "arrivals.tla";

/// The instants at which the batches that left the log had arrived.
#[derive(Debug)]
pub(in crate::telemetry) struct Arrivals {
    frames: Frames,
    path: PathBuf,
    runs: Vec<Run>,
}

/// What is known of a run without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    first: u64,
    count: u32,
    /// Its earliest and latest instant.
    span: (i64, i64),
    /// Which record of the file it is.
    offset: u64,
    length: usize,
}

/// What the arrivals show about an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::telemetry) enum Reached {
    /// This position had been reached, exactly.
    Position(u64),
    /// The instant of this position, the first with one, is later, and there are earlier ones; `None` where none has an instant.
    Unknown(Option<(u64, i64)>),
    /// The clock was set back: by its readings it was this position, or that later one.
    Disputed(u64, u64),
}

/// Positions with their instants, in order of the positions.
pub(in crate::telemetry) type Instants = Vec<(u64, i64)>;

impl Arrivals {
    /// Opens the file, made where it is missing.
    pub(in crate::telemetry) fn open(
        folder: &Path,
        store: Uuid,
        control: &Arc<Control>,
    ) -> Result<Self, Error> {
        let path = folder.join(FILE);
        let (frames, payloads) = Frames::open(path.clone(), MAGIC, store, control, Recorded::Arrivals)?;
        let runs = runs(&path, &payloads)?;
        Ok(Self { frames, path, runs })
    }

    /// Reads the file and finds whether it is whole; nothing is made or mended.
    pub(in crate::telemetry) fn look(
        folder: &Path,
        store: Uuid,
        control: Option<&Look>,
    ) -> Result<(), Error> {
        let path = folder.join(FILE);
        runs(&path, &Frames::look(&path, MAGIC, store, control, Recorded::Arrivals)?).map(drop)
    }

    /// Returns its file.
    pub(in crate::telemetry) fn frames(&self) -> &Frames {
        &self.frames
    }

    /// Returns the latest instant that is here.
    pub(in crate::telemetry) fn newest(&self) -> Option<i64> {
        self.runs.iter().map(|run| run.span.1).max()
    }

    /// Returns the last position whose instant is here.
    pub(in crate::telemetry) fn through(&self) -> u64 {
        self.runs.last().map_or(0, Run::last)
    }

    /// Makes the instants of further positions durable.
    pub(in crate::telemetry) fn append(&mut self, instants: &[(u64, i64)]) -> Result<(), Error> {
        let through = self.through();
        let fresh: Instants = instants.iter().copied().filter(|(position, _)| *position > through).collect();
        let payloads: Vec<Vec<u8>> = fresh.chunk_by(|a, b| a.0 + 1 == b.0).map(write).collect();
        let mut offset = self.runs.last().map_or(Frames::START, Run::end);
        self.frames.append(&payloads)?;
        for payload in payloads {
            let run = describe(&payload, offset).map_err(|Short| self.damaged())?;
            offset = run.end();
            self.runs.push(run);
        }
        Ok(())
    }

    /// Returns the position that had been reached at an instant; `recent` are the instants of later positions, up to `newest`.
    pub(in crate::telemetry) fn reached(
        &self,
        at: i64,
        recent: &[(u64, i64)],
        newest: u64,
    ) -> Result<Reached, Error> {
        let recent_from = self.through();
        let recent: Instants =
            recent.iter().copied().filter(|(position, _)| *position > recent_from).collect();
        let last_by = self.last_by(at, &recent)?;
        let first_after = self.first_after(at, &recent)?;
        Ok(match (last_by, first_after) {
            (Some(by), Some(after)) if after.0 < by => Reached::Disputed(after.0 - 1, by),
            (Some(by), after) if after.map_or(newest, |(after, _)| after - 1) == by => Reached::Position(by),
            (None, Some((1, _))) => Reached::Position(0),
            (None, None) if newest == 0 => Reached::Position(0),
            (_, after) => Reached::Unknown(after),
        })
    }

    /// Returns the last position whose instant is not later.
    fn last_by(&self, at: i64, recent: &[(u64, i64)]) -> Result<Option<u64>, Error> {
        if let Some((position, _)) = recent.iter().rfind(|(_, instant)| *instant <= at) {
            return Ok(Some(*position));
        }
        match self.runs.iter().rfind(|run| run.span.0 <= at) {
            Some(run) => {
                let instants = self.read(run)?;
                Ok(instants.iter().rfind(|(_, instant)| *instant <= at).map(|(position, _)| *position))
            }
            None => Ok(None),
        }
    }

    /// Returns the first position whose instant is later.
    fn first_after(&self, at: i64, recent: &[(u64, i64)]) -> Result<Option<(u64, i64)>, Error> {
        match self.runs.iter().find(|run| run.span.1 > at) {
            Some(run) => Ok(self.read(run)?.into_iter().find(|(_, instant)| *instant > at)),
            None => Ok(recent.iter().copied().find(|(_, instant)| *instant > at)),
        }
    }

    fn read(&self, run: &Run) -> Result<Instants, Error> {
        let payload = self.frames.read(run.offset, run.length)?;
        instants(&payload).map_err(|Short| self.damaged())
    }

    fn damaged(&self) -> Error {
        damaged(&self.path)
    }
}

impl Run {
    const fn last(&self) -> u64 {
        self.first + self.count as u64 - 1
    }

    /// Returns where the next record begins.
    const fn end(&self) -> u64 {
        self.offset + Frames::BEFORE + self.length as u64
    }
}

fn damaged(path: &Path) -> Error {
    Error::damaged(path, "a record holds no run of arrivals")
}

fn runs(path: &Path, payloads: &[Vec<u8>]) -> Result<Vec<Run>, Error> {
    let mut runs: Vec<Run> = Vec::with_capacity(payloads.len());
    for payload in payloads {
        let offset = runs.last().map_or(Frames::START, Run::end);
        let run = describe(payload, offset).map_err(|Short| damaged(path))?;
        if runs.last().is_some_and(|before| before.last() >= run.first) {
            return Err(damaged(path));
        }
        runs.push(run);
    }
    Ok(runs)
}

fn describe(payload: &[u8], offset: u64) -> Result<Run, Short> {
    let instants = instants(payload)?;
    let first = instants.first().ok_or(Short)?.0;
    let span = instants.iter().fold((i64::MAX, i64::MIN), |(from, to), (_, at)| (from.min(*at), to.max(*at)));
    Ok(Run { first, count: instants.len() as u32, span, offset, length: payload.len() })
}

fn write(run: &[(u64, i64)]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(20 + 4 * run.len());
    let (first, mut before) = run.first().copied().unwrap_or_default();
    bytes.extend(first.to_le_bytes());
    bytes.extend((run.len() as u32).to_le_bytes());
    bytes.extend(before.to_le_bytes());
    for (_, at) in run.iter().skip(1) {
        put_varint(&mut bytes, zigzag(at.wrapping_sub(before)));
        before = *at;
    }
    bytes
}

fn instants(payload: &[u8]) -> Result<Instants, Short> {
    let mut reader = Reader(payload);
    let (first, count) = (reader.u64()?, reader.u32()?);
    let mut at = reader.u64()? as i64;
    let mut instants = vec![(first, at)];
    for place in 1..u64::from(count) {
        at = at.wrapping_add(unzigzag(reader.varint()?));
        instants.push((first + place, at));
    }
    if reader.0.is_empty() && count > 0 { Ok(instants) } else { Err(Short) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(folder: &Path) -> Arrivals {
        let control = Control::open(folder, Uuid::nil()).unwrap();
        let control = control.map_or_else(|| Control::create(folder, Uuid::nil(), 0), Ok).unwrap();
        Arrivals::open(folder, Uuid::nil(), &Arc::new(control)).unwrap()
    }

    /// Checks what is reached where some arrivals have left the log and others have not.
    fn check(arrivals: &[(u64, i64)], newest: u64, at: i64, expect: Reached) {
        for kept in 0..=arrivals.len() {
            let folder = tempfile::tempdir().unwrap();
            let mut file = open(folder.path());
            for run in arrivals[..kept].chunks(2) {
                file.append(run).unwrap();
            }
            let file = open(folder.path());
            assert_eq!(
                file.reached(at, &arrivals[kept..], newest).unwrap(),
                expect,
                "{arrivals:?} {kept} {at}"
            );
            // What is in both counts once.
            assert_eq!(file.reached(at, arrivals, newest).unwrap(), expect, "{arrivals:?} {kept} {at}");
        }
    }

    #[test]
    fn an_instant_reaches_the_last_position_by_then() {
        let even = [(1, 10), (2, 20), (3, 20), (4, 35), (5, i64::MAX)];
        check(&even, 5, 9, Reached::Position(0));
        check(&even, 5, 10, Reached::Position(1));
        check(&even, 5, 19, Reached::Position(1));
        check(&even, 5, 20, Reached::Position(3));
        check(&even, 5, 40, Reached::Position(4));
        check(&[], 0, 40, Reached::Position(0));
    }

    #[test]
    fn what_has_no_instant_is_not_guessed() {
        let later = [(4, 40), (5, 50)];
        check(&later, 5, 39, Reached::Unknown(Some((4, 40))));
        check(&later, 5, 45, Reached::Position(4));
        check(&later, 6, 60, Reached::Unknown(None));
        let gap = [(1, 10), (4, 40)];
        check(&gap, 4, 20, Reached::Unknown(Some((4, 40))));
        check(&gap, 4, 5, Reached::Position(0));
        check(&gap, 4, 40, Reached::Position(4));
        check(&[], 3, 40, Reached::Unknown(None));
    }

    #[test]
    fn a_clock_that_was_set_back_is_disputed_where_it_matters() {
        let fast = [(1, 10), (2, 900), (3, 30), (4, 40)];
        check(&fast, 4, 10, Reached::Position(1));
        check(&fast, 4, 35, Reached::Disputed(1, 3));
        check(&fast, 4, 900, Reached::Position(4));
        let behind = [(1, 100), (2, 1), (3, 120)];
        check(&behind, 3, 50, Reached::Disputed(0, 2));
        check(&behind, 3, 110, Reached::Position(2));
    }

    #[test]
    fn a_record_that_is_no_run_is_damage() {
        for payload in [&b""[..], &[0; 20], &[1; 21], &write(&[(1, 5), (2, 6)])[..20]] {
            assert!(instants(payload).is_err(), "{payload:?}");
        }
        let folder = tempfile::tempdir().unwrap();
        let mut file = open(folder.path());
        file.append(&[(1, 5)]).unwrap();
        file.frames.append(&[write(&[(1, 6)])]).unwrap();
        assert!(matches!(Arrivals::look(folder.path(), Uuid::nil(), None), Err(Error::Damaged { .. })));
    }
}
