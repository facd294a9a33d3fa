//! Access: which principal may do what over which interface, and what the audit log has of it.

use super::live::Client;
use super::program::{out, refused, throughline};
use super::world::{Answer, PUMP, World, clock, request};
use serde_json::{Value, json};
use std::net::SocketAddr;
use throughline::app::access::{Audit, Entry, NewToken, Operation, Role, Tokens, TwinScope};
use throughline::model::time::clock::Clock as _;
use throughline::model::time::instant::Instant;

const MERGE: &str = r#"{"source": "import/pump", "into": "main"}"#;
const DECEMBER: &str = r#"window: { from: "2025-12-01T00:00:00Z", to: "2026-01-01T00:00:00Z" }"#;

/// Makes a token; the number makes it another one than the others.
pub(crate) fn token(world: &World, number: u8, new: &NewToken) -> String {
    let tokens = Tokens::of(world.folder.path());
    tokens.create(new, &[number; 38], clock().now()).expect("a token").1
}

pub(crate) fn new(name: &str, role: Role) -> NewToken {
    NewToken { name: name.to_owned(), email: None, role, twins: None, act_as: false, expires: None }
}

pub(crate) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// Sends a request with a token, or without one.
fn send(address: SocketAddr, token: Option<&str>, method: &str, path: &str, body: &str) -> Answer {
    let authorization = token.map(bearer);
    let mut headers = vec![(
        "content-type",
        match path.split('?').next() {
            Some("/sparql") => "application/sparql-query",
            Some("/import") => "text/turtle",
            Some("/ingest") => "text/csv",
            Some("/thread.git/git-receive-pack") => "application/x-git-receive-pack-request",
            _ => "application/json",
        },
    )];
    headers.extend(authorization.as_deref().map(|value| ("authorization", value)));
    request(address, method, path, &headers, body.as_bytes())
}

fn graphql(address: SocketAddr, token: Option<&str>, query: &str) -> Answer {
    send(address, token, "POST", "/graphql", &json!({ "query": query }).to_string())
}

/// What became of a request, as far as access is concerned.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Done,
    Unauthenticated,
    Forbidden,
}

/// Where files come in and go out.
const FILES: [&str; 17] = [
    "/import",
    "/ingest",
    "/export",
    "/backup",
    "/log",
    "/diff",
    "/tags",
    "/show",
    "/blame",
    "/search",
    "/suspects",
    "/ontology",
    "/reviews",
    "/series",
    "/merge/preview",
    "/merge/changes",
    "/exposure",
];

/// Reads the verdict from an answer, and checks that the form of errors is that of the path.
fn verdict(path: &str, answer: &Answer) -> Verdict {
    let is_json = path == "/graphql" || FILES.contains(&path) || path.contains("write");
    match answer.status {
        401 => {
            let challenges: Vec<_> = answer.headers("www-authenticate").collect();
            assert!(challenges.len() == 2 && challenges[0].starts_with("Bearer "), "{path}: {challenges:?}");
            match path {
                "/graphql" => assert_eq!(answer.json()["errors"][0]["extensions"]["code"], "UNAUTHENTICATED"),
                "/api/v2/write" => assert_eq!(answer.json()["code"], "unauthorized"),
                "/write" => assert!(answer.json()["error"].is_string(), "{}", answer.body),
                path if FILES.contains(&path) => assert_eq!(answer.json()["code"], "UNAUTHENTICATED"),
                _ => assert!(!answer.body.is_empty(), "{path}"),
            }
            Verdict::Unauthenticated
        }
        403 => {
            assert!(answer.body.contains("has the role"), "the reason: {}", answer.body);
            assert!(!is_json || answer.json().is_object());
            Verdict::Forbidden
        }
        _ => match path {
            "/graphql" => {
                let code = answer.json()["errors"][0]["extensions"]["code"].clone();
                if code == "FORBIDDEN" { Verdict::Forbidden } else { Verdict::Done }
            }
            _ => Verdict::Done,
        },
    }
}

/// A request of the matrix.
struct Cell {
    operation: Operation,
    method: &'static str,
    path: &'static str,
    body: String,
}

