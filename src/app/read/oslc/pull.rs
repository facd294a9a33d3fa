//! The consumer of one tracked resource set: reads its base and change log, fetches the resources that are new or have changed, and returns
//! the whole content of the source as it is now.
//!
//! What was read last is among the statements of the source: the set's `trs:cutoffEvent`. So the state and the content are one commit, and a
//! backup has both. Every address, also one that an answer leads to, is checked as any other outward request is; the token is sent to the
//! host of the set alone.

use crate::app::message::http::{Client as Http, Error as HttpError, Outgoing, Reach};
use crate::exchange::rdf::oslc::consume::taken;
use crate::exchange::rdf::oslc::vocabulary::{LDP, TRS, named};
use crate::exchange::rdf::{Format, read};
use crate::model::statement::{Statement, without_fragment};
use crate::ontology::Ontology;
use oxigraph::model::vocab::rdf;
use oxigraph::model::{NamedNode, Term};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// So many redirects are followed, each checked as a request of its own.
const REDIRECTS_MAX: usize = 5;
/// So many pages and segments are read, so many resources are fetched, and so many bytes one answer may have.
const PAGES_MAX: usize = 20_000;
const RESOURCES_MAX: usize = 200_000;
const ANSWER_BYTES_MAX: usize = 32 << 20;

const ACCEPT: &str = "text/turtle, application/rdf+xml;q=0.9, application/ld+json;q=0.5";

/// Where a tracked resource set is, and how it is reached.
#[derive(Clone, Debug, Default)]
pub struct PullRequest {
    /// The address of the set.
    pub url: String,
    /// The token that its host lets in.
    pub token: Option<String>,
    /// Networks beside the Internet that requests may go to, such as `10.0.0.0/8`.
    pub allow: Vec<String>,
    /// A file of certificates to trust instead of those of the system.
    pub ca: Option<PathBuf>,
}

/// What a source has come to.
#[derive(Clone, Debug, Default)]
pub struct Pulled {
    /// All statements of the source.
    pub statements: Vec<Statement>,
    /// What was left out, and why.
    pub gaps: Vec<String>,
    /// How many resources were fetched.
    pub fetched: usize,
    /// How many are no longer in the set.
    pub removed: usize,
    /// Whether the base was read, and not only what has changed.
    pub is_whole: bool,
}

/// Why a set cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{url}: {reason}")]
pub struct NotPulled {
    /// The address.
    pub url: String,
    /// What is wrong.
    pub reason: String,
}

/// Reads a set, or what of it has changed since `previous`, the statements of the source as they are.
pub fn pull(
    request: &PullRequest,
    previous: Vec<Statement>,
    ontology: &Ontology,
) -> Result<Pulled, NotPulled> {
    let mut client = Client::new(request)?;
    let set = client.set()?;
    let before = value(&previous, set.iri.as_str(), (TRS, "cutoffEvent"));
    let since = match before.as_deref() {
        Some(event) => client.events_since(&set, event)?,
        None => None,
    };
    let Some(events) = since else { return whole(&mut client, &set, ontology) };
    let mut known: BTreeSet<String> =
        previous.iter().map(|statement| without_fragment(statement.subject.as_str()).to_owned()).collect();
    known.remove(set.iri.as_str());
    let latest = latest(&events);
    let mut statements = previous;
    statements.retain(|statement| {
        let root = without_fragment(statement.subject.as_str());
        !latest.contains_key(root) && root != set.iri.as_str()
    });
    let mut pulled = Pulled { statements, ..Pulled::default() };
    for (resource, is_deleted) in &latest {
        if *is_deleted {
            pulled.removed += usize::from(known.remove(resource));
        } else {
            known.insert(resource.clone());
        }
    }
    let changed: Vec<&String> =
        latest.iter().filter(|(_, is_deleted)| !**is_deleted).map(|(resource, _)| resource).collect();
    client.fetch_all(&changed, &known, ontology, &mut pulled)?;
    let last = events.first().map(|event| event.iri.clone()).or(before);
    pulled.statements.extend(state(&set, last.as_deref()));
    Ok(pulled)
}

