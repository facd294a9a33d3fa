//! Tables that several pages have.

use crate::pages::address::Place;
use crate::pages::answer::Connection;
use crate::pages::answer::margin::{Account, Margin};
use crate::pages::answer::record::{Commit, Decided, Reference, Step};
use crate::pages::chart::bar;
use crate::pages::content::cell::Cell;
use crate::pages::content::table::Table;
use crate::pages::page::Page;
use crate::pages::text::number::percent;

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

/// Writes a name of the schema as words: `derivedFrom` and `NO_SIGNAL` become `derived from` and `no signal`.
pub(super) fn words(name: &str) -> String {
    let is_enum = name.chars().all(|sign| sign.is_ascii_uppercase() || sign == '_');
    if is_enum {
        return name.replace('_', " ").to_ascii_lowercase();
    }
    let mut words = String::new();
    for sign in name.chars() {
        if sign.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(sign.to_ascii_lowercase());
    }
    words
}
