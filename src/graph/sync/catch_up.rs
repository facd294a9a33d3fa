//! Bringing the index up to Git: after a crash, after a deleted index, after plain Git moved refs, after a branch is deleted.
//!
//! What refs reach and the index lacks is taken in; what no ref reaches any more goes. Where the head of main then is not
//! the end of lane 0 (plain Git gave main other first parents), the index is rebuilt, so that lineages stay short.

use super::lost_refs::{self, OnLoss};
use crate::graph::error::{Error, io};
use crate::graph::git::lookup::is_damage;
use crate::graph::git::store::History;
use crate::graph::git::values::{ChangedFile, Unreadable};
use crate::graph::index::commits::{Placed, idempotency};
use crate::graph::index::read::tables::Tables;
use crate::graph::index::store::Index;
use crate::graph::index::write::update::Update;
use crate::graph::model::commit::CommitId;
use crate::graph::model::delta::DocumentDelta;
use crate::graph::model::fault::Fault;
use crate::graph::model::ref_name::{MAIN, branch_ref, is_vendor};
use crate::graph::text::document::iri_at;
use crate::graph::text::turtle;
use crate::model::statement::root;
use crate::model::time::instant::Instant;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

pub(in crate::graph) type Refs = BTreeMap<String, CommitId>;

/// Makes the index hold exactly what the refs of the repository reach, and stamps the refs. A ref that cannot be read, or whose
/// history cannot, is left out and noted with the index; only `main` must be readable.
pub(crate) fn catch_up(history: &History, index: &Index, on_loss: OnLoss) -> Result<(), Error> {
    let mut refs = Readable::of(history, index)?;
    lost_refs::settle(history, &index.tables()?.stamps()?, (&mut refs.refs, &mut refs.unreadable), on_loss)?;
    refs.refuse_without_main()?;
    refs.try_each(|refs| catch_up_to(history, index, refs))
}

fn catch_up_to(history: &History, index: &Index, refs: &Refs) -> Result<(), Error> {
    let tables = index.tables()?;
    let stamps = tables.stamps()?;
    let is_repaired = |name: &String| index.unreadable(name).is_none();
    let is_settled = stamps.deleting.is_empty() && stamps.replaced.is_empty();
    if stamps.refs == *refs && is_settled && !stamps.unreadable.keys().any(is_repaired) {
        return Ok(());
    }
    match bring_up(history, index, &tables, &stamps.refs, refs) {
        // What a dropped commit changed cannot be read any more, as plain Git has collected it or its files are damaged.
        Err(Error::Git(error)) if error.code() == git2::ErrorCode::NotFound || is_damage(&error) => {
            return rebuild_to(history, index, refs);
        }
        done => done?,
    }
    if is_straight(&index.tables()?, refs)? { Ok(()) } else { rebuild_to(history, index, refs) }
}

/// Makes the index anew from what the refs of the repository reach; see [`catch_up`].
pub(crate) fn rebuild(history: &History, index: &Index) -> Result<(), Error> {
    let refs = Readable::of(history, index)?;
    refs.refuse_without_main()?;
    refs.try_each(|refs| rebuild_to(history, index, refs))
}

fn rebuild_to(history: &History, index: &Index, refs: &Refs) -> Result<(), Error> {
    let missing = Missing::of(history, refs, |_| Ok(false))?;
    let order = missing.oldest_first(refs);
    index.bring_up(true, refs, |update, write| take(history, &missing.labels(refs), &order, update, write))
}

/// The refs of a repository, without those that cannot be read.
struct Readable<'a> {
    history: &'a History,
    index: &'a Index,
    refs: Refs,
    unreadable: Unreadable,
}

impl<'a> Readable<'a> {
    fn of(history: &'a History, index: &'a Index) -> Result<Self, Error> {
        let (refs, unreadable) = history.refs()?;
        Ok(Self { history, index, refs, unreadable })
    }

