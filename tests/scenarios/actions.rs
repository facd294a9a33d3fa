//! Actions: from a finding to work on a unit, through the configuration to the proof that it helped.

use super::world::{BASE, PUMP, World};
use serde_json::{Value, json};
use std::sync::Arc;
use throughline::app::App;
use throughline::model::time::clock::FixedClock;
use throughline::model::time::instant::Instant;
use throughline::telemetry::Precision;

const DECEMBER: &str = r#"window: { from: "2025-12-01T00:00:00Z", to: "2026-01-01T00:00:00Z" }"#;
const ANNA: &str = r#"author: { name: "Anna", email: "anna@plant.example" }"#;
/// 2026-01-01T00:00:00Z.
const NEW_YEAR: i64 = 1_767_225_600;

/// Two assets with a pump each; P-1 in the first ran too hot.
pub(super) const ASSETS: &str = r#"
@base <https://test.example/> .
@prefix tl: <https://w3id.org/throughline#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<plant> a tl:Part ; dcterms:identifier "PLANT" .
<asset/1> a tl:TwinInstance ; dcterms:identifier "A-1" ; tl:part <plant> ; tl:level "ASSET" .
<asset/2> a tl:TwinInstance ; dcterms:identifier "A-2" ; tl:part <plant> ; tl:level "ASSET" .
<installation/1> a tl:Installation ; tl:component <unit/P-1> ; tl:parent <asset/1> ; tl:position "pump" ;
    tl:from "2025-06-01T00:00:00Z"^^xsd:dateTime .
<installation/2> a tl:Installation ; tl:component <unit/P-2> ; tl:parent <asset/2> ; tl:position "pump" ;
    tl:from "2025-06-01T00:00:00Z"^^xsd:dateTime .
<agent/field> a tl:Agent ; dcterms:identifier "field" ; dcterms:title "Field engineering" .
<policy/hot> a tl:ActionPolicy ; dcterms:identifier "hot-pumps" ; tl:owner <agent/field> ; tl:requirement <REQ-1> ;
    tl:kind "REPLACE" ; tl:dueWithin "P14D"^^xsd:duration ; dcterms:description "Replace the pump." .
"#;

pub(super) struct Plant {
    pub(super) world: World,
    pub(super) clock: Arc<FixedClock>,
}

impl Plant {
    pub(super) fn new() -> Self {
        let clock = Arc::new(FixedClock::new(Instant::from_seconds(NEW_YEAR)));
        let folder = tempfile::tempdir().expect("a folder");
        let app = App::init(folder.path(), &[], BASE, clock.clone()).expect("a thread");
        let plant = Self { world: World::of(folder, app), clock };
        plant.world.import("pump", PUMP).expect("an import");
        plant.world.import("assets", ASSETS).expect("an import");
        plant.send("P-1", 90, 1_765_324_800);
        plant
    }

    /// Closes the thread and opens it again.
    pub(super) fn reopened(self) -> Self {
        let Self { world, clock } = self;
        let World { folder, app, service } = world;
        drop(service);
        drop(Arc::into_inner(app).expect("nobody else holds the thread"));
        let app = App::open(folder.path(), clock.clone()).expect("the thread");
        Self { world: World::of(folder, app), clock }
    }

    pub(super) fn at(&self, day: i64) {
        self.clock.set(Instant::from_seconds(NEW_YEAR + 86_400 * day));
    }

    pub(super) fn send(&self, unit: &str, temperature: u32, seconds: i64) {
        let line = format!("m,twin={unit} temp={temperature} {seconds}");
        let written = self.world.app.ingest_lines(line.as_bytes(), Precision::Seconds).expect("an ingest");
        assert!(written.rejected.is_empty());
    }

    /// Records evidence of December, and returns the finding.
    pub(super) fn finding(&self) -> String {
        let query = format!(
            r#"mutation {{ recordEvidence(input: {{ branch: "main", item: "pump/A", {DECEMBER} }}) {{ filings {{ finding {{ iri }} }} }} }}"#
        );
        let answer = self.world.data(&query, json!({}));
        answer["recordEvidence"]["filings"][0]["finding"]["iri"].as_str().expect("a finding").to_owned()
    }

