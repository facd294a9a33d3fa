//! One statement of the graph. Its words are RDF's own terms; there are no blank nodes.

pub mod change;
pub mod difference;
pub mod literal;
pub mod triple_terms;
pub mod value;

use oxigraph::model::vocab::xsd;
use oxigraph::model::{Literal, NamedNode, Term};
use std::cmp::Ordering;
use std::fmt;

/// A statement: subject, predicate, and an object that is an IRI or a literal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Statement {
    /// What the statement is about.
    pub subject: NamedNode,
    /// The property or the kind of link.
    pub predicate: NamedNode,
    /// The value or the target of the link.
    pub object: Term,
}

impl Statement {
    /// Puts the three together.
    pub fn new(
        subject: impl Into<NamedNode>,
        predicate: impl Into<NamedNode>,
        object: impl Into<Term>,
    ) -> Self {
        Self { subject: subject.into(), predicate: predicate.into(), object: object.into() }
    }
}

impl Ord for Statement {
    /// Orders by subject, predicate, then the object's N-Triples text.
    fn cmp(&self, other: &Self) -> Ordering {
        (self.subject.as_str(), self.predicate.as_str())
            .cmp(&(other.subject.as_str(), other.predicate.as_str()))
            .then_with(|| by_text(&self.object, &other.object))
    }
}

/// Orders terms by their N-Triples text, which is written only where it holds escapes.
fn by_text(one: &Term, other: &Term) -> Ordering {
    match (one, other) {
        (Term::NamedNode(one), Term::NamedNode(other)) => ended(one.as_str(), other.as_str(), b'>'),
        (Term::Literal(one), Term::Literal(other)) if is_plain(one.value()) && is_plain(other.value()) => {
            ended(one.value(), other.value(), b'"').then_with(|| by_kind(one, other))
        }
        (one, other) if one == other => Ordering::Equal,
        (one, other) => one.to_string().cmp(&other.to_string()),
    }
}

/// Orders literals of one value by what follows its closing quote: nothing, `@` and a language, `^^` and a datatype.
fn by_kind(one: &Literal, other: &Literal) -> Ordering {
    let kind = |literal: &Literal| match literal.language() {
        Some(_) => 1,
        None if literal.datatype() == xsd::STRING => 0,
        None => 2,
    };
    kind(one).cmp(&kind(other)).then_with(|| match (one.language(), other.language()) {
        (Some(one), Some(other)) => one.cmp(other),
        _ => ended(one.datatype().as_str(), other.datatype().as_str(), b'>'),
    })
}

/// Orders texts as if each was followed by a byte that occurs in neither.
fn ended(one: &str, other: &str, end: u8) -> Ordering {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let common = one.len().min(other.len());
    one[..common].cmp(&other[..common]).then_with(|| {
        let next = |text: &[u8]| text.get(common).copied().unwrap_or(end);
        next(one).cmp(&next(other))
    })
}

/// Returns whether N-Triples surely writes a value unescaped; `false` for some that need no escape either.
fn is_plain(value: &str) -> bool {
    // U+FFFE and U+FFFF, which are escaped too, begin with the byte EF.
    value.bytes().all(|byte| !matches!(byte, 0..0x20 | b'"' | b'\\' | 0x7f | 0xef))
}

impl PartialOrd for Statement {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Statement {
    /// Writes one line of N-Triples.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} .", self.subject, self.predicate, self.object)
    }
}

/// The IRIs begin so under which an import notes on the branch of its source what it needs the next time; it takes these
/// notes to no other branch.
pub const IMPORT_NOTES: &str = "urn:throughline:import-note:";

/// Returns whether an IRI is that of such a note, or of a fragment of one.
pub fn is_import_note(iri: &NamedNode) -> bool {
    iri.as_str().starts_with(IMPORT_NOTES)
}

/// Returns the resource that an IRI is, or is a fragment of.
pub fn root(iri: &NamedNode) -> NamedNode {
    NamedNode::new_unchecked(without_fragment(iri.as_str()))
}

/// Returns an IRI without its fragment.
pub fn without_fragment(iri: &str) -> &str {
    iri.split_once('#').map_or(iri, |(resource, _)| resource)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn literal(value: String, kind: u8) -> Term {
        match kind {
            0 => Literal::from(value),
            1 => Literal::new_language_tagged_literal_unchecked(value, "en"),
            2 => Literal::new_language_tagged_literal_unchecked(value, "en-gb"),
            3 => Literal::new_typed_literal(value, xsd::INTEGER),
            _ => Literal::new_typed_literal(value, xsd::INT),
        }
        .into()
    }

    /// Few letters, so that many terms are alike or begin alike; some are written with escapes.
    fn term() -> impl Strategy<Value = Term> {
        let value = "[a#\"\\\\\n\u{7f}\u{ef}\u{feff}\u{ffff} ]{0,3}";
        prop_oneof![
            "[a#?~]{0,3}".prop_map(|rest| NamedNode::new_unchecked(format!("x:{rest}")).into()),
            (value, 0u8..5).prop_map(|(value, kind)| literal(value, kind)),
        ]
    }

    proptest! {
        #[test]
        fn objects_come_in_the_order_of_their_text(one in term(), other in term()) {
            prop_assert_eq!(by_text(&one, &other), one.to_string().cmp(&other.to_string()));
        }
    }
}
