//! What the tree of a commit may hold: documents in canonical text where its format puts them, `throughline.toml` as it was or of a later format,
//! and the ontology's files. Looks at what a commit changed, so that the cost follows the change.

use super::ontology_files::{ontology_files, refuse_shipped};
use crate::graph::error::Error;
use crate::graph::git::incoming::ontology_file;
use crate::graph::git::lookup::{at_path, find_commit, find_tree, tree_of};
use crate::graph::git::store::{FOLDERS_MAX, History};
use crate::graph::git::values::{commit_id, oid};
use crate::graph::model::commit::CommitId;
use crate::graph::model::fault::Fault;
use crate::graph::text::document::{self, has_dot_segments};
use crate::graph::text::format::{Format, SETTINGS};
use crate::graph::text::turtle;
use crate::model::statement::literal::{canonical, was_canonical};
use crate::model::statement::{Statement, root};
use crate::ontology::Ontology;
use git2::{Oid, Tree};
use oxigraph::model::{NamedNode, Term};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// The mode of a plain file in a tree.
const PLAIN: i32 = 0o100_644;

/// Looks at one commit after another, parents first.
pub(in crate::graph) struct TreeCheck<'a> {
    history: &'a History,
    base: &'a str,
    /// The ontology's files that came with the program when the thread was begun.
    shipped: BTreeMap<String, Oid>,
    /// The fragments that have, or once had, a document of their own, by resource.
    fragments: BTreeMap<NamedNode, BTreeSet<NamedNode>>,
    /// Ontologies that parse.
    ontologies: HashSet<Oid>,
}

/// A file that differs from the first parent's: its path, its object and mode.
struct Entry {
    path: String,
    object: Option<(Oid, i32)>,
}

impl<'a> TreeCheck<'a> {
    /// Begins; `known` is a commit of the thread, whose `throughline.toml` and shipped files every other has.
    pub(in crate::graph) fn new(history: &'a History, base: &'a str, known: CommitId) -> Result<Self, Error> {
        let repository = &history.repository;
        let tree = tree_of(repository, &find_commit(repository, oid(known))?)?;
        let mut shipped = BTreeMap::new();
        for (name, _) in Ontology::shipped_files() {
            if let Some((id, _)) = at_path(repository, &tree, &format!("ontology/{name}"))? {
                shipped.insert((*name).to_owned(), id);
            }
        }
        let (fragments, ontologies) = (BTreeMap::new(), HashSet::new());
        Ok(Self { history, base, shipped, fragments, ontologies })
    }

    /// Returns what is wrong with the files that a commit changed against its first parent; with all of its files
    /// where `whole`. `before` returns what subjects a resource had in the last commit that is not looked at.
    pub(in crate::graph) fn faults(
        &mut self,
        id: CommitId,
        whole: bool,
        before: &dyn Fn(&NamedNode) -> Result<Vec<NamedNode>, Error>,
    ) -> Result<Vec<Fault>, Error> {
        let repository = &self.history.repository;
        let commit = find_commit(repository, oid(id))?;
        let tree = tree_of(repository, &commit)?;
        let before_it =
            commit.parent_ids().next().map(|parent| self.history.format(commit_id(parent))).transpose()?;
        let format = match self.history.settings(id) {
            Ok((format, base)) if base == self.base && before_it.is_none_or(|before| before <= format) => {
                format
            }
            // Another layout is for another program; an earlier one is no way back.
            _ => {
                let reason = "it must stay as it is".to_owned();
                return Ok(vec![Fault { commit: id, file: SETTINGS.to_owned(), reason }]);
            }
        };
        let whole = whole || before_it != Some(format);
        let parent = match commit.parent_ids().next() {
            Some(parent) if !whole => Some(tree_of(repository, &find_commit(repository, parent)?)?),
            _ => None,
        };
        let mut entries = Vec::new();
        self.compare(parent.as_ref(), Some(&tree), "", &mut entries)?;
        let mut faults = Vec::new();
        let mut fault =
            |file: &str, reason: String| faults.push(Fault { commit: id, file: file.to_owned(), reason });
        let mut documents = Vec::new();
        for entry in &entries {
            match self.read(entry, format) {
                Ok(Some(resource)) => documents.push(resource),
                Ok(None) => {}
                Err(Wrong::Fault(reason)) => fault(&entry.path, reason),
                Err(Wrong::Error(error)) => return Err(error),
            }
        }
        if let Some(ontology) = tree.get_name("ontology")
            && let Err(reason) = self.ontology(ontology.id())?
        {
            fault("ontology", reason);
        }
        for (file, reason) in self.overlaps(&tree, format, documents, before)? {
            fault(&file, reason);
        }
        Ok(faults)
    }

