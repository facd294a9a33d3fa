//! What condition monitoring reports: since January 2025 the air around each bearing and the load that it carries, since October 2025 the
//! force of the pipe on the discharge nozzle.
//!
//! What is planted here: in Jubail hot water flushes the line twice a day, so that the pipe pushes the nozzle far more often than the rig
//! has tested. The load is the one that heats the bearing, so that a model of it agrees with what is measured, but for sensors that are wrong.

use super::super::fleet::{Fleet, Stay};
use super::{BLOCK_SECONDS, Block, END, Source, round};
use crate::cli::demo::noise::{bell, drift, part, wave};
use crate::model::random::mix;
use crate::model::time::period::Period;

/// The measurement that every series belongs to.
pub const MEASUREMENT: &str = "monitor";
/// What is reported of each bearing.
pub const BEARING_FIELDS: [&str; 2] = ["ambient_temperature", "bearing_load"];
/// What is reported of each nozzle.
pub const NOZZLE_FIELDS: [&str; 1] = ["nozzle_load"];
/// The site that flushes its line with hot water.
pub const FLUSHED_SITE: &str = "Jubail";

/// 2025-01-01T00:00:00Z: what is reported of bearings begins.
const BEARING_START: i64 = 1_735_689_600;
/// 2025-10-01T00:00:00Z: what is reported of nozzles begins.
const NOZZLE_START: i64 = 1_759_276_800;
/// The radial force (kN) at the rated flow.
const RATED_LOAD: f64 = 12.25;

/// Makes the samples, four weeks of one pump at a time.
pub fn batches(fleet: &Fleet, seed: u64, period: Period) -> impl Iterator<Item = Block> + '_ {
    let steps = usize::try_from(BLOCK_SECONDS).unwrap_or(usize::MAX);
    (BEARING_START..END).step_by(steps).flat_map(move |from| {
        let to = (from + BLOCK_SECONDS).min(END);
        let make = move |(index, pump)| {
            let source = Source::new(index, pump, seed, period);
            [source.bearing(from, to), source.nozzle(from.max(NOZZLE_START), to)]
        };
        fleet.pumps.iter().enumerate().flat_map(make).flatten()
    })
}

impl Source<'_> {
    fn bearing(&self, from: i64, to: i64) -> Option<Block> {
        let fields = (MEASUREMENT, &BEARING_FIELDS);
        self.sampled((from, to), fields, |_| true, |_, at| self.around_bearing(at))
    }

    fn nozzle(&self, from: i64, to: i64) -> Option<Block> {
        let fields = (MEASUREMENT, &NOZZLE_FIELDS);
        self.sampled((from, to), fields, |_| true, |_: &Stay, at| [self.nozzle_load(at)])
    }

    /// Returns the temperature of the air (°C) and the load (kN).
    fn around_bearing(&self, at: i64) -> [f64; 2] {
        #[expect(clippy::cast_precision_loss, reason = "seconds of this century")]
        let seconds = at as f64;
        let noise = mix(self.seed ^ 0x3C, at.unsigned_abs());
        let jitter = |index: u32| 2.0 * part(noise, index) - 1.0;
        let ambient = self.climate.ambient(self.site_seed, seconds) + 0.2 * jitter(0);
        let is_off = self.is_switched_off(at.div_euclid(3600).unsigned_abs());
        let share = if is_off { 0.0 } else { 0.35 + 0.65 * self.load(seconds) };
        [ambient, RATED_LOAD * share + 0.05 * jitter(1)].map(round)
    }

    /// Returns the force (kN) of the pipe on the nozzle: it grows as the pipe warms in the day, and as hot water goes through it.
    fn nozzle_load(&self, at: i64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "seconds of this century")]
        let seconds = at as f64;
        let noise = mix(self.seed ^ 0xC3, at.unsigned_abs());
        let day = wave((seconds / 3600.0 + self.climate.east - 15.0) / 24.0 + 0.25);
        let pipe =
            3.0 + 0.8 * bell(self.seed, 0x88) + 0.9 * day + 0.5 * drift(self.seed ^ 0x99, seconds / 3e5);
        let is_flushed = self.pump.site == FLUSHED_SITE && at.div_euclid(3600).rem_euclid(12) < 4;
        let flush = if is_flushed { 7.0 } else { 0.0 };
        round(pipe + flush + 0.1 * (2.0 * part(noise, 0) - 1.0))
    }
}
