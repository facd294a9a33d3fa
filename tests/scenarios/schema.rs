//! The schema is frozen as version 1: a client that was written against it goes on working. What is added is free; what is removed or
//! narrowed is named here, and the test fails.

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, ServiceDocument, Type, TypeDefinition, TypeKind,
    TypeSystemDefinition,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use throughline::graphql::sdl;
use throughline::ontology::Ontology;

const FROZEN: &str = include_str!("schema.v1.graphql");

#[test]
fn version_1_is_kept() {
    let ontology = Arc::new(Ontology::shipped().expect("the shipped ontology"));
    let now = sdl(&ontology).expect("the shipped ontology makes a schema");
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/schema.v1.graphql");
        let broken = if FROZEN.is_empty() { Vec::new() } else { breaking(FROZEN, &now) };
        assert_eq!(broken, Vec::<String>::new(), "version 1 is frozen: only additions are taken over");
        std::fs::write(path, &now).expect("the frozen schema is written");
        return;
    }
    assert_eq!(breaking(FROZEN, &now), Vec::<String>::new(), "this breaks clients of version 1");
}

#[test]
fn names_what_breaks_a_client() {
    let check = |before: &str, after: &str, expect: &[&str]| {
        let root = "type Query { a: Int }\n";
        assert_eq!(
            breaking(&format!("{root}{before}"), &format!("{root}{after}")),
            expect,
            "{before} -> {after}"
        );
    };
    check("type T { a: Int }", "", &["the type T was removed"]);
    check("type T { a: Int }", "input T { a: Int }", &["T was a type and is an input"]);
    check("type T { a: Int b: Int }", "type T { a: Int }", &["T.b was removed"]);
    check("type T { a: Int! }", "type T { a: Int }", &["T.a was Int! and is Int"]);
    check("type T { a: [Int!]! }", "type T { a: [Int]! }", &["T.a was [Int!]! and is [Int]!"]);
    check("type T { a: Int }", "type T { a: Int! b: Int }", &[]);
    check("type T { a: Int }", "type T { a: Float }", &["T.a was Int and is Float"]);
    check("type T { a(x: Int): Int }", "type T { a: Int }", &["T.a(x) was removed"]);
    check("type T { a(x: Int): Int }", "type T { a(x: Int!): Int }", &["T.a(x) was Int and is Int!"]);
    check("type T { a(x: Int!): Int }", "type T { a(x: Int): Int }", &[]);
    check("type T { a(x: Int! = 1): Int }", "type T { a(x: Int!): Int }", &["T.a(x) had the default 1"]);
    check("type T { a(x: Int = 1): Int }", "type T { a(x: Int = 2): Int }", &["T.a(x) had the default 1"]);
    check("type T { a: Int }", "type T { a(x: Int!): Int }", &["T.a(x) is new and must be given"]);
    check("type T { a: Int }", "type T { a(x: Int! = 1, y: Int): Int }", &[]);
    check("input T { a: Int }", "input T { a: Int b: Int! }", &["T.b is new and must be given"]);
    check("input T { a: Int! }", "input T { a: Int b: Int }", &[]);
    check("input T { a: Int }", "input T @oneOf { a: Int }", &["T takes exactly one field now"]);
    check("enum T { A B }", "enum T { A C }", &["T.B was removed"]);
    check(
        "interface I { a: Int } type T implements I { a: Int }",
        "interface I { a: Int } type T { a: Int }",
        &["T no longer implements I"],
    );
    check("type T { a: Int }", "type T { a: Int @deprecated } type U { a: Int }", &[]);
}

fn printed() -> BTreeMap<String, TypeDefinition> {
    let ontology = Arc::new(Ontology::shipped().expect("the shipped ontology"));
    types(&sdl(&ontology).expect("the shipped ontology makes a schema"))
}