    /// Refuses a repository whose `main` cannot be read, before the index forgets what it knows of it.
    fn refuse_without_main(&self) -> Result<(), Error> {
        match self.unreadable.get(&branch_ref(MAIN)) {
            Some(reason) => Err(Error::Unreadable { name: MAIN.to_owned(), reason: reason.clone() }),
            None => Ok(()),
        }
    }

    /// Does something for the refs; where it fails because the history of some cannot be read, once more without these.
    fn try_each(mut self, run: impl Fn(&Refs) -> Result<(), Error>) -> Result<(), Error> {
        self.index.note_unreadable(self.unreadable.clone());
        let done = match run(&self.refs) {
            Err(error @ (Error::Git(_) | Error::Text(_) | Error::Faults(_))) => {
                let sound = self.unreadable.len();
                self.leave_out_unreadable();
                if self.unreadable.len() == sound {
                    Err(error)
                } else {
                    self.index.note_unreadable(self.unreadable.clone());
                    run(&self.refs)
                }
            }
            done => done,
        };
        for (name, reason) in &self.unreadable {
            tracing::error!(
                name,
                reason,
                "a ref cannot be read, and is left out: throughline fsck names what is damaged"
            );
        }
        done
    }

    /// Reads the whole history of each ref but main, and leaves out those of which something cannot be read.
    fn leave_out_unreadable(&mut self) {
        let mut sound = HashSet::new();
        let main = branch_ref(MAIN);
        let (history, unreadable) = (self.history, &mut self.unreadable);
        self.refs.retain(|name, id| {
            let read = if *name == main { Ok(()) } else { read_all(history, *id, &mut sound) };
            read.map_err(|error| unreadable.insert(name.clone(), error.to_string())).is_ok()
        });
    }
}

/// Reads the content of the commits behind one, but for those that were found sound before.
fn read_all(history: &History, id: CommitId, sound: &mut HashSet<CommitId>) -> Result<(), Error> {
    let refs = Refs::from([(String::new(), id)]);
    let missing = Missing::of(history, &refs, |id| Ok(sound.contains(&id)))?;
    for (id, link) in &missing.commits {
        each_delta(history, link.parents.first().copied(), *id, &mut |_| Ok(()))?;
    }
    sound.extend(missing.commits.into_keys());
    Ok(())
}

/// Makes an index in a file of its own from what the refs of the repository reach, and returns what `read` reads of it; the
/// file goes where that fails.
pub(crate) fn make_beside<T>(
    history: &History,
    path: &Path,
    cache_bytes: usize,
    read: impl FnOnce(&Index) -> Result<T, Error>,
) -> Result<T, Error> {
    let index = Index::create(path, cache_bytes)?;
    let made = rebuild(history, &index).and_then(|()| read(&index));
    drop(index);
    if made.is_err() {
        std::fs::remove_file(path).map_err(|source| io(path, source))?;
    }
    made
}

fn bring_up(
    history: &History,
    index: &Index,
    tables: &Tables,
    stamped: &Refs,
    refs: &Refs,
) -> Result<(), Error> {
    let missing = Missing::of(history, refs, |id| Ok(tables.commit(id)?.is_some()))?;
    let (labels, order) = (missing.labels(refs), missing.oldest_first(refs));
    let moved_or_deleted =
        stamped.iter().filter(|(name, id)| refs.get(*name) != Some(*id)).map(|(_, id)| *id);
    let dropped = out_of_reach(tables, moved_or_deleted, refs.values().chain(&missing.known).copied())?;
    index.bring_up(false, refs, |update, write| {
        // First, so that what is new goes on where a lane ends now.
        dropped.iter().try_for_each(|placed| drop_commit(history, placed, update, write))?;
        take(history, &labels, &order, update, write)
    })
}

