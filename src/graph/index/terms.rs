//! Terms as u64 ids: small values inline, the rest through a dictionary.
//!
//! The top four bits of an id say what it is: 0 a dictionary number; 1 an `xsd:integer`, 2 an `xsd:dateTime` in whole
//! milliseconds, 3 an `xsd:boolean`, each biased so that ids sort as values do. Only canonical literals are inlined, so
//! that the text comes back to the letter. Dictionary bytes: `I` iri · `S` string · `@` tag NUL string · `L` datatype NUL lexical.

use super::{Error, IDS, TERMS};
use crate::model::instant::Instant;
use oxigraph::model::vocab::xsd;
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};
use redb::ReadableTable;
use std::collections::HashMap;

const INTEGER: u64 = 1;
const INSTANT: u64 = 2;
const BOOLEAN: u64 = 3;
const BIAS: i64 = 1 << 59;

/// Returns the id of a term that needs no dictionary.
pub(crate) fn inline(term: &Term) -> Option<u64> {
    let Term::Literal(literal) = term else { return None };
    let lexical = literal.value();
    match literal.datatype() {
        xsd::INTEGER => {
            let value: i64 = lexical.parse().ok()?;
            pack(INTEGER, value).filter(|_| value.to_string() == lexical)
        }
        xsd::DATE_TIME => {
            let instant: Instant = lexical.parse().ok()?;
            let whole = instant.nanos().rem_euclid(1_000_000) == 0 && instant.to_string() == lexical;
            if whole { pack(INSTANT, instant.nanos() / 1_000_000) } else { None }
        }
        xsd::BOOLEAN => match lexical {
            "true" => pack(BOOLEAN, 1),
            "false" => pack(BOOLEAN, 0),
            _ => None,
        },
        _ => None,
    }
}

fn pack(tag: u64, value: i64) -> Option<u64> {
    let biased = u64::try_from(value.checked_add(BIAS)?).ok()?;
    (biased >> 60 == 0).then_some(tag << 60 | biased)
}

/// Returns the term of an inline id, `None` for a dictionary number.
pub(crate) fn outline(id: u64) -> Option<Term> {
    let value = i64::try_from(id & ((1 << 60) - 1)).unwrap_or(0) - BIAS;
    match id >> 60 {
        INTEGER => Some(Literal::from(value).into()),
        INSTANT => {
            let instant = Instant::from_nanos(value.saturating_mul(1_000_000));
            Some(Literal::new_typed_literal(instant.to_string(), xsd::DATE_TIME).into())
        }
        BOOLEAN => Some(Literal::from(value == 1).into()),
        _ => None,
    }
}

/// Returns the value of an inline `xsd:integer`.
pub(crate) fn integer(id: u64) -> Option<i64> {
    let value = i64::try_from(id & ((1 << 60) - 1)).unwrap_or(0) - BIAS;
    (id >> 60 == INTEGER).then_some(value)
}

/// Returns the id of an `xsd:integer`, where it can be inline.
pub(crate) fn of_integer(value: i64) -> Option<u64> {
    pack(INTEGER, value)
}

pub(crate) fn iri_bytes(iri: NamedNodeRef<'_>) -> Vec<u8> {
    [b"I", iri.as_str().as_bytes()].concat()
}

pub(crate) fn bytes(term: &Term) -> Vec<u8> {
    match term {
        Term::NamedNode(iri) => iri_bytes(iri.as_ref()),
        Term::Literal(literal) => match (literal.language(), literal.datatype()) {
            (Some(tag), _) => [b"@", tag.as_bytes(), b"\0", literal.value().as_bytes()].concat(),
            (None, xsd::STRING) => [b"S", literal.value().as_bytes()].concat(),
            (None, datatype) => {
                [b"L", datatype.as_str().as_bytes(), b"\0", literal.value().as_bytes()].concat()
            }
        },
        // Blank nodes and quoted statements never come this far; their text keeps the function total.
        other => [b"?", other.to_string().as_bytes()].concat(),
    }
}

pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Term, Error> {
    let corrupt = || Error::corrupt("term");
    let (&tag, rest) = bytes.split_first().ok_or_else(corrupt)?;
    let text = std::str::from_utf8(rest).map_err(|_| corrupt())?;
    Ok(match tag {
        b'I' => NamedNode::new_unchecked(text).into(),
        b'S' => Literal::new_simple_literal(text).into(),
        b'@' => {
            let (language, value) = text.split_once('\0').ok_or_else(corrupt)?;
            Literal::new_language_tagged_literal_unchecked(value, language).into()
        }
        b'L' => {
            let (datatype, value) = text.split_once('\0').ok_or_else(corrupt)?;
            Literal::new_typed_literal(value, NamedNode::new_unchecked(datatype)).into()
        }
        _ => return Err(corrupt()),
    })
}

