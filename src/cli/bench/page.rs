//! The figures in the documentation: a page has a marker for each part of the benchmark, and a block of text below it.

use std::io::{Error, ErrorKind};
use std::path::Path;

const OPENING: &str = "```text\n";
const CLOSING: &str = "```";

/// Replaces the block below the marker `<!-- throughline bench PART -->` of the page.
///
/// # Errors
///
/// When the page cannot be read or written, or has no such marker with a block right below.
pub(super) fn replace_block(page: &Path, part: &str, lines: &str) -> Result<(), Error> {
    let marker = marker(part);
    let text = std::fs::read_to_string(page)?;
    let replaced = with_block(&text, &marker, lines).ok_or_else(|| {
        let page = page.display();
        Error::new(
            ErrorKind::InvalidData,
            format!("{page} has no line {marker} with a block ```text below it"),
        )
    })?;
    std::fs::write(page, replaced)
}

fn marker(part: &str) -> String {
    format!("<!-- throughline bench {part} -->")
}

fn with_block(text: &str, marker: &str, lines: &str) -> Option<String> {
    let (before, after) = text.split_once(&format!("{marker}\n"))?;
    let block = after.strip_prefix(OPENING)?;
    let (_, rest) = block.split_once(&format!("\n{CLOSING}"))?;
    let lines = lines.trim_matches('\n');
    Some(format!("{before}{marker}\n{OPENING}{lines}\n{CLOSING}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::{marker, with_block};

    fn check(page: &str, expected: Option<&str>) {
        let replaced = with_block(page, &marker("flood"), "\nnew 1\nnew 2\n");
        assert_eq!(replaced.as_deref(), expected, "{page}");
    }

    #[test]
    fn a_block_is_replaced_and_nothing_else() {
        check(
            "a\n<!-- throughline bench flood -->\n```text\nold\n\nold\n```\nb\n```text\nother\n```\n",
            Some("a\n<!-- throughline bench flood -->\n```text\nnew 1\nnew 2\n```\nb\n```text\nother\n```\n"),
        );
        check("<!-- throughline bench graph -->\n```text\nold\n```\n", None);
        check("<!-- throughline bench flood -->\nprose\n```text\nold\n```\n", None);
    }
}
