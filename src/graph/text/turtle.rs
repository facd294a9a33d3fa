//! The canonical Turtle of one document: sorted, prefixed, one statement a line, so that a diff reads like a change note.
//!
//! Format version 2:
//!
//! ```text
//! @base <https://example.org/> .
//! @prefix tl: <https://w3id.org/throughline#> .
//!
//! <req/REQ-12> a tl:Requirement .
//! <req/REQ-12#limit> tl:limit 85.0 .
//! ```
//!
//! IRIs below the thread's base are written relative to it. Only the prefixes of [`PREFIXES`] are used, and only those
//! that occur are declared. Lines sort by subject, then `a`, then predicate and object as IRIs and N-Triples.

use crate::model::statement::{Statement, triple_terms};
use oxigraph::io::{RdfFormat, RdfParser};
use oxigraph::model::vocab::{rdf, xsd};
use oxigraph::model::{Literal, NamedNode, NamedOrBlankNode, Term};
use std::fmt::Write as _;

/// The prefixes of format version 2.
pub(crate) const PREFIXES: [(&str, &str); 15] = [
    ("adms", "http://www.w3.org/ns/adms#"),
    ("dcterms", "http://purl.org/dc/terms/"),
    ("foaf", "http://xmlns.com/foaf/0.1/"),
    ("oslc", "http://open-services.net/ns/core#"),
    ("owl", "http://www.w3.org/2002/07/owl#"),
    ("prov", "http://www.w3.org/ns/prov#"),
    ("quantitykind", "http://qudt.org/vocab/quantitykind/"),
    ("qudt", "http://qudt.org/schema/qudt/"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("rdfs", "http://www.w3.org/2000/01/rdf-schema#"),
    ("skos", "http://www.w3.org/2004/02/skos/core#"),
    ("sosa", "http://www.w3.org/ns/sosa/"),
    ("tl", "https://w3id.org/throughline#"),
    ("unit", "http://qudt.org/vocab/unit/"),
    ("xsd", "http://www.w3.org/2001/XMLSchema#"),
];

/// Why a file is not canonical text of a document.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is no Turtle.
    #[error("{file}: {source}")]
    Syntax {
        /// The file's path in the tree.
        file: String,
        /// Where and what.
        source: oxigraph::io::RdfParseError,
    },
    /// The file holds a blank node or a quoted statement, which documents never do.
    #[error("{file}: a document holds no blank nodes and no quoted statements")]
    Term {
        /// The file's path in the tree.
        file: String,
    },
}

impl Error {
    /// Returns the file's path in the tree.
    pub(crate) fn file(&self) -> &str {
        match self {
            Self::Syntax { file, .. } | Self::Term { file } => file,
        }
    }
}

/// Writes a document; `statements` are sorted.
pub(crate) fn write<'a>(statements: impl IntoIterator<Item = &'a Statement>, base: &str) -> String {
    let mut used = [false; PREFIXES.len()];
    // `a` comes first within a subject, as a reader expects.
    let mut lines: Vec<&Statement> = statements.into_iter().collect();
    let mut body = String::with_capacity(lines.len() * 64);
    lines.sort_by(|a, b| {
        (a.subject.as_str(), a.predicate != rdf::TYPE).cmp(&(b.subject.as_str(), b.predicate != rdf::TYPE))
    });
    for statement in lines {
        write_iri(&statement.subject, base, &mut used, &mut body);
        body.push(' ');
        if statement.predicate == rdf::TYPE {
            body.push('a');
        } else {
            write_iri(&statement.predicate, base, &mut used, &mut body);
        }
        body.push(' ');
        write_object(&statement.object, base, &mut used, &mut body);
        body.push_str(" .\n");
    }
    let mut text = String::with_capacity(body.len() + 200);
    let _ = writeln!(text, "@base <{base}> .");
    for ((prefix, namespace), _) in PREFIXES.iter().zip(used).filter(|(_, used)| *used) {
        let _ = writeln!(text, "@prefix {prefix}: <{namespace}> .");
    }
    text.push('\n');
    text.push_str(&body);
    text
}

/// Reads a document back, sorted.
pub(crate) fn read(text: &[u8], file: &str) -> Result<Vec<Statement>, Error> {
    if triple_terms::too_deep(text).is_some() {
        return Err(Error::Term { file: file.to_owned() });
    }
    let parser = RdfParser::from_format(RdfFormat::Turtle);
    let mut statements = Vec::new();
    for quad in parser.for_slice(text) {
        let quad = quad.map_err(|source| Error::Syntax { file: file.to_owned(), source: source.into() })?;
        match (quad.subject, quad.object) {
            (NamedOrBlankNode::NamedNode(subject), object @ (Term::NamedNode(_) | Term::Literal(_))) => {
                statements.push(Statement { subject, predicate: quad.predicate, object });
            }
            _ => return Err(Error::Term { file: file.to_owned() }),
        }
    }
    statements.sort_unstable();
    statements.dedup();
    Ok(statements)
}

fn write_iri(iri: &NamedNode, base: &str, used: &mut [bool; PREFIXES.len()], into: &mut String) {
    let iri = iri.as_str();
    if let Some(relative) = iri.strip_prefix(base).filter(|rest| is_plain_relative(rest)) {
        let _ = write!(into, "<{relative}>");
        return;
    }
    for (at, (prefix, namespace)) in PREFIXES.iter().enumerate() {
        if let Some(local) = iri.strip_prefix(namespace).filter(|local| is_plain_local(local)) {
            used[at] = true;
            let _ = write!(into, "{prefix}:{local}");
            return;
        }
    }
    let _ = write!(into, "<{iri}>");
}

