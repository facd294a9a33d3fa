//! Histogram bins as bytes: how many samples, weighing how long, lie in which bins of a grid.
//!
//! ```text
//! level − the least level, bins (varints); where there are bins: usual weight of a sample (varint), then
//! keys    0, the first key (zigzag), the steps to the next ones less 1 (packed)
//!         or 1, form (2 bytes, see `form`), the first number (zigzag), the steps (varints): values that are numbers of a form
//!         or 2, shift (1 byte), the first key (zigzag), the steps (varints) without their lowest bits, which are zero
//! counts  less 1 (packed)
//! times   what each weighs more than count × usual: 0 nothing, or 1, how many (varint), each: steps between indices, difference (zigzag),
//!         or 2, width (1 byte), zigzag of each difference in so many bytes
//! packed  width of a field (1 byte), fields of so many bits; a field of ones: the rest follows as a varint behind the fields
//! ```

use super::bytes::{Reader, Short, put_varint, unzigzag, zigzag};
use super::form::Form;
use super::grid::{EXACT, Grid};

/// One bin: its key, how many samples it counts and how long these weigh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bin {
    pub(super) key: i64,
    /// Samples.
    pub(super) count: u64,
    /// Nanoseconds.
    pub(super) time: u128,
}

const WIDTH_MAX: u32 = 16;

/// Appends bins, which come in the order of their keys.
pub(super) fn write(grid: Grid, bins: &[Bin], bytes: &mut Vec<u8>) {
    put_varint(bytes, (grid.level - EXACT) as u64);
    put_varint(bytes, bins.len() as u64);
    let Some(most) = bins.iter().max_by_key(|bin| bin.count) else { return };
    let exact = u64::try_from(most.time / u128::from(most.count.max(1))).unwrap_or(0);
    let others = bins.iter().filter(|bin| bin.time != u128::from(bin.count) * u128::from(exact)).count();
    let usual = if others * 4 <= bins.len() { exact } else { rounded(exact) };
    put_varint(bytes, usual);
    write_keys(grid, bins, bytes);
    let counts: Vec<u64> = bins.iter().map(|bin| bin.count - 1).collect();
    pack(&counts, bytes);
    write_extra(usual, bins, bytes);
}

/// Rounds to three digits, so that rollups of a clock that jitters have one usual weight, and add up faster.
fn rounded(weight: u64) -> u64 {
    let unit = 10u64.pow(weight.checked_ilog10().unwrap_or(0).saturating_sub(2));
    let rest = weight % unit;
    if rest * 2 >= unit && rest > 0 { weight.saturating_add(unit - rest) } else { weight - rest }
}

/// Bins that were written, of which only the head is read.
pub(super) struct Encoded<'a> {
    /// Their grid.
    pub(super) grid: Grid,
    count: usize,
    rest: &'a [u8],
}

/// Bins as they are written: a column for each figure.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    /// The keys, in order.
    pub(super) keys: Vec<i64>,
    /// The samples of each.
    pub(super) counts: Vec<u64>,
    /// What a sample weighs most of the time.
    pub(super) usual: u64,
    /// How much more each weighs than `usual` for each of its samples; empty where none does.
    pub(super) extra: Vec<i64>,
}

impl Columns {
    /// Returns the bins.
    pub(super) fn bins(&self) -> impl Iterator<Item = Bin> + '_ {
        self.keys.iter().zip(&self.counts).enumerate().map(|(index, (key, count))| {
            let extra = self.extra.get(index).copied().unwrap_or(0);
            let time = i128::from(*count) * i128::from(self.usual) + i128::from(extra);
            // A time below zero is refused where it is read.
            Bin { key: *key, count: *count, time: time.unsigned_abs() }
        })
    }
}

/// Reads the head of bins.
pub(super) fn open(bytes: &[u8]) -> Result<Encoded<'_>, Short> {
    let mut reader = Reader(bytes);
    let grid = read_grid(&mut reader)?;
    let count = usize::try_from(reader.varint()?).map_err(|_| Short)?;
    if count > bytes.len() * 8 {
        return Err(Short);
    }
    Ok(Encoded { grid, count, rest: reader.0 })
}

