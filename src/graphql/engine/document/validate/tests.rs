//! Documents that are valid or break one rule, on a small schema.

use super::validate;
use crate::graphql::engine::types::build::{enumeration, input, interface, object, one_of};
use crate::graphql::engine::types::value::Value;
use crate::graphql::engine::types::{Definition, InputField, Type, Types};
use async_graphql::parser::parse_query;

fn animal(name: &str, own: (&str, &str)) -> Definition {
    let builder = object::<()>(name, "").implements("Animal");
    ["name: String!", "age: Int", "mother: Animal", "friends: [Animal!]!"]
        .iter()
        .map(|field| field.split_once(": ").expect("a field"))
        .chain([own, ("heart", "Heart")])
        .fold(builder, |builder, (name, ty)| builder.field(name, ty, "", |(), _| Ok(Value::Null)))
        .done()
}

fn types() -> Types {
    let fields = [("name", "String!"), ("age", "Int"), ("mother", "Animal"), ("friends", "[Animal!]!")]
        .map(|(name, ty)| (name.to_owned(), String::new(), Type::parse(ty), Vec::new()));
    let search = vec![
        InputField::new("id", "ID!", ""),
        InputField::new("kind", "Kind!", "")
            .default(async_graphql::Value::Enum(async_graphql::Name::new("CAT"))),
        InputField::new("like", "Like", ""),
        InputField::new("names", "[String!]", ""),
        InputField::new("change", "Change", ""),
        InputField::new("limit", "Int", ""),
        InputField::new("share", "Float", ""),
    ];
    let nothing = |(): &(), _: &crate::graphql::engine::types::Call<'_>| Ok(Value::Null);
    let definitions = [
        Definition::Interface(interface("Animal", "", fields.to_vec())),
        Definition::Interface(interface("Rare", "", vec![])),
        animal("Cat", ("lives", "Int!")),
        animal("Dog", ("lives", "Int")),
        object::<()>("Heart", "").field("beats", "Int", "", nothing).done(),
        enumeration("Kind", "", &[("CAT", ""), ("DOG", "")]),
        input(
            "Like",
            "",
            vec![
                InputField::new("name", "String!", ""),
                InputField::new("max", "Int!", "").default(3),
                InputField::new("like", "Like", ""),
            ],
        ),
        one_of("Change", "", vec![InputField::new("put", "Like", ""), InputField::new("drop", "ID", "")]),
        object::<()>("Query", "").field_with("animal", "Animal", "", search, nothing).done(),
        object::<()>("Subscription", "")
            .field("born", "Animal", "", nothing)
            .field("died", "Animal", "", nothing)
            .done(),
    ];
    let mut types = Types::default();
    definitions.into_iter().for_each(|definition| types.add(definition).expect("a name of its own"));
    types
}

/// Checks which sections of the specification a document breaks.
fn check(types: &Types, document: &str, sections: &[&str]) {
    let parsed = parse_query(document).expect("a document that parses");
    let errors = validate(&parsed, types).err().unwrap_or_default();
    let section =
        |message: &str| message.rsplit_once("(GraphQL ").map(|(_, section)| section.replace(')', ""));
    let found: Vec<String> = errors.iter().filter_map(|error| section(&error.error.message)).collect();
    assert_eq!(found, sections, "{document}: {errors:#?}");
    assert!(errors.iter().all(|error| !error.locations.is_empty()), "{document}: {errors:#?}");
}

/// Checks what is asked of one animal.
fn of_animal(types: &Types, fields: &str, sections: &[&str]) {
    check(types, &format!("{{ animal(id: 1) {{ {fields} }} }}"), sections);
}

