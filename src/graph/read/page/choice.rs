//! Which resources of a class a filter lets through, found as cheaply as the page allows: by a test of each resource that the
//! walk meets, or, where few pass or many are met, by the set of all that pass.

use super::filter::Tests;
use super::query::Filter;
use crate::graph::error::Error;
use crate::graph::read::snapshot::Snapshot;
use foldhash::HashSet;

/// How many resources are tested one by one before the whole set is made.
const TESTS_MAX: usize = if cfg!(test) { 60 } else { 4096 };
/// A set that a filter names is made at once where it has no more members than this.
const NAMED_MAX: usize = if cfg!(test) { 8 } else { 16 << 10 };

/// The resources that a page may hold.
pub(super) struct Choice<'a> {
    snapshot: &'a Snapshot,
    classes: &'a [u64],
    filter: Option<&'a Filter>,
    tests: Option<Tests>,
    tested: usize,
    set: Option<HashSet<u64>>,
}

impl<'a> Choice<'a> {
    pub(super) fn new(
        snapshot: &'a Snapshot,
        filter: Option<&'a Filter>,
        classes: &'a [u64],
    ) -> Result<Self, Error> {
        let set = match filter {
            Some(filter) => snapshot.named(filter, classes, NAMED_MAX)?,
            None => None,
        };
        Ok(Self { snapshot, classes, filter, tests: None, tested: 0, set })
    }

    /// Returns all that pass, where they are known and no more than `max`.
    pub(super) fn few(&self, max: usize) -> Option<&HashSet<u64>> {
        self.set.as_ref().filter(|set| set.len() <= max)
    }

    /// Returns whether an instance of the classes passes.
    pub(super) fn passes(&mut self, id: u64) -> Result<bool, Error> {
        let Some(filter) = self.filter else { return Ok(true) };
        if self.set.is_none() && self.tested >= TESTS_MAX {
            self.whole(filter)?;
        }
        if let Some(set) = &self.set {
            return Ok(set.contains(&id));
        }
        self.tested += 1;
        let tests = match &mut self.tests {
            Some(tests) => tests,
            none => none.insert(self.snapshot.tests(filter)?),
        };
        Ok(tests.pass(self.snapshot, id)?)
    }

    /// Returns how many pass.
    pub(super) fn count(&mut self) -> Result<usize, Error> {
        match self.filter {
            Some(filter) => self.whole(filter),
            None => self.snapshot.count_members(self.classes),
        }
    }

    fn whole(&mut self, filter: &Filter) -> Result<usize, Error> {
        let set = match self.set.take() {
            Some(set) => set,
            None => self.snapshot.filtered(filter, self.classes, None)?,
        };
        Ok(self.set.insert(set).len())
    }
}
