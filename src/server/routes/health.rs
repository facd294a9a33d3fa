//! `/health`, `/health/live`, `/health/ready` and `/ping`: for whatever starts, stops and watches the service, and as clients of InfluxDB's APIs
//! expect them.

use crate::app::access::Operation;
use crate::app::{App, Session};
use crate::server::Shared;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode};
use axum::{Extension, Json};
use serde_json::{Value, json};

/// Reports that the service answers, and what it contains; it fails where nothing can be written until a restart. What fails is named to
/// those who may read the metrics, and on a service that is open.
pub(in crate::server) async fn health(
    State(shared): State<Shared>,
    session: Option<Extension<Session>>,
) -> (StatusCode, Json<Value>) {
    let is_open = !shared.app.access().is_configured();
    let may_know = is_open
        || session.is_some_and(|Extension(session)| session.principal().role.may(Operation::ReadMetrics));
    let (status, body) = match looked(&shared).await {
        Ok((commit, watermark)) => {
            let losses = shared.app.telemetry().losses();
            let listed = if may_know { losses } else { &[] };
            let checks =
                listed.iter().map(|loss| json!({ "name": "telemetry", "status": "fail", "message": loss }));
            let mut body = json!({
                "name": "throughline",
                "status": status_of(&shared),
                "message": if losses.is_empty() { READY } else { LOSSES },
                "checks": checks.collect::<Vec<_>>(),
                "version": env!("CARGO_PKG_VERSION"),
            });
            if is_open {
                body["commit"] = commit.into();
                body["watermark"] = watermark.into();
            }
            (StatusCode::OK, body)
        }
        Err(Unhealthy(message)) if may_know => fail(&message),
        Err(Unhealthy(_)) => fail(FAILS),
    };
    (status, Json(body))
}

const READY: &str = "ready for queries and writes";
const LOSSES: &str = "ready for queries and writes, but stored samples are missing or damaged";

/// Returns `warn` where samples are missing or damaged: all else is answered, so requests are to be sent here nevertheless.
fn status_of(shared: &Shared) -> &'static str {
    if shared.app.telemetry().losses().is_empty() { "pass" } else { "warn" }
}

/// What strangers are answered where something is wrong: the reason may name folders.
const FAILS: &str = "the thread cannot be read or written; the reason is in the log of the service";

/// Reports that the process answers: where it does not, it is to be restarted.
pub(in crate::server) async fn live() -> Json<Value> {
    Json(json!({ "status": "pass" }))
}

/// Reports whether requests are to be sent here: not while nothing can be written, nor once the service is closing. The first
/// thread reports so of all threads of the service, as whatever asks sends requests to all of them.
pub(in crate::server) async fn ready(State(shared): State<Shared>) -> (StatusCode, Json<Value>) {
    let fails = (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "fail" })));
    if *shared.process.closed.borrow() {
        return fails;
    }
    let mut status = "pass";
    for thread in std::iter::once(&shared).chain(&shared.further) {
        if looked(thread).await.is_err() {
            return fails;
        }
        if status_of(thread) == "warn" {
            status = "warn";
        }
    }
    (StatusCode::OK, Json(json!({ "status": status })))
}

/// Returns the head of `main` and the watermark of a thread that can be read and written.
async fn looked(shared: &Shared) -> Result<(String, String), Unhealthy> {
    let app = std::sync::Arc::clone(&shared.app);
    let looked = tokio::task::spawn_blocking(move || {
        refuse_unwritable(&app)?;
        let commit =
            app.snapshot("main").map_err(|error| Unhealthy::unreadable(&error))?.commit().id.to_string();
        let watermark =
            app.view(None).map_err(|error| Unhealthy::unreadable(&error))?.watermark().to_string();
        Ok((commit, watermark))
    });
    let looked = looked.await.unwrap_or_else(|panic| {
        tracing::error!(%panic, "the thread cannot be read");
        Err(Unhealthy("the thread cannot be read".to_owned()))
    });
    if let Err(Unhealthy(reason)) = &looked {
        tracing::warn!(reason, "the service is not healthy");
    }
    looked
}

/// Why the service is not healthy, for its operator.
struct Unhealthy(String);

impl Unhealthy {
    fn unreadable(error: &crate::app::Error) -> Self {
        // A damaged index says what to do.
        if let crate::app::Error::Graph(crate::graph::Error::Index(error)) = error {
            return Self(error.to_string());
        }
        tracing::error!(%error, "the thread cannot be read");
        Self("the thread cannot be read".to_owned())
    }
}

/// Refuses where nothing can be written, and gives the reason: a folder that is not the one which was opened comes first, as all else is
/// read from it.
fn refuse_unwritable(app: &App) -> Result<(), Unhealthy> {
    app.repository().check_writable().map_err(|error| Unhealthy(error.to_string()))?;
    app.telemetry().refuse_moved().map_err(|error| Unhealthy(error.to_string()))?;
    match app.telemetry().is_writable() {
        true => Ok(()),
        false => {
            let reason =
                "an earlier write of samples failed: restart the service, which checks what is there";
            Err(Unhealthy(reason.to_owned()))
        }
    }
}

fn fail(message: &str) -> (StatusCode, Value) {
    let body = json!({ "name": "throughline", "status": "fail", "message": message, "checks": [] });
    (StatusCode::SERVICE_UNAVAILABLE, body)
}

