//! Histogram bins as bytes: how many samples, weighing how long, lie in which bins of a grid.
//!
//! ```text
//! level − the least level, bins (varints); where there are bins: usual weight of a sample (varint), then
//! keys    0, the first key (zigzag), the steps to the next ones less 1 (packed)
//!         or 1, form (2 bytes, see `form`), the first number (zigzag), the steps (varints): values that are numbers of a form
//!         or 2, shift (1 byte), the first key (zigzag), the steps (varints) without their lowest bits, which are zero
//!         or 3, form (2 bytes), the first number (zigzag), the steps (packed), of printed singles how far off each is (zigzags, packed)
//!         or 4, the first key (zigzag), the length (varint) of a row of keys, of which those without a bin count 0
//! counts  less 1 (packed); of a row as they are
//! times   what each weighs more than count × usual (see `bin_times`)
//! ```
//! Before version 7 of a part there were no 3 and 4; from it on 1 is not written.

use super::bin_times::{read_extra, write_extra};
use super::bins::{Bin, Columns};
use super::grid::{EXACT, Grid};
use crate::telemetry::file::bytes::{Reader, Short, put_varint, unzigzag, zigzag};
use crate::telemetry::file::compact_double::Form;
use crate::telemetry::file::packed::{pack, unpack};

/// A row is not worth writing where more keys than this come on a bin.
const KEYS_PER_BIN: u64 = 4;

/// Appends bins, which come in the order of their keys.
pub(in crate::telemetry) fn write(grid: Grid, bins: &[Bin], bytes: &mut Vec<u8>) {
    put_varint(bytes, (grid.level - EXACT) as u64);
    put_varint(bytes, bins.len() as u64);
    let (Some(most), Some(first), Some(last)) =
        (bins.iter().max_by_key(|bin| bin.count), bins.first(), bins.last())
    else {
        return;
    };
    let exact = u64::try_from(most.time / u128::from(most.count.max(1))).unwrap_or(0);
    let others = bins.iter().filter(|bin| bin.time != u128::from(bin.count) * u128::from(exact)).count();
    let median = rounded(median_weight(bins));
    // What a bin weighs more, or less, must be a length of time.
    let is_usable = u128::from(most.count) * u128::from(median) <= i64::MAX as u128;
    let usual = match others * 4 <= bins.len() {
        true => exact,
        false if is_usable => median,
        false => rounded(exact),
    };
    put_varint(bytes, usual);
    if grid.level == EXACT {
        write_values(grid, usual, bins, bytes);
        return;
    }
    let mut apart = Vec::new();
    write_apart(usual, bins, &mut apart);
    if last.key.abs_diff(first.key) < KEYS_PER_BIN * bins.len() as u64 {
        let mut row = Vec::new();
        write_row(usual, bins, &mut row);
        apart = if row.len() <= apart.len() { row } else { apart };
    }
    bytes.append(&mut apart);
}

/// Returns what a sample weighs in the middle one of bins by that: where a clock jitters it differs less from rollup to rollup than
/// that of any one bin.
fn median_weight(bins: &[Bin]) -> u64 {
    let mut weights: Vec<u128> = bins.iter().map(|bin| bin.time / u128::from(bin.count.max(1))).collect();
    let middle = weights.len() / 2;
    u64::try_from(*weights.select_nth_unstable(middle).1).unwrap_or(0)
}

/// Rounds to three digits, so that rollups of a clock that jitters have one usual weight, and add up faster.
fn rounded(weight: u64) -> u64 {
    let unit = 10u64.pow(weight.checked_ilog10().unwrap_or(0).saturating_sub(2));
    let rest = weight % unit;
    if rest * 2 >= unit && rest > 0 { weight.saturating_add(unit - rest) } else { weight - rest }
}

/// Bins that were written, of which only the head is read.
pub(in crate::telemetry) struct Encoded<'a> {
    /// Their grid.
    pub(in crate::telemetry) grid: Grid,
    count: usize,
    rest: &'a [u8],
}

