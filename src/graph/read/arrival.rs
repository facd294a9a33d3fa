//! When a statement reached a branch of ours, where a source made it first.
//!
//! A vendor branch holds the statements of one source and nothing else, so that what its links lead to is missing there, or is only
//! what this source states of it. What a link leads to is therefore compared with the version that the import's merge made.

use super::snapshot::Snapshot;
use crate::graph::error::Error;
use crate::graph::index;
use crate::graph::index::rows::key;
use crate::graph::model::commit::Commit;
use crate::model::statement::Statement;

impl Snapshot {
    /// Returns the commit that first made a statement, or where a source made it on its vendor branch, the one that brought
    /// it from there into a branch of ours; `None` where this version does not have it.
    pub fn arrival(&self, statement: &Statement) -> Result<Option<Commit>, Error> {
        let (view, tables) = (&self.0.view, &self.0.view.tables);
        let Some(ids) = self.ids_of(statement)? else { return Ok(None) };
        let row = key::prefix(key::SPO, &ids);
        let Some(origin) = view.origin(&row)? else { return Ok(None) };
        let made = tables.commit_numbered(origin)?;
        if !tables.is_vendor(made.lane)? {
            return Ok(Some(made.commit));
        }
        Ok(Some(self.brought(&row)?))
    }

    /// Returns the vendor branch whose import brought a statement into this version first; `None` where it was made on a branch of
    /// ours, or is not there. What an import's merge wrote in other words than its source counts as the source's.
    pub(crate) fn vendor_of(&self, statement: &Statement) -> Result<Option<String>, Error> {
        let (view, tables) = (&self.0.view, &self.0.view.tables);
        let Some(ids) = self.ids_of(statement)? else { return Ok(None) };
        let Some(origin) = view.origin(&key::prefix(key::SPO, &ids))? else { return Ok(None) };
        let made = tables.commit_numbered(origin)?;
        if let Some(vendor) = tables.vendor(made.lane)? {
            return Ok(Some(vendor));
        }
        let Some(&merged) = made.commit.parents.get(1) else { return Ok(None) };
        let merged = tables.commit(merged)?.ok_or_else(|| index::Error::corrupt("missing parent"))?;
        Ok(tables.vendor(merged.lane)?)
    }

    /// Follows a row from merge to merge, back to the one that took it from a vendor branch.
    fn brought(&self, row: &[u8]) -> Result<Commit, Error> {
        let (view, tables) = (&self.0.view, &self.0.view.tables);
        let corrupt = || index::Error::corrupt("a row that nothing brought");
        let mut span = view.deciding(row, &tables.lineage(&self.0.placed)?)?.ok_or_else(corrupt)?;
        loop {
            let here = tables.commit_at(span.lane, span.born)?.ok_or_else(corrupt)?;
            let Some(&source) = here.commit.parents.get(1) else { return Ok(here.commit) };
            let source = tables.commit(source)?.ok_or_else(corrupt)?;
            match view.deciding(row, &tables.lineage(&source)?)? {
                Some(there) if !tables.is_vendor(there.lane)? => span = there,
                _ => return Ok(here.commit),
            }
        }
    }
}
