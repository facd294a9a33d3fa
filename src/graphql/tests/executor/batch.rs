//! Telemetry is asked once for the units of a level, however many they are and whatever they were reached through.

use crate::graph::rows_read;
use crate::graphql::engine::document::limits::PAGE_MAX;
use crate::graphql::query::Query;
use crate::graphql::tests::Bench;
use crate::graphql::tests::fleet::circumstances::failed;
use crate::graphql::tests::fleet::field::{JANUARY, fielded};
use crate::telemetry::Precision;
use serde_json::{Value as Json, json};

/// What can be asked of a unit that telemetry answers.
fn asked_of_a_unit() -> [String; 8] {
    [
        "latest { value }".to_owned(),
        format!(
            "fieldUsage(property: \"property/temperature\", {JANUARY}) {{ sampleCount max account {{ missingHours }} }}"
        ),
        format!("margins({JANUARY}) {{ verdict observed unitCount }}"),
        format!(
            "telemetry({JANUARY}, bucket: \"P1M\") {{ signal {{ name }} buckets {{ sampleCount mean first last }} }}"
        ),
        format!("telemetry({JANUARY}, bucket: \"P1M\", signal: \"none\") {{ more }}"),
        format!("telemetry({JANUARY}, limit: 2) {{ samples {{ value }} more }}"),
        format!(
            "fieldUsage(property: \"property/run\", {JANUARY}, bucket: \"P10D\") {{ increase rate resetCount buckets {{ usage {{ increase }} }} }}"
        ),
        format!(
            "fieldUsage(property: \"property/mode\", {JANUARY}) {{ transitionCount timeInState {{ state hours }} }}"
        ),
    ]
}

/// Lets the pumps of [`fielded`] count their operating time and report their mode.
fn with_counters_and_states(bench: Bench) -> Bench {
    let signal = |name: &str, kind: &str, unit: Json| json!({ "name": name, "property": format!("property/{name}"), "kind": kind, "unit": unit, "expectedPeriod": "PT1H" });
    let pump = |serial: &str| json!({ "putTwinInstance": { "id": format!("twin/{serial}"), "signals": [signal("run", "COUNTER", json!("MIN")), signal("mode", "STATE", Json::Null)] } });
    bench.commit(&json!([
        { "putProperty": { "id": "property/run", "title": "Operating time", "quantityKind": "Time" } },
        { "putProperty": { "id": "property/mode", "title": "Mode", "quantityKind": "State" } },
        pump("P-1"),
        pump("P-2"),
    ]));
    let samples = [("P-1", 1, 10), ("P-1", 2, 25), ("P-1", 15, 5), ("P-2", 1, 100), ("P-2", 2, 160)];
    for (serial, day, run) in samples {
        let at = 1_735_689_600_i64 + day * 86_400;
        let line = format!("pump,twin={serial} run={run},mode={} {at}", day % 2);
        bench.app.ingest_lines(line.as_bytes(), Precision::Seconds).expect("the store writes");
    }
    bench
}

