//! The margin of one constraint at two versions: `ExposedMargin` before changes and after, `MarginChange` of a review then and
//! now. Both return the same, under the names of their fields.

use super::margin;
use crate::app::Scope;
use crate::feedback::{Margin, MarginChange, UnitMargin};
use crate::graphql::engine::types::Definition;
use crate::graphql::engine::types::build::{ObjectBuilder, object};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::page;
use crate::graphql::schema::shared::versions::Versions;
use std::sync::Arc;

/// A margin at two versions.
pub(crate) struct MarginChangeValue {
    pub(crate) versions: Versions,
    pub(crate) change: MarginChange,
}

impl MarginChangeValue {
    /// Wraps the margins of two versions.
    pub(crate) fn all(versions: &Versions, changes: Vec<MarginChange>) -> Value {
        let wrap = |change| Self { versions: versions.clone(), change };
        Value::objects(changes.into_iter().map(wrap))
    }
}

pub(crate) fn types() -> Vec<Definition> {
    let exposed = object("ExposedMargin", "One constraint on a design, before changes and after.");
    let exposed = sides(
        exposed,
        ("before", "The margin before; absent where the design was not under the constraint."),
        ("after", "The margin after; absent where the design would no longer be under the constraint."),
    );
    let changed = object("MarginChange", "The margin of one constraint then and now.");
    let changed = sides(
        changed,
        ("then", "What was found then; null where there was no such constraint."),
        ("now", "What is found now; null where there is no such constraint any more."),
    );
    vec![turned(subjects(exposed)).done(), turned(subjects(changed)).done()]
}

/// Adds what the margin is of.
fn subjects(builder: ObjectBuilder<MarginChangeValue>) -> ObjectBuilder<MarginChangeValue> {
    builder
        .field("design", "DesignRevision!", "The design revision.", |of, _| {
            of.versions.node(&of.change.latest().item)
        })
        .field("requirement", "Requirement", "The requirement that the constraint belongs to.", |of, _| {
            match &of.change.latest().constraint.requirement {
                Some(requirement) => of.versions.node(requirement),
                None => Ok(Value::Null),
            }
        })
}

/// Adds the margin of either version, each by its name and its description.
fn sides(
    builder: ObjectBuilder<MarginChangeValue>,
    before: (&str, &str),
    after: (&str, &str),
) -> ObjectBuilder<MarginChangeValue> {
    let one = |scope: &Arc<Scope>, margin: &Option<Margin>| match margin {
        Some(margin) => margin::one(scope, margin.clone()),
        None => Value::Null,
    };
    builder
        .field(before.0, "Margin", before.1, move |of, _| Ok(one(&of.versions.before, &of.change.before)))
        .field(after.0, "Margin", after.1, move |of, _| Ok(one(&of.versions.after, &of.change.after)))
}

/// Adds what has turned.
fn turned(builder: ObjectBuilder<MarginChangeValue>) -> ObjectBuilder<MarginChangeValue> {
    builder
        .field("otherVerdict", "Boolean!", "Whether the verdict is another one.", |of, _| {
            Ok(of.change.is_other_verdict().into())
        })
        .field(
            "newlyViolatingCount",
            "Int!",
            "How many units break the limit in the later version and did not in the earlier one.",
            |of, _| Ok(of.change.newly_violating().count().into()),
        )
        .field_with(
            "newlyViolating",
            "UnitMarginConnection!",
            "The units that break the limit in the later version and did not in the earlier one, in IRI order, as they are in the later.",
            page::arguments(),
            |of, call| units(of, call, of.change.newly_violating()),
        )
        .field(
            "newlyConformingCount",
            "Int!",
            "How many units broke the limit in the earlier version and keep it in the later one.",
            |of, _| Ok(of.change.newly_conforming().count().into()),
        )
        .field_with(
            "newlyConforming",
            "UnitMarginConnection!",
            "The units that broke the limit in the earlier version and keep it in the later one, in IRI order, as they are in the later.",
            page::arguments(),
            |of, call| units(of, call, of.change.newly_conforming()),
        )
}

fn units<'a>(
    of: &MarginChangeValue,
    call: &Call<'_>,
    units: impl Iterator<Item = &'a UnitMargin>,
) -> Result<Value, Error> {
    margin::units(&of.versions.after, call, units)
}
