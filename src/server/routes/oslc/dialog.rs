//! Previews, and the dialogs by which a person in another tool selects or creates a resource here.
//!
//! They are pages for frames: only pages of this service and of the origins under `frames` may show them.

use super::fault::Fault;
use super::html;
use super::reply::{Content, Notation, Reply};
use super::request::{Answering, OslcRequest};
use super::resource::page_of;
use crate::app::{OslcDocument, OslcQuery, OslcRefusal, OslcResource, Outward};
use crate::exchange::rdf::Format;
use crate::exchange::rdf::oslc::configuration::Named;
use crate::exchange::rdf::oslc::document::Document;
use crate::exchange::rdf::oslc::domain::Kind;
use crate::exchange::rdf::oslc::vocabulary::RDF;
use crate::graph::Snapshot;
use crate::ontology::terms::dcterms;
use crate::ontology::{Field, FieldKind};
use crate::server::{origins, routes};
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::Response;
use oxigraph::model::{Literal, NamedNode, Term};

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = include_str!("../../../../assets/oslc/dialog.js");
const STYLE: &str = include_str!("../../../../assets/oslc/dialog.css");

/// How many resources a selection dialog lists.
const LISTED: usize = 50;

/// Answers with the script of the dialogs.
pub(super) async fn script(asked: OslcRequest) -> Response {
    asked.answer_in(Notation::default(), |_| Ok(text("text/javascript; charset=utf-8", SCRIPT))).await
}

/// Answers with their style sheet.
pub(super) async fn style(asked: OslcRequest) -> Response {
    asked.answer_in(Notation::default(), |_| Ok(text("text/css; charset=utf-8", STYLE))).await
}

fn text(media_type: &'static str, text: &str) -> Reply {
    Reply::new(StatusCode::OK, Content::Text(media_type, text.to_owned()))
}

/// Answers with the small or the large preview of a resource.
pub(super) async fn preview(asked: OslcRequest) -> Response {
    asked
        .answer_in(Notation::Html, |answering| {
            let (size, path) = answering.rest("/oslc/previews/").split_once('/').unwrap_or_default();
            let is_large = match size {
                "small" => false,
                "large" => true,
                other => return Err(Fault::absent(format!("a preview is small or large, not \"{other}\""))),
            };
            let (named, version) = answering.version()?;
            let absent = || Fault::absent(format!("{path} is the address of no resource"));
            let iri = answering.addresses.iri_of_path(path).ok_or_else(absent)?;
            let resource = OslcResource::needed(&version, &iri)?;
            Ok(answering.framed(&previewed(answering, (&named, &version), &resource, is_large)?))
        })
        .await
}

fn previewed(
    answering: &Answering,
    (named, version): (&Named, &Snapshot),
    resource: &OslcResource,
    is_large: bool,
) -> Result<String, Fault> {
    let page = page_of(&answering.asked.shared.mount, resource, &version.shorten(&resource.iri), named);
    let mut body = format!(
        "<h1>{}</h1>\n<p class=\"quiet\">{} {}</p>\n",
        html::link(&page, resource.title()),
        html::escape(resource.kind.name),
        html::escape(resource.identifier())
    );
    let outward = Outward { version, addresses: &answering.addresses };
    let mut rows = String::new();
    let class = resource.kind.class_in(version.ontology());
    for field in class.into_iter().flat_map(|class| &class.fields) {
        let is_short = matches!(field.name.as_str(), "status" | "state" | "verdict" | "description");
        if !(is_large || is_short) || field.predicate.as_ref() == dcterms::TITLE {
            continue;
        }
        for value in version.values(&resource.iri, field.predicate.as_ref()).map_err(OslcRefusal::from)? {
            let shown = match &value {
                Term::NamedNode(target) => {
                    html::link(outward.address(target)?.as_str(), &version.shorten(target))
                }
                Term::Literal(literal) => html::escape(literal.value()),
                _ => continue,
            };
            rows.push_str(&html::row(&field.name, &shown));
        }
    }
    body.push_str(&format!("<table>\n{rows}</table>\n"));
    Ok(html::page(&answering.asked.shared.mount, resource.title(), &body))
}

