//! Making a commit anew when another one comes between.

use super::application::App;
use super::error::Error;
use crate::graph::{self, Author, CommitRequest, Committed, Snapshot};
use crate::model::change::Change;

/// How often a commit is made anew.
const ATTEMPTS: usize = 8;

/// Does what reads a head and commits on it, and does it again from the new head where that has moved meanwhile.
pub(super) fn retried<T>(mut make: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
    let mut attempt = 1;
    loop {
        match make() {
            Err(Error::Graph(graph::Error::Conflict(_))) if attempt < ATTEMPTS => attempt += 1,
            result => return result,
        }
    }
}

impl App {
    /// Commits what was concluded from a head on that very head. Where it has moved, that is a conflict, however well the
    /// changes would merge: what came between might have led to another conclusion.
    pub(super) fn commit_on(
        &self,
        head: &Snapshot,
        branch: &str,
        (message, author): (String, &Author),
        changes: Vec<Change>,
    ) -> Result<Committed, Error> {
        self.commit_as(&CommitRequest {
            branch: branch.to_owned(),
            message,
            author: author.clone(),
            changes,
            expected_head: Some(head.commit().id),
            exact: true,
            ..CommitRequest::default()
        })
    }
}
