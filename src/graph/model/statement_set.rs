//! The statements of one resource, each once, in canonical order.

use crate::model::statement::Statement;
use oxigraph::model::NamedNode;
use std::ops::Deref;
use std::sync::Arc;

/// A sorted set of statements. A clone shares them until either is changed: an import holds what it brings once, however
/// many times that is compared and merged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StatementSet(Arc<Vec<Statement>>);

impl StatementSet {
    /// Takes statements that are sorted already, each once.
    pub(crate) fn of_sorted(statements: Vec<Statement>) -> Self {
        debug_assert!(statements.is_sorted_by(|a, b| a < b), "sorted");
        Self(Arc::new(statements))
    }

    pub(crate) fn contains(&self, statement: &Statement) -> bool {
        self.binary_search(statement).is_ok()
    }

    /// Returns whether there is any statement about a subject.
    pub(crate) fn describes(&self, subject: &NamedNode) -> bool {
        self.binary_search_by(|statement| statement.subject.cmp(subject)).is_ok()
    }

    /// Returns the statements about one subject, found without a look at the others.
    pub(crate) fn about(&self, subject: &NamedNode) -> &[Statement] {
        let from = self.partition_point(|statement| statement.subject < *subject);
        let count = self[from..].iter().take_while(|statement| statement.subject == *subject).count();
        &self[from..from + count]
    }

    pub(crate) fn insert(&mut self, statement: Statement) {
        if let Err(at) = self.binary_search(&statement) {
            Arc::make_mut(&mut self.0).insert(at, statement);
        }
    }

    pub(crate) fn remove(&mut self, statement: &Statement) {
        if let Ok(at) = self.binary_search(statement) {
            Arc::make_mut(&mut self.0).remove(at);
        }
    }

    /// Keeps only the statements for which `keep` returns `true`.
    pub(crate) fn retain(&mut self, keep: impl Fn(&Statement) -> bool) {
        if !self.iter().all(&keep) {
            Arc::make_mut(&mut self.0).retain(keep);
        }
    }

    pub(crate) fn extend(&mut self, statements: impl IntoIterator<Item = Statement>) {
        let all = Arc::make_mut(&mut self.0);
        all.extend(statements);
        put_in_order(all);
    }

    pub(crate) fn into_vec(self) -> Vec<Statement> {
        Arc::unwrap_or_clone(self.0)
    }
}

fn put_in_order(statements: &mut Vec<Statement>) {
    // Most often they are.
    if !statements.is_sorted_by(|a, b| a < b) {
        statements.sort();
        statements.dedup();
    }
}

impl From<Vec<Statement>> for StatementSet {
    fn from(mut statements: Vec<Statement>) -> Self {
        put_in_order(&mut statements);
        Self(Arc::new(statements))
    }
}

impl FromIterator<Statement> for StatementSet {
    fn from_iter<I: IntoIterator<Item = Statement>>(statements: I) -> Self {
        statements.into_iter().collect::<Vec<_>>().into()
    }
}

impl Deref for StatementSet {
    type Target = [Statement];

    fn deref(&self) -> &[Statement] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxigraph::model::Literal;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn statement(n: u8) -> Statement {
        let iri = |n| NamedNode::new_unchecked(format!("https://a/{n}"));
        Statement::new(iri(n / 16), iri(n % 4), Literal::from(i64::from(n)))
    }

    fn set(of: &[u8]) -> StatementSet {
        of.iter().copied().map(statement).collect()
    }

    proptest! {
        /// It does as the standard library's set does, and leaves its clones as they were.
        #[test]
        fn does_as_a_set(first: Vec<u8>, inserted: Vec<u8>, removed: Vec<u8>, more: Vec<u8>, kept: u8) {
            let clone = set(&first);
            let mut own = clone.clone();
            let mut set: BTreeSet<Statement> = first.iter().copied().map(statement).collect();
            let at_first = set.clone();
            for n in inserted {
                own.insert(statement(n));
                set.insert(statement(n));
            }
            for n in removed {
                prop_assert_eq!(own.contains(&statement(n)), set.contains(&statement(n)));
                own.remove(&statement(n));
                set.remove(&statement(n));
            }
            own.extend(more.iter().copied().map(statement));
            set.extend(more.iter().copied().map(statement));
            let keep = |one: &Statement| *one <= statement(kept);
            own.retain(keep);
            set.retain(keep);
            prop_assert!(own.iter().eq(&set));
            for n in 0..16 {
                let subject = statement(n * 16).subject;
                prop_assert_eq!(own.describes(&subject), set.iter().any(|one| one.subject == subject));
                prop_assert!(own.about(&subject).iter().eq(set.iter().filter(|one| one.subject == subject)));
            }
            prop_assert_eq!(own.clone(), own.into_vec().into_iter().rev().collect::<StatementSet>());
            prop_assert!(clone.iter().eq(&at_first));
        }
    }
}
