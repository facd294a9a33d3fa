//! Requests made to knock the service over: each is refused with its limit, and others are served meanwhile.

use super::world::{Answer, BASE, PUMP, World, clock, post_graphql, request, until};
use serde_json::{Value, json};
use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};
use throughline::app::App;
use throughline::app::access::Principal;
use throughline::app::report::change::DiffAsked;
use throughline::app::report::log::LogAsked;
use throughline::app::report::page::PageAsked;
use throughline::app::report::search::SearchAsked;
use throughline::app::report::suspect::SuspectsAsked;
use throughline::model::sync::cancellation::Cancellation;
use throughline::model::time::clock::{Clock, FixedClock};

/// More than anything here takes; where it passes, the test fails.
const LONG: Duration = Duration::from_secs(180);

/// A pump under some settings of the server.
fn world(settings: &str) -> World {
    let world = World::new().reopened(|folder| {
        fs::write(folder.join("settings.toml"), format!("[server]\n{settings}")).expect("settings");
    });
    world.import("pump", PUMP).expect("an import");
    world
}

/// Adds a requirement with a title of a megabyte.
fn with_a_long_title(world: &World) {
    let put = "mutation ($title: String) { commit(input: { message: \"Add\", changes: [{ putRequirement: { id: \"REQ-BIG\", identifier: \"BIG\", title: $title } }] }) { changed } }";
    world.data(put, json!({ "title": "x".repeat(1 << 20) }));
}

/// Begins a request by hand.
fn begin(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(LONG)).expect("a time-out");
    // One that is refused may be closed before all is sent; what it answers counts.
    _ = stream.write_all(text.as_bytes());
    stream
}

/// Reads what is sent until the connection is closed.
fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Err(error) if error.kind() != std::io::ErrorKind::ConnectionReset => panic!("not closed: {error}"),
        _ => String::from_utf8_lossy(&bytes).into_owned(),
    }
}

fn post(address: SocketAddr, path: &str, body: &str, length: usize) -> TcpStream {
    let head = format!("POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n");
    begin(address, &format!("{head}content-length: {length}\r\n\r\n{body}"))
}

/// Sends a byte now and then, until the connection is closed or enough was sent; returns whether it was closed.
fn drip(mut stream: TcpStream, is_enough: impl Fn() -> bool) -> bool {
    stream.set_read_timeout(Some(Duration::from_millis(50))).expect("a time-out");
    while !is_enough() {
        match stream.read(&mut [0; 1024]) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                if stream.write_all(b"a").is_err() {
                    return true;
                }
            }
            Err(_) => return true,
        }
    }
    false
}

/// Sets a flag when it is dropped, also by a panic.
struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn error_of(answer: &Answer) -> (u16, Value) {
    assert_eq!(answer.header("content-type"), Some("application/json"), "{}", answer.head);
    (answer.status, answer.json()["errors"][0]["extensions"]["code"].clone())
}

#[test]
fn every_refusal_is_a_graphql_error() {
    let world = world("");
    world.served(|address| {
        let json = ("content-type", "application/json");
        let check = |method: &str, path: &str, headers: &[(&str, &str)], body: &str, status: u16| {
            let answer = request(address, method, path, headers, body.as_bytes());
            assert_eq!(error_of(&answer).0, status, "{path} {headers:?} {}", answer.body);
            answer
        };
        let nowhere = check("GET", "/nowhere", &[], "", 404);
        assert_eq!(nowhere.json()["errors"][0]["extensions"]["code"], "NOT_FOUND");
        assert!(nowhere.body.contains("/graphql, /sparql"), "{}", nowhere.body);
        check("POST", "/", &[json], "{}", 405);
        check("POST", "/graphql", &[("content-type", "text/plain")], "{}", 415);
        check("POST", "/graphql", &[json, ("accept", "text/html")], "{}", 406);
        check("GET", "/graphql?query=%7B__typename%7D", &[("accept", "image/avif,image/webp")], "", 406);
        check("GET", "/graphql?query=%7Ba%7D&variables=%7B", &[], "", 400);
        let put = check("PUT", "/graphql", &[json], "{}", 405);
        assert_eq!(put.header("allow"), Some("GET,HEAD,POST"), "{}", put.head);
        let put = check("GET", "/write", &[], "", 405);
        assert_eq!(put.header("allow"), Some("POST"), "{}", put.head);
        let mutation =
            "/graphql?query=mutation%7BcreateBranch(input%3A%7Bname%3A%22x%22%7D)%7B__typename%7D%7D";
        let get = request(address, "GET", mutation, &[], b"");
        assert_eq!((get.status, get.header("allow")), (405, Some("POST")), "{}", get.head);
    });
}

