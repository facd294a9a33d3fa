//! Queries.

use super::Bench;
use serde_json::{Value as Json, json};

#[test]
fn every_class_answers_for_one_and_for_many() {
    let bench = Bench::furnished();
    let ontology = &bench.service.schema().ontology;
    for class in ontology.classes().iter().filter(|class| !class.fragment && class.name != "ProvenanceRecord")
    {
        let one = crate::graphql::schema::shared::node::singular(&class.name);
        let query = format!(
            "{{ thread {{ one: {one}(id: \"nothing/there\") {{ __typename }} many: {}(first: 3) {{ totalCount edges {{ cursor node {{ __typename }} }} }} }} }}",
            crate::graphql::schema::class::plural(class)
        );
        let data = bench.data(&query);
        assert_eq!(data["thread"]["one"], Json::Null);
        let many = data["thread"]["many"]["edges"].as_array().expect("edges").len() as u64;
        assert_eq!(
            many,
            data["thread"]["many"]["totalCount"].as_u64().expect("a count").min(3),
            "{}",
            class.name
        );
    }
}

#[test]
fn links_run_both_ways_and_show_since_when() {
    let bench = Bench::furnished();
    let data = bench.data(
        "{ thread { requirement(id: \"req/REQ-12\") { identifier status
            derivedFrom { totalCount edges { node { iri } link { suspect since { message } } } }
            satisfiedBy { edges { node { iri revision revisionOf { iri } revisionOfLink { suspect } } } }
            constraints { iri limit comparator unit { symbol } property { iri quantityKind { name } } } } } }",
    );
    assert_eq!(
        data["thread"]["requirement"],
        json!({
            "identifier": "REQ-12", "status": "DRAFT",
            "derivedFrom": { "totalCount": 1, "edges": [
                { "node": { "iri": "req/REQ-1" }, "link": { "suspect": false, "since": { "message": "Change" } } } ] },
            "satisfiedBy": { "edges": [
                { "node": { "iri": "part/BRG/B", "revision": "B", "revisionOf": { "iri": "part/BRG" }, "revisionOfLink": { "suspect": false } } },
                { "node": { "iri": "part/BRG/C", "revision": "C", "revisionOf": { "iri": "part/BRG" }, "revisionOfLink": { "suspect": false } } } ] },
            "constraints": [{ "iri": "req/REQ-12#constraint", "limit": 85.0, "comparator": "LE", "unit": { "symbol": "°C" },
                "property": { "iri": "property/temperature", "quantityKind": { "name": "Temperature" } } }],
        })
    );
}

#[test]
fn pages_forwards_and_backwards() {
    let bench = Bench::furnished();
    let page = |arguments: &str| {
        let query = format!(
            "{{ thread {{ twinInstances({arguments}) {{ totalCount nodes {{ identifier }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }} }}"
        );
        bench.data(&query)["thread"]["twinInstances"].clone()
    };
    let names = |page: &Json| -> Vec<String> {
        let nodes = page["nodes"].as_array().expect("nodes").iter();
        nodes.map(|node| node["identifier"].as_str().expect("a serial").to_owned()).collect()
    };
    let order = "orderBy: [{unitNumber: ASC}]";
    let first = page(&format!("{order}, first: 2"));
    assert_eq!(names(&first), ["T-5", "T-4"]);
    assert_eq!((&first["totalCount"], &first["pageInfo"]["hasNextPage"]), (&json!(5), &json!(true)));
    let cursor = first["pageInfo"]["endCursor"].as_str().expect("a cursor");
    let second = page(&format!("{order}, first: 2, after: \"{cursor}\""));
    assert_eq!(names(&second), ["T-3", "T-2"]);
    assert_eq!(second["pageInfo"]["hasPreviousPage"], true);
    let start = second["pageInfo"]["startCursor"].as_str().expect("a cursor");
    let back = page(&format!("{order}, last: 1, before: \"{start}\""));
    assert_eq!(names(&back), ["T-4"]);
    assert_eq!(back["pageInfo"]["hasPreviousPage"], true);
    assert_eq!(names(&page(&format!("{order}, last: 2"))), ["T-2", "T-1"]);
    let none = page("first: 0");
    assert_eq!((names(&none).len(), &none["pageInfo"]["hasNextPage"]), (0, &json!(true)), "there are five");
    assert_eq!(page("last: 0")["pageInfo"]["hasPreviousPage"], true);
    assert_eq!(page(&format!("{order}, first: 0, after: \"{cursor}\""))["pageInfo"]["hasNextPage"], true);
    let nobody = "filter: {identifier: {eq: \"nobody\"}}, first: 0";
    assert_eq!(page(nobody)["pageInfo"]["hasNextPage"], false);
    assert_eq!(names(&page("orderBy: [{site: DESC}, {identifier: ASC}], first: 3")), ["T-1", "T-3", "T-5"]);
}

