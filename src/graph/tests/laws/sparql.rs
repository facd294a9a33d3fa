//! SPARQL at any version answers as a plain oxigraph store that is loaded with that version.

use super::plain_store;
use super::*;
use crate::graph::read::sparql::{Error, Limits, Query, normalize};
use crate::model::statement::literal::canonical;
use oxigraph::model::Literal;
use oxigraph::sparql::{QueryResults, QuerySolution, SparqlEvaluator};
use spargebra::SparqlParser;
use std::time::Duration;

const VARIABLES: [&str; 4] = ["?a", "?b", "?c", "?d"];

fn one_of(texts: &[&str]) -> impl Strategy<Value = String> + Clone + use<> {
    prop::sample::select(texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>())
}

fn variable() -> impl Strategy<Value = String> {
    one_of(&VARIABLES)
}

fn subject_term() -> impl Strategy<Value = String> {
    prop_oneof![3 => variable(), 1 => one_of(&["<r/0>", "<r/0#part>", "<r/2>", "<r/9>"])]
}

fn constant() -> impl Strategy<Value = String> {
    one_of(&[
        "0",
        "00",
        "0.0",
        "2.5",
        "2.50",
        "1",
        "-1",
        "\"one\"",
        "\"one\"@en",
        "<elsewhere>",
        "<r/2>",
        "true",
        "\"2024-01-01T00:00:00Z\"^^xsd:dateTime",
        "\"2024-01-01T01:00:00+01:00\"^^xsd:dateTime",
        "1e0",
    ])
}

fn path() -> impl Strategy<Value = String> {
    let step = one_of(&["<p/0>", "<p/1>", "<p/2>", "<p/3>", "!<p/0>", "!(<p/1>|^<p/0>)"]);
    step.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}/{b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}|{b})")),
            (inner.clone(), one_of(&["*", "+", "?"])).prop_map(|(a, times)| format!("({a}){times}")),
            inner.prop_map(|a| format!("^({a})")),
        ]
    })
}

fn triple() -> impl Strategy<Value = String> {
    let predicate = prop_oneof![4 => one_of(&["<p/0>", "<p/1>", "<p/2>", "<p/3>", "<p/9>"]), 1 => variable(), 1 => path()];
    let object = prop_oneof![3 => variable(), 1 => constant()];
    (subject_term(), predicate, object).prop_map(|(s, p, o)| format!("{s} {p} {o} . "))
}

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![3 => variable(), 2 => constant()];
    leaf.prop_recursive(3, 8, 2, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            3 => (two.clone(), one_of(&["=", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "&&", "||"]))
                .prop_map(|((a, b), sign)| format!("({a} {sign} {b})")),
            1 => inner.clone().prop_map(|a| format!("(!{a})")),
            1 => variable().prop_map(|a| format!("BOUND({a})")),
            2 => (inner.clone(), one_of(&["isIRI", "isLiteral", "isNumeric", "STR", "DATATYPE", "LANG", "YEAR", "HOURS", "TZ", "STRLEN", "ABS", "CEIL", "UCASE", "MD5"]))
                .prop_map(|(a, name)| format!("{name}({a})")),
            1 => two.clone().prop_map(|(a, b)| format!("({a} IN ({b}, 0, \"one\"))")),
            1 => two.clone().prop_map(|(a, b)| format!("COALESCE({a}, {b})")),
            1 => two.clone().prop_map(|(a, b)| format!("IF(BOUND(?a), {a}, {b})")),
            1 => two.clone().prop_map(|(a, b)| format!("sameTerm({a}, {b})")),
            1 => two.prop_map(|(a, b)| format!("CONTAINS(STR({a}), STR({b}))")),
            1 => inner.prop_map(|a| format!("REGEX(STR({a}), \"^h.*[0-4]$\")")),
        ]
    })
}

/// What is between `{` and `}`.
fn pattern() -> impl Strategy<Value = String> {
    let triples = prop::collection::vec(triple(), 1..3).prop_map(|triples| triples.concat());
    triples.prop_recursive(2, 5, 2, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            two.clone().prop_map(|(a, b)| format!("{a} {{ {b} }}")),
            two.clone().prop_map(|(a, b)| format!("{a} OPTIONAL {{ {b} }}")),
            (two.clone(), expression()).prop_map(|((a, b), e)| format!("{a} OPTIONAL {{ {b} FILTER({e}) }}")),
            two.clone().prop_map(|(a, b)| format!("{{ {a} }} UNION {{ {b} }}")),
            two.clone().prop_map(|(a, b)| format!("{a} MINUS {{ {b} }}")),
            two.clone().prop_map(|(a, b)| format!("{a} FILTER EXISTS {{ {b} }}")),
            two.prop_map(|(a, b)| format!("{a} FILTER NOT EXISTS {{ {b} }}")),
            (inner.clone(), expression()).prop_map(|(a, e)| format!("{a} FILTER({e})")),
            (inner.clone(), expression()).prop_map(|(a, e)| format!("{a} BIND({e} AS ?bound)")),
            (inner.clone(), constant())
                .prop_map(|(a, c)| format!("{a} VALUES (?a ?c) {{ (<r/0> {c}) (UNDEF 0) (<r/2> UNDEF) }}")),
            inner.clone().prop_map(|a| format!("GRAPH ?g {{ {a} }}")),
            inner.clone().prop_map(|a| format!("{{ SELECT DISTINCT ?a ?b {{ {a} }} }}")),
            inner.prop_map(|a| format!("{{ SELECT ?a (COUNT(*) AS ?d) {{ {a} }} GROUP BY ?a }}")),
        ]
    })
}

