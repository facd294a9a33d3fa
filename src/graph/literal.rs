//! The canonical form of literals, so that text and index agree and equal values are equal terms.

use crate::model::instant::Instant;
use crate::model::statement::Statement;
use oxigraph::model::vocab::xsd;
use oxigraph::model::{Literal, NamedNodeRef, Term};
use std::str::FromStr;

/// Returns the term with its literal in canonical form (XML Schema part 2; instants in UTC). A lexical form that
/// its datatype does not know is left as it is: validation reports it.
pub(crate) fn canonical(term: Term) -> Term {
    match term {
        Term::Literal(literal) => Term::Literal(canonical_literal(literal)),
        other => other,
    }
}

/// Returns the statement with its object in canonical form.
pub(crate) fn canonical_statement(statement: Statement) -> Statement {
    Statement { object: canonical(statement.object), ..statement }
}

fn canonical_literal(literal: Literal) -> Literal {
    let datatype = literal.datatype();
    match canonical_lexical(literal.value(), datatype) {
        Some(lexical) if lexical != literal.value() => {
            let datatype = datatype.into_owned();
            Literal::new_typed_literal(lexical, datatype)
        }
        _ => literal,
    }
}

fn canonical_lexical(lexical: &str, datatype: NamedNodeRef<'_>) -> Option<String> {
    let text = lexical.trim();
    match datatype {
        xsd::BOOLEAN => oxsdatatypes::Boolean::from_str(text).ok().map(|value| value.to_string()),
        xsd::INTEGER => canonical_integer(text),
        xsd::DECIMAL => canonical_decimal(text),
        xsd::DOUBLE => text.parse::<f64>().ok().filter(|value| value.is_finite()).map(canonical_double),
        xsd::FLOAT => oxsdatatypes::Float::from_str(text).ok().map(|value| value.to_string()),
        xsd::DATE_TIME | DATE_TIME_STAMP => text.parse::<Instant>().ok().map(|value| value.to_string()),
        _ => None,
    }
}

const DATE_TIME_STAMP: NamedNodeRef<'_> =
    NamedNodeRef::new_unchecked("http://www.w3.org/2001/XMLSchema#dateTimeStamp");

/// Tells whether the datatype holds instants.
pub(crate) fn is_instant(datatype: NamedNodeRef<'_>) -> bool {
    datatype == xsd::DATE_TIME || datatype == DATE_TIME_STAMP
}

fn canonical_integer(text: &str) -> Option<String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    Some(if digits.is_empty() { "0".to_owned() } else { format!("{sign}{digits}") })
}

/// Keeps one digit on each side of the point, as Turtle needs the point to see a decimal.
fn canonical_decimal(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.bytes().all(|b| b.is_ascii_digit()) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let (sign, digits) = match whole.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", whole.strip_prefix('+').unwrap_or(whole)),
    };
    let whole = if digits.is_empty() { "0".to_owned() } else { canonical_integer(digits)? };
    let fraction = fraction.trim_end_matches('0');
    let sign = if whole == "0" && fraction.is_empty() { "" } else { sign };
    Some(format!("{sign}{whole}.{}", if fraction.is_empty() { "0" } else { fraction }))
}

/// Writes the shortest digits that read back to the same bits, with the exponent Turtle needs to see a double.
fn canonical_double(value: f64) -> String {
    let text = format!("{value:E}");
    match text.split_once('E') {
        Some((mantissa, exponent)) if !mantissa.contains('.') => format!("{mantissa}.0E{exponent}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_forms() {
        let check = |lexical: &str, datatype: NamedNodeRef<'_>, expect: &str| {
            let term = Term::from(Literal::new_typed_literal(lexical, datatype.into_owned()));
            let Term::Literal(literal) = canonical(term) else { panic!("a literal") };
            assert_eq!(literal.value(), expect, "{lexical}");
        };
        check("+085", xsd::INTEGER, "85");
        check("-0", xsd::INTEGER, "0");
        check("8x", xsd::INTEGER, "8x");
        check("85", xsd::DECIMAL, "85.0");
        check("-.50", xsd::DECIMAL, "-0.5");
        check("-0.0", xsd::DECIMAL, "0.0");
        check("85", xsd::DOUBLE, "8.5E1");
        check("0.1", xsd::DOUBLE, "1.0E-1");
        check("1", xsd::BOOLEAN, "true");
        check("2024-05-01T08:00:00.500+02:00", xsd::DATE_TIME, "2024-05-01T06:00:00.5Z");
        check("2024-05-01T08:00:00", xsd::DATE_TIME, "2024-05-01T08:00:00");
        check(" kept ", xsd::STRING, " kept ");
    }
}
