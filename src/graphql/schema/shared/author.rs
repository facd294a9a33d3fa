//! Who a mutation is made for: the principal who sends it, unless it names another author.

use crate::graph::Author;
use crate::graphql::engine::types::arguments::Arguments;
use crate::graphql::engine::types::build::input;
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::error::Error;

pub(crate) fn types() -> Vec<Definition> {
    vec![input(
        "AuthorInput",
        "Who makes a commit.",
        vec![
            InputField::new("name", "String!", "The person's or system's name."),
            InputField::new("email", "String!", "Where to reach it."),
        ],
    )]
}

/// Returns the argument `author`.
pub(crate) fn argument() -> InputField {
    InputField::new(
        "author",
        "AuthorInput",
        "Who makes the commit: whoever sends the request where absent. Another author takes the permission to act as others, and both are recorded.",
    )
}

/// Reads the argument `author`.
pub(crate) fn read(given: &Arguments) -> Result<Author, Error> {
    let Some(author) = given.object("author")? else { return Ok(Author::default()) };
    let (name, email) = (author.needed_text("name")?, author.needed_text("email")?);
    Author::new(&name, &email).map_err(|error| Error::bad_input(error.to_string()))
}
