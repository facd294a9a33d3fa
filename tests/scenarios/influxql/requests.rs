//! Requests as clients send them: Grafana's as they were recorded, credentials, limits, and what is refused.

use super::language::lines;
use super::oracle::{Influx, ask, escaped, is_same};
use crate::access::{new, token};
use crate::world::{World, request};
use serde_json::Value;
use throughline::app::access::Role;

fn world() -> World {
    let world = World::new();
    world.app.ingest_lines(lines().as_bytes(), Default::default()).expect("samples");
    world
}

/// The requests that Grafana's query editor, variables and panels make, as its source builds them.
#[test]
fn grafanas_requests_are_answered_as_influxdb_answers_them() {
    let Some(influx) = Influx::start() else { return };
    influx.write(&lines());
    let world = world();
    let recorded: Vec<Value> = serde_json::from_str(include_str!("grafana.json")).expect("requests");
    let headers = [("user-agent", "Grafana/11.2.0"), ("content-type", "application/x-www-form-urlencoded")];
    world.served(|address| {
        for recorded in recorded {
            let query = escaped(recorded["q"].as_str().expect("a query"));
            let answer = |address| match recorded["method"].as_str() {
                Some("GET") => request(
                    address,
                    "GET",
                    &format!("/query?db=throughline&epoch=ms&q={query}"),
                    &headers[..1],
                    b"",
                ),
                _ => {
                    let body = format!("q={query}");
                    request(address, "POST", "/query?db=throughline&epoch=ms", &headers, body.as_bytes())
                }
            };
            let (ours, theirs) = (answer(address), answer(influx.address));
            assert_eq!((ours.status, theirs.status), (200, 200), "{recorded}: {}", ours.body);
            assert!(
                is_same(&ours.json(), &theirs.json()),
                "{recorded}\nours:   {}\ntheirs: {}",
                ours.body,
                theirs.body
            );
            assert!(ours.header("x-influxdb-version").is_some());
        }
    });
}

#[test]
fn a_request_needs_a_reader() {
    let world = world();
    let (reader, writer) = (
        token(&world, 1, &new("grafana", Role::Reader)),
        token(&world, 2, &new("edge", Role::TelemetryWriter)),
    );
    let path = "/query?db=throughline&q=SHOW%20MEASUREMENTS";
    let basic = |token: &str| {
        use base64::Engine as _;
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("grafana:{token}")))
    };
    world.served(|address| {
        let check = |path: &str, authorization: Option<&str>, expect: u16| {
            let headers: Vec<_> = authorization.into_iter().map(|value| ("authorization", value)).collect();
            let answer = request(address, "GET", path, &headers, b"");
            assert_eq!(answer.status, expect, "{path}: {}", answer.body);
            assert!(
                expect == 200 || !path.starts_with("/query") || answer.json()["error"].is_string(),
                "{}",
                answer.body
            );
        };
        check(path, None, 401);
        check(path, Some("Token tl_wrong"), 401);
        check(path, Some(&format!("Token {reader}")), 200);
        check(path, Some(&basic(&reader)), 200);
        check(path, Some(&basic(&writer)), 403);
        check(&format!("{path}&u=grafana&p={reader}"), None, 200);
        check(&format!("{path}&u=grafana&p=tl_wrong"), None, 401);
        check(&format!("{path}&p={reader}&p={reader}"), None, 400);
        // Elsewhere a token in the URL proves nothing.
        check(&format!("/export?source=telemetry&u=grafana&p={reader}"), None, 401);
    });
}

