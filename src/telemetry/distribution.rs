//! What the pieces of a spread say together: points that depend on the samples alone.
//!
//! Of up to 256 different values each is a point, exact. Of more, the points are the cells of the coarsest grid that has at least 512
//! cells between the 1st and the 99th percentile of the samples: each value is off by half a cell at most, less than 0.1 % of that range.
//! Whether a level does can be told exactly from any cells that are not coarser. Where those at hand are, as of a rollup
//! far wider than the whole, its samples are read again; so which rollups served leaves no trace. What is
//! gone, or was counted under a condition, cannot be read again: then the cells at hand serve, and `within` tells how coarse
//! they are.

use super::cells::Cell;
use super::gather::{CELLS, EXACT_MAX, Gather, coarser, finest, middle, suiting_range};
use super::grid::{EXACT, Grid, exponent_up, power_of_two};
use super::mapping::Mapping;
use super::spread::{Piece, Spread};
use super::summary::Point;

/// Values in ascending order with what they count, and how far they may be off.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Distribution {
    pub(super) points: Vec<Point>,
    /// The time of the points up to each.
    pub(super) times: Vec<u128>,
    /// Nought where the points are the values themselves.
    pub(super) within: f64,
}

/// So many pieces are worth a thread.
const PIECES_PER_THREAD: usize = 256;
/// So many levels further down the next try goes where the cells at hand tell nothing of the range.
const DOWN: i32 = 10;

impl Distribution {
    /// Puts pieces together; no value lies outside `[min, max]`.
    pub(super) fn of(spread: &Spread, min: f64, max: f64) -> Self {
        let mut ceiling = i32::MAX;
        loop {
            let gathered = Gathered::of(spread, ceiling, (min, max));
            match gathered.settle() {
                Ok(settled) => return settled,
                Err(below) if below < ceiling && gathered.stuck < gathered.level() => ceiling = below,
                Err(_) => return gathered.at_hand(),
            }
        }
    }
}

/// The cells of each mapping.
struct Gathered {
    cells: Vec<(Mapping, Grid, Vec<Cell>)>,
    bounds: (f64, f64),
    /// The level of what cannot be read again, in the unit of the answer.
    stuck: i32,
    /// How far the bins of old rollups may be off, in the unit of the answer.
    rough: f64,
}