/// Asks each operation over each interface that has it.
fn cells(head: &str, finding: &str) -> Vec<Cell> {
    let query = |operation, query: &str| Cell {
        operation,
        method: "POST",
        path: "/graphql",
        body: json!({ "query": query }).to_string(),
    };
    let plain = |operation, method, path, body: &str| Cell { operation, method, path, body: body.to_owned() };
    let reads = [
        "{ thread { commit { id } } }".to_owned(),
        format!(
            "{{ thread(at: \"{head}\") {{ requirement(id: \"REQ-1\") {{ title provenance {{ blame {{ nodes {{ property }} }} }} }} }} }}"
        ),
        "{ thread(asKnownAt: \"2026-01-01T00:00:00Z\") { watermark } }".to_owned(),
        format!("{{ diff(from: \"{head}\", to: \"main\") {{ resources {{ totalCount }} }} }}"),
        "{ log(first: 1) { totalCount: __typename } }".to_owned(),
        "{ branches { nodes { name } } tags { nodes { name } } }".to_owned(),
        "{ mergePreview(source: \"import/pump\") { clean } }".to_owned(),
        "{ __schema { queryType { name } } }".to_owned(),
        "{ monitors { name } }".to_owned(),
    ];
    let changes = [
        (
            Operation::Commit,
            "commit(input: { message: \"x\", changes: [{ putPart: { id: \"p\", identifier: \"P\" } }] }) { changed }"
                .to_owned(),
        ),
        (Operation::Merge, "merge(input: { source: \"import/pump\" }) { changed }".to_owned()),
        (Operation::Revert, format!("revert(input: {{ commit: \"{head}\" }}) {{ changed }}")),
        (Operation::Branch, "createBranch(input: { name: \"x\" }) { branch { name } }".to_owned()),
        (Operation::Branch, "deleteBranch(input: { name: \"x\" }) { lastHead }".to_owned()),
        (Operation::Tag, "tag(input: { name: \"x\" }) { tag { name } }".to_owned()),
        (Operation::Adopt, "adopt(input: { ref: \"main\", branch: \"y\" }) { branch { name } }".to_owned()),
        (
            Operation::ConfirmLink,
            "confirmLink(input: { from: \"pump/A\", property: \"satisfies\", to: \"REQ-1\" }) { changed }".to_owned(),
        ),
        (
            Operation::RecordEvidence,
            format!("recordEvidence(input: {{ branch: \"main\", item: \"pump/A\", {DECEMBER} }}) {{ changed }}"),
        ),
        (
            Operation::RecordForecasts,
            format!("recordForecasts(input: {{ branch: \"main\", item: \"pump/A\", constraint: \"REQ-1#limit\", by: \"2026-03-01T00:00:00Z\", {DECEMBER} }}) {{ changed }}"),
        ),
        (
            Operation::RecordDeviations,
            "recordDeviations(input: { branch: \"main\", item: \"pump/A\" }) { changed }".to_owned(),
        ),
        (Operation::RunMonitors, "runMonitors(input: {}) { run { at } }".to_owned()),
        (
            Operation::OpenReview,
            format!("openReview(input: {{ title: \"x\", designs: [\"pump/A\"], {DECEMBER} }}) {{ changed }}"),
        ),
        (
            Operation::SignReview,
            "signReview(input: { review: \"review/DR-1\", decision: APPROVED }) { changed }".to_owned(),
        ),
        (
            Operation::DecideFinding,
            format!("decideFinding(input: {{ finding: \"{finding}\", decision: DISMISS, reason: \"x\" }}) {{ changed }}"),
        ),
        (
            Operation::DecideChange,
            "decideChange(input: { changeRequest: \"ecr/9\", decision: APPROVE, reason: \"x\" }) { changed }".to_owned(),
        ),
        (
            Operation::ProposeActions,
            "proposeActions(input: { kind: INSPECT, targets: [\"unit/P-1\"], reason: \"x\" }) { changed }".to_owned(),
        ),
        (
            Operation::DecideActions,
            "decideActions(input: { actions: [\"action/x\"], decision: APPROVE, reason: \"x\" }) { changed }".to_owned(),
        ),
        (
            Operation::ReportActions,
            "reportActions(input: { actions: [\"action/x\"], report: ORDER, reason: \"x\" }) { changed }".to_owned(),
        ),
        (
            Operation::ReportActions,
            "completeAction(input: { action: \"action/x\", reason: \"x\" }) { changed }".to_owned(),
        ),
        (Operation::VerifyActions, "verifyAction(input: { action: \"action/x\" }) { changed }".to_owned()),
        (Operation::RunMonitors, "runDataMonitors(input: {}) { run { at } }".to_owned()),
        (
            Operation::DecideFinding,
            "decideDataFinding(input: { finding: \"x\", decision: DISMISS, reason: \"x\" }) { changed }".to_owned(),
        ),
        (Operation::RunPolicies, "runPolicies(input: {}) { run { at } }".to_owned()),
        (
            Operation::GrantPolicy,
            "grantPolicy(input: { policy: \"policy/x\", autonomy: ORDER, reason: \"x\" }) { changed }".to_owned(),
        ),
    ];
    let mut cells: Vec<_> = reads.iter().map(|read| query(Operation::Read, read)).collect();
    cells.extend(
        changes.iter().map(|(operation, change)| query(*operation, &format!("mutation {{ {change} }}"))),
    );
    cells.extend([
        plain(Operation::Read, "GET", "/graphql?query=%7Bthread%7Bwatermark%7D%7D", ""),
        plain(Operation::Read, "GET", "/schema.graphql", ""),
        plain(Operation::Read, "POST", "/sparql", "ASK {}"),
        plain(Operation::Read, "GET", "/sparql?query=ASK%7B%7D&version=import/pump", ""),
        plain(Operation::Ingest, "POST", "/write", "m,twin=P-1 temp=20 1704067200000000000"),
        plain(Operation::Ingest, "POST", "/api/v2/write", "m,twin=P-1 temp=20 1704067200000000000"),
        plain(Operation::ReadAudit, "GET", "/audit", ""),
        plain(Operation::ReadMetrics, "GET", "/metrics", ""),
        plain(Operation::Import, "POST", "/import?source=pump", PUMP),
        plain(Operation::Import, "POST", "/import?source=pump&dryRun", PUMP),
        plain(Operation::Ingest, "POST", "/ingest?time=t&twin=u", "t,u,temp\n2025-12-01T00:00:00Z,P-1,20\n"),
        query(
            Operation::RetryDeliveries,
            "mutation { retryDeliveries(input: { target: \"mes\" }) { deadLetters { id } } }",
        ),
        plain(Operation::Read, "GET", "/export", ""),
        plain(Operation::Read, "GET", "/log?resource=REQ-1&changes", ""),
        plain(Operation::Read, "GET", "/diff?from=import/pump", ""),
        plain(Operation::Read, "GET", "/show?resource=REQ-1", ""),
        plain(Operation::Read, "GET", "/blame?resource=REQ-1&at=import/pump", ""),
        plain(Operation::Read, "GET", "/search?text=pump", ""),
        plain(Operation::Read, "GET", "/suspects", ""),
        plain(Operation::Read, "GET", "/ontology?at=import/pump", ""),
        plain(Operation::Read, "GET", "/reviews", ""),
        plain(Operation::Read, "GET", "/reviews?id=DR-1", ""),
        plain(Operation::Read, "GET", "/series?twin=P-*", ""),
        plain(Operation::Maintain, "DELETE", "/series?twin=none", ""),
        plain(Operation::Read, "POST", "/merge/preview", MERGE),
        plain(Operation::Read, "POST", "/merge/changes", MERGE),
        plain(
            Operation::Read,
            "POST",
            "/exposure?from=2025-12-01T00:00:00Z&to=2026-01-01T00:00:00Z&retire=unit/P-2",
            "",
        ),
        plain(Operation::Read, "GET", "/tags", ""),
        plain(Operation::Tag, "POST", "/tags?name=over-http", ""),
        plain(Operation::Import, "POST", "/import?source=pump&job", PUMP),
        plain(Operation::Read, "GET", "/export?version=import/pump&format=nquads", ""),
        plain(Operation::Read, "GET", "/export?source=telemetry", ""),
        plain(Operation::Read, "GET", "/thread.git/info/refs?service=git-upload-pack", ""),
        plain(Operation::Push, "GET", "/thread.git/info/refs?service=git-receive-pack", ""),
        plain(Operation::Push, "POST", "/thread.git/git-receive-pack", "0000"),
        plain(Operation::Maintain, "POST", "/backup", ""),
        plain(Operation::Maintain, "GET", "/jobs/none/backup", ""),
    ]);
    cells
}

