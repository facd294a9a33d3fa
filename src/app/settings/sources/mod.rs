//! Where settings come from: `throughline.toml` in the folder of the thread or another file, and above it the environment.
//!
//! Folders of earlier versions have three files instead: `settings.toml`, `telemetry/settings.toml` and `monitors.toml`. They are read as
//! long as there is no `throughline.toml`, and refused beside one, so that nothing that is written is without effect.

mod document;
pub(in crate::app) mod effective;
pub(in crate::app) mod further;
pub(in crate::app) mod migrate;
#[cfg(test)]
mod tests;
mod variable;

use crate::app::error::Error;
use crate::app::settings::Settings;
use crate::app::settings::hooks::Written as WrittenHooks;
use crate::app::settings::keys;
use crate::app::settings::monitors::Monitors;
use crate::app::settings::mqtt::Written as WrittenMqtt;
use crate::app::settings::outbox::Written as WrittenOutbox;
use crate::app::settings::server::TlsSettings;
use crate::app::settings::written::Written;
use crate::telemetry;
use document::{Document, read};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::{Table, Value};
use variable::{Override, value};

/// The file in the folder of a thread.
pub(super) const FILE: &str = "throughline.toml";
/// The files of earlier versions, and the table that each became.
pub(super) const EARLIER: [(&str, &str); 3] =
    [("settings.toml", ""), ("telemetry/settings.toml", "telemetry"), ("monitors.toml", "monitors")];
/// What the names of variables begin with that override a setting; they also have two underscores between a table and its key.
const PREFIX: &str = "THROUGHLINE_";

/// Where settings come from beside their defaults.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    file: Option<PathBuf>,
    variables: BTreeMap<String, String>,
}

/// The settings in effect, and where each comes from.
#[derive(Debug)]
pub struct Loaded {
    /// All but those of telemetry and monitors.
    pub settings: Settings,
    /// Those of telemetry.
    pub telemetry: telemetry::Settings,
    /// Those of monitors.
    pub monitors: Monitors,
    /// Those of the outbox, whose files are not read yet.
    pub(in crate::app) outbox: WrittenOutbox,
    /// Those of the hooks, whose files are not read yet.
    pub(in crate::app) hooks: WrittenHooks,
    /// Those of brokers, whose files are not read yet.
    pub(in crate::app) mqtt: WrittenMqtt,
    /// What an operator should know, such as that files of an earlier version are read.
    pub notes: Vec<String>,
    table: Table,
    documents: Vec<Document>,
    overrides: Vec<Override>,
}

/// Where a refused value is, by the tables and numbers of entries above, and the reason, which begins with its key.
type Refused = (Vec<String>, String);

impl Sources {
    /// Takes settings from a file instead of that of the folder, and from those of the variables that override settings.
    pub fn new(file: Option<PathBuf>, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let overrides = |name: &str| name.strip_prefix(PREFIX).is_some_and(|rest| rest.contains("__"));
        Self { file, variables: variables.into_iter().filter(|(name, _)| overrides(name)).collect() }
    }

    /// Returns the file that is read, or would be where it is missing.
    pub fn path(&self, folder: &Path) -> PathBuf {
        self.file.clone().unwrap_or_else(|| folder.join(FILE))
    }

    /// Reads the settings of the thread in a folder.
    pub fn read(&self, folder: &Path) -> Result<Loaded, Error> {
        let (documents, notes) = self.documents(folder)?;
        let mut table = Table::new();
        for document in &documents {
            merge(&mut table, document.table()?);
        }
        let overrides = self.overrides()?;
        for over in &overrides {
            merge(&mut table, over.table());
        }
        let source = Source { folder, documents: &documents, overrides: &overrides };
        let written: Written = table.clone().try_into().map_err(|error| source.mistyped(&error))?;
        let (outbox, hooks, mqtt) = (written.outbox.clone(), written.hooks.clone(), written.mqtt.clone());
        let (written, telemetry, monitors) = written.parts();
        let within = |name: &'static str| {
            let source = &source;
            move |(above, reason): Refused| source.refused(&[vec![name.to_owned()], above].concat(), &reason)
        };
        let mut settings =
            Settings::of(written).map_err(|(above, reason)| source.refused(&above, &reason))?;
        for path in settings.server.threads.values_mut() {
            *path = folder.join(&*path);
        }
        settings.server.documents = settings.server.documents.map(|documents| folder.join(documents));
        settings.server.tls = settings.server.tls.map(|TlsSettings { certificate, key }| TlsSettings {
            certificate: folder.join(certificate),
            key: folder.join(key),
        });
        let telemetry = telemetry::Settings::of(telemetry).map_err(within("telemetry"))?;
        let monitors = Monitors::of(monitors).map_err(within("monitors"))?;
        Ok(Loaded { settings, telemetry, monitors, outbox, hooks, mqtt, notes, table, documents, overrides })
    }

    /// Reads the file, or those of an earlier version where there is none.
    fn documents(&self, folder: &Path) -> Result<(Vec<Document>, Vec<String>), Error> {
        let path = self.path(folder);
        let one = read(&path, "")?;
        let mut earlier = Vec::new();
        for (name, below) in EARLIER {
            earlier.extend(read(&folder.join(name), below)?);
        }
        match (one, earlier.first()) {
            (None, _) if self.file.is_some() => {
                Err(Error::Settings { path, reason: "there is no such file".to_owned() })
            }
            (Some(_), Some(first)) => {
                let reason = format!(
                    "this file of an earlier version is not read beside {}: move what it sets there, and delete it",
                    path.display()
                );
                Err(Error::Settings { path: first.path.clone(), reason })
            }
            (Some(one), None) => {
                let own = folder.join(FILE);
                let unread = (self.file.is_some() && own != path && own.exists())
                    .then(|| format!("{} is not read, but {}", own.display(), path.display()));
                Ok((vec![one], unread.into_iter().collect()))
            }
            (None, None) => Ok((Vec::new(), Vec::new())),
            (None, Some(_)) => {
                let names: Vec<_> =
                    earlier.iter().map(|document| document.path.display().to_string()).collect();
                let note = format!(
                    "settings are read from {}: throughline config migrate makes one {FILE} of them",
                    names.join(", ")
                );
                Ok((earlier, vec![note]))
            }
        }
    }

    fn overrides(&self) -> Result<Vec<Override>, Error> {
        let read = |(variable, text): (&String, &String)| {
            let refused = |reason| Error::Settings { path: PathBuf::from(variable), reason };
            let key = keys::of_variable(variable).map_err(refused)?;
            let value = value(&key, text).map_err(refused)?;
            Ok(Override { variable: variable.clone(), path: key.whole(), value })
        };
        self.variables.iter().map(read).collect()
    }
}