    pub(super) fn mutate(&self, mutation: &str) -> Value {
        self.world.data(&format!("mutation {{ {mutation} }}"), json!({}))
    }

    pub(super) fn refusal(&self, mutation: &str) -> String {
        let (code, message) = self.world.refusal(&format!("mutation {{ {mutation} }}"), json!({}));
        format!("{code}: {message}")
    }

    pub(super) fn propose(&self, more: &str) -> Vec<String> {
        let query = format!(
            "proposeActions(input: {{ kind: REPLACE, reason: \"too hot\", {ANNA}, {more} }}) {{ actions {{ iri }} }}"
        );
        let made = self.mutate(&query);
        let actions = made["proposeActions"]["actions"].as_array().expect("actions").clone();
        actions.iter().map(|action| action["iri"].as_str().expect("a name").to_owned()).collect()
    }

    pub(super) fn decide(&self, action: &str, decision: &str) -> Value {
        self.mutate(&format!(
            "decideActions(input: {{ actions: [\"{action}\"], decision: {decision}, reason: \"agreed\", {ANNA} }}) {{ actions {{ state }} }}"
        ))
    }

    pub(super) fn report(&self, action: &str, report: &str) -> Value {
        self.mutate(&format!(
            "reportActions(input: {{ actions: [\"{action}\"], report: {report}, reason: \"shop\", reference: \"WO-7\", {ANNA} }}) {{ actions {{ state reference }} }}"
        ))
    }

    pub(super) fn action(&self, action: &str) -> Value {
        let query = format!(
            r#"{{ thread {{ action(id: "{action}") {{ state kind title dueAt reference at decidedBy reason
                target {{ ... on TwinInstance {{ identifier }} }} replacement {{ identifier }} results {{ totalCount }}
                steps {{ state decidedBy reason policy {{ identifier }} }} }} }} }}"#
        );
        self.world.data(&query, json!({}))["thread"]["action"].clone()
    }

    fn run_policies(&self) -> Value {
        let run = self.mutate(
            "runPolicies(input: {}) { run { policies { proposed { iri } ordered { iri } problems } expired { iri } verified { iri } unverified commits { message } } }",
        );
        run["runPolicies"]["run"].clone()
    }

    fn grant(&self, autonomy: &str) -> Value {
        self.mutate(&format!(
            "grantPolicy(input: {{ policy: \"policy/hot\", autonomy: {autonomy}, reason: \"proven\", {ANNA} }}) {{ policy {{ autonomy decidedBy }} }}"
        ))
    }
}

fn texts<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    let items = list.as_array().expect("a list");
    items.iter().map(|item| item[field].as_str().expect("a text")).collect()
}

