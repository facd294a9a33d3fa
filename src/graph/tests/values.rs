//! Values that their datatypes do not have, and values that come again in another spelling.

use super::*;
use crate::graph::read::sparql::{Format, Limits, Query};
use oxigraph::model::vocab::xsd;
use oxigraph::model::{NamedNodeRef, Term};

fn value(subject: &str, predicate: &str, text: &str, datatype: NamedNodeRef<'_>) -> Statement {
    Statement::new(iri(subject), iri(predicate), Literal::new_typed_literal(text, datatype))
}

fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Violations(found)) => found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_a_datatype_does_not_have_is_refused_wherever_it_enters() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    let head = || repository.snapshot("main").expect("main").commit().id;
    let first = head();
    let wrong = value("a", "p", "+-5", xsd::DECIMAL);
    let set = Change::Set { subject: iri("a"), predicate: iri("p"), values: vec![wrong.object.clone()] };
    let replace = Change::Replace { resource: iri("a"), statements: vec![wrong.clone()] };
    for change in [Change::Add(wrong.clone()), set, replace] {
        let message = refusal(commit(&repository, vec![change]));
        assert!(
            message.contains("a") && message.contains("\"+-5\" is no xsd:decimal: write a decimal"),
            "{message}"
        );
    }
    let both = [wrong.clone(), value("b", "p", "-", xsd::DECIMAL), value("c", "p", "1", xsd::DECIMAL)];
    let message = refusal(import(&repository, "tool", &both));
    assert_eq!(message.lines().count(), 2, "{message}");
    assert_eq!(head(), first);
    // What is not there is no fault to remove, and SPARQL may ask for anything.
    commit(&repository, vec![Change::Remove(wrong)]).expect("nothing to do");
    let query = format!("ASK {{ ?s ?p \"+-5\"^^<{}> }}", xsd::DECIMAL.as_str());
    assert_eq!(answer(&repository, &query), "false");
}

fn answer(repository: &Repository, query: &str) -> String {
    let snapshot = repository.snapshot("main").expect("main");
    let mut bytes = Vec::new();
    let query = Query::read(format!("PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> BASE <{BASE}> {query}"));
    let query = query.expect("a query");
    let format = if query.text().contains("SELECT") {
        "csv"
    } else if query.text().contains("CONSTRUCT") {
        "ntriples"
    } else {
        "json"
    };
    let format = Format::named(format).expect("a format");
    snapshot.answer(&query, format, &Limits::none(), &mut bytes).expect("an answer");
    let text = String::from_utf8(bytes).expect("UTF-8");
    match text.split_once("\"boolean\":") {
        Some((_, message)) => message.trim_end_matches('}').to_owned(),
        None => text.lines().filter(|line| *line != "s").collect::<Vec<_>>().join(" "),
    }
}

#[test]
fn a_value_that_comes_again_in_another_spelling_makes_no_commit() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    let spellings =
        [("85", xsd::INTEGER), ("85.0", xsd::DECIMAL), ("8.5E1", xsd::DOUBLE), ("+85.00", xsd::DECIMAL)];
    let both = |(text, datatype)| [value("a", "limit", text, datatype), triple("a", "title", "A")];
    let first = import(&repository, "plm", &both(spellings[0])).expect("an import").commit.id;
    for spelling in spellings {
        let again = import(&repository, "plm", &both(spelling)).expect("an import");
        assert_eq!((again.commit.id, again.changed), (first, 0), "{spelling:?}");
    }
    // Another source has the same in its own spelling, and keeps it when the first drops it.
    let other = import(&repository, "alm", &[value("a", "limit", "85.0", xsd::DECIMAL)]).expect("an import");
    assert_eq!(other.changed, 0);
    import(&repository, "plm", &[triple("a", "title", "A")]).expect("an import");
    assert_eq!(all(&repository).len(), 2);
    commit(&repository, vec![Change::Remove(value("a", "limit", "8.5E1", xsd::DOUBLE))]).expect("a commit");
    assert_eq!(all(&repository).len(), 1);
}

