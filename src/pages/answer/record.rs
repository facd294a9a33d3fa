//! Records as they are referred to, commits, and links.

use super::{Connection, long};
use crate::pages::page::Page;
use serde::Deserialize;

/// A record that is referred to; which class it is of decides its page.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::pages) struct Reference {
    pub(in crate::pages) iri: String,
    pub(in crate::pages) identifier: Option<String>,
    pub(in crate::pages) title: Option<String>,
    requirement: Option<String>,
    unit: Option<String>,
    design: Option<String>,
    lot: Option<String>,
    finding: Option<String>,
    change: Option<String>,
    review: Option<String>,
}

impl Reference {
    /// Returns the name that people use.
    pub(in crate::pages) fn name(&self) -> &str {
        self.identifier.as_deref().or(self.title.as_deref()).unwrap_or(&self.iri)
    }

    /// Returns the page of the record.
    pub(in crate::pages) fn page(&self) -> Page {
        let classes = [
            (&self.requirement, Page::Requirement),
            (&self.unit, Page::Unit),
            (&self.design, Page::Design),
            (&self.lot, Page::Lot),
            (&self.finding, Page::Finding),
            (&self.change, Page::Change),
            (&self.review, Page::Review),
        ];
        classes.into_iter().find(|(of, _)| of.is_some()).map_or(Page::Record, |(_, page)| page)
    }
}

/// Who made a commit.
#[derive(Clone, Debug, Default, Deserialize)]
pub(in crate::pages) struct Author {
    pub(in crate::pages) name: String,
}

/// A commit.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct Commit {
    pub(in crate::pages) id: String,
    pub(in crate::pages) time: String,
    pub(in crate::pages) message: String,
    pub(in crate::pages) author: Author,
}

impl Commit {
    /// Returns the first line of the message.
    pub(in crate::pages) fn subject(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }

    /// Returns the id as short as it is shown and put into addresses.
    pub(in crate::pages) fn short(&self) -> &str {
        self.id.get(..12).unwrap_or(&self.id)
    }
}

/// A step of a trace.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::pages) struct Step {
    pub(in crate::pages) property: String,
    pub(in crate::pages) backward: bool,
    pub(in crate::pages) suspect: bool,
    pub(in crate::pages) since: Commit,
    pub(in crate::pages) resource: Reference,
}

/// A branch or tag.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::pages) struct Named {
    pub(in crate::pages) name: String,
}

/// What the frame of every page shows beside its own.
#[derive(Debug, Deserialize)]
pub(in crate::pages) struct Around {
    pub(in crate::pages) head: Head,
    pub(in crate::pages) branches: Connection<Named>,
    pub(in crate::pages) tags: Connection<Named>,
    pub(in crate::pages) log: Connection<Commit>,
    pub(in crate::pages) jobs: Connection<Job>,
}

/// The newest version.
#[derive(Debug, Deserialize)]
pub(in crate::pages) struct Head {
    pub(in crate::pages) commit: Commit,
    pub(in crate::pages) watermark: String,
    pub(in crate::pages) reviews: Connection<Reviewed>,
}

/// A review, which names a version and a watermark.
#[derive(Debug, Deserialize)]
pub(in crate::pages) struct Reviewed {
    pub(in crate::pages) identifier: Option<String>,
    pub(in crate::pages) watermark: Option<String>,
}

/// A job.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::pages) struct Job {
    pub(in crate::pages) id: String,
    pub(in crate::pages) kind: String,
    pub(in crate::pages) state: String,
    pub(in crate::pages) files: u64,
    #[serde(deserialize_with = "long")]
    pub(in crate::pages) readings: u64,
}

impl Job {
    /// Returns whether it is not over.
    pub(in crate::pages) fn is_under_way(&self) -> bool {
        matches!(self.state.as_str(), "QUEUED" | "RUNNING")
    }
}

/// What a page is of.
#[derive(Debug, Deserialize)]
pub(in crate::pages) struct Located {
    pub(in crate::pages) thread: Place,
}

/// The version and watermark of a page.
#[derive(Debug, Deserialize)]
pub(in crate::pages) struct Place {
    pub(in crate::pages) commit: Commit,
    pub(in crate::pages) watermark: String,
}

/// What was decided about a finding, a change or a review.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::pages) struct Decided {
    pub(in crate::pages) iri: String,
    pub(in crate::pages) identifier: Option<String>,
    pub(in crate::pages) title: Option<String>,
    pub(in crate::pages) state: Option<String>,
    pub(in crate::pages) reason: Option<String>,
    pub(in crate::pages) decided_by: Option<String>,
    pub(in crate::pages) decided_at: Option<String>,
    pub(in crate::pages) generated_at: Option<String>,
    pub(in crate::pages) opened_at: Option<String>,
    pub(in crate::pages) design: Option<Reference>,
    pub(in crate::pages) requirement: Option<Reference>,
}

impl Decided {
    /// Returns the name that people use.
    pub(in crate::pages) fn name(&self) -> &str {
        self.identifier.as_deref().or(self.title.as_deref()).unwrap_or(&self.iri)
    }
}
