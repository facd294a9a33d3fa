//! Where the text of a file begins.
//!
//! Programs on Windows begin a UTF-8 file with a byte-order mark, which is a signature and no text (RFC 3629, 6). The same mark in
//! two bytes begins a file in UTF-16, which none of the text formats that are read here is written in.

/// Why bytes cannot be read as UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is in UTF-16, as its first two bytes show: save it as UTF-8")]
pub struct Utf16;

/// The byte-order mark of a text in UTF-8.
pub const MARK: &[u8] = b"\xef\xbb\xbf";

/// Returns the bytes behind a byte-order mark; refuses UTF-16.
pub fn without_mark(bytes: &[u8]) -> Result<&[u8], Utf16> {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Err(Utf16),
        bytes => Ok(bytes.strip_prefix(MARK).unwrap_or(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_no_text() {
        let check = |bytes: &[u8], expect: Result<&[u8], Utf16>| assert_eq!(without_mark(bytes), expect);
        check(b"", Ok(b""));
        check(b"abc", Ok(b"abc"));
        check(b"\xef\xbb\xbfabc", Ok(b"abc"));
        check(b"a\xef\xbb\xbfbc", Ok(b"a\xef\xbb\xbfbc"));
        check(b"\xef\xbb", Ok(b"\xef\xbb"));
        check(b"\xff\xfea\0", Err(Utf16));
        check(b"\xfe\xff\0a", Err(Utf16));
    }
}
