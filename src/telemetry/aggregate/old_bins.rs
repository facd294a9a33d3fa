//! The bins that rollups up to version 4 of a part counted values in, each as wide as 2 % of its values.
//!
//! The mapping is DDSketch's (C. Masson, J. Rim, H. Lee, *DDSketch*, VLDB 2019) with γ = 2^(1/35): 35 bins in an octave; negative
//! values mirror the positive ones; zero and numbers too small for a normal double share a bin. Such rollups serve only where their
//! samples have expired.

use super::grid::{EXACT, exponent};
use crate::telemetry::file::bytes::{Reader, Short, unzigzag};

/// One bin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::telemetry) struct OldBin {
    /// Its smallest and its greatest value.
    pub(in crate::telemetry) span: (f64, f64),
    /// Represents its values: within 1 % of each.
    pub(in crate::telemetry) centre: f64,
    /// Samples.
    pub(in crate::telemetry) count: u64,
    /// Nanoseconds.
    pub(in crate::telemetry) time: u128,
}

const BINS_PER_OCTAVE: i32 = 35;
const KEY_MAX: i32 = 2047 * BINS_PER_OCTAVE;
const MANTISSA_BITS: u32 = 52;

impl OldBin {
    /// Reads bins; `usual` is what a sample weighs most of the time.
    ///
    /// Each bin is count × 4 + 2 if its time is not count × usual + 1 if its key does not follow the one before, then
    /// (if so) the step from that key, then (if so) the difference of its time.
    pub(in crate::telemetry) fn read(usual: u64, reader: &mut Reader<'_>) -> Result<Vec<Self>, Short> {
        let (mut next, mut bins) = (0i32, Vec::new());
        for _ in 0..reader.varint()? {
            let head = reader.varint()?;
            let step = if head & 1 == 1 { unzigzag(reader.varint()?) } else { 0 };
            let off = if head & 2 == 2 { unzigzag(reader.varint()?) } else { 0 };
            let key = i32::try_from(step).ok().and_then(|step| next.checked_add(step));
            let key = key.filter(|key| key.abs() <= KEY_MAX).ok_or(Short)?;
            let count = head >> 2;
            let time = i128::from(count) * i128::from(usual) + i128::from(off);
            let time = u128::try_from(time).map_err(|_| Short)?;
            bins.push(Self { span: span(key), centre: centre(key), count, time });
            next = key + 1;
        }
        Ok(bins)
    }

    /// Returns the level of a grid for the centres of bins, much finer than the widest of them.
    pub(in crate::telemetry) fn level(bins: &[Self]) -> i32 {
        exponent(bins.iter().map(Self::off).fold(0.0, f64::max)).saturating_sub(8).max(EXACT + 1)
    }

    /// Returns how far the centre of the bin may be off its values.
    pub(in crate::telemetry) fn off(&self) -> f64 {
        (self.span.1 - self.centre).max(self.centre - self.span.0)
    }
}

/// The lowest mantissa of each bin in an octave: ⌈(2^(i/35) − 1) × 2⁵²⌉, and an end no mantissa reaches.
const EDGES: [u64; 36] = [
    0x0000000000000,
    0x051ed35254d7b,
    0x0a57de9c16bc8,
    0x0faba81d4e5e0,
    0x151ab8c56eea3,
    0x1aa59c4115e7e,
    0x204ce10811782,
    0x2611186bae675,
    0x2bf2d6a54f7db,
    0x31f2b2e54f85d,
    0x381147622f887,
    0x3e4f316812c30,
    0x44ad116889e7c,
    0x4b2b8b0aaf3c8,
    0x51cb453b9536d,
    0x588cea3f093be,
    0x5f7127c0ac32a,
    0x6678aee5629f8,
    0x6da4345d1e0ae,
    0x74f47075017a0,
    0x7c6a1f29e2ce7,
    0x8406003b2ae5d,
    0x8bc8d73e16610,
    0x93b36bb158fff,
    0x9bc68911258c0,
    0xa402feeb9c533,
    0xac69a0f5a241d,
    0xb4fb472022b1b,
    0xbdb8cdadbe121,
    0xc6a31548e794e,
    0xcfbb031a741a5,
    0xd90180e09c9e4,
    0xe2777d0676771,
    0xec1deabbe3c15,
    0xf5f5c20dfe5f3,
    1 << MANTISSA_BITS,
];

/// The centre of a bin, as a multiple of its octave: 2 γ^(i+1) / (γ + 1), equally far from both edges.
const CENTRES: [f64; 35] = [
    1.0099017789530031,
    1.030101439889395,
    1.0507051265542777,
    1.071720920112468,
    1.0931570633650856,
    1.1150219639825392,
    1.1373241978021762,
    1.1600725121918938,
    1.1832758294810253,
    1.2069432504598503,
    1.2310840579491007,
    1.2557077204408633,
    1.280823895812306,
    1.3064424351136823,
    1.3325733864321063,
    1.359226998832606,
    1.3864137263780043,
    1.4141442322292064,
    1.4424293928274965,
    1.4712803021604894,
    1.5007082761134074,
    1.5307248569073888,
    1.5613418176265712,
    1.592571166835723,
    1.6244251532902345,
    1.6569162707403173,
    1.6900572628312949,
    1.7238611281019072,
    1.7583411250825893,
    1.793510777495723,
    1.8293838795599036,
    1.8659745014002989,
    1.9032969945672242,
    1.9413659976651,
    1.980196442093994,
];

/// Returns the centre of a bin.
fn centre(key: i32) -> f64 {
    if key == 0 {
        return 0.0;
    }
    let index = key.abs() - 1;
    let octave = (index / BINS_PER_OCTAVE) as u64;
    let magnitude = CENTRES[(index % BINS_PER_OCTAVE) as usize] * f64::from_bits(octave << MANTISSA_BITS);
    if key < 0 { -magnitude } else { magnitude }
}

/// Returns the smallest and the greatest value of a bin. Bin 0 holds all that is smaller than a normal double.
fn span(key: i32) -> (f64, f64) {
    let lowest = |key: i32| {
        let index = key - 1;
        let (octave, bin) = (index / BINS_PER_OCTAVE, index % BINS_PER_OCTAVE);
        f64::from_bits((octave as u64) << MANTISSA_BITS | EDGES[bin as usize])
    };
    match key {
        0 => (-f64::MIN_POSITIVE.next_down(), f64::MIN_POSITIVE.next_down()),
        1.. => (lowest(key), lowest(key + 1).next_down()),
        _ => (-lowest(1 - key).next_down(), -lowest(-key)),
    }
}
