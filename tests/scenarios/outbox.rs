//! What leaves the service: signed, at least once, in order, under the same name after a kill; and what other systems report back.

use super::actions::Plant;
use super::world::{Answer, request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// 2026-01-01T00:00:00Z, which the clock of the tests shows.
const NEW_YEAR: i64 = 1_767_225_600;

/// A message as it was received.
#[derive(Clone, Debug)]
struct Message {
    head: String,
    body: String,
}

impl Message {
    fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(own, _)| own.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// A system that takes events over HTTP, and answers with the statuses that it is given, else 204.
struct Receiver {
    address: SocketAddr,
    messages: Arc<Mutex<Vec<Message>>>,
    answers: Arc<Mutex<VecDeque<&'static str>>>,
}

impl Receiver {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (messages, answers) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(VecDeque::new())));
        let (taken, scripted) = (Arc::clone(&messages), Arc::clone(&answers));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
                let message = loop {
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    if let Some((head, body)) = text.split_once("\r\n\r\n") {
                        let length = head.lines().find_map(|line| {
                            line.to_lowercase().strip_prefix("content-length: ")?.parse().ok()
                        });
                        if body.len() >= length.unwrap_or(0) {
                            break Message { head: head.to_owned(), body: body.to_owned() };
                        }
                    }
                    match stream.read(&mut piece) {
                        Ok(0) | Err(_) => break Message { head: text, body: String::new() },
                        Ok(read) => bytes.extend_from_slice(&piece[..read]),
                    }
                };
                taken.lock().expect("messages").push(message);
                let answer = scripted.lock().expect("answers").pop_front().unwrap_or("204 No Content");
                let _ = stream.write_all(
                    format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").as_bytes(),
                );
            }
        });
        Self { address, messages, answers }
    }

    fn messages(&self) -> Vec<Message> {
        self.messages.lock().expect("messages").clone()
    }

    fn answer(&self, answers: &[&'static str]) {
        self.answers.lock().expect("answers").extend(answers);
    }

    /// Returns the settings of a target that is this, and of a hook for its reports.
    fn settings(&self, events: &str) -> String {
        format!(
            "[outbox]\nallow = [\"127.0.0.0/8\"]\nattempts = 3\n[[outbox.target]]\nname = \"mes\"\nkind = \"webhook\"\nurl = \"http://{}/orders\"\nsecret = \"mes.secret\"\nevents = {events}\n\
             [[hooks.hook]]\nname = \"mes\"\nsecret = \"mes.secret\"\nmapping = \"mes.toml\"\nemail = \"mes@plant.example\"\n",
            self.address
        )
    }
}

const MAPPING: &str = r#"
[[rule]]
do = "acknowledge"
when = { "$.status" = "accepted" }
action = "$.order.action"
reference = "$.order.number"
reason = "taken on by the shop"
[[rule]]
do = "complete"
when = { "$.status" = "finished" }
action = "$.order.action"
replacement = "$.newSerial"
lot = "$.lot"
at = "$.at"
reason = "$.comment"
[[rule]]
do = "changeRequest"
when = { "$.status" = "idea" }
title = "$.title"
affects = "pump/A"
"#;

fn configured(settings: &str) -> Plant {
    let plant = Plant::new();
    let folder = plant.world.folder.path();
    std::fs::write(folder.join("throughline.toml"), settings).expect("settings");
    std::fs::write(folder.join("mes.secret"), SECRET).expect("a secret");
    std::fs::write(folder.join("mes.toml"), MAPPING).expect("a mapping");
    let issue = r#"{ "title": "{data.fields.title}", "labels": ["{data.fields.kind}"] }"#;
    std::fs::write(folder.join("issue.json"), issue).expect("a template");
    let plant = plant.reopened();
    // A target gets what comes after it was first there.
    plant.deliver();
    plant
}

impl Plant {
    fn deliver(&self) -> u64 {
        self.world.app.deliver_all().expect("deliveries").delivered
    }

    fn outbox(&self) -> Value {
        let query = "{ outbox { name deliveredCount attemptCount nextAttemptAt error deadLetters { totalCount nodes { id kind resource attemptCount error } } } }";
        self.world.data(query, json!({}))["outbox"][0].clone()
    }

