//! Scalars beyond GraphQL's own.

use crate::graphql::engine::types::{Definition, Scalar};
use crate::model::time::instant::Instant;
use crate::model::time::period::Period;
use async_graphql::Value as Input;

/// Returns all of them.
pub(crate) fn scalars() -> Vec<Definition> {
    let scalar = |name: &str, comment: &str, url, check| {
        Definition::Scalar(Scalar { name: name.to_owned(), comment: comment.to_owned(), url, check })
    };
    vec![
        scalar(
            "DateTime",
            "An instant with its offset, as RFC 3339 writes it: 2024-05-01T08:00:00Z or 2024-05-01T08:00:00+02:00.",
            Some("https://www.rfc-editor.org/rfc/rfc3339"),
            instant,
        ),
        scalar(
            "Date",
            "A calendar date, a full-date of RFC 3339: 2024-05-01.",
            Some("https://www.rfc-editor.org/rfc/rfc3339#section-5.6"),
            date,
        ),
        scalar(
            "Duration",
            "An ISO 8601 duration, such as PT10M, PT1H, P1D or P1M.",
            Some("https://www.rfc-editor.org/rfc/rfc3339#appendix-A"),
            period,
        ),
        scalar(
            "Long",
            "A whole number of 64 bits, an xsd:long: written as a string of digits, since JavaScript reads numbers of up to 53 bits only; read from a string or from a number.",
            Some("https://www.w3.org/TR/xmlschema11-2/#long"),
            long,
        ),
    ]
}

fn text(value: &Input) -> Result<&str, String> {
    match value {
        Input::String(text) => Ok(text),
        other => Err(format!("{other} is not a text")),
    }
}

fn instant(value: &Input) -> Result<(), String> {
    text(value)?.parse::<Instant>().map(drop).map_err(|error| error.to_string())
}

fn date(value: &Input) -> Result<(), String> {
    let text = text(value)?;
    match format!("{text}T00:00:00Z").parse::<Instant>() {
        Ok(_) if text.len() == 10 => Ok(()),
        _ => Err(format!("\"{text}\" is not a date such as 2024-05-01")),
    }
}

fn period(value: &Input) -> Result<(), String> {
    text(value)?.parse::<Period>().map(drop).map_err(|error| error.to_string())
}

fn long(value: &Input) -> Result<(), String> {
    match value {
        Input::Number(number) if number.as_i64().is_some() => Ok(()),
        Input::String(text) if text.parse::<i64>().is_ok() => Ok(()),
        other => Err(format!("{other} is not a whole number of 64 bits")),
    }
}
