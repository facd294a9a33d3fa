//! What one request may ask for. Checked before anything is validated or executed, so that a small text cannot cause much work.

use super::coerce::{Variables, constant};
use super::registry::DEPTH_MAX;
use super::types::{Definition, InputField, Types};
use crate::graphql::error::Error;
use async_graphql::Value as Input;
use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};
use std::collections::HashSet;

/// How many nodes one page may have.
pub(crate) const PAGE_MAX: usize = 1000;
/// How many nodes a page has when no number is given.
pub(crate) const PAGE_DEFAULT: usize = 50;

const TEXT_BYTES_MAX: usize = 256 * 1024;
const ALIASES_MAX: usize = 100;
/// How many fields and fragments a document may select, fragments followed to their end.
const SELECTIONS_MAX: usize = 5000;
const NODES_MAX: u64 = 200_000;
/// How deep brackets may nest in the text; the parser recurses once for each.
const BRACKETS_MAX: usize = 200;

/// Refuses texts that are too long, or nested too deep for the parser's stack.
pub(crate) fn check_text(query: &str) -> Result<(), Error> {
    if query.len() > TEXT_BYTES_MAX {
        return Err(Error::limit(format!(
            "a document may have {TEXT_BYTES_MAX} bytes, this one has {}",
            query.len()
        )));
    }
    let mut open = 0_usize;
    let mut rest = query.as_bytes();
    while let Some(byte) = rest.first() {
        match byte {
            b'{' | b'[' | b'(' => open += 1,
            b'}' | b']' | b')' => open = open.saturating_sub(1),
            _ => {}
        }
        if open > BRACKETS_MAX {
            return Err(Error::limit(format!("brackets may nest {BRACKETS_MAX} deep")));
        }
        rest = &rest[token_length(rest)..];
    }
    Ok(())
}

/// Returns how many bytes a text or comment at the start takes, else 1; as the parser reads them, so that no bracket that
/// it sees is missed.
fn token_length(rest: &[u8]) -> usize {
    match rest {
        // Without an end it is read as an empty text and what follows.
        [b'"', b'"', b'"', ..] => text_length(rest, 3, b"\\\"\"\"", b"\"\"\"").unwrap_or(2),
        [b'"', ..] => text_length(rest, 1, b"\\", b"\"").unwrap_or(rest.len()),
        [b'#', ..] => {
            rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).map_or(rest.len(), |end| end + 1)
        }
        _ => 1,
    }
}

/// Returns the length of a text that is open after `from` bytes. What follows `\` alone is escaped with it.
fn text_length(rest: &[u8], from: usize, escape: &[u8], end: &[u8]) -> Option<usize> {
    let mut at = from;
    while at < rest.len() {
        if rest[at..].starts_with(escape) {
            at += escape.len().max(2);
        } else if rest[at..].starts_with(end) {
            return Some(at + end.len());
        } else {
            at += 1;
        }
    }
    None
}

/// Refuses documents with too many aliases, selections or levels, fragments followed to their end; and those whose fragments
/// are in a circle, or are not reached and so would not be counted.
pub(crate) fn check_shape(document: &ExecutableDocument, types: &Types) -> Result<(), Error> {
    let variables = Variables::new();
    let mut walk = Walk::new(document, types, &variables);
    for (_, operation) in document.operations.iter() {
        walk.operation(&operation.node)?;
    }
    let unused = document.fragments.keys().filter(|name| !walk.followed.contains(name.as_str()));
    match unused.min() {
        Some(name) => Err(Error::bad_input(format!("Fragment \"{name}\" is never used"))),
        None => Ok(()),
    }
}

/// Refuses operations that ask for too many nodes: the product of the pages along each path, added up.
pub(crate) fn check_cost(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    types: &Types,
    variables: &Variables,
) -> Result<(), Error> {
    let nodes = Walk::new(document, types, variables).operation(operation)?;
    if nodes > NODES_MAX {
        return Err(Error::limit(format!(
            "a request may ask for {NODES_MAX} nodes, this one asks for up to {nodes}: ask for smaller pages"
        )));
    }
    Ok(())
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    types: &'a Types,
    variables: &'a Variables,
    selections: usize,
    aliases: usize,
    /// The fragments being followed.
    spreads: Vec<&'a str>,
    /// The fragments that were followed at all.
    followed: HashSet<&'a str>,
}

