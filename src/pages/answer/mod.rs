//! The answers of the pages' documents as Rust types: what is absent in an answer is absent here, nothing is filled in.

pub(in crate::pages) mod evidence;
pub(in crate::pages) mod margin;
pub(in crate::pages) mod record;
pub(in crate::pages) mod shape;

use serde::Deserialize;

/// A page of a list.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::pages) struct Connection<T> {
    /// How many there are in all, where that was asked.
    pub(in crate::pages) total_count: Option<usize>,
    /// Those of the page.
    #[serde(default = "Vec::new")]
    pub(in crate::pages) nodes: Vec<T>,
}

impl<T> Default for Connection<T> {
    fn default() -> Self {
        Self { total_count: None, nodes: Vec::new() }
    }
}

impl<T> Connection<T> {
    /// Returns how many there are in all; those of the page where that was not asked.
    pub(in crate::pages) fn total(&self) -> usize {
        self.total_count.unwrap_or(self.nodes.len())
    }
}

/// Reads a number that may be absent, or a Long, which is a string of digits.
pub(in crate::pages) fn long<'de, D: serde::Deserializer<'de>>(source: D) -> Result<u64, D::Error> {
    let text = String::deserialize(source)?;
    text.parse().map_err(|_| serde::de::Error::custom(format!("{text} is no Long")))
}
