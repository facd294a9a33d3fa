//! Rule *well-formed values*: an instant, period, number, date or time zone can be read by the program that has to
//! use it, and a period that divides time or weighs samples is longer than zero. The shapes check the datatype; this checks that there is such a day, zone or finite number.

use crate::model::statement::{Statement, literal};
use crate::model::time::instant::Instant;
use crate::model::time::period::{Period, Zone};
use crate::ontology::class::{Field, FieldKind};
use crate::ontology::rules::{Subject, reader};
use crate::ontology::schema::Ontology;
use crate::ontology::terms::tl;
use crate::ontology::violation::Violation;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};

const RULE: &str = "well-formed values";

/// The periods that divide time or weigh samples; one of a class of one's own, such as a delay, may be zero.
const LENGTHS: [NamedNodeRef<'static>; 2] = [tl::EXPECTED_PERIOD, tl::WINDOW];

/// How a field's values are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ontology::rules) enum Form {
    Any,
    Instant,
    Period,
    /// A period longer than zero.
    Length,
    Number,
    Date,
    Zone,
}

impl Form {
    pub(in crate::ontology::rules) fn of(field: &Field) -> Self {
        match field.kind {
            FieldKind::Instant => Self::Instant,
            FieldKind::Period if LENGTHS.contains(&field.predicate.as_ref()) => Self::Length,
            FieldKind::Period => Self::Period,
            FieldKind::Number | FieldKind::Integer => Self::Number,
            FieldKind::Date => Self::Date,
            _ if field.predicate.as_ref() == tl::TIME_ZONE => Self::Zone,
            _ => Self::Any,
        }
    }

    /// Returns what is wrong with a text.
    fn fault(self, text: &str) -> Option<String> {
        match self {
            Self::Any => None,
            Self::Instant => text.parse::<Instant>().err().map(|error| error.to_string()),
            Self::Period => text.parse::<Period>().err().map(|error| error.to_string()),
            Self::Length => match text.parse::<Period>() {
                Ok(period) if period.mean_nanos() > 0 => None,
                Ok(_) => Some(format!("\"{text}\" is not longer than zero, as PT10M, PT1H, P1D and P1M are")),
                Err(error) => Some(error.to_string()),
            },
            Self::Zone => text.parse::<Zone>().err().map(|error| error.to_string()),
            Self::Date => (!is_date(text)).then(|| format!("\"{text}\" is not a date such as 2024-05-01")),
            Self::Number => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => None,
                _ => Some(format!("\"{text}\" is not a finite number")),
            },
        }
    }
}

/// A day, which XSD lets have an offset.
fn is_date(text: &str) -> bool {
    let Some((day, offset)) = text.split_at_checked(10) else { return false };
    let offset = if offset.is_empty() { "Z" } else { offset };
    format!("{day}T00:00:00{offset}").parse::<Instant>().is_ok()
}

pub(in crate::ontology::rules) fn check(
    ontology: &Ontology,
    subject: &Subject<'_>,
    found: &mut Vec<Violation>,
) {
    for statement in subject.about {
        let Some(form) = subject.profile.fields.get(&statement.predicate) else { continue };
        let Some(message) = reader::text(&statement.object).and_then(|text| form.fault(text)) else {
            continue;
        };
        let path = ontology.field_name(&statement.predicate);
        found.push(subject.violation(RULE, Some(path), Some(statement.object.clone()), message));
    }
}

impl Ontology {
    /// Returns a violation for each value that its datatype does not have: of subject, property and value.
    pub fn malformed<'a>(
        &self,
        statements: impl Iterator<Item = (&'a NamedNode, &'a NamedNode, &'a Term)>,
    ) -> Vec<Violation> {
        statements
            .filter_map(|(subject, predicate, value)| match value {
                Term::Literal(literal) => {
                    let fault = literal::fault(literal)?;
                    Some(self.is_malformed((subject, predicate, value), fault))
                }
                _ => None,
            })
            .collect()
    }

    /// Puts the values of statements into the form in which they are kept; one that its datatype does not have is a violation.
    pub fn admit(&self, statements: Vec<Statement>) -> Result<Vec<Statement>, Vec<Violation>> {
        let mut found = Vec::new();
        let mut admit = |statement: Statement| {
            if let Some(text) = self.plain_text(&statement.predicate, &statement.object) {
                return Statement { object: text.into(), ..statement };
            }
            literal::admitted(statement).unwrap_or_else(|refused| {
                let (statement, fault) = *refused;
                let Statement { subject, predicate, object } = &statement;
                found.push(self.is_malformed((subject, predicate, object), fault));
                statement
            })
        };
        let admitted = statements.into_iter().map(&mut admit).collect();
        if found.is_empty() { Ok(admitted) } else { Err(found) }
    }

    fn is_malformed(
        &self,
        (subject, predicate, value): (&NamedNode, &NamedNode, &Term),
        message: String,
    ) -> Violation {
        Violation::new(subject.clone(), Some(self.field_name(predicate)), Some(value.clone()), message, RULE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_cannot_be_read() {
        let check =
            |form: Form, text: &str, right: bool| assert_eq!(form.fault(text).is_none(), right, "{text}");
        check(Form::Date, "2024-02-29", true);
        check(Form::Date, "2024-02-29+02:00", true);
        check(Form::Date, "2023-02-29", false);
        check(Form::Date, "May", false);
        check(Form::Number, "8.5E1", true);
        check(Form::Number, "INF", false);
        check(Form::Period, "PT10M", true);
        check(Form::Period, "10 min", false);
        check(Form::Period, "PT0S", true);
        for zero in ["PT0S", "P0D", "P0M", "PT0.0S", "-PT1H"] {
            check(Form::Length, zero, false);
        }
        for length in ["PT0.000000001S", "P1D", "P1M", "PT10M"] {
            check(Form::Length, length, true);
        }
        check(Form::Zone, "Europe/Paris", true);
        check(Form::Zone, "Paris", false);
    }
}
