//! One design revision: its limits against what the field shows, where it is in service, how it compares with another revision, its lots.

use crate::pages::action::Action;
use crate::pages::address::{Address, Place};
use crate::pages::answer::Connection;
use crate::pages::answer::margin::{Account, Margin, Property, Unit, symbol};
use crate::pages::answer::record::{Decided, Reference};
use crate::pages::chart::histogram::{self, Bar};
use crate::pages::chart::interval;
use crate::pages::content::cell::Cell;
use crate::pages::content::form::{Field, Form};
use crate::pages::content::section::{Facts, Figure, Note, Section};
use crate::pages::content::table::Table;
use crate::pages::page::Page;
use crate::pages::text::number::number;
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
    design_revision: Option<Design>,
    property: Option<Property>,
    compare: Option<Comparison>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Design {
    iri: String,
    identifier: Option<String>,
    title: Option<String>,
    description: Option<String>,
    revision: Option<String>,
    status: Option<String>,
    released_at: Option<String>,
    revision_of: Option<Reference>,
    supersedes: Connection<Reference>,
    superseded_by: Connection<Reference>,
    signals: Vec<Signal>,
    margins: Option<Vec<Margin>>,
    population: Option<Population>,
    failure_rate: Option<FailureRate>,
    builds: Connection<Build>,
    findings: Connection<Decided>,
    change_requests: Connection<Decided>,
    field_usage: Option<Usage>,
    by_lot: Option<Grouped>,
}

