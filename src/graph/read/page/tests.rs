//! Pages against a plain sort of the same resources.

use super::*;
use crate::graph::index::read::rows_read;
use crate::graph::repository::Repository;
use crate::graph::write::commit::CommitRequest;
use crate::model::statement::Statement;
use crate::model::statement::change::Change;
use crate::model::time::clock::FixedClock;
use crate::model::time::instant::Instant;
use oxigraph::model::vocab::{rdf, xsd};
use oxigraph::model::{Literal, NamedNode, NamedNodeRef};
use proptest::prelude::*;
use std::cmp::Ordering;
use std::sync::Arc;

fn iri(local: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("https://example.org/{local}"))
}

/// One resource: its number, a text or none, a number or none.
type Item = (u16, Option<u8>, Option<i8>);

fn text(value: u8) -> String {
    // Some texts share their first 120 bytes, which is all that the index holds of them.
    if value < 4 { format!("t{value}") } else { format!("{}{value}", "x".repeat(130)) }
}

fn repository(items: &[Item]) -> (tempfile::TempDir, Repository) {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(FixedClock::new(Instant::from_seconds(1_700_000_000)));
    let repository = Repository::init(folder.path(), &[], "https://example.org/", clock).expect("a thread");
    let mut changes = Vec::new();
    for (number, name, size) in items {
        let subject = iri(&format!("r/{number}"));
        changes.push(Change::Add(Statement::new(subject.clone(), rdf::TYPE.into_owned(), iri("Thing"))));
        if let Some(name) = name {
            changes.push(Change::Add(Statement::new(
                subject.clone(),
                iri("name"),
                Literal::from(text(*name)),
            )));
        }
        if let Some(size) = size {
            changes.push(Change::Add(Statement::new(subject, iri("size"), Literal::from(i64::from(*size)))));
        }
    }
    let request = CommitRequest { branch: "main".to_owned(), changes, ..Default::default() };
    repository.commit(&request).expect("a commit");
    (folder, repository)
}

/// Sorts as a page must: absent values last, first when descending, the IRI last of all.
fn sorted(items: &[Item], by_name: Option<bool>, by_size: Option<bool>) -> Vec<NamedNode> {
    fn order<T: Ord>(a: Option<T>, b: Option<T>, descending: bool) -> Ordering {
        let ascending = match (a, b) {
            (None, None) => Ordering::Equal,
            (None, _) => Ordering::Greater,
            (_, None) => Ordering::Less,
            (Some(a), Some(b)) => a.cmp(&b),
        };
        if descending { ascending.reverse() } else { ascending }
    }
    let mut items = items.to_vec();
    items.sort_by(|a, b| {
        let names = by_name.map_or(Ordering::Equal, |down| order(a.1.map(text), b.1.map(text), down));
        let sizes = by_size.map_or(Ordering::Equal, |down| order(a.2, b.2, down));
        let (a, b) = (iri(&format!("r/{}", a.0)), iri(&format!("r/{}", b.0)));
        names.then(sizes).then_with(|| a.as_str().cmp(b.as_str()))
    });
    items.iter().map(|item| iri(&format!("r/{}", item.0))).collect()
}

fn query(by_name: Option<bool>, by_size: Option<bool>, limit: usize) -> PageQuery {
    let key = |name: &str, descending| Order { predicate: Some(iri(name)), descending };
    let order =
        by_name.map(|down| key("name", down)).into_iter().chain(by_size.map(|down| key("size", down)));
    PageQuery {
        class: iri("Thing"),
        filter: None,
        order: order.collect(),
        after: None,
        before: None,
        limit,
        from_end: false,
        total: true,
    }
}

fn direction() -> impl Strategy<Value = Option<bool>> {
    prop::option::of(any::<bool>())
}