impl Encoded<'_> {
    /// Reads the bins into `columns`, in place of what is there.
    pub(super) fn read(&self, columns: &mut Columns) -> Result<(), Short> {
        let Columns { keys, counts, usual, extra } = columns;
        keys.clear();
        counts.clear();
        extra.clear();
        if self.count == 0 {
            return Ok(());
        }
        let mut reader = Reader(self.rest);
        *usual = reader.varint()?;
        read_keys(self.count, &mut reader, keys, counts)?;
        unpack(self.count, &mut reader, counts)?;
        counts.iter_mut().for_each(|count| *count = count.saturating_add(1));
        read_extra(self.count, &mut reader, extra)?;
        // No bin weighs less than nothing; most need no product for that.
        let is_less =
            |(count, extra): (&u64, &i64)| i128::from(*count) * i128::from(*usual) + i128::from(*extra) < 0;
        let least = extra.iter().copied().min().unwrap_or(0);
        let is_broken = least.unsigned_abs() > *usual && least < 0 && counts.iter().zip(&*extra).any(is_less);
        if is_broken { Err(Short) } else { Ok(()) }
    }
}

fn read_grid(reader: &mut Reader<'_>) -> Result<Grid, Short> {
    let level = i32::try_from(reader.varint()?).ok().filter(|level| *level <= 1023 - EXACT).ok_or(Short)?;
    Ok(Grid::new(level + EXACT))
}

fn write_keys(grid: Grid, bins: &[Bin], bytes: &mut Vec<u8>) {
    let first = bins[0].key;
    let steps: Vec<u64> = bins.windows(2).map(|pair| pair[1].key.wrapping_sub(pair[0].key) as u64).collect();
    if grid.level > EXACT {
        bytes.push(0);
        put_varint(bytes, zigzag(first));
        pack(&steps.iter().map(|step| step - 1).collect::<Vec<_>>(), bytes);
        return;
    }
    if write_numbers(grid, bins, bytes) {
        return;
    }
    let shift = steps.iter().fold(0, |all, step| all | step).trailing_zeros().min(63) as u8;
    bytes.extend([2, shift]);
    put_varint(bytes, zigzag(first));
    steps.iter().for_each(|step| put_varint(bytes, step >> shift));
}

/// Writes keys as the numbers of a form, where all values have one.
fn write_numbers(grid: Grid, bins: &[Bin], bytes: &mut Vec<u8>) -> bool {
    let values: Vec<f64> = bins.iter().map(|bin| grid.centre(bin.key)).collect();
    let number = |form: Form| -> Option<Vec<i64>> {
        let split = |value: &f64| form.split(*value).filter(|(_, off)| *off == 0).map(|(number, _)| number);
        values.iter().map(split).collect()
    };
    let forms = Form::candidates(&values).into_iter();
    let forms = forms.filter(|form| !matches!(form, Form::Double | Form::Single));
    let Some((form, numbers)) = forms.filter_map(|form| Some((form, number(form)?))).next() else {
        return false;
    };
    bytes.push(1);
    bytes.extend(form.tag());
    put_varint(bytes, zigzag(numbers[0]));
    numbers.windows(2).for_each(|pair| put_varint(bytes, (pair[1] - pair[0]) as u64));
    true
}

