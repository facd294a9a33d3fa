//! The examples of the specification and of graphql-js, each with what it must be answered.

use crate::graphql::engine::document::prepare::Documents;
use crate::graphql::engine::types::build::{enumeration, input, interface, object, one_of};
use crate::graphql::engine::types::value::Value;
use crate::graphql::engine::types::{Definition, InputField, Type, Types};
use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, Type as ParsedType, TypeKind, TypeSystemDefinition,
};
use std::collections::BTreeSet;

fn named(ty: &ParsedType) -> String {
    let base = match &ty.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(inner) => format!("[{}]", named(inner)),
    };
    if ty.nullable { base } else { format!("{base}!") }
}

fn inputs(values: &[Positioned<InputValueDefinition>]) -> Vec<InputField> {
    let field = |value: &Positioned<InputValueDefinition>| {
        let field = InputField::new(&value.node.name.node, &named(&value.node.ty.node), "");
        match &value.node.default_value {
            Some(default) => field.default(default.node.clone()),
            None => field,
        }
    };
    values.iter().map(field).collect()
}

/// Reads a schema.
fn types(sdl: &str) -> Types {
    let mut types = Types::default();
    for definition in parse_schema(sdl).expect("a schema").definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let name = definition.node.name.node.to_string();
        let parts = |field: &Positioned<FieldDefinition>| {
            let field = &field.node;
            (field.name.node.to_string(), named(&field.ty.node), inputs(&field.arguments))
        };
        let made = match &definition.node.kind {
            TypeKind::Object(of) => {
                let builder = of
                    .implements
                    .iter()
                    .fold(object::<()>(&name, ""), |builder, interface| builder.implements(&interface.node));
                let fields = of.fields.iter().map(parts);
                fields
                    .fold(builder, |builder, (name, ty, arguments)| {
                        builder.field_with(&name, &ty, "", arguments, |(), _| Ok(Value::Null))
                    })
                    .done()
            }
            TypeKind::Interface(of) => {
                let fields = of.fields.iter().map(parts);
                let fields =
                    fields.map(|(name, ty, arguments)| (name, String::new(), Type::parse(&ty), arguments));
                let mut made = interface(&name, "", fields.collect());
                made.interfaces = of.implements.iter().map(|interface| interface.node.to_string()).collect();
                Definition::Interface(made)
            }
            TypeKind::Enum(of) => {
                let values: Vec<_> =
                    of.values.iter().map(|value| value.node.value.node.to_string()).collect();
                let values: Vec<_> = values.iter().map(|value| (value.as_str(), "")).collect();
                enumeration(&name, "", &values)
            }
            TypeKind::InputObject(of) => {
                let is_one_of = |directive: &Positioned<async_graphql::parser::types::ConstDirective>| {
                    directive.node.name.node == "oneOf"
                };
                let make = if definition.node.directives.iter().any(is_one_of) { one_of } else { input };
                make(&name, "", inputs(&of.fields))
            }
            kind => panic!("{name}: {kind:?}"),
        };
        types.add(made).expect("a name of its own");
    }
    types
}

/// Returns the sections that the refusals of a document name, or "refused" where they name none.
fn verdict(document: &str, types: &Types) -> BTreeSet<String> {
    let refusals = Documents::default().prepare(document, types).err().unwrap_or_default();
    let section = |message: &str| {
        let named = message.rsplit_once("(GraphQL ").map(|(_, section)| section.replace(')', ""));
        named.unwrap_or_else(|| "refused".to_owned())
    };
    refusals.iter().map(|refusal| section(&refusal.error.message)).collect()
}

/// Checks all documents of a file: after a line with three dashes what is expected, then the document.
fn check(file: &str) {
    let mut blocks = file.split("\n--- ").skip(1);
    let schema = blocks.next().and_then(|block| block.strip_prefix("schema\n")).expect("a schema");
    let types = types(schema);
    let mut wrong = Vec::new();
    for block in blocks {
        let (head, document) = block.split_once('\n').expect("a document");
        let is_expected = |word: &&str| matches!(*word, "refused" | "2" | "2.2") || word.starts_with("5.");
        let expected: BTreeSet<String> = match head.strip_prefix("valid") {
            Some(_) => BTreeSet::new(),
            None if head.starts_with("refused") => BTreeSet::from(["refused".to_owned()]),
            None => head.split(' ').take_while(is_expected).map(str::to_owned).collect(),
        };
        let found = verdict(document, &types);
        if found != expected {
            wrong.push(format!("{head}\n{document}\nis answered {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn examples_of_the_specification() {
    check(include_str!("specification.txt"));
}

#[test]
fn tests_of_graphql_js() {
    check(include_str!("graphql_js.txt"));
}
