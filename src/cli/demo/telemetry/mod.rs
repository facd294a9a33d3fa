//! Two years of six signals for every pump, from a seed: a pure function of the pump's site, its bearings and the
//! instant. Nothing is stored and no clock is read; the same instant has the same value at any sampling period.
//!
//! The physics is plain: the load drives flow, pressure and power; the bearing runs above the ambient temperature
//! by a rise that belongs to its revision, grows with load and creeps up with wear. A pump is silent while it has
//! no bearing, and is stopped now and then.
//!
//! What is planted here, beside the content of the tables: the rise of revision B, the vibration of lot `L-2503`, the
//! shaft of `P-088`, and the heat of one week in Singapore whose samples arrive late. [`monitor`] adds what condition monitoring reports.

pub mod monitor;

use super::fleet::{Fleet, Pump, Stay};
use super::noise::{bell, drift, part, unit, wave};
use crate::model::random::mix;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::model::time::period::Period;
use crate::telemetry::{Batch, SeriesKey};
use std::io::Write as _;

/// The seed of the demo.
pub const SEED: u64 = 12;
/// The measurement that every series belongs to.
pub const MEASUREMENT: &str = "pump";
/// The fields, in the order of a block's columns.
pub const FIELDS: [&str; 6] =
    ["bearing_temperature", "vibration", "axial_shift", "discharge_pressure", "flow", "motor_power"];

/// 2024-01-01T00:00:00Z, in seconds.
const START: i64 = 1_704_067_200;
/// 2026-01-01T00:00:00Z.
const END: i64 = 1_767_225_600;
/// 2025-07-14T00:00:00Z to 2025-07-20T00:00:00Z: the cooling water of Singapore fails, and so does its network.
const LATE: (i64, i64) = (1_752_451_200, 1_752_969_600);
const LATE_SITE: &str = "Singapore";
const BAD_LOT: &str = "L-2503";
const SHIFTED_PUMP: &str = "P-088";
/// Length of a block: pumps take turns, as they do on a wire.
const BLOCK_SECONDS: i64 = 28 * 86_400;
const DAY: f64 = 86_400.0;
const YEAR: f64 = 365.25 * DAY;

/// Returns the span of the telemetry.
pub fn span() -> Interval {
    Interval::new(Instant::from_seconds(START), Instant::from_seconds(END))
        .expect("the end comes after the start")
}

/// Returns the span whose samples arrive late, and the site that sends them.
pub fn late_span() -> (Interval, &'static str) {
    let (from, to) = (Instant::from_seconds(LATE.0), Instant::from_seconds(LATE.1));
    (Interval::new(from, to).expect("the end comes after the start"), LATE_SITE)
}

/// What one pump sends in one span.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The pump's serial.
    pub twin: String,
    /// The measurement that the series belong to.
    pub measurement: &'static str,
    /// The fields.
    pub fields: &'static [&'static str],
    /// When.
    pub times: Vec<Instant>,
    /// The values of each of the fields, one for each time.
    pub values: Vec<Vec<f64>>,
}

impl Block {
    /// Returns how many samples there are.
    pub const fn samples(&self) -> usize {
        self.times.len() * self.fields.len()
    }

    /// Adds the samples to a batch of the store.
    pub fn add_to(&self, batch: &mut Batch) {
        for (field, values) in self.fields.iter().zip(&self.values) {
            let series = batch.series(SeriesKey::new(self.twin.as_str(), self.measurement, *field));
            for (at, value) in self.times.iter().zip(values) {
                batch.push(series, *at, *value);
            }
        }
    }

    /// Writes InfluxDB line protocol, nanoseconds, all fields on a line.
    pub fn write_lines(&self, lines: &mut Vec<u8>) {
        for (row, at) in self.times.iter().enumerate() {
            let mut separator = ' ';
            lines.extend_from_slice(self.measurement.as_bytes());
            lines.extend_from_slice(b",twin=");
            lines.extend_from_slice(self.twin.as_bytes());
            for (field, values) in self.fields.iter().zip(&self.values) {
                // Writing to a vector cannot fail.
                let _ = write!(lines, "{separator}{field}={}", values[row]);
                separator = ',';
            }
            let _ = writeln!(lines, " {}", at.nanos());
        }
    }
}

/// Makes the samples that arrive in time, four weeks of one pump at a time. Periods below a second count as one.
pub fn batches(fleet: &Fleet, seed: u64, period: Period) -> impl Iterator<Item = Block> + '_ {
    let blocks = (START..END).step_by(usize::try_from(BLOCK_SECONDS).unwrap_or(usize::MAX));
    blocks.flat_map(move |from| {
        let to = (from + BLOCK_SECONDS).min(END);
        let make = move |(index, pump)| Source::new(index, pump, seed, period).block(from, to, false);
        fleet.pumps.iter().enumerate().filter_map(make)
    })
}

