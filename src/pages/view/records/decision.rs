//! A finding, and a requested change: what was seen, what was decided with which reason, whether the answer worked, and the form to decide.

use crate::pages::action::Action;
use crate::pages::address::{Address, Place};
use crate::pages::answer::Connection;
use crate::pages::answer::evidence::{Came, Effect, Evidence};
use crate::pages::answer::margin::{Constraint, symbol};
use crate::pages::answer::record::{Decided, Reference, Step};
use crate::pages::content::cell::Cell;
use crate::pages::content::form::{Field, Form};
use crate::pages::content::section::{Facts, Note, Section};
use crate::pages::content::table::Table;
use crate::pages::page::Page;
use crate::pages::view::Content;
use crate::pages::view::tables::{self, History, words};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Data {
    thread: Thread,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Thread {
    finding: Option<Finding>,
    change_request: Option<Change>,
    #[serde(default)]
    design_revisions: Connection<Reference>,
    trace: Connection<Step>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    description: Option<String>,
    constraint: Option<Constraint>,
    evidence: Connection<Evidence>,
    change_requests: Connection<Decided>,
    effectiveness: Vec<Effect>,
    provenance: History,
    #[serde(flatten)]
    decided: Decided,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    description: Option<String>,
    affects: Connection<Reference>,
    answered_by: Connection<Reference>,
    findings: Connection<Decided>,
    evidence: Connection<Evidence>,
    effectiveness: Vec<Effect>,
    provenance: History,
    #[serde(flatten)]
    decided: Decided,
}

/// Returns the content of a finding's page; nothing where the version has no such finding.
pub(in crate::pages::view) fn finding(
    address: &Address,
    data: &Value,
) -> Result<Option<Content>, serde_json::Error> {
    let Data { thread } = Data::deserialize(data)?;
    let Some(finding) = &thread.finding else { return Ok(None) };
    let place = &address.place;
    let limit = finding.constraint.as_ref().map(|of| Cell::text(of.text()).with(of.property()));
    let facts = about(place, &finding.decided).and("Limit at this version", limit);
    let changes = tables::decided(place, Page::Change, "changes", "Changes", &finding.change_requests);
    Ok(Some(Content {
        sections: vec![
            Section::new("about", "What was seen")
                .with(facts)
                .with(Note::of("Each version in the table leads to the design as it was when the evidence was recorded: the same statements and the same telemetry."))
                .with(tables::evidence(place, &finding.evidence)),
            decide_finding(&finding.decided),
            Section::new("changes", "What came of it")
                .with(changes.or("No change has been requested."))
                .with(effect(place, &finding.effectiveness)),
            Section::new("trace", "Trace").with(tables::trace(place, &thread.trace)),
            tables::history(place, Page::Finding, &finding.decided.iri, &finding.provenance),
        ],
        ..content("Finding", &finding.decided, finding.description.as_deref())
    }))
}

/// Returns the content of a change's page; nothing where the version has no such change.
pub(in crate::pages::view) fn change(
    address: &Address,
    data: &Value,
) -> Result<Option<Content>, serde_json::Error> {
    let Data { thread } = Data::deserialize(data)?;
    let Some(change) = &thread.change_request else { return Ok(None) };
    let place = &address.place;
    let list = |name, caption: &str, of: &Connection<Reference>| {
        let rows = of.nodes.iter().map(|of| vec![tables::record(place, of)]);
        Table::new(name, caption, &["Record"]).rows(rows).of(of.total())
    };
    let findings =
        tables::decided(place, Page::Finding, "findings", "Findings that it answers", &change.findings);
    Ok(Some(Content {
        sections: vec![
            Section::new("about", "Why")
                .with(about(place, &change.decided))
                .with(findings.or("It answers no finding."))
                .with(
                    list("affects", "What it affects", &change.affects)
                        .or("It states nothing that it affects."),
                ),
            match change.decided.state.as_deref() {
                Some("OPEN" | "APPROVED") => {
                    decide_change(&change.decided, &change.evidence).with(answer(&thread.design_revisions))
                }
                _ => decide_change(&change.decided, &change.evidence),
            },
            Section::new("answer", "What came of it")
                .with(
                    list("answers", "Design revisions that answer it", &change.answered_by)
                        .or("No design revision answers it."),
                )
                .with(effect(place, &change.effectiveness))
                .with(tables::evidence(place, &change.evidence)),
            Section::new("trace", "Trace").with(tables::trace(place, &thread.trace)),
            tables::history(place, Page::Change, &change.decided.iri, &change.provenance),
        ],
        ..content("Change", &change.decided, change.description.as_deref())
    }))
}

fn content(kind: &str, decided: &Decided, description: Option<&str>) -> Content {
    let state = decided.state.as_deref().map(words).unwrap_or_default();
    let is_open = matches!(decided.state.as_deref(), Some("OPEN" | "APPROVED" | "IMPLEMENTED"));
    Content {
        kind: kind.to_owned(),
        heading: decided.title.as_deref().unwrap_or(decided.name()).to_owned(),
        lead: description.unwrap_or_default().to_owned(),
        badges: vec![if is_open { Cell::warning(state) } else { Cell::quiet(state) }],
        ..Content::default()
    }
}

fn about(place: &Place, decided: &Decided) -> Facts {
    let requirement = decided.requirement.as_ref();
    Facts::default()
        .with("Name", Cell::code(&decided.iri))
        .and("Design", decided.design.as_ref().map(|of| tables::record(place, of)))
        .and(
            "Requirement",
            requirement.map(|of| tables::named(place, Page::Requirement, &of.iri, Some(of.name()))),
        )
        .and("Recorded", decided.generated_at.as_deref().map(|at| Cell::instant(Some(at))))
        .and("Decided by", decided.decided_by.as_deref().map(Cell::text))
        .and("Decided", decided.decided_at.as_deref().map(|at| Cell::instant(Some(at))))
        .and("Reason", decided.reason.as_deref().map(Cell::text))
}

/// Returns the form by which somebody decides on a finding; the rights are checked again when it is sent.
fn decide_finding(decided: &Decided) -> Section {
    let section = Section::new("decide", "Decision");
    if decided.state.as_deref() != Some("OPEN") {
        return section.with("It is decided. Worse evidence opens another finding.");
    }
    let of = "of the change that an accepted finding requests; made of the finding where it is empty";
    section.with(
        Form::of(Action::DecideFinding, "Decide on this finding")
            .note("Refused where the evidence has changed since this version.")
            .field(Field::lines("reason", "Reason").required())
            .field(Field::line("identifier", "Identifier of the change").hint(of))
            .field(Field::line("title", "What the change asks for").hint("in one line"))
            .field(Field::lines("description", "The change in more words"))
            .button("ACCEPT", "Accept, and request a change")
            .button("DISMISS", "Dismiss"),
    )
}

/// Returns the form by which somebody decides on a change.
fn decide_change(decided: &Decided, evidence: &Connection<Evidence>) -> Section {
    let section = Section::new("decide", "Decision");
    let buttons: &[(&str, &str)] = match decided.state.as_deref() {
        Some("OPEN") => &[("APPROVE", "Approve"), ("REJECT", "Reject")],
        Some("APPROVED") => &[("IMPLEMENT", "State that it is implemented"), ("REJECT", "Reject")],
        Some("IMPLEMENTED") => &[("CLOSE", "State that it works, and close"), ("REOPEN", "Reopen")],
        Some("VERIFIED" | "REJECTED") => &[("REOPEN", "Reopen")],
        _ => return section.with("Nothing is to be decided in this state."),
    };
    let form = Form::of(Action::DecideChange, "Decide on this change")
        .note("Refused where what it rests on has changed since this version.")
        .field(Field::lines("reason", "Reason").required());
    let form = evidence.nodes.iter().fold(form, |form, of| {
        let name = of.identifier.as_deref().or(of.title.as_deref()).unwrap_or(&of.iri);
        form.field(Field::check(&format!("evidence:{}", of.iri), &format!("It rests on {name}")))
    });
    section.with(buttons.iter().fold(form, |form, (value, text)| form.button(value, text)))
}

/// Returns the form that states which design revision answers a change.
fn answer(designs: &Connection<Reference>) -> Form {
    let options = designs.nodes.iter().map(|of| {
        let title = of.title.as_deref().filter(|title| *title != of.name()).unwrap_or_default();
        (of.iri.clone(), format!("{} {title}", of.name()).trim().to_owned())
    });
    Form::of(Action::AnswerChange, "State which design revision answers it")
        .note("A change can be implemented once a design revision answers it.")
        .field(Field::choice("design", "Design revision", options).required())
        .field(Field::line("reason", "Message of the commit"))
        .button("", "State it")
}

fn effect(place: &Place, effects: &[Effect]) -> Table {
    let rows = effects.iter().map(|of| {
        let came = |came: Option<&Came>| {
            let cell = came.map(|came| {
                Cell::verdict(came.verdict)
                    .with(Cell::quantity(came.observed, &symbol(came.unit.as_ref())).text)
            });
            cell.unwrap_or_else(|| Cell::quiet("not observed"))
        };
        vec![
            of.answer.as_ref().map_or_else(Cell::default, |answer| {
                tables::named(place, Page::Design, &answer.iri, Some(answer.name()))
            }),
            came(of.before.as_ref()),
            came(of.after.as_ref()),
            Cell::text(words(&of.proposal)),
            Cell::text(of.reasons.join("; ")),
        ]
    });
    let columns = ["Answer", "Before", "After", "Proposal", "Why"];
    Table::new("effect", "Did the answer work?", &columns)
        .rows(rows)
        .or("There is no answer yet that could have worked.")
}
