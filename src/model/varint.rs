//! Numbers in groups of seven bits, least first, each in a byte whose highest bit is set where another follows: small ones are short.

/// Writes a number.
#[inline]
pub fn write(mut number: u64, into: &mut Vec<u8>) {
    while number >= 0x80 {
        into.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    into.push(number.to_le_bytes()[0]);
}

/// Takes a number from the front; `None` where the bytes end within it, or it goes on behind the tenth, which none does.
#[inline]
pub fn read(bytes: &mut &[u8]) -> Option<u64> {
    // Nearly all are one byte.
    match bytes.split_first() {
        Some((&byte, rest)) if byte < 0x80 => {
            *bytes = rest;
            Some(byte.into())
        }
        _ => read_long(bytes),
    }
}

#[inline]
fn read_long(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_from_their_bytes() {
        let check = |number: u64, expect: &[u8]| {
            let mut bytes = Vec::new();
            write(number, &mut bytes);
            assert_eq!(bytes, expect, "{number}");
            bytes.push(7);
            let mut rest = bytes.as_slice();
            assert_eq!((read(&mut rest), rest), (Some(number), &[7][..]), "{number}");
            for end in 0..expect.len() {
                assert_eq!(read(&mut &expect[..end]), None, "{number}, {end} bytes");
            }
        };
        check(0, &[0]);
        check(0x7f, &[0x7f]);
        check(0x80, &[0x80, 1]);
        check(300, &[0xac, 2]);
        check(u64::MAX, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]);
        assert_eq!(read(&mut &[0x80; 11][..]), None);
    }
}
