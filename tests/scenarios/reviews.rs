//! Design reviews: opened on one commit and one watermark, they answer alike for ever, whatever becomes of thread and store.

use super::program::{out, refused, throughline};
use super::world::{BASE, PUMP, World};
use oxigraph::model::vocab::xsd;
use oxigraph::model::{Literal, NamedNodeRef, Term};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use throughline::app::App;
use throughline::exchange::rdf;
use throughline::graph::CommitRequest;
use throughline::model::statement::change::Change;
use throughline::model::use_case::UseCase;
use throughline::ontology::terms::tl;
use throughline::telemetry::Precision;

/// 2024-01-01T00:00:00Z.
const START: i64 = 1_704_067_200;
const JANUARY: &str = r#"window: { from: "2024-01-01T00:00:00Z", to: "2024-02-01T00:00:00Z" }"#;

/// The queries on a review: answers and refusals, over all that a thread can answer.
const QUESTIONS: [&str; 9] = [
    r#"{ thread(at: "review:DR-1") { now base watermark commit { id time message author { name } }
        requirements { totalCount edges { cursor node { id iri title status constraints { limit } provenance { history { nodes { commit { id } notes { text } } } }
            provenance { blame { nodes { property value commit { id } } } } satisfiedBy { edges { link { since { id } suspect } node { iri } } } } } }
        twinInstances(orderBy: [{site: DESC}]) { edges { cursor node { id identifier site } } }
        suspectLinks { nodes { property } } unboundSeries { nodes { series { twin field } twin { iri } } } lookup(identifier: "P-1") { nodes { id iri } } } }"#,
    r#"{ thread(at: "review:DR-1") { designRevision(id: "pump/A") { population(WINDOW) { members { nodes { item { iri } from to certainty hours } } }
        margins(WINDOW) { requirement { identifier } verdict observed limit distance distancePercent conformingUnits conformingHours predicted
            units { nodes { serial verdict observed observedHours conformingHours } }
            account { observedHours missingHours unknownConfigurationHours overwritten: overwrittenCount late: lateCount unbound { reason } } } } } }"#,
    r#"{ thread(at: "review:DR-1") { designRevision(id: "pump/A") { fieldUsage(property: "temperature", WINDOW, bucket: "P1D", groupBy: [UNIT, MONTH], unit: "DEG_F",
        while: [{ property: "pressure", comparator: GE, limit: 3, unit: "KiloPA" }]) { unit { symbol } sampleCount hours min max mean stddev percentile(p: 0.95)
            histogram(bins: 7) { from to sampleCount hours } timeBeyond(limit: 150) worstUnits(first: 2) { serial } account { late: lateCount overwritten: overwrittenCount }
            buckets { from usage { sampleCount mean percentile(p: 0.5) } } groups { key usage { sampleCount max } } } } } }"#,
    r#"{ thread(at: "review:DR-1") { twinInstance(id: "unit/P-1") { configuration(at: "2024-01-15T00:00:00Z") { nodes { path } }
        telemetry(WINDOW, limit: 2000) { signal { iri } more samples { at value } }
        days: telemetry(signal: "temp", WINDOW, bucket: "P1D") { buckets { from sampleCount min max mean first last } }
        margins(WINDOW) { verdict observed } } } }"#,
    // What was not pinned is refused, today as later: other times, and the latest value of all time.
    r#"{ thread(at: "review:DR-1") { twinInstance(id: "unit/P-1") { latest { at value } } } }"#,
    r#"{ thread(at: "review:DR-1") { designRevision(id: "pump/A") { margins(window: { from: "2024-01-01T00:00:00Z", to: "2024-03-01T00:00:00Z" }) { verdict } } } }"#,
    r#"{ thread(at: "review:DR-1") { part(id: "other") { fieldUsage(property: "temperature", WINDOW) { sampleCount } } } }"#,
    // The record is not in the version that it was opened on.
    r#"{ thread(at: "review:DR-1") { designReviews { totalCount } } }"#,
    r#"{ thread { designReview(id: "review/DR-1") { resultDigest reproduced openedAt margins { verdict observed limit } opened { now watermark commit { id } } } } }"#,
];

/// Two pumps, and a third of another design that is not under review; each reports its temperature and pressure every hour.
fn plant() -> World {
    let world = World::new();
    let more = r#"
<pressure> a tl:Property ; dcterms:title "pressure" ; tl:quantityKind quantitykind:Pressure .
<other> a tl:Part ; dcterms:identifier "OTHER" .
<other/A> a tl:DesignRevision ; tl:revisionOf <other> ; tl:revision "A" ; tl:signal <other/A#temp> .
<other/A#temp> a tl:Signal ; tl:name "temp" ; tl:property <temperature> ; tl:unit unit:DEG_C .
<lot/2> a tl:Build ; dcterms:identifier "L-2" ; tl:realizes <other/A> .
<unit/O-1> a tl:TwinInstance ; dcterms:identifier "O-1" ; tl:part <other> ; tl:builtBy <lot/2> .
<pump/A#pressure> a tl:Signal ; tl:name "bar" ; tl:property <pressure> ; tl:unit unit:KiloPA ; tl:expectedPeriod "PT1H"^^xsd:duration .
"#;
    let pump = PUMP.replace("tl:signal <pump/A#temp>", "tl:signal <pump/A#temp> , <pump/A#pressure>");
    world.import("pump", &format!("{pump}{more}")).expect("a plant");
    write(&world, 0..744, 3600, |hour, unit| (70.0 + f64::from((hour * 7 + unit) % 13), hour % 6));
    world
}

