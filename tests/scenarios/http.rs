//! The service as its clients see it.

use super::world::{PUMP, World, post_graphql, request};
use serde_json::json;
use std::io::{Read as _, Write as _};
use throughline::graphql::Query;

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
        let answer = request(
            address,
            "POST",
            "/write?db=d&precision=s",
            &[("content-encoding", "gzip")],
            &[&packed[..], b"xx"].concat(),
        );
        assert!(answer.status == 400 && answer.body.contains("bytes that are no gzip follow"), "{}", answer.body);
        let variables = format!("{}1{}", "[".repeat(200), "]".repeat(200));
        let body = format!(r#"{{ "query": "{{ __typename }}", "variables": {{ "x": {variables} }} }}"#);
        let answer = request(address, "POST", "/graphql", &[("content-type", "application/json")], body.as_bytes());
        assert!(answer.body.contains("the body is nested too deeply"), "{}", answer.body);
        let (own, evil) = (format!("http://{address}"), "https://evil.example");
        let headers =
            [("content-type", "application/json"), ("origin", own.as_str()), ("origin", evil)];
        let answer = request(address, "POST", "/graphql", &headers, br#"{"query":"{ __typename }"}"#);
        assert!(answer.status == 400 && answer.body.contains("more than one Origin"), "{}", answer.body);
        let answer = request(address, "POST", "/write", &[("content-encoding", "gzip")], b"no gzip");
        assert_eq!(answer.status, 400);
    });
    let usage = world.data(
        r#"{ thread { designRevision(id: "pump/A") { fieldUsage(property: "temperature",
            window: { from: "2024-01-01T00:00:00Z", to: "2024-01-02T00:00:00Z" }) { sampleCount unitCount min max } } } }"#,
        json!({}),
    );
    let usage = &usage["thread"]["designRevision"]["fieldUsage"];
    assert_eq!(*usage, json!({ "sampleCount": "3", "unitCount": 2, "min": 20.0, "max": 40.0 }));
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
        let body = br#"{"query":"{ thread { base } }"}"#;
        for (name, value, status) in [
            ("content-type", "application/json; charset=utf-16", 415),
            ("content-type", "application/json; charset=\"UTF-8\"", 200),
            ("content-encoding", "gzip", 415),
            ("content-encoding", "identity", 200),
        ] {
            let fields = [("content-type", "application/json"), (name, value)];
            let fields = if name == "content-type" { &fields[1..] } else { &fields[..] };
            let answer = request(address, "POST", "/graphql", fields, body);
            assert_eq!(answer.status, status, "{name}: {value}");
            assert!(answer.head.to_lowercase().contains("vary: accept"), "{}", answer.head);
        }
        let unacceptable = [("content-type", "application/json"), ("accept", "text/html")];
        assert_eq!(request(address, "POST", "/graphql", &unacceptable, b"{}").status, 406);

        let get = request(address, "GET", "/graphql?query=%7Bthread%7Bbase%3A__typename%7D%7D", &[], b"");
        assert_eq!(get.json(), json!({ "data": { "thread": { "base": "Thread" } } }));
        let mutation =
            "/graphql?query=mutation%7BcreateBranch(input%3A%7Bname%3A%22x%22%7D)%7B__typename%7D%7D";
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
fn the_root_states_what_this_is_and_where_to_go() {
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
        let plain = "text/plain; charset=utf-8";
        for headers in [vec![browser], vec![browser, ("sec-fetch-site", "cross-site")]] {
            let page = request(address, "GET", "/", &headers, b"");
            assert_eq!((page.status, page.header("location")), (303, Some("/pages/")), "{headers:?}");
        }
        check(&[("accept", "*/*")], plain, "throughline ");
        let text = check(&[], plain, "throughline ");
        // What the page names is there, and nothing that is there is missing.
        for path in ["/pages/", "/graphql", "/sparql", "/api/v2/write", "/write", "/health", "/ping"] {
            assert!(text.contains(path), "{path}");
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
        let commit = r#"{"query": "mutation { createBranch(input: { name: \"taken\" }) { branch { name } } }"}"#;
        // What the forms of a foreign page send without asking first.
        let form_of_commit = b"query=mutation%7BcreateBranch(input%3A%7Bname%3A%22taken%22%7D)%7Bbranch%7Bname%7D%7D%7D";
        let parts = b"--x\r\ncontent-disposition: form-data; name=\"operations\"\r\n\r\n{\"query\": \"mutation { createBranch(input: { name: \\\"taken\\\" }) { branch { name } } }\"}\r\n--x--\r\n";
        for (kind, commit) in [
            ("application/x-www-form-urlencoded", &form_of_commit[..]),
            ("multipart/form-data; boundary=x", &parts[..]),
        ] {
            let (kind, origin) = (("content-type", kind), ("origin", "https://evil.example"));
            for (path, body) in [("/write", &line[..]), ("/api/v2/write", &line[..]), ("/graphql", commit)] {
                check("POST", path, &[kind, origin], body, 403, "a page of https://evil.example");
                let site = ("sec-fetch-site", "cross-site");
                check("POST", path, &[kind, site], body, 403, "another site");
            }
            // Nor is it a request of GraphQL where no browser names its origin.
            check("POST", "/graphql", &[kind], commit, 415, "");
        }
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
        r#"{ branches { nodes { name } } thread { twinInstance(id: "unit/P-1") { telemetry(window: { from: "2024-01-01T00:00:00Z",
            to: "2024-01-02T00:00:00Z" }) { samples { value } } } } }"#,
        json!({}),
    );
    assert!(!data.to_string().contains("4136"), "{data}");
    assert!(!data["branches"]["nodes"].to_string().contains("taken"));
}

