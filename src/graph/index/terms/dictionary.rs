//! Terms as u64 ids: small values inline, the rest through a dictionary.
//!
//! The top four bits of an id encode its kind: 0 a dictionary number; 1 an `xsd:integer`, 2 an `xsd:dateTime` in whole
//! milliseconds, 3 an `xsd:boolean`, each biased so that ids sort as values do. Only canonical literals are inlined, so
//! that the text comes back to the letter. Dictionary bytes: `I` iri · `S` string · `@` tag NUL string · `L` datatype NUL lexical.

use super::codes::{read_id, write_id};
use super::inline::inline;
use crate::graph::index::error::Error;
use crate::graph::index::format::{Bytes, IDS, TERMS};
use crate::graph::index::storage::packed::{self, Puts};
use foldhash::fast::RandomState;
use oxigraph::model::vocab::xsd;
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};
use redb::ReadableTable;
use std::collections::HashMap;

/// How many terms an update remembers from one batch to the next.
const TERMS_REMEMBERED: usize = 1_000_000;

pub(crate) fn iri_bytes(iri: NamedNodeRef<'_>) -> Vec<u8> {
    [b"I", iri.as_str().as_bytes()].concat()
}

pub(crate) fn bytes(term: &Term) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_bytes(term, &mut bytes);
    bytes
}

fn write_bytes(term: &Term, into: &mut Vec<u8>) {
    let mut write = |parts: &[&str]| parts.iter().for_each(|part| into.extend_from_slice(part.as_bytes()));
    match term {
        Term::NamedNode(iri) => write(&["I", iri.as_str()]),
        Term::Literal(literal) => match (literal.language(), literal.datatype()) {
            (Some(tag), _) => write(&["@", tag, "\0", literal.value()]),
            (None, xsd::STRING) => write(&["S", literal.value()]),
            (None, datatype) => write(&["L", datatype.as_str(), "\0", literal.value()]),
        },
        // Blank nodes and quoted statements never come this far; their text keeps the function total.
        other => write(&["?", &other.to_string()]),
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

/// Looks up the id of a term by its dictionary bytes; `None` where no statement ever had it.
pub(crate) fn find_bytes(bytes: &[u8], ids: &impl ReadableTable<Bytes, Bytes>) -> Result<Option<u64>, Error> {
    packed::get(ids, bytes)?.map(|id| read_id(&mut id.as_slice())).transpose()
}

/// Returns the dictionary bytes of a dictionary number.
pub(crate) fn bytes_of(id: u64, terms: &impl ReadableTable<Bytes, Bytes>) -> Result<Vec<u8>, Error> {
    packed::get(terms, &code(id))?.ok_or_else(|| Error::corrupt("missing term"))
}

/// Returns the first dictionary number that no term has.
pub(crate) fn next(terms: &impl ReadableTable<Bytes, Bytes>) -> Result<u64, Error> {
    packed::last_key(terms)?.map_or(Ok(1), |id| read_id(&mut id.as_slice()).map(|id| id + 1))
}

fn code(id: u64) -> Vec<u8> {
    let mut code = Vec::with_capacity(9);
    write_id(id, &mut code);
    code
}

/// What gives terms their ids.
pub(crate) trait Intern {
    /// Returns the term's id, giving it one where it has none.
    fn intern(&mut self, term: &Term) -> Result<u64, Error>;

    /// Like [`Self::intern`], for an IRI.
    fn intern_iri(&mut self, iri: NamedNodeRef<'_>) -> Result<u64, Error>;
}

impl Intern for Dictionary<'_> {
    fn intern(&mut self, term: &Term) -> Result<u64, Error> {
        if let Some(id) = inline(term) {
            return Ok(id);
        }
        self.buffer.clear();
        write_bytes(term, &mut self.buffer);
        self.intern_buffer()
    }

    fn intern_iri(&mut self, iri: NamedNodeRef<'_>) -> Result<u64, Error> {
        self.buffer.clear();
        self.buffer.push(b'I');
        self.buffer.extend_from_slice(iri.as_str().as_bytes());
        self.intern_buffer()
    }
}

/// The dictionary while an update writes to it; remembers what it has looked up, and writes new terms by the batch.
pub(crate) struct Dictionary<'txn> {
    terms: redb::Table<'txn, Bytes, Bytes>,
    ids: redb::Table<'txn, Bytes, Bytes>,
    next: u64,
    /// Ids from here on were given out since terms and rows were last written, so no written row holds them.
    first_new: u64,
    seen: HashMap<Box<[u8]>, u64, RandomState>,
    buffer: Vec<u8>,
}

impl<'txn> Dictionary<'txn> {
    pub(crate) fn open(write: &'txn redb::WriteTransaction) -> Result<Self, Error> {
        let terms = write.open_table(TERMS)?;
        let next = next(&terms)?;
        let ids = write.open_table(IDS)?;
        Ok(Self { terms, ids, next, first_new: next, seen: HashMap::default(), buffer: Vec::new() })
    }

    fn intern_buffer(&mut self) -> Result<u64, Error> {
        if let Some(&id) = self.seen.get(self.buffer.as_slice()) {
            return Ok(id);
        }
        let id = match find_bytes(&self.buffer, &self.ids)? {
            Some(id) => id,
            None => {
                self.next += 1;
                self.next - 1
            }
        };
        self.seen.insert(self.buffer.as_slice().into(), id);
        Ok(id)
    }

    /// Returns whether a dictionary number was given out since the last writing.
    pub(crate) fn is_new(&self, id: u64) -> bool {
        id >= self.first_new && id < self.next
    }

    /// Counts the terms that are still to be written.
    pub(crate) fn unwritten(&self) -> u64 {
        self.next - self.first_new
    }

    /// Writes the new terms; from then on no id is new.
    pub(crate) fn flush(&mut self) -> Result<(), Error> {
        let mut new: Vec<(&[u8], u64)> = self
            .seen
            .iter()
            .filter(|(_, id)| **id >= self.first_new)
            .map(|(bytes, id)| (&**bytes, *id))
            .collect();
        new.sort_unstable_by_key(|(_, id)| *id);
        let by_id = new.iter().map(|(bytes, id)| (code(*id), Some(bytes.to_vec())));
        packed::edit(&mut self.terms, &mut Puts::new(by_id))?;
        new.sort_unstable();
        let by_bytes = new.iter().map(|(bytes, id)| (bytes.to_vec(), Some(code(*id))));
        packed::edit(&mut self.ids, &mut Puts::new(by_bytes))?;
        self.first_new = self.next;
        // Bounded: an import of any size keeps the update's memory flat.
        if self.seen.len() > TERMS_REMEMBERED {
            self.seen.clear();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::index::terms::inline::outline;
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
