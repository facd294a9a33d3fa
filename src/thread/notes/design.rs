//! How far a design has come, what it replaces, and what it claims to meet.

use super::case::{Case, iris, text};
use super::{Note, NoteKind};
use crate::graph::{Difference, Error};
use crate::ontology::terms::tl;

/// Describes a changed status; one that a new resource begins with is no change.
pub(super) fn status(case: &Case<'_>) -> Result<Vec<Note>, Error> {
    let changed = case.property(tl::STATUS).filter(|_| case.diff.difference == Difference::Changed);
    let Some(diff) = changed else { return Ok(Vec::new()) };
    let (before, after) = (text(&diff.removed), text(&diff.added));
    let kind = match after {
        Some("RELEASED") => NoteKind::Released,
        Some("OBSOLETE") => NoteKind::Obsoleted,
        _ => NoteKind::StatusChanged,
    };
    let word = |status: Option<&str>| status.unwrap_or("no status").to_owned();
    let text = format!("{} goes from {} to {}", case.own_name(), word(before), word(after));
    let note = case.note(kind, text);
    Ok(vec![Note { before: before.map(str::to_owned), after: after.map(str::to_owned), ..note }])
}

pub(super) fn superseded(case: &Case<'_>) -> Result<Vec<Note>, Error> {
    let added = case.property(tl::SUPERSEDES).map_or(&[][..], |diff| &diff.added);
    let notes = iris(added).map(|old| {
        let text = format!("{} supersedes {}", case.own_name(), case.name(old));
        Note { related: vec![old.clone()], ..case.note(NoteKind::RevisionSuperseded, text) }
    });
    Ok(notes.collect())
}

pub(super) fn satisfied(case: &Case<'_>) -> Result<Vec<Note>, Error> {
    let Some(diff) = case.property(tl::SATISFIES) else { return Ok(Vec::new()) };
    let design = case.own_name();
    let no_longer = iris(&diff.removed).map(|requirement| {
        let text = format!("{design} no longer satisfies {}", case.name(requirement));
        (NoteKind::RequirementUnsatisfied, requirement, text)
    });
    let newly = iris(&diff.added).map(|requirement| {
        let text = format!("{design} satisfies {}", case.name(requirement));
        (NoteKind::RequirementSatisfied, requirement, text)
    });
    let note = |(kind, requirement, text): (_, &oxigraph::model::NamedNode, _)| Note {
        related: vec![requirement.clone()],
        ..case.note(kind, text)
    };
    Ok(no_longer.chain(newly).map(note).collect())
}
