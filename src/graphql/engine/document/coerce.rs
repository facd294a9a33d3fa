//! Input values made to fit their declared types, by the specification's input coercion.

use super::refusal::Refusal;
use crate::graphql::engine::types::arguments::Arguments;
use crate::graphql::engine::types::{Definition, InputField, InputObject, Type, Types};
use crate::graphql::error::Error;
use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{BaseType, Type as ParsedType, VariableDefinition};
use async_graphql::{Name, Positioned, Value as Input};
use async_graphql_value::Value as Literal;
use serde_json::Value as Json;

/// The variables of one request by name; an absent one is not there.
pub(crate) type Variables = IndexMap<Name, Input>;

/// Reads JSON as values of GraphQL, each number as it is written: its own conversion makes objects of numbers such as `1e2`.
pub(crate) fn of_json(json: Json) -> Input {
    match json {
        Json::Null => Input::Null,
        Json::Bool(value) => Input::Boolean(value),
        Json::Number(number) => Input::Number(number),
        Json::String(text) => Input::String(text),
        Json::Array(items) => Input::List(items.into_iter().map(of_json).collect()),
        Json::Object(fields) => {
            Input::Object(fields.into_iter().map(|(name, value)| (Name::new(name), of_json(value))).collect())
        }
    }
}

/// Makes the given variables fit their definitions.
pub(crate) fn variables(
    definitions: &[Positioned<VariableDefinition>],
    mut given: IndexMap<Name, Input>,
    types: &Types,
) -> Result<Variables, Refusal> {
    let mut variables = Variables::new();
    for definition in definitions {
        let name = &definition.node.name.node;
        let ty = declared(&definition.node.var_type.node);
        // An absent variable without a default stays absent: null would be a value (6.1.2, 6.4.1).
        let default = definition.node.default_value.as_ref().map(|default| default.node.clone());
        let value = given.swap_remove(name.as_str()).or(default);
        match value {
            Some(value) => {
                let value = coerce(value, &ty, types, &format!("${name}"));
                let value = value
                    .map_err(|error| Refusal { error: Box::new(error), locations: vec![definition.pos] })?;
                variables.insert(name.clone(), value);
            }
            None if matches!(ty, Type::NonNull(_)) => {
                let message = format!("the variable ${name} of the type {ty} is missing (GraphQL 6.1.2)");
                return Err(Refusal {
                    error: Box::new(Error::bad_input(message)),
                    locations: vec![definition.pos],
                });
            }
            None => {}
        }
    }
    Ok(variables)
}

/// Reads the type of a variable.
pub(super) fn declared(ty: &ParsedType) -> Type {
    let base = match &ty.base {
        BaseType::Named(name) => Type::Named(name.as_str().into()),
        BaseType::List(inner) => Type::List(Box::new(declared(inner))),
    };
    if ty.nullable { base } else { Type::NonNull(Box::new(base)) }
}

/// Makes the arguments of a field from the document and the variables.
pub(crate) fn arguments(
    declared: &[InputField],
    given: &[(Positioned<Name>, Positioned<Literal>)],
    variables: &Variables,
    types: &Types,
) -> Result<Arguments, Error> {
    let mut arguments = IndexMap::with_capacity(declared.len());
    for field in declared {
        let literal = given.iter().find(|(name, _)| name.node == field.name.as_str());
        let value = literal.and_then(|(_, value)| constant(&value.node, variables));
        if let Some(value) = with_default(value, field, types, &field.name)? {
            arguments.insert(Name::new(&field.name), value);
        }
    }
    Ok(Arguments(arguments))
}

fn with_default(
    value: Option<Input>,
    field: &InputField,
    types: &Types,
    path: &str,
) -> Result<Option<Input>, Error> {
    match (value, &field.default) {
        (Some(Input::Null), Some(default)) if field.refuses_null => {
            Err(Error::bad_input(format!("{path} must not be null: left out, it is {default}")))
        }
        (Some(Input::Null), None) if field.refuses_null => {
            Err(Error::bad_input(format!("{path} must not be null: leave it out where it is not meant")))
        }
        (Some(value), _) => coerce(value, &field.ty, types, path).map(Some),
        (None, Some(default)) => Ok(Some(default.clone())),
        (None, None) if matches!(field.ty, Type::NonNull(_)) => {
            Err(Error::bad_input(format!("{path} is missing")))
        }
        (None, None) => Ok(None),
    }
}

