//! The form that makes or changes a record of any class, made from the shape of the class in the thread's schema; parts, such as limits and
//! signals, are in it with their own fields.

use super::Content;
use super::tables::words;
use crate::ontology::with_article;
use crate::pages::action::Action;
use crate::pages::address::Address;
use crate::pages::answer::Connection;
use crate::pages::answer::record::Reference;
use crate::pages::answer::shape::{self, Input};
use crate::pages::content::cell::Cell;
use crate::pages::content::form::{Field, Form};
use crate::pages::content::section::{Note, Section};
use crate::pages::page::Page;
use serde::Deserialize;
use serde_json::Value;

/// How many parts of a kind have fields; a record with more is edited by GraphQL or a table.
const PARTS_MAX: usize = 12;

/// Fields that forms leave to the service.
const LEFT_OUT: [&str; 2] = ["foreignIdentifiers", "drawnFrom"];

#[derive(Deserialize)]
struct Data {
    thread: Thread,
    changes: Input,
    form: Option<Input>,
}

#[derive(Deserialize)]
struct Thread {
    resource: Option<Resource>,
}

#[derive(Deserialize)]
struct Resource {
    provenance: Provenance,
    #[serde(flatten)]
    record: Reference,
}

#[derive(Deserialize)]
struct Provenance {
    blame: Connection<Statement>,
}

#[derive(Deserialize)]
struct Statement {
    subject: String,
    property: String,
    value: String,
}

/// Returns the content of the page; nothing where the version has no such record, or the thread no such class.
pub(super) fn content(address: &Address, data: &Value) -> Result<Option<Content>, serde_json::Error> {
    let Data { thread, changes, form } = Data::deserialize(data)?;
    let (id, class) = (address.value("id"), address.value("class"));
    let classes: Vec<&str> =
        changes.input_fields.iter().filter_map(|field| field.name.strip_prefix("put")).collect();
    let resource = thread.resource.as_ref();
    if (!id.is_empty() && resource.is_none()) || (!class.is_empty() && form.is_none()) {
        return Ok(None);
    }
    let name = resource.map_or_else(|| id.to_owned(), |of| of.record.name().to_owned());
    let mut sections = Vec::new();
    if let Some(form) = &form {
        sections.push(edit(class, &name, resource, form));
    }
    if resource.is_none() {
        sections.push(choose(address, &classes));
    }
    Ok(Some(Content {
        kind: words(class).trim().to_owned(),
        heading: match (resource, class) {
            (Some(_), _) => format!("Edit {name}"),
            (None, "") => "Make a record".to_owned(),
            (None, class) => format!("Make {}", with_article(words(class).trim())),
        },
        lead: "What the form states is checked against the shapes of the class and recorded as one commit, on main or on a draft branch.".to_owned(),
        badges: resource.map(|of| Cell::code(&of.record.iri)).into_iter().collect(),
        sections,
    }))
}

fn choose(address: &Address, classes: &[&str]) -> Section {
    let mut form = Form::show("class", "Of which class", address.place.path(Page::Edit));
    for (name, value) in address.place.values() {
        form = form.keep(name, value);
    }
    let options = classes.iter().map(|class| ((*class).to_owned(), words(class).trim().to_owned()));
    let form = form
        .field(Field::choice("class", "Class", options).with(address.value("class")).required())
        .button("", "Show its form");
    Section::new("class", "Class").with(form)
}

fn edit(class: &str, name: &str, resource: Option<&Resource>, shape: &Input) -> Section {
    let legend = match resource {
        Some(_) => format!("What {name} states"),
        None => format!("A new {}", words(class).trim()),
    };
    let mut form = Form::of(Action::Put, legend)
        .note("Refused where somebody else has changed the same since this version.")
        .keep("class", class);
    let stated = |subject: &str, field: &str| -> Vec<String> {
        let statements = resource.into_iter().flat_map(|of| &of.provenance.blame.nodes);
        let own = statements.filter(|of| of.subject == subject && is_of(field, &of.property));
        own.map(|of| of.value.clone()).collect()
    };
    let iri = resource.map(|of| of.record.iri.as_str()).unwrap_or_default();
    form = match resource {
        Some(_) => form.keep("record", iri),
        None => form.field(
            Field::line("record", "Name")
                .hint("such as requirement/REQ-20, below the base of the thread; made where it is empty"),
        ),
    };
    let fields = shape.input_fields.iter().filter(|field| !matches!(field.name.as_str(), "id"));
    for field in fields.filter(|field| !LEFT_OUT.contains(&field.name.as_str())) {
        form = match field.parts() {
            [] => one(form, field, ("", &words(&field.name)), &stated(iri, &field.name)),
            parts => several(form, (field, parts), iri, &stated),
        };
    }
    let left = left_out(resource, iri, shape);
    if !left.is_empty() {
        form = form.note(format!(
            "Stated, and not in this form: {}. A list that is filled in replaces what it has.",
            left.join(", ")
        ));
    }
    form = form
        .field(Field::line("message", "Message of the commit").required())
        .field(Field::line("draft", "New draft branch").hint("empty: the commit is made at once"))
        .button("", "Commit");
    let section = Section::new("form", "Form").with(form);
    let is_cut = resource.is_some_and(|of| of.provenance.blame.total() > of.provenance.blame.nodes.len());
    if is_cut {
        let text = "The record states more than this form has room for: change it by GraphQL or a table.";
        return Section::new("form", "Form").with(Note::warning(text));
    }
    section
}

