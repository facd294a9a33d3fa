//! Any record: what it states and who stated it, and what is linked to it.

use crate::pages::address::Address;
use crate::pages::answer::Connection;
use crate::pages::answer::record::{Commit, Reference, Step};
use crate::pages::content::cell::Cell;
use crate::pages::content::section::{Note, Section};
use crate::pages::content::table::Table;
use crate::pages::page::Page;
use crate::pages::view::Content;
use crate::pages::view::tables::{self, words};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Data {
    thread: Thread,
}

#[derive(Deserialize)]
struct Thread {
    resource: Option<Resource>,
    trace: Connection<Step>,
}

#[derive(Deserialize)]
struct Resource {
    class: String,
    description: Option<String>,
    provenance: Provenance,
    #[serde(flatten)]
    record: Reference,
}

#[derive(Deserialize)]
struct Provenance {
    blame: Connection<Blame>,
}

#[derive(Deserialize)]
struct Blame {
    subject: String,
    property: String,
    value: String,
    commit: Commit,
}

/// Returns the content of the page; nothing where the version has no such record.
pub(in crate::pages::view) fn content(
    address: &Address,
    data: &Value,
) -> Result<Option<Content>, serde_json::Error> {
    let Data { thread } = Data::deserialize(data)?;
    let Some(resource) = thread.resource else { return Ok(None) };
    let (place, record) = (&address.place, &resource.record);
    let blame = &resource.provenance.blame;
    let rows = blame.nodes.iter().map(|of| {
        let part = of.subject.strip_prefix(&record.iri).unwrap_or(&of.subject);
        vec![
            Cell::quiet(part),
            Cell::text(words(&of.property)),
            Cell::text(&of.value),
            tables::since(&of.commit),
            Cell::text(&of.commit.author.name),
        ]
    });
    let statements = Table::new(
        "statements",
        "What it states, and who stated it",
        &["Part", "Field", "Value", "Since", "By"],
    );
    let mut first = Section::new("statements", "Statements").with(statements.rows(rows).of(blame.total()));
    if record.page() != Page::Record {
        let note =
            Note::of("There is a page of its own for this class.").to("Open it", place.to_record(record));
        first.blocks.insert(0, note.into());
    }
    let class = resource.class.strip_prefix("Plain").unwrap_or(&resource.class);
    Ok(Some(Content {
        kind: words(class).trim_start().to_owned(),
        heading: record.title.as_deref().unwrap_or(record.name()).to_owned(),
        lead: resource.description.clone().unwrap_or_default(),
        badges: vec![Cell::code(&record.iri)],
        sections: vec![first, Section::new("trace", "Trace").with(tables::trace(place, &thread.trace))],
    }))
}