#[test]
fn the_units_of_a_page_answer_as_each_by_itself() {
    let bench = with_counters_and_states(fielded());
    for fields in asked_of_a_unit() {
        let fields = format!("iri {fields}");
        let page = bench.data(&format!(
            "{{ thread {{ twinInstances {{ nodes {{ {fields} }} }} build(id: \"lot/PUMP\") {{ twins {{ edges {{ node {{ {fields} }} }} }} }}
               part(id: \"part/BRG\") {{ population {{ items {{ nodes {{ item {{ ... on TwinInstance {{ {fields} }} }} }} }} }} }} }} }}"
        ));
        let nodes = page["thread"]["twinInstances"]["nodes"].as_array().expect("nodes").clone();
        assert_eq!(nodes.len(), 4);
        for node in &nodes {
            let iri = node["iri"].as_str().expect("an IRI");
            let alone = bench.data(&format!("{{ thread {{ twinInstance(id: \"{iri}\") {{ {fields} }} }} }}"));
            assert_eq!(*node, alone["thread"]["twinInstance"]);
        }
        let edges = page["thread"]["build"]["twins"]["edges"].as_array().expect("edges");
        assert_eq!(edges.iter().map(|edge| &edge["node"]).collect::<Vec<_>>(), [&nodes[2], &nodes[3]]);
        let items = page["thread"]["part"]["population"]["items"]["nodes"].as_array().expect("items");
        assert_eq!(items.iter().map(|item| &item["item"]).collect::<Vec<_>>(), [&nodes[0], &nodes[1]]);
    }
    let usage = asked_of_a_unit()[1].clone();
    let page = bench.data(&format!("{{ thread {{ twinInstances {{ nodes {{ {usage} }} }} }} }}"));
    let nodes = page["thread"]["twinInstances"]["nodes"].as_array().expect("nodes").clone();
    let maxima: Vec<f64> = nodes.iter().filter_map(|node| node["fieldUsage"]["max"].as_f64()).collect();
    assert_eq!(maxima, [90.0, 70.0, 90.0, 70.0]);
    let run = asked_of_a_unit()[6].clone();
    let page = bench.data(&format!("{{ thread {{ twinInstances {{ nodes {{ {run} }} }} }} }}"));
    let nodes = page["thread"]["twinInstances"]["nodes"].as_array().expect("nodes").clone();
    let found: Vec<_> = nodes
        .iter()
        .map(|node| (&node["fieldUsage"]["increase"], &node["fieldUsage"]["resetCount"]))
        .collect();
    let (none, once) = (json!("0"), json!("1"));
    assert_eq!(found[2..], [(&json!(20.0), &once), (&json!(60.0), &none)]);
}

/// Returns an answer, and how often telemetry is asked for it.
fn answered(bench: &Bench, query: &str) -> (Json, usize) {
    let asked = Query { query: Some(query.to_owned()), ..Query::default() };
    let (answer, calls) = bench.service.run_counted(&asked);
    assert_eq!(answer["errors"], Json::Null, "{query}");
    (answer, calls)
}

/// Returns how often telemetry is asked for an answer.
fn calls(bench: &Bench, query: &str) -> usize {
    answered(bench, query).1
}

/// Two more pumps without bearings, and what puts all pumps under a limit.
fn pumps() -> Bench {
    let bench = with_counters_and_states(fielded());
    let pump = |id: &str| json!({ "putTwinInstance": { "id": format!("twin/{id}"), "identifier": id, "part": "part/PUMP", "builtBy": "lot/PUMP", "commissionedAt": "2025-01-01T00:00:00Z" } });
    let event = |id: &str, on: &str| json!({ "putFieldEvent": { "id": format!("event/{id}"), "twin": format!("twin/{on}"), "at": "2025-01-20T00:00:00Z", "kind": "FAILURE" } });
    bench.commit(&json!([
        { "putDesignRevision": { "id": "part/PUMP/A", "satisfies": ["req/REQ-12"] } },
        pump("P-3"),
        pump("P-4"),
        event("E-1", "B-1"),
        event("E-2", "C-1"),
        event("E-3", "P-1"),
        event("E-4", "P-2"),
    ]));
    bench
}

/// Ways that lead to several pumps, with `%` where something is asked of each; and how many levels these are on.
fn ways() -> Vec<(String, usize)> {
    let unit = "... on TwinInstance { % }";
    let of_pumps = |fields: &str| format!("build(id: \"lot/PUMP\") {{ {fields} }}");
    let temperature = format!("property: \"property/temperature\", {JANUARY}");
    let sides = "left: {item: \"part/PUMP\"}, right: {item: \"lot/PUMP\"}";
    let mut ways = Vec::new();
    let mut way = |query: String, levels: usize| ways.push((query, levels));
    // Pages, by their nodes and by their edges; an interface.
    way("twinInstances(filter: {part: {eq: \"part/PUMP\"}}) { nodes { % } }".to_owned(), 1);
    way(of_pumps("twins { edges { node { % } } }"), 1);
    way(of_pumps("twins { edges { node { iri } } } units: twins { edges { node { % } } }"), 1);
    way(format!("impact(from: \"lot/PUMP\") {{ nodes {{ resource {{ {unit} }} }} }}"), 1);
    // Single links, and lists within the items of lists.
    way("installations { nodes { parent { % } } }".to_owned(), 1);
    way(
        "builds(first: 10) { nodes { twins(first: 10) { edges { node { components(first: 10) { edges { node { parent { % } } } } } } } } }"
            .to_owned(),
        1,
    );
    way("designRevisions(first: 10) { nodes { builds(first: 10) { edges { node { twins(first: 10, filter: {part: {eq: \"part/PUMP\"}}) { edges { node { % } } } } } } } }".to_owned(), 1);
    // Members of answers about the field.
    way(of_pumps(&format!("population {{ members {{ nodes {{ unit {{ {unit} }} }} }} }}")), 1);
    way(
        of_pumps(&format!(
            "population {{ items {{ nodes {{ members {{ nodes {{ asset {{ {unit} }} }} }} }} }} }}"
        )),
        1,
    );
    way(
        format!(
            "builds {{ nodes {{ containment(at: \"2025-01-15T00:00:00Z\") {{ assets {{ nodes {{ asset {{ {unit} }} }} }} }} }} }}"
        ),
        1,
    );
    way("builds(first: 5) { nodes { containment(at: \"2025-01-15T00:00:00Z\") { assets { nodes { carried { inside { % } } } } } } }".to_owned(), 1);
    way("fieldEvents(first: 5) { nodes { circumstances { parents { unit { % } } } } }".to_owned(), 1);
    way(
        "fieldEvents(first: 5) { nodes { circumstances { siblings { units { nodes { % } } } } } }".to_owned(),
        1,
    );
    way(of_pumps(&format!("fieldUsage({temperature}) {{ worstUnits {{ unit {{ % }} }} }}")), 1);
    way(
        of_pumps(&format!(
            "margins({JANUARY}) {{ worstUnits {{ unit {{ % }} }} units {{ nodes {{ unit {{ % }} }} }} }}"
        )),
        2,
    );
    way(
        format!(
            "compare({temperature}, {sides}) {{ left {{ units {{ nodes {{ unit {{ % }} }} }} }} right {{ units {{ nodes {{ unit {{ % }} }} }} }} }}"
        ),
        2,
    );
    ways
}

#[test]
fn telemetry_is_asked_once_a_level() {
    let bench = pumps();
    let of_thread = |fields: &str| calls(&bench, &format!("{{ thread {{ {fields} }} }}"));
    for (way, levels) in ways() {
        let data =
            bench.data(&format!("{{ thread {{ {} }} }}", way.replace('%', "reached: iri"))).to_string();
        let reached = |id: &str| data.matches(&format!("\"reached\":\"twin/{id}\"")).count();
        assert!(["P-1", "P-2"].into_iter().all(|id| reached(id) >= levels), "{way}");
    }
    for fields in &asked_of_a_unit() {
        let one = of_thread(&format!("twinInstance(id: \"twin/P-1\") {{ {fields} }}"));
        assert!((1..=3).contains(&one), "{fields}: {one}");
        for (way, levels) in ways() {
            let without = of_thread(&way.replace('%', "iri"));
            let with = of_thread(&way.replace('%', fields));
            assert_eq!(with - without, levels * one, "{way}: {fields}");
        }
    }
}

/// Pumps of one part in one plant, each with one sample, whose value is its number.
fn fleet(pumps: usize) -> Bench {
    let bench = Bench::new();
    let signal = json!({ "name": "temp", "property": "property/temperature", "unit": "DEG_C", "expectedPeriod": "PT10M" });
    let mut changes = vec![
        json!({ "putProperty": { "id": "property/temperature", "title": "Temperature", "quantityKind": "Temperature" } }),
        json!({ "putPart": { "id": "part/PUMP", "identifier": "PUMP" } }),
        json!({ "putDesignRevision": { "id": "part/PUMP/A", "revisionOf": "part/PUMP", "revision": "A", "signals": [signal] } }),
        json!({ "putBuild": { "id": "lot/PUMP", "identifier": "L-PUMP", "realizes": "part/PUMP/A" } }),
        json!({ "putTwinInstance": { "id": "twin/PLANT", "identifier": "PLANT", "commissionedAt": "2025-01-01T00:00:00Z" } }),
    ];
    let mut lines = String::new();
    for n in 0..pumps {
        let (pump, name) = (format!("twin/P-{n:04}"), format!("P-{n:04}"));
        changes.push(json!({ "putTwinInstance": { "id": pump, "identifier": name, "part": "part/PUMP", "builtBy": "lot/PUMP" } }));
        changes.push(json!({ "putInstallation": { "id": format!("installation/{n:04}"), "component": pump, "parent": "twin/PLANT",
            "position": name, "from": "2025-01-01T00:00:00Z" } }));
        lines.push_str(&format!("pump,twin={name} temp={n} 1736000000\n"));
    }
    bench.commit(&Json::Array(changes));
    let written = bench.app.ingest_lines(lines.as_bytes(), Precision::Seconds).expect("the store writes");
    assert_eq!(written.rejected.len(), 0);
    bench
}

#[test]
fn a_whole_page_is_asked_as_often_as_two_units() {
    let (two, many) = (fleet(2), fleet(PAGE_MAX));
    let usage =
        format!("fieldUsage(property: \"property/temperature\", {JANUARY}) {{ sampleCount max unitCount }}");
    for (list, way) in [
        ("twinInstances", "(first: 1000, filter: {part: {eq: \"part/PUMP\"}}) { nodes { % } }"),
        ("installations", "(first: 1000) { nodes { component { ... on TwinInstance { % } } } }"),
    ] {
        for (fields, pointer) in [("latest { value }", "/latest/0/value"), (&usage, "/fieldUsage/max")] {
            let query = format!("{{ thread {{ {list}{} }} }}", way.replace('%', fields));
            let (answer, asked) = answered(&many, &query);
            assert_eq!(asked, calls(&two, &query), "{query}");
            let nodes = answer["data"]["thread"][list]["nodes"].as_array().expect("nodes");
            let units = nodes.iter().map(|node| node.get("component").unwrap_or(node));
            let values: Vec<_> = units.map(|unit| unit.pointer(pointer).and_then(Json::as_f64)).collect();
            assert_eq!(values, (0..PAGE_MAX).map(|n| Some(n as f64)).collect::<Vec<_>>(), "{query}");
        }
    }
}

#[test]
fn each_version_answers_for_its_own_units() {
    let bench = pumps();
    let page = |fields: &str| format!("thread {{ twinInstances {{ nodes {{ iri {fields} }} }} }}");
    let changes = "changes: [{retire: \"twin/P-4\"}, {putRequirement: {id: \"req/REQ-12\", constraints: [{id: \"#constraint\", limit: 65}]}}]";
    let exposed = |fields: &str| {
        let unit = format!("unit {{ iri ... on TwinInstance {{ {fields} }} }}");
        format!("{{ thread {{ exposure({changes}, {JANUARY}) {{ units {{ nodes {{ {unit} }} }} }} }} }}")
    };
    for fields in &asked_of_a_unit() {
        let one = calls(&bench, &format!("{{ {} }}", page(fields)));
        let two = format!("{{ then: {} now: {} }}", page(fields), page(fields));
        assert_eq!(calls(&bench, &two), 2 * one, "{fields}");
        // One unit of the version before, which the one after has no more, and five of that.
        let asked = calls(&bench, &exposed(fields)) - calls(&bench, &exposed("iri"));
        assert!((one + 1..=2 * one).contains(&asked), "{fields}: {asked}, {one}");
        if !fields.starts_with("margins") {
            let nodes =
                bench.data(&format!("{{ {} }}", page(fields)))["thread"]["twinInstances"]["nodes"].clone();
            let exposed = bench.data(&exposed(fields))["thread"]["exposure"]["units"]["nodes"].clone();
            let units = exposed.as_array().expect("units").iter().map(|unit| unit["unit"].clone());
            assert_eq!(Json::Array(units.collect()), nodes, "{fields}");
        }
    }
}

#[test]
fn the_events_of_a_page_count_as_each_by_itself() {
    let bench = failed();
    let fields = "iri circumstances { counters { property { iri } increase resetCount hours } of: counters(property: \"property/starts\") { increase } }";
    let page = format!("{{ thread {{ fieldEvents {{ nodes {{ {fields} }} }} }} }}");
    let alone = |iri: &str| format!("{{ thread {{ fieldEvent(id: \"{iri}\") {{ {fields} }} }} }}");
    let events = bench.data(&page)["thread"]["fieldEvents"]["nodes"].as_array().expect("events").clone();
    assert_eq!(events.len(), 3);
    for event in &events {
        let alone = bench.data(&alone(event["iri"].as_str().expect("an IRI")));
        assert_eq!(*event, alone["thread"]["fieldEvent"]);
    }
    let counted: Vec<_> =
        events.iter().map(|event| event["circumstances"]["counters"].as_array().map(Vec::len)).collect();
    assert_eq!(counted, [Some(2), Some(0), Some(0)]);
    assert_eq!(calls(&bench, &page), calls(&bench, &alone("event/E-1")));
}

/// The filtered events of a page of units read as many rows in a large graph as in a small one, twice as many for twice the units, and
/// telemetry is not asked for them.
#[test]
fn the_filtered_events_of_many_units_cost_what_they_are() {
    let eventful = |pumps: usize| {
        let bench = fleet(pumps);
        let events = (0..pumps).flat_map(|n| {
            ["FAILURE", "INSPECTION"].map(|kind| {
                json!({ "putFieldEvent": { "id": format!("event/{kind}-{n:04}"), "twin": format!("twin/P-{n:04}"),
                    "at": "2025-01-20T00:00:00Z", "kind": kind } })
            })
        });
        bench.commit(&Json::Array(events.collect()));
        bench
    };
    let (small, large) = (eventful(60), eventful(600));
    let read = |bench: &Bench, units: usize| {
        let query = format!(
            "{{ thread {{ twinInstances(first: {units}, filter: {{part: {{eq: \"part/PUMP\"}}}}) {{ nodes {{
               events(filter: {{kind: {{eq: FAILURE}}}}) {{ edges {{ node {{ iri }} }} }} }} }} }} }}"
        );
        // What is found of a whole class is remembered for a version.
        let (answer, asked) = answered(bench, &query);
        let nodes = answer["data"]["thread"]["twinInstances"]["nodes"].as_array().expect("nodes").clone();
        let each: Vec<_> =
            nodes.iter().map(|node| node["events"]["edges"].as_array().map(Vec::len)).collect();
        assert_eq!((asked, each), (0, vec![Some(1); units]));
        rows_read::during(|| bench.data(&query)).1
    };
    let (twenty, forty) = (read(&small, 20), read(&small, 40));
    assert!(twenty > 0 && forty <= 2 * twenty, "{twenty}, {forty}");
    // A few rows more are in the deeper tree of the large graph, not one for each of its units.
    for (units, small) in [(20, twenty), (40, forty)] {
        let large = read(&large, units);
        assert!(large <= small + units / 2, "{units} units: {large}, {small}");
    }
}

