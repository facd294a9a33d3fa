//! All units of several designs against one limit: a row for each design, a dot for each unit, on one axis.

use super::scale::Scale;
use super::svg::{Drawing, Svg, px};
use crate::pages::answer::margin::{Margin, Verdict};
use crate::pages::text::number::number;
use std::collections::BTreeMap;

const WIDTH: f64 = 900.0;
/// The part of the width that the names of the designs have, and that of what is counted.
const NAMES: f64 = 92.0;
const COUNTS: f64 = 170.0;
const ROW: f64 = 78.0;
const TOP: f64 = 24.0;
const AXIS: f64 = 40.0;
/// The width of the column of dots that units of nearly the same value share.
const COLUMN: f64 = 5.0;
/// With more units than this in a row, columns are drawn in the place of dots.
const DOTS_MAX: usize = 600;

/// One row of the chart.
pub(in crate::pages) struct Row<'a> {
    /// The name of the design.
    pub(in crate::pages) name: String,
    /// What is drawn.
    pub(in crate::pages) margin: &'a Margin,
}

/// Draws the rows against their limit; `then` are the limits of the version that is compared with.
pub(in crate::pages) fn units(rows: &[Row<'_>], then: &[f64], axis: &str) -> Svg {
    let scale =
        Scale::around(rows.iter().flat_map(values).chain(then.iter().copied()), NAMES, WIDTH - COUNTS);
    let height = TOP + ROW * rows.len() as f64 + AXIS;
    let label: Vec<String> =
        rows.iter().map(|row| format!("{}: {}", row.name, row.margin.sentence())).collect();
    let mut drawing = Drawing::new("strip", WIDTH, height, &label.join(" "));
    let bottom = TOP + ROW * rows.len() as f64;
    if let Some(row) = rows.first() {
        limits(&mut drawing, &scale, row.margin, then, bottom);
    }
    for (place, row) in rows.iter().enumerate() {
        self::row(&mut drawing, &scale, row, TOP + ROW * place as f64);
    }
    for tick in scale.ticks(9) {
        let x = scale.at(tick);
        drawing.line("tick", (x, bottom), (x, bottom + 5.0));
        drawing.text("label middle", (x, bottom + 18.0), &number(tick));
    }
    drawing.text("label middle", ((NAMES + WIDTH - COUNTS) / 2.0, bottom + 35.0), axis);
    drawing.finish()
}

fn values(row: &Row<'_>) -> Vec<f64> {
    let margin = row.margin;
    let units = margin.units.nodes.iter().filter_map(|unit| unit.observed);
    units.chain(margin.limits()).chain(margin.predicted).chain(margin.observed).collect()
}

fn limits(drawing: &mut Drawing, scale: &Scale, margin: &Margin, then: &[f64], bottom: f64) {
    let (low, high) = margin.allowed();
    let from = low.map_or(NAMES, |low| scale.at(low));
    let to = high.map_or(WIDTH - COUNTS, |high| scale.at(high));
    drawing.rect("allowed", (from, TOP), (to - from, bottom - TOP), "");
    let now = margin.limits();
    for limit in then.iter().filter(|limit| !now.contains(limit)) {
        let x = scale.at(*limit);
        drawing.line("limit then", (x, TOP - 4.0), (x, bottom));
        drawing.text("label then", (x + 4.0, TOP - 8.0), &format!("then {}", number(*limit)));
    }
    for limit in now {
        let x = scale.at(limit);
        drawing.line("limit", (x, TOP - 4.0), (x, bottom));
        drawing.text("label limit-label end", (x - 4.0, TOP - 8.0), &format!("limit {}", number(limit)));
    }
}

fn row(drawing: &mut Drawing, scale: &Scale, row: &Row<'_>, top: f64) {
    let margin = row.margin;
    let base = top + ROW - 14.0;
    drawing.line("base", (NAMES, base), (WIDTH - COUNTS, base));
    drawing.text("name", (0.0, base - 22.0), &row.name);
    let class = format!("verdict-label {}", margin.verdict.class());
    drawing.text(&class, (0.0, base - 4.0), &format!("{} {}", margin.verdict.sign(), margin.verdict.word()));
    columns(drawing, scale, margin, base);
    if let Some(predicted) = margin.predicted {
        let x = scale.at(predicted);
        drawing.path("predicted", &format!("M{} {}l4 7h-8z", px(x), px(base + 1.0)));
        drawing.text("label predicted-label middle", (x, base + 13.0), "");
    }
    let aside = WIDTH - COUNTS + 12.0;
    let [first, second, third] = counted(margin);
    drawing.text("count", (aside, base - 38.0), &first);
    drawing.text("label", (aside, base - 21.0), &second);
    drawing.text("label", (aside, base - 4.0), &third);
}

/// Returns what is counted beside a row.
fn counted(margin: &Margin) -> [String; 3] {
    let symbol = margin.symbol();
    let keep = margin.conforming_units.map_or_else(String::new, |share| {
        let keep = (share * margin.unit_count as f64).round();
        format!("{} of {} keep it", number(keep), margin.unit_count)
    });
    let observed = margin.observed.map(|value| format!("observed {}{symbol}", number(value)));
    let predicted = margin.predicted.map(|value| format!("▲ predicted {}{symbol}", number(value)));
    [keep, observed.unwrap_or_else(|| "nothing observed".to_owned()), predicted.unwrap_or_default()]
}

/// Draws the units as dots in columns, those that break the limit in another colour and hollow where it is not known.
fn columns(drawing: &mut Drawing, scale: &Scale, margin: &Margin, base: f64) {
    let mut columns: BTreeMap<i64, Vec<Verdict>> = BTreeMap::new();
    for unit in &margin.units.nodes {
        if let Some(value) = unit.observed {
            columns.entry((scale.at(value) / COLUMN).floor() as i64).or_default().push(unit.verdict);
        }
    }
    let most = columns.values().map(Vec::len).max().unwrap_or_default();
    let step = ((ROW - 22.0) / most.max(1) as f64).min(COLUMN);
    let count: usize = columns.values().map(Vec::len).sum();
    for verdict in [Verdict::Conforms, Verdict::Violates, Verdict::Unknown] {
        let mut path = String::new();
        for (column, verdicts) in &mut columns {
            verdicts.sort_unstable();
            let Some(first) = verdicts.iter().position(|of| *of == verdict) else { continue };
            let all = verdicts.iter().filter(|of| **of == verdict).count();
            let x = *column as f64 * COLUMN + 0.5;
            if count > DOTS_MAX {
                let (y, height) = (base - step * first as f64, step * all as f64);
                path += &format!("M{} {}h4v-{}h-4z", px(x), px(y), px(height));
                continue;
            }
            for place in first..first + all {
                path += &dot(x, base - 1.0 - step * place as f64);
            }
        }
        drawing.path(&format!("unit {}", verdict.class()), &path);
    }
}

/// Returns the path of a dot of four pixels whose foot is given.
fn dot(x: f64, y: f64) -> String {
    format!("M{} {}a2 2 0 1 1 4 0a2 2 0 1 1 -4 0", px(x), px(y - 2.0))
}
