//! What went into a build.

use super::case::{Case, iris};
use super::{Note, NoteKind};
use crate::graph::Error;
use crate::ontology::terms::tl;

pub(super) fn consumed(case: &Case<'_>) -> Result<Vec<Note>, Error> {
    let added = case.property(tl::CONSUMED).map_or(&[][..], |diff| &diff.added);
    let at = case.is(case.resource())?.instant(tl::BUILT_AT);
    let notes = iris(added).map(|lot| {
        let text = format!("{} consumed {}", case.own_name(), case.name(lot));
        Note { related: vec![lot.clone()], at, ..case.note(NoteKind::BuildConsumed, text) }
    });
    Ok(notes.collect())
}
