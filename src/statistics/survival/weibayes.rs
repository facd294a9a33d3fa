//! The Weibull distribution whose shape is known, so that few failures, or none, determine the rest.

use super::limits::Limits;
use super::lives::{End, Error, Lives};
use crate::statistics::demonstration;
use crate::statistics::distribution::poisson;

/// A Weibull distribution of known shape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weibayes {
    /// β, which is assumed.
    pub shape: f64,
    /// How many items failed.
    pub failures: f64,
    /// Σ (exit^β − entry^β): what the items have lived through, as of a constant rate.
    pub exposure: f64,
    /// η with its limits. Where nothing failed its estimate and upper limit are infinite.
    pub scale: Limits,
}

impl Weibayes {
    /// Estimates the scale at a confidence between 0 and 1.
    ///
    /// With β known t^β is exponential, so η^β = exposure ∕ r, with the exact limits of a Poisson process watched for that exposure.
    /// Source: Abernethy, *The New Weibull Handbook*, 2006, chapter 6; the limits Garwood 1936. A failure between two ages counts in
    /// the middle of them.
    pub fn new(shape: f64, lives: &Lives, confidence: f64) -> Result<Self, Error> {
        if !(shape.is_finite() && shape > 0.0) {
            return Err(Error::Age { row: 0, value: shape });
        }
        let power = |age: f64| libm::pow(age, shape);
        let exposure: f64 = lives
            .rows
            .iter()
            .map(|row| {
                let exit = match row.end {
                    End::Between(after, by) => f64::midpoint(after, by),
                    end => end.age(),
                };
                row.count * (power(exit) - power(row.entry))
            })
            .sum();
        let failures = lives.failures();
        let (lower, upper) = poisson::limits(failures.round() as u64, confidence);
        let scale = |events: f64| libm::pow(exposure / events, 1.0 / shape);
        let scale = Limits { estimate: scale(failures), low: scale(upper), high: scale(lower) };
        Ok(Self { shape, failures, exposure, scale })
    }

    /// Returns the age before which the share `p` fails, with its limits.
    pub fn quantile(&self, p: f64) -> Limits {
        let factor = libm::pow(-libm::log1p(-p), 1.0 / self.shape);
        let Limits { estimate, low, high } = self.scale;
        Limits { estimate: estimate * factor, low: low * factor, high: high * factor }
    }

    /// Returns the probability to survive an age, with its limits.
    pub fn reliability(&self, age: f64) -> Limits {
        let at = |scale: f64| libm::exp(-libm::pow(age / scale, self.shape));
        let Limits { estimate, low, high } = self.scale;
        Limits { estimate: at(estimate), low: at(low), high: at(high) }
    }
}

/// Returns how many items must each reach `tested` times the age without more than `failures` failures, so that they show with a
/// `confidence` that the share `reliability` survives that age; of a Weibull distribution of the shape β.
///
/// Without failures n ≥ ln (1 − confidence) ∕ (tested^β ln reliability): Meeker, Hahn and Escobar, *Statistical Intervals*, 2017,
/// section 9.6; Abernethy, *The New Weibull Handbook*, 2006, chapter 6. With failures the binomial distribution.
pub fn items_to_show(reliability: f64, tested: f64, shape: f64, failures: usize, confidence: f64) -> f64 {
    let fails = -libm::expm1(libm::pow(tested, shape) * libm::log(reliability));
    demonstration::trials(fails, failures, 1.0 - confidence)
}
