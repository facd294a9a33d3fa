//! What is asked of a field's answer, for resolvers whose work depends on it.

use crate::graphql::engine::document::coerce::{Variables, constant};
use async_graphql::Value as Input;
use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};

/// The selections below a field.
#[derive(Clone, Copy)]
pub(crate) struct Lookahead<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    sets: &'a [&'a SelectionSet],
    /// The fields that are looked below; all of them where absent.
    through: Option<&'a [&'a str]>,
}

impl<'a> Lookahead<'a> {
    pub(crate) fn new(
        document: &'a ExecutableDocument,
        variables: &'a Variables,
        sets: &'a [&'a SelectionSet],
    ) -> Self {
        Self { document, variables, sets, through: None }
    }

    /// Looks below none but these fields, however deep they are in each other.
    pub(crate) fn through(self, fields: &'a [&'a str]) -> Self {
        Self { through: Some(fields), ..self }
    }

    /// Returns whether one of these fields is asked for, at any depth.
    pub(crate) fn asks(&self, names: &[&str]) -> bool {
        self.asks_any(|name| names.contains(&name))
    }

    /// Returns whether a field with such a name is asked for, at any depth.
    pub(crate) fn asks_any(&self, is_wanted: impl Fn(&str) -> bool) -> bool {
        let mut found = false;
        self.walk(&mut |field| found |= is_wanted(&field.name.node));
        found
    }

    /// Returns the values of an argument of a field, wherever it is asked for.
    pub(crate) fn given(&self, name: &str, argument: &str) -> Vec<Input> {
        let mut given = Vec::new();
        self.walk(&mut |field| {
            if field.name.node == name
                && let Some(literal) = field.get_argument(argument)
            {
                given.extend(constant(&literal.node, self.variables));
            }
        });
        given
    }

    fn walk(&self, each: &mut dyn FnMut(&Field)) {
        let mut open: Vec<&SelectionSet> = self.sets.to_vec();
        let mut visited: Vec<&str> = Vec::new();
        while let Some(set) = open.pop() {
            for selection in &set.items {
                match &selection.node {
                    Selection::Field(field) => {
                        each(&field.node);
                        let name = field.node.name.node.as_str();
                        if self.through.is_none_or(|through| through.contains(&name)) {
                            open.push(&field.node.selection_set.node);
                        }
                    }
                    Selection::InlineFragment(fragment) => open.push(&fragment.node.selection_set.node),
                    Selection::FragmentSpread(spread) => {
                        let name = spread.node.fragment_name.node.as_str();
                        if let Some(fragment) = self.document.fragments.get(name)
                            && !visited.contains(&name)
                        {
                            visited.push(name);
                            open.push(&fragment.node.selection_set.node);
                        }
                    }
                }
            }
        }
    }
}
