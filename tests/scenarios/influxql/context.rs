//! What InfluxDB cannot: each sample by the revision, lot, serial, part and site that it is of, and events for annotations.

use super::oracle::ask;
use crate::world::{PUMP, World};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::net::SocketAddr;

/// Pumps whose drive-end bearing reports through them. At first one bearing of revision B is in P-1.
const BEARINGS: &str = r#"
<bearing> a tl:Part ; dcterms:identifier "BRG" ; dcterms:title "Bearing" .
<bearing/B> a tl:DesignRevision ; tl:revisionOf <bearing> ; tl:revision "B" .
<bearing/C> a tl:DesignRevision ; tl:revisionOf <bearing> ; tl:revision "C" .
<lot/B7> a tl:Build ; dcterms:identifier "B-7" ; tl:realizes <bearing/B> .
<lot/C1> a tl:Build ; dcterms:identifier "C-1" ; tl:realizes <bearing/C> .
<unit/b1> a tl:TwinInstance ; dcterms:identifier "b1" ; tl:part <bearing> ; tl:builtBy <lot/B7> ; tl:level "COMPONENT" .
<unit/c1> a tl:TwinInstance ; dcterms:identifier "c1" ; tl:part <bearing> ; tl:builtBy <lot/C1> ; tl:level "COMPONENT" .
<pump/A> tl:signal <pump/A#brg> .
<pump/A#brg> a tl:Signal ; tl:name "brg" ; tl:property <temperature> ; tl:position "drive-end" ; tl:unit unit:DEG_C .
<pump/B> a tl:DesignRevision ; tl:revisionOf <pump> ; tl:revision "B" ; tl:signal <pump/B#temp> , <pump/B#brg> .
<pump/B#temp> a tl:Signal ; tl:name "temp" ; tl:property <temperature> ; tl:unit unit:DEG_C .
<pump/B#brg> a tl:Signal ; tl:name "brg" ; tl:property <temperature> ; tl:position "drive-end" ; tl:unit unit:DEG_C .
"#;

const BEFORE: &str = r#"
<in/1> a tl:Installation ; tl:component <unit/b1> ; tl:parent <unit/P-1> ; tl:position "drive-end" ;
    tl:from "2024-01-01T00:00:00Z"^^xsd:dateTime .
"#;

/// At 06:00 the bearing is swapped, at 12:00 the pump is modified, at 18:00 it fails.
const AFTER: &str = r#"
<in/1> a tl:Installation ; tl:component <unit/b1> ; tl:parent <unit/P-1> ; tl:position "drive-end" ; tl:removalReason "worn" ;
    tl:from "2024-01-01T00:00:00Z"^^xsd:dateTime ; tl:to "2024-01-01T06:00:00Z"^^xsd:dateTime .
<in/2> a tl:Installation ; tl:component <unit/c1> ; tl:parent <unit/P-1> ; tl:position "drive-end" ;
    tl:from "2024-01-01T06:00:00Z"^^xsd:dateTime .
<mod/1> a tl:Modification ; tl:of <unit/P-1> ; tl:realizes <pump/B> ; tl:at "2024-01-01T12:00:00Z"^^xsd:dateTime .
<failed/1> a tl:FieldEvent ; tl:on <unit/P-1> ; tl:kind "FAILURE" ; tl:note "smoke" ; tl:at "2024-01-01T18:00:00Z"^^xsd:dateTime .
"#;

/// A day of hourly samples: P-1 at 0, 1, 2 … and its bearing at 50, 51 …, P-2 at 100, and a unit that nobody knows at 7.
fn world() -> World {
    let world = World::new();
    world.import("plant", &format!("{PUMP}{BEARINGS}{BEFORE}")).expect("an import");
    world.app.tag("delivered", "main", "").expect("a tag");
    world.import("plant", &format!("{PUMP}{BEARINGS}{AFTER}")).expect("an import");
    let mut lines = String::new();
    for hour in 0..24 {
        let at = 1_704_067_200 + 3600 * hour;
        writeln!(lines, "pump,twin=P-1 temp={hour},brg={} {at}000000000", 50 + hour).expect("text");
        writeln!(lines, "pump,twin=P-2 temp=100 {at}000000000\npump,twin=X-9 temp=7 {at}000000000")
            .expect("text");
    }
    let written = world.app.ingest_lines(lines.as_bytes(), Default::default()).expect("samples");
    assert!(written.rejected.is_empty(), "{:?}", written.rejected);
    world
}

