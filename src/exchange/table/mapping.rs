//! A mapping as its file states it; [`super::plan`] resolves it against the ontology and a table's header.

use super::cell::workbook::TypedCells;
use super::problem::Error;
use super::sheet::dialect::{Dialect, Stated, Unreadable};
use super::workbook::{SheetText, Writing};
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use toml::Spanned;

/// How the rows of one table become resources; see the [module](super) for the format.
#[derive(Clone, Debug)]
pub struct Mapping {
    pub(super) file: String,
    pub(super) text: String,
    pub(super) written: Written,
    /// The cells of the workbook that it reads whose text is not what was typed.
    pub(super) typed: Arc<TypedCells>,
}

impl Mapping {
    /// Reads a mapping from TOML; `file` names it in errors.
    pub fn parse(text: &str, file: &str) -> Result<Self, Error> {
        let written: Result<Written, _> = toml::from_str(text);
        let mapping =
            |written| Self { file: file.to_owned(), text: text.to_owned(), written, typed: Arc::default() };
        match written {
            Ok(written) => Ok(mapping(written)),
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                Err(mapping(Written::default()).error(at, error.message()))
            }
        }
    }

    /// Returns what its file is called.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Returns it as it is written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Refuses a mapping that describes no resources.
    pub(super) fn describes_resources(&self) -> Result<(), Error> {
        if self.written.resource.is_empty() && self.written.swaps.is_none() {
            let message = "the mapping describes nothing; give it a [[resource]] or a [swaps] table";
            return Err(self.error(0, message));
        }
        Ok(())
    }

    /// Returns what the columns are where they hold readings.
    pub fn readings(&self) -> Option<&Readings> {
        self.written.readings.as_ref()
    }

    /// Returns the column with the offsets of the times.
    pub fn offset(&self) -> Option<&str> {
        self.written.offset.as_ref().map(|name| name.get_ref().as_str())
    }

    /// Returns how the sheet of a workbook is written as the CSV text that this mapping reads, and the mapping of that text.
    pub fn of_workbook(&self) -> (Writing, Self) {
        let mut own = self.clone();
        let written = &mut own.written;
        written.encoding = None;
        let text = |stated: &Option<Spanned<String>>| stated.as_ref().map(|text| text.get_ref().clone());
        let delimiter = text(&written.delimiter).and_then(|text| text.chars().next());
        let delimiter = delimiter.filter(|own| own.is_ascii() && *own != ' ');
        if delimiter.is_none() {
            written.delimiter = Some(Spanned::new(0..0, ",".to_owned()));
        }
        let writing = Writing {
            sheet: text(&written.sheet),
            delimiter,
            decimal: written.decimal.as_ref().map(|mark| *mark.get_ref()),
            format: text(&written.format),
        };
        (writing, own)
    }

    /// Returns the mapping of a sheet, which refuses its cells where their text is not what was typed.
    pub fn of_sheet(self, sheet: &SheetText) -> Self {
        Self { typed: Arc::new(sheet.typed.clone()), ..self }
    }

    /// Returns the dialect as the mapping states it.
    pub fn stated(&self) -> Stated {
        let Written { encoding, delimiter, decimal, thousands, zone, format, ambiguous, .. } = &self.written;
        let text = |stated: &Option<Spanned<String>>| stated.as_ref().map(|text| text.get_ref().clone());
        Stated {
            encoding: text(encoding),
            delimiter: text(delimiter),
            skip_lines: self.written.skip_lines,
            skip_below: self.written.skip_below,
            header: self.written.header.clone(),
            empty: self.written.empty.clone(),
            literal: self.written.literal.clone(),
            decimal: decimal.as_ref().map(|mark| *mark.get_ref()),
            thousands: thousands.as_ref().map(|mark| *mark.get_ref()),
            zone: text(zone),
            format: text(format),
            years_from: self.written.years_from,
            ambiguous: text(ambiguous),
        }
    }

    /// Reads the dialect; the error names its place in the file.
    pub(super) fn dialect(&self) -> Result<Dialect, Error> {
        Dialect::new(&self.stated()).map_err(|Unreadable { key, message }| {
            let Written { encoding, delimiter, decimal, thousands, zone, format, ambiguous, .. } =
                &self.written;
            let start = |text: &Option<Spanned<String>>| text.as_ref().map(|text| text.span().start);
            let mark = |mark: &Option<Spanned<char>>| mark.as_ref().map(|mark| mark.span().start);
            let at = match key {
                "encoding" => start(encoding),
                "delimiter" => start(delimiter),
                "decimal" => mark(decimal),
                "thousands" => mark(thousands).or_else(|| mark(decimal)),
                "zone" => start(zone),
                "format" => start(format),
                _ => start(ambiguous),
            };
            self.error(at.unwrap_or(0), message)
        })
    }

    /// Makes an error at a byte of the file.
    pub(super) fn error(&self, at: usize, message: impl Into<String>) -> Error {
        let mut before = self.text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        before = before.rsplit('\n').next().unwrap_or_default();
        let column = before.chars().count() + 1;
        Error::Mapping { file: self.file.clone(), line, column, message: message.into() }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Written {
    /// The sheet of a workbook.
    pub(super) sheet: Option<Spanned<String>>,
    pub(super) encoding: Option<Spanned<String>>,
    pub(super) delimiter: Option<Spanned<String>>,
    /// Lines above the header.
    #[serde(default)]
    pub(super) skip_lines: usize,
    /// Lines below the header that are no rows.
    #[serde(default)]
    pub(super) skip_below: usize,
    /// The names of the columns of a table that has no header.
    #[serde(default)]
    pub(super) header: Vec<String>,
    /// Texts that mean an empty cell.
    #[serde(default)]
    pub(super) empty: Vec<String>,
    /// Names that are meant as they are written.
    #[serde(default)]
    pub(super) literal: Vec<String>,
    /// Columns made of parts of others.
    #[serde(default)]
    pub(super) extract: Vec<Extract>,
    /// Columns computed or joined of others.
    #[serde(default)]
    pub(super) column: Vec<Derived>,
    pub(super) decimal: Option<Spanned<char>>,
    pub(super) thousands: Option<Spanned<char>>,
    pub(super) zone: Option<Spanned<String>>,
    pub(super) format: Option<Spanned<String>>,
    pub(super) years_from: Option<u32>,
    pub(super) ambiguous: Option<Spanned<String>>,
    /// The column with the offsets of the times.
    pub(super) offset: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) resource: Vec<Resource>,
    pub(super) swaps: Option<Swaps>,
    pub(super) readings: Option<Readings>,
}