fn take(
    history: &History,
    labels: &HashMap<CommitId, String>,
    order: &[CommitId],
    update: &mut Update<'_>,
    write: &redb::WriteTransaction,
) -> Result<(), Error> {
    for id in order {
        let recorded = history.commit(*id)?;
        let branch = labels.get(id).map_or("", String::as_str);
        let first_parent = recorded.commit.parents.first().copied();
        update.begin_commit(&recorded, branch)?;
        each_delta(history, first_parent, *id, &mut |delta| Ok(update.document(&delta)?))
            .map_err(|error| of_commit(error, *id))?;
        idempotency::note(write, recorded.idempotency_key.as_deref(), *id)?;
    }
    Ok(())
}

/// Names the commit of a file that cannot be read.
fn of_commit(error: Error, commit: CommitId) -> Error {
    match error {
        Error::Text(error) => {
            Error::Faults(vec![Fault { commit, file: error.file().to_owned(), reason: error.to_string() }])
        }
        error => error,
    }
}

fn drop_commit(
    history: &History,
    placed: &Placed,
    update: &mut Update<'_>,
    write: &redb::WriteTransaction,
) -> Result<(), Error> {
    let id = placed.commit.id;
    update.begin_undo(placed)?;
    let parent = placed.commit.parents.first().copied();
    each_delta(history, parent, id, &mut |delta| Ok(update.document(&delta)?))?;
    Ok(idempotency::remove(write, history.commit(id)?.idempotency_key.as_deref(), id)?)
}

/// Finds the commits behind `left` that are not behind `kept`, newest first. Numbers give the order: a commit's is
/// greater than those of all commits behind it, so the walk ends where every open way is kept.
fn out_of_reach(
    tables: &Tables,
    left: impl Iterator<Item = CommitId>,
    kept: impl Iterator<Item = CommitId>,
) -> Result<Vec<Placed>, Error> {
    let mut walk = Walk { tables, open: BTreeMap::new(), unkept: 0 };
    for id in left {
        walk.reach(id, false)?;
    }
    if walk.unkept > 0 {
        for id in kept {
            walk.reach(id, true)?;
        }
    }
    let mut dropped = Vec::new();
    while walk.unkept > 0
        && let Some((_, (placed, keep))) = walk.open.pop_last()
    {
        for parent in &placed.commit.parents {
            walk.reach(*parent, keep)?;
        }
        if !keep {
            walk.unkept -= 1;
            dropped.push(placed);
        }
    }
    Ok(dropped)
}

/// The commits that a walk has reached but not passed, by number; each with whether it is kept.
struct Walk<'a> {
    tables: &'a Tables,
    open: BTreeMap<u32, (Placed, bool)>,
    unkept: usize,
}

impl Walk<'_> {
    fn reach(&mut self, id: CommitId, keep: bool) -> Result<(), Error> {
        let Some(placed) = self.tables.commit(id)? else { return Ok(()) };
        match self.open.get_mut(&placed.number) {
            None => {
                self.unkept += usize::from(!keep);
                self.open.insert(placed.number, (placed, keep));
            }
            Some((_, kept)) if keep && !*kept => {
                *kept = true;
                self.unkept -= 1;
            }
            Some(_) => {}
        }
        Ok(())
    }
}

/// Returns whether the head of main ends lane 0.
fn is_straight(tables: &Tables, refs: &Refs) -> Result<bool, Error> {
    let Some(main) = refs.get(&branch_ref(MAIN)) else { return Ok(true) };
    let Some(head) = tables.commit(*main)? else { return Ok(false) };
    Ok(head.lane == 0 && tables.commit_at(0, head.ordinal + 1)?.is_none())
}

/// Calls `each` with the resources that differ between two commits, in the order of resources: a fragment whose resource comes
/// to be described moves from a file of its own into the resource's, which changes no statement. No more than one resource is
/// in memory at a time: a commit may be an import of the whole thread.
pub(crate) fn each_delta(
    history: &History,
    from: Option<CommitId>,
    to: CommitId,
    each: &mut dyn FnMut(DocumentDelta) -> Result<(), Error>,
) -> Result<(), Error> {
    each_delta_after(history, from, to, None, &mut |delta| each(delta).map(|()| true))
}

