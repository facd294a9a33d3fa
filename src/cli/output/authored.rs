//! Who a command is run for.

use crate::graph::Author;
use serde_json::{Value, json};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Authored {
    /// Who makes the commit
    #[arg(long = "author", value_name = "NAME <EMAIL>")]
    given: Option<Author>,
}

impl Authored {
    /// Returns the author where one is given.
    pub(in crate::cli) fn given(&self) -> Option<&Author> {
        self.given.as_ref()
    }

    /// Adds the author to the input of a mutation, where one is given; else the commit is that of whoever sends the request.
    pub(in crate::cli) fn add_to(&self, input: &mut Value) {
        if let Some(Author { name, email, .. }) = &self.given {
            input["author"] = json!({ "name": name, "email": email });
        }
    }

    /// Returns the author; the program itself where none is given.
    pub(in crate::cli) fn author(&self) -> Author {
        self.given.clone().unwrap_or_default()
    }
}
