//! The GraphQL document of each page, and the variables that an address gives it. Whoever wants to ask for themselves gets the same.

use super::address::{Address, NONE, encode};
use super::page::Page;
use super::text::time::instant;
use crate::graphql::Query;
use serde_json::{Value, json};

macro_rules! document {
    ($($part:literal),+) => { concat!($(include_str!(concat!($part, ".graphql"))),+) };
}

const LOCATE: &str = document!("locate");

impl Page {
    /// Returns the document of the page.
    const fn document(self) -> &'static str {
        match self {
            Self::Overview => document!("overview", "shared/frame", "shared/reference", "shared/margin"),
            Self::Requirement => document!(
                "requirement",
                "shared/frame",
                "shared/reference",
                "shared/step",
                "shared/margin",
                "shared/limits"
            ),
            Self::Unit => {
                document!("unit", "shared/frame", "shared/reference", "shared/margin", "shared/limits")
            }
            Self::Design => document!("design", "shared/frame", "shared/reference", "shared/margin"),
            Self::Lot => document!("lot", "shared/frame", "shared/reference"),
            Self::Search => document!("search", "shared/frame", "shared/reference"),
            Self::Record => document!("record", "shared/frame", "shared/reference", "shared/step"),
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
            }),
            ..Query::default()
        }
    }

    /// Returns the request whose answer the page shows.
    pub fn query(&self) -> Query {
        let query = Some(self.page.document().to_owned());
        Query { query, variables: self.variables(), ..Query::default() }
    }

    /// Returns the address of GraphiQL with the same request, which it does not run before somebody asks.
    pub(in crate::pages) fn ask_yourself(&self) -> String {
        let variables = self.variables().to_string();
        format!("/graphql?query={}&variables={}", encode(self.page.document()), encode(&variables))
    }

    fn variables(&self) -> Value {
        let place = &self.place;
        let mut variables = json!({ "at": place.at, "asKnownAt": given(&place.as_known_at) });
        let read = |text: &str| instant(text).map(|at| at.to_string());
        let mut add = |name: &str, value: Value| variables[name] = value;
        if self.page.is_of_record() {
            add("id", json!(self.id()));
        }
        if matches!(self.page, Page::Overview | Page::Requirement | Page::Unit | Page::Design) {
            add("window", json!({ "from": read(&place.from), "to": read(&place.to) }));
        }
        match self.page {
            Page::Requirement => {
                add("compare", json!(!place.then.is_empty()));
                add("then", json!(if place.then.is_empty() { &place.at } else { &place.then }));
            }
            Page::Unit => add("bucket", json!(place.bucket())),
            Page::Design => {
                let chosen = |name: &str| Some(self.value(name)).filter(|value| *value != NONE);
                let (property, against) = (chosen("property"), chosen("against"));
                // What is not asked for still needs a name that could be one.
                add("property", json!(property.unwrap_or(self.id())));
                add("against", json!(against.unwrap_or(self.id())));
                add("isObserved", json!(property.is_some()));
                add("isCompared", json!(property.is_some() && against.is_some()));
            }
            Page::Lot => add("instant", json!(read(&place.to))),
            Page::Search => add("text", json!(self.value("q"))),
            Page::Overview | Page::Record => {}
        }
        variables
    }
}

fn given(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}
