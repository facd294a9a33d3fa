//! What one request may ask for. Checked before anything is validated or executed, so that a small text cannot cause much work; limits
//! of the text itself are in [`super::text`].

use super::coerce::{Variables, constant};
use super::introspection;
use super::refusal::Refusal;
use crate::graphql::engine::types::registry::DEPTH_MAX;
use crate::graphql::engine::types::{Definition, InputField, Types};
use crate::graphql::error::Error;
use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Pos, Positioned, Value as Input};
use serde_json::json;
use std::collections::HashSet;

/// How many nodes one page may have.
pub(crate) const PAGE_MAX: usize = 1000;
/// How many nodes a page has when no number is given.
pub(crate) const PAGE_DEFAULT: usize = 50;

const ALIASES_MAX: usize = 100;
/// How many fields of one selection may be there already.
const REPEATED_MAX: usize = 100;
/// How many fields and fragments a document may select, fragments followed to their end.
const SELECTIONS_MAX: usize = 5000;
pub(crate) const NODES_MAX: u64 = 200_000;
/// How many items a list without pages counts for: what can grow has pages.
const LIST_LENGTH: u64 = 3;
/// How many groups or buckets an answer counts for that is also given in parts.
const PARTS: u64 = 20;
/// How many nodes a field counts for that is computed from the samples of a window, besides those it has.
const COMPUTED: u64 = 10;

/// Refuses documents with too many aliases, selections or levels, fragments followed to their end; and those whose fragments
/// are in a circle, or are not reached and so would not be counted.
pub(crate) fn check_shape(document: &ExecutableDocument, types: &Types) -> Result<(), Refusal> {
    let variables = Variables::new();
    let mut walk = Walk::new(document, types, &variables);
    for (_, operation) in document.operations.iter() {
        walk.operation(&operation.node)?;
    }
    let unused = document.fragments.iter().filter(|(name, _)| !walk.followed.contains(name.as_str()));
    match unused.min_by_key(|(name, _)| name.as_str()) {
        Some((name, fragment)) => {
            let message = format!(
                "the fragment \"{name}\" is never used: spread it, or leave it out (GraphQL 5.5.1.4)"
            );
            Err(Refusal { error: Box::new(Error::bad_input(message)), locations: vec![fragment.pos] })
        }
        None => Ok(()),
    }
}

/// Returns how many nodes an operation may ask for, the product of the lists along each path, added up, with what computed fields
/// count for; refused where these are too many.
pub(crate) fn check_cost(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    types: &Types,
    variables: &Variables,
) -> Result<u64, Refusal> {
    let nodes = Walk::new(document, types, variables).counting().operation(operation)?;
    if nodes > NODES_MAX {
        let error = Error::limit(format!(
            "a request may ask for {NODES_MAX} nodes, this one asks for up to {nodes}: ask for smaller pages, fewer samples (\"limit\") or fewer \
             \"bins\" of each, or for some of it in another request"
        ));
        return Err(error.with("cost", json!({ "nodes": nodes, "nodesMax": NODES_MAX })).into());
    }
    Ok(nodes)
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    types: &'a Types,
    variables: &'a Variables,
    selections: usize,
    aliases: usize,
    /// Whether the variables are known, so that introspection can be counted.
    counting: bool,
    /// How many bytes of that were counted so far.
    schema_bytes: u64,
    /// The fragments being followed.
    spreads: Vec<&'a str>,
    /// The fragments that were followed at all.
    followed: HashSet<&'a str>,
}

impl<'a> Walk<'a> {
    fn new(document: &'a ExecutableDocument, types: &'a Types, variables: &'a Variables) -> Self {
        let (spreads, followed) = (Vec::new(), HashSet::new());
        Self {
            document,
            types,
            variables,
            selections: 0,
            aliases: 0,
            counting: false,
            schema_bytes: 0,
            spreads,
            followed,
        }
    }

