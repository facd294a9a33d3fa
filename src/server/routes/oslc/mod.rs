//! `/oslc`: the record for tools that know OSLC. Documents are Turtle, RDF/XML or JSON-LD as the client asks; errors are `oslc:Error`.
//!
//! | path | what |
//! |---|---|
//! | `/oslc/rootservices`, `/oslc/catalog`, `/oslc/DOMAIN` | what there is: root services, catalogue, service providers |
//! | `/oslc/DOMAIN/KIND` | queries by `GET`, new resources by `POST` |
//! | `/oslc/shapes/CLASS` | resource shapes |
//! | `/oslc/resources/…` | one resource: `GET`, `PUT` with `If-Match`, `DELETE` |
//! | `/oslc/configurations/…` | the component, streams and baselines |
//! | `/oslc/trs`, `/oslc/trs/base`, `/oslc/trs/changelog` | the tracked resource set |
//! | `/oslc/previews/…`, `/oslc/dialogs/…` | pages that other tools show inside theirs |

mod configurations;
mod container;
mod context;
mod dialog;
mod fault;
mod html;
mod reply;
mod request;
mod resource;
mod services;
mod tracked;

use crate::server::Shared;
use axum::Router;
use axum::routing::get;

/// Returns the routes.
pub(in crate::server) fn routes() -> Router<Shared> {
    Router::new()
        .route("/.well-known/oslc/rootservices", get(services::root))
        .route("/.well-known/oslc/rootservices.xml", get(services::root))
        .route("/oslc/rootservices", get(services::root))
        .route("/oslc/catalog", get(services::catalogue))
        .route("/oslc/shapes/{class}", get(services::shape))
        .route("/oslc/{domain}", get(services::provider))
        .route("/oslc/{domain}/{plural}", get(container::query).post(container::create))
        .route("/oslc/resources/{*path}", get(resource::get).put(resource::replace).delete(resource::retire))
        .route("/oslc/configurations", get(configurations::all))
        .route("/oslc/configurations/component", get(configurations::component))
        .route("/oslc/configurations/streams", get(configurations::streams).post(configurations::branch))
        .route("/oslc/configurations/baselines", get(configurations::baselines).post(configurations::tag))
        .route("/oslc/configurations/{kind}/{*name}", get(configurations::one))
        .route("/oslc/trs", get(tracked::set))
        .route("/oslc/trs/base", get(tracked::base))
        .route("/oslc/trs/changelog", get(tracked::changelog))
        .route("/oslc/previews/{size}/{*path}", get(dialog::preview))
        .route("/oslc/dialogs/dialog.js", get(dialog::script))
        .route("/oslc/dialogs/dialog.css", get(dialog::style))
        .route("/oslc/dialogs/select/{domain}/{plural}", get(dialog::select))
        .route("/oslc/dialogs/create/{domain}/{plural}", get(dialog::form).post(dialog::create))
        .method_not_allowed_fallback(reply::refuse_method)
}
