//! One design review: what it is about, what was known when it was opened, and what has changed since.

use crate::pages::action::Action;
use crate::pages::address::{Address, Place};
use crate::pages::answer::evidence::{Came, Evidence};
use crate::pages::answer::margin::{Margin, symbol};
use crate::pages::answer::record::{Decided, Reference};
use crate::pages::answer::{Connection, long};
use crate::pages::content::cell::Cell;
use crate::pages::content::form::{Field, Form};
use crate::pages::content::section::{Facts, Note, Section};
use crate::pages::content::table::Table;
use crate::pages::page::Page;
use crate::pages::view::Content;
use crate::pages::view::tables;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Data {
    thread: Thread,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Thread {
    design_review: Option<Review>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Review {
    description: Option<String>,
    from: Option<String>,
    to: Option<String>,
    participants: Vec<String>,
    commit: Option<String>,
    watermark: Option<String>,
    result_digest: Option<String>,
    reproduced: Option<bool>,
    designs: Connection<Reference>,
    margins: Option<Vec<Reviewed>>,
    evidence: Connection<Evidence>,
    since: Option<Since>,
    #[serde(flatten)]
    decided: Decided,
}

#[derive(Deserialize)]
struct Reviewed {
    item: Reference,
    #[serde(flatten)]
    margin: Margin,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Since {
    new_data: NewData,
    margins: Vec<Changed>,
    diff: Diff,
}

#[derive(Deserialize)]
struct NewData {
    #[serde(deserialize_with = "long")]
    samples: u64,
    hours: f64,
    #[serde(deserialize_with = "long")]
    late: u64,
    #[serde(deserialize_with = "long")]
    overwritten: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changed {
    other_verdict: bool,
    newly_violating_count: usize,
    newly_conforming_count: usize,
    requirement: Option<Reference>,
    design: Reference,
    then: Option<Came>,
    now: Option<Came>,
}

#[derive(Deserialize)]
struct Diff {
    notes: Connection<Noted>,
}

#[derive(Deserialize)]
struct Noted {
    text: String,
    resource: Reference,
}

/// Returns the content of the page; nothing where the version has no such review.
pub(in crate::pages::view) fn content(
    address: &Address,
    data: &Value,
) -> Result<Option<Content>, serde_json::Error> {
    let Data { thread } = Data::deserialize(data)?;
    let Some(review) = &thread.design_review else { return Ok(None) };
    let place = &address.place;
    let decided = &review.decided;
    let state = decided.state.as_deref().map(tables::words).unwrap_or_default();
    let is_open = decided.state.as_deref() == Some("OPEN");
    let title = decided.title.as_deref().unwrap_or_default();
    Ok(Some(Content {
        kind: "Design review".to_owned(),
        heading: [decided.identifier.as_deref().unwrap_or_default(), title].join(" ").trim().to_owned(),
        lead: review.description.clone().unwrap_or_default(),
        badges: vec![if is_open { Cell::warning(state) } else { Cell::quiet(state) }],
        sections: vec![about(place, review), agenda(place, review), since(place, review), sign(is_open)],
    }))
}

fn about(place: &Place, review: &Review) -> Section {
    let decided = &review.decided;
    let designs: Vec<&str> = review.designs.nodes.iter().map(Reference::name).collect();
    let replay = decided.identifier.as_ref().map(|identifier| {
        let there = Place { at: format!("review:{identifier}"), as_known_at: String::new(), ..place.clone() };
        Cell::link("the thread as it was then", there.href(Page::Overview, &[]))
    });
    let reproduced = match review.reproduced {
        Some(true) => Cell::quiet("✓ computed again, with the same digest"),
        Some(false) => Cell::warning("⚠ computed again, with another digest"),
        None => Cell::quiet("not computed again"),
    };
    let facts = Facts::default()
        .with("Designs", Cell::text(designs.join(", ")))
        .with("Opened", Cell::instant(decided.opened_at.as_deref()))
        .with("Participants", Cell::text(review.participants.join(", ")))
        .with(
            "Window",
            Cell::instant(review.from.as_deref())
                .with(review.to.as_deref().map(crate::pages::text::time::minute).unwrap_or_default()),
        )
        .with("Version", Cell::code(review.commit.as_deref().unwrap_or_default()))
        .with("Watermark", Cell::code(review.watermark.as_deref().unwrap_or_default()))
        .with("Digest", Cell::code(review.result_digest.as_deref().unwrap_or_default()))
        .with("Replay", reproduced)
        .and("Look at", replay)
        .and("Signed by", decided.decided_by.as_deref().map(Cell::text))
        .and("Comment", decided.reason.as_deref().map(Cell::text));
    Section::new("about", "What was known").with(facts)
}

fn sign(is_open: bool) -> Section {
    let section = Section::new("sign", "Signature");
    if !is_open {
        return section.with("It is signed: nothing about it changes from now on.");
    }
    section.with(
        Form::of(Action::SignReview, "Sign this review")
            .note("A signature is for good.")
            .field(Field::lines("reason", "Comment"))
            .button("APPROVED", "Sign: approved")
            .button("REJECTED", "Sign: rejected"),
    )
}

fn agenda(place: &Place, review: &Review) -> Section {
    let columns: Vec<&str> = ["Design", "Requirement"].into_iter().chain(tables::MARGIN).collect();
    let mut margins: Vec<&Reviewed> = review.margins.iter().flatten().collect();
    margins.sort_by_key(|of| of.margin.verdict);
    let rows = margins.into_iter().map(|of| {
        let own = [tables::record(place, &of.item), tables::requirement(place, &of.margin)];
        own.into_iter().chain(tables::margin(&of.margin)).collect()
    });
    let table = Table::new("agenda", "The margins under review, as they were known", &columns).rows(rows);
    Section::new("agenda", "Agenda")
        .with(table.or("No margin is under review."))
        .with(tables::evidence(place, &review.evidence))
}

fn since(place: &Place, review: &Review) -> Section {
    let section = Section::new("since", "What has changed since it was opened");
    let Some(since) = &review.since else {
        return section.with(Note::warning("What has changed since cannot be read."));
    };
    let data = &since.new_data;
    let facts = Facts::default()
        .with("New samples in the window", Cell::count(data.samples as usize))
        .with("Hours that they cover", Cell::number(Some(data.hours)))
        .with("Of them late", Cell::count(data.late as usize))
        .with("Replaced", Cell::count(data.overwritten as usize));
    let came = |came: Option<&Came>| {
        let cell = came.map(|came| {
            Cell::verdict(came.verdict).with(Cell::quantity(came.observed, &symbol(came.unit.as_ref())).text)
        });
        cell.unwrap_or_else(|| Cell::quiet("no such limit"))
    };
    let rows = since.margins.iter().map(|of| {
        let requirement = of.requirement.as_ref();
        vec![
            tables::named(place, Page::Design, &of.design.iri, Some(of.design.name())),
            requirement.map_or_else(Cell::default, |of| {
                tables::named(place, Page::Requirement, &of.iri, Some(of.name()))
            }),
            came(of.then.as_ref()),
            came(of.now.as_ref()),
            if of.other_verdict { Cell::warning("⚠ another verdict") } else { Cell::quiet("same") },
            Cell::count(of.newly_violating_count),
            Cell::count(of.newly_conforming_count),
        ]
    });
    let columns =
        ["Design", "Requirement", "Then", "Now", "Verdict", "Units newly violating", "Newly conforming"];
    let table = Table::new("since", "Margins then and now", &columns).rows(rows);
    let notes = since
        .diff
        .notes
        .nodes
        .iter()
        .map(|of| vec![tables::record(place, &of.resource), Cell::text(&of.text)]);
    let notes = Table::new("notes", "Changes of the record", &["Record", "Change"]).rows(notes);
    section.with(facts).with(table).with(notes.or("The record has not changed."))
}