#[test]
fn what_asks_for_gigabytes_is_refused() {
    let world = world("answerMegabytes = 5");
    with_a_long_title(&world);
    world.served(|address| {
        let bomb = "possibleTypes%7Binterfaces%7B".repeat(5) + "name" + &"%7D%7D".repeat(5);
        let path = format!("/graphql?query=%7B__type(name%3A%22Node%22)%7B{bomb}%7D%7D");
        let answer = request(address, "GET", &path, &[("accept", "application/graphql-response+json")], b"");
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert_eq!(answer.json()["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED");
        let titles: String = (0..6).map(|at| format!("t{at}: title ")).collect();
        let answer = post_graphql(
            address,
            &format!("{{ thread {{ requirement(id: \"REQ-BIG\") {{ {titles} }} }} }}"),
            &json!({}),
        );
        let error = &answer.json()["errors"][0];
        assert_eq!((answer.status, &error["extensions"]["code"]), (200, &json!("LIMIT_EXCEEDED")));
        assert!(error["message"].as_str().is_some_and(|text| text.contains("answerMegabytes")), "{error}");
    });
}

#[test]
fn a_report_that_is_too_large_is_refused_with_how_to_ask_for_less() {
    let world = world("answerMegabytes = 1");
    with_a_long_title(&world);
    world.data(
        "mutation { commit(input: { message: \"Shorten\", changes: [{ putRequirement: { id: \"REQ-BIG\", title: \"short\" } }] }) { changed } }",
        json!({}),
    );
    let before = world.data("{ log(first: 2) { nodes { id } } }", json!({}))["log"]["nodes"][1]["id"].take();
    let before = before.as_str().expect("a commit");
    world.served(|address| {
        for (path, less) in [
            (format!("/show?resource=REQ-BIG&at={before}"), "single fields"),
            (format!("/blame?resource=REQ-BIG&at={before}"), "single fields"),
            (format!("/search?text=BIG&at={before}"), "fewer resources (first)"),
            (format!("/diff?from=import/pump&to={before}"), "fewer resources (first)"),
            ("/log?resource=REQ-BIG&changes".to_owned(), "fewer commits (first)"),
        ] {
            let answer = request(address, "GET", &path, &[], b"");
            let refusal = answer.json();
            assert_eq!((answer.status, &refusal["code"]), (413, &json!("LIMIT_EXCEEDED")), "{path}");
            let message = refusal["message"].as_str().expect("a message");
            assert!(
                message.contains("1 MB (answerMegabytes under [server]") && message.contains(less),
                "{message}"
            );
        }
        assert_eq!(request(address, "GET", "/log?resource=REQ-BIG", &[], b"").status, 200);
        let metrics = request(address, "GET", "/metrics", &[], b"").body;
        assert!(metrics.contains("report"), "{metrics}");
    });
}

#[test]
fn a_report_ends_when_its_time_is_up() {
    let world = world("");
    with_a_long_title(&world);
    let session = Arc::clone(&world.app).session(Principal::local());
    let late = Cancellation::at(Instant::now());
    let page = || PageAsked { first: 10, after: None };
    let (main, name) = (|| "main".to_owned(), "REQ-1");
    let log = LogAsked { version: main(), resource: None, with_changes: false, page: page() };
    let of_one = LogAsked { resource: Some(name.to_owned()), ..log.clone() };
    let with_changes = LogAsked { with_changes: true, ..of_one.clone() };
    let diff = DiffAsked { from: "import/pump".to_owned(), to: main(), reach: None, page: page() };
    let search = SearchAsked { text: "cool".to_owned(), version: main(), page: page() };
    let suspects = SuspectsAsked { version: main(), page: page() };
    for (report, refused) in [
        ("log", session.log_report(&log, &late).err()),
        ("log of a resource", session.log_report(&of_one, &late).err()),
        ("log with changes", session.log_report(&with_changes, &late).err()),
        ("diff", session.diff_report(&diff, &late).err()),
        ("show", session.resource_report(name, "main", &late).err()),
        ("blame", session.blame_report(name, "main", &late).err()),
        ("search", session.search_report(&search, &late).err()),
        ("suspects", session.suspects_report(&suspects, &late).err()),
        ("audit", session.audit(None, 10, &late).err()),
    ] {
        let refused = refused.unwrap_or_else(|| panic!("{report} went on")).to_string();
        assert!(refused.contains("the answer took too long"), "{report}: {refused}");
    }
}

#[test]
fn a_client_that_lets_the_service_wait_is_cut_off() {
    let world = world("patienceSeconds = 1");
    world.served(|address| {
        assert_eq!(rest(begin(address, "")), "", "silence");
        assert_eq!(rest(begin(address, "POST /graphql HTTP/1.1\r\nhost: a")), "", "half a head");
        for path in ["/graphql", "/write", "/api/v2/write", "/sparql"] {
            // On a busy machine the head alone may take too long: then there is no answer.
            let mut answer = String::new();
            until(|| {
                answer = rest(post(address, path, "{\"query\"", 100));
                !answer.is_empty()
            });
            assert!(answer.starts_with("HTTP/1.1 408 "), "{path}: {answer}");
            assert!(answer.contains("patienceSeconds under [server]"), "{path}: {answer}");
        }
    });
}

#[test]
fn answers_that_nobody_reads_are_bounded_and_dropped() {
    let world = world("patienceSeconds = 1\nanswerMegabytes = 20\nunreadMegabytes = 20");
    with_a_long_title(&world);
    world.served(|address| {
        let titles: String = (0..18).map(|at| format!("t{at}: title ")).collect();
        let query = format!("{{ thread {{ requirement(id: \"REQ-BIG\") {{ {titles} }} }} }}");
        let body = json!({ "query": query }).to_string();
        let (mut unread, mut refused) = (Vec::new(), None);
        // Until an answer that nobody reads is there before the other one.
        until(|| {
            unread.push(post(address, "/graphql", &body, body.len()));
            refused = Some(post_graphql(address, &query, &json!({}))).filter(|answer| answer.status == 503);
            refused.is_some()
        });
        let refused = refused.expect("a refusal");
        assert_eq!(refused.json()["errors"][0]["extensions"]["code"], "UNAVAILABLE");
        assert!(refused.body.contains("unreadMegabytes under [server]"), "{}", refused.body);
        // Small answers have room.
        until(|| post_graphql(address, "{ __typename }", &json!({})).status == 200);
        // Clients that do not read are cut off, and their room is free again.
        until(|| post_graphql(address, &query, &json!({})).status == 200);
        drop(unread);
    });
}

#[test]
fn bodies_that_are_kept_open_leave_room_for_others() {
    let world = world("bodyMegabytes = 3\nbodiesMegabytes = 4\npatienceSeconds = 600");
    world.served(|address| {
        let line = "m,twin=P-1 temp=20 1704067200\n";
        // A comment: it is large, but quickly read.
        let comment = |size: usize| format!("# {}\n{line}", "x".repeat(size));
        let large = comment(2 << 20);
        let write = |body: &[u8], headers: &[(&str, &str)]| {
            request(address, "POST", "/write?precision=s", headers, body)
        };
        let gzip = |size: usize| {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            packed.write_all(comment(size).as_bytes()).expect("packed");
            packed.finish().expect("packed")
        };
        let packed = [("content-encoding", "gzip")];
        // An open body and one that is written meanwhile may find the room taken by each other, and both be refused: then the next
        // one is opened, until one of them keeps its room for longer than a request.
        let (mut open, mut refused) = (Vec::new(), None);
        until(|| {
            open.push(post(address, "/write", &large, large.len() + 1));
            let (plain, unpacked) = (write(large.as_bytes(), &[]), write(&gzip(2 << 20), &packed));
            refused = Some([plain, unpacked]).filter(|both| both.iter().all(|answer| answer.status != 204));
            refused.is_some()
        });
        for refused in
            refused.expect("refusals, of a large body and of one that unpacks to more than there is room for")
        {
            assert_eq!(refused.status, 503, "{}", refused.body);
            assert!(refused.body.contains("bodiesMegabytes under [server]"), "{}", refused.body);
            assert_eq!(refused.header("retry-after"), Some("5"));
        }
        assert_eq!(write(line.as_bytes(), &[]).status, 204, "a small body has room");
        assert_eq!(post_graphql(address, "{ __typename }", &json!({})).status, 200);
        drop(open);
        // The service learns one after the other that they are closed.
        until(|| write(large.as_bytes(), &[]).status == 204);
        until(|| write(&gzip(2 << 20), &packed).status == 204);
        until(|| write(&gzip(5 << 20), &packed).status == 413);
        assert_eq!(write(&gzip(100), &packed).status, 204);
        let announced = rest(post(address, "/write", "", 4_000_000));
        assert!(announced.starts_with("HTTP/1.1 413 "), "it is refused before it is sent: {announced}");
    });
}

#[test]
fn connections_that_wait_for_their_client_make_room_for_others() {
    let world = world("connections = 4");
    world.served(|address| {
        let idle: Vec<_> = (0..12)
            .map(|at| match at % 3 {
                0 => begin(address, ""),
                1 => begin(address, "GET /health HTTP/1.1\r\nhost: a"),
                _ => post(address, "/graphql", "{", 10),
            })
            .collect();
        for _ in 0..4 {
            assert_eq!(post_graphql(address, "{ __typename }", &json!({})).status, 200);
        }
        drop(idle);
    });
}

#[test]
fn clients_that_send_a_byte_at_a_time_keep_nobody_out() {
    let world = world("connections = 4\npatienceSeconds = 600");
    world.served(|address| {
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let _over = SetOnDrop(&over);
            for at in 0..8 {
                let stream = match at % 2 {
                    0 => begin(address, "GET /health HTTP/1.1\r\nx: "),
                    _ => post(address, "/write", "", 1000),
                };
                scope.spawn(|| drip(stream, || over.load(Ordering::Relaxed)));
            }
            for _ in 0..4 {
                assert_eq!(post_graphql(address, "{ __typename }", &json!({})).status, 200);
            }
        });
    });
}

