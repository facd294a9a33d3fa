//! What a resource is called, and whether it is there at all.

use super::case::{Case, text};
use super::{Note, NoteKind};
use crate::graph::{Difference, Error};
use crate::ontology::terms::{dcterms, tl};

pub(super) fn retired(case: &Case<'_>) -> Result<Vec<Note>, Error> {
    let retired = case.diff.difference == Difference::Removed;
    let note = || case.note(NoteKind::Retired, format!("{} is retired", case.own_name()));
    Ok(retired.then(note).into_iter().collect())
}

pub(super) fn renamed(case: &Case<'_>) -> Result<Vec<Note>, Error> {
    let names = [dcterms::IDENTIFIER, tl::REVISION].into_iter().filter_map(|name| case.property(name));
    let notes = names.filter_map(|diff| {
        let (before, after) = (text(&diff.removed)?, text(&diff.added)?);
        let text = format!("{} is renamed: {before} → {after}", case.own_name());
        let note = case.note(NoteKind::Renamed, text);
        Some(Note { before: Some(before.to_owned()), after: Some(after.to_owned()), ..note })
    });
    Ok(notes.collect())
}