#[derive(Deserialize)]
struct Signal {
    name: Option<String>,
    position: Option<String>,
    property: Option<Property>,
    unit: Option<Unit>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Population {
    unit_count: usize,
    members: Connection<Member>,
}

#[derive(Deserialize)]
struct Member {
    item: Reference,
    asset: Sited,
    path: String,
    from: Option<String>,
    to: Option<String>,
    hours: f64,
    certainty: String,
}

#[derive(Deserialize)]
struct Sited {
    site: Option<String>,
    #[serde(flatten)]
    record: Reference,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FailureRate {
    event_count: usize,
    hours: f64,
    rate: Option<f64>,
    lower: Option<f64>,
    upper: Option<f64>,
    unknown_event_count: usize,
    unknown_hours: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Build {
    iri: String,
    identifier: Option<String>,
    built_at: Option<String>,
    site: Option<String>,
    twins: Connection<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Usage {
    unit_count: usize,
    hours: f64,
    mean: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
    p95: Option<f64>,
    unit: Option<Unit>,
    histogram: Vec<Range>,
    account: Account,
}

#[derive(Deserialize)]
struct Range {
    from: f64,
    to: f64,
    hours: f64,
}

#[derive(Deserialize)]
struct Grouped {
    unit: Option<Unit>,
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    key: String,
    resource: Option<Reference>,
    usage: GroupUsage,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GroupUsage {
    unit_count: usize,
    hours: f64,
    mean: Option<f64>,
    max: Option<f64>,
    p95: Option<f64>,
}

#[derive(Deserialize)]
struct Comparison {
    verdict: String,
    difference: Option<f64>,
    shortfall: Option<String>,
    unit: Option<Unit>,
    interval: Option<Interval>,
    left: Cohort,
    right: Cohort,
}

#[derive(Deserialize)]
struct Interval {
    low: f64,
    high: f64,
    confidence: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cohort {
    item: Reference,
    counted_units: usize,
    mean: Option<f64>,
    stddev: Option<f64>,
    hours: f64,
}

/// Returns the content of the page; nothing where the version has no such design revision.
pub(in crate::pages::view) fn content(
    address: &Address,
    data: &Value,
) -> Result<Option<Content>, serde_json::Error> {
    let Data { thread } = Data::deserialize(data)?;
    let Some(design) = &thread.design_revision else { return Ok(None) };
    let place = &address.place;
    let worst = design.margins.iter().flatten().map(|margin| margin.verdict).min();
    let status = design.status.as_deref().map(tables::words).map(Cell::quiet);
    let name = design.title.as_ref().or(design.identifier.as_ref()).unwrap_or(&design.iri);
    let revision = design.revision.as_ref().map(|revision| format!("Design revision {revision}"));
    Ok(Some(Content {
        kind: revision.unwrap_or_else(|| "Design revision".to_owned()),
        heading: name.clone(),
        lead: design.description.clone().unwrap_or_default(),
        badges: worst.map(Cell::verdict).into_iter().chain(status).collect(),
        sections: vec![
            about(place, design),
            margins(place, design),
            usage(address, design, thread.property.as_ref()),
            compared(place, thread.property.as_ref(), thread.compare.as_ref()),
            lots(place, design),
            population(place, design),
            decisions(place, design),
        ],
    }))
}

fn about(place: &Place, design: &Design) -> Section {
    let links = |of: &Connection<Reference>| of.nodes.first().map(|first| tables::record(place, first));
    let facts = Facts::default()
        .with("Name", Cell::code(&design.iri))
        .and("Part", design.revision_of.as_ref().map(|part| tables::record(place, part)))
        .and("Released", design.released_at.as_deref().map(|at| Cell::instant(Some(at))))
        .and("Supersedes", links(&design.supersedes))
        .and("Superseded by", links(&design.superseded_by))
        .and("Units in the window", design.population.as_ref().map(|of| Cell::count(of.unit_count)));
    Section::new("about", "About this design").with(facts)
}

fn margins(place: &Place, design: &Design) -> Section {
    let columns: Vec<&str> = ["Requirement"].into_iter().chain(tables::MARGIN).collect();
    let mut of: Vec<&Margin> = design.margins.iter().flatten().collect();
    of.sort_by(|one, other| {
        one.verdict.cmp(&other.verdict).then(one.urgency().1.total_cmp(&other.urgency().1))
    });
    let rows = of.into_iter().map(|margin| {
        std::iter::once(tables::requirement(place, margin)).chain(tables::margin(margin)).collect()
    });
    let table = Table::new("margins", "Limits of this design, worst first", &columns).rows(rows);
    Section::new("margins", "Against the limits")
        .with(table.or("It satisfies no requirement that has a limit."))
}

fn usage(address: &Address, design: &Design, property: Option<&Property>) -> Section {
    let place = &address.place;
    let section = Section::new("usage", "How it is used in the field");
    let (Some(usage), Some(property)) = (&design.field_usage, property) else {
        return section
            .with(Note::of("No property is chosen. Its limits and signals name those that can be."));
    };
    let unit = symbol(usage.unit.as_ref());
    let facts = Facts::default()
        .with("Units", Cell::count(usage.unit_count))
        .with("Hours", Cell::number(Some(usage.hours)))
        .with("Lowest", Cell::quantity(usage.min, &unit))
        .with("Mean", Cell::quantity(usage.mean, &unit))
        .with("P95 of all hours", Cell::quantity(usage.p95, &unit))
        .with("Highest", Cell::quantity(usage.max, &unit))
        .with("Not seen", Cell::quiet(usage.account.not_seen()));
    let bars: Vec<Bar> =
        usage.histogram.iter().map(|of| Bar { range: (of.from, of.to), hours: of.hours }).collect();
    let limits: Vec<(f64, String)> = design
        .margins
        .iter()
        .flatten()
        .filter(|margin| margin.constraint.property.as_ref().is_some_and(|of| of.iri == property.iri))
        .flat_map(|margin| margin.limits().into_iter().map(|limit| (limit, margin.required())))
        .collect();
    let axis = format!("{}{}", property.name(), unit.replace('\u{a0}', " in "));
    let svg = histogram::hours(&bars, &limits, &axis, &format!("Hours by {}", property.name()));
    let caption = format!("Hours of all units together by {}, with the limits on it.", property.name());
    let others = design.signals.iter().map(|of| {
        let property = of.property.as_ref();
        let href = property.map(|of| {
            place.href(
                Page::Design,
                &[("id", &design.iri), ("property", &of.iri), ("against", address.value("against"))],
            )
        });
        let name = property.map(Property::name).unwrap_or_default();
        vec![
            href.map_or_else(Cell::default, |href| Cell::link(name, href)),
            Cell::code(of.name.as_deref().unwrap_or_default()),
            Cell::maybe(of.position.as_deref()),
            Cell::text(symbol(of.unit.as_ref()).trim_start_matches('\u{a0}')),
        ]
    });
    let signals =
        Table::new("signals", "Signals of its own", &["Property", "Field", "Position", "Unit"]).rows(others);
    section
        .with(facts)
        .with(Figure { svg, caption })
        .with(signals.or("It declares no signal itself; what it sits in observes it."))
}

fn compared(place: &Place, property: Option<&Property>, comparison: Option<&Comparison>) -> Section {
    let section = Section::new("comparison", "Compared with another revision");
    let (Some(of), Some(property)) = (comparison, property) else {
        return section
            .with(Note::of("It supersedes no revision that it could be compared with in this window."));
    };
    let unit = symbol(of.unit.as_ref());
    let rows = [&of.left, &of.right].map(|cohort| {
        vec![
            tables::record(place, &cohort.item),
            Cell::count(cohort.counted_units),
            Cell::quantity(cohort.mean, &unit),
            Cell::quantity(cohort.stddev, &unit),
            Cell::number(Some(cohort.hours)),
        ]
    });
    let columns = ["Revision", "Units counted", "Mean of the units' P95", "Standard deviation", "Hours"];
    let table = Table::new("comparison", "The units are the sample", &columns).rows(rows);
    let words = match of.verdict.as_str() {
        "LOWER" => "lower than",
        "HIGHER" => "higher than",
        "NO_DIFFERENCE" => "not shown to differ from",
        _ => "not comparable with",
    };
    let (left, right) = (of.left.item.name(), of.right.item.name());
    let text = format!("P95 of {} of {right} is {words} that of {left}.", property.name());
    let section = section.with(text);
    let section = match (of.difference, &of.interval) {
        (Some(difference), Some(interval)) => {
            let (low, high) = (interval.low, interval.high);
            let caption = format!(
                "Difference {}{unit}; the interval from {} to {}{unit} contains the true one with a confidence of {}.",
                number(difference),
                number(low),
                number(high),
                number(interval.confidence)
            );
            let texts = (format!("{right} is lower"), format!("{right} is higher"));
            let svg = interval::difference(difference, (low, high), (&texts.0, &texts.1), &caption);
            section.with(Figure { svg, caption })
        }
        _ => section.with(Note::warning(
            of.shortfall.clone().unwrap_or_else(|| "There is too little to compare.".to_owned()),
        )),
    };
    section.with(table)
}

fn lots(place: &Place, design: &Design) -> Section {
    let rows = design.builds.nodes.iter().map(|of| {
        vec![
            tables::named(place, Page::Lot, &of.iri, of.identifier.as_deref()),
            Cell::instant(of.built_at.as_deref()),
            Cell::maybe(of.site.as_deref()),
            Cell::count(of.twins.total()),
        ]
    });
    let builds =
        Table::new("lots", "Lots", &["Lot", "Built", "Site", "Units"]).rows(rows).of(design.builds.total());
    let section = Section::new("lots", "Lots and failures").with(builds.or("No lot of it is recorded."));
    let section = match &design.by_lot {
        Some(by) if !by.groups.is_empty() => section.with(by_lot(place, by)),
        _ => section,
    };
    match &design.failure_rate {
        None => section,
        Some(rate) => section.with(
            Facts::default()
                .with("Failures recorded on its units", Cell::count(rate.event_count))
                .with("Certain hours", Cell::number(Some(rate.hours)))
                .with(
                    "Failures in 10⁶ h",
                    Cell::number(rate.rate).with(format!(
                        "95 % limits {} to {}",
                        rate.lower.map_or_else(|| "–".to_owned(), number),
                        rate.upper.map_or_else(|| "–".to_owned(), number)
                    )),
                )
                .with(
                    "In uncertain hours",
                    Cell::count(rate.unknown_event_count)
                        .with(format!("of {} h", number(rate.unknown_hours))),
                ),
        ),
    }
}

fn by_lot(place: &Place, by: &Grouped) -> Table {
    let unit = symbol(by.unit.as_ref());
    let rows = by.groups.iter().map(|group| {
        vec![
            group.resource.as_ref().map_or_else(|| Cell::text(&group.key), |lot| tables::record(place, lot)),
            Cell::count(group.usage.unit_count),
            Cell::number(Some(group.usage.hours)),
            Cell::quantity(group.usage.mean, &unit),
            Cell::quantity(group.usage.p95, &unit),
            Cell::quantity(group.usage.max, &unit),
        ]
    });
    Table::new("by-lot", "Usage by lot", &["Lot", "Units", "Hours", "Mean", "P95", "Highest"]).rows(rows)
}

fn population(place: &Place, design: &Design) -> Section {
    let members = design.population.as_ref().map(|of| &of.members);
    let rows = members.into_iter().flat_map(|of| &of.nodes).map(|of| {
        let certainty = match of.certainty.as_str() {
            "CERTAIN" => Cell::quiet("certain"),
            _ => Cell::warning("⚠ unknown"),
        };
        vec![
            tables::record(place, &of.item),
            tables::record(place, &of.asset.record),
            Cell::maybe(of.asset.site.as_deref()),
            Cell::text(&of.path),
            Cell::instant(of.from.as_deref()),
            Cell::instant(of.to.as_deref()),
            Cell::number(Some(of.hours)),
            certainty,
        ]
    });
    let columns = ["Unit", "In", "Site", "Position", "From", "To", "Hours in the window", "Configuration"];
    let table = Table::new("population", "Units that carried it in the window", &columns).rows(rows);
    let total = members.map(Connection::total).unwrap_or_default();
    Section::new("population", "Where it is in service")
        .with(table.of(total).or("No unit carried it in this window."))
}

fn decisions(place: &Place, design: &Design) -> Section {
    let findings = tables::decided(place, Page::Finding, "findings", "Findings", &design.findings);
    let changes = tables::decided(place, Page::Change, "changes", "Changes", &design.change_requests);
    let name = design.identifier.as_deref().unwrap_or(&design.iri);
    let record = Form::of(Action::RecordEvidence, format!("Record what the field shows of {name}"))
        .note("The margins of this page, in its window and as known at its watermark, become evidence; violations open findings.")
        .field(Field::line("reason", "Message of the commit"))
        .button("", "Record as evidence");
    let review = Form::of(Action::OpenReview, format!("Open a review of {name}"))
        .note("It keeps this version, watermark and window: whoever replays it sees the same.")
        .field(Field::line("title", "What it is about").required())
        .field(Field::lines("description", "In more words"))
        .field(Field::line("identifier", "Identifier").hint("the next of DR-1, DR-2, … where it is empty"))
        .field(Field::line("participants", "Participants").hint("separated by commas"))
        .button("", "Open the review");
    Section::new("decisions", "Findings and changes")
        .with(findings.or("There is no finding."))
        .with(changes.or("No change has been requested."))
        .with(record)
        .with(review)
        .with(tables::request(name))
}
