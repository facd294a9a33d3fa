//! What was received of a tracked resource set: each document as it was sent, and which resources of the set are in it.
//!
//! It is not kept beside what is derived of it, but restored: notes on the source's own branch hold how the two differ, so what is kept as it
//! was sent is there once. A note is a resource whose IRI begins with [`IMPORT_NOTES`], and stays on that branch.

use crate::exchange::rdf::oslc::address::encoded;
use crate::exchange::rdf::oslc::shape::{is_computed, is_flag};
use crate::exchange::rdf::{Format, read};
use crate::model::statement::literal::canonical_statement;
use crate::model::statement::{IMPORT_NOTES, Statement, without_fragment};
use oxigraph::model::vocab::rdf;
use oxigraph::model::{Literal, NamedNode, Term};
use std::collections::{BTreeMap, BTreeSet};

/// The version of the notes: a source with others is read whole.
const FORMAT: &str = "1";

/// The properties of notes.
const FORMAT_OF: &str = "format";
const SET: &str = "set";
const CUTOFF: &str = "cutoffEvent";
const MEMBER: &str = "member";
/// A statement that was received and is not kept, and one that is kept and was not received, each as a line of N-Triples.
const RECEIVED: &str = "received";
const MADE: &str = "made";

/// What was received of a set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// The set.
    pub set: String,
    /// The event up to which it was read.
    pub cutoff: Option<String>,
    documents: BTreeMap<String, ReceivedDocument>,
}

/// A document of a set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReceivedDocument {
    /// The resources of the set that are at its address: it itself, or fragments of it.
    members: BTreeSet<String>,
    /// What it states of itself and its fragments; nothing where it is not there.
    statements: BTreeSet<Statement>,
}

/// The statements of a document by the resource that they belong to.
pub(super) struct Owned<'a> {
    pub(super) by_member: BTreeMap<&'a str, Vec<&'a Statement>>,
    /// The subjects that belong to no resource of the set.
    pub(super) others: BTreeSet<&'a str>,
}

impl Received {
    /// Begins a set of which nothing was received.
    pub fn new(set: &str) -> Self {
        Self { set: set.to_owned(), ..Self::default() }
    }

    /// Restores what was received from what was kept of it; `None` where that has no notes, or others than this version makes.
    pub fn read(kept: &[Statement]) -> Option<Self> {
        let (notes, kept): (Vec<_>, Vec<_>) =
            kept.iter().partition(|statement| statement.subject.as_str().starts_with(IMPORT_NOTES));
        let mut found = BTreeMap::<&str, Vec<&str>>::new();
        for note in notes {
            if let (Some(name), Term::Literal(value)) = (name_of(&note.predicate), &note.object) {
                found.entry(name).or_default().push(value.value());
            }
        }
        let mut values = |name: &str| found.remove(name).unwrap_or_default();
        if values(FORMAT_OF) != [FORMAT] {
            return None;
        }
        let mut received = Self::new(values(SET).first()?);
        received.cutoff = values(CUTOFF).first().map(|event| (*event).to_owned());
        let made: BTreeSet<Statement> = lines(&values(MADE))?.into_iter().collect();
        let sent = lines(&values(RECEIVED))?;
        for statement in kept.into_iter().filter(|own| !made.contains(own)).cloned().chain(sent) {
            let address = without_fragment(statement.subject.as_str()).to_owned();
            received.documents.entry(address).or_default().statements.insert(statement);
        }
        values(MEMBER).into_iter().for_each(|member| received.track(member));
        for (address, document) in &mut received.documents {
            if document.members.is_empty() {
                document.members.insert(address.clone());
            }
        }
        Some(received)
    }

    /// Returns the notes on the set itself.
    pub fn state(&self) -> Vec<Statement> {
        let subject = NamedNode::new_unchecked(format!("{IMPORT_NOTES}set"));
        let values = [(FORMAT_OF, FORMAT), (SET, &self.set)].into_iter();
        let values = values.chain(self.cutoff.as_deref().map(|event| (CUTOFF, event)));
        noted(&subject, values)
    }

    /// Returns the documents by their addresses.
    pub fn documents(&self) -> impl Iterator<Item = (&str, &ReceivedDocument)> {
        self.documents.iter().map(|(address, document)| (address.as_str(), document))
    }

    pub(super) fn document(&self, address: &str) -> Option<&ReceivedDocument> {
        self.documents.get(address)
    }

    /// Returns whether a resource of the set is at an address.
    pub fn has(&self, address: &str) -> bool {
        self.documents.contains_key(address)
    }

    /// Returns how many resources the set has.
    pub fn count(&self) -> usize {
        self.documents.values().map(|document| document.members.len()).sum()
    }

    /// Returns whether a resource is in the set.
    pub fn tracks(&self, member: &str) -> bool {
        self.document(without_fragment(member)).is_some_and(|document| document.members.contains(member))
    }

    /// Returns the resources of the set.
    pub fn members(&self) -> impl Iterator<Item = &str> {
        self.documents.values().flat_map(ReceivedDocument::members)
    }

