//! A mapping as its TOML has it.

use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Written {
    #[serde(default)]
    pub(super) prefix: String,
    #[serde(default)]
    pub(super) fields: BTreeMap<String, Source>,
    #[serde(default)]
    pub(super) types: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) relations: BTreeMap<String, Relation>,
    pub(super) constraint: Option<BTreeMap<String, Source>>,
    #[serde(default)]
    pub(super) units: BTreeMap<String, String>,
}

/// Where the value of a field comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "WrittenSource")]
pub(super) struct Source {
    pub(super) attributes: Vec<String>,
    pub(super) values: BTreeMap<String, String>,
    pub(super) value: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenSource {
    One(String),
    Several(Vec<String>),
    Detailed(Detailed),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Detailed {
    attribute: Option<Attributes>,
    #[serde(default)]
    values: BTreeMap<String, String>,
    value: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Attributes {
    One(String),
    Several(Vec<String>),
}

impl From<WrittenSource> for Source {
    fn from(written: WrittenSource) -> Self {
        match written {
            WrittenSource::One(attribute) => Self { attributes: vec![attribute], ..Self::default() },
            WrittenSource::Several(attributes) => Self { attributes, ..Self::default() },
            WrittenSource::Detailed(Detailed { attribute, values, value }) => {
                let attributes = match attribute {
                    None => Vec::new(),
                    Some(Attributes::One(one)) => vec![one],
                    Some(Attributes::Several(several)) => several,
                };
                Self { attributes, values, value }
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum Relation {
    Field(String),
    Detailed {
        field: String,
        #[serde(default)]
        reverse: bool,
    },
}
