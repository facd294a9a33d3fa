//! The objects of one commit on their way into the repository: blobs, the trees above them, the commit itself.
//!
//! An object is left out only where a parent of the commit has it in the same place, so that a ref protects it. All others are written,
//! though the repository may have them: what no ref protects may be pruned by `git gc` before the commit's ref moves, and libgit2
//! still finds objects in packs that were deleted while they were open.

use super::lookup::{find_commit, find_tree, tree_of};
use super::store::{Files, Move, commit_bytes, oid};
use crate::graph::model::draft::Draft;
use git2::{ObjectType, Oid, Repository, Tree};
use std::collections::{BTreeMap, HashSet};

/// Takes an object that no parent has: its id, what it is, and its content.
pub(in crate::graph) type Put<'a> = dyn FnMut(Oid, ObjectType, &[u8]) -> Result<(), git2::Error> + 'a;

/// The objects of a commit on their way into a repository.
pub(in crate::graph) struct Objects<'a> {
    /// Where the trees are that the commit changes.
    repository: &'a Repository,
    /// What was put already is not put again.
    met: HashSet<Oid>,
    put: &'a mut Put<'a>,
}

impl<'a> Objects<'a> {
    /// Begins with none; each is `put` once.
    pub(in crate::graph) fn new(repository: &'a Repository, put: &'a mut Put<'a>) -> Self {
        Self { repository, met: HashSet::new(), put }
    }

    /// Puts the files that no parent has, the trees and the commit.
    pub(in crate::graph) fn commit(
        &mut self,
        draft: &Draft,
        staged: &Staged<'_>,
    ) -> Result<Oid, git2::Error> {
        // A parent that is put together with this commit is in no repository yet; what it has is met.
        let parents = draft.parents.iter().map(|id| oid(*id)).filter(|id| !self.met.contains(id));
        let trees: Vec<Tree<'_>> = parents
            .map(|id| tree_of(self.repository, &find_commit(self.repository, id)?))
            .collect::<Result<_, _>>()?;
        let tree = match staged.0.write(self, &trees.iter().map(Some).collect::<Vec<_>>())? {
            Some(tree) => tree,
            None => self.add(ObjectType::Tree, &[])?,
        };
        crate::graph::model::failpoint::pass("files written");
        self.add(ObjectType::Commit, &commit_bytes(tree, draft))
    }

    fn add(&mut self, kind: ObjectType, content: &[u8]) -> Result<Oid, git2::Error> {
        let id = Oid::hash_object(kind, content)?;
        self.add_hashed(id, kind, content)?;
        Ok(id)
    }

    fn add_hashed(&mut self, id: Oid, kind: ObjectType, content: &[u8]) -> Result<(), git2::Error> {
        if self.met.insert(id) { (self.put)(id, kind, content) } else { Ok(()) }
    }
}

/// A file's blob, and its content, where that is not elsewhere in the tree of the first parent.
type Blob<'a> = (Oid, Option<&'a [u8]>);

/// What a commit of files changes in its parent's tree.
pub(in crate::graph) struct Staged<'a>(Folder<'a>);

impl<'a> Staged<'a> {
    /// Arranges files by folders.
    pub(in crate::graph) fn new(files: &'a Files) -> Result<Self, git2::Error> {
        let mut root = Folder::default();
        for (path, content) in files {
            let blob = content.as_deref().map(|content| {
                Ok::<_, git2::Error>((Oid::hash_object(ObjectType::Blob, content)?, Some(content)))
            });
            root.put(path, blob.transpose()?);
        }
        Ok(Self(root))
    }

    /// Moves files of the first parent.
    pub(super) fn add_moves(&mut self, moves: &[Move]) {
        moves.iter().for_each(|moved| self.0.put(&moved.from, None));
        moves.iter().for_each(|moved| self.0.put(&moved.to, Some((moved.blob, None))));
    }
}

/// What changes in one folder.
#[derive(Default)]
struct Folder<'a> {
    files: BTreeMap<String, Option<Blob<'a>>>,
    folders: BTreeMap<String, Self>,
}

impl<'a> Folder<'a> {
    fn put(&mut self, path: &str, blob: Option<Blob<'a>>) {
        match path.split_once('/') {
            Some((folder, rest)) => self.folders.entry(folder.to_owned()).or_default().put(rest, blob),
            None => {
                self.files.insert(path.to_owned(), blob);
            }
        }
    }

