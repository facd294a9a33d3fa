//! What a version would be under changes that nobody has committed. Nothing is written, neither to Git nor to the index;
//! the previewed version is read as any other is, and reports that it is not in Git.

use crate::graph::change::diff::{DiffPart, DiffRange};
use crate::graph::change::maker::Maker;
use crate::graph::change::transaction::Transaction;
use crate::graph::error::Error;
use crate::graph::model::commit::{Author, Commit, CommitId};
use crate::graph::model::delta::DocumentDelta;
use crate::graph::read::snapshot::Snapshot;
use crate::graph::repository::Repository;
use crate::model::statement::Statement;
use crate::model::statement::change::Change;
use crate::model::statement::difference::differing;
use crate::ontology::Violation;
use git2::{ObjectType, Oid};
use oxigraph::model::{NamedNode, Term};

/// A version under changes that are not committed.
#[derive(Clone, Debug)]
pub struct ChangePreview {
    /// The version; where nothing would change, the one that was asked of.
    pub snapshot: Snapshot,
    /// What a commit of the changes would be refused for.
    pub violations: Vec<Violation>,
    /// What would become of resources: of all for changes that a request lists, of some for an import.
    pub diff: DiffPart,
    /// How many statements would come or go.
    pub changed: usize,
}

impl ChangePreview {
    /// Returns a version under no change.
    pub(super) fn nothing(version: &Snapshot) -> Self {
        Self { snapshot: version.clone(), violations: Vec::new(), diff: DiffPart::default(), changed: 0 }
    }
}

impl Repository {
    /// Returns a version as it would be if the changes were committed on top of it, a nanosecond after it. What a commit
    /// would be refused for is reported beside it; changes that cannot be applied at all are refused as a commit refuses them.
    pub fn preview(&self, version: &Snapshot, changes: &[Change]) -> Result<ChangePreview, Error> {
        let id = version.commit().id;
        if id.is_preview() {
            return Err(Error::OnlySupposed(id));
        }
        let mut transaction = Transaction::new(version);
        transaction.apply_all(changes)?;
        transaction.settle()?;
        if transaction.edits.is_empty() {
            return Ok(ChangePreview::nothing(version));
        }
        let mut violations = dangling(&transaction)?;
        violations.extend(transaction.reserved(Maker::default())?);
        violations.extend(transaction.broken_rules()?);
        self.preview_of(transaction, violations, &DiffRange { after: None, limit: usize::MAX })
    }

    /// Returns the version that a transaction would make, and what would become of some resources.
    pub(in crate::graph) fn preview_of(
        &self,
        transaction: Transaction<'_>,
        violations: Vec<Violation>,
        described: &DiffRange,
    ) -> Result<ChangePreview, Error> {
        let violations = transaction.named(violations)?;
        let (diff, changed) = (transaction.diff_part(described), transaction.changed());
        let version = transaction.snapshot;
        let snapshot = self.preview_snapshot(version, &transaction.into_deltas())?;
        Ok(ChangePreview { snapshot, violations, diff, changed })
    }

    fn preview_snapshot(&self, version: &Snapshot, deltas: &[DocumentDelta]) -> Result<Snapshot, Error> {
        let id = version.commit().id;
        let mut tables = self.index.tables()?;
        let parent = tables.commit(id)?.ok_or_else(|| Error::UnknownVersion(id.to_string()))?;
        let commit = Commit {
            id: CommitId::of_preview(digest(id, deltas)?),
            parents: vec![id],
            // As `git blame` names who wrote what is not committed.
            author: Author {
                name: "Not Committed Yet".to_owned(),
                email: "not.committed.yet@localhost".to_owned(),
                by: None,
            },
            time: version.commit().time.plus_nanos(1),
            order: version.commit().order.plus_nanos(1),
            message: "Preview, not committed".to_owned(),
        };
        let placed = tables.preview(commit, &parent, deltas)?;
        Ok(self.snapshot_of(tables, placed)?.while_wanted(&version.0.view.wanted))
    }
}

/// Digests what would change: equal changes of one version are one previewed version.
fn digest(version: CommitId, deltas: &[DocumentDelta]) -> Result<[u8; 20], Error> {
    let mut text = format!("supposed on {version}\n");
    for DocumentDelta { before, after } in deltas {
        for (Statement { subject, predicate, object }, begins) in differing(before.iter(), after.iter()) {
            let sign = if begins { '+' } else { '-' };
            text.push_str(&format!("{sign} {subject} {predicate} {object}\n"));
        }
    }
    let digest = Oid::hash_object(ObjectType::Blob, text.as_bytes())?;
    let mut bytes = [0; 20];
    bytes.copy_from_slice(digest.as_bytes());
    Ok(bytes)
}

/// Returns the links that would lead to what was removed, each as a violation of the resource that has it.
fn dangling(transaction: &Transaction<'_>) -> Result<Vec<Violation>, Error> {
    let ontology = transaction.snapshot.ontology();
    let violation = |target: &NamedNode, link: Statement| {
        let path = ontology.property(link.predicate.as_ref()).map(|property| property.name.clone());
        let message = format!("links to <{}>, which would no longer have any statement", target.as_str());
        let value = Some(Term::from(target.clone()));
        Violation::new(link.subject, path, value, message, "link to what was removed")
    };
    let dangling = transaction.dangling()?.into_iter();
    Ok(dangling
        .flat_map(|(target, inbound)| {
            inbound.into_iter().map(move |link| violation(&target, link)).collect::<Vec<_>>()
        })
        .collect())
}
