//! Hours by value: a bar for each range, and the limits.

use super::scale::Scale;
use super::svg::{Drawing, Svg};
use crate::pages::text::number::number;

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 18.0;
const BOTTOM: f64 = 40.0;

/// Hours in a range of values.
#[derive(Clone, Copy, Debug)]
pub(in crate::pages) struct Bar {
    /// Where the range begins and ends.
    pub(in crate::pages) range: (f64, f64),
    /// How many hours lie in it.
    pub(in crate::pages) hours: f64,
}

/// Draws hours by value.
pub(in crate::pages) fn hours(bars: &[Bar], limits: &[(f64, String)], axis: &str, label: &str) -> Svg {
    let ends =
        bars.iter().flat_map(|bar| [bar.range.0, bar.range.1]).chain(limits.iter().map(|limit| limit.0));
    let value = Scale::around(ends, LEFT, WIDTH - RIGHT);
    let most = bars.iter().map(|bar| bar.hours).fold(0.0, f64::max);
    let hours = Scale::between(0.0, most, HEIGHT - BOTTOM, TOP);
    let mut drawing = Drawing::new("histogram", WIDTH, HEIGHT, label);
    for tick in hours.ticks(3) {
        drawing.line("grid", (LEFT, hours.at(tick)), (WIDTH - RIGHT, hours.at(tick)));
        drawing.text("label end", (LEFT - 6.0, hours.at(tick) + 4.0), &number(tick));
    }
    for bar in bars.iter().filter(|bar| bar.hours > 0.0) {
        let (left, right, top) = (value.at(bar.range.0), value.at(bar.range.1), hours.at(bar.hours));
        let title = format!("{} to {}: {} h", number(bar.range.0), number(bar.range.1), number(bar.hours));
        drawing.rect("hours", (left, top), ((right - left - 1.0).max(0.5), HEIGHT - BOTTOM - top), &title);
    }
    drawing.line("base", (LEFT, HEIGHT - BOTTOM), (WIDTH - RIGHT, HEIGHT - BOTTOM));
    for tick in value.ticks(10) {
        drawing.line("tick", (value.at(tick), HEIGHT - BOTTOM), (value.at(tick), HEIGHT - BOTTOM + 5.0));
        drawing.text("label middle", (value.at(tick), HEIGHT - BOTTOM + 18.0), &number(tick));
    }
    for (limit, name) in limits {
        let x = value.at(*limit);
        drawing.line("limit", (x, TOP - 4.0), (x, HEIGHT - BOTTOM));
        drawing.text("label limit-label end", (x - 4.0, TOP + 6.0), name);
    }
    drawing.text("label middle", (f64::midpoint(LEFT, WIDTH - RIGHT), HEIGHT - 5.0), axis);
    drawing.finish()
}
