//! Tables that several pages have.

use crate::pages::action::Action;
use crate::pages::address::Place;
use crate::pages::answer::Connection;
use crate::pages::answer::evidence::Evidence;
use crate::pages::answer::margin::{Account, Margin, symbol};
use crate::pages::answer::record::{Commit, Decided, Reference, Step};
use crate::pages::chart::bar;
use crate::pages::content::cell::Cell;
use crate::pages::content::form::{Field, Form};
use crate::pages::content::section::Section;
use crate::pages::content::table::Table;
use crate::pages::page::Page;
use crate::pages::text::number::percent;
pub(super) use crate::pages::text::words::words;
use serde::Deserialize;

/// Shows a record with a link to its page, and its title below.
pub(super) fn record(place: &Place, of: &Reference) -> Cell {
    let cell = Cell::link(of.name(), place.to_record(of));
    match of.title.as_deref().filter(|title| *title != of.name()) {
        Some(title) => cell.with(title),
        None => cell,
    }
}

/// Shows a record on a page that is known.
pub(super) fn named(place: &Place, page: Page, iri: &str, name: Option<&str>) -> Cell {
    Cell::link(name.unwrap_or(iri), place.of(page, iri))
}

/// Shows the requirement of a margin.
pub(super) fn requirement(place: &Place, margin: &Margin) -> Cell {
    match &margin.requirement {
        Some(of) => named(place, Page::Requirement, &of.iri, Some(of.name()))
            .with(of.title.as_deref().unwrap_or_default()),
        None => Cell::quiet("the design's own"),
    }
}

/// Shows a margin as a row: what, required, the chart, and the numbers. What is not seen is in its last cell.
pub(super) fn margin(margin: &Margin) -> Vec<Cell> {
    let keep = margin.conforming_units.map_or_else(|| "–".to_owned(), percent);
    vec![
        Cell::verdict(margin.verdict).with(margin.refusal.as_deref().unwrap_or_default()),
        Cell::text(margin.required()).with(format!(
            "{} {}",
            margin.constraint.property(),
            margin.constraint.conditions()
        )),
        Cell::chart(bar::margin(margin), margin.sentence()),
        Cell::quantity(margin.observed, &margin.symbol()),
        Cell::number(margin.predicted),
        Cell::quantity(margin.distance_percent, " %"),
        Cell::number(margin.conforming_units).shown(keep).with(format!("of {}", margin.unit_count)),
        Cell::quiet(margin.account.not_seen()).with(margin.account.seen()),
    ]
}

/// The heads of the cells of [`margin`].
pub(super) const MARGIN: [&str; 8] = [
    "Verdict",
    "Required",
    "Units against the limit",
    "Observed",
    "Predicted",
    "Distance",
    "Units that keep it",
    "Not seen",
];

/// Returns the table of what findings, changes or reviews state and what was decided about them.
pub(super) fn decided(
    place: &Place,
    page: Page,
    name: &'static str,
    caption: &str,
    of: &Connection<Decided>,
) -> Table {
    let table = Table::new(name, caption, &["Name", "State", "About", "Decided by", "At", "Reason"]);
    let rows = of.nodes.iter().map(|of| {
        let about = of.requirement.as_ref().or(of.design.as_ref());
        let since = of.decided_at.as_ref().or(of.generated_at.as_ref()).or(of.opened_at.as_ref());
        let title = of.title.as_deref().filter(|title| *title != of.name()).unwrap_or_default();
        vec![
            named(place, page, &of.iri, Some(of.name())).with(title),
            Cell::text(of.state.as_deref().map(words).unwrap_or_default()),
            about.map_or_else(Cell::default, |about| record(place, about)),
            Cell::maybe(of.decided_by.as_deref()),
            Cell::instant(since.map(String::as_str)),
            Cell::maybe(of.reason.as_deref()),
        ]
    });
    table.rows(rows).of(of.total())
}

/// Returns the table of recorded evidence.
pub(super) fn evidence(place: &Place, evidence: &Connection<Evidence>) -> Table {
    let rows = evidence.nodes.iter().map(|of| {
        let name = of.identifier.as_deref().or(of.title.as_deref());
        let symbol = symbol(of.unit.as_ref());
        vec![
            named(place, Page::Record, &of.iri, name),
            of.design.as_ref().map_or_else(Cell::default, |design| record(place, design)),
            of.verdict.map(Cell::verdict).unwrap_or_default(),
            Cell::quantity(of.observed, &symbol),
            Cell::quantity(of.limit, &symbol),
            Cell::quantity(of.predicted, &symbol),
            Cell::instant(of.generated_at.as_deref()),
            seen(place, of),
        ]
    });
    Table::new(
        "evidence",
        "Evidence",
        &["Name", "Design", "Verdict", "Observed", "Limit", "Predicted", "Recorded", "Version and watermark"],
    )
    .rows(rows)
    .of(evidence.total())
    .or("No evidence has been recorded.")
}

/// Shows the version and watermark of evidence; they lead to the design as it was then.
fn seen(place: &Place, evidence: &Evidence) -> Cell {
    let short =
        |text: &Option<String>| text.as_deref().and_then(|id| id.get(..12)).unwrap_or_default().to_owned();
    let watermark = evidence.watermark.clone().unwrap_or_default();
    let commit = short(&evidence.commit);
    let there = Place { at: commit.clone(), as_known_at: watermark.clone(), ..place.clone() };
    match &evidence.design {
        Some(design) if !commit.is_empty() => Cell::link(commit, there.to_record(design)).with(watermark),
        _ => Cell::code(commit).with(watermark),
    }
}

