//! Where something is: `containment` of an item, by outermost asset.

use super::population::{Member, certainty, membership_fields};
use crate::app::Scope;
use crate::graphql::engine::types::build::object;
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::connection::Page;
use crate::graphql::schema::shared::node::{self, Node};
use crate::graphql::schema::shared::page;
use crate::ontology::Ontology;
use crate::twins::{self, Carrier, Containment, When};
use oxigraph::model::NamedNode;
use std::sync::Arc;

struct ContainmentValue {
    scope: Arc<Scope>,
    containment: Containment,
}

#[derive(Clone)]
struct CarrierValue {
    scope: Arc<Scope>,
    carrier: Carrier,
}

struct CarriedValue {
    member: Member,
    inside: Vec<NamedNode>,
    through: Vec<NamedNode>,
}

pub(in crate::graphql::schema) fn arguments() -> Vec<InputField> {
    vec![
        InputField::new(
            "at",
            "DateTime",
            "When; at the version's commit where neither this nor a window is given.",
        ),
        crate::graphql::schema::shared::window::optional_window(),
    ]
}

/// Resolves `containment` of an item.
pub(in crate::graphql::schema) fn resolve(node: &Node, call: &Call<'_>) -> Result<Value, Error> {
    let snapshot = &node.scope.snapshot;
    let when = match (call.arguments.instant("at")?, call.arguments.window("window")?) {
        (Some(_), Some(_)) => return Err(Error::bad_input("give \"at\" or \"window\", not both")),
        (Some(at), None) => When::At(at),
        (None, Some(window)) => When::Within(window),
        (None, None) => When::At(snapshot.commit().time),
    };
    let containment = twins::containment(snapshot, &node.iri, when)?;
    Ok(Value::object(ContainmentValue { scope: Arc::clone(&node.scope), containment }))
}

pub(in crate::graphql::schema) fn types(ontology: &Arc<Ontology>) -> Vec<Definition> {
    let mut types = page::connection::<CarrierValue>("Carrier").to_vec();
    types.extend([containment(), carrier(ontology), carried(ontology)]);
    types
}

fn containment() -> Definition {
    object::<ContainmentValue>("Containment", "Every asset that carries an item.")
        .field("at", "DateTime", "The instant asked for; absent for a window.", |of, _| {
            Ok(match of.containment.when {
                When::At(at) => at.to_string().into(),
                When::Within(_) => Value::Null,
            })
        })
        .field("assetCount", "Int!", "How many assets there are, including possible ones.", |of, _| {
            Ok(of.containment.carriers.len().into())
        })
        .field_with("assets", "CarrierConnection!", "The assets, in IRI order.", page::arguments(), |of, call| {
            let wrap = |carrier: &Carrier| CarrierValue { scope: Arc::clone(&of.scope), carrier: carrier.clone() };
            page::listed(&of.containment.carriers, call.arguments, wrap)
        })
        .field("looseCount", "Int!", "How many units are loose.", |of, _| Ok(of.containment.loose.len().into()))
        .field_with(
            "loose",
            "TwinInstanceConnection!",
            "The units that are in service nowhere at the instant though not retired: in store, or where nobody wrote down; in IRI order. Of a window none are named.",
            page::arguments(),
            |of, call| Page::of(&of.scope, of.containment.loose.clone(), call),
        )
        .done()
}

fn carrier(ontology: &Arc<Ontology>) -> Definition {
    let known = Arc::clone(ontology);
    object::<CarrierValue>("Carrier", "An asset with all of an item that it carries.")
        .field("asset", "Record!", "The outermost unit.", move |of, _| {
            node::typed(&of.scope, of.carrier.asset.clone(), &known)
        })
        .field("site", "String", "Its site.", |of, _| Ok(of.carrier.site.clone().into()))
        .field("certainty", "Certainty!", "CERTAIN where at least one stretch is.", |of, _| {
            Ok(certainty(of.carrier.certainty))
        })
        .field("carried", "[Carried!]!", "What it carries, in the order of place and time.", |of, _| {
            Ok(Value::objects(of.carrier.carried.iter().cloned().map(|carried| CarriedValue {
                member: Member { scope: Arc::clone(&of.scope), member: carried.membership },
                inside: carried.inside,
                through: carried.through,
            })))
        })
        .done()
}

fn carried(ontology: &Arc<Ontology>) -> Definition {
    let nodes = |of: &CarriedValue, iris: &[NamedNode]| {
        Value::objects(iris.iter().map(|iri| Node::new(&of.member.scope, iri.clone())))
    };
    let builder = object::<CarriedValue>("Carried", "One stretch of service in a carrier.");
    membership_fields(builder, ontology, |of| &of.member)
        .field("inside", "[TwinInstance!]!", "The units that it sits in, from the asset down.", move |of, _| {
            Ok(nodes(of, &of.inside))
        })
        .field(
            "through",
            "[Build!]!",
            "The builds that lead from the item asked about to what is carried, each of which consumed the one before. A lot whose single items are tracked may have been taken out again: what is reached through it is UNKNOWN.",
            move |of, _| Ok(nodes(of, &of.through)),
        )
        .done()
}
