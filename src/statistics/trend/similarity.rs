//! The life that is left to a unit, by units that ran to failure and looked like it.
//!
//! The properties of an instant are put into one number, the health index: a linear combination of the standardised properties, fitted to the
//! life that was left, at most `cap`, over all instants of the units that failed. The last stretch of the index of a unit is laid on the
//! index of each unit that failed, wherever it fits best; what was left to those that fit best is averaged, the nearer with
//! the greater weight. The interval is that of the errors
//! which the same method makes on the units that failed, each left out once and cut at several ages: of the errors at predictions most alike.
//!
//! Sources: Wang, Yu, Siegel and Lee, *A similarity-based prognostics approach for remaining useful life estimation of engineered systems*,
//! PHM 2008; the interval as by split conformal prediction, Lei et al., Journal of the American Statistical Association 113, 2018.

use crate::model::random;

/// The history of a unit: the same properties at each of its instants, in order of age.
#[derive(Clone, Debug, PartialEq)]
pub struct Trajectory {
    /// The age at each instant.
    pub ages: Vec<f64>,
    /// The properties at each instant.
    pub rows: Vec<Vec<f64>>,
    /// The age at which it failed; `None`: it did not.
    pub failed: Option<f64>,
}

/// How the life that is left is found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Similarity {
    /// What is left counts as no more than this where the index is fitted: units show no wear before.
    pub cap: f64,
    /// The index is averaged over so many instants.
    pub smoothing: usize,
    /// So many instants are compared, fewer where there are fewer.
    pub stretch: usize,
    /// So many units that failed are averaged.
    pub neighbours: usize,
}

impl Similarity {
    /// The numbers that do well on turbofans, with the cap in the unit of ages.
    pub fn with_cap(cap: f64) -> Self {
        Self { cap, smoothing: 5, stretch: 80, neighbours: 30 }
    }
}

/// Fewer units that failed show nothing.
pub const FAILED_MIN: usize = 5;
/// Fewer instants of a unit are compared with nothing.
pub const INSTANTS_MIN: usize = 5;
/// Each unit that failed is cut at so many ages to measure the error.
const CUTS: u64 = 5;
/// The interval is that of so many errors at the predictions most alike.
const ERRORS_ALIKE: usize = 100;
/// Units that failed are left out in so many parts.
const FOLDS: usize = 10;
/// Keeps the equations solvable where properties depend on each other: this share of their number is added to the diagonal.
const RIDGE: f64 = 1e-3;

/// A prediction of the life that is left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Remaining {
    /// What is left.
    pub estimate: f64,
    /// It is no less, at half of one less the confidence.
    pub low: f64,
    /// It is no more.
    pub high: f64,
    /// The health index at the end: what is left as one instant shows it.
    pub index: f64,
}

/// An error of the method, on a unit that failed and was left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    /// The place of the unit among those that failed.
    pub unit: usize,
    /// What was predicted.
    pub predicted: f64,
    /// What was left.
    pub actual: f64,
}

/// Units that failed, ready to predict.
#[derive(Clone, Debug)]
pub struct Predictor {
    how: Similarity,
    index: Index,
    /// The index of each unit that failed, and what was left at each instant.
    known: Vec<Known>,
    /// The errors of the method, in order of the predictions.
    trials: Vec<Trial>,
}

#[derive(Clone, Debug)]
struct Known {
    index: Vec<f64>,
    left: Vec<f64>,
}

impl Predictor {
    /// Learns from the units that failed; `None` for fewer than [`FAILED_MIN`] with [`INSTANTS_MIN`] instants, or where no property varies. The
    /// same trajectories in the same order give the same bits.
    pub fn learn(trajectories: &[Trajectory], how: Similarity, seed: u64) -> Option<Self> {
        let failed: Vec<&Trajectory> = trajectories
            .iter()
            .filter(|trajectory| trajectory.failed.is_some() && trajectory.rows.len() >= INSTANTS_MIN)
            .collect();
        if failed.len() < FAILED_MIN {
            return None;
        }
        let mut trials = Vec::new();
        let folds = FOLDS.min(failed.len());
        for fold in 0..folds {
            let others = failed.iter().enumerate().filter(|(place, _)| place % folds != fold);
            let others: Vec<&Trajectory> = others.map(|(_, trajectory)| *trajectory).collect();
            let without = Self::of(&others, how)?;
            for (unit, trajectory) in failed.iter().enumerate().filter(|(place, _)| place % folds == fold) {
                trials.extend(without.trials_of(unit, trajectory, seed));
            }
        }
        trials.sort_by(|a, b| a.predicted.total_cmp(&b.predicted).then(a.unit.cmp(&b.unit)));
        Some(Self { trials, ..Self::of(&failed, how)? })
    }

