//! A mergeable histogram of values whose quantiles are right to 1 % of the value.
//!
//! The mapping is DDSketch's (C. Masson, J. Rim, H. Lee, *DDSketch*, VLDB 2019) with γ = 2^(1/35), which
//! gives a relative error of (γ − 1)/(γ + 1) = 0.99 %. The logarithm is a table of the 35 bin edges in an
//! octave, so that the bin of a value is decided by integer comparisons: exact, monotone in the value and
//! the same on every machine. A bin counts samples and the time they weigh, both integers, so merging is
//! exact and has no order. Negative values mirror the positive ones; zero and numbers too small for a normal double share a bin.

use super::bytes::{Reader, Short, put_varint, unzigzag, zigzag};
use smallvec::SmallVec;

/// One bin: what it counts and how long that weighs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bin {
    /// Samples.
    pub(super) count: u64,
    /// Nanoseconds.
    pub(super) time: u128,
}

/// A signed sketch. Keys grow with the values; key 0 is zero.
#[derive(Clone, Debug, Default)]
pub(super) struct Sketch {
    first: i32,
    pages: SmallVec<[Option<Box<Page>>; 2]>,
}

const PAGE: usize = 32;
type Page = [Bin; PAGE];

const BINS_PER_OCTAVE: i32 = 35;
const KEY_MAX: i32 = 2047 * BINS_PER_OCTAVE;
const MANTISSA_BITS: u32 = 52;
const MANTISSA_MASK: u64 = (1 << MANTISSA_BITS) - 1;
const GUESS_BITS: u32 = 6;

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

/// What stands for a bin, as a multiple of its octave: 2 γ^(i+1) / (γ + 1), equally far from both edges.
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

/// For each value of the mantissa's first bits: the bin of the lowest such mantissa.
const GUESSES: [u8; 1 << GUESS_BITS] = guesses();

const fn guesses() -> [u8; 1 << GUESS_BITS] {
    let mut table = [0; 1 << GUESS_BITS];
    let mut slot = 0;
    let mut bin = 0;
    while slot < table.len() {
        let lowest = (slot as u64) << (MANTISSA_BITS - GUESS_BITS);
        while EDGES[bin + 1] <= lowest {
            bin += 1;
        }
        table[slot] = bin as u8;
        slot += 1;
    }
    table
}

/// Returns the key of the bin that holds a finite value. A greater value never has a smaller key.
#[inline]
pub(super) fn key(value: f64) -> i32 {
    let bits = value.abs().to_bits();
    let octave = (bits >> MANTISSA_BITS) as i32;
    if octave == 0 {
        return 0;
    }
    let mantissa = bits & MANTISSA_MASK;
    let guess = GUESSES[(mantissa >> (MANTISSA_BITS - GUESS_BITS)) as usize];
    let bin = i32::from(guess) + i32::from(mantissa >= EDGES[usize::from(guess) + 1]);
    let key = octave * BINS_PER_OCTAVE + bin + 1;
    if value < 0.0 { -key } else { key }
}

/// Returns what stands for a bin.
pub(super) fn centre(key: i32) -> f64 {
    if key == 0 {
        return 0.0;
    }
    let index = key.abs() - 1;
    let octave = (index / BINS_PER_OCTAVE) as u64;
    let magnitude = CENTRES[(index % BINS_PER_OCTAVE) as usize] * f64::from_bits(octave << MANTISSA_BITS);
    if key < 0 { -magnitude } else { magnitude }
}

