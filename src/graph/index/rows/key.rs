//! The rows that a document's statements become, in the five orders of the index.
//!
//! | first byte | then | answers |
//! |---|---|---|
//! | 0 | subject, predicate, object | the statements about a resource |
//! | 1 | predicate, object, subject | who links here, who has this value |
//! | 2 | object, subject, predicate | all that points at something |
//! | 3 | class, property, value key, subject | filtered, ordered pages |
//! | 4 | resource, fragment | which fragments of a resource are described |
//!
//! All numbers are ids, written as in [`codes`](crate::graph::index::terms::codes). A value key is alike for all spellings of one value and sorts as values do, as
//! defined in [`value`](crate::model::statement::value). Property 0 is the resource's own IRI.

use crate::graph::index::error::Error;
use crate::graph::index::terms::codes::read_id;
pub(crate) use crate::graph::index::terms::codes::write_id;
use crate::graph::index::terms::dictionary::Intern;
use crate::model::statement::Statement;
use crate::model::statement::value::{key, key_length, text_key};
use oxigraph::model::vocab::rdf;
use oxigraph::model::{NamedNodeRef, Term};

pub(crate) const SPO: u8 = 0;
pub(crate) const POS: u8 = 1;
pub(crate) const OSP: u8 = 2;
pub(crate) const ORDERED: u8 = 3;
pub(crate) const FRAGMENTS: u8 = 4;

/// The orders of statements, and the positions of the row's first, second and third id among subject, predicate, object.
pub(crate) const ORDERS: [(u8, [usize; 3]); 3] = [(SPO, [0, 1, 2]), (POS, [1, 2, 0]), (OSP, [2, 0, 1])];

/// The property of a resource's own IRI in the ordered rows.
pub(crate) const OWN_IRI: u64 = 0;

/// Makes the first bytes shared by all rows of an order that begin with `ids`.
pub(crate) fn prefix(order: u8, ids: &[u64]) -> Vec<u8> {
    let mut key = Vec::with_capacity(1 + 9 * ids.len());
    write_prefix(order, ids, &mut key);
    key
}

/// Appends what [`prefix`] makes.
pub(crate) fn write_prefix(order: u8, ids: &[u64], into: &mut Vec<u8>) {
    into.push(order);
    ids.iter().for_each(|id| write_id(*id, into));
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
    let mut rest = row.get(1..).ok_or_else(|| Error::corrupt("row"))?;
    for _ in 0..at {
        read_id(&mut rest)?;
    }
    read_id(&mut rest)
}

/// Returns the three ids of a row that is not an ordered one.
pub(crate) fn ids(row: &[u8]) -> Result<[u64; 3], Error> {
    let mut rest = row.get(1..).ok_or_else(|| Error::corrupt("row"))?;
    Ok([read_id(&mut rest)?, read_id(&mut rest)?, read_id(&mut rest)?])
}

/// Returns whether a row holds an id that passes a test.
pub(crate) fn holds(row: &[u8], test: impl Fn(u64) -> bool) -> Result<bool, Error> {
    let last = match row.first() {
        Some(&ORDERED) => value_and_subject(row)?.1,
        Some(&FRAGMENTS) => id(row, 1)?,
        _ => id(row, 2)?,
    };
    Ok(test(last) || test(id(row, 0)?) || test(id(row, 1)?))
}

/// Returns value key and subject of an ordered row.
pub(crate) fn value_and_subject(row: &[u8]) -> Result<(&[u8], u64), Error> {
    let corrupt = || Error::corrupt("ordered row");
    let mut rest = row.get(1..).ok_or_else(corrupt)?;
    read_id(&mut rest)?;
    read_id(&mut rest)?;
    let (value, mut subject) =
        key_length(rest).and_then(|end| rest.split_at_checked(end)).ok_or_else(corrupt)?;
    Ok((value, read_id(&mut subject)?))
}

/// Returns the ordered rows of one subject, of which all statements are given, sorted.
pub(crate) fn ordered(about: &[Statement], dictionary: &mut impl Intern) -> Result<Vec<Vec<u8>>, Error> {
    let Some(first) = about.first() else { return Ok(Vec::new()) };
    let subject = dictionary.intern_iri(first.subject.as_ref())?;
    let mut classes = Vec::new();
    for statement in about.iter().filter(|statement| statement.predicate == rdf::TYPE) {
        classes.push(dictionary.intern(&statement.object)?);
    }
    let mut rows = Vec::new();
    if classes.is_empty() {
        return Ok(rows);
    }
    let own = text_key(first.subject.as_str());
    rows.extend(classes.iter().map(|&class| ordered_row(class, OWN_IRI, &own, subject)));
    for statement in about {
        if let Term::Literal(literal) = &statement.object {
            let predicate = dictionary.intern_iri(statement.predicate.as_ref())?;
            let value = key(literal);
            rows.extend(classes.iter().map(|&class| ordered_row(class, predicate, &value, subject)));
        }
    }
    rows.sort_unstable();
    // Values that sort alike make one row.
    rows.dedup();
    Ok(rows)
}

/// Returns the row of a fragment; `None` for what is none.
pub(crate) fn fragment(
    subject: NamedNodeRef<'_>,
    dictionary: &mut impl Intern,
) -> Result<Option<Vec<u8>>, Error> {
    let Some((resource, _)) = subject.as_str().split_once('#') else { return Ok(None) };
    let resource = dictionary.intern_iri(NamedNodeRef::new_unchecked(resource))?;
    Ok(Some(prefix(FRAGMENTS, &[resource, dictionary.intern_iri(subject)?])))
}

fn ordered_row(class: u64, property: u64, value: &[u8], subject: u64) -> Vec<u8> {
    let mut key = Vec::with_capacity(16 + value.len());
    write_prefix(ORDERED, &[class, property], &mut key);
    key.extend_from_slice(value);
    write_id(subject, &mut key);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_prefix_comes_after_it() {
        assert_eq!(after(&[1, 255, 255]), vec![2]);
        assert_eq!(after(&[1, 7]), vec![1, 8]);
    }
}