/// Writes samples of all units every `step` seconds.
fn write(
    world: &World,
    steps: std::ops::Range<i32>,
    step: i64,
    value: impl Fn(i32, i32) -> (f64, i32),
) -> u64 {
    let mut lines = String::new();
    for n in steps {
        for (unit, name) in ["P-1", "P-2", "O-1"].iter().enumerate() {
            let (temp, bar) = value(n, unit as i32);
            let at = START + i64::from(n) * step;
            let _ = writeln!(lines, "pump,twin={name} temp={temp},bar={bar},spare=1 {at}");
        }
    }
    world.app.ingest_lines(lines.as_bytes(), Precision::Seconds).expect("the store writes").samples
}

fn open(world: &World, more: &str) -> Value {
    let query = format!(
        r#"mutation {{ openReview(input: {{ title: "Is A fit?", designs: "pump/A", {JANUARY}, participants: ["Ada", "Grace"],
            author: {{ name: "Ada", email: "ada@example.org" }}{more} }}) {{
            commit {{ id message }} changed review {{ id iri identifier state participants evidence {{ totalCount }} opened {{ watermark }} }} }} }}"#
    );
    world.data(&query, json!({}))["openReview"].clone()
}

fn answers(world: &World) -> Vec<String> {
    let ask = |question: &&str| world.ask(&question.replace("WINDOW", JANUARY), json!({})).to_string();
    QUESTIONS.iter().map(ask).collect()
}

fn sign(decision: &str) -> String {
    format!(
        r#"mutation {{ signReview(input: {{ review: "review/DR-1", decision: {decision}, comment: "It runs cool", participants: ["Edsger"],
            author: {{ name: "Grace", email: "grace@example.org" }} }}) {{ commit {{ message }} review {{ state decidedBy decidedAt reason participants }} }} }}"#
    )
}

fn commit(world: &World, changes: &Value) {
    let query = "mutation($changes: [Change!]!) { commit(input: { message: \"Change\", changes: $changes }) { changed } }";
    world.data(query, json!({ "changes": changes }));
}

fn limit(world: &World, limit: i32) {
    commit(
        world,
        &json!([{ "putRequirement": { "id": "REQ-1", "constraints": [{ "id": "#limit", "limit": limit }] } }]),
    );
}

/// Keeps no watermark readable that is not pinned, and samples for as long as given.
fn settings(folder: &Path, keep: Option<&str>) {
    let rule =
        keep.map(|keep| format!("[[retention]]\nmeasurement = \"*\"\nfield = \"*\"\nkeep = \"{keep}\"\n"));
    let text = format!("readable = \"P0D\"\n{}", rule.unwrap_or_default());
    std::fs::write(folder.join("telemetry/settings.toml"), text).expect("settings");
}

#[test]
fn a_review_answers_alike_for_ever() {
    let world = plant();
    let opened = open(&world, "");
    let review = &opened["review"];
    assert_eq!(opened["commit"]["message"], "Open the review DR-1: Is A fit?");
    assert_eq!(
        (&review["iri"], &review["state"], &review["participants"], &review["evidence"]["totalCount"]),
        (&json!("review/DR-1"), &json!("OPEN"), &json!(["Ada", "Grace"]), &json!(1))
    );
    let before = answers(&world);
    for (question, answer) in QUESTIONS.iter().zip(&before) {
        let refused = answer.contains("is not pinned over all of");
        let expect = ["latest", "2024-03-01", "\"other\""].iter().any(|part| question.contains(part));
        assert_eq!((refused, answer.contains("errors")), (expect, expect), "{question}: {answer}");
    }
    let watermark = world.data("{ thread { watermark } }", json!({}))["thread"]["watermark"].clone();

    // Late samples come between and in place of those that were known, and a limit is tightened.
    assert_eq!(write(&world, 0..14_880, 180, |n, _| (90.0 + f64::from(n % 7), 4)), 133_920);
    limit(&world, 60);
    assert_eq!(answers(&world), before, "late samples and another limit");

    let world = world.reopened(|folder| settings(folder, None));
    for round in 0..9 {
        write(&world, 0..200, 3600, |n, _| (f64::from(n + round), 1));
        world.app.seal().expect("sealed");
    }
    world.app.telemetry().maintain().expect("compacted");
    let known = json!({ "known": watermark });
    let refused = world.refusal("query($known: String!) { thread(asKnownAt: $known) { twinInstance(id: \"unit/O-1\") { latest { value } } } }", known);
    assert!(refused.1.contains("not pinned"), "compaction has passed the watermark: {refused:?}");
    assert_eq!(answers(&world), before, "compaction");

    let world = world.reopened(|folder| {
        settings(folder, Some("P1D"));
        std::fs::remove_file(folder.join("index.redb")).expect("the index");
    });
    world.app.telemetry().maintain().expect("the old samples go");
    let refusal = world.ask(
        &format!("{{ thread {{ twinInstance(id: \"unit/O-1\") {{ telemetry({JANUARY}) {{ more }} }} }} }}"),
        json!({}),
    );
    assert!(refusal.to_string().contains("have expired"), "what is not pinned is dropped: {refusal}");
    assert_eq!(answers(&world), before, "retention, and an index made anew");
}