/// Reads the head of bins.
pub(in crate::telemetry) fn open(bytes: &[u8]) -> Result<Encoded<'_>, Short> {
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
    pub(in crate::telemetry) fn read(&self, columns: &mut Columns) -> Result<(), Short> {
        columns.clear();
        if self.count == 0 {
            return Ok(());
        }
        let mut reader = Reader(self.rest);
        columns.usual = reader.varint()?;
        match reader.u8()? {
            ROW => read_row(self.count, &mut reader, columns)?,
            kind => read_apart(kind, self.count, &mut reader, columns)?,
        }
        read_extra(&mut reader, columns)?;
        // No bin weighs less than nothing; most need no product for that.
        let is_less = |index: usize, extra: i128| {
            i128::from(columns.counts[index]) * i128::from(columns.usual) + extra < 0
        };
        let most = u128::from(columns.less_max) * u128::from(columns.unit.unsigned_abs());
        let is_broken = most > u128::from(columns.usual)
            && !weigh_nothing_less(columns)
            && (0..columns.extra.len()).any(|index| is_less(index, columns.extra(index)));
        let are_few_broken = columns
            .few
            .iter()
            .any(|(index, extra)| columns.counts[*index] == 0 || is_less(*index, i128::from(*extra)));
        if is_broken || are_few_broken { Err(Short) } else { Ok(()) }
    }
}

/// Returns whether no bin weighs less than nothing, where that shows in words of 64 bits. The usual weight counts in whole units, so
/// what is just above nothing may not show.
fn weigh_nothing_less(columns: &Columns) -> bool {
    let Columns { counts, extra, usual, unit, less_max, .. } = columns;
    let usual = usual / unit.unsigned_abs().max(1);
    let bits = |all: u64| 64 - all.leading_zeros();
    let counted = counts.iter().fold(0, |all, count| all | count);
    if bits(counted) + bits(usual) > 63 || bits(*less_max) > 62 {
        return false;
    }
    let is_less = |(count, units): (&u64, &u64)| {
        let less = units.div_ceil(2) & (units & 1).wrapping_neg();
        (count * usual).wrapping_sub(less)
    };
    counts.iter().zip(extra).map(is_less).fold(0, |all, rest| all | rest) >> 63 == 0
}

fn read_grid(reader: &mut Reader<'_>) -> Result<Grid, Short> {
    let level = i32::try_from(reader.varint()?).ok().filter(|level| *level <= 1023 - EXACT).ok_or(Short)?;
    Ok(Grid::new(level + EXACT))
}

const STEPS: u8 = 0;
const NUMBERS: u8 = 1;
const VALUES: u8 = 2;
const PACKED_NUMBERS: u8 = 3;
const ROW: u8 = 4;

/// Appends bins of different values.
fn write_values(grid: Grid, usual: u64, bins: &[Bin], bytes: &mut Vec<u8>) {
    if !write_numbers(grid, bins, bytes) {
        let steps: Vec<u64> = steps(bins).collect();
        let shift = steps.iter().fold(0, |all, step| all | step).trailing_zeros().min(63) as u8;
        bytes.extend([VALUES, shift]);
        put_varint(bytes, zigzag(bins[0].key));
        steps.iter().for_each(|step| put_varint(bytes, step >> shift));
    }
    write_counts(usual, bins, bytes);
}

/// Writes keys as the numbers of a form, where all values have one.
fn write_numbers(grid: Grid, bins: &[Bin], bytes: &mut Vec<u8>) -> bool {
    let values: Vec<f64> = bins.iter().map(|bin| grid.centre(bin.key)).collect();
    let split =
        |form: Form| -> Option<Vec<(i64, i64)>> { values.iter().map(|value| form.split(*value)).collect() };
    let forms = Form::candidates(&values).into_iter();
    let forms = forms.filter(|form| !matches!(form, Form::Double | Form::Single));
    let Some((form, numbers)) = forms.filter_map(|form| Some((form, split(form)?))).next() else {
        return false;
    };
    bytes.push(PACKED_NUMBERS);
    bytes.extend(form.tag());
    put_varint(bytes, zigzag(numbers[0].0));
    let steps: Vec<u64> = numbers.windows(2).map(|pair| pair[1].0.wrapping_sub(pair[0].0) as u64).collect();
    pack(&steps, bytes);
    if matches!(form, Form::Printed(_)) {
        pack(&numbers.iter().map(|(_, off)| zigzag(*off)).collect::<Vec<_>>(), bytes);
    }
    true
}

/// Appends bins of which there are few among the keys.
fn write_apart(usual: u64, bins: &[Bin], bytes: &mut Vec<u8>) {
    bytes.push(STEPS);
    put_varint(bytes, zigzag(bins[0].key));
    pack(&steps(bins).map(|step| step - 1).collect::<Vec<_>>(), bytes);
    write_counts(usual, bins, bytes);
}

