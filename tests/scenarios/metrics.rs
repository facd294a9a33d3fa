//! `/metrics`: what is counted is what was done.

use super::access::{bearer, new, token};
use super::page::read;
use super::world::{Answer, PUMP, World, post_graphql, request};
use serde_json::json;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use throughline::app::access::Role;

/// The samples of a scrape: the name with its labels, and the value.
type Samples = BTreeMap<String, f64>;

fn scrape(address: SocketAddr) -> Samples {
    let answer = request(address, "GET", "/metrics", &[], b"");
    assert_eq!(answer.status, 200, "{}", answer.body);
    samples(&answer)
}

fn samples(answer: &Answer) -> Samples {
    let lines = answer.body.lines().filter(|line| !line.starts_with('#'));
    let sample = |line: &str| {
        let (name, value) = line.rsplit_once(' ').expect("a sample");
        (name.to_owned(), value.parse().expect("a number"))
    };
    lines.map(sample).collect()
}

#[test]
fn what_was_done_between_two_scrapes_is_counted() {
    let world = World::new();
    world.import("plant", PUMP).expect("an import");
    world.served(|address| {
        let before = scrape(address);
        for _ in 0..3 {
            assert_eq!(post_graphql(address, "{ thread { base } }", &json!({})).status, 200);
        }
        post_graphql(address, "{ nothing }", &json!({}));
        let commit = r#"{"query": "mutation { nothing }"}"#;
        let headers = [("content-type", "application/json")];
        request(address, "POST", "/graphql", &headers, commit.as_bytes());
        let lines = b"pump,twin=P-1 temp=91 1704067200\npump,twin=P-1 temp=70 1704070800\nbad\n";
        assert_eq!(request(address, "POST", "/api/v2/write?precision=s", &[], lines).status, 400);
        for path in ["/none", "/none/of/them"] {
            assert_eq!(request(address, "GET", path, &[], b"").status, 404);
        }
        let after = scrape(address);
        let rise = |name: &str| {
            after.get(name).copied().unwrap_or_default() - before.get(name).copied().unwrap_or_default()
        };
        let check =
            |name: &str, expect: f64| assert!((rise(name) - expect).abs() < 1e-9, "{name}: {}", rise(name));
        check(r#"throughline_graphql_operations_total{type="query",outcome="ok"}"#, 3.0);
        check(r#"throughline_graphql_operation_duration_seconds_count{type="query"}"#, 3.0);
        check(r#"throughline_http_requests_total{route="/api/v2/write",method="POST",status="400"}"#, 1.0);
        check(r#"throughline_http_request_duration_seconds_count{route="/graphql",method="POST"}"#, 5.0);
        check(r#"throughline_http_requests_total{route="none",method="GET",status="404"}"#, 2.0);
        check("throughline_ingest_samples_total", 2.0);
        check("throughline_ingest_bytes_total", lines.len() as f64);
        check("throughline_ingest_refused_lines_total", 1.0);
        check("throughline_telemetry_series", 1.0);
        check(r#"throughline_operations_total{operation="ingest",outcome="done"}"#, 1.0);
        assert!(rise(r#"throughline_file_syncs_total{store="telemetry"}"#) >= 1.0);
        assert!(after["process_resident_memory_bytes"] > 1e6 && after["process_open_fds"] > 3.0);
        // No label has a path, a text or a name that a client sends.
        assert!(after.keys().all(|name| !name.contains("of/them") && !name.contains("nothing")));
    });
}

#[test]
fn operators_and_monitors_alone_read_the_metrics() {
    let world = World::new();
    let tokens: Vec<_> = Role::ALL
        .into_iter()
        .enumerate()
        .map(|(number, role)| (role, token(&world, number as u8 + 1, &new(role.as_str(), role))))
        .collect();
    world.served(|address| {
        for (role, token) in &tokens {
            let answer = request(address, "GET", "/metrics", &[("authorization", &bearer(token))], b"");
            let expect = if matches!(role, Role::Operator | Role::Monitor) { 200 } else { 403 };
            assert_eq!(answer.status, expect, "{role}");
        }
        assert_eq!(request(address, "GET", "/metrics", &[], b"").status, 401);
        let (_, operator) = tokens.iter().find(|(role, _)| *role == Role::Operator).expect("an operator");
        let answer = request(address, "GET", "/metrics", &[("authorization", &bearer(operator))], b"");
        assert_eq!(samples(&answer)["throughline_http_unauthenticated_requests_total"], 1.0);
    });
}

/// Each metric is on the page, and nothing else is.
#[test]
fn every_metric_is_described() {
    let page = read("docs/operations.md");
    let described: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .filter(|name| name.starts_with("throughline_") || name.starts_with("process_"))
        .map(|name| name.split('{').next().unwrap_or(name))
        .collect();
    World::new().served(|address| {
        // What has labels is there once something was counted.
        post_graphql(address, "{ thread { base } }", &json!({}));
        let headers = [("accept", "application/openmetrics-text")];
        let answer = request(address, "GET", "/metrics", &headers, b"");
        assert!(answer.body.ends_with("# EOF\n"), "{}", answer.body);
        let text = request(address, "GET", "/metrics", &[], b"").body;
        let kinds: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
        let missing: Vec<_> = kinds.iter().filter(|kind| !described.contains(kind)).collect();
        assert!(missing.is_empty(), "docs/operations.md lacks {missing:?}");
        let unknown: Vec<_> = described.iter().filter(|name| !kinds.contains(name)).collect();
        assert!(unknown.is_empty(), "docs/operations.md describes {unknown:?}, which are not there");
    });
}
