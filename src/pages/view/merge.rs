//! A merge that is to be decided: what it would change, what conflicts, and the form that takes a side or another value for each conflict.

use super::Content;
use super::tables::{self, Changed};
use crate::pages::action::Action;
use crate::pages::address::{Address, Place};
use crate::pages::answer::Connection;
use crate::pages::answer::record::Commit;
use crate::pages::content::cell::Cell;
use crate::pages::content::form::{Field, Form};
use crate::pages::content::section::{Facts, Note, Section};
use crate::pages::content::table::Table;
use crate::pages::page::Page;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    lines: Connection<Line>,
    merge_preview: Option<Preview>,
}

#[derive(Deserialize)]
struct Line {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Preview {
    clean: bool,
    merged_already: bool,
    source: Commit,
    into: Commit,
    conflicts: Connection<Conflict>,
    violations: Connection<Violation>,
    changes: Connection<Changed>,
}

#[derive(Deserialize)]
struct Conflict {
    resource: String,
    property: Option<String>,
    kind: String,
    base: Vec<String>,
    ours: Side,
    theirs: Side,
    links: Vec<Linking>,
}

#[derive(Deserialize)]
struct Side {
    values: Vec<String>,
    commit: Option<Commit>,
}

#[derive(Deserialize)]
struct Linking {
    from: String,
    property: String,
}

#[derive(Deserialize)]
struct Violation {
    resource: String,
    path: Option<String>,
    message: String,
}

/// Returns the content of the page.
pub(super) fn content(address: &Address, data: &Value) -> Result<Content, serde_json::Error> {
    let Data { lines, merge_preview } = Data::deserialize(data)?;
    let (source, into) = (address.value("source"), address.merge_target());
    let mut sections = vec![choose(address, &lines)];
    if let Some(preview) = &merge_preview {
        sections.push(decide(address, preview));
        sections.push(changes(&address.place, preview));
    }
    Ok(Content {
        kind: "Merge".to_owned(),
        heading: match source {
            "" => "Merge a version into a branch".to_owned(),
            source => format!("Merge {source} into {into}"),
        },
        lead: "A merge compares values, not lines: only two different values for one thing conflict."
            .to_owned(),
        sections,
        ..Content::default()
    })
}

fn choose(address: &Address, lines: &Connection<Line>) -> Section {
    let names = || lines.nodes.iter().map(|line| line.name.clone());
    let (place, source) = (&address.place, address.value("source"));
    let form = Form::show("choose", "What is merged into what", place.path(Page::Merge))
        .keep("at", place.at.as_str())
        .keep("asKnownAt", place.as_known_at.as_str())
        .keep("from", place.from.as_str())
        .keep("to", place.to.as_str())
        .field(Field::proposed("source", "Version to merge", names()).with(source).required())
        .field(
            Field::proposed("into", "Branch that takes it", names()).with(address.merge_target()).required(),
        )
        .button("", "Show what it would do");
    Section::new("choose", "Merge what").with(form)
}

fn decide(address: &Address, preview: &Preview) -> Section {
    let (source, into) = (address.value("source"), address.merge_target());
    let facts = Facts::default()
        .with("To merge", tables::since(&preview.source).shown(source))
        .with("Into", tables::since(&preview.into).shown(into))
        .with("Conflicts", Cell::count(preview.conflicts.total()))
        .with("Rules that the result would break", Cell::count(preview.violations.total()));
    let mut section = Section::new("decide", "Decision").with(facts);
    if preview.merged_already {
        return section.with(format!("{into} has all of {source} already."));
    }
    if !preview.violations.nodes.is_empty() {
        section = section.with(violations(preview));
    }
    if preview.conflicts.total() > preview.conflicts.nodes.len() {
        let text = "There are more conflicts than this page has room for: decide them from a file, with throughline merge --resolutions.";
        return section.with(Note::warning(text));
    }
    if preview.clean {
        section = section.with("Nothing conflicts.");
    }
    let form = Form::of(Action::Merge, format!("Merge {source} into {into}"))
        .note("Refused where the branch has moved since this page was made.")
        .keep("source", source)
        .keep("into", into)
        .keep("expectedHead", preview.into.id.as_str());
    let conflicts = preview.conflicts.nodes.iter().enumerate();
    let form = conflicts.fold(form, |form, conflict| conflicting(form, conflict, (source, into)));
    section.with(
        form.field(
            Field::line("message", "Message of the commit").hint("a summary of the merge where it is empty"),
        )
        .button("", "Merge"),
    )
}

/// Adds the fields that decide a conflict.
fn conflicting(form: Form, (at, of): (usize, &Conflict), (source, into): (&str, &str)) -> Form {
    let values = |values: &[String]| if values.is_empty() { "nothing".to_owned() } else { values.join(", ") };
    let side = |side: &Side, name: &str| {
        let commit = side.commit.as_ref();
        let who = commit.map(|of| format!(" ({}: {})", of.author.name, of.subject())).unwrap_or_default();
        format!("{name}: {}{who}", values(&side.values))
    };
    let property = of.property.as_deref();
    let label = format!("{} {}", of.resource, property.map(tables::words).unwrap_or_default());
    let links: Vec<String> =
        of.links.iter().map(|link| format!("{} {}", link.from, tables::words(&link.property))).collect();
    let linked = match links.is_empty() {
        true => String::new(),
        false => format!(" Linked by {}.", links.join(", ")),
    };
    let mut options =
        vec![("OURS".to_owned(), side(&of.ours, into)), ("THEIRS".to_owned(), side(&of.theirs, source))];
    let form = form.keep(&format!("resource:{at}"), of.resource.as_str());
    let form = match property {
        Some(property) => {
            options.push(("VALUES".to_owned(), "another value:".to_owned()));
            form.keep(&format!("property:{at}"), property)
        }
        None => form,
    };
    let was = format!("{}; before, it was {}.{linked}", tables::words(&of.kind), values(&of.base));
    let form = form.field(Field::sides(&format!("take:{at}"), label.trim(), options).hint(was).required());
    match property {
        Some(_) => form.field(
            Field::line(&format!("values:{at}"), "Another value")
                .hint("used where “another value” is chosen; written as in a table, such as 80.5 or a name"),
        ),
        None => form,
    }
}

fn violations(preview: &Preview) -> Table {
    let rows =
        preview.violations.nodes.iter().map(|of| {
            vec![Cell::text(&of.resource), Cell::maybe(of.path.as_deref()), Cell::text(&of.message)]
        });
    Table::new("violations", "Rules that the result would break", &["Record", "Field", "What is wrong"])
        .rows(rows)
        .of(preview.violations.total())
}

fn changes(place: &Place, preview: &Preview) -> Section {
    let there = Place { at: preview.source.id.clone(), then: preview.into.id.clone(), ..place.clone() };
    Section::new("changes", "What it would change")
        .with(tables::changed(place, &preview.changes).or("It would change nothing."))
        .with(Note::of("The two versions beside each other:").to("compare", there.href(Page::Versions, &[])))
}
