//! Cells as bytes: how many samples, weighing how long, lie in which cells of a grid.
//!
//! ```text
//! level − the least level, cells (varints); where there are cells: usual weight of a sample (varint), then
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

/// One cell: its key, what it counts and how long that weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) key: i64,
    /// Samples.
    pub(super) count: u64,
    /// Nanoseconds.
    pub(super) time: u128,
}

const WIDTH_MAX: u32 = 16;

/// Appends cells, which come in the order of their keys.
pub(super) fn write(grid: Grid, cells: &[Cell], bytes: &mut Vec<u8>) {
    put_varint(bytes, (grid.level - EXACT) as u64);
    put_varint(bytes, cells.len() as u64);
    let Some(most) = cells.iter().max_by_key(|cell| cell.count) else { return };
    let usual = u64::try_from(most.time / u128::from(most.count.max(1))).unwrap_or(0);
    put_varint(bytes, usual);
    write_keys(grid, cells, bytes);
    let counts: Vec<u64> = cells.iter().map(|cell| cell.count - 1).collect();
    pack(&counts, bytes);
    write_times(usual, cells, bytes);
}

/// Reads cells into `cells`; returns their grid.
pub(super) fn read(bytes: &[u8], cells: &mut Vec<Cell>) -> Result<Grid, Short> {
    cells.clear();
    let mut reader = Reader(bytes);
    let grid = read_grid(&mut reader)?;
    let count = usize::try_from(reader.varint()?).map_err(|_| Short)?;
    if count == 0 {
        return Ok(grid);
    }
    if count > bytes.len() * 8 {
        return Err(Short);
    }
    let usual = reader.varint()?;
    read_keys(count, &mut reader, cells)?;
    unpack(count, &mut reader, |index, less| {
        let count = less + 1;
        (cells[index].count, cells[index].time) = (count, u128::from(count) * u128::from(usual));
    })?;
    read_times(&mut reader, cells)?;
    Ok(grid)
}

/// Reads of cells only the level.
pub(super) fn level(bytes: &[u8]) -> Result<i32, Short> {
    read_grid(&mut Reader(bytes)).map(|grid| grid.level)
}

fn read_grid(reader: &mut Reader<'_>) -> Result<Grid, Short> {
    let level = i32::try_from(reader.varint()?).ok().filter(|level| *level <= 1023 - EXACT).ok_or(Short)?;
    Ok(Grid::new(level + EXACT))
}

fn write_keys(grid: Grid, cells: &[Cell], bytes: &mut Vec<u8>) {
    let first = cells[0].key;
    let steps: Vec<u64> = cells.windows(2).map(|pair| pair[1].key.wrapping_sub(pair[0].key) as u64).collect();
    if grid.level > EXACT {
        bytes.push(0);
        put_varint(bytes, zigzag(first));
        pack(&steps.iter().map(|step| step - 1).collect::<Vec<_>>(), bytes);
        return;
    }
    if write_numbers(grid, cells, bytes) {
        return;
    }
    let shift = steps.iter().fold(0, |all, step| all | step).trailing_zeros().min(63) as u8;
    bytes.extend([2, shift]);
    put_varint(bytes, zigzag(first));
    steps.iter().for_each(|step| put_varint(bytes, step >> shift));
}