    fn of(failed: &[&Trajectory], how: Similarity) -> Option<Self> {
        let index = Index::fit(failed, how.cap)?;
        let known = failed.iter().map(|trajectory| Known {
            index: smoothed(&index.of(&trajectory.rows), how.smoothing),
            left: left(trajectory),
        });
        Some(Self { how, known: known.collect(), index, trials: Vec::new() })
    }

    /// Cuts a unit that failed at several ages, and predicts what was left.
    fn trials_of(&self, unit: usize, trajectory: &Trajectory, seed: u64) -> Vec<Trial> {
        let left = left(trajectory);
        let room = trajectory.rows.len() - INSTANTS_MIN + 1;
        let cuts = (0..CUTS).map(|cut| {
            let word = random::mix(random::mix(seed, unit as u64), cut);
            INSTANTS_MIN + random::below(word, room)
        });
        let trial = |cut: usize| {
            let (predicted, _) = self.estimate(&trajectory.rows[..cut])?;
            Some(Trial { unit, predicted, actual: left[cut - 1] })
        };
        cuts.filter_map(trial).collect()
    }

    /// Predicts what is left to a unit after its last instant; `None` for fewer than [`INSTANTS_MIN`].
    pub fn predict(&self, rows: &[Vec<f64>], confidence: f64) -> Option<Remaining> {
        let (estimate, index) = self.estimate(rows)?;
        let (low, high) = self.errors(estimate, confidence);
        Some(Remaining {
            estimate,
            low: (estimate + low).max(0.0).min(estimate),
            high: (estimate + high).max(estimate),
            index,
        })
    }

    /// Returns the errors that the method made on the units that failed, in order of the predictions.
    pub fn trials(&self) -> &[Trial] {
        &self.trials
    }

    fn estimate(&self, rows: &[Vec<f64>]) -> Option<(f64, f64)> {
        if rows.len() < INSTANTS_MIN {
            return None;
        }
        let own = smoothed(&self.index.of(rows), self.how.smoothing);
        let mut fits: Vec<(f64, f64)> =
            self.known.iter().filter_map(|known| self.best_fit(&own, known)).collect();
        fits.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        fits.truncate(self.how.neighbours);
        let last = *own.last()?;
        let mean = fits.iter().fold(0.0, |sum, (distance, _)| sum + distance) / fits.len() as f64;
        // The nearer the more, but a perfect fit is not all.
        let weight = |distance: f64| 1.0 / (distance + 0.1 * mean + f64::MIN_POSITIVE);
        let weights = fits.iter().fold(0.0, |sum, (distance, _)| sum + weight(*distance));
        let sum = fits.iter().fold(0.0, |sum, (distance, left)| sum + weight(*distance) * left);
        // Where all fit without a distance their weights are infinite, and alike.
        let plain = fits.iter().fold(0.0, |sum, (_, left)| sum + left) / fits.len() as f64;
        let estimate = if mean > 0.0 { sum / weights } else { plain };
        (!fits.is_empty()).then(|| (estimate.max(0.0), last))
    }

