//! Documents of a set, fetched one after the other: where requests may go, how many there may be, and how large and how late answers may be.
//!
//! Every address, also one that an answer leads to, is checked as any other outward request is; the token is sent to the host of the set alone.

use super::{NotPulled, PullRequest};
use crate::app::message::http::{Answer, BlockingClient, Client, Error as HttpError, Outgoing, Reach};
use crate::exchange::rdf::{Format, read};
use crate::model::statement::{Statement, without_fragment};
use std::time::{Duration, Instant};

/// So many redirects are followed, each checked as a request of its own.
const REDIRECTS_MAX: usize = 5;
/// So many bytes one answer may have.
const ANSWER_BYTES_MAX: usize = 32 << 20;

const ACCEPT: &str = "text/turtle, application/rdf+xml;q=0.9, application/ld+json;q=0.5";

/// How much of a set is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// So many pages of the base and segments of the change log.
    pub(super) pages: usize,
    /// So many resources.
    pub(super) resources: usize,
    /// So many events.
    pub(super) events: usize,
    /// So many bytes of all answers together.
    pub(super) bytes: usize,
}

impl Bounds {
    pub(super) const MAX: Self =
        Self { pages: 20_000, resources: 200_000, events: 1_000_000, bytes: 1 << 30 };
}

/// A document, and where the next page of it is.
pub(super) struct Page {
    pub(super) statements: Vec<Statement>,
    pub(super) next: Option<String>,
}

/// Fetches documents.
pub(super) struct Fetcher<'a> {
    request: &'a PullRequest,
    http: BlockingClient,
    pub(super) bounds: Bounds,
    deadline: Instant,
    pages: usize,
    bytes: usize,
}

/// Describes what is wrong at an address.
pub(super) fn fault(url: &str, reason: impl Into<String>) -> NotPulled {
    NotPulled { url: url.to_owned(), reason: reason.into() }
}

impl<'a> Fetcher<'a> {
    pub(super) fn new(request: &'a PullRequest, bounds: Bounds) -> Result<Self, NotPulled> {
        let wrong = |reason: String| fault(&request.url, reason);
        let allow = request.allow.iter().map(|network| network.parse()).collect::<Result<_, _>>();
        let reach = Reach { allow: allow.map_err(wrong)?, named: None };
        let http = Client::new(request.ca.as_deref(), reach).reading(ANSWER_BYTES_MAX).blocking();
        let http = http.map_err(|error| fault(&request.url, error.to_string()))?;
        let deadline = Instant::now() + request.within;
        Ok(Self { request, http, bounds, deadline, pages: 0, bytes: 0 })
    }

    /// Returns the address of the set.
    pub(super) fn url(&self) -> &'a str {
        &self.request.url
    }

    /// Fetches a document; `None` where there is nothing at the address.
    pub(super) fn fetch(&mut self, url: &str) -> Result<Option<Page>, NotPulled> {
        let mut address = without_fragment(url).to_owned();
        for _ in 0..=REDIRECTS_MAX {
            let to = match self.send(&address)? {
                Ok(answer) if matches!(answer.status.as_u16(), 404 | 410) => return Ok(None),
                Ok(answer) if answer.status.is_success() => {
                    let header = |name: &str| {
                        let values = answer.headers.get_all(name).iter();
                        values.filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(", ")
                    };
                    let (content, links) = (header("content-type"), header("link"));
                    let body = answer.whole().map_err(|error| fault(&address, error.to_string()))?;
                    self.count_bytes(&address, body.len())?;
                    let statements = parsed(&address, &content, &body)?;
                    return Ok(Some(Page { statements, next: next_link(&links) }));
                }
                Ok(answer) => {
                    let reason = format!("answered {}: {}", answer.status, answer.quoted());
                    return Err(fault(&address, reason));
                }
                Err(HttpError::Redirect { to, .. }) => to,
                Err(error) => return Err(fault(&address, reason(&error))),
            };
            address =
                resolved(&address, &to).ok_or_else(|| fault(&address, format!("it leads to \"{to}\"")))?;
        }
        Err(fault(url, format!("it leads on more than {REDIRECTS_MAX} times")))
    }

    /// Fetches a page of the set; `None` where it is not there.
    pub(super) fn page(&mut self, url: &str) -> Result<Option<Page>, NotPulled> {
        self.pages += 1;
        let max = self.bounds.pages;
        if self.pages > max {
            let reason =
                format!("the set has more than {max} pages and segments, which is what one pull reads");
            return Err(fault(url, reason));
        }
        self.fetch(url)
    }

    fn send(&mut self, address: &str) -> Result<Result<Answer, HttpError>, NotPulled> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let within = self.request.within.as_secs();
        let late = || fault(address, format!("the pull has taken {within} s: allow it more with --within"));
        if left == Duration::ZERO {
            return Err(late());
        }
        let mut request = Outgoing::get(address).header("accept", ACCEPT).header("oslc-core-version", "2.0");
        if let Some(token) = &self.request.token
            && origin(address) == origin(&self.request.url)
        {
            request = request.header("authorization", &format!("Bearer {token}"));
        }
        let answer = self.http.send_within(left, &request);
        match answer {
            Err(HttpError::Late { .. }) if Instant::now() >= self.deadline => Err(late()),
            answer => Ok(answer),
        }
    }

    fn count_bytes(&mut self, address: &str, bytes: usize) -> Result<(), NotPulled> {
        self.bytes += bytes;
        let max = self.bounds.bytes;
        if self.bytes <= max {
            return Ok(());
        }
        let reason =
            format!("all documents together have more than {max} bytes, which is what one pull reads");
        Err(fault(address, reason))
    }
}