#[test]
fn every_mutation_has_one_input_and_one_payload() {
    let types = printed();
    let TypeKind::Object(mutation) = &types["Mutation"].kind else { panic!("Mutation is an object") };
    for field in &mutation.fields {
        let field = &field.node;
        let name = field.name.node.as_str();
        let pascal = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        let [input] = field.arguments.as_slice() else { panic!("{name} has one argument") };
        assert_eq!(
            (input.node.name.node.as_str(), input.node.ty.node.to_string()),
            ("input", format!("{pascal}Input!"))
        );
        assert_eq!(field.ty.node.to_string(), format!("{pascal}Payload"));
        let TypeKind::InputObject(input) = &types[&format!("{pascal}Input")].kind else {
            panic!("{name}: an input")
        };
        let key = input.fields.iter().find(|field| field.node.name.node == "idempotencyKey");
        assert_eq!(key.map(|key| key.node.ty.node.to_string()).as_deref(), Some("String"), "{name}");
        let TypeKind::Object(payload) = &types[&format!("{pascal}Payload")].kind else {
            panic!("{name}: a payload")
        };
        let errors = payload.fields.iter().find(|field| field.node.name.node == "errors");
        assert_eq!(
            errors.map(|errors| errors.node.ty.node.to_string()).as_deref(),
            Some("[UserError!]!"),
            "{name}"
        );
    }
}

/// Terms of statistics, and numbers whose type has no other one: what of is in its name.
const NO_COUNTS: [&str; 6] = ["changed", "count", "atRisk", "failed", "resamples", "depth"];

#[test]
fn the_name_of_a_count_ends_in_count() {
    let mut found = Vec::new();
    for (name, of) in printed() {
        let TypeKind::Object(object) = of.kind else { continue };
        for field in object.fields.into_iter().map(|field| field.node) {
            let about = field.description.map(|about| about.node).unwrap_or_default();
            let counts = ["How many", "How often"].iter().any(|start| about.starts_with(start));
            let is_whole = ["Int", "Long"].contains(&field.ty.node.to_string().trim_end_matches('!'));
            let own = field.name.node.as_str();
            if counts && is_whole && !own.ends_with("Count") && !NO_COUNTS.contains(&own) {
                found.push(format!("{name}.{own}"));
            }
        }
    }
    assert_eq!(found, Vec::<String>::new());
}

/// Names all that a client of `before` can no longer rely on in `after`.
fn breaking(before: &str, after: &str) -> Vec<String> {
    let (before, after) = (types(before), types(after));
    let mut found = Vec::new();
    for (name, was) in &before {
        match after.get(name) {
            None => found.push(format!("the type {name} was removed")),
            Some(is) => compare(name, was, is, &mut found),
        }
    }
    found
}

fn types(sdl: &str) -> BTreeMap<String, TypeDefinition> {
    let ServiceDocument { definitions } = parse_schema(sdl).expect("a schema that can be read");
    let types = definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(of) => Some((of.node.name.node.to_string(), of.node)),
        _ => None,
    });
    types.collect()
}

fn compare(name: &str, was: &TypeDefinition, is: &TypeDefinition, found: &mut Vec<String>) {
    match (&was.kind, &is.kind) {
        (TypeKind::Scalar, TypeKind::Scalar) => {}
        (TypeKind::Object(was), TypeKind::Object(is)) => {
            let names = |of: &[async_graphql::Positioned<async_graphql::Name>]| {
                of.iter().map(|name| name.node.to_string()).collect::<Vec<_>>()
            };
            implemented(name, &names(&was.implements), &names(&is.implements), found);
            fields(
                name,
                was.fields.iter().map(|field| &field.node),
                is.fields.iter().map(|field| &field.node),
                found,
            );
        }
        (TypeKind::Interface(was), TypeKind::Interface(is)) => {
            let names = |of: &[async_graphql::Positioned<async_graphql::Name>]| {
                of.iter().map(|name| name.node.to_string()).collect::<Vec<_>>()
            };
            implemented(name, &names(&was.implements), &names(&is.implements), found);
            fields(
                name,
                was.fields.iter().map(|field| &field.node),
                is.fields.iter().map(|field| &field.node),
                found,
            );
        }
        (TypeKind::Union(was), TypeKind::Union(is)) => {
            let removed =
                was.members.iter().filter(|member| !is.members.iter().any(|other| other.node == member.node));
            found.extend(removed.map(|member| format!("{name} no longer has the member {}", member.node)));
        }
        (TypeKind::Enum(was), TypeKind::Enum(is)) => {
            let has = |value: &str| is.values.iter().any(|other| other.node.value.node == value);
            let removed = was.values.iter().filter(|value| !has(&value.node.value.node));
            found.extend(removed.map(|value| format!("{name}.{} was removed", value.node.value.node)));
        }
        (TypeKind::InputObject(old), TypeKind::InputObject(new)) => {
            let one_of = |of: &TypeDefinition| {
                of.directives.iter().any(|directive| directive.node.name.node == "oneOf")
            };
            if one_of(is) && !one_of(was) {
                found.push(format!("{name} takes exactly one field now"));
            }
            let named = |field: &str| format!("{name}.{field}");
            inputs(
                &named,
                old.fields.iter().map(|field| &field.node),
                new.fields.iter().map(|field| &field.node),
                found,
            );
        }
        (was, is) => found.push(format!("{name} was {} and is {}", kind(was), kind(is))),
    }
}

