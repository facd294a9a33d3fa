//! What was put where, taken out, put in again, or modified in place.

use super::case::Case;
use super::{Note, NoteKind};
use crate::graph::{Difference, Error};
use crate::model::time::instant::Instant;
use crate::ontology::terms::tl;
use crate::thread::record::Record;
use oxigraph::model::{NamedNode, NamedNodeRef};

/// Describes an installation that is newly recorded.
pub(super) fn installed(case: &Case<'_>) -> Result<Vec<Note>, Error> {
    if case.diff.difference != Difference::Added || !case.is_a(tl::INSTALLATION)? {
        return Ok(Vec::new());
    }
    let is = case.is(case.resource())?;
    let again = match is.target(tl::COMPONENT) {
        Some(component) => was_installed_before(case, &component, is.instant(tl::FROM))?,
        None => false,
    };
    let (kind, verb) = match again {
        true => (NoteKind::UnitReinstalled, "installed again"),
        false => (NoteKind::UnitInstalled, "installed"),
    };
    let mut notes = vec![about(case, kind, verb, "in", &is, is.instant(tl::FROM))];
    notes.extend(
        is.instant(tl::TO).map(|at| about(case, NoteKind::UnitRemoved, "taken out", "of", &is, Some(at))),
    );
    Ok(notes)
}

/// Describes an installation that ended, or whose record was corrected.
pub(super) fn changed(case: &Case<'_>) -> Result<Vec<Note>, Error> {
    if case.diff.difference != Difference::Changed || !case.is_a(tl::INSTALLATION)? {
        return Ok(Vec::new());
    }
    let is = case.is(case.resource())?;
    let ended = case.property(tl::TO).filter(|diff| diff.removed.is_empty());
    let mut notes = Vec::new();
    if ended.is_some() {
        notes.push(about(case, NoteKind::UnitRemoved, "taken out", "of", &is, is.instant(tl::TO)));
    }
    let facts =
        [tl::COMPONENT, tl::PARENT, tl::POSITION, tl::QUANTITY, tl::FROM, tl::FROM_EARLIEST, tl::TO_LATEST];
    let corrected = |fact: &NamedNodeRef<'_>| case.property(*fact).is_some();
    if facts.iter().any(corrected) || (ended.is_none() && case.property(tl::TO).is_some()) {
        let was = case.was(case.resource())?;
        let text = format!("{}: the record of the installation is corrected", case.own_name());
        let note = case.note(NoteKind::InstallationCorrected, text);
        let (before, after) = (Some(place(case, &was)), Some(place(case, &is)));
        let position = is.text(tl::POSITION).map(str::to_owned);
        notes.push(Note { before, after, related: ends(&is), position, ..note });
    }
    Ok(notes)
}

/// Describes a modification that is newly recorded.
pub(super) fn modified(case: &Case<'_>) -> Result<Vec<Note>, Error> {
    if case.diff.difference != Difference::Added || !case.is_a(tl::MODIFICATION)? {
        return Ok(Vec::new());
    }
    let is = case.is(case.resource())?;
    let related: Vec<NamedNode> =
        [tl::OF, tl::REALIZES].into_iter().filter_map(|end| is.target(end)).collect();
    let [unit, revision] = related.as_slice() else { return Ok(Vec::new()) };
    let text = format!("{} is modified to {}", case.name(unit), case.name(revision));
    let note = case.note(NoteKind::UnitModified, text);
    Ok(vec![Note { at: is.instant(tl::AT), related, ..note }])
}

/// Returns whether a component sat somewhere before an instant; one whose start is unknown was there from the beginning.
fn was_installed_before(
    case: &Case<'_>,
    component: &NamedNode,
    from: Option<Instant>,
) -> Result<bool, Error> {
    let Some(from) = from else { return Ok(false) };
    for other in case.after.subjects(tl::COMPONENT, &component.clone().into())? {
        if other != *case.resource() && case.after.instant(&other, tl::FROM)?.is_none_or(|start| start < from)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

fn about(
    case: &Case<'_>,
    kind: NoteKind,
    verb: &str,
    at_or_of: &str,
    is: &Record,
    at: Option<Instant>,
) -> Note {
    let name = |end| is.target(end).map_or_else(|| "something".to_owned(), |iri| case.name(&iri));
    let position = is.text(tl::POSITION).map(str::to_owned);
    let mut text = format!("{} is {verb} {at_or_of} {}", name(tl::COMPONENT), name(tl::PARENT));
    if let Some(position) = &position {
        text.push_str(&format!(", {position}"));
    }
    if let Some(at) = at {
        text.push_str(&format!(", at {at}"));
    }
    Note { related: ends(is), position, at, ..case.note(kind, text) }
}

/// Returns the component and its parent.
fn ends(is: &Record) -> Vec<NamedNode> {
    [tl::COMPONENT, tl::PARENT].into_iter().filter_map(|end| is.target(end)).collect()
}

/// Writes where a component sits, and when.
fn place(case: &Case<'_>, record: &Record) -> String {
    let name = |end| record.target(end).map_or_else(|| "something".to_owned(), |iri| case.name(&iri));
    let instant = |end| record.instant(end).map_or_else(String::new, |at| at.to_string());
    format!(
        "{} in {} {} [{}, {})",
        name(tl::COMPONENT),
        name(tl::PARENT),
        record.text(tl::POSITION).unwrap_or("-"),
        instant(tl::FROM),
        instant(tl::TO)
    )
}
