//! The history of a resource names exactly the commits that changed it, with what each changed, as it is found by comparing
//! every version with its parents.

use super::*;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

type State = BTreeSet<Statement>;

/// Every commit behind some version: its parents, and its statements about one resource.
struct Oracle {
    commits: HashMap<CommitId, (Vec<CommitId>, State)>,
}

impl Oracle {
    fn new(world: &World, resource: &NamedNode) -> Self {
        let mut commits: HashMap<CommitId, (Vec<CommitId>, State)> = HashMap::new();
        let mut open: Vec<CommitId> = world.versions.keys().copied().collect();
        while let Some(id) = open.pop() {
            if let Entry::Vacant(slot) = commits.entry(id) {
                let version = world.repository.snapshot_at(id).expect("a version");
                let state = version.document(resource).expect("a document").into_iter().collect();
                let parents = version.commit().parents.clone();
                open.extend(&parents);
                slot.insert((parents, state));
            }
        }
        Self { commits }
    }

    fn behind(&self, id: CommitId) -> BTreeSet<CommitId> {
        let mut behind = BTreeSet::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            if behind.insert(id) {
                open.extend(&self.commits[&id].0);
            }
        }
        behind
    }

    /// Returns what a commit itself removed and added.
    fn change(&self, id: CommitId) -> (State, State) {
        let (parents, here) = &self.commits[&id];
        let Some((first, others)) = parents.split_first() else { return (State::new(), here.clone()) };
        let before = &self.commits[first].1;
        let mut removed: State = before.difference(here).cloned().collect();
        let mut added: State = here.difference(before).cloned().collect();
        for other in others {
            let there = &self.commits[other].1;
            added.retain(|statement| !there.contains(statement));
            removed.retain(|removed| {
                let values = |state: &State| -> State {
                    let same =
                        |s: &&Statement| s.subject == removed.subject && s.predicate == removed.predicate;
                    state.iter().filter(same).cloned().collect()
                };
                let once_there = self.behind(*other).iter().any(|id| self.commits[id].1.contains(removed));
                (there.contains(removed) || !once_there) && values(here) != values(there)
            });
        }
        (removed, added)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn history_names_the_commits_that_changed_a_resource(steps in prop::collection::vec(step(), 1..25)) {
        let mut world = World::new();
        for step in &steps {
            world.run(step);
        }
        for number in [0, 2] {
            let resource = subject(number);
            let oracle = Oracle::new(&world, &resource);
            for id in world.versions.keys() {
                let mut expect: BTreeMap<CommitId, (State, State)> =
                    oracle.behind(*id).into_iter().map(|id| (id, oracle.change(id))).collect();
                expect.retain(|_, (removed, added)| !removed.is_empty() || !added.is_empty());
                let timeline = world.repository.snapshot_at(*id).expect("a version").timeline(&resource).expect("a timeline");
                let changes = timeline.changes(None, usize::MAX).expect("changes");
                prop_assert!(changes.is_sorted_by_key(|change| std::cmp::Reverse((change.commit.order, change.commit.id))));
                for (at, change) in changes.iter().enumerate() {
                    let after = timeline.changes(Some(change.commit.id), 2).expect("a page");
                    prop_assert_eq!(&after[..], &changes[at + 1..changes.len().min(at + 3)]);
                }
                let found: BTreeMap<CommitId, (State, State)> = changes.into_iter().map(|change| (change.commit.id, sides(&change.properties))).collect();
                prop_assert_eq!(found, expect);
                prop_assert_eq!(&timeline.statements_at(*id).expect("statements"), &oracle.commits[id].1);
            }
        }
    }
}

fn sides(properties: &[PropertyDiff]) -> (State, State) {
    let mut sides = (State::new(), State::new());
    for property in properties {
        let statement = |value: &Term| {
            Statement::new(property.subject.clone(), property.predicate.clone(), value.clone())
        };
        sides.0.extend(property.removed.iter().map(statement));
        sides.1.extend(property.added.iter().map(statement));
    }
    sides
}
