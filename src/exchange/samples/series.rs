//! The series of a file: a number for each twin and signal.

use std::collections::HashMap;

/// The series that were seen so far.
#[derive(Debug, Default)]
pub(super) struct Series {
    twins: HashMap<String, Twin>,
    names: Vec<(String, String)>,
}

#[derive(Debug)]
struct Twin {
    number: usize,
    signals: HashMap<String, usize>,
}

impl Series {
    /// Returns the number of a twin.
    pub(super) fn twin(&mut self, twin: &str) -> usize {
        self.entry(twin).number
    }

    /// Returns the number of a series.
    pub(super) fn of(&mut self, twin: &str, signal: &str) -> usize {
        let next = self.names.len();
        let entry = self.entry(twin);
        if let Some(series) = entry.signals.get(signal) {
            return *series;
        }
        entry.signals.insert(signal.to_owned(), next);
        self.names.push((twin.to_owned(), signal.to_owned()));
        next
    }

    /// Returns the twin and the signal of a series.
    pub(super) fn name(&self, series: usize) -> (&str, &str) {
        let (twin, signal) = &self.names[series];
        (twin, signal)
    }

    fn entry(&mut self, twin: &str) -> &mut Twin {
        // Two look-ups cost less than a new key for each reading.
        if !self.twins.contains_key(twin) {
            let number = self.twins.len();
            self.twins.insert(twin.to_owned(), Twin { number, signals: HashMap::new() });
        }
        self.twins.get_mut(twin).expect("it was put in")
    }
}
