//! The distribution of the values of a tally, put together from its fragments: points that depend on the samples alone.
//!
//! Of up to 256 different values each is a point, exact. Of more, the points are the bins of the coarsest grid that has at least 512
//! bins between the 1st and the 99th percentile of the samples: each value is off by half a bin at most, less than 0.1 % of that range.
//! Whether a level suits can be decided exactly from any bins that are not coarser. Where those at hand are, as of a rollup
//! far wider than the whole, its samples are read again; so which rollups served leaves no trace. Samples that retention dropped
//! cannot be read again: then the bins at hand serve, and `resolution` gives how coarse they are.

use crate::telemetry::aggregate::bins::{Bin, Columns};
use crate::telemetry::aggregate::grid::{EXACT, Grid, exponent_up, power_of_two};
use crate::telemetry::aggregate::mapping::Mapping;
use crate::telemetry::aggregate::sketch::{BINS, EXACT_MAX, Sketch, coarser, finest, middle, suiting_range};
use crate::telemetry::error::Error;
use crate::telemetry::read::fragment::{Fragment, Fragments};
use foldhash::HashMap;
use std::sync::Arc;

/// Values that lie close together, and how many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// What represents them.
    pub value: f64,
    /// How many.
    pub count: u64,
    /// The time that they count for, in nanoseconds.
    pub time_ns: u128,
}

/// Values in ascending order with what they count, and how far they may be off.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::telemetry) struct Distribution {
    pub(in crate::telemetry) points: Vec<Point>,
    /// The time of the points up to each.
    pub(in crate::telemetry) times: Vec<u128>,
    /// 0 where the points are the values themselves.
    pub(in crate::telemetry) resolution: f64,
}

/// How many fragments are worth a thread.
const FRAGMENTS_PER_THREAD: usize = 256;
/// Before so many fragments each it is asked whether they are still wanted.
const FRAGMENTS_PER_CHECK: usize = 64;
/// How many levels further down the next try goes where the bins at hand do not show the range.
const DOWN: i32 = 10;

impl Distribution {
    /// Puts fragments together; no value lies outside the bounds.
    pub(in crate::telemetry) fn of(fragments: &Fragments, bounds: (f64, f64)) -> Result<Self, Error> {
        let mut ceiling = i32::MAX;
        loop {
            let merged = Merged::of(fragments, ceiling, bounds)?;
            match merged.settle() {
                Ok(settled) => return Ok(settled),
                Err(below) if below < ceiling && merged.fixed < merged.level() => ceiling = below,
                Err(_) => return Ok(merged.at_hand()),
            }
        }
    }

    /// Does so with bins that are off by a resolution at most, where nothing coarser is all that was kept.
    pub(in crate::telemetry) fn within(
        fragments: &Fragments,
        bounds: (f64, f64),
        resolution: f64,
    ) -> Result<Self, Error> {
        let level = exponent_up(resolution).saturating_add(1);
        let merged = Merged::of(fragments, level, bounds)?;
        let level = level.max(merged.level());
        Ok(merged.finish(merged.points(level), power_of_two(level - 1)))
    }
}

/// The bins of each mapping.
struct Merged {
    bins: Vec<(Mapping, Grid, Vec<Bin>)>,
    bounds: (f64, f64),
    /// The level of what cannot be read again, in the unit of the answer.
    fixed: i32,
    /// How far the bins of old rollups may be off, in the unit of the answer.
    rough: f64,
}

impl Merged {
    /// Merges fragments, those above the ceiling from their samples.
    fn of(fragments: &Fragments, ceiling: i32, bounds: (f64, f64)) -> Result<Self, Error> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let length = fragments.0.len().div_ceil(threads).max(FRAGMENTS_PER_THREAD);
        let mut shares = fragments.0.chunks(length);
        let own = shares.next().unwrap_or_default();
        let found = std::thread::scope(|scope| {
            let others: Vec<_> = shares.map(|share| scope.spawn(move || Share::of(share, ceiling))).collect();
            let mut all = Share::of(own, ceiling)?;
            for other in others {
                all.merge(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
            }
            Ok::<_, Error>(all)
        })?;
        let mut bins: Vec<_> = found
            .sketches
            .into_values()
            .map(|(mapping, sketch)| (mapping, sketch.grid(), sketch.bins()))
            .collect();
        bins.sort_by_key(|(mapping, ..)| mapping.order());
        Ok(Self { bins, bounds, fixed: found.fixed, rough: found.rough })
    }

    /// Returns the points that depend on the samples alone, or the level below which to look for them.
    fn settle(&self) -> Result<Distribution, i32> {
        let different: usize = self.bins.iter().map(|(.., bins)| bins.len()).sum();
        let at_hand = self.level();
        if at_hand == i32::MIN && different <= EXACT_MAX {
            return Ok(self.finish(self.points(i32::MIN), 0.0));
        }
        let (low, high) = p01_and_p99(&self.points(at_hand));
        let guess = suiting_range(low, high);
        for level in [guess.saturating_add(1), guess, guess - 1] {
            if level < at_hand {
                break;
            }
            let points = self.points(level);
            let (low, high) = p01_and_p99(&points);
            if level < guess || high - low >= BINS * power_of_two(level) || level <= finest(low, high) {
                return Ok(self.finish(points, power_of_two(level - 1)));
            }
        }
        let least = high - low - 2.0 * power_of_two(at_hand);
        Err(if least > 0.0 { suiting_range(0.0, least) - 1 } else { at_hand - DOWN }.max(finest(low, high)))
    }

