//! The join on a real repository and a real telemetry store.

mod accounts;
mod bindings;
mod containment;
mod duty;
mod failures;
mod intervals;
mod lives;
mod plain;
mod readings;

use super::*;
use crate::exchange::rdf;
use crate::graph::{CommitRequest, Repository, Snapshot};
use crate::model::statement::Statement;
use crate::model::statement::change::Change;
use crate::model::time::clock::FixedClock;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::model::time::period::Zone;
use crate::telemetry::{Precision, Store, View};
use oxigraph::model::NamedNode;
use std::fmt::Write as _;
use std::sync::Arc;

pub(crate) const BASE: &str = "https://example.org/";

const PREFIXES: &str = "@prefix tl: <https://w3id.org/throughline#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix unit: <http://qudt.org/vocab/unit/> .
@prefix quantitykind: <http://qudt.org/vocab/quantitykind/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@base <https://example.org/> .
";

/// A thread and a telemetry store in a folder of their own.
pub(crate) struct World {
    _folder: tempfile::TempDir,
    pub(crate) repository: Repository,
    pub(crate) store: Store,
}

impl World {
    /// Commits a story in Turtle. In it `@2024-05-01` denotes that day's first instant.
    pub(crate) fn new(story: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(FixedClock::new(at("2025-01-01")));
        let repository =
            Repository::init(&folder.path().join("thread"), &[], BASE, clock.clone()).expect("a thread");
        let store = Store::open(&folder.path().join("telemetry"), clock).expect("a store");
        let world = Self { _folder: folder, repository, store };
        world.commit(story);
        world
    }

    /// Commits more of the story to `main`.
    pub(crate) fn commit(&self, story: &str) {
        let request = CommitRequest {
            branch: "main".to_owned(),
            message: "Add to the story".to_owned(),
            changes: statements(story).into_iter().map(Change::Add).collect(),
            ..CommitRequest::default()
        };
        self.repository.commit(&request).expect("the story is valid");
    }

    /// Returns why more of the story is refused.
    pub(crate) fn refusal(&self, story: &str) -> String {
        let request = CommitRequest {
            branch: "main".to_owned(),
            message: "Add to the story".to_owned(),
            changes: statements(story).into_iter().map(Change::Add).collect(),
            ..CommitRequest::default()
        };
        let error = self.repository.commit(&request).expect_err("the story is not valid");
        format!("{error} {error:?}")
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        self.repository.snapshot("main").expect("main")
    }

    pub(crate) fn view(&self) -> View {
        self.store.now()
    }

    /// Sends one value each ten minutes of `[from, to)`.
    pub(crate) fn send(&self, key: &str, from: &str, to: &str, value: f64) {
        self.send_each(key, from, to, |_| value);
    }

    /// Sends a value each ten minutes of `[from, to)`, computed from the number of the sample.
    pub(crate) fn send_each(&self, key: &str, from: &str, to: &str, value: impl Fn(i64) -> f64) {
        let (head, field) = key.rsplit_once(' ').expect("measurement,tags field");
        let (from, to) = (at(from).seconds(), at(to).seconds());
        let mut body = String::new();
        for (index, second) in (from..to).step_by(600).enumerate() {
            writeln!(body, "{head} {field}={} {second}", value(index as i64)).expect("a text");
        }
        let written = self.store.write_lines(body.as_bytes(), Precision::Seconds).expect("durable");
        assert!(written.rejected.is_empty(), "{:?}", written.rejected);
    }
}

fn statements(story: &str) -> Vec<Statement> {
    let instant = |day: &str| format!("\"{day}T00:00:00Z\"^^xsd:dateTime");
    let mut turtle = PREFIXES.to_owned();
    for (index, part) in story.split(" @").enumerate() {
        match index {
            0 => turtle.push_str(part),
            _ => write!(turtle, " {}{}", instant(&part[..10]), &part[10..]).expect("a text"),
        }
    }
    rdf::read(turtle.as_bytes(), rdf::Format::Turtle, BASE, "story").expect("a story in Turtle")
}

