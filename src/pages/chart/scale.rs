//! From values to places on a chart, and the round values that its axis shows.

/// A linear scale: values between `low` and `high` lie between two places in pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    /// Makes the scale that has room for all finite values, and a little beside them.
    pub(super) fn around(values: impl IntoIterator<Item = f64>, from: f64, to: f64) -> Self {
        let finite = values.into_iter().filter(|value| value.is_finite());
        let (low, high) = finite
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        if low > high {
            return Self { low: 0.0, high: 1.0, from, to };
        }
        let span = if high > low { high - low } else { high.abs().max(1.0) };
        Self { low: low - 0.05 * span, high: high + 0.05 * span, from, to }
    }

    /// Makes the scale from one value to another.
    pub(super) fn between(low: f64, high: f64, from: f64, to: f64) -> Self {
        Self { low, high: if high > low { high } else { low + 1.0 }, from, to }
    }

    /// Returns the place of a value; one beyond the scale is at its end.
    pub(super) fn at(&self, value: f64) -> f64 {
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        self.from + share * (self.to - self.from)
    }

    /// Returns round values of the scale, at most about `count`.
    pub(super) fn ticks(&self, count: u32) -> Vec<f64> {
        let rough = (self.high - self.low) / f64::from(count.max(1));
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
        let step = step.into_iter().find(|step| *step >= rough * 0.999).unwrap_or(10.0 * power);
        let first = (self.low / step).ceil();
        let mut ticks = Vec::new();
        while (first + ticks.len() as f64) * step <= self.high + 1e-9 * step && ticks.len() < 50 {
            ticks.push((first + ticks.len() as f64) * step);
        }
        ticks
    }
}

#[cfg(test)]
mod tests {
    use super::Scale;
    use crate::pages::text::number::number;

    #[test]
    fn ticks_are_round_and_inside() {
        let check = |low: f64, high: f64, expect: &[&str]| {
            let ticks = Scale::between(low, high, 0.0, 100.0).ticks(5);
            assert_eq!(ticks.into_iter().map(number).collect::<Vec<_>>(), expect, "{low} to {high}");
        };
        check(0.0, 100.0, &["0", "20", "40", "60", "80", "100"]);
        check(63.2, 99.4, &["70", "80", "90"]);
        check(-0.4, 0.4, &["−0.4", "−0.2", "0", "0.2", "0.4"]);
        check(0.0, 0.0003, &["0", "0.0001", "0.0002", "0.0003"]);
    }

    #[test]
    fn all_values_have_room_and_others_are_at_the_end() {
        let scale = Scale::around([10.0, 20.0, f64::NAN, f64::INFINITY], 0.0, 110.0);
        assert_eq!([10.0, 20.0, 1e9, -1e9].map(|value| scale.at(value)), [5.0, 105.0, 110.0, 0.0]);
        let point = Scale::around([5.0], 0.0, 100.0);
        assert_eq!(point.at(5.0), 50.0);
        assert_eq!(Scale::around([], 0.0, 100.0).at(0.5), 50.0);
    }
}
