//! Gathers values into cells: of each value its own cell while there are few, then cells of a grid that is much finer than any answer
//! needs.
//!
//! The grid may become too coarse for what comes later, as where a few wide values come first and many narrow ones after
//! them. Who answers sees that from the level, and gathers again below a ceiling (see `distribution`).

use super::bytes::Short;
use super::cells::{self, Cell};
use super::grid::{EXACT, Grid, exponent};
use foldhash::HashMap;

/// So many different values are counted one by one.
pub(super) const EXACT_MAX: usize = 256;
/// So many cells lie between the 1st and the 99th percentile of an answer at least, and two more for those that zero cuts.
pub(super) const CELLS: f64 = 514.0;

/// Levels below the one that suits the values so far: in memory while they come, in a rollup, and where no sample can be read again.
const FINER: i32 = 3;
pub(super) const KEPT_FINER: i32 = 1;
pub(super) const LAST_FINER: i32 = 4;

#[derive(Clone, Copy, Debug, Default)]
struct Bin {
    count: u64,
    time: u128,
}

const PAGE: i64 = 32;
type Page = [Bin; PAGE as usize];
/// Cells further apart than the pages reach are found by hash.
const PAGES_MAX: i64 = 2048;
const FAR_MAX: usize = 4096;

/// Cells in the making.
#[derive(Clone, Debug)]
pub(super) struct Gather {
    grid: Grid,
    ceiling: i32,
    first: i64,
    pages: Vec<Option<Box<Page>>>,
    far: HashMap<i64, Bin>,
    far_max: usize,
}

impl Default for Gather {
    fn default() -> Self {
        Self::below(i32::MAX)
    }
}

impl Gather {
    /// Makes one that takes no coarser grid than the ceiling by itself.
    pub(super) fn below(ceiling: i32) -> Self {
        let (pages, far) = (Vec::new(), HashMap::default());
        Self { grid: Grid::new(EXACT), ceiling, first: 0, pages, far, far_max: EXACT_MAX }
    }

    /// Counts a value.
    #[inline]
    pub(super) fn add(&mut self, value: f64, count: u64, time: u128) {
        self.put(self.grid.key(value), count, time);
    }

    /// Takes back some of the time that a value weighs.
    pub(super) fn remove_time(&mut self, value: f64, time: u128) {
        let key = self.grid.key(value);
        let page = self.page(key).and_then(|page| self.pages.get_mut(page));
        let bin = match page.and_then(Option::as_mut) {
            Some(page) => Some(&mut page[key.rem_euclid(PAGE) as usize]),
            None => self.far.get_mut(&key),
        };
        if let Some(bin) = bin {
            bin.time = bin.time.saturating_sub(time);
        }
    }

    /// Counts cells of some grid, and takes a grid that is not finer than theirs.
    pub(super) fn add_cells(&mut self, grid: Grid, cells: &[Cell]) {
        if cells.is_empty() {
            return;
        }
        if grid.level > self.grid.level {
            self.change(grid);
        }
        for cell in cells {
            // The grid may change on the way.
            let key =
                if grid.level == self.grid.level { cell.key } else { grid.coarser(cell.key, self.grid) };
            self.put(key, cell.count, cell.time);
        }
    }

    /// Counts what another has gathered.
    pub(super) fn merge(&mut self, other: &Self) {
        self.add_cells(other.grid, &other.cells());
    }

    /// Takes a grid that is at least as coarse as a level.
    pub(super) fn coarsen(&mut self, level: i32) {
        if level > self.grid.level {
            self.change(Grid::new(level));
        }
    }

    /// Tells whether nothing was counted.
    pub(super) fn is_empty(&self) -> bool {
        self.far.is_empty() && self.pages.is_empty()
    }

    /// Returns the grid.
    pub(super) fn grid(&self) -> Grid {
        self.grid
    }

    /// Returns the cells in the order of their keys.
    pub(super) fn cells(&self) -> Vec<Cell> {
        let cell = |(key, bin): (i64, Bin)| Cell { key, count: bin.count, time: bin.time };
        let pages =
            self.pages.iter().zip(self.first..).filter_map(|(page, number)| Some((page.as_ref()?, number)));
        let near = pages.flat_map(|(page, number)| (number * PAGE..).zip(page.iter().copied()));
        let mut cells: Vec<Cell> = near.filter(|(_, bin)| bin.count > 0).map(cell).collect();
        if !self.far.is_empty() {
            cells.extend(self.far.iter().map(|(key, bin)| cell((*key, *bin))));
            cells.sort_unstable_by_key(|cell| cell.key);
        }
        cells
    }

    /// Appends the cells as bytes, at a level so far below the one that suits them.
    pub(super) fn write(&self, finer: i32, bytes: &mut Vec<u8>) {
        let cells = self.cells();
        let level = suiting(self.grid, &cells).saturating_sub(finer).min(self.ceiling);
        if self.grid.level == EXACT || level <= self.grid.level {
            cells::write(self.grid, &cells, bytes);
        } else {
            let to = Grid::new(level);
            cells::write(to, &coarser(self.grid, &cells, to), bytes);
        }
    }

