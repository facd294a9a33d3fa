//! Units and quantity kinds.

use crate::graph::Snapshot;
use crate::graphql::engine::Value;
use crate::graphql::engine::types::Definition;
use crate::graphql::engine::types::build::object;
use crate::graphql::error::Error;
use crate::ontology::Unit;
use crate::ontology::units::QuantityKind;
use oxigraph::model::{NamedNode, NamedNodeRef};

use super::node;

/// A unit that a statement names, known to the ontology or not.
pub(crate) struct UnitValue {
    pub(crate) iri: NamedNode,
    pub(crate) unit: Option<Unit>,
}

/// A quantity kind that a statement names, known to the ontology or not.
pub(crate) struct KindValue {
    iri: NamedNode,
    kind: Option<QuantityKind>,
}

impl UnitValue {
    pub(crate) fn read(snapshot: &Snapshot, iri: &NamedNode) -> Self {
        Self { iri: iri.clone(), unit: snapshot.ontology().units().get(iri.as_ref()).cloned() }
    }
}

impl KindValue {
    pub(crate) fn read(snapshot: &Snapshot, iri: &NamedNode) -> Self {
        Self { iri: iri.clone(), kind: snapshot.ontology().units().quantity_kind(iri.as_ref()).cloned() }
    }
}

pub(crate) fn types() -> Vec<Definition> {
    vec![
        object::<UnitValue>("Unit", "A unit of measure.")
            .field("iri", "ID!", "Its IRI.", |unit, _| Ok(unit.iri.as_str().into()))
            .field("name", "String!", "The last part of its IRI, such as DEG_C.", |unit, _| {
                Ok(unit.unit.as_ref().map_or_else(|| local(&unit.iri), |unit| unit.name.clone()).into())
            })
            .field("symbol", "String!", "How it is printed, such as °C.", |unit, _| {
                Ok(unit.unit.as_ref().map_or_else(|| local(&unit.iri), |unit| unit.symbol.clone()).into())
            })
            .field("label", "String", "Its name for a person.", |unit, _| {
                Ok(unit.unit.as_ref().map(|unit| unit.label.clone()).into())
            })
            .field("ucum", "String", "Its code in the Unified Code for Units of Measure.", |unit, _| {
                Ok(unit.unit.as_ref().and_then(|unit| unit.ucum.clone()).into())
            })
            .done(),
        object::<KindValue>("QuantityKind", "A kind of quantity.")
            .field("iri", "ID!", "Its IRI.", |kind, _| Ok(kind.iri.as_str().into()))
            .field("name", "String!", "The last part of its IRI, such as Temperature.", |kind, _| {
                Ok(kind.kind.as_ref().map_or_else(|| local(&kind.iri), |kind| kind.name.clone()).into())
            })
            .field("label", "String", "Its name for a person.", |kind, _| {
                Ok(kind.kind.as_ref().map(|kind| kind.label.clone()).into())
            })
            .field(
                "circular",
                "Boolean",
                "Whether its values wrap around, so that mean and percentile have no meaning.",
                |kind, _| Ok(kind.kind.as_ref().map_or(Value::Null, |kind| kind.circular.into())),
            )
            .done(),
    ]
}

fn local(iri: &NamedNode) -> String {
    iri.as_str().rsplit(['#', '/']).next().unwrap_or_default().to_owned()
}

/// Finds the unit that an argument names: an IRI, `DEG_C`, `°C`, or its UCUM code.
pub(crate) fn read_unit(snapshot: &Snapshot, text: &str) -> Result<NamedNode, Error> {
    let units = snapshot.ontology().units();
    units.find(text).map(|unit| unit.iri.clone()).ok_or_else(|| {
        Error::not_found(match units.is_shared(text) {
            true => {
                format!("\"{text}\" is a name of several units; write {}", units.alike(text).join(" or "))
            }
            false => format!("the ontology knows no unit called \"{text}\"{}", units.hint(text)),
        })
    })
}

/// Finds the quantity kind that an argument names: an IRI or the last part of one.
pub(crate) fn read_quantity_kind(snapshot: &Snapshot, text: &str) -> Result<NamedNode, Error> {
    let units = snapshot.ontology().units();
    let iri = node::read_iri(snapshot, text)?;
    let named = units.quantity_kind(NamedNodeRef::from(&iri));
    let named = named.or_else(|| units.quantity_kinds().iter().find(|kind| kind.name == text));
    named
        .map(|kind| kind.iri.clone())
        .ok_or_else(|| Error::not_found(format!("the ontology knows no quantity kind called \"{text}\"")))
}
