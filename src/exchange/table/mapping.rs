//! A mapping as its file says it; [`super::plan`] holds it against the ontology and a table's header.

use super::problem::Error;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use toml::Spanned;

/// How the rows of one table become resources; see the [module](super) for the format.
#[derive(Clone, Debug)]
pub struct Mapping {
    pub(super) file: String,
    pub(super) text: String,
    pub(super) written: Written,
}

impl Mapping {
    /// Reads a mapping from TOML; `file` names it in errors.
    pub fn parse(text: &str, file: &str) -> Result<Self, Error> {
        let written: Result<Written, _> = toml::from_str(text);
        let mapping = |written| Self { file: file.to_owned(), text: text.to_owned(), written };
        match written {
            Ok(written) if written.resource.is_empty() && written.swaps.is_none() => Err(mapping(written)
                .error(0, "the mapping describes nothing; give it a [[resource]] or a [swaps] table")),
            Ok(written) => Ok(mapping(written)),
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                Err(mapping(Written::default()).error(at, error.message()))
            }
        }
    }

    /// Makes an error that stands at a byte of the file.
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
    pub(super) delimiter: Option<Spanned<String>>,
    /// Lines above the header.
    #[serde(default)]
    pub(super) skip_lines: usize,
    /// The names of the columns of a table that has no header.
    pub(super) header: Option<Vec<String>>,
    /// Texts that stand for an empty cell.
    #[serde(default)]
    pub(super) empty: Vec<String>,
    /// Columns made of parts of others.
    #[serde(default)]
    pub(super) extract: Vec<Extract>,
    pub(super) decimal: Option<Spanned<char>>,
    pub(super) thousands: Option<Spanned<char>>,
    pub(super) zone: Option<Spanned<String>>,
    pub(super) format: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) resource: Vec<Resource>,
    pub(super) swaps: Option<Swaps>,
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
    /// Columns that must say something.
    #[serde(default)]
    pub(super) skip_if_empty: Vec<Spanned<String>>,
    /// Columns that must say one of these texts.
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
    /// Columns that must say something.
    #[serde(default)]
    pub(super) skip_if_empty: Vec<Spanned<String>>,
    /// Columns that must say one of these texts.
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
    /// Columns that must say something.
    #[serde(default)]
    pub(super) skip_if_empty: Vec<Spanned<String>>,
    /// Columns that must say one of these texts.
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
    /// The column that holds them.
    pub(super) column: Option<String>,
    /// A value that is the same in every row.
    pub(super) value: Option<toml::Value>,
    /// The target of a link, from a template.
    pub(super) id: Option<String>,
    /// What stands between several values of one cell.
    pub(super) split: Option<String>,
    /// What the column writes for what is meant.
    #[serde(default)]
    pub(super) values: BTreeMap<String, String>,
    pub(super) decimal: Option<Spanned<char>>,
    pub(super) thousands: Option<Spanned<char>>,
    pub(super) zone: Option<Spanned<String>>,
    pub(super) format: Option<Spanned<String>>,
}

/// A column's name, or a table that says more.
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
                Ok(Source(Detailed { column: Some(column.to_owned()), ..Detailed::default() }))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Source, A::Error> {
                Detailed::deserialize(de::value::MapAccessDeserializer::new(map)).map(Source)
            }
        }
        deserializer.deserialize_any(Either)
    }
}
