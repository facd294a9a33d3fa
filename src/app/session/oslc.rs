//! What a session does as OSLC asks for it.

use super::{OfKey, Session};
use crate::app::error::Error;
use crate::app::read::oslc::refusal::OslcRefusal;
use crate::app::read::oslc::resource::OslcResource;
use crate::app::read::oslc::search::{self, OslcPage, OslcQuery};
use crate::app::read::oslc::tracked::{self, TrackedPage};
use crate::app::write::oslc::{OslcDocument, OslcExpected, creation, replacement};
use crate::exchange::rdf::oslc::address::Addresses;
use crate::exchange::rdf::oslc::domain::Kind;
use crate::exchange::rdf::oslc::tracked::{Event, Segment};
use crate::graph::{Commit, CommitRequest, Snapshot};
use crate::model::statement::change::Change;
use crate::model::sync::cancellation::Cancellation;
use oxigraph::model::NamedNode;

impl OfKey for OslcRefusal {
    fn commit_of_key(&self) -> Option<&Commit> {
        match self {
            Self::App(error) => error.commit_of_key(),
            _ => None,
        }
    }
}

impl Session {
    /// Returns a page of the resources of a kind.
    pub fn oslc_page(
        &self,
        version: &Snapshot,
        addresses: &Addresses,
        kind: &Kind,
        query: &OslcQuery,
    ) -> Result<OslcPage, OslcRefusal> {
        self.read()?;
        search::page(version, addresses, kind, query)
    }

    /// Returns a segment of the change log of what led to a version, from a place among the events of its commit on.
    pub fn tracked_segment(
        &self,
        version: &Snapshot,
        place: u64,
        limit: usize,
        wanted: &Cancellation,
    ) -> Result<Segment, OslcRefusal> {
        self.read()?.tracked_segment(version, place, limit, wanted)
    }

    /// Returns the last event that a version accounts for.
    pub fn tracked_cutoff(
        &self,
        version: &Snapshot,
        wanted: &Cancellation,
    ) -> Result<Option<Event>, OslcRefusal> {
        self.read()?.tracked_cutoff(version, wanted)
    }

    /// Returns a page of the tracked resources of a version; `start` is the place of a kind and a cursor in it.
    pub fn tracked_members(
        &self,
        version: &Snapshot,
        start: (usize, Option<String>),
        limit: usize,
    ) -> Result<TrackedPage, OslcRefusal> {
        self.read()?;
        tracked::members(version, start, limit)
    }

    /// Creates a resource of a document on a branch; returns it.
    pub fn oslc_create(
        &self,
        branch: &str,
        addresses: &Addresses,
        kind: &'static Kind,
        document: &OslcDocument,
    ) -> Result<(Snapshot, OslcResource), OslcRefusal> {
        let mut letters = kind.name.chars();
        let first: String = letters.next().into_iter().flat_map(char::to_lowercase).collect();
        let name = format!("{first}{}/{}", letters.as_str(), self.clock().new_id());
        let iri = self.head(branch)?.expand(&name).map_err(Error::from)?;
        let request = request(branch, format!("Create {name}"));
        let done = self.commit_drafted(&request, |head| creation(head, addresses, kind, &iri, document))?;
        self.made(&done.commit, &iri)
    }

    /// Replaces a resource on a branch by what a document states; returns it.
    pub fn oslc_replace(
        &self,
        branch: &str,
        addresses: &Addresses,
        iri: &NamedNode,
        (document, expected): (&OslcDocument, &OslcExpected),
    ) -> Result<(Snapshot, OslcResource), OslcRefusal> {
        let request = request(branch, format!("Change {}", self.head(branch)?.shorten(iri)));
        let done =
            self.commit_drafted(&request, |head| replacement(head, addresses, iri, document, expected))?;
        self.made(&done.commit, iri)
    }

    /// Retires a resource on a branch.
    pub fn oslc_retire(
        &self,
        branch: &str,
        iri: &NamedNode,
        expected: &OslcExpected,
    ) -> Result<(), OslcRefusal> {
        let request = request(branch, format!("Retire {}", self.head(branch)?.shorten(iri)));
        let draft = |head: &Snapshot| {
            expected.check(&OslcResource::needed(head, iri)?)?;
            Ok::<_, OslcRefusal>(vec![Change::Retire(iri.clone())])
        };
        self.commit_drafted(&request, draft).map(drop)
    }

    fn made(&self, commit: &Commit, iri: &NamedNode) -> Result<(Snapshot, OslcResource), OslcRefusal> {
        let version = self.snapshot(&commit.id.to_string())?;
        let resource = OslcResource::needed(&version, iri)?;
        Ok((version, resource))
    }
}

fn request(branch: &str, message: String) -> CommitRequest {
    CommitRequest { branch: branch.to_owned(), message, ..CommitRequest::default() }
}