#[test]
fn filters_by_kind() {
    let bench = Bench::furnished();
    let check = |filter: &str, expect: &[&str]| {
        let query = format!(
            "{{ thread {{ twinInstances(filter: {filter}) {{ totalCount nodes {{ identifier }} }} }} }}"
        );
        let data = bench.data(&query);
        let nodes = data["thread"]["twinInstances"]["nodes"].as_array().expect("nodes").clone();
        let names: Vec<&str> = nodes.iter().filter_map(|node| node["identifier"].as_str()).collect();
        assert_eq!(names, expect, "{filter}");
    };
    check("{site: {eq: \"north\"}}", &["T-2", "T-4"]);
    check("{site: {ne: \"north\"}}", &["T-1", "T-3", "T-5"]);
    check("{site: {in: [\"north\", \"south\"]}, unitNumber: {lt: 7}}", &["T-4", "T-5"]);
    check("{identifier: {startsWith: \"T-\", contains: \"3\"}}", &["T-3"]);
    check("{or: [{unitNumber: {eq: 9}}, {unitNumber: {ge: 8}}]}", &["T-1", "T-2"]);
    check("{not: {site: {eq: \"south\"}}}", &["T-2", "T-4"]);
    check("{part: {eq: \"part/BRG\"}, commissionedAt: {gt: \"2025-03-31T22:00:00Z\"}}", &["T-5"]);
    check("{commissionedAt: {le: \"2025-01-31T22:00:00Z\"}}", &["T-1", "T-2"]);
    check("{retiredAt: {exists: true}}", &[]);
    check("{level: {exists: false}, site: {eq: \"north\"}}", &["T-2", "T-4"]);
    let linked = bench.data(
        "{ thread { part(id: \"part/BRG\") { twins(filter: {site: {eq: \"north\"}}, orderBy: [{identifier: DESC}]) { totalCount edges { link { since { id } } node { identifier } } } } } }",
    );
    let edges = &linked["thread"]["part"]["twins"]["edges"];
    assert_eq!(
        (&edges[0]["node"]["identifier"], &edges[1]["node"]["identifier"]),
        (&json!("T-4"), &json!("T-2"))
    );
}

#[test]
fn one_request_reads_two_versions() {
    let bench = Bench::furnished();
    bench.data("mutation { tag(input: { name: \"PDR\" }) { tag { name } } }");
    bench.commit(&json!([{ "putRequirement": { "id": "req/REQ-12", "constraints": [{ "id": "#constraint", "limit": 80 }] } }]));
    let data = bench.data(
        "{ then: thread(at: \"PDR\") { ...limit } now: thread { ...limit } }
         fragment limit on Thread { requirement(id: \"req/REQ-12\") { id constraints { limit comparator }
            satisfiedBy(first: 1) { edges { link { suspect } } } } }",
    );
    let (then, now) = (&data["then"]["requirement"], &data["now"]["requirement"]);
    assert_eq!(then["constraints"], json!([{ "limit": 85.0, "comparator": "LE" }]));
    assert_eq!(now["constraints"], json!([{ "limit": 80.0, "comparator": "LE" }]));
    assert_ne!(then["id"], now["id"], "an id is of one version");
    assert_eq!(then["satisfiedBy"]["edges"][0]["link"]["suspect"], false);
    assert_eq!(
        now["satisfiedBy"]["edges"][0]["link"]["suspect"], true,
        "the limit has changed since the link was made"
    );
    let id = then["id"].as_str().expect("an id");
    let node = bench.data(&format!(
        "{{ node(id: \"{id}\") {{ ... on Requirement {{ iri constraints {{ limit }} }} }} }}"
    ));
    assert_eq!(node["node"], json!({ "iri": "req/REQ-12", "constraints": [{ "limit": 85.0 }] }));
    let same =
        bench.data(&format!("{{ thread {{ requirement(id: \"{id}\") {{ constraints {{ limit }} }} }} }}"));
    assert_eq!(
        same["thread"]["requirement"]["constraints"][0]["limit"], 80.0,
        "arguments take the resource of an id"
    );
}