#[test]
fn no_more_is_batched_than_there_is_room_for() {
    let bench = pumps();
    // Nearly 90,000 buckets for each of three channels of P-1, and of P-2.
    let fields =
        format!("iri telemetry({JANUARY}, bucket: \"PT30S\") {{ signal {{ name }} buckets {{ from }} }}");
    let page = "twinInstances(filter: {identifier: {startsWith: \"P-\"}})";
    let query = format!("{{ thread {{ {page} {{ nodes {{ {fields} }} }} }} }}");
    let (answer, calls) = bench.service.run_counted(&Query { query: Some(query), ..Query::default() });
    let nodes = &answer["data"]["thread"]["twinInstances"]["nodes"];
    let channels = [0, 1, 2, 3].map(|unit| nodes[unit]["telemetry"].as_array().map(Vec::len));
    assert_eq!(channels, [Some(3), Some(3), Some(0), Some(0)]);
    assert_eq!(nodes[1]["telemetry"][0]["buckets"].as_array().map(Vec::len), Some(2));
    // P-1, then P-2, then the others: each time for their series and for the buckets of these.
    assert_eq!(calls, 3 * 2);
}

#[test]
fn samples_are_written_at_once_whatever_is_asked_below_them() {
    let bench = with_counters_and_states(fielded());
    let below = "signal { twinInstances { edges { node { latest { value } } } } }";
    let calls = |fields: &str| {
        let page = "twinInstances(filter: {identifier: {startsWith: \"P-\"}})";
        let query = format!("{{ thread {{ {page} {{ nodes {{ {fields} }} }} }} }}");
        bench.service.run_counted(&Query { query: Some(query), ..Query::default() }).1
    };
    // What lies below the samples of a unit is asked by itself, so that they need not be kept until all others are read.
    let (latest, telemetry) =
        (calls(&format!("latest {{ {below} }}")), calls(&format!("telemetry({JANUARY}) {{ {below} }}")));
    // Two units have two signals of their own each, which lead back to them.
    assert_eq!((latest, telemetry), (2 + 2, 2 + 4 * 2));
}