#[test]
fn one_client_has_a_share_of_the_connections() {
    let world = world("connections = 4\nconnectionsPerClient = 2");
    world.served(|address| {
        let endless = "SELECT%20(COUNT(*)%20AS%20%3Fn)%20%7B%3Fa%20%3Fb%20%3Fc.%3Fd%20%3Fe%20%3Ff.%3Fg%20%3Fh%20%3Fi.%3Fj%20%3Fk%20%3Fl%7D";
        let head = format!("GET /sparql?query={endless} HTTP/1.1\r\nhost: {address}\r\n\r\n");
        // Until the service works for both connections that the client may have.
        let (mut working, mut refused) = (Vec::new(), None);
        until(|| {
            working.push(begin(address, &head));
            refused = Some(post_graphql(address, "{ __typename }", &json!({}))).filter(|answer| answer.status == 503);
            refused.is_some()
        });
        let refused = refused.expect("a refusal");
        assert_eq!(error_of(&refused), (503, json!("UNAVAILABLE")));
        assert!(refused.body.contains("connectionsPerClient under [server]"), "{}", refused.body);
        assert_eq!(refused.header("retry-after"), Some("5"));
        drop(working);
        until(|| post_graphql(address, "{ __typename }", &json!({})).status == 200);
    });
}

#[test]
fn the_rest_of_a_refused_body_is_not_taken_for_ever() {
    let world = world("patienceSeconds = 1");
    world.served(|address| {
        let end = Instant::now() + LONG;
        for path in ["/graphql", "/write", "/sparql"] {
            let stream = post(address, path, "", 4_000_000_000);
            assert!(drip(stream, || Instant::now() > end), "{path}: the connection is open");
        }
    });
}

