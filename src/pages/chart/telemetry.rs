//! A signal over time: the mean of each bucket, the band from its lowest to its highest sample, limits, and events.

use super::scale::Scale;
use super::svg::{Drawing, Svg, px};
use crate::model::time::instant::Instant;
use crate::pages::text::number::number;
use crate::pages::text::time::seconds;

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 170.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 26.0;

/// What was observed in a stretch of time.
#[derive(Clone, Copy, Debug)]
pub(in crate::pages) struct Bucket {
    /// Where it begins and ends, in seconds.
    pub(in crate::pages) time: (f64, f64),
    /// The lowest, the mean and the highest value.
    pub(in crate::pages) values: Option<[f64; 3]>,
}

/// A line across the chart.
#[derive(Clone, Debug)]
pub(in crate::pages) struct Limit {
    /// Its value.
    pub(in crate::pages) value: f64,
    /// What it is.
    pub(in crate::pages) label: String,
}

/// Draws a signal in a window; events are marked with their kind.
pub(in crate::pages) fn signal(
    window: (Instant, Instant),
    buckets: &[Bucket],
    limits: &[Limit],
    events: &[(f64, String)],
    label: &str,
) -> Svg {
    let (from, to) = (seconds(window.0), seconds(window.1));
    let time = Scale::between(from, to, LEFT, WIDTH - RIGHT);
    let all = buckets.iter().filter_map(|bucket| bucket.values).flatten();
    let value = Scale::around(all.chain(limits.iter().map(|limit| limit.value)), HEIGHT - BOTTOM, TOP);
    let mut drawing = Drawing::new("telemetry", WIDTH, HEIGHT, label);
    for tick in value.ticks(4) {
        let y = value.at(tick);
        drawing.line("grid", (LEFT, y), (WIDTH - RIGHT, y));
        drawing.text("label end", (LEFT - 6.0, y + 4.0), &number(tick));
    }
    super::time_bar::axis(&mut drawing, window, &time, (TOP, HEIGHT - BOTTOM));
    for run in runs(buckets) {
        drawing.path("band", &band(run, &time, &value));
        drawing.path("mean", &mean(run, &time, &value));
    }
    for limit in limits {
        let y = value.at(limit.value);
        drawing.line("limit", (LEFT, y), (WIDTH - RIGHT, y));
        drawing.text("label limit-label end", (WIDTH - RIGHT, y - 4.0), &limit.label);
    }
    for (at, kind) in events.iter().filter(|(at, _)| (from..to).contains(at)) {
        let x = time.at(*at);
        drawing.line("event", (x, TOP), (x, HEIGHT - BOTTOM));
        drawing.text("label event-label", (x + 3.0, TOP + 8.0), kind);
    }
    drawing.finish()
}

/// Returns the runs of buckets that have samples; a gap is drawn as a gap.
fn runs(buckets: &[Bucket]) -> impl Iterator<Item = &[Bucket]> {
    buckets.split(|bucket| bucket.values.is_none()).filter(|run| !run.is_empty())
}

fn middle(bucket: &Bucket, time: &Scale) -> f64 {
    time.at(f64::midpoint(bucket.time.0, bucket.time.1))
}

fn band(run: &[Bucket], time: &Scale, value: &Scale) -> String {
    let edge = |bucket: &Bucket, of: usize| {
        let value = bucket.values.map(|values| value.at(values[of])).unwrap_or_default();
        format!("{} {}", px(middle(bucket, time)), px(value))
    };
    let there = run.iter().map(|bucket| edge(bucket, 2));
    let back = run.iter().rev().map(|bucket| edge(bucket, 0));
    format!("M{}z", there.chain(back).collect::<Vec<_>>().join("L"))
}

fn mean(run: &[Bucket], time: &Scale, value: &Scale) -> String {
    let points: Vec<String> = run
        .iter()
        .filter_map(|bucket| {
            let [_, mean, _] = bucket.values?;
            Some(format!("{} {}", px(middle(bucket, time)), px(value.at(mean))))
        })
        .collect();
    match points.as_slice() {
        [only] => format!("M{only}h1"),
        _ => format!("M{}", points.join("L")),
    }
}
