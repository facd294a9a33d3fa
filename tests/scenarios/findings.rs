//! From a violation in the field to a finding, a decision, a change request, and back.

use super::program::{out, refused, throughline};
use super::world::{self as web, PUMP, World};
use oxigraph::model::{Literal, NamedNodeRef, Term};
use serde_json::{Value, json};
use std::sync::Barrier;
use throughline::app::Settings;
use throughline::model::statement::change::Change;
use throughline::ontology::terms::tl;
use throughline::telemetry::Precision;

const DECEMBER: &str = r#"window: { from: "2025-12-01T00:00:00Z", to: "2026-01-01T00:00:00Z" }"#;
const ANNA: &str = r#"author: { name: "Anna", email: "anna@plant.example" }"#;

/// A pump whose unit P-1 once ran at 90 °C, 5 °C above its limit, on 2025-12-10.
fn world() -> World {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    send(&world, "P-1", 90, 0);
    world
}

fn send(world: &World, unit: &str, temperature: u32, hour: i64) {
    let line = format!("m,twin={unit} temp={temperature} {}", 1_765_324_800 + 3600 * hour);
    assert!(
        world.app.ingest_lines(line.as_bytes(), Precision::Seconds).expect("an ingest").rejected.is_empty()
    );
}

/// Records evidence on main, and returns how each violation was filed: the outcome and the finding.
fn record(world: &World, item: &str) -> Vec<(String, String)> {
    let query = format!(
        r#"mutation {{ recordEvidence(input: {{ branch: "main", item: "{item}", {DECEMBER} }}) {{ filings {{ outcome finding {{ iri }} evidence {{ verdict }} }} }} }}"#
    );
    filings(&world.data(&query, json!({}))["recordEvidence"]["filings"])
}

fn filings(list: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let list = list.as_array().expect("filings");
    list.iter().map(|filing| (text(&filing["outcome"]), text(&filing["finding"]["iri"]))).collect()
}

fn findings(world: &World) -> Value {
    let query =
        "{ thread { findings { nodes { iri title state reason decidedBy evidence { totalCount } } } } }";
    world.data(query, json!({}))["thread"]["findings"]["nodes"].clone()
}

fn decide_finding(finding: &str, decision: &str, more: &str) -> String {
    format!(
        r#"mutation {{ decideFinding(input: {{ finding: "{finding}", decision: {decision}, {ANNA}, {more} }}) {{ commit {{ message author {{ name }} }} finding {{ state }}
            changeRequest {{ iri identifier title state affects {{ edges {{ node {{ iri }} }} }} findings {{ edges {{ node {{ iri }} }} }} attributedTo }} }} }}"#
    )
}

fn decide_change(request: &str, decision: &str) -> String {
    format!(
        r#"mutation {{ decideChange(input: {{ changeRequest: "{request}", decision: {decision}, reason: "seen", {ANNA} }}) {{ changeRequest {{ state decidedBy reason }} }} }}"#
    )
}

/// Opens the one finding of the world.
fn opened(world: &World) -> String {
    match record(world, "pump/A").as_slice() {
        [(outcome, finding)] if outcome == "OPENED" => finding.clone(),
        other => panic!("{other:?}"),
    }
}

