//! Which fields are asked of the objects of a type, and what is asked below each.

use super::cursor::ListMark;
use crate::graphql::engine::types::arguments::Arguments;
use crate::graphql::engine::types::{Field, Object};
use crate::graphql::error::Error;
use async_graphql::Pos;
use async_graphql::parser::types::SelectionSet;
use std::cell::RefCell;
use std::rc::Rc;

/// One field to resolve: all selections of one response key.
pub(in crate::graphql::engine) struct Planned<'a> {
    pub(in crate::graphql::engine) key: &'a str,
    pub(in crate::graphql::engine) what: What<'a>,
    pub(in crate::graphql::engine) at: Pos,
    pub(in crate::graphql::engine) below: Rc<Below<'a>>,
    /// The list that the field is a cursor of.
    pub(super) cursor_of: Option<ListMark>,
}

pub(in crate::graphql::engine) enum What<'a> {
    TypeName,
    Field { field: &'a Field, arguments: Result<Arguments, Error> },
}

/// The selections below a field, planned once for each type of object that occurs.
pub(in crate::graphql::engine) struct Below<'a> {
    pub(super) sets: Vec<&'a SelectionSet>,
    /// Whether objects here wait for their batch, as something below them is asked for all of it at once.
    pub(super) waits: bool,
    /// The list that the selections describe a page of.
    pub(super) list: Option<ListMark>,
    pub(super) plans: RefCell<Vec<(*const Object, Plan<'a>)>>,
}

pub(in crate::graphql::engine) type Plan<'a> = Rc<Vec<Planned<'a>>>;
