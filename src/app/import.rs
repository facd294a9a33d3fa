//! Bringing in what other tools export: RDF files and tables, as a vendor branch.

use super::application::App;
use super::error::Error;
use crate::exchange::rdf::{self, Format};
use crate::exchange::table::{self, Dirt, Mapping, Problem};
use crate::graph::{self, Author, Commit, ImportRequest, Resolution, Snapshot};
use crate::model::statement::Statement;
use crate::ontology::Cut;
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
    /// Whether installations that overlap are cut and swap logs that contradict themselves settled; else both are refused.
    pub accept_dirty: bool,
    /// A tag to make of what the branch comes to: the source's baseline.
    pub tag: Option<String>,
}

/// What an import came to.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The head of the target branch afterwards.
    pub commit: Commit,
    /// How many statements came or went on the target branch.
    pub changed: usize,
    /// The installations that were cut where they overlapped, in the order of their names.
    pub cuts: Vec<Cut>,
    /// The rows of swap logs that contradicted others, each with how that was settled.
    pub settled: Vec<Problem>,
}

impl App {
    /// Imports files as what one source says of the resources that they name: what it no longer says of those goes, what was
    /// authored here stays. Files that are together larger than the settings allow are refused.
    pub fn import(&self, files: Vec<SourceFile>, options: ImportOptions) -> Result<Imported, Error> {
        let bytes: u64 = files.iter().map(|file| file.bytes.len() as u64).sum();
        let max = self.settings().import_bytes_max;
        if bytes > max {
            return Err(Error::ImportTooLarge { max });
        }
        let target = self.repository().snapshot(&options.into)?;
        let mut statements: Vec<Statement> = Vec::new();
        let (mut names, mut settled) = (Vec::new(), Vec::new());
        let dirt = if options.accept_dirty { Dirt::Settled } else { Dirt::Refused };
        for file in files {
            match &file.reading {
                Reading::Rdf(format) => statements.extend(read_rdf(&file, *format, &target)?),
                Reading::Table(mapping) => {
                    let (bytes, base, ontology) = (file.bytes.as_slice(), target.base(), target.ontology());
                    let table = table::read_table(mapping, bytes, &file.name, base, ontology, dirt)?;
                    statements.extend(table.statements);
                    settled.extend(table.settled);
                }
            }
            names.push(file.name);
        }
        let ImportOptions { source, into, message, author, prune, resolutions, accept_dirty, tag } = options;
        let message = message.unwrap_or_else(|| format!("Import {}", names.join(", ")));
        let graph::Imported { commit, changed, cuts } = self.repository().import(ImportRequest {
            source,
            into,
            message: with_settled(message, settled.len()),
            author,
            statements,
            prune,
            resolutions,
            cut_overlaps: accept_dirty,
            tag,
        })?;
        Ok(Imported { commit, changed, cuts, settled })
    }
}

fn read_rdf(file: &SourceFile, format: Format, target: &Snapshot) -> Result<Vec<Statement>, Error> {
    let failed = RefCell::new(None);
    let known = |subject: &NamedNode| {
        target.statements(subject).unwrap_or_else(|error| {
            failed.replace(Some(error));
            Vec::new()
        })
    };
    let read = rdf::read_onto(&file.bytes, format, target.base(), &file.name, &known);
    match failed.into_inner() {
        Some(error) => Err(error.into()),
        None => Ok(read?),
    }
}

/// Adds to a message how many rows were settled.
fn with_settled(message: String, settled: usize) -> String {
    match settled {
        0 => message,
        1 => format!("{message}\n\n1 row of a swap log was settled where it contradicts others."),
        _ => format!("{message}\n\n{settled} rows of swap logs were settled where they contradict others."),
    }
}
