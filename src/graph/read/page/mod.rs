//! Filtered, ordered pages of a class, from the ordered rows of the index.
//!
//! A page's order is total and does not depend on how the index was built: by the asked properties, resources without
//! a value last (first when descending), then by IRI. A cursor names the value and the IRI of its item.

mod choice;
mod count;
mod filter;
mod members;
mod ordered;
mod query;
mod walk;

use super::snapshot::Snapshot;
use crate::graph::error::Error;
use choice::Choice;
pub use query::{Comparison, Filter, Order, Page, PageQuery, TextTest};
use walk::Walk;

impl Snapshot {
    /// Returns one page of a class; one of no items finds out whether there are any.
    pub fn page(&self, query: &PageQuery) -> Result<Page, Error> {
        let classes = self.class_ids(query)?;
        let mut choice = Choice::new(self, query.filter.as_ref(), &classes)?;
        let total = if query.total { Some(choice.count()?) } else { None };
        let mut walk = Walk::new(self, query, &classes, choice)?;
        walk.run()?;
        let Walk { mut items, has_more, .. } = walk;
        if query.from_end {
            items.reverse();
        }
        Ok(Page { items, total, has_more })
    }

    /// Returns how many items of a class there are, where the query asks for that, and reads none of them.
    pub fn page_total(&self, query: &PageQuery) -> Result<Page, Error> {
        let classes = self.class_ids(query)?;
        let mut choice = Choice::new(self, query.filter.as_ref(), &classes)?;
        let total = if query.total { Some(choice.count()?) } else { None };
        Ok(Page { items: Vec::new(), total, has_more: false })
    }

    fn class_ids(&self, query: &PageQuery) -> Result<Vec<u64>, Error> {
        let mut ids = Vec::new();
        for class in self.class_and_descendants(query.class.as_ref()) {
            ids.extend(self.iri_id(class.as_ref())?);
        }
        Ok(ids)
    }
}

#[cfg(test)]
mod tests;
