//! What plain Git may do to the repository: clone and fetch all of it, and push to `refs/incoming/`, from where
//! `adopt` takes commits in. A hook ([`super::files::update_hook`]) refuses a push to any other ref of the thread, as that would go round the
//! one way in.

use super::lookup::{commit_of, refuse_damaged};
use super::store::History;
use super::values::{commit_id, oid};
use crate::graph::model::commit::CommitId;
use crate::graph::model::ref_name::INCOMING;
use git2::ErrorCode;
use std::path::Path;

impl History {
    /// Finds a commit by a ref below `refs/incoming/`, by any ref, or by its id; the name of the ref comes with it.
    pub(in crate::graph) fn find(&self, name: &str) -> Result<Option<(String, CommitId)>, git2::Error> {
        for full in [format!("{INCOMING}{name}"), name.to_owned()] {
            if git2::Reference::is_valid_name(&full)
                && let Some(id) = self.reference(&full)?
            {
                return Ok(Some((full, id)));
            }
        }
        if let Ok(id) = name.parse::<CommitId>() {
            // Found by its id it would be read before it is checked.
            refuse_damaged(&self.repository, oid(id))?;
        }
        match self.repository.revparse_ext(name) {
            Ok((object, reference)) => {
                let commit = commit_of(&self.repository, object.id())?;
                let full = reference.as_ref().and_then(|reference| reference.name().ok()).unwrap_or_default();
                Ok(Some((full.to_owned(), commit_id(commit.id()))))
            }
            Err(error) if matches!(error.code(), ErrorCode::NotFound | ErrorCode::InvalidSpec) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Returns whether a path lies among the ontology's files, and returns its name there.
pub(in crate::graph) fn ontology_file(path: &str) -> Option<&str> {
    Path::new(path).strip_prefix("ontology").ok()?.to_str()
}
