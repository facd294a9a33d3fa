//! Cycles in a history of loads (rainflow counting).
//!
//! A cycle is closed by the four-point rule: of four turning points in order, the two in the middle are one if the range between
//! them is not greater than that before and that after. What never closes is the residue, whose ranges first grow and then shrink.
//! Closed cycles do not depend on the order in which they are taken out, so that two stretches counted apart and joined at their
//! residues have the cycles of the whole: counts roll up.
//!
//! With each range of the residue as half a cycle the counts are those of ASTM E1049-85 (2017), section 5.4.4. Source of the
//! rule: Amzallag et al., *Standardization of the rainflow counting method for fatigue analysis*, International Journal of Fatigue 16,
//! 1994.

/// A cycle, or as many as are alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cycle {
    /// The distance between its turning points: twice the amplitude.
    pub range: f64,
    /// The value in the middle of them.
    pub mean: f64,
    /// 1; ½ for a range of the residue.
    pub count: f64,
}

/// What becomes of the residue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Residue {
    /// Each range is half a cycle, as in ASTM E1049.
    #[default]
    Half,
    /// The history is one of many alike: the residue is followed by itself, which closes its cycles.
    Repeated,
}

/// The count of a stretch of a history.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rainflow<C> {
    /// What takes closed cycles.
    pub closed: C,
    /// Turning points that no cycle has closed.
    residue: Vec<f64>,
    /// The last value, from which the history may go on in the same direction.
    last: Option<f64>,
    /// Ranges up to this are no turning points.
    gate: f64,
}

/// Takes cycles as they close.
pub trait Cycles {
    /// Takes a cycle.
    fn take(&mut self, cycle: Cycle);
}

impl Cycles for Vec<Cycle> {
    fn take(&mut self, cycle: Cycle) {
        self.push(cycle);
    }
}

impl<C: Cycles> Rainflow<C> {
    /// Begins a count in which ranges up to `gate` are noise; 0 for none.
    pub fn new(closed: C, gate: f64) -> Self {
        Self { closed, residue: Vec::new(), last: None, gate }
    }

    /// Takes the next value of the history.
    pub fn push(&mut self, value: f64) {
        let Some(last) = self.last else {
            self.last = Some(value);
            if self.residue.is_empty() {
                self.residue.push(value);
            }
            return;
        };
        let turned = self.residue.last().copied().unwrap_or(last);
        // The residue ends with the last turning point, from which the history has come to `last`.
        if (value - last) * (last - turned) >= 0.0 {
            if last == turned && (value - turned).abs() <= self.gate {
                return;
            }
            self.last = Some(value);
        } else if (value - last).abs() > self.gate {
            self.turn(last);
            self.last = Some(value);
        }
    }

    /// Joins the count of the stretch that follows this one.
    pub fn append(&mut self, next: &Self) {
        next.residue.iter().copied().chain(next.last).for_each(|value| self.push(value));
    }

    /// Returns how many turning points no cycle has closed.
    pub fn open_points(&self) -> usize {
        self.residue.len()
    }

    /// Ends the history, and hands over the cycles with those of the residue.
    pub fn finish(mut self, residue: Residue) -> C {
        if let Some(last) = self.last.filter(|last| self.residue.last() != Some(last)) {
            self.turn(last);
        }
        match residue {
            Residue::Half => {
                for pair in self.residue.windows(2) {
                    self.closed.take(cycle(pair[0], pair[1], 0.5));
                }
            }
            Residue::Repeated => {
                let once = std::mem::take(&mut self.residue);
                let mut again = Self { closed: self.closed, residue: Vec::new(), last: None, gate: 0.0 };
                once.iter().chain(&once).for_each(|value| again.push(*value));
                if let Some(last) = again.last {
                    again.turn(last);
                }
                self.closed = again.closed;
            }
        }
        self.closed
    }

    /// Takes a turning point, and whatever cycles it closes.
    fn turn(&mut self, point: f64) {
        self.residue.push(point);
        while let [.., first, from, to, last] = self.residue[..] {
            let inner = (to - from).abs();
            if inner > (from - first).abs() || inner > (last - to).abs() {
                return;
            }
            self.closed.take(cycle(from, to, 1.0));
            self.residue.truncate(self.residue.len() - 3);
            self.residue.push(last);
        }
    }
}

fn cycle(from: f64, to: f64, count: f64) -> Cycle {
    Cycle { range: (to - from).abs(), mean: f64::midpoint(from, to), count }
}

/// Counts of cycles by range and mean, in bins of one width.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spectrum {
    /// The width of a bin of ranges.
    pub range_width: f64,
    /// The width of a bin of means; 0: all in one.
    pub mean_width: f64,
    /// The number of a bin of ranges and of one of means, and the cycles in it. A bin holds what is greater than its lower end, or
    /// for means equal to it.
    pub bins: std::collections::BTreeMap<(u32, i64), f64>,
    /// The greatest range.
    pub greatest: f64,
}

impl Cycles for Spectrum {
    fn take(&mut self, cycle: Cycle) {
        // A range of 10 is in the bin up to 10.
        let range = ((cycle.range / self.range_width).ceil() - 1.0).max(0.0) as u32;
        let mean = if self.mean_width > 0.0 { (cycle.mean / self.mean_width).floor() as i64 } else { 0 };
        *self.bins.entry((range, mean)).or_default() += cycle.count;
        self.greatest = self.greatest.max(cycle.range);
    }
}

impl Spectrum {
    /// Adds the cycles of another history, in bins of the same widths.
    pub fn add(&mut self, other: &Self) {
        for (bin, count) in &other.bins {
            *self.bins.entry(*bin).or_default() += count;
        }
        self.greatest = self.greatest.max(other.greatest);
    }

    /// Returns how many cycles have more than a range, those of the bin that holds it with them.
    pub fn beyond(&self, range: f64) -> f64 {
        let from = ((range / self.range_width).ceil() - 1.0).max(0.0) as u32;
        self.bins.range((from, i64::MIN)..).fold(0.0, |sum, (_, count)| sum + count)
    }

    /// Returns how many cycles there are.
    pub fn total(&self) -> f64 {
        self.bins.values().fold(0.0, |sum, count| sum + count)
    }
}