const DAY: &str = "time >= '2024-01-01T00:00:00Z' AND time < '2024-01-02T00:00:00Z'";

/// Returns the series of a query as `(tags, values)`.
fn series(address: SocketAddr, database: &str, query: &str) -> Vec<(Value, Value)> {
    let answer = ask(address, &[("db", database), ("q", query), ("epoch", "h")], &[]).json();
    let result = &answer["results"][0];
    assert!(result.get("error").is_none(), "{query}: {answer}");
    let series = result["series"].as_array().cloned().unwrap_or_default();
    series.into_iter().map(|mut series| (series["tags"].take(), series["values"].take())).collect()
}

/// The hour of 2024-01-01T00:00:00Z since 1970.
const MIDNIGHT: i64 = 473_352;

#[test]
fn samples_count_for_what_was_installed_at_their_instant() {
    let world = world();
    world.served(|address| {
        let check = |database: &str, query: &str, expect: &[(Value, Value)]| {
            assert_eq!(series(address, database, query), expect, "{query}");
        };
        let at = |value: f64| if value.fract() == 0.0 { json!([[MIDNIGHT, value as i64]]) } else { json!([[MIDNIGHT, value]]) };
        check(
            "throughline",
            &format!("SELECT mean(temp) FROM pump WHERE {DAY} GROUP BY revision"),
            // Twelve hours of P-1 and all of P-2 at A, the other twelve at B; of X-9 nobody knows.
            &[
                (json!({ "revision": "" }), at(7.0)),
                (json!({ "revision": "A" }), at((66.0 + 2400.0) / 36.0)),
                (json!({ "revision": "B" }), at(17.5)),
            ],
        );
        check(
            "throughline",
            &format!("SELECT mean(brg) FROM pump WHERE {DAY} GROUP BY revision, serial, lot, part, site"),
            &[
                (json!({ "lot": "B-7", "part": "BRG", "revision": "B", "serial": "b1", "site": "Rotterdam" }), at(52.5)),
                (json!({ "lot": "C-1", "part": "BRG", "revision": "C", "serial": "c1", "site": "Rotterdam" }), at(64.5)),
            ],
        );
        check(
            "throughline",
            &format!("SELECT count(temp), count(brg) FROM pump WHERE {DAY} AND revision = 'B'"),
            &[(Value::Null, json!([[MIDNIGHT, 12, 6]]))],
        );
        check(
            "throughline",
            &format!("SELECT mean(brg) FROM pump WHERE {DAY} AND part = 'BRG' GROUP BY time(12h), revision fill(none)"),
            &[
                (json!({ "revision": "B" }), json!([[MIDNIGHT, 52.5]])),
                (json!({ "revision": "C" }), json!([[MIDNIGHT, 58.5], [MIDNIGHT + 12, 67.5]])),
            ],
        );
        // Samples one by one are of one revision too, and a sensor's value is where it was sent.
        check(
            "throughline",
            &format!("SELECT brg, revision FROM pump WHERE {DAY} AND brg >= 55 AND brg < 57"),
            &[(Value::Null, json!([[MIDNIGHT + 5, 55, "B"], [MIDNIGHT + 6, 56, "C"]]))],
        );
        check(
            "throughline",
            &format!("SELECT percentile(brg, 100), median(brg) FROM pump WHERE {DAY} GROUP BY revision"),
            &[
                (json!({ "revision": "B" }), json!([[MIDNIGHT, 55, 52.5]])),
                (json!({ "revision": "C" }), json!([[MIDNIGHT, 73, 64.5]])),
            ],
        );
        // At the version before the swap all of it is the old bearing's.
        check(
            "throughline@delivered",
            &format!("SELECT count(brg) FROM pump WHERE {DAY} GROUP BY revision, serial"),
            &[(json!({ "revision": "B", "serial": "b1" }), json!([[MIDNIGHT, 24]]))],
        );
        // What was sent groups as ever.
        check(
            "throughline",
            &format!("SELECT count(temp) FROM pump WHERE {DAY} AND site = 'Bergen' GROUP BY *"),
            &[(json!({ "twin": "P-2" }), json!([[MIDNIGHT, 24]]))],
        );
    });
}

