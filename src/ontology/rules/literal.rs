//! Rule *well-formed values*: an instant, period, number, date or time zone can be read by the program that has to
//! use it. The shapes check the datatype; this checks that there is such a day, zone or finite number.

use super::{Subject, reader};
use crate::model::instant::Instant;
use crate::model::period::{Period, Zone};
use crate::ontology::class::{Field, Kind};
use crate::ontology::schema::Ontology;
use crate::ontology::terms::tl;
use crate::ontology::violation::Violation;

const RULE: &str = "well-formed values";

/// How a field's values are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Any,
    Instant,
    Period,
    Number,
    Date,
    Zone,
}

impl Form {
    pub(super) fn of(field: &Field) -> Self {
        match field.kind {
            Kind::Instant => Self::Instant,
            Kind::Period => Self::Period,
            Kind::Number | Kind::Integer => Self::Number,
            Kind::Date => Self::Date,
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
            Self::Zone => text.parse::<Zone>().err().map(|error| error.to_string()),
            Self::Date => text
                .parse::<jiff::civil::Date>()
                .err()
                .map(|_| format!("\"{text}\" is not a date such as 2024-05-01")),
            Self::Number => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => None,
                _ => Some(format!("\"{text}\" is not a finite number")),
            },
        }
    }
}

pub(super) fn check(ontology: &Ontology, subject: &Subject<'_>, found: &mut Vec<Violation>) {
    for statement in subject.about {
        let Some(form) = subject.profile.fields.get(&statement.predicate) else { continue };
        let Some(message) = reader::text(&statement.object).and_then(|text| form.fault(text)) else {
            continue;
        };
        let path = ontology.field_name(&statement.predicate);
        found.push(subject.violation(RULE, Some(path), Some(statement.object.clone()), message));
    }
}