#[test]
fn fields_and_fragments() {
    let types = types();
    let check_fields = |fields: &str, sections: &[&str]| of_animal(&types, fields, sections);
    check_fields("name ... on Cat { lives heart { beats __typename } } ... @include(if: true) { age }", &[]);
    check_fields("lives", &["5.3.1"]);
    check_fields("name { first } mother", &["5.3.3", "5.3.3"]);
    check_fields("__typename { x }", &["5.3.3"]);
    check_fields("x: __typename(a: 1) __typename @nothing", &["5.4.1", "5.7.1"]);
    check_fields("__schema { description }", &["5.3.1"]);
    check_fields("name(a: 1)", &["5.4.1"]);
    check_fields(
        "... on Bird { name } ... on Kind { x } ... on String { x }",
        &["5.5.1.2", "5.5.1.3", "5.5.1.3"],
    );
    check_fields(
        "... on Heart { beats } ... on Query { animal(id: 1) { name } } ... on Rare { __typename }",
        &["5.5.2.3"; 3],
    );
    check_fields("...Nothing", &["5.5.2.1"]);
    check_fields("... on Cat { ... on Dog { name } }", &["5.5.2.3"]);
    check_fields("name @skip", &["5.4.3"]);
    check_fields("name @skip(if: false) @include(if: true) @skip(if: true)", &["5.7.3"]);
    check_fields("name @skip(if: \"no\")", &["5.6.1"]);
    let check = |document: &str, sections: &[&str]| check(&types, document, sections);
    check(
        "{ __schema { types { name fields(includeDeprecated: true) { type { ofType { name } } } } } __type(name: \"Cat\") { kind } }",
        &[],
    );
    check("{ __schema { nothing } __type { kind } }", &["5.3.1", "5.4.3"]);
    check(
        "query @skip(if: true) { animal(id: 1) { ...F } } fragment F on Animal @include(if: true) { name }",
        &["5.7.2", "5.7.2"],
    );
    check("subscription { born { name } }", &[]);
    check(
        "subscription { born { name } ...More } fragment More on Subscription { died { name } }",
        &["5.2.4.1"],
    );
    check("subscription { __typename }", &["5.2.4.1"]);
    check("subscription { born { name } born { age } }", &[]);
}

#[test]
fn values() {
    let types = types();
    let given = |arguments: &str, sections: &[&str]| {
        check(&types, &format!("{{ animal(id: 1, {arguments}) {{ name }} }}"), sections);
    };
    given(
        "kind: DOG, like: {name: \"a\", like: {name: \"b\", max: 1}}, names: [\"a\"], limit: null, share: 1",
        &[],
    );
    given("names: \"a\", share: 1.5e3", &[]);
    given("kind: \"DOG\"", &["5.6.1"]);
    given("kind: BIRD", &["5.6.1"]);
    given("kind: null", &["5.6.1"]);
    given("limit: 3000000000", &["5.6.1"]);
    given("limit: 1.5, share: \"1\"", &["5.6.1", "5.6.1"]);
    given("limit: CAT", &["5.6.1"]);
    given("names: [\"a\", null, 3]", &["5.6.1", "5.6.1"]);
    given("like: {name: \"a\", age: 1}", &["5.6.2"]);
    given("like: {max: 1}", &["5.6.4"]);
    given("like: {name: \"a\", max: null}", &["5.6.1"]);
    given("like: [{name: \"a\"}]", &["5.6.1"]);
    given("id: 2", &["5.4.2"]);
    given("nothing: 1", &["5.4.1"]);
    given("change: {drop: 1}", &[]);
    given("change: {drop: null}", &["5.6.1"]);
    given("change: {}", &["5.6.1"]);
    given("change: {drop: 1, put: {name: \"a\"}}", &["5.6.1"]);
    check(&types, "{ animal { name } }", &["5.4.3"]);
}

#[test]
fn variables() {
    let types = types();
    let with = |variables: &str, arguments: &str, sections: &[&str]| {
        check(&types, &format!("query ({variables}) {{ animal({arguments}) {{ name }} }}"), sections);
    };
    with("$id: ID!", "id: $id", &[]);
    with("$id: ID", "id: $id", &["5.8.5"]);
    with("$id: ID = 1", "id: $id", &[]);
    with("$id: ID = null", "id: $id", &["5.8.5"]);
    with("$id: String!", "id: $id", &["5.8.5"]);
    // The default of the argument takes the place of what is absent.
    with("$kind: Kind", "id: 1, kind: $kind", &[]);
    with("$max: Int, $name: String!", "id: 1, like: {name: $name, max: $max}", &[]);
    with("$name: String", "id: 1, like: {name: $name}", &["5.8.5"]);
    with("$name: String", "id: 1, names: [\"a\", $name]", &["5.8.5"]);
    with("$name: String!", "id: 1, names: $name", &["5.8.5"]);
    with("$names: [String!]!", "id: 1, names: $names", &[]);
    with("$names: [String]", "id: 1, names: $names", &["5.8.5"]);
    with("$limit: Int", "id: 1, share: $limit", &["5.8.5"]);
    with("$drop: ID", "id: 1, change: {drop: $drop}", &["5.8.5"]);
    with("$drop: ID!", "id: 1, change: {drop: $drop}", &[]);
    with("$drop: ID = 1", "id: 1, change: {drop: $drop}", &["5.8.5"]);
    with("$drop: ID!, $put: Like!", "id: 1, change: {drop: $drop, put: $put}", &["5.6.1"]);
    with("$a: Int, $a: Int", "id: 1, limit: $a", &["5.8.1"]);
    with("$a: Cat", "id: 1, limit: $a", &["5.8.2"]);
    with("$a: [Foo] = [1]", "id: 1", &["5.8.4", "5.8.2"]);
    with("$a: Int = \"x\"", "id: 1, limit: $a", &["5.6.1"]);
    with("$a: Int! = null", "id: 1, limit: $a", &["5.6.1"]);
    with("$a: Int", "id: 1", &["5.8.4"]);
    with("$a: Int", "id: 1, limit: $a, share: $b", &["5.8.3"]);
    with("$a: Int @skip(if: true)", "id: 1, limit: $a", &["5.7.2"]);
    let check = |document: &str, sections: &[&str]| check(&types, document, sections);
    check("query ($i: Boolean!) { __typename @skip(if: $i) }", &[]);
    check("query ($i: Boolean) { __typename @skip(if: $i) }", &["5.8.5"]);
    check("query ($i: Boolean = true) { __typename @skip(if: $i) ... @include(if: $i) { __typename } }", &[]);
    // What a fragment uses is declared by each operation that reaches it.
    let fragments = "fragment F on Query { ...G } fragment G on Query { animal(id: $id) { name } }";
    check(&format!("query A($id: ID!) {{ ...F }} query B($id: ID!) {{ ...G }} {fragments}"), &[]);
    check(&format!("query A($id: ID!) {{ ...F }} query B {{ ...F }} {fragments}"), &["5.8.3"]);
    check(&format!("query A($id: Int!) {{ ...F }} {fragments}"), &["5.8.5"]);
}

