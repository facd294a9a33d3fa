//! Connections of resources: pages of a class, and pages of links, whose edges have the link itself.

use crate::app::Scope;
use crate::graphql::engine::types::Definition;
use crate::graphql::engine::types::build::{ObjectBuilder, object};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::node::Node;
use crate::graphql::schema::shared::page::{self, Cut, PageInfo};
use crate::model::statement::Statement;
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// A page of resources.
pub(crate) struct Page {
    items: Vec<Arc<Item>>,
    info: PageInfo,
    total: Option<usize>,
}

/// One resource of a page.
pub(crate) struct Item {
    scope: Arc<Scope>,
    iri: NamedNode,
    cursor: String,
    /// The link that leads to it, where the page is one of links.
    link: Option<Statement>,
}

/// A link by itself.
pub(crate) struct Link {
    pub(crate) scope: Arc<Scope>,
    pub(crate) statement: Statement,
}

impl Item {
    pub(crate) fn new(scope: &Arc<Scope>, iri: NamedNode, cursor: String, link: Option<Statement>) -> Self {
        Self { scope: Arc::clone(scope), iri, cursor, link }
    }

    fn node(&self) -> Value {
        Value::object(Node::new(&self.scope, self.iri.clone()))
    }
}

impl Page {
    /// Makes a page of the items that a cut left; the total is there where it was counted.
    pub(crate) fn new(items: Vec<Item>, cut: &Cut, has_more: bool, total: Option<usize>) -> Self {
        let cursor = |item: Option<&Item>| item.map(|item| item.cursor.clone());
        let info = cut.info(has_more, (cursor(items.first()), cursor(items.last())));
        Self { items: items.into_iter().map(Arc::new).collect(), info, total }
    }

    /// Cuts a page out of a list that is in memory.
    pub(crate) fn of(scope: &Arc<Scope>, iris: Vec<NamedNode>, call: &Call<'_>) -> Result<Value, Error> {
        Self::of_each(iris.into_iter().map(|iri| (Arc::clone(scope), iri)).collect(), call)
    }

    /// Cuts a page out of a list that is in memory, each resource of a version of its own.
    pub(crate) fn of_each(found: Vec<(Arc<Scope>, NamedNode)>, call: &Call<'_>) -> Result<Value, Error> {
        let (cut, total) = (Cut::read(call.arguments)?, found.len());
        let (range, has_more) = cut.range(total)?;
        let first = range.start;
        let item = |(at, (scope, iri)): (usize, _)| Item::new(&scope, iri, page::place(first + at), None);
        let items = found.into_iter().skip(first).take(range.len()).enumerate().map(item).collect();
        Ok(Value::object(Self::new(items, &cut, has_more, Some(total))))
    }
}

/// Returns the types of pages of what is shown as `name`; edges have a link where some field pages links to it.
pub(crate) fn types(name: &str, is_linked: bool) -> [Definition; 2] {
    let connection = object::<Page>(&format!("{name}Connection"), page::PAGE)
        .field("edges", &format!("[{name}Edge!]!"), "", |page, _| {
            Ok(Value::objects(page.items.iter().cloned()))
        })
        .field("nodes", &format!("[{name}!]!"), "", |page, _| {
            Ok(Value::List(page.items.iter().map(|item| item.node()).collect()))
        })
        .field("pageInfo", "PageInfo!", "", |page, _| Ok(Value::object(page.info.clone())))
        .field("totalCount", "Int!", "", |page, _| page::total(page.total));
    let edge = object::<Arc<Item>>(&format!("{name}Edge"), page::EDGE)
        .field("cursor", "String!", "", |item, _| Ok(page::opaque(&item.cursor).into()))
        .field("node", &format!("{name}!"), "", |item, _| Ok(item.node()));
    let edge = if is_linked { with_link(edge) } else { edge };
    [connection.done(), edge.done()]
}

fn with_link(builder: ObjectBuilder<Arc<Item>>) -> ObjectBuilder<Arc<Item>> {
    builder.field("link", "Link", "", |item, _| {
        let wrap = |link: &Statement| {
            Value::object(Link { scope: Arc::clone(&item.scope), statement: link.clone() })
        };
        Ok(item.link.as_ref().map_or(Value::Null, wrap))
    })
}
