//! Whether the index has the resources that a commit rewrites as Git has them. The text of a resource is written from the
//! index, so without this check what only a wrong index has would become a commit.

use crate::graph::change::transaction::{Transaction, documents};
use crate::graph::error::Error;
use crate::graph::git::lookup::{FOLDER, find_commit, find_tree, tree_of};
use crate::graph::git::store::History;
use crate::graph::git::values::oid;
use crate::graph::model::commit::CommitId;
use crate::graph::text::format::Format;
use crate::graph::text::{document, turtle};
use crate::model::statement::Statement;
use git2::{ObjectType, Oid, Tree};
use oxigraph::model::NamedNode;
use std::collections::HashMap;

impl Transaction<'_> {
    /// Refuses to go on where Git has other text of a resource that changes than the index; `format` is that of the snapshot's commit.
    pub(in crate::graph) fn refuse_disagreement(
        &self,
        history: &History,
        format: Format,
    ) -> Result<(), Error> {
        let commit = self.snapshot.commit().id;
        let mut tree = Documents::at(history, commit, format)?;
        for (root, edit) in &self.edits {
            let before = documents(root, edit.before().iter());
            let after = documents(root, edit.after().iter());
            for resource in before.keys().chain(after.keys().filter(|name| !before.contains_key(*name))) {
                let resource = NamedNode::new_unchecked(*resource);
                let statements = before.get(resource.as_str()).map(Vec::as_slice).unwrap_or_default();
                if !tree.has(&resource, statements, self.snapshot.base())? {
                    return Err(Error::IndexDisagrees { resource, commit });
                }
            }
        }
        Ok(())
    }
}

/// The documents of a commit as Git has them.
struct Documents<'a> {
    history: &'a History,
    tree: Tree<'a>,
    format: Format,
    folders: HashMap<String, Option<Tree<'a>>>,
}

impl<'a> Documents<'a> {
    fn at(history: &'a History, commit: CommitId, format: Format) -> Result<Self, Error> {
        let repository = &history.repository;
        let tree = tree_of(repository, &find_commit(repository, oid(commit))?)?;
        Ok(Self { history, tree, format, folders: HashMap::new() })
    }

    /// Returns whether a resource's document holds these statements and no others; none where it has no document.
    fn has(&mut self, resource: &NamedNode, statements: &[&Statement], base: &str) -> Result<bool, Error> {
        let path = document::path(resource, self.format);
        let Some(blob) = self.blob(&path)? else { return Ok(statements.is_empty()) };
        if statements.is_empty() {
            return Ok(false);
        }
        let text = turtle::write(statements.iter().copied(), base);
        if Oid::hash_object(ObjectType::Blob, text.as_bytes())? == blob {
            return Ok(true);
        }
        // Text that came in with plain Git, or was written by an earlier version, may be put otherwise.
        let mut read = turtle::read(&self.history.blob(blob)?, &path)?;
        read.sort_unstable();
        let mut sorted: Vec<&Statement> = statements.to_vec();
        sorted.sort_unstable();
        Ok(read.iter().eq(sorted))
    }

    fn blob(&mut self, path: &str) -> Result<Option<Oid>, git2::Error> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let tree = self.folder(folder, Level::Last)?;
        Ok(tree.and_then(|tree| tree.get_name(name)).map(|entry| entry.id()))
    }

    /// Returns the tree of a folder; those above it are read once for all folders in them, as they are long, and libgit2 would read them
    /// again for each.
    fn folder(&mut self, path: &str, level: Level) -> Result<Option<&Tree<'a>>, git2::Error> {
        if !self.folders.contains_key(path) {
            let repository = &self.history.repository;
            let entry = match path.rsplit_once('/') {
                Some((above, name)) => {
                    self.folder(above, Level::Above)?.and_then(|above| entry(above, name, level))
                }
                None => entry(&self.tree, path, level),
            };
            let tree = entry.map(|id| find_tree(repository, id)).transpose()?;
            self.folders.insert(path.to_owned(), tree);
        }
        Ok(self.folders.get(path).and_then(Option::as_ref))
    }
}

/// Whether a folder is the last one of a path. What has its name and is none is an error there, and above it nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Above,
    Last,
}

fn entry(tree: &Tree<'_>, name: &str, level: Level) -> Option<Oid> {
    let found = tree.get_name(name)?;
    (level == Level::Last || found.filemode_raw() == FOLDER).then(|| found.id())
}
