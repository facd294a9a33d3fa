//! Resources that have certain words.

use super::page::{self, Page, PageAsked};
use super::words;
use crate::app::application::App;
use crate::app::error::Error;
use crate::graph::Snapshot;
use crate::model::sync::cancellation::Cancellation;
use crate::ontology::terms::dcterms;
use crate::thread::{Hit, Search};
use serde::{Deserialize, Serialize};

/// What is searched for, and where.
#[derive(Clone, Debug)]
pub struct SearchAsked {
    /// Words, or beginnings of words, all of which a resource must have.
    pub text: String,
    /// The version.
    pub version: String,
    /// Which part of the resources; a cursor is the name of one.
    pub page: PageAsked,
}

/// The resources that were found, the best first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchReport {
    /// How many there are.
    pub total_count: usize,
    /// A page of them.
    pub found: Vec<FoundResource>,
    /// The last of them, after which others follow; absent where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The commit that the version is.
    #[serde(default)]
    pub version: String,
}

/// A resource that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundResource {
    /// Its name.
    pub resource: String,
    /// The names of its classes.
    pub class: String,
    /// Its identifier; empty where it has none.
    pub identifier: String,
    /// Its title; empty where it has none.
    pub title: String,
    /// Where it has the words.
    pub place: String,
}

impl SearchReport {
    /// Searches a version, and describes a page of what is found.
    pub fn read(app: &App, asked: &SearchAsked, wanted: &Cancellation) -> Result<Self, Error> {
        let search = Search::new(&asked.text).map_err(|error| Error::Unsearchable(error.to_string()))?;
        let at = app.snapshot(&asked.version)?.while_wanted(wanted);
        let hits = search.hits(&at)?;
        let PageAsked { first, after } = &asked.page;
        let start = match after {
            Some(after) => 1 + place_of(&hits, &at, after)?,
            None => 0,
        };
        let shown = &hits[start..start.saturating_add(*first).min(hits.len())];
        let found = shown.iter().map(|hit| FoundResource::new(hit, &at)).collect::<Result<Vec<_>, _>>()?;
        let next = found.last().filter(|_| start + found.len() < hits.len());
        let (next, version) = (next.map(|last| last.resource.clone()), at.commit().id.to_string());
        Ok(Self { total_count: hits.len(), found, next, version })
    }
}

/// Returns which of the resources a cursor names.
fn place_of(hits: &[Hit], at: &Snapshot, cursor: &str) -> Result<usize, Error> {
    let resource = at.expand(cursor)?;
    hits.iter().position(|hit| hit.resource == resource).ok_or_else(|| page::refused(cursor))
}

impl Page for SearchReport {
    fn version(&self) -> &str {
        &self.version
    }

    fn item_count(&self) -> usize {
        self.found.len()
    }

    fn next(&self) -> Option<&String> {
        self.next.as_ref()
    }

    fn join(&mut self, following: Self) {
        self.found.extend(following.found);
        self.next = following.next;
    }
}

impl FoundResource {
    fn new(hit: &Hit, at: &Snapshot) -> Result<Self, Error> {
        let text = |predicate| Ok::<_, Error>(at.text(&hit.resource, predicate)?.unwrap_or_default());
        let classes = at.classes_of(&hit.resource)?.into_iter();
        let classes: Vec<String> = classes.map(|class| words::word(&class.into(), at)).collect();
        Ok(Self {
            resource: at.shorten(&hit.resource),
            class: classes.join(" "),
            identifier: text(dcterms::IDENTIFIER)?,
            title: text(dcterms::TITLE)?,
            place: hit.place.as_str().to_owned(),
        })
    }
}