#[test]
fn an_action_goes_from_a_finding_to_the_configuration_and_back() {
    let plant = Plant::new();
    let finding = plant.finding();
    let actions = plant.propose(&format!("finding: \"{finding}\", dueAt: \"2026-02-01T00:00:00Z\""));
    let [action] = actions.as_slice() else { panic!("one violator, {actions:?}") };
    let proposed = plant.action(action);
    assert_eq!(
        (&proposed["state"], &proposed["target"]["identifier"], &proposed["title"]),
        (
            &json!("PROPOSED"),
            &json!("P-1"),
            &json!("REPLACE P-1: pump/A breaks REQ-1: MAX of temperature ≤ 85 °C")
        )
    );
    let order = format!(
        "reportActions(input: {{ actions: [\"{action}\"], report: ORDER, reason: \"x\", {ANNA} }}) {{ changed }}"
    );
    let early = plant.refusal(&order);
    assert!(early.contains("is PROPOSED, where ORDER cannot be made: it follows APPROVED"), "{early}");
    assert_eq!(plant.decide(action, "APPROVE")["decideActions"]["actions"][0]["state"], "APPROVED");
    plant.report(action, "ORDER");
    let reported = plant.report(action, "ACKNOWLEDGE");
    assert_eq!(
        reported["reportActions"]["actions"][0],
        json!({ "state": "ACKNOWLEDGED", "reference": "WO-7" })
    );
    plant.at(2);
    let complete = |with: &str| {
        format!(
            "completeAction(input: {{ action: \"{action}\", at: \"2026-01-02T00:00:00Z\", reason: \"seal worn\", {ANNA}, {with} }}) {{ actions {{ state replacement {{ iri identifier part {{ identifier }} builtBy {{ identifier }} }} }} }}"
        )
    };
    let without = plant.refusal(&complete("position: null"));
    assert!(without.contains("state the serial of the replacement"), "{without}");
    let done = plant.mutate(&complete("replacement: \"P-9\", lot: \"lot/1\""));
    let done = &done["completeAction"]["actions"][0];
    assert_eq!((&done["state"], &done["replacement"]["identifier"]), (&json!("DONE"), &json!("P-9")));
    assert_eq!(
        (&done["replacement"]["part"]["identifier"], &done["replacement"]["builtBy"]["identifier"]),
        (&json!("PUMP"), &json!("L-1"))
    );
    let there = plant.world.data(
        r#"{ thread { twinInstance(id: "asset/1") { components { nodes { position from to removalReason component { ... on TwinInstance { identifier } } } } } } }"#,
        json!({}),
    );
    let mut there =
        there["thread"]["twinInstance"]["components"]["nodes"].as_array().expect("installations").clone();
    there.sort_by_key(|one| one["from"].as_str().map(str::to_owned));
    assert_eq!(
        there,
        [
            json!({ "position": "pump", "from": "2025-06-01T00:00:00Z", "to": "2026-01-02T00:00:00Z", "removalReason": "seal worn", "component": { "identifier": "P-1" } }),
            json!({ "position": "pump", "from": "2026-01-02T00:00:00Z", "to": null, "removalReason": null, "component": { "identifier": "P-9" } }),
        ]
    );

    let verify = format!("verifyAction(input: {{ action: \"{action}\", {ANNA} }}) {{ actions {{ state }} }}");
    plant.at(3);
    let unknown = plant.refusal(&verify);
    assert!(unknown.starts_with("CONFLICT") && unknown.contains("UNKNOWN"), "{unknown}");
    for hour in 0..48 {
        plant.send("P-9", 60, NEW_YEAR + 86_400 + 3600 * hour);
    }
    assert_eq!(plant.mutate(&verify)["verifyAction"]["actions"][0]["state"], "VERIFIED");
    let plant = plant.reopened();
    let action = plant.action(action);
    assert_eq!(
        texts(&action["steps"], "state"),
        ["PROPOSED", "APPROVED", "ORDERED", "ACKNOWLEDGED", "DONE", "VERIFIED"]
    );
    assert_eq!(action["steps"][1]["decidedBy"], "Anna <anna@plant.example>");
}

#[test]
fn a_unit_that_is_hot_afterwards_verifies_nothing() {
    let plant = Plant::new();
    let finding = plant.finding();
    let action = plant.propose(&format!("finding: \"{finding}\"")).remove(0);
    plant.decide(&action, "APPROVE");
    plant.report(&action, "ORDER");
    plant.mutate(&format!(
        "completeAction(input: {{ action: \"{action}\", replacement: \"P-9\", lot: \"lot/1\", reason: \"worn\", {ANNA} }}) {{ changed }}"
    ));
    plant.at(2);
    for hour in 0..48 {
        plant.send("P-9", 95, NEW_YEAR + 3600 * hour);
    }
    let refused =
        plant.refusal(&format!("verifyAction(input: {{ action: \"{action}\", {ANNA} }}) {{ changed }}"));
    assert!(
        refused.starts_with("CONFLICT") && refused.contains("95") && refused.contains("VIOLATES"),
        "{refused}"
    );
    let run = plant.run_policies();
    assert!(run["unverified"][0].as_str().expect("why").contains("VIOLATES"), "{run}");
    assert_eq!(plant.action(&action)["state"], "DONE");
}

