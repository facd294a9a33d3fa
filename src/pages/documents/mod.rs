//! The GraphQL document of each page, and the variables that an address gives it. Whoever wants to ask for themselves gets the same.

pub(in crate::pages) mod actions;

use super::address::{Address, NONE, Place, encode};
use super::page::Page;
use super::text::time::instant;
use crate::graphql::Query;
use serde_json::{Value, json};

macro_rules! document {
    ($($part:literal),+) => { concat!($(include_str!(concat!($part, ".graphql"))),+) };
}

const LOCATE: &str = document!("locate");
const FRAME: &str = document!("frame");

/// How many digits of a commit's id name no other one, and no branch.
const COMMIT_DIGITS_MIN: usize = 12;

impl Page {
    /// Returns the document of the page.
    const fn document(self) -> &'static str {
        match self {
            Self::Overview => document!("overview", "shared/place", "shared/reference", "shared/margin"),
            Self::Requirement => document!(
                "records/requirement",
                "shared/place",
                "shared/reference",
                "shared/step",
                "shared/margin",
                "shared/limits"
            ),
            Self::Unit => {
                document!(
                    "records/unit",
                    "shared/place",
                    "shared/reference",
                    "shared/margin",
                    "shared/limits"
                )
            }
            Self::Design => document!(
                "records/design",
                "shared/place",
                "shared/reference",
                "shared/margin",
                "shared/limits"
            ),
            Self::Lot => document!("records/lot", "shared/place", "shared/reference"),
            Self::Finding => document!(
                "records/finding",
                "shared/place",
                "shared/reference",
                "shared/step",
                "shared/limits",
                "shared/decided"
            ),
            Self::Change => {
                document!(
                    "records/change",
                    "shared/place",
                    "shared/reference",
                    "shared/step",
                    "shared/decided"
                )
            }
            Self::Review => document!("records/review", "shared/place", "shared/reference", "shared/margin"),
            Self::Versions => document!("versions", "shared/place", "shared/reference"),
            Self::Merge => document!("merge", "shared/place", "shared/reference"),
            Self::Edit => document!("edit", "shared/place", "shared/reference"),
            Self::Bring => document!("bring", "shared/place"),
            Self::Search => document!("search", "shared/place", "shared/reference"),
            Self::Record => document!("records/record", "shared/place", "shared/reference", "shared/step"),
        }
    }
}

impl Address {
    /// Returns the request that finds what the address leaves open.
    pub fn locating(&self) -> Query {
        let place = &self.place;
        let at = if place.at.is_empty() { "main" } else { &place.at };
        Query {
            query: Some(LOCATE.to_owned()),
            variables: json!({
                "at": at,
                "asKnownAt": given(&place.as_known_at),
                "id": self.id(),
                "isDesign": self.page == Page::Design,
                "isEdited": self.page == Page::Edit && !self.id().is_empty(),
            }),
            ..Query::default()
        }
    }

    /// Returns the request for what is around every page.
    pub fn framing() -> Query {
        Query { query: Some(FRAME.to_owned()), variables: json!({}), ..Query::default() }
    }

    /// Returns the request whose answer the page shows.
    pub fn query(&self) -> Query {
        let query = Some(self.page.document().to_owned());
        Query { query, variables: self.variables(), ..Query::default() }
    }

    /// Returns what names the answer of the page's document, where that never changes: it is of a commit and a watermark alone.
    pub fn key(&self) -> Option<String> {
        // Branches move, and a review looks at what has come since.
        let is_of_version =
            !matches!(self.page, Page::Versions | Page::Merge | Page::Review | Page::Edit | Page::Bring);
        (is_of_version && self.is_fixed()).then(|| format!("{} {}", self.page.path(), self.variables()))
    }

    /// Returns what names the answer to [`Self::locating`], where that never changes.
    pub fn locating_key(&self) -> Option<String> {
        self.is_fixed().then(|| format!("locate {}", self.locating().variables))
    }

    /// Returns whether the place is of commits and a watermark alone.
    fn is_fixed(&self) -> bool {
        let is_commit =
            |text: &str| text.len() >= COMMIT_DIGITS_MIN && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let Place { at, as_known_at, then, .. } = &self.place;
        is_commit(at) && !as_known_at.is_empty() && (then.is_empty() || is_commit(then))
    }

