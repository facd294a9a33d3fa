//! Scalars beyond GraphQL's own.

use crate::graphql::engine::types::{Definition, Scalar};
use crate::model::instant::Instant;
use crate::model::period::Period;
use async_graphql::Value as Input;

/// Returns all of them.
pub(crate) fn scalars() -> Vec<Definition> {
    let scalar = |name: &str, comment: &str, url, valid| {
        Definition::Scalar(Scalar { name: name.to_owned(), comment: comment.to_owned(), url, valid })
    };
    vec![
        scalar(
            "DateTime",
            "An instant with its offset, as RFC 3339 writes it: 2024-05-01T08:00:00Z or 2024-05-01T08:00:00+02:00.",
            Some("https://www.rfc-editor.org/rfc/rfc3339"),
            text::<IsInstant>,
        ),
        scalar("Date", "A calendar date: 2024-05-01.", None, text::<IsDate>),
        scalar(
            "Duration",
            "An ISO 8601 duration, such as PT10M, PT1H, P1D or P1M.",
            Some("https://www.rfc-editor.org/rfc/rfc3339#appendix-A"),
            text::<IsPeriod>,
        ),
        scalar("Long", "A whole number of up to 63 bits, written as a JSON number.", None, is_long),
    ]
}

/// A test of a text.
trait Test {
    fn passes(text: &str) -> bool;
}

struct IsInstant;
struct IsDate;
struct IsPeriod;

impl Test for IsInstant {
    fn passes(text: &str) -> bool {
        text.parse::<Instant>().is_ok()
    }
}

impl Test for IsDate {
    fn passes(text: &str) -> bool {
        text.len() == 10 && format!("{text}T00:00:00Z").parse::<Instant>().is_ok()
    }
}

impl Test for IsPeriod {
    fn passes(text: &str) -> bool {
        text.parse::<Period>().is_ok()
    }
}

fn text<T: Test>(value: &Input) -> bool {
    matches!(value, Input::String(text) if T::passes(text))
}

fn is_long(value: &Input) -> bool {
    matches!(value, Input::Number(number) if number.as_i64().is_some())
}
