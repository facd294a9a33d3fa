//! Pieces to summaries, one for each cell and bucket.
//!
//! Pieces are grouped by series, so that each page of a chunk is decoded once; groups are shared out over threads. What a thread
//! finds is added up in sheets, one for each cell and mapping. A sheet's tallies are exact and have no order, so
//! neither the threads nor what rollups served leave a trace in the answer.

use super::fold::{BucketResult, Buffers, Fold, Reach, add_beyond};
use crate::model::sync::cancellation::Cancellation;
use crate::model::time::interval::Interval;
use crate::telemetry::aggregate::mapping::Mapping;
use crate::telemetry::aggregate::weights::Hold;
use crate::telemetry::error::Error;
use crate::telemetry::ingest::catalog::Names;
use crate::telemetry::part::blocks::Blocks;
use crate::telemetry::query::summary::Summary;
use crate::telemetry::read::condition::Conditions;
use crate::telemetry::read::fragment::{Room, Samples};
use crate::telemetry::read::limit::Allowed;
use crate::telemetry::read::plan::{Piece, Plan};
use crate::telemetry::read::source::Source;
use crate::telemetry::read::track::{SeriesSnapshot, Tracks};
use crate::telemetry::series::key::SeriesId;
use crate::telemetry::series::sample::LATEST;
use foldhash::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Fewer series than this are not worth a thread.
const SERIES_PER_THREAD: usize = 8;

/// Refuses what cannot be answered; returns the series that the answer needs.
pub(in crate::telemetry) fn check(
    pieces: &[Piece],
    plan: &Plan,
    names: &Names,
    position: u64,
) -> Result<Tracks, Error> {
    if plan.buckets.windows(2).any(|pair| pair[0].to() > pair[1].from()) {
        return Err(Error::Buckets);
    }
    if let Some(piece) = pieces.iter().find(|piece| piece.cell >= plan.cells) {
        return Err(Error::NoCell { cell: piece.cell, cells: plan.cells });
    }
    let guards = pieces.iter().flat_map(|piece| piece.guards.iter().filter_map(|guard| guard.series));
    let mut tracks = Tracks::default();
    for id in pieces.iter().map(|piece| piece.series).chain(guards) {
        if let std::collections::hash_map::Entry::Vacant(free) = tracks.entry(id) {
            free.insert(Arc::clone(names.track(id, position)?));
        }
    }
    Ok(tracks)
}

/// Aggregates pieces: a summary for each cell and bucket.
pub(in crate::telemetry) fn aggregate(
    pieces: &[Piece],
    plan: &Plan,
    tracks: &Tracks,
    position: u64,
    blocks: &Blocks,
    wanted: &Cancellation,
) -> Result<Vec<Vec<Summary>>, Error> {
    let mut order: Vec<&Piece> = pieces.iter().collect();
    order.sort_by_key(|piece| (piece.series, piece.within.from()));
    let groups: Vec<&[&Piece]> = order.chunk_by(|a, b| a.series == b.series).collect();
    let (next, room) = (AtomicUsize::new(0), Room::new());
    let work = || -> Result<Sheets, Error> {
        let (sheets, buffers, room) = (Sheets::default(), Buffers::default(), &room);
        let mut worker = Worker { plan, tracks, position, blocks, wanted, sheets, buffers, room };
        while let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) {
            worker.series(group)?;
        }
        Ok(worker.sheets)
    };
    let threads =
        std::thread::available_parallelism().map_or(1, usize::from).min(groups.len() / SERIES_PER_THREAD);
    let found = Mutex::new(Ok(Sheets::default()));
    let join = |sheets: Result<Sheets, Error>| {
        let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
        match (&mut *found, sheets) {
            (Ok(all), Ok(sheets)) => all.merge(sheets),
            (Ok(_), Err(error)) => *found = Err(error),
            (Err(_), _) => {}
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| join(work()));
        }
        join(work());
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner).map(|sheets| sheets.summaries(plan, threads))
}

/// What was found so far, by cell and mapping.
#[derive(Default)]
struct Sheets(HashMap<(usize, [u64; 3]), Sheet>);

struct Sheet {
    mapping: Mapping,
    /// For each limit of the plan.
    allowed: Vec<Allowed>,
    parts: Vec<Option<Box<BucketResult>>>,
}

impl Sheets {
    fn sheet(&mut self, piece: &Piece, plan: &Plan) -> &mut Sheet {
        let mapping = Mapping { conversion: piece.conversion, transform: piece.transform };
        let (scale, offset) = (piece.conversion.scale.to_bits(), piece.conversion.offset.to_bits());
        let key = (piece.cell, [scale, offset, piece.transform as u64]);
        self.0.entry(key).or_insert_with(|| Sheet {
            mapping,
            allowed: plan.limits.iter().map(|limit| Allowed::new(mapping, *limit)).collect(),
            parts: plan.buckets.iter().map(|_| None).collect(),
        })
    }

    fn merge(&mut self, other: Self) {
        for (key, sheet) in other.0 {
            let Some(mine) = self.0.get_mut(&key) else {
                self.0.insert(key, sheet);
                continue;
            };
            for (mine, theirs) in mine.parts.iter_mut().zip(sheet.parts) {
                match (mine.as_mut(), theirs) {
                    (Some(mine), Some(theirs)) => mine.merge(&theirs),
                    (None, theirs) => *mine = theirs,
                    (_, None) => {}
                }
            }
        }
    }

