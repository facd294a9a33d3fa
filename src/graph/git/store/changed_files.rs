//! The files in which two commits differ.

use super::History;
use crate::graph::git::lookup::{find_commit, find_tree, tree_of};
use crate::graph::git::values::{ChangedFile, oid};
use crate::graph::model::commit::CommitId;
use git2::{ObjectType, Oid, Repository, Tree};
use std::collections::BTreeMap;

/// How deep folders may nest: documents lie four deep, and whatever compares trees calls itself for each.
pub(in crate::graph) const FOLDERS_MAX: usize = 16;

/// An entry of a tree: its object, and whether it is a folder.
type Entry = (Oid, bool);

impl History {
    /// Returns the files that differ; equal folders are not looked into.
    pub(crate) fn changed_files(
        &self,
        from: Option<CommitId>,
        to: CommitId,
    ) -> Result<Vec<ChangedFile>, git2::Error> {
        let tree = |id| {
            let commit = find_commit(&self.repository, oid(id))?;
            tree_of(&self.repository, &commit)
        };
        let from = from.map(tree).transpose()?;
        let mut changed = Vec::new();
        compare_trees(&self.repository, from.as_ref(), Some(&tree(to)?), "", &mut changed)?;
        Ok(changed)
    }
}

/// Finds the files that differ. libgit2's own diff walks into equal folders, so its cost follows the graph.
fn compare_trees(
    repository: &Repository,
    from: Option<&Tree<'_>>,
    to: Option<&Tree<'_>>,
    path: &str,
    changed: &mut Vec<ChangedFile>,
) -> Result<(), git2::Error> {
    let mut names: BTreeMap<Vec<u8>, (Option<Entry>, Option<Entry>)> = BTreeMap::new();
    let entry = |entry: &git2::TreeEntry<'_>| (entry.id(), entry.kind() == Some(ObjectType::Tree));
    for old in from.into_iter().flatten() {
        names.entry(old.name_bytes().to_vec()).or_default().0 = Some(entry(&old));
    }
    for new in to.into_iter().flatten() {
        names.entry(new.name_bytes().to_vec()).or_default().1 = Some(entry(&new));
    }
    for (name, (before, after)) in names.into_iter().filter(|(_, (before, after))| before != after) {
        let path = format!("{path}{}", String::from_utf8_lossy(&name));
        let tree = |entry: Option<Entry>| {
            entry.filter(|(_, folder)| *folder).map(|(id, _)| find_tree(repository, id)).transpose()
        };
        let (old, new) = (tree(before)?, tree(after)?);
        if old.is_some() || new.is_some() {
            if path.matches('/').count() > FOLDERS_MAX {
                return Err(git2::Error::from_str(
                    "the folders of a commit nest deeper than any document lies",
                ));
            }
            compare_trees(repository, old.as_ref(), new.as_ref(), &format!("{path}/"), changed)?;
        }
        let blob = |entry: Option<Entry>| entry.filter(|(_, folder)| !*folder).map(|(id, _)| id);
        if blob(before) != blob(after) {
            changed.push(ChangedFile { path, before: blob(before), after: blob(after) });
        }
    }
    Ok(())
}
