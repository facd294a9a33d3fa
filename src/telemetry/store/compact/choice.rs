//! Which parts the next step of compaction takes.

use crate::telemetry::ingest::catalog::Catalog;
use crate::telemetry::part::ChunkEntry;
use crate::telemetry::read::track::Chunk;
use crate::telemetry::series::key::SeriesId;
use crate::telemetry::store::parts::Size;
use crate::telemetry::store::pins::SeriesPins;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Parts below the first size are merged with each other, then those below the next; greater ones stay apart.
const TIERS: [u64; 3] = [32 << 20, 256 << 20, 2 << 30];

/// How many parts of one tier are merged.
const PARTS_PER_MERGE: usize = 8;

/// What compaction must leave as it is.
pub(in crate::telemetry) struct Bounds {
    /// No readable watermark lies before this position.
    pub(in crate::telemetry) readable_from: u64,
    /// The pins of each series.
    pub(in crate::telemetry) pinned: HashMap<SeriesId, SeriesPins>,
}

/// What a step takes, and why.
#[derive(Debug)]
pub(in crate::telemetry) struct Choice {
    /// The parts.
    pub(super) chosen: BTreeSet<u64>,
    /// Whether it is for the replaced arrivals in them.
    pub(super) for_replaced: bool,
}

/// Chooses parts: one of which a third counts no more, else two that hold much twice, else the oldest of a size of which
/// there are many. Of `futile` ones it is known that nothing replaced can go, or that not all can be read.
pub(in crate::telemetry::store) fn choose(
    sizes: &BTreeMap<u64, Size>,
    catalog: &Catalog,
    bounds: &Bounds,
    futile: &BTreeSet<u64>,
) -> Option<Choice> {
    let live = || sizes.iter().filter(|(number, part)| part.live > 0 && !futile.contains(number));
    let choice = |chosen| Choice { chosen, for_replaced: false };
    let wasteful = live().find(|(_, part)| part.live_bytes * 3 < part.blocks * 2);
    if let Some((number, _)) = wasteful {
        return Some(choice(BTreeSet::from([*number])));
    }
    if let Some(chosen) = DuplicateCount::count(catalog, bounds).worst(futile) {
        return Some(Choice { chosen, for_replaced: true });
    }
    (0..TIERS.len()).find_map(|tier| {
        let of_tier = live().filter(|(_, part)| self::tier(part.blocks) == tier);
        let numbers: BTreeSet<u64> = of_tier.map(|(number, _)| *number).take(PARTS_PER_MERGE).collect();
        (numbers.len() == PARTS_PER_MERGE).then(|| choice(numbers))
    })
}

fn tier(bytes: u64) -> usize {
    TIERS.partition_point(|most| *most <= bytes)
}

/// How many rows parts hold, and about how many of them are replaced arrivals that may go.
#[derive(Default)]
struct DuplicateCount {
    rows: HashMap<u64, u64>,
    replaced: BTreeMap<(u64, u64), u64>,
}

impl DuplicateCount {
    fn count(catalog: &Catalog, bounds: &Bounds) -> Self {
        let mut counts = Self::default();
        for track in catalog.read().tracks() {
            let snapshot = track.snapshot(0, 0, 0);
            let mut chunks: Vec<&Chunk> = snapshot.chunks.iter().collect();
            chunks.sort_by_key(|chunk| chunk.entry.at);
            for (index, chunk) in chunks.iter().enumerate() {
                counts.take(chunk, &chunks[index + 1..], bounds.readable_from);
            }
        }
        counts
    }

    /// Counts a chunk, and what may lie twice in it and in those that begin later.
    fn take(&mut self, chunk: &Chunk, later: &[&Chunk], readable_from: u64) {
        let (number, entry) = (chunk.part.number, chunk.entry);
        *self.rows.entry(number).or_default() += u64::from(entry.rows);
        if entry.position.1 > readable_from {
            return;
        }
        *self.replaced.entry((number, number)).or_default() += u64::from(entry.doubles);
        for other in later.iter().take_while(|other| other.entry.at.0 <= entry.at.1).take(NEIGHBOURS) {
            let pair = (number.min(other.part.number), number.max(other.part.number));
            if pair.0 != pair.1 && other.entry.position.1 <= readable_from {
                *self.replaced.entry(pair).or_default() += shared(&entry, &other.entry);
            }
        }
    }

    /// Returns parts of which a quarter may go.
    fn worst(&self, futile: &BTreeSet<u64>) -> Option<BTreeSet<u64>> {
        let rows = |part: &u64| self.rows.get(part).copied().unwrap_or_default();
        let worst = self.replaced.iter().find(|((one, other), replaced)| {
            let all = rows(one) + if one == other { 0 } else { rows(other) };
            let is_futile = futile.contains(one) && futile.contains(other);
            !is_futile && **replaced * 4 > all
        });
        worst.map(|((one, other), _)| BTreeSet::from([*one, *other]))
    }
}

/// A chunk is compared with so many that begin in it.
const NEIGHBOURS: usize = 8;

/// Guesses how many rows two chunks share from how much of their time they do.
fn shared(one: &ChunkEntry, other: &ChunkEntry) -> u64 {
    let (from, to) = (one.at.0.max(other.at.0), one.at.1.min(other.at.1));
    let within = |entry: &ChunkEntry| {
        let part = (to - from + 1) as f64 / (entry.at.1 - entry.at.0 + 1) as f64;
        (part * f64::from(entry.rows)) as u64
    };
    within(one).min(within(other))
}