    /// Adds cells that were written.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<(), Short> {
        let mut cells = Vec::new();
        let grid = cells::read(bytes, &mut cells)?;
        self.add_cells(grid, &cells);
        Ok(())
    }

    #[inline]
    fn put(&mut self, key: i64, count: u64, time: u128) {
        if let Some(page) = self.page(key).or_else(|| self.grow(key)) {
            let page = self.pages[page].get_or_insert_with(|| Box::new([Bin::default(); PAGE as usize]));
            let bin = &mut page[key.rem_euclid(PAGE) as usize];
            bin.count += count;
            bin.time += time;
            return;
        }
        let bin = self.far.entry(key).or_default();
        bin.count += count;
        bin.time += time;
        if self.far.len() > self.far_max {
            self.make_room();
        }
    }

    #[inline]
    fn page(&self, key: i64) -> Option<usize> {
        let index = usize::try_from(key.div_euclid(PAGE).checked_sub(self.first)?).ok()?;
        (index < self.pages.len()).then_some(index)
    }

    /// Makes a page for a key, if the pages reach so far.
    #[cold]
    fn grow(&mut self, key: i64) -> Option<usize> {
        if self.grid.level == EXACT {
            return None;
        }
        let page = key.div_euclid(PAGE);
        if self.pages.is_empty() {
            self.first = page;
        }
        let first = self.first.min(page);
        let end = (self.first + self.pages.len() as i64).max(page + 1);
        if end.checked_sub(first).is_none_or(|length| length > PAGES_MAX) {
            return None;
        }
        let before = (self.first - first) as usize;
        self.pages.splice(0..0, std::iter::repeat_with(|| None).take(before));
        self.pages.resize_with((end - first) as usize, || None);
        self.first = first;
        Some((page - first) as usize)
    }

    /// Takes a coarser grid if that suits the values so far, else more room.
    #[cold]
    fn make_room(&mut self) {
        let finer = if self.grid.level == EXACT { FINER } else { KEPT_FINER };
        let level = suiting(self.grid, &self.cells()).saturating_sub(finer).min(self.ceiling);
        if level > self.grid.level {
            self.change(Grid::new(level));
            self.far_max = FAR_MAX.max(2 * self.far.len());
        } else {
            self.far_max *= 2;
        }
    }

    fn change(&mut self, grid: Grid) {
        let cells = coarser(self.grid, &self.cells(), grid);
        let far_max = self.far_max.max(FAR_MAX);
        *self = Self { grid, far_max, ..Self::below(self.ceiling) };
        // From the middle outwards, so that the pages lie around the most values.
        let (low, high) = cells.split_at(cells.len() / 2);
        for cell in high.iter().chain(low.iter().rev()) {
            self.far_max = self.far_max.max(self.far.len() + 1);
            self.put(cell.key, cell.count, cell.time);
        }
    }
}

impl PartialEq for Gather {
    /// What was gathered is equal when the cells are.
    fn eq(&self, other: &Self) -> bool {
        self.grid == other.grid && self.cells() == other.cells()
    }
}

/// Returns cells in a coarser grid.
pub(super) fn coarser(grid: Grid, cells: &[Cell], to: Grid) -> Vec<Cell> {
    let mut merged: Vec<Cell> = Vec::with_capacity(cells.len());
    for cell in cells {
        let key = grid.coarser(cell.key, to);
        match merged.last_mut() {
            Some(last) if last.key == key => {
                last.count += cell.count;
                last.time += cell.time;
            }
            _ => merged.push(Cell { key, ..*cell }),
        }
    }
    merged
}

/// Returns the level whose cells suit the range from the 1st to the 99th percentile of some cells.
fn suiting(grid: Grid, cells: &[Cell]) -> i32 {
    let total = cells.iter().map(|cell| cell.count).sum();
    let (low, high) = middle(total, cells.iter().map(|cell| (cell.key, cell.count)));
    suiting_range(grid.centre(low.unwrap_or(0)), grid.centre(high.unwrap_or(0)))
}

/// Returns the level whose cells suit a range, but none finer than the doubles at its ends.
pub(super) fn suiting_range(low: f64, high: f64) -> i32 {
    let (finest, width) = (finest(low, high), high / CELLS - low / CELLS);
    if width > 0.0 { exponent(width).max(finest) } else { finest }
}

/// Returns the level at which the doubles at the ends of a range have cells of their own.
pub(super) fn finest(low: f64, high: f64) -> i32 {
    (exponent(low.abs().max(high.abs())) - 52).max(EXACT + 1)
}

/// Returns the 1st and the 99th percentile by nearest rank, of values in their order with their counts.
pub(super) fn middle<T: Copy>(total: u64, values: impl Iterator<Item = (T, u64)>) -> (Option<T>, Option<T>) {
    let (first, last) = (total.div_ceil(100), total - total / 100);
    let (mut below, mut low, mut high) = (0, None, None);
    for (value, count) in values {
        below += count;
        low = low.or((below >= first).then_some(value));
        high = high.or((below >= last).then_some(value));
    }
    (low, high)
}
