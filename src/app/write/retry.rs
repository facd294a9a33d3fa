//! Making a commit anew when another one comes between.

use crate::app::application::App;
use crate::app::error::Error;
use crate::graph::{self, Author, Commit, CommitRequest, Committed, RequestKey, Snapshot};
use crate::model::statement::change::Change;
use crate::model::use_case::UseCase;
use oxigraph::model::{NamedNode, NamedNodeRef};

/// How often a commit is made anew.
const ATTEMPTS: usize = 8;

/// Does what reads a head and commits on it, and does it again from the new head where that has moved meanwhile.
pub(in crate::app) fn retried<T>(mut make: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
    let mut attempt = 1;
    loop {
        match make() {
            Err(Error::Graph(graph::Error::Conflict(_))) if attempt < ATTEMPTS => attempt += 1,
            result => return result,
        }
    }
}

impl App {
    /// Commits changes that are drafted against a head: the one that the request expects, else the branch's own, and anew
    /// where that has moved meanwhile. What was made before under the request's key is returned without a draft, as what that
    /// names may no longer exist.
    pub fn commit_drafted<E: From<Error>>(
        &self,
        request: &CommitRequest,
        mut draft: impl FnMut(&Snapshot) -> Result<Vec<Change>, E>,
    ) -> Result<Committed, E> {
        if let Some(made) = self.repository().made_before(request).map_err(Error::from)? {
            return Ok(made);
        }
        let mut make = || {
            let head = match request.expected_head {
                Some(expected) => self.repository().snapshot_at(expected)?,
                None => self.repository().head(&request.branch)?,
            };
            let head = head.while_wanted(&request.wanted);
            let expected_head = Some(head.commit().id);
            // What the draft refuses is no conflict of commits, so it is tried once.
            Ok::<_, Error>(match draft(&head) {
                Ok(changes) => {
                    Ok(self.commit_as(&CommitRequest { changes, expected_head, ..request.clone() })?)
                }
                Err(refusal) => Err(refusal),
            })
        };
        match request.expected_head {
            Some(_) => make()?,
            None => retried(make)?,
        }
    }

    /// Returns the commit that was made before under an idempotency key on a branch.
    pub(in crate::app) fn made_under(
        &self,
        key: Option<&RequestKey>,
        branch: &str,
    ) -> Result<Option<Committed>, Error> {
        Ok(self.repository().made_under(key, branch)?)
    }

    /// Returns the instances of a class that a commit has and its first parent has not, in IRI order.
    pub(super) fn made_by(
        &self,
        commit: &Commit,
        class: NamedNodeRef<'_>,
    ) -> Result<(Snapshot, Vec<NamedNode>), Error> {
        let after = self.repository().snapshot_at(commit.id)?;
        let mut made = after.instances(class)?;
        if let Some(parent) = commit.parents.first() {
            let before = self.repository().snapshot_at(*parent)?.instances(class)?;
            made.retain(|iri| !before.contains(iri));
        }
        Ok((after, made))
    }

    /// Commits what was concluded from a head on that very head. Where it has moved, that is a conflict, however well the
    /// changes would merge: what came between might have led to another conclusion.
    pub(in crate::app) fn commit_on(
        &self,
        head: &Snapshot,
        branch: &str,
        (use_case, message, author): (UseCase, String, &Author),
        key: Option<&RequestKey>,
        changes: Vec<Change>,
    ) -> Result<Committed, Error> {
        self.commit_as(&CommitRequest {
            branch: branch.to_owned(),
            message,
            author: author.clone(),
            idempotency_key: key.cloned(),
            changes,
            expected_head: Some(head.commit().id),
            exact: true,
            use_case: Some(use_case),
            ..CommitRequest::default()
        })
    }
}