/// A world whose settings are written before it is opened.
fn with_settings(settings: &str, files: &[(&str, &str)]) -> World {
    World::new().reopened(|folder| {
        std::fs::write(folder.join("settings.toml"), settings).expect("settings");
        for (name, text) in files {
            let path = folder.join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
    })
}

#[test]
fn whoever_takes_anything_gets_json() {
    let world = World::new();
    world.served(|address| {
        let check = |accept: &[(&str, &str)], kind: &str, status: u16| {
            let headers = [&[("content-type", "application/json")][..], accept].concat();
            let answer = request(address, "POST", "/graphql", &headers, br#"{"query":"{ nothing }"}"#);
            assert_eq!((answer.header("content-type"), answer.status), (Some(kind), status), "{accept:?}");
        };
        let (older, newer) = ("application/json", "application/graphql-response+json");
        check(&[], older, 200);
        check(&[("accept", "*/*")], older, 200);
        check(&[("accept", "application/graphql-response+json, application/json;q=0.9")], newer, 400);
        check(&[("accept", "application/graphql-response+json;q=0.5, application/json")], older, 200);
        check(&[("accept", "application/graphql-response+json")], newer, 400);
        check(&[("accept", "application/*;q=0.2, application/json;q=0")], newer, 400);
    });
}

#[test]
fn the_schema_is_a_file() {
    let world = World::new();
    world.served(|address| {
        let schema = request(address, "GET", "/schema.graphql", &[], b"");
        assert_eq!((schema.status, schema.header("content-type")), (200, Some("text/plain; charset=utf-8")));
        assert_eq!(schema.body, &*world.service.schema().sdl());
        let post = request(address, "POST", "/schema.graphql", &[], b"");
        assert_eq!((post.status, post.header("allow")), (405, Some("GET,HEAD")));
    });
}

#[test]
fn a_browser_opens_graphiql_and_a_link_runs_nothing() {
    let world = World::new();
    world.served(|address| {
        let browser = ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
        let visit = [browser, ("sec-fetch-dest", "document"), ("sec-fetch-site", "cross-site")];
        for headers in [&[browser][..], &visit] {
            let page = request(address, "GET", "/graphql?query=%7Bbranches%7Bname%7D%7D", headers, b"");
            assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
            assert!(
                page.body.starts_with("<!doctype html>") && !page.body.contains("branches"),
                "{}",
                page.body
            );
            let policy = page.header("content-security-policy").expect("a policy");
            assert!(
                policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'none'"),
                "{policy}"
            );
            for source in page.body.split('"').filter(|text| text.starts_with("/graphiql/")) {
                let file = request(address, "GET", source, &[("sec-fetch-site", "same-origin")], b"");
                let expected = if source.contains(".css") { "text/css" } else { "text/javascript" };
                let kind = file.header("content-type").expect("a kind");
                assert!(file.status == 200 && kind.starts_with(expected), "{source}: {kind}");
            }
        }
        // What a page asks for is no visit, and data is asked for by whoever wants data.
        let image = [browser, ("sec-fetch-dest", "image"), ("sec-fetch-site", "cross-site")];
        assert_eq!(request(address, "GET", "/graphql?query=%7B__typename%7D", &image, b"").status, 403);
        let framed = [browser, ("sec-fetch-dest", "iframe"), ("sec-fetch-site", "cross-site")];
        assert_eq!(request(address, "GET", "/graphql?query=%7B__typename%7D", &framed, b"").status, 403);
        let data = request(address, "GET", "/graphql?query=%7B__typename%7D", &[("accept", "*/*")], b"");
        assert_eq!(data.json(), json!({ "data": { "__typename": "Query" } }));
        assert_eq!(request(address, "GET", "/graphiql/nothing.js", &[], b"").status, 404);
    });
}

#[test]
fn pages_of_listed_origins_read_answers() {
    let world =
        with_settings("[server]\norigins = [\"http://localhost:*\", \"https://tools.example\"]\n", &[]);
    world.served(|address| {
        let check = |origin: &str, is_listed: bool| {
            let asks = [
                ("origin", origin),
                ("access-control-request-method", "POST"),
                ("access-control-request-headers", "content-type"),
            ];
            let preflight = request(address, "OPTIONS", "/graphql", &asks, b"");
            let allowed = preflight.header("access-control-allow-origin");
            assert_eq!(
                (preflight.status, allowed),
                if is_listed { (204, Some(origin)) } else { (403, None) },
                "{origin}"
            );
            if is_listed {
                let headers = preflight.header("access-control-allow-headers").expect("headers");
                assert!(headers.contains("content-type") && headers.contains("authorization"), "{headers}");
                assert_eq!(preflight.header("access-control-allow-methods"), Some("GET, POST, PUT, DELETE"));
            }
            let posts =
                [("origin", origin), ("content-type", "application/json"), ("sec-fetch-site", "cross-site")];
            let answer = request(address, "POST", "/graphql", &posts, br#"{"query":"{ __typename }"}"#);
            let allowed = answer.header("access-control-allow-origin");
            assert_eq!(
                (answer.status, allowed),
                if is_listed { (200, Some(origin)) } else { (403, None) },
                "{origin}"
            );
        };
        check("http://localhost:5173", true);
        check("http://localhost", true);
        check("https://tools.example", true);
        for other in [
            "https://localhost:5173",
            "http://localhost.evil.example",
            "http://localhost:5173.evil.example",
            "https://tools.example:444",
            "null",
        ] {
            check(other, false);
        }
    });
}

#[test]
fn whoever_is_refused_reads_why_in_json() {
    let world = World::new();
    world.served(|address| {
        let check = |method: &str, path: &str, headers: &[(&str, &str)], status: u16| {
            let answer = request(address, method, path, headers, b"");
            let message = answer.json()["errors"][0]["message"].clone();
            assert!(
                answer.status == status && message.is_string(),
                "{path}: {} {}",
                answer.status,
                answer.body
            );
            assert_eq!(answer.header("content-type"), Some("application/json"), "{path}");
        };
        check("POST", "/graphql", &[("origin", "https://evil.example")], 403);
        check("POST", "/graphql", &[("host", "evil.example")], 421);
        check("GET", "/nothing", &[], 404);
        check("DELETE", "/graphql", &[], 405);
        check("DELETE", "/health", &[], 405);
        check("POST", "/graphql", &[("content-type", "text/plain")], 415);
        check("POST", "/graphql", &[("content-type", "application/json"), ("accept", "text/html")], 406);
        check("GET", "/graphql?variables=%7B", &[], 400);
        check("GET", "/graphql?query=a&query=b", &[], 400);
        check("GET", "/graphql", &[], 400);
    });
}

#[test]
fn large_answers_are_packed_for_whoever_takes_that() {
    let world = World::new();
    world.served(|address| {
        let read = |path: &str, accept: &str| {
            let mut stream = std::net::TcpStream::connect(address).expect("a connection");
            let head = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\naccept-encoding: {accept}\r\n\r\n");
            stream.write_all(head.as_bytes()).expect("sent");
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).expect("an answer");
            let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
            let head = String::from_utf8(bytes[..end].to_vec()).expect("text").to_lowercase();
            (head, bytes.split_off(end + 4))
        };
        let (head, packed) = read("/schema.graphql", "gzip, br");
        assert!(head.contains("content-encoding: gzip") && head.contains("vary: accept-encoding"), "{head}");
        assert!(!head.contains("content-length"), "{head}");
        let mut text = String::new();
        let chunks = unchunked(&packed);
        flate2::read::GzDecoder::new(chunks.as_slice()).read_to_string(&mut text).expect("gzip");
        assert_eq!(text, &*world.service.schema().sdl());
        assert!(chunks.len() * 5 < text.len() * 2, "{} of {}", chunks.len(), text.len());
        let (head, plain) = read("/schema.graphql", "gzip;q=0");
        assert!(!head.contains("content-encoding") && head.contains("vary: accept-encoding"), "{head}");
        assert_eq!(plain, text.as_bytes());
        let (head, _) = read("/graphql?query=%7B__typename%7D", "gzip");
        assert!(!head.contains("content-encoding"), "small answers go as they are: {head}");
    });
}

/// Joins the chunks of a body.
fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|window| window == b"\r\n") {
        let size =
            std::str::from_utf8(&rest[..end]).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
        let size = size.expect("the size of a chunk");
        body.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 4 + size..];
        if size == 0 {
            break;
        }
    }
    body
}