/// Reads the base, and the events that it does not account for.
fn whole(client: &mut Client<'_>, set: &Set, ontology: &Ontology) -> Result<Pulled, NotPulled> {
    let (mut members, cutoff) = client.base(set)?;
    let nil = named(crate::exchange::rdf::oslc::vocabulary::RDF, "nil");
    let cutoff = cutoff.filter(|cutoff| cutoff != nil.as_str());
    let events = match &cutoff {
        Some(cutoff) => client.events_since(set, cutoff)?.ok_or_else(|| NotPulled {
            url: client.request.url.clone(),
            reason: format!("the change log does not have the cutoff event {cutoff} of the base"),
        })?,
        None => client.all_events(set)?,
    };
    for (resource, is_deleted) in latest(&events) {
        if is_deleted {
            members.remove(&resource)
        } else {
            members.insert(resource)
        };
    }
    let mut pulled = Pulled { is_whole: true, ..Pulled::default() };
    client.fetch_all(&members.iter().collect::<Vec<_>>(), &members, ontology, &mut pulled)?;
    let last = events.first().map(|event| event.iri.clone()).or(cutoff);
    pulled.statements.extend(state(set, last.as_deref()));
    Ok(pulled)
}

/// Returns what is stated of the set itself: up to which event it was read.
fn state(set: &Set, last: Option<&str>) -> Vec<Statement> {
    let mut state = vec![Statement::new(set.iri.clone(), rdf::TYPE, named(TRS, "TrackedResourceSet"))];
    if let Some(last) = last {
        let last = NamedNode::new_unchecked(last);
        state.push(Statement::new(set.iri.clone(), named(TRS, "cutoffEvent"), last));
    }
    state
}

/// Returns the last event of each resource: whether it is a deletion.
fn latest(events: &[Event]) -> BTreeMap<String, bool> {
    let mut latest = BTreeMap::new();
    for event in events.iter().rev() {
        latest.insert(event.changed.clone(), event.is_deletion);
    }
    latest
}

/// A tracked resource set as it describes itself.
struct Set {
    iri: NamedNode,
    base: String,
    log: String,
    document: Vec<Statement>,
}

/// An event.
struct Event {
    iri: String,
    order: u64,
    changed: String,
    is_deletion: bool,
}

/// A document, and where the next page of it is.
struct Page {
    statements: Vec<Statement>,
    next: Option<String>,
}

struct Client<'a> {
    request: &'a PullRequest,
    http: Http,
    pages: usize,
}

impl<'a> Client<'a> {
    fn new(request: &'a PullRequest) -> Result<Self, NotPulled> {
        let wrong = |reason: String| NotPulled { url: request.url.clone(), reason };
        let allow = request.allow.iter().map(|network| network.parse()).collect::<Result<_, _>>();
        let reach = Reach { allow: allow.map_err(wrong)?, named: None };
        let http = Http::new(request.ca.as_deref(), reach).reading(ANSWER_BYTES_MAX);
        Ok(Self { request, http, pages: 0 })
    }

    fn fault(url: &str, reason: impl Into<String>) -> NotPulled {
        NotPulled { url: url.to_owned(), reason: reason.into() }
    }

    /// Fetches a document; `None` where there is nothing at the address.
    fn fetch(&self, url: &str) -> Result<Option<Page>, NotPulled> {
        let mut address = without_fragment(url).to_owned();
        for _ in 0..=REDIRECTS_MAX {
            let mut request =
                Outgoing::get(&address).header("accept", ACCEPT).header("oslc-core-version", "2.0");
            if let Some(token) = &self.request.token
                && origin(&address) == origin(&self.request.url)
            {
                request = request.header("authorization", &format!("Bearer {token}"));
            }
            let to = match self.http.send_blocking(&request) {
                Ok(answer) if matches!(answer.status.as_u16(), 404 | 410) => return Ok(None),
                Ok(answer) if answer.status.is_success() => {
                    let header = |name: &str| {
                        let values = answer.headers.get_all(name).iter();
                        values.filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(", ")
                    };
                    let (content, links) = (header("content-type"), header("link"));
                    let body = answer.whole().map_err(|error| Self::fault(&address, error.to_string()))?;
                    let statements = parsed(&address, &content, &body)?;
                    return Ok(Some(Page { statements, next: next_link(&links) }));
                }
                Ok(answer) => {
                    let reason = format!("answered {}: {}", answer.status, answer.quoted());
                    return Err(Self::fault(&address, reason));
                }
                Err(HttpError::Redirect { to, .. }) => to,
                Err(error) => return Err(Self::fault(&address, reason(&error))),
            };
            address = resolved(&address, &to)
                .ok_or_else(|| Self::fault(&address, format!("it leads to \"{to}\"")))?;
        }
        Err(Self::fault(url, format!("it leads on more than {REDIRECTS_MAX} times")))
    }