#[test]
fn half_a_request_does_not_keep_the_service_from_stopping() {
    let world = world("");
    let open = world.served(|address| {
        assert_eq!(post_graphql(address, "{ __typename }", &json!({})).status, 200);
        [begin(address, ""), begin(address, "GET / HTTP/1.1\r\nhost:"), post(address, "/graphql", "{", 10)]
    });
    open.into_iter().for_each(|stream| drop(rest(stream)));
}

/// Opens a WebSocket by hand, which answers nothing.
fn socket(address: SocketAddr) -> TcpStream {
    let head = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: graphql-transport-ws";
    begin(address, &format!("GET /graphql HTTP/1.1\r\nhost: {address}\r\n{head}\r\n\r\n"))
}

/// Writes a frame of a client.
fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).expect("a short frame");
    // A mask of zeros changes nothing.
    [&[0x80 | kind, 0x80 | length, 0, 0, 0, 0], payload].concat()
}

/// Writes a frame of text that is longer than 125 bytes.
fn long_frame(payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).expect("no longer than 64 KiB").to_be_bytes();
    [&[0x81, 0x80 | 126], &length[..], &[0; 4], payload].concat()
}

fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("a head");
        head.extend(byte);
    }
    String::from_utf8(head).expect("text")
}

const INIT: &[u8] = br#"{"type":"connection_init"}"#;