/// Returns the smallest and the greatest value of a bin. Bin 0 holds all that is smaller than a normal double.
pub(super) fn span(key: i32) -> (f64, f64) {
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

impl Sketch {
    /// Counts a value.
    #[inline]
    pub(super) fn add(&mut self, key: i32, count: u64, time: u128) {
        let bin = self.bin(key);
        bin.count += count;
        bin.time += time;
    }

    /// Tells whether nothing was ever counted.
    pub(super) fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// Takes back some of the time that a bin weighs.
    pub(super) fn remove_time(&mut self, key: i32, time: u128) {
        let bin = self.bin(key);
        bin.time = bin.time.saturating_sub(time);
    }

    /// Adds another sketch.
    pub(super) fn merge(&mut self, other: &Self) {
        for (key, bin) in other.bins() {
            self.add(key, bin.count, bin.time);
        }
    }

    /// Returns the bins in use, smallest values first.
    pub(super) fn bins(&self) -> impl Iterator<Item = (i32, Bin)> + '_ {
        let pages = self.pages.iter().zip(self.first..);
        pages.filter_map(|(page, number)| Some((page.as_ref()?, number))).flat_map(|(page, number)| {
            let keys = number * PAGE as i32..;
            page.iter().zip(keys).filter(|(bin, _)| bin.count > 0).map(|(bin, key)| (key, *bin))
        })
    }

    /// Appends the sketch as bytes; `usual` is what a sample weighs most of the time, in nanoseconds.
    ///
    /// Each bin is count × 4 + 2 if its time is not count × usual + 1 if its key does not follow the one before, then
    /// (if so) the step from that key, then (if so) the difference of its time.
    pub(super) fn write(&self, usual: u64, bytes: &mut Vec<u8>) {
        put_varint(bytes, self.bins().count() as u64);
        let mut next = 0;
        for (key, bin) in self.bins() {
            let off = (bin.time as i128 - i128::from(bin.count) * i128::from(usual)) as i64;
            put_varint(bytes, bin.count << 2 | u64::from(off != 0) << 1 | u64::from(key != next));
            if key != next {
                put_varint(bytes, zigzag(i64::from(key - next)));
            }
            if off != 0 {
                put_varint(bytes, zigzag(off));
            }
            next = key + 1;
        }
    }

    /// Adds a sketch that was written.
    pub(super) fn read(&mut self, usual: u64, reader: &mut Reader<'_>) -> Result<(), Short> {
        let mut next = 0i32;
        for _ in 0..reader.varint()? {
            let head = reader.varint()?;
            let step = if head & 1 == 1 { unzigzag(reader.varint()?) } else { 0 };
            let off = if head & 2 == 2 { unzigzag(reader.varint()?) } else { 0 };
            let key = i32::try_from(step).ok().and_then(|step| next.checked_add(step));
            let key = key.filter(|key| key.abs() <= KEY_MAX).ok_or(Short)?;
            let count = head >> 2;
            let time = i128::from(count) * i128::from(usual) + i128::from(off);
            self.add(key, count, u128::try_from(time).map_err(|_| Short)?);
            next = key + 1;
        }
        Ok(())
    }

    #[inline]
    fn bin(&mut self, key: i32) -> &mut Bin {
        let (page, slot) = (key.div_euclid(PAGE as i32), key.rem_euclid(PAGE as i32));
        let index = self.page_index(page);
        let page = self.pages[index].get_or_insert_with(|| Box::new([Bin::default(); PAGE]));
        &mut page[slot as usize]
    }

    #[inline]
    fn page_index(&mut self, page: i32) -> usize {
        let index = i64::from(page) - i64::from(self.first);
        match usize::try_from(index) {
            Ok(index) if index < self.pages.len() => index,
            _ => self.grow(page),
        }
    }

    #[cold]
    fn grow(&mut self, page: i32) -> usize {
        if self.pages.is_empty() {
            self.first = page;
        }
        if page < self.first {
            let missing = (self.first - page) as usize;
            self.pages.insert_many(0, std::iter::repeat_with(|| None).take(missing));
            self.first = page;
        }
        let index = (page - self.first) as usize;
        if index >= self.pages.len() {
            self.pages.resize_with(index + 1, || None);
        }
        index
    }
}

impl PartialEq for Sketch {
    fn eq(&self, other: &Self) -> bool {
        self.bins().eq(other.bins())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn finite() -> impl Strategy<Value = f64> {
        any::<f64>().prop_filter("finite", |value| value.is_finite())
    }

    #[test]
    fn edges_belong_to_the_upper_bin() {
        let check = |value: f64| {
            let (low, high) = span(key(value));
            assert_eq!((key(low), key(high)), (key(value), key(value)), "{value}");
            assert!(key(low.next_down()) < key(value) && key(high.next_up()) > key(value), "{value}");
        };
        [1.0, 85.0, -85.0, 0.0, 1.02, 1e-300, -2e300, f64::MIN_POSITIVE].into_iter().for_each(check);
    }

    proptest! {
        #[test]
        fn a_bin_stands_for_its_values(value in finite()) {
            let centre = centre(key(value));
            prop_assert!((centre - value).abs() <= 0.01 * value.abs() || value.abs() < f64::MIN_POSITIVE);
            let (low, high) = span(key(value));
            prop_assert!(low <= value && value <= high);
        }

        #[test]
        fn keys_grow_with_values(a in finite(), b in finite()) {
            prop_assert!(a > b || key(a) <= key(b));
            prop_assert!(key(a) <= key(a.next_up()));
        }

        #[test]
        fn a_sketch_comes_back(values in prop::collection::vec((finite(), 0u64..10_000_000_000_000), 0..50)) {
            let mut sketch = Sketch::default();
            values.iter().for_each(|(value, time)| sketch.add(key(*value), 1, u128::from(*time)));
            let (mut bytes, mut back) = (Vec::new(), Sketch::default());
            sketch.write(600, &mut bytes);
            back.read(600, &mut Reader(&bytes)).map_err(|_| TestCaseError::fail("short"))?;
            prop_assert!(back == sketch);
        }
    }
}
