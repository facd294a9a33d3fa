//! What can be asked of the field life of a Part, DesignRevision, Build or TwinInstance: the interface `Fielded`.

use crate::app::Scope;
use crate::graphql::engine::types::build::{ObjectBuilder, interface};
use crate::graphql::engine::types::{Definition, InputField, Type};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::foresight::{contrast, line, process, remaining, residual, trend};
use crate::graphql::schema::shared::batch;
use crate::graphql::schema::shared::node::{Node, RECORD};
use crate::graphql::schema::shared::window::window;
use crate::graphql::schema::usage::{
    Whole, circumstances, containment, duty, failure, lifetime, population, question,
};
use crate::graphql::schema::verdicts::margin;
use crate::ontology::terms::tl;
use crate::ontology::{Class, Ontology};
use crate::twins::{self, Question, Usage};
use oxigraph::model::NamedNode;
use std::sync::Arc;

const POPULATION: &str = "The units that carry it, where and when; without a window, of all time.";
const CONTAINMENT: &str = "Every asset that carries it, at any depth, in what was built out of it too: at an instant, or at any time of a window.";
const USAGE: &str = "How it behaved in the field: only the time in which a unit certainly carried it counts.";
const FAILURES: &str =
    "How often its units failed: failures against the hours in which they certainly were in service.";
const LIFETIME: &str =
    "How long its units live: the ages that they had when they failed, or were last watched.";
const DUTY: &str = "The cycles of a load that its units went through, and the damage that they did.";
const TREND: &str =
    "Where a statistic of each of its units in service is heading, and when it reaches a limit.";
const REMAINING: &str =
    "The life that is left to each of its units in service, by units that failed and looked like it.";
const RESIDUALS: &str = "A model of this design, or of another, computed of the live inputs of its units: observed less predicted.";
const LINE: &str =
    "What was measured on its units and lots: control charts and capability of each characteristic.";
const PROCESS: &str = "A statistic of its telemetry under control charts, bucket by bucket.";
const CONTRAST: &str =
    "Which characteristic differs between the units that failed and the others, as they were measured.";
const MARGINS: &str = "Each constraint on its design against its field usage.";

/// Returns the interface and the types of everything below it.
pub(crate) fn types(ontology: &Arc<Ontology>) -> Vec<Definition> {
    let field = |name: &str, comment: &str, ty: &str, arguments| {
        (name.to_owned(), comment.to_owned(), Type::parse(ty), arguments)
    };
    let mut fields = super::base_fields();
    fields.push(field("population", POPULATION, "Population", population::arguments()));
    fields.push(field("containment", CONTAINMENT, "Containment", containment::arguments()));
    fields.push(field("fieldUsage", USAGE, "FieldUsage", question::arguments()));
    fields.push(field("failureRate", FAILURES, "FailureRate", failure::arguments()));
    fields.push(field("lifetime", LIFETIME, "Lifetime", lifetime::arguments()));
    fields.push(field("duty", DUTY, "Duty", duty::arguments()));
    fields.push(field("trendToLimit", TREND, "TrendToLimit", trend::arguments()));
    fields.push(field("predictRemaining", REMAINING, "RemainingLives", remaining::arguments()));
    fields.push(field("residuals", RESIDUALS, "Residuals", residual::arguments()));
    fields.push(field("lineQuality", LINE, "CharacteristicQualityConnection", line::arguments()));
    fields.push(field("processControl", PROCESS, "ProcessControl", process::arguments()));
    fields.push(field("asBuiltContrast", CONTRAST, "AsBuiltContrast", contrast::arguments()));
    fields.push(field("margins", MARGINS, "[Margin!]", margin_arguments()));
    let comment =
        "What has a field life: its units are found by configuration, its behaviour by their telemetry.";
    let mut fielded = interface("Fielded", comment, fields);
    fielded.interfaces = vec!["Node".to_owned(), RECORD.to_owned()];
    let mut types = vec![Definition::Interface(fielded)];
    types.extend(question::types());
    types.extend(population::types(ontology));
    types.extend(circumstances::types());
    types.extend(containment::types(ontology));
    types.extend(failure::types(ontology));
    types.extend(lifetime::types(ontology));
    types.extend(duty::types());
    types.extend(trend::types());
    types.extend(remaining::types());
    types.extend(residual::types());
    types.extend(line::types());
    types.extend(process::types());
    types.extend(contrast::types());
    types.extend(crate::graphql::schema::shared::account::types(ontology));
    types.extend(crate::graphql::schema::usage::types(ontology));
    types.extend(margin::types(ontology));
    types.extend(crate::graphql::schema::shared::position::types());
    types.extend(crate::graphql::schema::usage::readings::types());
    types
}