    /// Adds a resource.
    pub fn track(&mut self, member: &str) {
        let document = self.documents.entry(without_fragment(member).to_owned()).or_default();
        document.members.insert(member.to_owned());
    }

    /// Removes a resource, with its document where that has no other one; returns whether it was there.
    pub fn forget(&mut self, member: &str) -> bool {
        let address = without_fragment(member);
        let Some(document) = self.documents.get_mut(address) else { return false };
        let was_there = document.members.remove(member);
        if document.members.is_empty() {
            self.documents.remove(address);
        }
        was_there
    }

    /// Returns the addresses of the documents that do not have all their resources.
    pub fn incomplete(&self) -> impl Iterator<Item = &str> {
        let lacks = |address: &str, document: &ReceivedDocument| {
            document.owned(address).by_member.len() < document.members.len()
        };
        self.documents()
            .filter(move |(address, document)| lacks(address, document))
            .map(|(address, _)| address)
    }

    /// Puts what a document states in the place of what it stated before; nothing where it is not there. Returns the subjects of other
    /// documents, of which nothing is taken.
    pub fn put(&mut self, address: &str, statements: Vec<Statement>) -> BTreeSet<String> {
        let Some(document) = self.documents.get_mut(address) else { return BTreeSet::new() };
        let mut others = BTreeSet::new();
        document.statements.clear();
        for statement in statements {
            let is_computed = is_computed(&statement.predicate) || is_flag(&statement.predicate);
            if without_fragment(statement.subject.as_str()) != address {
                others.insert(statement.subject.into_string());
            } else if !is_computed || !document.members.contains(statement.subject.as_str()) {
                document.statements.insert(canonical_statement(statement));
            }
        }
        others
    }
}

impl ReceivedDocument {
    /// Returns the resources of the set that are at its address.
    pub fn members(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(String::as_str)
    }

    /// Returns whether anything is stated at its address.
    pub fn is_there(&self) -> bool {
        !self.statements.is_empty()
    }

    pub(super) fn states(&self, statement: &Statement) -> bool {
        self.statements.contains(statement)
    }

    /// Returns the statements by the resource that they belong to: its own, and those of its fragments. The fragments of a fragment are those
    /// that are named by a path from it, as blank nodes are; all others belong to the document itself, where that is in the set.
    pub(super) fn owned(&self, address: &str) -> Owned<'_> {
        let whole = self.members.get(address).map(String::as_str);
        let mut owned = Owned { by_member: BTreeMap::new(), others: BTreeSet::new() };
        for statement in &self.statements {
            let subject = statement.subject.as_str();
            match self.owner(subject).or(whole) {
                Some(member) => owned.by_member.entry(member).or_default().push(statement),
                None => drop(owned.others.insert(subject)),
            }
        }
        owned
    }

    /// Returns the member that is a subject, or that a path leads from to it.
    fn owner(&self, subject: &str) -> Option<&str> {
        let begin = without_fragment(subject).len();
        let joints = subject.char_indices().rev().filter(|(at, sign)| *at > begin && *sign == '.');
        let mut names = std::iter::once(subject).chain(joints.map(|(at, _)| &subject[..at]));
        names.find_map(|name| self.members.get(name)).map(String::as_str)
    }
}

/// Returns how what was received of a document differs from what is kept of it, and which resources of the set it has where that is not
/// itself alone.
pub(super) fn notes(
    address: &str,
    document: &ReceivedDocument,
    kept: &BTreeSet<Statement>,
) -> Vec<Statement> {
    let subject = NamedNode::new_unchecked(format!("{IMPORT_NOTES}document:{}", encoded(address)));
    let is_itself = document.members.len() == 1 && document.members.contains(address);
    let members = document.members().filter(|_| !is_itself || !document.is_there());
    let received: Vec<String> = document.statements.difference(kept).map(ToString::to_string).collect();
    let made: Vec<String> = kept.difference(&document.statements).map(ToString::to_string).collect();
    let lines = |name, lines| std::iter::repeat(name).zip(lines);
    let values = members.map(|member| (MEMBER, member));
    let values = values.chain(lines(RECEIVED, received.iter().map(String::as_str)));
    noted(&subject, values.chain(lines(MADE, made.iter().map(String::as_str))))
}

/// Returns a note; none where there is nothing to note.
fn noted<'a>(subject: &NamedNode, values: impl Iterator<Item = (&'static str, &'a str)>) -> Vec<Statement> {
    let property = |name: &str| NamedNode::new_unchecked(format!("{IMPORT_NOTES}{name}"));
    let mut note: Vec<Statement> = values
        .map(|(name, value)| Statement::new(subject.clone(), property(name), Literal::from(value)))
        .collect();
    if !note.is_empty() {
        note.push(Statement::new(subject.clone(), rdf::TYPE, property("Note")));
    }
    note
}

fn name_of(predicate: &NamedNode) -> Option<&str> {
    predicate.as_str().strip_prefix(IMPORT_NOTES)
}

/// Reads lines of N-Triples; `None` where they are none.
fn lines(lines: &[&str]) -> Option<Vec<Statement>> {
    read(lines.join("\n").as_bytes(), Format::NTriples, "urn:throughline:notes", "the notes").ok()
}
