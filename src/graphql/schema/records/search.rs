//! Search, over the names and descriptions of all resources of a version.

use crate::app::Scope;
use crate::graphql::engine::types::build::{ObjectBuilder, enumeration, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::node;
use crate::graphql::schema::shared::page::{self, Cut, PageInfo};
use crate::ontology::Ontology;
use crate::thread::{Hit, Search, SearchPlace, Unsearchable};
use oxigraph::model::NamedNode;
use std::sync::Arc;

struct Page {
    edges: Vec<Arc<Edge>>,
    info: PageInfo,
    total: usize,
}

struct Edge {
    scope: Arc<Scope>,
    hit: Hit,
    cursor: String,
}

/// Adds `search` to `Thread`.
pub(crate) fn extend_thread(builder: ObjectBuilder<Arc<Scope>>) -> ObjectBuilder<Arc<Scope>> {
    let mut arguments = vec![InputField::new(
        "text",
        "String!",
        "Words, or beginnings of words, all of which a resource must have.",
    )];
    arguments.extend(page::arguments());
    builder.field_with(
        "search",
        "SearchConnection!",
        "The resources that have all words of a text in their identifiers, titles, labels and descriptions, whatever the case and \
         the accents; those with the text as an identifier come first, those that need their descriptions last.",
        arguments,
        search,
    )
}

fn search(scope: &Arc<Scope>, call: &Call<'_>) -> Result<Value, Error> {
    let cut = Cut::read(call.arguments)?.of_form(is_cursor)?;
    let search = Search::new(&call.arguments.needed_text("text")?)?;
    let edge = |hit: Hit| {
        let rank = SearchPlace::ALL.iter().take_while(|place| **place != hit.place).count();
        let cursor = format!("{rank} {}", hit.resource.as_str());
        Arc::new(Edge { scope: Arc::clone(scope), hit, cursor })
    };
    let edges: Vec<_> = search.hits(&scope.snapshot)?.into_iter().map(edge).collect();
    let total = edges.len();
    let (edges, has_more) = cut.apply(edges, |edge| &edge.cursor);
    let of = |edge: Option<&Arc<Edge>>| edge.map(|edge| edge.cursor.clone());
    let info = cut.info(has_more, (of(edges.first()), of(edges.last())));
    Ok(Value::object(Page { edges, info, total }))
}

/// Returns whether a text is the rank of a place and an IRI.
fn is_cursor(text: &str) -> bool {
    text.split_once(' ').is_some_and(|(rank, iri)| {
        rank.parse::<usize>().is_ok_and(|rank| rank < SearchPlace::ALL.len()) && NamedNode::new(iri).is_ok()
    })
}

impl From<Unsearchable> for Error {
    fn from(error: Unsearchable) -> Self {
        match error {
            Unsearchable::NoWord(_) => Self::bad_input(error),
            Unsearchable::TooManyWords(_) => Self::limit(error),
        }
    }
}

impl Edge {
    fn node(&self, ontology: &Ontology) -> Result<Value, Error> {
        node::typed(&self.scope, self.hit.resource.clone(), ontology)
    }
}

pub(crate) fn types(ontology: &Arc<Ontology>) -> Vec<Definition> {
    let (of_page, of_edge) = (Arc::clone(ontology), Arc::clone(ontology));
    let places = SearchPlace::ALL.map(|place| (place.as_str(), describe(place)));
    vec![
        object::<Page>("SearchConnection", page::PAGE)
            .field("totalCount", "Int!", "", |page, _| Ok(page.total.into()))
            .field("edges", "[SearchEdge!]!", "", |page, _| Ok(Value::objects(page.edges.iter().cloned())))
            .field("nodes", "[Record!]!", "", move |page, _| {
                page.edges.iter().map(|edge| edge.node(&of_page)).collect::<Result<_, _>>().map(Value::List)
            })
            .field("pageInfo", "PageInfo!", "", |page, _| Ok(Value::object(page.info.clone())))
            .done(),
        object::<Arc<Edge>>("SearchEdge", "A resource that was found.")
            .field("cursor", "String!", "", |edge, _| Ok(page::opaque(&edge.cursor).into()))
            .field("place", "SearchPlace!", "Where it has the words.", |edge, _| {
                Ok(Value::Name(edge.hit.place.as_str()))
            })
            .field("node", "Record!", "The resource.", move |edge, _| edge.node(&of_edge))
            .done(),
        enumeration("SearchPlace", "Where a resource has the words that were searched for.", &places),
    ]
}

fn describe(place: SearchPlace) -> &'static str {
    match place {
        SearchPlace::Identifier => "One of its identifiers is the text.",
        SearchPlace::IdentifierPrefix => "One of its identifiers begins with the text.",
        SearchPlace::Title => "Its identifiers, titles and labels have all words.",
        SearchPlace::Description => "Its descriptions have some of the words.",
    }
}