/// Writes keys as the numbers of a form, where all values have one.
fn write_numbers(grid: Grid, cells: &[Cell], bytes: &mut Vec<u8>) -> bool {
    let values: Vec<f64> = cells.iter().map(|cell| grid.centre(cell.key)).collect();
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

fn read_keys(count: usize, reader: &mut Reader<'_>, cells: &mut Vec<Cell>) -> Result<(), Short> {
    let mut push = |key: i64| cells.push(Cell { key, count: 0, time: 0 });
    match reader.u8()? {
        0 => {
            let mut key = unzigzag(reader.varint()?);
            push(key);
            unpack(count - 1, reader, |_, step| {
                key = key.wrapping_add_unsigned(step).wrapping_add(1);
                push(key);
            })?;
        }
        1 => {
            let form = Form::of_tag([reader.u8()?, reader.u8()?]).ok_or(Short)?;
            let (mut number, grid) = (unzigzag(reader.varint()?), Grid::new(EXACT));
            push(grid.key(form.join(number, 0)));
            for _ in 1..count {
                number = number.wrapping_add_unsigned(reader.varint()?);
                push(grid.key(form.join(number, 0)));
            }
        }
        2 => {
            let (shift, mut key) = (u32::from(reader.u8()?), unzigzag(reader.varint()?));
            push(key);
            for _ in 1..count {
                key = key.wrapping_add_unsigned(reader.varint()?.checked_shl(shift).ok_or(Short)?);
                push(key);
            }
        }
        _ => return Err(Short),
    }
    Ok(())
}

fn write_times(usual: u64, cells: &[Cell], bytes: &mut Vec<u8>) {
    let off = |cell: &Cell| cell.time as i128 - i128::from(cell.count) * i128::from(usual);
    let offs: Vec<i128> = cells.iter().map(off).collect();
    let others = offs.iter().filter(|off| **off != 0).count();
    let is_short = offs.iter().all(|off| i64::try_from(*off).is_ok());
    if others == 0 {
        bytes.push(0);
    } else if others * 4 <= cells.len() && is_short {
        bytes.push(1);
        put_varint(bytes, others as u64);
        let mut next = 0;
        for (index, off) in offs.iter().enumerate().filter(|(_, off)| **off != 0) {
            put_varint(bytes, (index - next) as u64);
            put_varint(bytes, zigzag(*off as i64));
            next = index + 1;
        }
    } else {
        let folded: Vec<u128> = offs.iter().map(|off| (off << 1 ^ off >> 127) as u128).collect();
        let most = folded.iter().fold(0, |all, off| all | off);
        let width = (128 - most.leading_zeros()).div_ceil(8) as usize;
        bytes.extend([2, width as u8]);
        folded.iter().for_each(|off| bytes.extend(&off.to_le_bytes()[..width]));
    }
}

fn read_times(reader: &mut Reader<'_>, cells: &mut [Cell]) -> Result<(), Short> {
    match reader.u8()? {
        0 => Ok(()),
        1 => {
            let mut next = 0usize;
            for _ in 0..reader.varint()? {
                let index = next.saturating_add(usize::try_from(reader.varint()?).map_err(|_| Short)?);
                let off = unzigzag(reader.varint()?);
                let cell = cells.get_mut(index).ok_or(Short)?;
                cell.time = cell.time.checked_add_signed(off.into()).ok_or(Short)?;
                next = index + 1;
            }
            Ok(())
        }
        2 => {
            let width = usize::from(reader.u8()?);
            if !(1..=16).contains(&width) {
                return Err(Short);
            }
            let offs = reader.take(width * cells.len())?;
            for (cell, off) in cells.iter_mut().zip(offs.chunks_exact(width)) {
                let mut folded = [0; 16];
                folded[..width].copy_from_slice(off);
                let folded = u128::from_le_bytes(folded);
                let off = (folded >> 1) as i128 ^ -((folded & 1) as i128);
                cell.time = cell.time.checked_add_signed(off).ok_or(Short)?;
            }
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

/// Reads so many packed numbers.
#[inline]
fn unpack(count: usize, reader: &mut Reader<'_>, mut take: impl FnMut(usize, u64)) -> Result<(), Short> {
    let width = u32::from(reader.u8()?);
    if width > WIDTH_MAX {
        return Err(Short);
    }
    let mut fields = reader.take((count * width as usize).div_ceil(8))?.iter();
    let (ones, mut field, mut used) = ((1u64 << width) - 1, 0u64, 0);
    for index in 0..count {
        while used < width {
            field |= u64::from(*fields.next().ok_or(Short)?) << used;
            used += 8;
        }
        let mut number = field & ones;
        field >>= width;
        used -= width;
        if number == ones {
            number = number.checked_add(reader.varint()?).ok_or(Short)?;
        }
        take(index, number);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(level: i32, values: &[(f64, u64, u128)]) -> usize {
        let grid = Grid::new(level);
        let cell = |(value, count, time): &(f64, u64, u128)| Cell {
            key: grid.key(*value),
            count: *count,
            time: *time,
        };
        let mut cells: Vec<Cell> = values.iter().map(cell).collect();
        cells.sort_by_key(|cell| cell.key);
        cells.dedup_by_key(|cell| cell.key);
        let (mut bytes, mut back) = (Vec::new(), Vec::new());
        write(grid, &cells, &mut bytes);
        assert_eq!(read(&bytes, &mut back).ok(), Some(grid));
        assert_eq!(back, cells);
        for length in 0..bytes.len().min(40) {
            assert!(read(&bytes[..length], &mut back).is_err(), "{length}");
        }
        bytes.len()
    }

    #[test]
    fn cells_take_little_room() {
        let minutes = |count: u64| u128::from(count) * 600_000_000_000;
        // 200 values of two decimals, 1,000 cells in a row.
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
        fn cells_come_back(
            values in prop::collection::vec((prop_oneof![-1e6..1e6f64, any::<f64>()], 1u64..70_000, any::<u64>()), 0..200),
            level in prop::sample::select(vec![EXACT, -40, -7, 0, 12]),
            shift in 0u32..64,
            digits in prop::option::of(0i32..3),
        ) {
            let round = |value: f64| digits.map_or(value, |digits| (value * 10f64.powi(digits)).round() / 10f64.powi(digits));
            let values: Vec<_> = values.into_iter().filter(|(value, ..)| value.is_finite())
                .map(|(value, count, time)| (round(value), count, u128::from(count) * 600 + u128::from(time >> shift)))
                .filter(|(value, ..)| value.is_finite()).collect();
            check(level, &values);
        }
    }
}