    /// Maps the sheets of each cell and adds them up; the cells are shared out over threads.
    fn summaries(self, plan: &Plan, threads: usize) -> Vec<Vec<Summary>> {
        let mut cells = vec![Vec::new(); plan.cells];
        let share = plan.cells.div_ceil(threads.max(1)).max(1);
        let mut sheets: Vec<Vec<Keyed>> = cells.chunks(share).map(|_| Vec::new()).collect();
        for (key, sheet) in self.0 {
            sheets[key.0 / share].push((key, sheet));
        }
        let mut shares = cells.chunks_mut(share).zip(sheets);
        let own = shares.next();
        let add_up = |(cells, sheets)| add_up(cells, sheets, share, plan);
        std::thread::scope(|scope| {
            shares.for_each(|share| _ = scope.spawn(move || add_up(share)));
            own.into_iter().for_each(add_up);
        });
        cells
    }
}

/// A sheet with its cell and mapping.
type Keyed = ((usize, [u64; 3]), Sheet);

/// Adds up the sheets of one share of the cells, in an order that depends on the mappings alone.
fn add_up(cells: &mut [Vec<Summary>], mut sheets: Vec<Keyed>, share: usize, plan: &Plan) {
    cells.fill(vec![Summary::empty(plan.limits.len()); plan.buckets.len()]);
    sheets.sort_unstable_by_key(|(key, _)| *key);
    for ((cell, _), sheet) in sheets {
        for (summary, part) in cells[cell % share].iter_mut().zip(sheet.parts) {
            let Some(part) = part else { continue };
            add_beyond(&mut summary.beyond, &part.beyond);
            summary.covered_ns += part.covered;
            summary.undecided_ns += part.undecided;
            summary.implausible.merge(part.implausible);
            summary.absorb(part.tally, sheet.mapping);
        }
    }
}

struct Worker<'a> {
    plan: &'a Plan,
    tracks: &'a Tracks,
    position: u64,
    blocks: &'a Blocks,
    wanted: &'a Cancellation,
    sheets: Sheets,
    buffers: Buffers,
    room: &'a Room,
}

impl Worker<'_> {
    /// Folds the pieces of one series, which come in order of their starts.
    fn series(&mut self, pieces: &[&Piece]) -> Result<(), Error> {
        let (Some(first), Some(end)) = (pieces.first(), pieces.iter().map(|piece| piece.within.to()).max())
        else {
            return Ok(());
        };
        let Some(track) = self.tracks.get(&first.series) else { return Err(Error::NoSeries(first.series)) };
        // What weighs on either side of the pieces is read as well.
        let hold = pieces.iter().map(|piece| Hold::of(piece.hold_ns).nanos()).max().unwrap_or(0);
        let from = first.within.from().nanos().saturating_sub_unsigned(hold);
        let to = end.nanos().saturating_add_unsigned(hold).saturating_add(1);
        let mut source = Source::open(track, from, to, self.position);
        let snapshot = self.plan.quantiles.then(|| Arc::new((first.series, source.snapshot().clone())));
        pieces.iter().try_for_each(|piece| self.piece(piece, &mut source, snapshot.as_ref()))
    }

    fn piece(
        &mut self,
        piece: &Piece,
        source: &mut Source,
        snapshot: Option<&Arc<(SeriesId, SeriesSnapshot)>>,
    ) -> Result<(), Error> {
        let plan = self.plan;
        let first = plan.buckets.partition_point(|bucket| bucket.to() <= piece.within.from());
        let (from, to) = clamped(piece.within);
        let conditions = Arc::new(Conditions::of(self.tracks, self.position, &piece.guards, (from, to))?);
        let mut gate = conditions.gate(from)?;
        let known = snapshot.map(|snapshot| {
            let (conditions, position) = (Arc::clone(&conditions), self.position);
            let (hold, plausible) = (Hold::of(piece.hold_ns), piece.plausible);
            let (series, wanted) = (Arc::clone(snapshot), self.wanted.clone());
            Arc::new(Samples { series, position, hold, plausible, conditions, wanted })
        });
        let sheet = self.sheets.sheet(piece, plan);
        self.wanted.check().map_err(Error::Cancelled)?;
        let (mut reach, mut read_to) = (None, None);
        for (index, bucket) in plan.buckets.iter().enumerate().skip(first) {
            let Some(span) = bucket.intersect(piece.within) else { break };
            let (from, to) = clamped(span);
            if read_to != Some(from) {
                let overhang = source.overhang(from, Hold::of(piece.hold_ns), piece.plausible)?;
                reach = overhang.map(|(end, is_plausible)| Reach { end, is_plausible });
            }
            let part = sheet.parts[index].get_or_insert_with(|| BucketResult::new(plan));
            let (mapping, allowed) = (sheet.mapping, sheet.allowed.as_slice());
            let (blocks, wanted, buffers) = (self.blocks, self.wanted, &mut self.buffers);
            let (known, room) = (known.as_ref(), self.room);
            let mut fold = Fold {
                piece,
                plan,
                mapping,
                allowed,
                part,
                blocks,
                wanted,
                buffers,
                known,
                room,
                to,
                reach: None,
            };
            fold.begin(from, reach);
            let gaps = fold.rollups(source, from, to)?;
            for (from, to) in gaps {
                fold.samples(source, from, to, &mut gate)?;
            }
            (reach, read_to) = (fold.reach, Some(to));
        }
        Ok(())
    }
}

fn clamped(span: Interval) -> (i64, i64) {
    (span.from().nanos().clamp(0, LATEST), span.to().nanos().clamp(0, LATEST))
}
