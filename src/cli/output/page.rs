//! Which part of a list a command prints, and how it is asked of a service.

use crate::app::report::page::PageAsked;

/// How many items are asked of a service at once.
pub(in crate::cli) const PAGE_MAX: usize = 1_000;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct After {
    /// Only what follows the item with this cursor, which the output before it has named
    #[arg(long, value_name = "CURSOR")]
    after: Option<String>,
}

impl After {
    /// Returns the part with so many items.
    pub(in crate::cli) fn with(&self, first: usize) -> PageAsked {
        PageAsked { first, after: self.after.clone() }
    }
}

/// Adds a page to the parameters of a request.
pub(in crate::cli) fn add_to(query: &mut Vec<(&'static str, String)>, page: PageAsked) {
    query.push(("first", page.first.to_string()));
    query.extend(page.after.map(|after| ("after", after)));
}