#[test]
fn one_request_proposes_an_action_on_each_unit_of_a_list() {
    let plant = Plant::new();
    let actions = plant.propose(r#"targets: ["unit/P-1", "unit/P-2", "unit/P-1", "lot/1"]"#);
    assert_eq!(actions.len(), 3, "each once");
    let all = plant.world.data(
        r#"{ thread { actions(filter: { state: { eq: PROPOSED }, kind: { eq: REPLACE } }) { totalCount }
            twinInstance(id: "unit/P-2") { actions { nodes { title state } } } } }"#,
        json!({}),
    );
    assert_eq!(all["thread"]["actions"]["totalCount"], 3);
    assert_eq!(
        all["thread"]["twinInstance"]["actions"]["nodes"],
        json!([{ "title": "REPLACE P-2", "state": "PROPOSED" }])
    );
    let part = plant.refusal(&format!(
        "proposeActions(input: {{ kind: INSPECT, targets: [\"unit/P-1\", \"pump\"], reason: \"x\", {ANNA} }}) {{ changed }}"
    ));
    assert!(part.contains("is no TwinInstance or Build"), "{part}");
    let nothing = plant
        .refusal(&format!("proposeActions(input: {{ kind: INSPECT, reason: \"x\", {ANNA} }}) {{ changed }}"));
    assert!(nothing.contains("name targets, or a finding"), "{nothing}");
}

/// The other kinds of work become what fits them.
#[test]
fn what_was_done_becomes_a_modification_or_an_event() {
    let plant = Plant::new();
    let done = |kind: &str, more: &str, completion: &str| {
        let made = plant.mutate(&format!(
            "proposeActions(input: {{ kind: {kind}, targets: [\"unit/P-2\"], reason: \"x\", {ANNA} {more} }}) {{ actions {{ iri }} }}"
        ));
        let action = made["proposeActions"]["actions"][0]["iri"].as_str().expect("a name").to_owned();
        plant.decide(&action, "APPROVE");
        plant.report(&action, "ORDER");
        plant.mutate(&format!(
            "completeAction(input: {{ action: \"{action}\", reason: \"done\", {ANNA} {completion} }}) {{ changed }}"
        ));
        let query = format!(
            r#"{{ thread {{ action(id: "{action}") {{ results {{ nodes {{ __typename ... on FieldEvent {{ kind }} ... on Modification {{ realizes {{ revision }} }} ... on Installation {{ to }} }} }} }} }} }}"#
        );
        plant.world.data(&query, json!({}))["thread"]["action"]["results"]["nodes"].clone()
    };
    assert_eq!(done("INSPECT", "", ""), json!([{ "__typename": "PlainFieldEvent", "kind": "INSPECTION" }]));
    assert_eq!(
        done("DERATE", ", value: 50", ""),
        json!([{ "__typename": "PlainFieldEvent", "kind": "MAINTENANCE" }])
    );
    assert_eq!(
        done("UPDATE_SOFTWARE", "", ", realizes: \"pump/A\""),
        json!([{ "__typename": "PlainModification", "realizes": { "revision": "A" } }])
    );
    assert_eq!(
        done("RETURN", "", ""),
        json!([{ "__typename": "PlainInstallation", "to": "2026-01-01T00:00:00Z" }])
    );
}

