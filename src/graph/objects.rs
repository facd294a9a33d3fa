//! The objects of one commit on their way into the repository: blobs, the trees above them, the commit itself.

use super::history::{Draft, Files, Recorded, commit_bytes, oid, recorded};
use git2::{ObjectType, Oid, Repository, Tree};
use std::collections::BTreeMap;

/// The objects of a commit on their way into a repository.
pub(super) struct Objects<'a> {
    pub(super) repository: &'a Repository,
    /// What is there already is not written again.
    pub(super) known: &'a git2::Odb<'a>,
    pub(super) written: Vec<Oid>,
}

impl Objects<'_> {
    fn is_known(&self, id: Oid) -> bool {
        self.known.exists_ext(id, git2::OdbLookupFlags::NO_REFRESH)
    }

    /// Writes the contents of files.
    pub(super) fn stage(&mut self, files: &Files) -> Result<Staged, git2::Error> {
        let mut root = Folder::default();
        for (path, content) in files {
            let blob = content.as_ref().map(|content| self.blob(content)).transpose()?;
            root.put(path, blob);
        }
        Ok(Staged(root))
    }

    /// Writes the trees and the commit of staged files.
    pub(super) fn commit(&mut self, draft: &Draft, staged: &Staged) -> Result<Recorded, git2::Error> {
        let parent = draft.parents.first().map(|id| self.repository.find_commit(oid(*id))).transpose()?;
        let parent_tree = parent.map(|parent| parent.tree()).transpose()?;
        let tree = match staged.0.write(self, parent_tree.as_ref())? {
            Some(tree) => tree,
            None => self.repository.treebuilder(None)?.write()?,
        };
        super::window::pass("files written");
        let commit = self.repository.odb()?.write(ObjectType::Commit, &commit_bytes(tree, draft))?;
        self.written.push(commit);
        recorded(self.repository, commit)
    }

    fn blob(&mut self, content: &[u8]) -> Result<Oid, git2::Error> {
        // Git itself writes nothing that is there already.
        let id = self.repository.blob(content)?;
        if !self.is_known(id) {
            self.written.push(id);
        }
        Ok(id)
    }
}

/// Files whose contents are written: what a commit of them changes in its parent's tree.
pub(super) struct Staged(Folder);

/// What changes in one folder.
#[derive(Default)]
struct Folder {
    files: BTreeMap<String, Option<Oid>>,
    folders: BTreeMap<String, Self>,
}

impl Folder {
    fn put(&mut self, path: &str, blob: Option<Oid>) {
        match path.split_once('/') {
            Some((folder, rest)) => self.folders.entry(folder.to_owned()).or_default().put(rest, blob),
            None => {
                self.files.insert(path.to_owned(), blob);
            }
        }
    }

    /// Writes the folder's tree; `None` where nothing is left in it.
    fn write(&self, objects: &mut Objects<'_>, old: Option<&Tree<'_>>) -> Result<Option<Oid>, git2::Error> {
        let repository = objects.repository;
        let mut builder = repository.treebuilder(old)?;
        for (name, folder) in &self.folders {
            let old = match old.and_then(|tree| tree.get_name(name)) {
                Some(entry) if entry.kind() == Some(ObjectType::Tree) => {
                    Some(repository.find_tree(entry.id())?)
                }
                _ => None,
            };
            let tree = folder.write(objects, old.as_ref())?;
            put_entry(&mut builder, name, tree, 0o040_000)?;
        }
        for (name, blob) in &self.files {
            put_entry(&mut builder, name, *blob, 0o100_644)?;
        }
        if builder.is_empty() {
            return Ok(None);
        }
        let tree = builder.write()?;
        if !objects.is_known(tree) {
            objects.written.push(tree);
        }
        Ok(Some(tree))
    }
}

fn put_entry(
    builder: &mut git2::TreeBuilder<'_>,
    name: &str,
    id: Option<Oid>,
    mode: i32,
) -> Result<(), git2::Error> {
    match id {
        Some(id) => builder.insert(name, id, mode).map(|_| ()),
        None if builder.get(name)?.is_some() => builder.remove(name),
        None => Ok(()),
    }
}
