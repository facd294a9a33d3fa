//! What another limit would touch: the form that asks, and the answer beside it. Nothing is written.

use super::tables;
use crate::pages::address::{Address, Place};
use crate::pages::answer::Connection;
use crate::pages::answer::margin::{Constraint, Margin};
use crate::pages::answer::record::Reference;
use crate::pages::content::cell::Cell;
use crate::pages::content::form::{Field, Form};
use crate::pages::content::section::{Facts, Note, Section};
use crate::pages::content::table::Table;
use crate::pages::page::Page;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Design {
    satisfies: Connection<Requirement>,
}

#[derive(Deserialize)]
struct Requirement {
    iri: String,
    identifier: Option<String>,
    constraints: Vec<Constraint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Exposure {
    unit_count: usize,
    hours_before: f64,
    hours_after: f64,
    sites: Connection<Site>,
    margins: Option<Vec<Exposed>>,
    violations: Connection<Violation>,
    suspect_links: Connection<Suspect>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Site {
    site: Option<String>,
    unit_count: usize,
    hours_after: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Exposed {
    design: Reference,
    requirement: Option<Reference>,
    before: Option<Margin>,
    after: Option<Margin>,
    newly_violating_count: usize,
    newly_conforming_count: usize,
    newly_violating: Connection<Violating>,
}

#[derive(Deserialize)]
struct Violating {
    observed: Option<f64>,
    unit: Option<Reference>,
}

#[derive(Deserialize)]
struct Violation {
    place: String,
    message: String,
}

#[derive(Deserialize)]
struct Suspect {
    property: String,
    from: Reference,
    to: Reference,
}

/// Returns the section of a design's page that asks what another limit would touch; none where no requirement of it has a limit.
pub(super) fn section(address: &Address, data: &Value) -> Result<Option<Section>, serde_json::Error> {
    let design = &data["thread"]["designRevision"];
    if address.page != Page::Design || design.is_null() {
        return Ok(None);
    }
    let design = Design::deserialize(design)?;
    let options = options(&design);
    let Some((first, _)) = options.first() else { return Ok(None) };
    let chosen = Some(address.value("exposed")).filter(|name| !name.is_empty()).unwrap_or(first);
    let limit = limit(&design, chosen).unwrap_or_default();
    let (low, high) = around(limit);
    let value = Some(address.value("limit").to_owned()).filter(|value| !value.is_empty());
    let place = &address.place;
    let mut form =
        Form::show("exposure", "What would another limit touch?", place.path(Page::Design) + "#exposure")
            .note("Computed for this version, watermark and window. Nothing is written.");
    let kept =
        address.values().into_iter().filter(|(name, _)| !matches!(*name, "exposed" | "limit" | "form"));
    for (name, value) in kept.chain(place.values()) {
        form = form.keep(name, value);
    }
    let form = form
        .field(Field::choice("exposed", "Limit", options).with(address.value("exposed")).required())
        .field(
            Field::slider("limit", "New value, in the same unit", low, high)
                .with(value.unwrap_or_else(|| limit.to_string()))
                .required(),
        )
        .button("", "Show what it would touch");
    let section = Section::new("exposure", "Before a change").with(form);
    let exposure: Option<Exposure> = Option::deserialize(&data["exposed"]["exposure"])?;
    Ok(Some(match &exposure {
        Some(exposure) => touched(section, place, exposure),
        None => section,
    }))
}

/// Returns the limit of a choice, whose first name is that of its constraint.
fn limit(design: &Design, choice: &str) -> Option<f64> {
    let name = choice.split(' ').next()?;
    let mut constraints = design.satisfies.nodes.iter().flat_map(|requirement| &requirement.constraints);
    constraints.find(|constraint| constraint.iri == name)?.limit
}

/// Returns how far the slider goes to either side of a limit.
fn around(limit: f64) -> (f64, f64) {
    let reach = if limit == 0.0 { 1.0 } else { limit.abs() / 4.0 };
    (limit - reach, limit + reach)
}

/// Returns the limits that can be changed. The value of each names its constraint, then the others of its requirement, which stay.
fn options(design: &Design) -> Vec<(String, String)> {
    let of = |requirement: &Requirement| {
        let names: Vec<String> = requirement.constraints.iter().map(|of| of.iri.clone()).collect();
        let name = requirement.identifier.clone().unwrap_or_else(|| requirement.iri.clone());
        let each = requirement.constraints.iter().filter(|of| of.limit.is_some());
        each.map(|constraint| {
            let others = names.iter().filter(|name| **name != constraint.iri).map(String::as_str);
            let value: Vec<&str> = std::iter::once(constraint.iri.as_str()).chain(others).collect();
            (value.join(" "), format!("{name}: {} {}", constraint.property(), constraint.text()))
        })
        .collect::<Vec<_>>()
    };
    design.satisfies.nodes.iter().flat_map(of).collect()
}

fn touched(section: Section, place: &Place, of: &Exposure) -> Section {
    let facts = Facts::default()
        .with("Units", Cell::count(of.unit_count))
        .with("Their hours in the window, before", Cell::number(Some(of.hours_before)))
        .with("After", Cell::number(Some(of.hours_after)))
        .with("Links that would become suspect", Cell::count(of.suspect_links.total()));
    let refused = of.violations.nodes.iter().fold(section.with(facts), |section, violation| {
        let Violation { place, message } = violation;
        section.with(Note::warning(format!("A commit of it would be refused: {place}: {message}")))
    });
    let sites = of.sites.nodes.iter().map(|of| {
        vec![Cell::maybe(of.site.as_deref()), Cell::count(of.unit_count), Cell::number(Some(of.hours_after))]
    });
    let suspect = of.suspect_links.nodes.iter().map(|of| {
        vec![
            tables::record(place, &of.from),
            Cell::text(tables::words(&of.property)),
            tables::record(place, &of.to),
        ]
    });
    refused
        .with(margins(place, of.margins.as_deref().unwrap_or_default()))
        .with(violating(place, of.margins.as_deref().unwrap_or_default()))
        .with(Table::new("exposed-sites", "Sites", &["Site", "Units", "Hours"]).rows(sites))
        .with(
            Table::new("exposed-links", "Links that would become suspect", &["From", "Link", "To"])
                .rows(suspect)
                .of(of.suspect_links.total()),
        )
}

fn margins(place: &Place, margins: &[Exposed]) -> Table {
    let rows = margins.iter().map(|of| {
        let verdict = |margin: Option<&Margin>| {
            margin.map_or_else(Cell::default, |of| Cell::verdict(of.verdict).with(of.required()))
        };
        vec![
            tables::named(place, Page::Design, &of.design.iri, Some(of.design.name())),
            of.requirement.as_ref().map_or_else(Cell::default, |requirement| {
                tables::named(place, Page::Requirement, &requirement.iri, Some(requirement.name()))
            }),
            verdict(of.before.as_ref()),
            verdict(of.after.as_ref()),
            Cell::count(of.newly_violating_count),
            Cell::count(of.newly_conforming_count),
        ]
    });
    let columns = ["Design", "Requirement", "Before", "After", "Units newly violating", "Newly conforming"];
    Table::new("exposed", "Margins that it makes a difference to", &columns)
        .rows(rows)
        .or("It makes no difference to any margin.")
}

fn violating(place: &Place, margins: &[Exposed]) -> Table {
    let rows = margins.iter().flat_map(|of| {
        let symbol = of.after.as_ref().map(Margin::symbol).unwrap_or_default();
        of.newly_violating.nodes.iter().map(move |unit| {
            vec![
                unit.unit.as_ref().map_or_else(Cell::default, |of| {
                    tables::named(place, Page::Unit, &of.iri, Some(of.name()))
                }),
                Cell::text(of.design.name()),
                Cell::quantity(unit.observed, &symbol),
            ]
        })
    });
    let total = margins.iter().map(|of| of.newly_violating_count).sum();
    Table::new("exposed-units", "Units that would violate, and do not now", &["Unit", "Design", "Observed"])
        .rows(rows)
        .of(total)
}
