//! The formats of answers: all that oxigraph writes.

use super::query::Form;
use oxigraph::io::{JsonLdProfileSet, RdfFormat};
use oxigraph::sparql::results::QueryResultsFormat;

/// A format of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// The name on the command line.
    pub name: &'static str,
    /// The media type, without parameters.
    pub media_type: &'static str,
    /// Other media types that ask for it.
    pub aliases: &'static [&'static str],
    pub(super) kind: Serialization,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Serialization {
    Results(QueryResultsFormat),
    Graph(RdfFormat),
}

const fn results(
    name: &'static str,
    media_type: &'static str,
    aliases: &'static [&'static str],
    format: QueryResultsFormat,
) -> Format {
    Format { name, media_type, aliases, kind: Serialization::Results(format) }
}

const fn graph(
    name: &'static str,
    media_type: &'static str,
    aliases: &'static [&'static str],
    format: RdfFormat,
) -> Format {
    Format { name, media_type, aliases, kind: Serialization::Graph(format) }
}

/// Answers to SELECT and ASK; the first where the client does not care.
const RESULTS: [Format; 4] = [
    results("json", "application/sparql-results+json", &["application/json"], QueryResultsFormat::Json),
    results(
        "xml",
        "application/sparql-results+xml",
        &["application/xml", "text/xml"],
        QueryResultsFormat::Xml,
    ),
    results("csv", "text/csv", &[], QueryResultsFormat::Csv),
    results("tsv", "text/tab-separated-values", &[], QueryResultsFormat::Tsv),
];

/// Answers to CONSTRUCT and DESCRIBE; the first where the client does not care.
const GRAPHS: [Format; 7] = [
    graph("turtle", "text/turtle", &["application/x-turtle"], RdfFormat::Turtle),
    graph("ntriples", "application/n-triples", &["text/plain"], RdfFormat::NTriples),
    graph("rdfxml", "application/rdf+xml", &["application/xml", "text/xml"], RdfFormat::RdfXml),
    graph(
        "jsonld",
        "application/ld+json",
        &["application/json"],
        RdfFormat::JsonLd { profile: JsonLdProfileSet::empty() },
    ),
    graph("nquads", "application/n-quads", &[], RdfFormat::NQuads),
    graph("trig", "application/trig", &[], RdfFormat::TriG),
    graph("n3", "text/n3", &[], RdfFormat::N3),
];

impl Format {
    /// Returns the formats that can hold the answer to a form of query, the usual one first.
    pub fn of(form: Form) -> &'static [Self] {
        match form {
            Form::Select | Form::Ask => &RESULTS,
            Form::Construct | Form::Describe => &GRAPHS,
        }
    }

    /// Returns the format of this name.
    pub fn named(name: &str) -> Option<Self> {
        RESULTS.iter().chain(&GRAPHS).find(|format| format.name == name).copied()
    }

    /// Returns the value of a `Content-Type` header.
    pub fn content_type(self) -> &'static str {
        match self.kind {
            Serialization::Results(format) => format.media_type(),
            Serialization::Graph(RdfFormat::Turtle) => "text/turtle; charset=utf-8",
            Serialization::Graph(RdfFormat::N3) => "text/n3; charset=utf-8",
            Serialization::Graph(format) => format.media_type(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_agrees_with_the_engine() {
        for format in RESULTS.iter().chain(&GRAPHS) {
            let media_type = match format.kind {
                Serialization::Results(kind) => kind.media_type(),
                Serialization::Graph(kind) => kind.media_type(),
            };
            assert_eq!(media_type.split(';').next(), Some(format.media_type), "{}", format.name);
            assert!(format.content_type().starts_with(format.media_type));
            assert_eq!(Format::named(format.name), Some(*format), "names are unique");
        }
    }
}