/// Puts the values of a table over those of another one.
fn merge(into: &mut Table, from: Table) {
    for (name, value) in from {
        match (into.get_mut(&name), value) {
            (Some(Value::Table(into)), Value::Table(from)) => merge(into, from),
            (_, value) => drop(into.insert(name, value)),
        }
    }
}

/// What a refused value is looked for in.
struct Source<'a> {
    folder: &'a Path,
    documents: &'a [Document],
    overrides: &'a [Override],
}

impl Source<'_> {
    /// Names the variable or the file that has a refused value.
    fn refused(&self, above: &[String], reason: &str) -> Error {
        let word = reason.trim_start_matches('"');
        let key = word.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        let path = [above, &[key.to_owned()]].concat().join(".");
        let is_set = |over: &&Override| path == over.path || path.starts_with(&format!("{}.", over.path));
        if let Some(over) = self.overrides.iter().find(is_set) {
            return Error::Settings { path: PathBuf::from(&over.variable), reason: reason.to_owned() };
        }
        let is_inside = |document: &&Document| {
            document.below.is_empty() || above.first().is_some_and(|first| first == document.below)
        };
        // The last one that fits: the general one is first.
        match self.documents.iter().rev().find(is_inside) {
            Some(document) => document.refused(document.placed(above, reason)),
            None => Error::Settings { path: self.folder.join(FILE), reason: reason.to_owned() },
        }
    }

    /// Names the variables whose values are of another type, as the files have been checked.
    fn mistyped(&self, error: &toml::de::Error) -> Error {
        let fails_alone = |over: &&Override| {
            let mut table = over.table();
            for other in self.overrides.iter().filter(|other| other.path != over.path) {
                merge(&mut table, other.table());
            }
            let without = self.overrides.iter().filter(|other| other.path != over.path);
            let mut rest = Table::new();
            for document in self.documents {
                merge(&mut rest, document.table().unwrap_or_default());
            }
            without.for_each(|other| merge(&mut rest, other.table()));
            rest.try_into::<Written>().is_ok()
        };
        let names: Vec<&str> = match self.overrides.iter().find(fails_alone) {
            Some(one) => vec![&one.variable],
            None => self.overrides.iter().map(|over| over.variable.as_str()).collect(),
        };
        Error::Settings { path: PathBuf::from(names.join(", ")), reason: error.to_string().trim().to_owned() }
    }
}

impl Loaded {
    /// Returns the files that were read.
    pub fn files(&self) -> Vec<&Path> {
        self.documents.iter().map(|document| document.path.as_path()).collect()
    }

    /// Checks what is read only where a thread is opened: targets, hooks and brokers, with the files that they name.
    pub fn check_services(&self, folder: &Path) -> Result<(), Error> {
        let brokers = self.mqtt.clone().settings(folder);
        let known = brokers.clone().unwrap_or_default();
        let checked = [
            ("mqtt", brokers.map(drop)),
            ("outbox", self.outbox.clone().settings(folder, &known).map(drop)),
            ("hooks", self.hooks.clone().settings(folder).map(drop)),
        ];
        for (table, checked) in checked {
            checked.map_err(|reason| {
                let path = self.files().first().map_or_else(|| folder.join(FILE), |path| path.to_path_buf());
                Error::Settings { path, reason: format!("[{table}] {reason}") }
            })?;
        }
        Ok(())
    }

    /// Returns what the files of an earlier version set, as the one file.
    pub(super) fn as_one_file(&self) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(&self.table)
    }
}
