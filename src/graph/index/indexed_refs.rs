//! The refs that the index was last brought up to, and the deletions of refs that are announced before Git's refs are deleted.
//!
//! A row is a ref's full name with its commit; `deleting ` and the name; `replaced ` and the name with the commit that an index
//! knew which could not be used any more; or `unreadable ` and the name with the last known commit of a ref that cannot be read. Bringing
//! the index up to Git removes all but the refs themselves and what is still unreadable.

use super::error::Error;
use super::format::{Bytes, REFS};
use crate::graph::model::commit::CommitId;
use crate::graph::model::indexed_refs::Stamps;
use redb::{ReadableTable, WriteTransaction};

/// What the row of an announced deletion begins with.
const DELETING: &str = "deleting ";

/// What the row of a ref begins with that an index knew which this one replaced.
const REPLACED: &str = "replaced ";

/// What the row of a ref begins with that cannot be read.
const UNREADABLE: &str = "unreadable ";

/// Reads all rows.
pub(super) fn read(table: &impl ReadableTable<&'static str, Bytes>) -> Result<Stamps, Error> {
    let mut stamps = Stamps::default();
    for row in table.iter()? {
        let (name, id) = row?;
        let name = name.value();
        if let Some(name) = name.strip_prefix(DELETING) {
            stamps.deleting.insert(name.to_owned());
        } else if let Some(name) = name.strip_prefix(REPLACED) {
            stamps.replaced.insert(name.to_owned(), commit_id(id.value())?);
        } else if let Some(name) = name.strip_prefix(UNREADABLE) {
            stamps.unreadable.insert(name.to_owned(), commit_id(id.value())?);
        } else {
            stamps.refs.insert(name.to_owned(), commit_id(id.value())?);
        }
    }
    Ok(stamps)
}

/// Records what an index knew that this one replaces, until this one is brought up to Git.
pub(super) fn note_replaced(write: &WriteTransaction, stamps: &Stamps) -> Result<(), Error> {
    let mut table = write.open_table(REFS)?;
    for (name, id) in stamps.replaced.iter().chain(&stamps.unreadable).chain(&stamps.refs) {
        table.insert(format!("{REPLACED}{name}").as_str(), id.0.as_slice())?;
    }
    for name in &stamps.deleting {
        table.insert(format!("{DELETING}{name}").as_str(), [].as_slice())?;
    }
    Ok(())
}

/// Records the last known commits of refs that cannot be read.
pub(super) fn note_unreadable<'a>(
    write: &WriteTransaction,
    known: impl IntoIterator<Item = (&'a str, CommitId)>,
) -> Result<(), Error> {
    let mut table = write.open_table(REFS)?;
    for (name, id) in known {
        table.insert(format!("{UNREADABLE}{name}").as_str(), id.0.as_slice())?;
    }
    Ok(())
}

/// Records that a ref is about to be deleted.
pub(super) fn announce(write: &WriteTransaction, name: &str) -> Result<(), Error> {
    write.open_table(REFS)?.insert(format!("{DELETING}{name}").as_str(), [].as_slice())?;
    Ok(())
}

/// Reads the id of a commit.
pub(super) fn commit_id(bytes: &[u8]) -> Result<CommitId, Error> {
    bytes.try_into().map(CommitId).map_err(|_| Error::corrupt("commit id"))
}