    /// Fetches a page of the set, which must be there.
    fn page(&mut self, url: &str) -> Result<Page, NotPulled> {
        self.pages += 1;
        if self.pages > PAGES_MAX {
            return Err(Self::fault(url, format!("the set has more than {PAGES_MAX} pages")));
        }
        self.fetch(url)?.ok_or_else(|| Self::fault(url, "there is nothing"))
    }

    fn set(&mut self) -> Result<Set, NotPulled> {
        let url = self.request.url.clone();
        let document = self.page(&url)?.statements;
        let (base, log) = (named(TRS, "base"), named(TRS, "changeLog"));
        let found = document.iter().find(|statement| statement.predicate == base);
        let found =
            found.ok_or_else(|| Self::fault(&url, "it is no tracked resource set: trs:base is missing"))?;
        let iri = found.subject.clone();
        let base = value(&document, iri.as_str(), (TRS, "base")).unwrap_or_default();
        let log = document
            .iter()
            .find(|statement| statement.subject == iri && statement.predicate == log)
            .and_then(|statement| link(&statement.object))
            .ok_or_else(|| Self::fault(&url, "it has no trs:changeLog"))?;
        Ok(Set { iri, base, log, document })
    }

    /// Returns the members of the base, and its cutoff event.
    fn base(&mut self, set: &Set) -> Result<(BTreeSet<String>, Option<String>), NotPulled> {
        let (mut members, mut cutoff) = (BTreeSet::new(), None);
        let mut next = Some(set.base.clone());
        let (member, next_page) = (named(LDP, "member"), named(LDP, "nextPage"));
        while let Some(url) = next.take() {
            let Page { statements: page, next: linked } = self.page(&url)?;
            for statement in &page {
                // A provider may name its own property of membership.
                if statement.predicate == member {
                    members.extend(link(&statement.object));
                }
            }
            if members.len() > RESOURCES_MAX {
                return Err(Self::fault(&url, format!("the set has more than {RESOURCES_MAX} resources")));
            }
            let of_page = page.iter().find(|statement| statement.predicate == named(TRS, "cutoffEvent"));
            cutoff = cutoff.or_else(|| of_page.and_then(|statement| link(&statement.object)));
            let stated = page.iter().find(|statement| statement.predicate == next_page);
            let stated = stated.and_then(|statement| link(&statement.object));
            next = linked.or(stated.filter(|next| !next.ends_with("#nil")));
            next = next.map(|next| resolved(&url, &next).unwrap_or(next));
        }
        Ok((members, cutoff))
    }

    /// Returns the events after one, the latest first; `None` where the log does not have that one.
    fn events_since(&mut self, set: &Set, last: &str) -> Result<Option<Vec<Event>>, NotPulled> {
        let mut events = self.log(set, Some(last))?;
        let at = events.iter().position(|event| event.iri == last);
        Ok(at.map(|at| {
            events.truncate(at);
            events
        }))
    }

    fn all_events(&mut self, set: &Set) -> Result<Vec<Event>, NotPulled> {
        self.log(set, None)
    }