    /// Reads an entry; returns the resource where it is a document.
    fn read(&self, entry: &Entry, format: Format) -> Result<Option<NamedNode>, Wrong> {
        let path = entry.path.as_str();
        if path == SETTINGS {
            let text = entry.object.map(|(id, _)| self.history.blob(id)).transpose()?;
            let is_same = text.as_deref() == Some(format.settings(self.base).as_bytes());
            return if is_same { Ok(None) } else { Err("it must stay as it is".to_owned().into()) };
        }
        if let Some(name) = ontology_file(path) {
            match self.shipped.get(name) {
                Some(first) if entry.object.map(|(id, _)| id) == Some(*first) => {}
                Some(_) => return Err("it comes with the program and stays as it is".to_owned().into()),
                None => refuse_shipped(std::iter::once(name)).map_err(|error| error.to_string())?,
            }
        }
        let Some((id, mode)) = entry.object else { return Ok(None) };
        if mode != PLAIN {
            return Err(format!("it is no plain file (mode {mode:o})").into());
        }
        if ontology_file(path).is_some() {
            return Ok(None);
        }
        if !path.ends_with(".ttl") {
            return Err("a thread holds no such file".to_owned().into());
        }
        let bytes = self.history.blob(id)?;
        Ok(Some(document(&bytes, path, self.base, format)?))
    }

    /// Returns whether an ontology parses.
    fn ontology(&mut self, tree: Oid) -> Result<Result<(), String>, Error> {
        if self.ontologies.contains(&tree) {
            return Ok(Ok(()));
        }
        let mut id = [0; 20];
        id.copy_from_slice(tree.as_bytes());
        let files = ontology_files(self.history, id)?;
        match Ontology::read(files.iter().map(|(name, text)| (name.as_str(), text.as_str()))) {
            Ok(_) => {
                self.ontologies.insert(tree);
                Ok(Ok(()))
            }
            Err(error) => Ok(Err(error.to_string())),
        }
    }

    /// Finds fragments that have a document of their own although their resource is described.
    fn overlaps(
        &mut self,
        tree: &Tree<'_>,
        format: Format,
        documents: Vec<NamedNode>,
        before: &dyn Fn(&NamedNode) -> Result<Vec<NamedNode>, Error>,
    ) -> Result<Vec<(String, String)>, Error> {
        let repository = &self.history.repository;
        let roots: BTreeSet<NamedNode> = documents.iter().map(root).collect();
        for resource in documents {
            self.fragments.entry(root(&resource)).or_default().insert(resource);
        }
        let mut found = Vec::new();
        for of in roots {
            let mut subjects = before(&of)?;
            // Where the resource was described, its fragments had no documents.
            if subjects.contains(&of) {
                subjects.clear();
            }
            let known = self.fragments.entry(of.clone()).or_default();
            known.extend(subjects);
            known.remove(&of);
            if known.is_empty() || at_path(repository, tree, &document::path(&of, format))?.is_none() {
                continue;
            }
            for fragment in known.iter() {
                let path = document::path(fragment, format);
                if at_path(repository, tree, &path)?.is_some() {
                    let reason =
                        format!("{} belongs into the document of {}", fragment.as_str(), of.as_str());
                    found.push((path, reason));
                }
            }
        }
        Ok(found)
    }

    /// Finds the files that differ in content or mode.
    fn compare(
        &self,
        from: Option<&Tree<'_>>,
        to: Option<&Tree<'_>>,
        path: &str,
        found: &mut Vec<Entry>,
    ) -> Result<(), git2::Error> {
        type Side = Option<(Oid, i32)>;
        let mut names: BTreeMap<String, (Side, Side)> = BTreeMap::new();
        let name = |entry: &git2::TreeEntry<'_>| String::from_utf8_lossy(entry.name_bytes()).into_owned();
        for old in from.into_iter().flatten() {
            names.entry(name(&old)).or_default().0 = Some((old.id(), old.filemode_raw()));
        }
        for new in to.into_iter().flatten() {
            names.entry(name(&new)).or_default().1 = Some((new.id(), new.filemode_raw()));
        }
        let is_tree = |side: Side| side.filter(|(_, mode)| *mode == 0o040_000);
        for (name, (before, after)) in names.into_iter().filter(|(_, (before, after))| before != after) {
            let tree =
                |side| is_tree(side).map(|(id, _)| find_tree(&self.history.repository, id)).transpose();
            let (old, new) = (tree(before)?, tree(after)?);
            let path = format!("{path}{name}");
            if path.matches('/').count() > FOLDERS_MAX {
                return Err(git2::Error::from_str(
                    "the folders of a commit nest deeper than any document lies",
                ));
            }
            if old.is_some() || new.is_some() {
                self.compare(old.as_ref(), new.as_ref(), &format!("{path}/"), found)?;
            }
            let file = |side: Side| side.filter(|_| is_tree(side).is_none());
            if file(before) != file(after) {
                found.push(Entry { path, object: file(after) });
            }
        }
        Ok(())
    }
}