/// Accepts a finding and returns the change request.
fn accepted(world: &World, finding: &str) -> String {
    let answer = world.data(&decide_finding(finding, "ACCEPT", r#"reason: "It runs hot""#), json!({}));
    answer["decideFinding"]["changeRequest"]["iri"].as_str().expect("a change request").to_owned()
}

#[test]
fn a_violation_opens_one_finding() {
    let world = world();
    let finding = opened(&world);
    assert_eq!(record(&world, "pump/A"), [("REPEATED".to_owned(), finding.clone())]);
    send(&world, "P-1", 91, 1);
    assert_eq!(record(&world, "pump/A"), [("ADDED".to_owned(), finding.clone())]);
    // Asked of one unit, of the lot or of the part, it is the same design that breaks the same limit.
    for item in ["unit/P-1", "lot/1", "pump"] {
        assert_eq!(record(&world, item), [("ADDED".to_owned(), finding.clone())], "{item}");
    }
    assert_eq!(record(&world, "unit/P-2"), []);
    assert_eq!(
        findings(&world),
        json!([{ "iri": finding, "title": "pump/A breaks REQ-1: MAX of temperature ≤ 85 °C", "state": "OPEN",
            "reason": null, "decidedBy": null, "evidence": { "totalCount": 6 } }])
    );
    let links = r#"{ thread { finding(id: "ID") { requirement { iri } design { iri } constraint { iri } } requirement(id: "REQ-1") { findings { totalCount } } } }"#;
    assert_eq!(
        world.data(&links.replace("ID", &finding), json!({}))["thread"],
        json!({ "finding": { "requirement": { "iri": "REQ-1" }, "design": { "iri": "pump/A" }, "constraint": { "iri": "REQ-1#limit" } },
            "requirement": { "findings": { "totalCount": 1 } } })
    );
}

#[test]
fn evidence_alone_opens_nothing() {
    let world = world();
    let query = format!(
        r#"mutation {{ recordEvidence(input: {{ branch: "main", item: "pump/A", openFindings: false, {DECEMBER} }}) {{ filings {{ outcome }} evidence {{ verdict }} }} }}"#
    );
    let answer = world.data(&query, json!({}));
    assert_eq!(answer["recordEvidence"], json!({ "filings": [], "evidence": [{ "verdict": "VIOLATES" }] }));
    assert_eq!(findings(&world), json!([]));
}

#[test]
fn a_dismissal_lasts_until_something_worse_is_seen() {
    let world = world();
    let finding = opened(&world);
    let dismissal = world.data(&decide_finding(&finding, "DISMISS", r#"reason: "A test run""#), json!({}));
    assert_eq!(
        dismissal["decideFinding"],
        json!({ "commit": { "message": format!("Dismiss {finding}: A test run"), "author": { "name": "Anna" } },
            "finding": { "state": "DISMISSED" }, "changeRequest": null })
    );
    let settled = [("SETTLED".to_owned(), finding.clone())];
    assert_eq!(record(&world, "pump/A"), settled);
    send(&world, "P-1", 91, 1);
    assert_eq!(record(&world, "pump/A"), settled, "one degree more is within a quarter of five");
    send(&world, "P-1", 92, 2);
    let second = opened(&world);
    assert_eq!(second, finding.replace("-1", "-2"));
    world.data(&decide_finding(&second, "DISMISS", r#"reason: "Another""#), json!({}));
    assert_eq!(record(&world, "pump/A"), [("SETTLED".to_owned(), second.clone())]);
    // Another unit is worse, however little it is beyond.
    send(&world, "P-2", 86, 3);
    assert_eq!(opened(&world), finding.replace("-1", "-3"));
}

#[test]
fn what_was_seen_is_what_is_decided() {
    let world = world();
    let finding = opened(&world);
    let seen = world.app.snapshot("main").expect("main").commit().id;
    let decide = |decision: &str, seen: &str| {
        decide_finding(&finding, decision, &format!(r#"reason: "r", basedOn: "{seen}""#))
    };
    send(&world, "P-2", 99, 1);
    assert_eq!(record(&world, "pump/A"), [("ADDED".to_owned(), finding.clone())]);
    let (code, message) = world.refusal(&decide("DISMISS", &seen.to_string()), json!({}));
    assert_eq!(code, "CONFLICT");
    assert!(message.contains(&format!("{finding}> has changed since {seen}: look at it again")), "{message}");
    // The same content again is nothing new.
    let seen = world.app.snapshot("main").expect("main").commit().id;
    assert_eq!(record(&world, "pump/A"), [("REPEATED".to_owned(), finding.clone())]);
    world.data(&decide("ACCEPT", &seen.to_string()), json!({}));
    let request = finding.replace("finding/", "changeRequest/");
    let approve = |seen: &str| {
        decide_change(&request, "APPROVE").replacen("reason:", &format!("basedOn: \"{seen}\", reason:"), 1)
    };
    let seen = world.app.snapshot("main").expect("main").commit().id;
    send(&world, "P-2", 109, 2);
    assert_eq!(record(&world, "pump/A"), [("ADDED".to_owned(), finding.clone())]);
    assert_eq!(world.refusal(&approve(&seen.to_string()), json!({})).0, "CONFLICT");
    world.data(&approve("main"), json!({}));
    assert_eq!(world.refusal(&approve("nowhere"), json!({})).0, "NOT_FOUND");
}

#[test]
fn decisions_that_are_refused_change_nothing() {
    let world = world();
    let finding = opened(&world);
    let head = || world.app.snapshot("main").expect("main").commit().id;
    let check = |query: &str, code: &str, words: &str| {
        let before = head();
        let (got, message) = world.refusal(query, json!({}));
        assert!(got == code && message.contains(words), "{query}\n{got}: {message}");
        assert_eq!(head(), before, "{query}");
    };
    check(&decide_finding(&finding, "ACCEPT", r#"reason: " ""#), "BAD_INPUT", "a decision needs a reason");
    check(&decide_finding(&finding, "ACCEPT", ""), "BAD_INPUT", "reason");
    check(&decide_finding("REQ-1", "ACCEPT", r#"reason: "r""#), "NOT_FOUND", "REQ-1> is no Finding");
    check(&decide_finding(&finding, "ACCEPT", r#"reason: "r", branch: "missing""#), "NOT_FOUND", "missing");
    check(&decide_finding(&finding, "FORGET", r#"reason: "r""#), "BAD_INPUT", "FORGET");
    let nobody = decide_finding(&finding, "ACCEPT", r#"reason: "r""#).replace("anna@plant.example", "anna");
    check(&nobody, "BAD_INPUT", "no e-mail address");
    let request = accepted(&world, &finding);
    for decision in ["ACCEPT", "DISMISS"] {
        let again = decide_finding(&finding, decision, r#"reason: "r""#);
        check(&again, "CONFLICT", "is ACCEPTED already, decided by Anna <anna@plant.example> at 2026-01-01");
    }
    check(&decide_change("REQ-1", "APPROVE"), "NOT_FOUND", "REQ-1> is no ChangeRequest");
    for decision in ["IMPLEMENT", "CLOSE", "REOPEN"] {
        check(
            &decide_change(&request, decision),
            "CONFLICT",
            &format!("is OPEN, where {decision} cannot be decided"),
        );
    }
    world.data(&decide_change(&request, "APPROVE"), json!({}));
    check(&decide_change(&request, "IMPLEMENT"), "CONFLICT", "no design revision answers it");
    let of_nothing =
        decide_change(&request, "REJECT").replacen("reason:", r#"evidence: ["REQ-1"], reason:"#, 1);
    check(&of_nothing, "NOT_FOUND", "REQ-1> is no FieldEvidence");
}

#[test]
fn an_accepted_finding_asks_for_a_change() {
    let world = world();
    let finding = opened(&world);
    let draft = r#"reason: "It runs hot", changeRequest: { identifier: "ECR-7", title: "Cool the pump" }"#;
    let answer = world.data(&decide_finding(&finding, "ACCEPT", draft), json!({}));
    let request = finding.replace("finding/", "changeRequest/");
    assert_eq!(
        answer["decideFinding"],
        json!({ "commit": { "message": format!("Accept {finding}: It runs hot"), "author": { "name": "Anna" } },
            "finding": { "state": "ACCEPTED" },
            "changeRequest": { "iri": request, "identifier": "ECR-7", "title": "Cool the pump", "state": "OPEN",
                "affects": { "edges": [{ "node": { "iri": "REQ-1" } }, { "node": { "iri": "pump/A" } }] },
                "findings": { "edges": [{ "node": { "iri": finding } }] },
                "attributedTo": ["mailto:anna@plant.example"] } })
    );
    let oslc = "SELECT ?request { ?request a <http://open-services.net/ns/cm#ChangeRequest> }";
    let headers = [("content-type", "application/sparql-query"), ("accept", "text/csv")];
    let found =
        world.served(|address| web::request(address, "POST", "/sparql", &headers, oslc.as_bytes()).body);
    assert_eq!(found, format!("request\r\nhttps://test.example/{request}\r\n"));
    // As long as the change is under way, the finding takes what is seen.
    send(&world, "P-2", 99, 1);
    assert_eq!(record(&world, "pump/A"), [("ADDED".to_owned(), finding.clone())]);
    let state = |decision: &str| {
        let answer = world.data(&decide_change(&request, decision), json!({}));
        answer["decideChange"]["changeRequest"]["state"].as_str().expect("a state").to_owned()
    };
    assert_eq!(state("REJECT"), "REJECTED");
    assert_eq!(record(&world, "pump/A"), [("SETTLED".to_owned(), finding.clone())]);
    assert_eq!(state("REOPEN"), "OPEN");
    assert_eq!(record(&world, "pump/A")[0].0, "REPEATED");
    assert_eq!(state("APPROVE"), "APPROVED");
    let answer = format!(
        r#"mutation {{ commit(input: {{ message: "Answer", changes: [{{ putDesignRevision: {{ id: "pump/B", revisionOf: "pump", revision: "B", answers: ["{request}"] }} }}] }}) {{ changed }} }}"#
    );
    world.data(&answer, json!({}));
    assert_eq!(state("IMPLEMENT"), "IMPLEMENTED");
    assert_eq!(state("CLOSE"), "VERIFIED");
    assert_eq!(record(&world, "pump/A"), [("SETTLED".to_owned(), finding)]);
}

/// Commits changes to main: the code and the violations of the refusal, or null.
fn tried(world: &World, changes: &Value) -> (Value, String) {
    let query = "mutation($changes: [Change!]!) { commit(input: { message: \"Change\", changes: $changes }) { changed } }";
    let answer = world.ask(query, json!({ "changes": changes }));
    let extensions = &answer["errors"][0]["extensions"];
    (extensions["code"].clone(), extensions["violations"].to_string())
}

#[test]
fn evidence_stays_as_it_was_recorded() {
    let world = world();
    let query = format!(
        r#"mutation {{ recordEvidence(input: {{ branch: "main", item: "pump/A", openFindings: false, {DECEMBER} }}) {{ evidence {{ iri }} }} }}"#
    );
    let recorded = world.data(&query, json!({}))["recordEvidence"]["evidence"][0]["iri"].clone();
    let head = world.app.snapshot("main").expect("main");
    let iri = head.expand(recorded.as_str().expect("an IRI")).expect("an IRI");
    let whole = head.document(&iri).expect("a document");
    // Not even a program that records evidence changes what is there.
    let stays = |changes: Vec<Change>| {
        let refused = world.app.commit("main", changes).expect_err("evidence that stays").to_string();
        assert!(refused.contains("evidence stays as it was recorded"), "{refused}");
    };
    let set = |predicate: NamedNodeRef<'_>, values: Vec<Term>| Change::Set {
        subject: iri.clone(),
        predicate: predicate.into_owned(),
        values,
    };
    let conforms = set(tl::VERDICT, vec![Literal::new_simple_literal("CONFORMS").into()]);
    stays(vec![conforms.clone()]);
    stays(vec![set(tl::RESULT_DIGEST, Vec::new())]);
    stays(vec![
        Change::Retire(iri.clone()),
        Change::Replace { resource: iri.clone(), statements: whole[..9].to_vec() },
    ]);
    assert_eq!(tried(&world, &json!([{ "retire": recorded }])).0, Value::Null, "nothing links to it");
    let again = Change::Replace { resource: iri.clone(), statements: whole };
    assert!(
        world.app.commit("main", vec![again]).expect("what is not there yet can be recorded").changed > 9
    );
}

#[test]
fn a_decision_is_not_undone_by_its_revert() {
    let world = world();
    world.data(&decide_finding(&opened(&world), "DISMISS", r#"reason: "A test run""#), json!({}));
    let dismissed = world.app.snapshot("main").expect("main").commit().id;
    let revert = format!("mutation {{ revert(input: {{ commit: \"{dismissed}\" }}) {{ changed }} }}");
    assert_eq!(world.refusal(&revert, json!({})).0, "SHAPE_VIOLATION");
}

#[test]
fn what_was_decided_stays() {
    let world = world();
    let finding = opened(&world);
    // Decided on a branch, and merged: all of it comes at once.
    world.data(r#"mutation { createBranch(input: { name: "board" }) { branch { name } } }"#, json!({}));
    let accept = decide_finding(&finding, "ACCEPT", r#"reason: "It runs hot", branch: "board""#);
    let request = world.data(&accept, json!({}))["decideFinding"]["changeRequest"]["iri"].clone();
    let on_board = |decision: &str| {
        let decide = decide_change(request.as_str().expect("an IRI"), decision).replacen(
            "reason:",
            "branch: \"board\", reason:",
            1,
        );
        world.data(&decide, json!({}));
    };
    ["APPROVE", "REJECT"].into_iter().for_each(on_board);
    world.data(r#"mutation { merge(input: { source: "board" }) { changed } }"#, json!({}));
    ["REOPEN", "APPROVE", "REJECT"].into_iter().for_each(on_board);
    world.data(r#"mutation { merge(input: { source: "board" }) { changed } }"#, json!({}));
    assert_eq!(findings(&world)[0]["state"], "ACCEPTED");
    let state = format!("{{ thread {{ changeRequest(id: {request}) {{ state }} }} }}");
    assert_eq!(world.data(&state, json!({}))["thread"]["changeRequest"]["state"], "REJECTED");
}

#[test]
fn one_of_two_simultaneous_decisions_is_kept() {
    let world = world();
    let finding = opened(&world);
    let start = Barrier::new(2);
    let decide = |decision: &str| {
        start.wait();
        let answer = world.ask(&decide_finding(&finding, decision, r#"reason: "r""#), json!({}));
        answer["errors"][0]["extensions"]["code"].as_str().map(str::to_owned)
    };
    let codes = std::thread::scope(|scope| {
        let other = scope.spawn(|| decide("DISMISS"));
        [decide("ACCEPT"), other.join().expect("a decision")]
    });
    assert!(codes.contains(&None) && codes.contains(&Some("CONFLICT".to_owned())), "{codes:?}");
    let requests = world.data("{ thread { changeRequests { totalCount } } }", json!({}));
    assert_eq!(requests["thread"]["changeRequests"]["totalCount"], u32::from(codes[0].is_none()));
}

#[test]
fn one_of_many_simultaneous_records_opens_the_finding() {
    let world = world();
    let start = Barrier::new(4);
    let outcomes: Vec<String> = std::thread::scope(|scope| {
        let record = |item: &'static str| {
            let (start, world) = (&start, &world);
            scope.spawn(move || {
                start.wait();
                record(world, item).remove(0).0
            })
        };
        let threads = ["pump/A", "pump", "lot/1", "unit/P-1"].map(record);
        threads.into_iter().map(|thread| thread.join().expect("evidence")).collect()
    });
    let opened = outcomes.iter().filter(|outcome| *outcome == "OPENED").count();
    assert_eq!((opened, outcomes.len()), (1, 4), "{outcomes:?}");
    let findings = findings(&world);
    assert_eq!((findings[0]["evidence"]["totalCount"].clone(), &findings[1]), (json!(4), &Value::Null));
}

const MONITORS: &str = "every = 'PT1H'
[[monitor]]
name = 'pumps'
items = ['pump/A', 'pump/Z']
window = 'P31D'
[[monitor]]
name = 'released'
window = 'P1D'
";

/// Two monitors that look at the same.
const TWICE: &str = "[[monitor]]
name = 'one'
items = ['pump/A']
window = 'P31D'
[[monitor]]
name = 'two'
items = ['pump/A', 'pump']
window = 'P31D'
";

const RUN: &str =
    "mutation { runMonitors(input: {}) { run { commit { message } filings { outcome finding { iri } evidence { verdict } }
    monitors { name margins: marginCount violated: violatedCount unknown: unknownCount problems window { from to } } } } }";

fn run(world: &World) -> (Value, Vec<String>) {
    let run = world.data(RUN, json!({}))["runMonitors"]["run"].clone();
    (run["commit"].clone(), filings(&run["filings"]).into_iter().map(|(outcome, _)| outcome).collect())
}

#[test]
fn monitors_write_only_what_is_new() {
    let world =
        world().reopened(|folder| std::fs::write(folder.join("monitors.toml"), MONITORS).expect("a file"));
    let first = world.data(RUN, json!({}))["runMonitors"]["run"].clone();
    assert_eq!(first["commit"]["message"], "Monitors: 1 finding opened");
    assert_eq!(first["filings"][0]["evidence"]["verdict"], "VIOLATES");
    assert_eq!(
        first["monitors"],
        json!([
            { "name": "pumps", "margins": 1, "violated": 1, "unknown": 0, "problems": ["<https://test.example/pump/Z> does not exist"],
              "window": { "from": "2025-12-01T00:00:00Z", "to": "2026-01-01T00:00:00Z" } },
            { "name": "released", "margins": 0, "violated": 0, "unknown": 0, "problems": [],
              "window": { "from": "2025-12-31T00:00:00Z", "to": "2026-01-01T00:00:00Z" } }])
    );
    let head = world.app.snapshot("main").expect("main").commit().id;
    assert_eq!(run(&world), (Value::Null, vec!["REPEATED".to_owned()]));
    let world = world.reopened(|_| ());
    assert_eq!(run(&world), (Value::Null, vec!["REPEATED".to_owned()]));
    // New evidence with the same content, and what a person records, are no news either.
    world.import("note", "<https://test.example/n> a <https://w3id.org/throughline#Part> ; <http://purl.org/dc/terms/identifier> 'N' .").expect("an import");
    assert_eq!(run(&world), (Value::Null, vec!["REPEATED".to_owned()]));
    assert_eq!(world.app.snapshot("main").expect("main").commit().parents[0], head);
    send(&world, "P-2", 99, 1);
    assert_eq!(
        run(&world),
        (json!({ "message": "Monitors: 1 finding seen again" }), vec!["ADDED".to_owned()])
    );
    assert_eq!(findings(&world)[0]["evidence"]["totalCount"], 2);
    let known = "{ monitors { name every length items window { from } lastRun { read { commit { id } } } } monitorRuns(first: 1) { nodes { filings { outcome } commit { id } } } }";
    let known = world.data(known, json!({}));
    assert_eq!(
        (&known["monitors"][0]["every"], &known["monitors"][0]["length"]),
        (&json!("PT1H"), &json!("P31D"))
    );
    assert!(
        known["monitors"][1]["lastRun"]["read"]["commit"]["id"].is_string()
            && known["monitors"][1]["items"].is_null()
    );
    assert_eq!(known["monitorRuns"]["nodes"][0]["filings"], json!([{ "outcome": "ADDED" }]));
    let (code, message) =
        world.refusal(r#"mutation { runMonitors(input: { names: ["none"] }) { run { at } } }"#, json!({}));
    assert_eq!((code.as_str(), message.as_str()), ("NOT_FOUND", "no monitor is called \"none\""));
}

#[test]
fn two_monitors_with_the_same_result_record_it_once() {
    let world =
        world().reopened(|folder| std::fs::write(folder.join("monitors.toml"), TWICE).expect("a file"));
    let expected = |commit: &str, outcomes: [&str; 3]| {
        (json!({ "message": commit }), outcomes.map(str::to_owned).to_vec())
    };
    // The part is another question, so its answer has other content.
    assert_eq!(
        run(&world),
        expected("Monitors: 1 finding opened, 1 finding seen again", ["OPENED", "REPEATED", "ADDED"])
    );
    send(&world, "P-2", 99, 1);
    assert_eq!(run(&world), expected("Monitors: 2 findings seen again", ["ADDED", "REPEATED", "ADDED"]));
}

#[test]
fn monitors_at_the_terminal() {
    let World { folder, app, service } = world();
    drop((app, service));
    let data = folder.path().to_str().expect("a path");
    let program =
        |arguments: &[&str]| throughline(folder.path(), &[&["monitor", "--data", data], arguments].concat());
    assert!(refused(&program(&["--once"])).contains("there are no monitors"));
    let monitor = "[[monitor]]\nname = 'pumps'\nitems = ['pump/A']\nwindow = 'P3650D'\n";
    std::fs::write(folder.path().join("monitors.toml"), monitor).expect("a file");
    assert!(out(&program(&[])).contains("pumps every P1D over P3650D ["));
    let printed = out(&program(&["--once"]));
    assert!(printed.contains(": 1 margin in [") && printed.contains("OPENED finding/"), "{printed}");
    assert!(printed.contains("  pump/A breaks REQ-1: MAX of temperature ≤ 85 °C\n"), "{printed}");
    assert!(out(&program(&["--once", "pumps"])).ends_with("nothing new\n"));
    assert!(refused(&program(&["--once", "none"])).contains("no monitor is called \"none\""));
    std::fs::write(folder.path().join("monitors.toml"), "[[monitor]]\nname = 'pumps'\n").expect("a file");
    assert!(refused(&program(&[])).contains("monitors.toml: "));
}

/// Four more pumps of revision A, which run at 80 °C, and six of revision B, which satisfies the same requirement.
fn fleet(request: &str) -> String {
    let unit = |number: u32, lot: u32| {
        format!(
            "<unit/P-{number}> a tl:TwinInstance ; dcterms:identifier 'P-{number}' ; tl:part <pump> ; tl:builtBy <lot/{lot}> ;
             tl:commissionedAt '2024-01-01T00:00:00Z'^^xsd:dateTime .\n"
        )
    };
    let units: String =
        (11..15).map(|number| unit(number, 1)).chain((21..27).map(|number| unit(number, 2))).collect();
    let prefixes: String = PUMP
        .lines()
        .take_while(|line| line.is_empty() || line.starts_with('@'))
        .map(|line| format!("{line}\n"))
        .collect();
    format!(
        "{prefixes} <pump/B> a tl:DesignRevision ; tl:revisionOf <pump> ; tl:revision 'B' ; tl:supersedes <pump/A> ; tl:satisfies <REQ-1> ;
         tl:answers <{request}> ; tl:signal <pump/B#temp> .
         <pump/B#temp> a tl:Signal ; tl:name 'temp' ; tl:property <temperature> ; tl:unit unit:DEG_C ; tl:expectedPeriod 'PT1H'^^xsd:duration .
         <lot/2> a tl:Build ; dcterms:identifier 'L-2' ; tl:realizes <pump/B> .\n{units}"
    )
}

/// Each unit runs for a day, a little hotter than the one before.
fn run_a_day(world: &World, units: std::ops::Range<u32>, temperature: f64) {
    let lines: Vec<String> = units
        .flat_map(|unit| (0..24).map(move |hour| (unit, hour)))
        .map(|(unit, hour)| {
            format!(
                "m,twin=P-{unit} temp={} {}",
                temperature + f64::from(unit % 10) / 10.0,
                1_765_324_800 + 3600 * hour
            )
        })
        .collect();
    world.app.ingest_lines(lines.join("\n").as_bytes(), Precision::Seconds).expect("an ingest");
}

#[test]
fn an_effective_change_is_closed_by_a_person() {
    let world = world();
    let finding = opened(&world);
    let request = accepted(&world, &finding);
    let effectiveness = |of: &str, id: &str| {
        let query = format!(
            r#"{{ thread {{ {of}(id: "{id}") {{ effectiveness(window: {{ from: "2025-12-10T00:00:00Z", to: "2025-12-11T00:00:00Z" }}) {{ proposal better hoursNeeded reasons
                finding {{ iri }} changeRequest {{ iri }} answer {{ iri }} before {{ verdict }} after {{ verdict observed }} }} }} }} }}"#
        );
        world.data(&query, json!({}))["thread"][of]["effectiveness"].clone()
    };
    let reasons = || effectiveness("changeRequest", &request)[0]["reasons"].clone();
    assert_eq!(reasons(), json!([format!("no design revision answers {request}")]));
    assert_eq!(
        world.data(&decide_change(&request, "APPROVE"), json!({}))["decideChange"]["changeRequest"]["state"],
        "APPROVED"
    );
    world.import("fleet", &fleet(&request)).expect("an import");
    world.data(&decide_change(&request, "IMPLEMENT"), json!({}));
    assert_eq!(
        reasons(),
        json!([
            "too little is known of pump/B under MAX of temperature ≤ 85 °C: 0 of 6 units",
            "pump/A cannot be compared: 1 of 6 units were observed enough: each side needs 5, and 50 % of those in service; \
             pump/B cannot be compared: 0 of 6 units were observed enough: each side needs 5, and 50 % of those in service"
        ])
    );
    run_a_day(&world, 11..15, 80.0);
    run_a_day(&world, 1..3, 90.0);
    run_a_day(&world, 21..27, 70.0);
    // Two of six broke it: that six others did not is no wonder, that eight did not would be.
    let kept = effectiveness("changeRequest", &request)[0].clone();
    assert_eq!(
        (&kept["proposal"], &kept["after"]["verdict"], &kept["hoursNeeded"]),
        (&json!("WAIT"), &json!("CONFORMS"), &json!(48.0))
    );
    assert_eq!(
        kept["reasons"][2],
        "2 of 6 units of pump/A broke it in 144.0 h: 8 units for 24.0 h each or 215.7 h in all show at 95 % that this is no \
         chance, 6.0 such units and 144.0 h are there: 48.0 h more are needed"
    );
    run_a_day(&world, 11..13, 90.0);
    let cured = effectiveness("changeRequest", &request)[0].clone();
    assert_eq!(
        (&cured["proposal"], &cured["better"], &cured["answer"]["iri"], &cured["finding"]["iri"]),
        (&json!("CLOSE"), &json!(true), &json!("pump/B"), &json!(finding))
    );
    assert_eq!(
        (&cured["before"]["verdict"], &cured["after"]["verdict"]),
        (&json!("VIOLATES"), &json!("CONFORMS"))
    );
    assert_eq!(
        cured["reasons"][0],
        "pump/B keeps MAX of temperature ≤ 85 °C with 70.6000: 6 of 6 units known"
    );
    let compared = cured["reasons"][1].as_str().expect("a reason");
    assert!(
        compared.starts_with("the units of pump/B lie lower than those of pump/A: -16.")
            && compared.contains(" °C, 95 % interval -"),
        "{compared}"
    );
    assert_eq!(effectiveness("finding", &finding)[0], cured);
    let state = |decision: &str, evidence: &str| {
        let query = decide_change(&request, decision).replacen(
            "reason:",
            &format!("evidence: [{evidence}], reason:"),
            1,
        );
        world.data(&query, json!({}))["decideChange"]["changeRequest"]["state"].clone()
    };
    assert_eq!(state("CLOSE", ""), "VERIFIED");
    send(&world, "P-21", 86, 1);
    let broken = effectiveness("finding", &finding)[0].clone();
    assert_eq!(broken["proposal"], "REOPEN");
    assert_eq!(
        broken["reasons"][0],
        "pump/B breaks MAX of temperature ≤ 85 °C with 86.0000: 1 of 6 units break it"
    );
    let (outcome, other) = record(&world, "pump/B").remove(0);
    assert!(outcome == "OPENED" && other != finding, "another design, another finding");
    let evidence = world.data(
        &format!(
            r#"{{ thread {{ finding(id: "{other}") {{ evidence {{ edges {{ node {{ iri }} }} }} }} }} }}"#
        ),
        json!({}),
    );
    let evidence = evidence["thread"]["finding"]["evidence"]["edges"][0]["node"]["iri"].clone();
    assert_eq!(state("REOPEN", &evidence.to_string()), "OPEN");
    let rests = format!(
        r#"{{ thread {{ changeRequest(id: "{request}") {{ evidence {{ edges {{ node {{ iri }} }} }} }} }} }}"#
    );
    assert_eq!(
        world.data(&rests, json!({}))["thread"]["changeRequest"]["evidence"]["edges"][0]["node"]["iri"],
        evidence
    );
}

/// The page on findings shows what is answered.
#[test]
fn the_page_shows_the_real_answers() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/findings.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let blocks = |language: &str| -> Vec<String> {
        let fence = format!("```{language}\n");
        page.split(fence.as_str())
            .skip(1)
            .map(|rest| rest.split("```").next().expect("an end").to_owned())
            .collect()
    };
    let (requests, answers, files) = (blocks("graphql"), blocks("json"), blocks("toml"));
    assert_eq!((requests.len(), answers.len(), files.len()), (4, 4, 2));
    let check = |world: &World, number: usize| {
        let expect: Value = serde_json::from_str(&answers[number]).expect("JSON");
        assert_eq!(world.data(&requests[number], json!({})), expect, "{}", requests[number]);
    };
    let unmonitored = world();
    check(&unmonitored, 0);
    check(&unmonitored, 1);
    let request =
        requests[2].split("id: \"").nth(1).and_then(|rest| rest.split('"').next()).expect("a change request");
    unmonitored.import("fleet", &fleet(request)).expect("an import");
    run_a_day(&unmonitored, 11..15, 80.0);
    run_a_day(&unmonitored, 1..3, 90.0);
    run_a_day(&unmonitored, 21..27, 70.0);
    check(&unmonitored, 2);
    let monitored = world().reopened(|folder| {
        std::fs::write(folder.join("throughline.toml"), files.concat()).expect("a file");
    });
    assert_eq!(*monitored.app.settings(), Settings::default(), "the page shows what holds without a file");
    check(&monitored, 3);
}
