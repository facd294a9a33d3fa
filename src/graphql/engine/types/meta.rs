//! Introspection (section 4 of the specification): the types that describe a schema, which no schema declares, and what their fields answer.

use super::build::{enumeration, object};
use super::value::Value;
use super::{Call, Definition, Enumeration, InputField, InterfaceField, Type, Types};
use crate::graphql::error::Error;
use std::sync::LazyLock;

/// The types of introspection by name, and `Query` with its two fields for them.
pub(in crate::graphql::engine) fn types() -> &'static Types {
    static TYPES: LazyLock<Types> = LazyLock::new(build);
    &TYPES
}

/// Returns a field that the root of queries has without declaring it.
pub(in crate::graphql::engine) fn root_field(of: &str, name: &str) -> Option<&'static super::Field> {
    let is_known = of == "Query" && matches!(name, "__schema" | "__type");
    is_known.then(|| types().own("Query")).flatten().and_then(|definition| match definition {
        Definition::Object(object) => object.field(name),
        _ => None,
    })
}

/// Returns the type and the arguments of a field that a type has without declaring it.
pub(in crate::graphql::engine) fn field(
    of: &Definition,
    name: &str,
) -> Option<(&'static Type, &'static [InputField])> {
    static TYPENAME: LazyLock<Type> = LazyLock::new(|| Type::parse("String!"));
    match name {
        "__typename" => Some((&TYPENAME, &[])),
        name => root_field(of.name(), name).map(|field| (&field.ty, field.arguments.as_slice())),
    }
}

/// Returns the scalars that every schema has: name and description.
pub(in crate::graphql::engine) const fn scalars() -> [(&'static str, &'static str); 5] {
    [
        ("Boolean", "True or false."),
        ("Float", "A number with a fraction, as a double keeps it."),
        ("ID", "A text that identifies something; in an answer it is always written as a text."),
        ("Int", "A whole number of 32 bits."),
        ("String", "A text."),
    ]
}

/// A type, or a reference to one.
struct TypeOf(Type);

/// A value of an enumeration.
struct ValueOf {
    name: String,
    comment: String,
}

/// A directive of the specification.
struct Directive {
    name: &'static str,
    comment: &'static str,
    argument: Option<(&'static str, &'static str, &'static str)>,
    locations: &'static [&'static str],
}

const SELECTIONS: &[&str] = &["FIELD", "FRAGMENT_SPREAD", "INLINE_FRAGMENT"];
static DIRECTIVES: [Directive; 5] = [
    Directive {
        name: "deprecated",
        comment: "Marks what clients should no longer use.",
        argument: Some(("reason", "String", "Why, and what to use instead.")),
        locations: &["FIELD_DEFINITION", "ARGUMENT_DEFINITION", "INPUT_FIELD_DEFINITION", "ENUM_VALUE"],
    },
    Directive {
        name: "include",
        comment: "Includes a field or fragment only where the argument is true.",
        argument: Some(("if", "Boolean!", "Whether it is included.")),
        locations: SELECTIONS,
    },
    Directive {
        name: "oneOf",
        comment: "Marks an input object of which exactly one field is given.",
        argument: None,
        locations: &["INPUT_OBJECT"],
    },
    Directive {
        name: "skip",
        comment: "Leaves a field or fragment out where the argument is true.",
        argument: Some(("if", "Boolean!", "Whether it is left out.")),
        locations: SELECTIONS,
    },
    Directive {
        name: "specifiedBy",
        comment: "Names the specification of a scalar.",
        argument: Some(("url", "String!", "Its address.")),
        locations: &["SCALAR"],
    },
];

const LOCATIONS: [&str; 19] = [
    "QUERY",
    "MUTATION",
    "SUBSCRIPTION",
    "FIELD",
    "FRAGMENT_DEFINITION",
    "FRAGMENT_SPREAD",
    "INLINE_FRAGMENT",
    "VARIABLE_DEFINITION",
    "SCHEMA",
    "SCALAR",
    "OBJECT",
    "FIELD_DEFINITION",
    "ARGUMENT_DEFINITION",
    "INTERFACE",
    "UNION",
    "ENUM",
    "ENUM_VALUE",
    "INPUT_OBJECT",
    "INPUT_FIELD_DEFINITION",
];

const KINDS: [&str; 8] =
    ["SCALAR", "OBJECT", "INTERFACE", "UNION", "ENUM", "INPUT_OBJECT", "LIST", "NON_NULL"];

fn build() -> Types {
    let mut types = Types::default();
    let values = |names: &'static [&'static str]| -> Vec<(&'static str, &'static str)> {
        names.iter().map(|name| (*name, "")).collect()
    };
    for definition in [
        root(),
        schema(),
        type_of(),
        field_of(),
        input_value(),
        enum_value(),
        directive(),
        enumeration("__TypeKind", "What a type is.", &values(&KINDS)),
        enumeration("__DirectiveLocation", "Where a directive may be.", &values(&LOCATIONS)),
    ] {
        types.add(definition).expect("each type of introspection is listed once");
    }
    types
}

