//! What a search finds.

use super::Content;
use super::tables;
use crate::pages::address::Address;
use crate::pages::answer::Connection;
use crate::pages::answer::record::Reference;
use crate::pages::content::cell::Cell;
use crate::pages::content::section::Section;
use crate::pages::content::table::Table;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Data {
    thread: Thread,
}

#[derive(Deserialize)]
struct Thread {
    search: Connection<Found>,
}

#[derive(Deserialize)]
struct Found {
    class: String,
    #[serde(flatten)]
    record: Reference,
}

/// Returns the content of the page.
pub(super) fn content(address: &Address, data: &Value) -> Result<Content, serde_json::Error> {
    let Data { thread } = Data::deserialize(data)?;
    let rows = thread.search.nodes.iter().map(|found| {
        let class = found.class.strip_prefix("Plain").unwrap_or(&found.class);
        vec![tables::record(&address.place, &found.record), Cell::quiet(tables::words(class).trim_start())]
    });
    let table = Table::new("found", "Found", &["Record", "Class"]).rows(rows).of(thread.search.total());
    Ok(Content {
        kind: "Search".to_owned(),
        heading: format!("“{}”", address.value("q")),
        lead: format!("{} records have this text at this version.", thread.search.total()),
        sections: vec![Section::new("results", "Records").with(table.or("Nothing is found."))],
        ..Content::default()
    })
}
