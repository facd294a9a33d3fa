//! Whether a change writes what the ontology reserves to other use cases than its maker.
//!
//! What an import may write of a reserved record depends on who brought the record into the branch first, not on what the source states
//! now: else a source that repeats what is there would become its owner.

use super::maker::Maker;
use super::transaction::Transaction;
use crate::graph::error::Error;
use crate::graph::model::commit::Author;
use crate::graph::read::snapshot::Snapshot;
use crate::model::statement::{Statement, is_import_note, root};
use crate::model::visible;
use crate::ontology::terms::{rdf, tl};
use crate::ontology::{Violation, Writer};
use oxigraph::model::{NamedNode, Term};
use std::collections::BTreeSet;

const SIGNATURE_RULE: &str = "nobody signs for another";
const NOTES_RULE: &str = "import notes come from a pull alone";

impl Transaction<'_> {
    /// Returns what the change writes although it is reserved to others than its maker.
    pub(crate) fn reserved(&self, maker: Maker<'_>) -> Result<Vec<Violation>, Error> {
        let ontology = self.snapshot.ontology();
        let (mut found, mut signatures) = (Vec::new(), Vec::new());
        for (name, edit) in &self.edits {
            let (before, after) = (edit.before(), edit.after());
            if !ontology.has_reserved(before) && !ontology.has_reserved(after) {
                continue;
            }
            let root = root(&NamedNode::new_unchecked(name));
            let was = ontology.reserved_statements(before);
            let is_sources = match maker.source {
                Some((vendor, _)) => is_all_from(self.snapshot, &was, vendor)?,
                None => false,
            };
            let mut sides = Vec::new();
            for side in maker.sides {
                let about = side.whole_resource(&root)?;
                if self.may_follow(&was, side, &about)? {
                    sides.push(about);
                }
            }
            let writer = Writer { use_case: maker.use_case, is_sources, sides };
            found.extend(ontology.reserved(before, after, &writer));
            if maker.source.is_some() {
                let signs = |own: &&Statement| own.predicate.as_ref() == tl::DECIDED_BY && !was.contains(own);
                signatures.extend(ontology.reserved_statements(after).into_iter().filter(signs));
            }
        }
        if let Some((_, importer)) = maker.source {
            found.extend(self.signed_for_others(&signatures, importer)?);
        }
        found.extend(stated_notes(self.added()));
        Ok(found)
    }

    /// Returns whether a merge may take a decision as a side has it, in place of the reserved statements `was` of the branch: what an
    /// import brought to the side, only where the same source brought the record to the branch, or the branch has none.
    fn may_follow(&self, was: &[&Statement], side: &Snapshot, about: &[Statement]) -> Result<bool, Error> {
        if was.is_empty() {
            return Ok(true);
        }
        let theirs = side.ontology().reserved_statements(about);
        let (types, values): (Vec<_>, Vec<_>) =
            theirs.into_iter().partition(|statement| statement.predicate.as_ref() == rdf::TYPE);
        let mut new: Vec<_> = values.into_iter().filter(|statement| !was.contains(statement)).collect();
        if new.is_empty() {
            // The side has only taken values away.
            new = types;
        }
        let mut vendors = BTreeSet::new();
        for statement in new {
            vendors.extend(side.vendor_of(statement)?);
        }
        for vendor in vendors {
            if !is_all_from(self.snapshot, was, &vendor)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Returns a violation for each decision of an import that is signed with the e-mail address of somebody who signs commits of
    /// this thread, but for the one who imports.
    fn signed_for_others(
        &self,
        signatures: &[&Statement],
        importer: &Author,
    ) -> Result<Vec<Violation>, Error> {
        if signatures.is_empty() {
            return Ok(Vec::new());
        }
        let texts: Vec<String> = signatures.iter().map(|own| text_of(own)).collect();
        let own_address = look(&importer.email);
        let is_importer = |author: &Author| !own_address.is_empty() && look(&author.email) == own_address;
        let (mut known, mut forged) = (BTreeSet::from([importer.to_string()]), vec![false; texts.len()]);
        self.snapshot.0.view.tables.each_author(|author| {
            if known.insert(author.to_string()) && !is_importer(&author) {
                let is_named = texts.iter().map(|text| names(text, &author));
                forged.iter_mut().zip(is_named).for_each(|(forged, is_named)| *forged |= is_named);
            }
        })?;
        let ontology = self.snapshot.ontology();
        let forged = signatures.iter().zip(forged).filter(|(_, is_forged)| *is_forged);
        Ok(forged
            .map(|(own, _)| {
                let message = "an import signs no decision for somebody who signs commits of this thread: that person decides here \
                     (decideChange), or the file names who decided as its own system does, without the e-mail address";
                let path = Some(ontology.field_name(&own.predicate));
                Violation::new(own.subject.clone(), path, Some(own.object.clone()), message.to_owned(), SIGNATURE_RULE)
            })
            .collect())
    }
}

/// Returns a violation for each note of an import ([`crate::model::statement::IMPORT_NOTES`]) that is described where none may be: by a file,
/// or on another branch than that of its source.
pub(crate) fn stated_notes<'a>(statements: impl IntoIterator<Item = &'a Statement>) -> Vec<Violation> {
    let subjects = statements.into_iter().map(|own| &own.subject).filter(|subject| is_import_note(subject));
    let message = "throughline pull alone notes what it has received of a source, on the branch of that source, under names like \
         this one: leave out what is stated of it, or give it another name";
    let violation =
        |subject: &NamedNode| Violation::new(subject.clone(), None, None, message.to_owned(), NOTES_RULE);
    subjects.collect::<BTreeSet<_>>().into_iter().map(violation).collect()
}

