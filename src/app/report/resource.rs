//! One resource at a version: its statements, and the commit that made each.

use super::change::CommitReport;
use super::words;
use crate::app::application::App;
use crate::app::error::Error;
use crate::graph::text::turtle;
use crate::graph::{Blame, Snapshot};
use crate::model::sync::cancellation::Cancellation;
use oxigraph::model::NamedNode;
use serde::{Deserialize, Serialize};

/// A resource as Turtle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceReport {
    /// Its name.
    pub resource: String,
    /// All statements about it and its fragments, in the canonical text.
    pub turtle: String,
}

/// The statements of a resource with the commits that made them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlameReport {
    /// Its name.
    pub resource: String,
    /// The statements, in canonical order.
    pub statements: Vec<BlamedStatement>,
}

/// A statement, and the commit that made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BlamedStatement {
    /// The resource or fragment.
    pub subject: String,
    /// The name of the property.
    pub property: String,
    /// Its IRI.
    pub property_iri: String,
    /// The value.
    pub value: String,
    /// The whole in one line.
    pub text: String,
    /// The commit.
    pub commit: CommitReport,
}

impl ResourceReport {
    /// Reads a resource.
    pub fn read(app: &App, name: &str, version: &str, wanted: &Cancellation) -> Result<Self, Error> {
        let at = app.snapshot(version)?.while_wanted(wanted);
        let resource = words::find(&at, name)?;
        let document = at.document(&resource)?;
        if document.is_empty() {
            return Err(absent(name, resource, version));
        }
        Ok(Self { resource: at.shorten(&resource), turtle: turtle::write(&document, at.base()) })
    }
}

impl BlameReport {
    /// Reads the commits behind a resource.
    pub fn read(app: &App, name: &str, version: &str, wanted: &Cancellation) -> Result<Self, Error> {
        let at = app.snapshot(version)?.while_wanted(wanted);
        let resource = words::find(&at, name)?;
        let blame = at.blame(&resource)?;
        if blame.is_empty() {
            return Err(absent(name, resource, version));
        }
        let statements = blame.iter().map(|blame| BlamedStatement::new(blame, &at)).collect();
        Ok(Self { resource: at.shorten(&resource), statements })
    }
}

impl BlamedStatement {
    fn new(Blame { statement, commit }: &Blame, at: &Snapshot) -> Self {
        let (fragment, property) =
            (words::fragment(&statement.subject), words::name(&statement.predicate, at));
        Self {
            subject: at.shorten(&statement.subject),
            text: format!("{fragment}{property}: {}", words::word(&statement.object, at)),
            property,
            property_iri: statement.predicate.as_str().to_owned(),
            value: words::value(&statement.object, at),
            commit: commit.into(),
        }
    }
}

fn absent(name: &str, resource: NamedNode, version: &str) -> Error {
    Error::NoResource { name: name.to_owned(), resource, version: version.to_owned() }
}
