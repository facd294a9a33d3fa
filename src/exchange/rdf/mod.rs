//! RDF files to statements and back: Turtle, N-Triples, RDF/XML and JSON-LD.
//!
//! What is read has no blank nodes ([`names`] tells how each gets its name) and no named graphs: one version of the
//! thread is one graph, so a file that puts statements into a graph of its own is refused rather than
//! flattened. Triple terms of RDF 1.2 are refused too. Nothing is fetched: a remote JSON-LD context is an error.

mod content;
mod matching;
mod names;
mod position;

use crate::model::statement::Statement;
use oxigraph::io::{JsonLdProfileSet, RdfFormat, RdfParser, RdfSerializer, RdfSyntaxError};
use oxigraph::model::{GraphName, IriParseError, NamedNode, NamedOrBlankNode, Quad, Term};
use position::Position;

/// The notations that are read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Turtle 1.1.
    Turtle,
    /// N-Triples 1.1.
    NTriples,
    /// RDF 1.1 XML Syntax.
    RdfXml,
    /// JSON-LD 1.1.
    JsonLd,
}

impl Format {
    /// Returns the notation that a file name's extension stands for.
    pub fn from_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "ttl" | "turtle" => Some(Self::Turtle),
            "nt" | "ntriples" => Some(Self::NTriples),
            "rdf" | "xml" | "owl" => Some(Self::RdfXml),
            "jsonld" | "json" => Some(Self::JsonLd),
            _ => None,
        }
    }

    const fn engine(self) -> RdfFormat {
        match self {
            Self::Turtle => RdfFormat::Turtle,
            Self::NTriples => RdfFormat::NTriples,
            Self::RdfXml => RdfFormat::RdfXml,
            Self::JsonLd => RdfFormat::JsonLd { profile: JsonLdProfileSet::empty() },
        }
    }
}

/// Why a file cannot be read or written. Lines and columns count from 1, columns in characters.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file breaks the rules of its notation.
    #[error("{file}:{line}:{column}: {message}")]
    Syntax {
        /// The file, as the caller names it.
        file: String,
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// The file holds a graph beside the default one.
    #[error(
        "{file}: the file puts statements into the named graph {graph}; a version of the thread is one graph, \
         so export it without graph names"
    )]
    NamedGraph {
        /// The file, as the caller names it.
        file: String,
        /// The first such graph.
        graph: String,
    },
    /// A statement speaks about a statement.
    #[error("{file}: statements about statements (RDF 1.2 triple terms) are not supported: {statement}")]
    TripleTerm {
        /// The file, as the caller names it.
        file: String,
        /// The first such statement.
        statement: String,
    },
    /// Blank nodes refer to each other in a circle, so no path from an owner names them.
    #[error("{file}:{line}:{column}: the blank node {node} leads back to itself; give it an IRI")]
    Circle {
        /// The file, as the caller names it.
        file: String,
        /// The line on which the node's label stands first, or 1 where it has none.
        line: usize,
        /// The column of the label.
        column: usize,
        /// One of the nodes, as the file labels it.
        node: String,
    },
    /// The base is no absolute IRI.
    #[error("the base \"{base}\" is not an absolute IRI")]
    Base {
        /// The base that was given.
        base: String,
        /// Why it is none.
        source: IriParseError,
    },
    /// A prefix stands for no IRI.
    #[error("the prefix {name}: stands for \"{iri}\", which is not an IRI")]
    Prefix {
        /// The prefix.
        name: String,
        /// What it stands for.
        iri: String,
        /// Why that is none.
        source: IriParseError,
    },
    /// A statement cannot be said in the notation.
    #[error("a statement cannot be written in this notation")]
    Write(#[source] std::io::Error),
}

/// What a store already says with exactly this subject (resource or fragment); empty where it says nothing.
pub type Known<'a> = &'a dyn Fn(&NamedNode) -> Vec<Statement>;

/// Reads a file into a store that knows nothing yet; see [`read_onto`].
pub fn read(bytes: &[u8], format: Format, base: &str, file: &str) -> Result<Vec<Statement>, Error> {
    read_onto(bytes, format, base, file, &|_| Vec::new())
}

/// Reads a file: relative IRIs are resolved against `base`, statements keep the file's order, and blank nodes
/// become fragments of their owners, under the names that `known` shows them to have had before.
pub fn read_onto(
    bytes: &[u8],
    format: Format,
    base: &str,
    file: &str,
    known: Known<'_>,
) -> Result<Vec<Statement>, Error> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let parser = parser(format, base)?;
    let mut statements = Vec::new();
    for quad in parser.clone().for_slice(bytes) {
        let quad = quad.map_err(|error| syntax_error(&error, parser.clone(), bytes, file))?;
        check(&quad, file)?;
        statements.push((quad.subject, quad.predicate, quad.object));
    }
    names::name(statements, base, known).map_err(|label| {
        let node = format!("_:{label}");
        let Position { line, column } = position::of_label(bytes, &node);
        Error::Circle { file: file.to_owned(), line, column, node }
    })
}

/// Writes statements, sorted, under the given prefixes (name, IRI).
pub fn write(statements: &[Statement], format: Format, prefixes: &[(&str, &str)]) -> Result<Vec<u8>, Error> {
    let mut serializer = RdfSerializer::from_format(format.engine());
    for (name, iri) in prefixes {
        serializer = serializer.with_prefix(*name, *iri).map_err(|source| Error::Prefix {
            name: (*name).to_owned(),
            iri: (*iri).to_owned(),
            source,
        })?;
    }
    let mut sorted: Vec<&Statement> = statements.iter().collect();
    sorted.sort();
    sorted.dedup();
    let mut writer = serializer.for_writer(Vec::new());
    for statement in sorted {
        let quad = Quad::new(
            NamedOrBlankNode::NamedNode(statement.subject.clone()),
            statement.predicate.clone(),
            statement.object.clone(),
            GraphName::DefaultGraph,
        );
        writer.serialize_quad(&quad).map_err(Error::Write)?;
    }
    writer.finish().map_err(Error::Write)
}

fn parser(format: Format, base: &str) -> Result<RdfParser, Error> {
    RdfParser::from_format(format.engine())
        .with_base_iri(base)
        .map_err(|source| Error::Base { base: base.to_owned(), source })
}

fn check(quad: &Quad, file: &str) -> Result<(), Error> {
    if quad.graph_name != GraphName::DefaultGraph {
        return Err(Error::NamedGraph { file: file.to_owned(), graph: quad.graph_name.to_string() });
    }
    if let Term::Triple(statement) = &quad.object {
        return Err(Error::TripleTerm { file: file.to_owned(), statement: statement.to_string() });
    }
    Ok(())
}

fn syntax_error(error: &RdfSyntaxError, parser: RdfParser, bytes: &[u8], file: &str) -> Error {
    let Position { line, column } = position::of_error(error, parser, bytes);
    Error::Syntax { file: file.to_owned(), line, column, message: position::message(error) }
}

#[cfg(test)]
mod tests;
