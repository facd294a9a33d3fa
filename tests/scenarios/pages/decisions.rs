//! A finding from the field to the change that answers it, and a review from its opening to its signature, by the forms of the pages alone.

use super::{attributes, done, open, request, submit};
use crate::world::{PUMP, World, clock};
use std::net::SocketAddr;
use throughline::app::access::{NewToken, Role, Tokens};
use throughline::model::time::clock::Clock as _;
use throughline::telemetry::Precision;

const ANNA: [(&str, &str); 2] = [("authorName", "Anna"), ("authorEmail", "anna@plant.example")];
const WINDOW: &str = "from=2025-12-01&to=2026-01-01";

/// A pump whose unit P-1 once ran at 90 °C, 5 °C above its limit.
fn world() -> World {
    let world = World::new();
    let second =
        r#"<pump/B> a tl:DesignRevision ; tl:revisionOf <pump> ; tl:revision "B" ; tl:supersedes <pump/A> ."#;
    world.import("pump", &format!("{PUMP}{second}")).expect("an import");
    send(&world, 90, 0);
    world
}

fn send(world: &World, temperature: u32, hour: i64) {
    let line = format!("m,twin=P-1 temp={temperature} {}", 1_765_324_800 + 3600 * hour);
    let ingested = world.app.ingest_lines(line.as_bytes(), Precision::Seconds).expect("an ingest");
    assert!(ingested.rejected.is_empty());
}

fn by_anna<'a>(filled: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    ANNA.into_iter().chain(filled.iter().copied()).collect()
}

/// Returns the first link of a page to a page of a kind.
fn link(html: &str, kind: &str) -> String {
    let begin = format!("/pages/{kind}?");
    let links = attributes(html, "href").into_iter();
    let mut links = links.filter(|link| link.starts_with(&begin) && !link.contains("csv="));
    links.next().unwrap_or_else(|| panic!("no link to {kind} in {html}"))
}

/// Records what the field shows of the pump's design, and returns the page of the finding.
fn found(address: SocketAddr) -> String {
    let (_, design) = open(address, &format!("/pages/design?id=pump/A&{WINDOW}"));
    assert_eq!(design.status, 200, "{}", design.body);
    let (_, design) = done(address, &design.body, "record-evidence", &by_anna(&[("reason", "December")]));
    link(&design.body, "finding")
}

