//! A change that is asked for again under its idempotency key is made once, and answered alike.

use super::Bench;
use serde_json::Value as Json;

/// Asks for a change twice, expects one answer and one commit, and returns the answer.
fn twice(bench: &Bench, change: &str) -> Json {
    let commits = || bench.data("{ log(first: 100) { nodes { id } } }");
    let key = change.split('(').next().unwrap_or(change);
    let change = format!(
        "mutation {{ {} }}",
        change.replacen("(input: {", &format!("(input: {{ idempotencyKey: \"{key}\","), 1)
    );
    bench.tick();
    let first = bench.data(&change);
    let after = commits();
    bench.tick();
    // To the byte: the order of members counts, too.
    assert_eq!(bench.data(&change).to_string(), first.to_string(), "{change}");
    assert_eq!(commits(), after, "{change}");
    assert!(first[key]["changed"].as_u64() > Some(0), "{first}");
    first[key].clone()
}

#[test]
fn what_was_put_is_listed_again_in_the_order_of_the_puts() {
    let bench = Bench::furnished();
    let put = |id: &str, name: &str| format!("{{ putPart: {{ {id}identifier: \"{name}\" }} }}");
    let puts = [
        put("id: \"part/Z\", ", "Z"),
        put("", "first"),
        "{ putRequirement: { identifier: \"R\", title: \"R\" } }".to_owned(),
        put("id: \"part/A\", ", "A"),
        put("", "second"),
        // It says what is there already.
        put("id: \"part/BRG\", ", "BRG"),
    ];
    let change = format!(
        "commit(input: {{ message: \"Many\", changes: [{}] }}) {{ changed resources {{ iri ... on Part {{ identifier }} }} }}",
        puts.join(", ")
    );
    let answer = twice(&bench, &change);
    let listed: Vec<_> = answer["resources"].as_array().expect("a list").iter().collect();
    let identifiers: Vec<_> = listed.iter().map(|part| part["identifier"].as_str().unwrap_or("-")).collect();
    assert_eq!(identifiers, ["Z", "first", "-", "A", "second", "BRG"]);
}

#[test]
fn an_empty_key_is_refused_by_every_change() {
    let bench = Bench::furnished();
    bench.data(&format!(
        "mutation {{ openReview(input: {{ title: \"R\", designs: [\"part/BRG/C\"], {WINDOW} }}) {{ changed }} }}"
    ));
    let changes = [
        "commit(input: { message: \"P\", changes: [{ putPart: { identifier: \"P\" } }] }) { changed }"
            .to_owned(),
        format!("openReview(input: {{ title: \"R\", designs: [\"part/BRG/C\"], {WINDOW} }}) {{ changed }}"),
        format!("signReview(input: {{ review: \"review/DR-1\", decision: APPROVED, {ANNA} }}) {{ changed }}"),
        format!(
            "recordEvidence(input: {{ branch: \"main\", item: \"part/BRG/C\", {WINDOW} }}) {{ changed }}"
        ),
        "merge(input: { source: \"main\", into: \"main\" }) { changed }".to_owned(),
        "revert(input: { commit: \"main\" }) { changed }".to_owned(),
    ];
    for change in changes {
        for key in ["", " "] {
            let keyed = change.replacen("(input: {", &format!("(input: {{ idempotencyKey: \"{key}\","), 1);
            let error = bench.error(&format!("mutation {{ {keyed} }}"), "BAD_INPUT");
            let message = error["message"].as_str().unwrap_or_default();
            assert!(message.contains("idempotency key"), "{keyed}: {error}");
        }
    }
}

const WINDOW: &str = r#"window: { from: "2025-06-01T00:00:00Z", to: "2025-12-01T00:00:00Z" }"#;
const ANNA: &str = r#"author: { name: "Anna", email: "anna@plant.example" }"#;