fn margin_arguments() -> Vec<InputField> {
    vec![window(), margin::sufficiency_argument()]
}

/// Answers a question about the field usage of an item.
fn usage(node: &Node, call: &Call<'_>) -> Result<Arc<Usage>, Error> {
    let Scope { snapshot, view, .. } = &*node.scope;
    batch::resources(
        call,
        || question::read(node, call),
        |question, items| {
            let of = |item: &NamedNode| Question { item: item.clone(), ..question.clone() };
            let usages = twins::answer_some(items.iter().map(of), snapshot, view)?;
            Ok(usages.into_iter().map(Arc::new).collect())
        },
    )
}

fn is_fielded(class: &Class, ontology: &Ontology) -> bool {
    class.fielded
        || class
            .ancestors
            .iter()
            .filter_map(|above| ontology.class(above.as_ref()))
            .any(|above| above.fielded)
}

/// Adds the fields that a class has because its instances have a field life.
pub(crate) fn extend(
    mut builder: ObjectBuilder<Node>,
    class: &Class,
    ontology: &Arc<Ontology>,
) -> ObjectBuilder<Node> {
    if is_fielded(class, ontology) {
        builder = builder
            .implements("Fielded")
            .field_with("population", "Population", POPULATION, population::arguments(), population::resolve)
            .field_with(
                "containment",
                "Containment",
                CONTAINMENT,
                containment::arguments(),
                containment::resolve,
            )
            .field_with("fieldUsage", "FieldUsage", USAGE, question::arguments(), |node, call| {
                let usage = usage(node, call)?;
                Ok(Value::object(Whole::of(&node.scope, usage)))
            })
            .batched()
            .field_with("failureRate", "FailureRate", FAILURES, failure::arguments(), failure::resolve)
            .field_with("lifetime", "Lifetime", LIFETIME, lifetime::arguments(), lifetime::resolve)
            .field_with("duty", "Duty", DUTY, duty::arguments(), duty::resolve)
            .field_with("trendToLimit", "TrendToLimit", TREND, trend::arguments(), trend::resolve)
            .field_with(
                "predictRemaining",
                "RemainingLives",
                REMAINING,
                remaining::arguments(),
                remaining::resolve,
            )
            .field_with("residuals", "Residuals", RESIDUALS, residual::arguments(), residual::resolve)
            .field_with(
                "lineQuality",
                "CharacteristicQualityConnection",
                LINE,
                line::arguments(),
                line::resolve,
            )
            .field_with("processControl", "ProcessControl", PROCESS, process::arguments(), process::resolve)
            .field_with(
                "asBuiltContrast",
                "AsBuiltContrast",
                CONTRAST,
                contrast::arguments(),
                contrast::resolve,
            )
            .field_with("margins", "[Margin!]", MARGINS, margin_arguments(), margin::resolve)
            .batched();
    }
    if class.is_below(tl::TWIN_INSTANCE) {
        builder = population::extend_twin(builder);
        builder = crate::graphql::schema::usage::readings::extend_twin(builder);
    }
    if class.is_below(tl::FIELD_EVENT) {
        builder = circumstances::extend_event(builder);
    }
    builder
}
