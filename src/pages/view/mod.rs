//! What each page shows: from the answer to its document to sections.

mod bring;
mod edit;
mod exposure;
mod merge;
mod overview;
mod records;
mod search;
mod tables;
mod then;
mod versions;

use super::address::Address;
use super::answer::record::Around;
use super::content::cell::Cell;
use super::content::section::Section;
use super::page::Page;
use records::{decision, design, lot, record, requirement, review, unit};
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
    around: &Around,
) -> Result<Option<Content>, serde_json::Error> {
    let content = match address.page {
        Page::Overview => overview::content(address, data, around).map(Some),
        Page::Requirement => requirement::content(address, data),
        Page::Unit => unit::content(address, data),
        Page::Design => design::content(address, data),
        Page::Lot => lot::content(address, data),
        Page::Finding => decision::finding(address, data),
        Page::Change => decision::change(address, data),
        Page::Review => review::content(address, data),
        Page::Edit => edit::content(address, data),
        Page::Bring => bring::content(address, data, around).map(Some),
        Page::Merge => merge::content(address, data).map(Some),
        Page::Versions => versions::content(address, data).map(Some),
        Page::Search => search::content(address, data).map(Some),
        Page::Record => record::content(address, data),
    };
    let Some(mut content) = content? else { return Ok(None) };
    if matches!(address.page, Page::Requirement | Page::Unit | Page::Design | Page::Lot | Page::Record) {
        content.badges.push(Cell::link("Edit", address.place.of(Page::Edit, address.id())));
    }
    if let Some(section) = then::section(address, data)? {
        let at = content.sections.len().min(1);
        content.sections.insert(at, section);
    }
    if let Some(section) = exposure::section(address, data)? {
        content.sections.push(section);
    }
    Ok(Some(content))
}
