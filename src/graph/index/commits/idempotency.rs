//! Which commits an idempotency key made: one, unless plain Git brought in a copy (`git commit --amend` keeps the header
//! that holds the key).

use crate::graph::index::error::Error;
use crate::graph::index::format::KEYS;
use crate::graph::model::commit::CommitId;
use redb::ReadableTable;
use std::collections::BTreeSet;

/// Remembers that a commit was made under a key.
pub(crate) fn note(write: &redb::WriteTransaction, key: Option<&str>, id: CommitId) -> Result<(), Error> {
    change(write, key, |ids| {
        ids.insert(id);
    })
}

/// Removes a commit that was made under a key.
pub(crate) fn remove(write: &redb::WriteTransaction, key: Option<&str>, id: CommitId) -> Result<(), Error> {
    change(write, key, |ids| {
        ids.remove(&id);
    })
}

fn change(
    write: &redb::WriteTransaction,
    key: Option<&str>,
    change: impl FnOnce(&mut BTreeSet<CommitId>),
) -> Result<(), Error> {
    let Some(key) = key else { return Ok(()) };
    let mut keys = write.open_table(KEYS)?;
    let known = keys.get(key)?.map_or(Ok(Vec::new()), |ids| read(ids.value()))?;
    let mut ids: BTreeSet<_> = known.into_iter().collect();
    change(&mut ids);
    let bytes: Vec<u8> = ids.iter().flat_map(|id| id.0).collect();
    match ids.is_empty() {
        true => drop(keys.remove(key)?),
        false => drop(keys.insert(key, bytes.as_slice())?),
    }
    Ok(())
}

/// Reads the ids stored under a key.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<CommitId>, Error> {
    let ids = bytes.chunks(20).map(|id| id.try_into().map(CommitId));
    ids.collect::<Result<_, _>>().map_err(|_| Error::corrupt("idempotency key"))
}
