//! Pages against a plain sort of the same resources.

use super::*;
use crate::graph::{CommitRequest, Repository};
use crate::model::change::Change;
use crate::model::clock::FixedClock;
use crate::model::instant::Instant;
use crate::model::statement::Statement;
use oxigraph::model::NamedNodeRef;
use oxigraph::model::vocab::xsd;
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
            prop_assert_eq!(page.total, items.len());
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
