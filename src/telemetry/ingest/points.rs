//! Where each point of a body of line protocol begins and ends.
//!
//! A line feed ends a point, unless it is inside a quoted string: there it belongs to the value (InfluxDB v2, "Line protocol", string
//! field values). A quotation mark opens or closes a string behind the equals sign of a field, as in InfluxDB's own parser; in a
//! measurement, a tag, a field's name or a comment it is a character like any other. A string that is not closed extends to the
//! end of the body: nothing behind its opening mark is read as a point, since any of it may be text.

use memchr::{memchr, memchr_iter, memchr2};

/// The text of one point, with the physical line that it begins in.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::telemetry) struct Point<'a> {
    /// The text without the blanks and line ends around it.
    pub(in crate::telemetry) text: &'a [u8],
    /// The line that it begins in, from 1.
    pub(in crate::telemetry) line: usize,
    /// How many lines it extends over.
    pub(in crate::telemetry) lines: usize,
    /// The line in which a quoted string opens that is not closed.
    pub(super) unclosed: Option<usize>,
}

/// The points of a body, without comments and empty lines.
#[derive(Clone)]
pub(in crate::telemetry) struct Points<'a> {
    body: &'a [u8],
    from: usize,
    line: usize,
    /// The next quotation mark from `from` on; beyond the body where there is none.
    quote: usize,
}

impl<'a> Points<'a> {
    /// Starts at the first line of a body.
    pub(in crate::telemetry) fn of(body: &'a [u8]) -> Self {
        let quote = memchr(b'"', body).unwrap_or(usize::MAX);
        Self { body, from: 0, line: 1, quote }
    }

    /// Returns how many bytes were read.
    pub(super) fn at(&self) -> usize {
        self.from
    }

    /// Returns the end of the point that begins at `start`, and where a string opens in it that is not closed.
    fn extent(&mut self, start: usize) -> (usize, Option<usize>) {
        let rest = &self.body[start..];
        let end = memchr(b'\n', rest).unwrap_or(rest.len());
        if self.quote < start {
            self.quote = memchr(b'"', rest).map_or(usize::MAX, |quote| start + quote);
        }
        if self.quote >= start + end || is_comment(&rest[..end]) {
            return (start + end, None);
        }
        let (end, opening) = quoted_extent(rest);
        (start + end, opening.map(|opening| start + opening))
    }
}

impl<'a> Iterator for Points<'a> {
    type Item = Point<'a>;

    fn next(&mut self) -> Option<Point<'a>> {
        while self.from < self.body.len() {
            let (start, line) = (self.from, self.line);
            let (end, opening) = self.extent(start);
            let raw = &self.body[start..end];
            let text = raw.trim_ascii();
            let lines = 1 + memchr_iter(b'\n', text).count();
            (self.from, self.line) = (end + 1, line + lines);
            if !text.is_empty() && text[0] != b'#' {
                let unclosed = opening.map(|at| line + memchr_iter(b'\n', &self.body[start..at]).count());
                return Some(Point { text, line, lines, unclosed });
            }
        }
        None
    }
}

fn is_comment(line: &[u8]) -> bool {
    line.trim_ascii_start().first() == Some(&b'#')
}

/// Finds the end of a first line with quotation marks in it.
fn quoted_extent(text: &[u8]) -> (usize, Option<usize>) {
    let blanks = text.iter().take_while(|byte| byte.is_ascii_whitespace() && **byte != b'\n').count();
    let (mut in_fields, mut behind_equals, mut index) = (false, false, blanks);
    while let Some(byte) = text.get(index) {
        match byte {
            b'\n' => return (index, None),
            b'\\' if text.get(index + 1).is_some_and(|next| *next != b'\n') => index += 1,
            b' ' => in_fields = true,
            b'=' => behind_equals = true,
            b',' => behind_equals = false,
            b'"' if in_fields && behind_equals => match end_of_string(&text[index..]) {
                Some(length) => index += length - 1,
                None => return (text.len(), Some(index)),
            },
            _ => {}
        }
        index += 1;
    }
    (text.len(), None)
}