/// Reads a document in the notation that its media type names.
fn parsed(address: &str, content: &str, body: &[u8]) -> Result<Vec<Statement>, NotPulled> {
    let format = match content.split(';').next().unwrap_or_default().trim() {
        "text/turtle" | "application/x-turtle" => Format::Turtle,
        "application/rdf+xml" | "application/xml" | "text/xml" => Format::RdfXml,
        "application/ld+json" | "application/json" => Format::JsonLd,
        other => return Err(fault(address, format!("answered \"{other}\", which is no RDF"))),
    };
    read(body, format, address, address).map_err(|error| fault(address, error.to_string()))
}

/// Returns the target of the link with the relation `next` (RFC 8288).
fn next_link(links: &str) -> Option<String> {
    links.split('<').skip(1).find_map(|link| {
        let (target, relation) = link.split_once('>')?;
        let is_next = relation.contains("rel=\"next\"") || relation.contains("rel=next");
        is_next.then(|| target.to_owned())
    })
}

/// Describes why there is no answer, with what would let the request go.
fn reason(error: &HttpError) -> String {
    match error {
        HttpError::Private { host, address } => {
            format!("{host} is {address}, which is no address of the Internet: name its network with --allow")
        }
        HttpError::Plain { host } => format!("{host} is not in a network of --allow: use https"),
        other => other.to_string(),
    }
}

/// Returns the scheme, host and port of an address.
fn origin(url: &str) -> &str {
    let begin = url.find("://").map_or(0, |at| at + 3);
    let end = url[begin..].find(['/', '?', '#']).map_or(url.len(), |at| begin + at);
    &url[..end]
}

/// Returns where an address leads from another one: a full address, or a path of the same host.
pub(super) fn resolved(from: &str, to: &str) -> Option<String> {
    match to {
        to if to.starts_with("http://") || to.starts_with("https://") => Some(to.to_owned()),
        to if to.starts_with('/') && !to.starts_with("//") => Some(format!("{}{to}", origin(from))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_resolved_and_compared_by_origin() {
        assert_eq!(origin("https://a.example:8/x/y?z"), "https://a.example:8");
        assert_eq!(origin("https://a.example"), "https://a.example");
        let check = |to: &str, expect: Option<&str>| {
            assert_eq!(resolved("http://h:1/a/b", to).as_deref(), expect, "{to}");
        };
        check("/c?d=1", Some("http://h:1/c?d=1"));
        check("https://other/c", Some("https://other/c"));
        check("//other/c", None);
        check("file:///etc/passwd", None);
        check("c", None);
    }

    #[test]
    fn the_next_page_is_the_link_of_that_relation() {
        let check =
            |links: &str, expect: Option<&str>| assert_eq!(next_link(links).as_deref(), expect, "{links}");
        check(
            "<http://www.w3.org/ns/ldp#Page>; rel=\"type\", <http://h/p?a=1&b=2>; rel=\"next\"",
            Some("http://h/p?a=1&b=2"),
        );
        check("<http://h/p?a,b>; rel=next", Some("http://h/p?a,b"));
        check("<http://h/p>; rel=\"prev\"", None);
        check("", None);
    }
}
