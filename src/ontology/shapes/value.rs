//! What can be proved of a single value, in the sense of the SHACL engine.

use crate::model::time::instant::Instant;
use crate::ontology::terms::{rdf, xsd};
use oxigraph::model::{Literal, Term};
use shacl::types::NodeKind;

/// A bound of a range.
#[derive(Clone, Copy, Debug)]
pub(super) enum Bound {
    MinInclusive,
    MinExclusive,
    MaxInclusive,
    MaxExclusive,
}

impl Bound {
    /// Returns whether a value certainly keeps the bound; `limit` is a number as [`numeric`] returns it.
    pub(super) fn certainly_holds(self, value: &Term, limit: &str) -> bool {
        let Some(value) = numeric(value) else { return false };
        match self {
            Self::MinInclusive => less(limit, value, true),
            Self::MinExclusive => less(limit, value, false),
            Self::MaxInclusive => less(value, limit, true),
            Self::MaxExclusive => less(value, limit, false),
        }
    }
}

/// Returns whether one numeric value certainly lies below another.
pub(super) fn certainly_less(value: &Term, other: &Term, or_equal: bool) -> bool {
    match (numeric(value), numeric(other)) {
        (Some(value), Some(other)) => less(value, other, or_equal),
        _ => false,
    }
}

/// Rounding to the nearest f64 keeps order, so that a strict order of the rounded numbers is one of the numbers. A
/// tie is decided among whole numbers alone.
fn less(small: &str, large: &str, or_equal: bool) -> bool {
    if let (Ok(small), Ok(large)) = (small.parse::<i64>(), large.parse::<i64>()) {
        return small < large || (or_equal && small == large);
    }
    matches!((small.parse::<f64>(), large.parse::<f64>()), (Ok(small), Ok(large)) if small < large)
}

/// Returns the text of a literal that is certainly a number.
pub(super) fn numeric(value: &Term) -> Option<&str> {
    let Term::Literal(literal) = value else { return None };
    let datatype = literal.datatype();
    let is_number = datatype == xsd::INTEGER || datatype == xsd::DECIMAL || datatype == xsd::DOUBLE;
    (is_number && certainly_well_formed(literal, datatype.as_str())).then(|| literal.value())
}

/// Returns whether a value is a literal of a datatype, and certainly well formed.
pub(super) fn certainly_has_datatype(value: &Term, datatype: &str) -> bool {
    matches!(value, Term::Literal(literal)
        if literal.datatype().as_str() == datatype && certainly_well_formed(literal, datatype))
}

fn certainly_well_formed(literal: &Literal, datatype: &str) -> bool {
    let text = literal.value();
    let is = |known: oxigraph::model::NamedNodeRef<'_>| known.as_str() == datatype;
    if is(xsd::STRING) {
        true
    } else if is(xsd::INTEGER) {
        is_digits(unsigned(text), 18)
    } else if is(xsd::DECIMAL) {
        is_decimal(unsigned(text))
    } else if is(xsd::DOUBLE) {
        is_double(text)
    } else if is(xsd::FLOAT) {
        is_double(text) && text.parse::<f32>().is_ok_and(f32::is_finite)
    } else if is(xsd::BOOLEAN) {
        matches!(text, "true" | "false")
    } else if is(xsd::DATE_TIME) {
        is_instant(text)
    } else {
        // The engine looks into no form of a datatype that it does not know.
        !datatype.starts_with(xsd::NAMESPACE) && !is(rdf::LANG_STRING) || is(xsd::DURATION)
    }
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

fn is_digits(text: &str, length_max: usize) -> bool {
    !text.is_empty() && text.len() <= length_max && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_decimal(text: &str) -> bool {
    match text.split_once('.') {
        Some((whole, part)) => is_digits(whole, 9) && is_digits(part, 18),
        None => is_digits(text, 18),
    }
}

fn is_double(text: &str) -> bool {
    let plain =
        text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'-' | b'+'));
    plain && text.len() <= 32 && text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// The plain form of XSD and RFC 3339 alike: `2024-05-01T08:00:00Z`, with decimals and `±hh:mm` allowed.
fn is_instant(text: &str) -> bool {
    const FORM: &[u8] = b"dddd-dd-ddTdd:dd:dd";
    let bytes = text.as_bytes();
    let shaped = bytes.len() > FORM.len()
        && FORM
            .iter()
            .zip(bytes)
            .all(|(form, byte)| if *form == b'd' { byte.is_ascii_digit() } else { form == byte });
    shaped && &bytes[17..19] < b"60".as_slice() && text.parse::<Instant>().is_ok()
}

/// Returns the text that patterns and lengths apply to.
pub(super) fn lexical(value: &Term) -> Option<&str> {
    match value {
        Term::NamedNode(iri) => Some(iri.as_str()),
        Term::Literal(literal) => Some(literal.value()),
        _ => None,
    }
}

/// Returns whether a value is of a node kind.
pub(super) fn has_node_kind(value: &Term, kind: &NodeKind) -> bool {
    match value {
        Term::NamedNode(_) => matches!(kind, NodeKind::Iri | NodeKind::BNodeOrIri | NodeKind::IriOrLit),
        Term::Literal(_) => matches!(kind, NodeKind::Lit | NodeKind::IriOrLit | NodeKind::BNodeOrLit),
        _ => false,
    }
}