/// A query, and what two answers to it have in common.
#[derive(Clone, Debug)]
struct Asked {
    query: String,
    alike: Alike,
}

/// What two right answers have in common.
#[derive(Clone, Copy, Debug)]
enum Alike {
    /// The solutions, each as often.
    Bag,
    /// The solutions, however often.
    Set,
    /// The solutions, each as often, and the order of the values of `?b` and `?c`.
    Keys,
    /// The solutions in their order.
    Sequence,
}

/// An order that leaves no two different solutions beside each other: equal numbers go by their datatypes, equal instants by
/// their texts.
fn total_order() -> impl Strategy<Value = String> {
    let part = one_of(&["", " LIMIT 3", " OFFSET 2", " LIMIT 2 OFFSET 1"]);
    (one_of(&["ASC", "DESC"]), one_of(&["ASC", "DESC"]), part).prop_map(|(one, other, part)| {
        let ties = ["?a", "?b", "?c"].map(|of| format!("DATATYPE({of}) STR({of})")).join(" ");
        format!("ORDER BY {one}(?b) {other}(?a) ?c {ties}{part}")
    })
}

/// A pattern that has many solutions, so that there is something to order.
fn wide_pattern() -> impl Strategy<Value = String> {
    let wide = one_of(&[
        "?a ?c ?b",
        "?a ?d ?b OPTIONAL { ?b ?d ?c }",
        "{ ?a <p/0> ?b } UNION { ?a <p/1> ?c } UNION { ?c <p/2> ?b }",
        "?a <p/0>|<p/1>|<p/2> ?b , ?c",
    ]);
    prop_oneof![3 => wide, 1 => pattern()]
}

fn query() -> impl Strategy<Value = Asked> {
    let aggregate = one_of(&[
        "COUNT(*)",
        "COUNT(DISTINCT *)",
        "COUNT(?b)",
        "COUNT(DISTINCT ?c)",
        "SUM(?c)",
        "AVG(?c)",
        "SUM(DISTINCT ?b)",
        "MIN(STR(?b))",
        "MAX(STR(?c))",
    ]);
    let bag = prop_oneof![
        4 => pattern().prop_map(|p| format!("SELECT ?a ?b ?c ?d ?bound {{ {p} }}")),
        2 => pattern().prop_map(|p| format!("SELECT DISTINCT ?a ?c {{ {p} }}")),
        1 => (pattern(), expression()).prop_map(|(p, e)| format!("SELECT ?a ({e} AS ?x) {{ {p} }}")),
        2 => (pattern(), aggregate.clone()).prop_map(|(p, f)| format!("SELECT ?a ({f} AS ?n) {{ {p} }} GROUP BY ?a")),
        1 => (pattern(), aggregate).prop_map(|(p, f)| format!("SELECT ?a ?b {{ {p} }} GROUP BY ?a ?b HAVING({f} > 1)")),
        1 => pattern().prop_map(|p| format!("ASK {{ {p} }}")),
        1 => pattern().prop_map(|p| format!("CONSTRUCT {{ ?a ?b ?c . ?b <p/x> ?d, 1 }} {{ {p} }}")),
        1 => pattern().prop_map(|p| format!("DESCRIBE ?a <r/2> {{ {p} }}")),
    ];
    let keys = wide_pattern().prop_map(|p| format!("SELECT ?a ?b ?c ?d {{ {p} }} ORDER BY ?b DESC(?c)"));
    let sequence = (one_of(&["", "DISTINCT "]), wide_pattern(), total_order())
        .prop_map(|(distinct, p, order)| format!("SELECT {distinct}?a ?b ?c {{ {p} }} {order}"));
    let set = wide_pattern().prop_map(|p| format!("SELECT REDUCED ?a ?c {{ {p} }}"));
    let form = prop_oneof![
        12 => (bag, Just(Alike::Bag)),
        1 => (keys, Just(Alike::Keys)),
        3 => (sequence, Just(Alike::Sequence)),
        1 => (set, Just(Alike::Set)),
    ];
    let prologue = format!("BASE <{BASE}> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> ");
    form.prop_map(move |(form, alike)| Asked { query: format!("{prologue}{form}"), alike })
}

