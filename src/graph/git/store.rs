//! The bare Git repository that is the truth: objects, trees, refs. Knows files and commits, never what a statement means.
//!
//! Durability: few objects are loose ones, which [`super::loose`] writes and syncs together with the folders that they need; all 256 are
//! made and synced by `init` (see [`super::durability`]), for what libgit2 writes. Many objects, of a large commit or of commits that are
//! written together, go into one pack ([`super::pack`]). libgit2 syncs packs and refs, as [`super::library`] sets it. After a kill all that
//! may not have been synced is synced at the next start.

use super::commit_object::{recorded, signature};
use super::lookup::{self, at_path, find_commit, find_tree, tree_of};
use super::pack::{self, PackWriter, Staging};
use super::tree::{Objects, Staged};
use super::values::{ChangedFile, Files, Move, Unreadable, commit_id, git_error, oid};
use super::{library, loose, merge_base, ref_files};
use crate::graph::model::commit::{Author, CommitId};
use crate::graph::model::draft::{Draft, Recorded};
use crate::graph::model::ref_name::LOST;
use crate::model::durable::sync;
use crate::model::time::instant::Instant;
use git2::{ErrorCode, ObjectType, Oid, Repository, Tree};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// More objects are written as one pack: that takes the syncs of two files and a folder, whereas each loose object takes that of its
/// file and mostly that of a folder. A small commit has seven or eight, which stay loose, as packs are to be few.
const LOOSE_MAX: usize = 16;

/// How deep folders may nest: documents lie four deep, and whatever compares trees calls itself for each.
pub(in crate::graph) const FOLDERS_MAX: usize = 16;

pub(crate) struct History {
    pub(in crate::graph) repository: Repository,
    folder: PathBuf,
    /// Whether the process that had the repository open before was killed.
    was_killed: bool,
    /// Whether lines of `packed-refs` were set aside, so that refs are missing.
    has_lost_lines: bool,
    /// Whether a folder of objects could not be synced, so that nobody knows what of it is on the disk.
    unsynced: Cell<bool>,
}

/// How often the move of a ref with the expected target is tried, though its folder was removed meanwhile.
const MOVES: usize = 10;

impl History {
    /// Makes the bare repository and syncs its folders; nobody has it open yet.
    pub(crate) fn init(folder: &Path) -> Result<Self, git2::Error> {
        let repository = library::init_bare(folder)?;
        library::make_git_sync(&repository)?;
        let history = Self::of(repository, folder);
        history.protect_objects()?;
        history.make_folders().map_err(git_error)?;
        history.guard_refs().map_err(git_error)?;
        Ok(history)
    }

    /// Opens the repository for writing; the caller holds the folder's lock, so lock files found here were left by a
    /// killed process.
    pub(crate) fn open(folder: &Path) -> Result<Self, git2::Error> {
        let mut history = Self::open_repaired(folder)?;
        history.remove_stale_locks().map_err(git_error)?;
        library::make_git_sync(&history.repository)?;
        history.protect_objects()?;
        history.was_killed = history.mark_open().map_err(git_error)?;
        history.remove_leftovers().map_err(git_error)?;
        history.make_missing_folders()?;
        history.guard_refs().map_err(git_error)?;
        history.prepare_for_pushes()?;
        Ok(history)
    }

    /// Opens the repository for reading after it was repaired; the caller holds the folder's lock.
    pub(in crate::graph) fn open_repaired(folder: &Path) -> Result<Self, git2::Error> {
        let has_lost_lines = ref_files::repair(folder).map_err(git_error)?;
        Ok(Self { has_lost_lines, ..Self::open_reader(folder)? })
    }

    /// Opens the repository for reading, beside any other.
    pub(crate) fn open_reader(folder: &Path) -> Result<Self, git2::Error> {
        ref_files::refuse_bad(folder).map_err(git_error)?;
        let repository = library::open_bare(folder)?;
        pack::verify_indexes(folder).map_err(git_error)?;
        Ok(Self::of(repository, folder))
    }

