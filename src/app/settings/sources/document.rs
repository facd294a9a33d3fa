//! A file of settings: what it has, checked, and the place of each key in it.

use super::{EARLIER, FILE};
use crate::app::error::Error;
use crate::app::settings::keys;
use crate::app::settings::monitors::Written as WrittenMonitors;
use crate::app::settings::written::Written;
use crate::model::settings_file;
use crate::telemetry;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// A file as it was read.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) path: PathBuf,
    pub(super) text: String,
    /// The table that its keys belong to.
    pub(super) below: &'static str,
}

impl Document {
    pub(super) fn refused(&self, reason: String) -> Error {
        Error::Settings { path: self.path.clone(), reason }
    }

    /// Returns what is written, each value of a type that fits, under the names of the one file.
    pub(super) fn table(&self) -> Result<Table, Error> {
        let mut table: Table = settings_file::parse(&self.text).map_err(|reason| self.refused(reason))?;
        if self.below == "telemetry" {
            table = table.into_iter().map(|(name, value)| (camel(&name), value)).collect();
        }
        if !self.below.is_empty() {
            table = nested(self.below, Value::Table(table));
        } else if let Some(name) =
            ["telemetry", "monitors"].iter().find(|name| self.is_earlier() && table.contains_key(**name))
        {
            let reason = format!(
                "\"{name}\" is a table of {FILE} alone: throughline config migrate makes one file of all"
            );
            return Err(self.refused(settings_file::refused(&self.text, &[], &reason)));
        }
        let mut unknown: Vec<_> = keys::unknown(&table)
            .into_iter()
            .map(|(above, reason)| (self.line(&above, &reason), self.placed(&above, &reason)))
            .collect();
        unknown.sort();
        if !unknown.is_empty() {
            let each: Vec<String> = unknown.into_iter().map(|(_, placed)| placed).collect();
            return Err(self.refused(each.join("\n  ")));
        }
        // The types, with the place of a value that has another one.
        let typed = match self.below {
            "telemetry" => settings_file::parse::<telemetry::WrittenSettings>(&self.text).map(drop),
            "monitors" => settings_file::parse::<WrittenMonitors>(&self.text).map(drop),
            _ => settings_file::parse::<Written>(&self.text).map(drop),
        };
        typed.map_err(|reason| self.refused(reason))?;
        Ok(table)
    }

    fn is_earlier(&self) -> bool {
        self.path.file_name().is_some_and(|name| EARLIER.iter().any(|(earlier, _)| name == *earlier))
    }

    /// Returns the line of the key that a reason begins with, where it is in no array.
    fn line(&self, above: &[String], reason: &str) -> usize {
        let key = reason.trim_start_matches('"').split('"').next().unwrap_or_default();
        let inside = above.iter().filter(|name| **name != self.below).cloned();
        let names: Vec<String> = inside.chain([key.to_owned()]).collect();
        settings_file::line_of(&self.text, &names).unwrap_or(usize::MAX)
    }

    /// Returns a reason with the place of the key that it begins with.
    pub(super) fn placed(&self, above: &[String], reason: &str) -> String {
        let above: Vec<&str> = above.iter().map(String::as_str).filter(|name| *name != self.below).collect();
        settings_file::refused(&self.text, &above, reason)
    }

    /// Returns the place of a key in the file, where it is written.
    pub(super) fn place(&self, path: &str) -> Option<String> {
        let inside = match self.below {
            "" => path,
            below => path.strip_prefix(below)?.strip_prefix('.')?,
        };
        let written = |name: &str| if self.below == "telemetry" { snake(name) } else { name.to_owned() };
        let names: Vec<String> = inside.split('.').map(written).collect();
        let line = settings_file::line_of(&self.text, &names)?;
        Some(format!("{}:{line}", self.path.display()))
    }
}

pub(super) fn read(path: &Path, below: &'static str) -> Result<Option<Document>, Error> {
    let refused = |reason| Error::Settings { path: path.to_owned(), reason };
    let text = settings_file::read(path).map_err(refused)?;
    Ok(text.map(|text| Document { path: path.to_owned(), text, below }))
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut name, word| {
        let mut letters = word.chars();
        name.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        name.push_str(letters.as_str());
        name
    })
}

fn snake(name: &str) -> String {
    let separated = |letter: char| {
        if letter.is_uppercase() { format!("_{}", letter.to_lowercase()) } else { letter.into() }
    };
    name.chars().map(separated).collect()
}

/// Returns a table with one value at a path.
pub(super) fn nested(path: &str, value: Value) -> Table {
    let value = path
        .rsplit('.')
        .fold(value, |value, name| Value::Table(Table::from_iter([(name.to_owned(), value)])));
    match value {
        Value::Table(table) => table,
        _ => Table::new(),
    }
}
