//! A previewed version answers as the version of a commit of the same changes, and a preview leaves no trace.

use super::*;
use crate::graph::read::sparql::{Limits, Query};
use oxigraph::model::vocab::rdf;

/// Makes a change out of small numbers; what is typed is in the ordered rows of its class.
fn edit() -> impl Strategy<Value = (u8, u8, u8, bool)> + Clone {
    (0..8_u8, 0..4_u8, 0..8_u8, prop::bool::weighted(0.6))
}

fn change(&(s, p, o, add): &(u8, u8, u8, bool)) -> Change {
    let statement = match (p, o) {
        (3, o) => Statement::new(subject(s), rdf::TYPE.into_owned(), class(o % 2)),
        // Terms that no statement had before.
        (p, 6..) => Statement::new(
            subject(s),
            iri(&format!("p/{p}")),
            Literal::new_simple_literal(format!("new {o}")),
        ),
        _ => statement(s, p, o),
    };
    if add { Change::Add(statement) } else { Change::Remove(statement) }
}

fn class(number: u8) -> NamedNode {
    iri(&format!("Class{number}"))
}

/// Everything that a version answers, with the id of its own commit left open.
fn answers(version: &Snapshot) -> Vec<String> {
    let own = version.commit().id.to_string();
    let mut answers = Vec::new();
    let mut record = |what: &dyn std::fmt::Debug| answers.push(format!("{what:?}").replace(&own, "its own"));
    record(&version.matching(None, None, None));
    record(&version.roots());
    let properties = [iri("p/0"), iri("p/1")];
    let rewritten = version.rewritten(&properties).expect("resources");
    let anew = version.rewritten_of_all(&properties).expect("resources");
    assert_eq!(
        rewritten.iter().map(|iri| iri.as_str().to_owned()).collect::<std::collections::BTreeSet<_>>(),
        anew
    );
    record(&rewritten);
    for number in 0..8 {
        let (about, value) = (subject(number), crate::model::statement::literal::canonical(object(number)));
        record(&(version.exists(&about), version.document(&about), version.classes_of(&about)));
        record(&version.statements(&about));
        record(&(
            version.matching(None, None, Some(&value)),
            version.matching(Some(&about), None, Some(&value)),
        ));
        for predicate in 0..3 {
            let predicate = iri(&format!("p/{predicate}"));
            record(&(
                version.values(&about, predicate.as_ref()),
                version.subjects(predicate.as_ref(), &value),
            ));
        }
        let timeline = version.timeline(&about).expect("a timeline");
        let named = |change: ResourceChange| (change.commit.id, change.difference, change.properties);
        let changes = timeline.changes(None, 100).expect("changes");
        record(&changes.into_iter().map(named).collect::<Vec<_>>());
        record(&timeline.statements_at(version.commit().id));
        let blame = version.blame(&about).expect("blame");
        for line in &blame {
            assert_eq!(version.origin(&line.statement).expect("an origin").as_ref(), Some(&line.commit));
        }
        record(&blame.into_iter().map(|line| (line.statement, line.commit.id)).collect::<Vec<_>>());
    }
    for query in pages() {
        record(&version.page(&query));
    }
    for query in [
        "SELECT * { ?a ?p ?b . OPTIONAL { ?b ?q ?c } } ORDER BY ?a ?p ?b ?q ?c",
        "SELECT ?v { <r/0> (<p/0>|<p/1>)/^<p/1> ?v }",
    ] {
        record(&rows(version, query));
    }
    answers
}

fn pages() -> Vec<PageQuery> {
    let by = |predicate: Option<&str>, descending| Order { predicate: predicate.map(iri), descending };
    let one = || Literal::new_simple_literal("new 6");
    let filters = [
        None,
        Some(Filter::Has(iri("p/1"), false)),
        Some(Filter::Compare(iri("p/0"), Comparison::Ge, one())),
        Some(Filter::Text(iri("p/1"), TextTest::Contains, "NE".to_owned())),
        Some(Filter::OneOf(iri("p/2"), vec![iri("r/2").into(), one().into()])),
        Some(Filter::LinkedFrom(iri("p/0"), vec![subject(0), subject(1)])),
    ];
    let mut pages = Vec::new();
    for (number, filter) in filters.into_iter().enumerate() {
        for (order, from_end) in
            [(by(None, false), false), (by(Some("p/0"), true), false), (by(Some("p/1"), false), true)]
        {
            pages.push(PageQuery {
                class: class(u8::try_from(number % 2).expect("small")),
                filter: filter.clone(),
                order: vec![order],
                after: None,
                before: None,
                limit: 3,
                from_end,
                total: true,
            });
        }
    }
    pages
}

