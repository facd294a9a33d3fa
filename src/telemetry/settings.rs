//! What is kept of the telemetry, and for how long: `[telemetry]` in `throughline.toml`, or a file of its own in the telemetry folder.
//!
//! ```toml
//! [telemetry]
//! readable = "P7D"              # how long a watermark answers at least that nobody pinned
//! newSeriesMax = 10000        # so many new series may one request bring
//! seriesMax = 2000000          # so many series there may be
//! nameBytesMax = 1024         # so long may the name of a twin, measurement, field or tag be, and the value of a tag
//! tagsMax = 32                 # so many tags may a series have beside twin
//! namesBytesMax = 268435456   # so long may the names of all series be together; they are in memory
//! sealRows = 4194304           # so many samples in memory are sealed into a part in the background
//!
//! [[telemetry.retention]]                 # the first rule that fits a series counts; without one it is kept for ever
//! measurement = "vibration*"    # * matches any text
//! field = "*"
//! keep = "P90D"                 # older samples go, but not what is pinned
//! rollups = "DAY"               # HOUR, DAY or MONTH: the finest rollups that stay in their place
//! ```

use super::aggregate::slot::Level;
use super::error::Error;
use super::series::key::Series;
use crate::model::settings_file;
use crate::model::time::period::Period;
use serde::Deserialize;
use std::num::NonZero;
use std::path::Path;

/// Their file in the folder.
pub(super) const FILE: &str = "settings.toml";

/// The settings of a store.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How many nanoseconds a watermark answers at least that nobody pinned.
    pub readable_ns: i64,
    /// How many new series one request may bring.
    pub new_series_max: usize,
    /// How many series there may be.
    pub series_max: usize,
    /// How many bytes a name, or the value of a tag, may have.
    pub name_bytes_max: usize,
    /// How many tags a series may have beside its twin.
    pub tags_max: usize,
    /// How many bytes the names of all series may have.
    pub names_bytes_max: usize,
    /// How many samples in memory are sealed in the background; at three times as many, writers wait for it.
    pub seal_rows: usize,
    /// The first rule that fits a series counts.
    pub retention: Vec<Rule>,
}

/// How long the samples of some series are kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Which measurements; `*` matches any text.
    pub measurement: String,
    /// Which fields.
    pub field: String,
    /// How many nanoseconds a sample is kept.
    pub keep_ns: i64,
    /// The finest rollups that stay.
    pub rollups: Rollups,
}

/// The finest rollups that stay in place of samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Rollups {
    /// Hours.
    Hour,
    /// Days of UTC.
    #[default]
    Day,
    /// Calendar months of UTC.
    Month,
}

const DAY_NS: i64 = 86_400_000_000_000;

impl Default for Settings {
    fn default() -> Self {
        Self {
            readable_ns: 7 * DAY_NS,
            new_series_max: 10_000,
            series_max: 2_000_000,
            name_bytes_max: 1024,
            tags_max: 32,
            names_bytes_max: 256 << 20,
            seal_rows: 4 << 20,
            retention: Vec::new(),
        }
    }
}

impl Settings {
    /// Reads the settings of a telemetry folder; those without a file are the default.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(FILE);
        let text = settings_file::read(&path);
        let read = text.and_then(|text| text.map_or(Ok(Self::default()), |text| Self::parse(&text)));
        read.map_err(|reason| Error::Settings { path, reason })
    }

    fn parse(text: &str) -> Result<Self, String> {
        Self::of(settings_file::parse(text)?).map_err(|(above, reason)| {
            let above: Vec<&str> = above.iter().map(String::as_str).collect();
            settings_file::refused(text, &above, &reason)
        })
    }

    /// Takes the default for what is not written; a refusal comes with the tables and numbers of entries above the key that it is about.
    pub fn of(file: WrittenSettings) -> Result<Self, (Vec<String>, String)> {
        let readable = |written: String| nanos("readable", &written).map_err(|reason| (Vec::new(), reason));
        let rule = |(number, rule): (usize, WrittenRule)| {
            let above = || vec!["retention".to_owned(), number.to_string()];
            Rule::of(rule).map_err(|reason| (above(), reason))
        };
        let default = Self::default();
        Ok(Self {
            readable_ns: file.readable.map_or(Ok(default.readable_ns), readable)?,
            new_series_max: file.new_series_max.unwrap_or(default.new_series_max),
            series_max: file.series_max.unwrap_or(default.series_max),
            name_bytes_max: file.name_bytes_max.map_or(default.name_bytes_max, NonZero::get),
            tags_max: file.tags_max.unwrap_or(default.tags_max),
            names_bytes_max: file.names_bytes_max.unwrap_or(default.names_bytes_max),
            seal_rows: file.seal_rows.map_or(default.seal_rows, NonZero::get),
            retention: file.retention.into_iter().enumerate().map(rule).collect::<Result<_, _>>()?,
        })
    }

    /// Returns the rule for a series.
    pub(super) fn rule(&self, series: &Series) -> Option<&Rule> {
        self.retention
            .iter()
            .find(|rule| fits(&rule.measurement, &series.measurement) && fits(&rule.field, &series.field))
    }
}