/// Appends bins that most keys from the first to the last have.
fn write_row(usual: u64, bins: &[Bin], bytes: &mut Vec<u8>) {
    let (first, last) = (bins[0].key, bins[bins.len() - 1].key);
    let length = last.abs_diff(first) + 1;
    bytes.push(ROW);
    put_varint(bytes, zigzag(first));
    put_varint(bytes, length);
    let (mut counts, mut extra) = (vec![0; length as usize], vec![0; length as usize]);
    for bin in bins {
        let index = bin.key.abs_diff(first) as usize;
        (counts[index], extra[index]) = (bin.count, extra_of(usual, bin));
    }
    pack(&counts, bytes);
    write_extra(usual, &extra, bytes);
}

/// Appends how many samples each bin counts, and what they weigh.
fn write_counts(usual: u64, bins: &[Bin], bytes: &mut Vec<u8>) {
    pack(&bins.iter().map(|bin| bin.count - 1).collect::<Vec<_>>(), bytes);
    write_extra(usual, &bins.iter().map(|bin| extra_of(usual, bin)).collect::<Vec<_>>(), bytes);
}

fn steps(bins: &[Bin]) -> impl Iterator<Item = u64> {
    bins.windows(2).map(|pair| pair[1].key.wrapping_sub(pair[0].key) as u64)
}

/// Returns what a bin weighs more than `usual` for each sample. All of them are of one series, so no difference is longer than time is.
fn extra_of(usual: u64, bin: &Bin) -> i64 {
    (bin.time as i128 - i128::from(bin.count) * i128::from(usual)) as i64
}

/// Reads the keys of a row and what they count.
fn read_row(count: usize, reader: &mut Reader<'_>, columns: &mut Columns) -> Result<(), Short> {
    columns.first = unzigzag(reader.varint()?);
    let length = usize::try_from(reader.varint()?).map_err(|_| Short)?;
    if length > reader.0.len() * 8 || columns.first.checked_add_unsigned(length as u64).is_none() {
        return Err(Short);
    }
    unpack(length, reader, &mut columns.counts)?;
    let bins = columns.counts.iter().filter(|count| **count > 0).count();
    if bins == count { Ok(()) } else { Err(Short) }
}

/// Reads keys and what each counts.
fn read_apart(kind: u8, count: usize, reader: &mut Reader<'_>, columns: &mut Columns) -> Result<(), Short> {
    let Columns { keys, counts, first, .. } = columns;
    read_keys(kind, count, reader, keys, counts)?;
    // What is damaged in a way that no check sum shows is no bins either.
    *first = *keys.first().filter(|_| keys.is_sorted()).ok_or(Short)?;
    unpack(count, reader, counts)?;
    counts.iter_mut().for_each(|count| *count = count.saturating_add(1));
    Ok(())
}

/// Reads keys; `steps` is room for the steps between them.
fn read_keys(
    kind: u8,
    count: usize,
    reader: &mut Reader<'_>,
    keys: &mut Vec<i64>,
    steps: &mut Vec<u64>,
) -> Result<(), Short> {
    match kind {
        STEPS => {
            let mut key = unzigzag(reader.varint()?);
            keys.push(key);
            unpack(count - 1, reader, steps)?;
            keys.extend(steps.iter().map(|step| {
                key = key.wrapping_add_unsigned(*step).wrapping_add(1);
                key
            }));
        }
        NUMBERS => {
            let form = Form::of_tag([reader.u8()?, reader.u8()?]).ok_or(Short)?;
            let (mut number, grid) = (unzigzag(reader.varint()?), Grid::new(EXACT));
            keys.push(grid.key(form.join(number, 0)));
            for _ in 1..count {
                number = number.wrapping_add_unsigned(reader.varint()?);
                keys.push(grid.key(form.join(number, 0)));
            }
        }
        VALUES => {
            let (shift, mut key) = (u32::from(reader.u8()?), unzigzag(reader.varint()?));
            keys.push(key);
            for _ in 1..count {
                key = key.wrapping_add_unsigned(reader.varint()?.checked_shl(shift).ok_or(Short)?);
                keys.push(key);
            }
        }
        PACKED_NUMBERS => {
            let form = Form::of_tag([reader.u8()?, reader.u8()?]).ok_or(Short)?;
            let (mut number, grid) = (unzigzag(reader.varint()?), Grid::new(EXACT));
            unpack(count - 1, reader, steps)?;
            keys.push(number);
            keys.extend(steps.iter().map(|step| {
                number = number.wrapping_add_unsigned(*step);
                number
            }));
            if matches!(form, Form::Printed(_)) {
                unpack(count, reader, steps)?;
            } else {
                steps.clear();
            }
            let offs = steps.iter().map(|off| unzigzag(*off)).chain(std::iter::repeat(0));
            keys.iter_mut().zip(offs).for_each(|(key, off)| *key = grid.key(form.join(*key, off)));
        }
        _ => return Err(Short),
    }
    Ok(())
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