fn rows(version: &Snapshot, query: &str) -> String {
    let query = Query::read(format!("BASE <{BASE}> {query}").as_str()).expect("a query");
    version.query(&query, &Limits::none(), |results| Ok(super::sparql::listing(results))).expect("an answer")
}

/// Every file below a folder with its bytes.
pub(crate) fn bytes(folder: &Path) -> BTreeMap<std::path::PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => files.extend(bytes(&path)),
            false => drop(files.insert(path.clone(), std::fs::read(path).expect("a file"))),
        }
    }
    files
}

fn as_changes(edits: &[(u8, u8, u8, bool)], retired: Option<u8>, state: &BTreeSet<Statement>) -> Vec<Change> {
    let mut changes: Vec<Change> = edits.iter().map(change).collect();
    let resource = retired.map(|number| subject(number - number % 2));
    let known = |resource: &NamedNode| {
        let removes = |edit: &Change| matches!(edit, Change::Remove(_));
        !changes.iter().any(removes) && state.iter().any(|statement| statement.subject == *resource)
    };
    changes.extend(resource.filter(known).map(Change::Retire));
    changes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn a_preview_answers_as_the_commit(
        steps in prop::collection::vec(step(), 1..15),
        typed in prop::collection::vec((0..8_u8, 0..2_u8), 0..6),
        at in 0..20_usize,
        edits in prop::collection::vec(edit(), 1..8),
        retired in prop::option::of(0..6_u8),
    ) {
        let mut world = World::new();
        for step in &steps {
            world.run(step);
        }
        world.commit(0, typed.iter().map(|&(s, o)| change(&(s, 3, o, true))).collect());
        let at = world.order[(world.order.len() - 1).saturating_sub(at)];
        let version = world.repository.snapshot_at(at).expect("a version");
        let changes = as_changes(&edits, retired, &world.versions[&at]);

        let (before, first) = (bytes(world.folder.path()), answers(&version));
        let preview = world.repository.preview(&version, &changes).expect("a preview");
        let answered = answers(&preview.snapshot);
        prop_assert!(before == bytes(world.folder.path()), "something was written");
        prop_assert_eq!(&first, &answers(&version));

        world.repository.create_branch("real", &at.to_string()).expect("a branch");
        let request = CommitRequest { branch: "real".to_owned(), message: "real".to_owned(), changes, ..Default::default() };
        match world.repository.commit(&request) {
            Ok(committed) => {
                let real = world.repository.snapshot("real").expect("the version");
                prop_assert_eq!(&answered, &answers(&real));
                prop_assert_eq!(&answered, &answers(&preview.snapshot));
                prop_assert!(preview.violations.is_empty());
                prop_assert_eq!(preview.changed, committed.changed);
                let diff = world.repository.diff(&version, &real, None).expect("a diff");
                prop_assert_eq!(preview.diff.total, diff.resources.len());
                prop_assert_eq!(preview.diff.resources, diff.resources);
                prop_assert_eq!(preview.snapshot.commit().id.is_preview(), committed.changed > 0);
            }
            Err(Error::Linked { inbound, .. }) => {
                let reported: Vec<_> = preview.violations.iter().map(|violation| &violation.resource).collect();
                prop_assert!(inbound.iter().all(|link| reported.contains(&&link.subject)));
            }
            Err(error) => prop_assert!(false, "{error}"),
        }
    }
}

#[test]
fn a_preview_cannot_be_previewed_on() {
    let world = World::new();
    let main = world.repository.snapshot("main").expect("main");
    let with = |version: &Snapshot, value: u8| {
        world.repository.preview(version, &[Change::Add(statement(0, 0, value))])
    };
    let preview = with(&main, 1).expect("a preview").snapshot;
    assert!(matches!(with(&preview, 2), Err(Error::OnlySupposed(id)) if id == preview.commit().id));
    assert_eq!(preview.commit().parents, [main.commit().id]);
    // Equal changes are one version, others another.
    let id = |value| with(&main, value).expect("a preview").snapshot.commit().id;
    assert!(id(1) == preview.commit().id && id(2) != id(1));
    let unknown = world.repository.snapshot(&preview.commit().id.to_string());
    assert!(matches!(unknown, Err(Error::UnknownVersion(_))), "it is in no history");
}
