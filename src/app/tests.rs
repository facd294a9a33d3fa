//! What is committed between the reading of a head and the commit on it.

use super::application::App;
use super::error::Error;
use super::write::decide::DecisionRequest;
use super::write::evidence::EvidenceRequest;
use crate::exchange::rdf;
use crate::feedback::{self, ChangeDecision, ChangeDraft, Evidence, FilingOutcome, FindingDecision};
use crate::graph::{self, Author};
use crate::model::statement::Statement;
use crate::model::statement::change::Change;
use crate::model::time::clock::{Clock, FixedClock};
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::ontology::terms::{rdf as rdf_terms, tl};
use crate::telemetry::Precision;
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

const BASE: &str = "https://plant.example/";

type Deed = Box<dyn FnOnce(&App) + Send>;

/// A clock that does a deed when it is next read: the clock is read between a head and the commit on it.
struct Meddler {
    clock: FixedClock,
    app: OnceLock<Weak<App>>,
    deed: Mutex<Option<Deed>>,
}

impl fmt::Debug for Meddler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.clock.fmt(f)
    }
}

impl Clock for Meddler {
    fn now(&self) -> Instant {
        let deed = self.deed.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let (Some(deed), Some(app)) = (deed, self.app.get().and_then(Weak::upgrade)) {
            deed(&app);
        }
        self.clock.now()
    }

    fn new_id(&self) -> uuid::Uuid {
        self.clock.new_id()
    }
}

/// A pump whose unit P-1 once ran at 91 °C, where 85 °C is allowed.
struct Plant {
    app: Arc<App>,
    clock: Arc<Meddler>,
    _folder: tempfile::TempDir,
}

impl Plant {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = FixedClock::new("2026-01-01T00:00:00Z".parse().unwrap());
        let clock = Arc::new(Meddler { clock, app: OnceLock::new(), deed: Mutex::default() });
        let app = Arc::new(App::init(folder.path(), &[], BASE, Arc::clone(&clock) as _).unwrap());
        clock.app.set(Arc::downgrade(&app)).unwrap();
        let turtle = include_bytes!("../../tests/four_lines.ttl");
        let statements = rdf::read(turtle, rdf::Format::Turtle, BASE, "four_lines.ttl").unwrap();
        app.commit("main", statements.into_iter().map(Change::Add).collect()).unwrap();
        let plant = Self { app, clock, _folder: folder };
        plant.send(91, 0);
        plant
    }

    fn send(&self, temperature: u32, hour: i64) {
        let line = format!("pump,twin=P-1 temp={temperature} {}", 1_704_067_200 + 3600 * hour);
        self.app.ingest_lines(line.as_bytes(), Precision::Seconds).unwrap();
    }

    /// Records evidence, and returns the finding that it opens.
    fn opened(&self) -> NamedNode {
        let recorded = self.app.record_evidence(&self.app.scope("main", None).unwrap(), &request()).unwrap();
        match recorded.filings.as_slice() {
            [filing] if filing.outcome == FilingOutcome::Opened => filing.finding.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn meanwhile(&self, deed: impl FnOnce(&App) + Send + 'static) {
        *self.clock.deed.lock().unwrap() = Some(Box::new(deed));
    }
}

fn iri(name: &str) -> NamedNode {
    NamedNode::new(format!("{BASE}{name}")).unwrap()
}

fn request() -> EvidenceRequest {
    EvidenceRequest {
        branch: "main".to_owned(),
        item: iri("pump/A"),
        requirement: None,
        window: Interval::new(
            "2024-01-01T00:00:00Z".parse().unwrap(),
            "2024-01-02T00:00:00Z".parse().unwrap(),
        )
        .unwrap(),
        sufficiency: None,
        open_findings: true,
        message: None,
        author: Author::default(),
        idempotency_key: None,
    }
}

fn decision<D>(subject: &NamedNode, decision: D) -> DecisionRequest<D> {
    DecisionRequest {
        branch: "main".to_owned(),
        subject: subject.clone(),
        decision,
        reason: "seen".to_owned(),
        author: "Anna <anna@plant.example>".parse().unwrap(),
        idempotency_key: None,
        message: None,
        based_on: None,
    }
}

#[test]
fn a_decision_covers_no_evidence_that_came_after_it() {
    let plant = Plant::new();
    let app = &plant.app;
    let finding = plant.opened();
    // Something worse is found, and before it is recorded, what is known is dismissed.
    plant.send(99, 1);
    let (head, scope) = (app.repository().head("main").unwrap(), app.scope("main", None).unwrap());
    let margins = feedback::margins(&scope.snapshot, &scope.view, &iri("pump/A"), request().window).unwrap();
    let evidence = Evidence::of(&scope.snapshot, margins).unwrap();
    app.decide_finding(&decision(&finding, FindingDecision::Dismiss), &ChangeDraft::default()).unwrap();
    let late = app.record_on(&head, &request(), "Late".to_owned(), &evidence);
    assert!(matches!(late, Err(Error::Graph(graph::Error::Conflict(_)))), "{late:?}");
    assert_ne!(plant.opened(), finding);
}

#[test]
fn a_decision_is_made_on_what_is_there() {
    let plant = Plant::new();
    let app = &plant.app;
    let accept = decision(&plant.opened(), FindingDecision::Accept);
    let (_, request) = app.decide_finding(&accept, &ChangeDraft::default()).unwrap();
    let request = request.expect("a change request");
    app.decide_change(&decision(&request, ChangeDecision::Approve), &[]).unwrap();
    let add = |predicate: NamedNodeRef<'_>, object: Term| {
        Change::Add(Statement::new(iri("pump/B"), predicate.into_owned(), object))
    };
    let answers = Statement::new(iri("pump/B"), tl::ANSWERS.into_owned(), request.clone());
    let answer = vec![
        add(rdf_terms::TYPE, tl::DESIGN_REVISION.into_owned().into()),
        add(tl::REVISION_OF, iri("pump").into()),
        add(tl::REVISION, Literal::new_simple_literal("B").into()),
        Change::Add(answers.clone()),
    ];
    app.commit("main", answer).unwrap();
    plant.meanwhile(move |app| drop(app.commit("main", vec![Change::Remove(answers)]).unwrap()));
    let implemented = app.decide_change(&decision(&request, ChangeDecision::Implement), &[]);
    assert!(
        matches!(implemented, Err(Error::Feedback(feedback::Error::Transition { .. }))),
        "{implemented:?}"
    );
}

#[test]
fn a_decision_bears_an_instant_after_what_it_is_made_on() {
    let plant = Plant::new();
    let finding = plant.opened();
    plant.clock.clock.set("2025-12-31T23:59:59.5Z".parse().unwrap());
    let dismiss = decision(&finding, FindingDecision::Dismiss);
    let (committed, _) = plant.app.decide_finding(&dismiss, &ChangeDraft::default()).unwrap();
    let decided_at = plant.app.snapshot("main").unwrap().text(&finding, tl::DECIDED_AT).unwrap();
    assert_eq!(decided_at, Some(committed.commit.time.to_string()));
}
