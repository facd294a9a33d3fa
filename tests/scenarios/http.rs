//! The service as its clients see it.

use super::world::{PUMP, World, post_graphql, request};
use serde_json::json;
use std::io::Write as _;

#[test]
fn good_lines_are_stored_and_bad_ones_named() {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    world.served(|address| {
        let body = b"m,twin=P-1 temp=20 1704067200\nm temp=1 1704067200\nm,twin=P-1 temp=x 1\nm,twin=P-1 temp=30 1704070800\n";
        let answer = request(address, "POST", "/api/v2/write?bucket=b&org=o&precision=s", &[], body);
        assert_eq!(answer.status, 400, "{}", answer.body);
        let body = answer.json();
        assert_eq!(body["code"], "invalid");
        let message = body["message"].as_str().expect("a message");
        assert!(message.starts_with("partial write: 2 lines were refused, 2 samples stored"), "{message}");
        assert!(message.contains("\nline 2: ") && message.contains("\nline 3: "), "{message}");

        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(b"m,twin=P-1 temp=40 1704074400").expect("packed");
        let packed = packed.finish().expect("packed");
        let answer = request(address, "POST", "/write?db=d&precision=s", &[("content-encoding", "gzip")], &packed);
        assert_eq!((answer.status, answer.body.as_str()), (204, ""));
        let answer = request(address, "POST", "/write?precision=fortnight", &[], b"m,twin=P-1 temp=40 1");
        assert_eq!(answer.status, 400);
        assert!(answer.body.contains("fortnight"), "{}", answer.body);
        let answer = request(address, "POST", "/write", &[("content-encoding", "gzip")], b"no gzip");
        assert_eq!(answer.status, 400);
    });
    let usage = world.data(
        r#"{ thread { designRevision(id: "pump/A") { fieldUsage(property: "temperature",
            window: { from: "2024-01-01T00:00:00Z", to: "2024-01-02T00:00:00Z" }) { sampleCount unitCount min max } } } }"#,
        json!({}),
    );
    let usage = &usage["thread"]["designRevision"]["fieldUsage"];
    assert_eq!(*usage, json!({ "sampleCount": 3, "unitCount": 2, "min": 20.0, "max": 40.0 }));
}