pub(crate) fn at(day: &str) -> Instant {
    let text = if day.contains('T') { day.to_owned() } else { format!("{day}T00:00:00Z") };
    text.parse().expect("an instant")
}

pub(crate) fn span(from: &str, to: &str) -> Interval {
    Interval::new(at(from), at(to)).expect("a span")
}

pub(crate) fn iri(short: &str) -> NamedNode {
    NamedNode::new(format!("{BASE}{short}")).expect("an IRI")
}

/// A pump of one revision with two sites, a bearing of two revisions, and what is observed.
pub(crate) const PUMP: &str = "
<heat> a tl:Property ; dcterms:title \"Bearing temperature\" ; tl:quantityKind quantitykind:Temperature .
<flow> a tl:Property ; dcterms:title \"Flow\" ; tl:quantityKind quantitykind:VolumeFlowRate .
<pump> a tl:Part ; dcterms:identifier \"PUMP\" .
<pump/A> a tl:DesignRevision ; tl:revisionOf <pump> ; tl:revision \"A\" ;
    tl:usage <pump/A#bearing> ; tl:signal <pump/A#heat> , <pump/A#flow> .
<pump/A#bearing> a tl:PartUsage ; tl:child <bearing> ; tl:position \"bearing\" .
<pump/A#heat> a tl:Signal ; tl:name \"t\" ; tl:property <heat> ; tl:unit unit:DEG_C ; tl:position \"bearing\" ;
    tl:expectedPeriod \"PT10M\"^^xsd:duration .
<pump/A#flow> a tl:Signal ; tl:name \"q\" ; tl:property <flow> ; tl:unit unit:M3-PER-HR ;
    tl:expectedPeriod \"PT10M\"^^xsd:duration .
<bearing> a tl:Part ; dcterms:identifier \"BEARING\" .
<bearing/B> a tl:DesignRevision ; tl:revisionOf <bearing> ; tl:revision \"B\" .
<bearing/C> a tl:DesignRevision ; tl:revisionOf <bearing> ; tl:revision \"C\" .
<order> a tl:Build ; dcterms:identifier \"O-1\" ; tl:realizes <pump/A> .
<lot/b> a tl:Build ; dcterms:identifier \"LB\" ; tl:realizes <bearing/B> .
<lot/c> a tl:Build ; dcterms:identifier \"LC\" ; tl:realizes <bearing/C> .
<p1> a tl:TwinInstance ; dcterms:identifier \"P1\" ; tl:part <pump> ; tl:builtBy <order> ; tl:level \"ASSET\" ;
    tl:commissionedAt @2024-01-01 ; tl:site \"north\" .
<p2> a tl:TwinInstance ; dcterms:identifier \"P2\" ; tl:part <pump> ; tl:builtBy <order> ; tl:level \"ASSET\" ;
    tl:commissionedAt @2024-01-01 ; tl:site \"south\" .
";

/// Two bearings of revision B, replaced by one of C in pump 1 on the second of February.
pub(crate) const BEARINGS: &str = "
<b1> a tl:TwinInstance ; dcterms:identifier \"B1\" ; tl:part <bearing> ; tl:builtBy <lot/b> ; tl:level \"COMPONENT\" .
<b2> a tl:TwinInstance ; dcterms:identifier \"B2\" ; tl:part <bearing> ; tl:builtBy <lot/b> ; tl:level \"COMPONENT\" .
<c1> a tl:TwinInstance ; dcterms:identifier \"C1\" ; tl:part <bearing> ; tl:builtBy <lot/c> ; tl:level \"COMPONENT\" .
<i1> a tl:Installation ; tl:component <b1> ; tl:parent <p1> ; tl:position \"bearing\" ;
    tl:from @2024-01-01 ; tl:to @2024-02-02 .
<i2> a tl:Installation ; tl:component <c1> ; tl:parent <p1> ; tl:position \"bearing\" ; tl:from @2024-02-02 .
<i3> a tl:Installation ; tl:component <b2> ; tl:parent <p2> ; tl:position \"bearing\" ; tl:from @2024-01-01 .
";
