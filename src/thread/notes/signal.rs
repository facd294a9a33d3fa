//! Signals that come and go, and the units that they are taken to be in.

use super::case::Case;
use super::{Note, NoteKind};
use crate::graph::{Difference, Error};
use crate::ontology::terms::tl;
use crate::thread::record::Record;

/// Describes the changed signals of a resource that was there before.
pub(super) fn signals(case: &Case<'_>) -> Result<Vec<Note>, Error> {
    let mut notes = Vec::new();
    if case.diff.difference != Difference::Changed {
        return Ok(notes);
    }
    for (subject, was, is) in case.fragments(tl::SIGNAL_CLASS)? {
        let name = |record: &Record| record.text(tl::NAME).unwrap_or("without a name").to_owned();
        let unit = |record: &Record| case.unit(record, tl::UNIT).map(|unit| unit.symbol.clone());
        let (before, after) = (unit(&was), unit(&is));
        let owner = case.own_name();
        let (kind, text) = match (was.is_empty(), is.is_empty()) {
            (true, _) => (NoteKind::SignalAdded, format!("{owner} has the new signal {}", name(&is))),
            (_, true) => {
                (NoteKind::SignalRemoved, format!("{owner} no longer has the signal {}", name(&was)))
            }
            _ if was.target(tl::UNIT) != is.target(tl::UNIT) => {
                let word = |unit: &Option<String>| unit.clone().unwrap_or_else(|| "no unit".to_owned());
                let text =
                    format!("{owner}: signal {} is in {}, not in {}", name(&is), word(&after), word(&before));
                (NoteKind::SignalUnitChanged, text)
            }
            _ => continue,
        };
        let observed = [&was, &is].into_iter().rev().find_map(|record| record.target(tl::PROPERTY));
        let position =
            [&is, &was].into_iter().find_map(|record| record.text(tl::POSITION)).map(str::to_owned);
        let related = observed.into_iter().collect();
        let at = is.instant(tl::VALID_FROM);
        notes.push(Note { subject, before, after, related, position, at, ..case.note(kind, text) });
    }
    Ok(notes)
}