#[test]
fn a_review_lists_what_has_changed_since() {
    let world = plant();
    open(&world, "");
    let since = r#"{ thread { designReview(id: "review/DR-1") { since { then { commit { id } } diff { notes { nodes { kind text } } resources { totalCount nodes { iri difference } } }
            newData { samples: sampleCount hours overwritten: overwrittenCount late: lateCount series: seriesCount } margins { otherVerdict then { verdict observed limit } now { verdict observed limit } } } } } }"#;
    let ask = || world.data(since, json!({}))["thread"]["designReview"]["since"].clone();
    let margin = |verdict: &str, observed: f64, limit: f64| json!({ "verdict": verdict, "observed": observed, "limit": limit });
    let nothing = ask();
    assert_eq!(
        (&nothing["diff"]["resources"]["totalCount"], &nothing["newData"]["samples"]),
        (&json!(0), &json!("0"))
    );
    let same = margin("CONFORMS", 82.0, 85.0);
    assert_eq!(nothing["margins"], json!([{ "otherVerdict": false, "then": same, "now": same }]));

    limit(&world, 80);
    commit(
        &world,
        &json!([{ "putTwinInstance": { "id": "unit/O-1", "site": "Elsewhere" } }, { "putTwinInstance": { "id": "unit/P-2", "site": "Oslo" } }]),
    );
    // A new value of ten hours that were known, and half past each of them.
    write(&world, 0..20, 1800, |_, _| (81.0, 1));
    let changed = ask();
    let resources =
        json!([{ "iri": "REQ-1", "difference": "CHANGED" }, { "iri": "unit/P-2", "difference": "CHANGED" }]);
    assert_eq!(
        changed["diff"]["resources"]["nodes"], resources,
        "a unit of another design is none of the review's"
    );
    assert_eq!(
        changed["diff"]["notes"]["nodes"],
        json!([{ "kind": "LIMIT_TIGHTENED", "text": "REQ-1: limit tightened: MAX ≤ 85 °C → MAX ≤ 80 °C" }])
    );
    // Of both pumps, temperature and pressure; the hours were covered already.
    assert_eq!(
        changed["newData"],
        json!({ "samples": "40", "hours": 0.0, "overwritten": "40", "late": "80", "series": 4 })
    );
    assert_eq!(
        changed["margins"],
        json!([{ "otherVerdict": true, "then": same, "now": margin("VIOLATES", 82.0, 80.0) }])
    );
    let turned = r#"{ thread { designReview(id: "review/DR-1") { since { margins { design { iri } requirement { iri }
        newlyViolatingCount newlyViolating(first: 1) { nodes { serial observed } } newlyConformingCount newlyConforming { nodes { serial } } } } } } }"#;
    assert_eq!(
        world.data(turned, json!({}))["thread"]["designReview"]["since"]["margins"],
        json!([{ "design": { "iri": "pump/A" }, "requirement": { "iri": "REQ-1" }, "newlyViolatingCount": 2,
            "newlyViolating": { "nodes": [{ "serial": "P-1", "observed": 82.0 }] }, "newlyConformingCount": 0, "newlyConforming": { "nodes": [] } }])
    );
}

/// The settings of a thread under which one hour is not enough.
const STRICT: &str = "[enough]\nhours = 100000\n";