/// Makes the samples that arrive late.
pub fn late_batches(fleet: &Fleet, seed: u64, period: Period) -> impl Iterator<Item = Block> + '_ {
    let make = move |(index, pump)| Source::new(index, pump, seed, period).block(LATE.0, LATE.1, true);
    fleet.pumps.iter().enumerate().filter_map(make)
}

/// What the climate of a site is: yearly mean, how far summer and day lift it, and which part of the year is summer.
struct Climate {
    mean: f64,
    year: f64,
    day: f64,
    summer: f64,
    /// Hours that local noon comes before noon UTC.
    east: f64,
}

impl Climate {
    fn of(site: &str) -> Self {
        let (mean, year, day, summer, east) = match site {
            "Leuna" => (19.0, 6.0, 2.5, 0.54, 1.0),
            "Houston" => (25.0, 5.0, 3.0, 0.55, -6.0),
            "Jubail" => (27.5, 5.0, 3.0, 0.56, 3.0),
            "Singapore" => (28.5, 0.7, 2.0, 0.45, 7.0),
            "Antofagasta" => (20.0, 3.0, 2.5, 0.08, -4.0),
            _ => (19.5, 5.0, 2.0, 0.55, 1.0),
        };
        Self { mean, year, day, summer, east }
    }

    fn ambient(&self, seed: u64, seconds: f64) -> f64 {
        let season = wave(seconds / YEAR - self.summer + 0.25);
        // Warmest at 15 h local time.
        let day = wave((seconds / 3600.0 + self.east - 15.0) / 24.0 + 0.25);
        self.mean + self.year * season + self.day * day + 1.5 * drift(seed, seconds / (2.0 * DAY))
    }
}

/// One pump as the source of its signals.
struct Source<'a> {
    pump: &'a Pump,
    climate: Climate,
    site_seed: u64,
    seed: u64,
    step: i64,
    /// Each pump reports at its own second.
    offset: i64,
    duty: f64,
}

impl<'a> Source<'a> {
    fn new(index: usize, pump: &'a Pump, seed: u64, period: Period) -> Self {
        let own = mix(seed, index as u64);
        let site_seed = pump.site.bytes().fold(seed, |hash, byte| mix(hash, u64::from(byte)));
        let step = period.exact_nanos().unwrap_or(0) / 1_000_000_000;
        let offset = i64::try_from(own % 60).unwrap_or(0);
        let duty = 0.72 + 0.16 * unit(own, 1);
        let climate = Climate::of(&pump.site);
        Self { pump, climate, site_seed, seed: own, step: step.max(1), offset, duty }
    }

    /// Makes what the pump sends in `[from, to)`: either what arrives in time or what arrives late.
    fn block(&self, from: i64, to: i64, late: bool) -> Option<Block> {
        let is_sent = |at: &i64| late == self.is_late(*at);
        self.sampled((from, to), (MEASUREMENT, &FIELDS), is_sent, |stay, at| self.observe(stay, at))
    }

