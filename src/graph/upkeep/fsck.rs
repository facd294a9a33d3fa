//! Checking a whole thread at rest: Git's objects, the text of every commit's files, and whether the index agrees with
//! Git. Finds and reports; repairs nothing.

use super::maintenance::has_damaged_files;
use crate::graph::error::{Error, io};
use crate::graph::git::files::{configuration, read_by_git, ref_files, update_hook};
use crate::graph::git::lookup;
use crate::graph::git::store::History;
use crate::graph::git::values::{commit_id, oid};
use crate::graph::index;
use crate::graph::index::digest::{Digest, digest};
use crate::graph::index::storage::catch_panics::guarded;
use crate::graph::index::store::Index;
use crate::graph::model::commit::CommitId;
use crate::graph::model::fault::Fault;
use crate::graph::model::indexed_refs::Stamps;
use crate::graph::model::ref_name::LOST;
use crate::graph::repository::folder_lock::hold;
use crate::graph::repository::temporary::Temporary;
use crate::graph::repository::{INDEX, INDEX_COMPARED};
use crate::graph::sync::catch_up::{Missing, Refs, catch_up, make_beside};
use crate::graph::sync::lost_refs::{LostRef, OnLoss, garbled_advice};
use crate::graph::sync::settings::read_base;
use crate::graph::sync::tree_check::TreeCheck;
use crate::model::sync::file_lock::FileLock;
use git2::{ErrorCode, ObjectType, Oid};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::path::Path;

/// How many bytes of memory the index that is made for comparison may hold of its file.
const CACHE_BYTES: usize = 128 << 20;

/// How much is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Objects, text and index at the heads of branches, tags and kept versions.
    Heads,
    /// All history; and the index against one that is made anew beside it.
    Whole,
}

/// How the folder could be opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Nobody else writes to it meanwhile.
    #[default]
    Alone,
    /// It may not be written, so that what is made for comparison is made in a temporary folder.
    ReadOnly,
    /// Another process has it open: the index changes meanwhile, and is left out.
    Beside,
}

impl Access {
    fn of(lock: &Result<FileLock, Error>) -> Option<Self> {
        match lock {
            Ok(_) => Some(Self::Alone),
            Err(Error::Locked(_)) => Some(Self::Beside),
            Err(error) if error.is_unwritable() => Some(Self::ReadOnly),
            Err(_) => None,
        }
    }
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// What is wrong.
    pub what: String,
    /// Where: a ref, an object, a file of a commit, the index.
    pub place: String,
    /// What to do about it.
    pub advice: Cow<'static, str>,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n    {}", self.place, self.what, self.advice)
    }
}

/// What a check has looked at and found.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// How many objects of Git were read.
    pub objects: usize,
    /// How many commits' files were read.
    pub commits: usize,
    /// The index's value, in hexadecimal digits; `None` where it is not there or could not be read.
    pub digest: Option<String>,
    /// The refs that keep the history of lost refs.
    pub lost: Vec<String>,
    /// What was found; nothing where all is well.
    pub damages: Vec<Damage>,
    /// How the folder could be opened.
    pub access: Access,
}

/// A fetch would not do: it takes an object whose file is there for sound, and one behind a sound commit for known.
const FETCH_OBJECTS: &str = "bring it back from a clone (KIND as reported, commit for a ref; XX the first two digits, REST the others), and check again: \
     rm -f thread.git/objects/XX/REST; git -C CLONE cat-file KIND XXREST | git -C thread.git hash-object -t KIND -w --stdin";
/// An object that a pack holds, sound or not, is there for plain Git: nothing can be put beside it.
const UNPACK: &str = "it is in a pack; take the packs apart, and check again, which reports what is still missing: \
     mv thread.git/objects/pack ASIDE; mkdir thread.git/objects/pack; for PACK in ASIDE/*.pack; do git -C thread.git unpack-objects -r < $PACK; done";
const FIX_REF: &str = "point the ref at a commit of the thread: git -C thread.git update-ref";
const MAKE_REF: &str = "where nobody deleted it or set it back: git -C thread.git update-ref NAME COMMIT; else the next start takes Git as it is and keeps the commit      below refs/throughline/lost/. Kept versions, branches of sources and main, where it is missing, are restored by the next start";
const FIX_TEXT: &str =
    "the commit came in without adopt; make a branch before it and commit what is meant there";
const REINDEX: &str = "make the index anew: throughline reindex";