#[test]
fn parameters_and_databases() {
    let world = world();
    world.served(|address| {
        let body = |parameters: &[(&str, &str)]| ask(address, parameters, &[]).body;
        let bound = [
            ("db", "throughline"),
            ("q", "SELECT count(temp) FROM pump WHERE twin = $twin AND temp > $least"),
            ("params", r#"{ "twin": "P-1", "least": -100.5 }"#),
        ];
        assert!(body(&bound).contains(",40]"), "{}", body(&bound));
        let check = |parameters: &[(&str, &str)], status: u16, expect: &str| {
            let answer = ask(address, parameters, &[]);
            assert!(
                answer.status == status && answer.body.contains(expect),
                "{parameters:?}: {}",
                answer.body
            );
        };
        check(
            &[("db", "plant"), ("q", "SHOW MEASUREMENTS")],
            200,
            "database not found: plant: the database of a thread is throughline",
        );
        check(&[("q", "SHOW MEASUREMENTS")], 200, "database name required");
        check(&[("q", "SHOW MEASUREMENTS ON throughline")], 200, "\"pump\"");
        check(&[("db", "throughline@nosuch"), ("q", "SHOW MEASUREMENTS")], 200, "\"error\":\"");
        check(
            &[("db", "throughline"), ("q", "SELECT temp FROM raw.pump")],
            200,
            "retention policy not found: raw",
        );
        check(&[("db", "throughline"), ("q", "SHOW DATABASES"), ("epoch", "y")], 400, "is no epoch");
        check(
            &[("db", "throughline"), ("q", "SELECT nosuch() FROM pump; SHOW DATABASES")],
            200,
            "not executed",
        );
        check(
            &[("db", "throughline"), ("q", "SELECT top(temp, 2) FROM pump")],
            200,
            "the function top() is not supported",
        );
        check(
            &[("db", "throughline"), ("q", "SELECT max(temp), load FROM pump")],
            200,
            "mixing aggregate and non-aggregate",
        );
        check(
            &[("db", "throughline"), ("q", "SELECT mean(temp) FROM (SELECT temp FROM pump)")],
            400,
            "a subquery is not supported",
        );
        check(
            &[("db", "throughline"), ("q", "SELECT temp FROM pump WHERE time > 1s OR twin = 'a'")],
            200,
            "a time in an OR is not supported",
        );
        let post = |content: &str, body: &[u8]| {
            request(address, "POST", "/query?db=throughline", &[("content-type", content)], body)
        };
        assert_eq!(post("application/json", b"{}").status, 400);
        assert_eq!(post("application/x-www-form-urlencoded", b"q=\xff").status, 400);
        let large = format!("q={}", "x".repeat(2 << 20));
        assert_eq!(post("application/x-www-form-urlencoded", large.as_bytes()).status, 413);
    });
}

#[test]
fn more_than_an_answer_may_have_is_refused_with_how_to_ask_for_less() {
    let world = world();
    world.served(|address| {
        let check = |query: &str, expect: &str| {
            let answer = ask(address, &[("db", "throughline"), ("q", query)], &[]);
            assert!(answer.body.contains(expect), "{query}: {:.300}", answer.body);
        };
        let long = "time >= '2020-01-01' AND time < '2026-01-01'";
        check(
            &format!("SELECT mean(temp) FROM pump WHERE {long} GROUP BY time(1s)"),
            "max-select-buckets limit exceeded: (189388801/100000): ask for a shorter time or longer buckets",
        );
        check(
            &format!("SELECT mean(temp), max(temp), min(temp), sum(temp), last(temp) FROM pump WHERE {long} GROUP BY time(1h), twin"),
            "max-select-point limit exceeded: (1000001/1000000): ask for a shorter time, longer buckets, fewer series or a LIMIT",
        );
        // Without rows for empty buckets the same is answered.
        check(
            &format!("SELECT mean(temp), max(temp) FROM pump WHERE {long} GROUP BY time(1h), twin fill(none)"),
            "\"columns\":[\"time\",\"mean\",\"max\"]",
        );
    });
}

/// Serves a thread with more time for a request than a crowded machine needs.
fn patient(world: World) -> World {
    let settings = "[server]\nseconds = 600\n";
    world.reopened(|folder| std::fs::write(folder.join("throughline.toml"), settings).expect("settings"))
}

/// Returns a list of so many items.
fn list(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(",")
}

#[test]
fn columns_are_bounded_before_anything_is_built() {
    let world = patient(world());
    let mut lines = String::new();
    for second in 0..3_000 {
        lines.push_str(&format!(
            "wide,twin=P {} {}\n",
            list(2, |field| format!("f{field}={second}")),
            1_704_067_200 + second
        ));
    }
    lines.push_str(&format!("broad,twin=P {} 1704067200\n", list(600, |field| format!("f{field}={field}"))));
    world.app.ingest_lines(lines.as_bytes(), throughline::telemetry::Precision::Seconds).expect("samples");
    world.served(|address| {
        let check = |query: &str, expect: &str| {
            let answer = ask(address, &[("db", "throughline"), ("q", query)], &[]);
            assert!(answer.body.contains(expect), "{query:.100}: {:.300}", answer.body);
        };
        let many = |count: usize| list(count, |_| "f0".to_owned());
        let values = "max-select-point limit exceeded: (1000001/1000000)";
        check(&format!("SELECT {} FROM wide LIMIT 1", many(1_001)), "a statement has more than 1000 columns");
        check(
            &format!("SELECT f0 FROM wide GROUP BY {}", list(1_001, |tag| format!("t{tag}"))),
            "a statement has more than 1000 dimensions after GROUP BY",
        );
        check("SELECT *, * FROM broad", "max-select-columns limit exceeded: (1202/1000): name fewer fields");
        check("SELECT mean(*), max(/^f/) FROM broad", "max-select-columns limit exceeded: (1200/1000)");
        check(
            &format!("SELECT {} FROM throughline_events", list(200, |_| "*".to_owned())),
            "max-select-columns limit exceeded: (1002/1000)",
        );
        // Cells are made of the page alone.
        check(
            &format!("SELECT {} FROM wide LIMIT 1", many(1_000)),
            ",\"f0_999\"],\"values\":[[\"2024-01-01T00:00:00Z\",0,",
        );
        check(&format!("SELECT {} FROM wide", many(1_000)), values);
        let time = "time >= '2024-01-01' AND time < '2024-01-01T00:50:00Z' GROUP BY time(1s)";
        let same = list(1_000, |_| "mean(f0)".to_owned());
        check(
            &format!("SELECT {same} FROM wide WHERE {time} LIMIT 2 OFFSET 1"),
            "[[\"2024-01-01T00:00:01Z\",1,1,",
        );
        check(&format!("SELECT {same} FROM wide WHERE {time}"), values);
        let sums = list(1_000, |_| "cumulative_sum(mean(f0))".to_owned());
        check(&format!("SELECT {sums} FROM wide WHERE {time} LIMIT 1"), values);
        for fill in ["none", "null", "linear"] {
            let functions = list(1_000, |place| format!("percentile(f0, 0.{place:04})"));
            check(&format!("SELECT {functions} FROM wide WHERE {time} fill({fill})"), values);
        }
        // The keys of every group are in the answer: each group has 900 kB of them, 50 groups more than 32 MB.
        let hosts: String =
            (0..50).map(|host| format!("hosts,host=h{host},twin=H v=1 1704067200\n")).collect();
        world
            .app
            .ingest_lines(hosts.as_bytes(), throughline::telemetry::Precision::Seconds)
            .expect("samples");
        let key = "x".repeat(900_000);
        check(&format!("SELECT v FROM hosts GROUP BY host, \"{key}\""), "the answer is larger than 32 MB");
    });
}

#[test]
fn too_many_samples_one_by_one_are_refused() {
    let world = patient(World::new());
    let mut lines = String::new();
    for second in 0..1_000_001 {
        lines.push_str(&format!("m,twin=P v={} {}\n", second % 7, 1_704_067_200 + second));
    }
    world.app.ingest_lines(lines.as_bytes(), throughline::telemetry::Precision::Seconds).expect("samples");
    world.served(|address| {
        let check = |query: &str, expect: &str| {
            let answer = ask(address, &[("db", "throughline"), ("q", query)], &[]);
            assert!(answer.body.contains(expect), "{query}: {:.300}", answer.body);
        };
        let refused = "max-select-point limit exceeded: (1000001/1000000): ask for a shorter time, fewer series or a LIMIT";
        check("SELECT v FROM m", refused);
        check("SELECT median(v) FROM m", refused);
        check("SELECT count(v), max(v) FROM m", "[\"1970-01-01T00:00:00Z\",1000001,6]");
        // The earliest of many samples with the greatest value, without reading all of them.
        check("SELECT max(v) FROM m", "[\"2024-01-01T00:00:06Z\",6]");
        check("SELECT v FROM m ORDER BY time DESC LIMIT 2", "[[\"2024-01-12T13:46:40Z\",1],[\"2024-01-12T13:46:39Z\",0]]");
        check("SELECT v FROM m LIMIT 1", "[[\"2024-01-01T00:00:00Z\",0]]");
    });
}

/// Returns every query of a dashboard.
fn queries(of: &Value, found: &mut Vec<String>) {
    match of {
        Value::Object(fields) => {
            found.extend(fields.get("query").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|field| queries(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| queries(item, found)),
        _ => {}
    }
}

#[test]
fn the_dashboard_that_is_documented_asks_what_is_answered() {
    let world = world();
    let dashboard = include_str!("../../../docs/integrations/grafana-dashboard.json");
    let mut all = Vec::new();
    queries(&serde_json::from_str(dashboard).expect("JSON"), &mut all);
    assert!(all.len() > 10, "{all:?}");
    let time = "time >= 1704067200000ms and time <= 1704071100000ms";
    let values = [
        ("$measurement", "pump"),
        ("$field", "temp"),
        ("$site", ".*"),
        ("$twin", ".*"),
        ("$timeFilter", time),
        ("$__interval", "10m"),
    ];
    world.served(|address| {
        for query in all {
            let query = values.iter().fold(query, |query, (name, value)| query.replace(name, value));
            let answer = ask(address, &[("db", "throughline"), ("q", &query)], &[]);
            let result = answer.json()["results"][0].clone();
            assert!(result.get("error").is_none(), "{query}: {result}");
            let is_empty = result.get("series").is_none();
            // Nothing is known of these units, and nothing has happened to them.
            assert_eq!(
                is_empty,
                query.contains("events") || query.contains("KEY = \"site\""),
                "{query}: {result}"
            );
        }
    });
}