fn root() -> Definition {
    let name = || vec![InputField::new("name", "String!", "")];
    object::<()>("Query", "")
        .field("__schema", "__Schema!", "", |(), _| Ok(Value::object(())))
        .field_with("__type", "__Type", "", name(), |(), call| {
            let name = call.arguments.needed_text("name")?;
            Ok(known(call.types, &name).then(|| named(&name)).map_or(Value::Null, Value::object))
        })
        .done()
}

fn known(types: &Types, name: &str) -> bool {
    types.get(name).is_some() || scalars().iter().any(|(scalar, _)| *scalar == name)
}

fn named(name: &str) -> TypeOf {
    TypeOf(Type::Named(name.into()))
}

/// Returns a type where the schema has it.
fn root_type(call: &Call<'_>, name: &str) -> Value {
    call.types.get(name).map_or(Value::Null, |_| Value::object(named(name)))
}

fn schema() -> Definition {
    object::<()>("__Schema", "What a schema has.")
        .field("description", "String", "", |(), _| Ok(Value::Null))
        .field("types", "[__Type!]!", "All types.", |(), call| {
            let own = call.types.all().iter().chain(types().all().iter().skip(1));
            let names = own.map(Definition::name).chain(scalars().into_iter().map(|(name, _)| name));
            Ok(Value::objects(names.map(named)))
        })
        .field("queryType", "__Type!", "", |(), call| Ok(root_type(call, "Query")))
        .field("mutationType", "__Type", "", |(), call| Ok(root_type(call, "Mutation")))
        .field("subscriptionType", "__Type", "", |(), call| Ok(root_type(call, "Subscription")))
        .field("directives", "[__Directive!]!", "", |(), _| Ok(Value::objects(DIRECTIVES.iter())))
        .done()
}

impl TypeOf {
    /// Returns the definition of a named type; none of a scalar that every schema has, of a list or a non-null.
    fn definition<'a>(&self, call: &Call<'a>) -> Option<&'a Definition> {
        match &self.0 {
            Type::Named(name) => call.types.get(name),
            _ => None,
        }
    }
}