/// Returns the properties that the record states and that no field of the form is of.
fn left_out(resource: Option<&Resource>, iri: &str, shape: &Input) -> Vec<String> {
    let statements = resource.into_iter().flat_map(|of| &of.provenance.blame.nodes);
    let own = statements.filter(|of| of.subject == iri && of.property != "type");
    let mut left: Vec<String> = own
        .filter(|of| !shape.input_fields.iter().any(|field| is_of(&field.name, &of.property)))
        .map(|of| words(&of.property))
        .collect();
    left.sort_unstable();
    left.dedup();
    left
}

/// Returns whether a field holds the values of a property: by the same name, or by its plural, as lists have.
fn is_of(field: &str, property: &str) -> bool {
    let is_plural = match property.strip_suffix('y') {
        Some(stem) => field.strip_suffix("ies") == Some(stem),
        None => field.strip_prefix(property).is_some_and(|end| matches!(end, "s" | "es")),
    };
    field == property || is_plural
}

/// Adds a field; its hidden companions state its type and what it was, so that what stays is not sent.
fn one(form: Form, of: &shape::Field, (prefix, label): (&str, &str), stated: &[String]) -> Form {
    let (name, kind) = (format!("{prefix}{}", of.name), of.type_name());
    let type_of = if of.is_list() { format!("[{kind}]") } else { kind.to_owned() };
    let was = stated.join("\n");
    let values = of.values();
    let field = match (of.is_list(), kind) {
        (true, _) => Field::lines(&format!("field:{name}"), label).hint("one a line"),
        (false, "Boolean") => {
            let options = [("", ""), ("true", "yes"), ("false", "no")];
            Field::choice(
                &format!("field:{name}"),
                label,
                options.map(|(value, text)| (value.to_owned(), text.to_owned())),
            )
        }
        (false, _) if !values.is_empty() => {
            let options = values.iter().map(|of| {
                let text = of.description.as_deref().map(|text| format!(": {text}")).unwrap_or_default();
                (of.name.clone(), format!("{}{text}", words(&of.name)))
            });
            let none = (String::new(), String::new());
            Field::choice(&format!("field:{name}"), label, std::iter::once(none).chain(options))
        }
        (false, "Float" | "Int" | "Long") => Field::number(&format!("field:{name}"), label),
        _ if of.name == "description" => Field::lines(&format!("field:{name}"), label),
        _ => Field::line(&format!("field:{name}"), label),
    };
    let about = of.description.as_deref().unwrap_or_default();
    let field = if of.is_list() { field } else { field.hint(about) };
    form.keep(&format!("type:{name}"), type_of)
        .keep(&format!("was:{name}"), was.as_str())
        .field(field.with(was))
}

/// Adds the parts of a kind, such as limits: those that there are, and one that is new.
fn several(
    mut form: Form,
    (of, fields): (&shape::Field, &[shape::Field]),
    iri: &str,
    stated: &dyn Fn(&str, &str) -> Vec<String>,
) -> Form {
    let there = stated(iri, &of.name);
    let name = words(&of.name);
    if there.len() > PARTS_MAX {
        return form.note(format!("It has more {name} than this form has room for: they stay as they are."));
    }
    let new = String::new();
    let room = if of.is_list() || there.is_empty() { 1 } else { 0 };
    for (at, part) in there.iter().chain(std::iter::repeat_n(&new, room)).enumerate() {
        let part_name = part.strip_prefix(iri).unwrap_or(part);
        let prefix = format!("{}:{at}:", of.name);
        form = form
            .keep(&format!("part:{}:{at}", of.name), part_name)
            .keep(&format!("list:{}", of.name), of.is_list().to_string());
        for field in fields.iter().filter(|field| field.name != "id" && field.parts().is_empty()) {
            let label = match part.as_str() {
                "" => format!("New {name}: {}", words(&field.name)),
                _ => format!("{part_name}: {}", words(&field.name)),
            };
            form = one(form, field, (&prefix, &label), &stated(part, &field.name));
        }
    }
    form
}