#[test]
fn a_close_frame_is_answered() {
    let world = world("");
    world.served(|address| {
        let mut stream = socket(address);
        assert!(read_head(&mut stream).starts_with("HTTP/1.1 101 "));
        stream.write_all(&frame(1, INIT)).expect("sent");
        stream.write_all(&frame(8, &1000_u16.to_be_bytes())).expect("sent");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("closed");
        let ack = br#"{"type":"connection_ack"}"#;
        let expect = [&[0x81, ack.len() as u8], &ack[..], &[0x88, 2, 0x03, 0xe8]].concat();
        assert_eq!(bytes, expect, "the acknowledgement, and a close frame with the same code");
    });
}

#[test]
fn a_socket_that_answers_no_ping_is_closed() {
    let world = world("patienceSeconds = 1");
    world.served(|address| {
        // A client that is slow to send its head or to begin is closed for that.
        until(|| {
            let mut stream = socket(address);
            if stream.write_all(&frame(1, INIT)).is_err() {
                return false;
            }
            let mut bytes = Vec::new();
            if stream.read_to_end(&mut bytes).is_err() {
                return false;
            }
            let ping = bytes.windows(2).position(|at| at == [0x89, 0]);
            let close = bytes.windows(4).position(|at| at[0] == 0x88 && at[2..] == 4408_u16.to_be_bytes());
            ping.is_some() && ping < close
        });
    });
}

#[test]
fn one_client_has_a_share_of_the_sockets_and_subscriptions() {
    let world = world("sockets = 3\nsocketsPerClient = 2\nsubscriptionsPerClient = 3");
    world.served(|address| {
        let open = || {
            let mut stream = socket(address);
            let head = read_head(&mut stream);
            (stream, head)
        };
        // Whoever does not begin in time is closed.
        let mut first = open().0;
        first.write_all(&frame(1, INIT)).expect("sent");
        let second = open().0;
        let (mut third, head) = open();
        assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let mut body = vec![0; length.expect("a length")];
        third.read_exact(&mut body).expect("a body");
        let text = String::from_utf8(body).expect("text");
        assert!(text.contains("socketsPerClient under [server]"), "{text}");
        drop(second);
        until(|| open().1.starts_with("HTTP/1.1 101 "));
        for at in 0..4 {
            let id = format!(
                r#"{{"type":"subscribe","id":"{at}","payload":{{"query":"subscription{{commits{{id}}}}"}}}}"#
            );
            first.write_all(&frame(1, id.as_bytes())).expect("sent");
        }
        first.write_all(&frame(8, &1000_u16.to_be_bytes())).expect("sent");
        let text = rest(first);
        assert_eq!(text.matches("LIMIT_EXCEEDED").count(), 1, "{text}");
        assert!(text.contains("subscriptionsPerClient under [server]"), "{text}");
    });
}