    /// Returns whether an answer is whole, and of the very commit and watermark that the address names.
    pub fn is_lasting(&self, answer: &Value) -> bool {
        let thread = &answer["data"]["thread"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        answer["errors"].is_null()
            && text(&thread["commit"]["id"]).starts_with(&self.place.at)
            && text(&thread["watermark"]) == self.place.as_known_at
    }

    /// Returns the address of GraphiQL with the same request, which it does not run before somebody asks.
    pub(in crate::pages) fn ask_yourself(&self) -> String {
        let variables = self.variables().to_string();
        let (mount, document) = (&self.place.mount, encode(self.page.document()));
        format!("{mount}/graphql?query={document}&variables={}", encode(&variables))
    }

    fn variables(&self) -> Value {
        let place = &self.place;
        let mut variables = json!({ "at": place.at, "asKnownAt": given(&place.as_known_at) });
        let read = |text: &str| instant(text).map(|at| at.to_string());
        let mut add = |name: &str, value: Value| variables[name] = value;
        if self.page.is_of_record() {
            add("id", json!(self.id()));
        }
        let has_window = !matches!(
            self.page,
            Page::Lot
                | Page::Review
                | Page::Versions
                | Page::Merge
                | Page::Edit
                | Page::Bring
                | Page::Search
                | Page::Record
        );
        if has_window {
            add("window", json!({ "from": read(&place.from), "to": read(&place.to) }));
        }
        if matches!(self.page, Page::Requirement | Page::Design | Page::Unit | Page::Record | Page::Versions)
        {
            add("compare", json!(!place.then.is_empty()));
            add("then", json!(if place.then.is_empty() { &place.at } else { &place.then }));
        }
        match self.page {
            Page::Unit => add("bucket", json!(place.bucket())),
            Page::Design => {
                let chosen = |name: &str| Some(self.value(name)).filter(|value| *value != NONE);
                let (property, against) = (chosen("property"), chosen("against"));
                // What is not asked for still needs a name that could be one.
                add("property", json!(property.unwrap_or(self.id())));
                add("against", json!(against.unwrap_or(self.id())));
                add("isObserved", json!(property.is_some()));
                add("isCompared", json!(property.is_some() && against.is_some()));
                let changes = self.exposed();
                add("isExposed", json!(changes.is_some()));
                add("changes", changes.unwrap_or_else(|| json!([])));
            }
            Page::Lot => add("instant", json!(read(&place.to))),
            Page::Versions => {
                add("branch", json!(self.branch()));
                add("after", json!(given(self.value("after"))));
            }
            Page::Merge => {
                let (source, into) = (self.value("source"), self.merge_target());
                add("source", json!(if source.is_empty() { into } else { source }));
                add("into", json!(into));
                add("isChosen", json!(!source.is_empty()));
            }
            Page::Edit => {
                let (id, class) = (self.id(), self.value("class"));
                add("isThere", json!(!id.is_empty()));
                // What is not asked for still needs a name that could be one.
                add("id", json!(if id.is_empty() { "none" } else { id }));
                add("input", json!(format!("{class}Input")));
            }
            Page::Bring => add("input", json!(format!("{}Input", self.value("class")))),
            Page::Search => add("text", json!(self.value("q"))),
            Page::Requirement
            | Page::Overview
            | Page::Finding
            | Page::Change
            | Page::Review
            | Page::Record => {}
        }
        variables
    }
}

impl Address {
    /// Returns the change whose exposure a design's page shows: another limit of a constraint; the others of its requirement stay.
    fn exposed(&self) -> Option<Value> {
        let limit: f64 = self.value("limit").parse().ok()?;
        let mut constraints = self.value("exposed").split_whitespace();
        let (requirement, changed) = constraints.next()?.split_once('#')?;
        let others =
            constraints.filter_map(|iri| Some(json!({ "id": format!("#{}", iri.split_once('#')?.1) })));
        let changed = json!({ "id": format!("#{changed}"), "limit": limit });
        let constraints: Vec<Value> = std::iter::once(changed).chain(others).collect();
        Some(json!([{ "putRequirement": { "id": requirement, "constraints": constraints } }]))
    }
}

fn given(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}
