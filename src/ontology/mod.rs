//! What the classes, properties and rules are.
