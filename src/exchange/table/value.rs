//! The text of a cell to a value of the kind that its field has.

use super::cell::marks::Marks;
use super::cell::spoilt;
use super::cell::time::{self, Wall};
use super::derived::template::expand;
use crate::model::near;
use crate::model::time::period::Period;
use crate::ontology::{FieldKind, Ontology};
use oxigraph::model::vocab::xsd;
use oxigraph::model::{Literal, NamedNode, Term};
use std::collections::BTreeMap;

/// How a column writes its values.
#[derive(Clone, Debug, Default)]
pub(super) struct Notation {
    pub(super) marks: Marks,
    pub(super) wall: Wall,
    /// The column with the offsets of its times.
    pub(super) offset: Option<usize>,
    /// What the column writes for what is meant.
    pub(super) values: BTreeMap<String, String>,
}

/// What the values are read against.
#[derive(Clone, Copy, Debug)]
pub(super) struct World<'a> {
    pub(super) ontology: &'a Ontology,
    pub(super) base: &'a str,
}

/// Reads a value, a time with the offset beside it; the error names it and states what would be right.
pub(super) fn read(
    text: &str,
    kind: &FieldKind,
    notation: &Notation,
    offset: Option<&str>,
    world: World<'_>,
) -> Result<Term, String> {
    let text = notation.values.get(text).map_or(text, String::as_str);
    let typed = |text: String, datatype| Term::Literal(Literal::new_typed_literal(text, datatype));
    match kind {
        FieldKind::Text => Ok(Term::Literal(Literal::new_simple_literal(text))),
        FieldKind::Boolean => boolean(text).map(|truth| typed(truth.to_string(), xsd::BOOLEAN)),
        FieldKind::Integer => integer(text, notation).map(|text| typed(text, xsd::INTEGER)),
        FieldKind::Number => number(text, notation),
        FieldKind::Instant => {
            notation.wall.instant(text, offset).map(|instant| typed(instant.to_string(), xsd::DATE_TIME))
        }
        FieldKind::Date => {
            time::date(text, notation.wall.pattern.as_ref()).map(|date| typed(date, xsd::DATE))
        }
        FieldKind::Period => text
            .parse::<Period>()
            .map(|_| typed(text.to_owned(), xsd::DURATION))
            .map_err(|error| error.to_string()),
        FieldKind::Enumeration(name, values) => enumerated(text, name, values),
        FieldKind::Unit => unit(text, world.ontology).map(Term::NamedNode),
        FieldKind::QuantityKind => quantity_kind(text, world.ontology).map(Term::NamedNode),
        FieldKind::Iri | FieldKind::Link(_) | FieldKind::Fragment(_) => {
            expand(world.base, text).map(Term::NamedNode)
        }
    }
}

fn boolean(text: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" => Ok(true),
        "false" | "no" | "n" | "0" => Ok(false),
        _ => Err(format!("\"{text}\" is neither true (yes, 1) nor false (no, 0)")),
    }
}

fn integer(text: &str, notation: &Notation) -> Result<String, String> {
    let plain = notation.marks.plain(text)?;
    let (sign, digits) = split_sign(&plain);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("\"{text}\" is not a whole number"));
    }
    Ok(whole_number(sign, digits))
}

fn whole_number(sign: &str, digits: &str) -> String {
    match without_leading_zeros(digits) {
        "0" => "0".to_owned(),
        digits => format!("{sign}{digits}"),
    }
}

