//! What a commit changes in one document.

use crate::model::statement::Statement;
use std::cmp::Ordering;

/// One document before and after a commit; each list sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DocumentDelta {
    pub(crate) before: Vec<Statement>,
    pub(crate) after: Vec<Statement>,
}

/// Pairs the statements about each subject before and after.
pub(crate) fn by_subject<'a>(
    before: &'a [Statement],
    after: &'a [Statement],
) -> impl Iterator<Item = (&'a [Statement], &'a [Statement])> {
    let same_subject = |a: &Statement, b: &Statement| a.subject == b.subject;
    let mut old = before.chunk_by(same_subject).peekable();
    let mut new = after.chunk_by(same_subject).peekable();
    std::iter::from_fn(move || {
        let subject = |about: &&'a [Statement]| about[0].subject.as_str();
        let order = match (old.peek().map(subject), new.peek().map(subject)) {
            (None, None) => return None,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => old.cmp(new),
        };
        let was = if order.is_le() { old.next() } else { None };
        let is = if order.is_ge() { new.next() } else { None };
        Some((was.unwrap_or_default(), is.unwrap_or_default()))
    })
}