const FROM: &str = "tl:from \"2024-01-01T00:00:00Z\"^^xsd:dateTime";

#[test]
fn a_unit_whose_configuration_is_too_deep_has_no_context_and_is_named() {
    let world = world();
    let mut nested = format!(
        "{PUMP}{BEARINGS}{AFTER}<in/deep> a tl:Installation ; tl:component <unit/P-1> ; tl:parent <unit/n0> ; tl:position \"x\" ; {FROM} .\n"
    );
    for level in 0..40 {
        writeln!(nested, "<unit/n{level}> a tl:TwinInstance ; dcterms:identifier \"n{level}\" ; tl:part <bearing> ; tl:builtBy <lot/B7> ; tl:level \"COMPONENT\" .").expect("text");
    }
    for level in 0..39 {
        writeln!(nested, "<in/n{level}> a tl:Installation ; tl:component <unit/n{level}> ; tl:parent <unit/n{}> ; tl:position \"x\" ; {FROM} .", level + 1).expect("text");
    }
    world.import("plant", &nested).expect("an import");
    world.served(|address| {
        let query = format!("SELECT count(temp) FROM pump WHERE {DAY} GROUP BY revision");
        let answer = ask(address, &[("db", "throughline"), ("q", &query), ("epoch", "h")], &[]).json();
        let result = &answer["results"][0];
        let tags: Vec<_> = result["series"]
            .as_array()
            .expect("series")
            .iter()
            .map(|series| (&series["tags"]["revision"], &series["values"][0][1]))
            .collect();
        assert_eq!(json!(tags), json!([["", 48], ["A", 24]]), "{answer}");
        let text = result["messages"][0]["text"].as_str().expect("a message");
        assert!(
            text.starts_with("the tags lot, part, revision, serial and site of P-1 are empty: ")
                && text.contains("is installed in itself"),
            "{text}"
        );
        assert_eq!(
            (&result["messages"][0]["level"], &result["messages"][1]),
            (&json!("warning"), &Value::Null)
        );
        let shown =
            ask(address, &[("db", "throughline"), ("q", "SHOW TAG VALUES FROM pump WITH KEY = serial")], &[])
                .json();
        assert_eq!(shown["results"][0]["series"][0]["values"], json!([["serial", "P-2"]]), "{shown}");
    });
}

#[test]
fn context_is_listed_among_tags() {
    let world = world();
    world
        .app
        .ingest_lines(b"own,twin=P-1,site=here temp=1 1704067200000000000", Default::default())
        .expect("a sample");
    world.served(|address| {
        let check = |query: &str, expect: Value| {
            let values: Vec<Value> =
                series(address, "throughline", query).into_iter().map(|(_, values)| values).collect();
            assert_eq!(json!(values), json!([expect]), "{query}");
        };
        check(
            "SHOW TAG KEYS FROM pump",
            json!([["lot"], ["part"], ["revision"], ["serial"], ["site"], ["twin"]]),
        );
        check(
            "SHOW TAG VALUES FROM pump WITH KEY IN (revision, serial)",
            json!([
                ["revision", "A"],
                ["revision", "B"],
                ["revision", "C"],
                ["serial", "P-1"],
                ["serial", "P-2"],
                ["serial", "b1"],
                ["serial", "c1"]
            ]),
        );
        check("SHOW TAG VALUES FROM pump WITH KEY = twin WHERE revision = 'C'", json!([["twin", "P-1"]]));
        check(
            "SHOW TAG VALUES FROM pump WITH KEY = revision WHERE part = 'BRG'",
            json!([["revision", "B"], ["revision", "C"]]),
        );
        check("SHOW SERIES FROM pump WHERE site = 'Bergen'", json!([["pump,twin=P-2"]]));
        // A tag that was sent is as it was sent.
        check("SHOW TAG VALUES FROM own WITH KEY = site", json!([["site", "here"]]));
        check("SELECT count(temp) FROM own WHERE site = 'here'", json!([[0, 1]]));
    });
}