impl Gathered {
    /// Gathers pieces, those above the ceiling from their samples.
    fn of(spread: &Spread, ceiling: i32, bounds: (f64, f64)) -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let share = spread.0.len().div_ceil(threads).max(PIECES_PER_THREAD);
        let mut shares = spread.0.chunks(share);
        let own = shares.next().unwrap_or_default();
        let (mut all, mut stuck, mut rough) = (Vec::new(), i32::MIN, 0.0_f64);
        std::thread::scope(|scope| {
            let others: Vec<_> = shares.map(|pieces| scope.spawn(move || gather(pieces, ceiling))).collect();
            let found = std::iter::once(gather(own, ceiling)).chain(
                others
                    .into_iter()
                    .map(|other| other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))),
            );
            for (more, level, off) in found {
                rough = rough.max(off);
                stuck = stuck.max(level);
                for (mapping, gather) in more {
                    of_mapping(&mut all, mapping, ceiling).merge(&gather);
                }
            }
        });
        all.sort_by_key(|(mapping, _)| mapping.order());
        let cells =
            all.into_iter().map(|(mapping, gather)| (mapping, gather.grid(), gather.cells())).collect();
        Self { cells, bounds, stuck, rough }
    }

    /// Returns the points that depend on the samples alone, or the level below which to look for them.
    fn settle(&self) -> Result<Distribution, i32> {
        let different: usize = self.cells.iter().map(|(.., cells)| cells.len()).sum();
        let at_hand = self.level();
        if at_hand == i32::MIN && different <= EXACT_MAX {
            return Ok(self.told(self.points(i32::MIN), 0.0));
        }
        let (low, high) = ends(&self.points(at_hand));
        let guess = suiting_range(low, high);
        for level in [guess.saturating_add(1), guess, guess - 1] {
            if level < at_hand {
                break;
            }
            let points = self.points(level);
            let (low, high) = ends(&points);
            if level < guess || high - low >= CELLS * power_of_two(level) || level <= finest(low, high) {
                return Ok(self.told(points, power_of_two(level - 1)));
            }
        }
        let least = high - low - 2.0 * power_of_two(at_hand);
        Err(if least > 0.0 { suiting_range(0.0, least) - 1 } else { at_hand - DOWN }.max(finest(low, high)))
    }

    /// Returns the points that can be told from the cells at hand.
    fn at_hand(&self) -> Distribution {
        let level = self.level();
        self.told(self.points(level), power_of_two(level - 1))
    }

    fn told(&self, points: Vec<Point>, within: f64) -> Distribution {
        let sum = |sum: &mut u128, point: &Point| {
            *sum += point.time_ns;
            Some(*sum)
        };
        let times = points.iter().scan(0, sum).collect();
        Distribution { points, times, within: within.max(self.rough) }
    }

    /// Returns the finest level, in the unit of the answer, that all cells can be told at.
    fn level(&self) -> i32 {
        let levels = self.cells.iter().filter(|(_, grid, _)| grid.level > EXACT);
        levels
            .map(|(mapping, grid, _)| grid.level + exponent_up(mapping.conversion.scale))
            .max()
            .unwrap_or(i32::MIN)
    }

    fn points(&self, level: i32) -> Vec<Point> {
        let mut points = Vec::new();
        for (mapping, grid, cells) in &self.cells {
            let to = level.saturating_sub(exponent_up(mapping.conversion.scale));
            let merged = if to > grid.level { coarser(*grid, cells, Grid::new(to)) } else { cells.clone() };
            let grid = if to > grid.level { Grid::new(to) } else { *grid };
            points.extend(merged.iter().map(|cell| Point {
                value: mapped(*mapping, grid, cell.key).clamp(self.bounds.0, self.bounds.1),
                count: cell.count,
                time_ns: cell.time,
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

fn ends(points: &[Point]) -> (f64, f64) {
    let total = points.iter().map(|point| point.count).sum();
    let (low, high) = middle(total, points.iter().map(|point| (point.value, point.count)));
    (low.unwrap_or(0.0), high.unwrap_or(0.0))
}

/// The cells of each mapping, the level of what could not be read again, and how far old bins may be off.
type Share = (Vec<(Mapping, Gather)>, i32, f64);

fn gather(pieces: &[Piece], ceiling: i32) -> Share {
    let (mut all, mut cells, mut stuck, mut rough) = (Vec::new(), Vec::new(), i32::MIN, 0.0_f64);
    for piece in pieces {
        let gather = of_mapping(&mut all, piece.mapping, ceiling);
        let level = match piece.level() {
            EXACT => i32::MIN,
            level => level.saturating_add(exponent_up(piece.mapping.conversion.scale)),
        };
        let again = piece.again.as_ref().filter(|_| level > ceiling).map(|again| {
            let mut afresh = Gather::below(raw_level(piece.mapping, ceiling));
            again.add_to(&mut afresh).map(|()| afresh)
        });
        match &again {
            Some(Ok(afresh)) => {
                gather.merge(afresh);
                continue;
            }
            // The answer is as coarse as its `resolution` says; what is damaged is named to the operator.
            Some(Err(error)) => tracing::error!(%error, "samples could not be read again for a percentile"),
            None => {}
        }
        rough = rough.max(piece.rough() * piece.mapping.conversion.scale.abs());
        // What cannot be read again is told as coarsely as it is known.
        piece.add_to(gather, &mut cells);
        if again.is_some() || piece.again.is_none() {
            stuck = stuck.max(level);
        }
    }
    (all, stuck, rough)
}

fn raw_level(mapping: Mapping, level: i32) -> i32 {
    level.saturating_sub(exponent_up(mapping.conversion.scale))
}

fn of_mapping(all: &mut Vec<(Mapping, Gather)>, mapping: Mapping, ceiling: i32) -> &mut Gather {
    let known = all.iter().position(|(known, _)| *known == mapping);
    let index = known.unwrap_or_else(|| {
        all.push((mapping, Gather::below(raw_level(mapping, ceiling))));
        all.len() - 1
    });
    &mut all[index].1
}