/// A pump with samples above its limit, a finding, an open review and a change request.
fn plant() -> (World, String, String) {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    let precision = throughline::telemetry::Precision::Seconds;
    world.app.ingest_lines(b"m,twin=P-1 temp=90 1765324800", precision).expect("an ingest");
    let record = format!(
        "mutation {{ recordEvidence(input: {{ branch: \"main\", item: \"pump/A\", {DECEMBER} }}) {{ filings {{ finding {{ iri }} }} }} }}"
    );
    let finding = world.data(&record, json!({}))["recordEvidence"]["filings"][0]["finding"]["iri"].clone();
    let open = format!(
        "mutation {{ openReview(input: {{ title: \"Fit?\", designs: [\"pump/A\"], {DECEMBER} }}) {{ changed }} }}"
    );
    world.data(&open, json!({}));
    let change_request = "@base <https://test.example/> . @prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> . <ecr/9> a tl:ChangeRequest ; dcterms:identifier 'ECR-9' ; tl:state 'OPEN' .";
    world.import("plm", change_request).expect("a change request");
    let head = world.app.snapshot("main").expect("main").commit().id.to_string();
    (world, head, finding.as_str().expect("an IRI").to_owned())
}

#[test]
fn each_role_does_what_the_list_says_over_every_interface() {
    let (world, head, finding) = plant();
    let of_role: Vec<_> = Role::ALL
        .into_iter()
        .enumerate()
        .map(|(number, role)| (role, token(&world, number as u8 + 1, &new(role.as_str(), role))))
        .collect();
    let expired = NewToken { expires: Some(clock().now()), ..new("late", Role::Operator) };
    let expired = Tokens::of(world.folder.path())
        .create(&expired, &[77; 38], Instant::from_seconds(0))
        .expect("made")
        .1;
    let revoked = token(&world, 78, &new("gone", Role::Operator));
    Tokens::of(world.folder.path()).revoke("gone", clock().now()).expect("revoked");
    let forged = of_role[3].1[..of_role[3].1.len() - 4].to_owned() + "AAAA";
    let outsiders =
        [None, Some(""), Some("tl_"), Some(forged.as_str()), Some(revoked.as_str()), Some(expired.as_str())];
    let cells = cells(&head, &finding);
    let (mut tried, mut operations) = (0, std::collections::BTreeSet::new());
    world.served(|address| {
        for Cell { operation, method, path, body } in &cells {
            let name = path.split('?').next().unwrap_or(path);
            for outsider in &outsiders {
                let answer = send(address, *outsider, method, path, body);
                assert!(
                    matches!(answer.status, 400 | 401),
                    "{operation} {path} {outsider:?}: {} {}",
                    answer.status,
                    answer.body
                );
                tried += 1;
            }
            // Those who may not go first, so that whoever may still finds something to do.
            let mut roles: Vec<_> = of_role.iter().collect();
            roles.sort_by_key(|(role, _)| role.may(*operation));
            for (role, token) in roles {
                let answer = send(address, Some(token), method, path, body);
                let expect = if role.may(*operation) { Verdict::Done } else { Verdict::Forbidden };
                assert_eq!(
                    verdict(name, &answer),
                    expect,
                    "{role} {operation} {path} {body}: {} {}",
                    answer.status,
                    answer.body
                );
                tried += 1;
            }
            operations.insert(*operation);
        }
        for path in ["/", "/ping", "/nowhere"] {
            assert_eq!(
                verdict(path, &send(address, None, "GET", path, "")),
                Verdict::Unauthenticated,
                "{path}"
            );
            tried += 1;
        }
        let health = send(address, None, "GET", "/health", "");
        assert!(health.status == 200 && health.json().get("commit").is_none(), "{}", health.body);
        // Subscriptions, queries and changes over a WebSocket.
        for (role, token) in &of_role {
            let mut client = Client::silent(address);
            client.send_json(
                &json!({ "type": "connection_init", "payload": { "authorization": bearer(token) } }),
            );
            assert_eq!(client.receive(), json!({ "type": "connection_ack" }));
            for (operation, query) in [
                (Operation::Read, "{ thread { watermark } }"),
                (Operation::Tag, "mutation { tag(input: { name: \"over a socket\" }) { tag { name } } }"),
            ] {
                client.subscribe("1", query);
                let answer = client.receive();
                let code = match answer["type"].as_str() {
                    Some("error") => answer["payload"][0]["extensions"]["code"].clone(),
                    _ => {
                        assert_eq!(client.receive()["type"], "complete");
                        answer["payload"]["errors"][0]["extensions"]["code"].clone()
                    }
                };
                assert_eq!(code == "FORBIDDEN", !role.may(operation), "{role} {operation}: {answer}");
                tried += 1;
            }
            client.subscribe("2", "subscription { commits { id } }");
            if !role.may(Operation::Read) {
                assert_eq!(client.receive()["payload"][0]["extensions"]["code"], "FORBIDDEN");
            }
            tried += 1;
        }
    });
    assert_eq!(operations.into_iter().collect::<Vec<_>>(), Operation::ALL, "every operation is tried");
    assert!(tried > 300, "{tried} cells");
    eprintln!("{tried} cells of the matrix");
}