/// Answers that wait on a WebSocket take the same room as those over HTTP.
#[test]
fn answers_that_nobody_reads_from_a_socket_are_bounded() {
    let world = world("answerMegabytes = 20\nunreadMegabytes = 20");
    with_a_long_title(&world);
    world.served(|address| {
        let mut stream = socket(address);
        read_head(&mut stream);
        stream.write_all(&frame(1, INIT)).expect("sent");
        let titles: String = (0..18).map(|at| format!("t{at}:title ")).collect();
        let query = format!("{{thread{{requirement(id:\\\"REQ-BIG\\\"){{{titles}}}}}}}");
        let asked: Vec<u8> = (0..10)
            .flat_map(|id| {
                let text = format!(r#"{{"type":"subscribe","id":"{id}","payload":{{"query":"{query}"}}}}"#);
                long_frame(text.as_bytes())
            })
            .collect();
        stream.write_all(&asked).expect("sent");
        // The others are refused before the first one, which fills the room, is read.
        let (mut recent, mut piece) = (Vec::new(), vec![0; 1 << 16]);
        let refused = br#""code":"UNAVAILABLE""#;
        while !recent.windows(refused.len()).any(|part| part == refused) {
            recent.drain(..recent.len().saturating_sub(1000));
            let size = stream.read(&mut piece).expect("a refusal before the end");
            assert!(size > 0, "a refusal before the end");
            recent.extend_from_slice(&piece[..size]);
        }
        let text = String::from_utf8_lossy(&recent).into_owned();
        assert!(text.contains("unreadMegabytes under [server]"), "{text:.2000}");
    });
}

#[test]
fn a_request_names_one_host_and_has_one_length() {
    let world = world("hosts = [\"plant.example\"]");
    world.served(|address| {
        let check = |head: &str, body: &str, expect: &str| {
            let text = format!("{head}\r\nconnection: close\r\n\r\n{body}");
            let answer = rest(begin(address, &text));
            assert!(answer.starts_with(&format!("HTTP/1.1 {expect}")), "{head}: {answer}");
            assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "one answer to one request: {answer}");
        };
        check("GET /ping HTTP/1.1\r\nhost: localhost", "", "204");
        check("GET /ping HTTP/1.1\r\nhost: localhost\r\nhost: localhost", "", "400");
        check("GET /ping HTTP/1.1\r\nhost: localhost\r\nHost: evil.example", "", "400");
        check("GET /ping HTTP/1.1", "", "400");
        check("GET http://plant.example/ping HTTP/1.1\r\nhost: plant.example", "", "204");
        check("GET http://evil.example/ping HTTP/1.1\r\nhost: localhost", "", "400");
        check("GET http://evil.example/ping HTTP/1.1\r\nhost: evil.example", "", "421");
        let write = "POST /write HTTP/1.1\r\nhost: localhost\r\n";
        check(&format!("{write}content-length: 5\r\ncontent-length: 6"), "m v=1", "400");
        check(&format!("{write}content-length: +5"), "m v=1", "400");
        check(&format!("{write}content-length: 5, 5"), "m v=1", "400");
        check(&format!("{write}transfer-encoding: gzip"), "m v=1", "400");
        check(&format!("{write}transfer-encoding: chunked, identity"), "0\r\n\r\n", "400");
        check(&format!("{write}transfer-encoding : chunked"), "0\r\n\r\n", "400");
        check(&format!("{write}transfer-encoding: chunked"), "5;x\r\nm v=1\r\nz\r\n\r\n", "400");
    });
}

/// Of two lengths the chunks count, and what follows them is never taken for another request.
#[test]
fn what_follows_a_body_of_two_lengths_is_no_request() {
    let world = world("");
    world.served(|address| {
        let head = format!("POST /write HTTP/1.1\r\nhost: {address}\r\n");
        for lengths in [
            "content-length: 4\r\ntransfer-encoding: chunked",
            "transfer-encoding: chunked\r\ncontent-length: 4",
        ] {
            let hidden = "GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n";
            let answer = rest(begin(address, &format!("{head}{lengths}\r\n\r\n0\r\n\r\n{hidden}")));
            assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{lengths}: {answer}");
            assert!(!answer.contains("throughline\",\"status"), "{lengths}: {answer}");
        }
    });
}

/// A clock that can be stopped: whoever asks it for the time waits until it goes on.
#[derive(Debug)]
struct StoppingClock {
    clock: Arc<FixedClock>,
    stopped: Mutex<bool>,
    goes_on: Condvar,
    asked: Mutex<Sender<()>>,
}

impl Clock for StoppingClock {
    fn now(&self) -> throughline::model::time::instant::Instant {
        let stopped = self.stopped.lock().expect("not poisoned");
        if *stopped {
            self.asked.lock().expect("not poisoned").send(()).expect("it is heard");
        }
        drop(self.goes_on.wait_while(stopped, |stopped| *stopped).expect("not poisoned"));
        self.clock.now()
    }