/// Returns a violation for each subject among notes of an import that is none.
pub(crate) fn stray_notes(notes: &[Statement]) -> Vec<Violation> {
    let strays = notes.iter().map(|own| &own.subject).filter(|subject| !is_import_note(subject));
    let message =
        "it is among the notes of a pull, and is none: what the source states is in the files of the import";
    let violation =
        |subject: &NamedNode| Violation::new(subject.clone(), None, None, message.to_owned(), NOTES_RULE);
    strays.collect::<BTreeSet<_>>().into_iter().map(violation).collect()
}

/// Returns whether one source brought all of some statements into a version; there may be none.
fn is_all_from(snapshot: &Snapshot, statements: &[&Statement], vendor: &str) -> Result<bool, Error> {
    for statement in statements {
        if snapshot.vendor_of(statement)?.as_deref() != Some(vendor) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Returns the text of a signature as it looks.
fn text_of(signature: &Statement) -> String {
    match &signature.object {
        Term::Literal(text) => look(text.value()),
        other => look(&other.to_string()),
    }
}

/// Returns whether a text names an author: by the e-mail address anywhere in it, or as commits do.
fn names(text: &str, author: &Author) -> bool {
    let address = look(&author.email);
    text == look(&author.to_string()) || (!address.is_empty() && has_address(text, &address))
}

/// Returns whether an address is in a text, and not a part of another one.
fn has_address(text: &str, address: &str) -> bool {
    let goes_on = |char: char| char.is_alphanumeric() || "-_+".contains(char);
    text.match_indices(address).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + address.len()..]);
        let mut next = after.chars();
        let is_end = match next.next() {
            Some('.') => !next.next().is_some_and(goes_on),
            next => !next.is_some_and(goes_on),
        };
        is_end && !before.ends_with(|char: char| goes_on(char) || char == '.')
    })
}

/// Returns a text as it looks: in plain forms, without what nobody sees, one case and one space for all blanks.
fn look(text: &str) -> String {
    visible::plain(text).split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_somebody_wherever_it_is() {
        let ada = Author::new("Ada", "Ada@plant.example").expect("an author");
        let check = |text: &str, expect: bool| assert_eq!(names(&look(text), &ada), expect, "{text}");
        for named in [
            "ada@plant.example",
            "Ada <ada@plant.example>",
            "ada@plant.example.",
            "ada@plant.example/approver",
            "a\u{200b}da@plant.example",
            "ada@plant.exam\u{ad}ple",
            "ａda@plant.example",
            "mailto:ADA@PLANT.EXAMPLE (approver)",
            "x,ada@plant.example,y",
        ] {
            check(named, true);
        }
        for other in [
            "Ada",
            "ada@plant.example.org",
            "grada@plant.example",
            "l.ada@plant.example",
            "ada@plant.examples",
            "",
        ] {
            check(other, false);
        }
    }
}