/// What the columns of a table of readings are; see [`super::super::samples`].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Readings {
    /// The column that holds the time, or several in braces.
    pub time: Option<String>,
    /// The column that names the twin, or a name made of columns.
    pub twin: Option<String>,
    /// The one unit that all readings are of.
    pub unit: Option<String>,
    /// The measurement to store under.
    pub measurement: Option<String>,
    /// Wide table: the signal that a column holds, by column.
    #[serde(default)]
    pub signals: BTreeMap<String, String>,
    /// Long table: the column that names the signal.
    pub signal: Option<String>,
    /// Long table: the column that holds the value.
    pub value: Option<String>,
    /// Whether the first line below the header states the units of the columns.
    #[serde(default)]
    pub units_row: bool,
    /// The column that states the units of the values.
    pub units_column: Option<String>,
    /// When the time is 0, where it is a running number.
    pub epoch: Option<String>,
    /// How long a step of that number lasts.
    pub step: Option<String>,
}

/// A column that is computed (`value`), joined (`text`) or the first of several that is not empty.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Derived {
    pub(super) name: Spanned<String>,
    pub(super) value: Option<String>,
    pub(super) text: Option<String>,
    pub(super) first: Option<Vec<String>>,
}

/// A pattern whose named groups become columns.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Extract {
    pub(super) from: Spanned<String>,
    pub(super) pattern: Spanned<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Resource {
    pub(super) class: Spanned<String>,
    pub(super) id: Spanned<String>,
    /// Columns that must have a value.
    #[serde(default)]
    pub(super) skip_if_empty: Vec<Spanned<String>>,
    /// Columns that must hold one of these texts; an empty text is an empty cell.
    #[serde(default)]
    pub(super) only: BTreeMap<Spanned<String>, Vec<String>>,
    #[serde(default)]
    pub(super) fields: Fields,
    #[serde(default)]
    pub(super) fragment: Vec<Fragment>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Fragment {
    pub(super) field: Spanned<String>,
    /// The fragment's name below its owner; its field's name where absent.
    pub(super) name: Option<Spanned<String>>,
    /// Columns that must have a value.
    #[serde(default)]
    pub(super) skip_if_empty: Vec<Spanned<String>>,
    /// Columns that must hold one of these texts; an empty text is an empty cell.
    #[serde(default)]
    pub(super) only: BTreeMap<Spanned<String>, Vec<String>>,
    #[serde(default)]
    pub(super) fields: Fields,
    #[serde(default)]
    pub(super) fragment: Vec<Self>,
}

/// One row is one event at a position: what was taken out and what was put in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Swaps {
    pub(super) parent: Spanned<String>,
    pub(super) position: Option<Spanned<Source>>,
    pub(super) at: Spanned<Source>,
    pub(super) removed: Option<Spanned<String>>,
    pub(super) installed: Spanned<String>,
    pub(super) reason: Option<Spanned<String>>,
    /// Whether a component may sit at many places at once: a lot, or software.
    #[serde(default)]
    pub(super) shared: bool,
    /// Columns that must have a value.
    #[serde(default)]
    pub(super) skip_if_empty: Vec<Spanned<String>>,
    /// Columns that must hold one of these texts; an empty text is an empty cell.
    #[serde(default)]
    pub(super) only: BTreeMap<Spanned<String>, Vec<String>>,
}

