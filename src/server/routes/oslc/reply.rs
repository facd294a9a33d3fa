//! Answers: a document in the notation that the client asks for, with its entity tag.

use super::fault::Fault;
use crate::exchange::rdf::Format;
use crate::exchange::rdf::oslc::document::Document;
use crate::exchange::rdf::oslc::service;
use crate::model::accept;
use crate::server::Shared;
use crate::server::reads::Answer;
use crate::server::share::Client;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use sha2::{Digest as _, Sha256};

/// Which version of OSLC Core an answer follows.
const CORE_VERSION: HeaderName = HeaderName::from_static("oslc-core-version");

/// The notations of documents, each with the media types that mean it, and the end of entity tags.
const FORMATS: [(Format, &[&str], &str); 3] = [
    (Format::Turtle, &["text/turtle", "application/x-turtle"], "ttl"),
    (Format::RdfXml, &["application/rdf+xml", "application/xml", "text/xml"], "rdf"),
    (Format::JsonLd, &["application/ld+json", "application/json"], "json"),
];

/// The media type of compact representations.
pub(super) const COMPACT: &str = "application/x-oslc-compact+xml";
/// That of compact representations for scripts.
pub(super) const COMPACT_JSON: &str = "application/json";
/// The representation that a client may prefer (RFC 7240, OSLC Core 3.0, part 3).
const PREFER_COMPACT: &str = "http://open-services.net/ns/core#PreferCompact";
/// That of pages.
pub(super) const HTML: &str = "text/html";

/// What an answer is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
    Rdf(Format),
    Compact,
    CompactJson,
    Html,
}

impl Default for Notation {
    fn default() -> Self {
        Self::Rdf(Format::Turtle)
    }
}

impl Notation {
    /// Chooses what the client accepts most; `more` is offered beside the notations of RDF. A client of OSLC 2.0 that accepts anything gets
    /// RDF/XML, as that version has it.
    pub(super) fn asked(headers: &HeaderMap, more: &[Self]) -> Result<Self, Fault> {
        let mut offers: Vec<(Self, Vec<&str>)> =
            FORMATS.iter().map(|(format, names, _)| (Self::Rdf(*format), names.to_vec())).collect();
        if headers.get(&CORE_VERSION).is_some_and(|version| version.as_bytes().starts_with(b"2")) {
            offers.swap(0, 1);
        }
        offers.extend(more.iter().map(|notation| (*notation, vec![notation.media_type()])));
        let accept: Vec<_> =
            headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
        let accept = accept.join(",");
        if accept.trim().is_empty() {
            return Ok(offers[0].0);
        }
        let names: Vec<_> = offers.iter().map(|(_, names)| names.clone()).collect();
        accept::best(&accept, &names).map(|place| offers[place].0).ok_or_else(|| {
            let offered: Vec<_> = names.iter().map(|names| names[0]).collect();
            let text = format!("the answer can be {}", offered.join(", "));
            Fault::new(StatusCode::NOT_ACCEPTABLE, text)
        })
    }

    /// Returns the notation of the compact representation, where the client prefers that and accepts a notation of it.
    pub(super) fn preferred_compact(headers: &HeaderMap) -> Option<Self> {
        let texts = |name| headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        let mut preferences = texts("prefer").flat_map(|value| value.split([',', ';']));
        let is_preferred = preferences.any(|preference| {
            let included = preference.trim().strip_prefix("include=").unwrap_or_default();
            included.trim_matches('"').split_whitespace().any(|preferred| preferred == PREFER_COMPACT)
        });
        let accept = texts(header::ACCEPT.as_str()).collect::<Vec<_>>().join(",");
        let offers = [
            vec![COMPACT_JSON, Format::JsonLd.media_type()],
            vec![COMPACT, Format::RdfXml.media_type(), "application/xml"],
        ];
        let place = if accept.trim().is_empty() { Some(0) } else { accept::best(&accept, &offers) };
        place.filter(|_| is_preferred).map(|place| [Self::CompactJson, Self::Compact][place])
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Rdf(format) => format.media_type(),
            Self::Compact => COMPACT,
            Self::CompactJson => COMPACT_JSON,
            Self::Html => HTML,
        }
    }

    /// Returns the notation of documents that it asks for.
    pub(super) const fn format(self) -> Format {
        match self {
            Self::Rdf(format) => format,
            Self::Compact | Self::CompactJson | Self::Html => Format::Turtle,
        }
    }
}

