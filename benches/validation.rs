//! What validation costs a statement, on an import of installations and measurements:
//! `cargo bench --bench validation [RESOURCES]`. The bar is 8 µs a statement in a release build.

#![allow(clippy::print_stdout)] // A benchmark reports on standard output.

use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};
use std::time::Instant;
use throughline::model::statement::Statement;
use throughline::ontology::Ontology;
use throughline::ontology::data::Statements;
use throughline::ontology::terms::{dcterms, rdf, tl, unit, xsd};

fn iri(kind: &str, number: usize) -> NamedNode {
    NamedNode::new_unchecked(format!("https://example.org/thread/{kind}/{number}"))
}

struct Made {
    statements: Vec<Statement>,
    subjects: Vec<NamedNode>,
}

impl Made {
    fn add(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, object: impl Into<Term>) {
        self.statements.push(Statement::new(subject.clone(), predicate, object));
    }

    fn instant(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, year: usize, minutes: usize) {
        let (day, hour, minute) = (1 + minutes / 1440 % 28, minutes / 60 % 24, minutes % 60);
        let text = format!("{year}-05-{day:02}T{hour:02}:{minute:02}:00Z");
        self.add(subject, predicate, Literal::new_typed_literal(text, xsd::DATE_TIME));
    }
}

/// A fleet of pumps, each with measurements and swaps: six statements a resource.
fn make(resources: usize, level: &str) -> Made {
    let mut made = Made { statements: Vec::new(), subjects: Vec::new() };
    let part = iri("part", 0);
    made.add(&part, rdf::TYPE, tl::PART_CLASS);
    made.add(&part, dcterms::IDENTIFIER, Literal::from("P-1"));
    made.subjects.push(part.clone());
    let twins = resources / 3;
    for number in 0..twins {
        let twin = iri("twin", number);
        made.add(&twin, rdf::TYPE, tl::TWIN_INSTANCE);
        made.add(&twin, dcterms::IDENTIFIER, Literal::from(format!("S-{number:07}")));
        made.add(&twin, tl::PART, part.clone());
        made.add(&twin, tl::LEVEL, Literal::from(level));
        made.add(&twin, tl::SITE, Literal::from("Ulm"));
        made.instant(&twin, tl::COMMISSIONED_AT, 2024, number);
        made.subjects.push(twin);
    }
    for number in 0..twins {
        let measurement = iri("measurement", number);
        made.add(&measurement, rdf::TYPE, tl::MEASUREMENT);
        made.add(&measurement, tl::OF, iri("twin", number));
        made.add(&measurement, tl::CHARACTERISTIC, Literal::from("runout"));
        made.add(&measurement, tl::MEASURED, Literal::new_typed_literal(format!("0.{number}"), xsd::DECIMAL));
        made.add(&measurement, tl::UNIT, unit::PERCENT);
        made.instant(&measurement, tl::AT, 2024, number);
        made.subjects.push(measurement);
    }
    for number in 1..twins {
        let installation = iri("installation", number);
        made.add(&installation, rdf::TYPE, tl::INSTALLATION);
        made.add(&installation, tl::COMPONENT, iri("twin", number));
        made.add(&installation, tl::PARENT, iri("twin", (number - 1) / 10));
        made.add(&installation, tl::POSITION, Literal::from(format!("slot/{}", number % 10)));
        made.instant(&installation, tl::FROM, 2024, number);
        made.instant(&installation, tl::TO, 2025, number);
        made.subjects.push(installation);
    }
    made
}

fn main() {
    let resources = std::env::args().find_map(|arg| arg.parse().ok()).unwrap_or(170_000);
    let ontology = Ontology::shipped().expect("the shipped ontology");
    measure(&ontology, "right", make(resources, "COMPONENT"));
    // Every twin, a third of the resources, has a level that no twin can have.
    measure(&ontology, "a third wrong", make(resources / 10, "HEAP"));
}

fn measure(ontology: &Ontology, what: &str, made: Made) {
    let count = made.statements.len();
    let data: Statements = made.statements.into_iter().collect();
    let start = Instant::now();
    let violations = ontology.validate(None::<&Statements>, &data, &made.subjects).expect("a validation");
    let elapsed = start.elapsed();
    #[allow(clippy::cast_precision_loss)]
    let micros = elapsed.as_secs_f64() * 1e6 / count as f64;
    println!(
        "{what}: {count} statements of {} resources in {elapsed:.2?}, {micros:.2} µs a statement (bar 8), {} violations",
        made.subjects.len(),
        violations.len()
    );
}