/// Returns the table of what a record is linked to.
pub(super) fn trace(place: &Place, steps: &Connection<Step>) -> Table {
    let table = Table::new("trace", "Linked records", &["Direction", "Link", "Record", "Since", "State"]);
    let mut steps_: Vec<&Step> = steps.nodes.iter().collect();
    steps_.sort_by_key(|step| (!step.suspect, step.backward));
    let rows = steps_.into_iter().map(|step| {
        let state = match step.suspect {
            true => Cell::warning("⚠ suspect: its target has changed since"),
            false => Cell::quiet("as it was linked"),
        };
        vec![
            Cell::quiet(if step.backward { "← from" } else { "→ to" }),
            Cell::text(words(&step.property)),
            record(place, &step.resource),
            since(&step.since),
            state,
        ]
    });
    table.rows(rows).of(steps.total())
}

/// Shows a commit by its time, with its message below.
pub(super) fn since(commit: &Commit) -> Cell {
    Cell::instant(Some(&commit.time)).with(commit.subject())
}

/// Shows an account as cells: hours observed, missing, of unknown configuration, and samples that came late or were replaced.
pub(super) fn account(account: &Account) -> Vec<Cell> {
    let service = account.service_hours;
    let share = if service > 0.0 { percent(account.missing_hours / service) } else { String::new() };
    vec![
        Cell::count(account.units as usize).with(match account.silent_units {
            0 => String::new(),
            silent => format!("{silent} silent"),
        }),
        Cell::number(Some(account.observed_hours)),
        Cell::number(Some(account.missing_hours)).with(share),
        Cell::number(Some(account.unknown_configuration_hours)),
        Cell::count(account.late as usize),
        Cell::count(account.overwritten as usize),
        Cell::count(account.implausible_samples as usize),
        match account.unbound.first() {
            Some(first) => {
                Cell::warning(format!("⚠ {} units: {}", account.unbound.len(), words(&first.reason)))
            }
            None => Cell::quiet("all bound"),
        },
    ]
}

/// Returns the form that asks for a change of a record.
pub(super) fn request(name: &str) -> Form {
    Form::of(Action::RequestChange, format!("Request a change of {name}"))
        .field(Field::line("title", "What is to change, in one line").required())
        .field(Field::lines("description", "In more words"))
        .field(Field::line("identifier", "Identifier").hint("such as ECR-7; made where it is empty"))
        .field(Field::line("reason", "Message of the commit").hint("the first line where it is empty"))
        .button("", "Request the change")
}

/// The commits that changed a record.
#[derive(Debug, Deserialize)]
pub(super) struct History {
    history: Connection<Committed>,
}

#[derive(Debug, Deserialize)]
struct Committed {
    commit: Commit,
    notes: Vec<Noted>,
    properties: Vec<Differing>,
}

#[derive(Debug, Deserialize)]
struct Noted {
    text: String,
}

#[derive(Debug, Deserialize)]
struct Differing {
    property: String,
    removed: Vec<String>,
    added: Vec<String>,
}

impl Differing {
    fn text(&self) -> String {
        match (self.removed.join(", "), self.added.join(", ")) {
            (removed, added) if removed.is_empty() => format!("{}: {added}", words(&self.property)),
            (removed, added) => format!("{}: {removed} → {added}", words(&self.property)),
        }
    }
}

/// Returns the history of a record: who changed what, with which message.
pub(super) fn history(place: &Place, page: Page, iri: &str, provenance: &History) -> Section {
    let rows = provenance.history.nodes.iter().map(|of| {
        let then = Place { then: of.commit.short().to_owned(), ..place.clone() };
        let notes: Vec<&str> = of.notes.iter().map(|note| note.text.as_str()).collect();
        let fields: Vec<String> = of.properties.iter().map(Differing::text).collect();
        let (first, second) = match notes.is_empty() {
            true => (fields.join("; "), String::new()),
            false => (notes.join("; "), fields.join("; ")),
        };
        vec![
            Cell::link(of.commit.short(), then.of(page, iri)),
            Cell::instant(Some(&of.commit.time)),
            Cell::text(&of.commit.author.name),
            Cell::text(of.commit.subject()),
            Cell::text(first).with(second),
        ]
    });
    let table = Table::new(
        "history",
        "History: a version leads to the comparison with it",
        &["Version", "Recorded", "By", "Message", "What changed"],
    );
    Section::new("history", "History").with(table.rows(rows))
}

/// A record that differs between two versions.
#[derive(Debug, Deserialize)]
pub(super) struct Changed {
    difference: String,
    resource: Reference,
    #[serde(default)]
    notes: Vec<Noted>,
    properties: Vec<Differing>,
}

/// Returns the table of what differs, one row a statement; what engineering has words for is in the last column.
pub(super) fn changed(place: &Place, of: &Connection<Changed>) -> Table {
    let rows = of.nodes.iter().flat_map(|of| {
        of.properties.iter().enumerate().map(move |(at, property)| {
            let notes: Vec<&str> = of.notes.iter().map(|note| note.text.as_str()).collect();
            vec![
                record(place, &of.resource),
                Cell::quiet(words(&of.difference)),
                Cell::text(words(&property.property)),
                Cell::text(property.removed.join(", ")),
                Cell::text(property.added.join(", ")),
                Cell::text(if at == 0 { notes.join("; ") } else { String::new() }),
            ]
        })
    });
    let columns = ["Record", "Difference", "Field", "Removed", "Added", "In the words of engineering"];
    Table::new("changes", "Every statement that differs, of the first records", &columns).rows(rows)
}
