//! What lies behind a place of the history along all parents. A lane is a chain of first parents, so one ordinal a lane
//! is enough: whatever is on the lane up to there.

use super::tables::Tables;
use crate::graph::index::error::Error;
use std::collections::HashMap;

/// The last ordinal of each lane that lies behind a place.
#[derive(Debug)]
pub(crate) struct Ancestry(HashMap<u32, u32>);

impl Ancestry {
    /// Gathers what lies behind a lineage. The cost follows the lanes and merges behind it, not the commits.
    pub(crate) fn of(tables: &Tables, lineage: &[(u32, u32)]) -> Result<Self, Error> {
        let mut reached: HashMap<u32, u32> = HashMap::new();
        let mut open = lineage.to_vec();
        while let Some((lane, last)) = open.pop() {
            let known = reached.get(&lane).copied().unwrap_or(0);
            if known >= last {
                continue;
            }
            #[cfg(test)]
            super::rows_read::add_one();
            reached.insert(lane, last);
            if known == 0 && lane != 0 {
                open.push(tables.fork(lane)?);
            }
            open.extend(tables.merged_into(lane, known + 1, last)?);
        }
        Ok(Self(reached))
    }

    /// Returns whether a place lies behind.
    pub(crate) fn holds(&self, lane: u32, ordinal: u32) -> bool {
        self.0.get(&lane).is_some_and(|last| ordinal <= *last)
    }
}