#[test]
fn a_change_is_made_once_under_its_key() {
    let bench = Bench::furnished();
    let opened = twice(
        &bench,
        &format!(
            "openReview(input: {{ title: \"R\", designs: [\"part/BRG/C\"], {WINDOW} }}) {{ changed commit {{ id }} review {{ iri identifier }} }}"
        ),
    );
    assert_eq!(opened["review"]["identifier"], "DR-1");
    let reviews = bench.data("{ thread { designReviews { totalCount } } }");
    assert_eq!(reviews["thread"]["designReviews"]["totalCount"], 1);
    let signed = twice(
        &bench,
        &format!(
            "signReview(input: {{ review: \"review/DR-1\", decision: APPROVED, {ANNA} }}) {{ changed commit {{ id }} review {{ state }} }}"
        ),
    );
    assert_eq!(signed["review"]["state"], "APPROVED");
    let recorded = twice(
        &bench,
        &format!(
            "recordEvidence(input: {{ branch: \"main\", item: \"part/BRG/C\", {WINDOW} }}) {{ changed commit {{ id }} evidence {{ iri }} margins {{ verdict }} }}"
        ),
    );
    assert_eq!(recorded["margins"].as_array().map(Vec::len), Some(1), "{recorded}");
    assert_eq!(recorded["evidence"].as_array().map(Vec::len), Some(1), "{recorded}");
    bench.data("mutation { createBranch(input: { name: \"try\" }) { branch { name } } }");
    bench.data("mutation { commit(input: { branch: \"try\", message: \"P\", changes: [{ putPart: { id: \"part/P\", identifier: \"P\" } }] }) { changed } }");
    twice(&bench, "merge(input: { source: \"try\" }) { changed commit { id } }");
    let head = bench.data("{ thread { commit { id } } }");
    let head = head["thread"]["commit"]["id"].as_str().expect("an id");
    twice(&bench, &format!("revert(input: {{ commit: \"{head}\" }}) {{ changed commit {{ id }} }}"));
    // The key belongs to one change of one branch.
    let other = "mutation { merge(input: { source: \"try\", into: \"other\", idempotencyKey: \"merge\" }) { changed } }";
    bench.data("mutation { createBranch(input: { name: \"other\", at: \"try\" }) { branch { name } } }");
    bench.error(other, "BAD_INPUT");
}

/// Gives a change the key `k1`.
fn keyed(change: &str) -> String {
    format!("mutation {{ {} }}", change.replacen("(input: {", "(input: { idempotencyKey: \"k1\",", 1))
}

fn put(message: &str, title: &str) -> String {
    format!(
        "commit(input: {{ message: \"{message}\", changes: [{{ putPart: {{ id: \"part/P\", identifier: \"P\", title: \"{title}\" }} }}] }}) {{ changed commit {{ id }} }}"
    )
}

#[test]
fn a_key_of_another_request_is_refused_and_names_its_commit() {
    let bench = Bench::furnished();
    bench.data("mutation { createBranch(input: { name: \"try\" }) { branch { name } } }");
    bench.data(&format!(
        "mutation {{ openReview(input: {{ title: \"R\", designs: [\"part/BRG/C\"], {WINDOW} }}) {{ changed }} }}"
    ));
    let first = bench.data(&keyed(&put("First", "one")))["commit"]["commit"]["id"].clone();
    let used = format!(
        "the idempotency key \"k1\" was used for another request (commit {}, 2026-01-01T",
        first.as_str().unwrap_or_default()
    );
    let others = [
        put("First", "two"),
        put("Second", "one"),
        put("First", "one").replacen("(input: {", "(input: { branch: \"try\",", 1),
        put("First", "one").replacen("(input: {", &format!("(input: {{ {ANNA},"), 1),
        "merge(input: { source: \"try\" }) { changed }".to_owned(),
        "revert(input: { commit: \"main\" }) { changed }".to_owned(),
        "runMonitors(input: {}) { run { at } }".replace("(input: {", "(input: { names: [],"),
        format!("openReview(input: {{ title: \"R\", designs: [\"part/BRG/C\"], {WINDOW} }}) {{ changed }}"),
        format!("signReview(input: {{ review: \"review/DR-1\", decision: APPROVED, {ANNA} }}) {{ changed }}"),
        format!(
            "recordEvidence(input: {{ branch: \"main\", item: \"part/BRG/C\", {WINDOW} }}) {{ changed }}"
        ),
    ];
    let commits = || bench.data("{ log(first: 100) { nodes { id } } }");
    let before = commits();
    for change in others {
        let error = bench.error(&keyed(&change), "BAD_INPUT");
        assert!(error["message"].as_str().unwrap_or_default().starts_with(&used), "{change}: {error}");
        assert_eq!(commits(), before, "{change}");
    }
    let typed = put("First", "two")
        .replace("{ changed", "{ errors { __typename ... on KeyUsedError { commit { id } } } changed");
    let typed = bench.data(&keyed(&typed));
    let expect = serde_json::json!([{ "__typename": "KeyUsedError", "commit": { "id": first } }]);
    assert_eq!(typed["commit"]["errors"], expect);
    assert_eq!(typed["commit"]["changed"], Json::Null);
    let reordered = "mutation { commit(input: { changes: [{ putPart: { title: \"one\", identifier: \"P\", id: \"part/P\" } }], branch: \"main\", message: \"First\", idempotencyKey: \"k1\" }) { commit { id } } }";
    assert_eq!(bench.data(reordered)["commit"]["commit"]["id"], first);
}

