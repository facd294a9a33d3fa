//! Cursors of pages: each begins with a mark of its list and that list's order, so that one of another list is refused.

use crate::graphql::engine::types::arguments::Arguments;
use crate::graphql::engine::types::value::Value;
use crate::graphql::engine::types::{Field, Object};
use crate::graphql::error::Error;
use async_graphql::{Name, Value as Input};

/// The arguments that take a cursor.
const TAKING: [&str; 2] = ["after", "before"];

/// A list in one order: eight hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::graphql::engine) struct ListMark(String);

impl ListMark {
    /// Returns the mark of the list that a field of an object pages; `None` where it pages none.
    fn of(object: &Object, field: &Field, arguments: &Arguments) -> Option<Self> {
        let is_cursor = |name: &str| {
            field.arguments.iter().any(|argument| argument.name == name && argument.ty.name() == "String")
        };
        if !is_cursor("after") {
            return None;
        }
        // An enumeration's value of a variable is a text.
        let order =
            arguments.given("orderBy").map_or(String::new(), |order| order.to_string().replace('"', ""));
        let list = format!("{}.{} {order}", object.name, field.name);
        Some(Self(format!("{:08x}", hash(&list))))
    }

    /// Returns the list whose pages are described below a field: the one that it pages, or the one above where it describes a page of
    /// it.
    pub(super) fn below(
        object: &Object,
        field: &Field,
        arguments: Option<&Arguments>,
        above: Option<&Self>,
    ) -> Option<Self> {
        match field.name.as_str() {
            "edges" | "pageInfo" => above.cloned(),
            _ => Self::of(object, field, arguments?),
        }
    }

    /// Takes the mark off the cursors that are given; refuses those of another list.
    pub(super) fn read(&self, mut arguments: Arguments) -> Result<Arguments, Error> {
        for name in TAKING {
            let Some(Input::String(given)) = arguments.given(name).cloned() else { continue };
            let cursor = given.strip_prefix(&self.0).ok_or_else(|| {
                Error::bad_input(format!(
                    "\"{given}\" is not a cursor of this list: \"{name}\" takes a cursor of the same field with the same orderBy"
                ))
            })?;
            arguments.0.insert(Name::new(name), Input::String(cursor.to_owned()));
        }
        Ok(arguments)
    }

    /// Puts the mark before a cursor of the list.
    pub(super) fn write(&self, cursor: Value) -> Value {
        match cursor {
            Value::Text(cursor) => Value::Text(format!("{}{cursor}", self.0)),
            other => other,
        }
    }
}

/// Returns whether a field of an object is a cursor.
pub(super) fn is_cursor(object: &Object, field: &Field) -> bool {
    match field.name.as_str() {
        "cursor" => object.name.ends_with("Edge") && object.interfaces.is_empty(),
        "startCursor" | "endCursor" => *object.name == *"PageInfo",
        _ => false,
    }
}

/// Hashes a text with FNV-1a, which is the same in every version of the program.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
