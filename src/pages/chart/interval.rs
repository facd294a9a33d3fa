//! A difference with its interval, against no difference.

use super::scale::Scale;
use super::svg::{Drawing, Svg};
use crate::pages::text::number::number;

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 84.0;
/// How much room a text has beside the line of no difference.
const SIDE: f64 = 160.0;

/// Draws a difference; `texts` name what it means to be below and above none.
pub(in crate::pages) fn difference(
    difference: f64,
    (low, high): (f64, f64),
    texts: (&str, &str),
    label: &str,
) -> Svg {
    let scale = Scale::around([difference, low, high, 0.0], SIDE, WIDTH - SIDE);
    let (y, base) = (30.0, 52.0);
    let mut drawing = Drawing::new("interval", WIDTH, HEIGHT, label);
    drawing.line("base", (20.0, base), (WIDTH - 20.0, base));
    for tick in scale.ticks(10) {
        drawing.line("tick", (scale.at(tick), base), (scale.at(tick), base + 5.0));
        drawing.text("label middle", (scale.at(tick), base + 18.0), &number(tick));
    }
    let none = scale.at(0.0);
    drawing.line("limit", (none, 12.0), (none, base));
    drawing.text("label end", (none - 6.0, 12.0), texts.0);
    drawing.text("label", (none + 6.0, 12.0), texts.1);
    drawing.line("range", (scale.at(low), y), (scale.at(high), y));
    for end in [low, high] {
        drawing.line("range", (scale.at(end), y - 6.0), (scale.at(end), y + 6.0));
    }
    drawing.rect("difference", (scale.at(difference) - 4.0, y - 4.0), (8.0, 8.0), &number(difference));
    drawing.finish()
}
