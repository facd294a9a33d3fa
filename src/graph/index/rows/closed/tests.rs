use super::*;
use crate::graph::index::storage::packed;
use proptest::prelude::*;
use redb::{Database, ReadableDatabase, TableDefinition};
use std::collections::{BTreeMap, BTreeSet};

const TABLE: TableDefinition<'_, Bytes, Bytes> = TableDefinition::new("ended");

type Noted = BTreeSet<(Vec<u8>, (u32, u32, u32, bool))>;

fn row() -> impl Strategy<Value = Vec<u8>> {
    (0..2_u8, 1..4_u64, 0..3_u64, 0..3_u64).prop_map(|(order, a, b, c)| key::prefix(order, &[a, b, c]))
}

fn span() -> impl Strategy<Value = (u32, u32, u32, bool)> {
    let lasts = prop_oneof![4 => (1..20_u32).prop_map(Some), 1 => Just(None)];
    (0..3_u32, 1..40_u32, lasts, any::<bool>()).prop_map(|(lane, born, lasts, tombstone)| {
        (lane, born, lasts.map_or(OPEN, |lasts| born + lasts), tombstone)
    })
}

fn lifespan((lane, born, died, tombstone): (u32, u32, u32, bool)) -> Lifespan {
    Lifespan { lane, tombstone, born, died, origin: born * 3 }
}

/// Lifespans of a row, of which no two begin at one place.
fn noted() -> impl Strategy<Value = Noted> {
    prop::collection::vec((row(), span()), 0..60).prop_map(|all| {
        let one = |(row, span): (Vec<u8>, (u32, u32, u32, bool))| ((row, span.0, span.1), span);
        let by_place: BTreeMap<_, _> = all.into_iter().map(one).collect();
        by_place.into_iter().map(|((row, ..), span)| (row, span)).collect()
    })
}

fn edit(database: &Database, noted: &Noted, comes: bool) {
    let write = database.begin_write().expect("a write");
    let mut edits = Edits::default();
    for (row, span) in noted {
        edits.note(row, lifespan(*span), comes).expect("a row");
    }
    let mut table = write.open_table(TABLE).expect("a table");
    packed::edit(&mut table, &mut edits.sorted()).expect("an edit");
    drop(table);
    write.commit().expect("a commit");
}

proptest! {
    #[test]
    fn a_scan_finds_what_covers_a_place(
        noted in noted(),
        removed in prop::collection::vec(any::<bool>(), 60),
        places in prop::collection::vec((0..3_u32, 1..60_u32), 0..4),
        bounds in (row(), row(), 1..4_usize, 1..4_usize),
        backward in any::<bool>(),
    ) {
        let backend = redb::backends::InMemoryBackend::new();
        let database = Database::builder().create_with_backend(backend).expect("a database");
        edit(&database, &noted, true);
        let removed: Noted = noted.iter().zip(removed).filter(|(_, is_removed)| *is_removed).map(|(one, _)| one.clone()).collect();
        edit(&database, &removed, false);
        let table = database.begin_read().expect("a read").open_table(TABLE).expect("a table");
        let (a, b, cut_a, cut_b) = bounds;
        let mut range = [key::prefix(a[0], &[key::id(&a, 0).expect("an id")][..cut_a.min(1)]), b[..cut_b].to_vec()];
        range.sort();
        let [from, to] = range;
        let direction = if backward { Direction::Backward } else { Direction::Forward };
        let asked = Places::new(&places, &places);
        let mut scan = Scan::new(&table, &asked, &from, &to, direction).expect("a scan");
        let (mut found, mut order) = (Noted::new(), Vec::new());
        while scan.step().expect("own bytes") {
            order.push(scan.row().to_vec());
            found.extend(scan.spans().iter().map(|s| (scan.row().to_vec(), (s.lane, s.born, s.died, s.tombstone))));
        }
        if backward {
            order.reverse();
        }
        prop_assert!(order.is_sorted());
        let covers = |&(lane, born, died, _): &(u32, u32, u32, bool)| {
            places.iter().any(|&(at, ordinal)| at == lane && born <= ordinal && ordinal < died)
        };
        let expect: Noted = noted
            .difference(&removed)
            .filter(|(row, span)| *row >= from && *row < to && covers(span))
            .cloned()
            .collect();
        prop_assert_eq!(found, expect);
    }
}