/// Reads keys; `steps` is room for the steps between them.
fn read_keys(
    count: usize,
    reader: &mut Reader<'_>,
    keys: &mut Vec<i64>,
    steps: &mut Vec<u64>,
) -> Result<(), Short> {
    match reader.u8()? {
        0 => {
            let mut key = unzigzag(reader.varint()?);
            keys.push(key);
            unpack(count - 1, reader, steps)?;
            keys.extend(steps.iter().map(|step| {
                key = key.wrapping_add_unsigned(*step).wrapping_add(1);
                key
            }));
        }
        1 => {
            let form = Form::of_tag([reader.u8()?, reader.u8()?]).ok_or(Short)?;
            let (mut number, grid) = (unzigzag(reader.varint()?), Grid::new(EXACT));
            keys.push(grid.key(form.join(number, 0)));
            for _ in 1..count {
                number = number.wrapping_add_unsigned(reader.varint()?);
                keys.push(grid.key(form.join(number, 0)));
            }
        }
        2 => {
            let (shift, mut key) = (u32::from(reader.u8()?), unzigzag(reader.varint()?));
            keys.push(key);
            for _ in 1..count {
                key = key.wrapping_add_unsigned(reader.varint()?.checked_shl(shift).ok_or(Short)?);
                keys.push(key);
            }
        }
        _ => return Err(Short),
    }
    // What is damaged in a way that no check sum shows is no bins either.
    if keys.is_sorted() { Ok(()) } else { Err(Short) }
}

/// Appends what bins weigh more than `usual` for each sample. All of them are of one series, so no difference is longer than time is.
fn write_extra(usual: u64, bins: &[Bin], bytes: &mut Vec<u8>) {
    let extra = |bin: &Bin| (bin.time as i128 - i128::from(bin.count) * i128::from(usual)) as i64;
    let extra: Vec<i64> = bins.iter().map(extra).collect();
    let others = extra.iter().filter(|extra| **extra != 0).count();
    if others == 0 {
        bytes.push(0);
    } else if others * 4 <= bins.len() {
        bytes.push(1);
        put_varint(bytes, others as u64);
        let mut next = 0;
        for (index, extra) in extra.iter().enumerate().filter(|(_, extra)| **extra != 0) {
            put_varint(bytes, (index - next) as u64);
            put_varint(bytes, zigzag(*extra));
            next = index + 1;
        }
    } else {
        let most = extra.iter().fold(0, |all, extra| all | zigzag(*extra));
        let width = (64 - most.leading_zeros()).div_ceil(8) as usize;
        bytes.extend([2, width as u8]);
        extra.iter().for_each(|extra| bytes.extend(&zigzag(*extra).to_le_bytes()[..width]));
    }
}

fn read_extra(count: usize, reader: &mut Reader<'_>, extra: &mut Vec<i64>) -> Result<(), Short> {
    match reader.u8()? {
        0 => Ok(()),
        1 => {
            extra.resize(count, 0);
            let mut next = 0usize;
            for _ in 0..reader.varint()? {
                let index = next.saturating_add(usize::try_from(reader.varint()?).map_err(|_| Short)?);
                *extra.get_mut(index).ok_or(Short)? = unzigzag(reader.varint()?);
                next = index + 1;
            }
            Ok(())
        }
        2 => {
            let width = usize::from(reader.u8()?);
            if !(1..=8).contains(&width) {
                return Err(Short);
            }
            let bytes = reader.take(width * count)?;
            let ones = u64::MAX >> (64 - 8 * width);
            extra.extend((0..count).map(|index| unzigzag(word(bytes, index * width) & ones)));
            Ok(())
        }
        _ => Err(Short),
    }
}

/// Appends numbers in fields of the width that takes the least room.
fn pack(numbers: &[u64], bytes: &mut Vec<u8>) {
    let rest = |number: u64, width: u32| number.checked_sub((1 << width) - 1);
    let size = |width: u32| {
        let rests = numbers.iter().filter_map(|number| rest(*number, width));
        let rests: u64 =
            rests.map(|rest| u64::from((64 - rest.leading_zeros()).max(1).div_ceil(7)) * 8).sum();
        rests + numbers.len() as u64 * u64::from(width)
    };
    let width = (0..=WIDTH_MAX).min_by_key(|width| size(*width)).unwrap_or(0);
    bytes.push(width as u8);
    let (mut field, mut used) = (0u64, 0);
    for number in numbers {
        field |= (*number).min((1 << width) - 1) << used;
        used += width;
        while used >= 8 {
            bytes.push(field as u8);
            field >>= 8;
            used -= 8;
        }
    }
    if used > 0 {
        bytes.push(field as u8);
    }
    numbers.iter().filter_map(|number| rest(*number, width)).for_each(|rest| put_varint(bytes, rest));
}

