//! Suspect links of a version, and clearing one.

use crate::app::{ClearRequest, Scope};
use crate::graph::{Committed, PropertyDiff, RequestKey};
use crate::graphql::engine::types::build::{ObjectBuilder, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::history::mutations::Mutations;
use crate::graphql::schema::history::mutations::{MESSAGE, payload as with_commit};
use crate::graphql::schema::shared::node::{self, find_iri, property_name, shown};
use crate::graphql::schema::shared::page::{self, Cut, PageInfo};
use crate::graphql::schema::shared::payload::Made;
use crate::graphql::schema::shared::version_arguments::MAIN;
use crate::graphql::schema::shared::{author, payload};
use crate::model::statement::Statement;
use crate::ontology::Ontology;
use crate::thread::{self, Suspect};
use std::sync::Arc;

struct Page {
    links: Vec<Arc<SuspectLink>>,
    info: PageInfo,
    total: usize,
}

struct SuspectLink {
    scope: Arc<Scope>,
    suspect: Suspect,
    cursor: String,
}

struct TargetChange {
    link: Arc<SuspectLink>,
    diff: PropertyDiff,
}

/// Adds `suspectLinks` to `Thread`.
pub(crate) fn extend_thread(builder: ObjectBuilder<Arc<Scope>>) -> ObjectBuilder<Arc<Scope>> {
    builder.field_with(
        "suspectLinks",
        "SuspectLinkConnection!",
        "The links whose target has changed in a significant property since they were made or last confirmed.",
        page::arguments(),
        suspect_links,
    )
}

fn suspect_links(scope: &Arc<Scope>, call: &Call<'_>) -> Result<Value, Error> {
    self::page(scope, call.request.suspects(&scope.snapshot).all()?, call)
}

/// Returns a page of suspect links of a version.
pub(crate) fn page(scope: &Arc<Scope>, found: Vec<Suspect>, call: &Call<'_>) -> Result<Value, Error> {
    // A cursor is a link in words, none of which holds a space.
    let cut = Cut::read(call.arguments)?.of_form(|text| text.split(' ').count() == 3)?;
    let total = found.len();
    let mut links: Vec<Arc<SuspectLink>> =
        found.into_iter().map(|suspect| SuspectLink::of(scope, suspect)).collect();
    links.sort_unstable_by(|a, b| a.cursor.cmp(&b.cursor));
    let (links, has_more) = cut.apply(links, |link| &link.cursor);
    let ends = (links.first(), links.last());
    let of = |link: Option<&Arc<SuspectLink>>| link.map(|link| link.cursor.clone());
    let info = cut.info(has_more, (of(ends.0), of(ends.1)));
    Ok(Value::object(Page { links, info, total }))
}

impl SuspectLink {
    fn of(scope: &Arc<Scope>, suspect: Suspect) -> Arc<Self> {
        let cursor = cursor(scope, &suspect.link);
        Arc::new(Self { scope: Arc::clone(scope), suspect, cursor })
    }
}

fn cursor(scope: &Scope, link: &Statement) -> String {
    let snapshot = &scope.snapshot;
    let property = property_name(snapshot.ontology(), link.predicate.as_ref());
    format!("{} {property} {}", snapshot.shorten(&link.subject), shown(snapshot, &link.object))
}

pub(crate) fn types(ontology: &Arc<Ontology>) -> Vec<Definition> {
    vec![
        object::<Page>("SuspectLinkConnection", page::PAGE)
            .field("totalCount", "Int!", "", |page, _| Ok(page.total.into()))
            .field("edges", "[SuspectLinkEdge!]!", "", |page, _| {
                Ok(Value::objects(page.links.iter().cloned()))
            })
            .field("nodes", "[SuspectLink!]!", "", |page, _| Ok(Value::objects(page.links.iter().cloned())))
            .field("pageInfo", "PageInfo!", "", |page, _| Ok(Value::object(page.info.clone())))
            .done(),
        object::<Arc<SuspectLink>>("SuspectLinkEdge", page::EDGE)
            .field("cursor", "String!", "", |link, _| Ok(page::opaque(&link.cursor).into()))
            .field("node", "SuspectLink!", "", |link, _| Ok(Value::object(Arc::clone(link))))
            .done(),
        link(ontology),
        target_change(),
    ]
}

fn link(ontology: &Arc<Ontology>) -> Definition {
    let (of_from, of_to) = (Arc::clone(ontology), Arc::clone(ontology));
    object::<Arc<SuspectLink>>("SuspectLink", "A link whose target has changed.")
        .field("from", "Record!", "The resource or fragment that the link belongs to.", move |link, _| {
            node::typed(&link.scope, link.suspect.link.subject.clone(), &of_from)
        })
        .field("property", "String!", "The field that holds it.", |link, _| {
            Ok(property_name(link.scope.snapshot.ontology(), link.suspect.link.predicate.as_ref()).into())
        })
        .field("propertyIri", "String!", "The IRI of the property.", |link, _| {
            Ok(link.suspect.link.predicate.as_str().into())
        })
        .field("to", "Record!", "What is linked.", move |link, _| {
            match node::target(&link.suspect.link.object) {
                Some(to) => node::typed(&link.scope, to.clone(), &of_to),
                None => Err(Error::broken("a link to a literal")),
            }
        })
        .field("since", "Commit!", "The commit that made the link.", |link, _| {
            Ok(Value::object(link.suspect.since.clone()))
        })
        .field(
            "baseline",
            "Commit!",
            "The commit that last confirmed the link, else the one that made it, or that merged the import which made it.",
            |link, _| Ok(Value::object(link.suspect.baseline.clone())),
        )
        .field(
            "changes",
            "[TargetChange!]!",
            "The statements of the target that differ from those at the baseline.",
            |link, _| {
                let wrap = |diff: &PropertyDiff| TargetChange { link: Arc::clone(link), diff: diff.clone() };
                Ok(Value::objects(link.suspect.properties.iter().map(wrap)))
            },
        )
        .done()
}

fn target_change() -> Definition {
    let texts = |of: &TargetChange, terms: &[oxigraph::model::Term]| -> Vec<String> {
        terms.iter().map(|term| shown(&of.link.scope.snapshot, term)).collect()
    };
    object::<TargetChange>("TargetChange", "A significant property of a link's target that has changed.")
        .field("subject", "ID!", "The target or one of its fragments.", |of, _| {
            Ok(of.link.scope.snapshot.shorten(&of.diff.subject).into())
        })
        .field("property", "String!", "The field.", |of, _| {
            Ok(property_name(of.link.scope.snapshot.ontology(), of.diff.predicate.as_ref()).into())
        })
        .field("propertyIri", "String!", "The IRI of the property.", |of, _| {
            Ok(of.diff.predicate.as_str().into())
        })
        .field("before", "[String!]!", "The values at the baseline that were removed since.", move |of, _| {
            Ok(texts(of, &of.diff.removed).into())
        })
        .field("after", "[String!]!", "The values that are new.", move |of, _| {
            Ok(texts(of, &of.diff.added).into())
        })
        .field("since", "Commit!", "The commit that made the property what it is now.", |of, call| {
            let suspects = call.request.suspects(&of.link.scope.snapshot);
            let commit = suspects.changed_by(&of.link.suspect, &of.diff)?;
            commit.map(Value::object).ok_or_else(|| Error::broken("a change without a commit"))
        })
        .done()
}

/// Adds the clearing of a suspect link to `Mutation`.
pub(crate) fn extend_mutations(mutations: Mutations) -> Mutations {
    mutations.add(
        ("confirmLink", "Confirms that a suspect link is still valid: from this commit on it is not suspect, until its target changes again."),
        vec![
            InputField::new("from", "ID!", "The resource or fragment that the link belongs to."),
            InputField::new("property", "String!", "The field of the link, such as satisfies, or the property's IRI."),
            InputField::new("to", "ID!", "What is linked."),
            InputField::new("branch", "String!", "The branch that takes the commit.").default(MAIN),
            InputField::new("message", "String", MESSAGE),
            InputField::new("author", "AuthorInput", "Who looked at it: whoever sends the request where absent, who must be a person."),
            InputField::new(
                "basedOn",
                "String",
                "The version that was looked at, the head where absent: where the target has changed after it, nothing is confirmed.",
            ),
        ],
        with_commit,
        |call, key| {
            let Committed { commit, changed, .. } = clear(call, key)?;
            Ok(Made { commit, changed, put: Vec::new() })
        },
    )
}

fn clear(call: &Call<'_>, key: Option<RequestKey>) -> Result<Committed, Error> {
    let given = call.arguments;
    let branch = given.needed_text("branch")?;
    let head = call.request.session.head(&branch)?;
    let from = find_iri(&head, &given.needed_text("from")?)?;
    let to = find_iri(&head, &given.needed_text("to")?)?;
    let name = given.needed_text("property")?;
    let predicate = thread::predicate_named(&head, &from, &name)?
        .ok_or_else(|| Error::bad_input(format!("{from} has no link called {name}")))?;
    let committed = call.request.session.confirm_link(&ClearRequest {
        branch,
        link: Statement::new(from, predicate, to),
        message: given.text("message")?,
        author: author::read(given)?,
        based_on: payload::based_on(call)?,
        idempotency_key: key,
    })?;
    call.request.forget();
    payload::counted(call, committed)
}