/// Puts the variables into a literal; one that is absent is left out where that is possible.
pub(crate) fn constant(literal: &Literal, variables: &Variables) -> Option<Input> {
    Some(match literal {
        Literal::Variable(name) => return variables.get(name.as_str()).cloned(),
        Literal::Null => Input::Null,
        Literal::Number(number) => Input::Number(number.clone()),
        Literal::String(text) => Input::String(text.clone()),
        Literal::Boolean(value) => Input::Boolean(*value),
        Literal::Binary(bytes) => Input::Binary(bytes.clone()),
        Literal::Enum(name) => Input::Enum(name.clone()),
        Literal::List(items) => {
            Input::List(items.iter().map(|item| constant(item, variables).unwrap_or_default()).collect())
        }
        Literal::Object(fields) => Input::Object(
            fields
                .iter()
                .filter_map(|(name, value)| Some((name.clone(), constant(value, variables)?)))
                .collect(),
        ),
    })
}

fn coerce(value: Input, ty: &Type, types: &Types, path: &str) -> Result<Input, Error> {
    match (ty, value) {
        (Type::NonNull(_), Input::Null) => Err(Error::bad_input(format!("{path} must not be null"))),
        (Type::NonNull(inner), value) => coerce(value, inner, types, path),
        (_, Input::Null) => Ok(Input::Null),
        (Type::List(inner), Input::List(items)) => {
            let item = |(at, item)| coerce(item, inner, types, &format!("{path}.{at}"));
            items.into_iter().enumerate().map(item).collect::<Result<_, _>>().map(Input::List)
        }
        (Type::List(inner), single) => Ok(Input::List(vec![coerce(single, inner, types, path)?])),
        (Type::Named(name), value) => named(value, name, types, path),
    }
}

fn named(value: Input, name: &str, types: &Types, path: &str) -> Result<Input, Error> {
    let fits = match types.get(name) {
        Some(Definition::Input(object)) => return input_object(value, object, types, path),
        Some(Definition::Enumeration(enumeration)) => match &value {
            Input::Enum(name) => enumeration.has(name),
            // The value of a variable; in a literal validation refuses it.
            Input::String(name) => enumeration.has(name),
            _ => false,
        },
        Some(Definition::Scalar(scalar)) => match (scalar.check)(&value) {
            Ok(()) => true,
            Err(reason) => return Err(Error::bad_input(format!("{path}: {reason}"))),
        },
        Some(_) => false,
        None => built_in(&value, name),
    };
    if fits { Ok(value) } else { Err(Error::bad_input(format!("{path}: {}", unfit(&value, name)))) }
}

/// Describes why a value is not of a type.
pub(super) fn unfit(value: &impl std::fmt::Display, name: &str) -> String {
    let expected = match name {
        "Int" => ": a whole number of 32 bits, from -2147483648 to 2147483647",
        "Float" => ": a number that a double holds, up to 1.7976931348623157e308",
        "ID" => ": a text or a whole number of 64 bits",
        _ => "",
    };
    format!("{value} is not of the type {name}{expected}")
}

/// Returns whether a value is one of GraphQL's own scalars.
pub(super) fn built_in(value: &Input, name: &str) -> bool {
    match (name, value) {
        ("Int", Input::Number(number)) => number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        ("ID", Input::Number(number)) => number.is_i64() || number.is_u64(),
        ("Float", Input::Number(number)) => number.as_f64().is_some_and(f64::is_finite),
        ("String" | "ID", Input::String(_)) | ("Boolean", Input::Boolean(_)) => true,
        _ => false,
    }
}

fn input_object(value: Input, object: &InputObject, types: &Types, path: &str) -> Result<Input, Error> {
    let Input::Object(mut given) = value else {
        return Err(Error::bad_input(format!("{path} is not an object of the type {}", object.name)));
    };
    let mut fields = IndexMap::with_capacity(given.len());
    for field in &object.fields {
        let path = format!("{path}.{}", field.name);
        let value = given.swap_remove(field.name.as_str());
        if let Some(value) = with_default(value, field, types, &path)? {
            fields.insert(Name::new(&field.name), value);
        }
    }
    if let Some(unknown) = given.keys().next() {
        return Err(Error::bad_input(format!("{path}: {}", object.without(unknown))));
    }
    let chosen = fields.values().filter(|value| **value != Input::Null).count();
    if object.one_of && (fields.len() != 1 || chosen != 1) {
        return Err(Error::bad_input(format!("{path}: exactly one field of {} must be given", object.name)));
    }
    Ok(Input::Object(fields))
}
