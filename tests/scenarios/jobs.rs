//! Jobs: large files that come in over HTTP and are worked on in the background, through crashes and more than one attempt.

use super::world::{Answer, PUMP, World, clock, request, until};
use serde_json::{Value, json};
use std::net::SocketAddr;
use throughline::app::access::{NewToken, Role, Tokens};
use throughline::app::{ImportOptions, JobKind, JobOrder, JobProgress, SourceFile, SourceFormat};
use throughline::exchange::rdf::Format;
use throughline::model::time::clock::Clock as _;

fn with_status(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{}", answer.body);
    answer.json()
}

fn send(address: SocketAddr, token: Option<&str>, method: &str, path: &str, body: &str) -> Answer {
    let authorization = token.map(|token| format!("Bearer {token}"));
    let kind = if path.starts_with("/ingest") { "text/csv" } else { "text/turtle" };
    let mut headers = vec![("content-type", kind)];
    headers.extend(authorization.as_deref().map(|value| ("authorization", value)));
    request(address, method, path, &headers, body.as_bytes())
}

/// Submits a job, and returns its id.
fn submit(address: SocketAddr, path: &str, body: &str) -> String {
    let answer = send(address, None, "POST", path, body);
    let job = with_status(&answer, 202)["job"].as_str().expect("an id").to_owned();
    assert_eq!(answer.header("location"), Some(&*format!("/jobs/{job}")));
    job
}

fn job(address: SocketAddr, id: &str) -> Value {
    with_status(&send(address, None, "GET", &format!("/jobs/{id}"), ""), 200)
}

/// Waits until a job is over, and returns it.
fn ended(address: SocketAddr, id: &str) -> Value {
    until(|| !["QUEUED", "RUNNING"].iter().any(|state| job(address, id)["state"] == *state));
    job(address, id)
}

fn head(world: &World) -> String {
    world.app.snapshot("main").expect("main").commit().id.to_string()
}

/// Puts a job into the queue of a thread that is not served, as a service that was killed at once leaves it.
fn left_behind(world: &World, kind: JobKind, parameters: &str, body: &str) -> String {
    let draft = world.app.jobs().draft(body.len() as u64).expect("a draft");
    std::fs::write(draft.body(), body).expect("a body");
    let content_type = if kind == JobKind::Import { "text/turtle" } else { "text/csv" };
    let order = JobOrder {
        parameters: parameters.to_owned(),
        content_type: content_type.to_owned(),
        packed: false,
        bytes: body.len() as u64,
    };
    world.app.jobs().submit(draft, kind, order, "someone".to_owned()).expect("a job").id
}

#[test]
fn a_job_is_done_and_followed() {
    let world = World::new();
    world.served(|address| {
        let id = submit(address, "/import?source=pump&job=true", PUMP);
        let events = send(address, None, "GET", &format!("/jobs/{id}/events"), "");
        assert_eq!(events.header("content-type"), Some("text/event-stream"));
        let data =
            events.body.lines().filter_map(|line| line.strip_prefix("data: ")).next_back().expect("an event");
        let last: Value = serde_json::from_str(data).expect("JSON");
        assert_eq!((&last["state"], &last["id"]), (&json!("DONE"), &json!(id)));
        assert_eq!(last["result"]["commit"], head(&world));
        assert_eq!(last["attemptCount"], 1);
        let list = with_status(&send(address, None, "GET", "/jobs?limit=1", ""), 200);
        assert_eq!(list["jobs"][0], last);
        assert!(!world.app.jobs().body(&id).exists());
        let query = "query($id: ID!) { job(id: $id) { state kind attempts: attemptCount commit { id } error { code } } jobs(first: 1) { totalCount nodes { id } } none: job(id: \"none\") { id } }";
        assert_eq!(
            world.data(query, json!({ "id": id })),
            json!({
                "job": { "state": "DONE", "kind": "IMPORT", "attempts": 1, "commit": { "id": head(&world) }, "error": null },
                "jobs": { "totalCount": 1, "nodes": [{ "id": id }] },
                "none": null,
            })
        );
        // One that fails has the error that the request would have had.
        let wrong = submit(address, "/import?source=pump&job&name=p.ttl", "<a> <b> .");
        let failed = ended(address, &wrong);
        assert_eq!(
            (&failed["state"], &failed["error"]["line"], &failed["error"]["file"]),
            (&json!("FAILED"), &json!(1), &json!("p.ttl"))
        );
        // What is wrong with the request itself is refused at once.
        assert_eq!(send(address, None, "POST", "/import?job=true", PUMP).status, 400);
        for (method, path, status) in [
            ("GET", "/jobs/none".to_owned(), 404),
            ("GET", "/jobs?limit=0".to_owned(), 400),
            ("GET", "/jobs/../tokens.json".to_owned(), 404),
            ("GET", "/jobs/%2e%2e/events".to_owned(), 404),
            ("POST", "/jobs/none/run".to_owned(), 404),
            ("POST", format!("/jobs/{id}/run"), 409),
            ("POST", format!("/jobs/{id}/cancel"), 409),
        ] {
            assert_eq!(send(address, None, method, &path, "").status, status, "{path}");
        }
        let folders = std::fs::read_dir(world.folder.path().join("jobs")).expect("jobs").count();
        assert_eq!(folders, 2, "what was refused left nothing behind");
    });
}

