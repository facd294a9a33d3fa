//! The units that a file states of its values.

use std::collections::HashMap;

/// The units of the signals so far: each has one within a file.
#[derive(Debug)]
pub(super) struct Measures<C> {
    check: C,
    /// By signal, its unit and the line that states it.
    units: HashMap<String, (String, u64)>,
}

impl<C: Fn(&str, Option<&str>, &str) -> Result<(), String>> Measures<C> {
    pub(super) fn new(check: C) -> Self {
        Self { check, units: HashMap::new() }
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
                Err(format!("no unit of {signal} is stated here, but \"{known}\" on line {since}"))
            }
            Some((known, since)) if known.is_empty() => Err(format!(
                "the unit of {signal} is \"{unit}\" here, but none is stated on line {since}; one signal has one unit"
            )),
            Some((known, since)) => Err(format!(
                "the unit of {signal} is \"{unit}\" here, but \"{known}\" on line {since}; one signal has one unit"
            )),
            None => {
                (self.check)(signal, column, unit)?;
                self.units.insert(signal.to_owned(), (unit.to_owned(), line));
                Ok(())
            }
        }
    }
}
