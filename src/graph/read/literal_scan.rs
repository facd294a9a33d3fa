//! Reading the texts of a property: each once, however many subjects have it.

use super::snapshot::Snapshot;
use crate::graph::error::Error;
use crate::graph::index;
use crate::graph::index::rows::key;
use crate::graph::index::storage::packed::Direction;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};

impl Snapshot {
    /// Shows `judge` every distinct literal of a property at this version; returns the subjects of those that it keeps, with
    /// what it made of them, in no order. The cost follows the property's own rows.
    pub fn texts_where<T: Clone>(
        &self,
        predicate: NamedNodeRef<'_>,
        mut judge: impl FnMut(&str) -> Option<T>,
    ) -> Result<Vec<(NamedNode, T)>, Error> {
        let view = &self.0.view;
        let Some(predicate) = self.iri_id(predicate)? else { return Ok(Vec::new()) };
        let mut last: Option<(u64, Option<T>)> = None;
        let mut kept = Vec::new();
        view.scan(&key::prefix(key::POS, &[predicate]), Direction::Forward, |row, _| {
            let [_, object, subject] = key::ids(row)?;
            if last.as_ref().is_none_or(|(judged, _)| *judged != object) {
                let judged = match view.term(object)? {
                    Term::Literal(literal) => judge(literal.value()),
                    _ => None,
                };
                last = Some((object, judged));
            }
            kept.extend(last.iter().filter_map(|(_, judged)| Some((subject, judged.clone()?))));
            Ok(true)
        })?;
        let named = |(subject, judged)| match view.term(subject)? {
            Term::NamedNode(subject) => Ok((subject, judged)),
            _ => Err(index::Error::corrupt("a subject that is no IRI").into()),
        };
        kept.into_iter().map(named).collect()
    }
}