#[test]
fn what_is_enough_is_a_setting_that_changes_no_record() {
    let world = plant();
    open(&world, "");
    open(&world, ", identifier: \"DR-2\", sufficiency: { hours: 5000 }");
    let record = |more: &str| {
        let query = format!(
            "mutation {{ recordEvidence(input: {{ branch: \"main\", item: \"pump/A\", {JANUARY}{more} }}) {{ evidence {{ verdict query resultDigest }} }} }}"
        );
        move |world: &World| world.data(&query, json!({}))["recordEvidence"]["evidence"][0].clone()
    };
    let verdicts = |world: &World| {
        let query = format!(
            "{{ now: thread {{ designRevision(id: \"pump/A\") {{ margins({JANUARY}) {{ verdict }} }} }}
               own: thread(at: \"review:DR-1\") {{ designRevision(id: \"pump/A\") {{ margins({JANUARY}) {{ verdict }} }} }}
               other: thread(at: \"review:DR-2\") {{ designRevision(id: \"pump/A\") {{ margins({JANUARY}) {{ verdict }} }} }} }}"
        );
        let answer = world.data(&query, json!({}));
        ["now", "own", "other"].map(|of| answer[of]["designRevision"]["margins"][0]["verdict"].clone())
    };
    assert_eq!(verdicts(&world), ["CONFORMS", "CONFORMS", "UNKNOWN"]);
    let first = record("")(&world);
    let query = first["query"].as_str().expect("a query").to_owned();
    assert!(query.contains("sufficiency: { hours: 1, share: 0.5, unitShare: 0.5 }"), "{query}");
    let replayed = |world: &World| {
        world.data(&query, json!({}))["thread"]["designRevision"]["margins"][0]["verdict"].clone()
    };
    assert_eq!((&first["verdict"], replayed(&world)), (&json!("CONFORMS"), json!("CONFORMS")));
    let (before, opened) =
        (answers(&world), r#"{ thread { designReviews { nodes { reproduced hoursMin unitsMin } } } }"#);
    let answer = world.data(opened, json!({}));
    assert_eq!(
        answer["thread"]["designReviews"]["nodes"],
        json!([{ "reproduced": true, "hoursMin": 1.0, "unitsMin": "5" }, { "reproduced": true, "hoursMin": 5000.0, "unitsMin": "5" }])
    );

    let world =
        world.reopened(|folder| std::fs::write(folder.join("settings.toml"), STRICT).expect("settings"));
    assert_eq!(verdicts(&world), ["UNKNOWN", "CONFORMS", "UNKNOWN"]);
    assert_eq!(
        (answers(&world), world.data(opened, json!({})), replayed(&world)),
        (before, answer, json!("CONFORMS"))
    );
    let second = record("")(&world);
    assert!(
        second["verdict"] == "UNKNOWN" && second["query"].to_string().contains("hours: 100000"),
        "{second}"
    );
    assert_eq!(record(", sufficiency: { hours: 1 }")(&world)["verdict"], "CONFORMS");
}

#[test]
fn what_two_requirements_share_is_listed_for_each() {
    let world = plant();
    let shared = "@base <https://test.example/> . @prefix tl: <https://w3id.org/throughline#> .
        <REQ-2> a tl:Requirement ; <http://purl.org/dc/terms/identifier> 'REQ-2' ; tl:constraint <REQ-1#limit> . <pump/A> tl:satisfies <REQ-2> .";
    world.import("shared", shared).expect("a second requirement");
    open(&world, "");
    let link = json!({ "from": "pump/A", "property": "satisfies", "to": "REQ-1" });
    commit(&world, &json!([{ "unlink": link }]));
    let since = r#"{ thread { designReview(id: "review/DR-1") { since { margins { then { requirement { iri } } now { requirement { iri } } } } } } }"#;
    let answer = world.data(since, json!({}));
    let of = |iri: &str| json!({ "requirement": { "iri": iri } });
    assert_eq!(
        answer["thread"]["designReview"]["since"]["margins"],
        json!([{ "then": of("REQ-1"), "now": null }, { "then": of("REQ-2"), "now": of("REQ-2") }])
    );
}

#[test]
fn a_review_is_signed_once_and_stays() {
    let world = plant();
    open(&world, ", identifier: \"DR-1\", description: \"Before series production\"");
    let change = |fields: Value| {
        let mut put = fields;
        put["id"] = json!("review/DR-1");
        world.ask(
            "mutation($changes: [Change!]!) { commit(input: { message: \"Change\", changes: $changes }) { changed } }",
            json!({ "changes": [{ "putDesignReview": put }] }),
        )
    };
    // Not even what opens reviews changes one that is open.
    let stays = |changes: Vec<Change>, text: &str| {
        let request = CommitRequest {
            branch: "main".to_owned(),
            changes,
            use_case: Some(UseCase::OpenReview),
            ..CommitRequest::default()
        };
        let refused = world.app.commit_as(&request).expect_err("a review that stays").to_string();
        assert!(refused.contains(text), "{refused}");
    };
    let head = world.app.snapshot("main").expect("main");
    let iri = head.expand("review/DR-1").expect("an IRI");
    let set = |predicate: NamedNodeRef<'_>, value: Term| Change::Set {
        subject: iri.clone(),
        predicate: predicate.into_owned(),
        values: vec![value],
    };
    let text = |text: &str| Term::from(Literal::new_simple_literal(text));
    let opened = "the review was opened on this";
    stays(vec![set(tl::WATERMARK, text("0192f0c1a2b37c4d8e5f60718293a4b5-1"))], opened);
    stays(vec![set(tl::REQUIREMENT_FIELD, head.expand("REQ-1").expect("an IRI").into())], opened);
    let march = Literal::new_typed_literal("2024-03-01T00:00:00Z", xsd::DATE_TIME);
    stays(vec![set(tl::TO, march.into())], opened);
    let planned = json!({ "heldAt": "2024-02-10T09:00:00Z", "title": "Fit for series?", "description": "Before it starts",
        "participants": ["Ada", "Grace"] });
    assert_eq!(change(planned)["errors"], Value::Null);

    let signed = world.data(&sign("APPROVED"), json!({}))["signReview"].clone();
    assert_eq!(signed["commit"]["message"], "Sign the review DR-1: APPROVED");
    let review = &signed["review"];
    assert_eq!(
        (&review["state"], &review["decidedBy"], &review["reason"], &review["participants"]),
        (
            &json!("APPROVED"),
            &json!("Grace <grace@example.org>"),
            &json!("It runs cool"),
            &json!(["Ada", "Edsger", "Grace"])
        )
    );
    let (code, message) = world.refusal(&sign("REJECTED"), json!({}));
    assert_eq!(code, "CONFLICT");
    assert!(
        message.starts_with("the review DR-1 is APPROVED: Grace <grace@example.org> signed it at "),
        "{message}"
    );
    let signed = "the review is signed";
    stays(vec![set(tl::REASON, text("It does not"))], signed);
    stays(vec![set(tl::STATE, text("OPEN"))], signed);
    stays(vec![Change::Retire(iri.clone())], signed);
    let late = change(json!({ "title": "Unfit" }));
    assert!(late["errors"][0]["extensions"]["violations"].to_string().contains(signed), "{late}");
    let state = "{ thread { designReview(id: \"review/DR-1\") { state reproduced } } }";
    assert_eq!(
        world.data(state, json!({}))["thread"]["designReview"],
        json!({ "state": "APPROVED", "reproduced": true })
    );
}

#[test]
fn what_cannot_be_opened_or_asked_is_refused() {
    let world = plant();
    let check = |more: &str, design: &str, code: &str, text: &str| {
        let query = format!(
            "mutation {{ openReview(input: {{ title: \"Fit?\", designs: [{design}], {JANUARY}{more} }}) {{ changed }} }}"
        );
        let (found, message) = world.refusal(&query, json!({}));
        assert_eq!(found, code, "{message}");
        assert!(message.contains(text), "{message}");
    };
    check("", "", "BAD_INPUT", "at least one design revision");
    check("", "\"pump\"", "NOT_FOUND", "is no DesignRevision of this version");
    check(
        ", requirements: [\"REQ-1\"]",
        "\"other/A\"",
        "BAD_INPUT",
        "none of the designs under review satisfies",
    );
    check(", identifier: \"a..b\"", "\"pump/A\"", "BAD_INPUT", "a..b");
    check(", identifier: \"DR-1#x\"", "\"pump/A\"", "BAD_INPUT", "\"DR-1#x\" cannot be a name");
    check(", at: \"nowhere\"", "\"pump/A\"", "NOT_FOUND", "nowhere");
    open(&world, "");
    check(", identifier: \"DR-1\"", "\"pump/A\"", "CONFLICT", "the review \"DR-1\" exists already");
    check(", identifier: \"DR-1/a\"", "\"pump/A\"", "CONFLICT", "the review \"DR-1\" exists already");
    let backwards = "mutation { openReview(input: { title: \"Fit?\", designs: \"pump/A\", window: { from: \"2024-02-01T00:00:00Z\", to: \"2024-01-01T00:00:00Z\" } }) { changed } }";
    assert_eq!(world.refusal(backwards, json!({})).0, "BAD_INPUT");
    let own = world.data("{ thread(at: \"review:DR-1\") { watermark commit { id } } }", json!({}))["thread"]
        .clone();
    let known = |known: &Value| {
        format!("{{ thread(at: \"review:DR-1\", asKnownAt: {known}) {{ commit {{ id }} watermark }} }}")
    };
    assert_eq!(
        world.data(&known(&own["watermark"]), json!({}))["thread"],
        own,
        "its own watermark is no conflict"
    );
    write(&world, 0..1, 60, |_, _| (1.0, 1));
    let newest = world.data("{ thread { watermark } }", json!({}))["thread"]["watermark"].clone();
    let (code, message) = world.refusal(&known(&newest), json!({}));
    assert!(code == "BAD_INPUT" && message.contains("names its own watermark"), "{message}");
    assert_eq!(world.refusal("{ thread(at: \"review:DR-9\") { now } }", json!({})).0, "NOT_FOUND");
    let anonymous = "mutation { signReview(input: { review: \"REQ-1\", decision: APPROVED, author: { name: \"Ada\", email: \"a@b\" } }) { changed } }";
    assert_eq!(world.refusal(anonymous, json!({})).0, "NOT_FOUND");
}

/// Commits statements as a program that opens reviews does.
fn record(world: &World, statements: &str) {
    let text = format!(
        "@prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> .
         @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . {statements}"
    );
    let statements = rdf::read(text.as_bytes(), rdf::Format::Turtle, BASE, "reviews.ttl").expect("reviews");
    let request = CommitRequest {
        branch: "main".to_owned(),
        changes: statements.into_iter().map(Change::Add).collect(),
        use_case: Some(UseCase::OpenReview),
        ..CommitRequest::default()
    };
    world.app.commit_as(&request).expect("reviews");
}

#[test]
fn a_review_that_names_what_cannot_be_kept_keeps_no_thread_from_opening() {
    let world = plant();
    open(&world, "");
    let head = world.app.snapshot("main").expect("main").commit().id.to_string();
    let review = |identifier: &str, commit: &str| {
        let name = format!("https://test.example/foreign/{}", identifier.replace(['/', '.'], "-"));
        format!(
            "<{name}> a tl:DesignReview ; dcterms:identifier '{identifier}' ; tl:of <https://test.example/pump/A> ;
               tl:from '2024-01-01T00:00:00Z'^^xsd:dateTime ; tl:to '2024-02-01T00:00:00Z'^^xsd:dateTime ;
               tl:commit '{commit}' ; tl:watermark '0192f0c1a2b37c4d8e5f60718293a4b5-1' ; tl:pin 7 ; tl:algorithm 'another' ;
               tl:resultDigest '0' ; tl:openedAt '2024-03-01T00:00:00Z'^^xsd:dateTime ; tl:state 'OPEN' ."
        )
    };
    // As an older program took them: a commit of another repository; no name of a ref; and a name below one that is taken.
    let reviews =
        [review("DR-8", &"1".repeat(40)), review("a..b", &head), review("DR-1/b", &head)].join("\n");
    record(&world, &reviews);
    let world = world.reopened(|_| ());
    assert_eq!(world.refusal("{ thread(at: \"review:DR-8\") { now } }", json!({})).0, "NOT_FOUND");
    let own = world.data("{ thread(at: \"review:DR-1\") { now } }", json!({}));
    assert!(own["thread"]["now"].is_string(), "{own}");
    assert_eq!(open(&world, ", identifier: \"DR-2\"")["review"]["identifier"], "DR-2");
}

/// What an earlier version of the program recorded stays as it was recorded, whatever this one computes from the same samples.
#[test]
fn what_an_earlier_algorithm_found_is_answered_as_recorded() {
    let world = plant();
    open(&world, "");
    let recorded = |review: &str| {
        let query = format!(
            "{{ thread {{ designReview(id: \"review/{review}\") {{ identifier algorithm commit watermark pin resultDigest openedAt reproduced
                evidence {{ edges {{ node {{ algorithm resultDigest verdict observed conformingUnits }} }} }} }} }} }}"
        );
        world.data(&query, json!({}))["thread"]["designReview"].clone()
    };
    let own = recorded("DR-1");
    assert_eq!(own["reproduced"], json!(true));
    let text = |field: &str| own[field].as_str().expect("a text");
    let old = format!(
        "<evidence/old> a tl:FieldEvidence ; tl:algorithm 'throughline margin 1' ; tl:resultDigest '1f' ; tl:verdict 'VIOLATES' ;
             tl:observed 85.5e0 ; tl:conformingUnits 0.25e0 ; tl:design <pump/A> ; tl:constraint <REQ-1#limit> ; tl:commit '{0}' ; tl:watermark '{1}' .
         <review/DR-0> a tl:DesignReview ; dcterms:identifier 'DR-0' ; tl:of <pump/A> ; tl:evidence <evidence/old> ; tl:state 'OPEN' ;
             tl:from '2024-01-01T00:00:00Z'^^xsd:dateTime ; tl:to '2024-02-01T00:00:00Z'^^xsd:dateTime ;
             tl:algorithm 'throughline margin 1' ; tl:resultDigest '2e' ; tl:commit '{0}' ; tl:watermark '{1}' ; tl:pin {2} ;
             tl:openedAt '{3}'^^xsd:dateTime .",
        text("commit"), text("watermark"), text("pin"), text("openedAt"),
    );
    record(&world, &old);
    // What opening a review keeps: the version that it rests on, and the commit that recorded it.
    let repository = world.app.repository();
    let pinned = repository.snapshot(text("commit")).expect("a version").commit().id;
    repository.keep("review/DR-0", pinned).expect("kept");
    repository.keep("opened/DR-0", world.app.snapshot("main").expect("main").commit().id).expect("kept");
    let evidence = json!({ "algorithm": "throughline margin 1", "resultDigest": "1f", "verdict": "VIOLATES", "observed": 85.5, "conformingUnits": 0.25 });
    let expect = json!({ "identifier": "DR-0", "algorithm": "throughline margin 1", "resultDigest": "2e", "reproduced": null,
        "commit": own["commit"], "watermark": own["watermark"], "pin": own["pin"], "openedAt": own["openedAt"],
        "evidence": { "edges": [{ "node": evidence }] } });
    assert_eq!(recorded("DR-0"), expect);
    // Nor does it change what the review can be asked, today or later.
    let asked = QUESTIONS[1].replace("DR-1", "DR-0").replace("WINDOW", JANUARY);
    let before = world.data(&asked, json!({}));
    write(&world, 0..10, 600, |_, _| (99.0, 1));
    let world = world.reopened(|_| ());
    assert_eq!(world.data(&asked, json!({})), before);
}

