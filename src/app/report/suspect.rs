//! Links whose targets have changed since they were made or last confirmed.

use super::change::{ChangedProperty, CommitReport};
use super::words;
use crate::app::application::App;
use crate::app::error::Error;
use crate::graph::{PropertyDiff, Snapshot};
use crate::model::statement::root;
use crate::thread::{Suspect, Suspects};
use serde::{Deserialize, Serialize};

/// The suspect links of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuspectsReport {
    /// The links.
    pub links: Vec<SuspectLink>,
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
    /// Finds the suspect links of a version.
    pub fn read(app: &App, version: &str) -> Result<Self, Error> {
        let at = app.snapshot(version)?;
        let suspects = Suspects::new(&at);
        let found = suspects.all()?;
        let links = found.iter().map(|suspect| SuspectLink::new(&suspects, suspect, &at));
        Ok(Self { links: links.collect::<Result<_, _>>()? })
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