/// Answers with the dialog that selects resources of a kind.
pub(super) async fn select(asked: OslcRequest) -> Response {
    asked
        .answer_in(Notation::Html, |answering| {
            let kind = answering.kind("/oslc/dialogs/select/")?;
            let (_, version) = answering.version()?;
            let words = answering.asked.parameter("q")?.unwrap_or_default();
            let terms = words.split_whitespace().map(str::to_owned).collect();
            let query = OslcQuery { terms, limit: LISTED, ..OslcQuery::default() };
            let page = answering.asked.session.oslc_page(&version, &answering.addresses, kind, &query)?;
            let outward = Outward { version: &version, addresses: &answering.addresses };
            let mut items = String::new();
            for iri in &page.items {
                let Some(resource) = OslcResource::read(&version, iri)? else { continue };
                let label = match resource.identifier() == resource.title() {
                    true => resource.title().to_owned(),
                    false => format!("{} {}", resource.identifier(), resource.title()),
                };
                items.push_str(&html::choice(outward.address(iri)?.as_str(), &label));
            }
            let (words, more) = (html::escape(&words), page.total.saturating_sub(page.items.len()));
            let more = match more {
                0 => String::new(),
                more => format!("<p class=\"quiet\">and {more} more: search for words of them</p>\n"),
            };
            let body = format!(
                "<h1>Select a {}</h1>\n<form method=\"get\"><label>Words in the title, the description or the identifier\
                 <input type=\"text\" name=\"q\" value=\"{words}\" autofocus></label></form>\n<ul>\n{items}</ul>\n{more}\
                 <button type=\"button\" id=\"ok\">OK</button> <button type=\"button\" id=\"cancel\">Cancel</button>\n",
                kind.name
            );
            Ok(answering.framed(&html::page(&answering.asked.shared.mount, &format!("Select a {}", kind.name), &body)))
        })
        .await
}

/// Answers with the dialog that creates a resource of a kind.
pub(super) async fn form(asked: OslcRequest) -> Response {
    asked
        .answer_in(Notation::Html, |answering| {
            let kind = answering.kind("/oslc/dialogs/create/")?;
            let (_, version) = answering.version()?;
            Ok(answering.framed(&formed(answering, &version, kind, &[], "")?))
        })
        .await
}

/// Creates a resource of what the form of the dialog states.
pub(super) async fn create(asked: OslcRequest, body: Body) -> Response {
    let received = match origins::is_of_own_page(&asked.headers) {
        true => asked.receive(body).await,
        false => Err(Fault::new(
            StatusCode::FORBIDDEN,
            "a form is taken from a page of this service alone: other clients post to the creation factory",
        )),
    };
    asked.answer_in(Notation::Html, move |answering| created(answering, received?)).await
}

