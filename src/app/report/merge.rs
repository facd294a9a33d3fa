//! What a merge would come to.

use super::change::ChangedResource;
use super::conflict::ConflictReport;
use super::page::PageAsked;
use crate::app::application::App;
use crate::app::error::Error;
use crate::app::write::resolution::Decision;
use crate::graph::{CommitId, Resolution, Snapshot};
use crate::model::sync::cancellation::Cancellation;
use crate::ontology::Violation;
use oxigraph::model::NamedNode;
use serde::{Deserialize, Serialize};

/// Which merge is previewed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MergeAsked {
    /// The version whose changes are taken in.
    pub source: String,
    /// The branch that takes them.
    pub into: String,
    /// What is decided of conflicts.
    #[serde(default)]
    pub decisions: Vec<Decision>,
}

/// What a merge would come to. What it would change is asked for by [`MergeChanges`], with the two commits as `source` and `into`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MergePreviewReport {
    /// The head of the branch that would take the merge.
    pub into: String,
    /// The commit whose changes would be taken in.
    pub source: String,
    /// The best common ancestors.
    pub bases: Vec<String>,
    /// Whether the branch has all of the source already.
    pub merged_already: bool,
    /// Whether the merge would be made as it is.
    pub clean: bool,
    /// How many resources would change.
    pub change_count: usize,
    /// The conflicts.
    pub conflicts: Vec<ConflictReport>,
    /// What the result would break.
    pub violations: Vec<ViolationReport>,
}

/// A page of what a merge would change on the branch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeChanges {
    /// The resources, in the order of their names.
    pub changes: Vec<ChangedResource>,
    /// The last of them, after which others follow; absent where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A shape or rule that a change would break.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViolationReport {
    /// The resource or fragment that breaks it.
    pub resource: String,
    /// The field.
    pub path: Option<String>,
    /// What is wrong.
    pub message: String,
    /// The shape or rule.
    pub rule: String,
    /// The whole in one line.
    #[serde(default)]
    pub text: String,
}

impl MergeAsked {
    fn resolutions(&self, at: &Snapshot) -> Result<Vec<Resolution>, Error> {
        self.decisions.iter().map(|decision| decision.resolution(at)).collect()
    }
}

impl MergePreviewReport {
    /// Describes what a merge would come to; nothing is written.
    pub fn read(app: &App, asked: &MergeAsked, wanted: &Cancellation) -> Result<Self, Error> {
        let at = app.snapshot(&asked.into)?.while_wanted(wanted);
        let resolutions = asked.resolutions(&at)?;
        let preview = app.merge_preview(&asked.source, &asked.into, &resolutions, wanted)?;
        let conflicts = preview.conflicts.iter().map(|conflict| ConflictReport::new(conflict, &at));
        let violations = preview.violations.iter().map(|violation| ViolationReport::new(violation, &at));
        Ok(Self {
            clean: preview.is_clean(),
            into: preview.into.id.to_string(),
            source: preview.source.id.to_string(),
            bases: preview.bases.iter().map(|base| base.id.to_string()).collect(),
            merged_already: preview.merged_already,
            change_count: preview.diff.total,
            conflicts: conflicts.collect(),
            violations: violations.collect(),
        })
    }
}

impl MergeChanges {
    /// Reads a page of what a merge of two commits would change.
    pub fn read(
        app: &App,
        asked: &MergeAsked,
        page: &PageAsked,
        wanted: &Cancellation,
    ) -> Result<Self, Error> {
        let at = app.snapshot(&asked.into)?.while_wanted(wanted);
        let resolutions = asked.resolutions(&at)?;
        let after = page.after.as_deref().map(|name| at.expand(name)).transpose()?;
        let commit = |version: &str| Ok::<CommitId, Error>(app.snapshot(version)?.commit().id);
        let heads = (commit(&asked.source)?, at.commit().id);
        let (mut changes, mut last, mut has_more) = (Vec::new(), None::<NamedNode>, false);
        app.repository().each_merge_change::<Error>(heads, &resolutions, after.as_ref(), wanted, |diff| {
            has_more = changes.len() == page.first;
            if !has_more {
                changes.push(ChangedResource::new(&diff, &at));
                last = Some(diff.resource);
            }
            Ok(!has_more)
        })?;
        let next = last.filter(|_| has_more).map(|last| at.shorten(&last));
        Ok(Self { changes, next })
    }
}

impl ViolationReport {
    /// Describes a violation.
    pub fn new(violation: &Violation, at: &Snapshot) -> Self {
        Self {
            resource: at.shorten(&violation.resource),
            path: violation.path.clone(),
            message: violation.message.clone(),
            rule: violation.rule.clone(),
            text: violation.to_string(),
        }
    }
}