#[test]
fn history_shows_what_changed() {
    let bench = Bench::furnished();
    let before = bench.data("{ thread { commit { id } } }")["thread"]["commit"]["id"].clone();
    bench.commit(&json!([
        { "putRequirement": { "id": "req/REQ-12", "constraints": [{ "id": "#constraint", "limit": 80 }], "title": null } },
        { "putPart": { "id": "part/NEW", "identifier": "NEW" } },
    ]));
    let from = before.as_str().expect("an id");
    let data = bench.data(&format!(
        "{{ diff(from: \"{from}\", to: \"main\") {{ resources {{ totalCount nodes {{ iri difference resource {{ __typename }} properties {{ subject property removed added }} }} }} }}
           log(resource: \"req/REQ-12\") {{ nodes {{ message }} pageInfo {{ hasNextPage }} }}
           all: log(first: 1) {{ edges {{ cursor }} pageInfo {{ hasNextPage }} }} branches {{ nodes {{ name head {{ id }} }} }} tags {{ nodes {{ name }} }} }}"
    ));
    assert_eq!(data["diff"]["resources"]["totalCount"], 2);
    assert_eq!(data["diff"]["resources"]["nodes"][0]["difference"], "ADDED");
    assert_eq!(
        data["diff"]["resources"]["nodes"][1],
        json!({ "iri": "req/REQ-12", "difference": "CHANGED", "resource": { "__typename": "PlainRequirement" }, "properties": [
            { "subject": "req/REQ-12", "property": "title", "removed": ["Keep bearings cool"], "added": [] },
            { "subject": "req/REQ-12#constraint", "property": "limit", "removed": ["85"], "added": ["80"] } ] })
    );
    assert_eq!(data["log"]["nodes"].as_array().map(Vec::len), Some(2));
    assert_eq!(data["all"]["pageInfo"]["hasNextPage"], true);
    assert_eq!(data["branches"]["nodes"][0]["name"], "main");
}

#[test]
fn lookup_finds_by_identifier() {
    let bench = Bench::furnished();
    bench.commit(&json!([{ "putPart": { "id": "part/BRG", "foreignIdentifiers": [{ "notation": "4711", "system": "SAP" }] } }]));
    let data = bench.data(
        "{ thread { own: lookup(identifier: \"T-3\") { nodes { iri __typename } } sap: lookup(system: \"SAP\", identifier: \"4711\") { nodes { iri } } none: lookup(system: \"Teamcenter\", identifier: \"4711\") { nodes { iri } } } }",
    );
    assert_eq!(
        data["thread"],
        json!({ "own": { "nodes": [{ "iri": "twin/T-3", "__typename": "PlainTwinInstance" }] }, "sap": { "nodes": [{ "iri": "part/BRG" }] }, "none": { "nodes": [] } })
    );
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let bench = Bench::furnished();
    bench.error("{ thread(at: \"nowhere\") { commit { id } } }", "NOT_FOUND");
    let error = bench.error("{ thread(asKnownAt: \"soon\") { watermark } }", "BAD_INPUT");
    assert!(
        error["message"].as_str().is_some_and(|message| message.starts_with("\"soon\" is not a watermark")),
        "{error}"
    );
    bench.error("{ thread { gadgets { totalCount } } }", "BAD_INPUT");
    bench.error("{ thread { parts(first: 1001) { totalCount } } }", "LIMIT_EXCEEDED");
    bench.error("{ thread { parts(first: -1) { totalCount } } }", "BAD_INPUT");
    bench.error("{ thread { parts(first: 1, last: 1) { totalCount } } }", "BAD_INPUT");
    bench.error("{ thread { parts(after: \"%\") { totalCount } } }", "BAD_INPUT");
    bench.error("{ thread { part(id: \"a b\") { iri } } }", "BAD_INPUT");
    bench.error("{ thread { twinInstances(filter: {commissionedAt: {lt: \"2025-01-01T00:00:00\"}}) { totalCount } } }", "BAD_INPUT");
    bench.error("{ thread ", "BAD_INPUT");
    bench.error("query ($at: String!) { thread(at: $at) { watermark } }", "BAD_INPUT");
    bench.error("query A { branches { nodes { name } } } query B { tags { nodes { name } } }", "BAD_INPUT");
}

