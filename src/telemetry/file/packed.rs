//! Numbers in fields of one width, most of which are small.
//!
//! ```text
//! width of a field (1 byte), fields of so many bits; a field of ones: the rest follows as a varint behind the fields
//! ```

use super::bytes::{Reader, Short, put_varint};

const WIDTH_MAX: usize = 32;

/// Appends numbers in fields of the width that takes the least room.
pub(in crate::telemetry) fn pack(numbers: &[u64], bytes: &mut Vec<u8>) {
    let width = best_width(numbers);
    let ones = (1u64 << width) - 1;
    bytes.push(width as u8);
    let (mut field, mut used) = (0u64, 0);
    for number in numbers {
        field |= (*number).min(ones) << used;
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
    numbers.iter().filter_map(|number| number.checked_sub(ones)).for_each(|rest| put_varint(bytes, rest));
}

/// Finds the width with which numbers take about the least room, by how many bits they have.
fn best_width(numbers: &[u64]) -> usize {
    // By bits: how many numbers, and how many of these are all ones.
    let mut counts = [(0, 0); 65];
    for number in numbers {
        let bits = (64 - number.leading_zeros()) as usize;
        counts[bits].0 += 1;
        counts[bits].1 += usize::from(number.trailing_ones() as usize == bits);
    }
    let most = counts.iter().rposition(|(count, _)| *count > 0).unwrap_or(0);
    let size = |width: &usize| {
        let longer = (*width + 1..).zip(&counts[*width + 1..]);
        let rests: usize = longer.map(|(bits, (count, _))| count * bits.div_ceil(7)).sum();
        numbers.len() * width + 8 * (rests + counts[*width].1)
    };
    (0..=(most + 1).min(WIDTH_MAX)).min_by_key(size).unwrap_or(0)
}

/// Reads so many packed numbers into `numbers`, in place of what is there.
pub(in crate::telemetry) fn unpack(
    count: usize,
    reader: &mut Reader<'_>,
    numbers: &mut Vec<u64>,
) -> Result<(), Short> {
    let width = usize::from(reader.u8()?);
    if width > WIDTH_MAX {
        return Err(Short);
    }
    let fields = reader.take((count * width).div_ceil(8))?;
    numbers.clear();
    numbers.resize(count, 0);
    read_fields(width, fields, numbers);
    let ones = (1u64 << width) - 1;
    let (eights, rest) = numbers.as_chunks_mut::<8>();
    for eight in eights {
        // The successor of a field of ones alone reaches the bit above the fields.
        if eight.iter().fold(0, |all, field| all | (field + 1)) > ones {
            add_rests(ones, eight, reader)?;
        }
    }
    add_rests(ones, rest, reader)
}

/// Adds to each field of ones the rest that is behind the fields.
fn add_rests(ones: u64, numbers: &mut [u64], reader: &mut Reader<'_>) -> Result<(), Short> {
    for number in numbers {
        if *number == ones {
            *number = number.checked_add(reader.varint()?).ok_or(Short)?;
        }
    }
    Ok(())
}

/// Reads fields by a function that was compiled for their width, which halves the time.
fn read_fields(width: usize, fields: &[u8], numbers: &mut [u64]) {
    macro_rules! of_widths {
        ($($width:literal)*) => {
            match width {
                $($width => read_fields_of::<$width>(fields, numbers),)*
                _ => {}
            }
        };
    }
    of_widths!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32);
}

/// Reads fields of one width, eight at a time, which take as many bytes as one has bits.
fn read_fields_of<const WIDTH: usize>(fields: &[u8], numbers: &mut [u64]) {
    let ones = (1u64 << WIDTH) - 1;
    let (eights, rest) = numbers.as_chunks_mut::<8>();
    let mut bytes = fields;
    for eight in &mut *eights {
        // The last fields of eight lie within eight bytes more.
        let Some(group) = bytes.get(..WIDTH + 8) else {
            for (place, number) in eight.iter_mut().enumerate() {
                *number = word(bytes, place * WIDTH / 8) >> (place * WIDTH % 8) & ones;
            }
            bytes = bytes.get(WIDTH..).unwrap_or_default();
            continue;
        };
        for (place, number) in eight.iter_mut().enumerate() {
            *number = word(group, place * WIDTH / 8) >> (place * WIDTH % 8) & ones;
        }
        bytes = &bytes[WIDTH..];
    }
    for (place, number) in rest.iter_mut().enumerate() {
        *number = word(bytes, place * WIDTH / 8) >> (place * WIDTH % 8) & ones;
    }
}

/// Returns the eight bytes from a place on; what lies behind the end is zero.
#[inline]
pub(in crate::telemetry) fn word(bytes: &[u8], at: usize) -> u64 {
    if let Some(word) = bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()) {
        return u64::from_le_bytes(word);
    }
    bytes.iter().skip(at).rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(numbers: &[u64]) -> usize {
        let (mut bytes, mut back) = (Vec::new(), Vec::new());
        pack(numbers, &mut bytes);
        let mut reader = Reader(&bytes);
        assert_eq!(unpack(numbers.len(), &mut reader, &mut back), Ok(()));
        assert_eq!((back.as_slice(), reader.0), (numbers, &[][..]));
        for length in 0..bytes.len() {
            assert_eq!(unpack(numbers.len(), &mut Reader(&bytes[..length]), &mut back), Err(Short));
        }
        bytes.len()
    }

    #[test]
    fn numbers_take_the_bits_that_most_of_them_need() {
        assert_eq!(check(&[]), 1);
        assert_eq!(check(&[0; 80]), 1 + 10);
        assert_eq!(check(&[6; 80]), 1 + 30);
        assert_eq!(check(&[40_000; 80]), 1 + 160);
        let one_is_greater: Vec<u64> = (0..80).map(|n| if n == 7 { 1000 } else { n % 3 }).collect();
        assert_eq!(check(&one_is_greater), 1 + 20 + 2);
    }

    proptest! {
        #[test]
        fn numbers_come_back(numbers in prop::collection::vec(any::<u64>(), 0..70), shift in 0u32..64, ones in any::<bool>()) {
            let narrow = |number: &u64| if ones && number.is_multiple_of(3) { u64::MAX >> shift } else { number >> shift };
            check(&numbers.iter().map(narrow).collect::<Vec<_>>());
        }
    }
}
