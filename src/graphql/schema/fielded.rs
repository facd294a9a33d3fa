//! What can be asked of the telemetry of a class's instances.

use super::node::Node;
use crate::graphql::engine::build::ObjectBuilder;
use crate::ontology::Class;

/// Adds the fields that a class has because its instances are in the field.
pub(crate) fn extend(builder: ObjectBuilder<Node>, class: &Class) -> ObjectBuilder<Node> {
    let _ = class;
    builder
}
