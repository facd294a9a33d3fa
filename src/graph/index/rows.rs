//! The rows that a document's statements become, in the four orders of the index.
//!
//! | first byte | then | answers |
//! |---|---|---|
//! | 0 | subject, predicate, object | what is said of a resource |
//! | 1 | predicate, object, subject | who links here, who has this value |
//! | 2 | object, subject, predicate | all that points at something |
//! | 3 | class, property, value key, subject | filtered, ordered pages |
//!
//! All numbers are ids (u64, big-endian). A value key sorts as the value does: `0x10` and an f64, `0x20` and an instant in ns,
//! `0x30` and up to 120 bytes of text ended by NUL. Property 0 is the resource's own IRI.

use super::Error;
use super::terms::Dictionary;
use crate::graph::literal::is_instant;
use crate::model::instant::Instant;
use crate::model::statement::Statement;
use oxigraph::model::vocab::{rdf, xsd};
use oxigraph::model::{Literal, Term};
use std::collections::BTreeSet;

pub(crate) const SPO: u8 = 0;
pub(crate) const POS: u8 = 1;
pub(crate) const OSP: u8 = 2;
pub(crate) const ORDERED: u8 = 3;

/// The property under which a resource's own IRI stands in the ordered rows.
pub(crate) const OWN_IRI: u64 = 0;

const TEXT_BYTES: usize = 120;

/// Makes the first bytes shared by all rows of an order that begin with `ids`.
pub(crate) fn prefix(order: u8, ids: &[u64]) -> Vec<u8> {
    let mut key = Vec::with_capacity(1 + 8 * ids.len());
    key.push(order);
    for id in ids {
        key.extend_from_slice(&id.to_be_bytes());
    }
    key
}

/// Returns the first key after all keys that begin with `prefix`.
pub(crate) fn after(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            break;
        }
    }
    end
}

/// Returns the `at`-th id of a row.
pub(crate) fn id(row: &[u8], at: usize) -> Result<u64, Error> {
    let from = 1 + at * 8;
    let bytes = row.get(from..from + 8).ok_or_else(|| Error::corrupt("row"))?;
    Ok(u64::from_be_bytes(bytes.try_into().map_err(|_| Error::corrupt("row"))?))
}

/// Returns the subject at the end of an ordered row.
pub(crate) fn last_id(row: &[u8]) -> Result<u64, Error> {
    let bytes = row.len().checked_sub(8).map(|at| &row[at..]).ok_or_else(|| Error::corrupt("row"))?;
    Ok(u64::from_be_bytes(bytes.try_into().map_err(|_| Error::corrupt("row"))?))
}

/// Returns all rows of a document.
pub(crate) fn of_document(
    statements: &[Statement],
    dictionary: &mut Dictionary<'_>,
) -> Result<BTreeSet<Vec<u8>>, Error> {
    let mut rows = BTreeSet::new();
    for about in statements.chunk_by(|a, b| a.subject == b.subject) {
        let subject = dictionary.intern_iri(about[0].subject.as_ref())?;
        let mut classes = Vec::new();
        for statement in about.iter().filter(|statement| statement.predicate == rdf::TYPE) {
            classes.push(dictionary.intern(&statement.object)?);
        }
        for &class in &classes {
            rows.insert(ordered(class, OWN_IRI, &text_key(about[0].subject.as_str()), subject));
        }
        for statement in about {
            let predicate = dictionary.intern_iri(statement.predicate.as_ref())?;
            let object = dictionary.intern(&statement.object)?;
            rows.insert(prefix(SPO, &[subject, predicate, object]));
            rows.insert(prefix(POS, &[predicate, object, subject]));
            rows.insert(prefix(OSP, &[object, subject, predicate]));
            if let Term::Literal(literal) = &statement.object {
                let key = value_key(literal);
                rows.extend(classes.iter().map(|&class| ordered(class, predicate, &key, subject)));
            }
        }
    }
    Ok(rows)
}

fn ordered(class: u64, property: u64, value: &[u8], subject: u64) -> Vec<u8> {
    let mut key = prefix(ORDERED, &[class, property]);
    key.extend_from_slice(value);
    key.extend_from_slice(&subject.to_be_bytes());
    key
}

/// Returns bytes that sort as the values do.
pub(crate) fn value_key(literal: &Literal) -> Vec<u8> {
    let datatype = literal.datatype();
    let text = literal.value();
    if is_instant(datatype)
        && let Ok(instant) = text.parse::<Instant>()
    {
        let mut key = vec![0x20];
        key.extend_from_slice(&(instant.nanos() ^ i64::MIN).to_be_bytes());
        return key;
    }
    let numeric = [xsd::INTEGER, xsd::DECIMAL, xsd::DOUBLE, xsd::FLOAT].contains(&datatype);
    match text.parse::<f64>().ok().filter(|_| numeric) {
        Some(value) => {
            let bits = value.to_bits();
            let sortable = if bits >> 63 == 1 { !bits } else { bits | 1 << 63 };
            let mut key = vec![0x10];
            key.extend_from_slice(&sortable.to_be_bytes());
            key
        }
        None => text_key(text),
    }
}

/// Returns the key of a text: at most 120 bytes of it, ended by NUL.
pub(crate) fn text_key(text: &str) -> Vec<u8> {
    let mut key = vec![0x30];
    key.extend(text.bytes().filter(|&b| b != 0).take(TEXT_BYTES));
    key.push(0);
    key
}

/// Tells whether the key holds less than the whole value, so that equal keys may hide different values.
pub(crate) fn is_cut(key: &[u8]) -> bool {
    key.first() == Some(&0x30) && key.len() >= TEXT_BYTES + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_keys_sort_as_values() {
        let check = |values: &[Literal]| {
            let keys: Vec<_> = values.iter().map(value_key).collect();
            assert!(keys.is_sorted(), "{values:?}");
        };
        let decimal = |text: &str| Literal::new_typed_literal(text, xsd::DECIMAL);
        let instant = |text: &str| Literal::new_typed_literal(text, xsd::DATE_TIME);
        check(&[decimal("-85.5"), decimal("-1.0"), Literal::from(0), Literal::from(0.5), decimal("85.0")]);
        check(&[instant("1969-05-01T00:00:00Z"), instant("2024-05-01T00:00:00Z")]);
        check(&["", "P-1", "P-10", "P-2", "é"].map(|s: &str| Literal::from(s)));
    }

    #[test]
    fn the_end_of_a_prefix_comes_after_it() {
        assert_eq!(after(&[1, 255, 255]), vec![2]);
        assert_eq!(after(&[1, 7]), vec![1, 8]);
    }
}
