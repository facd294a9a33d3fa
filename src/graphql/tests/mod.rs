//! The schema at work on a real repository and a real store in a temporary folder.

mod diff;
pub(super) mod executor;
pub(super) mod fleet;
mod http;
mod live;
mod merging;
#[path = "../../../tests/scenarios/payload_errors.rs"]
mod payload_errors;
mod reading;
mod retrying;
mod suspect;
mod writing;

use super::query::Query;
use super::queue::Caller;
use super::service::Service;
use super::turn::{Turn, Turns};
use crate::app::App;
use crate::model::time::clock::FixedClock;
use crate::model::time::instant::Instant;
use payload_errors::{asking_errors, with_payload_errors};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// How long a request may take in tests that are not about time: longer than a crowded machine needs.
const PATIENCE: Duration = Duration::from_secs(600);

/// A service on an empty thread.
struct Bench {
    service: Service,
    clock: Arc<FixedClock>,
    app: Arc<App>,
    _folder: TempDir,
}

/// Somebody who asks.
pub(super) fn caller() -> Caller {
    Caller::of(std::net::Ipv4Addr::LOCALHOST.into())
}

/// Takes a turn that nobody else wants.
async fn turn() -> Turn {
    Turns::default().take(caller(), Duration::from_secs(60)).await.expect("a free turn")
}

impl Bench {
    fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let start: Instant = "2026-01-01T00:00:00Z".parse().expect("an instant");
        let clock = Arc::new(FixedClock::new(start));
        let app =
            App::init(folder.path(), &[], "https://example.org/", Arc::clone(&clock) as _).expect("a thread");
        let app = Arc::new(app);
        let service = Service::new(Arc::clone(&app)).expect("a service").with_time_max(PATIENCE);
        Self { service, clock, app, _folder: folder }
    }

    /// A bench with two requirements, a part with two revisions, and five twins.
    fn furnished() -> Self {
        let bench = Self::new();
        bench.commit(&json!([
            { "putProperty": { "id": "property/temperature", "title": "Bearing temperature", "quantityKind": "Temperature" } },
            { "putRequirement": { "id": "req/REQ-1", "identifier": "REQ-1", "title": "Pump water", "status": "APPROVED" } },
            { "putRequirement": { "id": "req/REQ-12", "identifier": "REQ-12", "title": "Keep bearings cool", "status": "DRAFT",
                "derivedFrom": ["req/REQ-1"],
                "constraints": [{ "property": "property/temperature", "statistic": "P95", "comparator": "LE", "limit": 85, "unit": "DEG_C" }] } },
            { "putPart": { "id": "part/BRG", "identifier": "BRG", "title": "Bearing" } },
            { "putDesignRevision": { "id": "part/BRG/B", "revisionOf": "part/BRG", "revision": "B", "status": "DRAFT", "satisfies": ["req/REQ-12"] } },
            { "putDesignRevision": { "id": "part/BRG/C", "revisionOf": "part/BRG", "revision": "C", "status": "DRAFT",
                "supersedes": ["part/BRG/B"], "satisfies": ["req/REQ-12", "req/REQ-1"] } },
        ]));
        let twins: Vec<Json> = (1..=5)
            .map(|n| {
                json!({ "putTwinInstance": {
                "id": format!("twin/T-{n}"), "identifier": format!("T-{n}"), "part": "part/BRG",
                "site": if n % 2 == 0 { "north" } else { "south" }, "unitNumber": 10 - n,
                "commissionedAt": format!("2025-0{n}-01T00:00:00+02:00") } })
            })
            .collect();
        bench.commit(&Json::Array(twins));
        bench
    }

    fn ask(&self, query: &str) -> Json {
        self.ask_with(query, json!({}))
    }

    /// Asks; what the payload of a mutation refuses is beside the errors of the response.
    fn ask_with(&self, query: &str, variables: Json) -> Json {
        let asked = asking_errors(query);
        let query = asked.as_deref().unwrap_or(query).to_owned();
        let answer = self.service.run(&Query { query: Some(query), variables, ..Query::default() });
        if asked.is_some() { with_payload_errors(answer) } else { answer }
    }

    /// Asks and expects no errors; returns the data.
    fn data(&self, query: &str) -> Json {
        let answer = self.ask(query);
        assert_eq!(answer["errors"], Json::Null, "{query}");
        answer["data"].clone()
    }

    /// Asks and expects one error of this code; returns it.
    fn error(&self, query: &str, code: &str) -> Json {
        let answer = self.ask(query);
        let errors = answer["errors"].as_array().cloned().unwrap_or_default();
        assert_eq!(errors.len(), 1, "{query}: {answer}");
        assert_eq!(errors[0]["extensions"]["code"], code, "{query}: {answer}");
        errors[0].clone()
    }

    fn commit_answer(&self, changes: &Json) -> Json {
        self.tick();
        self.ask_with(
            "mutation ($changes: [Change!]!) { commit(input: { message: \"Change\", changes: $changes }) { commit { id } changed resources { iri } } }",
            json!({ "changes": changes }),
        )
    }

    /// Commits to main and returns the commit's id.
    fn commit(&self, changes: &Json) -> String {
        let answer = self.commit_answer(changes);
        assert_eq!(answer["errors"], Json::Null);
        answer["data"]["commit"]["commit"]["id"].as_str().expect("an id").to_owned()
    }

    fn tick(&self) {
        use crate::model::time::clock::Clock as _;
        self.clock.set(self.clock.now().plus_nanos(1_000_000_000));
    }
}

/// Replaces each page that was asked for its nodes alone by the list of these.
fn flat(value: &Json) -> Json {
    match value {
        Json::Object(fields) => match (fields.len(), fields.get("nodes")) {
            (1, Some(nodes)) => flat(nodes),
            _ => fields.iter().map(|(name, value)| (name.clone(), flat(value))).collect(),
        },
        Json::Array(items) => items.iter().map(flat).collect(),
        other => other.clone(),
    }
}
