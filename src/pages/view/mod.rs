//! What each page shows: from the answer to its document to sections.

mod design;
mod lot;
mod overview;
mod record;
mod requirement;
mod search;
mod tables;
mod unit;

use super::address::Address;
use super::content::cell::Cell;
use super::content::section::Section;
use super::page::Page;
use serde_json::Value;

/// The content of a page.
#[derive(Debug, Default)]
pub(in crate::pages) struct Content {
    /// The class of what the page is about.
    pub(in crate::pages) kind: String,
    /// The heading.
    pub(in crate::pages) heading: String,
    /// The text below the heading.
    pub(in crate::pages) lead: String,
    /// What is most important, beside the heading.
    pub(in crate::pages) badges: Vec<Cell>,
    /// The rest.
    pub(in crate::pages) sections: Vec<Section>,
}

/// Returns the content of a page; nothing where the version has no such record.
pub(in crate::pages) fn content(
    address: &Address,
    data: &Value,
) -> Result<Option<Content>, serde_json::Error> {
    match address.page {
        Page::Overview => overview::content(address, data).map(Some),
        Page::Requirement => requirement::content(address, data),
        Page::Unit => unit::content(address, data),
        Page::Design => design::content(address, data),
        Page::Lot => lot::content(address, data),
        Page::Search => search::content(address, data).map(Some),
        Page::Record => record::content(address, data),
    }
}
