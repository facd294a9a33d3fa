//! Links, both ways: single ones, and pages of many whose edges state since when the link exists and whether it is suspect.

use super::filter;
use crate::app::Scope;
use crate::graph::{Filter, PageQuery};
use crate::graphql::engine::types::build::object;
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::request::Request;
use crate::graphql::schema::shared::node::{self, Node};
use crate::graphql::schema::shared::page::{self, Cut, PageInfo};
use crate::model::statement::Statement;
use crate::ontology::{Class, Ontology};
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// A way from one resource to others: along a predicate, or against it.
#[derive(Clone)]
pub(crate) struct Way {
    pub(crate) predicate: NamedNode,
    pub(crate) backward: bool,
    /// The class that the other ends are shown as; none where they share only `Node`.
    pub(crate) shown: Option<Class>,
    /// Whether the predicate also leads backward to other classes than the one shown.
    pub(crate) shared: bool,
    pub(crate) ontology: Arc<Ontology>,
}

/// One link, seen from the resource that was asked.
pub(crate) struct Edge {
    scope: Arc<Scope>,
    way: Arc<Way>,
    statement: Statement,
    other: NamedNode,
    cursor: String,
}

/// A page of links.
pub(crate) struct Links {
    edges: Vec<Arc<Edge>>,
    info: PageInfo,
    total: Option<usize>,
}

impl Way {
    /// Returns the name of the type that the other ends are shown as.
    pub(crate) fn shown_name(&self) -> &str {
        self.shown.as_ref().map_or("Node", |class| &class.name)
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

    fn edge(self: &Arc<Self>, node: &Node, other: NamedNode, cursor: String) -> Arc<Edge> {
        let (from, to) = if self.backward { (&other, &node.iri) } else { (&node.iri, &other) };
        let statement = Statement::new(from.clone(), self.predicate.clone(), to.clone());
        let (scope, way) = (Arc::clone(&node.scope), Arc::clone(self));
        Arc::new(Edge { scope, way, statement, other, cursor })
    }

    /// Returns the single target.
    pub(crate) fn single(self: &Arc<Self>, node: &Node) -> Result<Value, Error> {
        match self.ends(node)?.into_iter().next() {
            Some(other) => node::of_class(&node.scope, other, self.shown.as_ref(), &self.ontology),
            None => Ok(Value::Null),
        }
    }

    /// Returns the single link itself.
    pub(crate) fn single_link(self: &Arc<Self>, node: &Node) -> Result<Value, Error> {
        let Some(other) = self.ends(node)?.into_iter().next() else { return Ok(Value::Null) };
        Ok(Value::object(self.edge(node, other, String::new())))
    }

    /// Returns a page of links.
    pub(crate) fn page(self: &Arc<Self>, node: &Node, call: &Call<'_>) -> Result<Value, Error> {
        let cut = Cut::read(call.arguments)?;
        let sorted = call.arguments.given("filter").is_some() || call.arguments.given("orderBy").is_some();
        let links = match &self.shown {
            Some(class) if sorted => self.sorted(node, class, call, &cut)?,
            _ => self.plain(node, &cut)?,
        };
        Ok(Value::object(links))
    }

    fn plain(self: &Arc<Self>, node: &Node, cut: &Cut) -> Result<Links, Error> {
        let ends = self.ends(node)?;
        let total = ends.len();
        let snapshot = &node.scope.snapshot;
        let mut sorted: Vec<(NamedNode, String)> =
            ends.into_iter().map(|end| (end.clone(), snapshot.shorten(&end))).collect();
        sorted.sort_unstable_by(|a, b| a.1.cmp(&b.1));
        let (items, has_more) = cut.apply(sorted, |(_, cursor)| cursor);
        Ok(self.links(node, items, Some(total), cut, has_more))
    }

    fn sorted(
        self: &Arc<Self>,
        node: &Node,
        class: &Class,
        call: &Call<'_>,
        cut: &Cut,
    ) -> Result<Links, Error> {
        let linked = match self.backward {
            true => Filter::OneOf(self.predicate.clone(), vec![node.iri.clone().into()]),
            false => Filter::LinkedFrom(self.predicate.clone(), vec![node.iri.clone()]),
        };
        let query = page_query(&node.scope, class, call, cut, Some(linked))?;
        let page = node.scope.snapshot.page(&query)?;
        Ok(self.links(node, page.items, page.total, cut, page.has_more))
    }

    fn links(
        self: &Arc<Self>,
        node: &Node,
        items: Vec<(NamedNode, String)>,
        total: Option<usize>,
        cut: &Cut,
        has_more: bool,
    ) -> Links {
        let ends = (items.first().map(|item| item.1.clone()), items.last().map(|item| item.1.clone()));
        let edge = |(other, cursor)| self.edge(node, other, cursor);
        let edges = items.into_iter().map(edge).collect();
        Links { edges, info: cut.info(has_more, ends), total }
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
        arguments.push(InputField::new("filter", &format!("{}Filter", class.name), ""));
        arguments.push(InputField::new("orderBy", &format!("[{}Order!]", class.name), ""));
    }
    arguments.extend(page::arguments());
    arguments
}

impl Edge {
    fn node(&self) -> Result<Value, Error> {
        let shown = self.way.shown.as_ref();
        node::of_class(&self.scope, self.other.clone(), shown, &self.way.ontology)
    }

