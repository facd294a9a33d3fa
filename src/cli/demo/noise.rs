//! The story's noise: every number is a pure function of a seed and a place, so any part of the story can be
//! made without the parts before it, and at any sampling period the same instant has the same noise.
//!
//! Only the four operations of IEEE 754 are used, so the bits are the same on every machine.

use crate::model::random::mix;

/// Returns a number in [0, 1) from 21 bits of a mixed word: `part` 0, 1 or 2.
pub(super) fn part(word: u64, part: u32) -> f64 {
    let bits = u32::try_from((word >> (21 * part)) & 0x1F_FFFF).unwrap_or(0);
    f64::from(bits) / 2_097_152.0
}

/// Returns a number in [0, 1).
pub(super) fn unit(seed: u64, place: u64) -> f64 {
    part(mix(seed, place), 0)
}

/// Returns a number in (-1, 1) that is more often near 0.
pub(super) fn bell(seed: u64, place: u64) -> f64 {
    let word = mix(seed, place);
    part(word, 0) + part(word, 1) - 1.0
}

/// Returns a number in (-1, 1) that changes smoothly along `x` and forgets itself after about one step.
pub(super) fn drift(seed: u64, x: f64) -> f64 {
    let floor = x.floor();
    let at = x - floor;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a step number of a few years"
    )]
    let step = (floor as i64) as u64;
    let ease = at * at * (3.0 - 2.0 * at);
    let (before, after) = (bell(seed, step), bell(seed, step.wrapping_add(1)));
    before + (after - before) * ease
}

/// Returns a wave of period 1 between -1 and 1, highest at 0.25: a sine, near enough, from parabolas.
pub(super) fn wave(phase: f64) -> f64 {
    let at = phase - phase.floor();
    if at < 0.5 { 16.0 * at * (0.5 - at) } else { -16.0 * (at - 0.5) * (1.0 - at) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_are_fixed() {
        assert!(
            (wave(0.25) - 1.0).abs() < 1e-12 && (wave(0.75) + 1.0).abs() < 1e-12 && wave(1.5).abs() < 1e-12
        );
        let spread: Vec<f64> = (0..1000).map(|place| unit(7, place)).collect();
        let mean = spread.iter().sum::<f64>() / 1000.0;
        assert!((mean - 0.5).abs() < 0.03 && spread.iter().all(|value| (0.0..1.0).contains(value)), "{mean}");
        assert!((drift(7, 2.999_999) - drift(7, 3.000_001)).abs() < 1e-3);
    }
}