    /// Lays the end of an index on one that is known: returns the mean square of the distances where it fits best, and what was left there.
    fn best_fit(&self, own: &[f64], known: &Known) -> Option<(f64, f64)> {
        let length = self.how.stretch.min(own.len()).min(known.index.len());
        let end = &own[own.len() - length..];
        let places = known.index.windows(length).enumerate();
        let fits = places.map(|(place, other)| {
            let squares = end.iter().zip(other).fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b));
            (squares / length as f64, known.left[place + length - 1])
        });
        fits.min_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// Returns the quantiles of the errors at the predictions most alike.
    fn errors(&self, estimate: f64, confidence: f64) -> (f64, f64) {
        let after = self.trials.partition_point(|trial| trial.predicted < estimate);
        let count = ERRORS_ALIKE.min(self.trials.len());
        let from = after.saturating_sub(count / 2).min(self.trials.len() - count);
        let alike = &self.trials[from..from + count];
        let mut errors: Vec<f64> = alike.iter().map(|trial| trial.actual - trial.predicted).collect();
        errors.sort_unstable_by(f64::total_cmp);
        let tail = (1.0 - confidence) / 2.0;
        // Of n errors and the one to come each is as likely to be at any rank.
        let rank = |p: f64| p * (errors.len() as f64 + 1.0);
        let low = (rank(tail).floor() as usize).max(1) - 1;
        let high = (rank(1.0 - tail).ceil() as usize).clamp(1, errors.len().max(1)) - 1;
        (errors.get(low).copied().unwrap_or(0.0), errors.get(high).copied().unwrap_or(0.0))
    }
}

/// Returns the life that was left at each instant.
fn left(trajectory: &Trajectory) -> Vec<f64> {
    let end = trajectory.failed.or(trajectory.ages.last().copied()).unwrap_or_default();
    trajectory.ages.iter().map(|age| (end - age).max(0.0)).collect()
}

/// Averages each value with those before it.
fn smoothed(values: &[f64], count: usize) -> Vec<f64> {
    let mean = |end: usize| {
        let stretch = &values[(end + 1).saturating_sub(count.max(1))..=end];
        stretch.iter().fold(0.0, |sum, value| sum + value) / stretch.len() as f64
    };
    (0..values.len()).map(mean).collect()
}

/// The health index: what is left, as the properties of one instant show it.
#[derive(Clone, Debug)]
struct Index {
    means: Vec<f64>,
    /// The weight of each property in its own unit; 0 for one that does not vary.
    weights: Vec<f64>,
    mean: f64,
}

impl Index {
    /// Fits the weights by least squares, with a ridge; `None` where no property varies.
    fn fit(failed: &[&Trajectory], cap: f64) -> Option<Self> {
        let rows: Vec<&Vec<f64>> = failed.iter().flat_map(|trajectory| &trajectory.rows).collect();
        let targets: Vec<f64> =
            failed.iter().flat_map(|trajectory| left(trajectory)).map(|left| left.min(cap)).collect();
        let (count, width) = (rows.len() as f64, rows.first()?.len());
        let mean_of = |at: usize| rows.iter().fold(0.0, |sum, row| sum + row[at]) / count;
        let means: Vec<f64> = (0..width).map(mean_of).collect();
        let spread_of = |at: usize| {
            let squares =
                rows.iter().fold(0.0, |sum, row| sum + (row[at] - means[at]) * (row[at] - means[at]));
            let spread = (squares / count).sqrt();
            if spread > 1e-9 * means[at].abs() { spread } else { 0.0 }
        };
        let spreads: Vec<f64> = (0..width).map(spread_of).collect();
        let kept: Vec<usize> = (0..width).filter(|at| spreads[*at] > 0.0).collect();
        if kept.is_empty() {
            return None;
        }
        let mean = targets.iter().fold(0.0, |sum, target| sum + target) / count;
        let mut matrix = vec![vec![0.0; kept.len()]; kept.len()];
        let mut right = vec![0.0; kept.len()];
        for (row, target) in rows.iter().zip(&targets) {
            let scores: Vec<f64> = kept.iter().map(|at| (row[*at] - means[*at]) / spreads[*at]).collect();
            for (a, score) in scores.iter().enumerate() {
                right[a] += score * (target - mean);
                (0..=a).for_each(|b| matrix[a][b] += score * scores[b]);
            }
        }
        (0..kept.len()).for_each(|at| matrix[at][at] += RIDGE * count);
        let solved = solve(matrix, right);
        let mut weights = vec![0.0; width];
        kept.iter().zip(solved).for_each(|(at, weight)| weights[*at] = weight / spreads[*at]);
        Some(Self { means, weights, mean })
    }

