//! Ids as bytes: short, sorted as the ids are, and none the beginning of another.
//!
//! | id | bytes |
//! |---|---|
//! | a dictionary number | how many bytes follow (1–8), the number big-endian without leading zeros |
//! | an inline value of tag t | `t << 4` and a nibble, then the value's last n bytes big-endian; the nibble is 7 + n for what is not negative, 8 − n for what is |

use super::inline::{value_of, with_value};
use crate::graph::index::error::Error;

/// Appends an id.
pub(crate) fn write_id(id: u64, into: &mut Vec<u8>) {
    let (head, bytes, count) = match value_of(id) {
        None => {
            let count = used(id);
            (count, id, count)
        }
        Some((tag, value)) => {
            let count = used(value.unsigned_abs().max((!value).unsigned_abs()));
            let nibble = if value < 0 { 8 - count } else { 7 + count };
            (usize::from(tag) << 4 | nibble, value.cast_unsigned(), count)
        }
    };
    into.push(head.to_le_bytes()[0]);
    into.extend_from_slice(&bytes.to_be_bytes()[8 - count..]);
}

/// Counts the bytes of a number without leading zeros, one at least.
fn used(number: u64) -> usize {
    (8 - number.leading_zeros() as usize / 8).max(1)
}

/// Reads an id from the front of `bytes`.
pub(crate) fn read_id(bytes: &mut &[u8]) -> Result<u64, Error> {
    let corrupt = || Error::corrupt("id");
    let (&head, rest) = bytes.split_first().ok_or_else(corrupt)?;
    let (tag, nibble) = (head >> 4, usize::from(head & 15));
    let is_negative = tag != 0 && nibble < 8;
    let count = match (tag, is_negative) {
        (0, _) => nibble,
        (_, true) => 8 - nibble,
        (_, false) => nibble - 7,
    };
    let digits = rest.get(..count).filter(|_| count <= 8).ok_or_else(corrupt)?;
    *bytes = &rest[count..];
    let sign = if is_negative { u64::MAX } else { 0 };
    let whole = digits.iter().fold(sign, |whole, &digit| whole << 8 | u64::from(digit));
    Ok(match tag {
        0 => whole,
        tag => with_value(tag, whole.cast_signed()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(id: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_id(id, &mut bytes);
        bytes
    }

    fn id() -> impl Strategy<Value = u64> {
        let value = (0..59_u32, any::<i64>(), 1..4_u8);
        prop_oneof![
            (0..60_u32, any::<u64>()).prop_map(|(bits, number)| (number >> 4) >> bits),
            value.prop_map(|(bits, value, tag)| with_value(tag, (value >> 5) >> bits)),
        ]
    }

    proptest! {
        #[test]
        fn codes_come_back_and_sort_as_the_ids(a in id(), b in id()) {
            let (x, y) = (code(a), code(b));
            let joined = [x.as_slice(), y.as_slice()].concat();
            let mut rest = joined.as_slice();
            prop_assert_eq!(read_id(&mut rest).expect("own bytes"), a);
            prop_assert_eq!(read_id(&mut rest).expect("own bytes"), b);
            prop_assert!(rest.is_empty());
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
        }
    }

    #[test]
    fn small_ids_are_short() {
        let check = |id: u64, bytes: usize| assert_eq!(code(id).len(), bytes, "{id:x}");
        check(0, 2);
        check(300_000, 4);
        check(with_value(1, 7), 2);
        check(with_value(1, -1), 2);
        check(with_value(1, 129), 2);
        check(with_value(2, 1_700_000_000_000), 7);
        assert!(read_id(&mut [9, 1].as_slice()).is_err());
    }
}
