//! Files of settings in TOML: whatever is wrong with one is reported with its line and column.

use serde::de::DeserializeOwned;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// Reads a file of settings; `None` where it is not there.
pub fn read(path: &Path) -> Result<Option<String>, String> {
    let bytes = match std::fs::read(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(|error| error.to_string())?,
    };
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(error) => {
            let (at, bytes) = (error.utf8_error().valid_up_to(), error.as_bytes());
            let place = place(&String::from_utf8_lossy(&bytes[..at]), None);
            Err(format!("{place}: the byte 0x{:02x} is not UTF-8", bytes[at]))
        }
    }
}

/// Reads settings as they are written.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    toml::from_str(text).map_err(|error| error.to_string())
}

/// Names the place of the value that cannot be used: below the tables `above` (or, in an array, the entries of these numbers), under the key
/// that `reason` begins with.
pub fn refused(text: &str, above: &[&str], reason: &str) -> String {
    let word = reason.trim_start_matches('"');
    let key = word.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    match offset(text, above, key) {
        Some(at) => format!("{}: {reason}", place(text, Some(at))),
        None => reason.to_owned(),
    }
}

/// Returns the line of a key, by the tables above it and itself; `None` where it is not written.
pub fn line_of(text: &str, names: &[String]) -> Option<usize> {
    let root = DeTable::parse(text).ok()?;
    let (last, above) = names.split_last()?;
    let mut table = root.get_ref();
    for name in above {
        let (_, value) = table.iter().find(|(key, _)| key.get_ref() == name)?;
        table = match value.get_ref() {
            DeValue::Table(inner) => inner,
            _ => return None,
        };
    }
    let (key, _) = table.iter().find(|(key, _)| key.get_ref() == last)?;
    Some(text.get(..key.span().start)?.matches('\n').count() + 1)
}

/// Returns where a key begins, or else the table that should have it.
fn offset(text: &str, above: &[&str], key: &str) -> Option<usize> {
    let root = DeTable::parse(text).ok()?;
    let mut at = None;
    let mut value = &DeValue::Table(root.into_inner());
    for name in above.iter().copied().chain([key]) {
        let found = match value {
            DeValue::Table(table) => table.iter().find(|(key, _)| key.get_ref() == name),
            DeValue::Array(array) => {
                let entry = array.get(name.parse::<usize>().ok()?)?;
                (at, value) = (Some(entry.span().start), entry.get_ref());
                continue;
            }
            _ => None,
        };
        let Some((key, inner)) = found else { break };
        (at, value) = (Some(key.span().start), inner.get_ref());
    }
    at
}

/// Returns the line and the column, in characters from 1, of a byte of a text, or of its end.
fn place(text: &str, at: Option<usize>) -> String {
    let before = at.and_then(|at| text.get(..at)).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_used_is_placed() {
        let text = "every = 'P1D'\n[enough]\nhours = 1\n  share = 2\n[[monitor]]\nname = 'ä'\n[[monitor]]\nwindow = ''\n";
        let check = |above: &[&str], reason: &str, expect: &str| {
            assert_eq!(refused(text, above, reason), format!("{expect}{reason}"));
        };
        check(&[], "every = \"P1D\": no", "line 1, column 1: ");
        check(&["enough"], "\"share\" must lie between 0 and 1", "line 4, column 3: ");
        check(&["monitor", "1"], "window = \"\": no", "line 8, column 1: ");
        check(&["monitor", "0"], "name is empty", "line 6, column 1: ");
        // A key that is not written is one of its table.
        check(&["enough"], "units", "line 2, column 2: ");
        check(&["other"], "units", "");
    }

    #[test]
    fn a_byte_that_is_no_text_is_placed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("settings.toml");
        assert_eq!(read(&path), Ok(None));
        let check = |bytes: &[u8], expect: Result<Option<String>, String>| {
            std::fs::write(&path, bytes).expect("a file");
            assert_eq!(read(&path), expect);
        };
        check("a = 'ä'\n".as_bytes(), Ok(Some("a = 'ä'\n".to_owned())));
        let refused = "line 2, column 6: the byte 0xff is not UTF-8".to_owned();
        check(b"a = 1\nb = '\xff'\n", Err(refused));
        let refused = "line 1, column 8: the byte 0xe4 is not UTF-8".to_owned();
        check(b"a = '\xc3\xa4b\xe4'\n", Err(refused));
    }
}
