//! A file on its way into the thread: chosen, its columns mapped to the fields of a class, shown as the commit that it would make, imported as a
//! job on a branch, and merged after a look. Series that no signal is bound to are bound here by choosing what they are.

use super::Content;
use super::tables::words;
use crate::app::access::Operation;
use crate::pages::action::Action;
use crate::pages::address::{Address, Place};
use crate::pages::answer::Connection;
use crate::pages::answer::margin::Property;
use crate::pages::answer::record::{Around, Job, Reference};
use crate::pages::answer::shape::{self, Input};
use crate::pages::content::cell::Cell;
use crate::pages::content::form::{Field, Form};
use crate::pages::content::section::{Note, Section};
use crate::pages::content::table::Table;
use crate::pages::page::Page;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The endings of the files that are taken.
const ACCEPTED: &str = ".csv,.tsv,.txt,.xlsx,.ttl,.nt,.rdf,.jsonld";

#[derive(Deserialize)]
struct Data {
    thread: Thread,
    changes: Input,
    form: Option<Input>,
    brought: Option<Brought>,
    preview: Option<Preview>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Thread {
    unbound_series: Option<Connection<Unbound>>,
    design_revisions: Connection<Design>,
}

/// A file that the service keeps for a while, as the server describes it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Brought {
    file: String,
    /// What the source is called where nobody states it.
    source: String,
    is_table: bool,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// What an import would come to.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Preview {
    #[serde(default)]
    preview: Option<Vec<Changed>>,
    /// How many records would change in all, where those are the first of them.
    #[serde(default)]
    preview_total: Option<usize>,
    #[serde(default)]
    changed: usize,
    #[serde(default)]
    ignored: Vec<String>,
    #[serde(default)]
    unused_columns: Vec<Unused>,
    /// Why it would be refused.
    message: Option<String>,
}

#[derive(Deserialize)]
struct Changed {
    resource: String,
    difference: String,
    properties: Vec<Differing>,
}

#[derive(Deserialize)]
struct Differing {
    property: String,
    removed: Vec<String>,
    added: Vec<String>,
}

#[derive(Deserialize)]
struct Unused {
    columns: Vec<String>,
}

#[derive(Deserialize)]
struct Unbound {
    reason: String,
    series: Series,
    twin: Option<Twin>,
    signals: Vec<Signal>,
}

#[derive(Deserialize)]
struct Series {
    measurement: String,
    twin: String,
    field: String,
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
    value: String,
}

#[derive(Deserialize)]
struct Twin {
    iri: String,
    identifier: Option<String>,
    signals: Vec<Reference>,
}

#[derive(Deserialize)]
struct Design {
    signals: Vec<Signal>,
}

#[derive(Deserialize)]
struct Signal {
    name: Option<String>,
    property: Option<Property>,
    unit: Option<Measured>,
}

#[derive(Deserialize)]
struct Measured {
    iri: String,
    symbol: Option<String>,
}

/// Returns the content of the page.
pub(super) fn content(
    address: &Address,
    data: &Value,
    around: &Around,
) -> Result<Content, serde_json::Error> {
    let data = Data::deserialize(data)?;
    let mut sections = Vec::new();
    if let Some(job) = around.jobs.nodes.iter().find(|job| job.id == address.value("job")) {
        sections.push(progress(address, job));
    }
    match &data.brought {
        Some(brought) => sections.extend(mapped(address, brought, &data)),
        None if !address.value("upload").is_empty() => sections.push(
            Section::new("file", "File")
                .with(Note::warning("The service no longer keeps this file: choose it once more.")),
        ),
        None => {}
    }
    sections.push(choose(address));
    if let Some(unbound) = &data.thread.unbound_series {
        sections.push(bind(unbound, &data.thread.design_revisions));
    }
    Ok(Content {
        kind: "Bring data".to_owned(),
        heading: match &data.brought {
            Some(brought) => format!("Bring in {}", brought.file),
            None => "Bring data into the thread".to_owned(),
        },
        lead: "A file becomes the content of a source: what it states, and no longer states, goes to a branch of its own first and is merged after a look.".to_owned(),
        sections,
        ..Content::default()
    })
}