#[test]
fn documents_are_named_instead_of_sent() {
    let world = with_settings(
        "[server]\ndocuments = \"documents\"\n",
        &[(
            "documents/requirement.graphql",
            "query ($id: ID!) { thread { requirement(id: $id) { title } } }",
        )],
    );
    world.import("pump", PUMP).expect("an import");
    let title = json!({ "data": { "thread": { "requirement": { "title": "Stay cool" } } } });
    world.served(|address| {
        let post = |body: &serde_json::Value| {
            let headers =
                [("content-type", "application/json"), ("accept", "application/graphql-response+json")];
            request(address, "POST", "/graphql", &headers, body.to_string().as_bytes())
        };
        let named = json!({ "documentId": "requirement", "variables": { "id": "REQ-1" } });
        assert_eq!(post(&named).json(), title);
        let get = "/graphql?documentId=requirement&variables=%7B%22id%22%3A%22REQ-1%22%7D";
        assert_eq!(request(address, "GET", get, &[], b"").json(), title);
        let unknown = post(&json!({ "documentId": "nothing" }));
        assert_eq!(
            (unknown.status, &unknown.json()["errors"][0]["extensions"]["code"]),
            (400, &json!("NOT_FOUND"))
        );
        // What Apollo's client does: the hash alone, and where that is not known the document with it.
        let text = "{ x: __typename }";
        let hash = "dc46e5bee9cd8d27ad5a35b4b8a4b0ae49ac5cb9c3f9a8bbd0e8e0c3b1ad7d29";
        let by_hash =
            |hash: &str| json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } });
        let first = post(&by_hash(hash));
        let error = &first.json()["errors"][0];
        assert_eq!((first.status, &error["message"]), (400, &json!("PersistedQueryNotFound")));
        assert_eq!(error["extensions"]["code"], json!("PERSISTED_QUERY_NOT_FOUND"));
        let mut wrong = by_hash(hash);
        wrong["query"] = json!(text);
        let refused = post(&wrong).json()["errors"][0]["message"].as_str().expect("a message").to_owned();
        let own = refused.rsplit(' ').next().expect("its hash").to_owned();
        let mut sent = by_hash(&own);
        sent["query"] = json!(text);
        for body in [sent, by_hash(&own)] {
            assert_eq!(post(&body).json(), json!({ "data": { "x": "Query" } }));
        }
    });
}

