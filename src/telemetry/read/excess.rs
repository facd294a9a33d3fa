//! How many samples of a tally, and how much of its time, a limit does not allow.

use super::fragment::Fragment;
use super::limit::Allowed;
use super::tally::Tally;
use crate::telemetry::aggregate::beyond::Beyond;
use crate::telemetry::error::Error;

impl Allowed {
    /// Counts the samples of a raw tally, all in one fragment, that do not keep the limit; `None` where it falls between values of one bin,
    /// so that the samples decide.
    pub(in crate::telemetry) fn beyond(
        self,
        tally: &Tally,
        fragment: &Fragment,
    ) -> Result<Option<Beyond>, Error> {
        let (mut beyond, mut is_certain) = (Beyond::default(), true);
        fragment.each(|(low, high), count, time| {
            match self.decides(low.max(tally.min), high.min(tally.max)) {
                Some(true) => {}
                Some(false) => beyond.merge(Beyond { count, time_ns: time }),
                None => is_certain = false,
            }
        })?;
        let adjusted = fragment.adjusted.iter().filter(|(value, _)| !self.contains(*value));
        beyond.time_ns = beyond.time_ns.saturating_add_signed(adjusted.map(|(_, time)| time).sum());
        Ok(is_certain.then_some(beyond))
    }
}
