//! What the file of another tool is read with, and what of it is not read as it is written.

use super::fields::FieldMapping;
use super::rdf::Notice;
use crate::ontology::Ontology;
use oxigraph::model::NamedNode;

/// Kinds of gaps in one report, at most; more are counted.
const KINDS_MAX: usize = 200;

/// What a file is read with.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The file, as errors name it.
    pub file: &'a str,
    /// The name of the source.
    pub source: &'a str,
    /// How attributes become fields.
    pub mapping: &'a FieldMapping,
    /// The ontology of the thread.
    pub ontology: &'a Ontology,
    /// The base of the thread.
    pub base: &'a str,
    /// How many bytes an archive may unpack to.
    pub bytes_max: u64,
    /// Finds a requirement by its identifier.
    pub find: &'a dyn Fn(&str) -> Option<NamedNode>,
}

/// Gaps by message, each kind once with its first line and how often, in the order in which they were found.
#[derive(Clone, Debug, Default)]
pub(in crate::exchange) struct Gaps {
    found: Vec<(String, usize, usize)>,
    more: usize,
}

impl Gaps {
    /// Notes a gap at a line; 0 where it is in no line.
    pub(in crate::exchange) fn add(&mut self, line: usize, message: impl Into<String>) {
        let message = message.into();
        if let Some((_, _, count)) = self.found.iter_mut().find(|(own, _, _)| *own == message) {
            *count += 1;
        } else if self.found.len() < KINDS_MAX {
            self.found.push((message, line, 1));
        } else {
            self.more += 1;
        }
    }

    /// Returns the gaps of a file as notices.
    pub(in crate::exchange) fn notices(self, file: &str) -> Vec<Notice> {
        let shown = |(message, line, count): (String, usize, usize)| {
            let place = if line == 0 { String::new() } else { format!("line {line}: ") };
            let times = if count == 1 { String::new() } else { format!(" ({count} times)") };
            Notice { file: file.to_owned(), message: format!("{place}{message}{times}") }
        };
        let more = (self.more > 0).then(|| Notice {
            file: file.to_owned(),
            message: format!("and {} more of other kinds", self.more),
        });
        self.found.into_iter().map(shown).chain(more).collect()
    }
}