#[test]
fn the_constants_of_a_query_are_written_as_the_data() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    let statements = [
        value("a", "at", "2024-05-01T08:00:00+02:00", xsd::DATE_TIME),
        value("a", "number", "007", xsd::INTEGER),
        value("a", "every", "PT60M", xsd::DURATION),
        value("a", "short", "+7", xsd::SHORT),
        Statement::new(iri("a"), iri("next"), iri("b")),
        value("b", "at", "2024-05-02T00:00:00Z", xsd::DATE_TIME),
    ];
    import(&repository, "tool", &statements).expect("an import");
    let at = "\"2024-05-01T08:00:00+02:00\"^^xsd:dateTime";
    let found = format!("{BASE}a");
    for (query, expect) in [
        (format!("SELECT ?s {{ ?s <at> {at} }}"), found.as_str()),
        (format!("SELECT ?s {{ ?s <at> ?at FILTER(?at = {at}) }}"), &found),
        (format!("SELECT ?s {{ ?s <at> ?at FILTER(?at IN ({at}, 5)) }}"), &found),
        (format!("SELECT ?s {{ ?s <at> ?at FILTER(?at NOT IN ({at})) }}"), &format!("{BASE}b")),
        (format!("SELECT ?s {{ ?s <at> ?at FILTER(sameTerm(?at, {at})) }}"), &found),
        (format!("SELECT ?s {{ ?s <at> ?at FILTER(STR(?at) = STR({at})) }}"), &found),
        (format!("SELECT ?s {{ VALUES ?at {{ {at} }} ?s <at> ?at }}"), &found),
        (format!("SELECT ?s {{ ?s <at> ?at }} VALUES ?at {{ {at} }}"), &found),
        (format!("SELECT ?s {{ BIND({at} AS ?at) ?s <at> ?at }}"), &found),
        (format!("SELECT ?s {{ ?s <at> ?at MINUS {{ ?s <at> {at} }} }}"), &format!("{BASE}b")),
        (format!("SELECT ?s {{ ?s <next>? ?o . ?o <at> {at} }}"), &found),
        (format!("SELECT ?s {{ ?s ?p ?o FILTER EXISTS {{ ?s <at> {at} }} }} GROUP BY ?s"), &found),
        (format!("SELECT ?s {{ {{ SELECT ?s {{ ?s <at> {at} }} }} }}"), &found),
        (format!("SELECT (SUM(IF(?at = {at}, 1, 0)) AS ?s) {{ ?a <at> ?at }}"), "1"),
        (
            format!(
                "SELECT (COUNT(DISTINCT ?x) AS ?s) {{ ?a <at> ?at BIND(IF(?a = <a>, {at}, ?at) AS ?x) }}"
            ),
            "2",
        ),
        (format!("SELECT (STR({at}) AS ?s) {{}}"), "2024-05-01T06:00:00Z"),
        (
            format!("CONSTRUCT {{ <x> <y> {at} }} {{ <a> <at> {at} }}"),
            &format!("<{BASE}x> <{BASE}y> \"2024-05-01T06:00:00Z\"^^<{}> .", xsd::DATE_TIME.as_str()),
        ),
        ("SELECT ?s { ?s <number> 007 }".to_owned(), &found),
        ("SELECT ?s { ?s <number> +7 }".to_owned(), &found),
        ("SELECT ?s { ?s <number> ?n FILTER(?n = 7.0) }".to_owned(), &found),
        ("SELECT ?s { ?s <every> \"PT60M\"^^xsd:duration }".to_owned(), &found),
        ("SELECT ?s { ?s <every> \"PT3600S\"^^xsd:duration }".to_owned(), &found),
        ("SELECT ?s { ?s <every> ?e FILTER(?e = \"PT1H\"^^xsd:duration) }".to_owned(), &found),
        ("SELECT ?s { ?s <short> \"007\"^^xsd:short }".to_owned(), &found),
        (
            "SELECT ?s { BIND(STRDT(\"2024-05-01T08:00:00+02:00\", xsd:dateTime) AS ?at) ?s <at> ?at }"
                .to_owned(),
            &found,
        ),
    ] {
        assert_eq!(answer(&repository, &query), *expect, "{query}");
    }
}

#[test]
fn two_who_write_one_value_differently_do_not_conflict() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    let set = |branch: &str, text: &str, datatype| {
        let statement = value("a", "limit", text, datatype);
        let values: Vec<Term> = vec![statement.object];
        let change = Change::Set { subject: statement.subject, predicate: statement.predicate, values };
        let request =
            CommitRequest { branch: branch.to_owned(), changes: vec![change], ..Default::default() };
        repository.commit(&request).expect("a commit")
    };
    set("main", "85", xsd::INTEGER);
    repository.create_branch("try", "main").expect("a branch");
    set("main", "80", xsd::INTEGER);
    set("try", "80.00", xsd::DECIMAL);
    let merge = |into: &str, source: &str| {
        repository.merge(&MergeRequest {
            source: source.to_owned(),
            into: into.to_owned(),
            ..Default::default()
        })
    };
    let merged = merge("main", "try").expect("no conflict");
    assert_eq!(merged.changed, 0);
    // One side goes on, the other only spells: the change is taken.
    merge("try", "main").expect("a merge");
    set("try", "82", xsd::INTEGER);
    merge("main", "try").expect("a merge");
    assert_eq!(all(&repository), [value("a", "limit", "82", xsd::INTEGER).to_string()]);
    set("main", "83", xsd::INTEGER);
    set("try", "84.0", xsd::DECIMAL);
    assert!(matches!(merge("main", "try"), Err(Error::Conflict(_))));
}