    fn since(&self) -> Result<crate::graph::Commit, Error> {
        let origin = self.scope.snapshot.origin(&self.statement)?;
        origin.ok_or_else(|| Error::broken("a link without the commit that made it"))
    }

    /// Returns whether a significant property of the target differs from what it was when the link was made or last confirmed.
    fn is_suspect(&self, request: &Request) -> Result<bool, Error> {
        Ok(request.suspects(&self.scope.snapshot).of(&self.statement)?.is_some())
    }
}

/// Returns the types of links to what is shown as `name`.
pub(crate) fn types_of(name: &str) -> Vec<Definition> {
    let since = |edge: &Arc<Edge>, _: &Call<'_>| Ok(Value::object(edge.since()?));
    let suspect = |edge: &Arc<Edge>, call: &Call<'_>| Ok(edge.is_suspect(call.request)?.into());
    let node = |edge: &Arc<Edge>, _: &Call<'_>| edge.node();
    let edges = format!("[{name}LinkEdge!]!");
    let non_null = format!("{name}!");
    vec![
        object::<Links>(&format!("{name}LinkConnection"), "A page of links.")
            .field("totalCount", "Int!", "How many there are on all pages.", |links, _| {
                page::total(links.total)
            })
            .field("edges", &edges, "The links.", |links, _| Ok(Value::objects(links.edges.iter().cloned())))
            .field("pageInfo", "PageInfo!", "The position of the page in the list.", |links, _| {
                Ok(Value::object(links.info.clone()))
            })
            .done(),
        object::<Arc<Edge>>(&format!("{name}LinkEdge"), "A link in a page.")
            .field("cursor", "String!", "Its place in the list.", |edge, _| Ok(edge.cursor.clone().into()))
            .field("node", &non_null, "What is linked.", node)
            .field("since", "Commit!", "The commit that made the link.", since)
            .field("suspect", "Boolean!", SUSPECT, suspect)
            .done(),
        object::<Arc<Edge>>(&format!("{name}Link"), "A single link.")
            .field("node", &non_null, "What is linked.", node)
            .field("since", "Commit!", "The commit that made the link.", since)
            .field("suspect", "Boolean!", SUSPECT, suspect)
            .done(),
    ]
}

/// The description of `suspect` on a link.
pub(crate) const SUSPECT: &str =
    "Whether a significant property of the target has changed since the link was made or last confirmed.";
