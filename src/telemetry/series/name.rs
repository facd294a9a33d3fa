//! What a measurement, a tag or a field may be called.
//!
//! A name is compared byte by byte, so one with a character in it that nobody sees makes a series beside the one that is meant.
//! Control characters and characters without any ink are therefore refused where a series is made.

use super::key::SeriesKey;
use crate::model::visible;

/// Refuses a name with characters that cannot be seen; `what` is the kind of name.
pub(in crate::telemetry) fn check(what: &str, name: &str) -> Result<(), String> {
    match visible::hidden(name) {
        None => Ok(()),
        Some(hidden) => {
            Err(format!("the {what} \"{}\" has {} in it", shortened(name), visible::kind(hidden)))
        }
    }
}

/// Refuses the name of a twin that no identifier of a unit can be, as it looks like another one.
pub(in crate::telemetry) fn check_twin(name: &str) -> Result<(), String> {
    match visible::fault(name) {
        None => Ok(()),
        Some(fault) => Err(format!("the twin \"{}\" {fault}", shortened(name))),
    }
}

/// Refuses a key with such a name.
pub(in crate::telemetry) fn check_key(key: &SeriesKey) -> Result<(), String> {
    check("twin", &key.twin)?;
    check("measurement", &key.measurement)?;
    check("field", &key.field)?;
    key.tags
        .iter()
        .try_for_each(|(tag, value)| check("tag", tag).and_then(|()| check("value of a tag", value)))
}

/// Returns the start of a text in one line, for a message.
pub(in crate::telemetry) fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST {
        return printable(text);
    }
    format!("{}…", printable(&text.chars().take(MOST).collect::<String>()))
}

/// Returns a text in one line, with what cannot be seen escaped.
pub(in crate::telemetry) fn printable(text: &str) -> String {
    let mut printed = String::with_capacity(text.len());
    for char in text.chars() {
        if visible::is_hidden(char) { printed.extend(char.escape_default()) } else { printed.push(char) }
    }
    printed
}

#[cfg(test)]
mod tests {
    #[test]
    fn hidden_characters_are_refused() {
        let check = |name: &str, expect: Option<&str>| {
            assert_eq!(super::check("field", name).err().as_deref(), expect, "{name:?}");
        };
        check("temp °C µ 温度 e\u{301} می\u{200c}خواهم", None);
        check("\u{feff}temp", Some("the field \"\\u{feff}temp\" has a byte-order mark (U+FEFF) in it"));
        check("te\u{200b}mp", Some("the field \"te\\u{200b}mp\" has an invisible character (U+200B) in it"));
        check("te\u{202e}mp", Some("the field \"te\\u{202e}mp\" has an invisible character (U+202E) in it"));
        check("te\tmp", Some("the field \"te\\tmp\" has a control character (U+0009) in it"));
        check("te\u{0}mp", Some("the field \"te\\u{0}mp\" has a control character (U+0000) in it"));
        check("te\u{85}mp", Some("the field \"te\\u{85}mp\" has a control character (U+0085) in it"));
    }
}