#[test]
fn graphql_over_http() {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    world.served(|address| {
        let query = "query($id: ID!) { thread { requirement(id: $id) { title } } }";
        let answer = post_graphql(address, query, &json!({ "id": "REQ-1" }));
        assert_eq!(answer.status, 200);
        assert!(
            answer.head.to_lowercase().contains("content-type: application/graphql-response+json"),
            "{}",
            answer.head
        );
        assert_eq!(
            answer.json(),
            json!({ "data": { "thread": { "requirement": { "title": "Stay cool" } } } })
        );

        let invalid = post_graphql(address, "{ thread { nothing } }", &json!({}));
        assert_eq!(
            (invalid.status, &invalid.json()["errors"][0]["extensions"]["code"]),
            (400, &json!("BAD_INPUT"))
        );
        let older = [("content-type", "application/json"), ("accept", "application/json")];
        let older = request(address, "POST", "/graphql", &older, br#"{"query":"{ thread { nothing } }"}"#);
        assert_eq!(older.status, 200);
        let no_json = request(address, "POST", "/graphql", &[("content-type", "application/json")], b"{");
        assert_eq!(no_json.status, 400);
        let form = request(address, "POST", "/graphql", &[("content-type", "text/plain")], b"{}");
        assert_eq!(form.status, 415);
        let unacceptable = [("content-type", "application/json"), ("accept", "text/html")];
        assert_eq!(request(address, "POST", "/graphql", &unacceptable, b"{}").status, 406);

        let get = request(address, "GET", "/graphql?query=%7Bthread%7Bbase%3A__typename%7D%7D", &[], b"");
        assert_eq!(get.json(), json!({ "data": { "thread": { "base": "Thread" } } }));
        let mutation = "/graphql?query=mutation%7BcreateBranch(name%3A%22x%22)%7B__typename%7D%7D";
        assert_eq!(request(address, "GET", mutation, &[], b"").status, 405);
    });
    assert_eq!(world.app.repository().branches().expect("branches").len(), 2, "main and import/pump");
}

#[test]
fn health_and_ping() {
    let world = World::new();
    world.served(|address| {
        let health = request(address, "GET", "/health", &[], b"");
        assert_eq!((health.status, &health.json()["status"]), (200, &json!("pass")));
        let ping = request(address, "GET", "/ping", &[], b"");
        assert_eq!(ping.status, 204);
        assert!(ping.head.to_lowercase().contains("x-influxdb-version: "), "{}", ping.head);
        let head = request(address, "HEAD", "/ping", &[], b"");
        assert_eq!((head.status, head.body.as_str()), (204, ""));
        assert!(head.head.to_lowercase().contains("x-influxdb-version: "), "{}", head.head);
        assert_eq!(request(address, "GET", "/nowhere", &[], b"").status, 404);
    });
}

#[test]
fn the_root_says_what_this_is_and_where_to_go() {
    let world = World::new();
    world.served(|address| {
        let check = |accept: &[(&str, &str)], kind: &str, part: &str| {
            let page = request(address, "GET", "/", accept, b"");
            assert_eq!((page.status, page.header("content-type")), (200, Some(kind)), "{accept:?}");
            assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
            assert!(page.body.starts_with(part) && !page.body.contains("<script"), "{}", page.body);
            page.body
        };
        let browser = ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
        let (html, plain) = ("text/html; charset=utf-8", "text/plain; charset=utf-8");
        let page = check(&[browser], html, "<!doctype html>");
        check(&[browser, ("sec-fetch-site", "cross-site")], html, "<!doctype html>");
        check(&[("accept", "*/*")], plain, "throughline ");
        let text = check(&[], plain, "throughline ");
        // What the page names is there, and nothing that is there is missing.
        for path in ["/graphql", "/sparql", "/api/v2/write", "/write", "/health", "/ping"] {
            assert!(page.contains(path) && text.contains(path), "{path}");
            assert_ne!(request(address, "GET", path, &[], b"").status, 404, "{path}");
        }
        let head = request(address, "HEAD", "/", &[], b"");
        assert_eq!((head.status, head.body.as_str()), (200, ""));
    });
}

#[test]
fn pages_of_other_sites_read_and_change_nothing() {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    world.served(|address| {
        let form = ("content-type", "text/plain");
        let line = b"m,twin=P-1 temp=4136 1704067200000000000";
        let check =
            |method: &str, path: &str, headers: &[(&str, &str)], body: &[u8], status: u16, part: &str| {
                let answer = request(address, method, path, headers, body);
                assert!(
                    answer.status == status && answer.body.contains(part),
                    "{path} {headers:?}: {} {}",
                    answer.status,
                    answer.body
                );
            };
        for path in ["/write", "/api/v2/write"] {
            check(
                "POST",
                path,
                &[form, ("origin", "https://evil.example")],
                line,
                403,
                "a page of https://evil.example",
            );
            check("POST", path, &[form, ("origin", "null")], line, 403, "a page of null");
            check(
                "POST",
                path,
                &[("host", "evil.example:7300")],
                line,
                421,
                "not known as evil.example:7300",
            );
        }
        let commit = r#"{"query": "mutation { createBranch(name: \"taken\") { name } }"}"#;
        let json = ("content-type", "application/json");
        let rebound = [json, ("host", "evil.example"), ("origin", "http://evil.example")];
        check("POST", "/graphql", &rebound, commit.as_bytes(), 421, "hosts under [server]");
        let image = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")];
        check("GET", "/graphql?query=%7B__typename%7D", &image, b"", 403, "another site");
        check("GET", "/sparql?query=ASK%7B%7D", &image, b"", 403, "another site");
        // The service's own pages, and clients that are no browsers.
        let own = format!("http://{address}");
        check(
            "GET",
            "/graphql?query=%7B__typename%7D",
            &[("origin", &own), ("sec-fetch-site", "same-origin")],
            b"",
            200,
            "Query",
        );
        check("GET", "/health", &image, b"", 200, "");
    });
    let data = world.data(
        r#"{ branches { name } thread { twinInstance(id: "unit/P-1") { telemetry(window: { from: "2024-01-01T00:00:00Z",
            to: "2024-01-02T00:00:00Z" }) { samples { value } } } } }"#,
        json!({}),
    );
    assert!(!data.to_string().contains("4136"), "{data}");
    assert!(!data["branches"].to_string().contains("taken"));
}
