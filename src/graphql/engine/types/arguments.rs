//! The arguments of a field, and input objects, read by kind.

use crate::graphql::error::Error;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::model::time::period::Period;
use async_graphql::indexmap::IndexMap;
use async_graphql::{Name, Value as Input};
use std::collections::BTreeMap;

/// Named values of a request: the arguments of a field or the fields of an input object. What is absent is not there;
/// an explicit `null` is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Arguments(pub(crate) IndexMap<Name, Input>);

impl Arguments {
    /// Takes an input object.
    pub(crate) fn of(value: &Input) -> Result<Self, Error> {
        match value {
            Input::Object(fields) => Ok(Self(fields.clone())),
            _ => Err(Error::bad_input("an object was expected")),
        }
    }

    /// Writes all values but one as text that is the same for the same values, whatever the order of fields, and whether a name of an
    /// enumeration or an id was written as such or as a string.
    pub(crate) fn canonical(&self, except: &str) -> String {
        let mut text = String::new();
        write_fields(&mut text, self.0.iter().filter(|(name, _)| name.as_str() != except));
        text
    }

    /// Returns a value that is given and not `null`.
    pub(crate) fn given(&self, name: &str) -> Option<&Input> {
        self.0.get(name).filter(|value| **value != Input::Null)
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Error> {
        self.given(name).map(|value| text(value).ok_or_else(|| wrong(name, "a text"))).transpose()
    }

    pub(crate) fn needed_text(&self, name: &str) -> Result<String, Error> {
        self.text(name)?.ok_or_else(|| missing(name))
    }

    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, Error> {
        let read = |value: &Input| match value {
            Input::Number(number) => number.as_i64(),
            // A `Long`, which may be written as a string.
            Input::String(text) => text.parse().ok(),
            _ => None,
        };
        self.given(name).map(|value| read(value).ok_or_else(|| wrong(name, "a whole number"))).transpose()
    }

    pub(crate) fn number(&self, name: &str) -> Result<Option<f64>, Error> {
        let read = |value: &Input| match value {
            Input::Number(number) => number.as_f64().filter(|number| number.is_finite()),
            _ => None,
        };
        self.given(name).map(|value| read(value).ok_or_else(|| wrong(name, "a number"))).transpose()
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Error> {
        let read = |value: &Input| match value {
            Input::Boolean(flag) => Some(*flag),
            _ => None,
        };
        self.given(name).map(|value| read(value).ok_or_else(|| wrong(name, "true or false"))).transpose()
    }

    pub(crate) fn instant(&self, name: &str) -> Result<Option<Instant>, Error> {
        self.text(name)?.map(|text| text.parse().map_err(Error::from)).transpose()
    }

    pub(crate) fn period(&self, name: &str) -> Result<Option<Period>, Error> {
        self.text(name)?.map(|text| text.parse().map_err(Error::from)).transpose()
    }

    pub(crate) fn object(&self, name: &str) -> Result<Option<Self>, Error> {
        self.given(name).map(Self::of).transpose()
    }

    /// Returns the items of a list; a single value is a list of one.
    pub(crate) fn list(&self, name: &str) -> Option<&[Input]> {
        self.given(name).map(|value| match value {
            Input::List(items) => items.as_slice(),
            single => std::slice::from_ref(single),
        })
    }

    pub(crate) fn texts(&self, name: &str) -> Result<Option<Vec<String>>, Error> {
        let Some(items) = self.list(name) else { return Ok(None) };
        items
            .iter()
            .map(|item| text(item).ok_or_else(|| wrong(name, "a list of texts")))
            .collect::<Result<_, _>>()
            .map(Some)
    }

    pub(crate) fn objects(&self, name: &str) -> Result<Vec<Self>, Error> {
        self.list(name).unwrap_or_default().iter().map(Self::of).collect()
    }

    /// Reads a `WindowInput`.
    pub(crate) fn window(&self, name: &str) -> Result<Option<Interval>, Error> {
        let Some(window) = self.object(name)? else { return Ok(None) };
        let from = window.instant("from")?.ok_or_else(|| missing("from"))?;
        let to = window.instant("to")?.ok_or_else(|| missing("to"))?;
        Ok(Some(Interval::new(from, to)?))
    }
}

/// Returns a text, the name of an enumeration's value, or an id written as a number.
pub(crate) fn text(value: &Input) -> Option<String> {
    match value {
        Input::String(text) => Some(text.clone()),
        Input::Enum(name) => Some(name.as_str().to_owned()),
        Input::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn write_fields<'a>(to: &mut String, fields: impl Iterator<Item = (&'a Name, &'a Input)>) {
    let fields: BTreeMap<_, _> = fields.map(|(name, value)| (name.as_str(), value)).collect();
    to.push('{');
    for (name, value) in fields {
        to.push_str(name);
        to.push(':');
        write_value(to, value);
        to.push(',');
    }
    to.push('}');
}

fn write_value(to: &mut String, value: &Input) {
    match value {
        Input::Object(fields) => write_fields(to, fields.iter()),
        Input::List(items) => {
            to.push('[');
            for item in items {
                write_value(to, item);
                to.push(',');
            }
            to.push(']');
        }
        scalar => match text(scalar) {
            Some(text) => to.push_str(&Input::String(text).to_string()),
            None => to.push_str(&scalar.to_string()),
        },
    }
}

pub(crate) fn missing(name: &str) -> Error {
    Error::bad_input(format!("\"{name}\" is missing"))
}

pub(crate) fn wrong(name: &str, expected: &str) -> Error {
    Error::bad_input(format!("\"{name}\" must be {expected}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_same_values_have_the_same_canonical_text() {
        let of = |fields: serde_json::Value| {
            let value = Input::from_json(fields).expect("a value");
            Arguments::of(&value).expect("an object").canonical("key")
        };
        let first = of(json!({ "a": [1, { "b": "x", "c": null }], "d": true, "key": "k" }));
        assert_eq!(first, of(json!({ "key": "other", "d": true, "a": [1, { "c": null, "b": "x" }] })));
        for other in [
            json!({ "a": [{ "b": "x", "c": null }, 1], "d": true }),
            json!({ "a": [1, { "b": "x" }], "d": true }),
            json!({ "a": [1, { "b": "x\",c:null", "c": null }], "d": true }),
            json!({ "a": [1, { "b": "x", "c": null }], "d": false }),
        ] {
            assert_ne!(first, of(other.clone()), "{other}");
        }
        let named = Arguments([(Name::new("a"), Input::Enum(Name::new("ONE")))].into_iter().collect());
        assert_eq!(named.canonical("key"), of(json!({ "a": "ONE" })));
    }
}
