//! The lines that Git's protocols are made of: four hexadecimal digits of length, themselves counted, and the bytes; `0000` ends a list
//! (gitprotocol-common, pkt-line), and one band beside others carries a report (gitprotocol-pack, side-band-64k).

/// How many bytes a line has at most, beside its length.
pub(super) const LINE_BYTES_MAX: usize = 65_516;

/// Takes the next line from a text: `Some(None)` at the end of a list, `None` where it is no line.
pub(super) fn next<'a>(rest: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    let digits = rest.get(..4)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let size = usize::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    let line = match size {
        0 => None,
        4.. => Some(rest.get(4..size)?),
        _ => return None,
    };
    *rest = rest.get(size.max(4)..)?;
    Some(line)
}

/// Adds a line.
pub(super) fn add(text: &mut Vec<u8>, line: &[u8]) {
    text.extend_from_slice(format!("{:04x}", line.len() + 4).as_bytes());
    text.extend_from_slice(line);
}

/// Ends a list of lines.
pub(super) fn end(text: &mut Vec<u8>) {
    text.extend_from_slice(b"0000");
}

/// Adds what a band carries.
pub(super) fn add_band(text: &mut Vec<u8>, band: u8, bytes: &[u8]) {
    for piece in bytes.chunks(LINE_BYTES_MAX - 1) {
        add(text, &[&[band], piece].concat());
    }
}

/// Returns what the first band carries, and what the third one does, which reports that all has failed.
pub(super) fn bands(mut text: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (mut report, mut fatal) = (Vec::new(), Vec::new());
    while let Some(Some(line)) = next(&mut text) {
        match line.split_first() {
            Some((1, bytes)) => report.extend_from_slice(bytes),
            Some((3, bytes)) => fatal.extend_from_slice(bytes),
            _ => {}
        }
    }
    (report, fatal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_are_taken_one_by_one_and_nothing_else_is() {
        let check = |text: &str, expect: Option<Option<&str>>, left: &str| {
            let mut rest = text.as_bytes();
            let line = next(&mut rest);
            assert_eq!(line, expect.map(|line| line.map(str::as_bytes)), "{text}");
            assert_eq!(rest, left.as_bytes(), "{text}");
        };
        check("0006a\n0000", Some(Some("a\n")), "0000");
        check("0000PACK", Some(None), "PACK");
        check("0004", Some(Some("")), "");
        for wrong in ["", "000", "0001", "0003abc", "0005", "+005a", "zzzz", "ffff"] {
            check(wrong, None, wrong);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_lines_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut rest = &bytes[..];
            while let Some(_line) = next(&mut rest) {}
            bands(&bytes);
        }

        #[test]
        fn what_a_band_carries_comes_out_again(size in 0..200_000_usize) {
            let sent = vec![b'x'; size];
            let mut text = Vec::new();
            add_band(&mut text, 1, &sent);
            add_band(&mut text, 2, b"beside");
            end(&mut text);
            prop_assert_eq!(bands(&text), (sent, Vec::new()));
        }
    }
}