    fn new_id(&self) -> uuid::Uuid {
        self.clock.new_id()
    }
}

impl StoppingClock {
    fn stop(&self, stopped: bool) {
        *self.stopped.lock().expect("not poisoned") = stopped;
        self.goes_on.notify_all();
    }
}

/// A thread whose clock can be stopped, served on one connection at a time; and what is sent whenever the stopped clock is asked.
fn with_stopping_clock() -> (World, Arc<StoppingClock>, Receiver<()>) {
    let folder = tempfile::tempdir().expect("a folder");
    let (sender, asked) = channel();
    let (stopped, goes_on) = (Mutex::default(), Condvar::new());
    let clock = Arc::new(StoppingClock { clock: clock(), stopped, goes_on, asked: Mutex::new(sender) });
    drop(App::init(folder.path(), &[], BASE, Arc::clone(&clock) as _).expect("a thread"));
    fs::write(folder.path().join("settings.toml"), "[server]\nconnections = 1\n").expect("settings");
    let app = App::open(folder.path(), Arc::clone(&clock) as _).expect("the thread");
    (World::of(folder, app), clock, asked)
}

/// A client that goes away amid its request ends the work on it: nothing of what it asked for is changed.
#[test]
fn work_ends_when_its_client_goes_away() {
    let (world, clock, asked) = with_stopping_clock();
    let branches = || {
        world.data("{ branches { nodes { name } } }", json!({}))["branches"]["nodes"].as_array().map(Vec::len)
    };
    for goes_away in [true, false] {
        world.served(|address| {
            // Once it answers, its start, which reads the clock too, is over.
            assert_eq!(request(address, "GET", "/ping", &[], b"").status, 204);
            clock.stop(true);
            let mutation = json!({ "query": "mutation { a: createBranch(input: { name: \"a\" }) { branch { name } } b: createBranch(input: { name: \"b\" }) { branch { name } } }" });
            let body = mutation.to_string();
            let stream = post(address, "/graphql", &body, body.len());
            asked.recv_timeout(LONG).expect("the work begins");
            if goes_away {
                drop(stream);
                // One connection may be open: this one is served once the service has let the other go.
                assert_eq!(request(address, "GET", "/ping", &[], b"").status, 204);
                clock.stop(false);
            } else {
                clock.stop(false);
                assert!(read_answer(stream).contains("\"b\""));
            }
            // The end of the server awaits all work.
        });
        asked.try_iter().for_each(drop);
        assert_eq!(branches(), Some(if goes_away { 1 } else { 3 }), "{goes_away}");
    }
}

/// What an import could leave behind: a commit, a branch of its source, a job, a body on the disk.
fn left_behind(world: &World) -> (String, Value, usize) {
    let branches = world.data("{ branches { nodes { name head { id } } } jobs { totalCount } }", json!({}));
    let bodies = fs::read_dir(world.folder.path().join("jobs")).map_or(0, Iterator::count);
    (world.app.snapshot("main").expect("main").commit().id.to_string(), branches, bodies)
}

fn begin_import(address: SocketAddr, parameters: &str, sent: usize) -> TcpStream {
    let head =
        format!("POST /import?{parameters} HTTP/1.1\r\nhost: {address}\r\ncontent-type: text/turtle\r\n");
    let mut stream = begin(address, &format!("{head}content-length: {}\r\n\r\n", PUMP.len()));
    stream.write_all(&PUMP.as_bytes()[..sent]).expect("sent");
    stream
}

fn import(address: SocketAddr) -> Answer {
    request(address, "POST", "/import?source=pump", &[("content-type", "text/turtle")], PUMP.as_bytes())
}

#[test]
fn an_import_whose_client_leaves_within_its_body_leaves_nothing_behind() {
    let world = World::new().reopened(|folder| {
        fs::write(folder.join("settings.toml"), "[server]\nconnections = 1\n").expect("settings");
    });
    let before = left_behind(&world);
    world.served(|address| {
        for parameters in ["source=pump", "source=pump&job=true"] {
            for sent in [0, 1, PUMP.len() / 2, PUMP.len() - 1] {
                drop(begin_import(address, parameters, sent));
                // One connection may be open: this one is served once the service has let the other go.
                assert_eq!(request(address, "GET", "/ping", &[], b"").status, 204);
            }
        }
        until(|| left_behind(&world) == before);
        let answer = import(address);
        assert_eq!(answer.status, 200, "{}", answer.body);
    });
    assert_ne!(left_behind(&world).0, before.0);
    assert_eq!(
        world.data("{ thread { requirements { totalCount } } }", json!({}))["thread"]["requirements"]["totalCount"],
        1
    );
}

