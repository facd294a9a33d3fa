//! Who carries what, when: `population` of an item, `configuration` of a unit.

use super::question;
use crate::app::Scope;
use crate::graphql::engine::types::build::{ObjectBuilder, enumeration, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::node::{self, Node};
use crate::graphql::schema::shared::page;
use crate::ontology::Ontology;
use crate::twins::{self, Certainty, Membership, Population};
use oxigraph::model::NamedNode;
use std::sync::Arc;

struct PopulationValue {
    scope: Arc<Scope>,
    population: Population,
}

/// A membership at one version.
#[derive(Clone)]
pub(in crate::graphql::schema) struct Member {
    pub(in crate::graphql::schema) scope: Arc<Scope>,
    pub(super) member: Membership,
}

/// One item with its stretches of service.
#[derive(Clone)]
struct Item {
    scope: Arc<Scope>,
    places: usize,
    members: Vec<Membership>,
}

/// Returns the arguments of `population`.
pub(crate) fn arguments() -> Vec<InputField> {
    vec![
        crate::graphql::schema::shared::window::optional_window(),
        question::among_argument(),
        question::position_argument(),
    ]
}

/// Resolves `population` of an item.
pub(crate) fn resolve(node: &Node, call: &Call<'_>) -> Result<Value, Error> {
    let (snapshot, given) = (&node.scope.snapshot, call.arguments);
    let mut among = question::among(snapshot, given)?;
    among.position = given.text("position")?;
    let window = given.window("window")?;
    let population = twins::population_among(snapshot, &node.iri, window, &among)?;
    Ok(Value::object(PopulationValue { scope: Arc::clone(&node.scope), population }))
}

/// Adds `configuration` to a twin.
pub(crate) fn extend_twin(builder: ObjectBuilder<Node>) -> ObjectBuilder<Node> {
    builder.field_with(
        "configuration",
        "MembershipConnection",
        "What is installed in it, each component before what is inside it.",
        [
            vec![InputField::new("at", "DateTime", "When; at the version's commit where absent.")],
            page::arguments(),
        ]
        .concat(),
        |node, call| {
            let members =
                twins::configuration(&node.scope.snapshot, &node.iri, call.arguments.instant("at")?)?;
            members_page(&node.scope, &members, call)
        },
    )
}

/// Returns a page of memberships that were found at a version.
pub(super) fn members_page(
    scope: &Arc<Scope>,
    members: &[Membership],
    call: &Call<'_>,
) -> Result<Value, Error> {
    page::listed(members, call.arguments, |member| Member {
        scope: Arc::clone(scope),
        member: member.clone(),
    })
}

fn items(of: &PopulationValue, call: &Call<'_>) -> Result<Value, Error> {
    let places_min = call.arguments.integer("placesMin")?.unwrap_or(1);
    let items = of.population.by_item(usize::try_from(places_min).unwrap_or(0));
    page::listed(&items, call.arguments, |(places, members)| Item {
        scope: Arc::clone(&of.scope),
        places: *places,
        members: members.to_vec(),
    })
}

fn item(ontology: &Arc<Ontology>) -> Definition {
    let known = Arc::clone(ontology);
    object::<Item>("PopulationItem", "One item with all its stretches of service.")
        .field("item", "Record!", "The item.", move |of, _| {
            let Some(item) = of.members.first().map(|member| member.item.clone()) else {
                return Ok(Value::Null);
            };
            node::typed(&of.scope, item, &known)
        })
        .field("placeCount", "Int!", "In how many places it was, or may have been.", |of, _| {
            Ok(of.places.into())
        })
        .field_with(
            "members",
            "MembershipConnection!",
            "The stretches of the item, in order of time.",
            page::arguments(),
            |of, call| {
                page::listed(&of.members, call.arguments, |member| Member {
                    scope: Arc::clone(&of.scope),
                    member: member.clone(),
                })
            },
        )
        .done()
}

pub(crate) fn types(ontology: &Arc<Ontology>) -> Vec<Definition> {
    let mut types = page::connection::<Member>("Membership").to_vec();
    types.extend(page::connection::<Item>("PopulationItem"));
    types.extend([
        object::<PopulationValue>("Population", "The units that carry an item.")
            .field("unitCount", "Int!", "How many items certainly were in service.", |of, _| {
                Ok(of.population.unit_count().into())
            })
            .field_with(
                "members",
                "MembershipConnection!",
                "Each stretch of service, in order of item and time.",
                page::arguments(),
                |of, call| members_page(&of.scope, &of.population.members, call),
            )
            .field("totalCount", "Int!", "How many stretches there are.", |of, _| {
                Ok(of.population.members.len().into())
            })
            .field_with(
                "items",
                "PopulationItemConnection!",
                "Each item with all its stretches, those that may have been as well, in order of the items.",
                [
                    vec![
                        InputField::new(
                            "placesMin",
                            "Int!",
                            "Only items that were in at least so many places; a place is a path in an asset.",
                        )
                        .default(1),
                    ],
                    page::arguments(),
                ]
                .concat(),
                items,
            )
            .done(),
        item(ontology),
        membership(ontology),
        enumeration(
            "Certainty",
            "Whether a stretch is known.",
            &[
                ("CERTAIN", "The version states so."),
                (
                    "UNKNOWN",
                    "It may have been so: a start, an end or a revision is not known. Its hours count for nobody.",
                ),
            ],
        ),
    ]);
    types
}

fn membership(ontology: &Arc<Ontology>) -> Definition {
    let builder = object::<Member>("Membership", "One item in service in one place for one stretch of time.");
    membership_fields(builder, ontology, |of| of).done()
}

/// Adds the fields of a membership to a type that has one.
pub(super) fn membership_fields<T: 'static>(
    builder: ObjectBuilder<T>,
    ontology: &Arc<Ontology>,
    of: fn(&T) -> &Member,
) -> ObjectBuilder<T> {
    let shown = |pick: fn(&Membership) -> &NamedNode| {
        let known = Arc::clone(ontology);
        move |parent: &T, _: &Call<'_>| {
            let Member { scope, member } = of(parent);
            node::typed(scope, pick(member).clone(), &known)
        }
    };
    let linked = |pick: fn(&Membership) -> Option<&NamedNode>| {
        move |parent: &T, _: &Call<'_>| {
            let Member { scope, member } = of(parent);
            Ok(pick(member).map_or(Value::Null, |iri| Value::object(Node::new(scope, iri.clone()))))
        }
    };
    builder
        .field(
            "item",
            "Record!",
            "What is in service: a twin, a lot whose single items are not tracked, or a software revision.",
            shown(|member| &member.item),
        )
        .field("unit", "Record!", "The unit it counts for.", shown(|member| &member.unit))
        .field(
            "asset",
            "Record!",
            "The top-most unit: the item itself where it sits in nothing.",
            shown(|member| &member.asset),
        )
        .field("path", "String!", "The positions from the asset down to the item.", move |parent, _| {
            Ok(of(parent).member.path.clone().into())
        })
        .field("from", "DateTime", "The first instant; absent: open.", move |parent, _| {
            Ok(of(parent).member.from.map(|from| from.to_string()).into())
        })
        .field("to", "DateTime", "The first instant after; absent: still so.", move |parent, _| {
            Ok(of(parent).member.to.map(|to| to.to_string()).into())
        })
        .field("certainty", "Certainty!", "Whether it is known.", move |parent, _| {
            Ok(certainty(of(parent).member.certainty))
        })
        .field(
            "hours",
            "Float!",
            "The hours of it within the window or up to the instant asked for; without one, up to the version's commit.",
            move |parent, _| Ok(of(parent).member.hours.into()),
        )
        .field(
            "quantity",
            "Float!",
            "How many single items it is: those of a lot that is installed together, else 1. Hours times quantity are item-hours.",
            move |parent, _| Ok(of(parent).member.quantity.into()),
        )
        .field(
            "revision",
            "DesignRevision",
            "The revision that the item had.",
            linked(|member| member.revision.as_ref()),
        )
        .field("lot", "Build", "The lot that the item comes from.", linked(|member| member.lot.as_ref()))
}

pub(super) fn certainty(certainty: Certainty) -> Value {
    Value::Name(match certainty {
        Certainty::Certain => "CERTAIN",
        Certainty::Unknown => "UNKNOWN",
    })
}