fn choose(address: &Address) -> Section {
    let form = Form::bring("upload", "Choose a file, or drop it here", Operation::Import, address.at(&address.place, &[]))
        .note("CSV or TSV text, a workbook of Excel, or RDF as Turtle, N-Triples, RDF/XML or JSON-LD; 16 MB at the most. Larger files are sent by the command line or HTTP.")
        .field(Field::file("file", "File", ACCEPTED).required())
        .button("", "Look at it");
    let make = Form::show("make", "Or make one record in a form", address.place.path(Page::Edit));
    let make = address.place.values().into_iter().fold(make, |form, (name, value)| form.keep(name, value));
    Section::new("file", "File").with(form).with(make.button("", "Choose a class"))
}

/// Returns the sections of a file: its first rows, the form that maps its columns, and what would come of it.
fn mapped(address: &Address, brought: &Brought, data: &Data) -> Vec<Section> {
    let class = address.value("class");
    let mut sections = Vec::new();
    if let Some(preview) = &data.preview {
        sections.push(previewed(preview));
    }
    if brought.is_table {
        sections.push(looked_at(brought));
        sections.push(Section::new("class", "What a row is").with(classes(address, &data.changes)));
    }
    match (&data.form, brought.is_table) {
        (Some(shape), true) if !class.is_empty() => {
            sections.push(Section::new("mapping", "Columns").with(columns(class, brought, shape)));
        }
        (_, false) => sections.push(Section::new("mapping", "Import").with(import(brought))),
        _ => {}
    }
    sections
}

fn looked_at(brought: &Brought) -> Section {
    let columns: Vec<&str> = brought.columns.iter().map(String::as_str).collect();
    let rows = brought.rows.iter().map(|row| row.iter().map(Cell::text).collect());
    Section::new("rows", "Its first rows")
        .with(Table::of_file("rows", "As they are written", &columns).rows(rows).or("It has no rows."))
}

fn classes(address: &Address, changes: &Input) -> Form {
    let classes = changes.input_fields.iter().filter_map(|field| field.name.strip_prefix("put"));
    let options = classes.map(|class| (class.to_owned(), words(class).trim().to_owned()));
    let form = Form::show("class", "Each row describes a", address.place.path(Page::Bring))
        .keep("upload", address.value("upload"));
    let form = address.place.values().into_iter().fold(form, |form, (name, value)| form.keep(name, value));
    form.field(Field::choice("class", "Class", options).with(address.value("class")).required())
        .button("", "Show its fields")
}

/// Returns the form that maps columns to fields, with a guess for each.
fn columns(class: &str, brought: &Brought, shape: &Input) -> Form {
    let fields: Vec<&shape::Field> =
        shape.input_fields.iter().filter(|field| field.is_plain() && field.name != "id").collect();
    let options = || {
        let own = fields.iter().map(|field| {
            let link = if field.type_name() == "ID" { " (a link)" } else { "" };
            (field.name.clone(), format!("{}{link}", words(&field.name)))
        });
        std::iter::once((String::new(), "not used".to_owned())).chain(own).collect::<Vec<_>>()
    };
    let mut taken = Vec::new();
    let guesses: Vec<&str> =
        brought.columns.iter().map(|column| guess(column, &fields, &mut taken)).collect();
    let named = brought.columns.iter().zip(&guesses).find(|(_, guess)| **guess == "identifier");
    let key = named.map(|(column, _)| column).or(brought.columns.first()).cloned().unwrap_or_default();
    let name = format!("{}/{{{key}}}", first_lower(class));
    let form = import(brought).keep("class", class).field(
        Field::line("id", "Name of each record")
            .hint("columns in braces are replaced by the cells of the row")
            .with(name)
            .required(),
    );
    let form = brought.columns.iter().zip(guesses).enumerate().fold(form, |form, (at, (column, guess))| {
        let form = form.keep(&format!("name:{at}"), column.as_str());
        let form = form.field(Field::choice(&format!("column:{at}"), column, options()).with(guess));
        match fields.iter().any(|field| field.name == guess && field.type_name() == "ID") {
            true => form.field(
                Field::line(&format!("link:{at}"), &format!("{column}: begin of the name that it links to"))
                    .hint("such as part/"),
            ),
            false => form,
        }
    });
    form.field(Field::line("decimal", "Decimal mark").hint(". where it is empty"))
        .field(
            Field::line("format", "How times are written")
                .hint("such as DD.MM.YYYY hh:mm; ISO 8601 where it is empty"),
        )
        .field(Field::line("zone", "Zone of times without an offset").hint("such as Europe/Berlin"))
        .button("MAPPING", "Download the mapping")
}

