//! What other systems report back.

use super::{NEW_YEAR, Receiver, configured, send, signature};
use crate::world::{Answer, request};
use serde_json::json;

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

/// What comes again does nothing, however it comes: as it was, signed anew, or with another body under the same name.
#[test]
fn replays_of_a_delivery_do_nothing() {
    let receiver = Receiver::new();
    let plant = configured(&receiver.settings(r#"["action.*"]"#));
    let idea = json!({ "status": "idea", "title": "Thicker seal" });
    let made = plant.message("m-1", NEW_YEAR, &idea);
    assert_eq!(made.status, 200, "{}", made.body);
    let head = || plant.world.app.snapshot("main").expect("main").commit().id;
    let before = head();
    for at in [NEW_YEAR, NEW_YEAR + 60] {
        let again = plant.message("m-1", at, &idea);
        assert_eq!((again.status, &again.json()["commit"]), (200, &made.json()["commit"]), "{}", again.body);
    }
    let other = plant.message("m-1", NEW_YEAR, &json!({ "status": "idea", "title": "Thinner seal" }));
    assert!(other.status == 400 && other.body.contains("idempotency key"), "{} {}", other.status, other.body);
    // Recorded on the way, and sent again when the time it is signed for has passed.
    plant.at(1);
    let old = plant.message("m-1", NEW_YEAR, &idea);
    assert!(
        old.status == 401 && old.body.contains("more than 300 s from now"),
        "{} {}",
        old.status,
        old.body
    );
    assert_eq!(head(), before);
}

#[test]
fn a_hook_does_no_more_than_its_role_may() {
    let receiver = Receiver::new();
    let plant =
        configured(&receiver.settings(r#"["action.*"]"#).replace("email = ", "role = \"reader\"\nemail = "));
    let made = plant.message("m-1", NEW_YEAR, &json!({ "status": "idea", "title": "Thicker seal" }));
    assert_eq!(made.status, 403, "{}", made.body);
}
