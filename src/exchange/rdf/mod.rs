//! RDF files to statements and back: Turtle, N-Triples, RDF/XML and JSON-LD.
//!
//! What is read has no blank nodes (see [`names`] for how each gets its name) and no named graphs: one version of the
//! thread is one graph, so a file that puts statements into a graph of its own is refused rather than
//! flattened. Triple terms of RDF 1.2 are refused too. Nothing is fetched: a remote JSON-LD context is an error.

mod bounds;
mod content;
mod entities;
mod jsonld;
mod looks;
mod matching;
mod names;
mod nesting;
mod nodes;
pub mod oslc;
mod position;
mod written;

use crate::model::number::numeral::{Numeral, loses_digits};
use crate::model::statement::{Statement, triple_terms};
use crate::ontology::terms::{dcterms, skos, tl};
use names::Unnamed;
use nesting::Nesting;
use oxigraph::io::{JsonLdProfileSet, RdfFormat, RdfParser, RdfSyntaxError};
use oxigraph::model::vocab::xsd;
use oxigraph::model::{GraphName, IriParseError, Literal, NamedNode, NamedNodeRef, Quad, Term};
use position::Position;
pub use written::Writer;

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
    /// Returns the notation of a file name's extension.
    pub fn from_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "ttl" | "turtle" => Some(Self::Turtle),
            "nt" | "ntriples" => Some(Self::NTriples),
            "rdf" | "xml" | "owl" => Some(Self::RdfXml),
            "jsonld" | "json" => Some(Self::JsonLd),
            _ => None,
        }
    }

    /// Returns the notation's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Turtle => "Turtle",
            Self::NTriples => "N-Triples",
            Self::RdfXml => "RDF/XML",
            Self::JsonLd => "JSON-LD",
        }
    }

    /// Returns the notation's media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Turtle => "text/turtle",
            Self::NTriples => "application/n-triples",
            Self::RdfXml => "application/rdf+xml",
            Self::JsonLd => "application/ld+json",
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
    /// The file is not what its extension promises.
    #[error("{file}: not {notation}, but {found}")]
    Foreign {
        /// The file, as the caller names it.
        file: String,
        /// The notation of its extension.
        notation: &'static str,
        /// What it is, and what helps.
        found: &'static str,
    },
    /// The file cannot be read, and looks like another notation than that of its name.
    #[error("{file}:{line}:{column}: {message}; the file looks like {like}")]
    Other {
        /// The file, as the caller names it.
        file: String,
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// What is wrong there.
        message: String,
        /// What it looks like, and what helps.
        like: &'static str,
    },
    /// A context of JSON-LD is kept elsewhere.
    #[error(
        "{file}:{line}:{column}: the context {address} is not in the file, and nothing is fetched; write the context itself in \
         its place"
    )]
    RemoteContext {
        /// The file, as the caller names it.
        file: String,
        /// The line.
        line: usize,
        /// The column.
        column: usize,
        /// Where the context is kept.
        address: String,
    },
    /// JSON out of which no statement comes.
    #[error("{file}: not one statement comes out of the file{}", reasons(notices))]
    NoStatement {
        /// The file, as the caller names it.
        file: String,
        /// What was ignored.
        notices: Vec<Notice>,
    },
    /// A number of JSON that is not stored with all its digits.
    #[error(
        "{file}: the number {text} of {predicate} would not be stored as it is written: write it as a text in quotes, with \"@type\" \
         xsd:decimal in the context or beside it where it is a number"
    )]
    Number {
        /// The file, as the caller names it.
        file: String,
        /// What it is of.
        predicate: String,
        /// The number.
        text: String,
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
    /// A statement is about a statement.
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
        /// The line of the first occurrence of the node's label, or 1 where it has none.
        line: usize,
        /// The column of the label.
        column: usize,
        /// One of the nodes, as the file labels it.
        node: String,
    },
    /// A blank node would get a name that is too long.
    #[error(
        "{file}: the blank nodes below <{owner}> are nested so deep that the path to one of them, its name, would have more than 2048 \
         bytes, or they are so many that their names would take too much memory; give some of them IRIs"
    )]
    LongName {
        /// The file, as the caller names it.
        file: String,
        /// The resource that leads to it.
        owner: String,
    },
    /// The base is no absolute IRI.
    #[error("the base \"{base}\" is not an absolute IRI")]
    Base {
        /// The base that was given.
        base: String,
        /// Why it is none.
        source: IriParseError,
    },
    /// A prefix is bound to no IRI.
    #[error("the prefix {name}: is bound to \"{iri}\", which is not an IRI")]
    Prefix {
        /// The prefix.
        name: String,
        /// What it is bound to.
        iri: String,
        /// Why that is none.
        source: IriParseError,
    },
    /// A statement cannot be written in the notation.
    #[error("a statement cannot be written in this notation")]
    Write(#[source] std::io::Error),
}

