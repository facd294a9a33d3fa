//! A margin in one line: every unit as a tick, the worst and the predicted value, and the limit.

use super::scale::Scale;
use super::svg::{Drawing, Svg, px};
use crate::pages::answer::margin::Margin;

const WIDTH: f64 = 200.0;
const HEIGHT: f64 = 24.0;

/// Draws a margin.
pub(in crate::pages) fn margin(margin: &Margin) -> Svg {
    let units: Vec<f64> = margin.units.nodes.iter().filter_map(|unit| unit.observed).collect();
    let limits = margin.limits();
    let marks = [margin.observed, margin.predicted].into_iter().flatten();
    let all = units.iter().copied().chain(marks).chain(limits.iter().copied());
    let scale = Scale::around(all, 4.0, WIDTH - 4.0);
    let mut drawing = Drawing::new("bar", WIDTH, HEIGHT, &margin.sentence());
    let (low, high) = margin.allowed();
    let (from, to) = (low.map_or(0.0, |low| scale.at(low)), high.map_or(WIDTH, |high| scale.at(high)));
    drawing.rect("allowed", (from, 4.0), (to - from, HEIGHT - 8.0), "");
    drawing.path("ticks", &ticks(&scale, &units));
    for limit in limits {
        drawing.line("limit", (scale.at(limit), 0.0), (scale.at(limit), HEIGHT));
    }
    if let Some(predicted) = margin.predicted {
        let x = scale.at(predicted);
        drawing.path("predicted", &format!("M{} 0h8l-4 6z", px(x - 4.0)));
    }
    if let Some(observed) = margin.observed {
        let x = scale.at(observed);
        let class = format!("observed {}", margin.verdict.class());
        drawing.path(&class, &format!("M{} {}l4 -4 4 4 -4 4z", px(x - 4.0), px(HEIGHT / 2.0)));
    }
    drawing.finish()
}

/// Returns one tick for each place that has units.
fn ticks(scale: &Scale, units: &[f64]) -> String {
    let mut places: Vec<i64> = units.iter().map(|value| scale.at(*value).round() as i64).collect();
    places.sort_unstable();
    places.dedup();
    places.iter().map(|place| format!("M{place} 7v10")).collect()
}
