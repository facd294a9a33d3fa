//! The settings in effect, each with its value and where that comes from.

use super::Loaded;
use super::variable::Override;
use crate::app::settings::keys::{KEYS, SettingKey};
use std::fmt;
use toml::{Table, Value};

/// A setting in effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Effective {
    /// The key.
    pub key: SettingKey,
    /// Its value; `None` where nothing is written and there is no default.
    pub value: Option<Value>,
    /// Where the value comes from.
    pub origin: Origin,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nothing is written.
    Default,
    /// A file, at a line and column.
    File(String),
    /// An environment variable.
    Variable(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(place) | Self::Variable(place) => f.write_str(place),
        }
    }
}

impl Loaded {
    /// Returns every setting with its value and where it comes from; an array or table of any names as one.
    pub fn effective(&self) -> Vec<Effective> {
        let mut seen = "";
        let keys = KEYS.iter().filter(|key| std::mem::replace(&mut seen, key.whole()) != key.whole());
        keys.map(|key| {
            let written = at(&self.table, key.whole()).cloned();
            let origin = written.as_ref().map_or(Origin::Default, |_| self.origin(key));
            let default = || key.has_default().then(|| value_of(key.default)).flatten();
            Effective { key: *key, value: written.or_else(default), origin }
        })
        .collect()
    }

    fn origin(&self, key: &SettingKey) -> Origin {
        let path = key.whole();
        let set = |over: &&Override| path == over.path || path.starts_with(&format!("{}.", over.path));
        if let Some(over) = self.overrides.iter().find(set) {
            return Origin::Variable(over.variable.clone());
        }
        self.documents.iter().find_map(|document| document.place(path)).map_or(Origin::Default, Origin::File)
    }
}

fn at<'a>(table: &'a Table, path: &str) -> Option<&'a Value> {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    match (table.get(first)?, rest) {
        (Value::Table(inner), Some(rest)) => at(inner, rest),
        (value, None) => Some(value),
        (_, Some(_)) => None,
    }
}

fn value_of(text: &str) -> Option<Value> {
    format!("value = {text}").parse::<Table>().ok()?.remove("value")
}
