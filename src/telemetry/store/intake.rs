//! Taking samples: line protocol and batches, a request in pieces.

use super::Store;
use super::sealer::Sealer;
use crate::telemetry::error::Error;
use crate::telemetry::ingest::batch::Batch;
use crate::telemetry::ingest::limits::Limits;
use crate::telemetry::ingest::line::Precision;
use crate::telemetry::ingest::lines::{Lines, Read};
use crate::telemetry::ingest::notes::{Earlier, Replaced, numbered};
use crate::telemetry::ingest::refusals::Refusals;
use crate::telemetry::ingest::staged::Staged;
use crate::telemetry::ingest::written::Written;
use crate::telemetry::series::key::SeriesId;
use crate::telemetry::settings::Settings;
use std::sync::{PoisonError, RwLockReadGuard};

/// A request is stored in pieces of so many samples: each of them wholly or not at all.
const PIECE_SAMPLES: usize = 1_000_000;
/// A batch of no more rows does not wait for others to be sealed.
const SMALL_ROWS: usize = 1000;

impl Store {
    /// Stores the samples of InfluxDB line protocol; a line without an instant gets the present one. The good lines are
    /// durable on return, the bad ones are named.
    ///
    /// More than a million samples are stored in pieces, so that no request takes much memory or keeps the others waiting: where a
    /// piece fails, the error states how many samples before it are stored.
    pub fn write_lines(&self, body: &[u8], precision: Precision) -> Result<Written, Error> {
        let written = self.write_lines_in_pieces(body, precision, PIECE_SAMPLES);
        self.shared.intake.note(body.len(), &written);
        written
    }

    /// Stores line protocol in pieces of at least so many samples, as far as there are.
    pub(in crate::telemetry) fn write_lines_in_pieces(
        &self,
        body: &[u8],
        precision: Precision,
        piece: usize,
    ) -> Result<Written, Error> {
        self.shared.drop_refused();
        let _gate = self.gate();
        let now = self.shared.clock.now().nanos();
        let mut lines = Lines::of(body, precision, (now, self.shared.control.clock().latest(now)))?;
        let limits = Limits::of(&self.shared.settings);
        let (mut written, mut made, mut earlier) = (None::<Written>, 0, Earlier::default());
        loop {
            let (read, more) = lines.read(piece, limits.after(made), &self.shared.catalog)?;
            made += read.staged.new.len();
            let stored = self.write_piece(read, &mut earlier, more);
            let all = match (written, stored) {
                (None, stored) => stored?,
                (Some(before), Ok(stored)) => before.and(stored),
                (Some(before), Err(error)) => {
                    let (stored, source) = (before.samples, Box::new(error));
                    return Err(Error::PartlyStored { stored, source });
                }
            };
            if !more {
                return Ok(all);
            }
            written = Some(all);
        }
    }

    /// Stores a piece of a request after the earlier ones, and adds it to them where more will come.
    fn write_piece(&self, read: Read<'_>, earlier: &mut Earlier, more: bool) -> Result<Written, Error> {
        let across = earlier.replaced_by(&read.staged, &self.shared.catalog);
        let within = Replaced::of(&read.staged, &self.shared.catalog.read());
        let replaced = match across {
            Some(across) => Some(across.and(within)),
            None => within,
        };
        let stored = (read.staged.at.len() as u64, read.staged.new.len());
        let latest = more.then(|| Earlier::latest_of(&read.staged));
        let (position, numbers) = self.commit(read.staged)?;
        latest.into_iter().for_each(|latest| earlier.add(position, latest, &numbers));
        if !read.fresh.is_empty() {
            let mut names = self.shared.catalog.write();
            for (head, fields) in read.fresh {
                for (field, place) in fields {
                    let number = numbered(place, &numbers);
                    number.into_iter().for_each(|number| names.remember(head, field, number));
                }
            }
        }
        let written = self.written(stored, read.rejected, position);
        Ok(Written { skipped: read.skipped, replaced, ..written })
    }

    /// Returns how the store is set.
    pub fn settings(&self) -> &Settings {
        &self.shared.settings
    }

    /// Stores a batch; what can be stored is durable on return, the rest is named.
    pub fn write(&self, batch: Batch) -> Result<Written, Error> {
        self.shared.drop_refused();
        let _gate = self.gate();
        let (staged, rejected, replaced) = {
            let names = self.shared.catalog.read();
            let (staged, rejected) = Staged::of_batch(batch, &names, Limits::of(&self.shared.settings));
            let replaced = Replaced::of(&staged, &names);
            (staged, rejected, replaced)
        };
        let stored = (staged.at.len() as u64, staged.new.len());
        let (position, _) = self.commit(staged)?;
        let written = Ok(Written { replaced, ..self.written(stored, rejected, position) });
        self.shared.intake.note(0, &written);
        written
    }

    fn gate(&self) -> RwLockReadGuard<'_, ()> {
        self.shared.gate.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn written(&self, (samples, new_series): (u64, usize), rejected: Refusals, position: u64) -> Written {
        Written {
            samples,
            new_series,
            rejected: rejected.listed,
            rejected_count: rejected.count,
            skipped: None,
            replaced: None,
            watermark: self.shared.watermark(position),
        }
    }

    fn commit(&self, staged: Staged) -> Result<(u64, Vec<Option<SeriesId>>), Error> {
        if staged.at.is_empty() {
            return Ok((self.shared.committer.durable(), Vec::new()));
        }
        self.shared.refuse_moved()?;
        // Whoever brings many samples waits for those before to be sealed; one who brings few need not wait for that.
        let waiting_max = if staged.at.len() > SMALL_ROWS { 2 } else { 4 };
        if self.shared.committer.unsealed() >= self.shared.settings.seal_rows.saturating_mul(waiting_max) {
            self.shared.seal()?;
        }
        let committed = self.shared.committer.commit(&self.shared.catalog, staged, &*self.shared.clock)?;
        if self.shared.wants_sealing() {
            self.sealer.iter().for_each(Sealer::wake);
        }
        Ok(committed)
    }
}
