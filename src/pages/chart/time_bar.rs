//! What sat where and when: a row for each position, a bar for each installation.

use super::scale::Scale;
use super::svg::{Drawing, Svg};
use crate::model::time::instant::Instant;
use crate::pages::text::time::{date, seconds};

const WIDTH: f64 = 900.0;
const NAMES: f64 = 150.0;
const RIGHT: f64 = 12.0;
const ROW: f64 = 30.0;
const TOP: f64 = 8.0;
const AXIS: f64 = 26.0;
/// About so wide is a letter in a bar.
const LETTER: f64 = 6.6;

/// One bar.
#[derive(Clone, Debug)]
pub(in crate::pages) struct Bar {
    /// The row that it is in.
    pub(in crate::pages) row: String,
    /// What it is of.
    pub(in crate::pages) name: String,
    /// Where it begins and ends, in seconds; absent: open.
    pub(in crate::pages) time: (Option<f64>, Option<f64>),
    /// The earliest start and the latest end, where these are not known exactly.
    pub(in crate::pages) bounds: (Option<f64>, Option<f64>),
    /// What is shown beside a pointer.
    pub(in crate::pages) title: String,
}

/// Draws bars in a window, with events across all rows.
pub(in crate::pages) fn bars(
    window: (Instant, Instant),
    bars: &[Bar],
    events: &[(f64, String)],
    label: &str,
) -> Svg {
    let mut rows: Vec<&str> = bars.iter().map(|bar| bar.row.as_str()).collect();
    rows.sort_unstable();
    rows.dedup();
    let (from, to) = (seconds(window.0), seconds(window.1));
    let time = Scale::between(from, to, NAMES, WIDTH - RIGHT);
    let bottom = TOP + ROW * rows.len() as f64;
    let mut drawing = Drawing::new("time-bar", WIDTH, bottom + AXIS, label);
    axis(&mut drawing, window, &time, (TOP, bottom));
    for (place, row) in rows.iter().enumerate() {
        let top = TOP + ROW * place as f64;
        drawing.text("name", (0.0, top + 19.0), row);
        for (shade, bar) in bars.iter().filter(|bar| bar.row == *row).enumerate() {
            self::bar(&mut drawing, &time, bar, (top + 4.0, shade % 2), (from, to));
        }
    }
    for (at, kind) in events.iter().filter(|(at, _)| (from..to).contains(at)) {
        let x = time.at(*at);
        drawing.line("event", (x, TOP), (x, bottom));
        drawing.text("label event-label", (x + 3.0, TOP + 8.0), kind);
    }
    drawing.finish()
}

fn bar(drawing: &mut Drawing, time: &Scale, bar: &Bar, (top, shade): (f64, usize), window: (f64, f64)) {
    let (from, to) = (bar.time.0.unwrap_or(window.0), bar.time.1.unwrap_or(window.1));
    if to <= window.0 || from >= window.1 {
        return;
    }
    let (left, right) = (time.at(from), time.at(to));
    if let Some(earliest) = bar.bounds.0 {
        drawing.rect("uncertain", (time.at(earliest), top), (left - time.at(earliest), 22.0), &bar.title);
    }
    if let Some(latest) = bar.bounds.1 {
        drawing.rect("uncertain", (right, top), (time.at(latest) - right, 22.0), &bar.title);
    }
    drawing.rect(&format!("installed shade-{shade}"), (left, top), (right - left - 1.0, 22.0), &bar.title);
    if bar.name.chars().count() as f64 * LETTER + 8.0 < right - left {
        drawing.text("bar-label", (left + 6.0, top + 15.0), &bar.name);
    }
}

/// Draws the axis of time: round dates, each with a line.
pub(super) fn axis(
    drawing: &mut Drawing,
    window: (Instant, Instant),
    time: &Scale,
    (top, bottom): (f64, f64),
) {
    for at in dates(window) {
        let x = time.at(seconds(at));
        drawing.line("grid", (x, top), (x, bottom));
        drawing.text("label middle", (x, bottom + 17.0), &date(at));
    }
}

/// Returns at most nine dates in a window: first days of months, or days where the window is short.
fn dates((from, to): (Instant, Instant)) -> Vec<Instant> {
    const DAY: f64 = 86_400.0;
    let days = (seconds(to) - seconds(from)) / DAY;
    let step = ["PT6H", "P1D", "P7D", "P1M", "P3M", "P6M", "P1Y", "P5Y", "P20Y"]
        .into_iter()
        .zip([0.25, 1.0, 7.0, 30.0, 91.0, 182.0, 365.0, 1826.0, 7305.0])
        .find(|(_, length)| days / length <= 8.0);
    let Some((step, _)) = step else { return Vec::new() };
    crate::pages::text::time::buckets(from, to, step)
}
