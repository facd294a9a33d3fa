//! A tracked resource set as it describes itself: the members of its base, and the events of its change log.

use super::NotPulled;
use super::fetch::{Fetcher, Page, fault, resolved};
use crate::exchange::rdf::oslc::vocabulary::{LDP, RDF, TRS, named};
use crate::model::statement::Statement;
use oxigraph::model::Term;
use oxigraph::model::vocab::rdf;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// A tracked resource set.
pub(super) struct Set {
    pub(super) iri: String,
    base: String,
    log: String,
    document: Vec<Statement>,
}

/// The base of a set: its members, and the event up to which it accounts for what has happened.
pub(super) struct Base {
    pub(super) members: BTreeSet<String>,
    pub(super) cutoff: Option<String>,
}

/// An event.
pub(super) struct Event {
    pub(super) iri: String,
    order: u64,
    changed: String,
    is_deletion: bool,
}

/// Returns the last event of each resource: whether it is a deletion. Of `events`, the latest come first.
pub(super) fn latest(events: &[Event]) -> BTreeMap<&str, bool> {
    events.iter().rev().map(|event| (event.changed.as_str(), event.is_deletion)).collect()
}

impl Set {
    /// Reads the description of the set.
    pub(super) fn read(fetcher: &mut Fetcher<'_>) -> Result<Self, NotPulled> {
        let url = fetcher.url();
        let document = there(fetcher, url)?.statements;
        let property = named(TRS, "base");
        let found = document.iter().find(|statement| statement.predicate == property);
        let found = found.ok_or_else(|| fault(url, "it is no tracked resource set: trs:base is missing"))?;
        let iri = found.subject.as_str().to_owned();
        let link = |local| value(&document, &iri, (TRS, local));
        let missing = |name: &str| fault(url, format!("it has no trs:{name}"));
        let base = link("base").ok_or_else(|| missing("base"))?;
        let log = link("changeLog").ok_or_else(|| missing("changeLog"))?;
        Ok(Self { iri, base, log, document })
    }

    /// Reads the base.
    pub(super) fn base(&self, fetcher: &mut Fetcher<'_>) -> Result<Base, NotPulled> {
        let mut base = Base { members: BTreeSet::new(), cutoff: None };
        let (member, nil) = (named(LDP, "member"), named(RDF, "nil"));
        let mut seen = HashSet::new();
        let mut next = Some(self.base.clone());
        while let Some(url) = next.take() {
            refuse_again(&mut seen, &url)?;
            let Page { statements, next: linked } = there(fetcher, &url)?;
            let members = statements.iter().filter(|statement| statement.predicate == member);
            base.members.extend(members.filter_map(|statement| link(&statement.object)));
            let max = fetcher.bounds.resources;
            if base.members.len() > max {
                return Err(too_many_resources(&url, max));
            }
            let cutoff = || object(&statements, (TRS, "cutoffEvent"));
            base.cutoff = base.cutoff.or_else(cutoff);
            let stated = || object(&statements, (LDP, "nextPage")).filter(|next| next != nil.as_str());
            next = linked.or_else(stated).map(|next| resolved(&url, &next).unwrap_or(next));
        }
        base.cutoff = base.cutoff.filter(|cutoff| cutoff != nil.as_str());
        Ok(base)
    }

    /// Returns the events after one, or all, the latest first; `None` where the log does not have that one.
    pub(super) fn events_since(
        &self,
        fetcher: &mut Fetcher<'_>,
        last: Option<&str>,
    ) -> Result<Option<Vec<Event>>, NotPulled> {
        let mut events = self.log(fetcher, last)?;
        let Some(last) = last else { return Ok(Some(events)) };
        let at = events.iter().position(|event| event.iri == last);
        Ok(at.map(|at| {
            events.truncate(at);
            events
        }))
    }