    fn counting(self) -> Self {
        Self { counting: true, ..self }
    }

    /// Returns how many nodes an operation asks for.
    fn operation(&mut self, operation: &'a OperationDefinition) -> Result<u64, Refusal> {
        let root = match operation.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        self.set(&operation.selection_set.node, self.types.get(root), 1)
    }

    /// Returns how many nodes a selection asks for on each object. Each set is a level, that of a fragment too: the depth
    /// bounds how far this and all later walks recurse.
    fn set(
        &mut self,
        set: &'a SelectionSet,
        object: Option<&Definition>,
        depth: usize,
    ) -> Result<u64, Refusal> {
        if depth > DEPTH_MAX {
            return Err(Error::limit(format!("selections may nest {DEPTH_MAX} deep")).into());
        }
        if !self.counting {
            check_repeated(set)?;
        }
        let mut nodes = 0_u64;
        for selection in &set.items {
            self.count()?;
            self.conditions(selection.node.directives())?;
            let asked = match &selection.node {
                Selection::Field(field) => self.field(&field.node, object, depth)?,
                Selection::InlineFragment(fragment) => {
                    let on = fragment
                        .node
                        .type_condition
                        .as_ref()
                        .map(|condition| condition.node.on.node.as_str());
                    let object = on.map_or(object, |on| self.types.get(on));
                    self.set(&fragment.node.selection_set.node, object, depth + 1)?
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name;
                    self.spread(&name.node, name.pos, depth)?
                }
            };
            nodes = nodes.saturating_add(asked);
        }
        Ok(nodes)
    }

    /// Refuses a condition that is null, which validation lets pass in a variable that has a default (6.4.1).
    fn conditions(&self, directives: &[Positioned<Directive>]) -> Result<(), Error> {
        let is_null = |directive: &&Positioned<Directive>| {
            let value = directive.node.get_argument("if");
            value.and_then(|value| constant(&value.node, self.variables)) == Some(Input::Null)
        };
        match directives.iter().find(is_null) {
            Some(null) => {
                Err(Error::bad_input(format!("\"if\" of @{} must not be null", null.node.name.node)))
            }
            None => Ok(()),
        }
    }

    fn count(&mut self) -> Result<(), Error> {
        self.selections += 1;
        if self.selections > SELECTIONS_MAX {
            return Err(Error::limit(format!("a document may select {SELECTIONS_MAX} fields and fragments")));
        }
        Ok(())
    }

    fn spread(&mut self, name: &'a str, at: Pos, depth: usize) -> Result<u64, Refusal> {
        let Some(fragment) = self.document.fragments.get(name) else { return Ok(0) };
        if self.spreads.contains(&name) {
            let error = Error::bad_input(format!("{} (GraphQL 5.5.2.2)", circle(&self.spreads, name)));
            return Err(Refusal { error: Box::new(error), locations: vec![at] });
        }
        self.followed.insert(name);
        self.spreads.push(name);
        let object = self.types.get(&fragment.node.type_condition.node.on.node);
        let nodes = self.set(&fragment.node.selection_set.node, object, depth + 1);
        self.spreads.pop();
        nodes
    }

