//! How often a history crosses levels on the way up (ASTM E1049-85, section 5.1): a start is the crossing of the level that
//! separates standing from running.

/// Counts of crossings.
#[derive(Clone, Debug, PartialEq)]
pub struct Crossings {
    /// The levels, in order.
    levels: Vec<f64>,
    /// How often each was crossed from below: from less to it, or above it.
    pub up: Vec<u64>,
    first: Option<f64>,
    last: Option<f64>,
}

impl Crossings {
    /// Begins to count crossings of levels.
    pub fn new(mut levels: Vec<f64>) -> Self {
        levels.sort_by(f64::total_cmp);
        Self { up: vec![0; levels.len()], levels, first: None, last: None }
    }

    /// Takes the next value of the history.
    pub fn push(&mut self, value: f64) {
        if let Some(last) = self.last.filter(|last| *last < value) {
            let from = self.levels.partition_point(|level| *level <= last);
            let to = self.levels.partition_point(|level| *level <= value);
            self.up[from..to].iter_mut().for_each(|count| *count += 1);
        }
        self.first = self.first.or(Some(value));
        self.last = Some(value);
    }

    /// Joins the count of the stretch that follows this one.
    pub fn append(&mut self, next: &Self) {
        let Some(first) = next.first else { return };
        self.push(first);
        self.up.iter_mut().zip(&next.up).for_each(|(own, next)| *own += next);
        self.last = next.last;
    }

    /// Returns the levels, in the order of the counts.
    pub fn levels(&self) -> &[f64] {
        &self.levels
    }
}
