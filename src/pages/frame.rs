//! What is around the content of every page: where it looks, where to go, and who looks.

use super::Rendered;
use super::address::{Address, Located, Place};
use super::answer::record::Around;
use super::content::section::{Block, Section};
use super::page::Page;
use super::text::time::minute;
use super::view::{self, Content};
use super::{assets, notice};
use askama::Template;
use serde::Deserialize as _;
use serde_json::Value;

/// Who looks at a page.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// The name.
    pub name: String,
    /// What the visitor may do.
    pub role: String,
    /// Whether the visitor has signed in here, and can sign out.
    pub signed_in: bool,
    /// Whether access is configured; without, whoever reaches the service may do everything.
    pub is_known: bool,
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
}

impl Address {
    /// Returns the full address, by the answer to [`Address::locating`]; the refusal where it has none.
    pub fn redirect(&self, answer: &Value) -> Result<String, Box<Rendered>> {
        let located = Located::deserialize(&answer["data"]);
        located.map(|located| self.located(&located)).map_err(|_| Box::new(failed(answer)))
    }

    /// Renders the page from the answer to [`Address::query`]: as HTML, or one of its tables as CSV.
    pub fn render(&self, visitor: &Visitor, answer: &Value) -> Rendered {
        let data = &answer["data"];
        let Ok(around) = Around::deserialize(data) else { return failed(answer) };
        let content = match view::content(self, data) {
            Ok(Some(content)) => content,
            Ok(None) => {
                let text = format!("There is no {} at version {}.", self.id(), self.place.at);
                return notice::refused(404, &text);
            }
            Err(error) => {
                tracing::error!(%error, page = self.page.path(), "an answer does not fit its page");
                return failed(answer);
            }
        };
        match self.value("csv") {
            "" => self.html(visitor, answer, &around, content),
            name => csv(&content, name, self.id()),
        }
    }

    fn html(&self, visitor: &Visitor, answer: &Value, around: &Around, mut content: Content) -> Rendered {
        for section in &mut content.sections {
            self.link_tables(section);
        }
        let commit = &around.thread.commit;
        let at = |at: &str| self.at(&Place { at: at.to_owned(), ..self.place.clone() }, &[]);
        let is_pinned = commit.id.starts_with(&self.place.at);
        let frame = Frame {
            style: assets::style(),
            script: assets::script(),
            content: &content,
            place: &self.place,
            visitor,
            around,
            steps: self.steps(),
            kept: self.values(),
            path: self.page.path(),
            ask: self.ask_yourself(),
            newest: (around.head.commit.id != commit.id).then(|| at(around.head.commit.short())),
            pinned: (!is_pinned).then(|| at(commit.short())),
            faults: messages(answer),
            query: self.value("q"),
            now: minute(&commit.time),
        };
        match frame.render() {
            Ok(body) => Rendered::html(200, body),
            Err(error) => notice::refused(500, &error.to_string()),
        }
    }

    fn steps(&self) -> Vec<Step> {
        let step =
            |text, page: Page| Step { text, href: self.place.href(page, &[]), here: page == self.page };
        vec![step("Overview", Page::Overview)]
    }

    fn link_tables(&self, section: &mut Section) {
        for block in &mut section.blocks {
            if let Block::Table(table) = block {
                table.at(self.at(&self.place, &[("csv", table.name)]));
            }
        }
    }
}

/// Returns a table of the page as CSV.
fn csv(content: &Content, name: &str, id: &str) -> Rendered {
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
fn failed(answer: &Value) -> Rendered {
    let status = match answer["errors"][0]["extensions"]["code"].as_str() {
        Some("NOT_FOUND") => 404,
        Some("FORBIDDEN") => 403,
        Some("UNAVAILABLE" | "TIMEOUT") => 503,
        Some("BAD_INPUT") => 400,
        _ => 500,
    };
    let text = messages(answer).join(" ");
    notice::refused(
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
