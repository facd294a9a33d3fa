//! What strangers, clients, files and merges may not write: evidence, decisions and signatures. Each is refused with its
//! reason, and nothing has changed.

use super::world::{PUMP, World, request};
use oxigraph::model::vocab::rdf;
use oxigraph::model::{Literal, NamedNode, NamedNodeRef};
use serde_json::{Value, json};
use throughline::app::{ImportOptions, SourceFile, SourceFormat};
use throughline::exchange::rdf::Format;
use throughline::graph::{Author, CommitRequest, Resolution, Take};
use throughline::model::statement::Statement;
use throughline::model::statement::change::Change;
use throughline::ontology::terms::tl;
use throughline::telemetry::Precision;

const DECEMBER: &str = r#"window: { from: "2025-12-01T00:00:00Z", to: "2026-01-01T00:00:00Z" }"#;
const ANNA: &str = r#"author: { name: "Anna", email: "anna@plant.example" }"#;
const PREFIXES: &str = "@base <https://test.example/> . @prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> .";

/// A pump that broke its limit: the evidence and the finding of that, an open review, and a change request of another system.
struct Plant {
    world: World,
    evidence: String,
    finding: String,
}

fn plant() -> Plant {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    let line = "m,twin=P-1 temp=90 1765324800";
    world.app.ingest_lines(line.as_bytes(), Precision::Seconds).expect("an ingest");
    let record = format!(
        r#"mutation {{ recordEvidence(input: {{ branch: "main", item: "pump/A", {DECEMBER} }}) {{ filings {{ finding {{ iri }} evidence {{ iri }} }} }} }}"#
    );
    let filed = world.data(&record, json!({}))["recordEvidence"]["filings"][0].clone();
    let open = format!(
        r#"mutation {{ openReview(input: {{ title: "Fit?", designs: "pump/A", {DECEMBER}, {ANNA} }}) {{ changed }} }}"#
    );
    world.data(&open, json!({}));
    world.import("plm", &change_request("OPEN")).expect("a change request of another system");
    let text = |value: &Value| value["iri"].as_str().expect("an IRI").to_owned();
    Plant { evidence: text(&filed["evidence"]), finding: text(&filed["finding"]), world }
}

fn change_request(state: &str) -> String {
    format!("{PREFIXES} <ecr/9> a tl:ChangeRequest ; dcterms:identifier 'ECR-9' ; tl:state '{state}' .")
}

impl Plant {
    /// Commits to main through GraphQL; a refusal lists all that it broke.
    fn commit(&self, changes: &Value) -> Result<(), String> {
        let query = "mutation($changes: [Change!]!) { commit(input: { message: \"Change\", changes: $changes }) { changed } }";
        let answer = self.world.ask(query, json!({ "changes": changes }));
        match answer["errors"].as_array() {
            None => Ok(()),
            Some(errors) => Err(errors.iter().map(ToString::to_string).collect()),
        }
    }

    fn head(&self) -> String {
        self.world.app.snapshot("main").expect("main").commit().id.to_string()
    }

    fn iri(&self, name: &str) -> NamedNode {
        self.world.app.snapshot("main").expect("main").expand(name).expect("an IRI")
    }

    /// Expects that something is refused for a reason, and that the branch is as it was.
    fn refused(&self, what: &str, reason: &str, attempt: impl FnOnce(&Self) -> Result<(), String>) {
        let before = self.head();
        let refusal = attempt(self).expect_err(what);
        assert!(refusal.contains(reason), "{what}: {refusal}");
        assert_eq!(self.head(), before, "{what}");
    }

    fn set(&self, of: &str, predicate: NamedNodeRef<'_>, value: &str) -> Change {
        let values = vec![Literal::new_simple_literal(value).into()];
        Change::Set { subject: self.iri(of), predicate: predicate.into_owned(), values }
    }
}