    fn message(&self, id: &str, at: i64, body: &Value) -> Answer {
        let body = body.to_string();
        self.world.served(|address| send(address, id, at, &body, &signature(id, at, &body)))
    }
}

fn signature(id: &str, at: i64, body: &str) -> String {
    let key = STANDARD.decode(SECRET.trim_start_matches("whsec_")).expect("Base64");
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    format!("v1,{}", STANDARD.encode(hmac::sign(&key, format!("{id}.{at}.{body}").as_bytes())))
}

fn send(address: SocketAddr, id: &str, at: i64, body: &str, signature: &str) -> Answer {
    let at = at.to_string();
    let headers = [
        ("content-type", "application/json"),
        ("webhook-id", id),
        ("webhook-timestamp", at.as_str()),
        ("webhook-signature", signature),
    ];
    request(address, "POST", "/hooks/mes", &headers, body.as_bytes())
}

/// The whole way, with the service closed and opened again after each step.
#[test]
fn a_finding_becomes_an_order_that_comes_back_done() {
    let receiver = Receiver::new();
    let plant = configured(&receiver.settings(r#"["finding.opened", "action.*"]"#));
    plant.finding();
    let plant = plant.reopened();
    plant.mutate("runPolicies(input: {}) { run { at } }");
    let plant = plant.reopened();
    assert_eq!(plant.deliver(), 2);
    let messages = receiver.messages();
    let kinds = |messages: &[Message]| {
        messages.iter().map(|one| one.json()["type"].as_str().expect("a kind").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&messages), ["finding.opened", "action.proposed"]);
    let action = messages[1].json()["data"]["resource"].as_str().expect("a name").to_owned();
    let plant = plant.reopened();
    plant.decide(&action, "APPROVE");
    let plant = plant.reopened();
    plant.report(&action, "ORDER");
    let plant = plant.reopened();
    assert_eq!(plant.deliver(), 2);
    let order = receiver.messages().pop().expect("an order");
    let json = order.json();
    assert_eq!(
        (
            &json["type"],
            &json["data"]["fields"]["kind"],
            &json["data"]["fields"]["target"]["identifier"],
            &json["data"]["fields"]["description"]
        ),
        (&json!("action.ordered"), &json!("REPLACE"), &json!("P-1"), &json!("Replace the pump."))
    );
    let (id, at) = (order.header("webhook-id"), order.header("webhook-timestamp").parse().expect("seconds"));
    assert_eq!(order.header("webhook-signature"), signature(id, at, &order.body));
    assert!(id.starts_with("msg_") && at == NEW_YEAR);

    let plant = plant.reopened();
    let accepted = json!({ "status": "accepted", "order": { "action": action, "number": "WO-7" } });
    let taken = plant.message("shop-1", NEW_YEAR, &accepted);
    assert_eq!((taken.status, &taken.json()["outcome"]), (200, &json!("DONE")), "{}", taken.body);
    let plant = plant.reopened();
    let state = plant.action(&action);
    assert_eq!(
        (&state["state"], &state["reference"], &state["decidedBy"]),
        (&json!("ACKNOWLEDGED"), &json!("WO-7"), &json!("mes <mes@plant.example>"))
    );
    plant.at(2);
    let finished = json!({ "status": "finished", "order": { "action": action }, "newSerial": "P-9", "lot": "lot/1", "at": "2026-01-02T00:00:00Z", "comment": "seal worn" });
    let done = plant.message("shop-2", NEW_YEAR + 2 * 86_400, &finished);
    assert_eq!(done.status, 200, "{}", done.body);
    let commit = done.json()["commit"].clone();
    let plant = plant.reopened();
    // What comes again is answered with what it came to, and does nothing.
    let again = plant.message("shop-2", NEW_YEAR + 2 * 86_400 + 60, &finished);
    assert_eq!((again.status, &again.json()["commit"]), (200, &commit), "{}", again.body);
    let there = plant.world.data(
        r#"{ thread { twinInstance(id: "asset/1") { components { nodes { to component { ... on TwinInstance { identifier } } } } } } }"#,
        json!({}),
    );
    let mut there =
        there["thread"]["twinInstance"]["components"]["nodes"].as_array().expect("installations").clone();
    there.sort_by_key(|one| one["component"]["identifier"].to_string());
    assert_eq!(
        there,
        [
            json!({ "to": "2026-01-02T00:00:00Z", "component": { "identifier": "P-1" } }),
            json!({ "to": null, "component": { "identifier": "P-9" } })
        ]
    );
    for hour in 0..48 {
        plant.send("P-9", 60, NEW_YEAR + 86_400 + 3600 * hour);
    }
    plant.at(3);
    let plant = plant.reopened();
    plant.mutate("runPolicies(input: {}) { run { verified { iri } } }");
    let plant = plant.reopened();
    assert_eq!(plant.action(&action)["state"], "VERIFIED");
    plant.deliver();
    let all = kinds(&receiver.messages());
    assert_eq!(
        all,
        [
            "finding.opened",
            "action.proposed",
            "action.approved",
            "action.ordered",
            "action.acknowledged",
            "action.done",
            "action.verified"
        ]
    );
}

/// A kill between a delivery and its record repeats it under the same name; one before the delivery loses nothing.
#[test]
fn nothing_is_lost_or_renamed_by_a_kill() {
    let receiver = Receiver::new();
    let plant = configured(&receiver.settings(r#"["action.*"]"#));
    let state = plant.world.folder.path().join("outbox/mes.json");
    let read = |path: &Path| std::fs::read(path).expect("the state");
    let before = read(&state);
    let actions = plant.propose(r#"targets: ["unit/P-1", "unit/P-2", "asset/1"]"#);
    let plant = plant.reopened();
    assert_eq!(plant.deliver(), 3, "what was committed before the kill leaves after it");
    let first: Vec<Message> = receiver.messages();
    for lost in 0..3 {
        std::fs::write(&state, &before).expect("the state as it was before the first delivery");
        let plant_state = String::from_utf8(before.clone())
            .expect("text")
            .replace("\"handled\": 0", &format!("\"handled\": {lost}"));
        let mut value: Value = serde_json::from_str(&plant_state).expect("JSON");
        value["handled"] = json!(lost);
        std::fs::write(&state, value.to_string()).expect("the state after some deliveries");
        assert_eq!(plant.deliver(), 3 - lost);
    }
    let all = receiver.messages();
    let ids = |messages: &[Message]| {
        messages.iter().map(|one| one.header("webhook-id").to_owned()).collect::<Vec<_>>()
    };
    let one = ids(&first);
    assert_eq!(
        ids(&all),
        [&one[..], &one[..], &one[1..], &one[2..]].concat(),
        "the same names, in the same order"
    );
    assert_eq!(all[0].body, all[3].body, "the same bytes");
    assert_eq!(one.iter().collect::<std::collections::BTreeSet<_>>().len(), actions.len());
}

#[test]
fn what_fails_is_repeated_later_and_then_given_up_for_a_person() {
    let receiver = Receiver::new();
    let plant = configured(&receiver.settings(r#"["action.proposed"]"#));
    plant.propose(r#"targets: ["unit/P-1"]"#);
    plant.propose(r#"targets: ["unit/P-2"]"#);
    receiver.answer(&["503 Service Unavailable", "302 Found", "500 Oops"]);
    assert_eq!(plant.deliver(), 0);
    let first = plant.outbox();
    assert_eq!((&first["attemptCount"], &first["deadLetters"]["nodes"]), (&json!(1), &json!([])));
    assert!(first["error"].as_str().expect("why").contains("503"), "{first}");
    assert_eq!(
        (plant.deliver(), receiver.messages().len()),
        (0, 1),
        "it is not due yet, and the next does not overtake it"
    );
    let plant = plant.reopened();
    assert_eq!((plant.deliver(), receiver.messages().len()), (0, 1), "nor after a start");
    plant.at(1);
    plant.deliver();
    assert!(plant.outbox()["error"].as_str().expect("why").contains("redirects are not followed"));
    plant.at(2);
    assert_eq!(plant.deliver(), 1, "the third attempt is the last, and the next event goes on");
    let given_up = plant.outbox();
    let letter = &given_up["deadLetters"]["nodes"][0];
    assert_eq!((&letter["kind"], &letter["attemptCount"]), (&json!("action.proposed"), &json!(3)));
    let id = letter["id"].as_str().expect("a name").to_owned();
    let plant = plant.reopened();
    let refused =
        plant.refusal(r#"retryDeliveries(input: { target: "mes", id: "msg_none" }) { deadLetters { id } }"#);
    assert!(refused.contains("msg_none"), "{refused}");
    // Once for its key, whatever became of the event meanwhile.
    let retry = |id: &str| {
        let input = format!(r#"target: "mes", id: {id}, idempotencyKey: "again-1""#);
        let retry = format!(
            r#"retryDeliveries(input: {{ {input} }}) {{ deadLetters {{ id }} errors {{ __typename }} }}"#
        );
        plant.mutate(&retry)["retryDeliveries"].clone()
    };
    let (named, expect) = (json!(id).to_string(), json!({ "deadLetters": [{ "id": id }], "errors": [] }));
    assert_eq!((retry(&named), retry(&named)), (expect.clone(), expect.clone()));
    assert_eq!(plant.deliver(), 1);
    assert_eq!(receiver.messages().last().expect("a message").header("webhook-id"), id);
    assert_eq!(retry(&named), expect);
    assert_eq!(plant.deliver(), 0, "it is answered, not delivered again");
    assert_eq!(retry("null")["errors"], json!([{ "__typename": "KeyUsedError" }]));
    assert_eq!(plant.outbox()["deadLetters"], json!({ "totalCount": 0, "nodes": [] }));
}

/// Names that lead into one's own network are refused unless that is allowed.
#[test]
fn private_addresses_are_refused_unless_allowed() {
    let receiver = Receiver::new();
    let check = |settings: &str, reason: &str| {
        let plant = configured(settings);
        plant.propose(r#"targets: ["unit/P-1"]"#);
        assert_eq!(plant.deliver(), 0);
        let outbox = plant.outbox();
        assert!(outbox["error"].as_str().expect("why").contains(reason), "{outbox}");
        assert_eq!(receiver.messages().len(), 0);
    };
    let own = receiver.settings(r#"["action.*"]"#);
    check(&own.replace("allow = [\"127.0.0.0/8\"]\n", ""), "is no address of the Internet");
    check(&own.replace("127.0.0.0/8", "10.0.0.0/8"), "list its network in allow");
    let by_name = own.replace("http://127.0.0.1", "http://localhost");
    check(&by_name.replace("allow = [\"127.0.0.0/8\"]\n", ""), "is no address of the Internet");
}

#[test]
fn orders_are_dropped_as_files() {
    let plant = configured(
        "[[outbox.target]]\nname = \"csv\"\nkind = \"csv\"\nfolder = \"orders\"\nevents = [\"action.proposed\"]\n\
         [[outbox.target]]\nname = \"xml\"\nkind = \"b2mml\"\nfolder = \"orders\"\nevents = [\"action.proposed\"]\n",
    );
    plant.propose(r#"targets: ["unit/P-1"]"#);
    assert_eq!(plant.deliver(), 2);
    let mut files: Vec<String> = std::fs::read_dir(plant.world.folder.path().join("orders"))
        .expect("a folder")
        .map(|entry| std::fs::read_to_string(entry.expect("an entry").path()).expect("a file"))
        .collect();
    files.sort_unstable();
    assert!(files[0].contains("<EquipmentID>P-1</EquipmentID>"), "{files:?}");
    assert!(files[1].contains(",REPLACE,PROPOSED,P-1,"), "{files:?}");
}

#[test]
fn a_template_makes_the_body_of_an_issue() {
    let receiver = Receiver::new();
    let plant = configured(
        receiver
            .settings(r#"["action.*"]"#)
            .replace(
                "secret = \"mes.secret\"\nevents",
                "template = \"issue.json\"\ntoken = \"mes.secret\"\nheader = \"PRIVATE-TOKEN\"\nevents",
            )
            .replace("[[hooks", "#[[hooks")
            .split("#[[hooks")
            .next()
            .expect("settings")
            .to_owned()
            .as_str(),
    );
    plant.propose(r#"targets: ["unit/P-1"], title: "Say \"no\"""#);
    assert_eq!(plant.deliver(), 1);
    let message = receiver.messages().pop().expect("a message");
    assert_eq!(message.json(), json!({ "title": "Say \"no\" (P-1)", "labels": ["REPLACE"] }));
    assert_eq!(message.header("private-token"), SECRET);
}

#[test]
fn a_hook_takes_only_what_is_signed_now_and_by_its_secret() {
    let receiver = Receiver::new();
    let plant = configured(&receiver.settings(r#"["action.*"]"#));
    let head = || plant.world.app.snapshot("main").expect("main").commit().id;
    let before = head();
    let body = json!({ "status": "idea", "title": "Thicker seal" }).to_string();
    let right = signature("m-1", NEW_YEAR, &body);
    plant.world.served(|address| {
        let check = |answer: &Answer, status: u16, part: &str| {
            assert!(
                answer.status == status && answer.body.contains(part),
                "{part}: {} {}",
                answer.status,
                answer.body
            );
            assert_eq!(head(), before, "{part}");
        };
        check(&send(address, "m-2", NEW_YEAR, &body, &right), 401, "signature does not match");
        check(
            &send(address, "m-1", NEW_YEAR, &body.replace("Thicker", "No"), &right),
            401,
            "signature does not match",
        );
        check(&send(address, "m-1", NEW_YEAR, &body, "v1,AAAA"), 401, "signature does not match");
        let old = NEW_YEAR - 301;
        check(
            &send(address, "m-1", old, &body, &signature("m-1", old, &body)),
            401,
            "more than 300 s from now",
        );
        check(
            &request(address, "POST", "/hooks/mes", &[("content-type", "application/json")], body.as_bytes()),
            401,
            "webhook-id is missing",
        );
        check(
            &request(address, "POST", "/hooks/none", &[("content-type", "application/json")], b"{}"),
            404,
            "no hook none",
        );
        let signed = |body: &str| send(address, "m-3", NEW_YEAR, body, &signature("m-3", NEW_YEAR, body));
        check(&signed("no json"), 400, "no JSON");
        check(&signed(r#"{ "status": "unheard of" }"#), 202, "UNMATCHED");
        check(&signed(r#"{ "status": "accepted" }"#), 400, "nothing at $.order.action");
        check(
            &signed(r#"{ "status": "accepted", "order": { "action": "action/none" } }"#),
            404,
            "is no Action",
        );
    });
    let made = plant.message("m-1", NEW_YEAR, &json!({ "status": "idea", "title": "Thicker seal" }));
    assert_eq!(made.status, 200, "{}", made.body);
    let requests = plant
        .world
        .data("{ thread { changeRequests { nodes { title state affects { nodes { iri } } } } } }", json!({}));
    assert_eq!(
        requests["thread"]["changeRequests"]["nodes"],
        json!([{ "title": "Thicker seal", "state": "OPEN", "affects": { "nodes": [{ "iri": "pump/A" }] } }])
    );
}

#[test]
fn a_hook_does_no_more_than_its_role_may() {
    let receiver = Receiver::new();
    let plant =
        configured(&receiver.settings(r#"["action.*"]"#).replace("email = ", "role = \"reader\"\nemail = "));
    let made = plant.message("m-1", NEW_YEAR, &json!({ "status": "idea", "title": "Thicker seal" }));
    assert_eq!(made.status, 403, "{}", made.body);
}

#[test]
fn deliveries_are_counted() {
    let receiver = Receiver::new();
    let plant = configured(&receiver.settings(r#"["action.*"]"#));
    plant.propose(r#"targets: ["unit/P-1"]"#);
    receiver.answer(&["500 Oops"]);
    plant.deliver();
    plant.at(1);
    plant.deliver();
    let metrics = plant.world.served(|address| request(address, "GET", "/metrics", &[], b""));
    for line in [
        "throughline_outbox_deliveries_total{target=\"mes\",outcome=\"delivered\"} 1.0",
        "throughline_outbox_deliveries_total{target=\"mes\",outcome=\"failed\"} 1.0",
        "throughline_outbox_dead_letters{target=\"mes\"} 0.0",
    ] {
        assert!(metrics.body.contains(line), "{line}\n{}", metrics.body);
    }
}