    fn of(&self, rows: &[Vec<f64>]) -> Vec<f64> {
        let index = |row: &Vec<f64>| {
            let terms = row.iter().zip(&self.means).zip(&self.weights);
            terms.fold(self.mean, |sum, ((value, mean), weight)| sum + weight * (value - mean))
        };
        rows.iter().map(index).collect()
    }
}

/// Solves a symmetrical system, of which the lower triangle is given, by the decomposition of Cholesky.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let size = right.len();
    for column in 0..size {
        for row in column..size {
            let product = (0..column).fold(0.0, |sum, at| sum + matrix[row][at] * matrix[column][at]);
            let rest = matrix[row][column] - product;
            matrix[row][column] = if row == column {
                rest.max(f64::MIN_POSITIVE).sqrt()
            } else {
                rest / matrix[column][column]
            };
        }
    }
    for row in 0..size {
        let known = (0..row).fold(0.0, |sum, at| sum + matrix[row][at] * right[at]);
        right[row] = (right[row] - known) / matrix[row][row];
    }
    for row in (0..size).rev() {
        let known = (row + 1..size).fold(0.0, |sum, at| sum + matrix[at][row] * right[at]);
        right[row] = (right[row] - known) / matrix[row][row];
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uniform(seed: u64, place: u64) -> f64 {
        (random::mix(seed, place) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A unit that fails after 60 to 140 instants; what it shows grows over the last 60, with noise. The second property is of no use.
    fn unit(number: u64) -> Trajectory {
        let life = 60.0 + (80.0 * uniform(9, number)).floor();
        let rows = (1..=life as u64).map(|age| {
            let wear = (60.0 - (life - age as f64)).max(0.0) / 60.0;
            vec![5.0 + wear * wear + 0.05 * (uniform(number, age) - 0.5), 7.0, uniform(100 + number, age)]
        });
        let rows: Vec<Vec<f64>> = rows.collect();
        Trajectory { ages: (1..=rows.len()).map(|age| age as f64).collect(), rows, failed: Some(life) }
    }

    #[test]
    fn what_is_left_is_found_near_the_end() {
        let units: Vec<Trajectory> = (0..40).map(unit).collect();
        let how = Similarity { stretch: 30, neighbours: 10, ..Similarity::with_cap(60.0) };
        let predictor = Predictor::learn(&units[..30], how, 1).expect("a predictor");
        let (mut held, mut count) = (0, 0);
        for unit in &units[30..] {
            for left in [5_usize, 15, 25] {
                let cut = unit.rows.len() - left;
                let found = predictor.predict(&unit.rows[..cut], 0.9).expect("a prediction");
                assert!((found.estimate - left as f64).abs() < 12.0, "{left}: {found:?}");
                assert!(found.low <= found.estimate && found.estimate <= found.high, "{found:?}");
                held += usize::from(found.low <= left as f64 && left as f64 <= found.high);
                count += 1;
            }
        }
        assert!(held * 10 >= count * 8, "{held} of {count}");
        let again = Predictor::learn(&units[..30], how, 1).expect("a predictor");
        assert_eq!(again.trials(), predictor.trials());
        assert_eq!(predictor.trials().len(), 150);
    }

    #[test]
    fn too_few_show_nothing() {
        let how = Similarity::with_cap(60.0);
        let units: Vec<Trajectory> = (0..6).map(unit).collect();
        assert!(Predictor::learn(&units[..4], how, 1).is_none());
        let flat = |unit: &Trajectory| Trajectory {
            rows: unit.rows.iter().map(|_| vec![1.0]).collect(),
            ..unit.clone()
        };
        assert!(Predictor::learn(&units.iter().map(flat).collect::<Vec<_>>(), how, 1).is_none());
        let predictor = Predictor::learn(&units, how, 1).expect("a predictor");
        assert_eq!(predictor.predict(&units[0].rows[..4], 0.9), None);
    }

    #[test]
    fn equations_are_solved() {
        let found = solve(vec![vec![4.0, 0.0], vec![2.0, 3.0]], vec![10.0, 8.0]);
        assert!((found[0] - 1.75).abs() < 1e-12 && (found[1] - 1.5).abs() < 1e-12, "{found:?}");
    }
}