#[test]
fn a_large_body_becomes_a_job() {
    let world = World::new();
    let padded = format!("{PUMP}{}", "# a comment that takes some room\n".repeat(520_000));
    assert!(padded.len() > 16 << 20);
    world.served(|address| {
        let id = submit(address, "/import?source=pump", &padded);
        let done = ended(address, &id);
        assert_eq!(
            (&done["state"], &done["result"]["commit"]),
            (&json!("DONE"), &json!(head(&world))),
            "{done}"
        );
    });
}

#[test]
fn a_job_that_was_interrupted_is_run_again_and_does_nothing_twice() {
    let world = World::new();
    world.import("first", PUMP).expect("an import");
    let newer = PUMP.replace("Stay cool", "Stay cold");
    let import = left_behind(&world, JobKind::Import, "source=first&tag=CDR", &newer);
    let csv =
        "t,serial,temp\n2025-12-01T00:00:00Z,P-1,1\n2025-12-01T01:00:00Z,P-1,2\n2025-12-01T02:00:00Z,P-1,3\n";
    let ingest = left_behind(&world, JobKind::Ingest, "time=t&twin=serial", csv);
    // The service was killed after the commit, before the job recorded it, and after two readings.
    let file = SourceFile {
        name: "body".to_owned(),
        bytes: newer.as_bytes().to_vec(),
        reading: SourceFormat::Rdf(Format::Turtle),
    };
    let options = ImportOptions {
        source: "first".to_owned(),
        into: "main".to_owned(),
        idempotency_key: Some(format!("job-{import}").into()),
        ..ImportOptions::default()
    };
    let (statements, _) = world.app.read_sources(vec![file], &options).expect("read");
    let made = world.app.import(statements, options).expect("imported").commit.id.to_string();
    world.app.jobs().progress(&ingest, JobProgress { files: 0, readings: 2 });
    let world = world.reopened(|_| {});
    world.served(|address| {
        for id in [&import, &ingest] {
            assert_eq!(job(address, id)["state"], "INTERRUPTED");
            with_status(&send(address, None, "POST", &format!("/jobs/{id}/run"), ""), 202);
        }
        let done = ended(address, &import);
        assert_eq!((&done["state"], &done["result"]["commit"]), (&json!("DONE"), &json!(made)), "{done}");
        assert_eq!(head(&world), made, "there is no second commit");
        let tags = world.app.repository().tags().expect("tags");
        assert_eq!(
            tags.iter().map(|(name, tagged)| (name.as_str(), tagged.id.to_string())).collect::<Vec<_>>(),
            [("CDR", made.clone())]
        );
        let done = ended(address, &ingest);
        assert_eq!((&done["state"], &done["result"]["samples"]), (&json!("DONE"), &json!(1)), "{done}");
    });
}