#[test]
fn a_node_of_a_review_is_asked_again_as_the_review_knew_it() {
    let world = plant();
    open(&world, "");
    let usage = format!("... on TwinInstance {{ id margins({JANUARY}) {{ observed limit }} }}");
    let first = world.data(
        &format!(
            "{{ thread(at: \"review:DR-1\") {{ lookup(identifier: \"P-1\") {{ nodes {{ {usage} }} }} }} }}"
        ),
        json!({}),
    );
    let first = &first["thread"]["lookup"]["nodes"][0];
    write(&world, 0..10, 600, |_, _| (99.0, 1));
    let again = world
        .data(&format!("query($id: ID!) {{ node(id: $id) {{ {usage} }} }}"), json!({ "id": first["id"] }));
    assert_eq!(again["node"], *first);
}

#[test]
fn the_order_of_designs_makes_no_other_review() {
    let world = plant();
    let query = format!(
        "mutation {{ openReview(input: {{ title: \"Both\", designs: [\"pump/A\", \"other/A\", \"pump/A\"], requirements: [\"REQ-1\"], {JANUARY} }}) {{
            review {{ reproduced designs {{ edges {{ node {{ iri }} }} }} requirements {{ edges {{ node {{ iri }} }} }} margins {{ item {{ iri }} }} }} }} }}"
    );
    let review = world.data(&query, json!({}))["openReview"]["review"].clone();
    assert_eq!(
        (&review["reproduced"], &review["requirements"]["edges"]),
        (&json!(true), &json!([{ "node": { "iri": "REQ-1" } }]))
    );
    assert_eq!(
        review["designs"]["edges"],
        json!([{ "node": { "iri": "other/A" } }, { "node": { "iri": "pump/A" } }])
    );
    assert_eq!(review["margins"], json!([{ "item": { "iri": "pump/A" } }]));
}

