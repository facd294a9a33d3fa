//! The ontology at a version, as its files state it.

use crate::app::application::App;
use crate::app::error::Error;
use serde::{Deserialize, Serialize};

/// The files of an ontology.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OntologyReport {
    /// The digest of all files together.
    pub digest: String,
    /// The files, those that ship among them, in the order of their names.
    pub files: Vec<OntologyFile>,
}

/// A file of an ontology.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OntologyFile {
    /// Its name, such as `vocabulary.ttl`.
    pub name: String,
    /// Its content, in Turtle.
    pub text: String,
}

impl OntologyReport {
    /// Reads the files.
    pub fn read(app: &App, version: &str) -> Result<Self, Error> {
        let at = app.snapshot(version)?;
        let mut files = app.repository().ontology_texts(&at)?;
        files.sort_unstable();
        let files = files.into_iter().map(|(name, text)| OntologyFile { name, text }).collect();
        Ok(Self { digest: at.ontology().digest().to_owned(), files })
    }
}