#[test]
fn an_import_whose_client_leaves_while_it_runs_leaves_nothing_behind() {
    let (world, clock, asked) = with_stopping_clock();
    let before = left_behind(&world);
    for goes_away in [true, false] {
        world.served(|address| {
            assert_eq!(request(address, "GET", "/ping", &[], b"").status, 204);
            clock.stop(true);
            let stream = begin_import(address, "source=pump", PUMP.len());
            asked.recv_timeout(LONG).expect("the work begins");
            if goes_away {
                drop(stream);
                assert_eq!(request(address, "GET", "/ping", &[], b"").status, 204);
                clock.stop(false);
            } else {
                clock.stop(false);
                assert!(read_answer(stream).contains("\"import/pump\"") || left_behind(&world).0 != before.0);
            }
        });
        asked.try_iter().for_each(drop);
        assert_eq!(left_behind(&world) == before, goes_away, "{goes_away}");
    }
    let world = world.reopened(|_| {});
    assert_eq!(
        world.data("{ thread { requirements { totalCount } } }", json!({}))["thread"]["requirements"]["totalCount"],
        1
    );
}

#[test]
fn a_client_that_leaves_within_a_large_answer_leaves_its_room_to_others() {
    // What is unread has room for one such answer, and nobody is cut off for being slow.
    let world = world("connections = 1\npatienceSeconds = 600\nanswerMegabytes = 20\nunreadMegabytes = 20");
    with_a_long_title(&world);
    world.served(|address| {
        let titles: String = (0..18).map(|at| format!("t{at}: title ")).collect();
        let query = format!("{{ thread {{ requirement(id: \"REQ-BIG\") {{ {titles} }} }} }}");
        let body = json!({ "query": query }).to_string();
        for _ in 0..3 {
            let mut stream = post(address, "/graphql", &body, body.len());
            let mut first = [0; 12];
            stream.read_exact(&mut first).expect("the answer begins");
            drop(stream);
        }
        until(|| {
            let answer = post_graphql(address, &query, &json!({}));
            answer.status == 200 && answer.complete && answer.body.len() > 18 << 20
        });
    });
}

/// Reads an answer whose connection stays open.
fn read_answer(mut stream: TcpStream) -> String {
    let head = read_head(&mut stream);
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.expect("a length")];
    stream.read_exact(&mut body).expect("a body");
    String::from_utf8_lossy(&body).into_owned()
}

#[test]
fn values_that_take_much_memory_are_refused_before_they_are_read() {
    let world = world("parsedMegabytes = 2");
    world.served(|address| {
        let ask = |count: usize| {
            let objects = vec![json!({}); count];
            post_graphql(address, "{ __typename }", &json!({ "x": objects }))
        };
        assert_eq!(ask(2000).status, 200);
        let refused = ask(5000);
        assert_eq!(error_of(&refused), (413, json!("LIMIT_EXCEEDED")));
        assert!(refused.body.contains("parsedMegabytes"), "{}", refused.body);
        let mut socket = socket(address);
        read_head(&mut socket);
        socket.write_all(&long_frame(br#"{"type":"connection_init"}"#)).expect("sent");
        let query = json!({ "query": "{ __typename }", "variables": { "x": vec![json!({}); 5000] } });
        let subscribe = json!({ "type": "subscribe", "id": "1", "payload": query }).to_string();
        socket.write_all(&long_frame(subscribe.as_bytes())).expect("sent");
        let mut heard = String::new();
        until(|| {
            let mut piece = [0; 4096];
            let size = socket.read(&mut piece).expect("an answer");
            heard.push_str(&String::from_utf8_lossy(&piece[..size]));
            heard.contains("parsedMegabytes")
        });
        assert!(heard.contains("LIMIT_EXCEEDED"), "{heard}");
    });
}