#[test]
fn a_review_that_a_kill_left_half_open_is_completed() {
    let world = plant();
    open(&world, "");
    let before = answers(&world);
    let world = world.reopened(|folder| {
        // As if the process had ended once the branch had moved.
        for name in ["review", "opened"] {
            std::fs::remove_file(folder.join("thread.git/refs/throughline/kept").join(name).join("DR-1"))
                .expect("a ref");
        }
    });
    assert_eq!(answers(&world), before);
}

#[test]
fn a_review_whose_telemetry_is_lost_is_reported() {
    let world = plant();
    open(&world, "");
    let World { folder, app, service } = world;
    drop(service);
    drop(Arc::into_inner(app).expect("nobody else holds the thread"));
    let telemetry = folder.path().join("telemetry");
    std::fs::remove_dir_all(&telemetry).expect("the telemetry");
    let refused = App::open(folder.path(), super::world::clock()).expect_err("no new store").to_string();
    assert!(refused.contains("telemetry is missing, though") && refused.contains("backup"), "{refused}");
    assert!(!telemetry.exists());
    // The empty folder confirms that the loss is intended; then the review gives the reason why it has no answer.
    std::fs::create_dir(&telemetry).expect("a folder");
    let later = super::world::clock();
    later.set("2026-01-02T00:00:00Z".parse().expect("an instant"));
    let app = App::open(folder.path(), later).expect("the thread");
    let world = World::of(folder, app);
    let (code, message) = world.refusal("{ thread(at: \"review:DR-1\") { watermark } }", json!({}));
    assert_eq!(code, "NOT_FOUND");
    assert!(message.contains("was made by another telemetry store"), "{message}");
}

