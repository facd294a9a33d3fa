//! Bringing in what other tools export: RDF files and tables, as a vendor branch.

use super::application::App;
use super::error::Error;
use crate::exchange::rdf::{self, Format};
use crate::exchange::table::{self, Mapping};
use crate::graph::{Author, ImportRequest, Imported, Resolution};
use crate::model::statement::Statement;
use oxigraph::model::NamedNode;
use std::cell::RefCell;

/// A file to import.
#[derive(Debug)]
pub struct SourceFile {
    /// What errors call it.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// How it is to be read.
    pub reading: Reading,
}

/// How a file is to be read.
#[derive(Debug)]
pub enum Reading {
    /// As RDF in a notation.
    Rdf(Format),
    /// As a CSV table by a mapping.
    Table(Box<Mapping>),
}

/// What an import is asked for, besides its files.
#[derive(Clone, Debug, Default)]
pub struct ImportOptions {
    /// The name of the source.
    pub source: String,
    /// The branch that takes it.
    pub into: String,
    /// What the commits say of themselves; made up where absent.
    pub message: Option<String>,
    /// Who imports.
    pub author: Author,
    /// Whether the files together are all that the source says, so that what they no longer name is retired.
    pub prune: bool,
    /// What is decided of clashes with work done here.
    pub resolutions: Vec<Resolution>,
}

impl App {
    /// Imports files as what one source says of the resources that they name: what it no longer says of those goes, what was
    /// authored here stays.
    pub fn import(&self, files: Vec<SourceFile>, options: ImportOptions) -> Result<Imported, Error> {
        let target = self.repository().snapshot(&options.into)?;
        let mut statements: Vec<Statement> = Vec::new();
        let mut names = Vec::new();
        for file in files {
            statements.extend(match &file.reading {
                Reading::Rdf(format) => {
                    let failed = RefCell::new(None);
                    let known = |subject: &NamedNode| {
                        target.statements(subject).unwrap_or_else(|error| {
                            failed.replace(Some(error));
                            Vec::new()
                        })
                    };
                    let read = rdf::read_onto(&file.bytes, *format, target.base(), &file.name, &known);
                    if let Some(error) = failed.into_inner() {
                        return Err(error.into());
                    }
                    read?
                }
                Reading::Table(mapping) => {
                    table::read(mapping, file.bytes.as_slice(), &file.name, target.base(), target.ontology())?
                }
            });
            names.push(file.name);
        }
        let ImportOptions { source, into, message, author, prune, resolutions } = options;
        let message = message.unwrap_or_else(|| format!("Import {}", names.join(", ")));
        Ok(self.repository().import(ImportRequest {
            source,
            into,
            message,
            author,
            statements,
            prune,
            resolutions,
        })?)
    }
}