#[test]
fn a_decision_cannot_be_forged() {
    let plant = plant();
    let refused = |reason: &str, changes: Value| {
        plant.refused(&changes.to_string(), reason, |plant| plant.commit(&changes));
    };
    let grace = "Grace <grace@example.org>";
    let sign = "only openReview or signReview writes it of a DesignReview";
    let review = |fields: Value| {
        let mut put = fields;
        put["id"] = json!("review/DR-1");
        json!([{ "putDesignReview": put }])
    };
    refused(sign, review(json!({ "state": "APPROVED", "decidedBy": grace })));
    refused(sign, review(json!({ "state": "APPROVED" })));
    refused("only signReview writes it of a DesignReview", review(json!({ "decidedBy": grace })));
    refused(
        "only openReview writes it of a DesignReview",
        review(json!({ "watermark": "0192f0c1a2b37c4d8e5f60718293a4b5-1" })),
    );
    refused(
        "only openReview makes a DesignReview",
        json!([{ "putDesignReview": { "id": "review/DR-7", "title": "Fit" } }]),
    );
    refused("writes the identifier of a DesignReview", json!([{ "retire": "review/DR-1" }]));

    let finding = &plant.finding;
    refused(
        "only recordEvidence, runMonitors, recordForecasts, recordDeviations or decideFinding writes it of a Finding",
        json!([{ "putFinding": { "id": finding, "state": "DISMISSED" } }]),
    );
    refused(
        "only decideFinding writes it of a Finding",
        json!([{ "putFinding": { "id": finding, "state": "DISMISSED", "decidedBy": grace } }]),
    );
    refused(
        "only recordEvidence, runMonitors, recordForecasts, recordDeviations or decideFinding makes a Finding",
        json!([{ "putFinding": { "id": "finding/2", "title": "x" } }]),
    );
    refused("writes the state of a Finding", json!([{ "retire": finding }]));
    let unlink =
        |property: &str, to: &str| json!([{ "unlink": { "from": finding, "property": property, "to": to } }]);
    refused(
        "only recordEvidence, runMonitors or recordForecasts writes the requirement of a Finding",
        unlink("requirement", "REQ-1"),
    );
    refused(
        "only recordEvidence or runMonitors writes the evidence of a Finding",
        unlink("evidence", &plant.evidence),
    );

    let taken = "or an import of the source that brought the record writes it of a ChangeRequest";
    refused(taken, json!([{ "putChangeRequest": { "id": "ecr/9", "state": "VERIFIED" } }]));
    refused(
        taken,
        json!([{ "putChangeRequest": { "id": "ecr/10", "identifier": "ECR-10", "reason": "done" } }]),
    );
    refused(
        "only decideFinding writes the findings of a ChangeRequest",
        json!([{ "link": { "from": "ecr/9", "property": "finding", "to": finding } }]),
    );
    refused(
        "only recordEvidence, runMonitors, openReview, verifyAction or runPolicies writes it of a FieldEvidence",
        json!([{ "putFieldEvidence": { "id": "evidence/none", "constraint": "REQ-1#limit", "design": "pump/A",
            "verdict": "CONFORMS", "commit": plant.head(), "watermark": "0192f0c1a2b37c4d8e5f60718293a4b5-1", "resultDigest": "00" } }]),
    );
    // What is not a decision is everybody's.
    let by_engineers = json!([
        { "putDesignReview": { "id": "review/DR-1", "title": "Fit for series?", "heldAt": "2026-01-10T09:00:00Z", "participants": ["Grace"] } },
        { "putFinding": { "id": finding, "title": "The seal runs hot", "description": "Since the summer" } },
        { "putChangeRequest": { "id": "ecr/10", "identifier": "ECR-10", "title": "Cool the seal", "affects": ["pump/A"] } },
    ]);
    plant.commit(&by_engineers).expect("what engineers write");
    plant.commit(&json!([{ "retire": "ecr/10" }])).expect("a change request that nobody has decided on");
}

