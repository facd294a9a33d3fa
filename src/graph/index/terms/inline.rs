//! Small values as ids of their own: they sort as the values do, and need no dictionary.

use crate::model::time::instant::Instant;
use oxigraph::model::vocab::xsd;
use oxigraph::model::{Literal, Term};

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

/// Returns tag and value of an inline id, `None` for a dictionary number.
pub(crate) fn value_of(id: u64) -> Option<(u8, i64)> {
    let tag = (id >> 60).to_le_bytes()[0];
    let biased = (id & ((1 << 60) - 1)).cast_signed();
    (tag != 0).then_some((tag, biased - BIAS))
}

/// Returns the inline id of a tag and a value that fits in 60 bits.
pub(crate) fn with_value(tag: u8, value: i64) -> u64 {
    u64::from(tag) << 60 | (value.wrapping_add(BIAS).cast_unsigned() & ((1 << 60) - 1))
}

/// Returns the term of an inline id, `None` for a dictionary number.
pub(crate) fn outline(id: u64) -> Option<Term> {
    let (tag, value) = value_of(id)?;
    match u64::from(tag) {
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