#[test]
fn a_failed_field_is_null_and_names_its_path() {
    let bench = Bench::furnished();
    let answer = bench.ask(
        "{ branches { nodes { name } } nowhere: node(id: \"a b\") { ... on Record { iri } } thread(at: \"nowhere\") { base } }",
    );
    let data = json!({ "branches": { "nodes": [{ "name": "main" }] }, "nowhere": null, "thread": null });
    assert_eq!(answer["data"], data, "each error ends at its own field");
    let answer =
        bench.ask("{ branches { nodes { name } } nowhere: node(id: \"a b\") { ... on Record { iri } } }");
    assert_eq!(answer["data"], json!({ "branches": { "nodes": [{ "name": "main" }] }, "nowhere": null }));
    assert_eq!(answer["errors"][0]["path"], json!(["nowhere"]));
    assert_eq!(answer["errors"][0]["locations"], json!([{ "line": 1, "column": 31 }]));
}

#[test]
fn what_holds_a_failed_value_becomes_null_as_far_as_it_must() {
    let bench = Bench::furnished();
    let answer = bench.ask(
        "{ thread { base parts { nodes { iri } edges { node { iri ... on Part { a: iri population(window: {from: \"2025-02-01T00:00:00Z\", to: \"2025-01-01T00:00:00Z\"}) { unitCount } } } } } } branches { nodes { name } } }",
    );
    let node = &answer["data"]["thread"]["parts"]["edges"][0]["node"];
    assert_eq!(
        (&node["a"], &node["population"]),
        (&json!("part/BRG"), &Json::Null),
        "the rest of the answer stays"
    );
    let answer = bench.ask(
        "{ thread { base part(id: \"part/BRG\") { iri population(window: {from: \"2025-02-01T00:00:00Z\", to: \"2025-01-01T00:00:00Z\"}) { unitCount } } now } branches { nodes { name } } }",
    );
    let thread = &answer["data"]["thread"];
    assert_eq!(
        (&thread["base"], &thread["part"]["iri"], &thread["part"]["population"]),
        (&json!("https://example.org/"), &json!("part/BRG"), &Json::Null)
    );
    assert!(thread["now"].is_string() && answer["data"]["branches"]["nodes"].is_array());
    assert_eq!(answer["errors"][0]["path"], json!(["thread", "part", "population"]));
}

#[test]
fn deep_values_do_not_exhaust_the_stack() {
    let bench = Bench::new();
    let deep = format!("{{ thread(at: {}1{}) {{ base }} }}", "[".repeat(190), "]".repeat(190));
    bench.error(&deep, "BAD_INPUT");
}

