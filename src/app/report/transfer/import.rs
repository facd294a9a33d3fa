//! What an import came to, or would come to.

use crate::app::error::Error;
use crate::app::report::change::ChangedResource;
use crate::app::write::import::{ImportOptions, ReadReport};
use crate::exchange::table::Problem;
use crate::graph::{Imported, Snapshot};
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::ontology::{Completion, Cut, Loss};
use oxigraph::model::NamedNode;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What an import came to, or would come to where nothing was to be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportReport {
    /// The name of the source.
    pub source: String,
    /// The branch that takes it.
    pub into: String,
    /// The id of the commit that the branch is at afterwards; as it is now where nothing was to be written.
    pub commit: String,
    /// How many statements were added or removed on the branch.
    pub changed: usize,
    /// Whether nothing was written.
    #[serde(default)]
    pub dry_run: bool,
    /// Whether the branch was at this commit before.
    #[serde(default)]
    pub unchanged: bool,
    /// The installations that were cut.
    pub cuts: Vec<CutReport>,
    /// What in the files no statement came out of.
    pub ignored: Vec<String>,
    /// The rows that contradicted others, and how that was settled.
    pub settled: Vec<SettledReport>,
    /// The installations that got an end.
    pub completions: Vec<CompletionReport>,
    /// The design revisions that are released from now on.
    pub released: Vec<String>,
    /// What would change, where nothing was written: the first resources, or those after one.
    pub preview: Option<Vec<ChangedResource>>,
    /// How many resources would change in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview_total: Option<usize>,
    /// The last resource of the preview, after which others follow; absent where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview_next: Option<String>,
    /// The columns that a mapping does not use, by file.
    pub unused_columns: Vec<UnusedReport>,
    /// The rows of tables that a mapping does not take, by file.
    #[serde(default)]
    pub skipped_rows: Vec<SkippedReport>,
    /// The tag that was made.
    #[serde(default)]
    pub tag: Option<String>,
}

/// Rows of a table that `only` and `skip-if-empty` of its mapping do not take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedReport {
    /// The file.
    pub file: String,
    /// How many rows are not taken.
    pub skipped: usize,
    /// How many rows there are.
    pub rows: usize,
}

/// An installation that was cut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutReport {
    /// The installation.
    pub installation: String,
    /// What is installed.
    pub component: String,
    /// Where.
    pub parent: String,
    /// The place there.
    pub position: Option<String>,
    /// The time that the source claims.
    pub claimed: Span,
    /// What was cut out of it.
    pub lost: Vec<LossReport>,
    /// What is left.
    pub kept: Vec<KeptReport>,
}

/// A span of time; open where it has no end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Its first instant.
    pub from: String,
    /// The first instant after it.
    pub to: Option<String>,
}

/// A time that an installation lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LossReport {
    /// When.
    #[serde(flatten)]
    pub within: Span,
    /// The installation that is believed.
    pub taken_by: String,
    /// The rule that both would break.
    pub rule: String,
}

/// A time that an installation kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptReport {
    /// When.
    #[serde(flatten)]
    pub within: Span,
    /// The name of the piece.
    pub installation: String,
}

/// A row that contradicted others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettledReport {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// The name of the column.
    pub column: Option<String>,
    /// What it was, and how it was settled.
    pub message: String,
    /// The whole in one line.
    #[serde(default)]
    pub text: String,
}

/// An installation that got an end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CompletionReport {
    /// The installation.
    pub installation: String,
    /// What is installed.
    pub component: String,
    /// Where.
    pub parent: String,
    /// The place there.
    pub position: Option<String>,
    /// When it ends.
    pub to: String,
    /// The installation that implies the end.
    pub implied_by: String,
    /// Whether that one is the same stay, and part of it from now on.
    pub absorbed: bool,
}

/// The columns of a table that its mapping does not use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnusedReport {
    /// The file.
    pub file: String,
    /// The columns.
    pub columns: Vec<String>,
}