/// Returns the form that imports the file, with what every file needs.
fn import(brought: &Brought) -> Form {
    let form = Form::bring("import", "Import", Operation::Import, String::new())
        .note("The preview writes nothing. The import runs as a job on the branch; merge it after a look.")
        .field(
            Field::line("source", "Source")
                .hint("the tool or person that the file comes from; the same name with every new export")
                .with(brought.source.as_str())
                .required(),
        )
        .field(
            Field::line("into", "Branch")
                .hint("made where it is not there")
                .with(format!("bring/{}", brought.source))
                .required(),
        );
    form.button("PREVIEW", "Show the commit that it would make").button("IMPORT", "Import as a job")
}

fn previewed(preview: &Preview) -> Section {
    let section = Section::new("preview", "The commit that it would make");
    if let Some(message) = &preview.message {
        return section.with(Note::warning(format!("It would be refused: {message}")));
    }
    let changes = preview.preview.as_deref().unwrap_or_default();
    let rows = changes.iter().flat_map(|of| {
        of.properties.iter().map(move |property| {
            vec![
                Cell::text(&of.resource),
                Cell::quiet(words(&of.difference)),
                Cell::text(words(&property.property)),
                Cell::text(property.removed.join(", ")),
                Cell::text(property.added.join(", ")),
            ]
        })
    });
    let columns = ["Record", "Difference", "Field", "Removed", "Added"];
    let text = format!(
        "{} records and {} statements would change. Nothing is written yet.",
        preview.preview_total.unwrap_or(changes.len()),
        preview.changed
    );
    let table = Table::of_file("preview", "The first statements that would change", &columns).rows(rows);
    let section = section.with(text).with(table.or("Nothing would change."));
    let unused: Vec<&str> =
        preview.unused_columns.iter().flat_map(|of| &of.columns).map(String::as_str).collect();
    let section = match unused.is_empty() {
        true => section,
        false => section.with(Note::of(format!("Columns that are not used: {}.", unused.join(", ")))),
    };
    preview.ignored.iter().fold(section, |section, text| section.with(Note::warning(text.as_str())))
}

/// Returns how far the import of the address is, and where to go on.
fn progress(address: &Address, job: &Job) -> Section {
    let place = &address.place;
    let branch = address.value("branch");
    let there = Place { at: branch.to_owned(), then: "main".to_owned(), ..place.clone() };
    let look = || there.href(Page::Versions, &[("branch", branch)]);
    let section = Section::new("job", "The import");
    match job.state.as_str() {
        "DONE" => {
            section.with(Note::of(format!("It is on {branch}.")).to("Look at what it changed", look())).with(
                Note::of("Then:").to(
                    "merge it into main",
                    place.href(Page::Merge, &[("source", branch), ("into", "main")]),
                ),
            )
        }
        "FAILED" | "CANCELLED" | "INTERRUPTED" => section.with(
            Note::warning(format!("It is {}; nothing was written.", words(&job.state)))
                .to("The reason", place.href(Page::Versions, &[]) + "#jobs"),
        ),
        state => section
            .with(Note::of(format!("It is {}.", words(state))).to("Look again", address.at(place, &[])))
            .awaiting(),
    }
}

