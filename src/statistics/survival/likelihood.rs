//! The likelihood of a location and a scale, given lives: its logarithm with first and second derivatives.

use super::family::Family;
use super::lives::{End, Lives};

/// The location μ and λ = ln σ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) mu: f64,
    pub(super) lambda: f64,
}

/// The logarithm of a likelihood at a point, its gradient and its second derivatives by μ and λ.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Score {
    pub(super) log: f64,
    pub(super) mu: f64,
    pub(super) lambda: f64,
    pub(super) mu_mu: f64,
    pub(super) mu_lambda: f64,
    pub(super) lambda_lambda: f64,
}

/// Logarithms of ages and how many items they are of, by what is known at them.
#[derive(Debug)]
pub(super) struct Likelihood {
    pub(super) family: Family,
    failed: Vec<(f64, f64)>,
    /// Survivors; entries are survivors counted negatively. What was watched in two stretches cancels where they meet.
    survived: Vec<(f64, f64)>,
    failed_by: Vec<(f64, f64)>,
    between: Vec<(f64, f64, f64)>,
    /// The sum over failures of their logarithms: what makes densities of ages out of those of their logarithms.
    constant: f64,
    /// How many items failed.
    pub(super) failures: f64,
}

impl Likelihood {
    pub(super) fn new(family: Family, lives: &Lives) -> Self {
        Self::moved(family, lives, 0.0)
    }

    /// Makes the likelihood of ages less a location γ, up to which nothing fails.
    pub(super) fn moved(family: Family, lives: &Lives, location: f64) -> Self {
        let mut all = Self {
            family,
            failed: Vec::new(),
            survived: Vec::new(),
            failed_by: Vec::new(),
            between: Vec::new(),
            constant: 0.0,
            failures: lives.failures(),
        };
        let log = |age: f64| (age > location).then(|| libm::log(age - location));
        for row in &lives.rows {
            if let Some(entry) = log(row.entry) {
                all.survived.push((entry, -row.count));
            }
            match row.end {
                End::Failed(age) => all.failed.push((log(age).unwrap_or(f64::NEG_INFINITY), row.count)),
                End::Suspended(age) => all.survived.extend(log(age).map(|age| (age, row.count))),
                End::Between(after, by) => {
                    let by = log(by).unwrap_or(f64::NEG_INFINITY);
                    match log(after) {
                        None => all.failed_by.push((by, row.count)),
                        Some(after) => all.between.push((after, by, row.count)),
                    }
                }
            }
        }
        all.survived = merged(all.survived);
        all.failed = merged(all.failed);
        all.constant = all.failed.iter().map(|(age, count)| age * count).sum();
        all
    }

    /// Returns a point to start from: the spread of the failures, and the location that fits the exposure.
    pub(super) fn start(&self) -> Point {
        let middles = self.failed_by.iter().map(|(by, count)| (by - 0.7, *count));
        let between = self.between.iter().map(|(after, by, count)| (f64::midpoint(*after, *by), *count));
        let failed: Vec<(f64, f64)> = self.failed.iter().copied().chain(middles).chain(between).collect();
        let mean = failed.iter().map(|(age, count)| age * count).sum::<f64>() / self.failures;
        let square = failed.iter().map(|(age, count)| count * (age - mean) * (age - mean)).sum::<f64>();
        let sigma = (0.78 * libm::sqrt(square / self.failures)).clamp(0.05, 5.0);
        // ln η from Σ t^β ∕ r, relative to the mean so that nothing overflows.
        let power = |(age, count): &(f64, f64)| count * libm::exp((age - mean) / sigma);
        let exposure: f64 = failed.iter().chain(&self.survived).map(power).sum();
        let eta = mean + sigma * libm::log((exposure / self.failures).max(1e-3));
        let mu = match self.family {
            Family::Weibull => eta,
            Family::Lognormal => {
                let survivors: f64 = self.survived.iter().map(|(_, count)| count.max(0.0)).sum();
                let share = (self.failures / (self.failures + survivors)).clamp(1e-9, 0.6);
                eta + sigma * (Family::Weibull.quantile(share) - Family::Lognormal.quantile(share))
            }
        };
        Point { mu, lambda: libm::log(sigma) }
    }

    /// Returns the logarithm of the likelihood at a point, and its derivatives.
    pub(super) fn at(&self, point: Point) -> Score {
        let (family, inverse) = (self.family, libm::exp(-point.lambda));
        let standard = |age: f64| (age - point.mu) * inverse;
        let mut score = Score::default();
        for (age, count) in &self.failed {
            let u = standard(*age);
            score.add(u, family.density(u), *count, inverse);
            score.lambda -= count;
            score.log -= count * point.lambda;
        }
        for (age, count) in &self.survived {
            let u = standard(*age);
            score.add(u, family.survival(u), *count, inverse);
        }
        for (by, count) in &self.failed_by {
            let u = standard(*by);
            score.add(u, family.failure(u), *count, inverse);
        }
        for (after, by, count) in &self.between {
            let (a, b) = (standard(*after), standard(*by));
            score.add_pair((a, b), family.between(a, b), *count, inverse);
        }
        score.log -= self.constant;
        score
    }
}

impl Score {
    fn add(&mut self, u: f64, [log, first, second]: [f64; 3], count: f64, inverse: f64) {
        self.log += count * log;
        self.mu -= count * first * inverse;
        self.lambda -= count * u * first;
        self.mu_mu += count * second * inverse * inverse;
        self.mu_lambda += count * (second * u + first) * inverse;
        self.lambda_lambda += count * u * (second * u + first);
    }

    fn add_pair(&mut self, (a, b): (f64, f64), term: [f64; 6], count: f64, inverse: f64) {
        let [log, by_a, by_b, aa, ab, bb] = term;
        self.log += count * log;
        self.mu -= count * (by_a + by_b) * inverse;
        self.lambda -= count * (a * by_a + b * by_b);
        self.mu_mu += count * (aa + 2.0 * ab + bb) * inverse * inverse;
        self.mu_lambda += count * (aa * a + ab * (a + b) + bb * b + by_a + by_b) * inverse;
        self.lambda_lambda += count * (aa * a * a + 2.0 * ab * a * b + bb * b * b + by_a * a + by_b * b);
    }

    /// Returns whether everything is a number.
    pub(super) fn is_finite(&self) -> bool {
        (self.log + self.mu + self.lambda + self.mu_mu + self.mu_lambda + self.lambda_lambda).is_finite()
    }
}

/// Adds up what is of the same age.
fn merged(mut rows: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    rows.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut merged: Vec<(f64, f64)> = Vec::with_capacity(rows.len());
    for (age, count) in rows {
        match merged.last_mut() {
            Some(last) if last.0 == age => last.1 += count,
            _ => merged.push((age, count)),
        }
    }
    merged.retain(|(_, count)| *count != 0.0);
    merged
}