/// Values that are written in several ways, each with the filters that find them.
#[test]
fn filters_find_values_however_they_are_written() {
    let typed = |text: &str, datatype: NamedNodeRef<'_>| Literal::new_typed_literal(text, datatype);
    let values = [
        typed("9007199254740992", xsd::INTEGER),
        typed("9007199254740993", xsd::INTEGER),
        typed("-0.0", xsd::DOUBLE),
        typed("8.5E1", xsd::DOUBLE),
        typed("2024-05-01T08:00:00+02:00", xsd::DATE_TIME),
        typed("9999-12-31T23:59:59+02:00", xsd::DATE_TIME),
        typed("PT60M", xsd::DURATION),
        typed("P1D", xsd::DURATION),
        Literal::from("5 \u{b5}m"),
    ];
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(FixedClock::new(Instant::from_seconds(1_700_000_000)));
    let repository = Repository::init(folder.path(), &[], "https://example.org/", clock).expect("a thread");
    let changes = values.iter().enumerate().flat_map(|(number, value)| {
        let subject = iri(&format!("r/{number}"));
        [
            Change::Add(Statement::new(subject.clone(), rdf::TYPE.into_owned(), iri("Thing"))),
            Change::Add(Statement::new(subject, iri("value"), value.clone())),
        ]
    });
    let request =
        CommitRequest { branch: "main".to_owned(), changes: changes.collect(), ..Default::default() };
    repository.commit(&request).expect("a commit");
    let snapshot = repository.snapshot("main").expect("main");
    let found = |filter: Filter| -> Vec<usize> {
        let page = PageQuery { filter: Some(filter), ..query(None, None, 100) };
        let items = snapshot.page(&page).expect("a page").items;
        items.iter().filter_map(|(iri, _)| iri.as_str().rsplit('/').next()?.parse().ok()).collect()
    };
    let check = |comparison, literal: Literal, expect: &[usize]| {
        assert_eq!(
            found(Filter::Compare(iri("value"), comparison, literal.clone())),
            expect,
            "{comparison:?} {literal}"
        );
    };
    check(Comparison::Eq, typed("9007199254740993", xsd::INTEGER), &[1]);
    check(Comparison::Eq, typed("9007199254740993.0", xsd::DECIMAL), &[1]);
    check(Comparison::Gt, typed("9007199254740992", xsd::INTEGER), &[1]);
    check(Comparison::Lt, typed("9007199254740993", xsd::INTEGER), &[0, 2, 3]);
    check(Comparison::Eq, typed("0", xsd::INTEGER), &[2]);
    check(Comparison::Eq, typed("85.0", xsd::DECIMAL), &[3]);
    check(Comparison::Eq, typed("2024-05-01T06:00:00Z", xsd::DATE_TIME), &[4]);
    check(Comparison::Ge, typed("2024-05-01T02:00:00-04:00", xsd::DATE_TIME), &[4, 5]);
    check(Comparison::Gt, typed("2500-01-01T00:00:00Z", xsd::DATE_TIME), &[5]);
    check(Comparison::Eq, typed("PT3600S", xsd::DURATION), &[6]);
    check(Comparison::Eq, typed("PT24H", xsd::DURATION), &[7]);
    check(Comparison::Eq, Literal::from("5 \u{3bc}m"), &[8]);
    let one_of = |literal: Literal| found(Filter::OneOf(iri("value"), vec![literal.into()]));
    assert_eq!(one_of(typed("85", xsd::INTEGER)), [3]);
    assert_eq!(one_of(typed("PT1H", xsd::DURATION)), [6]);
    assert_eq!(one_of(Literal::from("5 \u{3bc}m")), [8]);
}

/// A thread of so many units, each with a serial of its own, a site of ten, and a link to a hub.
fn fleet(units: u32) -> (tempfile::TempDir, Repository) {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(FixedClock::new(Instant::from_seconds(1_700_000_000)));
    let repository = Repository::init(folder.path(), &[], "https://example.org/", clock).expect("a thread");
    let changes = (0..units).flat_map(|number| {
        let subject = iri(&format!("r/{number:05}"));
        let site = Literal::from(format!("site {}", number % 10));
        [
            Statement::new(subject.clone(), rdf::TYPE.into_owned(), iri("Thing")),
            Statement::new(subject.clone(), iri("serial"), Literal::from(format!("{:05}", units - number))),
            Statement::new(subject.clone(), iri("site"), site),
            Statement::new(subject, iri("on"), iri(&format!("hub/{}", number / 3))),
        ]
    });
    let changes = changes.map(Change::Add).collect();
    let request = CommitRequest { branch: "main".to_owned(), changes, ..Default::default() };
    repository.commit(&request).expect("a commit");
    (folder, repository)
}

