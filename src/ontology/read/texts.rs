//! Which predicates want a plain text, by all shapes that state something about their values.

use crate::ontology::graph::{Files, as_subject};
use crate::ontology::terms::{sh, tl, xsd};
use oxigraph::model::{NamedNode, NamedOrBlankNode, Term};
use std::collections::{HashMap, HashSet};

/// How deep shapes may refer to each other.
const DEPTH_MAX: usize = 8;

/// What a shape wants of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// A text: `xsd:string`, the text shape, or one of some texts.
    Text,
    /// Some literal, whichever.
    Literal,
    /// Another datatype, or an IRI.
    Other,
}

/// The predicates whose values are texts.
#[derive(Debug, Default)]
pub(in crate::ontology) struct TextPredicates {
    /// Those that want a text.
    pub(in crate::ontology) texts: HashSet<NamedNode>,
    /// Those that want a literal, whichever it is.
    pub(in crate::ontology) literals: HashSet<NamedNode>,
}

/// Finds them. A predicate of which one shape wants something else is none of them.
pub(super) fn read(files: &Files) -> TextPredicates {
    let mut wanted: HashMap<NamedNode, Vec<Wanted>> = HashMap::new();
    for triple in files.graph.triples_for_predicate(sh::PATH) {
        let shape = triple.subject.into_owned();
        if let Term::NamedNode(path) = triple.object.into_owned() {
            wanted.entry(path).or_default().extend(wants(files, &shape, 0));
        }
    }
    let mut found = TextPredicates::default();
    for (predicate, wanted) in wanted {
        let all = |of: &[Wanted]| !wanted.is_empty() && wanted.iter().all(|own| of.contains(own));
        if all(&[Wanted::Literal]) {
            found.literals.insert(predicate);
        } else if all(&[Wanted::Text, Wanted::Literal]) {
            found.texts.insert(predicate);
        }
    }
    found
}

/// Lists what a shape and those that it refers to want of a value.
fn wants(files: &Files, shape: &NamedOrBlankNode, depth: usize) -> Vec<Wanted> {
    if depth > DEPTH_MAX {
        return Vec::new();
    }
    let datatypes = files.iris(shape, sh::DATATYPE);
    let mut found: Vec<Wanted> = datatypes
        .iter()
        .map(|datatype| if datatype.as_ref() == xsd::STRING { Wanted::Text } else { Wanted::Other })
        .collect();
    if !files.objects(shape, sh::CLASS).is_empty() {
        found.push(Wanted::Other);
    }
    if let Some(list) = files.object(shape, sh::IN) {
        let is_text = |item: &Term| matches!(item, Term::Literal(item) if item.datatype() == xsd::STRING);
        found.push(if files.list(&list).iter().all(is_text) { Wanted::Text } else { Wanted::Other });
    }
    match files.iri(shape, sh::NODE_KIND) {
        Some(kind) if kind.as_ref() != sh::LITERAL => found.push(Wanted::Other),
        Some(_) if is_text_shape(shape) => found.push(Wanted::Text),
        Some(_) => found.push(Wanted::Literal),
        None => {}
    }
    let mut inner: Vec<Term> = files.objects(shape, sh::NODE);
    for list in files.objects(shape, sh::OR) {
        inner.extend(files.list(&list));
    }
    found.extend(inner.iter().filter_map(as_subject).flat_map(|node| wants(files, &node, depth + 1)));
    found
}

/// Returns whether a shape is the one of the texts of this vocabulary, which takes any literal: titles may have a language.
fn is_text_shape(shape: &NamedOrBlankNode) -> bool {
    matches!(shape, NamedOrBlankNode::NamedNode(own) if own.as_str().strip_prefix(tl::NAMESPACE) == Some("TextShape"))
}