/// Looks up the id of a term; `None` says that no statement ever held it.
pub(crate) fn find(term: &Term, ids: &impl ReadableTable<&'static [u8], u64>) -> Result<Option<u64>, Error> {
    if let Some(id) = inline(term) {
        return Ok(Some(id));
    }
    Ok(ids.get(bytes(term).as_slice())?.map(|id| id.value()))
}

/// Returns the term of an id.
pub(crate) fn resolve(id: u64, terms: &impl ReadableTable<u64, &'static [u8]>) -> Result<Term, Error> {
    if let Some(term) = outline(id) {
        return Ok(term);
    }
    let bytes = terms.get(id)?.ok_or_else(|| Error::corrupt("missing term"))?;
    from_bytes(bytes.value())
}

/// The dictionary while an update writes to it; remembers what it has looked up.
pub(crate) struct Dictionary<'txn> {
    terms: redb::Table<'txn, u64, &'static [u8]>,
    ids: redb::Table<'txn, &'static [u8], u64>,
    pub(crate) next: u64,
    /// Ids from here on were given out since rows were last written, so no written row holds them.
    pub(crate) first_new: u64,
    seen: HashMap<Vec<u8>, u64>,
}

impl<'txn> Dictionary<'txn> {
    pub(crate) fn open(write: &'txn redb::WriteTransaction) -> Result<Self, Error> {
        let terms = write.open_table(TERMS)?;
        let next = terms.last()?.map_or(1, |(id, _)| id.value() + 1);
        Ok(Self { terms, ids: write.open_table(IDS)?, next, first_new: next, seen: HashMap::new() })
    }

    /// Returns the term's id, giving it one where it has none.
    pub(crate) fn intern(&mut self, term: &Term) -> Result<u64, Error> {
        match inline(term) {
            Some(id) => Ok(id),
            None => self.intern_bytes(bytes(term)),
        }
    }

    pub(crate) fn intern_iri(&mut self, iri: NamedNodeRef<'_>) -> Result<u64, Error> {
        self.intern_bytes(iri_bytes(iri))
    }

    fn intern_bytes(&mut self, bytes: Vec<u8>) -> Result<u64, Error> {
        if let Some(&id) = self.seen.get(&bytes) {
            return Ok(id);
        }
        let known = self.ids.get(bytes.as_slice())?.map(|id| id.value());
        let id = match known {
            Some(id) => id,
            None => {
                let id = self.next;
                self.next += 1;
                self.ids.insert(bytes.as_slice(), id)?;
                self.terms.insert(id, bytes.as_slice())?;
                id
            }
        };
        // Bounded: an import of any size keeps the update's memory flat.
        if self.seen.len() > 1_000_000 {
            self.seen.clear();
        }
        self.seen.insert(bytes, id);
        Ok(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn inline_values_come_back_and_sort() {
        let check = |lexical: &str, datatype: NamedNodeRef<'_>, inlined: bool| {
            let term = Term::from(Literal::new_typed_literal(lexical, datatype.into_owned()));
            assert_eq!(inline(&term).and_then(outline), inlined.then_some(term), "{lexical}");
        };
        check("-42", xsd::INTEGER, true);
        check("042", xsd::INTEGER, false);
        check("9223372036854775807", xsd::INTEGER, false);
        check("2024-05-01T06:00:00.5Z", xsd::DATE_TIME, true);
        check("2024-05-01T06:00:00.0000001Z", xsd::DATE_TIME, false);
        check("2024-05-01T06:00:00+00:00", xsd::DATE_TIME, false);
        check("true", xsd::BOOLEAN, true);
        check("8.5", xsd::DECIMAL, false);
        let id = |value: i64| inline(&Literal::from(value).into());
        assert!(id(-5) < id(3) && id(3) < id(40));
    }

    proptest! {
        #[test]
        fn dictionary_bytes_round_trip(value in any::<String>(), tag in "[a-z]{2}") {
            for literal in [
                Literal::new_simple_literal(&value),
                Literal::new_typed_literal(&value, xsd::DECIMAL),
                Literal::new_language_tagged_literal(&value, tag).expect("a tag"),
            ] {
                let term = Term::from(literal);
                prop_assert_eq!(from_bytes(&bytes(&term)).expect("own bytes"), term);
            }
        }
    }
}
