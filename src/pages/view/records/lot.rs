//! One lot: what it is of, and every asset that carries it at the end of the window, for those who have to go there.

use crate::pages::address::{Address, Place};
use crate::pages::answer::Connection;
use crate::pages::answer::margin::SitedUnit;
use crate::pages::answer::record::Reference;
use crate::pages::content::cell::Cell;
use crate::pages::content::section::{Facts, Section};
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
struct Thread {
    build: Option<Lot>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lot {
    iri: String,
    identifier: Option<String>,
    title: Option<String>,
    description: Option<String>,
    built_at: Option<String>,
    site: Option<String>,
    realizes: Option<Revision>,
    consumed: Connection<Reference>,
    consumed_by: Connection<Reference>,
    twins: Connection<Value>,
    containment: Option<Containment>,
}

#[derive(Deserialize)]
struct Revision {
    iri: String,
    identifier: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Containment {
    asset_count: usize,
    loose_count: usize,
    assets: Connection<Carrier>,
    loose: Connection<SitedUnit>,
}

#[derive(Deserialize)]
struct Carrier {
    certainty: String,
    site: Option<String>,
    asset: Reference,
    carried: Vec<Carried>,
}

#[derive(Deserialize)]
struct Carried {
    path: String,
    from: Option<String>,
    quantity: f64,
    item: Reference,
    revision: Option<Revision>,
}

/// Returns the content of the page; nothing where the version has no such lot.
pub(in crate::pages::view) fn content(
    address: &Address,
    data: &Value,
) -> Result<Option<Content>, serde_json::Error> {
    let Data { thread } = Data::deserialize(data)?;
    let Some(lot) = thread.build else { return Ok(None) };
    let place = &address.place;
    let name = lot.identifier.as_ref().or(lot.title.as_ref()).unwrap_or(&lot.iri);
    let badges = lot
        .containment
        .as_ref()
        .map(|of| Cell::text(format!("in {} assets at {}", of.asset_count, place.to)));
    Ok(Some(Content {
        kind: "Lot".to_owned(),
        heading: name.clone(),
        lead: lot.description.clone().unwrap_or_default(),
        badges: badges.into_iter().collect(),
        sections: vec![about(place, &lot), contained(place, &lot)],
    }))
}

fn about(place: &Place, lot: &Lot) -> Section {
    let revision = lot.realizes.as_ref();
    let facts = Facts::default()
        .with("Name", Cell::code(&lot.iri))
        .and(
            "Built to",
            revision.map(|of| tables::named(place, Page::Design, &of.iri, of.identifier.as_deref())),
        )
        .with("Built", Cell::instant(lot.built_at.as_deref()))
        .and("Site", lot.site.as_deref().map(Cell::text))
        .with("Units with a serial number", Cell::count(lot.twins.total()));
    let went = |name, caption: &str, of: &Connection<Reference>| {
        Table::new(name, caption, &["Lot"]).rows(of.nodes.iter().map(|of| vec![tables::record(place, of)]))
    };
    let section = Section::new("about", "About this lot").with(facts);
    let section = match lot.consumed.nodes.is_empty() {
        true => section,
        false => section.with(went("consumed", "Lots that went into it", &lot.consumed)),
    };
    match lot.consumed_by.nodes.is_empty() {
        true => section,
        false => section.with(went("consumed-by", "Lots that it went into", &lot.consumed_by)),
    }
}

fn contained(place: &Place, lot: &Lot) -> Section {
    let heading = format!("Where it is at {}", place.to);
    let section = Section::new("containment", heading);
    let Some(of) = &lot.containment else { return section.with("Where it is cannot be read.") };
    let rows = of
        .assets
        .nodes
        .iter()
        .flat_map(|carrier| carrier.carried.iter().map(move |carried| (carrier, carried)));
    let rows = rows.map(|(carrier, carried)| {
        let certainty = match carrier.certainty.as_str() {
            "CERTAIN" => Cell::quiet("certain"),
            _ => Cell::warning("⚠ unknown"),
        };
        let revision = carried.revision.as_ref();
        vec![
            tables::record(place, &carrier.asset),
            Cell::maybe(carrier.site.as_deref()),
            Cell::text(&carried.path),
            tables::record(place, &carried.item),
            revision.map_or_else(Cell::default, |of| {
                tables::named(place, Page::Design, &of.iri, of.identifier.as_deref())
            }),
            Cell::number(Some(carried.quantity)),
            Cell::instant(carried.from.as_deref()),
            certainty,
        ]
    });
    let columns = ["Asset", "Site", "Position", "Item", "Revision", "Quantity", "Since", "Configuration"];
    let assets = Table::new("assets", "Assets that carry it, at any depth", &columns).rows(rows);
    let loose = of.loose.nodes.iter().map(|unit| {
        vec![
            tables::named(place, Page::Unit, &unit.iri, unit.identifier.as_deref()),
            Cell::maybe(unit.site.as_deref()),
        ]
    });
    let loose = Table::new("loose", "Units of it that sit in nothing", &["Unit", "Site"])
        .rows(loose)
        .of(of.loose_count);
    section.with(assets.or("No asset carries it.")).with(loose)
}
