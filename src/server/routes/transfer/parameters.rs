//! The parameters of a transfer: each is known, and those that are given once are given once.

use super::refusal::Refusal;
use crate::server::routes::parameters;
use std::collections::BTreeMap;
use std::str::FromStr;

/// Parameters, in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Parameters(BTreeMap<String, Vec<String>>);

impl Parameters {
    /// Reads the parameters of a URL; those in `many` may be given more than once, and no others than those and the ones in `once`.
    pub(super) fn read(query: &str, once: &[&str], many: &[&str]) -> Result<Self, Refusal> {
        let mut read = Self::default();
        for (name, value) in parameters::parse(query).map_err(Refusal::bad)? {
            let is_many = many.contains(&name.as_str());
            if !is_many && !once.contains(&name.as_str()) {
                let known: Vec<_> = once.iter().chain(many).copied().collect();
                let known = known.join(", ");
                return Err(Refusal::bad(format!("\"{name}\" is no parameter here: use {known}")));
            }
            let values = read.0.entry(name).or_default();
            if !is_many && !values.is_empty() {
                return Err(Refusal::bad("a parameter is given twice that must be given once"));
            }
            values.push(value);
        }
        Ok(read)
    }

    /// Writes all but these as text that is the same for the same parameters, whatever the order of their names.
    pub(super) fn canonical(&self, except: &[&str]) -> String {
        let given = self.0.iter().filter(|(name, _)| !except.contains(&name.as_str()));
        given.map(|(name, values)| format!("{name}={values:?};")).collect()
    }

    /// Returns a text; one that is empty is none.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.0.get(name)?.first().filter(|value| !value.is_empty()).cloned()
    }

    /// Returns all texts of a name.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        self.0.get(name).cloned().unwrap_or_default()
    }

    /// Returns whether something is asked for: `NAME`, `NAME=true`.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.0.get(name).and_then(|values| values.first()).map(String::as_str) {
            None | Some("false") => Ok(false),
            Some("" | "true") => Ok(true),
            Some(other) => Err(Refusal::bad(format!("{name} is true or false, not \"{other}\""))),
        }
    }

    /// Returns a value that is written as text.
    pub(super) fn value<T: FromStr>(&self, name: &str) -> Result<Option<T>, Refusal>
    where
        T::Err: std::fmt::Display,
    {
        let read = |text: String| text.parse().map_err(|error| Refusal::bad(format!("{name}: {error}")));
        self.text(name).map(read).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_known_and_given_once() {
        let read = |query: &str| Parameters::read(query, &["into", "prune", "limit"], &["theirs"]);
        let given = read("into=main&prune&theirs=a+b&theirs=c&limit=3").expect("parameters");
        assert_eq!(given.text("into").as_deref(), Some("main"));
        assert_eq!(given.flag("prune").ok(), Some(true));
        assert_eq!(given.texts("theirs"), ["a b", "c"]);
        assert_eq!(given.value::<usize>("limit").ok(), Some(Some(3)));
        let refused = |query: &str, part: &str| {
            let given = read(query).and_then(|given| {
                given.flag("prune")?;
                given.value::<usize>("limit")
            });
            let message =
                given.err().map(|refusal| refusal.fields["message"].to_string()).unwrap_or_default();
            assert!(message.contains(part), "{query}: {message}");
        };
        refused("of=x", "no parameter here: use into, prune, limit, theirs");
        refused("into=a&into=b", "given twice");
        refused("prune=yes", "prune is true or false");
        refused("limit=-1", "limit: invalid digit");
        refused("into=%ff", "not UTF-8");
    }
}
