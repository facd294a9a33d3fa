//! Whether a change writes what the ontology reserves to other use cases than its maker.
//!
//! What an import may write of a reserved record depends on who brought the record into the branch first, not on what the source states
//! now: else a source that repeats what is there would become its owner.

use super::maker::Maker;
use super::transaction::Transaction;
use crate::graph::error::Error;
use crate::graph::model::commit::Author;
use crate::graph::read::snapshot::Snapshot;
use crate::model::statement::{Statement, root};
use crate::ontology::terms::{rdf, tl};
use crate::ontology::{Violation, Writer};
use oxigraph::model::{NamedNode, Term};
use std::collections::BTreeSet;

const SIGNATURE_RULE: &str = "nobody signs for another";

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
        let mut named: BTreeSet<String> = signatures.iter().flat_map(|own| names(own)).collect();
        for own in names_of(importer) {
            named.remove(&own);
        }
        let mut taken = BTreeSet::new();
        self.snapshot.0.view.tables.each_author(|author| {
            taken.extend(names_of(&author).into_iter().filter(|name| named.contains(name)));
        })?;
        let ontology = self.snapshot.ontology();
        let forged = signatures.iter().filter(|own| names(own).any(|name| taken.contains(&name)));
        Ok(forged
            .map(|own| {
                let message = "an import signs no decision for somebody who signs commits of this thread: that person decides here \
                     (decideChange), or the file names who decided as its own system does, without the e-mail address";
                let path = Some(ontology.field_name(&own.predicate));
                Violation::new(own.subject.clone(), path, Some(own.object.clone()), message.to_owned(), SIGNATURE_RULE)
            })
            .collect())
    }
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

/// Returns by what a signature could name somebody: the whole text, and each e-mail address in it.
fn names(signature: &Statement) -> impl Iterator<Item = String> {
    let text = match &signature.object {
        Term::Literal(text) => normal(text.value()),
        other => normal(&other.to_string()),
    };
    let addresses: Vec<String> = text
        .split(|character: char| character.is_whitespace() || "<>()[]\"',;:".contains(character))
        .filter(|word| word.contains('@'))
        .map(str::to_owned)
        .collect();
    addresses.into_iter().chain([text])
}

/// Returns by what a signature would name an author for certain.
fn names_of(author: &Author) -> [String; 2] {
    [normal(&author.email), normal(&author.to_string())]
}

fn normal(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
