//! Resources that have certain words.

use super::words;
use crate::app::application::App;
use crate::app::error::Error;
use crate::graph::Snapshot;
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
    /// How many resources at the most.
    pub limit: usize,
}

/// The resources that were found, the best first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchReport {
    /// How many there are.
    pub total_count: usize,
    /// The first of them.
    pub found: Vec<FoundResource>,
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
    /// Searches a version.
    pub fn read(app: &App, asked: &SearchAsked) -> Result<Self, Error> {
        let search = Search::new(&asked.text).map_err(|error| Error::Unsearchable(error.to_string()))?;
        let at = app.snapshot(&asked.version)?;
        let hits = search.hits(&at)?;
        let first = hits.iter().take(asked.limit);
        let found = first.map(|hit| FoundResource::new(hit, &at)).collect::<Result<_, _>>()?;
        Ok(Self { total_count: hits.len(), found })
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
