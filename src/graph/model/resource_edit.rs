//! The statements of one resource with all its fragments, before and after a change.

use super::delta::DocumentDelta;
use super::statement_set::StatementSet;
use crate::model::statement::Statement;
use crate::model::statement::difference::differing;
use std::sync::OnceLock;

/// The statements of one resource before and after.
#[derive(Clone, Debug, Default)]
pub(crate) struct ResourceEdit {
    before: StatementSet,
    after: StatementSet,
    /// The places of removed statements in `before` and of added ones, marked with `true`, in `after`; found when first asked for,
    /// as changing, checking and writing a resource needs little else.
    differences: OnceLock<Box<[(u32, bool)]>>,
}

impl ResourceEdit {
    pub(crate) fn new(before: StatementSet, after: StatementSet) -> Self {
        Self { before, after, differences: OnceLock::new() }
    }

    pub(crate) fn before(&self) -> &StatementSet {
        &self.before
    }

    pub(crate) fn after(&self) -> &StatementSet {
        &self.after
    }

    /// Lends what it is to be, to be changed.
    pub(crate) fn change(&mut self) -> &mut StatementSet {
        self.differences.take();
        &mut self.after
    }

    pub(crate) fn is_changed(&self) -> bool {
        self.differences().next().is_some()
    }

    /// Returns the statements that come, with `true`, or go; in canonical order.
    pub(crate) fn differences(&self) -> impl Iterator<Item = (&Statement, bool)> {
        let places = self.differences.get_or_init(|| places(&self.before, &self.after));
        places.iter().map(|&(at, comes)| {
            let side = if comes { &self.after } else { &self.before };
            (&side[at as usize], comes)
        })
    }

    pub(crate) fn into_sides(self) -> (StatementSet, StatementSet) {
        (self.before, self.after)
    }

    pub(crate) fn into_delta(self) -> DocumentDelta {
        DocumentDelta { before: self.before.into_vec(), after: self.after.into_vec() }
    }
}

impl PartialEq for ResourceEdit {
    fn eq(&self, other: &Self) -> bool {
        self.before == other.before && self.after == other.after
    }
}

/// Finds where two sorted lists differ.
fn places(before: &[Statement], after: &[Statement]) -> Box<[(u32, bool)]> {
    // They come in order, so each is found by walking on from the one before.
    let mut next = [0, 0];
    let place = |(statement, comes): (&Statement, bool)| {
        let (side, at) = (if comes { after } else { before }, &mut next[usize::from(comes)]);
        while !std::ptr::eq(&side[*at as usize], statement) {
            *at += 1;
        }
        (*at, comes)
    };
    differing(before.iter(), after.iter()).map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxigraph::model::{Literal, NamedNode};
    use proptest::prelude::*;

    fn set(of: &[u8]) -> StatementSet {
        let iri = NamedNode::new_unchecked("https://a/1");
        of.iter().map(|n| Statement::new(iri.clone(), iri.clone(), Literal::from(i64::from(*n)))).collect()
    }

    proptest! {
        /// What was found is found anew after a change.
        #[test]
        fn differences_are_those_of_now(before: Vec<u8>, after: Vec<u8>, changed: Vec<u8>) {
            let mut edit = ResourceEdit::new(set(&before), set(&after));
            for after in [after, changed] {
                *edit.change() = set(&after);
                let expect: Vec<_> = differing(set(&before).iter(), set(&after).iter()).map(|(s, comes)| (s.clone(), comes)).collect();
                prop_assert_eq!(edit.is_changed(), set(&before) != set(&after));
                prop_assert_eq!(edit.differences().map(|(s, comes)| (s.clone(), comes)).collect::<Vec<_>>(), expect);
            }
        }
    }
}