fn kind(of: &TypeOf, call: &Call<'_>) -> &'static str {
    match (&of.0, of.definition(call)) {
        (Type::List(_), _) => "LIST",
        (Type::NonNull(_), _) => "NON_NULL",
        (_, Some(Definition::Object(_))) => "OBJECT",
        (_, Some(Definition::Interface(interface))) if interface.is_union => "UNION",
        (_, Some(Definition::Interface(_))) => "INTERFACE",
        (_, Some(Definition::Enumeration(_))) => "ENUM",
        (_, Some(Definition::Input(_))) => "INPUT_OBJECT",
        (_, Some(Definition::Scalar(_)) | None) => "SCALAR",
    }
}

fn type_of() -> Definition {
    object::<TypeOf>("__Type", "A type, or a list or non-null of one.")
        .field("kind", "__TypeKind!", "", |of, call| Ok(Value::Name(kind(of, call))))
        .field("name", "String", "", |of, _| match &of.0 {
            Type::Named(name) => Ok((&**name).into()),
            _ => Ok(Value::Null),
        })
        .field("description", "String", "", |of, call| match (&of.0, of.definition(call)) {
            (_, Some(definition)) => Ok(comment(definition.comment())),
            (Type::Named(name), None) => {
                let scalar = scalars().into_iter().find(|(scalar, _)| **scalar == **name);
                Ok(scalar.map(|(_, comment)| comment.to_owned()).into())
            }
            _ => Ok(Value::Null),
        })
        .field("specifiedByURL", "String", "", |of, call| match of.definition(call) {
            Some(Definition::Scalar(scalar)) => Ok(scalar.url.map(str::to_owned).into()),
            _ => Ok(Value::Null),
        })
        .field_with("fields", "[__Field!]", "", deprecated(), |of, call| fields(of.definition(call), call))
        .field("interfaces", "[__Type!]", "", |of, call| match of.definition(call) {
            Some(Definition::Object(object)) => Ok(references(&object.interfaces, call)),
            Some(Definition::Interface(of)) if !of.is_union => Ok(references(&of.interfaces, call)),
            _ => Ok(Value::Null),
        })
        .field("possibleTypes", "[__Type!]", "", |of, call| match of.definition(call) {
            Some(Definition::Interface(interface)) => {
                let mut names: Vec<_> =
                    call.types.objects_of(&interface.name).map(Definition::name).collect();
                names.sort_unstable();
                Ok(Value::objects(names.into_iter().map(named)))
            }
            _ => Ok(Value::Null),
        })
        .field_with("enumValues", "[__EnumValue!]", "", deprecated(), |of, call| match of.definition(call) {
            Some(Definition::Enumeration(Enumeration { values, .. })) => {
                let value = |(name, comment): &(String, String)| ValueOf {
                    name: name.clone(),
                    comment: comment.clone(),
                };
                Ok(Value::objects(values.iter().map(value)))
            }
            _ => Ok(Value::Null),
        })
        .field_with("inputFields", "[__InputValue!]", "", deprecated(), |of, call| {
            match of.definition(call) {
                Some(Definition::Input(input)) => inputs(&input.fields, call),
                _ => Ok(Value::Null),
            }
        })
        .field("ofType", "__Type", "", |of, _| match &of.0 {
            Type::List(inner) | Type::NonNull(inner) => Ok(Value::object(TypeOf((**inner).clone()))),
            Type::Named(_) => Ok(Value::Null),
        })
        .field("isOneOf", "Boolean", "", |of, call| match of.definition(call) {
            Some(Definition::Input(input)) => Ok(input.one_of.into()),
            _ => Ok(Value::Null),
        })
        .done()
}

fn comment(text: &str) -> Value {
    Some(text.to_owned()).filter(|text| !text.is_empty()).into()
}

/// Returns the interfaces of these names; the unions that an object belongs to are none.
fn references(names: &[String], call: &Call<'_>) -> Value {
    let is_union =
        |name: &str| matches!(call.types.get(name), Some(Definition::Interface(of)) if of.is_union);
    Value::objects(names.iter().filter(|name| !is_union(name)).map(|name| named(name)))
}

fn inputs(fields: &[InputField], call: &Call<'_>) -> Result<Value, Error> {
    let all = asks_deprecated(call)?;
    Ok(Value::objects(fields.iter().filter(|field| all || field.deprecation.is_none()).cloned()))
}

fn asks_deprecated(call: &Call<'_>) -> Result<bool, Error> {
    Ok(call.arguments.flag("includeDeprecated")?.unwrap_or(false))
}

/// The argument of lists from which what is deprecated can be left out.
fn deprecated() -> Vec<InputField> {
    vec![InputField::new("includeDeprecated", "Boolean!", "").default(false)]
}

fn fields(of: Option<&Definition>, call: &Call<'_>) -> Result<Value, Error> {
    let fields: Vec<InterfaceField> = match of {
        Some(Definition::Object(object)) => object.fields.iter().map(InterfaceField::from).collect(),
        Some(Definition::Interface(interface)) if !interface.is_union => interface.fields.clone(),
        _ => return Ok(Value::Null),
    };
    let all = asks_deprecated(call)?;
    Ok(Value::objects(fields.into_iter().filter(|field| all || field.deprecation.is_none())))
}

/// No value of an enumeration is deprecated.
fn not_deprecated<T>(_: &T, _: &Call<'_>) -> Result<Value, Error> {
    Ok(false.into())
}

fn no_reason<T>(_: &T, _: &Call<'_>) -> Result<Value, Error> {
    Ok(Value::Null)
}

fn field_of() -> Definition {
    object::<InterfaceField>("__Field", "A field of an object or interface.")
        .field("name", "String!", "", |of, _| Ok(of.name.clone().into()))
        .field("description", "String", "", |of, _| Ok(comment(&of.comment)))
        .field_with("args", "[__InputValue!]!", "", deprecated(), |of, call| inputs(&of.arguments, call))
        .field("type", "__Type!", "", |of, _| Ok(Value::object(TypeOf(of.ty.clone()))))
        .field("isDeprecated", "Boolean!", "", |of, _| Ok(of.deprecation.is_some().into()))
        .field("deprecationReason", "String", "", |of, _| Ok(of.deprecation.clone().into()))
        .done()
}

fn input_value() -> Definition {
    object::<InputField>("__InputValue", "An argument, or a field of an input object.")
        .field("name", "String!", "", |of, _| Ok(of.name.clone().into()))
        .field("description", "String", "", |of, _| Ok(comment(&of.comment)))
        .field("type", "__Type!", "", |of, _| Ok(Value::object(TypeOf(of.ty.clone()))))
        .field("defaultValue", "String", "", |of, _| Ok(of.default.as_ref().map(ToString::to_string).into()))
        .field("isDeprecated", "Boolean!", "", |of, _| Ok(of.deprecation.is_some().into()))
        .field("deprecationReason", "String", "", |of, _| Ok(of.deprecation.clone().into()))
        .done()
}

fn enum_value() -> Definition {
    object::<ValueOf>("__EnumValue", "A value of an enumeration.")
        .field("name", "String!", "", |of, _| Ok(of.name.clone().into()))
        .field("description", "String", "", |of, _| Ok(comment(&of.comment)))
        .field("isDeprecated", "Boolean!", "", not_deprecated)
        .field("deprecationReason", "String", "", no_reason)
        .done()
}

fn directive() -> Definition {
    object::<&'static Directive>("__Directive", "A directive.")
        .field("name", "String!", "", |of, _| Ok(of.name.into()))
        .field("description", "String", "", |of, _| Ok(of.comment.into()))
        .field("isRepeatable", "Boolean!", "", |_, _| Ok(false.into()))
        .field("locations", "[__DirectiveLocation!]!", "", |of, _| {
            Ok(Value::List(of.locations.iter().map(|location| Value::Name(location)).collect()))
        })
        .field_with("args", "[__InputValue!]!", "", deprecated(), |of, _| {
            let argument = |(name, ty, comment)| match of.name {
                "deprecated" => InputField::new(name, ty, comment).default("No longer supported"),
                _ => InputField::new(name, ty, comment),
            };
            Ok(Value::objects(of.argument.map(argument)))
        })
        .done()
}
