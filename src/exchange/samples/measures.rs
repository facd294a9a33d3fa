//! The units that a file states of its values.

use std::collections::HashMap;

/// What is known of units, and of the signals that are in them.
pub trait Known {
    /// Returns the one name of the unit that a text names, whatever its spelling; `None` where it names none.
    fn unit(&self, text: &str) -> Option<&str>;

    /// Refuses a unit that a file states of a signal, and of its column where that holds no other signal; the unit is empty
    /// where none is stated.
    fn check(&self, signal: &str, column: Option<&str>, unit: &str) -> Result<(), String>;
}

/// The units of the signals so far: each has one within a file.
#[derive(Debug)]
pub(super) struct Measures<K> {
    known: K,
    units: HashMap<String, Measure>,
}

/// The unit of a signal.
#[derive(Debug)]
struct Measure {
    /// How the file first states it; empty where it states none.
    text: String,
    /// The line that does; 0 for the header.
    line: u64,
    /// How the file states it elsewhere.
    spellings: Vec<String>,
}

impl<K: Known> Measures<K> {
    pub(super) fn new(known: K) -> Self {
        Self { known, units: HashMap::new() }
    }

    /// Returns whether a text names a unit.
    pub(super) fn is_unit(&self, text: &str) -> bool {
        self.known.unit(text).is_some()
    }

    /// Refuses a unit that is not the one of the signal; it is empty where none is stated.
    pub(super) fn check(
        &mut self,
        signal: &str,
        column: Option<&str>,
        unit: &str,
        line: u64,
    ) -> Result<(), String> {
        let Some(measure) = self.units.get_mut(signal) else {
            self.known.check(signal, column, unit)?;
            let measure = Measure { text: unit.to_owned(), line, spellings: Vec::new() };
            self.units.insert(signal.to_owned(), measure);
            return Ok(());
        };
        if measure.text == unit || measure.spellings.iter().any(|spelling| spelling == unit) {
            return Ok(());
        }
        let named = self.known.unit(unit);
        if named.is_some() && named == self.known.unit(&measure.text) {
            measure.spellings.push(unit.to_owned());
            return Ok(());
        }
        Err(measure.differs(signal, unit))
    }
}

impl Measure {
    /// Describes how a unit differs from this one.
    fn differs(&self, signal: &str, unit: &str) -> String {
        let (known, place) = (&self.text, place(self.line));
        if unit.is_empty() {
            return format!("no unit of {signal} is stated here, but \"{known}\" {place}");
        }
        let known = if known.is_empty() { "none is stated".to_owned() } else { format!("\"{known}\"") };
        format!("the unit of {signal} is \"{unit}\" here, but {known} {place}; one signal has one unit")
    }
}

/// Names a line; 0 is the header, with the line of units below it.
fn place(line: u64) -> String {
    if line == 0 { "in the header".to_owned() } else { format!("on line {line}") }
}
