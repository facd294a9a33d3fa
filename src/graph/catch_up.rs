//! Bringing the index up to Git: after a crash, after a deleted index, after a push with plain Git.

use super::commit::CommitId;
use super::document::root;
use super::error::Error;
use super::history::{History, Recorded};
use super::index::store::{Index, note_key};
use super::index::update::DocumentDelta;
use super::text;
use super::version::{MAIN, branch_ref};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Takes in every commit that a ref reaches and the index lacks, oldest first, and stamps the refs.
pub(crate) fn catch_up(history: &History, index: &Index) -> Result<(), Error> {
    let refs = history.refs()?;
    let tables = index.tables()?;
    let stamped: BTreeMap<String, CommitId> = tables.references("refs/")?.into_iter().collect();
    if stamped == refs {
        return Ok(());
    }
    let mut missing = Missing { history, known: HashSet::new(), commits: HashMap::new() };
    for id in refs.values() {
        missing.gather(*id, |id| Ok(tables.commit(id)?.is_some()))?;
    }
    let labels = missing.labels(&refs);
    let order = missing.oldest_first();
    drop(tables);
    let moved: Vec<_> = refs.iter().map(|(name, id)| (name.clone(), *id)).collect();
    index.update(true, &moved, |update, write| {
        for id in order {
            let recorded = &missing.commits[&id];
            let branch = labels.get(&id).map_or("", String::as_str);
            let placed = update.begin_commit(recorded.commit.clone(), recorded.ontology, branch)?;
            for delta in deltas(history, recorded.commit.parents.first().copied(), id)? {
                update.document(&delta)?;
            }
            note_key(write, recorded.idempotency_key.as_deref(), &placed)?;
        }
        Ok::<(), Error>(())
    })?;
    let gone: Vec<String> = stamped.into_keys().filter(|name| !refs.contains_key(name)).collect();
    if gone.is_empty() { Ok(()) } else { Ok(index.forget_refs(&gone)?) }
}

/// Reads what differs between two commits, by family: a fragment whose resource comes to be described moves from a
/// file of its own into the resource's, which is no change of what is said.
pub(crate) fn deltas(
    history: &History,
    from: Option<CommitId>,
    to: CommitId,
) -> Result<Vec<DocumentDelta>, Error> {
    let mut families: BTreeMap<String, DocumentDelta> = BTreeMap::new();
    for file in history.changed_files(from, to)? {
        if !file.path.ends_with(".ttl") || file.path.starts_with("ontology/") {
            continue;
        }
        let read = |blob: Option<git2::Oid>| match blob {
            Some(blob) => Ok::<_, Error>(text::read(&history.blob(blob)?, &file.path)?),
            None => Ok(Vec::new()),
        };
        let (before, after) = (read(file.before)?, read(file.after)?);
        let Some(first) = before.first().or(after.first()) else { continue };
        let family = families.entry(root(&first.subject).into_string()).or_default();
        family.before.extend(before);
        family.after.extend(after);
    }
    let mut deltas: Vec<_> = families.into_values().collect();
    for delta in &mut deltas {
        delta.before.sort_unstable();
        delta.after.sort_unstable();
    }
    Ok(deltas)
}

/// The commits that the index lacks.
struct Missing<'a> {
    history: &'a History,
    known: HashSet<CommitId>,
    commits: HashMap<CommitId, Recorded>,
}

impl Missing<'_> {
    fn gather(
        &mut self,
        head: CommitId,
        is_in: impl Fn(CommitId) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let mut open = vec![head];
        while let Some(id) = open.pop() {
            if self.commits.contains_key(&id) || self.known.contains(&id) {
                continue;
            }
            if is_in(id)? {
                self.known.insert(id);
                continue;
            }
            let recorded = self.history.commit(id)?;
            open.extend(&recorded.commit.parents);
            self.commits.insert(id, recorded);
        }
        Ok(())
    }

    /// Says for each commit whose line of first parents it is on: main's before any other branch's.
    fn labels(&self, refs: &BTreeMap<String, CommitId>) -> HashMap<CommitId, String> {
        let main = branch_ref(MAIN);
        let heads = refs
            .iter()
            .filter(|(name, _)| **name != main)
            .filter_map(|(name, id)| Some((name.strip_prefix("refs/heads/")?, *id)));
        let mut labels = HashMap::new();
        for (branch, head) in refs.get(&main).map(|id| (MAIN, *id)).into_iter().chain(heads) {
            let mut next = Some(head);
            while let Some(id) = next.filter(|id| self.commits.contains_key(id) && !labels.contains_key(id)) {
                labels.insert(id, branch.to_owned());
                next = self.commits[&id].commit.parents.first().copied();
            }
        }
        labels
    }

    /// Orders the commits so that parents come before children, by time and id where that leaves a choice.
    fn oldest_first(&self) -> Vec<CommitId> {
        let mut waiting: HashMap<CommitId, usize> = HashMap::new();
        let mut children: HashMap<CommitId, Vec<CommitId>> = HashMap::new();
        let mut ready = std::collections::BTreeSet::new();
        for (id, recorded) in &self.commits {
            let parents = recorded.commit.parents.iter().filter(|parent| self.commits.contains_key(parent));
            let count = parents.clone().count();
            parents.for_each(|parent| children.entry(*parent).or_default().push(*id));
            if count == 0 {
                ready.insert((recorded.commit.time, *id));
            } else {
                waiting.insert(*id, count);
            }
        }
        let mut order = Vec::with_capacity(self.commits.len());
        while let Some((_, id)) = ready.pop_first() {
            order.push(id);
            for child in children.remove(&id).into_iter().flatten() {
                let Some(count) = waiting.get_mut(&child) else { continue };
                *count -= 1;
                if *count == 0 {
                    ready.insert((self.commits[&child].commit.time, child));
                }
            }
        }
        order
    }
}