    fn of(repository: Repository, folder: &Path) -> Self {
        let folder = folder.to_owned();
        Self { repository, folder, was_killed: false, has_lost_lines: false, unsynced: Cell::new(false) }
    }

    /// Returns whether bad lines of `packed-refs` were set aside when it was opened.
    pub(in crate::graph) fn has_lost_lines(&self) -> bool {
        self.has_lost_lines
    }

    /// Returns whether the file of a ref holds neither an id nor the name of another ref.
    pub(in crate::graph) fn is_garbled(&self, name: &str) -> bool {
        let found = self.repository.find_reference(name);
        found.is_err_and(|error| error.code() != ErrorCode::NotFound)
    }

    /// Replaces the file of a ref that is garbled; nobody else writes to the repository meanwhile. libgit2 would read `HEAD` first, and
    /// with it the garbled `main`.
    pub(in crate::graph) fn replace_garbled(&self, name: &str, to: CommitId) -> Result<(), git2::Error> {
        self.make_ref_folder(name)?;
        let path = self.folder.join(name);
        ref_files::write_ref(&self.folder, &path, &to.to_string()).map_err(git_error)
    }

    /// Returns whether the process that had the repository open before was killed.
    pub(in crate::graph) fn was_killed(&self) -> bool {
        self.was_killed
    }

    /// Returns whether the sync of a folder of objects has failed.
    pub(in crate::graph) fn is_unsynced(&self) -> bool {
        self.unsynced.get()
    }

    /// Returns the folder of the repository.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes a commit durably: `files` changed against the tree of the first parent. Moves no ref.
    pub(crate) fn write_commit(&self, draft: &Draft, files: &Files) -> Result<Recorded, git2::Error> {
        let id = self.write_objects(|objects| objects.commit(draft, &Staged::new(files)?))?;
        recorded(&self.repository, id)
    }

    /// Writes a commit durably whose documents lie elsewhere than in its first parent: from path to path, with their blobs.
    /// `others` change beside.
    pub(crate) fn write_moved(
        &self,
        draft: &Draft,
        moves: &[Move],
        others: &Files,
    ) -> Result<Recorded, git2::Error> {
        let id = self.write_objects(|objects| {
            let mut staged = Staged::new(others)?;
            staged.add_moves(moves);
            objects.commit(draft, &staged)
        })?;
        recorded(&self.repository, id)
    }

    /// Writes two commits together, of which the second merges the first: that becomes its last parent. Where both have
    /// the same files, these are written once.
    pub(crate) fn write_merged(
        &self,
        (first, first_files): (&Draft, &Files),
        (merge, merge_files): (&Draft, &Files),
    ) -> Result<[Recorded; 2], git2::Error> {
        let (first, merge) = self.write_objects(|objects| {
            let mut staged = Staged::new(first_files)?;
            let first = objects.commit(first, &staged)?;
            if !std::ptr::eq(first_files, merge_files) {
                staged = Staged::new(merge_files)?;
            }
            let mut merge = merge.clone();
            merge.parents.push(commit_id(first));
            Ok((first, objects.commit(&merge, &staged)?))
        })?;
        Ok([recorded(&self.repository, first)?, recorded(&self.repository, merge)?])
    }

    /// Writes commits durably together: each chain follows the parent of its first commit, and each commit the one before it.
    pub(crate) fn write_chains(
        &self,
        chains: &[Vec<(&Draft, &Files)>],
    ) -> Result<Vec<Vec<Recorded>>, git2::Error> {
        let ids: Vec<Vec<Oid>> =
            self.write_objects(|objects| chains.iter().map(|chain| write_chain(objects, chain)).collect())?;
        let recorded = |id: &Oid| recorded(&self.repository, *id);
        ids.iter().map(|chain| chain.iter().map(recorded).collect()).collect()
    }