/// Returns whether the rest resolves against a base that ends in `/` to that base followed by the rest.
fn is_plain_relative(rest: &str) -> bool {
    let first = rest.split(['/', '?', '#']).next().unwrap_or("");
    !first.is_empty()
        && !first.contains(':')
        && !rest.split(['/', '?', '#']).any(|part| part == "." || part == "..")
}

fn is_plain_local(local: &str) -> bool {
    let mut bytes = local.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn write_object(object: &Term, base: &str, used: &mut [bool; PREFIXES.len()], into: &mut String) {
    match object {
        Term::NamedNode(iri) => write_iri(iri, base, used, into),
        Term::Literal(literal) => write_literal(literal, base, used, into),
        other => {
            let _ = write!(into, "{other}");
        }
    }
}

fn write_literal(literal: &Literal, base: &str, used: &mut [bool; PREFIXES.len()], into: &mut String) {
    let lexical = literal.value();
    if is_bare(lexical, literal) {
        into.push_str(lexical);
        return;
    }
    let _ = write!(into, "{}", Literal::new_simple_literal(lexical));
    if let Some(language) = literal.language() {
        let _ = write!(into, "@{language}");
    } else if literal.datatype() != xsd::STRING {
        into.push_str("^^");
        write_iri(&literal.datatype().into_owned(), base, used, into);
    }
}

/// Returns whether Turtle reads the bare lexical form back as the same literal.
fn is_bare(lexical: &str, literal: &Literal) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let unsigned = lexical.strip_prefix('-').unwrap_or(lexical);
    let decimal =
        |text: &str| text.split_once('.').is_some_and(|(whole, rest)| digits(whole) && digits(rest));
    match literal.datatype() {
        xsd::BOOLEAN => matches!(lexical, "true" | "false"),
        xsd::INTEGER => digits(unsigned),
        xsd::DECIMAL => decimal(unsigned),
        xsd::DOUBLE => unsigned
            .split_once('E')
            .is_some_and(|(mantissa, exp)| decimal(mantissa) && digits(exp.strip_prefix('-').unwrap_or(exp))),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BASE: &str = "https://example.org/";

    fn statement(subject: &str, predicate: &str, object: Term) -> Statement {
        Statement::new(NamedNode::new_unchecked(subject), NamedNode::new_unchecked(predicate), object)
    }

    #[test]
    fn reads_like_a_note() {
        let mut statements = vec![
            statement("https://example.org/req/R", "https://w3id.org/throughline#constraint", {
                NamedNode::new_unchecked("https://example.org/req/R#limit").into()
            }),
            statement("https://example.org/req/R#limit", "https://w3id.org/throughline#limit", {
                Literal::new_typed_literal("85.0", xsd::DECIMAL).into()
            }),
            statement(
                "https://example.org/req/R",
                rdf::TYPE.as_str(),
                NamedNode::new_unchecked("https://w3id.org/throughline#Requirement").into(),
            ),
            statement("https://example.org/req/R", "http://purl.org/dc/terms/title", {
                Literal::new_simple_literal("Bearing \"hot\"\nlimit").into()
            }),
        ];
        statements.sort_unstable();
        let text = write(&statements, BASE);
        assert_eq!(
            text,
            "@base <https://example.org/> .\n\
             @prefix dcterms: <http://purl.org/dc/terms/> .\n\
             @prefix tl: <https://w3id.org/throughline#> .\n\n\
             <req/R> a tl:Requirement .\n\
             <req/R> dcterms:title \"Bearing \\\"hot\\\"\\nlimit\" .\n\
             <req/R> tl:constraint <req/R#limit> .\n\
             <req/R#limit> tl:limit 85.0 .\n"
        );
    }

    fn iri() -> impl Strategy<Value = NamedNode> {
        prop_oneof![
            "https://example\\.org/[a-z:/#.]{0,8}",
            "https://w3id\\.org/throughline#[a-zA-Z0-9._-]{1,6}",
            "urn:x:[a-z]{1,5}",
        ]
        .prop_filter_map("an IRI", |text| NamedNode::new(text).ok())
        // A parser removes dot segments from absolute IRIs too, so such an IRI never enters the graph.
        .prop_filter("no dot segments", |iri| {
            !iri.as_str().split(['/', '#']).any(|part| part == "." || part == "..")
        })
    }

    fn object() -> impl Strategy<Value = Term> {
        prop_oneof![
            iri().prop_map(Term::from),
            any::<String>().prop_map(|text| Literal::new_simple_literal(text).into()),
            any::<f64>().prop_map(|value| Literal::from(value).into()),
            any::<i64>().prop_map(|value| Literal::from(value).into()),
            "-?[0-9]{1,4}(\\.[0-9]{1,3})?"
                .prop_map(|text| Literal::new_typed_literal(text, xsd::DECIMAL).into()),
            ("[a-z]{0,4}", "[a-z]{2}").prop_map(|(text, tag)| {
                Literal::new_language_tagged_literal(text, tag).expect("a language tag").into()
            }),
        ]
        .prop_map(crate::model::statement::literal::canonical)
    }

    proptest! {
        #[test]
        fn text_round_trips(triples in prop::collection::vec((iri(), iri(), object()), 0..12)) {
            let mut statements: Vec<_> =
                triples.into_iter().map(|(s, p, o)| Statement::new(s, p, o)).collect();
            statements.sort_unstable();
            statements.dedup();
            let text = write(&statements, BASE);
            let back = read(text.as_bytes(), "test").expect("canonical text");
            prop_assert_eq!(&back, &statements);
            prop_assert_eq!(write(&back, BASE), text);
        }
    }
}
