//! The overview: every requirement against what the field shows, worst first; what is open; the health of the data.

use super::Content;
use super::tables::{self, words};
use crate::pages::address::{Address, Place};
use crate::pages::answer::Connection;
use crate::pages::answer::margin::{Margin, Verdict};
use crate::pages::answer::record::{Around, Commit, Decided, Reference};
use crate::pages::content::cell::Cell;
use crate::pages::content::section::{Facts, Note, Section};
use crate::pages::content::table::Table;
use crate::pages::page::Page;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Data {
    thread: Thread,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Thread {
    design_revisions: Connection<Design>,
    requirements: Connection<Value>,
    requirement_coverage: Vec<Coverage>,
    findings: Connection<Decided>,
    change_requests: Connection<Decided>,
    design_reviews: Connection<Decided>,
    suspect_links: Connection<Suspect>,
    unbound_series: Option<Connection<Unbound>>,
    undeclared_positions: Connection<Value>,
    twin_instances: Connection<Value>,
}

#[derive(Deserialize)]
struct Design {
    iri: String,
    identifier: Option<String>,
    title: Option<String>,
    margins: Option<Vec<Margin>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Coverage {
    need: String,
    total: usize,
    without_count: usize,
    without: Connection<Reference>,
}

#[derive(Deserialize)]
struct Suspect {
    property: String,
    from: Reference,
    to: Reference,
    since: Commit,
}

#[derive(Deserialize)]
struct Unbound {
    reason: String,
    series: Series,
}

#[derive(Deserialize)]
struct Series {
    measurement: String,
    twin: String,
    field: String,
}

/// Returns the content of the page.
pub(super) fn content(
    address: &Address,
    data: &Value,
    around: &Around,
) -> Result<Content, serde_json::Error> {
    let Data { thread } = Data::deserialize(data)?;
    let place = &address.place;
    let margins = margins(&thread.design_revisions);
    let badges = [Verdict::Violates, Verdict::Unknown, Verdict::Conforms].map(|verdict| {
        let count = margins.iter().filter(|(_, margin)| margin.verdict == verdict).count();
        let word = match (verdict, count) {
            (Verdict::Violates, 0 | 2..) => "violate",
            (Verdict::Conforms, 0 | 2..) => "conform",
            _ => verdict.word(),
        };
        Cell::verdict(verdict).shown(format!("{count} {word}"))
    });
    Ok(Content {
        kind: "Overview".to_owned(),
        heading: "What was required, and what the field shows".to_owned(),
        lead: format!(
            "{} requirements, {} design revisions, {} units. Each row below compares one limit with one design revision, worst first.",
            thread.requirements.total(),
            thread.design_revisions.total(),
            thread.twin_instances.total(),
        ),
        badges: badges.into(),
        sections: vec![
            requirements(place, &margins, &thread.requirement_coverage),
            open(place, &thread),
            health(place, &thread, &margins),
            newest(place, &around.log),
        ],
    })
}

/// Returns the margins of all designs, worst first.
fn margins(designs: &Connection<Design>) -> Vec<(&Design, &Margin)> {
    let each = designs
        .nodes
        .iter()
        .flat_map(|design| design.margins.iter().flatten().map(move |margin| (design, margin)));
    let mut margins: Vec<_> = each.collect();
    margins.sort_by(|(_, one), (_, other)| {
        let ((verdict, distance), (verdict_, distance_)) = (one.urgency(), other.urgency());
        verdict.cmp(&verdict_).then(distance.total_cmp(&distance_))
    });
    margins
}

fn requirements(place: &Place, margins: &[(&Design, &Margin)], coverage: &[Coverage]) -> Section {
    let columns: Vec<&str> = ["Requirement", "Design"].into_iter().chain(tables::MARGIN).collect();
    let rows = margins.iter().map(|(design, margin)| {
        let requirement = tables::requirement(place, margin);
        let name = design.identifier.as_deref().or(design.title.as_deref());
        let design = tables::named(place, Page::Design, &design.iri, name);
        [requirement, design].into_iter().chain(tables::margin(margin)).collect()
    });
    let table = Table::new("margins", "Requirements by margin, worst first", &columns).rows(rows);
    let table = table.or("No design revision satisfies a requirement with a limit in this window.");
    let mut section = Section::new("requirements", "Requirements by margin").with(table);
    for of in coverage.iter().filter(|of| of.without_count > 0) {
        let names: Vec<&str> = of.without.nodes.iter().map(Reference::name).collect();
        let more = of.without_count - names.len().min(of.without_count);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let text = format!(
            "{} of {} requirements without {}: {}{more}.",
            of.without_count,
            of.total,
            words(&of.need),
            names.join(", ")
        );
        section = section.with(Note::of(text));
    }
    section
}

fn open(place: &Place, thread: &Thread) -> Section {
    let findings = tables::decided(place, Page::Finding, "findings", "Open findings", &thread.findings);
    let changes = tables::decided(place, Page::Change, "changes", "Open changes", &thread.change_requests);
    let reviews = tables::decided(place, Page::Review, "reviews", "Reviews", &thread.design_reviews);
    Section::new("open", "To be decided")
        .with(findings.or("No finding is open."))
        .with(changes.or("No change is open."))
        .with(reviews.or("No review has been opened."))
}

fn health(place: &Place, thread: &Thread, margins: &[(&Design, &Margin)]) -> Section {
    let columns = [
        "Design",
        "Property",
        "Units",
        "Hours observed",
        "Hours missing",
        "Hours of unknown configuration",
        "Samples late",
        "Replaced",
        "Implausible",
        "Series",
    ];
    let mut seen = Vec::new();
    let rows: Vec<Vec<Cell>> = margins
        .iter()
        .filter(|(design, margin)| {
            let of = (design.iri.clone(), margin.constraint.property().to_owned());
            let is_new = !seen.contains(&of);
            seen.push(of);
            is_new
        })
        .map(|(design, margin)| {
            let name = tables::named(place, Page::Design, &design.iri, design.identifier.as_deref());
            let own = [name, Cell::text(margin.constraint.property())];
            own.into_iter().chain(tables::account(&margin.account)).collect()
        })
        .collect();
    let facts = Facts::default()
        .with(
            "Series that no signal is bound to",
            attention(thread.unbound_series.as_ref().map(Connection::total)),
        )
        .with("Links whose target has changed since", attention(Some(thread.suspect_links.total())))
        .with(
            "Installations at positions that no design declares",
            attention(Some(thread.undeclared_positions.total())),
        );
    Section::new("health", "Health of the data")
        .with(facts)
        .with(
            Table::new("health", "What was seen, and what was not", &columns)
                .rows(rows)
                .or("Nothing was observed in this window."),
        )
        .with(unbound(thread))
        .with(suspect(place, &thread.suspect_links))
}

fn attention(count: Option<usize>) -> Cell {
    match count {
        None => Cell::warning("could not be read"),
        Some(0) => Cell::quiet("none"),
        Some(count) => Cell::warning(format!("⚠ {count}")),
    }
}

fn unbound(thread: &Thread) -> Table {
    let series = thread.unbound_series.as_ref();
    let rows = series.into_iter().flat_map(|series| &series.nodes).map(|of| {
        let Series { measurement, twin, field } = &of.series;
        [Cell::text(twin), Cell::code(measurement), Cell::code(field), Cell::text(words(&of.reason))].into()
    });
    Table::new("unbound", "Series that no signal is bound to", &["Unit", "Measurement", "Field", "Reason"])
        .rows(rows)
        .of(series.map(Connection::total).unwrap_or_default())
        .or("Every series is bound to a signal.")
}

fn suspect(place: &Place, links: &Connection<Suspect>) -> Table {
    let rows = links.nodes.iter().map(|link| {
        vec![
            tables::record(place, &link.from),
            Cell::text(words(&link.property)),
            tables::record(place, &link.to),
            tables::since(&link.since),
        ]
    });
    Table::new("suspect", "Suspect links: the target has changed since", &["From", "Link", "To", "Linked"])
        .rows(rows)
        .of(links.total())
        .or("No link is suspect.")
}

fn newest(place: &Place, log: &Connection<Commit>) -> Section {
    let rows = log.nodes.iter().map(|commit| {
        let there = Place { at: commit.short().to_owned(), ..place.clone() };
        vec![
            Cell::link(commit.short(), there.href(Page::Overview, &[])),
            Cell::instant(Some(&commit.time)),
            Cell::text(commit.subject()),
            Cell::text(&commit.author.name),
        ]
    });
    let table = Table::new("log", "The newest versions of main", &["Version", "Recorded", "Message", "By"])
        .rows(rows);
    Section::new("newest", "What came in").with(table)
}
