//! What a form sent, and why it was not done: the page is shown once more with both, so that nothing that was typed is lost.

use super::note::Note;

/// What a form sent.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    values: Vec<(String, String)>,
    /// Why it was not done.
    pub(in crate::pages) problems: Vec<Note>,
}

impl Sent {
    /// Takes the values of a form.
    pub fn new(values: Vec<(String, String)>) -> Self {
        Self { values, problems: Vec::new() }
    }

    /// Adds a reason why it was not done.
    pub fn refuse(&mut self, reason: impl Into<String>) {
        self.problems.push(Note::warning(reason));
    }

    /// Returns the name of the form on its page.
    pub(in crate::pages) fn form(&self) -> &str {
        self.value("form")
    }

    /// Returns a value; empty where it is absent.
    pub fn value(&self, name: &str) -> &str {
        self.given(name).unwrap_or_default().trim()
    }

    /// Returns a value, where it was sent and has any text.
    pub(in crate::pages) fn some(&self, name: &str) -> Option<&str> {
        Some(self.value(name)).filter(|value| !value.is_empty())
    }

    /// Returns a value as it was sent.
    pub(in crate::pages) fn given(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Returns the values whose names begin so, with what follows in the names.
    pub(in crate::pages) fn beginning<'a>(
        &'a self,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let each = self.values.iter();
        each.filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.trim())))
    }

    /// Returns all values, in their order.
    pub(in crate::pages) fn values(&self) -> &[(String, String)] {
        &self.values
    }
}