/// Checks the thread in a folder; nothing is written to it where another process has it open, or it may not be written.
pub fn check(folder: &Path, depth: Depth) -> Result<Checked, Error> {
    if !folder.join("thread.git").exists() {
        return Err(Error::NoThread(folder.to_owned()));
    }
    let lock = hold(folder);
    let Some(access) = Access::of(&lock) else { return lock.map(|_| Checked::default()) };
    let mut checked = Checked { access, ..Checked::default() };
    let git = folder.join("thread.git");
    let bad = ref_files::check(&git).map_err(|source| io(&git, source))?.into_iter();
    let bad = bad.chain(configuration::check(&git)).chain(update_hook::check(&git));
    for bad in bad.chain(read_by_git::check(&git)) {
        checked.damaged(bad.place(), &bad.what, bad.advice);
    }
    let history = match History::open_reader(&git) {
        Err(_) if !checked.damages.is_empty() => return Ok(checked),
        history => history?,
    };
    let known = match access {
        Access::Beside => Stamps::default(),
        Access::Alone | Access::ReadOnly => Index::stamps_of(&folder.join(INDEX)),
    };
    let refs = checked.refs(&history, &known)?;
    checked.lost = refs.keys().filter(|name| name.starts_with(LOST)).cloned().collect();
    // The index changes under a reader beside the service.
    if access != Access::Beside {
        checked.lost_refs(&known, &history, &refs);
    }
    checked.objects(&history, &refs, depth)?;
    if checked.damages.is_empty() {
        checked.text(&history, &refs, depth)?;
    }
    // An index cannot be compared with a history that cannot be read.
    if checked.damages.is_empty() && access != Access::Beside {
        checked.index(folder, &history, depth)?;
    }
    Ok(checked)
}

/// Refuses to go on where an object that a ref reaches is damaged: libgit2 would never return from one that was cut short.
pub(super) fn refuse_damaged_objects(history: &History) -> Result<(), Error> {
    if !has_damaged_files(history.folder())? {
        return Ok(());
    }
    let mut checked = Checked::default();
    let refs = checked.refs(history, &Stamps::default())?;
    checked.objects(history, &refs, Depth::Whole)?;
    match checked.damages.first() {
        Some(damage) => Err(Error::Git(git2::Error::from_str(&damage.to_string()))),
        None => Ok(()),
    }
}

impl Checked {
    fn damaged(
        &mut self,
        place: impl fmt::Display,
        what: impl fmt::Display,
        advice: impl Into<Cow<'static, str>>,
    ) {
        let (what, place) = (what.to_string(), place.to_string());
        self.damages.push(Damage { what, place, advice: advice.into() });
    }

    /// Returns the refs that name commits; such as lead nowhere are reported.
    fn refs(&mut self, history: &History, known: &Stamps) -> Result<Refs, Error> {
        let mut refs = Refs::new();
        for name in history.ref_names()? {
            let reference = match history.repository.find_reference(&name) {
                Ok(reference) => reference,
                Err(error) => {
                    let advice = garbled_advice(history.folder(), &name, known.known(&name));
                    self.damaged(name, error.message(), advice);
                    continue;
                }
            };
            match lookup::peel(&history.repository, &reference) {
                Ok(commit) => drop(refs.insert(name, commit_id(commit.id()))),
                // A ref to something else than a commit is none of the thread's.
                Err(error) if matches!(error.code(), ErrorCode::Peel | ErrorCode::InvalidSpec) => {}
                Err(error) => match reference.target() {
                    Some(id) => self.damaged(name, format!("{id}: {}", error.message()), FETCH_OBJECTS),
                    None => self.damaged(name, error.message(), FIX_REF),
                },
            }
        }
        Ok(refs)
    }

