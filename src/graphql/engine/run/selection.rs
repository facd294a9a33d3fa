//! Which fields are asked of an object: selections gathered by response key, fragments and directives applied, arguments
//! read once for all objects of a type.

use super::cursor::{self, ListMark};
use super::execute::Execution;
use super::lookahead::Lookahead;
use super::plan::{Below, Plan, Planned, What};
use crate::graphql::engine::document::coerce;
use crate::graphql::engine::types::Object;
use crate::graphql::engine::types::meta;
use async_graphql::parser::types::{Directive, Field as FieldSelection, Selection, SelectionSet};
use async_graphql::{Positioned, Value as Input};
use std::cell::RefCell;
use std::rc::Rc;

impl<'a> Execution<'a> {
    /// Returns the selections of an operation.
    pub(super) fn below_root(&self, set: &'a SelectionSet) -> Below<'a> {
        self.below(vec![set], true, None)
    }

    /// Takes the selections below a field, whose own objects wait or do not.
    fn below(&self, sets: Vec<&'a SelectionSet>, above_waits: bool, list: Option<ListMark>) -> Below<'a> {
        let lookahead = Lookahead::new(self.document, self.variables, &sets);
        let waits = above_waits && lookahead.asks_any(|name| self.types.is_batched(name));
        Below { sets, waits, list, plans: RefCell::default() }
    }

    /// Returns the fields asked of an object of this type; planned once for each type.
    pub(super) fn plan(&self, object: &'a Object, below: &Below<'a>) -> Plan<'a> {
        let found = below
            .plans
            .borrow()
            .iter()
            .find(|(of, _)| std::ptr::eq(*of, object))
            .map(|(_, plan)| Rc::clone(plan));
        found.unwrap_or_else(|| {
            let plan = Rc::new(self.collect(object, below));
            below.plans.borrow_mut().push((object, Rc::clone(&plan)));
            plan
        })
    }

    fn collect(&self, object: &'a Object, below: &Below<'a>) -> Vec<Planned<'a>> {
        let mut groups: Vec<(&'a str, Vec<&'a Positioned<FieldSelection>>)> = Vec::new();
        let mut visited = Vec::new();
        for set in &below.sets {
            self.gather(object, set, &mut groups, &mut visited);
        }
        let planned = |(key, fields): (_, Vec<_>)| self.planned(object, key, &fields, below);
        groups.into_iter().filter_map(planned).collect()
    }

    fn gather(
        &self,
        object: &Object,
        set: &'a SelectionSet,
        groups: &mut Vec<(&'a str, Vec<&'a Positioned<FieldSelection>>)>,
        visited: &mut Vec<&'a str>,
    ) {
        let applies =
            |on: &str| *object.name == *on || object.interfaces.iter().any(|interface| interface == on);
        for selection in &set.items {
            if !self.is_included(selection.node.directives()) {
                continue;
            }
            match &selection.node {
                Selection::Field(field) => {
                    let key = field.node.response_key().node.as_str();
                    match groups.iter_mut().find(|(known, _)| *known == key) {
                        Some((_, fields)) => fields.push(field),
                        None => groups.push((key, vec![field])),
                    }
                }
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref();
                    if on.is_none_or(|condition| applies(&condition.node.on.node)) {
                        self.gather(object, &fragment.node.selection_set.node, groups, visited);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    let Some(fragment) = self.document.fragments.get(name) else { continue };
                    if !visited.contains(&name) && applies(&fragment.node.type_condition.node.on.node) {
                        visited.push(name);
                        self.gather(object, &fragment.node.selection_set.node, groups, visited);
                    }
                }
            }
        }
    }

    fn is_included(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().all(|directive| {
            let holds = directive
                .node
                .get_argument("if")
                .and_then(|value| coerce::constant(&value.node, self.variables));
            match directive.node.name.node.as_str() {
                "skip" => holds != Some(Input::Boolean(true)),
                "include" => holds != Some(Input::Boolean(false)),
                _ => true,
            }
        })
    }

    fn planned(
        &self,
        object: &'a Object,
        key: &'a str,
        fields: &[&'a Positioned<FieldSelection>],
        above: &Below<'a>,
    ) -> Option<Planned<'a>> {
        let first = fields.first()?;
        let what = match first.node.name.node.as_str() {
            "__typename" => What::TypeName,
            name => {
                let field = object.field(name).or_else(|| meta::root_field(&object.name, name))?;
                let arguments =
                    coerce::arguments(&field.arguments, &first.node.arguments, self.variables, self.types);
                What::Field { field, arguments }
            }
        };
        let sets = fields.iter().map(|field| &field.node.selection_set.node).collect();
        let list = match &what {
            What::Field { field, arguments } => {
                ListMark::below(object, field, arguments.as_ref().ok(), above.list.as_ref())
            }
            What::TypeName => None,
        };
        let (what, cursor_of) = match what {
            What::Field { field, arguments } => {
                let arguments = match &list {
                    Some(list) => arguments.and_then(|arguments| list.read(arguments)),
                    None => arguments,
                };
                let cursor_of = above.list.clone().filter(|_| cursor::is_cursor(object, field));
                (What::Field { field, arguments }, cursor_of)
            }
            what => (what, None),
        };
        let waits = above.waits && !matches!(&what, What::Field { field, .. } if field.at_once);
        Some(Planned { key, what, at: first.pos, below: Rc::new(self.below(sets, waits, list)), cursor_of })
    }
}