#[test]
fn jobs_belong_to_who_asked_for_them() {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    let tokens = Tokens::of(world.folder.path());
    let token = |number: u8, name: &str, role| {
        let new =
            NewToken { name: name.to_owned(), email: None, role, twins: None, act_as: false, expires: None };
        tokens.create(&new, &[number; 38], clock().now()).expect("a token").1
    };
    let ada = token(1, "Ada", Role::Contributor);
    let bob = token(2, "Bob", Role::Contributor);
    let reader = token(3, "reader", Role::Reader);
    let gateway = token(4, "gateway", Role::TelemetryWriter);
    let operator = token(5, "officer", Role::Operator);
    world.served(|address| {
        let send = |token: &str, method: &str, path: &str, body: &str| {
            send(address, Some(token), method, path, body)
        };
        let refused = send(&reader, "POST", "/import?source=x&job", PUMP);
        assert_eq!(refused.status, 403);
        let id =
            with_status(&send(&ada, "POST", "/import?source=pump&job&name=p.ttl", "<a> <b> ."), 202)["job"]
                .as_str()
                .expect("an id")
                .to_owned();
        let path = format!("/jobs/{id}");
        until(|| send(&ada, "GET", &path, "").json()["state"] == "FAILED");
        let run = format!("{path}/run");
        assert_eq!(send(&reader, "GET", &path, "").status, 200);
        assert_eq!(send(&gateway, "GET", &path, "").status, 404, "it is none of its own");
        assert_eq!(send(&gateway, "GET", "/jobs", "").json()["jobs"], json!([]));
        assert_eq!(request(address, "GET", &path, &[], b"").status, 401);
        for outsider in [&bob, &reader, &gateway] {
            let status = send(outsider, "POST", &run, "").status;
            assert!(matches!(status, 403 | 404), "{status}");
        }
        assert_eq!(send(&ada, "GET", &path, "").json()["attemptCount"], 1);
        // Then it is theirs.
        for may in [&ada, &operator] {
            assert_eq!(send(may, "POST", &run, "").status, 202);
            until(|| send(&ada, "GET", &path, "").json()["state"] == "FAILED");
        }
        assert_eq!(send(&ada, "GET", &path, "").json()["attemptCount"], 3);
        // A telemetry-writer has its own.
        let csv = "t,serial,temp\n2025-12-01T00:00:00Z,P-1,1\n";
        let own = with_status(&send(&gateway, "POST", "/ingest?time=t&twin=serial&job", csv), 202)["job"]
            .as_str()
            .expect("an id")
            .to_owned();
        until(|| send(&gateway, "GET", &format!("/jobs/{own}"), "").json()["state"] == "DONE");
        // What a job commits is signed by who asked for it.
        let renamed = PUMP.replace("Stay cool", "Stay cold");
        let id = with_status(&send(&bob, "POST", "/import?source=pump&job", &renamed), 202)["job"]
            .as_str()
            .expect("an id")
            .to_owned();
        until(|| send(&bob, "GET", &format!("/jobs/{id}"), "").json()["state"] == "DONE");
        let commit = world.app.snapshot("main").expect("main").commit().clone();
        assert_eq!(commit.author.name, "Bob");
        let audit = send(&operator, "GET", "/audit?after=0", "").body;
        let entry = audit.lines().find(|line| line.contains(&commit.id.to_string())).expect("an entry");
        assert!(entry.contains("Bob") && entry.contains("pump into main"), "{entry}");
    });
}

#[test]
#[cfg(unix)]
fn a_service_that_is_killed_in_a_job_finishes_it_once_it_is_run_again() {
    use super::program::{Served, out, throughline};
    let folder = tempfile::tempdir().expect("a folder");
    out(&throughline(folder.path(), &["init", "plant", "--base", "https://test.example/"]));
    let serve = || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_throughline"));
        command.args(["serve", "--data", "plant", "--listen", "127.0.0.1:0"]).current_dir(folder.path());
        command.stderr(std::process::Stdio::null());
        Served::start(command)
    };
    let units: String = (0..4_000)
        .map(|n| format!("<unit/{n}> a tl:TwinInstance ; dcterms:identifier \"U-{n}\" ; tl:part <pump> ; tl:builtBy <lot/1> .\n"))
        .collect();
    let text = format!("{PUMP}{units}");
    let (service, address) = serve();
    let id = submit(address, "/import?source=pump&job", &text);
    until(|| job(address, &id)["state"] != "QUEUED");
    drop(service);
    let (_service, address) = serve();
    let state = job(address, &id)["state"].clone();
    if state == "INTERRUPTED" {
        with_status(&send(address, None, "POST", &format!("/jobs/{id}/run"), ""), 202);
    }
    let done = ended(address, &id);
    assert_eq!(done["state"], "DONE", "{done}");
    let get = |path: &str| request(address, "GET", path, &[], b"");
    let statements = get("/export?format=ntriples").body;
    assert_eq!(statements.matches("#type> <https://w3id.org/throughline#TwinInstance>").count(), 4_002);
    let log = get("/log?version=main").json();
    let imports = log["commits"].as_array().expect("commits").iter();
    assert_eq!(
        imports.filter(|entry| entry["commit"]["message"] == "Import pump").count(),
        2,
        "one of the source, and its merge: {log}"
    );
}