/// Returns the notation of a media type.
pub(super) fn format_of(media_type: &str) -> Option<Format> {
    let found =
        FORMATS.iter().find(|(_, names, _)| names.iter().any(|name| name.eq_ignore_ascii_case(media_type)));
    found.map(|(format, ..)| *format)
}

/// What is answered.
pub(super) enum Content {
    /// A document of RDF.
    Document(Document),
    /// A text of a media type.
    Text(&'static str, String),
    /// Nothing.
    Nothing,
}

/// Who receives an answer, and what is asked of it.
pub(super) struct Receiver<'a> {
    pub(super) shared: &'a Shared,
    pub(super) client: Client,
    pub(super) method: &'a Method,
    pub(super) headers: &'a HeaderMap,
}

/// An answer.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) content: Content,
    /// What the entity tag names, where that is not the bytes.
    pub(super) digest: Option<String>,
    pub(super) fields: Vec<(HeaderName, String)>,
}

impl From<Document> for Reply {
    fn from(document: Document) -> Self {
        Self::new(StatusCode::OK, Content::Document(document))
    }
}

impl Reply {
    pub(super) const fn new(status: StatusCode, content: Content) -> Self {
        Self { status, content, digest: None, fields: Vec::new() }
    }

    /// Leads elsewhere.
    pub(super) fn see_other(address: &str) -> Self {
        let mut reply = Self::new(StatusCode::SEE_OTHER, Content::Nothing);
        reply.fields.push((header::LOCATION, address.to_owned()));
        reply
    }

    pub(super) fn with(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    /// Writes the answer; a client that has it already gets the head alone.
    pub(super) fn into_response(
        self,
        receiver: &Receiver<'_>,
        notation: Notation,
    ) -> Result<Response, Fault> {
        let format = notation.format();
        let (media_type, bytes) = match self.content {
            Content::Document(document) => {
                (format.media_type(), document.written(format).map_err(|error| Fault::failed(&error))?)
            }
            Content::Text(media_type, text) => (media_type, text.into_bytes()),
            Content::Nothing => ("", Vec::new()),
        };
        let bytes =
            Answer::within(&receiver.shared.app.settings().server, "smaller pages or fewer properties")
                .whole(bytes)?;
        let tag = match self.digest {
            Some(digest) => Some(tag_of(&digest, format)),
            None if media_type.is_empty() => None,
            None => Some(format!("\"{}\"", digest_of(&bytes))),
        };
        let mut status = self.status;
        let mut body =
            receiver.shared.process.bodies.answer(bytes, receiver.client).map_err(Fault::crowded)?;
        let is_read = [Method::GET, Method::HEAD].contains(receiver.method);
        if status == StatusCode::OK
            && is_read
            && tag.as_ref().is_some_and(|tag| is_known(receiver.headers, tag))
        {
            (status, body) = (StatusCode::NOT_MODIFIED, Body::empty());
        }
        let mut response = respond(status, media_type, body);
        let headers = response.headers_mut();
        let tag = tag.and_then(|tag| HeaderValue::from_str(&tag).ok());
        headers.extend(tag.map(|tag| (header::ETAG, tag)));
        for (name, text) in self.fields {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.append(name, value);
            }
        }
        Ok(response)
    }