    /// Reads the log back to an event, or to its end.
    fn log(&self, fetcher: &mut Fetcher<'_>, until: Option<&str>) -> Result<Vec<Event>, NotPulled> {
        let mut found: BTreeMap<(u64, String), Event> = BTreeMap::new();
        let mut seen = HashSet::new();
        let (mut log, mut document) = (self.log.clone(), None);
        loop {
            let statements = document.as_ref().unwrap_or(&self.document);
            let mut is_done = false;
            for event in events_of(statements, &log)? {
                is_done |= until == Some(event.iri.as_str());
                found.insert((event.order, event.iri.clone()), event);
            }
            let max = fetcher.bounds.events;
            if found.len() > max {
                let reason = format!(
                    "the change log has more than {max} events after the last one that was read, which is what one pull reads"
                );
                return Err(fault(&log, reason));
            }
            let previous = value(statements, &log, (TRS, "previous")).filter(|_| !is_done);
            let previous = previous.filter(|previous| previous != named(RDF, "nil").as_str());
            let Some(previous) = previous else { break };
            refuse_again(&mut seen, &previous)?;
            // A segment that is no longer there is the end of the log.
            let Some(next) = fetcher.page(&previous)? else { break };
            (log, document) = (previous, Some(next.statements));
        }
        Ok(found.into_values().rev().collect())
    }
}

/// Describes a set with too many resources.
pub(super) fn too_many_resources(url: &str, max: usize) -> NotPulled {
    fault(url, format!("the set has more than {max} resources, which is what one pull reads"))
}

/// Fetches a page of the set, which must be there.
fn there(fetcher: &mut Fetcher<'_>, url: &str) -> Result<Page, NotPulled> {
    fetcher.page(url)?.ok_or_else(|| fault(url, "there is nothing"))
}

/// Refuses a page that was read already.
fn refuse_again(seen: &mut HashSet<String>, url: &str) -> Result<(), NotPulled> {
    match seen.insert(url.to_owned()) {
        true => Ok(()),
        false => Err(fault(url, "the pages of the set lead back to this one")),
    }
}

/// Returns the events of a segment.
fn events_of(document: &[Statement], log: &str) -> Result<Vec<Event>, NotPulled> {
    let mut about: BTreeMap<&str, Vec<&Statement>> = BTreeMap::new();
    for statement in document {
        about.entry(statement.subject.as_str()).or_default().push(statement);
    }
    let read = |event: String| {
        let own = about.get(event.as_str()).map_or(&[][..], Vec::as_slice);
        read_event(own, &event)
            .ok_or_else(|| fault(log, format!("the event {event} has no trs:changed or no whole trs:order")))
    };
    values(document, log, (TRS, "change")).into_iter().map(read).collect()
}

fn read_event(own: &[&Statement], event: &str) -> Option<Event> {
    let value = |local| {
        let predicate = named(TRS, local);
        own.iter()
            .find(|statement| statement.predicate == predicate)
            .and_then(|statement| text(&statement.object))
    };
    let (order, changed) = (value("order")?.parse().ok()?, value("changed")?);
    let deletion = Term::from(named(TRS, "Deletion"));
    let is_deletion =
        own.iter().any(|statement| statement.predicate.as_ref() == rdf::TYPE && statement.object == deletion);
    Some(Event { iri: event.to_owned(), order, changed, is_deletion })
}

fn link(object: &Term) -> Option<String> {
    match object {
        Term::NamedNode(iri) => Some(iri.as_str().to_owned()),
        _ => None,
    }
}

fn text(object: &Term) -> Option<String> {
    match object {
        Term::Literal(literal) => Some(literal.value().to_owned()),
        other => link(other),
    }
}

/// Returns the first link of a property in a document, whatever has it.
fn object(document: &[Statement], predicate: (&str, &str)) -> Option<String> {
    let predicate = named(predicate.0, predicate.1);
    document.iter().find(|statement| statement.predicate == predicate).and_then(|found| link(&found.object))
}

fn values(document: &[Statement], subject: &str, predicate: (&str, &str)) -> Vec<String> {
    let predicate = named(predicate.0, predicate.1);
    let about = document
        .iter()
        .filter(|statement| statement.subject.as_str() == subject && statement.predicate == predicate);
    about.filter_map(|statement| text(&statement.object)).collect()
}

fn value(document: &[Statement], subject: &str, predicate: (&str, &str)) -> Option<String> {
    values(document, subject, predicate).into_iter().next()
}