impl ImportReport {
    /// Describes an import; `before` is the version that it was compared with.
    pub(in crate::app) fn new(
        imported: &Imported,
        report: ReadReport,
        options: &ImportOptions,
        before: &Snapshot,
    ) -> Result<Self, Error> {
        let (at, commit) = (before, imported.commit.id);
        let preview = imported.preview.as_ref().map(|preview| {
            let changes = preview.diff.resources.iter();
            changes.map(|change| ChangedResource::with_notes(change, at, &preview.snapshot)).collect()
        });
        let diff = imported.preview.as_ref().map(|preview| &preview.diff);
        let next = diff.filter(|diff| diff.has_more).and_then(|diff| diff.resources.last());
        let unused = report.unused_columns.into_iter();
        let skipped = report.skipped_rows.into_iter();
        Ok(Self {
            source: options.source.clone(),
            into: options.into.clone(),
            commit: commit.to_string(),
            changed: imported.changed,
            dry_run: options.preview,
            unchanged: commit == before.commit().id,
            cuts: imported.cuts.iter().map(|cut| CutReport::new(cut, at)).collect(),
            ignored: report.ignored.iter().map(ToString::to_string).collect(),
            settled: report.settled.iter().map(SettledReport::new).collect(),
            completions: imported.completions.iter().map(|end| CompletionReport::new(end, at)).collect(),
            released: imported.released.iter().map(|revision| at.shorten(revision)).collect(),
            preview: preview.transpose()?,
            preview_total: diff.map(|diff| diff.total),
            preview_next: next.map(|last| at.shorten(&last.resource)),
            skipped_rows: skipped
                .map(|(file, skipped, rows)| SkippedReport { file, skipped, rows })
                .collect(),
            unused_columns: unused.map(|(file, columns)| UnusedReport { file, columns }).collect(),
            tag: options.tag.clone().filter(|_| !options.preview),
        })
    }
}

impl Span {
    fn new(within: &Interval) -> Self {
        // An end that is open has no instant.
        let to = Some(within.to()).filter(|to| *to != Instant::MAX);
        Self { from: within.from().to_string(), to: to.map(|to| to.to_string()) }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to = self.to.as_deref().unwrap_or("…");
        match self.from == Instant::MIN.to_string() {
            true => write!(f, "(…, {to})"),
            false => write!(f, "[{}, {to})", self.from),
        }
    }
}

impl CutReport {
    fn new(cut: &Cut, at: &Snapshot) -> Self {
        let lost = |loss: &Loss| LossReport {
            within: Span::new(&loss.within),
            taken_by: at.shorten(&loss.to),
            rule: loss.rule.clone(),
        };
        let kept = |(name, within): &(NamedNode, Interval)| KeptReport {
            within: Span::new(within),
            installation: at.shorten(name),
        };
        Self {
            installation: at.shorten(&cut.installation),
            component: at.shorten(&cut.component),
            parent: at.shorten(&cut.parent),
            position: cut.position.clone(),
            claimed: Span::new(&cut.claimed),
            lost: cut.lost.iter().map(lost).collect(),
            kept: cut.kept.iter().map(kept).collect(),
        }
    }
}

impl SettledReport {
    fn new(row: &Problem) -> Self {
        Self {
            file: row.file.clone(),
            line: row.line,
            column: row.column.as_ref().map(|column| column.name.clone()),
            message: row.message.clone(),
            text: row.to_string(),
        }
    }
}

impl CompletionReport {
    fn new(completion: &Completion, at: &Snapshot) -> Self {
        Self {
            installation: at.shorten(&completion.installation),
            component: at.shorten(&completion.component),
            parent: at.shorten(&completion.parent),
            position: completion.position.clone(),
            to: completion.to.to_string(),
            implied_by: at.shorten(&completion.by),
            absorbed: completion.absorbs,
        }
    }
}