/// Returns an answer as text, as a multiset.
pub(super) fn listing(results: QueryResults<'_>) -> String {
    listing_alike(results, Alike::Bag)
}

/// Returns an answer as text, of which equal parts are alike. A failure is an answer too. A plain store writes 2.0 as 2, so
/// numbers are compared as the thread writes them.
fn listing_alike(results: QueryResults<'_>, alike: Alike) -> String {
    let mut keys = Vec::new();
    let mut lines: Vec<String> = match results {
        QueryResults::Boolean(value) => vec![value.to_string()],
        QueryResults::Solutions(solutions) => solutions
            .map(|solution| {
                keys.push(solution.as_ref().map_or_else(ToString::to_string, keys_of));
                solution.map_or_else(|error| error.to_string(), |solution| line(&solution))
            })
            .collect(),
        QueryResults::Graph(statements) => {
            let lines = statements.map(|statement| match statement {
                Ok(s) => format!("{} {} {}", s.subject, s.predicate, canonical(s.object)),
                Err(error) => error.to_string(),
            });
            // A graph is a set; only what is streamed twice may differ.
            lines.collect::<BTreeSet<_>>().into_iter().collect()
        }
    };
    if !matches!(alike, Alike::Sequence) {
        lines.sort_unstable();
    }
    match alike {
        Alike::Bag | Alike::Sequence => {}
        Alike::Set => lines.dedup(),
        Alike::Keys => lines.extend(keys),
    }
    lines.join("\n")
}

fn line(solution: &QuerySolution) -> String {
    solution.iter().map(|(variable, term)| format!("{variable}={} ", canonical(term.clone()))).collect()
}

/// Returns what a solution is ordered by, by value: 2.0 and 2.0E0 are in any order, as do two texts of one instant.
fn keys_of(solution: &QuerySolution) -> String {
    let value = |term: &Term| match term {
        Term::Literal(literal) => value(literal).unwrap_or_else(|| term.to_string()),
        _ => term.to_string(),
    };
    ["b", "c"].map(|name| solution.get(name).map(value).unwrap_or_default()).join(" ")
}

fn value(literal: &Literal) -> Option<String> {
    use oxigraph::model::vocab::xsd;
    match literal.datatype() {
        xsd::INTEGER | xsd::DECIMAL | xsd::DOUBLE => Some(literal.value().parse::<f64>().ok()?.to_string()),
        xsd::DATE_TIME => Some(literal.value().parse::<Instant>().ok()?.to_string()),
        _ => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 30, ..ProptestConfig::default() })]

    #[test]
    fn sparql_answers_as_a_plain_store(
        steps in prop::collection::vec(step(), 4..12),
        queries in prop::collection::vec(query(), 30..60),
    ) {
        let mut world = World::new();
        for step in &steps {
            world.run(step);
        }
        let limits = Limits { time: Duration::from_millis(200), ..Limits::none() };
        let git = plain_store::git(world.folder.path());
        for (at, id) in world.versions.keys().enumerate() {
            let plain = plain_store::load(&git, *id);
            let snapshot = world.repository.snapshot_at(*id).expect("a version");
            // Each version is asked a part of the queries, so that many histories are tried.
            for Asked { query, alike } in queries.iter().skip(at % 2).step_by(2) {
                let read = Query::read(query.as_str()).expect("a query");
                let ours = snapshot.query(&read, &limits, |results| Ok(listing_alike(results, *alike)));
                // A cross product that takes long here would take long there.
                if matches!(ours, Err(Error::Late(_))) {
                    continue;
                }
                // Some random texts are no queries: a variable is bound twice. Both must report it.
                let Ok(mut parsed) = SparqlParser::new().parse_query(query) else {
                    prop_assert!(matches!(ours, Err(Error::Malformed(_))), "{}", query);
                    continue;
                };
                normalize(&mut parsed);
                let oracle = SparqlEvaluator::new().for_query(parsed).on_store(&plain).execute();
                match (ours, oracle) {
                    (Ok(ours), Ok(oracle)) => prop_assert_eq!(ours, listing_alike(oracle, *alike), "{}", query),
                    (Err(Error::Failed(ours)), Err(oracle)) => prop_assert_eq!(ours, oracle.to_string()),
                    (ours, oracle) => prop_assert!(false, "{query}: {ours:?}, {:?}", oracle.map(listing)),
                }
            }
        }
    }
}