/// What docs/reviews.md shows, asked as written.
#[test]
fn reviews_as_documented() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reviews.md"))
        .expect("the page");
    let blocks = |language: &str| -> Vec<String> {
        let fence = format!("```{language}\n");
        let rest = text.split(fence.as_str()).skip(1);
        rest.map(|rest| rest.split("```").next().expect("an end").to_owned()).collect()
    };
    let (questions, expect) = (blocks("graphql"), blocks("json"));
    assert_eq!((questions.len(), expect.len()), (3, 3));
    let world = plant();
    for (number, (question, expect)) in questions.iter().zip(expect).enumerate() {
        if number == 1 {
            limit(&world, 80);
            write(&world, 0..20, 1800, |_, _| (81.0, 1));
        }
        let expect: Value = serde_json::from_str(&expect).expect("JSON");
        assert_eq!(world.data(question, json!({})), expect, "{question}");
    }
}

#[test]
fn a_review_at_the_terminal() {
    let world = plant();
    world.reopened(|folder| {
        let run = |words: &[&str]| {
            out(&throughline(folder, &[&["review", words[0], "--data", "."], &words[1..]].concat()))
        };
        let opened = run(&[
            "open",
            "Is A fit?",
            "--design",
            "pump/A",
            "--from",
            "2024-01-01T00:00:00Z",
            "--to",
            "2024-02-01T00:00:00Z",
        ]);
        assert!(opened.contains(" on main: Open the review DR-1: Is A fit?\nreview:DR-1 is "), "{opened}");
        assert!(run(&["show"]).starts_with("DR-1  ") && run(&["show"]).ends_with("  OPEN\n"));
        let shown = run(&["show", "DR-1"]);
        let margin = "pump/A REQ-1#limit: CONFORMS 82.0000 (limit 85)\n";
        assert!(shown.contains("(found again)\n") && shown.contains(margin), "{shown}");
        assert!(
            shown.ends_with("since: 0 new samples and 0 in place of others in 0 series, 0.0 h\n"),
            "{shown}"
        );
        let sign = ["sign", "DR-1", "approved", "--author", "Grace <grace@example.org>"];
        assert!(run(&sign).ends_with(" on main: Sign the review DR-1: APPROVED\n"));
        assert!(run(&["show"]).contains("  APPROVED by Grace <grace@example.org> at "));
        let again = refused(&throughline(folder, &[&["review", "sign", "--data", "."], &sign[1..]].concat()));
        assert!(
            again.contains("the review DR-1 is APPROVED: Grace <grace@example.org> signed it at "),
            "{again}"
        );
    });
}

