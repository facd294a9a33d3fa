//! How often the intervals of `compare` hold the true difference, with Welch's t beside them, and how often a fleet that is
//! split at random shows a difference.

use super::report::Report;
use crate::statistics::coverage::{Coverage, Distribution, Sizes, Trials};
use crate::statistics::difference::{Error, Resampling};

/// The least share of intervals that must hold the true difference where 95 % are promised, in percent.
const COVERED_MIN: f64 = 93.0;
/// The greatest share of random splits that may show a difference, in percent.
const FOUND_MAX: f64 = 6.0;
/// Fewer resamples than of a question: the intervals are a little wider for it, not less sure.
const RESAMPLES: usize = 1_000;

/// Units on the left alone, on the right alone, and on both sides.
const SIZES: [(usize, usize, usize); 10] = [
    (5, 5, 0),
    (10, 10, 0),
    (30, 30, 0),
    (5, 30, 0),
    (0, 0, 5),
    (0, 0, 10),
    (0, 0, 30),
    (1, 1, 5),
    (5, 5, 5),
    (2, 20, 8),
];

/// Prints the figures; each has its bar, but for sides whose values are spread otherwise.
pub(super) fn run(trials: usize, report: &mut Report) -> Result<(), Error> {
    report.text(&format!("intervals: {trials} comparisons a figure, nominal 95 %, {RESAMPLES} resamples"));
    for ((distribution, name), (left, right, both)) in cases() {
        let trials = trials_of(distribution, (left, right, both), trials);
        let what = format!("{name}, {}", in_words(left, right, both));
        let found = trials.measure()?;
        report.at_least(&what, 100.0 * found.share(), COVERED_MIN, "% covered");
        beside(&what, &found, report);
        if both == 0 {
            let split = trials.measure_splits()?;
            report.at_most(&format!("{what}, split at random"), 100.0 * split.found(), FOUND_MAX, "% differ");
        }
    }
    report.text("the right side spread three times as far: no bar");
    for ((distribution, name), (left, right, both)) in cases() {
        let trials = Trials { right_spread: 3.0, ..trials_of(distribution, (left, right, both), trials) };
        let what = format!("{name}, {}, unlike", in_words(left, right, both));
        let found = trials.measure()?;
        report.line(&what, 100.0 * found.share(), "% covered");
        beside(&what, &found, report);
    }
    Ok(())
}

fn cases() -> impl Iterator<Item = ((Distribution, &'static str), (usize, usize, usize))> {
    Distribution::ALL.into_iter().flat_map(|distribution| SIZES.map(|sizes| (distribution, sizes)))
}

fn trials_of(distribution: Distribution, (left, right, both): (usize, usize, usize), count: usize) -> Trials {
    let how = Resampling { resamples: RESAMPLES, ..Resampling::default() };
    Trials { distribution, sizes: Sizes { left, right, both }, right_spread: 1.0, count, how }
}

fn in_words(left: usize, right: usize, both: usize) -> String {
    match (left + right, both) {
        (_, 0) => format!("{left} against {right}"),
        (0, _) => format!("{both} before and after"),
        _ => format!("{left} against {right}, {both} on both sides"),
    }
}

/// Prints Welch's t, and what the surer interval costs in width.
fn beside(what: &str, found: &Coverage, report: &mut Report) {
    let wider = 100.0 * (found.width / found.welch_width - 1.0);
    let (welch, share) = (format!("  {what}: Welch's t"), 100.0 * found.welch_share());
    report.text(&format!("{welch:62}{share:12.3} % covered, ours {wider:.1} % wider"));
}