const fn kind(kind: &TypeKind) -> &'static str {
    match kind {
        TypeKind::Scalar => "a scalar",
        TypeKind::Object(_) => "a type",
        TypeKind::Interface(_) => "an interface",
        TypeKind::Union(_) => "a union",
        TypeKind::Enum(_) => "an enum",
        TypeKind::InputObject(_) => "an input",
    }
}

fn implemented(name: &str, was: &[String], is: &[String], found: &mut Vec<String>) {
    let lost = was.iter().filter(|interface| !is.contains(interface));
    found.extend(lost.map(|interface| format!("{name} no longer implements {interface}")));
}

fn fields<'a>(
    name: &str,
    was: impl Iterator<Item = &'a FieldDefinition>,
    is: impl Iterator<Item = &'a FieldDefinition>,
    found: &mut Vec<String>,
) {
    let is: BTreeMap<&str, &FieldDefinition> = is.map(|field| (field.name.node.as_str(), field)).collect();
    for was in was {
        let field = was.name.node.as_str();
        let Some(is) = is.get(field) else {
            found.push(format!("{name}.{field} was removed"));
            continue;
        };
        if !fits(&is.ty.node, &was.ty.node) {
            found.push(format!("{name}.{field} was {} and is {}", was.ty.node, is.ty.node));
        }
        let named = |argument: &str| format!("{name}.{field}({argument})");
        let (old, new) = (was.arguments.iter(), is.arguments.iter());
        inputs(&named, old.map(|argument| &argument.node), new.map(|argument| &argument.node), found);
    }
}

fn inputs<'a>(
    named: &dyn Fn(&str) -> String,
    was: impl Iterator<Item = &'a InputValueDefinition>,
    is: impl Iterator<Item = &'a InputValueDefinition>,
    found: &mut Vec<String>,
) {
    let mut is: BTreeMap<&str, &InputValueDefinition> =
        is.map(|input| (input.name.node.as_str(), input)).collect();
    for was in was {
        let input = was.name.node.as_str();
        let Some(is) = is.remove(input) else {
            found.push(format!("{} was removed", named(input)));
            continue;
        };
        if !fits(&was.ty.node, &is.ty.node) {
            found.push(format!("{} was {} and is {}", named(input), was.ty.node, is.ty.node));
        }
        let default =
            |of: &InputValueDefinition| of.default_value.as_ref().map(|value| value.node.to_string());
        if let Some(before) = default(was).filter(|before| default(is).as_ref() != Some(before)) {
            found.push(format!("{} had the default {before}", named(input)));
        }
    }
    let needed = is.values().filter(|input| !input.ty.node.nullable && input.default_value.is_none());
    found.extend(needed.map(|input| format!("{} is new and must be given", named(&input.name.node))));
}

/// Returns whether each value of a type is also one of another: what may be null may be so there, too.
fn fits(narrow: &Type, wide: &Type) -> bool {
    let inner = match (&narrow.base, &wide.base) {
        (BaseType::Named(narrow), BaseType::Named(wide)) => narrow == wide,
        (BaseType::List(narrow), BaseType::List(wide)) => fits(narrow, wide),
        _ => false,
    };
    inner && (wide.nullable || !narrow.nullable)
}
