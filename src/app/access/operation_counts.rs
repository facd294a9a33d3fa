//! How often each operation was done, was refused for want of a right, or failed.

use super::entry::Outcome;
use super::operation::Operation;
use crate::model::sync::counter::Count;

/// Counts since the thread was opened.
#[derive(Debug, Default)]
pub struct OperationCounts([[Count; OUTCOMES.len()]; Operation::ALL.len()]);

const OUTCOMES: [Outcome; 3] = [Outcome::Done, Outcome::Denied, Outcome::Failed];

impl OperationCounts {
    /// Counts an operation.
    pub fn note(&self, operation: Operation, outcome: Outcome) {
        let place = |(counts, of): (&[Count; 3], Operation)| {
            let counts = counts.iter().zip(OUTCOMES);
            (of == operation)
                .then(|| counts.filter(|(_, of)| *of == outcome).for_each(|(count, _)| count.increment()))
        };
        self.0.iter().zip(Operation::ALL).find_map(place);
    }

    /// Returns every count, but those of reads that were let through, which nobody counts.
    pub fn all(&self) -> Vec<(Operation, Outcome, u64)> {
        let rows = Operation::ALL.into_iter().zip(&self.0);
        let cells = rows.flat_map(|(operation, counts)| {
            OUTCOMES.into_iter().zip(counts).map(move |(outcome, count)| (operation, outcome, count.get()))
        });
        cells.collect()
    }
}
