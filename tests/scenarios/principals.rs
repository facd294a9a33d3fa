//! What a principal may send, how long it stays let in, and what is logged of it.

use super::access::{bearer, new, token};
use super::live::Client;
use super::program::out;
use super::world::{Answer, World, request};
use serde_json::json;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use throughline::app::access::{NewToken, Role};

/// A thread with these settings.
fn world(settings: &str) -> World {
    World::new()
        .reopened(|folder| std::fs::write(folder.join("throughline.toml"), settings).expect("settings"))
}

fn graphql(address: SocketAddr, token: &str, query: &str) -> Answer {
    let headers = [("content-type", "application/json"), ("authorization", &bearer(token))];
    request(address, "POST", "/graphql", &headers, json!({ "query": query }).to_string().as_bytes())
}

#[test]
fn a_principal_sends_what_its_role_may_in_a_minute() {
    let world = world(
        "[server.rates.reader]\nrequestsPerMinute = 1\n[server.rates.telemetry-writer]\nmegabytesPerMinute = 1\n",
    );
    let ada = token(&world, 1, &new("ada", Role::Reader));
    let bob = token(&world, 2, &new("bob", Role::Reader));
    let gateway = token(&world, 3, &new("gateway", Role::TelemetryWriter));
    let operator = token(&world, 4, &new("officer", Role::Operator));
    world.served(|address| {
        let ask = |token: &str| graphql(address, token, "{ thread { base } }");
        assert_eq!(ask(&ada).status, 200);
        let refused = ask(&ada);
        let seconds: u64 = refused.header("retry-after").expect("Retry-After").parse().expect("seconds");
        assert!(refused.status == 429 && (1..=60).contains(&seconds), "{} {}", refused.status, refused.head);
        assert_eq!(refused.json()["errors"][0]["extensions"]["code"], "UNAVAILABLE");
        assert_eq!(ask(&bob).status, 200, "another principal of the role");
        (0..10).for_each(|_| assert_eq!(ask(&operator).status, 200, "a role without a limit"));
        // Over a WebSocket each operation counts.
        let mut client = Client::silent(address);
        client.send_json(&json!({ "type": "connection_init", "payload": { "authorization": bearer(&bob) } }));
        assert_eq!(client.receive()["type"], "connection_ack");
        client.subscribe("1", "{ thread { base } }");
        let answer = client.receive();
        assert_eq!(answer["type"], "error", "{answer}");
        let write = |bytes: usize| {
            let line = "pump,twin=P-1 temp=91 1704067200\n";
            let body = line.repeat(bytes / line.len());
            let headers = [("authorization", bearer(&gateway))];
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            request(address, "POST", "/write?precision=s", &headers, body.as_bytes())
        };
        assert_eq!(write(2_000_000).status, 413, "more than a minute's worth at once");
        assert_eq!(write(900_000).status, 204);
        let refused = write(900_000);
        assert!(refused.status == 429 && refused.json()["error"].is_string(), "{}", refused.body);
        let metrics = request(address, "GET", "/metrics", &[("authorization", &bearer(&operator))], b"").body;
        for (limit, count) in [("requests", 2), ("bytes", 2)] {
            let line = format!("throughline_http_limited_requests_total{{limit=\"{limit}\"}} {count}\n");
            assert!(metrics.contains(&line), "{line}{metrics}");
        }
    });
}

#[test]
fn an_idempotency_key_belongs_to_who_made_the_commit() {
    let world = World::new();
    let ada = token(&world, 1, &new("ada", Role::Contributor));
    let eve = token(&world, 2, &new("eve", Role::Contributor));
    let sync = token(&world, 3, &NewToken { act_as: true, ..new("sync", Role::Contributor) });
    let commit = |part: &str, more: &str| {
        format!(
            "mutation {{ commit(input: {{ message: \"m\", idempotencyKey: \"once\", {more} changes: [{{ putPart: {{ id: \"{part}\", identifier: \"{part}\" }} }}] }}) {{ changed commit {{ id }} }} }}"
        )
    };
    world.served(|address| {
        let first = graphql(address, &ada, &commit("p", "")).json();
        let made = first["data"]["commit"]["commit"]["id"].clone();
        assert!(made.is_string(), "{first}");
        let again = graphql(address, &ada, &commit("p", "")).json();
        assert_eq!(again["data"]["commit"]["commit"]["id"], made, "{again}");
        for (token, more) in [(&eve, ""), (&sync, "author: { name: \"eve\", email: \"eve@plant.example\" },")]
        {
            let answer = graphql(address, token, &commit("q", more)).json();
            assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
            assert!(
                answer["errors"][0]["message"].as_str().is_some_and(|text| text.contains("another author"))
            );
        }
    });
}

#[test]
fn health_names_nothing_to_strangers() {
    let world = World::new();
    let monitor = token(&world, 1, &new("probe", Role::Monitor));
    let folder = world.folder.path().to_owned();
    world.served(|address| {
        let get = |path: &str, token: Option<&str>| {
            let value = token.map(bearer);
            let headers: Vec<_> = value.iter().map(|value| ("authorization", value.as_str())).collect();
            request(address, "GET", path, &headers, b"")
        };
        for path in ["/health", "/health/live", "/health/ready"] {
            let answer = get(path, None);
            assert_eq!((answer.status, &answer.json()["status"]), (200, &json!("pass")), "{path}");
        }
        // Another process may have taken the folder.
        let aside = folder.join("aside");
        std::fs::rename(folder.join("lock"), &aside).expect("moved");
        let name = folder.to_string_lossy().into_owned();
        let stranger = get("/health", None);
        assert!(stranger.status == 503 && !stranger.body.contains(&name), "{}", stranger.body);
        assert!(stranger.json()["message"].as_str().is_some_and(|text| text.contains("in the log")));
        let known = get("/health", Some(&monitor));
        assert!(known.status == 503 && known.body.contains(&name), "{}", known.body);
        assert_eq!((get("/health/ready", None).status, get("/health/live", None).status), (503, 200));
        assert!(!get("/health/ready", None).body.contains(&name));
        std::fs::rename(&aside, folder.join("lock")).expect("back");
        assert_eq!(get("/health/ready", None).status, 200);
    });
}

