//! The wording of shapes that are made of shapes: what each alternative asks for, field by field.

use super::Names;
use super::notation::{field_path, show};
use super::proof::named;
use crate::ontology::class::with_article;
use crate::ontology::read::local_name;
use oxigraph::model::Term;
use rudof_rdf::rdf_core::term::Object;
use shacl::ir::{IRComponent, IRSchema, IRShape, ShapeLabelIdx};

/// Describes what a shape of shapes wants that was broken; `None` where it is none.
pub(super) fn wanted(schema: &IRSchema, names: &dyn Names, shape: &IRShape, broken: &str) -> Option<String> {
    let list = |shapes: &[ShapeLabelIdx], between: &str| -> String {
        let described = shapes
            .iter()
            .filter_map(|index| Some(describe(schema, names, schema.get_shape_from_idx(index)?)));
        described.collect::<Vec<_>>().join(between)
    };
    shape.components().iter().find_map(|component| match (broken, component) {
        ("Or", IRComponent::Or(or)) => {
            Some(format!("one of these must hold: {}", list(or.shapes(), "; or ")))
        }
        ("Xone", IRComponent::Xone(one)) => {
            Some(format!("exactly one of these must hold: {}", list(one.shapes(), "; or ")))
        }
        ("And", IRComponent::And(all)) => {
            Some(format!("all of these must hold: {}", list(all.shapes(), "; and ")))
        }
        ("Not", IRComponent::Not(not)) => Some(format!("this must not hold: {}", list(&[*not.shape()], ""))),
        ("Node", IRComponent::Node(node)) => Some(format!("this must hold: {}", list(&[*node.shape()], ""))),
        _ => None,
    })
}

/// Describes what a shape asks for, such as `unit is there and kind is "STATE"`.
fn describe(schema: &IRSchema, names: &dyn Names, shape: &IRShape) -> String {
    let path = shape.path().map(|path| field_path(names, path));
    let mut parts: Vec<String> =
        shape.components().iter().filter_map(|component| phrase(names, path.as_deref(), component)).collect();
    let inner = shape.property_shapes().iter().filter_map(|index| schema.get_shape_from_idx(index));
    parts.extend(inner.map(|shape| describe(schema, names, shape)));
    parts.retain(|part| !part.is_empty());
    // A shape's components have no order of their own.
    parts.sort_unstable();
    if parts.is_empty() { path.unwrap_or_else(|| local_shape(shape)) } else { parts.join(" and ") }
}

fn local_shape(shape: &IRShape) -> String {
    match shape.id() {
        Object::Iri(iri) => local_name(&named(iri)),
        _ => "a condition of the shape".to_owned(),
    }
}

fn phrase(names: &dyn Names, path: Option<&str>, component: &IRComponent) -> Option<String> {
    let is = |what: String| path.map_or_else(|| what.clone(), |path| format!("{path} is {what}"));
    let shown = |value: &Object| show(&Term::from(value.clone()));
    Some(match component {
        IRComponent::MinCount(count) if count.min_count() > 0 => is("there".to_owned()),
        IRComponent::MaxCount(count) if count.max_count() == 0 => is("absent".to_owned()),
        IRComponent::HasValue(value) => is(shown(value.value())),
        IRComponent::In(values) => {
            let values: Vec<String> =
                values.values().iter().map(|value| show(&Term::from(value.clone()))).collect();
            is(format!("one of {}", values.join(", ")))
        }
        IRComponent::Class(class) => match class.class_rule() {
            Object::Iri(class) => is(with_article(&names.class(&named(class)))),
            _ => return None,
        },
        IRComponent::Datatype(datatype) => {
            is(format!("of the type {}", local_name(&named(datatype.datatype()))))
        }
        _ => return None,
    })
}
