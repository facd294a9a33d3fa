//! A request as every path of OSLC receives it: who sends it, its parameters, and the addresses that it was sent to.

use super::fault::Fault;
use super::reply::{Notation, Receiver, Reply};
use crate::app::Session;
use crate::app::access::Operation;
use crate::exchange::rdf::oslc::address::Addresses;
use crate::model::sync::cancellation::Cancellation;
use crate::server::Shared;
use crate::server::body::Sender;
use crate::server::connection::activity::Pausing;
use crate::server::routes::parameters;
use crate::server::share::Client;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::response::Response;

/// The largest document of a resource.
const BYTES_MAX: usize = 4 << 20;

/// The parameters of OSLC that are known; another one that begins alike is refused.
const KNOWN: [&str; 12] = [
    "oslc.where",
    "oslc.select",
    "oslc.properties",
    "oslc.prefix",
    "oslc.orderBy",
    "oslc.searchTerms",
    "oslc.paging",
    "oslc.pageSize",
    "oslc.pageNo",
    "oslc.query",
    "oslc.limit",
    "oslc_config.context",
];

/// A request.
pub(super) struct OslcRequest {
    pub(super) shared: Shared,
    pub(super) session: Session,
    pub(super) client: Client,
    work: Pausing,
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    /// The path, as it was sent.
    pub(super) path: String,
    pub(super) parameters: Result<Vec<(String, String)>, String>,
    root: String,
}

impl FromRequestParts<Shared> for OslcRequest {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Response> {
        let missing = || Reply::refusal(&Fault::failed(&"a request without a session"), &Notation::default());
        let extensions = &parts.extensions;
        let session = extensions.get::<Session>().cloned().ok_or_else(missing)?;
        let client = extensions.get::<Client>().copied().ok_or_else(missing)?;
        let work = extensions.get::<Pausing>().cloned().ok_or_else(missing)?;
        Ok(Self {
            shared: shared.clone(),
            session,
            client,
            work,
            method: parts.method.clone(),
            headers: parts.headers.clone(),
            path: parts.uri.path().to_owned(),
            parameters: parameters::parse(parts.uri.query().unwrap_or_default()),
            root: root(shared, parts),
        })
    }
}

/// Returns what addresses of answers begin with: the origin, and where the paths of the thread begin.
fn root(shared: &Shared, parts: &Parts) -> String {
    let settings = &shared.app.settings().server;
    if let Some(address) = &settings.address {
        return format!("{address}{}", shared.mount);
    }
    let scheme = if settings.tls.is_some() { "https" } else { "http" };
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or_else(|| parts.uri.authority().map(axum::http::uri::Authority::as_str));
    let host = host.unwrap_or("localhost").to_ascii_lowercase();
    format!("{scheme}://{host}{}", shared.mount)
}

/// A request while it is answered, on a thread where waiting is allowed.
pub(super) struct Answering {
    pub(super) asked: OslcRequest,
    pub(super) addresses: Addresses,
    pub(super) wanted: Cancellation,
}

impl OslcRequest {
    /// Returns a parameter; one that is given twice is refused.
    pub(super) fn parameter(&self, name: &str) -> Result<Option<String>, Fault> {
        let parameters = self.parameters.as_ref().map_err(|text| Fault::bad(text.clone()))?;
        let mut values = parameters.iter().filter(|(own, _)| own == name).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (value, None) => Ok(value.cloned()),
            _ => Err(Fault::bad(format!("the parameter {name} is given twice"))),
        }
    }

    /// Returns the text of a header; one that is given twice is refused.
    pub(super) fn header(&self, name: &HeaderName) -> Result<Option<String>, Fault> {
        let mut values = self.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => {
                let text =
                    value.to_str().map_err(|_| Fault::bad(format!("the header {name} is no ASCII")))?;
                Ok(Some(text.trim().to_owned()))
            }
            _ => Err(Fault::bad(format!("the header {name} is given twice"))),
        }
    }

    fn check_parameters(&self) -> Result<(), Fault> {
        let parameters = self.parameters.as_ref().map_err(|text| Fault::bad(text.clone()))?;
        let is_unknown = |name: &str| name.starts_with("oslc") && !KNOWN.contains(&name);
        match parameters.iter().find(|(name, _)| is_unknown(name)) {
            Some((name, _)) => {
                Err(Fault::bad(format!("\"{name}\" is no parameter: use {}", KNOWN.join(", "))))
            }
            None => Ok(()),
        }
    }

    /// Receives the body.
    pub(super) async fn receive(&self, body: Body) -> Result<Vec<u8>, Fault> {
        self.session.authorize_changes().map_err(Fault::from)?;
        let sender = Sender { client: self.client, work: self.work.clone() };
        let received = self.shared.process.bodies.receive(&self.headers, body, BYTES_MAX, &sender).await?;
        Ok(received.into_parts().0)
    }

    /// Answers with what `work` returns, which runs on a thread where waiting is allowed.
    pub(super) async fn answer(
        self,
        work: impl FnOnce(&Answering) -> Result<Reply, Fault> + Send + 'static,
    ) -> Response {
        let notation = match Notation::asked(&self.headers, &[]) {
            Ok(notation) => notation,
            Err(fault) => return Reply::refusal(&fault, &Notation::default()),
        };
        self.answer_in(notation, work).await
    }

    /// Answers in a notation that was chosen already.
    pub(super) async fn answer_in(
        self,
        notation: Notation,
        work: impl FnOnce(&Answering) -> Result<Reply, Fault> + Send + 'static,
    ) -> Response {
        match self.worked(notation, work).await {
            Ok(response) => response,
            Err(fault) => Reply::refusal(&fault, &notation),
        }
    }

    async fn worked(
        self,
        notation: Notation,
        work: impl FnOnce(&Answering) -> Result<Reply, Fault> + Send + 'static,
    ) -> Result<Response, Fault> {
        self.session.authorize(Operation::Read)?;
        self.check_parameters()?;
        let (shared, client) = (self.shared.clone(), self.client);
        let settings = &shared.app.settings().server;
        let answered = shared.process.oslc.read(client, settings, move |wanted| {
            let base = self.session.snapshot("main")?.base().to_owned();
            let addresses = Addresses::new(&self.root, &base);
            let answering = Answering { asked: self, addresses, wanted: wanted.clone() };
            let reply = work(&answering)?;
            let Self { shared, client, method, headers, .. } = &answering.asked;
            reply.into_response(&Receiver { shared, client: *client, method, headers }, notation)
        });
        answered.await
    }
}

impl Answering {
    /// Returns the part of the path behind a prefix.
    pub(super) fn rest(&self, prefix: &str) -> &str {
        self.asked.path.strip_prefix(prefix).unwrap_or_default()
    }

    /// Refuses media types of bodies other than those of RDF, and returns the notation.
    pub(super) fn notation_of_body(&self) -> Result<crate::exchange::rdf::Format, Fault> {
        let content = self.asked.header(&header::CONTENT_TYPE)?.unwrap_or_default();
        let (media_type, parameters) = content.split_once(';').unwrap_or((&content, ""));
        let charset = parameters.split(';').find_map(|part| part.trim().strip_prefix("charset="));
        if charset.is_some_and(|charset| !charset.trim_matches('"').eq_ignore_ascii_case("utf-8")) {
            let text = "send the document in UTF-8: another charset is not supported";
            return Err(Fault::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
        }
        super::reply::format_of(media_type.trim()).ok_or_else(|| {
            let text = format!(
                "a resource is text/turtle, application/rdf+xml or application/ld+json, not \"{}\"",
                media_type.trim()
            );
            Fault::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, text)
        })
    }
}
