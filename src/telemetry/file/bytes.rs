//! Reading and writing of little-endian records. A record that ends early is an error, never a panic.

use crate::model::varint;

/// The record ends before what was expected of it.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::telemetry) struct Short;

/// Reads a record from its start.
pub(in crate::telemetry) struct Reader<'a>(pub(in crate::telemetry) &'a [u8]);

impl<'a> Reader<'a> {
    /// Takes the next bytes.
    pub(in crate::telemetry) fn take(&mut self, length: usize) -> Result<&'a [u8], Short> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Short)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Short> {
        self.take(N)?.try_into().map_err(|_| Short)
    }

    /// Takes a byte.
    pub(in crate::telemetry) fn u8(&mut self) -> Result<u8, Short> {
        Ok(self.array::<1>()?[0])
    }

    /// Takes 4 bytes.
    pub(in crate::telemetry) fn u32(&mut self) -> Result<u32, Short> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    /// Takes 8 bytes.
    pub(in crate::telemetry) fn u64(&mut self) -> Result<u64, Short> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// Takes 8 bytes as a double.
    pub(in crate::telemetry) fn f64(&mut self) -> Result<f64, Short> {
        Ok(f64::from_bits(self.u64()?))
    }

    /// Takes a number in groups of seven bits, least first.
    #[inline]
    pub(in crate::telemetry) fn varint(&mut self) -> Result<u64, Short> {
        varint::read(&mut self.0).ok_or(Short)
    }

    /// Takes a text with its length in front.
    pub(in crate::telemetry) fn text(&mut self) -> Result<String, Short> {
        let length = self.u32()? as usize;
        String::from_utf8(self.take(length)?.to_vec()).map_err(|_| Short)
    }
}

/// Writes a text with its length in front.
pub(in crate::telemetry) fn put_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend((text.len() as u32).to_le_bytes());
    bytes.extend(text.as_bytes());
}

/// Writes a number in groups of seven bits, least first.
#[inline]
pub(in crate::telemetry) fn put_varint(bytes: &mut Vec<u8>, number: u64) {
    varint::write(number, bytes);
}

/// Folds the sign of a number into its lowest bit, so that small magnitudes stay short.
pub(in crate::telemetry) const fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63) as u64
}

/// Undoes [`zigzag`].
pub(in crate::telemetry) const fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}
