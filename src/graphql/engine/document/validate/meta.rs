//! The types of introspection, which documents may ask about but which the schema does not declare (section 4).

use crate::graphql::engine::types::build::{enumeration, interface};
use crate::graphql::engine::types::{Definition, InputField, Type, Types};
use std::sync::LazyLock;

/// The types of introspection by name; they are described as interfaces, since nothing here resolves their fields.
pub(in crate::graphql::engine) fn types() -> &'static Types {
    static TYPES: LazyLock<Types> = LazyLock::new(build);
    &TYPES
}

/// Returns the type and the arguments of a field that a type has without declaring it.
pub(super) fn field(of: &Definition, name: &str) -> Option<(&'static Type, &'static [InputField])> {
    static TYPENAME: LazyLock<Type> = LazyLock::new(|| Type::parse("String!"));
    match (of.name(), name) {
        (_, "__typename") => Some((&TYPENAME, &[])),
        ("Query", "__schema" | "__type") => types().get("Query")?.field(name),
        _ => None,
    }
}

const TYPES: [(&str, &[(&str, &str)]); 7] = [
    ("Query", &[("__schema", "__Schema!"), ("__type", "__Type")]),
    (
        "__Schema",
        &[
            ("description", "String"),
            ("types", "[__Type!]!"),
            ("queryType", "__Type!"),
            ("mutationType", "__Type"),
            ("subscriptionType", "__Type"),
            ("directives", "[__Directive!]!"),
        ],
    ),
    (
        "__Type",
        &[
            ("kind", "__TypeKind!"),
            ("name", "String"),
            ("description", "String"),
            ("specifiedByURL", "String"),
            ("fields", "[__Field!]"),
            ("interfaces", "[__Type!]"),
            ("possibleTypes", "[__Type!]"),
            ("enumValues", "[__EnumValue!]"),
            ("inputFields", "[__InputValue!]"),
            ("ofType", "__Type"),
            ("isOneOf", "Boolean"),
        ],
    ),
    (
        "__Field",
        &[
            ("name", "String!"),
            ("description", "String"),
            ("args", "[__InputValue!]!"),
            ("type", "__Type!"),
            ("isDeprecated", "Boolean!"),
            ("deprecationReason", "String"),
        ],
    ),
    (
        "__InputValue",
        &[
            ("name", "String!"),
            ("description", "String"),
            ("type", "__Type!"),
            ("defaultValue", "String"),
            ("isDeprecated", "Boolean!"),
            ("deprecationReason", "String"),
        ],
    ),
    (
        "__EnumValue",
        &[
            ("name", "String!"),
            ("description", "String"),
            ("isDeprecated", "Boolean!"),
            ("deprecationReason", "String"),
        ],
    ),
    (
        "__Directive",
        &[
            ("name", "String!"),
            ("description", "String"),
            ("isRepeatable", "Boolean!"),
            ("locations", "[__DirectiveLocation!]!"),
            ("args", "[__InputValue!]!"),
        ],
    ),
];

fn build() -> Types {
    let mut types = Types::default();
    for (name, fields) in TYPES {
        let fields = fields
            .iter()
            .map(|(name, ty)| ((*name).to_owned(), String::new(), Type::parse(ty), arguments(name)))
            .collect();
        let described = types.add(Definition::Interface(interface(name, "", fields)));
        described.expect("each type of introspection is listed once");
    }
    // Their values are never written in a document.
    for name in ["__TypeKind", "__DirectiveLocation"] {
        types.add(enumeration(name, "", &[])).expect("a name of its own");
    }
    types
}

fn arguments(field: &str) -> Vec<InputField> {
    match field {
        "__type" => vec![InputField::new("name", "String!", "")],
        "fields" | "enumValues" | "inputFields" | "args" => {
            vec![InputField::new("includeDeprecated", "Boolean!", "").default(false)]
        }
        _ => Vec::new(),
    }
}