#[test]
fn a_story_of_five_principals() {
    let (world, _, _) = plant();
    let integrator = token(&world, 1, &NewToken { act_as: true, ..new("plm-sync", Role::Contributor) });
    let ada = token(
        &world,
        2,
        &NewToken { email: Some("ada@plant.example".to_owned()), ..new("Ada", Role::Contributor) },
    );
    let grace = token(
        &world,
        3,
        &NewToken { email: Some("grace@plant.example".to_owned()), ..new("Grace", Role::Approver) },
    );
    let twins = Some(TwinScope { names: Vec::new(), prefixes: vec!["P-1".to_owned()] });
    let gateway = token(&world, 4, &NewToken { twins, ..new("gateway", Role::TelemetryWriter) });
    let operator = token(&world, 5, &new("officer", Role::Operator));
    let ask = |address, token: &str, query: &str| {
        let answer = graphql(address, Some(token), query).json();
        assert!(answer.get("errors").is_none(), "{query}: {answer}");
        answer["data"].clone()
    };
    let log = world.served(|address| {
        let put = |id: &str, author: &str| format!("mutation {{ commit(input: {{ message: \"Put {id}\", {author} changes: [{{ putPart: {{ id: \"{id}\", identifier: \"{id}\" }} }}] }}) {{ commit {{ author {{ name email }} }} }} }}");
        let bob = "author: { name: \"Bob\", email: \"bob@plant.example\" },";
        let done = ask(address, &integrator, &put("one", bob));
        assert_eq!(done["commit"]["commit"]["author"], json!({ "name": "Bob", "email": "bob@plant.example" }));
        let done = ask(address, &integrator, &put("two", ""));
        assert_eq!(done["commit"]["commit"]["author"]["name"], "plm-sync");
        // A contributor proposes on a branch, under nobody else's name.
        let refused = graphql(address, Some(&ada), &put("three", bob)).json();
        assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN", "{refused}");
        ask(address, &ada, "mutation { createBranch(input: { name: \"proposal\" }) { branch { name } } }");
        ask(address, &ada, &put("three", "branch: \"proposal\","));
        let sign = "mutation { signReview(input: { review: \"review/DR-1\", decision: APPROVED }) { review { state decidedBy } } }";
        let refused = graphql(address, Some(&ada), sign).json();
        assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN", "{refused}");
        let signed = ask(address, &grace, sign);
        assert_eq!(signed["signReview"]["review"]["decidedBy"], "Grace <grace@plant.example>");
        // A gateway sends samples of its twins and of no others.
        let write = |body: &str| send(address, Some(&gateway), "POST", "/api/v2/write?precision=s", body);
        assert_eq!(write("m,twin=P-1 temp=20 1765324900").status, 204);
        let refused = write("m,twin=P-1 temp=99 1765325000\nm,twin=P-2 temp=99 1765325000");
        assert!(refused.status == 403 && refused.body.contains("P-2"), "{}", refused.body);
        let refused = write("m,site=a,twin=P-2 temp=99 1765325000");
        assert_eq!(refused.status, 403);
        // An outsider gets nothing.
        assert_eq!(graphql(address, None, "{ thread { watermark } }").status, 401);
        assert_eq!(graphql(address, Some(&gateway), "{ thread { watermark } }").status, 403);
        let audit = send(address, Some(&operator), "GET", "/audit?after=0", "");
        assert_eq!(audit.status, 200);
        audit.body.lines().map(|line| serde_json::from_str::<Entry>(line).expect("an entry")).collect::<Vec<_>>()
    });
    let logged: Vec<_> = log
        .iter()
        .map(|entry| {
            let event = &entry.event;
            let who = event.principal.as_deref().unwrap_or("nobody").split(" <").next().unwrap_or_default();
            let acted_as = event.acted_as.as_deref().map(|name| format!(" as {name}")).unwrap_or_default();
            format!("{who}{acted_as} {} {}", event.operation, event.outcome.as_str())
        })
        .collect();
    assert_eq!(
        logged,
        [
            "plm-sync as Bob <bob@plant.example> commit done",
            "plm-sync commit done",
            "Ada commit denied",
            "Ada branch done",
            "Ada commit done",
            "Ada signReview denied",
            "Grace signReview done",
            "gateway ingest done",
            "gateway ingest denied",
            "nobody authenticate denied",
            "gateway read denied",
            "gateway ingest denied",
        ]
    );
    assert!(
        log.iter()
            .filter(|entry| entry.event.outcome.as_str() == "done" && entry.event.operation != "ingest")
            .all(|entry| entry.event.commit.is_some())
    );
    let text: String = log.iter().map(|entry| serde_json::to_string(entry).expect("JSON")).collect();
    for token in [&integrator, &ada, &grace, &gateway, &operator] {
        assert!(!text.contains(token.rsplit('_').next().expect("a secret")), "no secret is in the log");
    }
    // Git has both names.
    let git = std::process::Command::new("git")
        .args([
            "-C",
            &world.folder.path().join("thread.git").to_string_lossy(),
            "log",
            "-1",
            "--format=%an|%cn|%ce",
            "--grep=Put one",
            "main",
        ])
        .output()
        .expect("git");
    assert_eq!(String::from_utf8_lossy(&git.stdout).trim(), "Bob|plm-sync|plm-sync@principals.invalid");
    let audit = Audit::of(world.folder.path(), clock());
    assert_eq!(audit.verify().expect("verified").entries, log.len() as u64);
}

