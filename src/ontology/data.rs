//! The access to data that validation needs.

use crate::model::statement::Statement;
use oxigraph::model::{NamedNode, Term};
use std::borrow::Cow;
use std::collections::HashMap;
use std::convert::Infallible;

/// Read access to a set of statements: the graph's snapshot under a change, or a plain list in tests.
pub trait Data: Sync {
    /// Why a read fails.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Returns the statements that match; `None` matches everything. Validation always binds the subject,
    /// or predicate and object.
    fn matching(
        &self,
        subject: Option<&NamedNode>,
        predicate: Option<&NamedNode>,
        object: Option<&Term>,
    ) -> Result<Vec<Statement>, Self::Error>;

    /// Returns all statements about a node, in canonical order.
    fn about(&self, node: &NamedNode) -> Result<Cow<'_, [Statement]>, Self::Error>;

    /// Returns the statements about a node with one predicate, in canonical order.
    fn values(&self, node: &NamedNode, predicate: &NamedNode) -> Result<Cow<'_, [Statement]>, Self::Error>;

    /// Returns whether something may link to a node; that nothing does is certain.
    fn may_be_linked(&self, node: &NamedNode) -> Result<bool, Self::Error>;
}

/// Returns the statements of a predicate among all those of a node, in canonical order.
pub(crate) fn with_predicate<'a>(about: &'a [Statement], predicate: &NamedNode) -> &'a [Statement] {
    let first = about.partition_point(|statement| statement.predicate.as_str() < predicate.as_str());
    let count = about[first..].partition_point(|statement| statement.predicate == *predicate);
    &about[first..first + count]
}

/// Statements in memory, indexed by subject, and by predicate and object.
#[derive(Clone, Debug, Default)]
pub struct Statements {
    by_subject: HashMap<NamedNode, Vec<Statement>>,
    by_value: HashMap<(NamedNode, Term), Vec<Statement>>,
}

impl Statements {
    /// Adds a statement; one that is there already stays.
    pub fn insert(&mut self, statement: Statement) {
        let about = self.by_subject.entry(statement.subject.clone()).or_default();
        let Err(at) = about.binary_search(&statement) else { return };
        about.insert(at, statement.clone());
        let key = (statement.predicate.clone(), statement.object.clone());
        self.by_value.entry(key).or_default().push(statement);
    }

    /// Returns every subject, in no order.
    pub fn subjects(&self) -> impl Iterator<Item = &NamedNode> {
        self.by_subject.keys()
    }
}

impl FromIterator<Statement> for Statements {
    fn from_iter<I: IntoIterator<Item = Statement>>(statements: I) -> Self {
        let mut all = Self::default();
        statements.into_iter().for_each(|statement| all.insert(statement));
        all
    }
}

impl Data for Statements {
    type Error = Infallible;

    fn matching(
        &self,
        subject: Option<&NamedNode>,
        predicate: Option<&NamedNode>,
        object: Option<&Term>,
    ) -> Result<Vec<Statement>, Infallible> {
        let fits = |statement: &&Statement| {
            predicate.is_none_or(|p| statement.predicate == *p)
                && object.is_none_or(|o| statement.object == *o)
        };
        let found: Vec<Statement> = match (subject, predicate, object) {
            (Some(subject), ..) => {
                self.by_subject.get(subject).into_iter().flatten().filter(fits).cloned().collect()
            }
            (None, Some(p), Some(o)) => {
                self.by_value.get(&(p.clone(), o.clone())).into_iter().flatten().cloned().collect()
            }
            _ => self.by_subject.values().flatten().filter(fits).cloned().collect(),
        };
        Ok(found)
    }

    fn about(&self, node: &NamedNode) -> Result<Cow<'_, [Statement]>, Infallible> {
        Ok(self.by_subject.get(node).map_or_else(Cow::default, Cow::from))
    }

    fn values(&self, node: &NamedNode, predicate: &NamedNode) -> Result<Cow<'_, [Statement]>, Infallible> {
        let about = self.by_subject.get(node).map_or(&[][..], Vec::as_slice);
        Ok(Cow::Borrowed(with_predicate(about, predicate)))
    }

    fn may_be_linked(&self, node: &NamedNode) -> Result<bool, Infallible> {
        let node = Term::from(node.clone());
        Ok(self.by_value.keys().any(|(_, object)| *object == node))
    }
}