    /// Reads every object that refs reach; libgit2 holds each against its name.
    fn objects(&mut self, history: &History, refs: &Refs, depth: Depth) -> Result<(), Error> {
        let odb = history.repository.odb()?;
        let mut seen: HashSet<Oid> = HashSet::new();
        let heads = refs.iter().map(|(name, id)| Reached {
            id: oid(*id),
            kind: ObjectType::Commit,
            from: From::Ref(name),
        });
        let mut open: Vec<Reached<'_>> = heads.collect();
        while let Some(Reached { id, kind, from }) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            self.objects += 1;
            let read = lookup::refuse_damaged(&history.repository, id).and_then(|()| odb.read(id));
            let read = read.and_then(|object| match object.kind() == kind {
                true if kind == ObjectType::Blob => Ok(Vec::new()),
                true => self::below(history, id, kind, depth),
                false => Err(git2::Error::from_str(&format!("it is no {kind} but a {}", object.kind()))),
            });
            match read {
                Ok(below) => {
                    open.extend(below.into_iter().map(|(below, of)| Reached {
                        id: below,
                        kind: of,
                        from: From::Object(kind, id),
                    }));
                }
                Err(error) => {
                    let advice = if is_packed(history, &odb, id) { UNPACK } else { FETCH_OBJECTS };
                    self.damaged(format!("{kind} {id}, named by {from}"), error.message(), advice);
                }
            }
        }
        Ok(())
    }

    /// Reads the files of the commits, parents first.
    fn text(&mut self, history: &History, refs: &Refs, depth: Depth) -> Result<(), Error> {
        let base = read_base(history)?;
        let ours = |name: &str| {
            ["refs/heads/", "refs/tags/", "refs/throughline/"].iter().any(|prefix| name.starts_with(prefix))
        };
        let refs: Refs =
            refs.iter().filter(|(name, _)| ours(name)).map(|(name, id)| (name.clone(), *id)).collect();
        let missing = Missing::of(history, &refs, |_| Ok(false))?;
        let order = missing.oldest_first(&refs);
        let Some(first) = order.first() else { return Ok(()) };
        let mut tree_check = TreeCheck::new(history, &base, *first)?;
        let heads: HashSet<CommitId> = refs.values().copied().collect();
        for id in order.iter().filter(|id| depth == Depth::Whole || heads.contains(id)) {
            self.commits += 1;
            let faults = tree_check.faults(*id, depth == Depth::Heads, &|_| Ok(Vec::new()))?;
            for Fault { commit, file, reason } in faults {
                self.damaged(format!("{file} in commit {commit}"), reason, FIX_TEXT);
            }
        }
        Ok(())
    }

    /// Reports the refs that the index knows and Git has lost.
    fn lost_refs(&mut self, known: &Stamps, history: &History, refs: &Refs) {
        for LostRef { name, commit, now } in known.lost(history, refs) {
            // One that is there and cannot be read is not lost.
            if self.damages.iter().any(|damage| damage.place == name) {
                continue;
            }
            let what = match now {
                None => format!("Git has no such ref, and the index knows it as {commit}"),
                Some(now) => {
                    format!("Git has it at {now}, which does not follow {commit}, as the index knows it")
                }
            };
            self.damaged(name, what, MAKE_REF);
        }
    }

    /// Holds the index against one made anew from Git.
    fn index(&mut self, folder: &Path, history: &History, depth: Depth) -> Result<(), Error> {
        let path = folder.join(INDEX);
        if !path.exists() {
            return Ok(());
        }
        // What is brought up to Git stays in memory, so that a second check finds the same.
        let opened = Index::open_to_read(&path, CACHE_BYTES, true);
        let kept_up = match digest_of(opened, history) {
            Ok(Some(digest)) => digest,
            // Of another format: the next start makes it anew.
            Ok(None) => return Ok(()),
            Err(error) => {
                self.damaged(INDEX, error, REINDEX);
                return Ok(());
            }
        };
        self.digest = Some(kept_up.to_string());
        if depth == Depth::Whole {
            let temporary = Temporary::new();
            let temporary = temporary.map_err(|source| io(&std::env::temp_dir(), source))?;
            let place = if self.access == Access::Alone { folder } else { temporary.path() };
            for difference in rebuilt(place, history)?.differences(&kept_up) {
                self.damaged(INDEX, format!("Git differs: {difference}"), REINDEX);
            }
        }
        Ok(())
    }
}

/// An object that a check is to read, and what leads to it.
struct Reached<'a> {
    id: Oid,
    kind: ObjectType,
    from: From<'a>,
}

/// What names an object.
#[derive(Clone, Copy)]
enum From<'a> {
    Ref(&'a str),
    Object(ObjectType, Oid),
}

impl fmt::Display for From<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ref(name) => f.write_str(name),
            Self::Object(kind, id) => write!(f, "{kind} {id}"),
        }
    }
}

/// Returns whether an object has no file of its own but is in a pack.
fn is_packed(history: &History, odb: &git2::Odb<'_>, id: Oid) -> bool {
    let digits = id.to_string();
    let (shard, rest) = digits.split_at(2);
    !history.folder().join("objects").join(shard).join(rest).exists() && odb.exists(id)
}

/// Returns what an object of Git holds.
pub(in crate::graph) fn below(
    history: &History,
    id: Oid,
    kind: ObjectType,
    depth: Depth,
) -> Result<Vec<(Oid, ObjectType)>, git2::Error> {
    if kind == ObjectType::Commit {
        let commit = lookup::find_commit(&history.repository, id)?;
        let parents = commit.parent_ids().filter(|_| depth == Depth::Whole);
        let tree = std::iter::once((commit.tree_id(), ObjectType::Tree));
        return Ok(tree.chain(parents.map(|id| (id, ObjectType::Commit))).collect());
    }
    let tree = lookup::find_tree(&history.repository, id)?;
    let entries = tree.iter().map(|entry| (entry.id(), entry.kind().unwrap_or(ObjectType::Blob)));
    Ok(entries.collect())
}

/// Makes an index anew in a file beside the thread's own, and digests it.
fn rebuilt(folder: &Path, history: &History) -> Result<Digest, Error> {
    let path = folder.join(INDEX_COMPARED);
    let made = make_beside(history, &path, CACHE_BYTES, |index| Ok(digest(&index.tables()?)?))?;
    std::fs::remove_file(&path).map_err(|source| io(&path, source))?;
    Ok(made)
}

/// Brings an index up to Git, as every start does, and digests it.
fn digest_of(index: Result<Option<Index>, index::Error>, history: &History) -> Result<Option<Digest>, Error> {
    let Some(index) = index? else { return Ok(None) };
    guarded(|| {
        catch_up(history, &index, OnLoss::Ignore)?;
        Ok(Some(digest(&index.tables()?)?))
    })
}