/// Texts that name something, each in two spellings: other signs for one letter, and letters composed or not.
const NAMES: [(&str, &str); 5] = [
    ("5 \u{b5}m", "5 \u{3bc}m"),
    ("2 k\u{2126}", "2 k\u{3a9}"),
    ("90 \u{2103}", "90 \u{b0}C"),
    ("Gef\u{e4}\u{df}", "Gefa\u{308}\u{df}"),
    ("\u{212b}", "A\u{30a}"),
];

fn identifier(subject: &str, text: &str) -> Statement {
    Statement::new(iri(subject), crate::ontology::terms::dcterms::IDENTIFIER, Literal::from(text))
}

#[test]
fn a_name_in_another_unicode_spelling_is_no_change() {
    for (first, other) in NAMES.into_iter().flat_map(|(one, two)| [(one, two), (two, one)]) {
        let folder = tempfile::tempdir().expect("a folder");
        let repository = repository(folder.path());
        let both = |text: &str| [identifier("a", text), triple("a", "title", "A")];
        let made = import(&repository, "plm", &both(first)).expect("an import").commit.id;
        let again = import(&repository, "plm", &both(other)).expect("an import");
        assert_eq!((again.commit.id, again.changed), (made, 0), "{first} {other}");
        let edit = commit(&repository, vec![set_identifier("a", other)]).expect("nothing to do");
        assert_eq!(edit.changed, 0, "{first} {other}");
        // A text that names nothing is what it is.
        commit(&repository, vec![Change::Add(triple("a", "note", first))]).expect("a commit");
        let note = Change::Set {
            subject: iri("a"),
            predicate: iri("note"),
            values: vec![Literal::from(other).into()],
        };
        assert_eq!(commit(&repository, vec![note]).expect("a commit").changed, 2, "{first} {other}");
    }
}

fn set_identifier(subject: &str, text: &str) -> Change {
    let Statement { subject, predicate, object } = identifier(subject, text);
    Change::Set { subject, predicate, values: vec![object] }
}

#[test]
fn two_who_spell_a_name_differently_do_not_conflict() {
    for (first, other) in NAMES.into_iter().flat_map(|(one, two)| [(one, two), (two, one)]) {
        let folder = tempfile::tempdir().expect("a folder");
        let repository = repository(folder.path());
        let set = |branch: &str, text: &str| {
            let changes = vec![set_identifier("a", text)];
            let request = CommitRequest { branch: branch.to_owned(), changes, ..Default::default() };
            repository.commit(&request).expect("a commit")
        };
        let merge = |into: &str, source: &str| {
            let (source, into) = (source.to_owned(), into.to_owned());
            repository.merge(&MergeRequest { source, into, ..Default::default() })
        };
        set("main", "before");
        repository.create_branch("try", "main").expect("a branch");
        set("main", first);
        set("try", other);
        let (main, branch) =
            (repository.snapshot("main").expect("main"), repository.snapshot("try").expect("try"));
        let diff = repository.diff(&main, &branch, None).expect("a diff");
        assert!(diff.resources.is_empty(), "{first} {other}: {:?}", diff.resources);
        assert_eq!(merge("main", "try").expect("no conflict").changed, 0, "{first} {other}");
        assert_eq!(all(&repository), [identifier("a", first).to_string()]);
        // One side renames, the other only spells: the new name is taken.
        set("try", "after");
        merge("main", "try").expect("a merge");
        assert_eq!(all(&repository), [identifier("a", "after").to_string()]);
    }
}

/// SPARQL compares texts as they are written, as its recommendation has it: names are stored as they came.
#[test]
fn a_query_compares_names_as_they_are_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    for (first, other) in NAMES {
        commit(&repository, vec![set_identifier("a", first)]).expect("a commit");
        let ask = |text: &str| {
            let query = format!("ASK {{ ?s <http://purl.org/dc/terms/identifier> \"{text}\" }}");
            answer(&repository, &query)
        };
        assert_eq!((ask(first), ask(other)), ("true".to_owned(), "false".to_owned()), "{first} {other}");
    }
}
