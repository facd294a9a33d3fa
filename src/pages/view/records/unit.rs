//! One unit: what was installed in it where and when, its telemetry against the limits, its events and its age.

use crate::pages::address::{Address, Place};
use crate::pages::answer::Connection;
use crate::pages::answer::margin::{Constraint, Margin, Property, Reading, Unit as Symbol, symbol};
use crate::pages::answer::record::Reference;
use crate::pages::chart::telemetry::{self, Bucket, Limit};
use crate::pages::chart::time_bar::{self, Bar};
use crate::pages::content::cell::Cell;
use crate::pages::content::section::{Facts, Figure, Live, Note, Section};
use crate::pages::content::table::Table;
use crate::pages::page::Page;
use crate::pages::text::number::number;
use crate::pages::text::time::{minute, seconds_of};
use crate::pages::view::Content;
use crate::pages::view::tables::{self, words};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Data {
    thread: Thread,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Thread {
    twin_instance: Option<Unit>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Unit {
    iri: String,
    identifier: Option<String>,
    title: Option<String>,
    site: Option<String>,
    level: Option<String>,
    commissioned_at: Option<String>,
    retired_at: Option<String>,
    part: Option<Reference>,
    built_by: Option<Lot>,
    components: Connection<Installation>,
    installations: Connection<Installation>,
    modifications: Connection<Modification>,
    events: Connection<Event>,
    margins: Option<Vec<Margin>>,
    latest: Option<Vec<Reading>>,
    telemetry: Option<Vec<Signal>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Lot {
    iri: String,
    identifier: Option<String>,
    realizes: Option<Revision>,
}

#[derive(Deserialize)]
struct Revision {
    iri: String,
    identifier: Option<String>,
    revision: Option<String>,
    satisfies: Option<Connection<Satisfied>>,
}

#[derive(Deserialize)]
struct Satisfied {
    identifier: Option<String>,
    constraints: Vec<Constraint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Installation {
    position: Option<String>,
    from: Option<String>,
    to: Option<String>,
    from_earliest: Option<String>,
    to_latest: Option<String>,
    removal_reason: Option<String>,
    component: Option<Component>,
    parent: Option<Reference>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Component {
    built_by: Option<Lot>,
    #[serde(flatten)]
    record: Reference,
}

impl Component {
    fn revision(&self) -> Option<&Revision> {
        self.built_by.as_ref().and_then(|lot| lot.realizes.as_ref())
    }

    /// Returns the name with the revision that it has.
    fn label(&self) -> String {
        match self.revision().and_then(|of| of.revision.as_deref()) {
            Some(revision) => format!("{} · rev. {revision}", self.record.name()),
            None => self.record.name().to_owned(),
        }
    }
}

#[derive(Deserialize)]
struct Modification {
    iri: String,
    at: Option<String>,
    realizes: Option<Revision>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    iri: String,
    identifier: Option<String>,
    at: Option<String>,
    kind: Option<String>,
    state: Option<String>,
    note: Option<String>,
    position: Option<String>,
    failure_mode: Option<Property>,
    circumstances: Option<Circumstances>,
}

#[derive(Deserialize)]
struct Circumstances {
    age: Age,
    counters: Vec<Counter>,
    lot: Option<Reference>,
    violations: Vec<Violation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Age {
    service_hours: f64,
    installed_hours: Option<f64>,
}

#[derive(Deserialize)]
struct Counter {
    property: Property,
    increase: f64,
    unit: Option<Symbol>,
}

#[derive(Deserialize)]
struct Violation {
    requirement: Option<Reference>,
    observed: Option<f64>,
    limit: f64,
    unit: Option<Symbol>,
}

#[derive(Deserialize)]
struct Signal {
    property: Property,
    signal: SignalName,
    unit: Option<Symbol>,
    buckets: Vec<Stretch>,
}

#[derive(Deserialize)]
struct SignalName {
    name: Option<String>,
    position: Option<String>,
}

#[derive(Deserialize)]
struct Stretch {
    from: String,
    to: String,
    min: Option<f64>,
    mean: Option<f64>,
    max: Option<f64>,
    hours: f64,
}

/// Returns the content of the page; nothing where the version has no such unit.
pub(in crate::pages::view) fn content(
    address: &Address,
    data: &Value,
) -> Result<Option<Content>, serde_json::Error> {
    let Data { thread } = Data::deserialize(data)?;
    let Some(unit) = thread.twin_instance else { return Ok(None) };
    let place = &address.place;
    let name = unit.identifier.as_deref().or(unit.title.as_deref()).unwrap_or(&unit.iri);
    let site = unit.site.as_deref().map(|site| format!("in {site}"));
    let mut badges: Vec<Cell> = Vec::new();
    badges.extend(unit.margins.iter().flatten().map(|margin| margin.verdict).min().map(Cell::verdict));
    badges.extend(unit.retired_at.as_ref().map(|at| Cell::warning(format!("retired {}", minute(at)))));
    Ok(Some(Content {
        kind: unit
            .level
            .as_deref()
            .map_or_else(|| "Unit".to_owned(), |level| format!("Unit, {}", words(level))),
        heading: name.to_owned(),
        lead: [unit.title.as_deref().filter(|title| *title != name), site.as_deref()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(", "),
        badges,
        sections: vec![
            about(place, &unit),
            configuration(place, &unit),
            against(place, &unit),
            live(&unit),
            observed(place, &unit),
            events(place, &unit),
        ],
    }))
}

fn about(place: &Place, unit: &Unit) -> Section {
    let lot = unit.built_by.as_ref();
    let revision = lot.and_then(|lot| lot.realizes.as_ref());
    let facts = Facts::default()
        .with("Name", Cell::code(&unit.iri))
        .and("Part", unit.part.as_ref().map(|part| tables::record(place, part)))
        .and("Lot", lot.map(|lot| tables::named(place, Page::Lot, &lot.iri, lot.identifier.as_deref())))
        .and(
            "Built to",
            revision.map(|of| tables::named(place, Page::Design, &of.iri, of.identifier.as_deref())),
        )
        .with("In service since", Cell::instant(unit.commissioned_at.as_deref()))
        .and("Retired", unit.retired_at.as_deref().map(|at| Cell::instant(Some(at))));
    let readings = unit.latest.iter().flatten().map(|of| {
        let name = of.property.as_ref().map(Property::name).unwrap_or_default();
        vec![
            Cell::text(name),
            Cell::quantity(of.value, &symbol(of.unit.as_ref())),
            Cell::instant(Some(&of.at)),
        ]
    });
    let latest =
        Table::new("latest", "Latest readings as of the watermark", &["Property", "Value", "At (UTC)"])
            .rows(readings);
    let modifications = unit.modifications.nodes.iter().map(|of| {
        let revision = of.realizes.as_ref();
        vec![
            tables::named(place, Page::Record, &of.iri, None),
            Cell::instant(of.at.as_deref()),
            revision.map_or_else(Cell::default, |of| {
                tables::named(place, Page::Design, &of.iri, of.identifier.as_deref())
            }),
        ]
    });
    let section =
        Section::new("about", "About this unit").with(facts).with(latest.or("It has no signal of its own."));
    match unit.modifications.nodes.is_empty() {
        true => section,
        false => section.with(
            Table::new("modifications", "Modifications", &["Name", "At", "Revision from then on"])
                .rows(modifications),
        ),
    }
}

/// Returns the events with their instants, for marks on charts.
fn marks(unit: &Unit) -> Vec<(f64, String)> {
    let events = unit.events.nodes.iter();
    events
        .filter_map(|event| Some((seconds_of(event.at.as_deref()?)?, words(event.kind.as_deref()?))))
        .collect()
}

fn configuration(place: &Place, unit: &Unit) -> Section {
    let mut section = Section::new("configuration", "Configuration");
    let bars: Vec<Bar> = unit
        .components
        .nodes
        .iter()
        .map(|of| {
            let name = of.component.as_ref().map(Component::label).unwrap_or_default();
            bar(of.position.as_deref().unwrap_or("no position"), name, of)
        })
        .collect();
    if !bars.is_empty() {
        section = section.with(timeline(place, unit, &bars, "What sat in this unit, by position and time."));
    }
    let within: Vec<Bar> = unit
        .installations
        .nodes
        .iter()
        .map(|of| {
            let parent = of.parent.as_ref();
            bar(parent.map(Reference::name).unwrap_or_default(), of.position.clone().unwrap_or_default(), of)
        })
        .collect();
    if !within.is_empty() {
        section = section.with(timeline(place, unit, &within, "What this unit sat in, by unit and time."));
    }
    if bars.is_empty() && within.is_empty() {
        return section.with("Nothing is recorded as installed in this unit, or as carrying it.");
    }
    let rows = unit.components.nodes.iter().map(|of| {
        let component = of.component.as_ref();
        let revision = component.and_then(Component::revision);
        let start = of.from_earliest.as_ref().map(|at| format!("at the earliest {}", minute(at)));
        let end = of.to_latest.as_ref().map(|at| format!("at the latest {}", minute(at)));
        vec![
            Cell::maybe(of.position.as_deref()),
            component
                .map_or_else(Cell::default, |of| Cell::link(of.record.name(), place.to_record(&of.record))),
            revision.map_or_else(Cell::default, |of| {
                tables::named(place, Page::Design, &of.iri, of.identifier.as_deref())
            }),
            Cell::instant(of.from.as_deref()).with(start.unwrap_or_default()),
            Cell::instant(of.to.as_deref()).with(end.unwrap_or_default()),
            Cell::maybe(of.removal_reason.as_deref()),
        ]
    });
    let table = Table::new(
        "installations",
        "Installed in this unit",
        &["Position", "Component", "Revision", "From", "To", "Why removed"],
    );
    if !bars.is_empty() {
        section = section.with(table.rows(rows).of(unit.components.total()));
    }
    let rows = unit.installations.nodes.iter().map(|of| {
        let parent = of.parent.as_ref();
        vec![
            parent.map_or_else(Cell::default, |parent| {
                tables::named(place, Page::Unit, &parent.iri, Some(parent.name()))
            }),
            Cell::maybe(of.position.as_deref()),
            Cell::instant(of.from.as_deref()),
            Cell::instant(of.to.as_deref()),
            Cell::maybe(of.removal_reason.as_deref()),
        ]
    });
    match within.is_empty() {
        true => section,
        false => section.with(
            Table::new("carriers", "This unit sat in", &["Unit", "Position", "From", "To", "Why removed"])
                .rows(rows),
        ),
    }
}

fn bar(row: &str, name: String, of: &Installation) -> Bar {
    let at = |text: &Option<String>| text.as_deref().and_then(seconds_of);
    let shown = |text: &Option<String>, open: &str| text.as_deref().map_or_else(|| open.to_owned(), minute);
    Bar {
        row: row.to_owned(),
        title: format!("{name}: {} to {}", shown(&of.from, "unknown"), shown(&of.to, "now")),
        name,
        time: (at(&of.from), at(&of.to)),
        bounds: (at(&of.from_earliest), at(&of.to_latest)),
    }
}

fn timeline(place: &Place, unit: &Unit, bars: &[Bar], caption: &str) -> Figure {
    let label: Vec<&str> = bars.iter().map(|bar| bar.title.as_str()).collect();
    let svg = time_bar::bars(place.window(), bars, &marks(unit), &label.join("; "));
    Figure { svg, caption: format!("{caption} Hatched: the exact instant is not known. Events are marked.") }
}

fn against(place: &Place, unit: &Unit) -> Section {
    let columns: Vec<&str> = ["Requirement"].into_iter().chain(tables::MARGIN).collect();
    let rows = unit.margins.iter().flatten().map(|margin| {
        let requirement = tables::requirement(place, margin);
        std::iter::once(requirement).chain(tables::margin(margin)).collect()
    });
    let table = Table::new("margins", "Limits that apply to this unit", &columns).rows(rows);
    Section::new("margins", "Against the limits").with(table.or("No limit applies to this unit itself."))
}

fn live(unit: &Unit) -> Section {
    Section::new("live", "Live readings")
        .with(Note::of("A browser that runs scripts shows here what the unit sends from now on, whatever the version and window of the page."))
        .with(Live(unit.iri.clone()))
}

fn observed(place: &Place, unit: &Unit) -> Section {
    let mut section = Section::new("telemetry", "Telemetry");
    let signals: Vec<&Signal> =
        unit.telemetry.iter().flatten().filter(|of| of.buckets.iter().any(|of| of.hours > 0.0)).collect();
    if signals.is_empty() {
        return section
            .with(Note::of("No samples of this unit lie in this window, as far as the watermark knows."));
    }
    let mut rows = Vec::new();
    for signal in signals {
        let symbol = symbol(signal.unit.as_ref());
        let position =
            signal.signal.position.as_deref().map(|position| format!(" at {position}")).unwrap_or_default();
        let name = format!("{}{position}{}", signal.property.name(), symbol.replace('\u{a0}', ", "));
        let buckets: Vec<Bucket> = signal.buckets.iter().filter_map(Stretch::bucket).collect();
        let svg = telemetry::signal(place.window(), &buckets, &limits(unit, signal), &marks(unit), &name);
        section = section.with(Figure {
            svg,
            caption: format!(
                "{name}: mean in buckets of {}, and the band from the lowest to the highest sample.",
                place.bucket()
            ),
        });
        let of = signal.buckets.iter().filter(|of| of.hours > 0.0);
        rows.extend(of.map(|of| {
            vec![
                Cell::text(&name),
                Cell::code(signal.signal.name.as_deref().unwrap_or_default()),
                Cell::instant(Some(&of.from)),
                Cell::instant(Some(&of.to)),
                Cell::number(of.min),
                Cell::number(of.mean),
                Cell::number(of.max),
                Cell::number(Some(of.hours)),
            ]
        }));
    }
    let columns = ["Signal", "Field", "From", "To", "Lowest", "Mean", "Highest", "Hours"];
    section.with(Table::new("telemetry", "Buckets of all signals", &columns).rows(rows))
}

impl Stretch {
    fn bucket(&self) -> Option<Bucket> {
        let values = self.min.zip(self.mean).zip(self.max).map(|((min, mean), max)| [min, mean, max]);
        Some(Bucket { time: (seconds_of(&self.from)?, seconds_of(&self.to)?), values })
    }
}

/// Returns the limits on the property of a signal: those of the unit, and of what is installed in it, in the same unit of measurement.
fn limits(unit: &Unit, signal: &Signal) -> Vec<Limit> {
    let own = unit.margins.iter().flatten().map(|margin| {
        let name = margin.requirement.as_ref().map(|of| of.name().to_owned()).unwrap_or_default();
        (name, &margin.constraint, margin.limits(), margin.unit.as_ref())
    });
    let components =
        unit.components.nodes.iter().filter_map(|of| of.component.as_ref()?.revision()?.satisfies.as_ref());
    let carried = components.flat_map(|of| &of.nodes).flat_map(|of| {
        of.constraints.iter().map(|constraint| {
            let name = of.identifier.clone().unwrap_or_default();
            (name, constraint, constraint.limits(), constraint.unit.as_ref())
        })
    });
    let mut limits: Vec<Limit> = Vec::new();
    for (name, constraint, values, of) in own.chain(carried) {
        let is_same = constraint.property.as_ref().is_some_and(|of| of.iri == signal.property.iri)
            && of.map(|of| &of.symbol) == signal.unit.as_ref().map(|of| &of.symbol);
        for value in values.into_iter().filter(|_| is_same) {
            let label = format!("{name} {} {}", constraint.quantity(), number(value));
            if !limits.iter().any(|known| known.label == label) {
                limits.push(Limit { value, label });
            }
        }
    }
    limits
}

fn events(place: &Place, unit: &Unit) -> Section {
    let rows = unit.events.nodes.iter().map(|of| {
        let mode = of.failure_mode.as_ref().map(|mode| mode.name().to_owned()).unwrap_or_default();
        let kind = words(of.kind.as_deref().unwrap_or("event"));
        let state = of.state.as_deref().map(words).unwrap_or_default();
        vec![
            Cell::instant(of.at.as_deref()),
            Cell::link(of.identifier.clone().unwrap_or(kind.clone()), place.of(Page::Record, &of.iri))
                .with(kind),
            Cell::text(mode).with(of.position.as_deref().unwrap_or_default()),
            Cell::text(state),
            Cell::maybe(of.note.as_deref()),
            Cell::text(of.circumstances.as_ref().map(why).unwrap_or_default()),
        ]
    });
    let table = Table::new(
        "events",
        "Events, newest first",
        &["At", "Event", "Failure mode", "State", "Note", "What is known of why"],
    );
    Section::new("events", "Events")
        .with(table.rows(rows).of(unit.events.total()).or("No event is recorded for this unit."))
}

/// Writes what was the case when an event happened.
fn why(of: &Circumstances) -> String {
    let mut parts = vec![format!("{} h in service", number(of.age.service_hours))];
    parts.extend(of.age.installed_hours.map(|hours| format!("{} h at this place", number(hours))));
    parts.extend(
        of.counters
            .iter()
            .map(|of| format!("{} {}{}", of.property.name(), number(of.increase), symbol(of.unit.as_ref()))),
    );
    parts.extend(of.lot.as_ref().map(|lot| format!("lot {}", lot.name())));
    parts.extend(of.violations.iter().map(|of| {
        let symbol = symbol(of.unit.as_ref());
        let name = of.requirement.as_ref().map(Reference::name).unwrap_or_default();
        format!(
            "violated {name}: {}{symbol} against {}{symbol}",
            of.observed.map(number).unwrap_or_default(),
            number(of.limit)
        )
    }));
    parts.join(", ")
}
