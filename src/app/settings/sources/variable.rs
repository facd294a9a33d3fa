//! An environment variable that sets a value above the file.

use super::document::nested;
use crate::app::settings::keys::SettingKey;
use toml::{Table, Value};

/// What one variable sets.
#[derive(Clone, Debug)]
pub(super) struct Override {
    pub(super) variable: String,
    pub(super) path: &'static str,
    pub(super) value: Value,
}

impl Override {
    pub(super) fn table(&self) -> Table {
        nested(self.path, self.value.clone())
    }
}

/// Reads the value of a variable: text as it is where the default is text, a list also as words between commas, all else as TOML.
pub(super) fn value(key: &SettingKey, text: &str) -> Result<Value, String> {
    let default = key.default.trim_start_matches('?');
    let is_single = key.whole() == key.path;
    if is_single && default.starts_with('"') {
        return Ok(Value::String(text.to_owned()));
    }
    let parsed = format!("value = {text}").parse::<Table>().ok().filter(|table| table.len() == 1);
    let parsed = parsed.and_then(|mut table| table.remove("value"));
    match parsed {
        Some(value) => Ok(value),
        None if is_single && default.starts_with('[') => {
            let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
            Ok(Value::Array(words.map(|word| Value::String(word.to_owned())).collect()))
        }
        None => Err(format!("\"{text}\" is no value of {} in TOML, such as {default}", key.whole())),
    }
}
