//! Two cohorts compared by how long their units live.

use crate::feedback::error::Error;
use crate::feedback::margin::cohort::Cohort;
use crate::graph::Snapshot;
use crate::statistics::recurrence::rate_ratio::{Observed, rate_ratio};
use crate::statistics::survival::limits::{Cutoff, Limits, Profiles, Quantity};
use crate::statistics::survival::log_rank::{LogRank, log_rank};
use crate::statistics::survival::weibayes::Weibayes;
use crate::statistics::survival::{Family, Lives};
use crate::telemetry::View;
use crate::twins::{self, FAILURES_MIN, LifeQuestion, Lifetime, LifetimeQuestion};
use std::fmt;
use std::sync::Arc;

/// A question about the lives of two cohorts.
#[derive(Clone, Debug, PartialEq)]
pub struct LifeComparisonQuestion {
    /// The cohort that is compared with.
    pub left: Cohort,
    /// The cohort that is compared.
    pub right: Cohort,
    /// What is asked of both; item, window and filter are those of the cohorts.
    pub lifetime: LifetimeQuestion,
}

/// The lives of two cohorts compared.
#[derive(Debug)]
pub struct LifeComparison {
    /// The cohort that is compared with.
    pub left: Cohort,
    /// The cohort that is compared.
    pub right: Cohort,
    /// The lives of the left.
    pub left_lives: Arc<Lifetime>,
    /// Those of the right.
    pub right_lives: Arc<Lifetime>,
    /// The shape β that both are taken to have, with its limits where it was fitted.
    pub shape: Option<Limits>,
    /// How many times as long units of the right live, at any share of failures; an infinite upper limit where nothing of them failed.
    pub ratio: Option<Limits>,
    /// Whether both live equally long, without a distribution.
    pub log_rank: Option<LogRank>,
    /// What can be concluded.
    pub verdict: LifeVerdict,
    /// Why nothing can.
    pub shortfall: Option<ComparisonShortfall>,
}

/// How long units of the right live, compared with those of the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LifeVerdict {
    /// Longer.
    Longer,
    /// Less long.
    Shorter,
    /// The limits of the ratio include 1: no difference is shown.
    NoDifference,
    /// Too little failed or was watched.
    Unknown,
}

/// Why lives cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ComparisonShortfall {
    /// No unit of a side was watched for any time.
    NoLives,
    /// Too few failed on both sides together.
    Failures {
        /// How many did.
        found: f64,
        /// How many would be enough.
        enough: usize,
    },
    /// The failures do not determine the shape.
    NoShape,
}

impl fmt::Display for ComparisonShortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLives => f.write_str("on a side no unit was certainly watched for any time"),
            Self::Failures { found, enough } => write!(
                f,
                "{found} units failed on both sides together, {enough} are enough; with an assumed \"shape\" fewer are"
            ),
            Self::NoShape => f.write_str("the failures do not determine a shape; assume one by \"shape\""),
        }
    }
}

/// Compares the lives of two cohorts.
///
/// Both are taken to be Weibull distributed with one shape β, which is assumed or fitted to the side with more failures. Then t^β
/// is exponential, and the ratio of the rates on that scale has exact limits, also where nothing failed on a side; its power
/// −1 ∕ β is the ratio of the lives. Where β was fitted, that is done at its most likely value and at both of its limits, and the
/// widest limits of the ratio count.
pub fn compare_lives(
    snapshot: &Snapshot,
    view: &View,
    question: &LifeComparisonQuestion,
) -> Result<LifeComparison, Error> {
    if question.left.is(&question.right) {
        return Err(Error::SameCohort(question.left.item.clone()));
    }
    let lives = |cohort: &Cohort| -> Result<Arc<Lifetime>, Error> {
        let lives = LifeQuestion {
            item: cohort.item.clone(),
            window: cohort.window,
            among: cohort.among.clone(),
            ..question.lifetime.lives.clone()
        };
        let question = LifetimeQuestion { lives, ..question.lifetime.clone() };
        Ok(Arc::new(twins::lifetime(snapshot, view, &question)?))
    };
    let (left_lives, right_lives) = (lives(&question.left)?, lives(&question.right)?);
    let (left, right) = (&left_lives.total.lives, &right_lives.total.lives);
    let asked = (question.lifetime.shape, question.lifetime.confidence);
    let (shape, ratio, shortfall) = match ratio(left, right, asked) {
        Ok((shape, ratio)) => (Some(shape), Some(ratio), None),
        Err(shortfall) => (None, None, Some(shortfall)),
    };
    let log_rank = log_rank(&[left, right]).filter(|_| !left.has_intervals() && !right.has_intervals());
    Ok(LifeComparison {
        left: question.left.clone(),
        right: question.right.clone(),
        shape,
        ratio,
        log_rank,
        verdict: verdict(ratio),
        shortfall,
        left_lives,
        right_lives,
    })
}

fn verdict(ratio: Option<Limits>) -> LifeVerdict {
    match ratio {
        None => LifeVerdict::Unknown,
        Some(ratio) if ratio.low > 1.0 => LifeVerdict::Longer,
        Some(ratio) if ratio.high < 1.0 => LifeVerdict::Shorter,
        Some(_) => LifeVerdict::NoDifference,
    }
}

/// Returns the shape and the ratio of the lives.
fn ratio(
    left: &Lives,
    right: &Lives,
    (assumed, confidence): (Option<f64>, f64),
) -> Result<(Limits, Limits), ComparisonShortfall> {
    if left.rows().is_empty() || right.rows().is_empty() {
        return Err(ComparisonShortfall::NoLives);
    }
    let found = left.failures() + right.failures();
    let enough = if assumed.is_some() { 1 } else { FAILURES_MIN };
    if found < enough as f64 {
        return Err(ComparisonShortfall::Failures { found, enough });
    }
    let shape = match assumed {
        Some(shape) => Limits { estimate: shape, low: shape, high: shape },
        None => {
            let more = if left.failures() >= right.failures() { left } else { right };
            let fitted = Profiles::fitted(Family::Weibull, more, confidence, Cutoff::SmallSample);
            fitted.map_err(|_| ComparisonShortfall::NoShape)?.limits(Quantity::Shape)
        }
    };
    let at = |shape: f64| ratio_at(left, right, shape, confidence).ok_or(ComparisonShortfall::NoLives);
    let mut ratio = at(shape.estimate)?;
    for end in [shape.low, shape.high].into_iter().filter(|end| *end > 0.0 && end.is_finite()) {
        let found = at(end)?;
        ratio.low = ratio.low.min(found.low);
        ratio.high = ratio.high.max(found.high);
    }
    Ok((shape, ratio))
}

fn ratio_at(left: &Lives, right: &Lives, shape: f64, confidence: f64) -> Option<Limits> {
    let observed = |lives: &Lives| {
        let of = Weibayes::new(shape, lives, confidence).ok()?;
        Some(Observed { failures: of.failures.round() as u64, exposure: of.exposure })
    };
    let rates = rate_ratio(observed(left)?, observed(right)?, confidence)?.ratio;
    let lives = |rate: f64| rate.powf(-1.0 / shape);
    Some(Limits { estimate: lives(rates.estimate), low: lives(rates.high), high: lives(rates.low) })
}