#[test]
fn credentials_are_taken_in_every_form_and_no_forgery_is() {
    let (world, _, _) = plant();
    let writer = token(&world, 1, &new("gateway", Role::TelemetryWriter));
    let reader = token(&world, 2, &new("ada", Role::Reader));
    let line = "m,twin=P-1 temp=20 1704067200000000000";
    world.served(|address| {
        let basic = |token: &str| {
            use base64::Engine as _;
            format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("user:{token}")))
        };
        let write = |authorization: &[&str]| {
            let headers: Vec<_> = authorization.iter().map(|value| ("authorization", *value)).collect();
            request(address, "POST", "/write", &headers, line.as_bytes()).status
        };
        assert_eq!(write(&[&bearer(&writer)]), 204);
        assert_eq!(write(&[&format!("bearer {writer}")]), 204);
        assert_eq!(write(&[&format!("Token {writer}")]), 204);
        assert_eq!(write(&[&format!("TOKEN user:{writer}")]), 204);
        assert_eq!(write(&[&basic(&writer)]), 204);
        assert_eq!(write(&[&bearer(&writer), &bearer(&writer)]), 400, "twice");
        assert_eq!(write(&[&writer]), 400, "no scheme");
        assert_eq!(write(&[&bearer(&writer.to_uppercase())]), 401);
        assert_eq!(write(&[&bearer(&format!("{writer}\u{e9}"))]), 400);
        // What proxies elsewhere set, and a token in the URL, prove nothing.
        for (name, value) in
            [("x-forwarded-user", "ada"), ("x-remote-user", "ada"), ("cookie", &*bearer(&reader))]
        {
            assert_eq!(
                request(address, "POST", "/write", &[(name, value)], line.as_bytes()).status,
                401,
                "{name}"
            );
        }
        let path = format!("/write?u=user&p={writer}");
        assert_eq!(request(address, "POST", &path, &[], line.as_bytes()).status, 401);
        // An upgrade that is none opens nothing.
        let upgrade = [("upgrade", "websocket"), ("connection", "upgrade")];
        let answer = request(address, "GET", "/graphql?query=%7Bthread%7Bwatermark%7D%7D", &upgrade, b"");
        assert_eq!(answer.status, 401, "{}", answer.body);
        let answer = request(address, "POST", "/graphql", &upgrade, b"{}");
        assert_eq!(answer.status, 401, "{}", answer.body);
    });
}

