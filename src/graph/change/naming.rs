//! What violations call resources: by the short names that the thread has for them, each with its identifier where the name does not show
//! that. Done last, on what is reported: violations of two states are compared as they were found.

use crate::graph::error::Error;
use crate::model::statement::root;
use crate::ontology::terms::{dcterms, prefixed};
use crate::ontology::{Data, Violation};
use oxigraph::model::{NamedNode, NamedNodeRef, Term};
use std::collections::HashMap;

/// How many violations are named at most; no answer lists more of them.
const NAMED_MAX: usize = 1_000;
/// How many characters of an identifier or a title a name shows.
const LABEL_MAX: usize = 60;

/// The names of resources of one state, each read once.
pub(in crate::graph) struct Naming<'a, D> {
    data: &'a D,
    base: &'a str,
    known: HashMap<NamedNode, String>,
}

impl<'a, D: Data<Error = Error>> Naming<'a, D> {
    /// Begins to name what is in a state, under the base of its thread.
    pub(in crate::graph) fn new(data: &'a D, base: &'a str) -> Self {
        Self { data, base, known: HashMap::new() }
    }

    /// Names what violations are about.
    pub(in crate::graph) fn violations(mut self, mut found: Vec<Violation>) -> Result<Vec<Violation>, Error> {
        for violation in found.iter_mut().take(NAMED_MAX) {
            violation.message = self.text(&violation.message)?;
            let resource = self.of(&violation.resource)?;
            let value = match &violation.value {
                Some(Term::NamedNode(link)) => Some(self.of(link)?),
                _ => None,
            };
            violation.locate(&resource, value);
        }
        Ok(found)
    }

    /// Names a node: by its short name, and by its identifier or else its title where the name does not show it.
    pub(in crate::graph) fn of(&mut self, node: &NamedNode) -> Result<String, Error> {
        if let Some(known) = self.known.get(node) {
            return Ok(known.clone());
        }
        let local = node.as_str().strip_prefix(self.base).filter(|local| !local.is_empty());
        let name = local.map_or_else(|| prefixed(node.as_ref()), str::to_owned);
        let name = match self.label(node)? {
            Some(label) if !name.contains(&label) => format!("{name} ({label})"),
            _ => name,
        };
        self.known.insert(node.clone(), name.clone());
        Ok(name)
    }

    /// Returns the identifier of the resource of a node, or else its title.
    fn label(&self, node: &NamedNode) -> Result<Option<String>, Error> {
        let resource = root(node);
        for property in [dcterms::IDENTIFIER, dcterms::TITLE] {
            if let Some(text) = self.text_of(&resource, property)? {
                let cut = text.char_indices().nth(LABEL_MAX).map(|(end, _)| format!("{}…", &text[..end]));
                return Ok(Some(cut.unwrap_or(text)));
            }
        }
        Ok(None)
    }

    fn text_of(&self, node: &NamedNode, property: NamedNodeRef<'_>) -> Result<Option<String>, Error> {
        let values = self.data.values(node, &property.into_owned())?;
        Ok(values.iter().find_map(|statement| match &statement.object {
            Term::Literal(literal) => Some(literal.value().to_owned()),
            _ => None,
        }))
    }

    /// Names the nodes that a text has as `<IRI>`.
    fn text(&mut self, text: &str) -> Result<String, Error> {
        let (mut named, mut rest) = (String::with_capacity(text.len()), text);
        while let Some(start) = rest.find('<') {
            let (before, tail) = rest.split_at(start);
            named.push_str(before);
            let iri = tail[1..].split_once('>').map(|(iri, after)| (NamedNode::new(iri), after));
            match iri {
                Some((Ok(node), after)) => {
                    named.push_str(&self.of(&node)?);
                    rest = after;
                }
                _ => {
                    named.push('<');
                    rest = &tail[1..];
                }
            }
        }
        named.push_str(rest);
        Ok(named)
    }
}
