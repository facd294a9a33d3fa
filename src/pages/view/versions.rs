//! The versions of a branch, newest first; and where two are compared, what changed from one to the other.

use super::Content;
use super::tables::{self, Changed, words};
use crate::pages::action::Action;
use crate::pages::address::{Address, Place};
use crate::pages::answer::Connection;
use crate::pages::answer::record::{Commit, Reference};
use crate::pages::content::cell::Cell;
use crate::pages::content::form::{Field, Form};
use crate::pages::content::section::{Note, Section};
use crate::pages::content::table::Table;
use crate::pages::page::Page;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Data {
    log: Log,
    named: Connection<Named>,
    lines: Connection<Line>,
    files: Connection<Job>,
    diff: Option<Diff>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Log {
    nodes: Vec<Commit>,
    page_info: PageInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
    commit: Option<Commit>,
}

#[derive(Deserialize)]
struct Line {
    name: String,
    head: Option<Commit>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Job {
    id: String,
    kind: String,
    state: String,
    by: String,
    submitted_at: String,
    ended_at: Option<String>,
    files: u64,
    parameters: String,
    error: Option<JobError>,
    commit: Option<Commit>,
}

#[derive(Deserialize)]
struct JobError {
    message: String,
}

#[derive(Deserialize)]
struct Diff {
    from: Commit,
    to: Commit,
    notes: Connection<Noted>,
    resources: Connection<Changed>,
}

#[derive(Deserialize)]
struct Noted {
    text: String,
    kind: String,
    resource: Reference,
}

/// Returns the content of the page.
pub(super) fn content(address: &Address, data: &Value) -> Result<Content, serde_json::Error> {
    let data = Data::deserialize(data)?;
    let place = &address.place;
    let mut sections: Vec<Section> = data.diff.iter().map(|diff| self::diff(place, diff)).collect();
    sections.push(log(address, &data.log));
    sections.push(names(place, &data));
    sections.push(jobs(place, &data.files));
    sections.push(forms(&data));
    Ok(Content {
        kind: "Versions".to_owned(),
        heading: match &data.diff {
            Some(_) => format!("From {} to {}", place.then, place.at),
            None => format!("Versions of {}", address.branch()),
        },
        lead: "A version never changes; a correction is another version. “compare” shows what changed from one to that of this page.".to_owned(),
        sections,
        ..Content::default()
    })
}

fn row(place: &Place, name: &str, commit: Option<&Commit>) -> Vec<Cell> {
    let there = Place { at: name.to_owned(), ..place.clone() };
    let then = Place { then: name.to_owned(), ..place.clone() };
    vec![
        Cell::link(name, there.href(Page::Overview, &[])),
        Cell::instant(commit.map(|commit| commit.time.as_str())),
        Cell::maybe(commit.map(|commit| commit.author.name.as_str())),
        Cell::maybe(commit.map(Commit::subject)),
        Cell::link("compare", then.href(Page::Versions, &[])),
    ]
}

fn log(address: &Address, log: &Log) -> Section {
    let place = &address.place;
    let rows = log.nodes.iter().map(|commit| row(place, commit.short(), Some(commit)));
    let columns = ["Version", "Recorded", "By", "Message", "To this page's version"];
    let table = Table::new("log", "Newest first", &columns).rows(rows).all();
    let section = Section::new("log", "Log").with(table.or("There is no version."));
    match log.page_info.end_cursor.as_deref().filter(|_| log.page_info.has_next_page) {
        None => section,
        Some(after) => {
            let href = place.href(Page::Versions, &[("branch", address.branch()), ("after", after)]);
            section.with(Note::of("These are not all.").to("Older versions", href))
        }
    }
}

fn names(place: &Place, data: &Data) -> Section {
    let columns = ["Name", "Recorded", "By", "Message", "To this page's version"];
    let tags = data.named.nodes.iter().map(|tag| row(place, &tag.name, tag.commit.as_ref()));
    let branches = data.lines.nodes.iter().map(|branch| {
        let mut row = row(place, &branch.name, branch.head.as_ref());
        let href = place.href(Page::Merge, &[("source", &branch.name), ("into", "main")]);
        row.push(match branch.name.as_str() {
            "main" => Cell::default(),
            _ => Cell::link("merge into main", href),
        });
        row
    });
    let of_branches: Vec<&str> = columns.into_iter().chain(["Merge"]).collect();
    Section::new("names", "Names of versions")
        .with(
            Table::new("tags", "Tags: names that stay", &columns)
                .rows(tags)
                .of(data.named.total())
                .or("No version has a tag."),
        )
        .with(
            Table::new("branches", "Branches: names that move on", &of_branches)
                .rows(branches)
                .of(data.lines.total()),
        )
}

fn diff(place: &Place, diff: &Diff) -> Section {
    let notes = diff.notes.nodes.iter().map(|of| {
        vec![tables::record(place, &of.resource), Cell::quiet(words(&of.kind)), Cell::text(&of.text)]
    });
    let heading = format!("From {} to {}", diff.from.subject(), diff.to.subject());
    Section::new("difference", heading)
        .with(
            Table::new("notes", "In the words of engineering", &["Record", "Kind", "Change"])
                .rows(notes)
                .or("Nothing that engineering has a word for has changed."),
        )
        .with(tables::changed(place, &diff.resources).or("Nothing has changed."))
}

/// What became of files: imports as jobs, and what they made.
fn jobs(place: &Place, jobs: &Connection<Job>) -> Section {
    let rows = jobs.nodes.iter().map(|job| {
        let state = match job.state.as_str() {
            "DONE" => Cell::quiet("done"),
            "FAILED" => Cell::warning("⚠ failed")
                .with(job.error.as_ref().map(|of| of.message.as_str()).unwrap_or_default()),
            other => Cell::text(words(other)),
        };
        let made = job.commit.as_ref().map_or_else(Cell::default, |commit| {
            let there = Place { at: commit.short().to_owned(), ..place.clone() };
            Cell::link(commit.short(), there.href(Page::Versions, &[])).with(commit.subject())
        });
        vec![
            Cell::code(&job.id),
            Cell::text(words(&job.kind)).with(&job.parameters),
            state,
            Cell::text(&job.by),
            Cell::instant(Some(&job.submitted_at)),
            Cell::instant(job.ended_at.as_deref()),
            Cell::count(job.files as usize),
            made,
        ]
    });
    let columns = ["Job", "What", "State", "By", "Asked for", "Ended", "Files", "Version"];
    let table = Table::new("jobs", "Jobs, the newest first", &columns).rows(rows).of(jobs.total());
    Section::new("jobs", "Files that came in").with(table.or("No file has come in as a job."))
}

/// The forms that make and delete names of versions, and undo a commit.
fn forms(data: &Data) -> Section {
    let branches = || data.lines.nodes.iter().map(|line| line.name.clone());
    let deleted = branches().filter(|name| name != "main" && !name.starts_with("import/"));
    let deleted: Vec<(String, String)> = deleted.map(|name| (name.clone(), name)).collect();
    let create = Form::of(Action::CreateBranch, "Make a branch at this page's version")
        .field(Field::line("name", "Name").required())
        .button("", "Make the branch");
    let tag = Form::of(Action::Tag, "Name this page's version for good")
        .field(Field::line("name", "Name").hint("such as PDR").required())
        .field(Field::line("message", "Message"))
        .button("", "Make the tag");
    let revert = Form::of(Action::Revert, "Undo a commit")
        .note("A new commit undoes it; what came later stays.")
        .field(Field::line("commit", "Commit").hint("its id").required())
        .field(Field::line("reason", "Message of the commit"))
        .button("", "Undo it");
    let section = Section::new("change", "Change names and versions").with(create).with(tag);
    let section = match deleted.is_empty() {
        true => section,
        false => section.with(
            Form::of(Action::DeleteBranch, "Delete a branch")
                .note("What tags, reviews and other branches name stays.")
                .field(Field::choice("name", "Branch", deleted).required())
                .button("", "Delete the branch"),
        ),
    };
    section.with(revert)
}