#[test]
fn a_socket_is_closed_once_its_token_is_not_valid_any_more() {
    let (world, _, _) = plant();
    let ada = token(&world, 1, &new("ada", Role::Contributor));
    token(&world, 2, &new("grace", Role::Operator));
    world.served(|address| {
        let init = |payload: &Value| {
            let mut client = Client::silent(address);
            client.send_json(&json!({ "type": "connection_init", "payload": payload }));
            client
        };
        for payload in [
            json!({}),
            Value::Null,
            json!({ "token": "tl_" }),
            json!({ "token": ada, "authorization": bearer(&ada) }),
            json!({ "authorization": ada }),
        ] {
            let (code, _) = init(&payload).closed();
            assert!(matches!(code, 4401 | 4403), "{payload}: {code}");
        }
        let mut silent = Client::silent(address);
        silent.subscribe("1", "{ thread { watermark } }");
        assert_eq!(silent.closed().0, 4401, "an operation before anybody is known");
        let protocol = ("sec-websocket-protocol", "graphql-transport-ws");
        assert!(Client::connect(address, &[protocol, ("authorization", "Bearer tl_")]).is_err());

        let mut by_payload = init(&json!({ "token": ada }));
        let authorization = bearer(&ada);
        let mut by_header =
            Client::connect(address, &[protocol, ("authorization", &authorization)]).expect("a connection");
        by_header.send_json(&json!({ "type": "connection_init" }));
        for client in [&mut by_payload, &mut by_header] {
            assert_eq!(client.receive(), json!({ "type": "connection_ack" }));
            client.subscribe("1", "subscription { commits { id } }");
        }
        Tokens::of(world.folder.path()).revoke("ada", clock().now()).expect("revoked");
        for client in [&mut by_payload, &mut by_header] {
            assert_eq!(client.closed(), (4403, "Forbidden: the token has expired or was revoked".to_owned()));
        }
    });
}

