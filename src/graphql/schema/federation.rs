//! What a federation gateway asks of a subgraph, where throughline.toml switches it on: the schema with its keys, and the objects that
//! other subgraphs name by their ids (Apollo Federation 2).

use super::class::object_type::ObjectTypes;
use super::thread;
use crate::graphql::engine::types::arguments::Arguments;
use crate::graphql::engine::types::build::{extend, interface, object};
use crate::graphql::engine::types::{Definition, InputField, Scalar};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use async_graphql::Value as Input;
use std::sync::Arc;

const ENTITY: &str = "_Entity";
const LINK: &str =
    "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.3\", import: [\"@key\"])\n\n";

/// Adds the fields of federation to the types of a schema that is printed as `sdl`.
pub(super) fn federate(
    definitions: Vec<Definition>,
    sdl: &str,
    objects: &Arc<ObjectTypes>,
) -> Vec<Definition> {
    let mut union = interface(ENTITY, "Any object that has an id.", Vec::new());
    (union.is_union, union.object_type) = (true, Some(objects.of_node()));
    let any = Scalar {
        name: "_Any".to_owned(),
        comment: "The name of the type and the key of an object.".to_owned(),
        url: None,
        check: |_| Ok(()),
    };
    let service = object::<String>("_Service", "This service as a part of a supergraph.").field(
        "sdl",
        "String!",
        "The schema with its keys.",
        |sdl, _| Ok(sdl.clone().into()),
    );
    let mut all = vec![Definition::Interface(union), Definition::Scalar(any), service.done()];
    all.extend(definitions.into_iter().map(|definition| federated(definition, sdl)));
    all
}

fn federated(definition: Definition, sdl: &str) -> Definition {
    match definition {
        Definition::Object(query) if &*query.name == "Query" => {
            let sdl = with_keys(sdl);
            let representations = vec![InputField::new("representations", "[_Any!]!", "What is asked for.")];
            extend::<()>(query)
                .field("_service", "_Service!", "This service as a part of a supergraph.", move |(), _| {
                    Ok(Value::object(sdl.clone()))
                })
                .field_with(
                    "_entities",
                    "[_Entity]!",
                    "The objects of these ids, null where there is none.",
                    representations,
                    |(), call| entities(call),
                )
                .done()
        }
        Definition::Object(mut node) if node.interfaces.iter().any(|interface| interface == "Node") => {
            node.interfaces.push(ENTITY.to_owned());
            Definition::Object(node)
        }
        other => other,
    }
}

/// Adds the key to everything in a printed schema that has an id.
fn with_keys(sdl: &str) -> String {
    let mut keyed = LINK.to_owned();
    for line in sdl.lines() {
        let declares = line.starts_with("type ") || line.starts_with("interface ");
        let has_id = line.starts_with("interface Node ")
            || line
                .split_once(" implements ")
                .is_some_and(|(_, names)| names.split([' ', '&', '{']).any(|name| name == "Node"));
        match line.strip_suffix(" {").filter(|_| declares && has_id) {
            Some(head) => keyed.push_str(&format!("{head} @key(fields: \"id\") {{")),
            None => keyed.push_str(line),
        }
        keyed.push('\n');
    }
    keyed
}

fn entities(call: &Call<'_>) -> Result<Value, Error> {
    let representations = call.arguments.list("representations").unwrap_or_default();
    let found = representations.iter().map(|representation| {
        entity(call, representation).unwrap_or_else(|error| Value::Failed(Box::new(error)))
    });
    Ok(Value::List(found.collect()))
}

/// Finds what a representation names: null where there is none.
fn entity(call: &Call<'_>, representation: &Input) -> Result<Value, Error> {
    let representation = Arguments::of(representation)?;
    let (name, id) = (representation.needed_text("__typename")?, representation.needed_text("id")?);
    let found = thread::node(call, &id)?;
    match found {
        Value::Null => Ok(found),
        _ if call.is_of(&found, &name)? => Ok(found),
        _ => Err(Error::bad_input(format!("{id} is no {name}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_where_ids_are() {
        let check = |line: &str, expect: &str| assert_eq!(with_keys(line), format!("{LINK}{expect}\n"));
        check("type Thread implements Node {", "type Thread implements Node @key(fields: \"id\") {");
        check("interface Node {", "interface Node @key(fields: \"id\") {");
        check(
            "type Part implements Fielded & Node & Record {",
            "type Part implements Fielded & Node & Record @key(fields: \"id\") {",
        );
        check("type Query {", "type Query {");
        check("  \"type Thread implements Node {\"", "  \"type Thread implements Node {\"");
    }
}
