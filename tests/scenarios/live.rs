//! Subscriptions, as a client of graphql-transport-ws sees them.

use super::world::{PUMP, World, request};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use throughline::graph::CommitRequest;
use throughline::model::statement::Statement;
use throughline::model::statement::change::Change;
use throughline::telemetry::Precision;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// More than anything here takes; where it passes, the test fails.
const LONG: Duration = Duration::from_secs(180);

/// A client that waits for what it expects; where that never comes, the test fails.
pub(crate) struct Client {
    runtime: Runtime,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr, headers: &[(&'static str, &str)]) -> Result<Self, String> {
        Self::connect_at(address, "/graphql", headers)
    }

    /// Connects to the WebSocket at a path.
    pub(crate) fn connect_at(
        address: SocketAddr,
        path: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let mut request = format!("ws://{address}{path}").into_client_request().expect("a request");
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().expect("a header"));
        }
        let socket = runtime.block_on(connect_async(request)).map_err(|error| error.to_string())?.0;
        Ok(Self { runtime, socket })
    }

    /// Connects without beginning.
    pub(crate) fn silent(address: SocketAddr) -> Self {
        Self::connect(address, &[("sec-websocket-protocol", "graphql-transport-ws")]).expect("a connection")
    }

    fn new(address: SocketAddr) -> Self {
        let mut client = Self::silent(address);
        client.send_json(&json!({ "type": "connection_init" }));
        assert_eq!(client.receive(), json!({ "type": "connection_ack" }));
        client
    }

    pub(crate) fn send_json(&mut self, message: &Value) {
        self.send(Message::text(message.to_string()));
    }

    /// Sends bytes as they are, whether they are a frame or not.
    fn send_bytes(&mut self, bytes: &[u8]) {
        let (runtime, stream) = (&self.runtime, self.socket.get_mut());
        runtime.block_on(tokio::io::AsyncWriteExt::write_all(stream, bytes)).expect("sent");
    }

    fn send(&mut self, message: Message) {
        self.runtime.block_on(self.socket.send(message)).expect("sent");
    }

    pub(crate) fn subscribe(&mut self, id: &str, query: &str) {
        self.send_json(&json!({ "id": id, "type": "subscribe", "payload": { "query": query } }));
    }

    /// Returns the next message, past the pings of a service that has waited for long.
    fn next(&mut self) -> Message {
        loop {
            let wait = async { tokio::time::timeout(LONG, self.socket.next()).await };
            let message = self.runtime.block_on(wait);
            let message =
                message.expect("something is received").expect("an open connection").expect("a message");
            if !message.is_ping() {
                return message;
            }
        }
    }

    pub(crate) fn receive(&mut self) -> Value {
        match self.next() {
            Message::Text(text) => serde_json::from_str(&text).expect("JSON"),
            other => panic!("{other:?}"),
        }
    }

    /// Returns the payload of the next answer to an operation.
    fn answer(&mut self, id: &str) -> Value {
        let mut message = self.receive();
        assert_eq!((&message["id"], &message["type"]), (&json!(id), &json!("next")), "{message}");
        message["payload"].take()
    }

    pub(crate) fn closed(&mut self) -> (u16, String) {
        match self.next() {
            Message::Close(Some(CloseFrame { code, reason })) => (code.into(), reason.to_string()),
            other => panic!("{other:?}"),
        }
    }

    /// Returns how the connection was closed, past the messages before.
    pub(crate) fn closed_at_last(&mut self) -> (u16, String) {
        loop {
            match self.next() {
                Message::Text(_) => {}
                Message::Close(Some(CloseFrame { code, reason })) => {
                    return (code.into(), reason.to_string());
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

/// Commits until stopped; returns the commits in their order.
fn commit(world: &World, branch: &str, number: usize) -> String {
    let subject = world.app.snapshot("main").expect("main").expand("REQ-1").expect("an IRI");
    let predicate = oxigraph::model::NamedNode::new_unchecked("https://test.example/note");
    let note = oxigraph::model::Literal::from(format!("{branch} {number}"));
    let request = CommitRequest {
        branch: branch.to_owned(),
        message: format!("note {number}"),
        changes: vec![Change::Add(Statement::new(subject, predicate, note))],
        ..CommitRequest::default()
    };
    world.app.commit_as(&request).expect("a commit").commit.id.to_string()
}

fn write(world: &World, lines: &str) {
    let written = world.app.ingest_lines(lines.as_bytes(), Precision::Seconds).expect("written");
    assert_eq!(written.rejected_count, 0);
}

fn world() -> World {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    world
}

#[test]
fn commits_come_in_order_none_lost_none_twice() {
    let world = world();
    world.app.create_branch("try", "main").expect("a branch");
    world.served(|address| {
        let mut client = Client::new(address);
        client.subscribe("main", r#"subscription { commits(branch: "main") { id message } }"#);
        client.subscribe("all", "subscription($b: String) { commits(branch: $b) { id parents } }");
        // Committed while the subscriptions begin, and after, until both have received one.
        let (mut made, mut main, mut all) = (Vec::new(), Vec::new(), Vec::new());
        let take = |message: &Value, (main, all): (&mut Vec<String>, &mut Vec<String>)| {
            assert_eq!(message["type"], "next", "{message}");
            let id = message["payload"]["data"]["commits"]["id"].as_str().expect("an id").to_owned();
            if message["id"] == "main" { main.push(id) } else { all.push(id) }
        };
        while made.len() < 30 || main.is_empty() || all.is_empty() {
            for branch in ["main", "main", "try"] {
                made.push((branch, commit(&world, branch, made.len())));
            }
            client.send_json(&json!({ "type": "ping" }));
            let mut message = client.receive();
            while message["type"] != "pong" {
                take(&message, (&mut main, &mut all));
                message = client.receive();
            }
        }
        let of = |branch: &str| {
            made.iter().filter(|(own, _)| *own == branch).map(|(_, id)| id).collect::<Vec<_>>()
        };
        let (on_main, on_try) = (of("main"), of("try"));
        let last = [on_main.last(), on_try.last()].map(|id| *id.expect("a commit"));
        while !main.contains(last[0]) || !last.iter().all(|id| all.contains(id)) {
            take(&client.receive(), (&mut main, &mut all));
        }
        assert!(on_main.ends_with(&main.iter().collect::<Vec<_>>()), "{main:?}");
        // Two branches: each commit once, each branch in its order.
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
        for made in [&on_main, &on_try] {
            let received: Vec<_> = all.iter().filter(|id| made.contains(id)).collect();
            assert!(made.ends_with(&received), "{received:?}");
        }

        client.send_json(&json!({ "id": "all", "type": "complete" }));
        client.send_json(&json!({ "type": "ping", "payload": { "n": 1 } }));
        assert_eq!(client.receive(), json!({ "type": "pong", "payload": { "n": 1 } }));
        commit(&world, "try", made.len());
        let number = made.len() + 1;
        let (last, message) = (commit(&world, "main", number), format!("note {number}"));
        assert_eq!(
            client.answer("main"),
            json!({ "data": { "commits": { "id": last, "message": message } } })
        );
        // The name is free again; a branch that goes ends what follows it.
        client.subscribe("all", r#"subscription { commits(branch: "try") { message } }"#);
        client.send_json(&json!({ "type": "ping" }));
        while client.receive() != json!({ "type": "pong" }) {}
        world.app.repository().delete_branch("try", None).expect("deleted");
        let message = client.receive();
        // The subscription may have begun after the branch was deleted.
        assert!(
            message["id"] == "all" && (message["type"] == "complete" || message["type"] == "error"),
            "{message}"
        );
    });
}

#[test]
fn readings_come_with_their_meaning_and_lag_is_reported() {
    let world = world();
    world.served(|address| {
        let mut client = Client::new(address);
        let query = r#"subscription { readings(twins: ["unit/P-1"], signals: ["temp"]) {
            lagged: laggedCount watermark readings { at value twin { identifier } signal { name } property { title } unit { symbol } } } }"#;
        client.subscribe("r", query);
        // Until the subscription is in force nothing comes; then what is written comes once.
        let mut second = 0;
        let first = loop {
            second += 1;
            write(&world, &format!("m,twin=P-1 temp=70.5,other=1 {second}\nm,twin=P-2 temp=9 {second}"));
            client.send_json(&json!({ "type": "ping" }));
            let message = client.receive();
            if message["type"] == "next" {
                break message["payload"]["data"]["readings"].clone();
            }
        };
        let reading = &first["readings"][0];
        assert_eq!(reading["value"], 70.5);
        assert_eq!(reading["twin"], json!({ "identifier": "P-1" }));
        assert_eq!(reading["signal"], json!({ "name": "temp" }));
        assert_eq!(reading["property"], json!({ "title": "temperature" }));
        assert_eq!(reading["unit"], json!({ "symbol": "°C" }));
        assert_eq!(first["lagged"], "0");
        // What was written before the client first read comes in one batch; of P-1 and temp alone.
        let of_it = |reading: &Value| reading["twin"]["identifier"] == "P-1" && reading["signal"]["name"] == "temp";
        assert!(first["readings"].as_array().expect("readings").iter().all(of_it), "{first}");

        // What was written before the first one was received is received before the last one.
        write(&world, &format!("m,twin=P-1 temp=-1 {}", second + 1));
        let is_last = |reading: &Value| reading["value"] == -1.0;
        loop {
            let message = client.receive();
            let readings = message["payload"]["data"]["readings"]["readings"].as_array().cloned();
            if readings.unwrap_or_default().iter().any(is_last) {
                break;
            }
        }

        let many: Vec<String> =
            (0..12_000).map(|at| format!("m,twin=P-1 temp={at} {}", 100_000 + at)).collect();
        write(&world, &many.join("\n"));
        let (mut lagged, mut values) = (0, Vec::new());
        while values.last() != Some(&11_999.0) {
            let message = client.receive();
            if message["type"] == "next" {
                let batch = &message["payload"]["data"]["readings"];
                lagged += batch["lagged"].as_str().and_then(|count| count.parse::<u64>().ok()).expect("a number");
                let readings = batch["readings"].as_array().expect("readings");
                values.extend(readings.iter().filter_map(|reading| reading["value"].as_f64()).filter(|value| *value != 70.5));
            }
        }
        assert_eq!((lagged, values.len()), (2_000, 10_000));
        assert_eq!(values.first(), Some(&2_000.0));
        assert!(values.windows(2).all(|pair| pair[0] < pair[1]));
    });
}

/// A client that reads nothing holds back only itself: ingest and the others go on, and it learns what it missed.
#[test]
fn a_slow_client_learns_what_it_missed() {
    // It may take as long as the test.
    let world = World::new().reopened(|folder| {
        std::fs::write(folder.join("settings.toml"), "[server]\npatienceSeconds = 600\n").expect("settings");
    });
    world.import("pump", PUMP).expect("an import");
    world.served(|address| {
        let query = r#"subscription { readings(twins: ["unit/P-1"]) { lagged: laggedCount readings { value at property { title } unit { symbol label } signal { id } } } }"#;
        let mut slow = Client::new(address);
        slow.subscribe("r", query);
        // Every sample's value is its number.
        let mut sent = 0_u32;
        let mut write_some = |count: u32| {
            let lines: Vec<_> = (sent + 1..=sent + count).map(|n| format!("m,twin=P-1 temp={n} {n}")).collect();
            sent += count;
            write(&world, &lines.join("\n"));
            sent
        };
        let numbers = |message: &Value| -> Vec<f64> {
            let readings = message["payload"]["data"]["readings"]["readings"].as_array().expect("readings");
            readings.iter().filter_map(|reading| reading["value"].as_f64()).collect()
        };
        let mut heard_of = loop {
            write_some(1);
            slow.send_json(&json!({ "type": "ping" }));
            let message = slow.receive();
            if message["type"] == "next" {
                break numbers(&message);
            }
        };
        // Far more than the sockets hold, while the client reads nothing.
        let last = (0..30).map(|_| write_some(5_000)).max().expect("some");
        let mut lagged = 0;
        while heard_of.last() != Some(&f64::from(last)) {
            let message = slow.receive();
            if message["type"] == "next" {
                lagged += message["payload"]["data"]["readings"]["lagged"].as_str().and_then(|count| count.parse::<u64>().ok()).expect("a number");
                heard_of.extend(numbers(&message));
            }
        }
        assert!(lagged > 0, "nothing was lost: the test writes too little");
        assert!(heard_of.windows(2).all(|pair| pair[0] < pair[1]));
        let since_first = f64::from(last) - heard_of[0] + 1.0;
        assert_eq!(heard_of.len() as f64 + lagged as f64, since_first);
    });
}

#[test]
fn other_operations_and_errors() {
    let world = world();
    world.served(|address| {
        let mut client = Client::new(address);
        client.subscribe("q", r#"{ thread { requirement(id: "REQ-1") { title } } }"#);
        assert_eq!(
            client.answer("q"),
            json!({ "data": { "thread": { "requirement": { "title": "Stay cool" } } } })
        );
        assert_eq!(client.receive(), json!({ "id": "q", "type": "complete" }));
        client.subscribe("m", r#"mutation { createBranch(input: { name: "new" }) { branch { name } } }"#);
        assert_eq!(
            client.answer("m"),
            json!({ "data": { "createBranch": { "branch": { "name": "new" } } } })
        );
        assert_eq!(client.receive(), json!({ "id": "m", "type": "complete" }));
        let mut check = |query: &str, code: &str, expect: &str| {
            client.subscribe("e", query);
            let message = client.receive();
            assert_eq!(
                (&message["id"], &message["type"]),
                (&json!("e"), &json!("error")),
                "{query}: {message}"
            );
            assert_eq!(message["payload"][0]["extensions"]["code"], code, "{message}");
            assert!(
                message["payload"][0]["message"].as_str().is_some_and(|text| text.contains(expect)),
                "{message}"
            );
        };
        check("{ nothing }", "BAD_INPUT", "nothing");
        check("subscription {", "BAD_INPUT", "");
        check("subscription { commits { nothing } }", "BAD_INPUT", "nothing");
        check(r#"subscription { commits(branch: "missing") { id } }"#, "NOT_FOUND", "missing");
        check("subscription { __typename }", "BAD_INPUT", "");
        check("subscription { a: commits { id } b: commits { id } }", "BAD_INPUT", "");
        check("subscription { readings(twins: []) { lagged: laggedCount } }", "LIMIT_EXCEEDED", "twins");
        check(r#"subscription { readings(twins: ["REQ-1"]) { lagged: laggedCount } }"#, "NOT_FOUND", "REQ-1");
        check(r#"subscription { readings(twins: ["unit/none"]) { lagged: laggedCount } }"#, "NOT_FOUND", "unit/none");
        let signals = |names: &str| {
            format!(r#"subscription {{ readings(twins: ["unit/P-1"], signals: [{names}]) {{ lagged: laggedCount }} }}"#)
        };
        check(
            &signals(r#""temp", "nope""#),
            "BAD_INPUT",
            "\"nope\" is no signal of these twins; theirs are: temp",
        );
        check(&signals(""), "BAD_INPUT", "names no signal");

        for number in 0..100 {
            client.subscribe(&number.to_string(), "subscription { commits { id } }");
        }
        client.subscribe("more", "subscription { commits { id } }");
        let message = client.receive();
        assert_eq!(
            (&message["id"], &message["payload"][0]["extensions"]["code"]),
            (&json!("more"), &json!("LIMIT_EXCEEDED")),
            "{message}"
        );

        let body = br#"{"query":"subscription { commits { id } }"}"#;
        let headers = [("content-type", "application/json"), ("accept", "application/graphql-response+json")];
        let http = request(address, "POST", "/graphql", &headers, body);
        assert_eq!(http.status, 400);
        assert!(http.body.contains("graphql-transport-ws"), "{}", http.body);
    });
}

#[test]
fn connections_that_break_the_protocol_are_closed() {
    let world = world();
    world.served(|address| {
        let check = |mut client: Client, messages: &[Value], code: u16, reason: &str| {
            messages.iter().for_each(|message| client.send_json(message));
            let (closed, why) = client.closed();
            assert_eq!(closed, code, "{why}");
            assert!(why.contains(reason), "{why}");
        };
        let init = json!({ "type": "connection_init" });
        let subscribe = json!({ "id": "1", "type": "subscribe", "payload": { "query": "subscription { commits { id } }" } });
        check(Client::silent(address), std::slice::from_ref(&subscribe), 4401, "Unauthorized");
        check(Client::new(address), &[init], 4429, "Too many initialisation requests");
        check(Client::new(address), &[subscribe.clone(), subscribe], 4409, "Subscriber for 1 already exists");
        check(Client::new(address), &[json!({ "type": "hello" })], 4400, "Invalid message");
        check(Client::new(address), &[json!([1])], 4400, "Invalid message");
        let mut binary = Client::new(address);
        binary.send(Message::binary(vec![1, 2, 3]));
        assert_eq!(binary.closed().0, 4400);
        // Frames: text without a mask, text that is not UTF-8, and a head of 2 MiB.
        for (frame, code) in [
            (&[0x81, 0x02, b'h', b'i'][..], 1002),
            (&[0x81, 0x81, 0, 0, 0, 0, 0xFF], 1007),
            (&[0x81, 0xFF, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0], 1009),
        ] {
            let mut client = Client::new(address);
            client.send_bytes(frame);
            assert_eq!(client.closed().0, code, "{frame:?}");
        }
        check(Client::silent(address), &[], 4408, "Connection initialisation timeout");
        check(Client::connect(address, &[]).expect("a connection"), &[], 4406, "graphql-transport-ws");
        let foreign = [("sec-websocket-protocol", "graphql-transport-ws"), ("origin", "https://elsewhere.example")];
        assert!(Client::connect(address, &foreign).is_err_and(|error| error.contains("403")));
        let own = format!("http://{address}");
        let own = [("sec-websocket-protocol", "graphql-transport-ws"), ("origin", own.as_str())];
        assert!(Client::connect(address, &own).is_ok());
    });
}

#[test]
fn a_service_that_closes_notifies_its_clients() {
    let world = world();
    let mut client = world.served(|address| {
        let mut client = Client::new(address);
        client.subscribe("1", "subscription { commits { id } }");
        client
    });
    assert_eq!(client.closed(), (1001, "the service is closing".to_owned()));
    drop(client);
    // Nothing of the connection holds the thread.
    let World { app, service, .. } = world;
    drop(service);
    assert!(Arc::into_inner(app).is_some());
}

/// Of all subscriptions of a connection one looks at a time, so that a client with many takes one of the places that all share.
#[test]
fn subscriptions_of_one_connection_look_one_at_a_time() {
    const MANY: usize = 100;
    let world = world();
    let margins =
        "subscription { margins(requirement: \"REQ-1\", window: \"P30D\", below: 1000.0) { __typename } }";
    world.served(|address| {
        let free = || -> f64 {
            let metrics = request(address, "GET", "/metrics", &[], b"").body;
            let line =
                metrics.lines().find(|line| line.contains("permits_free{permit=\"subscription_look\"}"));
            line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).expect("how many places are free")
        };
        let all = free();
        let mut client = Client::new(address);
        (0..MANY).for_each(|number| client.subscribe(&number.to_string(), margins));
        let mut looks = 0;
        for number in 0.. {
            // Each commit wakes them all.
            commit(&world, "main", number);
            let left = free();
            assert!(left + 1.0 >= all, "{left} of {all} places are left by one connection");
            looks += usize::from(left < all);
            if looks >= 20 {
                break;
            }
            assert!(number < 2000, "{looks} looks were seen");
        }
    });
}