/// Reads so many packed numbers into `numbers`, in place of what is there.
fn unpack(count: usize, reader: &mut Reader<'_>, numbers: &mut Vec<u64>) -> Result<(), Short> {
    let width = u32::from(reader.u8()?);
    if width > WIDTH_MAX {
        return Err(Short);
    }
    let (fields, ones) = (reader.take((count * width as usize).div_ceil(8))?, (1u64 << width) - 1);
    numbers.clear();
    numbers.resize(count, 0);
    let mut bit = 0usize;
    for number in numbers.iter_mut() {
        *number = word(fields, bit / 8) >> (bit % 8) & ones;
        bit += width as usize;
    }
    for number in numbers.iter_mut().filter(|number| **number == ones) {
        *number = number.checked_add(reader.varint()?).ok_or(Short)?;
    }
    Ok(())
}

/// Returns the eight bytes from a place on; what lies behind the end is zero.
#[inline]
fn word(bytes: &[u8], at: usize) -> u64 {
    if let Some(word) = bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()) {
        return u64::from_le_bytes(word);
    }
    bytes.iter().skip(at).rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(level: i32, values: &[(f64, u64, u128)]) -> usize {
        let grid = Grid::new(level);
        let bin = |(value, count, time): &(f64, u64, u128)| Bin {
            key: grid.key(*value),
            count: *count,
            time: *time,
        };
        let mut bins: Vec<Bin> = values.iter().map(bin).collect();
        bins.sort_by_key(|bin| bin.key);
        bins.dedup_by_key(|bin| bin.key);
        let (mut bytes, mut back) = (Vec::new(), Columns::default());
        write(grid, &bins, &mut bytes);
        let encoded = open(&bytes).expect("what was written");
        assert_eq!((encoded.grid, encoded.read(&mut back).is_ok()), (grid, true));
        assert_eq!(back.bins().collect::<Vec<_>>(), bins);
        for length in 0..bytes.len().min(40) {
            let read = open(&bytes[..length]).and_then(|encoded| encoded.read(&mut back));
            assert!(read.is_err(), "{length}");
        }
        bytes.len()
    }

    #[test]
    fn bins_take_little_room() {
        let minutes = |count: u64| u128::from(count) * 600_000_000_000;
        // 200 values of two decimals, 1,000 bins in a row.
        let decimals: Vec<_> = (0..200u32)
            .map(|n| (f64::from(64_200 + n) / 100.0, 1 + u64::from(n % 4), minutes(1 + u64::from(n % 4))))
            .collect();
        assert!(check(EXACT, &decimals) < 300);
        let row: Vec<_> = (0..1000u32)
            .map(|n| (f64::from(n), 1 + u64::from(n % 4), minutes(1 + u64::from(n % 4))))
            .collect();
        assert!(check(0, &row) < 520);
        check(0, &[]);
    }

    proptest! {
        #[test]
        fn bins_come_back(
            values in prop::collection::vec((prop_oneof![-1e6..1e6f64, any::<f64>()], 1u64..70_000, any::<u64>()), 0..200),
            level in prop::sample::select(vec![EXACT, -40, -7, 0, 12]),
            shift in 0u32..64,
            digits in prop::option::of(0i32..3),
        ) {
            let round = |value: f64| digits.map_or(value, |digits| (value * 10f64.powi(digits)).round() / 10f64.powi(digits));
            let values: Vec<_> = values.into_iter().filter(|(value, ..)| value.is_finite())
                .map(|(value, count, time)| (round(value), count, u128::from(count) * 600 + u128::from(time >> shift >> 1)))
                .filter(|(value, ..)| value.is_finite()).collect();
            check(level, &values);
        }
    }
}