/// Returns the length of a quoted string, both marks included; a backslash escapes the byte behind it.
pub(super) fn end_of_string(text: &[u8]) -> Option<usize> {
    let mut index = 1;
    loop {
        index += memchr2(b'"', b'\\', text.get(index..)?)?;
        if text[index] == b'"' {
            return Some(index + 1);
        }
        index += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each point as `line+lines text`, with `!line` where a string opens that is not closed.
    fn check(body: &str, expect: &[&str]) {
        let points = Points::of(body.as_bytes()).map(|point| {
            let open = point.unclosed.map(|line| format!("!{line}")).unwrap_or_default();
            format!("{}+{}{open} {}", point.line, point.lines, String::from_utf8_lossy(point.text))
        });
        assert_eq!(points.collect::<Vec<_>>(), expect, "{body:?}");
    }

    #[test]
    fn a_line_feed_ends_a_point() {
        check("", &[]);
        check("a v=1\nb v=2\n", &["1+1 a v=1", "2+1 b v=2"]);
        check("a v=1\r\n\r\n  b v=2  \r\n", &["1+1 a v=1", "3+1 b v=2"]);
        check("# \"one\na v=1\n #\"two\n", &["2+1 a v=1"]);
        check("a v=1 \\\nb v=2", &["1+1 a v=1 \\", "2+1 b v=2"]);
    }

    #[test]
    fn a_line_feed_inside_a_string_belongs_to_it() {
        check("a s=\"x\ny\",v=1\nb v=2", &["1+2 a s=\"x\ny\",v=1", "3+1 b v=2"]);
        check("a s=\"x\r\n\r\ny\"\r\nb v=2", &["1+3 a s=\"x\r\n\r\ny\"", "4+1 b v=2"]);
        check("a s=\"say \\\"x\\\"\nb v=9\" 5\nc v=2", &["1+2 a s=\"say \\\"x\\\"\nb v=9\" 5", "3+1 c v=2"]);
        check("a s=\"C:\\\\\" 5\nb v=2", &["1+1 a s=\"C:\\\\\" 5", "2+1 b v=2"]);
        check("a s=\"\n#x\n\" 5\n# \"\nb v=2", &["1+3 a s=\"\n#x\n\" 5", "5+1 b v=2"]);
        check("a s=\"1=2,\",t=\"\n\"\nb v=2", &["1+2 a s=\"1=2,\",t=\"\n\"", "3+1 b v=2"]);
    }

    #[test]
    fn a_mark_elsewhere_opens_nothing() {
        check("a\",t=\"x v=1\nb v=2", &["1+1 a\",t=\"x v=1", "2+1 b v=2"]);
        check("a \"v=1,w\"=2\nb v=2", &["1+1 a \"v=1,w\"=2", "2+1 b v=2"]);
        check("a\"\nb v=2", &["1+1 a\"", "2+1 b v=2"]);
    }

    #[test]
    fn a_string_that_is_not_closed_extends_to_the_end() {
        check("a v=1\nb v=2,s=\"x\nc v=3\n", &["1+1 a v=1", "2+2!2 b v=2,s=\"x\nc v=3"]);
        check("a s=\"x\ny\",t=\"\nc v=3", &["1+3!2 a s=\"x\ny\",t=\"\nc v=3"]);
        check("a s=\"x\\\"\nb v=2", &["1+2!1 a s=\"x\\\"\nb v=2"]);
        // The second mark closes the string, so that the third opens one.
        check("a s=\"x\nb s=\"y\"\nc v=3", &["1+3!2 a s=\"x\nb s=\"y\"\nc v=3"]);
        check("a v=1, s=\"x\nb v=2\"\nc v=3", &["1+2 a v=1, s=\"x\nb v=2\"", "3+1 c v=3"]);
    }
}
