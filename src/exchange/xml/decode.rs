//! The bytes of an XML file to text: by its byte-order mark, its zero bytes, or the encoding that it declares.

use super::Error;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::borrow::Cow;

/// Decodes a file; a byte that its encoding does not have is an error, never a replacement.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Error> {
    let refuse = |message: String| Error { line: 1, message };
    if matches!(
        bytes,
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] | [b'<', 0, 0, 0, ..] | [0, 0, 0, b'<', ..]
    ) {
        return Err(refuse("the file is text in UTF-32, which is not read; save it as UTF-8".to_owned()));
    }
    let (encoding, bytes) = match (Encoding::for_bom(bytes), bytes) {
        (Some((encoding, length)), _) => (encoding, &bytes[length..]),
        (None, [b'<', 0, ..]) => (UTF_16LE, bytes),
        (None, [0, b'<', ..]) => (UTF_16BE, bytes),
        (None, _) => match declared(bytes) {
            None => (UTF_8, bytes),
            Some(name) => match Encoding::for_label(name.as_bytes()) {
                Some(encoding) => (encoding, bytes),
                None => {
                    return Err(refuse(format!("the encoding {name} is not known; save the file as UTF-8")));
                }
            },
        },
    };
    if encoding == UTF_8 {
        return match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.into()),
            Err(error) => {
                let before = &bytes[..error.valid_up_to()];
                let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
                Err(Error {
                    line,
                    message: "a byte that is no UTF-8; declare the encoding of the file".to_owned(),
                })
            }
        };
    }
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .ok_or_else(|| refuse(format!("the file has bytes that are no {}", encoding.name())))
}

/// Returns the encoding that the declaration names.
fn declared(bytes: &[u8]) -> Option<String> {
    const DECLARATION_MAX: usize = 200;
    let begin = &bytes[..bytes.len().min(DECLARATION_MAX)];
    let text = begin.iter().map(|byte| char::from(*byte)).collect::<String>();
    let declaration = text.trim_start().strip_prefix("<?xml")?.split_once("?>")?.0.to_owned();
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start().to_owned();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    Some(value[1..].split_once(quote)?.0.to_owned())
}