/// Why a file is not read: something is wrong with it, or reading failed.
enum Wrong {
    Fault(String),
    Error(Error),
}

impl From<String> for Wrong {
    fn from(reason: String) -> Self {
        Self::Fault(reason)
    }
}

impl From<git2::Error> for Wrong {
    fn from(error: git2::Error) -> Self {
        Self::Error(error.into())
    }
}

/// Reads a document and returns its resource, or why it is not one that the thread would have written.
fn document(bytes: &[u8], path: &str, base: &str, format: Format) -> Result<NamedNode, String> {
    let statements = turtle::read(bytes, path).map_err(|error| error.to_string())?;
    let resource = resource(&statements)?;
    let place = document::path(&resource, format);
    if place != path {
        return Err(format!("the document of {} belongs at {place}", resource.as_str()));
    }
    for statement in &statements {
        if !was_canonical(&statement.object) {
            let object = canonical(statement.object.clone());
            return Err(format!("{} is written {object} in a thread", statement.object));
        }
    }
    let text = turtle::write(&statements, base);
    if text.as_bytes() == bytes { Ok(resource) } else { Err(first_difference(&text, bytes)) }
}

/// Returns the one resource whose document holds the statements.
pub(in crate::graph) fn resource(statements: &[Statement]) -> Result<NamedNode, String> {
    let first = statements.first().ok_or("it is empty")?;
    let described = root(&first.subject);
    let is_described = statements.iter().any(|statement| statement.subject == described);
    let resource = if is_described { described } else { first.subject.clone() };
    let belongs = |subject: &NamedNode| *subject == resource || (is_described && root(subject) == resource);
    if let Some(stray) = statements.iter().find(|statement| !belongs(&statement.subject)) {
        let (stray, resource) = (&stray.subject, resource.as_str());
        return Err(format!("{stray} does not belong into the document of {resource}"));
    }
    let links = statements.iter().filter_map(|statement| match &statement.object {
        Term::NamedNode(iri) => Some(iri),
        _ => None,
    });
    let mut iris = statements.iter().flat_map(|s| [&s.subject, &s.predicate]).chain(links);
    match iris.find(|iri| has_dot_segments(iri)) {
        Some(iri) => Err(format!("{iri} has a segment \".\" or \"..\" in its path")),
        None => Ok(resource),
    }
}

fn first_difference(canonical: &str, bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = canonical.lines().zip(text.lines()).enumerate();
    match lines.find(|(_, (canonical, line))| canonical != line) {
        Some((at, (canonical, line))) => {
            format!("line {} is no canonical text: `{line}` is written `{canonical}`", at + 1)
        }
        None => "its lines end otherwise than canonical text, or some are missing or too many".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://example.org/";

    #[test]
    fn documents_are_as_the_thread_writes_them() {
        let path =
            |local: &str| document::path(&NamedNode::new_unchecked(format!("{BASE}{local}")), Format::NEWEST);
        let check = |local: &str, body: &str, expect: &str| {
            let text = format!("@base <{BASE}> .\n\n{body}");
            let message =
                document(text.as_bytes(), &path(local), BASE, Format::NEWEST).map(NamedNode::into_string);
            let message = message.unwrap_or_else(|reason| reason);
            assert!(message.contains(expect), "{message}");
        };
        check("a", "<a> <p> 1 .\n<a#x> <p> 2 .\n", "https://example.org/a");
        check("a#x", "<a#x> <p> 2 .\n", "https://example.org/a#x");
        check("b", "<a> <p> 1 .\n", "the document of https://example.org/a belongs at");
        check("a", "<a> <p> 1 .\n<b> <p> 2 .\n", "<https://example.org/b> does not belong");
        check("a#x", "<a#x> <p> 1 .\n<a#y> <p> 2 .\n", "<https://example.org/a#y> does not belong");
        check("a", "<a> <p> 01 .\n", "is written \"1\"");
        check(
            "a",
            "<a> <p> 2 .\n<a> <p> 1 .\n",
            "line 3 is no canonical text: `<a> <p> 2 .` is written `<a> <p> 1 .`",
        );
        check("a", "<a> <p> 1 .", "its lines end otherwise");
        check("a", "", "it is empty");
        check("a", "<a> <p> [] .\n", "no blank nodes");
        check("a", "<a> <p> .\n", "ttl:");
    }
}