#[test]
fn what_happened_is_a_measurement() {
    let world = world();
    world.served(|address| {
        let select = |rest: &str| {
            series(address, "throughline", &format!("SELECT title, text, tags FROM throughline_events WHERE {DAY}{rest}"))
        };
        assert_eq!(
            select(""),
            [(
                Value::Null,
                json!([
                    [MIDNIGHT, "b1 installed in P-1 at drive-end", "in/1", "installation,P-1,b1"],
                    [MIDNIGHT + 6, "c1 installed in P-1 at drive-end", "in/2", "installation,P-1,c1"],
                    [MIDNIGHT + 6, "b1 removed from P-1 at drive-end", "worn", "removal,P-1,b1"],
                    [MIDNIGHT + 12, "P-1 modified to PUMP B", null, "modification,P-1,PUMP B"],
                    [MIDNIGHT + 18, "FAILURE of P-1", "smoke", "failure,P-1"],
                ])
            )]
        );
        assert_eq!(select(" AND kind = 'FAILURE'").len(), 1);
        assert_eq!(select(" AND twin = 'P-2'"), []);
        let latest = select(" AND kind =~ /INST|REMOVAL/ ORDER BY time DESC LIMIT 1");
        assert_eq!(latest[0].1[0][3], "removal,P-1,b1");
        let commits = series(
            address,
            "throughline",
            "SELECT title, kind FROM throughline_events WHERE kind = 'COMMIT' AND time >= '2025-12-31' GROUP BY twin",
        );
        let titles: Vec<&Value> = commits[0].1.as_array().expect("rows").iter().map(|row| &row[1]).collect();
        assert!(titles.contains(&&json!("Import plant.ttl")), "{titles:?}");
        let shown = |query: &str| series(address, "throughline", query).into_iter().map(|(_, values)| values).collect::<Vec<_>>();
        assert_eq!(shown("SHOW MEASUREMENTS"), [json!([["pump"], ["throughline_events"]])]);
        assert_eq!(shown("SHOW FIELD KEYS FROM throughline_events")[0][0], json!(["tags", "string"]));
        assert_eq!(shown("SHOW TAG KEYS FROM throughline_events"), [json!([["item"], ["kind"], ["twin"]])]);
        assert_eq!(
            shown("SHOW TAG VALUES FROM throughline_events WITH KEY = twin WHERE kind = 'REMOVAL'"),
            [json!([["twin", "P-1"]])]
        );
        let refused = ask(address, &[("db", "throughline"), ("q", "SELECT count(title) FROM throughline_events")], &[]);
        assert!(refused.body.contains("functions of throughline_events are not supported"), "{}", refused.body);
    });
}

#[test]
fn findings_are_events() {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    world.app.ingest_lines(b"m,twin=P-1 temp=90 1765324800000000000", Default::default()).expect("a sample");
    let record = r#"mutation { recordEvidence(input: { branch: "main", item: "pump/A",
        window: { from: "2025-12-01T00:00:00Z", to: "2026-01-01T00:00:00Z" } }) { filings { finding { iri title } } } }"#;
    let title = world.data(record, json!({}))["recordEvidence"]["filings"][0]["finding"]["title"].clone();
    world.served(|address| {
        let query = "SELECT title, tags FROM throughline_events WHERE kind = 'FINDING'";
        let found = series(address, "throughline", query);
        assert_eq!(found[0].1[0][1], title, "{found:?}");
    });
}
