//! Blame's commit really introduced the statement: it has it, and none of its parents does.

use super::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn blame_names_the_commit_that_introduced_the_statement(steps in prop::collection::vec(step(), 1..25)) {
        let mut world = World::new();
        for step in &steps {
            world.run(step);
        }
        let has = |id: CommitId, statement: &Statement| -> bool {
            let version = world.repository.snapshot_at(id).expect("a version");
            version.statements(&statement.subject).expect("statements").contains(statement)
        };
        for (id, state) in &world.versions {
            let snapshot = world.repository.snapshot_at(*id).expect("a version");
            let mut blamed = BTreeSet::new();
            for number in [0, 2, 4] {
                for blame in snapshot.blame(&subject(number)).expect("blame") {
                    prop_assert!(has(blame.commit.id, &blame.statement), "{} at {}", blame.statement, blame.commit.id);
                    for parent in &blame.commit.parents {
                        prop_assert!(!has(*parent, &blame.statement), "{} at {parent} already", blame.statement);
                    }
                    prop_assert_eq!(snapshot.origin(&blame.statement).expect("an origin"), Some(blame.commit));
                    blamed.insert(blame.statement);
                }
            }
            prop_assert_eq!(&blamed, state);
        }
    }
}