/// Like [`each_delta`], for the resources after one, until `each` returns `false`; the files of the others are not read, unless
/// their names were cut.
pub(crate) fn each_delta_after(
    history: &History,
    from: Option<CommitId>,
    to: CommitId,
    after: Option<&str>,
    each: &mut dyn FnMut(DocumentDelta) -> Result<bool, Error>,
) -> Result<(), Error> {
    let mut files = without_moves(history.changed_files(from, to)?);
    files.retain(|file| file.path.ends_with(".ttl") && !file.path.starts_with("ontology/"));
    let mut edits: BTreeMap<String, Vec<ChangedFile>> = BTreeMap::new();
    for file in files {
        let resource = resource_of(history, &file)?;
        if let Some(resource) =
            resource.filter(|resource| after.is_none_or(|after| resource.as_str() > after))
        {
            edits.entry(resource).or_default().push(file);
        }
    }
    for files in edits.into_values() {
        let mut delta = DocumentDelta::default();
        for file in &files {
            join(&mut delta, read_file(history, file)?);
        }
        delta.before.sort_unstable();
        delta.after.sort_unstable();
        let is_empty = delta.before.is_empty() && delta.after.is_empty();
        if !is_empty && !each(delta)? {
            break;
        }
    }
    Ok(())
}

/// Returns the resource that a file belongs to; `None` where it is empty.
fn resource_of(history: &History, file: &ChangedFile) -> Result<Option<String>, Error> {
    if let Some(iri) = iri_at(&file.path) {
        return Ok(Some(root(&iri).into_string()));
    }
    let read = read_file(history, file)?;
    let first = read.before.first().or(read.after.first());
    Ok(first.map(|first| root(&first.subject).into_string()))
}

/// Reads the earlier and the later content of a file.
fn read_file(history: &History, file: &ChangedFile) -> Result<DocumentDelta, Error> {
    #[cfg(test)]
    files_read::add_one();
    let read = |blob: Option<git2::Oid>| match blob {
        Some(blob) => Ok::<_, Error>(turtle::read(&history.blob(blob)?, &file.path)?),
        None => Ok(Vec::new()),
    };
    Ok(DocumentDelta { before: read(file.before)?, after: read(file.after)? })
}

fn join(delta: &mut DocumentDelta, file: DocumentDelta) {
    delta.before.extend(file.before);
    delta.after.extend(file.after);
}

/// Leaves out documents that only came to lie elsewhere, as when a branch is migrated to another layout.
fn without_moves(mut files: Vec<ChangedFile>) -> Vec<ChangedFile> {
    let removed = files.iter().filter(|file| file.after.is_none()).filter_map(|file| file.before);
    let removed: HashSet<git2::Oid> = removed.collect();
    let new = files.iter().filter(|file| file.before.is_none()).filter_map(|file| file.after);
    let moved: HashSet<git2::Oid> = new.filter(|blob| removed.contains(blob)).collect();
    files.retain(|file| match (file.before, file.after) {
        (Some(blob), None) | (None, Some(blob)) => !moved.contains(&blob),
        _ => true,
    });
    files
}

/// The commits that the index lacks.
pub(in crate::graph) struct Missing {
    /// Those that the index has and a missing one is based on, or a ref names.
    pub(in crate::graph) known: HashSet<CommitId>,
    pub(in crate::graph) commits: HashMap<CommitId, Link>,
}

/// What the order of commits depends on.
pub(in crate::graph) struct Link {
    pub(in crate::graph) parents: Vec<CommitId>,
    pub(in crate::graph) time: Instant,
}