    /// Makes a block of the instants in `[from, to)` that are sent; `None` where the pump has no bearing at any of them.
    fn sampled<const N: usize>(
        &self,
        (from, to): (i64, i64),
        (measurement, fields): (&'static str, &'static [&'static str; N]),
        is_sent: impl Fn(&i64) -> bool,
        observe: impl Fn(&Stay, i64) -> [f64; N],
    ) -> Option<Block> {
        let (mut times, mut values) = (Vec::new(), vec![Vec::new(); N]);
        let first = from + (START - from).rem_euclid(self.step);
        let steps = usize::try_from(self.step).unwrap_or(usize::MAX);
        let instants = (first..to).step_by(steps).map(|at| at + self.offset);
        for at in instants.filter(|at| *at < END && is_sent(at)) {
            if let Some(stay) = self.stay(at) {
                times.push(Instant::from_seconds(at));
                for (column, value) in values.iter_mut().zip(observe(stay, at)) {
                    column.push(value);
                }
            }
        }
        let twin = self.pump.serial.clone();
        (!times.is_empty()).then_some(Block { twin, measurement, fields, times, values })
    }

    fn is_late(&self, at: i64) -> bool {
        self.pump.site == LATE_SITE && (LATE.0..LATE.1).contains(&at)
    }

    fn stay(&self, at: i64) -> Option<&'a Stay> {
        let at = Instant::from_seconds(at);
        self.pump.stays.iter().find(|stay| stay.from <= at && at < stay.to)
    }

    /// Returns the values of [`FIELDS`] at an instant, as the sensors round them.
    fn observe(&self, stay: &Stay, at: i64) -> [f64; 6] {
        #[expect(clippy::cast_precision_loss, reason = "seconds of this century")]
        let seconds = at as f64;
        let hour = at.div_euclid(3600).unsigned_abs();
        let (noise, other) =
            (mix(self.seed ^ 0xA5, at.unsigned_abs()), mix(self.seed ^ 0x5A, at.unsigned_abs()));
        let jitter = |word: u64, index: u32| 2.0 * part(word, index) - 1.0;
        let ambient = self.climate.ambient(self.site_seed, seconds);
        if self.is_switched_off(hour) {
            let temperature = self.measured(ambient + 1.5 + 0.2 * jitter(noise, 0), at);
            return [temperature, 0.02 + 0.01 * part(noise, 1), 0.0, 1.2, 0.0, 0.0].map(round);
        }
        let load = self.load(seconds);
        let bearing = Bearing::new(stay, self.seed);
        let age_days = (at - stay.from.seconds()) as f64 / DAY;
        let temperature =
            ambient + bearing.rise(load, age_days) + 0.4 * jitter(noise, 0) + self.late_heat(at);
        let vibration = bearing.vibration(load, age_days) + 0.2 * jitter(noise, 1);
        let shift =
            self.shift() + 0.05 * drift(self.seed ^ 0x77, seconds / (5.0 * DAY)) + 0.03 * jitter(noise, 2);
        let flow = 120.0 * load + 1.5 * jitter(other, 0);
        let pressure = 7.4 - 1.2 * load * load + 0.05 * jitter(other, 1);
        let power = 9.0 + 25.0 * load + 0.4 * jitter(other, 2);
        [self.measured(temperature, at), vibration, shift, pressure, flow, power].map(round)
    }

    /// Returns the share of the rated flow that is asked of the pump.
    fn load(&self, seconds: f64) -> f64 {
        let day = wave((seconds / 3600.0 + self.climate.east - 14.0) / 24.0 + 0.25);
        let swings = 0.06 * drift(self.seed ^ 0x11, seconds / (8.0 * 3600.0))
            + 0.04 * drift(self.seed ^ 0x22, seconds / (7.0 * DAY));
        (self.duty + 0.04 * day + swings).clamp(0.5, 1.02)
    }

    /// Returns whether the pump is switched off: in about one of 17 weeks, for 8 to 40 hours.
    fn is_switched_off(&self, hour: u64) -> bool {
        let week = hour / 168;
        if unit(self.seed ^ 0x33, week) >= 0.06 {
            return false;
        }
        #[expect(clippy::cast_precision_loss, reason = "hours of a week")]
        let into = (hour % 168) as f64;
        let from = 120.0 * unit(self.seed ^ 0x44, week);
        (from..from + 8.0 + 32.0 * unit(self.seed ^ 0x55, week)).contains(&into)
    }

    fn shift(&self) -> f64 {
        if self.pump.serial == SHIFTED_PUMP { -0.72 } else { 0.3 * bell(self.seed, 0x66) }
    }

    fn late_heat(&self, at: i64) -> f64 {
        if self.is_late(at) { 14.0 } else { 0.0 }
    }

    /// Returns a temperature in the unit that the pump's thermometer reports at that time.
    fn measured(&self, celsius: f64, at: i64) -> f64 {
        let changed = self.pump.fahrenheit_from.is_some_and(|from| from <= Instant::from_seconds(at));
        if changed { celsius * 1.8 + 32.0 } else { celsius }
    }
}

/// What a bearing adds to a pump.
struct Bearing<'a> {
    stay: &'a Stay,
    seed: u64,
}

impl<'a> Bearing<'a> {
    fn new(stay: &'a Stay, seed: u64) -> Self {
        let serial = stay.bearing.bytes().fold(seed, |hash, byte| mix(hash, u64::from(byte)));
        Self { stay, seed: serial }
    }

    /// Returns how far (K) the bearing runs above the ambient temperature.
    fn rise(&self, load: f64, age_days: f64) -> f64 {
        let (at_full_load, wear_per_day) = match self.stay.revision {
            'B' => (68.0, 0.004),
            'C' => (46.5, 0.001),
            _ => (49.0, 0.002),
        };
        at_full_load * (0.35 + 0.65 * load) + wear_per_day * age_days + 1.8 * bell(self.seed, 1)
    }

    /// Returns the vibration velocity in mm/s.
    fn vibration(&self, load: f64, age_days: f64) -> f64 {
        let sound = 1.4 + 0.9 * load + 0.0008 * age_days + 0.35 * bell(self.seed, 2);
        if self.stay.lot == BAD_LOT { sound + 2.6 + 0.012 * age_days.min(120.0) } else { sound }
    }
}

/// Rounds to the two decimals that the sensors report.
fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests;
