//! Whether the index has the resources that a commit rewrites as Git has them. The text of a resource is written from the
//! index, so without this check what only a wrong index has would become a commit.

use crate::graph::change::transaction::{Transaction, documents};
use crate::graph::error::Error;
use crate::graph::git::lookup::{at_path, find_commit, find_tree, tree_of};
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
    /// Refuses to go on where Git has other text of a resource that changes than the index.
    pub(in crate::graph) fn refuse_disagreement(&self, history: &History) -> Result<(), Error> {
        let commit = self.snapshot.commit().id;
        let mut tree = Documents::at(history, commit)?;
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
    fn at(history: &'a History, commit: CommitId) -> Result<Self, Error> {
        let repository = &history.repository;
        let tree = tree_of(repository, &find_commit(repository, oid(commit))?)?;
        Ok(Self { history, tree, format: history.format(commit)?, folders: HashMap::new() })
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
        if !self.folders.contains_key(folder) {
            let tree = self.folder(folder)?;
            self.folders.insert(folder.to_owned(), tree);
        }
        let tree = self.folders.get(folder).and_then(Option::as_ref);
        Ok(tree.and_then(|tree| tree.get_name(name)).map(|entry| entry.id()))
    }

    fn folder(&self, path: &str) -> Result<Option<Tree<'a>>, git2::Error> {
        let repository = &self.history.repository;
        let found = at_path(repository, &self.tree, path)?;
        found.map(|(id, _)| find_tree(repository, id)).transpose()
    }
}