#[test]
fn a_policy_goes_as_far_as_it_was_granted() {
    let plant = Plant::new();
    plant.finding();
    let run = plant.run_policies();
    assert_eq!(run["policies"][0]["ordered"], json!([]));
    assert_eq!(run["commits"][0]["message"], "Policies: hot-pumps 1 proposed");
    let action = run["policies"][0]["proposed"][0]["iri"].as_str().expect("an action").to_owned();
    let proposed = plant.action(&action);
    assert_eq!(proposed["steps"][0]["policy"]["identifier"], "hot-pumps");
    assert_eq!(proposed["dueAt"], "2026-01-15T00:00:00Z");
    assert_eq!(plant.run_policies()["commits"], json!([]), "each unit once");

    assert_eq!(
        plant.grant("ORDER_AFTER_APPROVAL")["grantPolicy"]["policy"]["decidedBy"],
        "Anna <anna@plant.example>"
    );
    assert_eq!(plant.run_policies()["commits"], json!([]), "nobody has approved it");
    plant.decide(&action, "APPROVE");
    let run = plant.run_policies();
    assert_eq!(run["policies"][0]["ordered"][0]["iri"], json!(action));
    assert_eq!(plant.action(&action)["decidedBy"], "policy hot-pumps");

    // What was granted is the policy as it was.
    plant.grant("ORDER");
    plant.mutate(r#"commit(input: { message: "Widen", changes: [{ putActionPolicy: { id: "policy/hot", kind: RETURN } }] }) { changed }"#);
    plant.send("P-2", 90, 1_765_324_800);
    plant.finding();
    let run = plant.run_policies();
    assert_eq!(run["policies"][0]["ordered"], json!([]));
    assert!(
        run["policies"][0]["problems"][0].as_str().expect("why").contains("changed after ORDER was granted"),
        "{run}"
    );
    let second = run["policies"][0]["proposed"][0]["iri"].as_str().expect("an action").to_owned();
    // Both are due, and nobody has acknowledged them.
    plant.at(20);
    let run = plant.run_policies();
    let mut expired = texts(&run["expired"], "iri");
    expired.sort_unstable();
    let mut both = [action.as_str(), second.as_str()];
    both.sort_unstable();
    assert_eq!(expired, both);
}

#[test]
fn a_policy_that_may_order_orders_at_once_and_within_its_bound() {
    let plant = Plant::new();
    plant.send("P-2", 90, 1_765_324_800);
    plant.finding();
    plant.mutate(r#"commit(input: { message: "Bound", changes: [{ putActionPolicy: { id: "policy/hot", unitsMax: 1 } }] }) { changed }"#);
    let run = plant.run_policies();
    assert!(run["policies"][0]["problems"][0].as_str().expect("why").contains("names 2 units"), "{run}");
    assert_eq!(run["commits"], json!([]));
    plant.mutate(r#"commit(input: { message: "Bound", changes: [{ putActionPolicy: { id: "policy/hot", unitsMax: 2 } }] }) { changed }"#);
    plant.grant("ORDER");
    let run = plant.run_policies();
    assert_eq!(run["policies"][0]["ordered"].as_array().map(Vec::len), Some(2));
    let action = plant.action(run["policies"][0]["ordered"][0]["iri"].as_str().expect("an action"));
    assert_eq!(texts(&action["steps"], "state"), ["PROPOSED", "APPROVED", "ORDERED"]);
    assert!(
        action["steps"]
            .as_array()
            .expect("steps")
            .iter()
            .all(|step| step["policy"]["identifier"] == "hot-pumps")
    );
}

#[test]
fn states_of_actions_cannot_be_forged() {
    let plant = Plant::new();
    let action = plant.propose(r#"targets: ["unit/P-1"]"#).remove(0);
    for change in [
        format!(r#"putAction: {{ id: "{action}", state: APPROVED }}"#),
        format!(r#"putAction: {{ id: "{action}", description: "Replace all of them" }}"#),
        format!(r#"retire: "{action}""#),
        r#"putAction: { id: "action/x", identifier: "ACT-x", kind: REPLACE, target: "unit/P-1", state: ORDERED }"#.to_owned(),
        r#"putActionPolicy: { id: "policy/hot", autonomy: ORDER }"#.to_owned(),
    ] {
        let answer = plant.world.ask(
            &format!(r#"mutation {{ commit(input: {{ message: "x", changes: [{{ {change} }}] }}) {{ changed }} }}"#),
            json!({}),
        );
        assert!(answer["errors"][0]["message"].as_str().is_some_and(|text| text.contains("only ")), "{change}: {answer}");
    }
    let forged = r#"@base <https://test.example/> . @prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> .
        <action/y> a tl:Action ; dcterms:identifier "ACT-y" ; tl:kind "REPLACE" ; tl:target <unit/P-1> ; tl:state "ORDERED" ;
            tl:step <action/y#step-1> ; tl:decidedAt "2026-01-01T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> ; tl:decidedBy "Ada" ; tl:reason "x" .
        <action/y#step-1> a tl:ActionStep ; tl:order 1 ; tl:state "ORDERED" ; tl:decidedAt "2026-01-01T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> ;
            tl:decidedBy "Ada" ; tl:reason "x" ."#;
    let refused = plant.world.import("forger", forged).expect_err("a forgery");
    assert!(refused.contains("writes the state of an Action"), "{refused}");
    assert_eq!(plant.action(&action)["state"], "PROPOSED");
}
