//! The statistics of a list of values when each is counted by itself, and how far an answer may be off it (docs/telemetry.md, "Percentiles and bars").

use num_rational::BigRational;
use serde_json::Value;

/// The percentiles that are compared, in thousandths: a rank is a whole number, and no double takes part in finding it.
pub(super) const PERCENTILES: [(&str, usize); 7] =
    [("p01", 10), ("p05", 50), ("p25", 250), ("p50", 500), ("p75", 750), ("p95", 950), ("p99", 990)];

/// How many bars a histogram is asked for.
const BARS: usize = 20;

/// Returns the fields that the checks below need.
pub(super) fn fields() -> String {
    let percentile =
        |(name, thousandths): &(&str, usize)| format!(" {name}: percentile(p: 0.{thousandths:03})");
    let percentiles: String = PERCENTILES.iter().map(percentile).collect();
    format!("resolution histogram(bins: {BARS}) {{ from to sampleCount hours }}{percentiles}")
}

/// Values in ascending order.
pub(super) struct Counted(Vec<f64>);

impl Counted {
    pub(super) fn of(mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        Self(values)
    }

    /// Returns the nearest rank of a share in thousandths.
    pub(super) fn ranked(&self, thousandths: usize) -> f64 {
        self.0[(thousandths * self.0.len()).div_ceil(1000).max(1) - 1]
    }

    /// Returns the range from P01 to P99.
    pub(super) fn range(&self) -> f64 {
        self.ranked(990) - self.ranked(10)
    }

    /// Checks the percentiles of an answer; returns by how much of the range one is off at most.
    pub(super) fn check_percentiles(&self, what: &str, got: &Value) -> f64 {
        check_percentiles(what, got, self.range(), |thousandths| self.ranked(thousandths))
    }

    /// Checks the bars of an answer: their edges, and how many values each has, each of which covers so many hours. A value may be in
    /// the bar beside its own where it is no farther than the resolution from the edge between them.
    pub(super) fn check_bars(&self, what: &str, got: &Value, hours: f64) {
        let (least, greatest) = (self.0[0], self.0[self.0.len() - 1]);
        let resolution = number(got, "resolution");
        let bars = got["histogram"].as_array().expect("bars");
        assert_eq!(bars.len(), if least < greatest { BARS } else { 1 }, "{what}: bars");
        let below = |edge: f64| self.0.partition_point(|value| *value < edge);
        let (mut edge, mut counted) = (least, 0);
        for (at, bar) in bars.iter().enumerate() {
            let is_last = at + 1 == bars.len();
            assert_eq!(number(bar, "from"), edge, "{what}, bar {at}: it begins where the one before ends");
            edge = number(bar, "to");
            let expect = least + (greatest - least) * (at + 1) as f64 / bars.len() as f64;
            assert!(
                (edge - expect).abs() <= 1e-12 * greatest.abs().max(least.abs()),
                "{what}, bar {at}: {bar}"
            );
            let count =
                bar["sampleCount"].as_str().and_then(|count| count.parse::<u64>().ok()).expect("a count")
                    as usize;
            assert!((number(bar, "hours") - count as f64 * hours).abs() <= 1e-6, "{what}, bar {at}: {bar}");
            counted += count;
            let right = if is_last {
                assert_eq!(edge, greatest, "{what}: the last bar ends with the greatest value");
                self.0.len()..=self.0.len()
            } else {
                below(edge - resolution)..=below(edge + resolution)
            };
            assert!(
                right.contains(&counted),
                "{what}, up to {edge}: {counted} values, not {right:?} ±{resolution}"
            );
        }
    }
}

/// Checks the percentiles of an answer in which every unit counts once.
pub(super) fn check_percentiles_by_unit(what: &str, got: &Value, units: &[Counted]) -> f64 {
    let all = Counted::of(units.iter().flat_map(|unit| unit.0.iter().copied()).collect());
    check_percentiles(what, got, all.range(), |thousandths| {
        // The shares of the units are added up as fractions, so that none is rounded.
        let needed = BigRational::new((thousandths * units.len()).into(), 1000.into());
        let reaches = |value: f64| {
            let share = |unit: &Counted| {
                let below = unit.0.partition_point(|other| *other <= value);
                BigRational::new(below.into(), unit.0.len().into())
            };
            units.iter().map(share).sum::<BigRational>() >= needed
        };
        all.0[all.0.partition_point(|value| !reaches(*value))]
    })
}

/// An answer is exact where its resolution is 0; else it is right to its resolution, less than a thousandth of the range.
fn check_percentiles(what: &str, got: &Value, range: f64, exact: impl Fn(usize) -> f64) -> f64 {
    let resolution = number(got, "resolution");
    assert!(resolution == 0.0 || resolution < 0.001 * range, "{what}: resolution {resolution} of {range}");
    let offs = PERCENTILES.map(|(name, thousandths)| {
        let (found, exact) = (number(got, name), exact(thousandths));
        let off = (found - exact).abs();
        assert!(off <= resolution, "{what}: {name} {found} is not {exact} ± {resolution}");
        if range > 0.0 { off / range } else { 0.0 }
    });
    offs.into_iter().fold(0.0, f64::max)
}

fn number(of: &Value, name: &str) -> f64 {
    of[name].as_f64().unwrap_or_else(|| panic!("no {name} in {of}"))
}