    fn field(&mut self, field: &'a Field, object: Option<&Definition>, depth: usize) -> Result<u64, Refusal> {
        self.aliases += usize::from(field.alias.is_some());
        if self.aliases > ALIASES_MAX {
            return Err(Error::limit(format!("a document may have {ALIASES_MAX} aliases")).into());
        }
        if field.selection_set.node.items.is_empty() {
            return Ok(0);
        }
        if self.counting && matches!(field.name.node.as_str(), "__schema" | "__type") {
            let (document, types, variables) = (self.document, self.types, self.variables);
            introspection::add(&mut self.schema_bytes, field, document, types, variables)?;
        }
        let known = object.and_then(|object| object.field(&field.name.node));
        let inner = known.and_then(|(ty, _)| self.types.get(ty.name()));
        if inner.is_some_and(|inner| inner.field("totalCount").is_some())
            && is_count(&field.selection_set.node)
        {
            return self.set(&field.selection_set.node, inner, depth + 1);
        }
        let children = self.set(&field.selection_set.node, inner, depth + 1)?;
        let Some((ty, arguments)) = known else { return Ok(children) };
        // The nodes and edges of a page are counted with it.
        let is_whole = ty.is_list() && object.is_none_or(|object| object.field("pageInfo").is_none());
        let length =
            if matches!(field.name.node.as_str(), "groups" | "buckets") { PARTS } else { LIST_LENGTH };
        let items = self.page(field, arguments).or_else(|| is_whole.then_some(length));
        let nodes = items.map_or(children, |items| items.saturating_mul(children.saturating_add(1)));
        let is_computed = arguments.iter().any(|argument| argument.name == "window");
        let nodes = nodes.saturating_add(if is_computed { COMPUTED } else { 0 });
        Ok(nodes.saturating_add(self.weight(field, arguments)))
    }

    /// Returns how many nodes the numbers among the arguments of a field count for, such as how many samples it may give.
    fn weight(&self, field: &Field, arguments: &[InputField]) -> u64 {
        let value = |name: &str| constant(&field.get_argument(name)?.node, self.variables);
        let is_given = |name: &str| value(name).is_some_and(|value| value != Input::Null);
        let weights = arguments.iter().filter_map(|argument| {
            let weight = argument.weight.filter(|weight| !weight.unless.is_some_and(is_given))?;
            let given = value(&argument.name).or_else(|| argument.default.clone())?;
            Some(count(&given)?.div_ceil(weight.of_a_node))
        });
        weights.fold(0, u64::saturating_add)
    }

    /// Returns how many items a page has; `None` for a field that has no pages.
    fn page(&self, field: &Field, arguments: &[InputField]) -> Option<u64> {
        let asked = ["first", "last"].into_iter().find_map(|name| {
            let literal = field.get_argument(name)?;
            count(&constant(&literal.node, self.variables)?)
        });
        asked.or_else(|| {
            let first = arguments.iter().find(|argument| argument.name == "first")?;
            first.default.as_ref().map_or(Some(PAGE_DEFAULT as u64), count)
        })
    }
}

/// Describes a circle of fragments that ends with the spread of one that is being followed.
fn circle(spreads: &[&str], name: &str) -> String {
    let first = spreads.iter().position(|known| *known == name).unwrap_or_default();
    let through = spreads[first + 1..].iter().map(|name| format!(" through \"{name}\"")).collect::<String>();
    format!("the fragment \"{name}\" spreads itself{through}, which never ends")
}

/// Refuses a selection that asks for the same fields again and again.
fn check_repeated(set: &SelectionSet) -> Result<(), Error> {
    if set.items.len() <= REPEATED_MAX {
        return Ok(());
    }
    let keys = set.items.iter().filter_map(|selection| match &selection.node {
        Selection::Field(field) => Some(field.node.response_key().node.as_str()),
        _ => None,
    });
    let (mut known, mut repeated) = (HashSet::new(), 0);
    keys.for_each(|key| repeated += usize::from(!known.insert(key)));
    if repeated > REPEATED_MAX {
        return Err(Error::limit(format!(
            "a selection may ask {REPEATED_MAX} times for fields that it asks for already, this one does so {repeated} times"
        )));
    }
    Ok(())
}

/// Returns whether a page is asked only for its count, which costs no item of it.
fn is_count(set: &SelectionSet) -> bool {
    let counts = |name: &str| matches!(name, "totalCount" | "__typename");
    set.items.iter().all(|selection| match &selection.node {
        Selection::Field(field) => counts(&field.node.name.node),
        _ => false,
    })
}

fn count(value: &Input) -> Option<u64> {
    match value {
        Input::Number(number) => number.as_u64(),
        _ => None,
    }
}
