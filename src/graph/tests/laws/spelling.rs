//! Values over histories in which they are written in several ways: the values are those that were set, and a new
//! spelling of it is no change.

use super::*;
use crate::model::statement::value::{Texts, Value};
use crate::ontology::terms::tl;
use oxigraph::model::vocab::xsd;

/// The spellings of 2, of 85 and of an hour.
const SPELLINGS: [[(&str, NamedNodeRef<'_>); 4]; 3] = [
    [("2", xsd::INTEGER), ("2.0", xsd::DECIMAL), ("2E0", xsd::DOUBLE), ("2", xsd::FLOAT)],
    [("85", xsd::INTEGER), ("85.00", xsd::DECIMAL), ("8.5E1", xsd::DOUBLE), ("085", xsd::INTEGER)],
    [
        ("PT1H", xsd::DURATION),
        ("PT60M", xsd::DURATION),
        ("PT3600S", xsd::DURATION),
        ("PT1H", xsd::DAY_TIME_DURATION),
    ],
];

fn property(number: usize) -> NamedNode {
    [tl::LIMIT.into_owned(), iri("own")][number].clone()
}

fn set(property_number: usize, chosen: &[(usize, usize)]) -> Change {
    let literal = |&(value, spelling): &(usize, usize)| {
        let (text, datatype) = SPELLINGS[value][spelling];
        Literal::new_typed_literal(text, datatype).into()
    };
    Change::Set {
        subject: subject(0),
        predicate: property(property_number),
        values: chosen.iter().map(literal).collect(),
    }
}

fn values(snapshot: &Snapshot, of: usize) -> BTreeSet<usize> {
    let all = snapshot.values(&subject(0), property(of).as_ref()).expect("values");
    let known = |term: &Term| {
        SPELLINGS.iter().position(|spellings| {
            let (text, datatype) = spellings[0];
            let first = Term::from(Literal::new_typed_literal(text, datatype));
            Value::of(&first, Texts::AsWritten) == Value::of(term, Texts::AsWritten)
        })
    };
    let found: BTreeSet<_> = all.iter().map(|term| known(term).expect("a value of the test")).collect();
    assert_eq!(found.len(), all.len(), "one value in two spellings: {all:?}");
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn another_spelling_is_no_change(
        steps in prop::collection::vec((0..2_usize, prop::collection::vec((0..3_usize, 0..4_usize), 0..3)), 1..12),
    ) {
        let world = World::new();
        let mut expected: [BTreeSet<usize>; 2] = Default::default();
        for (of, chosen) in &steps {
            // Of one value of a property that nobody declared, both spellings would be kept.
            let mut chosen = chosen.clone();
            chosen.sort_unstable();
            chosen.dedup_by_key(|(value, _)| *value);
            let before = world.repository.snapshot("main").expect("main");
            world.clock.set(world.clock.now().plus_nanos(1_000_000_000));
            let request = CommitRequest { branch: "main".to_owned(), changes: vec![set(*of, &chosen)], ..Default::default() };
            let committed = world.repository.commit(&request).expect("a commit");
            let after = world.repository.snapshot("main").expect("main");
            let now: BTreeSet<usize> = chosen.iter().map(|(value, _)| *value).collect();
            prop_assert_eq!(committed.commit.id == before.commit().id, expected[*of] == now);
            let changed = expected[*of].symmetric_difference(&now).count();
            prop_assert_eq!(committed.changed, changed);
            let diff = world.repository.diff(&before, &after, None).expect("a diff");
            let counted = |diff: &Diff| -> usize {
                diff.resources.iter().flat_map(|resource| &resource.properties).map(|p| p.removed.len() + p.added.len()).sum()
            };
            prop_assert_eq!(counted(&diff), changed);
            expected[*of] = now;
            prop_assert_eq!([0, 1].map(|of| values(&after, of)), expected.clone());
        }
    }
}
