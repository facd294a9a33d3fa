//! One requirement: its text and limits, now and at another version; every unit of each design against the limit; its trace, evidence and
//! decisions.

use crate::pages::action::Action;
use crate::pages::address::{Address, Place};
use crate::pages::answer::Connection;
use crate::pages::answer::evidence::Evidence;
use crate::pages::answer::margin::{Constraint, Margin, symbol};
use crate::pages::answer::record::{Commit, Decided, Reference, Step};
use crate::pages::chart::strip::{self, Row};
use crate::pages::content::cell::Cell;
use crate::pages::content::form::{Field, Form};
use crate::pages::content::section::{Facts, Figure, Note, Section};
use crate::pages::content::table::Table;
use crate::pages::page::Page;
use crate::pages::text::time::minute;
use crate::pages::view::Content;
use crate::pages::view::tables::{self, History};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Data {
    thread: Thread,
    then: Option<Then>,
}

#[derive(Deserialize)]
struct Thread {
    requirement: Option<Requirement>,
    trace: Connection<Step>,
}

#[derive(Deserialize)]
struct Then {
    commit: Commit,
    requirement: Option<Stated>,
}

/// What a version states of a requirement.
#[derive(Deserialize)]
struct Stated {
    title: Option<String>,
    description: Option<String>,
    status: Option<String>,
    constraints: Vec<Constraint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Requirement {
    iri: String,
    identifier: Option<String>,
    integrity_level: Option<String>,
    verification_methods: Vec<String>,
    owner: Option<Owner>,
    is_part_of: Option<Reference>,
    satisfied_by: Connection<Design>,
    evidence: Connection<Evidence>,
    findings: Connection<Decided>,
    change_requests: Connection<Decided>,
    reviews: Connection<Decided>,
    provenance: History,
    #[serde(flatten)]
    stated: Stated,
}

#[derive(Deserialize)]
struct Owner {
    identifier: Option<String>,
    title: Option<String>,
}

#[derive(Deserialize)]
struct Design {
    iri: String,
    identifier: Option<String>,
    revision: Option<String>,
    status: Option<String>,
    margins: Option<Vec<Margin>>,
}

impl Design {
    fn name(&self) -> &str {
        self.identifier.as_deref().unwrap_or(&self.iri)
    }
}

/// How many suspect links have a form on the page.
const CONFIRMED_MAX: usize = 10;

/// Returns the content of the page; nothing where the version has no such requirement.
pub(in crate::pages::view) fn content(
    address: &Address,
    data: &Value,
) -> Result<Option<Content>, serde_json::Error> {
    let Data { thread, then } = Data::deserialize(data)?;
    let Some(requirement) = thread.requirement else { return Ok(None) };
    let place = &address.place;
    let mut sections = vec![stated(place, &requirement, then.as_ref())];
    for (at, constraint) in requirement.stated.constraints.iter().enumerate() {
        sections.push(against(place, &requirement, (at, constraint), then.as_ref()));
    }
    sections.push(linked(address, &requirement.iri, &thread.trace));
    sections.push(decided(place, &requirement));
    sections.push(tables::history(place, Page::Requirement, &requirement.iri, &requirement.provenance));
    sections.push(request(&requirement));
    let all = requirement.satisfied_by.nodes.iter().flat_map(|design| of(design, &requirement));
    let worst = all.map(|margin| margin.verdict).min();
    let status = requirement.stated.status.as_deref().unwrap_or("no status");
    Ok(Some(Content {
        kind: "Requirement".to_owned(),
        heading: match (&requirement.identifier, &requirement.stated.title) {
            (Some(identifier), Some(title)) => format!("{identifier} {title}"),
            (identifier, title) => identifier.as_ref().or(title.as_ref()).unwrap_or(&requirement.iri).clone(),
        },
        lead: requirement.stated.description.clone().unwrap_or_default(),
        badges: worst.map(Cell::verdict).into_iter().chain([Cell::quiet(tables::words(status))]).collect(),
        sections,
    }))
}

/// Returns the margins of a design that are of the requirement.
fn of<'a>(design: &'a Design, requirement: &'a Requirement) -> impl Iterator<Item = &'a Margin> {
    let margins = design.margins.iter().flatten();
    margins.filter(|margin| margin.requirement.as_ref().is_some_and(|of| of.iri == requirement.iri))
}

fn stated(place: &Place, requirement: &Requirement, then: Option<&Then>) -> Section {
    let owner = requirement.owner.as_ref();
    let owner = owner.and_then(|owner| owner.identifier.as_deref().or(owner.title.as_deref()));
    let methods = requirement.verification_methods.join(", ").to_lowercase();
    let facts = Facts::default()
        .with("Name", Cell::code(&requirement.iri))
        .and("Owner", owner.map(Cell::text))
        .and("Integrity level", requirement.integrity_level.as_ref().map(Cell::text))
        .and("Verified by", Some(methods).filter(|methods| !methods.is_empty()).map(Cell::text))
        .and(
            "Part of",
            requirement.is_part_of.as_ref().map(|of| {
                tables::named(place, Page::Requirement, &of.iri, Some(of.name()))
                    .with(of.title.as_deref().unwrap_or_default())
            }),
        );
    let table = match then {
        None => {
            let rows = requirement.stated.constraints.iter().map(|of| {
                vec![
                    Cell::text(of.property()),
                    Cell::text(of.text()),
                    Cell::text(of.conditions()),
                    Cell::maybe(of.kind.as_deref().map(tables::words).as_deref()),
                ]
            });
            Table::new("limits", "Limits", &["Property", "Limit", "Of what", "Kind"]).rows(rows)
        }
        Some(then) => compared(requirement, then),
    };
    let section =
        Section::new("stated", "What is required").with(facts).with(table.or("It states no limit."));
    match then {
        Some(then) => section.with(Note::of(format!(
            "Compared with {}, recorded {}: {}.",
            place.then,
            minute(&then.commit.time),
            then.commit.subject()
        ))),
        None => section.with(Note::of(
            "To see what it required at another version, choose one under “compare with” at the top.",
        )),
    }
}

/// Returns what the requirement states now and then, differences marked.
fn compared(requirement: &Requirement, then: &Then) -> Table {
    let (now, before) = (&requirement.stated, then.requirement.as_ref());
    let text = |stated: Option<&Stated>, of: fn(&Stated) -> Option<&String>| {
        stated.and_then(of).cloned().unwrap_or_default()
    };
    let mut rows = Vec::new();
    let mut row = |what: String, then: String, now: String| {
        let mark = if then == now { Cell::quiet("same") } else { Cell::warning("≠ differs") };
        rows.push(vec![Cell::text(what), Cell::text(then), Cell::text(now), mark]);
    };
    for (what, of) in [
        ("Status", (|of| of.status.as_ref()) as fn(&Stated) -> Option<&String>),
        ("Title", |of| of.title.as_ref()),
        ("Text", |of| of.description.as_ref()),
    ] {
        row(what.to_owned(), text(before, of), text(Some(now), of));
    }
    let old = before.map(|of| of.constraints.as_slice()).unwrap_or_default();
    for constraint in &now.constraints {
        let before = old.iter().find(|of| of.iri == constraint.iri);
        let before = before.map_or_else(|| "no limit".to_owned(), Constraint::text);
        row(format!("Limit of {}", constraint.property()), before, constraint.text());
    }
    for gone in old.iter().filter(|old| !now.constraints.iter().any(|of| of.iri == old.iri)) {
        row(format!("Limit of {}", gone.property()), gone.text(), "no limit".to_owned());
    }
    Table::new("limits", "Then and now", &["What", "Then", "Now", "Difference"]).rows(rows)
}

/// Returns every unit of each design against one limit.
fn against(
    place: &Place,
    requirement: &Requirement,
    (at, constraint): (usize, &Constraint),
    then: Option<&Then>,
) -> Section {
    let all = requirement
        .satisfied_by
        .nodes
        .iter()
        .flat_map(|design| of(design, requirement).map(move |margin| (design, margin)));
    let of_this: Vec<_> = all.filter(|(_, margin)| margin.constraint.iri == constraint.iri).collect();
    let rows: Vec<Row<'_>> =
        of_this.iter().map(|(design, margin)| Row { name: design.name().to_owned(), margin }).collect();
    let heading = format!("{}: {}", constraint.property(), constraint.text());
    let section = Section::new(format!("field-{at}"), heading);
    if rows.is_empty() {
        return section.with(Note::of("No design revision satisfies this requirement at this version, so nothing is compared with its limit."));
    }
    let before = then
        .and_then(|then| then.requirement.as_ref())
        .and_then(|stated| stated.constraints.iter().find(|of| of.iri == constraint.iri));
    let before = before.filter(|before| {
        before.unit.as_ref().map(|unit| &unit.symbol) == constraint.unit.as_ref().map(|unit| &unit.symbol)
    });
    let axis = format!(
        "{} of {}{}, each dot one unit",
        constraint.quantity(),
        constraint.property(),
        symbol(constraint.unit.as_ref()).replace('\u{a0}', " in ")
    );
    let svg = strip::units(&rows, &before.map(Constraint::limits).unwrap_or_default(), &axis);
    let caption = format!(
        "Every unit that carried the design between {} and {}, by its {} {}. The shaded side keeps the limit; ▲ is what was predicted.",
        place.from,
        place.to,
        constraint.quantity(),
        constraint.conditions()
    );
    section
        .with(Figure { svg, caption })
        .with(designs(place, &of_this))
        .with(units(place, &of_this))
        .with(predictions(place, &of_this))
}

fn designs(place: &Place, margins: &[(&Design, &Margin)]) -> Table {
    let columns: Vec<&str> = ["Design"].into_iter().chain(tables::MARGIN).collect();
    let rows = margins.iter().map(|(design, margin)| {
        let status = design.status.as_deref().map(tables::words).unwrap_or_default();
        let revision = design.revision.as_ref().map(|revision| format!("revision {revision}, {status}"));
        let name = tables::named(place, Page::Design, &design.iri, Some(design.name()));
        let name = name.with(revision.unwrap_or(status));
        std::iter::once(name).chain(tables::margin(margin)).collect()
    });
    Table::new("designs", "By design revision", &columns).rows(rows)
}

fn units(place: &Place, margins: &[(&Design, &Margin)]) -> Table {
    let mut units: Vec<_> = margins
        .iter()
        .flat_map(|(design, margin)| margin.units.nodes.iter().map(move |unit| (*design, *margin, unit)))
        .collect();
    units.sort_by(|(_, _, one), (_, _, other)| {
        let distance = |of: Option<f64>| of.unwrap_or(f64::INFINITY);
        one.verdict.cmp(&other.verdict).then(distance(one.distance).total_cmp(&distance(other.distance)))
    });
    let total = margins.iter().map(|(_, margin)| margin.units.total()).sum();
    let rows = units.into_iter().map(|(design, margin, of)| {
        let unit = of.unit.as_ref();
        let serial = of.serial.as_deref().or(unit.and_then(|unit| unit.identifier.as_deref()));
        vec![
            unit.map_or_else(Cell::default, |unit| tables::named(place, Page::Unit, &unit.iri, serial)),
            Cell::text(design.name()),
            Cell::maybe(unit.and_then(|unit| unit.site.as_deref())),
            Cell::verdict(of.verdict),
            Cell::quantity(of.observed, &margin.symbol()),
            Cell::quantity(of.distance, &margin.symbol()),
            Cell::number(of.observed_hours),
        ]
    });
    Table::new(
        "units",
        "Units, worst first",
        &["Unit", "Design", "Site", "Verdict", "Observed", "Distance", "Hours observed"],
    )
    .rows(rows)
    .of(total)
}

fn predictions(place: &Place, margins: &[(&Design, &Margin)]) -> Table {
    let each = margins
        .iter()
        .flat_map(|(design, margin)| margin.predictions.iter().map(move |of| (design, margin, of)));
    let rows = each.map(|(design, margin, of)| {
        let error = margin.observed.zip(of.value).map(|(observed, predicted)| observed - predicted);
        vec![
            tables::record(place, &of.source),
            Cell::text(design.name()),
            Cell::instant(of.at.as_deref()),
            Cell::quantity(of.value, &margin.symbol()),
            Cell::quantity(margin.observed, &margin.symbol()),
            Cell::quantity(error, &margin.symbol()),
        ]
    });
    Table::new(
        "predictions",
        "Predicted by simulations and tests, beside what was observed",
        &["Source", "Design", "At", "Predicted", "Observed (worst)", "Difference"],
    )
    .rows(rows)
    .or("Nothing was predicted.")
}

fn linked(address: &Address, iri: &str, trace: &Connection<Step>) -> Section {
    let suspect: Vec<&Step> = trace.nodes.iter().filter(|step| step.suspect).collect();
    let mut section = Section::new("trace", "Trace, up and down");
    if !suspect.is_empty() {
        let text = "Links are suspect where their target has changed since they were made. Whoever finds that a link still holds true confirms it below the table.";
        section = section.with(Note::warning(format!("{} suspect. {text}", suspect.len())));
    }
    section = section.with(tables::trace(&address.place, trace).or("Nothing is linked to it."));
    suspect
        .into_iter()
        .take(CONFIRMED_MAX)
        .enumerate()
        .fold(section, |section, (at, step)| section.with(confirm(at, iri, step)))
}

/// Returns the form that confirms a suspect link.
fn confirm(at: usize, iri: &str, step: &Step) -> Form {
    let other = step.resource.iri.as_str();
    let (from, to) = if step.backward { (other, iri) } else { (iri, other) };
    let property = tables::words(&step.property);
    Form::of(Action::ConfirmLink, format!("{from} {property} {to}"))
        .called(format!("suspect-{at}"))
        .keep("from", from)
        .keep("to", to)
        .keep("property", step.property.as_str())
        .field(Field::line("reason", "Why it still holds"))
        .button("", "Confirm that the link is still right")
}

/// Returns the form that asks for a change of the requirement.
fn request(requirement: &Requirement) -> Section {
    let name = requirement.identifier.as_ref().unwrap_or(&requirement.iri);
    Section::new("request", "Request a change").with(tables::request(name))
}

fn decided(place: &Place, requirement: &Requirement) -> Section {
    let findings = tables::decided(place, Page::Finding, "findings", "Findings", &requirement.findings);
    let changes = tables::decided(place, Page::Change, "changes", "Changes", &requirement.change_requests);
    let reviews = tables::decided(place, Page::Review, "reviews", "Reviews", &requirement.reviews);
    Section::new("decisions", "Evidence, findings and decisions")
        .with(tables::evidence(place, &requirement.evidence))
        .with(findings.or("There is no finding."))
        .with(changes.or("No change has been requested."))
        .with(reviews.or("It was in no review."))
}