#[test]
fn only_listed_documents_are_answered_where_that_is_set() {
    let world = with_settings(
        "[server]\ndocuments = \"documents\"\ndocumentsOnly = true\n",
        &[("documents/list.json", r#"{ "a": "{ a: __typename }" }"#)],
    );
    world.served(|address| {
        let check = |query: &str, status: u16, part: &str| {
            let answer = request(
                address,
                "POST",
                "/graphql",
                &[("content-type", "application/json"), ("accept", "application/graphql-response+json")],
                query.as_bytes(),
            );
            assert!(answer.status == status && answer.body.contains(part), "{query}: {}", answer.body);
        };
        check(r#"{"documentId":"a"}"#, 200, r#"{"a":"Query"}"#);
        check(r#"{"query":"{ a: __typename }"}"#, 200, r#"{"a":"Query"}"#);
        check(r#"{"query":"{ b: __typename }"}"#, 400, "only the documents of its list");
    });
}

#[test]
fn a_request_learns_what_it_costs() {
    let world = World::new();
    let cost = |query: &str, asked: serde_json::Value| {
        let extensions = json!({ "cost": asked });
        let query = Query { query: Some(query.to_owned()), extensions, ..Query::default() };
        world.service.run(&query)["extensions"]["cost"].clone()
    };
    let query = "{ log(first: 10) { nodes { id } } }";
    assert_eq!(cost(query, json!(false)), json!(null));
    let answer = cost(query, json!(true));
    assert_eq!((&answer["nodes"], &answer["nodesMax"]), (&json!(10), &json!(200_000)));
    // A list without pages counts as three of what is asked of each; what is computed over a window as ten.
    let window = r#"window: { from: "2024-01-01T00:00:00Z", to: "2024-02-01T00:00:00Z" }"#;
    let margins = format!(
        "{{ thread {{ designRevisions(first: 3) {{ nodes {{ margins({window}) {{ verdict }} }} }} }} }}"
    );
    assert_eq!(cost(&margins, json!(true))["nodes"], json!(3 * (3 + 10 + 1)));
    assert_eq!(answer["bytesMax"], json!(32_000_000));
    let data = world.data(query, json!({})).to_string();
    assert_eq!(answer["bytes"], json!(data.len()));
}
