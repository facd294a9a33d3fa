//! The best common ancestors of two commits, found on commits whose files are known to be whole: libgit2's own walk would not
//! return from one that was cut short.

use super::lookup::find_commit;
use git2::{Oid, Repository};
use std::collections::{BinaryHeap, HashMap};

/// Reached from the first commit.
const FIRST: u8 = 1;
/// Reached from the second one.
const SECOND: u8 = 2;
const BOTH: u8 = FIRST | SECOND;
/// Behind a common ancestor.
const BEHIND: u8 = 4;
/// A common ancestor that is found already.
const FOUND: u8 = 8;

/// Returns the common ancestors of two commits that are behind no other one; by id where there are several.
pub(in crate::graph) fn merge_bases(
    repository: &Repository,
    a: Oid,
    b: Oid,
) -> Result<Vec<Oid>, git2::Error> {
    let mut bases = common(repository, a, b)?;
    bases.sort_unstable();
    // Where clocks were wrong, a walk by time may pass an ancestor before what it is behind.
    let mut best = Vec::new();
    for base in &bases {
        let mut is_behind = false;
        for other in bases.iter().filter(|other| *other != base) {
            is_behind |= common(repository, *base, *other)?.contains(base);
        }
        if !is_behind {
            best.push(*base);
        }
    }
    Ok(best)
}

/// Walks from both commits by time, newest first, until only what is behind a common ancestor is left.
fn common(repository: &Repository, a: Oid, b: Oid) -> Result<Vec<Oid>, git2::Error> {
    let mut walk = Walk { repository, flags: HashMap::new(), open: BinaryHeap::new(), wanted: 0 };
    walk.reach(a, FIRST)?;
    walk.reach(b, SECOND)?;
    let mut found = Vec::new();
    while walk.wanted > 0
        && let Some((_, id)) = walk.open.pop()
    {
        let Some(known) = walk.flags.get_mut(&id) else { continue };
        known.is_open = false;
        let mut flags = known.flags;
        walk.wanted -= usize::from(flags & BEHIND == 0);
        if flags & BOTH == BOTH && flags & BEHIND == 0 {
            if flags & FOUND == 0 {
                known.flags |= FOUND;
                found.push(id);
            }
            flags |= BEHIND;
        }
        for parent in known.parents.clone() {
            walk.reach(parent, flags & (BOTH | BEHIND))?;
        }
    }
    found.retain(|id| walk.flags.get(id).is_some_and(|known| known.flags & BEHIND == 0));
    Ok(found)
}

struct Walk<'a> {
    repository: &'a Repository,
    flags: HashMap<Oid, Known>,
    open: BinaryHeap<(i64, Oid)>,
    /// How many open commits are not behind a common ancestor.
    wanted: usize,
}

struct Known {
    flags: u8,
    time: i64,
    parents: Vec<Oid>,
    is_open: bool,
}

impl Walk<'_> {
    /// Adds flags to a commit, and opens it where they are new to it.
    fn reach(&mut self, id: Oid, flags: u8) -> Result<(), git2::Error> {
        if !self.flags.contains_key(&id) {
            let commit = find_commit(self.repository, id)?;
            let (time, parents) = (commit.time().seconds(), commit.parent_ids().collect());
            self.flags.insert(id, Known { flags: 0, time, parents, is_open: false });
        }
        let Some(known) = self.flags.get_mut(&id) else { return Ok(()) };
        let was_wanted = known.is_open && known.flags & BEHIND == 0;
        if known.flags | flags != known.flags {
            known.flags |= flags;
            if !known.is_open {
                known.is_open = true;
                self.open.push((known.time, id));
            }
        }
        let is_wanted = known.is_open && known.flags & BEHIND == 0;
        self.wanted = self.wanted + usize::from(is_wanted) - usize::from(was_wanted);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// Returns a commit and all that are behind it.
    fn behind(repository: &Repository, id: Oid) -> BTreeSet<Oid> {
        let (mut found, mut open) = (BTreeSet::new(), vec![id]);
        while let Some(id) = open.pop() {
            if found.insert(id) {
                open.extend(repository.find_commit(id).expect("a commit").parent_ids());
            }
        }
        found
    }

    proptest! {
        #[test]
        fn the_bases_are_the_common_ancestors_that_are_behind_no_other(
            steps in prop::collection::vec((prop::collection::vec(0..30_usize, 0..3), -3..3_i64), 2..30),
            pairs in prop::collection::vec((0..30_usize, 0..30_usize), 6),
        ) {
            let folder = tempfile::tempdir().expect("a folder");
            let repository = Repository::init_bare(folder.path()).expect("a repository");
            let tree = repository.treebuilder(None).and_then(|tree| tree.write()).expect("a tree");
            let tree = repository.find_tree(tree).expect("the tree");
            let mut commits: Vec<Oid> = Vec::new();
            for (number, (parents, skew)) in steps.iter().enumerate() {
                // Some clocks are a little wrong.
                let time = git2::Time::new(1_000 + number as i64 + skew, 0);
                let who = git2::Signature::new("a", "b", &time).expect("a signature");
                let mut parents: Vec<Oid> =
                    parents.iter().filter(|_| number > 0).map(|at| commits[at % number]).collect();
                parents.dedup();
                let parents: Vec<_> = parents.iter().map(|id| repository.find_commit(*id).expect("it")).collect();
                let parents: Vec<_> = parents.iter().collect();
                let message = number.to_string();
                commits.push(repository.commit(None, &who, &who, &message, &tree, &parents).expect("a commit"));
            }
            for (a, b) in pairs {
                let (a, b) = (commits[a % commits.len()], commits[b % commits.len()]);
                let (of_a, of_b) = (behind(&repository, a), behind(&repository, b));
                let common: BTreeSet<Oid> = of_a.intersection(&of_b).copied().collect();
                let is_behind = |id: &Oid| common.iter().any(|other| other != id && behind(&repository, *other).contains(id));
                let expect: Vec<Oid> = common.iter().filter(|id| !is_behind(id)).copied().collect();
                prop_assert_eq!(merge_bases(&repository, a, b).expect("bases"), expect);
            }
        }
    }
}