/// The cost of a page follows what is on it, and what it walks over, not the class.
#[test]
fn pages_read_as_many_rows_of_a_large_class_as_of_a_small_one() {
    let (small, large) = (fleet(300), fleet(3000));
    let snapshots = [&small, &large].map(|(_, repository)| repository.snapshot("main").expect("main"));
    let by = |name: &str, descending| vec![Order { predicate: Some(iri(name)), descending }];
    let at_site = || Filter::Compare(iri("site"), Comparison::Eq, Literal::from("site 7"));
    let on_hub = || Filter::OneOf(iri("on"), vec![iri("hub/5").into()]);
    let has = |wanted| Filter::Has(iri("serial"), wanted);
    for (filter, order) in [
        (None, vec![]),
        (None, by("serial", false)),
        (None, by("serial", true)),
        (Some(at_site()), vec![]),
        (Some(at_site()), by("serial", false)),
        (Some(on_hub()), by("serial", true)),
        (Some(on_hub()), by("site", true)),
        (Some(Filter::And(vec![on_hub(), has(true)])), vec![]),
        (Some(Filter::And(vec![has(true), at_site()])), by("serial", false)),
        (Some(Filter::Not(Box::new(at_site()))), by("serial", false)),
        (Some(Filter::Text(iri("serial"), TextTest::Contains, "1".to_owned())), by("serial", false)),
    ] {
        let page = PageQuery { filter, order, total: false, ..query(None, None, 3) };
        let read = snapshots.each_ref().map(|snapshot| {
            // What is found of a whole class is remembered for a version.
            snapshot.page(&page).expect("a page");
            let (found, read) = rows_read::during(|| snapshot.page(&page).expect("a page"));
            assert_eq!(found.items.len(), 3, "{page:?}");
            read
        });
        assert_eq!(read[0], read[1], "{page:?}");
    }
}

/// What few pass, and what no index names, is still found where a walk would test too many.
#[test]
fn what_few_pass_is_found() {
    let (_folder, repository) = fleet(300);
    let snapshot = repository.snapshot("main").expect("main");
    let filter = Filter::Text(iri("serial"), TextTest::Contains, "00001".to_owned());
    let page = PageQuery { filter: Some(filter), total: true, ..query(None, None, 3) };
    let found = snapshot.page(&page).expect("a page");
    assert_eq!((found.items.len(), found.total, found.has_more), (1, Some(1), false));
    assert_eq!(found.items[0].0, iri("r/00299"));
    assert_eq!(snapshot.page(&PageQuery { total: false, ..page }).expect("a page").items, found.items);
}

