//! Where settings come from: `throughline.toml` in the folder of the thread or another file, and above it the environment.
//!
//! Folders of earlier versions have three files instead: `settings.toml`, `telemetry/settings.toml` and `monitors.toml`. They are read as
//! long as there is no `throughline.toml`, and refused beside one, so that nothing that is written is without effect.

use super::Settings;
use super::keys::{self, KEYS, Key};
use super::monitors::{Monitors, Written as WrittenMonitors};
use super::server::TlsSettings;
use super::written::Written;
use crate::app::error::Error;
use crate::model::settings_file;
use crate::telemetry;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

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
    /// What an operator should know, such as that files of an earlier version are read.
    pub notes: Vec<String>,
    table: Table,
    documents: Vec<Document>,
    overrides: Vec<Override>,
}

/// A setting in effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Effective {
    /// The key.
    pub key: Key,
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

/// A file as it was read.
#[derive(Debug)]
struct Document {
    path: PathBuf,
    text: String,
    /// The table that its keys belong to.
    below: &'static str,
}

/// What one variable sets.
#[derive(Clone, Debug)]
struct Override {
    variable: String,
    path: &'static str,
    value: Value,
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
        let (written, telemetry, monitors) = written.parts();
        let within = |name: &'static str| {
            let source = &source;
            move |(above, reason): Refused| source.refused(&[vec![name.to_owned()], above].concat(), &reason)
        };
        let mut settings =
            Settings::of(written).map_err(|(above, reason)| source.refused(&above, &reason))?;
        settings.server.documents = settings.server.documents.map(|documents| folder.join(documents));
        settings.server.tls = settings.server.tls.map(|TlsSettings { certificate, key }| TlsSettings {
            certificate: folder.join(certificate),
            key: folder.join(key),
        });
        let telemetry = telemetry::Settings::of(telemetry).map_err(within("telemetry"))?;
        let monitors = Monitors::of(monitors).map_err(within("monitors"))?;
        Ok(Loaded { settings, telemetry, monitors, notes, table, documents, overrides })
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

fn read(path: &Path, below: &'static str) -> Result<Option<Document>, Error> {
    let refused = |reason| Error::Settings { path: path.to_owned(), reason };
    let text = settings_file::read(path).map_err(refused)?;
    Ok(text.map(|text| Document { path: path.to_owned(), text, below }))
}