#[test]
fn selections_merge_and_directives_hold() {
    let bench = Bench::furnished();
    let answer = bench.ask_with(
        "query ($no: Boolean!) { thread { part(id: \"part/BRG\") { title } part(id: \"part/BRG\") { identifier iri @skip(if: true) id @include(if: $no) } ...more } }
         fragment more on Thread { part(id: \"part/BRG\") { __typename ... on Resource { t: title } ... on Part { n: identifier } } }",
        json!({ "no": false }),
    );
    assert_eq!(
        answer,
        json!({ "data": { "thread": { "part": { "title": "Bearing", "identifier": "BRG", "__typename": "PlainPart", "t": "Bearing", "n": "BRG" } } } })
    );
}

#[test]
fn introspection_answers() {
    let bench = Bench::new();
    let data = bench.data(
        "{ __schema { queryType { name } } branches { nodes { name } } kind: __type(name: \"DesignStatus\") { enumValues { name } } }",
    );
    assert_eq!(data["__schema"]["queryType"]["name"], "Query");
    assert_eq!(data["branches"]["nodes"][0]["name"], "main");
    assert_eq!(data["kind"]["enumValues"].as_array().map(Vec::len), Some(4));
    // What tools ask first.
    let whole = bench.data(
        "query IntrospectionQuery { __schema { queryType { name } mutationType { name } subscriptionType { name }
            types { ...FullType } directives { name description locations args { ...InputValue } } } }
         fragment FullType on __Type { kind name description fields(includeDeprecated: true) { name description args { ...InputValue }
            type { ...TypeRef } isDeprecated deprecationReason } inputFields { ...InputValue } interfaces { ...TypeRef }
            enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
         fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
         fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
            ofType { kind name ofType { kind name ofType { kind name } } } } } } } }",
    );
    let types = whole["__schema"]["types"].as_array().expect("types").clone();
    assert!(
        types
            .iter()
            .any(|of| of["name"] == "Fielded" && of["possibleTypes"].as_array().map(Vec::len) == Some(4))
    );
}

