//! The Weibull distribution with a location: an age before which nothing fails.

use super::family::Family;
use super::fit::Fit;
use super::likelihood::Likelihood;
use super::lives::{Error, Lives};

/// A Weibull distribution of ages less a location.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moved {
    /// γ, the age before which nothing fails.
    pub location: f64,
    /// The fit of the ages less γ.
    pub fit: Fit,
}

/// How near to the first failure locations are tried, as a share of its age left.
const NEAREST: f64 = 1e-4;
const PLACES: usize = 60;
const ROUNDS_MAX: usize = 100;

/// Fits location, shape and scale to lives; `None` where the likelihood has no maximum.
///
/// The likelihood grows without end as the location nears the first failure if the shape is below 1, so that its greatest value means
/// nothing: what is taken is the local maximum between 0 and there, found on a grid and by golden sections. Source: Lawless,
/// *Statistical Models and Methods for Lifetime Data*, 2003, section 5.4 (profile over the threshold).
pub fn weibull_with_location(lives: &Lives) -> Result<Option<Moved>, Error> {
    let found = lives.failure_ages();
    if found < 3 {
        return Err(Error::TooFewFailures { found, enough: 3 });
    }
    // What failed between two ages had reached the first of them only perhaps.
    let first = lives.rows.iter().filter(|row| !matches!(row.end, super::lives::End::Suspended(_)));
    let first = first.map(|row| row.end.age()).fold(f64::INFINITY, f64::min);
    let location = |place: f64| first * (1.0 - libm::exp(place * libm::log(NEAREST)));
    let profile = |place: f64| Fit::of(&Likelihood::moved(Family::Weibull, lives, location(place))).ok();
    let log = |fit: Option<Fit>| fit.map_or(f64::NEG_INFINITY, |fit| fit.log_likelihood);
    let places: Vec<f64> = (0..=PLACES).map(|n| n as f64 / PLACES as f64).collect();
    let logs: Vec<f64> = places.iter().map(|place| log(profile(*place))).collect();
    let is_peak =
        |at: usize| logs[at].is_finite() && (at == 0 || logs[at] > logs[at - 1]) && logs[at] >= logs[at + 1];
    let peak = (0..PLACES).filter(|at| is_peak(*at)).max_by(|a, b| logs[*a].total_cmp(&logs[*b]));
    let Some(peak) = peak else { return Ok(None) };
    let (mut low, mut high) = (places[peak.saturating_sub(1)], places[peak + 1]);
    let golden = 0.5 * (libm::sqrt(5.0) - 1.0);
    for _ in 0..ROUNDS_MAX {
        let (left, right) = (high - golden * (high - low), low + golden * (high - low));
        if log(profile(left)) >= log(profile(right)) {
            high = right;
        } else {
            low = left;
        }
        if high - low < 1e-12 {
            break;
        }
    }
    let ends = if peak == 0 { vec![0.0, f64::midpoint(low, high)] } else { vec![f64::midpoint(low, high)] };
    let best = ends.into_iter().filter_map(|place| Some((location(place), profile(place)?)));
    let best = best.max_by(|a, b| a.1.log_likelihood.total_cmp(&b.1.log_likelihood));
    Ok(best.map(|(location, fit)| Moved { location, fit }))
}
