//! What a resolver returns.

use crate::graphql::error::Error;
use crate::model::number::numeral;
use std::any::Any;

/// A value of an answer, before the fields asked of it are resolved.
pub(crate) enum Value {
    Null,
    Boolean(bool),
    Integer(i64),
    Number(f64),
    /// A number that no double is written as, as JSON writes it.
    Digits(String),
    Text(String),
    Name(&'static str),
    List(Vec<Self>),
    /// An object of the type that the field declares, or where that is an interface of the one that it finds for the value.
    Object(Box<dyn Any>),
    /// An item that cannot be given; it is null where that is allowed, beside its error.
    Failed(Box<Error>),
}

impl Value {
    /// Wraps the parent value of an object's fields.
    pub(crate) fn object<T: 'static>(value: T) -> Self {
        Self::Object(Box::new(value))
    }

    /// Makes a number of its recorded text, with all its digits; `None` where it is none.
    pub(crate) fn number(text: &str) -> Option<Self> {
        numeral::beyond_doubles(text).map(Self::Digits).or_else(|| text.parse().ok().map(Self::Number))
    }

    /// Wraps each item as an object.
    pub(crate) fn objects<T: 'static>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List(items.into_iter().map(Self::object).collect())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Integer(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Self {
        Self::Integer(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Value {
    fn from(values: Vec<T>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}