fn created(answering: &Answering, body: Vec<u8>) -> Result<Reply, Fault> {
    let kind = answering.kind("/oslc/dialogs/create/")?;
    let (_, version) = answering.version()?;
    let text = String::from_utf8(body).map_err(|_| Fault::bad("the form is not UTF-8"))?;
    let values = routes::parameters::parse(&text).map_err(Fault::bad)?;
    let value = |name: &str| {
        values.iter().find(|(own, _)| own == name).map(|(_, value)| value.trim()).unwrap_or_default()
    };
    let principal = answering.asked.session.principal();
    if !answering.asked.shared.form_key.is_of(value("token"), principal) {
        let text =
            "The form was made for another sign-in, or before the service was started anew: send it again.";
        return Ok(answering.framed(&formed(answering, &version, kind, &values, text)?));
    }
    let (new, mut document) = (NamedNode::new_unchecked("urn:throughline:new"), Document::default());
    document.add(&new, (RDF, "type"), kind.class.into_owned());
    for field in fields(&version, kind) {
        let text = value(&field.name);
        if text.is_empty() {
            continue;
        }
        let object = match &field.kind {
            FieldKind::Link(_) | FieldKind::Iri => match version.expand(text) {
                Ok(iri) => Term::from(answering.addresses.iri(&iri).unwrap_or(iri)),
                Err(error) => {
                    let page = formed(answering, &version, kind, &values, &error.to_string())?;
                    return Ok(answering.framed(&page));
                }
            },
            _ => Literal::from(text).into(),
        };
        document.add(&new, (field.predicate.as_str(), ""), object);
    }
    let bytes = document.written(Format::Turtle).map_err(|error| Fault::failed(&error))?;
    let document = OslcDocument { bytes, format: Format::Turtle };
    let (session, branch) = (&answering.asked.session, answering.branch()?);
    match session.oslc_create(&branch, &answering.addresses, kind, &document) {
        Ok((version, made)) => {
            let outward = Outward { version: &version, addresses: &answering.addresses };
            let (address, label) = (outward.address(&made.iri)?, html::escape(made.title()));
            let address = html::escape(address.as_str());
            let body = format!(
                "<p>Created <a id=\"made\" data-label=\"{label}\" href=\"{address}\" target=\"_blank\" rel=\"noopener\">{label}</a>.</p>\n"
            );
            Ok(answering.framed(&html::page(&answering.asked.shared.mount, "Created", &body)))
        }
        Err(refusal) => {
            let fault = Fault::from(refusal);
            let mut reply = answering.framed(&formed(answering, &version, kind, &values, &fault.message)?);
            reply.status = fault.status;
            Ok(reply)
        }
    }
}

/// Returns the fields that the form asks for: what every resource should have, and what the ontology needs.
fn fields<'a>(version: &'a Snapshot, kind: &Kind) -> impl Iterator<Item = &'a Field> {
    let class = kind.class_in(version.ontology());
    let usual = [dcterms::IDENTIFIER, dcterms::TITLE, dcterms::DESCRIPTION];
    class.into_iter().flat_map(|class| &class.fields).filter(move |field| {
        let is_plain = !matches!(field.kind, FieldKind::Fragment(_)) && field.reserved.is_none();
        is_plain && (field.min > 0 || usual.contains(&field.predicate.as_ref()))
    })
}

fn formed(
    answering: &Answering,
    version: &Snapshot,
    kind: &Kind,
    values: &[(String, String)],
    wrong: &str,
) -> Result<String, Fault> {
    let class = kind.class_in(version.ontology());
    if class.is_none_or(|class| class.made_by().is_some()) {
        return Err(Fault::absent(format!("a {} is made by the service alone", kind.name)));
    }
    let mut body = format!("<h1>Create a {}</h1>\n", kind.name);
    if !wrong.is_empty() {
        body.push_str(&format!("<p class=\"wrong\">{}</p>\n", html::escape(wrong)));
    }
    let token = answering.asked.shared.form_key.token(answering.asked.session.principal());
    body.push_str(&format!(
        "<form method=\"post\">\n<input type=\"hidden\" name=\"token\" value=\"{token}\">\n"
    ));
    for field in fields(version, kind) {
        let given = values.iter().find(|(name, _)| *name == field.name).map(|(_, value)| value.as_str());
        // An identifier that is left out is made.
        let is_required = field.min > 0 && field.predicate.as_ref() != dcterms::IDENTIFIER;
        body.push_str(&html::field(&field.name, &field.name, given.unwrap_or_default(), is_required));
    }
    body.push_str("<button>Create</button> <button type=\"button\" id=\"cancel\">Cancel</button>\n</form>\n");
    Ok(html::page(&answering.asked.shared.mount, &format!("Create a {}", kind.name), &body))
}

impl Answering {
    /// Answers with a page that the configured origins may show inside theirs.
    fn framed(&self, page: &str) -> Reply {
        let frames = &self.asked.shared.app.settings().server.frames;
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self' {}",
            frames.join(" ")
        );
        let reply = Reply::new(StatusCode::OK, Content::Text(HTML, page.to_owned()));
        reply
            .with(header::CONTENT_SECURITY_POLICY, policy.trim_end())
            .with(header::REFERRER_POLICY, "same-origin")
    }
}