/// Reads a number exactly: an integer, a decimal, or (with an exponent) a double.
fn number(text: &str, notation: &Notation) -> Result<Term, String> {
    let plain = notation.marks.plain(text)?;
    let (sign, rest) = split_sign(&plain);
    let (mantissa, exponent) = rest.split_once(['e', 'E']).map_or((rest, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let literal = match exponent {
        Some(_) => {
            let value = notation.marks.float(text)?;
            Literal::new_typed_literal(format!("{value:E}"), xsd::DOUBLE)
        }
        None if fraction.is_empty() => Literal::new_typed_literal(whole_number(sign, whole), xsd::INTEGER),
        None => Literal::new_typed_literal(
            format!("{sign}{}.{fraction}", without_leading_zeros(whole)),
            xsd::DECIMAL,
        ),
    };
    Ok(Term::Literal(literal))
}

fn split_sign(text: &str) -> (&str, &str) {
    match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    }
}

fn without_leading_zeros(digits: &str) -> &str {
    let trimmed = digits.trim_start_matches('0');
    if trimmed.is_empty() { "0" } else { trimmed }
}

/// Finds the value as it is written, or but for case, blanks and hyphens.
fn enumerated(text: &str, name: &str, values: &[String]) -> Result<Term, String> {
    let folded = text.to_uppercase().replace([' ', '-'], "_");
    let found =
        values.iter().find(|value| *value == text).or_else(|| values.iter().find(|value| **value == folded));
    found.map(|value| Term::Literal(Literal::new_simple_literal(value))).ok_or_else(|| {
        let hint = near::hint(&folded, values.iter().map(String::as_str));
        format!("\"{text}\" is no {name} ({}){hint}", values.join(", "))
    })
}

fn unit(text: &str, ontology: &Ontology) -> Result<NamedNode, String> {
    ontology.units().find(text).map(|unit| unit.iri.clone()).ok_or_else(|| {
        let alike = ontology.units().alike(text);
        if alike.len() > 1 && ontology.units().is_shared(text) {
            return format!("\"{text}\" is a name of several units; write {}", alike.join(" or "));
        }
        let hint = ontology.units().hint(text);
        if !hint.is_empty() {
            return format!("\"{text}\" is no unit that the ontology knows{hint}");
        }
        let known = ontology.units().all().iter().flat_map(|unit| [unit.name.as_str(), unit.symbol.as_str()]);
        let hint = if spoilt::is_date(text) {
            "; a spreadsheet seems to have turned a value into a date".to_owned()
        } else {
            near::hint(text, known)
        };
        format!("\"{text}\" is no unit that the ontology knows{hint}")
    })
}

fn quantity_kind(text: &str, ontology: &Ontology) -> Result<NamedNode, String> {
    let kinds = ontology.units().quantity_kinds();
    let found =
        kinds.iter().find(|kind| kind.name == text || kind.label == text || kind.iri.as_str() == text);
    found.map(|kind| kind.iri.clone()).ok_or_else(|| {
        let hint = near::hint(text, kinds.iter().map(|kind| kind.name.as_str()));
        format!("\"{text}\" is no quantity kind that the ontology knows{hint}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_exactly() {
        let german = Marks::new(Some(','), Some('.')).expect("good marks");
        let german = Notation { marks: german, ..Notation::default() };
        let plain = Notation::default();
        let check = |text: &str, notation: &Notation, expect: &str| {
            let got = number(text, notation).map_or_else(|error| error, |term| term.to_string());
            assert!(got.starts_with(expect), "{text}: {got}");
        };
        check("80", &plain, "\"80\"^^<http://www.w3.org/2001/XMLSchema#integer>");
        check("+080.50", &plain, "\"80.5\"^^<http://www.w3.org/2001/XMLSchema#decimal>");
        check("-.5", &plain, "\"-0.5\"^^");
        check("1.5e3", &plain, "\"1.5E3\"^^<http://www.w3.org/2001/XMLSchema#double>");
        check("1.234,5", &german, "\"1234.5\"^^");
        check("12.5", &german, "\"12.5\" is not a number such as 1.080,5; a \".\" between thousands");
        check("1e999", &plain, "\"1e999\" is not a finite number");
        assert_eq!(integer("1.000", &german), Ok("1000".to_owned()));
        assert!(integer("1.5", &plain).is_err());
    }
}