/// Reads the value of a variable: text as it is where the default is text, a list also as words between commas, all else as TOML.
fn value(key: &Key, text: &str) -> Result<Value, String> {
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

/// Puts the values of a table over those of another one.
fn merge(into: &mut Table, from: Table) {
    for (name, value) in from {
        match (into.get_mut(&name), value) {
            (Some(Value::Table(into)), Value::Table(from)) => merge(into, from),
            (_, value) => drop(into.insert(name, value)),
        }
    }
}

/// Returns a table with one value at a path.
fn nested(path: &str, value: Value) -> Table {
    let value = path
        .rsplit('.')
        .fold(value, |value, name| Value::Table(Table::from_iter([(name.to_owned(), value)])));
    match value {
        Value::Table(table) => table,
        _ => Table::new(),
    }
}

impl Override {
    fn table(&self) -> Table {
        nested(self.path, self.value.clone())
    }
}

impl Document {
    fn refused(&self, reason: String) -> Error {
        Error::Settings { path: self.path.clone(), reason }
    }

    /// Returns what is written, each value of a type that fits, under the names of the one file.
    fn table(&self) -> Result<Table, Error> {
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
    fn placed(&self, above: &[String], reason: &str) -> String {
        let above: Vec<&str> = above.iter().map(String::as_str).filter(|name| *name != self.below).collect();
        settings_file::refused(&self.text, &above, reason)
    }

    /// Returns the place of a key in the file, where it is written.
    fn place(&self, path: &str) -> Option<String> {
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

    fn origin(&self, key: &Key) -> Origin {
        let path = key.whole();
        let set = |over: &&Override| path == over.path || path.starts_with(&format!("{}.", over.path));
        if let Some(over) = self.overrides.iter().find(set) {
            return Origin::Variable(over.variable.clone());
        }
        self.documents.iter().find_map(|document| document.place(path)).map_or(Origin::Default, Origin::File)
    }

    /// Returns the files that were read.
    pub fn files(&self) -> Vec<&Path> {
        self.documents.iter().map(|document| document.path.as_path()).collect()
    }

    /// Returns what the files of an earlier version set, as the one file.
    pub(super) fn as_one_file(&self) -> Result<String, toml::ser::Error> {
        toml::to_string_pretty(&self.table)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn load(files: &[(&str, &str)], variables: &[(&str, &str)]) -> Result<Loaded, String> {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("telemetry")).expect("a folder");
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).expect("a file");
        }
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let loaded = Sources::new(None, variables).read(folder.path());
        loaded.map_err(|error| error.to_string().replace(&format!("{}/", folder.path().display()), ""))
    }

    fn refused(files: &[(&str, &str)], variables: &[(&str, &str)], expect: &str) {
        let error = load(files, variables).map(|loaded| loaded.settings).expect_err(expect);
        assert_eq!(error, expect);
    }

    #[test]
    fn one_file_sets_everything() {
        let text = "[server]\nseconds = 5\n[telemetry]\nseriesMax = 7\n[[telemetry.retention]]\nkeep = 'P1D'\n\
                    [monitors]\nevery = 'PT1H'\n[[monitors.monitor]]\nname = 'a'\nwindow = 'P1D'\n[enough]\nhours = 2.5\n";
        let loaded = load(&[(FILE, text)], &[]).expect("read");
        assert_eq!(loaded.settings.server.time_max.as_secs(), 5);
        assert_eq!((loaded.telemetry.series_max, loaded.telemetry.retention.len()), (7, 1));
        assert_eq!(loaded.monitors.monitors.len(), 1);
        assert!(loaded.notes.is_empty());
    }

    #[test]
    fn files_of_an_earlier_version_are_read_alone_or_refused() {
        let old = [
            ("settings.toml", "[server]\nseconds = 5\n"),
            ("telemetry/settings.toml", "series_max = 7\n[[retention]]\nkeep = 'P1D'\n"),
            ("monitors.toml", "every = 'PT1H'\n[[monitor]]\nname = 'a'\nwindow = 'P1D'\n"),
        ];
        let loaded = load(&old, &[]).expect("read");
        assert_eq!((loaded.settings.server.time_max.as_secs(), loaded.telemetry.series_max), (5, 7));
        assert_eq!(loaded.monitors.monitors.len(), 1);
        assert!(loaded.notes[0].ends_with("throughline config migrate makes one throughline.toml of them"));
        // What is migrated means the same.
        let one = loaded.as_one_file().expect("text");
        let again = load(&[(FILE, &one)], &[]).expect("read");
        assert_eq!(
            (&again.settings, &again.telemetry, &again.monitors),
            (&loaded.settings, &loaded.telemetry, &loaded.monitors)
        );
        for (name, text) in old {
            let beside = [(FILE, ""), (name, text)];
            refused(
                &beside,
                &[],
                &format!(
                    "{name}: this file of an earlier version is not read beside throughline.toml: move what it sets there, and delete it"
                ),
            );
        }
        refused(
            &[("settings.toml", "[telemetry]\nseriesMax = 7")],
            &[],
            "settings.toml: line 1, column 2: \"telemetry\" is a table of throughline.toml alone: throughline config migrate makes one file of all",
        );
    }

    #[test]
    fn what_cannot_be_used_is_named_with_its_place() {
        refused(
            &[(FILE, "[server]\nsecond = 5\nhost = 'x'")],
            &[],
            "throughline.toml: line 2, column 1: \"second\" is no setting of [server]; did you mean seconds?\n  line 3, column 1: \"host\" is no setting of [server]; did you mean hosts?",
        );
        refused(
            &[(FILE, "[server]\nseconds = 0")],
            &[],
            "throughline.toml: line 2, column 1: \"seconds\" under [server] must be 1 or more",
        );
        refused(
            &[(FILE, "[telemetry]\nreadable = 'soon'")],
            &[],
            "throughline.toml: line 2, column 1: readable = \"soon\": \"soon\" is not a duration such as PT10M, PT1H, P1D or P1M",
        );
        refused(
            &[("telemetry/settings.toml", "seal = 1")],
            &[],
            "telemetry/settings.toml: line 1, column 1: \"seal\" is no setting of [telemetry]; did you mean sealRows?",
        );
        refused(
            &[("monitors.toml", "[[monitor]]\nname = 'a'\nwindow = 'PT90M'")],
            &[],
            "monitors.toml: line 3, column 1: window = \"PT90M\": give whole hours or days",
        );
        let error = load(&[(FILE, "[server]\nseconds = 'x'")], &[])
            .map(|loaded| loaded.settings)
            .expect_err("a type");
        assert!(error.starts_with("throughline.toml: TOML parse error at line 2, column 11"), "{error}");
    }

    #[test]
    fn variables_override_the_file() {
        let file = [(FILE, "[server]\nseconds = 5\nhosts = ['a']\n")];
        let variables = [
            ("THROUGHLINE_SERVER__SECONDS", "7"),
            ("THROUGHLINE_SERVER__HOSTS", "b.example, c.example"),
            ("THROUGHLINE_SERVER__DOCUMENTS_ONLY", "false"),
            ("THROUGHLINE_TELEMETRY__READABLE", "P1D"),
            ("THROUGHLINE_ACCESS__PROXY__ROLES", "{\"anna@x.example\" = \"reader\"}"),
            ("THROUGHLINE_ACCESS__PROXY__HEADER", "x-user"),
            ("THROUGHLINE_ACCESS__PROXY__ADDRESSES", "127.0.0.1"),
            // Not a setting: only what has two underscores is.
            ("THROUGHLINE_DATA", "x"),
        ];
        let loaded = load(&file, &variables).expect("read");
        assert_eq!(loaded.settings.server.time_max.as_secs(), 7);
        assert_eq!(loaded.settings.server.hosts, ["b.example", "c.example"]);
        assert_eq!(loaded.settings.access.proxy.as_ref().map(|proxy| proxy.roles.len()), Some(1));
        assert_eq!(loaded.telemetry.readable_ns, 86_400_000_000_000);
        refused(
            &file,
            &[("THROUGHLINE_SERVER__SECONDS", "0")],
            "THROUGHLINE_SERVER__SECONDS: \"seconds\" under [server] must be 1 or more",
        );
        refused(
            &file,
            &[("THROUGHLINE_SERVER__SECONDS", "soon")],
            "THROUGHLINE_SERVER__SECONDS: \"soon\" is no value of server.seconds in TOML, such as 30",
        );
        refused(
            &file,
            &[("THROUGHLINE_SERVER__SECOND", "1")],
            "THROUGHLINE_SERVER__SECOND: this variable is no setting; did you mean THROUGHLINE_SERVER__SECONDS?",
        );
        let error = load(&file, &[("THROUGHLINE_SERVER__SECONDS", "-1")])
            .map(|loaded| loaded.settings)
            .expect_err("a type");
        assert!(error.starts_with("THROUGHLINE_SERVER__SECONDS: invalid value"), "{error}");
    }

    #[test]
    fn each_value_has_its_origin() {
        let file =
            [(FILE, "[server]\n\nseconds = 5\nhosts = ['a']\n[[telemetry.retention]]\nkeep = 'P1D'\n")];
        let loaded = load(&file, &[("THROUGHLINE_SERVER__HOSTS", "['b']")]).expect("read");
        let check = |path: &str, value: Option<&str>, origin: &str| {
            let all = loaded.effective();
            let found = all.iter().find(|effective| effective.key.whole() == path).expect(path);
            let place = found.origin.to_string();
            let place = place.rsplit('/').next().unwrap_or_default();
            assert_eq!(
                (found.value.as_ref().map(Value::to_string).as_deref(), place),
                (value, origin),
                "{path}"
            );
        };
        check("server.seconds", Some("5"), "throughline.toml:3");
        check("server.hosts", Some("[\"b\"]"), "THROUGHLINE_SERVER__HOSTS");
        check("server.stopSeconds", Some("10"), "default");
        check("server.documents", None, "default");
        check("telemetry.retention", Some("[{ keep = \"P1D\" }]"), "throughline.toml:5");
    }
}
