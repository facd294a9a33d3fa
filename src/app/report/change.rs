//! What becomes of resources between two versions.

use super::page::{self, PageAsked};
use super::words;
use crate::app::application::App;
use crate::app::error::Error;
use crate::graph::{Commit, Difference, PropertyDiff, ResourceDiff, Snapshot};
use crate::model::sync::cancellation::Cancellation;
use crate::thread::{self, Note};
use serde::{Deserialize, Serialize};

/// Which part of what differs between two versions is asked for.
#[derive(Clone, Debug)]
pub struct DiffAsked {
    /// The version to start from.
    pub from: String,
    /// The version to end at.
    pub to: String,
    /// Only what touches this resource.
    pub reach: Option<String>,
    /// Which part of the resources; a cursor is the name of one.
    pub page: PageAsked,
}

/// A page of what differs between two versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffReport {
    /// The resources that differ, in the order of their names.
    pub resources: Vec<ChangedResource>,
    /// The last of them, after which others follow; absent where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The version to start from.
    pub from: CommitReport,
    /// The version to end at.
    pub to: CommitReport,
}

/// What becomes of one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedResource {
    /// Its name.
    pub resource: String,
    /// `ADDED`, `REMOVED` or `CHANGED`.
    pub difference: String,
    /// Its properties that differ.
    pub properties: Vec<ChangedProperty>,
    /// What that means, in the words of engineering.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<NoteReport>,
}

/// What becomes of one property.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedProperty {
    /// The resource or fragment.
    pub subject: String,
    /// The name of the property.
    pub property: String,
    /// Its IRI.
    pub property_iri: String,
    /// The values that go.
    pub removed: Vec<String>,
    /// The values that come.
    pub added: Vec<String>,
    /// The whole in one line.
    #[serde(default)]
    pub text: String,
}

/// What a difference means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteReport {
    /// What it is about.
    pub kind: String,
    /// The whole in one sentence.
    pub text: String,
    /// The resource or fragment.
    pub subject: String,
    /// What was so before.
    pub before: Option<String>,
    /// What is so after.
    pub after: Option<String>,
    /// The other resources that are part of it.
    pub related: Vec<String>,
    /// The position of what was installed.
    pub position: Option<String>,
    /// When it happened.
    pub at: Option<String>,
}

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitReport {
    /// Its id.
    pub id: String,
    /// The ids of its parents.
    pub parents: Vec<String>,
    /// Who made it.
    pub author: AuthorReport,
    /// When it was recorded.
    pub time: String,
    /// Its message.
    pub message: String,
}

/// Who made a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorReport {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
}

impl DiffReport {
    /// Reads a page of what differs between two versions.
    pub fn read(app: &App, asked: &DiffAsked, wanted: &Cancellation) -> Result<Self, Error> {
        let from = app.snapshot(&asked.from)?.while_wanted(wanted);
        let to = app.snapshot(&asked.to)?.while_wanted(wanted);
        let reach = asked.reach.as_deref().map(|name| words::find(&to, name)).transpose()?;
        let after = asked.page.after.as_deref().map(|name| to.expand(name)).transpose()?;
        let differences = app.differences(&from, &to, reach.as_ref())?;
        let mut resources = differences.part(after.as_ref(), asked.page.first.saturating_add(1))?;
        let has_more = page::cut(&mut resources, asked.page.first);
        let described = resources.iter().map(|resource| ChangedResource::with_notes(resource, &from, &to));
        Ok(Self {
            resources: described.collect::<Result<_, _>>()?,
            next: resources.last().filter(|_| has_more).map(|last| to.shorten(&last.resource)),
            from: from.commit().into(),
            to: to.commit().into(),
        })
    }
}

impl ChangedResource {
    /// Describes a difference without what it means.
    pub fn new(diff: &ResourceDiff, at: &Snapshot) -> Self {
        let difference = match diff.difference {
            Difference::Added => "ADDED",
            Difference::Removed => "REMOVED",
            Difference::Changed => "CHANGED",
        };
        Self {
            resource: at.shorten(&diff.resource),
            difference: difference.to_owned(),
            properties: diff.properties.iter().map(|property| ChangedProperty::new(property, at)).collect(),
            notes: Vec::new(),
        }
    }

    /// Describes a difference with what it means.
    pub fn with_notes(diff: &ResourceDiff, from: &Snapshot, to: &Snapshot) -> Result<Self, Error> {
        let notes = thread::notes_of(from, to, diff)?;
        let notes = notes.iter().map(|note| NoteReport::new(note, to)).collect();
        Ok(Self { notes, ..Self::new(diff, to) })
    }

    /// Returns the sign that a list of differences begins a line with.
    pub fn sign(&self) -> char {
        match self.difference.as_str() {
            "ADDED" => '+',
            "REMOVED" => '-',
            _ => '~',
        }
    }
}

impl ChangedProperty {
    /// Describes what differs in a property.
    pub fn new(property: &PropertyDiff, at: &Snapshot) -> Self {
        let values = |terms: &[_]| terms.iter().map(|term| words::value(term, at)).collect();
        Self {
            subject: at.shorten(&property.subject),
            property: words::name(&property.predicate, at),
            property_iri: property.predicate.as_str().to_owned(),
            removed: values(&property.removed),
            added: values(&property.added),
            text: words::line(property, at),
        }
    }
}

impl NoteReport {
    fn new(note: &Note, at: &Snapshot) -> Self {
        Self {
            kind: note.kind.name().to_owned(),
            text: note.text.clone(),
            subject: at.shorten(&note.subject),
            before: note.before.clone(),
            after: note.after.clone(),
            related: note.related.iter().map(|iri| at.shorten(iri)).collect(),
            position: note.position.clone(),
            at: note.at.map(|at| at.to_string()),
        }
    }
}

impl From<&Commit> for CommitReport {
    fn from(commit: &Commit) -> Self {
        Self {
            id: commit.id.to_string(),
            parents: commit.parents.iter().map(ToString::to_string).collect(),
            author: AuthorReport { name: commit.author.name.clone(), email: commit.author.email.clone() },
            time: commit.time.to_string(),
            message: commit.message.clone(),
        }
    }
}
