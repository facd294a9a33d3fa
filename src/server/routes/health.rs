//! `/health` and `/ping`, as clients of InfluxDB's APIs expect them.

use crate::server::Shared;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode};
use serde_json::{Value, json};

/// Reports that the service answers, and what it contains; it fails where nothing can be written until a restart.
pub(in crate::server) async fn health(State(shared): State<Shared>) -> (StatusCode, Json<Value>) {
    let head = tokio::task::spawn_blocking(move || {
        let commit = shared.app.snapshot("main")?.commit().id.to_string();
        let watermark = shared.app.view(None)?.watermark().to_string();
        let writable = shared.app.repository().is_writable() && shared.app.telemetry().is_writable();
        Ok::<_, crate::app::Error>((commit, watermark, writable))
    });
    let (status, body) = match head.await {
        Ok(Ok((_, _, false))) => {
            fail("an earlier write failed: restart the service, which checks what is there")
        }
        Ok(Ok((commit, watermark, true))) => (
            StatusCode::OK,
            json!({
                "name": "throughline",
                "status": "pass",
                "message": "ready for queries and writes",
                "checks": [],
                "version": env!("CARGO_PKG_VERSION"),
                "commit": commit,
                "watermark": watermark,
            }),
        ),
        // The error of a damaged index describes what to do.
        Ok(Err(crate::app::Error::Graph(crate::graph::Error::Index(error)))) => fail(&error.to_string()),
        failed => {
            tracing::error!(?failed, "the thread cannot be read");
            fail("the thread cannot be read")
        }
    };
    (status, Json(body))
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
    use crate::app::App;
    use crate::graphql::{Query, Service};
    use crate::model::time::clock::SystemClock;
    use std::sync::Arc;
    use tokio::sync::watch;

    #[tokio::test]
    async fn a_service_that_stopped_writing_says_so() {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(SystemClock::default());
        let app = Arc::new(App::init(folder.path(), &[], "https://example.org/", clock).expect("a thread"));
        let service = Arc::new(Service::new(Arc::clone(&app)).expect("a schema"));
        let shared = Shared::new(app, Arc::clone(&service), watch::channel(false).1);
        assert_eq!(health(State(shared.clone())).await.0, StatusCode::OK);
        let commit = || {
            let query = r#"mutation { commit(message: "A part", changes: [{ putPart: { id: "p", identifier: "P" } }]) { changed } }"#;
            let answer = service.run(&Query { query: Some(query.to_owned()), ..Query::default() });
            answer["errors"][0]["extensions"]["code"].clone()
        };
        crate::graph::fail_window("sync objects");
        assert_eq!(commit(), "UNAVAILABLE", "the write that failed");
        assert_eq!(commit(), "UNAVAILABLE", "nothing is written any more");
        let (status, Json(body)) = health(State(shared)).await;
        assert_eq!((status, &body["status"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("fail")));
        assert!(body["message"].as_str().is_some_and(|text| text.contains("restart the service")), "{body}");
    }
}
