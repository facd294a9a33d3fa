//! The consumer of one tracked resource set: reads its base and change log, fetches the resources that are new or have changed, and returns
//! the whole content of the source as it is now.
//!
//! What was read last is noted among the statements of the source. So the state and the content are one commit, and a backup has both. What is
//! kept is derived again each time from all that was received ([`crate::exchange::rdf::oslc::consume`]), so a pull of what has changed
//! comes to the same as a pull of the whole set.

mod fetch;
mod set;
#[cfg(test)]
mod tests;

use crate::exchange::rdf::oslc::consume::{Received, derived};
use crate::model::statement::{Statement, without_fragment};
use crate::ontology::Ontology;
use fetch::{Bounds, Fetcher, fault};
use set::{Base, Event, Set, latest, too_many_resources};
use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;
use std::time::Duration;

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
    /// How long all requests together may take.
    pub within: Duration,
}

/// What a source has come to.
#[derive(Clone, Debug, Default)]
pub struct Pulled {
    /// All statements of the source.
    pub statements: Vec<Statement>,
    /// What was left out, and why; of what was neither fetched nor has become something else, nothing.
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

/// Reads a set, or what of it has changed since `previous`, the statements of the source as they are; an ontology judges what is kept of
/// it.
pub fn pull(request: &PullRequest, previous: &[Statement], ontology: &Ontology) -> Result<Pulled, NotPulled> {
    pull_within(request, previous, ontology, Bounds::MAX)
}

fn pull_within(
    request: &PullRequest,
    previous: &[Statement],
    ontology: &Ontology,
    bounds: Bounds,
) -> Result<Pulled, NotPulled> {
    let mut fetcher = Fetcher::new(request, bounds)?;
    let set = Set::read(&mut fetcher)?;
    let before = Received::read(previous).filter(|before| before.set == set.iri);
    let since = match before.as_ref().and_then(|before| before.cutoff.as_deref()) {
        Some(event) => set.events_since(&mut fetcher, Some(event))?,
        None => None,
    };
    let mut state = match (since, before) {
        (Some(events), Some(before)) => State::changed(before, &events),
        (_, before) => State::whole(&mut fetcher, &set, before.as_ref())?,
    };
    if state.received.count() > bounds.resources {
        return Err(too_many_resources(&request.url, bounds.resources));
    }
    let mut gaps = state.fetch(&mut fetcher)?;
    let (mut statements, known) = (state.received.state(), previous.iter().collect::<HashSet<_>>());
    for (address, document) in derived(&state.received, ontology) {
        let is_new = || document.statements.iter().any(|statement| !known.contains(statement));
        if state.wanted.contains(address) || is_new() {
            gaps.extend(document.gaps);
        }
        statements.extend(document.statements);
    }
    let State { fetched, removed, is_whole, .. } = state;
    Ok(Pulled { statements, gaps, fetched, removed, is_whole })
}

/// What was received so far, and what is still to be fetched.
struct State {
    received: Received,
    /// The addresses of the documents to fetch.
    wanted: BTreeSet<String>,
    fetched: usize,
    removed: usize,
    is_whole: bool,
}

impl State {
    /// Returns the state after some events. What was not there before is asked for again.
    fn changed(before: Received, events: &[Event]) -> Self {
        let wanted = before.incomplete().map(str::to_owned).collect();
        let mut state = Self { received: before, wanted, fetched: 0, removed: 0, is_whole: false };
        for (resource, is_deletion) in latest(events) {
            state.take(resource, is_deletion);
            state.wanted.insert(without_fragment(resource).to_owned());
        }
        if let Some(last) = events.first() {
            state.received.cutoff = Some(last.iri.clone());
        }
        state
    }

    /// Reads the base, and the events that it does not account for.
    fn whole(fetcher: &mut Fetcher<'_>, set: &Set, before: Option<&Received>) -> Result<Self, NotPulled> {
        let Base { members, cutoff } = set.base(fetcher)?;
        // The log as it is now: the base may account for events that came after its first reading.
        let set = Set::read(fetcher)?;
        let events = set.events_since(fetcher, cutoff.as_deref())?.ok_or_else(|| {
            let cutoff = cutoff.clone().unwrap_or_default();
            fault(
                fetcher.url(),
                format!("the change log does not have the cutoff event {cutoff} of the base"),
            )
        })?;
        let received = Received::new(&set.iri);
        let mut state = Self { received, wanted: BTreeSet::new(), fetched: 0, removed: 0, is_whole: true };
        members.iter().for_each(|member| state.received.track(member));
        for (resource, is_deletion) in latest(&events) {
            state.take(resource, is_deletion);
        }
        state.received.cutoff = events.first().map(|event| event.iri.clone()).or(cutoff);
        state.wanted = state.received.documents().map(|(address, _)| address.to_owned()).collect();
        let former = before.iter().flat_map(|before| before.members());
        state.removed = former.filter(|member| !state.received.tracks(member)).count();
        Ok(state)
    }

    fn take(&mut self, resource: &str, is_deletion: bool) {
        if is_deletion {
            self.removed += usize::from(self.received.forget(resource));
        } else {
            self.received.track(resource);
        }
    }

    /// Fetches the documents that are wanted; returns what of them is left out.
    fn fetch(&mut self, fetcher: &mut Fetcher<'_>) -> Result<Vec<String>, NotPulled> {
        self.wanted.retain(|address| self.received.has(address));
        let mut gaps = Vec::new();
        for address in &self.wanted {
            let statements = fetcher.fetch(address)?.map(|page| page.statements).unwrap_or_default();
            self.fetched += usize::from(!statements.is_empty());
            let others = self.received.put(address, statements);
            gaps.extend(
                others.iter().map(|other| format!("{address}: what it states of {other} is left out")),
            );
        }
        Ok(gaps)
    }
}