#[test]
fn requests_that_ask_too_much_are_refused() {
    let bench = Bench::new();
    let aliases: String = (0..101).map(|n| format!("a{n}: branches {{ name }} ")).collect();
    bench.error(&format!("{{ {aliases} }}"), "LIMIT_EXCEEDED");
    let deep = "supersedes { nodes { ".repeat(40);
    bench.error(&format!("{{ thread {{ designRevisions {{ nodes {{ {deep}"), "BAD_INPUT");
    let levels = 31;
    let open = "supersedes { edges { node { ".repeat(levels / 3);
    let close = "} } } ".repeat(levels / 3);
    bench.error(
        &format!("{{ thread {{ designRevisions {{ nodes {{ {open} iri {close} }} }} }} }}"),
        "LIMIT_EXCEEDED",
    );
    bench.error(
        "{ thread { designRevisions(first: 1000) { nodes { supersedes(first: 1000) { edges { node { iri } } } } } } }",
        "LIMIT_EXCEEDED",
    );
    // A page counts with what is asked of each of its items, through an interface too.
    let members = "population { members(first: 1000) { nodes { item { iri } } } }";
    bench.data(&format!("{{ thread {{ parts(first: 50) {{ nodes {{ {members} }} }} }} }}"));
    for within in [
        format!("parts(first: 250) {{ nodes {{ {members} }} }}"),
        format!("parts(first: 250) {{ nodes {{ ... on Fielded {{ {members} }} }} }}"),
    ] {
        bench.error(&format!("{{ thread {{ {within} }} }}"), "LIMIT_EXCEEDED");
    }
    bench.data("{ thread { parts { nodes { revisions { edges { node { builds { edges { node { iri } } } } } } } } } }");
    let answer = bench.ask_with(
        "query ($n: Int!) { thread { designRevisions(first: $n) { nodes { supersedes(first: $n) { edges { cursor } } } } } }",
        json!({ "n": 900 }),
    );
    assert_eq!(answer["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED");
    let bomb: String =
        (0..25).map(|n| format!("fragment f{n} on Query {{ ...f{m} ...f{m} }} ", m = n + 1)).collect();
    bench.error(
        &format!("{{ ...f0 }} {bomb} fragment f25 on Query {{ branches {{ name }} }}"),
        "LIMIT_EXCEEDED",
    );
    bench.error(&"{a".repeat(100_000), "LIMIT_EXCEEDED");
    let nested = |depth: usize| {
        let value = |open: &str, close: &str| open.repeat(depth) + &close.repeat(depth);
        [value("[", "]"), value("{a:", "}"), value("{branches", "}"), value("...{", "}")]
    };
    for value in nested(190) {
        let answer = bench.ask(&format!("{{ branches(a: {value}) {{ nodes {{ name }} }} }}"));
        assert!(answer["errors"].is_array(), "{answer}");
        let answer = bench.ask(&format!("{{ branches {value} }}"));
        assert!(answer["errors"].is_array(), "{answer}");
    }
}

#[test]
fn fragments_cannot_make_much_of_little() {
    let bench = Bench::new();
    let chain = |length: usize, times: usize, last: &str| -> String {
        let body = |n: usize| match n + 1 == length {
            true => last.to_owned(),
            false => format!("...A{}", n + 1),
        };
        let fragment = |n| format!("fragment A{n} on Query {{ {} }} ", vec![body(n); times].join(" "));
        (0..length).map(fragment).collect()
    };
    let check = |fragments: String, code: &str| {
        bench.error(&format!("{{ ...A0 }} {fragments}"), code);
    };
    check(chain(40, 2, "...A0"), "LIMIT_EXCEEDED");
    check(chain(10, 2, "...A0"), "BAD_INPUT");
    check(chain(20, 2, "__typename"), "LIMIT_EXCEEDED");
    check(chain(6000, 1, "__typename"), "LIMIT_EXCEEDED");
    check(chain(6000, 1, "...A0"), "LIMIT_EXCEEDED");
    check(
        "fragment A0 on Query { __typename } ".to_owned() + &chain(6000, 1, "x").replace('A', "B"),
        "BAD_INPUT",
    );
    check("fragment A0 on Query { ".to_owned() + &"... { __typename } ".repeat(3000) + "}", "LIMIT_EXCEEDED");
    assert_eq!(bench.data(&format!("{{ ...A0 }} {}", chain(20, 1, "__typename")))["__typename"], "Query");
}

#[test]
fn traces_run_along_links() {
    let bench = Bench::furnished();
    let data = bench.data(
        "{ thread { trace(from: \"req/REQ-1\", direction: BACKWARD, depth: 1) { nodes { depth resource { iri } property from to backward suspect since { message } path { to } } }
            requirementCoverage { need total: requirementCount withoutCount without(first: 1) { nodes { identifier } } }
            impact(from: \"req/REQ-1\") { nodes { resource { iri } } }
            coverage { class field total: instanceCount withoutCount without(first: 1) { nodes { iri } } } } }",
    );
    let thread = &data["thread"];
    assert_eq!(
        thread["trace"]["nodes"][1],
        json!({ "depth": 1, "resource": { "iri": "req/REQ-12" }, "property": "derivedFrom", "from": "req/REQ-12", "to": "req/REQ-1", "backward": true, "suspect": false, "since": { "message": "Change" }, "path": [{ "to": "req/REQ-1" }] })
    );
    assert_eq!(
        thread["requirementCoverage"],
        json!([
            { "need": "DESIGN", "total": 2, "withoutCount": 0, "without": { "nodes": [] } },
            { "need": "VERIFICATION", "total": 2, "withoutCount": 2, "without": { "nodes": [{ "identifier": "REQ-1" }] } },
            { "need": "OBSERVATION", "total": 1, "withoutCount": 1, "without": { "nodes": [{ "identifier": "REQ-12" }] } },
        ])
    );
    assert_eq!(thread["impact"]["nodes"].as_array().map(Vec::len), Some(3), "{data}");
    let of = |class: &str, field: &str| {
        let found = thread["coverage"].as_array().expect("a list").iter();
        found.clone().find(|of| of["class"] == class && of["field"] == field).cloned()
    };
    assert_eq!(
        of("Requirement", "derivedFrom"),
        Some(
            json!({ "class": "Requirement", "field": "derivedFrom", "total": 2, "withoutCount": 1, "without": { "nodes": [{ "iri": "req/REQ-1" }] } })
        )
    );
    bench.error("{ thread { impact(from: \"req/REQ-99\") { nodes { depth } } } }", "NOT_FOUND");
}

