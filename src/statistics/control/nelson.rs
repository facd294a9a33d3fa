//! Nelson's rules: patterns of points that chance makes seldom.

/// The rules, numbered as Nelson does. Source: Nelson, *The Shewhart control chart – tests for special causes*, Journal of Quality
/// Technology 16, 1984.
pub const RULES: [(usize, &str); 8] = [
    (1, "a point beyond three standard deviations"),
    (2, "nine points in a row on one side of the centre line"),
    (3, "six points in a row that each go up, or each go down"),
    (4, "fourteen points in a row that go up and down in turn"),
    (5, "two of three points in a row beyond two standard deviations on one side"),
    (6, "four of five points in a row beyond one standard deviation on one side"),
    (7, "fifteen points in a row within one standard deviation"),
    (8, "eight points in a row, none within one standard deviation, on both sides"),
];

/// A pattern that a rule finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Signal {
    /// The place of the point that completes it.
    pub at: usize,
    /// The rule, from 1 to 8.
    pub rule: usize,
}

/// Returns the signals in a series of distances from the centre line in standard deviations, in order of place and rule. A pattern that goes
/// on is a signal at each of its points from that which completes it.
pub fn signals(scores: &[f64]) -> Vec<Signal> {
    let mut found = Vec::new();
    for at in 0..scores.len() {
        let rules = (1..=8).filter(|rule| is_completed(*rule, &scores[..=at]));
        found.extend(rules.map(|rule| Signal { at, rule }));
    }
    found
}

/// Returns whether the last point completes the pattern of a rule.
fn is_completed(rule: usize, scores: &[f64]) -> bool {
    let last = |count: usize| scores.len().checked_sub(count).map(|from| &scores[from..]);
    let Some(&score) = scores.last() else { return false };
    let side = score.signum();
    match rule {
        1 => score.abs() > 3.0,
        2 => last(9).is_some_and(|run| score != 0.0 && run.iter().all(|other| other * side > 0.0)),
        3 => last(6).is_some_and(|run| {
            run.windows(2).all(|pair| pair[1] > pair[0]) || run.windows(2).all(|pair| pair[1] < pair[0])
        }),
        4 => last(14).is_some_and(|run| {
            run.windows(3).all(|three| (three[1] - three[0]) * (three[2] - three[1]) < 0.0)
        }),
        5 => last(3).is_some_and(|run| beyond(run, 2.0, side) >= 2) && score.abs() > 2.0,
        6 => last(5).is_some_and(|run| beyond(run, 1.0, side) >= 4) && score.abs() > 1.0,
        7 => last(15).is_some_and(|run| run.iter().all(|other| other.abs() < 1.0)),
        _ => last(8).is_some_and(|run| {
            let is_on_both = run.iter().any(|other| *other > 0.0) && run.iter().any(|other| *other < 0.0);
            is_on_both && run.iter().all(|other| other.abs() > 1.0)
        }),
    }
}

fn beyond(run: &[f64], sigmas: f64, side: f64) -> usize {
    run.iter().filter(|score| **score * side > sigmas).count()
}
