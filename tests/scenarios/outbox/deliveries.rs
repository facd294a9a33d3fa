//! Where events go, and what becomes of those that are not taken.

use super::{Receiver, SECRET, configured};
use crate::world::request;
use serde_json::json;

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
    let of_another = |mutation: &str| {
        let done = plant.mutate(mutation);
        done.as_object().and_then(|done| done.values().next()).map(|done| done["errors"].clone())
    };
    let used = Some(json!([{ "__typename": "KeyUsedError" }]));
    let branch = |key: &str| {
        format!(
            r#"createBranch(input: {{ name: "try", idempotencyKey: "{key}" }}) {{ errors {{ __typename }} }}"#
        )
    };
    assert_eq!(of_another(&branch("again-1")), used);
    assert_eq!(of_another(&branch("branch-1")), Some(json!([])));
    assert_eq!(
        of_another(
            r#"retryDeliveries(input: { target: "mes", idempotencyKey: "branch-1" }) { errors { __typename } }"#
        ),
        used
    );
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