impl<'a> Walk<'a> {
    fn new(document: &'a ExecutableDocument, types: &'a Types, variables: &'a Variables) -> Self {
        let (spreads, followed) = (Vec::new(), HashSet::new());
        Self { document, types, variables, selections: 0, aliases: 0, spreads, followed }
    }

    /// Returns how many nodes an operation asks for.
    fn operation(&mut self, operation: &'a OperationDefinition) -> Result<u64, Error> {
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
    ) -> Result<u64, Error> {
        if depth > DEPTH_MAX {
            return Err(Error::limit(format!("selections may nest {DEPTH_MAX} deep")));
        }
        let mut nodes = 0_u64;
        for selection in &set.items {
            self.count()?;
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
                Selection::FragmentSpread(spread) => self.spread(&spread.node.fragment_name.node, depth)?,
            };
            nodes = nodes.saturating_add(asked);
        }
        Ok(nodes)
    }

    fn count(&mut self) -> Result<(), Error> {
        self.selections += 1;
        if self.selections > SELECTIONS_MAX {
            return Err(Error::limit(format!("a document may select {SELECTIONS_MAX} fields and fragments")));
        }
        Ok(())
    }

    fn spread(&mut self, name: &'a str, depth: usize) -> Result<u64, Error> {
        let Some(fragment) = self.document.fragments.get(name) else { return Ok(0) };
        if self.spreads.contains(&name) {
            return Err(Error::bad_input(format!("Fragment \"{name}\" spreads itself")));
        }
        self.followed.insert(name);
        self.spreads.push(name);
        let object = self.types.get(&fragment.node.type_condition.node.on.node);
        let nodes = self.set(&fragment.node.selection_set.node, object, depth + 1);
        self.spreads.pop();
        nodes
    }

    fn field(&mut self, field: &'a Field, object: Option<&Definition>, depth: usize) -> Result<u64, Error> {
        self.aliases += usize::from(field.alias.is_some());
        if self.aliases > ALIASES_MAX {
            return Err(Error::limit(format!("a document may have {ALIASES_MAX} aliases")));
        }
        if field.selection_set.node.items.is_empty() {
            return Ok(0);
        }
        let known = object.and_then(|object| object.field(&field.name.node));
        let inner = known.and_then(|(ty, _)| self.types.get(ty.name()));
        let children = self.set(&field.selection_set.node, inner, depth + 1)?;
        let page = self.page(field, known.map_or(&[], |(_, arguments)| arguments));
        Ok(page.map_or(children, |page| page.saturating_mul(children.saturating_add(1))))
    }

    /// Returns how many items a page has; `None` for a field that has no pages.
    fn page(&self, field: &Field, arguments: &[InputField]) -> Option<u64> {
        let asked = ["first", "last"].into_iter().find_map(|name| {
            let literal = field.get_argument(name)?;
            count(&constant(&literal.node, self.variables)?)
        });
        let argument = |name: &str| arguments.iter().find(|argument| argument.name == name);
        asked.or_else(|| match (&argument("first")?.default, argument("skip")) {
            (Some(default), _) => count(default),
            // A list without cursors is given as a whole.
            (None, Some(_)) => Some(PAGE_MAX as u64),
            (None, None) => Some(PAGE_DEFAULT as u64),
        })
    }
}

fn count(value: &Input) -> Option<u64> {
    match value {
        Input::Number(number) => number.as_u64(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_texts_do_not_count() {
        let check = |query: &str, passes: bool| assert_eq!(check_text(query).is_ok(), passes, "{query}");
        let many = "{".repeat(BRACKETS_MAX + 1);
        check(&many, false);
        check(&many[1..], true);
        check(&format!("\"{many}\\\"{many}\""), true);
        check(&format!("\"\"\"{many}\" {many}\"\"\""), true);
        check(&format!("# {many}"), true);
        check(&format!("# \n{many}"), false);
        check(&format!("\"\" {many}"), false);
        check("\"\\", true);
        // Where a text or a comment ends is where the parser ends it.
        check(&format!("# \r{many}"), false);
        check(&format!("# \\\n{many}"), false);
        check(&format!("\"\"\"\\\\\"\"\" \"\"\" {many}"), false);
        check(&format!("\"\"\" \\\"\"\" {many} \"\"\""), true);
        check(&format!("[\"\"\" \" {many}"), false);
    }
}
