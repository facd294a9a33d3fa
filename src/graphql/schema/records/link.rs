//! Links, both ways: single ones, and pages of many.

use super::filter;
use crate::app::Scope;
use crate::graph::{Filter, PageQuery};
use crate::graphql::engine::types::build::object;
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::connection::{Item, Link, Page};
use crate::graphql::schema::shared::node::{self, Node, RECORD};
use crate::graphql::schema::shared::page::{self, Cut};
use crate::model::statement::Statement;
use crate::ontology::Class;
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// A way from one resource to others: along a predicate, or against it.
#[derive(Clone)]
pub(crate) struct LinkPath {
    pub(crate) predicate: NamedNode,
    pub(crate) backward: bool,
    /// The class that the other ends are shown as; none where they share only `Record`.
    pub(crate) shown: Option<Class>,
    /// Whether the predicate also leads backward to other classes than the one shown.
    pub(crate) shared: bool,
}

impl LinkPath {
    /// Returns the name of the type that the other ends are shown as.
    pub(crate) fn shown_name(&self) -> &str {
        self.shown.as_ref().map_or(RECORD, |class| &class.name)
    }

    /// Returns the other ends, in IRI order.
    fn ends(&self, node: &Node) -> Result<Vec<NamedNode>, Error> {
        if !self.backward {
            return node.targets(&self.predicate);
        }
        let snapshot = &node.scope.snapshot;
        let mut ends = Vec::new();
        for end in snapshot.subjects(self.predicate.as_ref(), &node.iri.clone().into())? {
            let belongs = match &self.shown {
                Some(class) if self.shared => node::is_a(snapshot, &end, class)?,
                _ => true,
            };
            ends.extend(belongs.then_some(end));
        }
        Ok(ends)
    }

    fn link(&self, node: &Node, other: &NamedNode) -> Statement {
        let (from, to) = if self.backward { (other, &node.iri) } else { (&node.iri, other) };
        Statement::new(from.clone(), self.predicate.clone(), to.clone())
    }

    /// Returns the single target.
    pub(crate) fn single(&self, node: &Node) -> Result<Value, Error> {
        let other = self.ends(node)?.into_iter().next();
        Ok(other.map_or(Value::Null, |other| Value::object(Node::new(&node.scope, other))))
    }

    /// Returns the single link itself.
    pub(crate) fn single_link(&self, node: &Node) -> Result<Value, Error> {
        let Some(other) = self.ends(node)?.into_iter().next() else { return Ok(Value::Null) };
        Ok(Value::object(Link { scope: Arc::clone(&node.scope), statement: self.link(node, &other) }))
    }

    /// Returns a page of links.
    pub(crate) fn page(&self, node: &Node, call: &Call<'_>) -> Result<Value, Error> {
        let cut = Cut::read(call.arguments)?;
        let sorted = call.arguments.given("filter").is_some() || call.arguments.given("orderBy").is_some();
        let page = match &self.shown {
            Some(class) if sorted => self.sorted(node, class, call, &cut)?,
            _ => self.plain(node, &cut)?,
        };
        Ok(Value::object(page))
    }

    fn plain(&self, node: &Node, cut: &Cut) -> Result<Page, Error> {
        let ends = self.ends(node)?;
        let total = ends.len();
        let snapshot = &node.scope.snapshot;
        let mut sorted: Vec<(NamedNode, String)> =
            ends.into_iter().map(|end| (end.clone(), snapshot.shorten(&end))).collect();
        sorted.sort_unstable_by(|a, b| a.1.cmp(&b.1));
        let (items, has_more) = cut.apply(sorted, |(_, cursor)| cursor);
        Ok(Page::new(self.items(node, items), cut, has_more, Some(total)))
    }

    fn sorted(&self, node: &Node, class: &Class, call: &Call<'_>, cut: &Cut) -> Result<Page, Error> {
        let linked = match self.backward {
            true => Filter::OneOf(self.predicate.clone(), vec![node.iri.clone().into()]),
            false => Filter::LinkedFrom(self.predicate.clone(), vec![node.iri.clone()]),
        };
        let query = page_query(&node.scope, class, call, cut, Some(linked))?;
        let page = node.scope.snapshot.page(&query)?;
        Ok(Page::new(self.items(node, page.items), cut, page.has_more, page.total))
    }

    fn items(&self, node: &Node, items: Vec<(NamedNode, String)>) -> Vec<Item> {
        let item = |(other, cursor)| {
            let link = self.link(node, &other);
            Item::new(&node.scope, other, cursor, Some(link))
        };
        items.into_iter().map(item).collect()
    }
}

/// Makes the query for a page of a class from the arguments of its field.
pub(crate) fn page_query(
    scope: &Scope,
    class: &Class,
    call: &Call<'_>,
    cut: &Cut,
    also: Option<Filter>,
) -> Result<PageQuery, Error> {
    let given = call.arguments.object("filter")?;
    let given = given.map(|given| filter::read(&scope.snapshot, class, &given)).transpose()?;
    let mut filters: Vec<Filter> = also.into_iter().chain(given).collect();
    Ok(PageQuery {
        class: class.iri.clone(),
        filter: if filters.len() > 1 { Some(Filter::And(filters)) } else { filters.pop() },
        order: filter::read_order(class, &call.arguments.objects("orderBy")?)?,
        after: cut.after.clone(),
        before: cut.before.clone(),
        limit: cut.limit,
        from_end: cut.from_end,
        total: call.below.asks(&["totalCount"]),
    })
}

/// Returns the arguments of a page of a class.
pub(crate) fn page_arguments(class: Option<&Class>) -> Vec<InputField> {
    let mut arguments = Vec::new();
    if let Some(class) = class {
        arguments.push(InputField::new("filter", &format!("{}Filter", class.name), "").refusing_null());
        arguments.push(InputField::new("orderBy", &format!("[{}Order!]", class.name), "").refusing_null());
    }
    arguments.extend(page::arguments());
    arguments
}

/// Returns the type of a link by itself.
pub(crate) fn type_of_links() -> Definition {
    object::<Link>("Link", "A link by itself.")
        .field("since", "Commit!", "The commit that made the link.", |link, _| {
            let origin = link.scope.snapshot.origin(&link.statement)?;
            origin.map(Value::object).ok_or_else(|| Error::broken("a link without the commit that made it"))
        })
        .field("suspect", "Boolean!", SUSPECT, |link, call| {
            let suspects = call.request.suspects(&link.scope.snapshot);
            Ok(suspects.of(&link.statement)?.is_some().into())
        })
        .done()
}

/// The description of `suspect` on a link.
pub(crate) const SUSPECT: &str =
    "Whether a significant property of the target has changed since the link was made or last confirmed.";
