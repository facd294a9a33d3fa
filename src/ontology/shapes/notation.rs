//! How paths and values are written in messages.

use super::Names;
use super::proof::named;
use oxigraph::model::{Literal, Term};
use rudof_rdf::rdf_core::SHACLPath;

/// Writes a path with field names, in the notation of SPARQL's property paths.
pub(super) fn field_path(names: &dyn Names, path: &SHACLPath) -> String {
    let joined = |paths: &[SHACLPath], with: &str| -> String {
        paths.iter().map(|path| field_path(names, path)).collect::<Vec<_>>().join(with)
    };
    match path {
        SHACLPath::Predicate { pred } => names.field(&named(pred)),
        SHACLPath::Sequence { paths } => joined(paths, "/"),
        SHACLPath::Alternative { paths } => format!("({})", joined(paths, "|")),
        SHACLPath::Inverse { path } => format!("^{}", field_path(names, path)),
        SHACLPath::ZeroOrMore { path } => format!("({})*", field_path(names, path)),
        SHACLPath::OneOrMore { path } => format!("({})+", field_path(names, path)),
        SHACLPath::ZeroOrOne { path } => format!("({})?", field_path(names, path)),
    }
}

/// Shows a value as a person would write it.
pub(in crate::ontology) fn show(value: &Term) -> String {
    match value {
        Term::NamedNode(iri) => format!("<{}>", iri.as_str()),
        Term::Literal(literal) => show_literal(literal),
        other => other.to_string(),
    }
}

fn show_literal(literal: &Literal) -> String {
    if literal.value().len() > 80 {
        let start: String = literal.value().chars().take(77).collect();
        return format!("\"{start}…\"");
    }
    format!("\"{}\"", literal.value())
}