impl Rule {
    fn of(rule: WrittenRule) -> Result<Self, String> {
        let keep_ns = nanos("keep", &rule.keep)?;
        if keep_ns <= 0 {
            return Err(format!("keep = \"{}\" keeps nothing", rule.keep));
        }
        let WrittenRule { measurement, field, rollups, .. } = rule;
        Ok(Self { measurement, field, keep_ns, rollups })
    }
}

impl Rollups {
    /// Returns the level.
    pub(super) fn level(self) -> Level {
        match self {
            Self::Hour => Level::Hour,
            Self::Day => Level::Day,
            Self::Month => Level::Month,
        }
    }
}

/// The settings as written; a file in the telemetry folder has other names for some of them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct WrittenSettings {
    readable: Option<String>,
    #[serde(alias = "new_series_max")]
    new_series_max: Option<usize>,
    #[serde(alias = "series_max")]
    series_max: Option<usize>,
    #[serde(alias = "name_bytes_max")]
    name_bytes_max: Option<NonZero<usize>>,
    #[serde(alias = "tags_max")]
    tags_max: Option<usize>,
    #[serde(alias = "names_bytes_max")]
    names_bytes_max: Option<usize>,
    #[serde(alias = "seal_rows")]
    seal_rows: Option<NonZero<usize>>,
    #[serde(default)]
    retention: Vec<WrittenRule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    #[serde(default = "any")]
    measurement: String,
    #[serde(default = "any")]
    field: String,
    keep: String,
    #[serde(default)]
    rollups: Rollups,
}

fn any() -> String {
    "*".to_owned()
}

fn nanos(name: &str, text: &str) -> Result<i64, String> {
    let period: Period = text.parse().map_err(|error| format!("{name} = \"{text}\": {error}"))?;
    period.exact_nanos().filter(|nanos| *nanos >= 0).ok_or_else(|| {
        format!("{name} = \"{text}\": a month has no fixed length, give days or hours (P90D, PT12H)")
    })
}

/// Returns whether a text fits a pattern in which `*` matches any text.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        let Some(at) = text.find(piece) else { return false };
        text = &text[at + piece.len()..];
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_texts() {
        let check = |pattern: &str, text: &str, expect: bool| {
            assert_eq!(fits(pattern, text), expect, "{pattern} {text}");
        };
        check("*", "", true);
        check("vib*", "vibration", true);
        check("vib*", "avib", false);
        check("*temp", "oil_temp", true);
        check("*temp", "temp_oil", false);
        check("a*b*c", "a-b-b-c", true);
        check("a*b*c", "a-c", false);
        check("ab*ba", "aba", false);
        check("temp", "temp", true);
        check("temp", "temps", false);
    }

    #[test]
    fn settings_are_read_or_refused_with_a_reason() {
        let rule = |rollups| Rule {
            measurement: "scada".to_owned(),
            field: "*".to_owned(),
            keep_ns: 90 * DAY_NS,
            rollups,
        };
        let check = |text: &str, expect: Result<Settings, &str>| match (Settings::parse(text), expect) {
            (Ok(got), Ok(expect)) => assert_eq!(got, expect, "{text}"),
            (Err(got), Err(expect)) => assert!(got.contains(expect), "{text}: {got}"),
            (got, expect) => panic!("{text}: {got:?}, not {expect:?}"),
        };
        check("", Ok(Settings::default()));
        let one = "[[retention]]\nmeasurement = 'scada'\nkeep = 'P90D'\n";
        check(one, Ok(Settings { retention: vec![rule(Rollups::Day)], ..Settings::default() }));
        let month = format!("readable = 'PT1H'\n{one}rollups = 'MONTH'");
        let expect = Settings {
            readable_ns: DAY_NS / 24,
            retention: vec![rule(Rollups::Month)],
            ..Settings::default()
        };
        check(&month, Ok(expect));
        check("[[retention]]\nkeep = 'P3M'", Err("a month has no fixed length"));
        check("readable = 'PT1H'\n[[retention]]\nkeep = 'soon'", Err("line 3, column 1: keep"));
        check("seal_rows = 1\nreadable = 'soon'", Err("line 2, column 1: readable"));
        check("[[retention]]\nkeep = 'soon'", Err("keep = \"soon\""));
        check("[[retention]]\nmeasurement = 'a'", Err("keep"));
        check("seal_rows = 1000", Ok(Settings { seal_rows: 1000, ..Settings::default() }));
        check("seal_rows = 0", Err("nonzero"));
        let limits = Settings {
            series_max: 5,
            name_bytes_max: 64,
            tags_max: 2,
            names_bytes_max: 999,
            ..Settings::default()
        };
        check("series_max = 5\nname_bytes_max = 64\ntags_max = 2\nnames_bytes_max = 999", Ok(limits));
        check("retain = 3", Err("unknown field"));
    }
}