#[test]
fn fields_of_one_key() {
    let types = types();
    let check_fields = |fields: &str, sections: &[&str]| of_animal(&types, fields, sections);
    check_fields("name name x: name x: name mother { name } mother { age }", &[]);
    check_fields("x: name x: age", &["5.3.2"]);
    check_fields("name: age name", &["5.3.2"]);
    check_fields("__typename: name __typename", &["5.3.2"]);
    // An interface and its type can be one object, two objects cannot.
    check_fields("x: name ... on Cat { x: age }", &["5.3.2"]);
    check_fields("... on Cat { x: age } ... on Dog { x: lives }", &[]);
    check_fields("... on Cat { x: lives } ... on Dog { x: lives }", &["5.3.2"]);
    check_fields("... on Cat { x: age } ... on Dog { x: heart { beats } }", &["5.3.2"]);
    check_fields("... on Cat { x: mother { name } } ... on Dog { x: heart { name: beats } }", &["5.3.2"]);
    check_fields("... on Cat { x: mother { y: age } } ... on Dog { x: heart { y: beats } }", &[]);
    check_fields("... on Cat { x: friends { name } } ... on Dog { x: mother { name } }", &["5.3.2"]);
    // Below fields that are merged, however deep.
    check_fields("mother { mother { x: name } } ... on Cat { mother { mother { x: age } } }", &["5.3.2"]);
    check_fields("mother { ... on Cat { x: name } } mother { ... on Animal { x: age } }", &["5.3.2"]);
    check_fields(
        "... on Cat { mother { x: name } } ... on Dog { mother { x: name2: name } }"
            .replace("name2: ", "")
            .as_str(),
        &[],
    );
    let check = |document: &str, sections: &[&str]| check(&types, document, sections);
    check("{ animal(id: 1) { name } animal(id: 1) { age } }", &[]);
    check("{ animal(id: 1) { name } animal(id: 2) { name } }", &["5.3.2"]);
    check("{ animal(id: 1) { name } animal(id: 1, limit: 2) { name } }", &["5.3.2"]);
    check("{ animal(id: 1, limit: 2) { name } ... { animal(id: 1) { name } } }", &["5.3.2"]);
    check("{ animal(limit: 2, id: 1) { name } animal(id: 1, limit: 2) { name } }", &[]);
    check("query ($a: ID!, $b: ID!) { animal(id: $a) { name } animal(id: $b) { name } }", &["5.3.2"]);
    check(
        "{ ...A ...B } fragment A on Query { animal(id: 1) { name } } fragment B on Query { animal(id: 2) { name } }",
        &["5.3.2"],
    );
}

#[test]
fn many_types_at_each_level_are_compared_once() {
    let types = types();
    let mut set = "name".to_owned();
    for _ in 0..7 {
        set = format!(
            "mother {{ {set} }} ... on Cat {{ mother {{ {set} }} }} ... on Dog {{ mother {{ {set} }} }}"
        );
    }
    of_animal(&types, &set, &[]);
    of_animal(&types, &"x: name x: name ".repeat(2000), &[]);
}
