//! A record at two versions beside each other: what its statements were and are, and what its margins were and are; differences are marked.

use super::tables::{self, Changed};
use crate::pages::address::{Address, Place};
use crate::pages::answer::Connection;
use crate::pages::answer::margin::Margin;
use crate::pages::answer::record::{Commit, Reference};
use crate::pages::content::cell::Cell;
use crate::pages::content::section::{Note, Section};
use crate::pages::content::table::Table;
use crate::pages::page::Page;
use crate::pages::text::time::minute;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Data {
    then: Option<Then>,
    differs: Option<Diff>,
}

#[derive(Deserialize)]
struct Then {
    commit: Commit,
    record: Option<Judged>,
}

#[derive(Deserialize)]
struct Judged {
    margins: Option<Vec<Margin>>,
}

#[derive(Deserialize)]
struct Diff {
    notes: Connection<Noted>,
    resources: Connection<Changed>,
}

#[derive(Deserialize)]
struct Noted {
    text: String,
    resource: Reference,
}

/// Returns the section that compares the record of a page with what it was, where the address names another version.
pub(super) fn section(address: &Address, data: &Value) -> Result<Option<Section>, serde_json::Error> {
    let field = match address.page {
        Page::Design => "designRevision",
        Page::Unit => "twinInstance",
        Page::Record => "resource",
        _ => return Ok(None),
    };
    let Data { then: Some(then), differs } = Data::deserialize(data)? else { return Ok(None) };
    let place = &address.place;
    let now: Option<Vec<Margin>> = Option::deserialize(&data["thread"][field]["margins"])?;
    let before = then.record.as_ref();
    let mut section =
        Section::new("then", format!("Then and now: {} and {}", place.then, place.at)).with(Note::of(
            format!("{}, recorded {}: {}.", place.then, minute(&then.commit.time), then.commit.subject()),
        ));
    if before.is_none() && address.page != Page::Record {
        section = section.with(Note::warning(format!("It was not there at {}.", place.then)));
    }
    if let Some(now) = &now {
        section = section.with(margins(before.and_then(|of| of.margins.as_deref()).unwrap_or_default(), now));
    }
    Ok(Some(match &differs {
        Some(diff) => section.with(notes(place, diff)).with(statements(place, diff)),
        None => section,
    }))
}

/// Returns the margins of both versions, each limit in one row.
fn margins(then: &[Margin], now: &[Margin]) -> Table {
    let mut rows: BTreeMap<(String, String), [Option<&Margin>; 2]> = BTreeMap::new();
    for (at, margins) in [then, now].into_iter().enumerate() {
        for margin in margins {
            let requirement = margin.requirement.as_ref().map(|of| of.name().to_owned()).unwrap_or_default();
            rows.entry((requirement, margin.constraint.iri.clone())).or_default()[at] = Some(margin);
        }
    }
    let rows = rows.into_iter().map(|((requirement, _), sides)| {
        let [then, now] =
            sides.map(|side| side.map(|of| (of.verdict, of.required(), of.observed, of.symbol())));
        let verdict = |of: &Option<(_, _, _, _)>| {
            of.as_ref().map_or_else(|| Cell::quiet("–"), |of| Cell::verdict(of.0))
        };
        let limit = |of: &Option<(_, String, _, _)>| Cell::maybe(of.as_ref().map(|of| of.1.as_str()));
        let observed = |of: &Option<(_, _, Option<f64>, String)>| match of {
            Some((_, _, observed, symbol)) => Cell::quantity(*observed, symbol),
            None => Cell::number(None),
        };
        let same = match (&then, &now) {
            (Some(then), Some(now)) => (then.0, &then.1, then.2) == (now.0, &now.1, now.2),
            _ => false,
        };
        vec![
            Cell::text(requirement),
            limit(&then),
            limit(&now),
            verdict(&then),
            verdict(&now),
            observed(&then),
            observed(&now),
            if same { Cell::quiet("same") } else { Cell::warning("≠ differs") },
        ]
    });
    let columns = [
        "Requirement",
        "Required then",
        "Required now",
        "Verdict then",
        "Verdict now",
        "Observed then",
        "Observed now",
        "Difference",
    ];
    Table::new("then-margins", "Against the limits, then and now", &columns)
        .rows(rows)
        .or("It has no limit in either version.")
}

fn notes(place: &Place, diff: &Diff) -> Table {
    let rows = diff.notes.nodes.iter();
    let rows = rows.map(|of| vec![tables::record(place, &of.resource), Cell::text(&of.text)]);
    Table::new("then-notes", "What changed, in the words of engineering", &["Record", "Change"])
        .rows(rows)
        .or("Nothing that engineering has a word for has changed.")
}

fn statements(place: &Place, diff: &Diff) -> Table {
    tables::changed(place, &diff.resources).or("No statement of it has changed, nor one that links to it.")
}
