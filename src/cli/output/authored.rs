//! Who a command is run for.

use crate::graph::Author;

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

    /// Returns the author; the program itself where none is given.
    pub(in crate::cli) fn author(&self) -> Author {
        self.given.clone().unwrap_or_default()
    }
}
