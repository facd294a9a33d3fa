//! Following branches: every commit that reaches one, in order, none lost and none twice.
//!
//! A follower remembers the heads it has reported. What is new is what lies behind the heads now and not behind those, so it
//! can be asked as late and as seldom as its reader likes: nothing is queued for it.

use crate::graph::error::Error;
use crate::graph::index::commits::Placed;
use crate::graph::index::read::tables::Tables;
use crate::graph::model::commit::{Author, Commit, CommitId};
use crate::graph::repository::Repository;
use crate::model::sync::notifier::Listening;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};

const BRANCHES: &str = "refs/heads/";

/// What one reader has received.
#[derive(Debug)]
pub struct Follower {
    /// The full name of the one branch, or what the names of all begin with.
    reference: String,
    one: bool,
    heads: BTreeMap<String, CommitId>,
    /// New commits that are still to be reported, the oldest first.
    open: VecDeque<CommitId>,
}

/// What a follower receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FollowEvent {
    /// This commit has reached the branch.
    Commit(Commit),
    /// Nothing is new.
    Nothing,
    /// The branch was deleted.
    BranchDeleted,
}

impl Repository {
    /// Follows a branch, or all branches, from now on.
    pub fn follow(&self, branch: Option<&str>) -> Result<Follower, Error> {
        let tables = self.index.tables()?;
        let reference = format!("{BRANCHES}{}", branch.unwrap_or_default());
        let mut follower =
            Follower { reference, one: branch.is_some(), heads: BTreeMap::new(), open: VecDeque::new() };
        follower.heads = follower.heads_now(&tables)?;
        match branch {
            Some(branch) if follower.heads.is_empty() => Err(Error::UnknownBranch(branch.to_owned())),
            _ => Ok(follower),
        }
    }

    /// Returns the next commit, if there is one.
    pub fn next(&self, follower: &mut Follower) -> Result<FollowEvent, Error> {
        let tables = self.index.tables()?;
        if follower.open.is_empty() {
            let heads = follower.heads_now(&tables)?;
            if heads != follower.heads {
                follower.open = between(&tables, follower.heads.values(), heads.values())?.into();
                follower.heads = heads;
            }
        }
        while let Some(id) = follower.open.pop_front() {
            if let Some(placed) = tables.commit(id)? {
                return Ok(FollowEvent::Commit(placed.commit));
            }
        }
        match follower.heads.is_empty() {
            true if follower.one => Ok(FollowEvent::BranchDeleted),
            _ => Ok(FollowEvent::Nothing),
        }
    }

    /// Returns the authors of the commits behind one version that are not behind another: of what a merge of it brings.
    pub fn authors_beyond(&self, into: CommitId, source: CommitId) -> Result<Vec<Author>, Error> {
        let tables = self.index.tables()?;
        let mut authors: Vec<Author> = Vec::new();
        for id in between(&tables, [into].iter(), [source].iter())? {
            let placed = tables.commit(id)?.ok_or_else(|| Error::UnknownVersion(id.to_string()))?;
            if !authors.contains(&placed.commit.author) {
                authors.push(placed.commit.author);
            }
        }
        Ok(authors)
    }

    /// Has `notify` called whenever a branch or a tag has moved.
    pub fn listen(&self, notify: impl Fn() + Send + Sync + 'static) -> Listening {
        self.index.notifier.listen(notify)
    }
}

impl Follower {
    fn heads_now(&self, tables: &Tables) -> Result<BTreeMap<String, CommitId>, Error> {
        let all = tables.references(&self.reference)?.into_iter();
        Ok(all.filter(|(name, _)| !self.one || *name == self.reference).collect())
    }
}

/// Returns the commits behind `new` that are not behind `old`, each after all that is behind it.
///
/// A commit has a greater number than all behind it, so in falling order each is met after all its descendants; where only
/// old ones are left, nothing new can come.
fn between<'a>(
    tables: &Tables,
    old: impl Iterator<Item = &'a CommitId>,
    new: impl Iterator<Item = &'a CommitId>,
) -> Result<Vec<CommitId>, Error> {
    let mut met = Met::default();
    for id in old {
        met.meet(tables, *id, true)?;
    }
    for id in new {
        met.meet(tables, *id, false)?;
    }
    let mut found = Vec::new();
    while met.new > 0
        && let Some((_, (placed, is_old))) = met.open.pop_last()
    {
        if !is_old {
            met.new -= 1;
            found.push(placed.commit.id);
        }
        for parent in &placed.commit.parents {
            met.meet(tables, *parent, is_old)?;
        }
    }
    found.reverse();
    Ok(found)
}

/// The commits that a walk has met and not passed, by number.
#[derive(Default)]
struct Met {
    open: BTreeMap<u32, (Placed, bool)>,
    /// How many of them are new.
    new: usize,
}

impl Met {
    fn meet(&mut self, tables: &Tables, id: CommitId, is_old: bool) -> Result<(), Error> {
        // What a deleted branch alone contained no longer exists.
        let Some(placed) = tables.commit(id)? else { return Ok(()) };
        match self.open.entry(placed.number) {
            Entry::Vacant(entry) => {
                entry.insert((placed, is_old));
                self.new += usize::from(!is_old);
            }
            Entry::Occupied(mut entry) => {
                let known = &mut entry.get_mut().1;
                self.new -= usize::from(is_old && !*known);
                *known |= is_old;
            }
        }
        Ok(())
    }
}
