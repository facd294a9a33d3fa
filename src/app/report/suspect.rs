//! Links whose targets have changed since they were made or last confirmed.

use super::change::{ChangedProperty, CommitReport};
use super::page::{self, Page, PageAsked};
use super::words;
use crate::app::application::App;
use crate::app::error::Error;
use crate::graph::{PropertyDiff, Snapshot};
use crate::model::statement::{Statement, root};
use crate::model::sync::cancellation::Cancellation;
use crate::thread::{Suspect, Suspects};
use serde::{Deserialize, Serialize};

/// The suspect links of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuspectsReport {
    /// The links, in the order of what they belong to.
    pub links: Vec<SuspectLink>,
    /// The cursor of the last of them, after which others follow; absent where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The commit that the version is.
    #[serde(default)]
    pub version: String,
}

/// Which links are asked for.
#[derive(Clone, Debug)]
pub struct SuspectsAsked {
    /// The version.
    pub version: String,
    /// Which part of them.
    pub page: PageAsked,
}

/// A suspect link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SuspectLink {
    /// The resource or fragment that the link belongs to.
    pub from: String,
    /// The name of the property that holds it.
    pub property: String,
    /// Its IRI.
    pub property_iri: String,
    /// What is linked.
    pub to: String,
    /// The commit that made the link.
    pub since: CommitReport,
    /// The commit at which it was last in order.
    pub baseline: CommitReport,
    /// What of the target differs from then.
    pub changes: Vec<SignificantChange>,
}

/// A property of a link's target that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignificantChange {
    /// What differs.
    #[serde(flatten)]
    pub change: ChangedProperty,
    /// The name of the target.
    pub target: String,
    /// The commit that changed it; absent where no single one did.
    pub since: Option<CommitReport>,
}

impl SuspectsReport {
    /// Finds the suspect links of a version, and describes a page of them.
    pub fn read(app: &App, asked: &SuspectsAsked, wanted: &Cancellation) -> Result<Self, Error> {
        let at = app.snapshot(&asked.version)?.while_wanted(wanted);
        let suspects = Suspects::new(&at);
        let mut found = suspects.all()?;
        if let Some(cursor) = &asked.page.after {
            let after = link_of(&at, cursor)?;
            // Also where that link is suspect no more: what comes after it is the same.
            found.retain(|suspect| suspect.link > after);
        }
        let has_more = page::cut(&mut found, asked.page.first);
        let next = found.last().filter(|_| has_more).map(|last| cursor_of(&at, &last.link));
        let links = found.iter().map(|suspect| SuspectLink::new(&suspects, suspect, &at));
        Ok(Self { links: links.collect::<Result<_, _>>()?, next, version: at.commit().id.to_string() })
    }
}

/// Writes a link as a cursor: three IRIs, each as short as it can be.
fn cursor_of(at: &Snapshot, link: &Statement) -> String {
    let (from, property) = (at.shorten(&link.subject), at.shorten(&link.predicate));
    format!("{from} {property} {}", words::value(&link.object, at))
}

/// Reads the link that a cursor names.
fn link_of(at: &Snapshot, cursor: &str) -> Result<Statement, Error> {
    let words: Vec<&str> = cursor.split(' ').collect();
    let [from, property, to] = words[..] else { return Err(page::refused(cursor)) };
    Ok(Statement::new(at.expand(from)?, at.expand(property)?, at.expand(to)?))
}

impl Page for SuspectsReport {
    fn version(&self) -> &str {
        &self.version
    }

    fn item_count(&self) -> usize {
        self.links.len()
    }

    fn next(&self) -> Option<&String> {
        self.next.as_ref()
    }

    fn join(&mut self, following: Self) {
        self.links.extend(following.links);
        self.next = following.next;
    }
}

impl SuspectLink {
    fn new(suspects: &Suspects, suspect: &Suspect, at: &Snapshot) -> Result<Self, Error> {
        let change = |diff: &PropertyDiff| {
            Ok::<_, Error>(SignificantChange {
                change: ChangedProperty::new(diff, at),
                target: at.shorten(&root(&diff.subject)),
                since: suspects.changed_by(suspect, diff)?.as_ref().map(CommitReport::from),
            })
        };
        Ok(Self {
            from: at.shorten(&suspect.link.subject),
            property: words::name(&suspect.link.predicate, at),
            property_iri: suspect.link.predicate.as_str().to_owned(),
            to: words::value(&suspect.link.object, at),
            since: (&suspect.since).into(),
            baseline: (&suspect.baseline).into(),
            changes: suspect.properties.iter().map(change).collect::<Result<_, _>>()?,
        })
    }
}