/// What happens to a thread after a review was opened in it.
#[derive(Clone, Debug)]
enum Event {
    /// Samples arrive late: how many seconds apart, and their value.
    Late(i64, i32),
    /// A limit is changed.
    Limit(i32),
    /// A unit of the design moves to another lot, as if it had never been of this one.
    Rebuilt,
    /// Another review is opened at the newest watermark, of the other design, and signed.
    Review,
    /// A branch is made, goes on, and is deleted.
    Branch,
    Seal,
    /// Compaction, and retention where the settings ask for it.
    Maintain,
    /// A restart with other settings; the index may be lost.
    Restart(Option<&'static str>, bool),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => (prop::sample::select(vec![3600, 1800, 900]), 50..120).prop_map(|(step, value)| Event::Late(step, value)),
        1 => (40..100).prop_map(Event::Limit),
        1 => Just(Event::Rebuilt),
        1 => Just(Event::Review),
        1 => Just(Event::Branch),
        2 => Just(Event::Seal),
        2 => Just(Event::Maintain),
        2 => (prop::sample::select(vec![None, Some("P1D"), Some("P600D")]), any::<bool>()).prop_map(|(keep, lost)| Event::Restart(keep, lost)),
    ]
}

fn happen(world: World, event: &Event, number: usize) -> World {
    match event {
        Event::Late(step, value) => {
            _ = write(&world, 0..500, *step, |n, unit| (f64::from(*value + n % 3 + unit), n % 5));
        }
        Event::Limit(value) => limit(&world, *value),
        Event::Rebuilt => commit(
            &world,
            &json!([{ "putTwinInstance": { "id": "unit/P-2", "builtBy": "lot/2", "title": format!("moved {number}") } }]),
        ),
        Event::Review => {
            let query = format!(
                "mutation {{ openReview(input: {{ title: \"Other\", identifier: \"R-{number}\", designs: \"other/A\", {JANUARY} }}) {{ review {{ iri }} }}
                    signReview(input: {{ review: \"review/R-{number}\", decision: REJECTED, author: {{ name: \"Ada\", email: \"ada@example.org\" }} }}) {{ changed }} }}"
            );
            world.data(&query, json!({}));
        }
        Event::Branch => {
            let query = format!(
                "mutation {{ createBranch(input: {{ name: \"try-{number}\" }}) {{ branch {{ name }} }}
                    commit(input: {{ branch: \"try-{number}\", message: \"Try\", changes: [{{ putPart: {{ id: \"pump\", title: \"Pump {number}\" }} }}] }}) {{ changed }}
                    deleteBranch(input: {{ name: \"try-{number}\" }}) {{ lastHead }} }}"
            );
            world.data(&query, json!({}));
        }
        Event::Seal => world.app.seal().expect("sealed"),
        Event::Maintain => world.app.telemetry().maintain().expect("maintained"),
        Event::Restart(keep, lost) => {
            return world.reopened(|folder| {
                settings(folder, *keep);
                if *lost {
                    std::fs::remove_file(folder.join("index.redb")).expect("the index");
                }
            });
        }
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4))]

    #[test]
    fn whatever_happens_a_review_answers_the_same_bytes(events in prop::collection::vec(event(), 6..14)) {
        let mut world = plant();
        open(&world, "");
        let before = answers(&world);
        for (number, event) in events.iter().enumerate() {
            world = happen(world, event, number);
        }
        prop_assert_eq!(answers(&world), before);
    }
}
