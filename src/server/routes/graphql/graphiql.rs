//! GraphiQL, for browsers that open `/graphql`: a page and its files, all from this service, so that it works offline.
//!
//! The files are in `assets/graphiql`. The page runs no script but these, and nothing may frame it.

use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

const PAGE: &str = include_str!("../../../../assets/graphiql/index.html");

/// The files that the page asks for: name, media type, bytes.
const FILES: [(&str, &str, &[u8]); 6] = [
    ("graphiql.min.js", SCRIPT, include_bytes!("../../../../assets/graphiql/graphiql.min.js")),
    ("graphiql.min.css", STYLE, include_bytes!("../../../../assets/graphiql/graphiql.min.css")),
    (
        "react.production.min.js",
        SCRIPT,
        include_bytes!("../../../../assets/graphiql/react.production.min.js"),
    ),
    (
        "react-dom.production.min.js",
        SCRIPT,
        include_bytes!("../../../../assets/graphiql/react-dom.production.min.js"),
    ),
    ("start.js", SCRIPT, include_bytes!("../../../../assets/graphiql/start.js")),
    ("start.css", STYLE, include_bytes!("../../../../assets/graphiql/start.css")),
];
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// Fonts and icons are in the style sheet.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src data:; img-src data:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Answers with the page.
pub(super) fn page() -> Response {
    let fields = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::VARY, HeaderValue::from_static("accept")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (fields, PAGE.replace("VERSION", env!("CARGO_PKG_VERSION"))).into_response()
}

/// Answers with a file of the page; its address changes with its version.
pub(in crate::server) async fn file(Path(name): Path<String>) -> Response {
    let Some((_, kind, bytes)) = FILES.iter().find(|(known, ..)| *known == name) else {
        let text = format!("there is nothing at /graphiql/{name:.80}");
        return super::refused(StatusCode::NOT_FOUND, &text);
    };
    let fields: [(HeaderName, &str); 2] =
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (fields, *bytes).into_response()
}
