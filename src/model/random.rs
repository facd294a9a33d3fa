//! Repeatable randomness: every number is a pure function of a seed and a place, the same on every machine, so that any part
//! of a random work can be done without the parts before it.

/// Mixes a seed with a place (`SplitMix64`; Steele, Lea and Flood, OOPSLA 2014).
pub const fn mix(seed: u64, place: u64) -> u64 {
    let mut z =
        seed.wrapping_add(place.wrapping_mul(0x9E37_79B9_7F4A_7C15)).wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Returns one of `0..count` for a mixed word, each as likely as the others but for `count` in 2⁶⁴ (Lemire, ACM TOMACS 29,
/// 2019).
pub fn below(word: u64, count: usize) -> usize {
    let product = u128::from(word) * count as u128;
    // The high word is less than `count`.
    usize::try_from(product >> 64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_are_fixed() {
        assert_eq!(mix(1, 2), 17_911_839_290_282_890_590);
    }

    #[test]
    fn each_of_a_few_is_as_likely() {
        let mut seen = [0_u32; 7];
        (0..70_000).for_each(|place| seen[below(mix(3, place), 7)] += 1);
        // Four standard deviations of a count.
        let tolerance = 4.0 * (70_000.0_f64 / 7.0 * 6.0 / 7.0).sqrt();
        assert!(seen.iter().all(|count| (f64::from(*count) - 10_000.0).abs() < tolerance), "{seen:?}");
        assert_eq!((below(0, 7), below(u64::MAX, 7)), (0, 6));
    }
}
