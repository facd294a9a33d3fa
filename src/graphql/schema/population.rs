//! Who carries what, when: `population` of an item, `configuration` of a unit.

use super::node::{self, Node};
use super::page;
use crate::app::Scope;
use crate::graphql::engine::build::{ObjectBuilder, enumeration, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::ontology::Ontology;
use crate::twins::{self, Certainty, Membership, Population};
use oxigraph::model::NamedNode;
use std::sync::Arc;

struct PopulationValue {
    scope: Arc<Scope>,
    population: Population,
}

struct Member {
    scope: Arc<Scope>,
    member: Membership,
}

/// Resolves `population` of an item.
pub(crate) fn resolve(node: &Node, call: &Call<'_>) -> Result<Value, Error> {
    let window = call.arguments.window("window")?;
    let population = twins::population(&node.scope.snapshot, &node.iri, window)?;
    Ok(Value::object(PopulationValue { scope: Arc::clone(&node.scope), population }))
}

/// Adds `configuration` to a twin.
pub(crate) fn extend_twin(builder: ObjectBuilder<Node>) -> ObjectBuilder<Node> {
    builder.field_with(
        "configuration",
        "[Membership!]!",
        "What is installed in it, each component before what is inside it.",
        vec![InputField::new("at", "DateTime", "When; at the version's commit where absent.")],
        |node, call| {
            let members =
                twins::configuration(&node.scope.snapshot, &node.iri, call.arguments.instant("at")?)?;
            Ok(members_value(&node.scope, members.into_iter()))
        },
    )
}

fn members_value(scope: &Arc<Scope>, members: impl Iterator<Item = Membership>) -> Value {
    Value::objects(members.map(|member| Member { scope: Arc::clone(scope), member }))
}

pub(crate) fn types(ontology: &Arc<Ontology>) -> Vec<Definition> {
    vec![
        object::<PopulationValue>("Population", "The units that carry an item.")
            .field("unitCount", "Int!", "How many items certainly were in service.", |of, _| {
                Ok(of.population.unit_count().into())
            })
            .field_with(
                "members",
                "[Membership!]!",
                "Each stretch of service, in order of item and time.",
                vec![
                    InputField::new("first", "Int", "How many; all where absent."),
                    InputField::new("skip", "Int!", "How many to leave out first.").default(0),
                ],
                |of, call| {
                    let first = page::size(call.arguments, "first")?.unwrap_or(usize::MAX);
                    let skip = call.arguments.integer("skip")?.and_then(|skip| usize::try_from(skip).ok());
                    let members = of.population.members.iter().cloned();
                    Ok(members_value(&of.scope, members.skip(skip.unwrap_or(0)).take(first)))
                },
            )
            .field("totalCount", "Int!", "How many stretches there are.", |of, _| {
                Ok(of.population.members.len().into())
            })
            .done(),
        membership(ontology),
        enumeration(
            "Certainty",
            "Whether a stretch is known.",
            &[
                ("CERTAIN", "The version says so."),
                (
                    "UNKNOWN",
                    "It may have been so: a start, an end or a revision is not known. Its hours count for nobody.",
                ),
            ],
        ),
    ]
}

fn membership(ontology: &Arc<Ontology>) -> Definition {
    let shown = |pick: fn(&Membership) -> Option<NamedNode>| {
        let known = Arc::clone(ontology);
        move |of: &Member, _: &Call<'_>| match pick(&of.member) {
            Some(iri) => node::typed(&of.scope, iri, &known),
            None => Ok(Value::Null),
        }
    };
    object::<Member>("Membership", "One item in service in one place for one stretch of time.")
        .field(
            "item",
            "Node!",
            "What is in service: a twin, a lot whose single items are not tracked, or a software revision.",
            shown(|member| Some(member.item.clone())),
        )
        .field("unit", "Node!", "The unit it counts for.", shown(|member| Some(member.unit.clone())))
        .field(
            "asset",
            "Node!",
            "The top-most unit: the item itself where it sits in nothing.",
            shown(|member| Some(member.asset.clone())),
        )
        .field("path", "String!", "The positions from the asset down to the item.", |of, _| {
            Ok(of.member.path.clone().into())
        })
        .field("from", "DateTime", "The first instant; absent: open.", |of, _| {
            Ok(of.member.from.map(|from| from.to_string()).into())
        })
        .field("to", "DateTime", "The first instant after; absent: still so.", |of, _| {
            Ok(of.member.to.map(|to| to.to_string()).into())
        })
        .field("certainty", "Certainty!", "Whether it is known.", |of, _| {
            Ok(Value::Name(match of.member.certainty {
                Certainty::Certain => "CERTAIN",
                Certainty::Unknown => "UNKNOWN",
            }))
        })
        .field(
            "hours",
            "Float!",
            "The hours of it within the window; without one, up to the version's commit.",
            |of, _| Ok(of.member.hours.into()),
        )
        .field("revision", "DesignRevision", "The revision that the item had.", |of, _| {
            Ok(plain(of, &of.member.revision))
        })
        .field("lot", "Build", "The lot that the item comes from.", |of, _| Ok(plain(of, &of.member.lot)))
        .done()
}

fn plain(of: &Member, iri: &Option<NamedNode>) -> Value {
    iri.as_ref().map_or(Value::Null, |iri| Value::object(Node::new(&of.scope, iri.clone())))
}
