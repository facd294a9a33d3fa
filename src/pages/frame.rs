//! What is around the content of every page: where it looks, where to go, and who looks.

use super::Rendered;
use super::action::Action;
use super::address::{Address, Located, Place};
use super::answer::record::{self, Around};
use super::content::form::{Field, Form, Purpose};
use super::content::section::{Block, Section};
use super::content::sent::Sent;
use super::page::Page;
use super::text::time::minute;
use super::text::words::words;
use super::view::{self, Content};
use super::{assets, notice};
use crate::app::Mount;
use crate::app::access::{Operation, Role};
use askama::Template;
use serde::Deserialize as _;
use serde_json::Value;

/// Who looks at a page.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The name.
    pub name: String,
    /// What the visitor may do.
    pub role: Role,
    /// How the visitor is recorded as the author of a decision; nothing where a form has to ask.
    pub author: Option<String>,
    /// What a form of this visitor's pages has to carry.
    pub form_token: String,
    /// Whether the visitor has signed in here, and can sign out.
    pub signed_in: bool,
    /// Whether access is configured; without, whoever reaches the service may do everything.
    pub is_known: bool,
}

impl Visitor {
    /// Returns what the visitor may do, in words.
    fn rights(&self) -> Vec<String> {
        let all = Operation::ALL.into_iter().filter(|operation| self.role.may(*operation));
        all.map(|operation| words(operation.as_str())).collect()
    }
}

/// A place to go to.
struct Step {
    text: &'static str,
    href: String,
    here: bool,
}

#[derive(Template)]
#[template(path = "page.html")]
struct Frame<'a> {
    style: &'static str,
    script: &'static str,
    content: &'a Content,
    place: &'a Place,
    visitor: &'a Visitor,
    around: &'a Around,
    shown: &'a record::Place,
    steps: Vec<Step>,
    /// What the forms of the frame keep: names and values.
    kept: Vec<(&'a str, &'a str)>,
    /// The path that they lead to.
    path: &'static str,
    ask: String,
    /// The same page at the newest version, where this is another one.
    newest: Option<String>,
    /// The same page at this very version, where the address names a branch or a tag.
    pinned: Option<String>,
    /// What of the page could not be read.
    faults: Vec<String>,
    query: &'a str,
    now: String,
    /// The jobs that are under way.
    jobs: Vec<String>,
    jobs_href: String,
}

impl Address {
    /// Returns the full address, by the answer to [`Address::locating`]; the refusal where it has none.
    pub fn redirect(&self, answer: &Value) -> Result<String, Box<Rendered>> {
        let located = Located::deserialize(&answer["data"]);
        located.map(|located| self.located(&located)).map_err(|_| Box::new(failed(&self.place.mount, answer)))
    }

    /// Renders the page from the answer to [`Address::query`]: as HTML, or one of its tables as CSV. What a form sent that was not done is
    /// in that form again.
    pub fn render(&self, visitor: &Visitor, frame: &Value, answer: &Value, sent: Option<&Sent>) -> Rendered {
        let data = &answer["data"];
        let mount = &self.place.mount;
        let Ok(located) = record::Located::deserialize(data) else { return failed(mount, answer) };
        let Ok(around) = Around::deserialize(&frame["data"]) else { return failed(mount, frame) };
        let content = match view::content(self, data, &around) {
            Ok(Some(content)) => content,
            Ok(None) => {
                let text = format!("There is no {} at version {}.", self.id(), self.place.at);
                return notice::refused(mount, 404, &text);
            }
            Err(error) => {
                tracing::error!(%error, page = self.page.path(), "an answer does not fit its page");
                return failed(mount, answer);
            }
        };
        match self.value("csv") {
            "" => self.html((visitor, sent), (&around, &located.thread), content, messages(answer)),
            name => csv(mount, &content, name, self.id()),
        }
    }

    fn html(
        &self,
        (visitor, sent): (&Visitor, Option<&Sent>),
        (around, shown): (&Around, &record::Place),
        mut content: Content,
        faults: Vec<String>,
    ) -> Rendered {
        for section in &mut content.sections {
            self.complete(section, visitor, (around, shown), sent);
        }
        let commit = &shown.commit;
        let at = |at: &str| self.at(&Place { at: at.to_owned(), ..self.place.clone() }, &[]);
        let is_pinned = commit.id.starts_with(&self.place.at);
        let frame = Frame {
            style: assets::style(),
            script: assets::script(),
            content: &content,
            place: &self.place,
            visitor,
            around,
            shown,
            steps: self.steps(),
            kept: self.values(),
            path: self.page.path(),
            ask: self.ask_yourself(),
            newest: (around.head.commit.id != commit.id).then(|| at(around.head.commit.short())),
            pinned: (!is_pinned).then(|| at(commit.short())),
            faults,
            query: self.value("q"),
            now: minute(&commit.time),
            jobs: around.jobs.nodes.iter().filter(|job| job.is_under_way()).map(progress).collect(),
            jobs_href: self.place.href(Page::Versions, &[]) + "#jobs",
        };
        match frame.render() {
            Ok(body) => Rendered::html(200, body),
            Err(error) => notice::refused(&self.place.mount, 500, &error.to_string()),
        }
    }

