//! SPARQL at any version answers as a plain oxigraph store that is loaded with that version.

use super::*;
use crate::graph::sparql::{Error, Limits, Query, as_kept};
use oxigraph::model::{GraphName, Quad};
use oxigraph::sparql::{QueryResults, SparqlEvaluator};
use oxigraph::store::Store;
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

/// What stands between `{` and `}`.
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

fn query() -> impl Strategy<Value = String> {
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
    let form = prop_oneof![
        4 => pattern().prop_map(|p| format!("SELECT ?a ?b ?c ?d ?bound {{ {p} }}")),
        2 => pattern().prop_map(|p| format!("SELECT DISTINCT ?a ?c {{ {p} }}")),
        1 => pattern().prop_map(|p| format!("SELECT ?a ?b ?c ?d {{ {p} }} ORDER BY ?b DESC(?c) LIMIT 1000")),
        1 => (pattern(), expression()).prop_map(|(p, e)| format!("SELECT ?a ({e} AS ?x) {{ {p} }}")),
        2 => (pattern(), aggregate.clone()).prop_map(|(p, f)| format!("SELECT ?a ({f} AS ?n) {{ {p} }} GROUP BY ?a")),
        1 => (pattern(), aggregate).prop_map(|(p, f)| format!("SELECT ?a ?b {{ {p} }} GROUP BY ?a ?b HAVING({f} > 1)")),
        1 => pattern().prop_map(|p| format!("ASK {{ {p} }}")),
        1 => pattern().prop_map(|p| format!("CONSTRUCT {{ ?a ?b ?c . ?b <p/x> ?d, 1 }} {{ {p} }}")),
        1 => pattern().prop_map(|p| format!("DESCRIBE ?a <r/2> {{ {p} }}")),
    ];
    let prologue = format!("BASE <{BASE}> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> ");
    form.prop_map(move |form| format!("{prologue}{form}"))
}

/// Returns an answer as text, lines sorted: a multiset. A failure is an answer too. A plain store writes 2.0 as 2, so numbers
/// are compared as the thread writes them.
pub(super) fn told(results: QueryResults<'_>) -> String {
    let mut lines: Vec<String> = match results {
        QueryResults::Boolean(value) => vec![value.to_string()],
        QueryResults::Solutions(solutions) => solutions
            .map(|solution| match solution {
                Ok(solution) => solution
                    .iter()
                    .map(|(variable, term)| format!("{variable}={} ", as_kept(term.clone())))
                    .collect(),
                Err(error) => error.to_string(),
            })
            .collect(),
        QueryResults::Graph(statements) => {
            let lines = statements.map(|statement| match statement {
                Ok(s) => format!("{} {} {}", s.subject, s.predicate, as_kept(s.object)),
                Err(error) => error.to_string(),
            });
            // A graph is a set; only what is streamed twice may differ.
            lines.collect::<BTreeSet<_>>().into_iter().collect()
        }
    };
    lines.sort_unstable();
    lines.join("\n")
}

fn plain(state: &BTreeSet<Statement>) -> Store {
    let store = Store::new().expect("a store");
    for s in state {
        let quad =
            Quad::new(s.subject.clone(), s.predicate.clone(), s.object.clone(), GraphName::DefaultGraph);
        store.insert(&quad).expect("an insert");
    }
    store
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
        for (at, (id, state)) in world.versions.iter().enumerate() {
            let plain = plain(state);
            let snapshot = world.repository.snapshot_at(*id).expect("a version");
            // Each version is asked a part of the queries, so that many histories are tried.
            for query in queries.iter().skip(at % 2).step_by(2) {
                let read = Query::read(query.as_str()).expect("a query");
                let ours = snapshot.query(&read, &limits, |results| Ok(told(results)));
                // A cross product that takes long here would take long there.
                if matches!(ours, Err(Error::Late(_))) {
                    continue;
                }
                // Some random texts are no queries: a variable is bound twice. Both must say so.
                let Ok(oracle) = SparqlEvaluator::new().parse_query(query) else {
                    prop_assert!(matches!(ours, Err(Error::Malformed(_))), "{}", query);
                    continue;
                };
                let oracle = oracle.on_store(&plain).execute();
                match (ours, oracle) {
                    (Ok(ours), Ok(oracle)) => prop_assert_eq!(ours, told(oracle), "{}", query),
                    (Err(Error::Failed(ours)), Err(oracle)) => prop_assert_eq!(ours, oracle.to_string()),
                    (ours, oracle) => prop_assert!(false, "{query}: {ours:?}, {:?}", oracle.map(told)),
                }
            }
        }
    }
}
