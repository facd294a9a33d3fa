//! What all mutations take and answer alike.

use crate::graph::{self, Commit, CommitId, Committed, Difference, PropertyDiff};
use crate::graphql::engine::Call;
use crate::graphql::error::Error;
use oxigraph::model::NamedNode;

/// The outcome of a commit.
pub(crate) struct Made {
    pub(crate) commit: Commit,
    pub(crate) changed: usize,
    pub(crate) put: Vec<NamedNode>,
}

/// Returns a commit with the count of its changes, also where it was made before under the same key.
pub(in crate::graphql::schema) fn counted(call: &Call<'_>, committed: Committed) -> Result<Committed, Error> {
    if !committed.replayed {
        return Ok(committed);
    }
    let changed = answered_again(call, committed.clone())?.changed;
    Ok(Committed { changed, ..committed })
}

/// Reads the argument `basedOn`: the version that a person looked at.
pub(crate) fn based_on(call: &Call<'_>) -> Result<Option<CommitId>, Error> {
    let seen = call.arguments.text("basedOn")?.map(|version| call.request.snapshot(&version)).transpose()?;
    Ok(seen.map(|seen| seen.commit().id))
}

pub(crate) fn head(text: &str) -> Result<CommitId, Error> {
    text.parse().map_err(|error: graph::model::commit::NotAnId| Error::bad_input(error))
}

/// Returns a commit that was made before under the same key, when other ids may have been made than now.
pub(in crate::graphql::schema) fn answered_again(
    call: &Call<'_>,
    committed: Committed,
) -> Result<Made, Error> {
    let Some(parent) = committed.commit.parents.first() else {
        return Ok(Made { commit: committed.commit, changed: 0, put: Vec::new() });
    };
    let before = call.request.snapshot(&parent.to_string())?;
    let after = call.request.snapshot(&committed.commit.id.to_string())?;
    let values = |property: &PropertyDiff| property.removed.len() + property.added.len();
    let (mut changed, mut put) = (0, Vec::new());
    call.request.session.differences(&before, &after, None)?.each::<Error>(None, |diff| {
        changed += diff.properties.iter().map(values).sum::<usize>();
        put.extend(Some(diff.resource).filter(|_| diff.difference != Difference::Removed));
        Ok(true)
    })?;
    Ok(Made { commit: committed.commit, changed, put })
}
