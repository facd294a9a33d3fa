//! Questions on one version: what hangs together, what a change may touch, how completely the thread is linked.

use crate::app::Scope;
use crate::graphql::engine::types::build::{ObjectBuilder, enumeration, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::connection::Page;
use crate::graphql::schema::shared::node::{self, property_name};
use crate::graphql::schema::shared::page;
use crate::ontology::Ontology;
use crate::thread::{self, Coverage, Direction, Need, RequirementCoverage, Step};
use async_graphql::{Name, Value as Input};
use std::sync::Arc;

/// The default depth of a trace.
const DEPTH_DEFAULT: i64 = 3;

const FROM: &str = "The resource: its id or IRI, or an identifier that it alone bears, such as a serial.";

#[derive(Clone)]
struct StepValue {
    scope: Arc<Scope>,
    steps: Arc<Vec<Step>>,
    at: usize,
}

impl StepValue {
    fn step(&self) -> &Step {
        &self.steps[self.at]
    }
}

struct RequirementCoverageValue {
    scope: Arc<Scope>,
    coverage: RequirementCoverage,
}

struct CoverageValue {
    scope: Arc<Scope>,
    coverage: Coverage,
}

/// Adds `trace`, `impact` and `coverage` to `Thread`.
pub(crate) fn extend_thread(builder: ObjectBuilder<Arc<Scope>>) -> ObjectBuilder<Arc<Scope>> {
    builder
        .field_with(
            "trace",
            "TraceStepConnection!",
            "The links that lead on from a resource, nearest first; each resource is reached once.",
            vec![
                InputField::new("from", "ID!", FROM),
                InputField::new("direction", "TraceDirection!", "Which way links are followed.")
                    .default(Input::Enum(Name::new("BOTH"))),
                InputField::new(
                    "depth",
                    "Int",
                    "How many links away, at most; 3 where absent, with UP all the way.",
                ),
            ]
            .into_iter()
            .chain(page::arguments())
            .collect(),
            trace,
        )
        .field_with(
            "impact",
            "TraceStepConnection!",
            "What may have to change when a resource does: all that links to it, directly or through others.",
            [vec![InputField::new("from", "ID!", FROM)], page::arguments()].concat(),
            |scope, call| {
                let from = existing(scope, call, "from")?;
                steps(scope, thread::impact(&scope.snapshot, &from)?, call)
            },
        )
        .field(
            "requirementCoverage",
            "[RequirementCoverage!]!",
            "Which requirements no design satisfies, nothing verifies, or no signal observes. Obsolete ones do not count.",
            |scope, _| {
                let found = thread::requirement_coverage(&scope.snapshot)?.into_iter();
                Ok(Value::List(found.map(|coverage| coverage_value(scope, coverage)).collect()))
            },
        )
        .field(
            "coverage",
            "[Coverage!]!",
            "For each class with instances and each of its links, both ways: who has none.",
            |scope, _| {
                let wrap = |coverage| CoverageValue { scope: Arc::clone(scope), coverage };
                Ok(Value::objects(thread::coverage(&scope.snapshot)?.into_iter().map(wrap)))
            },
        )
}

/// Wraps how requirements are covered at a version.
pub(crate) fn coverage_value(scope: &Arc<Scope>, coverage: RequirementCoverage) -> Value {
    Value::object(RequirementCoverageValue { scope: Arc::clone(scope), coverage })
}

/// Returns the resource that an argument names, which must exist.
fn existing(scope: &Scope, call: &Call<'_>, name: &str) -> Result<oxigraph::model::NamedNode, Error> {
    let iri = node::find_iri(&scope.snapshot, &call.arguments.needed_text(name)?)?;
    match scope.snapshot.exists(&iri)? {
        true => Ok(iri),
        false => Err(Error::not_found(format!("{iri} does not exist at this version"))),
    }
}

fn trace(scope: &Arc<Scope>, call: &Call<'_>) -> Result<Value, Error> {
    let from = existing(scope, call, "from")?;
    let direction = match call.arguments.text("direction")?.as_deref() {
        Some("FORWARD") => Direction::Forward,
        Some("BACKWARD") => Direction::Backward,
        Some("UP") => Direction::Up,
        _ => Direction::Both,
    };
    let far = if direction == Direction::Up { i64::MAX } else { DEPTH_DEFAULT };
    let depth = call.arguments.integer("depth")?.unwrap_or(far);
    let depth = usize::try_from(depth).map_err(|_| Error::bad_input("\"depth\" must not be negative"))?;
    steps(scope, thread::trace(&scope.snapshot, &from, direction, depth)?, call)
}

fn steps(scope: &Arc<Scope>, steps: Vec<Step>, call: &Call<'_>) -> Result<Value, Error> {
    let steps = Arc::new(steps);
    let places: Vec<usize> = (0..steps.len()).collect();
    let wrap = |at: &usize| StepValue { scope: Arc::clone(scope), steps: Arc::clone(&steps), at: *at };
    page::listed(&places, call.arguments, wrap)
}

pub(crate) fn types(ontology: &Arc<Ontology>) -> Vec<Definition> {
    let mut types = page::connection::<StepValue>("TraceStep").to_vec();
    types.extend([
        enumeration(
            "TraceDirection",
            "Which way links are followed.",
            &[
                ("FORWARD", "From a resource to what it links to."),
                ("BACKWARD", "From a resource to what links to it."),
                ("BOTH", "Both ways."),
                (
                    "UP",
                    "From what was observed in the field to what was required: to unit, lot, revision, requirement, test and owner.",
                ),
            ],
        ),
        step(ontology),
        coverage(),
        enumeration(
            "RequirementNeed",
            "What a requirement needs to be covered.",
            &[
                ("DESIGN", "A design revision that satisfies it."),
                ("VERIFICATION", "A test case, test result or simulation that verifies it."),
                (
                    "OBSERVATION",
                    "For each of its constraints, a signal that observes the constraint's property.",
                ),
            ],
        ),
        requirement_coverage(),
    ]);
    types
}

fn step(ontology: &Arc<Ontology>) -> Definition {
    let known = Arc::clone(ontology);
    let short = |of: &StepValue, term: &oxigraph::model::Term| match node::target(term) {
        Some(iri) => of.scope.snapshot.shorten(iri),
        None => crate::graphql::error::plain(term),
    };
    object::<StepValue>("TraceStep", "One link that was followed.")
        .field("depth", "Int!", "How many links it is away from the beginning.", |of, _| {
            Ok(of.step().depth.into())
        })
        .field("resource", "Record!", "The resource that was reached.", move |of, _| {
            node::typed(&of.scope, of.step().reached.clone(), &known)
        })
        .field("from", "ID!", "The subject of the link.", |of, _| {
            Ok(of.scope.snapshot.shorten(&of.step().link.subject).into())
        })
        .field("property", "String!", "The field that holds it.", |of, _| {
            Ok(property_name(of.scope.snapshot.ontology(), of.step().link.predicate.as_ref()).into())
        })
        .field("to", "ID!", "The target of the link.", move |of, _| {
            Ok(short(of, &of.step().link.object).into())
        })
        .field("since", "Commit!", "The commit that made the link.", |of, _| {
            let origin = of.scope.snapshot.origin(&of.step().link)?;
            origin.map(Value::object).ok_or_else(|| Error::broken("a link without the commit that made it"))
        })
        .field("suspect", "Boolean!", crate::graphql::schema::records::link::SUSPECT, |of, call| {
            let suspects = call.request.suspects(&of.scope.snapshot);
            Ok(suspects.of(&of.step().link)?.is_some().into())
        })
        .field("path", "[TraceStep!]!", "The steps from the beginning to here, this one last.", |of, _| {
            let wrap = |at| StepValue { scope: Arc::clone(&of.scope), steps: Arc::clone(&of.steps), at };
            Ok(Value::objects(thread::path(&of.steps, of.at).into_iter().map(wrap)))
        })
        .field("backward", "Boolean!", "Whether it was followed from its target to its subject.", |of, _| {
            Ok(of.step().backward.into())
        })
        .done()
}

fn coverage() -> Definition {
    object::<CoverageValue>("Coverage", "How many instances of a class have at least one link of a field.")
        .field("class", "String!", "The class.", |of, _| Ok(of.coverage.class.clone().into()))
        .field("field", "String!", "The field of the link, or of the way back.", |of, _| {
            Ok(of.coverage.field.clone().into())
        })
        .field("instanceCount", "Int!", "How many instances there are.", |of, _| Ok(of.coverage.total.into()))
        .field("withoutCount", "Int!", "How many have none.", |of, _| Ok(of.coverage.without.len().into()))
        .field_with(
            "without",
            "RecordConnection!",
            "The instances that have none, in IRI order.",
            page::arguments(),
            |of, call| Page::of(&of.scope, of.coverage.without.clone(), call),
        )
        .done()
}

fn requirement_coverage() -> Definition {
    object::<RequirementCoverageValue>(
        "RequirementCoverage",
        "How many requirements have one of the things that they need.",
    )
    .field("need", "RequirementNeed!", "What the requirements need.", |of, _| {
        Ok(Value::Name(match of.coverage.need {
            Need::Design => "DESIGN",
            Need::Verification => "VERIFICATION",
            Need::Observation => "OBSERVATION",
        }))
    })
    .field("requirementCount", "Int!", "How many requirements need it.", |of, _| Ok(of.coverage.total.into()))
    .field("withoutCount", "Int!", "How many lack it.", |of, _| Ok(of.coverage.without.len().into()))
    .field_with(
        "without",
        "RequirementConnection!",
        "The requirements that lack it, in IRI order.",
        page::arguments(),
        |of, call| Page::of(&of.scope, of.coverage.without.clone(), call),
    )
    .done()
}
