//! The objects of one commit on their way into the repository: blobs, the trees above them, the commit itself.
//!
//! An object is left out only where a parent of the commit has it in the same place, so that a ref protects it. All others are written,
//! though the repository may have them: what no ref protects may be pruned by `git gc` before the commit's ref moves, and libgit2
//! still finds objects in packs that were deleted while they were open.

use super::commit_object::commit_bytes;
use super::lookup::{FOLDER, find_commit, find_tree, tree_of};
use super::values::{Files, Move, oid};
use crate::graph::model::draft::Draft;
use git2::{ObjectType, Oid, Repository, Tree};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Takes an object that no parent has: its id, what it is, and its content.
pub(in crate::graph) type Put<'a> = dyn FnMut(Oid, ObjectType, &[u8]) -> Result<(), git2::Error> + 'a;

/// The objects of a commit on their way into a repository.
pub(in crate::graph) struct Objects<'a> {
    /// Where the trees are that the commit changes.
    repository: &'a Repository,
    /// What was put already is not put again.
    met: HashSet<Oid>,
    put: &'a mut Put<'a>,
    /// The trees of commits that others follow which are put together with them.
    kept: Option<Kept>,
}

/// Trees that are in no repository yet.
#[derive(Default)]
struct Kept {
    /// The trees of commits.
    commits: HashMap<Oid, Oid>,
    trees: HashMap<Oid, Vec<u8>>,
}

impl<'a> Objects<'a> {
    /// Begins with none; each is `put` once.
    pub(in crate::graph) fn new(repository: &'a Repository, put: &'a mut Put<'a>) -> Self {
        Self { repository, met: HashSet::new(), put, kept: None }
    }

    /// Keeps the trees that are put from now on in memory, so that commits may follow each other, or those no longer that were.
    pub(in crate::graph) fn keep_trees(&mut self, is_wanted: bool) {
        self.kept = is_wanted.then(Kept::default);
    }

    /// Puts the files that no parent has, the trees and the commit.
    pub(in crate::graph) fn commit(
        &mut self,
        draft: &Draft,
        staged: &Staged<'_>,
    ) -> Result<Oid, git2::Error> {
        // Where trees are not kept, a parent that is put together with this commit is in no repository; what it has is met.
        let parents = draft.parents.iter().map(|id| oid(*id));
        let parents = parents.filter(|id| self.kept.is_some() || !self.met.contains(id));
        let trees: Vec<Parent<'_>> = parents.map(|id| self.root(id)).collect::<Result<_, _>>()?;
        let tree = match staged.0.write(self, &trees.iter().map(Some).collect::<Vec<_>>())? {
            Some(tree) => tree,
            None => self.add(ObjectType::Tree, &[])?,
        };
        crate::graph::model::failpoint::pass("files written");
        let commit = self.add(ObjectType::Commit, &commit_bytes(tree, draft))?;
        if let Some(kept) = &mut self.kept {
            kept.commits.insert(commit, tree);
        }
        Ok(commit)
    }

    /// Returns the tree of a commit.
    fn root(&self, commit: Oid) -> Result<Parent<'a>, git2::Error> {
        match self.kept.as_ref().and_then(|kept| kept.commits.get(&commit)) {
            Some(&tree) => self.tree(tree),
            None => Ok(Parent::Stored(tree_of(self.repository, &find_commit(self.repository, commit)?)?)),
        }
    }

    fn tree(&self, id: Oid) -> Result<Parent<'a>, git2::Error> {
        match self.kept.as_ref().and_then(|kept| kept.trees.get(&id)) {
            Some(bytes) => Ok(Parent::Kept(id, Entries::read(bytes)?)),
            None => Ok(Parent::Stored(find_tree(self.repository, id)?)),
        }
    }

    fn add(&mut self, kind: ObjectType, content: &[u8]) -> Result<Oid, git2::Error> {
        let id = Oid::hash_object(kind, content)?;
        self.add_hashed(id, kind, content)?;
        Ok(id)
    }

    fn add_hashed(&mut self, id: Oid, kind: ObjectType, content: &[u8]) -> Result<(), git2::Error> {
        if let Some(kept) = self.kept.as_mut().filter(|_| kind == ObjectType::Tree) {
            kept.trees.insert(id, content.to_vec());
        }
        if self.met.insert(id) { (self.put)(id, kind, content) } else { Ok(()) }
    }
}