    /// Puts the folder's tree, as it changes that of the first parent, with what no parent has there; `None` where nothing is
    /// left in it.
    fn write(
        &self,
        objects: &mut Objects<'_>,
        parents: &[Option<&Tree<'_>>],
    ) -> Result<Option<Oid>, git2::Error> {
        let repository = objects.repository;
        let mut entries = Entries::of(parents.first().copied().flatten());
        for (name, folder) in &self.folders {
            let below = |tree: &Option<&Tree<'_>>| match tree.and_then(|tree| tree.get_name(name)) {
                Some(entry) if entry.kind() == Some(ObjectType::Tree) => {
                    find_tree(repository, entry.id()).map(Some)
                }
                _ => Ok(None),
            };
            let below: Vec<_> = parents.iter().map(below).collect::<Result<_, _>>()?;
            let tree = folder.write(objects, &below.iter().map(Option::as_ref).collect::<Vec<_>>())?;
            entries.set(name, tree.map(|tree| (FOLDER, tree)));
        }
        let trees = || parents.iter().flatten();
        for (name, blob) in &self.files {
            entries.set(name, blob.map(|(id, _)| (FILE, id)));
            if let Some((id, Some(content))) = *blob
                && !trees().any(|tree| tree.get_name(name).is_some_and(|entry| entry.id() == id))
            {
                objects.add_hashed(id, ObjectType::Blob, content)?;
            }
        }
        if entries.0.is_empty() {
            return Ok(None);
        }
        let bytes = entries.bytes();
        let id = Oid::hash_object(ObjectType::Tree, &bytes)?;
        if !trees().any(|tree| tree.id() == id) {
            objects.add_hashed(id, ObjectType::Tree, &bytes)?;
        }
        Ok(Some(id))
    }
}

/// The modes that Git gives to what a commit writes here.
const FILE: i32 = 0o100_644;
pub(in crate::graph) const FOLDER: i32 = 0o040_000;

/// The entries of a tree, by the name that Git sorts them by: a folder's ends in a slash.
struct Entries(BTreeMap<Vec<u8>, (i32, Oid)>);

impl Entries {
    fn of(tree: Option<&Tree<'_>>) -> Self {
        let entry = |entry: git2::TreeEntry<'_>| {
            let slash: &[u8] = if entry.filemode() == FOLDER { b"/" } else { b"" };
            ([entry.name_bytes(), slash].concat(), (entry.filemode_raw(), entry.id()))
        };
        Self(tree.into_iter().flatten().map(entry).collect())
    }

    /// Sets what bears a name, or that nothing does.
    fn set(&mut self, name: &str, entry: Option<(i32, Oid)>) {
        let (file, folder) = (name.as_bytes().to_vec(), format!("{name}/").into_bytes());
        self.0.remove(&file);
        self.0.remove(&folder);
        if let Some((mode, id)) = entry {
            self.0.insert(if mode == FOLDER { folder } else { file }, (mode, id));
        }
    }

    /// Returns the tree as Git stores it.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (name, (mode, id)) in &self.0 {
            bytes.extend(format!("{mode:o} ").as_bytes());
            bytes.extend(name.strip_suffix(b"/").unwrap_or(name));
            bytes.push(0);
            bytes.extend(id.as_bytes());
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Names that sort otherwise as folders than as files.
    const NAMES: [&str; 6] = ["a", "a-b", "a.b", "a0", "ab", "b"];

    proptest! {
        #[test]
        fn a_tree_is_the_one_that_libgit2_writes(steps in prop::collection::vec((0..NAMES.len(), 0..3_usize), 0..12)) {
            let folder = tempfile::tempdir().expect("a folder");
            let repository = Repository::init_bare(folder.path()).expect("a repository");
            let blob = repository.blob(b"text").expect("a blob");
            let below = repository.treebuilder(None).and_then(|tree| tree.write()).expect("a tree");
            let (mut theirs, mut ours) = (repository.treebuilder(None).expect("a builder"), Entries::of(None));
            for (name, what) in steps {
                let entry = [None, Some((FILE, blob)), Some((FOLDER, below))][what];
                ours.set(NAMES[name], entry);
                match entry {
                    Some((mode, id)) => drop(theirs.insert(NAMES[name], id, mode).expect("an entry")),
                    None if theirs.get(NAMES[name]).expect("a look").is_some() => theirs.remove(NAMES[name]).expect("removed"),
                    None => {}
                }
            }
            let tree = theirs.write().expect("a tree");
            prop_assert_eq!(Oid::hash_object(ObjectType::Tree, &ours.bytes()).expect("a digest"), tree);
            let read = repository.find_tree(tree).expect("the tree");
            prop_assert_eq!(Entries::of(Some(&read)).0, ours.0);
        }
    }
}