#[test]
fn of_parallel_requests_with_one_key_one_is_made_and_no_other_is_answered_as_it() {
    let bench = Bench::furnished();
    let answers: Vec<Json> = std::thread::scope(|scope| {
        let ask = |n: usize| {
            let bench = &bench;
            scope.spawn(move || bench.ask(&keyed(&put("Parallel", &n.to_string()))))
        };
        let asked: Vec<_> = (0..6).map(ask).collect();
        asked.into_iter().map(|asked| asked.join().expect("an answer")).collect()
    });
    let made = answers.iter().filter(|answer| answer["errors"].is_null()).count();
    assert_eq!(made, 1, "{answers:?}");
    for refused in answers.iter().filter(|answer| !answer["errors"].is_null()) {
        assert_eq!(refused["errors"][0]["extensions"]["code"], "BAD_INPUT", "{refused}");
    }
}

#[test]
fn every_mutation_checks_its_key() {
    let bench = Bench::furnished();
    for change in [
        "createBranch(input: { name: \"x\" }) { branch { name } }",
        "deleteBranch(input: { name: \"x\" }) { lastHead }",
        "tag(input: { name: \"x\" }) { tag { name } }",
        "adopt(input: { ref: \"x\" }) { branch { name } }",
        "runMonitors(input: { names: [] }) { run { at } }",
    ] {
        for key in ["", " ", "a b", "\u{e9}"] {
            let keyed = change.replacen("(input: {", &format!("(input: {{ idempotencyKey: \"{key}\","), 1);
            let error = bench.error(&format!("mutation {{ {keyed} }}"), "BAD_INPUT");
            let message = error["message"].as_str().unwrap_or_default();
            assert!(message.contains("is no idempotency key"), "{keyed}: {error}");
        }
    }
}

#[test]
fn a_name_of_a_version_is_made_and_deleted_once() {
    let bench = Bench::furnished();
    let keyed = |change: &str, key: &str| {
        format!(
            "mutation {{ {} }}",
            change.replacen("(input: {", &format!("(input: {{ idempotencyKey: \"{key}\","), 1)
        )
    };
    let branch = "createBranch(input: { name: \"try\" }) { branch { name head { id } } }";
    let tag = "tag(input: { name: \"PDR\" }) { tag { name commit { id } } }";
    let delete = "deleteBranch(input: { name: \"try\" }) { lastHead }";
    let (made, tagged) = (bench.data(&keyed(branch, "b")), bench.data(&keyed(tag, "t")));
    let put = |on: &str| {
        format!(
            "commit(input: {{ branch: \"{on}\", message: \"P\", changes: [{{ putPart: {{ identifier: \"{on}\" }} }}] }}) {{ commit {{ id }} }}"
        )
    };
    let head = bench.data(&format!("mutation {{ {} }}", put("try")))["commit"]["commit"]["id"].clone();
    bench.data(&format!("mutation {{ {} }}", put("main")));
    assert_eq!((bench.data(&keyed(branch, "b")), bench.data(&keyed(tag, "t"))), (made.clone(), tagged));
    let deleted = bench.data(&keyed(delete, "d"));
    assert_eq!(deleted["deleteBranch"]["lastHead"], head);
    assert_eq!(bench.data(&keyed(delete, "d")), deleted);
    bench.data("mutation { createBranch(input: { name: \"try\" }) { branch { name } } }");
    assert_eq!(bench.data(&keyed(delete, "d")), deleted);
    assert_eq!(bench.data(&keyed(branch, "b")), made);
    let branches = bench.data("{ branches { nodes { name } } }").to_string();
    assert!(branches.contains("\"try\""), "{branches}");
    let others = [
        branch.replace("try", "other"),
        tag.replace("PDR", "CDR"),
        delete.to_owned(),
        put("main"),
        "merge(input: { source: \"try\" }) { changed }".to_owned(),
    ];
    for change in others {
        let error = bench.error(&keyed(&change, "b"), "BAD_INPUT");
        let message = error["message"].as_str().unwrap_or_default();
        assert!(message.contains("\"b\" was used for another request"), "{change}: {error}");
    }
    bench.data(&keyed(&put("main").replace("identifier: \"main\"", "identifier: \"later\""), "c"));
    bench.error(&keyed(branch, "c"), "BAD_INPUT");
}

