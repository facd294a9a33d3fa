//! Where the values of a tally lie: pieces that were counted apart, each with the way back to its samples.
//!
//! A piece is the cells of a rollup, which stay in the block they were read in, or cells gathered from samples. Pieces are put together
//! only when somebody asks (see `distribution`): most answers ask for few percentiles of what they count.

use super::cells::{self, Cell};
use super::error::Error;
use super::gather::Gather;
use super::grain::{self, Weighed};
use super::grid::Grid;
use super::mapping::Mapping;
use super::old_bins::OldBin;
use super::plan::Plausible;
use super::series::SeriesId;
use super::source::Source;
use super::track::Moment;
use std::ops::Range;
use std::sync::Arc;

/// Pieces, in no order that matters.
#[derive(Clone, Debug, Default)]
pub(super) struct Spread(pub(super) Vec<Piece>);

/// Cells that were counted together.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) body: Body,
    /// Values and how much less they weigh than the cells tell.
    pub(super) cuts: Vec<(f64, u64)>,
    /// From the unit of the series to that of the answer.
    pub(super) mapping: Mapping,
    /// Where the samples can be read again.
    pub(super) again: Option<Again>,
}

/// What a piece holds.
#[derive(Clone, Debug)]
pub(super) enum Body {
    /// Cells as bytes.
    Cells(Arc<Vec<u8>>, Range<usize>),
    /// Bins of an old rollup whose samples are gone.
    Bins(Arc<Vec<OldBin>>),
}

/// Samples that can be read again.
#[derive(Clone, Debug)]
pub(super) struct Again {
    /// The series.
    pub(super) known: Arc<Known>,
    /// The first instant, and the first one after.
    pub(super) span: (i64, i64),
    /// The hold.
    pub(super) hold: i64,
    /// The values that count.
    pub(super) plausible: Plausible,
}

/// A series as it was when an answer was made.
#[derive(Debug)]
pub(super) struct Known {
    /// Which.
    pub(super) series: SeriesId,
    /// Its samples.
    pub(super) moment: Moment,
    /// As of when.
    pub(super) position: u64,
}

impl Spread {
    /// Adds the pieces of another.
    pub(super) fn merge(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }
}

impl Piece {
    /// Tells of each cell its smallest and greatest value, its count and its time; the cuts are still to be taken off.
    pub(super) fn each(&self, mut take: impl FnMut((f64, f64), u64, u128)) {
        match &self.body {
            Body::Bins(bins) => bins.iter().for_each(|bin| take(bin.span, bin.count, bin.time)),
            Body::Cells(..) => {
                let mut cells = Vec::new();
                let grid = self.cells(&mut cells);
                cells.iter().for_each(|cell| take(grid.span(cell.key), cell.count, cell.time));
            }
        }
    }

    /// Returns the level of the cells.
    pub(super) fn level(&self) -> i32 {
        match &self.body {
            Body::Cells(bytes, range) => cells::level(&bytes[range.clone()]).unwrap_or(i32::MAX),
            Body::Bins(bins) => OldBin::level(bins),
        }
    }

    /// Returns how far the bins of an old rollup may be off their values.
    pub(super) fn rough(&self) -> f64 {
        match &self.body {
            Body::Cells(..) => 0.0,
            Body::Bins(bins) => bins.iter().map(OldBin::off).fold(0.0, f64::max),
        }
    }

    /// Adds the cells to those gathered.
    pub(super) fn add_to(&self, gather: &mut Gather, cells: &mut Vec<Cell>) {
        match &self.body {
            Body::Cells(..) => {
                let grid = self.cells(cells);
                gather.add_cells(grid, cells);
            }
            Body::Bins(bins) => {
                gather.coarsen(OldBin::level(bins));
                bins.iter().for_each(|bin| gather.add(bin.centre, bin.count, bin.time));
            }
        }
        self.cuts.iter().for_each(|(value, time)| gather.remove_time(*value, u128::from(*time)));
    }

    fn cells(&self, cells: &mut Vec<Cell>) -> Grid {
        let Body::Cells(bytes, range) = &self.body else { return Grid::new(0) };
        // They were read once when the piece was made, and the block carries a check sum.
        cells::read(&bytes[range.clone()], cells).unwrap_or_else(|_| Grid::new(0))
    }
}

impl Again {
    /// Reads the samples again and counts them.
    pub(super) fn add_to(&self, gather: &mut Gather) -> Result<(), Error> {
        let Known { series, moment, position } = &*self.known;
        let mut source = Source::of_moment(*series, moment.clone(), *position);
        let (mut rows, mut weighed) = (Vec::new(), Vec::new());
        let grain = grain::of(self.hold);
        let (mut cursor, end) = (grain::floor(self.span.0, grain), grain::ceil(self.span.1, grain));
        while cursor < end {
            let next = grain::ceil(source.stretch(cursor, end), grain).min(end);
            source.rows(cursor, next, &mut rows)?;
            grain::weigh(&rows, self.hold, &mut weighed);
            let counts = |sample: &&Weighed| {
                (self.span.0..self.span.1).contains(&sample.at) && self.plausible.contains(sample.value)
            };
            for sample in weighed.iter().filter(counts) {
                gather.add(sample.value, 1, u128::from(sample.weight));
            }
            cursor = next;
        }
        Ok(())
    }
}
