//! Resources of another OSLC provider as statements of ours: types and properties of OSLC's vocabularies become those of the ontology where
//! they fit, and stay beside them where they do not. What cannot be kept is named.
//!
//! What becomes of a resource depends on what it states, on which other resources the set has, and on the ontology, and on nothing else. So
//! all is derived again from what was received, whatever has changed.

mod classified;
mod judge;
mod reading;
mod received;
#[cfg(test)]
mod tests;

use crate::model::statement::Statement;
use crate::ontology::Ontology;
use judge::Judge;
use reading::Reading;
use received::{Owned, notes};
pub use received::{Received, ReceivedDocument};
use std::collections::{BTreeMap, BTreeSet};

/// What a document has become.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Derived {
    /// The statements, and the notes from which [`Received::read`] restores the document.
    pub statements: Vec<Statement>,
    /// What was left out, and why.
    pub gaps: Vec<String>,
}

/// Returns what the documents of a set become under an ontology, by their addresses.
pub fn derived<'a>(received: &'a Received, ontology: &Ontology) -> BTreeMap<&'a str, Derived> {
    let judge = Judge::new(received, ontology);
    received.documents().map(|(address, document)| (address, derive(&judge, address, document))).collect()
}

/// Returns what one document becomes.
fn derive(judge: &Judge<'_>, address: &str, document: &ReceivedDocument) -> Derived {
    let Owned { by_member, others } = document.owned(address);
    let mut gaps = absences(document, &by_member);
    gaps.extend(others.into_iter().map(|other| format!("{address}: what it states of {other} is left out")));
    let mut kept = BTreeSet::new();
    for (member, own) in by_member {
        let (statements, more) = Reading::new(judge, member, own).result();
        kept.extend(statements.into_iter().map(|statement| judge.ontology.normalized(statement)));
        gaps.extend(more);
    }
    let notes = notes(address, document, &kept);
    Derived { statements: kept.into_iter().chain(notes).collect(), gaps }
}

/// Names the members that nothing is stated of.
fn absences<'a>(
    document: &'a ReceivedDocument,
    by_member: &BTreeMap<&'a str, Vec<&'a Statement>>,
) -> Vec<String> {
    let absent = document.members().filter(|member| !by_member.contains_key(member));
    let why = match document.is_there() {
        true => "and the document at its address states nothing of it",
        false => "and there is nothing at its address",
    };
    absent.map(|member| format!("{member}: the set names it, {why}")).collect()
}