/// The tree of a parent of what is written.
enum Parent<'a> {
    Stored(Tree<'a>),
    Kept(Oid, Entries),
}

impl Parent<'_> {
    fn id(&self) -> Oid {
        match self {
            Self::Stored(tree) => tree.id(),
            Self::Kept(id, _) => *id,
        }
    }

    /// Returns the folder or file of a name: its mode and its object.
    fn get(&self, name: &str) -> Option<(i32, Oid)> {
        match self {
            Self::Stored(tree) => tree.get_name(name).map(|entry| (entry.filemode_raw(), entry.id())),
            Self::Kept(_, entries) => entries.get(name),
        }
    }

    fn entries(&self) -> Entries {
        match self {
            Self::Stored(tree) => Entries::of(Some(tree)),
            Self::Kept(_, entries) => entries.clone(),
        }
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
        parents: &[Option<&Parent<'_>>],
    ) -> Result<Option<Oid>, git2::Error> {
        let mut entries = parents.first().copied().flatten().map(Parent::entries).unwrap_or_default();
        for (name, folder) in &self.folders {
            let below = |tree: &Option<&Parent<'_>>| match tree.and_then(|tree| tree.get(name)) {
                Some((FOLDER, id)) => objects.tree(id).map(Some),
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
                && !trees().any(|tree| tree.get(name).is_some_and(|(_, other)| other == id))
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

/// The mode that Git gives to a file that a commit writes here.
const FILE: i32 = 0o100_644;

/// The entries of a tree, by the name that Git sorts them by: a folder's ends in a slash.
#[derive(Clone, Default)]
struct Entries(BTreeMap<Vec<u8>, (i32, Oid)>);

impl Entries {
    fn of(tree: Option<&Tree<'_>>) -> Self {
        let entry = |entry: git2::TreeEntry<'_>| {
            let slash: &[u8] = if entry.filemode() == FOLDER { b"/" } else { b"" };
            ([entry.name_bytes(), slash].concat(), (entry.filemode_raw(), entry.id()))
        };
        Self(tree.into_iter().flatten().map(entry).collect())
    }

    /// Reads a tree as Git stores it.
    fn read(mut bytes: &[u8]) -> Result<Self, git2::Error> {
        let mut entries = BTreeMap::new();
        while !bytes.is_empty() {
            let (mode, name, id, rest) =
                read_entry(bytes).ok_or_else(|| git2::Error::from_str("a tree that is damaged"))?;
            let slash: &[u8] = if mode == FOLDER { b"/" } else { b"" };
            entries.insert([name, slash].concat(), (mode, id));
            bytes = rest;
        }
        Ok(Self(entries))
    }

    /// Returns what bears a name.
    fn get(&self, name: &str) -> Option<(i32, Oid)> {
        let folder = || self.0.get(format!("{name}/").as_bytes());
        self.0.get(name.as_bytes()).or_else(folder).copied()
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

/// Reads the first entry of a tree: its mode, its name and its object, and what follows.
fn read_entry(bytes: &[u8]) -> Option<(i32, &[u8], Oid, &[u8])> {
    let space = bytes.iter().position(|&byte| byte == b' ')?;
    let (mode, rest) = (std::str::from_utf8(&bytes[..space]).ok()?, &bytes[space + 1..]);
    let end = rest.iter().position(|&byte| byte == 0)?;
    let (id, after) = rest[end + 1..].split_first_chunk::<20>()?;
    Some((i32::from_str_radix(mode, 8).ok()?, &rest[..end], Oid::from_bytes(id).ok()?, after))
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
            prop_assert_eq!(&Entries::of(Some(&read)).0, &ours.0);
            let kept = Entries::read(&ours.bytes()).expect("its own bytes");
            prop_assert_eq!(&kept.0, &ours.0);
            for name in NAMES {
                let entry = read.get_name(name).map(|entry| (entry.filemode_raw(), entry.id()));
                prop_assert_eq!(kept.get(name), entry);
            }
        }
    }
}