/// Something in a file that no statement comes out of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The file, as the caller names it.
    pub file: String,
    /// What is ignored, and why.
    pub message: String,
}

impl std::fmt::Display for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.file, self.message)
    }
}

/// The most reasons in one error.
const REASONS_MAX: usize = 5;

fn reasons(notices: &[Notice]) -> String {
    let reasons: Vec<&str> = notices.iter().take(REASONS_MAX).map(|notice| notice.message.as_str()).collect();
    if reasons.is_empty() { String::new() } else { format!(": {}", reasons.join("; ")) }
}

/// Lists what a file that [`read_onto`] takes holds beside its statements.
pub fn notices(bytes: &[u8], format: Format, base: &str, file: &str, statements: usize) -> Vec<Notice> {
    let mut notices = if format == Format::JsonLd { jsonld::notices(bytes, base, file) } else { Vec::new() };
    if statements == 0 {
        notices.push(Notice { file: file.to_owned(), message: "the file holds no statement".to_owned() });
    }
    notices
}

/// The statements of a store with exactly this subject (resource or fragment); empty where there are none.
pub type Known<'a> = &'a dyn Fn(&NamedNode) -> Vec<Statement>;

/// Whether the values of a property are texts, so that a number is the text that the file writes.
pub type Texts<'a> = &'a dyn Fn(&NamedNode) -> bool;

/// Reads a file into a store that knows nothing yet; see [`read_onto`].
pub fn read(bytes: &[u8], format: Format, base: &str, file: &str) -> Result<Vec<Statement>, Error> {
    read_onto(bytes, format, base, file, &|_| Vec::new(), &|_| false)
}