#[test]
fn a_count_costs_what_was_touched_since_the_last_one() {
    let (_folder, repository) = repository(&(0..60).map(|number| (number, None, None)).collect::<Vec<_>>());
    let count = |version: &str| {
        let snapshot = repository.snapshot(version).expect("the version");
        let page = query(None, None, 0);
        let (page, read) = rows_read::during(|| snapshot.page_total(&page).expect("a count"));
        let instances = snapshot.instances(iri("Thing").as_ref()).expect("instances");
        assert_eq!(page.total, Some(instances.len()), "{version}");
        read
    };
    let thing = |number: u16| {
        let subject = iri(&format!("r/{number}"));
        Change::Add(Statement::new(subject, rdf::TYPE.into_owned(), iri("Thing")))
    };
    let commit = |branch: &str, changes: Vec<Change>| {
        let request = CommitRequest { branch: branch.to_owned(), changes, ..Default::default() };
        repository.commit(&request).expect("a commit").commit.id
    };
    let all = count("main");
    repository.create_branch("try", "main").expect("a branch");
    commit("main", vec![thing(100), thing(101), Change::Retire(iri("r/7"))]);
    assert!(count("main") < all / 2);
    let named = Statement::new(iri("r/8"), iri("name"), Literal::from("t"));
    let past = commit("main", vec![Change::Add(named)]);
    commit("main", vec![Change::Retire(iri("r/100")), thing(7)]);
    assert!(count("main") < all / 2);
    commit("try", vec![thing(200), Change::Retire(iri("r/9"))]);
    count("try");
    commit("try", vec![thing(9), thing(10), Change::Retire(iri("r/11"))]);
    assert!(count("try") < all / 2);
    count(&past.to_string());
    commit("main", (300..340).map(thing).collect());
    assert!(count("main") >= all, "where much was touched, all are counted");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn pages_in_either_direction_are_the_sorted_list(
        items in prop::collection::btree_map(0..300_u16, (prop::option::of(0..7_u8), prop::option::of(-2..3_i8)), 0..25),
        by_name in direction(),
        by_size in direction(),
        limit in 1..6_usize,
    ) {
        let items: Vec<Item> = items.into_iter().map(|(number, (name, size))| (number, name, size)).collect();
        let (_folder, repository) = repository(&items);
        let snapshot = repository.snapshot("main").expect("main");
        let expect = sorted(&items, by_name, by_size);

        let mut forward = Vec::new();
        let mut asked = query(by_name, by_size, limit);
        loop {
            let page = snapshot.page(&asked).expect("a page");
            prop_assert_eq!(page.total, Some(items.len()));
            asked.after = page.items.last().map(|(_, cursor)| cursor.clone());
            forward.extend(page.items.into_iter().map(|(iri, _)| iri));
            if !page.has_more {
                break;
            }
        }
        prop_assert_eq!(&forward, &expect);

        let mut backward = Vec::new();
        let mut asked = PageQuery { from_end: true, ..query(by_name, by_size, limit) };
        loop {
            let page = snapshot.page(&asked).expect("a page");
            asked.before = page.items.first().map(|(_, cursor)| cursor.clone());
            backward.splice(0..0, page.items.into_iter().map(|(iri, _)| iri));
            if !page.has_more {
                break;
            }
        }
        prop_assert_eq!(&backward, &expect);
    }

    #[test]
    fn filters_choose_what_holds(
        items in prop::collection::btree_map(0..300_u16, (prop::option::of(0..7_u8), prop::option::of(-2..3_i8)), 0..25),
        limit in -2..3_i8,
        name in 0..7_u8,
    ) {
        let items: Vec<Item> = items.into_iter().map(|(number, (name, size))| (number, name, size)).collect();
        let (_folder, repository) = repository(&items);
        let snapshot = repository.snapshot("main").expect("main");
        let check = |filter: Filter, holds: &dyn Fn(&Item) -> bool| {
            let page = PageQuery { filter: Some(filter.clone()), ..query(None, None, 100) };
            let page = snapshot.page(&page).expect("a page");
            let expect: Vec<Item> = items.iter().copied().filter(|item| holds(item)).collect();
            let got: Vec<_> = page.items.into_iter().map(|(iri, _)| iri).collect();
            assert_eq!(got, sorted(&expect, None, None), "{filter:?}");
        };
        let size = |comparison| Filter::Compare(iri("size"), comparison, Literal::from(i64::from(limit)));
        check(size(Comparison::Eq), &|item| item.2 == Some(limit));
        check(size(Comparison::Lt), &|item| item.2.is_some_and(|size| size < limit));
        check(size(Comparison::Le), &|item| item.2.is_some_and(|size| size <= limit));
        check(size(Comparison::Gt), &|item| item.2.is_some_and(|size| size > limit));
        check(size(Comparison::Ge), &|item| item.2.is_some_and(|size| size >= limit));
        // A decimal compares with an integer by value.
        let decimal = Literal::new_typed_literal(format!("{limit}.0"), xsd::DECIMAL);
        check(Filter::Compare(iri("size"), Comparison::Eq, decimal), &|item| item.2 == Some(limit));
        let named = |comparison| Filter::Compare(iri("name"), comparison, Literal::from(text(name)));
        check(named(Comparison::Eq), &|item| item.1 == Some(name));
        check(named(Comparison::Lt), &|item| item.1.is_some_and(|own| text(own) < text(name)));
        check(named(Comparison::Ge), &|item| item.1.is_some_and(|own| text(own) >= text(name)));
        let ending = text(name)[1..].to_uppercase();
        let holds = |item: &Item| item.1.is_some_and(|own| text(own).to_uppercase().contains(&ending));
        check(Filter::Text(iri("name"), TextTest::Contains, ending.clone()), &holds);
        check(Filter::Has(iri("size"), false), &|item| item.2.is_none());
        check(Filter::Not(Box::new(size(Comparison::Eq))), &|item| item.2 != Some(limit));
        check(Filter::OneOf(iri("name"), vec![Literal::from(text(name)).into()]), &|item| item.1 == Some(name));
        check(
            Filter::Or(vec![Filter::Has(iri("name"), false), Filter::And(vec![size(Comparison::Gt), Filter::Has(iri("name"), true)])]),
            &|item| item.1.is_none() || item.2.is_some_and(|size| size > limit),
        );
    }
}