/// The fields of a resource, each with its place in the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(pub(super) Vec<(Spanned<String>, Spanned<Source>)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of fields, as in identifier = \"serial\"")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    fields.push(entry);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// Where the values of a field come from.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Detailed {
    /// The column that holds them, or several of which the first one counts that is not empty.
    pub(super) column: Option<Columns>,
    /// A value that is the same in every row, or is made of columns in braces: computed for a number, else joined.
    pub(super) value: Option<toml::Value>,
    /// The target of a link, from a template.
    pub(super) id: Option<String>,
    /// The separator between several values of one cell.
    pub(super) split: Option<String>,
    /// What the column writes for what is meant.
    #[serde(default)]
    pub(super) values: BTreeMap<String, String>,
    pub(super) decimal: Option<Spanned<char>>,
    pub(super) thousands: Option<Spanned<char>>,
    pub(super) zone: Option<Spanned<String>>,
    pub(super) format: Option<Spanned<String>>,
    pub(super) years_from: Option<u32>,
    pub(super) ambiguous: Option<Spanned<String>>,
    pub(super) offset: Option<Spanned<String>>,
}

/// One column or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Columns {
    One(String),
    First(Vec<String>),
}

/// A column's name, or a table with more settings.
#[derive(Clone, Debug)]
pub(super) struct Source(pub(super) Detailed);

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Source;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a column's name, or a table with column, value or id")
            }

            fn visit_str<E: de::Error>(self, column: &str) -> Result<Source, E> {
                Ok(Source(Detailed { column: Some(Columns::One(column.to_owned())), ..Detailed::default() }))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Source, A::Error> {
                Detailed::deserialize(de::value::MapAccessDeserializer::new(map)).map(Source)
            }
        }
        deserializer.deserialize_any(Either)
    }
}
