//! How many instances some classes have: counted once, and at later versions from what was touched since.

use super::members::name_of;
use crate::graph::error::Error;
use crate::graph::index::read::view::TwoPlaces;
use crate::graph::index::rows::key;
use crate::graph::read::snapshot::Snapshot;
use crate::graph::read::version_cache::{Found, Remembered};
use oxigraph::model::vocab::rdf;

/// From how many touched subjects on all instances are counted instead.
const TOUCHED_MAX: usize = if cfg!(test) { 12 } else { 20_000 };

/// A count at one version.
struct Count(usize);

impl Remembered for Count {}

impl Snapshot {
    /// Counts the instances of some classes. A version never changes, so that they are counted once.
    pub(super) fn count_members(&self, classes: &[u64]) -> Result<usize, Error> {
        let count = self.remember(&name_of(classes), || self.count_by_touched(classes).map(Count))?;
        Ok(count.0)
    }

    fn count_by_touched(&self, classes: &[u64]) -> Result<usize, Error> {
        let view = &self.0.view;
        let names = classes.iter().map(|&class| view.iri(class)).collect::<Result<Vec<_>, _>>()?;
        let counts = &self.0.latest.counts;
        let known = self.nearest(counts, &names)?;
        let since = match &known {
            Some(known) => self.count_since(known, classes)?,
            None => None,
        };
        let count = since.map_or_else(|| self.count_all(classes), Ok)?;
        if !view.tables.is_preview() {
            let place = (self.0.placed.lane, self.0.placed.ordinal);
            counts.insert(Found { commit: self.commit().id, place, about: names, what: count });
        }
        Ok(count)
    }

    fn count_all(&self, classes: &[u64]) -> Result<usize, Error> {
        let [class] = classes else { return Ok(self.members(classes)?.len()) };
        let mut count = 0;
        self.each_member(*class, |_| count += 1)?;
        Ok(count)
    }

    /// Counts from an earlier version; `None` where too much was touched since.
    fn count_since(&self, known: &Found<usize>, classes: &[u64]) -> Result<Option<usize>, Error> {
        let view = &self.0.view;
        let Some(touched) = view.touched_since(known.place, TOUCHED_MAX)? else { return Ok(None) };
        let (Some(is_a), Some(then)) = (self.iri_id(rdf::TYPE)?, view.tables.commit(known.commit)?) else {
            return Ok(None);
        };
        let lineages = [view.tables.lineage(&then)?, view.tables.lineage(&self.0.placed)?];
        let places = TwoPlaces::new(&view.tables, lineages)?;
        let (mut count, mut removed) = (known.what, 0);
        for subject in touched {
            let mut is_member = [false; 2];
            view.each_at(&key::prefix(key::SPO, &[subject, is_a]), &places, |row, present| {
                if classes.contains(&key::id(row, 2)?) {
                    is_member = [is_member[0] || present[0], is_member[1] || present[1]];
                }
                Ok(())
            })?;
            count += usize::from(is_member[1] && !is_member[0]);
            removed += usize::from(is_member[0] && !is_member[1]);
        }
        Ok(count.checked_sub(removed))
    }
}
