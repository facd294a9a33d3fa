//! Statements written one after the other, so that a version of any size leaves in little memory.

use super::{Error, Format};
use crate::model::statement::Statement;
use oxigraph::io::{RdfSerializer, WriterQuadSerializer};
use oxigraph::model::{GraphNameRef, QuadRef};
use std::io::Write;

/// Writes statements in a notation.
pub struct Writer<W: Write>(WriterQuadSerializer<W>);

impl<W: Write> Writer<W> {
    /// Begins a file under prefixes (name, IRI); where the notation has a base, names below it are written relative to it.
    pub fn new(format: Format, prefixes: &[(&str, &str)], base: Option<&str>, out: W) -> Result<Self, Error> {
        let mut serializer = RdfSerializer::from_format(format.engine());
        if let Some(base) = base {
            serializer = serializer
                .with_base_iri(base)
                .map_err(|source| Error::Base { base: base.to_owned(), source })?;
        }
        for (name, iri) in prefixes {
            serializer = serializer.with_prefix(*name, *iri).map_err(|source| Error::Prefix {
                name: (*name).to_owned(),
                iri: (*iri).to_owned(),
                source,
            })?;
        }
        Ok(Self(serializer.for_writer(out)))
    }

    /// Writes a statement; those of one subject come one after the other.
    pub fn write(&mut self, statement: &Statement) -> Result<(), Error> {
        let Statement { subject, predicate, object } = statement;
        let quad = QuadRef::new(subject, predicate, object, GraphNameRef::DefaultGraph);
        self.0.serialize_quad(quad).map_err(Error::Write)
    }

    /// Writes what is left.
    pub fn finish(self) -> Result<(), Error> {
        self.0.finish().map(drop).map_err(Error::Write)
    }
}