impl Missing {
    pub(in crate::graph) fn of(
        history: &History,
        refs: &Refs,
        is_in: impl Fn(CommitId) -> Result<bool, Error>,
    ) -> Result<Self, Error> {
        let (mut known, mut commits) = (HashSet::new(), HashMap::new());
        let mut open: Vec<_> = refs.values().copied().collect();
        while let Some(id) = open.pop() {
            if commits.contains_key(&id) || known.contains(&id) {
                continue;
            }
            if is_in(id)? {
                known.insert(id);
                continue;
            }
            let commit = history.commit(id)?.commit;
            open.extend(&commit.parents);
            commits.insert(id, Link { parents: commit.parents, time: commit.time });
        }
        Ok(Self { known, commits })
    }

    /// Labels each commit with the line of first parents it is on: main's, else a source's, else any other branch's.
    fn labels(&self, refs: &Refs) -> HashMap<CommitId, String> {
        let main = branch_ref(MAIN);
        let heads = refs
            .iter()
            .filter(|(name, _)| **name != main)
            .filter_map(|(name, id)| Some((name.strip_prefix("refs/heads/")?, *id)));
        let (vendors, others): (Vec<_>, Vec<_>) = heads.partition(|(branch, _)| is_vendor(branch));
        let mut labels = HashMap::new();
        let main = refs.get(&main).map(|id| (MAIN, *id));
        for (branch, head) in main.into_iter().chain(vendors).chain(others) {
            for id in self.first_parents(head) {
                if labels.contains_key(&id) {
                    break;
                }
                labels.insert(id, branch.to_owned());
            }
        }
        labels
    }

    /// Returns the missing commits of a line of first parents, newest first.
    fn first_parents(&self, head: CommitId) -> impl Iterator<Item = CommitId> {
        let missing = |id: CommitId| self.commits.contains_key(&id).then_some(id);
        std::iter::successors(missing(head), move |id| {
            self.commits[id].parents.first().copied().and_then(missing)
        })
    }

    /// Orders the commits so that parents come before children, by time and id where that leaves a choice; where there
    /// are several beginnings, main's comes first, as it opens lane 0.
    pub(in crate::graph) fn oldest_first(&self, refs: &Refs) -> Vec<CommitId> {
        let begin = refs.get(&branch_ref(MAIN)).and_then(|head| self.first_parents(*head).last());
        let rank = |id: CommitId| (begin != Some(id), self.commits[&id].time, id);
        let mut waiting: HashMap<CommitId, usize> = HashMap::new();
        let mut children: HashMap<CommitId, Vec<CommitId>> = HashMap::new();
        let mut ready = BTreeSet::new();
        for (id, link) in &self.commits {
            let parents = link.parents.iter().filter(|parent| self.commits.contains_key(parent));
            let count = parents.clone().count();
            parents.for_each(|parent| children.entry(*parent).or_default().push(*id));
            if count == 0 {
                ready.insert(rank(*id));
            } else {
                waiting.insert(*id, count);
            }
        }
        let mut order = Vec::with_capacity(self.commits.len());
        while let Some((_, _, id)) = ready.pop_first() {
            order.push(id);
            for child in children.remove(&id).into_iter().flatten() {
                let Some(count) = waiting.get_mut(&child) else { continue };
                *count -= 1;
                if *count == 0 {
                    ready.insert(rank(child));
                }
            }
        }
        order
    }
}

/// Counts the files that a thread reads, before and after.
#[cfg(test)]
pub(in crate::graph) mod files_read {
    use std::cell::Cell;

    thread_local!(static READ: Cell<usize> = const { Cell::new(0) });

    pub(super) fn add_one() {
        READ.set(READ.get() + 1);
    }

    /// Returns how many files some work reads.
    pub(in crate::graph) fn during<T>(work: impl FnOnce() -> T) -> (T, usize) {
        READ.set(0);
        let done = work();
        (done, READ.get())
    }
}