    fn steps(&self) -> Vec<Step> {
        let step =
            |text, page: Page| Step { text, href: self.place.href(page, &[]), here: page == self.page };
        vec![
            step("Overview", Page::Overview),
            step("Versions", Page::Versions),
            step("Bring data", Page::Bring),
        ]
    }

    /// Adds to a section what its view does not know: addresses of tables, and what forms need of the page and of who looks at it.
    fn complete(
        &self,
        section: &mut Section,
        visitor: &Visitor,
        (around, shown): (&Around, &record::Place),
        sent: Option<&Sent>,
    ) {
        for block in &mut section.blocks {
            match block {
                Block::Table(table) => table.at(self.at(&self.place, &[("csv", table.name)])),
                Block::Form(form) => {
                    let filled = match form.purpose() {
                        Purpose::Show => form.clone(),
                        Purpose::Bring(operation) => {
                            let mut form = carrying(form.clone(), operation, visitor);
                            form.lead_to(&self.at(&self.place, &[]));
                            form
                        }
                        Purpose::Do(action) => self.asking(form.clone(), action, visitor, (around, shown)),
                    };
                    *form = filled;
                    if let Some(sent) = sent {
                        form.fill(sent);
                    }
                }
                _ => {}
            }
        }
    }

    /// Completes a form that asks for something: where it is recorded, on what it is based, and as whose decision.
    fn asking(
        &self,
        form: Form,
        action: Action,
        visitor: &Visitor,
        (around, shown): (&Around, &record::Place),
    ) -> Form {
        let is_branch = around.branches.nodes.iter().any(|branch| branch.name == self.place.at);
        let branch = if is_branch { self.place.at.as_str() } else { "main" };
        let form =
            form.keep("do", action.as_str()).keep("branch", branch).keep("seen", shown.commit.id.as_str());
        let mut form = carrying(form, action.operation(), visitor);
        form.lead_to(&self.at(&self.place, &[]));
        if !action.is_signed() {
            return form;
        }
        match &visitor.author {
            Some(author) => form.note(format!("Recorded on {branch} as {author}.")),
            None => {
                form.begin_with([
                    Field::line("authorName", "Your name").required(),
                    Field::line("authorEmail", "Your e-mail address").required(),
                ]);
                form.note(format!("Recorded on {branch}."))
            }
        }
    }
}

/// Completes a form that changes something: only a page of the visitor sends it, and only who may do it is asked.
fn carrying(form: Form, operation: Operation, visitor: &Visitor) -> Form {
    let mut form = form.keep("token", visitor.form_token.as_str());
    if !visitor.role.may(operation) {
        let roles: Vec<&str> = operation.roles().iter().map(|role| role.as_str()).collect();
        form.deny(format!(
            "Your role is {}. To {} takes the role {}: ask whoever runs the service.",
            visitor.role,
            words(operation.as_str()),
            roles.join(" or ")
        ));
    }
    form
}

/// Returns whether there is a branch of a name, by the answer to [`Address::framing`].
pub fn has_branch(frame: &Value, name: &str) -> bool {
    let around = Around::deserialize(&frame["data"]);
    around.is_ok_and(|around| around.branches.nodes.iter().any(|branch| branch.name == name))
}

/// Writes how far a job is.
fn progress(job: &record::Job) -> String {
    let (kind, state) = (words(&job.kind), words(&job.state));
    let done = match (job.files, job.readings) {
        (0, 0) => String::new(),
        (files, 0) => format!(", {files} files done"),
        (files, readings) => format!(", {files} files and {readings} readings done"),
    };
    format!("⏳ {kind} {} is {state}{done}.", job.id)
}

/// Returns a table of the page as CSV.
fn csv(mount: &Mount, content: &Content, name: &str, id: &str) -> Rendered {
    let blocks = content.sections.iter().flat_map(|section| &section.blocks);
    let tables: Vec<_> = blocks
        .filter_map(|block| match block {
            Block::Table(table) => Some(table),
            _ => None,
        })
        .collect();
    let Some(table) = tables.iter().find(|table| table.name == name) else {
        let names: Vec<_> = tables.iter().map(|table| table.name).collect();
        return notice::refused(
            mount,
            404,
            &format!("The page has no table {name:.40}; it has {}.", names.join(", ")),
        );
    };
    let id: String = id
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect();
    let file = if id.is_empty() { name.to_owned() } else { format!("{id}-{name}") };
    Rendered::csv(&file, table.csv())
}

/// Returns the page of a request that has no answer.
fn failed(mount: &Mount, answer: &Value) -> Rendered {
    let status = match answer["errors"][0]["extensions"]["code"].as_str() {
        Some("NOT_FOUND") => 404,
        Some("FORBIDDEN") => 403,
        Some("UNAVAILABLE" | "TIMEOUT") => 503,
        Some("BAD_INPUT") => 400,
        Some("CONFLICT") => 409,
        _ => 500,
    };
    let text = messages(answer).join(" ");
    notice::refused(
        mount,
        status,
        if text.is_empty() { "The answer cannot be shown; the cause is in the log." } else { &text },
    )
}

fn messages(answer: &Value) -> Vec<String> {
    let errors = answer["errors"].as_array().into_iter().flatten();
    let mut messages: Vec<String> =
        errors.filter_map(|error| error["message"].as_str()).map(str::to_owned).collect();
    messages.dedup();
    messages
}
