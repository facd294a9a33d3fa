//! The parts of a form (RFC 7578) that is in memory as a whole. Our own reader, as those that are to be had read streams and copy: here each
//! part is a piece of the body.

use memchr::memmem;

/// A part of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server) struct FormPart<'a> {
    /// The name of its field.
    pub(in crate::server) name: &'a str,
    /// The name of its file.
    pub(in crate::server) file: Option<&'a str>,
    /// Its media type.
    pub(in crate::server) media_type: Option<&'a str>,
    /// Its content.
    pub(in crate::server) content: &'a [u8],
}

/// How many parts one form may have.
const PARTS_MAX: usize = 1_000;
/// So long the head of a part may be.
const HEAD_BYTES_MAX: usize = 8 << 10;

/// Returns the boundary of a media type `multipart/form-data; boundary=…`.
pub(in crate::server) fn boundary(content_type: &str) -> Option<&str> {
    parameter(content_type, "boundary").filter(|boundary| (1..=70).contains(&boundary.len()))
}

/// Reads the parts of a form.
pub(in crate::server) fn parts<'a>(body: &'a [u8], boundary: &str) -> Result<Vec<FormPart<'a>>, String> {
    let delimiter = format!("--{boundary}");
    let cut = || "the form is cut off: the boundary at its end is missing".to_owned();
    let mut rest = match body.strip_prefix(delimiter.as_bytes()) {
        Some(rest) => rest,
        // What is before the first boundary counts for nothing.
        None => after(body, &format!("\r\n{delimiter}")).ok_or_else(cut)?.1,
    };
    let (delimiter, mut parts) = (format!("\r\n{delimiter}"), Vec::new());
    loop {
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        let (padding, begun) = after(rest, "\r\n").ok_or_else(cut)?;
        if !padding.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
            return Err("a line of the form begins as its boundary does, and goes on".to_owned());
        }
        // A part without fields begins with the empty line.
        let (head, begun) = match begun.strip_prefix(b"\r\n") {
            Some(begun) => (&begun[..0], begun),
            None => after(begun, "\r\n\r\n").ok_or_else(cut)?,
        };
        let (content, next) = after(begun, &delimiter).ok_or_else(cut)?;
        parts.push(part(head, content)?);
        if parts.len() > PARTS_MAX {
            return Err(format!("the form has more than {PARTS_MAX} parts"));
        }
        rest = next;
    }
}

fn after<'a>(bytes: &'a [u8], found: &str) -> Option<(&'a [u8], &'a [u8])> {
    let at = memmem::find(bytes, found.as_bytes())?;
    Some((&bytes[..at], &bytes[at + found.len()..]))
}

fn part<'a>(head: &'a [u8], content: &'a [u8]) -> Result<FormPart<'a>, String> {
    let head = std::str::from_utf8(head).ok().filter(|head| head.len() <= HEAD_BYTES_MAX);
    let head = head.ok_or("the head of a part is too long, or not UTF-8")?;
    let field = |wanted: &str| {
        let fields = head.split("\r\n").filter_map(|line| line.split_once(':'));
        let mut fields = fields.filter(|(name, _)| name.trim().eq_ignore_ascii_case(wanted));
        fields.next().map(|(_, value)| value.trim())
    };
    let disposition = field("content-disposition").ok_or("a part of the form has no Content-Disposition")?;
    let name = parameter(disposition, "name").ok_or("a part of the form has no name")?;
    if field("content-transfer-encoding").is_some_and(|encoding| !is_plain(encoding)) {
        return Err(format!("the part {name} is encoded: send its bytes as they are"));
    }
    let media_type = field("content-type");
    Ok(FormPart { name, file: parameter(disposition, "filename"), media_type, content })
}

fn is_plain(encoding: &str) -> bool {
    ["binary", "8bit", "7bit"].iter().any(|plain| encoding.eq_ignore_ascii_case(plain))
}

/// Returns a parameter of a header's value: `NAME=VALUE` or `NAME="VALUE"`.
fn parameter<'a>(value: &'a str, wanted: &str) -> Option<&'a str> {
    let mut rest = value;
    while let Some((_, after)) = rest.split_once(';') {
        let (name, begun) = after.split_once('=')?;
        let (text, next) = match begun.trim_start().strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => {
                let end = begun.find(';').unwrap_or(begun.len());
                (begun[..end].trim(), &begun[end..])
            }
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(text);
        }
        rest = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_or_refused() {
        type Parts<'a> = &'a [(&'a str, Option<&'a str>, &'a str)];
        let check = |body: &str, expect: Result<Parts<'_>, &str>| {
            let got = parts(body.as_bytes(), "b");
            match (&got, expect) {
                (Ok(parts), Ok(expect)) => {
                    let text = |part: &FormPart<'_>| String::from_utf8_lossy(part.content).into_owned();
                    let parts: Vec<_> = parts.iter().map(|part| (part.name, part.file, text(part))).collect();
                    let expect: Vec<_> =
                        expect.iter().map(|(name, file, text)| (*name, *file, (*text).to_owned())).collect();
                    assert_eq!(parts, expect, "{body}");
                }
                (Err(message), Err(part)) => assert!(message.contains(part), "{body}: {message}"),
                (_, expect) => panic!("{body}: {got:?}, not {expect:?}"),
            }
        };
        let one = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a;b.ttl\"\r\nContent-Type: text/turtle\r\n\r\n<a> <b> <c> .\r\n--b--\r\n";
        check(one, Ok(&[("file", Some("a;b.ttl"), "<a> <b> <c> .")]));
        check(&format!("preamble\r\n{one}epilogue"), Ok(&[("file", Some("a;b.ttl"), "<a> <b> <c> .")]));
        let two = one.replace(
            "--b--",
            "--b  \r\ncontent-disposition: form-data; name=mapping\r\n\r\nx\r\n--c\r\n\r\n--b--",
        );
        check(&two, Ok(&[("file", Some("a;b.ttl"), "<a> <b> <c> ."), ("mapping", None, "x\r\n--c\r\n")]));
        check("--b--", Ok(&[]));
        for cut in [10, 40, one.len() - 8, one.len() - 12] {
            check(&one[..cut], Err("the form is cut off"));
        }
        check("", Err("the form is cut off"));
        check(&one.replace("--b\r\nC", "--bc\r\nC"), Err("begins as its boundary does"));
        check(&one.replace("name=\"file\"; ", ""), Err("has no name"));
        check(&one.replace("Content-Disposition", "X"), Err("no Content-Disposition"));
        check(
            &one.replace("Content-Type: text/turtle", "Content-Transfer-Encoding: base64"),
            Err("is encoded"),
        );
        assert_eq!(boundary("multipart/form-data; charset=utf-8; boundary=\"x y\""), Some("x y"));
        assert_eq!(boundary("multipart/form-data; boundary=xy"), Some("xy"));
        assert_eq!(boundary("multipart/form-data"), None);
    }
}