/// A client of the library may state no more than one of GraphQL.
#[test]
fn every_interface_refuses_the_same_forgeries() {
    let plant = plant();
    let tried = |plant: &Plant, changes: Vec<Change>| {
        let request = CommitRequest { branch: "main".to_owned(), changes, ..CommitRequest::default() };
        plant.world.app.commit_as(&request).map(drop).map_err(|error| error.to_string())
    };
    let signed = vec![
        plant.set("review/DR-1", tl::STATE, "APPROVED"),
        plant.set("review/DR-1", tl::DECIDED_BY, "Grace <grace@example.org>"),
    ];
    plant.refused("a signature", "writes the state of a DesignReview", |plant| tried(plant, signed));
    // Without its class a record would be nobody's.
    let class = Statement::new(plant.iri(&plant.finding), rdf::TYPE, tl::FINDING_CLASS.into_owned());
    plant.refused("no class", "writes the state of a Finding", |plant| {
        tried(plant, vec![Change::Remove(class)])
    });

    let import = |plant: &Plant, text: &str| {
        let bytes = format!("{PREFIXES} {text}").into_bytes();
        let file =
            SourceFile { name: "forged.ttl".to_owned(), bytes, reading: SourceFormat::Rdf(Format::Turtle) };
        let theirs = Resolution {
            subject: plant.iri("ecr/9"),
            predicate: Some(tl::STATE.into_owned()),
            take: Take::Theirs,
        };
        let resolutions = if text.contains("ecr/9") { vec![theirs] } else { Vec::new() };
        let options = ImportOptions {
            source: "forger".to_owned(),
            into: "main".to_owned(),
            resolutions,
            ..ImportOptions::default()
        };
        let app = &plant.world.app;
        let (statements, _) = app.read_sources(vec![file], &options).map_err(|error| error.to_string())?;
        app.import(statements, options).map(drop).map_err(|error| error.to_string())
    };
    for (text, reason) in [
        (
            "<review/DR-7> a tl:DesignReview ; dcterms:identifier 'DR-7' ; tl:state 'APPROVED' .",
            "writes the state of a DesignReview",
        ),
        (
            "<evidence/none> a tl:FieldEvidence ; tl:constraint <REQ-1#limit> ; tl:design <pump/A> ; tl:verdict 'CONFORMS' ; tl:commit '0' ; tl:watermark '0' .",
            "writes a FieldEvidence",
        ),
        (
            "<ecr/9> a tl:ChangeRequest ; dcterms:identifier 'ECR-9' ; tl:state 'VERIFIED' .",
            "an import of the source that brought the record writes the state of a ChangeRequest",
        ),
    ] {
        plant.refused(text, reason, |plant| import(plant, text));
    }
    // The system that owns the change request continues to state its progress.
    plant.world.import("plm", &change_request("VERIFIED")).expect("its own change request");
    let state = plant.world.data(r#"{ thread { changeRequest(id: "ecr/9") { state } } }"#, json!({}));
    assert_eq!(state["thread"]["changeRequest"]["state"], "VERIFIED");
}

#[test]
fn a_merge_brings_decisions_and_makes_none() {
    let plant = plant();
    let on = |branch: &str, decision: &str, person: &str| {
        let sign = format!(
            r#"mutation {{ signReview(input: {{ branch: "{branch}", review: "review/DR-1", decision: {decision}, comment: "by {person}",
                author: {{ name: "{person}", email: "{person}@example.org" }} }}) {{ changed }} }}"#
        );
        plant.world.data(&sign, json!({}));
    };
    plant.world.data(r#"mutation { createBranch(input: { name: "board" }) { branch { name } } }"#, json!({}));
    let record = format!(
        r#"mutation {{ recordEvidence(input: {{ branch: "board", item: "unit/P-2", {DECEMBER} }}) {{ changed }} }}"#
    );
    plant.world.data(&record, json!({}));
    plant.world.data(r#"mutation { merge(input: { source: "board" }) { changed } }"#, json!({}));
    on("board", "APPROVED", "grace");
    on("main", "REJECTED", "ada");
    let merge = |state: &str, others: &str| {
        let decided = |property: &str, how: &str| {
            format!(r#"{{ resource: "review/DR-1", property: "{property}", {how} }}"#)
        };
        let rest = ["decidedAt", "decidedBy", "reason"].map(|property| decided(property, others)).join(", ");
        let query = format!(
            r#"mutation {{ merge(input: {{ source: "board", resolutions: [{}, {rest}] }}) {{ changed }} }}"#,
            decided("state", state)
        );
        let answer = plant.world.ask(&query, json!({}));
        answer["errors"].as_array().map_or(Ok(()), |errors| Err(format!("{errors:?}")))
    };
    let whole = "a merge takes a decision as one side has it, whole";
    plant.refused("a mixture", whole, |_| merge("take: THEIRS", "take: OURS"));
    plant.refused("a third state", whole, |_| merge(r#"values: ["OPEN"]"#, "take: OURS"));
    merge("take: OURS", "take: OURS").expect("the branch's own signature");
    let state = plant
        .world
        .data(r#"{ thread { designReview(id: "review/DR-1") { state decidedBy reason } } }"#, json!({}));
    assert_eq!(
        state["thread"]["designReview"],
        json!({ "state": "REJECTED", "decidedBy": "ada <ada@example.org>", "reason": "by ada" })
    );
}

#[test]
fn only_a_named_person_signs() {
    let plant = plant();
    let sign = |author: &str| {
        format!(
            r#"mutation {{ signReview(input: {{ review: "review/DR-1", decision: APPROVED{author} }}) {{ changed }} }}"#
        )
    };
    for (author, reason) in [
        ("", "only a person can do so: name the author"),
        (r#", author: { name: "throughline", email: "throughline@localhost" }"#, "only a person can do so"),
    ] {
        plant.refused("a signature of nobody", reason, |plant| {
            Err(plant.world.refusal(&sign(author), json!({})).1)
        });
    }
    let dismiss = format!(
        r#"mutation {{ decideFinding(input: {{ finding: "{}", decision: DISMISS, reason: " ", author: {{ name: "Grace", email: "grace@example.org" }} }}) {{ changed }} }}"#,
        plant.finding
    );
    plant.refused("a decision without a reason", "reason", |plant| {
        Err(plant.world.refusal(&dismiss, json!({})).1)
    });
    let body =
        json!({ "query": sign(r#", author: { name: "Grace", email: "grace@example.org" }"#) }).to_string();
    let line = "m,twin=P-1 temp=20 1765324800";
    plant.world.served(|address| {
        let send = |path: &str, headers: &[(&str, &str)], body: &str| {
            let answer = request(address, "POST", path, headers, body.as_bytes());
            if answer.status < 300 { Ok(()) } else { Err(answer.body) }
        };
        let (json, form) = (("content-type", "application/json"), ("content-type", "text/plain"));
        let page = ("origin", "https://evil.example");
        plant.refused("a form of a foreign page", "a page of https://evil.example", |_| {
            send("/write", &[form, page], line)
        });
        plant.refused("a foreign page's decision", "a page of https://evil.example", |_| {
            send("/graphql", &[json, page], &body)
        });
        let rebound = [json, ("host", "evil.example"), ("origin", "http://evil.example")];
        plant.refused("a rebound host", "not known as evil.example", |_| send("/graphql", &rebound, &body));
    });
    let after = plant.world.data(
        r#"{ thread { designReview(id: "review/DR-1") { state } designRevision(id: "pump/A") {
            fieldUsage(property: "temperature", window: { from: "2025-12-01T00:00:00Z", to: "2026-01-01T00:00:00Z" }) { sampleCount max } } } }"#,
        json!({}),
    );
    assert_eq!(
        after["thread"],
        json!({ "designReview": { "state": "OPEN" }, "designRevision": { "fieldUsage": { "sampleCount": "1", "max": 90.0 } } })
    );
}

/// Imports Turtle as a source into a branch, with what is decided of conflicts.
fn import_into(plant: &Plant, source: &str, into: &str, author: Author, text: &str) -> Result<usize, String> {
    let bytes = format!("{PREFIXES} {text}").into_bytes();
    let file = SourceFile { name: "alm.ttl".to_owned(), bytes, reading: SourceFormat::Rdf(Format::Turtle) };
    let resolve = |name: &str| Resolution {
        subject: plant.iri(name),
        predicate: Some(tl::STATE.into_owned()),
        take: Take::Theirs,
    };
    let resolutions = if text.contains("theirs") { vec![resolve("ecr/9")] } else { Vec::new() };
    let options = ImportOptions {
        source: source.to_owned(),
        into: into.to_owned(),
        author,
        resolutions,
        ..ImportOptions::default()
    };
    let app = &plant.world.app;
    let (statements, _) = app.read_sources(vec![file], &options).map_err(|error| error.to_string())?;
    app.import(statements, options).map(|done| done.changed).map_err(|error| error.to_string())
}

const OWNER: &str = "an import of the source that brought the record writes the state of a ChangeRequest";

fn decide(plant: &Plant, branch: &str, request: &str, decision: &str) {
    let query = format!(
        r#"mutation {{ decideChange(input: {{ branch: "{branch}", changeRequest: "{request}", decision: {decision}, reason: "unsafe",
            author: {{ name: "Grace", email: "grace@example.org" }} }}) {{ changed }} }}"#
    );
    plant.world.data(&query, json!({}));
}

/// What a change request states, in the words of a file.
fn stated(plant: &Plant, request: &str) -> String {
    let query = format!(
        r#"{{ thread {{ changeRequest(id: "{request}") {{ identifier state decidedBy decidedAt reason }} }} }}"#
    );
    let request_now = plant.world.data(&query, json!({}))["thread"]["changeRequest"].clone();
    let text = |field: &str| request_now[field].as_str().expect("a text").to_owned();
    format!(
        "<{request}> a tl:ChangeRequest ; dcterms:identifier '{}' ; tl:state '{}' ; tl:decidedBy '{}' ; tl:reason '{}' ; \
         tl:decidedAt '{}'^^<http://www.w3.org/2001/XMLSchema#dateTime> .",
        text("identifier"),
        text("state"),
        text("decidedBy"),
        text("reason"),
        text("decidedAt")
    )
}

/// To repeat what is there makes no source the one that brought it.
#[test]
fn a_source_that_repeats_a_decision_may_not_change_it() {
    let plant = plant();
    plant
        .commit(&json!([{ "putChangeRequest": { "id": "ecr/12", "identifier": "ECR-12" } }, { "putChangeRequest": { "id": "ecr/13", "identifier": "ECR-13" } }]))
        .expect("change requests");
    decide(&plant, "main", "ecr/12", "REJECT");
    let alm = |text: &str| import_into(&plant, "alm", "main", Author::default(), text);
    let there = stated(&plant, "ecr/12");
    assert_eq!(alm(&there), Ok(0));
    let forged = there.replace("REJECTED", "VERIFIED").replace("unsafe", "tested, all fine");
    plant.refused("a repeated decision", OWNER, |_| alm(&forged).map(drop));
    let open = "<ecr/13> a tl:ChangeRequest ; dcterms:identifier 'ECR-13' ; tl:state 'OPEN' .";
    assert_eq!(alm(open), Ok(0));
    plant.refused("a repeated request", OWNER, |_| alm(&open.replace("OPEN", "VERIFIED")).map(drop));
    assert!(stated(&plant, "ecr/12").contains("REJECTED"));

    // What was decided here on a record of another system stays as well, until somebody decides again.
    assert_eq!(alm("<ecr/14> a tl:ChangeRequest ; dcterms:identifier 'ECR-14' ; tl:state 'OPEN' ."), Ok(3));
    let approved = "<ecr/14> a tl:ChangeRequest ; dcterms:identifier 'ECR-14' ; tl:state 'APPROVED' .";
    assert_eq!(alm(approved), Ok(2), "its own record");
    decide(&plant, "main", "ecr/9", "APPROVE");
    let own = "<ecr/9> a tl:ChangeRequest ; dcterms:identifier 'ECR-9' ; tl:state 'VERIFIED' ; dcterms:title 'theirs' .";
    plant.refused("a decision made here", OWNER, |plant| {
        import_into(plant, "plm", "main", Author::default(), own).map(drop)
    });
}

#[test]
fn a_branch_brings_no_decision_of_an_import_over_one_of_the_thread() {
    let plant = plant();
    let branch = |name: &str| {
        let query =
            format!(r#"mutation {{ createBranch(input: {{ name: "{name}" }}) {{ branch {{ name }} }} }}"#);
        plant.world.data(&query, json!({}));
    };
    let merge = |source: &str, into: &str, take: &str| {
        let resolutions = match take {
            "" => String::new(),
            take => format!(r#", resolutions: [{{ resource: "ecr/12", property: "state", take: {take} }}]"#),
        };
        let query = format!(
            r#"mutation {{ merge(input: {{ source: "{source}", into: "{into}"{resolutions} }}) {{ changed }} }}"#
        );
        let answer = plant.world.ask(&query, json!({}));
        answer["errors"].as_array().map_or(Ok(()), |errors| Err(format!("{errors:?}")))
    };
    branch("old");
    branch("board");
    plant
        .commit(&json!([{ "putChangeRequest": { "id": "ecr/12", "identifier": "ECR-12" } }]))
        .expect("a request");
    let forged = "<ecr/12> a tl:ChangeRequest ; dcterms:identifier 'ECR-12' ; tl:state 'VERIFIED' .";
    import_into(&plant, "alm", "old", Author::default(), forged).expect("a branch that has no such record");
    plant.refused("theirs", OWNER, |_| merge("old", "main", "THEIRS"));
    merge("old", "main", "OURS").expect("the branch's own state");
    merge("main", "old", "").expect("what main decided");
    // The other way about: the branch keeps what it imported, and comes back later.
    import_into(&plant, "alm2", "board", Author::default(), forged)
        .expect("a branch that has no such record");
    merge("main", "board", "OURS").expect("the branch's own state");
    plant.refused("a branch that is merged back", OWNER, |_| merge("board", "main", ""));
    // Of a record of one source the branch brings what it states now, and what was decided there.
    branch("progress");
    import_into(&plant, "plm", "progress", Author::default(), &change_request("APPROVED")[PREFIXES.len()..])
        .expect("its own record");
    merge("progress", "main", "").expect("the progress of its own record");
    branch("decided");
    decide(&plant, "decided", "ecr/9", "REJECT");
    merge("decided", "main", "").expect("a decision of the thread");
    assert!(stated(&plant, "ecr/9").contains("REJECTED"));
}

#[test]
fn an_import_signs_for_nobody_who_signs_here() {
    let plant = plant();
    plant
        .commit(&json!([{ "putChangeRequest": { "id": "ecr/12", "identifier": "ECR-12" } }]))
        .expect("a request");
    decide(&plant, "main", "ecr/12", "REJECT");
    let by = |number: u32, signature: &str| {
        format!(
            "<ecr/{number}> a tl:ChangeRequest ; dcterms:identifier 'ECR-{number}' ; tl:state 'VERIFIED' ; tl:decidedBy '{signature}' ."
        )
    };
    let mallory = Author { name: "Mallory".to_owned(), email: "mallory@example.org".to_owned(), by: None };
    for signature in [
        "Grace <grace@example.org>",
        "grace  <GRACE@example.org>",
        "grace@example.org",
        "G. (grace@example.org)",
    ] {
        plant.refused(signature, "an import signs no decision for somebody who signs commits", |plant| {
            import_into(plant, "alm", "main", mallory.clone(), &by(20, signature)).map(drop)
        });
    }
    for (number, signature) in [
        (21, "Grace"),
        (22, "ghopper"),
        (23, "Linus <linus@example.org>"),
        (24, "Mallory <mallory@example.org>"),
    ] {
        import_into(&plant, &format!("alm{number}"), "main", mallory.clone(), &by(number, signature))
            .expect(signature);
    }
    let grace = Author { name: "Grace".to_owned(), email: "grace@example.org".to_owned(), by: None };
    import_into(&plant, "alm25", "main", grace, &by(25, "Grace <grace@example.org>"))
        .expect("in her own name");
}

/// What was RELEASED once stays as it was, also as OBSOLETE, by each way to write it.
#[test]
fn an_obsolete_revision_stays_as_it_was_released() {
    let plant = plant();
    let put = |fields: Value| {
        let mut put = fields;
        put["id"] = json!("pump/A");
        json!([{ "putDesignRevision": put }])
    };
    let frozen = "the design revision is RELEASED or OBSOLETE and its content is frozen";
    let refused = |fields: Value| {
        plant.refused(&fields.to_string(), frozen, |plant| plant.commit(&put(fields.clone())));
    };
    plant.commit(&put(json!({ "status": "RELEASED" }))).expect("released");
    refused(json!({ "status": "DRAFT" }));
    plant.commit(&put(json!({ "status": "OBSOLETE" }))).expect("obsolete");
    for fields in [
        json!({ "status": "DRAFT" }),
        json!({ "status": "APPROVED" }),
        json!({ "description": "changed afterwards" }),
        json!({ "revision": "Z" }),
        json!({ "status": "RELEASED", "description": "changed afterwards" }),
    ] {
        refused(fields);
    }
    plant.refused("an import", frozen, |plant| {
        let text = "<pump/A> a tl:DesignRevision ; tl:revisionOf <pump> ; tl:revision 'A' ; tl:status 'OBSOLETE' ; dcterms:description 'Changed' .";
        import_into(plant, "other", "main", Author::default(), text).map(drop)
    });
    plant.commit(&put(json!({ "status": "RELEASED" }))).expect("in use again, as it was");
}
