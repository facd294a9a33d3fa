//! Throughline keeps requirements, designs, builds and field performance in one versioned knowledge graph, joins the live
//! telemetry of every twin instance onto it, and carries what the field shows back to the design records.
//!
//! # The program in four lines
//!
//! ```
//! # use std::sync::Arc;
//! # use throughline::{app::App, feedback, model::time::{clock::FixedClock, instant::Instant, interval::Interval}, telemetry::Precision, twins};
//! # let folder = tempfile::tempdir()?;
//! # let clock = Arc::new(FixedClock::new("2026-01-01T00:00:00Z".parse()?));
//! # let app = App::init(folder.path(), &[], "https://plant.example/", clock)?;
//! # let thread = include_bytes!("../tests/four_lines.ttl");
//! # let statements = throughline::exchange::rdf::read(thread, throughline::exchange::rdf::Format::Turtle, "https://plant.example/", "four_lines.ttl")?;
//! # app.commit("main", statements.into_iter().map(throughline::model::statement::change::Change::Add).collect())?;
//! # app.ingest_lines(b"pump,twin=P-1 temp=91 1704067200\npump,twin=P-1 temp=70 1704070800", Precision::Seconds)?;
//! # app.create_branch("review/bearing-c", "main")?;
//! # let (repository, telemetry) = (app.repository(), app.telemetry().now());
//! # let window = Interval::new("2024-01-01T00:00:00Z".parse()?, "2024-01-01T02:00:00Z".parse()?)?;
//! # let (design, property, requirement) = ("pump/A", "temperature", "REQ-12");
//! # let snapshot = repository.snapshot("main")?;
//! # let (design, property, requirement) = (&snapshot.expand(design)?, &snapshot.expand(property)?, &snapshot.expand(requirement)?);
//! let snapshot = repository.snapshot("main")?;                                    // one immutable version
//! let usage = twins::usage(&snapshot, &telemetry, design, property, window)?;     // the join
//! let evidence = feedback::assess(&snapshot, &usage, requirement)?;               // pure
//! app.commit("review/bearing-c", evidence.changes())?;                            // the only writer
//! # assert_eq!(usage.total.max(), Some(91.0));
//! # assert!(repository.snapshot("review/bearing-c")?.commit().id != snapshot.commit().id);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Layers, from the lowest
//!
//! A layer may name those below it, never one beside or above it; `tests/architecture.rs` holds that, and that each foreign
//! crate has one owner; and the order of the folders inside a layer, which `ARCHITECTURE.md` maps. Everything below [`graphql`] is synchronous.
//!
//! Architecture invariants, by what is deliberately absent: telemetry never enters the graph, and versions never enter
//! telemetry: they meet in [`twins`]. [`thread`], [`twins`] and [`feedback`] write nothing and read no clock. Nothing but
//! [`app`] owns a repository and a telemetry store together. Only [`graph`] knows Git.

// The domain's words as plain values: instants, intervals, statements, changes; what threads share.
pub mod model;

// Estimators as pure functions of numbers.
pub mod statistics;

// The vocabulary: classes, shapes, units, read from ontology/*.ttl; validation.
pub mod ontology;

// The three stores and translators, which do not know each other.
pub mod exchange;
pub mod graph;
pub mod telemetry;

// Questions: on one snapshot; joined with telemetry; held against requirements.
pub mod feedback;
pub mod thread;
pub mod twins;

// Each use case once, and the ways to reach them.
pub mod app;
pub mod cli;
pub mod graphql;
pub mod pages;
pub mod server;