    /// Writes objects durably: few each by itself, many as one pack.
    fn write_objects<T>(
        &self,
        write: impl FnOnce(&mut Objects<'_>) -> Result<T, git2::Error>,
    ) -> Result<T, git2::Error> {
        let mut fresh = Fresh::new(&self.folder);
        let mut put = |id, kind, content: &[u8]| fresh.put(id, kind, content).map_err(git_error);
        let written = write(&mut Objects::new(&self.repository, &mut put))?;
        match fresh {
            Fresh::Loose { objects, .. } => self.write_loose(&objects)?,
            Fresh::Pack(staging, pack) => {
                staging.publish_written(*pack).map_err(|error| self.noted(&error))?;
                self.repository.odb()?.refresh()?;
            }
        }
        Ok(written)
    }

    fn write_loose(&self, objects: &[loose::Object]) -> Result<(), git2::Error> {
        loose::write(&self.folder.join("objects"), objects).map_err(|error| self.noted(&error))
    }

    /// Syncs objects that plain Git wrote, as it does not sync all that is written here.
    pub(in crate::graph) fn sync_foreign(&self) -> Result<(), git2::Error> {
        self.sync_all().map_err(|error| self.noted(&loose::Error::Unsynced(error)))
    }

    /// Notes whether objects are in doubt after a failure.
    fn noted(&self, error: &loose::Error) -> git2::Error {
        self.unsynced.set(self.unsynced.get() || matches!(error, loose::Error::Unsynced(_)));
        git2::Error::new(ErrorCode::GenericError, git2::ErrorClass::Os, error.to_string())
    }

    /// Moves a ref from `expected` (`None`: must not exist) to `to`; `false` where it had another target.
    pub(crate) fn move_ref(
        &self,
        name: &str,
        to: CommitId,
        expected: Option<CommitId>,
    ) -> Result<bool, git2::Error> {
        // Git removes the folders of refs that it packs, also between two steps of a move.
        for _ in 1..MOVES {
            if self.move_ref_once(name, oid(to), expected)? {
                return Ok(true);
            }
            match self.reference(name) {
                Ok(now) if now == expected => {}
                Ok(_) => return Ok(false),
                // The ref is there, whatever it names.
                Err(error) if lookup::is_damage(&error) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        self.move_ref_once(name, oid(to), expected)
    }

    fn move_ref_once(&self, name: &str, to: Oid, expected: Option<CommitId>) -> Result<bool, git2::Error> {
        self.make_ref_folder(name)?;
        let moved = match expected {
            None => self.repository.reference(name, to, false, "throughline"),
            Some(expected) => {
                self.repository.reference_matching(name, to, true, oid(expected), "throughline")
            }
        };
        match moved {
            Ok(_) => Ok(true),
            Err(error)
                if matches!(error.code(), ErrorCode::Modified | ErrorCode::Exists | ErrorCode::NotFound) =>
            {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Deletes a ref with the target `expected`, and syncs the folders it was in; `false` where it has another one.
    pub(crate) fn delete_ref(&self, name: &str, expected: CommitId) -> Result<bool, git2::Error> {
        if self.reference(name)? != Some(expected) {
            return Ok(false);
        }
        let deleted = self.repository.find_reference(name).and_then(|mut reference| reference.delete());
        match deleted {
            // libgit2 writes `packed-refs` synced, but syncs no folder; it removes folders that are empty now.
            Ok(()) => {
                let path = self.folder.join(name);
                let up = path.ancestors().skip(1).take_while(|folder| folder.starts_with(&self.folder));
                up.filter(|folder| folder.exists()).try_for_each(sync).map_err(git_error)?;
                Ok(true)
            }
            Err(error) if matches!(error.code(), ErrorCode::Modified | ErrorCode::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Returns the commit that a ref names.
    pub(crate) fn reference(&self, name: &str) -> Result<Option<CommitId>, git2::Error> {
        match self.repository.find_reference(name).and_then(|found| lookup::peel(&self.repository, &found)) {
            Ok(commit) => Ok(Some(commit_id(commit.id()))),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes an annotated tag.
    pub(crate) fn tag(
        &self,
        name: &str,
        at: CommitId,
        author: &Author,
        time: Instant,
        message: &str,
    ) -> Result<bool, git2::Error> {
        let (tagger, time) = (signature(author), time.seconds());
        let text = format!("object {at}\ntype commit\ntag {name}\ntagger {tagger} {time} +0000\n\n{message}");
        let (kind, content) = (ObjectType::Tag, text.into_bytes());
        let id = Oid::hash_object(kind, &content)?;
        // libgit2 would take an object of an earlier try whose sync failed for written.
        self.write_loose(&[loose::Object { id, kind, content }])?;
        self.move_ref(&format!("refs/tags/{name}"), commit_id(id), None)
    }

    /// Returns whether Git takes the text as the name of a branch or tag.
    pub(crate) fn is_ref_name(name: &str) -> bool {
        git2::Reference::is_valid_name(&format!("refs/heads/{name}")) && !name.starts_with('-')
    }

    /// Returns the names of all refs, of such too as cannot be read: libgit2's list leaves those out without a word. A name
    /// that is not UTF-8 is none of the thread's.
    pub(in crate::graph) fn ref_names(&self) -> Result<BTreeSet<String>, git2::Error> {
        let mut names: BTreeSet<String> =
            self.repository.references()?.names().flatten().map(str::to_owned).collect();
        let files = self.ref_files().map_err(git_error)?;
        names.extend(files.into_iter().filter(|name| git2::Reference::is_valid_name(name)));
        Ok(names)
    }

    /// Returns all branches, tags and kept refs with the commits they name, and those that cannot be read with the reason.
    pub(crate) fn refs(&self) -> Result<(BTreeMap<String, CommitId>, Unreadable), git2::Error> {
        let (mut refs, mut unreadable) = (BTreeMap::new(), Unreadable::new());
        let ours = ["refs/heads/", "refs/tags/", "refs/throughline/"];
        let is_ours =
            |name: &str| ours.iter().any(|prefix| name.starts_with(prefix)) && !name.starts_with(LOST);
        for name in self.ref_names()?.iter().filter(|name| is_ours(name)) {
            let reference = match self.repository.find_reference(name) {
                // Plain Git has deleted it meanwhile.
                Err(error) if error.code() == ErrorCode::NotFound => continue,
                Err(error) => {
                    unreadable.insert(name.to_owned(), error.message().to_owned());
                    continue;
                }
                Ok(found) => found,
            };
            match lookup::peel(&self.repository, &reference) {
                Ok(commit) => drop(refs.insert(name.to_owned(), commit_id(commit.id()))),
                // A ref to something else than a commit is none of the thread's.
                Err(error) if matches!(error.code(), ErrorCode::Peel | ErrorCode::InvalidSpec) => {}
                Err(error) => drop(unreadable.insert(name.to_owned(), error.message().to_owned())),
            }
        }
        Ok((refs, unreadable))
    }

    /// Reads a commit.
    pub(crate) fn commit(&self, id: CommitId) -> Result<Recorded, git2::Error> {
        recorded(&self.repository, oid(id))
    }

    /// Returns the best common ancestors of two commits.
    pub(crate) fn merge_bases(&self, a: CommitId, b: CommitId) -> Result<Vec<CommitId>, git2::Error> {
        let bases = merge_base::merge_bases(&self.repository, oid(a), oid(b))?;
        Ok(bases.into_iter().map(commit_id).collect())
    }

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

    /// Returns the content of a blob.
    pub(crate) fn blob(&self, id: Oid) -> Result<Vec<u8>, git2::Error> {
        lookup::blob(&self.repository, id)
    }

    /// Returns the content of a file at a commit.
    pub(crate) fn file(&self, at: CommitId, path: &str) -> Result<Option<Vec<u8>>, git2::Error> {
        let tree = tree_of(&self.repository, &find_commit(&self.repository, oid(at))?)?;
        match at_path(&self.repository, &tree, path)? {
            Some((id, _)) => self.blob(id).map(Some),
            None => Ok(None),
        }
    }

    /// Returns the files of a tree by name, folders left out.
    pub(crate) fn files_of_tree(&self, tree: [u8; 20]) -> Result<Vec<(String, Vec<u8>)>, git2::Error> {
        if tree == [0; 20] {
            return Ok(Vec::new());
        }
        let tree = find_tree(&self.repository, Oid::from_bytes(&tree)?)?;
        let mut files = Vec::new();
        for entry in &tree {
            if entry.kind() == Some(ObjectType::Blob)
                && let Ok(name) = entry.name()
            {
                files.push((name.to_owned(), self.blob(entry.id())?));
            }
        }
        Ok(files)
    }
}

/// New objects before they are durable.
enum Fresh<'a> {
    /// Few, in memory.
    Loose { git: &'a Path, objects: Vec<loose::Object> },
    /// Many, in a pack that is being written.
    Pack(Staging, Box<PackWriter>),
}

impl<'a> Fresh<'a> {
    fn new(git: &'a Path) -> Self {
        Self::Loose { git, objects: Vec::new() }
    }

    fn put(&mut self, id: Oid, kind: ObjectType, content: &[u8]) -> std::io::Result<()> {
        match self {
            Self::Loose { objects, .. } if objects.len() < LOOSE_MAX => {
                objects.push(loose::Object { id, kind, content: content.to_vec() });
                Ok(())
            }
            Self::Loose { git, objects } => {
                let staging = Staging::new(git)?;
                let mut pack = staging.writer()?;
                objects.iter().try_for_each(|object| pack.add(object.id, object.kind, &object.content))?;
                pack.add(id, kind, content)?;
                *self = Self::Pack(staging, Box::new(pack));
                Ok(())
            }
            Self::Pack(_, pack) => pack.add(id, kind, content),
        }
    }
}

/// Puts commits of which each follows the one before it, the first its own parents.
fn write_chain(objects: &mut Objects<'_>, chain: &[(&Draft, &Files)]) -> Result<Vec<Oid>, git2::Error> {
    let mut ids: Vec<Oid> = Vec::new();
    objects.keep_trees(chain.len() > 1);
    for (draft, files) in chain {
        let staged = Staged::new(files)?;
        let id = match ids.last() {
            None => objects.commit(draft, &staged)?,
            Some(before) => {
                let draft = Draft { parents: vec![commit_id(*before)], ..(*draft).clone() };
                objects.commit(&draft, &staged)?
            }
        };
        ids.push(id);
    }
    Ok(ids)
}

/// An entry of a tree: its object, and whether it is a folder.
type Entry = (Oid, bool);

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

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(parents: Vec<CommitId>, key: Option<&str>) -> Draft {
        Draft {
            parents,
            author: Author::default(),
            time: Instant::from_nanos(1_700_000_000_123_456_789),
            message: "Note the limit".to_owned(),
            loaded: None,
            idempotency_key: key.map(str::to_owned),
        }
    }

    fn files(entries: &[(&str, Option<&str>)]) -> Files {
        entries
            .iter()
            .map(|(path, text)| ((*path).to_owned(), text.map(|text| text.as_bytes().to_vec())))
            .collect()
    }

    #[test]
    fn commits_come_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let history = History::init(&folder.path().join("thread.git")).expect("a repository");
        let first =
            files(&[("ontology/a.ttl", Some("#")), ("x+/00/a.ttl", Some("a")), ("x+/01/b.ttl", Some("b"))]);
        let first = history.write_commit(&draft(vec![], Some("k-1")), &first).expect("a commit");
        let id = first.commit.id;
        let back = history.commit(id).expect("the commit");
        assert_eq!(back.commit, first.commit);
        assert_eq!(back.commit.time.nanos(), 1_700_000_000_123_456_789);
        assert_eq!(
            (back.commit.message.as_str(), back.idempotency_key.as_deref()),
            ("Note the limit", Some("k-1"))
        );
        assert!(history.move_ref("refs/heads/main", id, None).expect("a move"));
        assert!(!history.move_ref("refs/heads/main", id, None).expect("no move"));

        let second = files(&[("x+/00/a.ttl", None), ("x+/01/b.ttl", Some("B")), ("x+/01/c.ttl", Some("c"))]);
        let second = history.write_commit(&draft(vec![id], None), &second).expect("a commit").commit.id;
        let changed = history.changed_files(Some(id), second).expect("changes");
        let paths: Vec<_> = changed
            .iter()
            .map(|file| {
                format!("{} {}{}", file.path, u8::from(file.before.is_some()), u8::from(file.after.is_some()))
            })
            .collect();
        assert_eq!(paths, ["x+/00/a.ttl 10", "x+/01/b.ttl 11", "x+/01/c.ttl 01"]);
        assert!(history.move_ref("refs/heads/main", second, Some(id)).expect("a move"));
        assert!(!history.move_ref("refs/heads/main", second, Some(id)).expect("a stale move is refused"));
    }

    #[test]
    fn many_files_go_into_one_pack() {
        let folder = tempfile::tempdir().expect("a folder");
        let history = History::init(&folder.path().join("thread.git")).expect("a repository");
        let many: Files =
            (0..1000).map(|n| (format!("x+/{:02x}/{n}.ttl", n % 256), Some(vec![b'x'; n]))).collect();
        let id = history.write_commit(&draft(vec![], None), &many).expect("a commit").commit.id;
        let packs =
            std::fs::read_dir(folder.path().join("thread.git/objects/pack")).expect("a folder").count();
        assert_eq!(packs, 2, "one pack and its index");
        let fresh = History::open(&folder.path().join("thread.git")).expect("a repository");
        assert_eq!(fresh.file(id, "x+/07/7.ttl").expect("a file"), Some(vec![b'x'; 7]));
    }

    #[test]
    fn a_merge_goes_with_what_it_merges() {
        let folder = tempfile::tempdir().expect("a folder");
        let history = History::init(&folder.path().join("thread.git")).expect("a repository");
        let base = files(&[("ours", Some("1")), ("both", Some("2"))]);
        let base = history.write_commit(&draft(vec![], None), &base).expect("a commit").commit.id;
        let ours = history.write_commit(&draft(vec![base], None), &files(&[("ours", Some("3"))]));
        let ours = ours.expect("a commit").commit.id;
        let check = |theirs: &Files, merged: &Files, expect: [&str; 2]| {
            let drafts = (draft(vec![base], None), draft(vec![ours], None));
            let [vendor, merge] =
                history.write_merged((&drafts.0, theirs), (&drafts.1, merged)).expect("two commits");
            assert_eq!(merge.commit.parents, [ours, vendor.commit.id]);
            let read = |path| history.file(merge.commit.id, path).expect("a tree").unwrap_or_default();
            assert_eq!([read("ours"), read("both")], expect.map(|text| text.as_bytes().to_vec()));
        };
        let theirs = files(&[("both", Some("4"))]);
        check(&theirs, &theirs, ["3", "4"]);
        check(&theirs, &files(&[("both", Some("5"))]), ["3", "5"]);
    }

    #[test]
    fn locks_left_behind_are_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("thread.git");
        drop(History::init(&path).expect("a repository"));
        std::fs::create_dir(path.join("refs/incoming")).expect("a folder");
        let pushed = path.join("refs/incoming/pump.lock");
        for lock in [&path.join("refs/heads/main.lock"), &pushed] {
            std::fs::write(lock, "").expect("a lock");
        }
        let history = History::open(&path).expect("a repository");
        let id = history
            .write_commit(&draft(vec![], None), &files(&[("a", Some("a"))]))
            .expect("a commit")
            .commit
            .id;
        assert!(history.move_ref("refs/heads/main", id, None).expect("the lock was removed"));
        assert!(pushed.exists(), "a push may hold it");
    }
}