#[test]
fn a_thread_without_access_is_open_on_this_machine_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| throughline(folder.path(), arguments);
    out(&run(&["init", "plant", "--base", "https://test.example/"]));
    for listen in ["0.0.0.0:0", "[::]:0"] {
        let reason = refused(&run(&["serve", "--data", "plant", "--listen", listen]));
        assert!(reason.contains("no access is configured") && reason.contains("token create"), "{reason}");
    }
    assert_eq!(out(&run(&["token", "list", "--data", "plant"])), "no tokens\n");
    let made = run(&[
        "token",
        "create",
        "--data",
        "plant",
        "--name",
        "Ada",
        "--role",
        "approver",
        "--expires",
        "P90D",
    ]);
    let token = out(&made);
    assert!(
        token.starts_with("tl_")
            && token.ends_with('\n')
            && token.trim().len() == 59
            && made.stderr.is_empty(),
        "{token}"
    );
    out(&run(&[
        "token",
        "create",
        "--data",
        "plant",
        "--name",
        "gw",
        "--role",
        "telemetry-writer",
        "--twins",
        "P-",
        "Q-",
    ]));
    let list = out(&run(&["token", "list", "--data", "plant"]));
    assert!(
        list.contains("approver")
            && list.contains("Ada <ada@principals.invalid>")
            && list.contains("twins P-… Q-…"),
        "{list}"
    );
    assert!(!list.contains(token.trim()), "a token is shown once");
    assert!(
        refused(&run(&[
            "token", "create", "--data", "plant", "--name", "x", "--role", "reader", "--twins", "P"
        ]))
        .contains("telemetry-writer")
    );
    assert!(
        refused(&run(&["token", "create", "--data", "none", "--name", "x", "--role", "reader"]))
            .contains("holds no thread")
    );
    assert!(out(&run(&["token", "revoke", "--data", "plant", "Ada"])).contains("revoked"));
    assert!(
        refused(&run(&["token", "revoke", "--data", "plant", "Bob"]))
            .contains("no token with the id or the name")
    );
    // What is done on the machine is logged as well.
    out(&run(&["tag", "--data", "plant", "PDR"]));
    let verified = out(&run(&["audit", "verify", "--data", "plant"]));
    assert!(verified.starts_with("4 entries"), "{verified}");
    let list = out(&run(&["audit", "list", "--data", "plant"]));
    assert!(
        list.lines().count() == 4
            && list.contains(
                "done tag by throughline <throughline@localhost> (local, operator) on \"PDR at main\""
            )
            && list.contains("done createToken")
            && list.contains("done revokeToken"),
        "{list}"
    );
    let log = folder.path().join("plant/audit/000001.jsonl");
    let text = std::fs::read_to_string(&log).expect("the log");
    std::fs::write(&log, text.replacen("approver", "reader", 1)).expect("forged");
    assert!(refused(&run(&["audit", "verify", "--data", "plant"])).contains("line 1 does not have the hash"));
}

#[test]
fn a_trusted_proxy_names_its_users() {
    let (world, _, _) = plant();
    let settings = "[access.proxy]\nheader = \"x-user\"\naddresses = [\"127.0.0.1\"]\n[access.proxy.roles]\n\"ada@plant.example\" = \"reader\"\n";
    let world =
        world.reopened(|folder| std::fs::write(folder.join("settings.toml"), settings).expect("settings"));
    world.served(|address| {
        let ask = |headers: &[(&str, &str)]| {
            let answer = request(address, "GET", "/graphql?query=%7Bthread%7Bwatermark%7D%7D", headers, b"");
            answer.status
        };
        assert_eq!(ask(&[("x-user", "ada@plant.example")]), 200);
        assert_eq!(ask(&[]), 401);
        assert_eq!(ask(&[("x-user", "eve@plant.example")]), 403);
        assert_eq!(ask(&[("x-user", "ada@plant.example"), ("x-user", "eve@plant.example")]), 400);
        assert_eq!(ask(&[("x-user", "ada@plant.example"), ("authorization", "Bearer tl_")]), 401);
    });
    let elsewhere = settings.replace("127.0.0.1", "10.0.0.1");
    let world =
        world.reopened(|folder| std::fs::write(folder.join("settings.toml"), elsewhere).expect("settings"));
    world.served(|address| {
        let headers = [("x-user", "ada@plant.example")];
        assert_eq!(
            request(address, "GET", "/sparql?query=ASK%7B%7D", &headers, b"").status,
            401,
            "another address"
        );
    });
}

#[test]
fn the_page_of_roles_is_the_list() {
    let page =
        std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/access.md"))
            .expect("the page");
    for operation in Operation::ALL {
        let marks: Vec<_> =
            Role::ALL.into_iter().map(|role| if role.may(operation) { "yes" } else { "" }).collect();
        let row = format!("| {} | {} |", operation.words(), marks.join(" | "));
        assert!(page.contains(&row), "docs/access.md lacks the row\n{row}");
    }
}

