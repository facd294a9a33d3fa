//! The share of items that survive an age where failures are only known to lie between two ages (Turnbull).

use super::lives::{End, Lives};

/// Where failures probably lie: the mass of each interval in which any may be. Inside an interval nothing is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Masses {
    /// In order of age: after the first age, at the second or before, with the probability to fail there. The last one is open
    /// where items are known to have survived longer.
    pub intervals: Vec<(f64, f64, f64)>,
    /// Whether the likelihood has reached its maximum.
    pub converged: bool,
}

const ROUNDS_MAX: usize = 20_000;
/// No share of failures changes by more where it has converged.
const CHANGE_MAX: f64 = 1e-12;

/// Returns the most likely distribution of lives of which intervals are known, with delayed entry.
///
/// Mass can only be where a failure begins to be possible and another or the same one stops being so. Each round gives every
/// failure to the intervals that it may be in, by their mass, and adds for every item that was watched from an age those that failed
/// before it unseen. Source: Turnbull, *The empirical distribution function with arbitrarily grouped, censored and truncated
/// data*, Journal of the Royal Statistical Society B 38, 1976, 290–295.
pub fn turnbull(lives: &Lives) -> Masses {
    let bounds: Vec<(f64, f64)> = lives.rows.iter().map(|row| possible(row.end)).collect();
    let intervals = innermost(&bounds);
    if intervals.is_empty() {
        return Masses { intervals: Vec::new(), converged: true };
    }
    let of = |&(after, by): &(f64, f64)| {
        let from = intervals.partition_point(|(low, _)| *low < after);
        (from, intervals.partition_point(|(_, high)| *high <= by))
    };
    let rows: Vec<Reach> = lives
        .rows
        .iter()
        .zip(&bounds)
        .map(|(row, bounds)| {
            let (from, to) = of(bounds);
            // Mass before the entry is that of items that were never watched.
            let entry = intervals.partition_point(|(_, high)| *high <= row.entry);
            Reach { from: from.max(entry), to, entry, count: row.count }
        })
        .collect();
    let mut mass = vec![1.0 / intervals.len() as f64; intervals.len()];
    let mut converged = false;
    for _ in 0..ROUNDS_MAX {
        let next = round(&rows, &mass);
        let change = mass.iter().zip(&next).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        mass = next;
        if change < CHANGE_MAX {
            converged = true;
            break;
        }
    }
    let masses = intervals.into_iter().zip(mass).map(|((after, by), mass)| (after, by, mass));
    Masses { intervals: masses.collect(), converged }
}

/// The intervals that a row's failure may be in, and the first one at or after its entry.
struct Reach {
    from: usize,
    to: usize,
    entry: usize,
    count: f64,
}

/// Returns the ages between which an item may fail: after the first, at the second or before.
fn possible(end: End) -> (f64, f64) {
    match end {
        // An age that is known is an interval that holds nothing else.
        End::Failed(age) => (age.next_down(), age),
        End::Suspended(age) => (age, f64::INFINITY),
        End::Between(after, by) => (after, by),
    }
}

/// Returns the intervals from a lower bound to the next upper one with no other bound between.
fn innermost(bounds: &[(f64, f64)]) -> Vec<(f64, f64)> {
    // At one age upper bounds come first: an interval that ends there and one that begins there have nothing in common.
    let mut ends: Vec<(f64, bool)> =
        bounds.iter().flat_map(|(after, by)| [(*after, true), (*by, false)]).collect();
    ends.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    ends.dedup();
    let pairs = ends.windows(2).filter(|pair| pair[0].1 && !pair[1].1);
    pairs.map(|pair| (pair[0].0, pair[1].0)).collect()
}

fn round(rows: &[Reach], mass: &[f64]) -> Vec<f64> {
    let mut before = vec![0.0; mass.len() + 1];
    for (at, mass) in mass.iter().enumerate() {
        before[at + 1] = before[at] + mass;
    }
    let between = |from: usize, to: usize| (before[to] - before[from]).max(0.0);
    // What each interval's mass is multiplied by, as differences from the interval before.
    let mut steps = vec![0.0; mass.len() + 1];
    let mut add = |from: usize, to: usize, weight: f64| {
        steps[from] += weight;
        steps[to] -= weight;
    };
    for row in rows {
        let inside = between(row.from, row.to);
        if inside > 0.0 {
            add(row.from, row.to, row.count / inside);
        }
        let alive = between(row.entry, mass.len());
        if row.entry > 0 && alive > 0.0 {
            add(0, row.entry, row.count / alive);
        }
    }
    let mut factor = 0.0;
    let next: Vec<f64> = mass
        .iter()
        .zip(&steps)
        .map(|(mass, step)| {
            factor += step;
            mass * factor
        })
        .collect();
    let total: f64 = next.iter().sum();
    next.into_iter().map(|mass| (mass / total).max(0.0)).collect()
}

impl Masses {
    /// Returns the least and the greatest share that may survive an age: they differ inside an interval.
    pub fn survival(&self, age: f64) -> (f64, f64) {
        let sum = |lies: &dyn Fn(f64, f64) -> bool| {
            let after = self.intervals.iter().filter(|(low, high, _)| lies(*low, *high));
            after.map(|(_, _, mass)| mass).sum::<f64>().min(1.0)
        };
        (sum(&|low, _| low >= age), sum(&|_, high| high > age))
    }
}
