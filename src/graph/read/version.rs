//! The names of versions, tried in the order: branch, tag, `review:ID`, commit id or unique prefix, `branch@instant`, instant.

use crate::graph::error::Error;
use crate::graph::index;
use crate::graph::index::commits::Placed;
use crate::graph::index::read::tables::Tables;
use crate::graph::index::rows::lifespan::Lineage;
use crate::graph::model::commit::CommitId;
use crate::graph::model::ref_name::{MAIN, branch_ref, is_digits, kept_ref, tag_ref};
use crate::model::time::instant::Instant;

/// Finds the commit that a name refers to.
pub(crate) fn resolve(name: &str, tables: &Tables) -> Result<Placed, Error> {
    let unknown = || Error::UnknownVersion(name.to_owned());
    for reference in [branch_ref(name), tag_ref(name)] {
        if let Some(id) = tables.reference(&reference)? {
            return tables.commit(id)?.ok_or_else(unknown);
        }
    }
    if let Some(review) = name.strip_prefix("review:") {
        let id = tables.reference(&kept_ref(&format!("review/{review}")))?.ok_or_else(unknown)?;
        return tables.commit(id)?.ok_or_else(unknown);
    }
    if let Some(id) = by_digits(name, tables)? {
        return tables.commit(id)?.ok_or_else(unknown);
    }
    let (branch, instant) = name.rsplit_once('@').unwrap_or((MAIN, name));
    let instant: Instant = instant.parse().map_err(|_| unknown())?;
    let head = tables.reference(&branch_ref(branch))?.ok_or_else(unknown)?;
    let head = tables.commit(head)?.ok_or_else(unknown)?;
    at_instant(&head, instant, tables)?
        .ok_or_else(|| Error::BeforeFirst { instant, branch: branch.to_owned() })
}

fn by_digits(name: &str, tables: &Tables) -> Result<Option<CommitId>, Error> {
    if !is_digits(name) {
        return Ok(None);
    }
    let found = tables.commits_beginning(&name.to_ascii_lowercase())?;
    match found.as_slice() {
        [] => Ok(None),
        [id] => Ok(Some(*id)),
        _ => Err(Error::AmbiguousVersion(name.to_owned())),
    }
}

/// Finds the last commit recorded at or before `instant` on the first parents of `head`: the latest run of increasing times that
/// begins by then, and the commit in it, by bisection.
fn at_instant(head: &Placed, instant: Instant, tables: &Tables) -> Result<Option<Placed>, index::Error> {
    let way: Lineage = tables.lineage(head)?;
    let missing = || index::Error::corrupt("missing place");
    let at = |lane, ordinal| tables.commit_at(lane, ordinal)?.ok_or_else(missing);
    for (lane, mut last) in way {
        while last > 0 {
            let run = at(lane, last)?.run;
            if at(lane, run)?.commit.time > instant {
                last = run - 1;
                continue;
            }
            let (mut low, mut high) = (run, last);
            while low < high {
                let middle = low + (high - low).div_ceil(2);
                if at(lane, middle)?.commit.time <= instant { low = middle } else { high = middle - 1 }
            }
            return tables.commit_at(lane, low);
        }
    }
    Ok(None)
}
