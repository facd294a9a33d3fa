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
    /// By signal, its unit and the line that states it; 0 for the header.
    units: HashMap<String, (String, u64)>,
}

impl<K: Known> Measures<K> {
    pub(super) fn new(known: K) -> Self {
        Self { known, units: HashMap::new() }
    }

    /// Tells whether a text names a unit.
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
        match self.units.get(signal) {
            Some((known, _)) if known == unit => Ok(()),
            Some((known, since)) if unit.is_empty() => {
                Err(format!("no unit of {signal} is stated here, but \"{known}\" {}", place(*since)))
            }
            Some((known, since)) if known.is_empty() => Err(format!(
                "the unit of {signal} is \"{unit}\" here, but none is stated {}; one signal has one unit",
                place(*since)
            )),
            Some((known, since)) => Err(format!(
                "the unit of {signal} is \"{unit}\" here, but \"{known}\" {}; one signal has one unit",
                place(*since)
            )),
            None => {
                self.known.check(signal, column, unit)?;
                self.units.insert(signal.to_owned(), (unit.to_owned(), line));
                Ok(())
            }
        }
    }
}

/// Names a line; 0 is the header, with the line of units below it.
fn place(line: u64) -> String {
    if line == 0 { "in the header".to_owned() } else { format!("on line {line}") }
}