    /// Writes a refusal as `oslc:Error`.
    pub(super) fn refusal(fault: &Fault, notation: &Notation) -> Response {
        let format = notation.format();
        let written = service::error(fault.status.as_u16(), &fault.message).written(format);
        let mut response =
            respond(fault.status, format.media_type(), Body::from(written.unwrap_or_default()));
        if fault.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

/// Refuses a method that a path does not have; the answer lists those that it has.
pub(super) async fn refuse_method(method: Method, headers: HeaderMap) -> Response {
    let notation = Notation::asked(&headers, &[]).unwrap_or_default();
    let text = format!("{method} is not answered at this address: the header Allow lists what is");
    Reply::refusal(&Fault::new(StatusCode::METHOD_NOT_ALLOWED, text), &notation)
}

fn respond(status: StatusCode, media_type: &'static str, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if !media_type.is_empty() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
    headers.insert(CORE_VERSION, HeaderValue::from_static("2.0"));
    let vary = HeaderValue::from_static("accept, configuration-context, oslc-core-version, prefer");
    headers.insert(header::VARY, vary);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

/// Returns the entity tag of a digest in a notation: representations that differ have tags that differ.
pub(super) fn tag_of(digest: &str, format: Format) -> String {
    let end = FORMATS.iter().find(|(own, ..)| *own == format).map_or("ttl", |(.., end)| end);
    format!("\"{digest}-{end}\"")
}

/// Returns the digests that an `If-Match` header names, of any notation; a weak tag names none (RFC 9110, 13.1.1).
pub(super) fn digests(header: &str) -> Vec<String> {
    let tags = header.split(',').map(str::trim);
    let tags = tags.filter_map(|tag| tag.strip_prefix('"')?.strip_suffix('"'));
    tags.filter_map(|tag| Some(tag.rsplit_once('-')?.0.to_owned())).collect()
}

fn digest_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let tags = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = tags.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_name_their_digest_in_any_notation() {
        let tag = tag_of("abc", Format::RdfXml);
        assert_eq!(digests(&format!("{tag}, \"d-ttl\", W/\"e-ttl\", plain")), ["abc", "d"]);
    }

    #[test]
    fn a_compact_representation_is_what_the_client_prefers() {
        let check = |prefer: &str, accept: &str, expect: Option<Notation>| {
            let mut headers = HeaderMap::new();
            for (name, value) in [("prefer", prefer), ("accept", accept)] {
                headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value"));
            }
            assert_eq!(Notation::preferred_compact(&headers), expect, "{prefer} {accept}");
        };
        let compact = "return=representation; include=\"http://open-services.net/ns/core#PreferCompact\"";
        check(compact, "application/json", Some(Notation::CompactJson));
        check(compact, "*/*", Some(Notation::CompactJson));
        check(compact, "application/rdf+xml, application/json;q=0.1", Some(Notation::Compact));
        check(compact, "text/turtle", None);
        check(
            "return=representation; include=\"http://x/#a http://open-services.net/ns/core#PreferCompact\"",
            "*/*",
            Some(Notation::CompactJson),
        );
        check("return=minimal", "application/json", None);
        check(
            "return=representation; omit=\"http://open-services.net/ns/core#PreferCompact\"",
            "application/json",
            None,
        );
    }

    #[test]
    fn the_notation_is_what_the_client_accepts() {
        let check = |accept: &str, version: &str, expect: Result<Notation, ()>| {
            let mut headers = HeaderMap::new();
            for (name, value) in [("accept", accept), ("oslc-core-version", version)] {
                if !value.is_empty() {
                    headers.insert(
                        HeaderName::from_static(name),
                        HeaderValue::from_str(value).expect("a value"),
                    );
                }
            }
            let asked = Notation::asked(&headers, &[Notation::Compact]).map_err(drop);
            assert_eq!(asked, expect, "{accept}");
        };
        check("", "", Ok(Notation::Rdf(Format::Turtle)));
        check("*/*", "2.0", Ok(Notation::Rdf(Format::RdfXml)));
        check("application/rdf+xml", "", Ok(Notation::Rdf(Format::RdfXml)));
        check("application/json;q=0.9, text/turtle;q=0.1", "", Ok(Notation::Rdf(Format::JsonLd)));
        check("application/x-oslc-compact+xml", "", Ok(Notation::Compact));
        check("image/png", "", Err(()));
    }
}