#[test]
fn every_answer_has_an_id_and_is_what_it_says() {
    let world = World::new();
    world.served(|address| {
        for path in
            ["/", "/none", "/graphql?query={thread{base}}", "/schema.graphql", "/ping", "/health", "/metrics"]
        {
            let answer = request(address, "GET", path, &[("x-request-id", "build-7.3")], b"");
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
            assert_eq!(answer.header("x-request-id"), Some("build-7.3"), "{path}");
        }
        let made = |given: &str| {
            let answer = request(address, "GET", "/ping", &[("x-request-id", given)], b"");
            answer.header("x-request-id").expect("an id").to_owned()
        };
        let (one, two) = (made("a b"), made(&"x".repeat(65)));
        assert!(one != two && one.parse::<uuid::Uuid>().is_ok(), "{one} {two}");
    });
}

/// The log of a service that runs as a process, after `client`.
fn logged(settings: &str, variables: &[(&str, &str)], client: impl FnOnce(SocketAddr)) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let program = env!("CARGO_BIN_EXE_throughline");
    let run = |arguments: &[&str]| {
        Command::new(program).current_dir(folder.path()).args(arguments).output().expect("the program")
    };
    out(&run(&["init", "plant"]));
    std::fs::write(folder.path().join("plant/throughline.toml"), settings).expect("settings");
    let mut service = Command::new(program)
        .current_dir(folder.path())
        .args(["serve", "--data", "plant", "--listen", "127.0.0.1:0"])
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the service");
    let mut line = String::new();
    let mut printed = std::io::BufReader::new(service.stdout.take().expect("the output"));
    std::io::BufRead::read_line(&mut printed, &mut line).expect("a line");
    let address =
        line.trim().strip_prefix("listening on http://").expect("an address").parse().expect("an address");
    client(address);
    // The service ends as one that is stopped.
    let id = service.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().expect("kill").success());
    let ended = service.wait_with_output().expect("its end");
    assert!(ended.status.success());
    String::from_utf8(ended.stderr).expect("text")
}

#[test]
fn requests_and_slow_operations_are_logged_without_what_they_ask() {
    let settings = "[log]\nrequests = true\nformat = \"json\"\nslowSeconds = 0.000001\n";
    let query = "{ thread { base } } # a secret of the plant";
    let log = logged(settings, &[], |address| {
        let headers = [
            ("content-type", "application/json"),
            ("x-request-id", "build-7"),
            ("authorization", "Bearer tl_secret"),
        ];
        let body = json!({ "query": query, "variables": { "password": "hunter2" } }).to_string();
        assert_eq!(request(address, "POST", "/graphql?token=hidden", &headers, body.as_bytes()).status, 200);
    });
    let entries: Vec<serde_json::Value> = log
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let of = |target: &str| {
        entries.iter().find(|entry| entry["target"] == target).unwrap_or_else(|| panic!("{target}: {log}"))
    };
    let asked = of("throughline::request");
    assert_eq!(
        (&asked["path"], &asked["status"], &asked["method"]),
        (&json!("/graphql"), &json!(200), &json!("POST"))
    );
    assert_eq!(asked["span"]["id"], "build-7", "{asked}");
    let slow = of("throughline::slow");
    let hash = sha256(query);
    assert_eq!(
        (&slow["document"], &slow["type"], &slow["span"]["id"]),
        (&json!(hash), &json!("query"), &json!("build-7"))
    );
    for secret in ["secret", "hunter2", "hidden", "thread {"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
    // Nothing of a request is logged where that is not wanted, and a variable sets the level.
    let quiet = logged("", &[("THROUGHLINE_LOG__LEVEL", "off")], |address| {
        request(address, "GET", "/none", &[], b"");
    });
    assert!(!quiet.contains("/none"), "{quiet}");
}

fn sha256(text: &str) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_socket_that_a_proxy_opened_is_closed_when_it_is_old() {
    let world = world(
        "[access.proxy]\nheader = \"x-user\"\naddresses = [\"127.0.0.1\"]\nsocketSeconds = 1\n[access.proxy.roles]\nada = \"reader\"\n",
    );
    let reader = token(&world, 1, &new("bob", Role::Reader));
    world.served(|address| {
        let protocol = ("sec-websocket-protocol", "graphql-transport-ws");
        let mut of_proxy = Client::connect(address, &[protocol, ("x-user", "ada")]).expect("a connection");
        of_proxy.send_json(&json!({ "type": "connection_init" }));
        let mut of_token =
            Client::connect(address, &[protocol, ("authorization", &bearer(&reader))]).expect("a connection");
        of_token.send_json(&json!({ "type": "connection_init" }));
        assert_eq!(of_token.receive()["type"], "connection_ack");
        let (code, reason) = of_proxy.closed_at_last();
        assert!(code == 1001 && reason.contains("socketSeconds"), "{code} {reason}");
        of_token.subscribe("1", "{ thread { base } }");
        assert_eq!(of_token.receive()["type"], "next", "one that a token opened stays");
    });
}