#[test]
fn a_finding_is_accepted_answered_and_closed() {
    world().served(|address| {
        let finding = found(address);
        let (path, page) = open(address, &finding);
        for part in ["pump/A breaks REQ-1", "Decide on this finding", "90\u{a0}°C", "Recorded on main."] {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
        // What was seen is one step away: the design at the version and watermark of the evidence.
        assert!(
            attributes(&page.body, "href").iter().any(|link| link.starts_with("/pages/design?id=pump/A&at="))
        );
        // Nothing is lost that was typed.
        let typed = by_anna(&[("decision", "ACCEPT"), ("reason", ""), ("title", "A \"better\" <seal>")]);
        let refused = submit(address, &[], &page.body, "decide-finding", &typed);
        assert!((400..500).contains(&refused.status), "{}", refused.status);
        for part in ["Nothing was changed", "value=\"A &#34;better&#34; &#60;seal&#62;\"", "value=\"Anna\""] {
            assert!(refused.body.contains(part), "{part}: {}", refused.body);
        }
        let (_, unchanged) = open(address, &path);
        assert_eq!(unchanged.body, page.body);
        let accept =
            by_anna(&[("decision", "ACCEPT"), ("reason", "The seal runs hot"), ("identifier", "ECR-7")]);
        let (now, accepted) = done(address, &page.body, "decide-finding", &accept);
        assert!(
            !accepted.body.contains("form-decide-finding") && accepted.body.contains("The seal runs hot")
        );
        // Sent twice, it is done once.
        let again = submit(address, &[], &page.body, "decide-finding", &accept);
        assert_eq!(again.header("location"), Some(now.as_str()), "{}", again.body);
        // The page of the version before shows the form still; the decision is refused with the reason.
        let late = by_anna(&[("decision", "DISMISS"), ("reason", "Twice")]);
        let late = submit(address, &[], &page.body, "decide-finding", &late);
        assert_eq!(late.status, 409, "{}", late.body);
        assert!(
            late.body.contains("Look at the newest version") && late.body.contains(">\nTwice</textarea>"),
            "{}",
            late.body
        );

        let (_, change) = open(address, &link(&accepted.body, "change"));
        assert!(change.body.contains("ECR-7"), "{}", change.body);
        let approve = by_anna(&[("decision", "APPROVE"), ("reason", "As agreed")]);
        let page = done(address, &change.body, "decide-change", &approve).1.body;
        let early = by_anna(&[("decision", "IMPLEMENT"), ("reason", "As agreed")]);
        let early = submit(address, &[], &page, "decide-change", &early);
        assert!(
            early.status == 409 && early.body.contains("no design revision answers it"),
            "{}",
            early.body
        );
        let answer = by_anna(&[("design", "pump/B"), ("reason", "B runs cooler")]);
        let mut page = done(address, &page, "answer-change", &answer).1.body;
        for (decision, state) in [("IMPLEMENT", "implemented"), ("CLOSE", "verified"), ("REOPEN", "open")] {
            let filled = by_anna(&[("decision", decision), ("reason", "As agreed")]);
            let (_, next) = done(address, &page, "decide-change", &filled);
            assert!(next.body.contains(&format!("{state}</")), "{decision}: {}", next.body);
            page = next.body;
        }
        assert!(page.matches("As agreed").count() >= 4, "the history has every decision: {page}");
    });
}

#[test]
fn a_decision_on_what_has_changed_since_is_refused() {
    let world = world();
    world.served(|address| {
        let (_, page) = open(address, &found(address));
        send(&world, 95, 1);
        let (_, design) = open(address, &format!("/pages/design?id=pump/A&{WINDOW}"));
        done(address, &design.body, "record-evidence", &by_anna(&[]));
        let accept = by_anna(&[("decision", "ACCEPT"), ("reason", "The seal runs hot")]);
        let refused = submit(address, &[], &page.body, "decide-finding", &accept);
        assert_eq!(refused.status, 409, "{}", refused.body);
        assert!(refused.body.contains("has changed since"), "{}", refused.body);
    });
}

#[test]
fn a_review_is_opened_replayed_and_signed() {
    let world = world();
    world.served(|address| {
        let (_, design) = open(address, &format!("/pages/design?id=pump/A&{WINDOW}"));
        let filled = by_anna(&[("title", "Release of A"), ("participants", "Anna, Ben")]);
        let (path, review) = done(address, &design.body, "open-review", &filled);
        assert!(path.starts_with("/pages/review?id="), "{path}");
        for part in
            ["DR-1 Release of A", "Anna, Ben", "computed again, with the same digest", "Digest", "REQ-1"]
        {
            assert!(review.body.contains(part), "{part}: {}", review.body);
        }
        // What came since is shown beside what was known.
        send(&world, 60, 2);
        let (_, later) = open(address, &format!("/pages/review?id=DR-1&at=main&{WINDOW}"));
        assert_eq!(later.status, 200, "{}", later.body);
        assert!(later.body.contains("New samples in the window"), "{}", later.body);
        let (_, replay) = open(address, &format!("/pages/?at=review:DR-1&{WINDOW}"));
        assert_eq!(replay.status, 200, "{}", replay.body);
        let sign = by_anna(&[("decision", "APPROVED"), ("reason", "Agreed")]);
        let (_, signed) = done(address, &later.body, "sign-review", &sign);
        assert!(
            signed.body.contains("It is signed") && signed.body.contains("Anna &#60;anna@plant.example&#62;"),
            "{}",
            signed.body
        );
        let twice = by_anna(&[("decision", "REJECTED"), ("reason", "No")]);
        let twice = submit(address, &[], &review.body, "sign-review", &twice);
        assert!(twice.status == 409 && twice.body.contains("Anna"), "{}", twice.body);
    });
}

#[test]
fn a_form_shows_what_a_role_may_not_do_and_is_taken_from_its_own_page_alone() {
    let world = world();
    let tokens = Tokens::of(world.folder.path());
    let token = |name: &str, role, random| {
        let new = NewToken {
            name: name.to_owned(),
            email: Some(format!("{}@plant.example", name.to_lowercase())),
            role,
            twins: None,
            act_as: false,
            expires: None,
        };
        tokens.create(&new, &[random; 38], clock().now()).expect("a token").1.to_string()
    };
    let (reader, approver) = (token("Rita", Role::Reader, 1), token("Ada", Role::Approver, 2));
    let world = world.reopened(|_| {});
    world.served(|address| {
        let cookie = |token: &str| format!("__Host-throughline={token}");
        let (reader, approver) = (cookie(&reader), cookie(&approver));
        let see = |cookie: &str| {
            let mut path = format!("/pages/design?id=pump/A&{WINDOW}");
            loop {
                let answer = request(address, "GET", &path, &[super::BROWSER, ("cookie", cookie)], b"");
                match answer.header("location") {
                    Some(location) => path = location.to_owned(),
                    None => return answer,
                }
            }
        };
        let page = see(&reader);
        assert!(
            page.body.contains(
                "Your role is reader. To record evidence takes the role contributor or approver or operator"
            ),
            "{}",
            page.body
        );
        assert!(!page.body.contains("name=\"do\" value=\"record-evidence\""), "{}", page.body);
        let page = see(&approver);
        assert!(page.body.contains("Recorded on main as Ada &#60;ada@plant.example&#62;."), "{}", page.body);
        assert!(!page.body.contains("authorEmail"), "whoever has signed in is the author");
        // The reader sends the approver's form; without the right token nobody's form is taken.
        let stolen = submit(address, &[("cookie", &reader)], &page.body, "record-evidence", &[]);
        assert_eq!(stolen.status, 403, "{}", stolen.body);
        for token in ["", "0", "f00"] {
            let forged = submit(
                address,
                &[("cookie", &approver)],
                &page.body,
                "record-evidence",
                &[("token", token), ("reason", "Kept")],
            );
            assert!(forged.status == 403 && forged.body.contains("value=\"Kept\""), "{}", forged.body);
        }
        let (action, values) = super::form(&page.body, "record-evidence");
        let body: Vec<String> = values
            .iter()
            .map(|(name, value)| format!("{name}={}", throughline::pages::encoded(value)))
            .collect();
        for headers in
            [vec![], vec![("origin", "https://evil.example")], vec![("sec-fetch-site", "cross-site")]]
        {
            let headers: Vec<_> = headers.into_iter().chain([("cookie", approver.as_str())]).collect();
            assert_eq!(request(address, "POST", &action, &headers, body.join("&").as_bytes()).status, 403);
        }
        let done = submit(address, &[("cookie", &approver)], &page.body, "record-evidence", &[]);
        assert_eq!(done.status, 303, "{}", done.body);
    });
}