    /// Reads the log back to an event, or to its end.
    fn log(&mut self, set: &Set, until: Option<&str>) -> Result<Vec<Event>, NotPulled> {
        let mut found: BTreeMap<(u64, String), Event> = BTreeMap::new();
        let (mut log, mut document) = (set.log.clone(), set.document.clone());
        loop {
            for event in values(&document, &log, (TRS, "change")) {
                let event = read_event(&document, &event).ok_or_else(|| {
                    Self::fault(&log, format!("the event {event} has no trs:changed or no whole trs:order"))
                })?;
                found.insert((event.order, event.iri.clone()), event);
            }
            let is_done = until.is_some_and(|until| found.values().any(|event| event.iri == until));
            let previous = value(&document, &log, (TRS, "previous")).filter(|_| !is_done);
            let Some(previous) = previous else { break };
            // A segment that is no longer there is the end of the log.
            let Some(next) = self.fetch(&previous)? else { break };
            self.pages += 1;
            if self.pages > PAGES_MAX {
                return Err(Self::fault(&previous, format!("the set has more than {PAGES_MAX} pages")));
            }
            (log, document) = (previous, next.statements);
        }
        Ok(found.into_values().rev().collect())
    }

    /// Fetches resources; one that is not there is left out and named.
    fn fetch_all(
        &self,
        resources: &[&String],
        tracked: &BTreeSet<String>,
        ontology: &Ontology,
        pulled: &mut Pulled,
    ) -> Result<(), NotPulled> {
        for resource in resources {
            let iri = NamedNode::new((*resource).clone())
                .map_err(|error| Self::fault(resource, format!("the member is no IRI: {error}")))?;
            let Some(read) = self.fetch(resource)? else {
                pulled
                    .gaps
                    .push(format!("{resource}: the set names it, and there is nothing at its address"));
                continue;
            };
            let resource = taken(&iri, read.statements, tracked, ontology);
            pulled.fetched += 1;
            pulled.statements.extend(resource.statements);
            pulled.gaps.extend(resource.gaps);
        }
        Ok(())
    }
}

/// Reads a document in the notation that its media type names.
fn parsed(address: &str, content: &str, body: &[u8]) -> Result<Vec<Statement>, NotPulled> {
    let format = match content.split(';').next().unwrap_or_default().trim() {
        "text/turtle" | "application/x-turtle" => Format::Turtle,
        "application/rdf+xml" | "application/xml" | "text/xml" => Format::RdfXml,
        "application/ld+json" | "application/json" => Format::JsonLd,
        other => return Err(Client::fault(address, format!("answered \"{other}\", which is no RDF"))),
    };
    read(body, format, address, address).map_err(|error| Client::fault(address, error.to_string()))
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

fn read_event(document: &[Statement], event: &str) -> Option<Event> {
    let order = value(document, event, (TRS, "order"))?.parse().ok()?;
    let changed = value(document, event, (TRS, "changed"))?;
    let deletion = Term::from(named(TRS, "Deletion"));
    let is_deletion = document.iter().any(|statement| {
        statement.subject.as_str() == event
            && statement.predicate.as_ref() == rdf::TYPE
            && statement.object == deletion
    });
    Some(Event { iri: event.to_owned(), order, changed, is_deletion })
}

fn link(object: &Term) -> Option<String> {
    match object {
        Term::NamedNode(iri) => Some(iri.as_str().to_owned()),
        _ => None,
    }
}

fn values(document: &[Statement], subject: &str, predicate: (&str, &str)) -> Vec<String> {
    let predicate = named(predicate.0, predicate.1);
    let about = document
        .iter()
        .filter(|statement| statement.subject.as_str() == subject && statement.predicate == predicate);
    let text = |statement: &Statement| match &statement.object {
        Term::Literal(literal) => Some(literal.value().to_owned()),
        other => link(other),
    };
    about.filter_map(text).collect()
}

fn value(document: &[Statement], subject: &str, predicate: (&str, &str)) -> Option<String> {
    values(document, subject, predicate).into_iter().next()
}

/// Returns the scheme, host and port of an address.
fn origin(url: &str) -> &str {
    let begin = url.find("://").map_or(0, |at| at + 3);
    let end = url[begin..].find(['/', '?', '#']).map_or(url.len(), |at| begin + at);
    &url[..end]
}

/// Returns where an address leads from another one: a full address, or a path of the same host.
fn resolved(from: &str, to: &str) -> Option<String> {
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