/// Guesses the field that a column is of, by their names; each field is taken once.
fn guess<'a>(column: &str, fields: &[&'a shape::Field], taken: &mut Vec<&'a str>) -> &'a str {
    let plain = |text: &str| -> String {
        text.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    const OTHERS: [(&str, &[&str]); 6] = [
        (
            "identifier",
            &["id", "serial", "serialnumber", "serialno", "number", "no", "key", "tag", "sn", "unit"],
        ),
        ("title", &["name", "summary", "subject", "heading"]),
        ("description", &["text", "note", "remarks", "comment"]),
        ("commissionedAt", &["inservice", "commissioned", "start"]),
        ("site", &["plant", "location"]),
        ("status", &["state"]),
    ];
    let own = plain(column);
    let is_free = |field: &&&'a shape::Field| !taken.contains(&field.name.as_str());
    let found = fields.iter().filter(is_free).find(|field| plain(&field.name) == own).or_else(|| {
        let name = OTHERS.iter().find(|(_, names)| names.contains(&own.as_str())).map(|(name, _)| *name);
        fields.iter().filter(is_free).find(|field| Some(field.name.as_str()) == name)
    });
    let found = found.map(|field| field.name.as_str()).unwrap_or_default();
    if !found.is_empty() {
        taken.push(found);
    }
    found
}

fn first_lower(class: &str) -> String {
    let mut signs = class.chars();
    signs.next().map(|first| first.to_ascii_lowercase().to_string() + signs.as_str()).unwrap_or_default()
}

/// Returns the series that no signal is bound to, each with a form that gives its unit the signal.
fn bind(unbound: &Connection<Unbound>, designs: &Connection<Design>) -> Section {
    let rows = unbound.nodes.iter().map(|of| {
        let Series { measurement, twin, field, .. } = &of.series;
        vec![Cell::text(twin), Cell::code(measurement), Cell::code(field), Cell::text(words(&of.reason))]
    });
    let table = Table::of_file(
        "unbound",
        "Series that no signal is bound to",
        &["Unit", "Measurement", "Field", "Reason"],
    )
    .rows(rows)
    .of(unbound.total())
    .or("Every series is bound to a signal.");
    let known: BTreeMap<String, String> =
        designs.nodes.iter().flat_map(|design| &design.signals).filter_map(meaning).collect();
    let section = Section::new("unbound", "Series without a signal").with(table);
    let bound = unbound.nodes.iter().enumerate().filter_map(|(at, of)| Some((at, of, of.twin.as_ref()?)));
    bound.take(BOUND_MAX).fold(section, |section, (at, of, twin)| section.with(signal(at, of, twin, &known)))
}

/// How many series have a form on the page.
const BOUND_MAX: usize = 10;

/// Returns what a signal observes, in which unit: as the value of a choice, and as text.
fn meaning(signal: &Signal) -> Option<(String, String)> {
    let property = signal.property.as_ref()?;
    let unit = signal.unit.as_ref();
    let symbol = unit.and_then(|unit| unit.symbol.as_deref()).unwrap_or("no unit");
    let value = format!("{} {}", property.iri, unit.map(|unit| unit.iri.as_str()).unwrap_or_default());
    Some((value, format!("{} in {symbol}", property.name())))
}

fn signal(at: usize, of: &Unbound, twin: &Twin, known: &BTreeMap<String, String>) -> Form {
    let Series { measurement, field, tags, .. } = &of.series;
    let own: BTreeMap<String, String> = of.signals.iter().filter_map(meaning).collect();
    let options = if own.is_empty() { known.clone() } else { own };
    let tags = tags.iter().map(|tag| format!("{}={}", tag.name, tag.value));
    let source: Vec<String> = std::iter::once(measurement.clone()).chain(tags).collect();
    let stay = twin.signals.iter().map(|signal| signal.iri.as_str()).collect::<Vec<_>>().join(" ");
    let name = twin.identifier.as_deref().unwrap_or(&twin.iri);
    let names: Vec<&str> = of.signals.iter().filter_map(|signal| signal.name.as_deref()).collect();
    let form = Form::of(Action::Bind, format!("{field} of {name} is"))
        .called(format!("bind-{at}"))
        .keep("twin", twin.iri.as_str())
        .keep("field", field.as_str())
        .keep("source", source.join(","))
        .keep("stay", stay)
        .field(Field::choice("meaning", "What is observed", options).required());
    let form = if names.is_empty() {
        form
    } else {
        form.note(format!("Signals that it could be: {}.", names.join(", ")))
    };
    form.field(Field::line("reason", "Message of the commit")).button("", "Bind it")
}