/// Answers with 204 and the version headers that InfluxDB clients look for.
pub(in crate::server) async fn ping() -> (StatusCode, [(HeaderName, &'static str); 2]) {
    let headers = [
        (HeaderName::from_static("x-influxdb-build"), "throughline"),
        (HeaderName::from_static("x-influxdb-version"), env!("CARGO_PKG_VERSION")),
    ];
    (StatusCode::NO_CONTENT, headers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::{Query, Service};
    use crate::model::time::clock::SystemClock;
    use std::sync::Arc;

    #[tokio::test]
    async fn a_service_whose_folder_is_another_names_it_until_the_same_one_is_back() {
        let above = tempfile::tempdir().expect("a folder");
        let (folder, aside) = (above.path().join("plant"), above.path().join("aside"));
        let clock = Arc::new(SystemClock::default());
        let app = Arc::new(App::init(&folder, &[], "https://example.org/", clock).expect("a thread"));
        let service = Arc::new(Service::new(Arc::clone(&app)).expect("a schema"));
        let shared = Shared::alone(app, service);
        let moves = |from: &std::path::Path, to: &std::path::Path| std::fs::rename(from, to).expect("moved");
        for inside in ["", "thread.git", "telemetry", "lock"] {
            let path = if inside.is_empty() { folder.clone() } else { folder.join(inside) };
            let other = above.path().join("other");
            moves(&path, &aside);
            for replaced in [false, true] {
                match replaced {
                    true if inside == "lock" => std::fs::write(&path, "").expect("another file"),
                    true => std::fs::create_dir(&path).expect("another folder"),
                    false => {}
                }
                for _ in 0..2 {
                    let (status, Json(body)) = health(State(shared.clone()), None).await;
                    let message = body["message"].as_str().expect("a message");
                    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{inside} {replaced}");
                    assert!(message.contains(&*folder.to_string_lossy()), "{inside}: {message}");
                    assert!(!message.contains("earlier write"), "{inside}: {message}");
                }
            }
            moves(&path, &other);
            moves(&aside, &path);
            assert_eq!(health(State(shared.clone()), None).await.0, StatusCode::OK, "{inside} is back");
            if other.is_dir() { std::fs::remove_dir_all(&other) } else { std::fs::remove_file(&other) }
                .expect("removed");
        }
    }

    #[tokio::test]
    async fn a_part_that_is_missing_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = || Arc::new(SystemClock::default());
        let app = App::init(folder.path(), &[], "https://example.org/", clock()).expect("a thread");
        let view = |app: &App| app.view(None).expect("a view");
        app.telemetry()
            .write_lines(b"m,twin=a v=1 60", crate::telemetry::Precision::Seconds)
            .expect("a sample");
        app.telemetry().seal().expect("a part");
        let series = view(&app).all_series()[0].id;
        drop(app);
        let part = "part-00000000000000000001.tlp";
        std::fs::remove_file(folder.path().join("telemetry").join(part)).expect("a part");
        let app = Arc::new(App::open(folder.path(), clock()).expect("a thread"));
        let within = crate::model::time::interval::Interval::ALWAYS;
        let error = view(&app).samples(series, within, 10).expect_err("a sample that is lost");
        let error = crate::graphql::described(crate::app::Error::Telemetry(error)).1;
        let text = error["message"].as_str().expect("a message");
        assert_eq!((error["code"].as_str(), error["file"].as_str()), (Some("DAMAGED"), Some(part)));
        assert!(text.contains(part) && text.contains("throughline fsck"), "{text}");
        assert!(!text.contains(&*folder.path().to_string_lossy()), "{text}");
        let service = Arc::new(Service::new(Arc::clone(&app)).expect("a schema"));
        let shared = Shared::alone(app, service);
        let (status, Json(body)) = health(State(shared.clone()), None).await;
        assert_eq!((status, &body["status"]), (StatusCode::OK, &json!("warn")), "{body}");
        assert!(body["checks"][0]["message"].as_str().expect("a check").contains(part), "{body}");
        assert_eq!(ready(State(shared)).await.1["status"], "warn");
    }

    #[tokio::test]
    async fn a_service_that_stopped_writing_says_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(SystemClock::default());
        let app = Arc::new(App::init(folder.path(), &[], "https://example.org/", clock).expect("a thread"));
        let service = Arc::new(Service::new(Arc::clone(&app)).expect("a schema"));
        let shared = Shared::alone(app, Arc::clone(&service));
        assert_eq!(health(State(shared.clone()), None).await.0, StatusCode::OK);
        let commit = || {
            let query = r#"mutation { commit(input: { message: "A part", changes: [{ putPart: { id: "p", identifier: "P" } }] }) { changed } }"#;
            let answer = service.run(&Query { query: Some(query.to_owned()), ..Query::default() });
            answer["errors"][0]["extensions"]["code"].clone()
        };
        crate::graph::fail_window("sync objects");
        assert_eq!(commit(), "UNAVAILABLE", "the write that failed");
        assert_eq!(commit(), "UNAVAILABLE", "nothing is written any more");
        let (status, Json(body)) = health(State(shared), None).await;
        assert_eq!((status, &body["status"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("fail")));
        assert!(body["message"].as_str().is_some_and(|text| text.contains("restart the service")), "{body}");
    }
}