/// Reads a file: relative IRIs are resolved against `base`, statements keep the file's order, and blank nodes
/// become fragments of their owners, under the names that `known` shows them to have had before. Numbers are texts where `texts` has it.
pub fn read_onto(
    bytes: &[u8],
    format: Format,
    base: &str,
    file: &str,
    known: Known<'_>,
    texts: Texts<'_>,
) -> Result<Vec<Statement>, Error> {
    let is_text = |predicate: &NamedNode| NAMES.contains(&predicate.as_ref()) || texts(predicate);
    if let Some(found) = looks::foreign(bytes) {
        return Err(Error::Foreign { file: file.to_owned(), notation: format.name(), found });
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let nesting = if format == Format::RdfXml { Nesting::of(bytes) } else { Nesting::default() };
    let refuse = |at: Option<usize>, message: &str| match at.map(|at| position::of_offset(bytes, at)) {
        None => Ok(()),
        Some(Position { line, column }) => {
            Err(Error::Syntax { file: file.to_owned(), line, column, message: message.to_owned() })
        }
    };
    refuse(nesting.too_deep, Nesting::TOO_DEEP)?;
    if let (Format::RdfXml, Some((at, what))) = (format, entities::excess(bytes)) {
        refuse(Some(at), what)?;
    }
    if matches!(format, Format::Turtle | Format::NTriples) {
        refuse(triple_terms::too_deep(bytes), triple_terms::TOO_DEEP)?;
    }
    if format == Format::JsonLd {
        refuse(bounds::too_deep(bytes), bounds::TOO_DEEP)?;
        jsonld::check_contexts(bytes, file)?;
    }
    let parser = parser(format, base)?;
    let mut statements = Vec::new();
    let written = if format == Format::JsonLd { jsonld::written_numbers(bytes, base) } else { None };
    let mut written = written.map(Vec::into_iter);
    for quad in parser.clone().for_slice(bytes) {
        let quad = quad.map_err(|error| syntax_error(&error, parser.clone(), bytes, (file, format)))?;
        check(&quad, file)?;
        let object = if format == Format::JsonLd { jsonld::typed_number(quad.object) } else { quad.object };
        let number = written.as_mut().and_then(Iterator::next);
        let number = number.filter(|(predicate, _)| *predicate == quad.predicate).and_then(|(_, text)| text);
        let is_text = is_text(&quad.predicate);
        let object = if is_text { identifier(object, format) } else { object };
        let object = match (number, object) {
            (Some(text), object) => as_written((&quad.predicate, is_text), object, text, file)?,
            (None, object) if format == Format::JsonLd && is_text && is_changed_name(&object) => {
                return Err(unkept(file, &quad.predicate, &object.to_string()));
            }
            (None, object) => object,
        };
        statements.push((quad.subject, quad.predicate.clone(), object));
    }
    refuse(nesting.unclosed, Nesting::UNCLOSED)?;
    if statements.is_empty() && format == Format::JsonLd {
        let notices = jsonld::notices(bytes, base, file);
        return Err(Error::NoStatement { file: file.to_owned(), notices });
    }
    names::name(statements, base, known).map_err(|unnamed| match unnamed {
        Unnamed::InCircle(label) => {
            let node = format!("_:{label}");
            let Position { line, column } = position::of_label(bytes, &node);
            Error::Circle { file: file.to_owned(), line, column, node }
        }
        Unnamed::TooLong(owner) => Error::LongName { file: file.to_owned(), owner },
    })
}

/// Properties whose values are names in any store, which some files write as numbers.
const NAMES: [NamedNodeRef<'static>; 3] = [dcterms::IDENTIFIER, skos::NOTATION, tl::REVISION];

/// Returns a text that the file writes as a number (`00471`, `1.10`, a whole number of JSON) as the text that it is: as a
/// number it would lose its zeros, and no serial of telemetry would be it. For other numbers of JSON see [`as_written`].
fn identifier(object: Term, format: Format) -> Term {
    match object {
        Term::Literal(literal)
            if literal.datatype() == xsd::INTEGER
                || format != Format::JsonLd && [xsd::DECIMAL, xsd::DOUBLE].contains(&literal.datatype()) =>
        {
            Literal::new_simple_literal(literal.value()).into()
        }
        object => object,
    }
}

/// Returns a number of JSON as the file writes it, where it is a text or has digits that the processor did not keep. A text with an
/// exponent is refused.
fn as_written(
    (predicate, wants_text): (&NamedNode, bool),
    object: Term,
    text: String,
    file: &str,
) -> Result<Term, Error> {
    let Term::Literal(literal) = &object else { return Ok(object) };
    if wants_text {
        let is_text = literal.datatype() == xsd::STRING || is_changed_name(&object);
        // The reader of JSON writes exponents in its own way.
        if is_text && text.contains(['e', 'E']) {
            return Err(unkept(file, predicate, &text));
        }
        return Ok(if is_text { Literal::new_simple_literal(text).into() } else { object });
    }
    let is_exact = [xsd::DECIMAL, xsd::INTEGER].contains(&literal.datatype());
    let value = text.parse::<f64>().ok().filter(|value| value.is_finite() && !loses_digits(&text, *value));
    let kept = Numeral::parse(literal.value()).filter(|_| is_exact || value.is_some());
    if kept.is_some() && kept == Numeral::parse(&text) {
        return Ok(object);
    }
    if is_exact && !text.contains(['e', 'E']) {
        return Ok(Literal::new_typed_literal(text, literal.datatype()).into());
    }
    match value {
        Some(_) => Ok(object),
        None => Err(unkept(file, predicate, &text)),
    }
}

/// Returns whether an object, which is to be a text, was made a number.
fn is_changed_name(object: &Term) -> bool {
    let is_number = |literal: &Literal| [xsd::DECIMAL, xsd::DOUBLE].contains(&literal.datatype());
    matches!(object, Term::Literal(literal) if is_number(literal))
}

fn unkept(file: &str, predicate: &NamedNode, text: &str) -> Error {
    let (file, predicate, text) = (file.to_owned(), predicate.as_str().to_owned(), text.to_owned());
    Error::Number { file, predicate, text }
}

/// Writes statements, sorted, under the given prefixes (name, IRI).
pub fn write(statements: &[Statement], format: Format, prefixes: &[(&str, &str)]) -> Result<Vec<u8>, Error> {
    let mut sorted: Vec<&Statement> = statements.iter().collect();
    sorted.sort();
    sorted.dedup();
    let mut bytes = Vec::new();
    let mut writer = Writer::new(format, prefixes, None, &mut bytes)?;
    sorted.into_iter().try_for_each(|statement| writer.write(statement))?;
    writer.finish()?;
    Ok(bytes)
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

fn syntax_error(
    error: &RdfSyntaxError,
    parser: RdfParser,
    bytes: &[u8],
    (file, format): (&str, Format),
) -> Error {
    if format == Format::JsonLd
        && let Some((offset, escape)) = jsonld::lone_half(bytes)
    {
        let Position { line, column } = position::of_offset(bytes, offset);
        let message = format!(
            "{escape} is one half of a pair and no character: write both halves, as in \\ud83d\\ude00"
        );
        return Error::Syntax { file: file.to_owned(), line, column, message };
    }
    unread(position::of_error(error, parser, bytes), position::message(error), bytes, (file, format))
}

/// Describes why a file cannot be read, and what it looks like where that is another notation.
fn unread(
    Position { line, column }: Position,
    message: String,
    bytes: &[u8],
    (file, format): (&str, Format),
) -> Error {
    let file = file.to_owned();
    match looks::like(bytes, format) {
        Some(like) => Error::Other { file, line, column, message, like },
        None => Error::Syntax { file, line, column, message },
    }
}

#[cfg(test)]
mod tests;