#[test]
fn a_trace_goes_the_way_it_is_asked_to() {
    let bench = Bench::furnished();
    let steps = |direction: &str| -> Vec<String> {
        let data = bench.data(&format!(
            "{{ thread {{ trace(from: \"req/REQ-12\", direction: {direction}, depth: 1) {{ nodes {{ resource {{ iri }} property from to backward }} }} }} }}"
        ));
        let steps = data["thread"]["trace"]["nodes"].as_array().expect("steps").iter();
        let mut steps: Vec<String> = steps
            .map(|step| {
                let text = |key: &str| step[key].as_str().expect("text").to_owned();
                // Whatever the way, a link goes from its subject to its target.
                let (reached, backward) =
                    (step["resource"]["iri"].as_str().expect("an IRI"), step["backward"] == true);
                assert_eq!(reached, if backward { text("from") } else { text("to") });
                format!("{} {} {}", text("from"), text("property"), text("to"))
            })
            .collect();
        steps.sort();
        steps
    };
    let (forward, backward, both) = (steps("FORWARD"), steps("BACKWARD"), steps("BOTH"));
    assert!(forward.iter().all(|step| step.starts_with("req/REQ-12")), "{forward:?}");
    assert!(forward.contains(&"req/REQ-12 derivedFrom req/REQ-1".to_owned()), "{forward:?}");
    assert!(backward.iter().all(|step| step.ends_with(" req/REQ-12")), "{backward:?}");
    assert!(backward.iter().any(|step| step.contains(" satisfies ")), "{backward:?}");
    let mut all = [forward, backward].concat();
    all.sort();
    assert_eq!(both, all);
}

#[test]
fn a_cursor_that_is_none_is_refused() {
    let bench = Bench::furnished();
    for field in ["search(text: \"a\", ", "suspectLinks(", "requirements("] {
        for end in ["after", "before"] {
            for cursor in ["garbage", "9 no:thing", ""] {
                let query = format!("{{ thread {{ {field}{end}: \"{cursor}\") {{ totalCount }} }} }}");
                let error = bench.error(&query, "BAD_INPUT");
                let message = error["message"].as_str().unwrap_or_default();
                assert!(message.starts_with(&format!("\"{cursor}\" is not a cursor")), "{query}: {message}");
            }
        }
    }
}

#[test]
fn a_count_needs_no_page() {
    let bench = Bench::furnished();
    let twins = (0..1001).map(|n| {
        json!({ "putTwinInstance": { "id": format!("twin/X-{n}"), "identifier": format!("X-{n}"), "part": "part/BRG", "builtBy": "lot/1",
            "commissionedAt": "2025-01-01T00:00:00Z" } })
    });
    bench.commit(&json!([{ "putBuild": { "id": "lot/1", "identifier": "L-1", "realizes": "part/BRG/B" } }]));
    bench.commit(&Json::Array(twins.collect()));
    let count = "{ thread { part(id: \"part/BRG\") { population { items { totalCount } } } twinInstances(first: 1000) { totalCount } } }";
    let data = bench.data(count)["thread"].clone();
    assert_eq!(data["part"]["population"]["items"]["totalCount"], 1006);
    assert_eq!(data["twinInstances"]["totalCount"], 1006);
    // Counts of many, none of which makes a page.
    let many = "{ thread { twinInstances(first: 1000) { nodes { part { population { items(first: 1000) { totalCount } } } } } } }";
    let answer = bench.ask(&many.replacen("1000", "2", 1));
    assert_eq!(answer["errors"], Json::Null, "{answer}");
    bench.error("{ thread { twinInstances(first: 1000) { nodes { part { population { items(first: 1000) { nodes { __typename } } } } } } } }", "LIMIT_EXCEEDED");
}