    /// Returns the points of the bins at hand.
    fn at_hand(&self) -> Distribution {
        let level = self.level();
        self.finish(self.points(level), power_of_two(level - 1))
    }

    fn finish(&self, points: Vec<Point>, resolution: f64) -> Distribution {
        let sum = |sum: &mut u128, point: &Point| {
            *sum += point.time_ns;
            Some(*sum)
        };
        let times = points.iter().scan(0, sum).collect();
        Distribution { points, times, resolution: resolution.max(self.rough) }
    }

    /// Returns the finest level, in the unit of the answer, that suits all bins.
    fn level(&self) -> i32 {
        let levels = self.bins.iter().filter(|(_, grid, _)| grid.level > EXACT);
        levels
            .map(|(mapping, grid, _)| grid.level + exponent_up(mapping.conversion.scale))
            .max()
            .unwrap_or(i32::MIN)
    }

    fn points(&self, level: i32) -> Vec<Point> {
        let mut points = Vec::new();
        for (mapping, grid, bins) in &self.bins {
            let to = level.saturating_sub(exponent_up(mapping.conversion.scale));
            let merged = if to > grid.level { coarser(*grid, bins, Grid::new(to)) } else { bins.clone() };
            let grid = if to > grid.level { Grid::new(to) } else { *grid };
            points.extend(merged.iter().map(|bin| Point {
                value: mapped(*mapping, grid, bin.key).clamp(self.bounds.0, self.bounds.1),
                count: bin.count,
                time_ns: bin.time,
            }));
        }
        points.sort_by(|a, b| a.value.total_cmp(&b.value));
        points.dedup_by(|next, point| {
            let is_same = next.value == point.value;
            if is_same {
                point.count += next.count;
                point.time_ns += next.time_ns;
            }
            is_same
        });
        points
    }
}

fn mapped(mapping: Mapping, grid: Grid, key: i64) -> f64 {
    let centre = grid.centre(key);
    if grid.level == EXACT { mapping.apply(centre) } else { mapping.approximate(centre) }
}

fn p01_and_p99(points: &[Point]) -> (f64, f64) {
    let total = points.iter().map(|point| point.count).sum();
    let (low, high) = middle(total, points.iter().map(|point| (point.value, point.count)));
    (low.unwrap_or(0.0), high.unwrap_or(0.0))
}

/// What one thread merges.
struct Share {
    ceiling: i32,
    sketches: HashMap<(u64, u64, u8), (Mapping, Sketch)>,
    fixed: i32,
    rough: f64,
}

impl Share {
    fn of(fragments: &[Arc<Fragment>], ceiling: i32) -> Result<Self, Error> {
        let mut share = Self { ceiling, sketches: HashMap::default(), fixed: i32::MIN, rough: 0.0 };
        let mut columns = Columns::default();
        // The coarsest come first, so that the grid of a sketch changes once.
        let mut order = fragments
            .iter()
            .map(|fragment| Ok((fragment.level()?, &**fragment)))
            .collect::<Result<Vec<_>, Error>>()?;
        order.sort_by_key(|(level, _)| std::cmp::Reverse(*level));
        for (place, (level, fragment)) in order.into_iter().enumerate() {
            if let Some(origin) = fragment.origin.as_ref().filter(|_| place % FRAGMENTS_PER_CHECK == 0) {
                origin.samples.wanted.check().map_err(Error::Cancelled)?;
            }
            share.add(fragment, level, &mut columns)?;
        }
        Ok(share)
    }

    /// Adds a fragment, from its samples where its bins are too coarse.
    fn add(&mut self, fragment: &Fragment, level: i32, columns: &mut Columns) -> Result<(), Error> {
        let mapping = fragment.mapping;
        let level = match level {
            EXACT => i32::MIN,
            level => level.saturating_add(exponent_up(mapping.conversion.scale)),
        };
        let ceiling = self.ceiling;
        match &fragment.origin {
            Some(origin) if level > ceiling => {
                let mut afresh = Sketch::below(raw_level(mapping, ceiling));
                origin.add_to(&mut afresh)?;
                self.sketch(mapping).merge(&afresh);
            }
            origin => {
                fragment.add_to(self.sketch(mapping), columns)?;
                self.rough = self.rough.max(fragment.rough() * mapping.conversion.scale.abs());
                self.fixed = if origin.is_none() { self.fixed.max(level) } else { self.fixed };
            }
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) {
        for (mapping, sketch) in other.sketches.into_values() {
            self.sketch(mapping).merge(&sketch);
        }
        (self.fixed, self.rough) = (self.fixed.max(other.fixed), self.rough.max(other.rough));
    }

    fn sketch(&mut self, mapping: Mapping) -> &mut Sketch {
        let ceiling = raw_level(mapping, self.ceiling);
        let fresh = || (mapping, Sketch::below(ceiling));
        &mut self.sketches.entry(mapping.order()).or_insert_with(fresh).1
    }
}

fn raw_level(mapping: Mapping, level: i32) -> i32 {
    level.saturating_sub(exponent_up(mapping.conversion.scale))
}