#[test]
fn parallel_requests_for_a_name_under_one_key_are_answered_alike() {
    let bench = Bench::furnished();
    for change in [
        "createBranch(input: { idempotencyKey: \"b\", name: \"try\" }) { branch { name head { id } } errors { message } }",
        "tag(input: { idempotencyKey: \"t\", name: \"PDR\" }) { tag { name commit { id } } errors { message } }",
        "deleteBranch(input: { idempotencyKey: \"d\", name: \"try\" }) { lastHead errors { message } }",
    ] {
        let asked = format!("mutation {{ {change} }}");
        let answers: Vec<Json> = std::thread::scope(|scope| {
            let asked: Vec<_> = (0..6).map(|_| scope.spawn(|| bench.data(&asked))).collect();
            asked.into_iter().map(|asked| asked.join().expect("an answer")).collect()
        });
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{change}: {answers:?}");
        let errors =
            answers[0].as_object().and_then(|of| of.values().next()).map(|payload| &payload["errors"]);
        assert_eq!(errors, Some(&serde_json::json!([])), "{change}");
    }
}

#[test]
fn a_refusal_names_resources_and_fields_in_short() {
    let bench = Bench::furnished();
    bench.data(&format!(
        "mutation {{ openReview(input: {{ title: \"R\", designs: [\"part/BRG/C\"], {WINDOW} }}) {{ changed }} }}"
    ));
    let refused = |id: &str| {
        let change = format!(
            "mutation {{ commit(input: {{ message: \"R\", changes: [{{ retire: \"{id}\" }}] }}) {{ changed }} }}"
        );
        bench.error(&change, "SHAPE_VIOLATION")["message"].as_str().unwrap_or_default().to_owned()
    };
    let review = refused("review/DR-1");
    assert!(review.contains("review/DR-1") && review.len() < 1_000, "{review}");
    assert!(!review.contains("https://example.org/"), "{review}");
    let part = refused("part/BRG/B");
    assert!(part.contains("part/BRG/B cannot be retired: part/BRG/C links to it by supersedes"), "{part}");
    let design = refused("part/BRG/C");
    assert!(design.contains("review/DR-1 links to it by designs"), "{design}");
}

#[test]
fn a_violation_states_where_it_is_with_which_value_and_what_would_be_right() {
    let bench = Bench::furnished();
    let put = |change: &str| {
        format!(
            "mutation {{ commit(input: {{ message: \"V\", changes: [{change}] }}) {{ changed errors {{ message ... on ViolationError {{
                violations {{ nodes {{ resource path value place message rule }} }} }} }} }} }}"
        )
    };
    let check = |change: &str, place: &str, message: &str| {
        let errors = bench.data(&put(change))["commit"]["errors"].clone();
        let violation = &errors[0]["violations"]["nodes"][0];
        assert_eq!(
            (&violation["place"], &violation["message"]),
            (&place.into(), &message.into()),
            "{change}"
        );
        assert!(!errors.to_string().contains("https://example.org/"), "{errors}");
        let first = errors[0]["message"].as_str().and_then(|text| text.lines().next());
        assert_eq!(first, Some(&*format!("{place}: {message}")), "{change}");
    };
    let taken = bench.data("{ thread { parts(first: 1) { nodes { iri identifier } } } }")["thread"]["parts"]
        ["nodes"][0]
        .clone();
    let text = |name: &str| taken[name].as_str().expect("a text").to_owned();
    let (iri, identifier) = (text("iri"), text("identifier"));
    check(
        &format!("{{ putPart: {{ id: \"part/twice\", identifier: \"{identifier}\" }} }}"),
        &format!("part/twice ({identifier}) identifier"),
        &format!("identifier \"{identifier}\" is already that of {iri}"),
    );
    check(
        "{ putPart: { id: \"part/none\", title: \"Nameless\" } }",
        "part/none (Nameless) identifier",
        "identifier is missing",
    );
    check(
        &format!("{{ putRequirement: {{ id: \"req/X\", identifier: \"R-X\", derivedFrom: [\"{iri}\"] }} }}"),
        "req/X (R-X) derivedFrom",
        &format!("{iri} is a Part, not a Requirement"),
    );
    check(
        "{ putRequirement: { id: \"req/X\", identifier: \"R-X\", derivedFrom: [\"req/absent\"] } }",
        "req/X (R-X) derivedFrom",
        "req/absent does not exist",
    );
}