#[test]
fn rules_of_the_thread_leave_a_branch_to_some_and_take_another_person() {
    let (world, _, finding) = plant();
    let rules = "@base <https://test.example/> . @prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> .
        <rule/main> a tl:BranchRule ; dcterms:identifier 'main' ; tl:branch 'main' ; tl:mover 'approver' , 'operator' , 'cleo@plant.example' ;
            tl:otherPerson 'MERGE' , 'DECISION' , 'SIGNATURE' .";
    world.import("rules", rules).expect("rules");
    let person = |number: u8, name: &str, role: Role| {
        let email = Some(format!("{}@plant.example", name.to_lowercase()));
        token(&world, number, &NewToken { email, ..new(name, role) })
    };
    let (ada, bob, cleo) = (
        person(1, "Ada", Role::Contributor),
        person(2, "Bob", Role::Approver),
        person(3, "Cleo", Role::Contributor),
    );
    let integrator = token(&world, 4, &NewToken { act_as: true, ..new("sync", Role::Approver) });
    let put = |branch: &str, id: &str| {
        format!(
            "mutation {{ commit(input: {{ branch: \"{branch}\", message: \"x\", changes: [{{ putPart: {{ id: \"{id}\", identifier: \"{id}\" }} }}] }}) {{ changed }} }}"
        )
    };
    world.served(|address| {
        let check = |token: &str, query: &str, expect: Option<&str>| {
            let answer = graphql(address, Some(token), query).json();
            let error = &answer["errors"][0];
            match expect {
                None => assert!(error.is_null(), "{query}: {answer}"),
                Some(part) => {
                    let message = error["message"].as_str().unwrap_or_default();
                    assert!(error["extensions"]["code"] == "FORBIDDEN" && message.contains(part), "{query}: {answer}");
                }
            }
        };
        check(&ada, &put("main", "a"), Some("leaves changes of main to"));
        check(&cleo, &put("main", "c"), None);
        check(&ada, "mutation { createBranch(input: { name: \"work\" }) { branch { name } } }", None);
        check(&ada, &put("work", "a"), None);
        check(&bob, &put("work", "b"), None);
        let merge = "mutation { merge(input: { source: \"work\" }) { changed } }";
        check(&ada, merge, Some("leaves changes of main to"));
        check(&bob, merge, Some("requires another person than the author, Bob"));
        check(&integrator, "mutation { merge(input: { source: \"work\", author: { name: \"Eve\", email: \"eve@plant.example\" } }) { changed } }", Some("as itself"));
        check(&integrator, merge, Some("as itself"));
        check(&cleo, merge, None);
        // Who opened a review does not sign it.
        let open = format!("mutation {{ openReview(input: {{ title: \"Mine\", designs: [\"pump/A\"], {DECEMBER} }}) {{ changed }} }}");
        check(&bob, &open, None);
        let sign = |review: &str| format!("mutation {{ signReview(input: {{ review: \"review/{review}\", decision: APPROVED }}) {{ changed }} }}");
        check(&bob, &sign("DR-2"), Some("another person"));
        // Nor does it on a branch of its own, from which a merge would bring the signature.
        check(&bob, "mutation { createBranch(input: { name: \"mine\" }) { branch { name } } }", None);
        check(&bob, &sign("DR-2").replace("decision", "branch: \"mine\", decision"), Some("another person"));
        check(&bob, &sign("DR-1"), None);
        check(&bob, &format!("mutation {{ decideFinding(input: {{ finding: \"{finding}\", decision: DISMISS, reason: \"x\" }}) {{ changed }} }}"), None);
    });
}

#[test]
fn pages_of_configured_origins_read_answers() {
    let (world, _, _) = plant();
    let reader = token(&world, 1, &new("ada", Role::Reader));
    let settings = "[server]\norigins = [\"https://tools.example\"]\n";
    let world =
        world.reopened(|folder| std::fs::write(folder.join("settings.toml"), settings).expect("settings"));
    world.served(|address| {
        let ask = |method: &str, origin: &str, more: &[(&str, &str)]| {
            let headers = [&[("origin", origin)], more].concat();
            request(address, method, "/graphql?query=%7Bthread%7Bwatermark%7D%7D", &headers, b"")
        };
        let preflight = ask("OPTIONS", "https://tools.example", &[("access-control-request-method", "POST")]);
        assert_eq!(
            (preflight.status, preflight.header("access-control-allow-origin")),
            (204, Some("https://tools.example"))
        );
        assert!(
            preflight
                .header("access-control-allow-headers")
                .is_some_and(|names| names.contains("authorization"))
        );
        let answer = ask("GET", "https://tools.example", &[("authorization", &bearer(&reader))]);
        assert_eq!(
            (answer.status, answer.header("access-control-allow-origin")),
            (200, Some("https://tools.example"))
        );
        assert!(
            answer.headers("vary").any(|vary| vary == "origin")
                && answer.header("access-control-allow-credentials").is_none()
        );
        assert_eq!(ask("GET", "https://tools.example", &[]).status, 401, "an origin is no principal");
        let foreign = ask("OPTIONS", "https://evil.example", &[("access-control-request-method", "POST")]);
        assert_eq!((foreign.status, foreign.header("access-control-allow-origin")), (403, None));
    });
}
