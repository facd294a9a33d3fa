//! What a person writes to decide a conflict, read against the thread.

use crate::app::error::Error;
use crate::exchange::table;
use crate::graph::{Resolution, Snapshot, Take};
use crate::ontology::{Field, Ontology};
use oxigraph::model::{Literal, NamedNode, Term};
use serde::{Deserialize, Serialize};

/// Which values a conflict ends with, as written.
#[derive(Clone, Debug)]
pub enum Choice {
    /// Those of the branch.
    Ours,
    /// Those of the other side.
    Theirs,
    /// These; each is read as the property's kind asks.
    Values(Vec<String>),
}

/// A decision as it is written: `ours RESOURCE [PROPERTY]`, `theirs RESOURCE [PROPERTY]` or `set RESOURCE PROPERTY VALUE…`, where a value
/// goes on to the end of the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// `ours`, `theirs` or `set`.
    pub word: String,
    /// What follows.
    pub text: String,
}

impl Decision {
    /// Reads it against the thread.
    pub fn resolution(&self, at: &Snapshot) -> Result<Resolution, Error> {
        let (resource, property, choice) = self.parts()?;
        resolution(at, resource, property, choice)
    }

    /// Returns the resource or fragment, the property where one is named, and the choice.
    pub fn parts(&self) -> Result<(&str, Option<&str>, Choice), Error> {
        let mut words = self.text.trim().splitn(3, char::is_whitespace).filter(|word| !word.is_empty());
        let (resource, property, value) = (words.next(), words.next(), words.next().map(str::trim));
        let choice = match (self.word.as_str(), value) {
            ("ours", None) => Choice::Ours,
            ("theirs", None) => Choice::Theirs,
            ("set", Some(value)) => Choice::Values(vec![value.to_owned()]),
            _ => return Err(self.misread()),
        };
        Ok((resource.ok_or_else(|| self.misread())?, property, choice))
    }

    fn misread(&self) -> Error {
        Error::Decision(format!("{} {}", self.word, self.text))
    }
}

/// Reads a resolution: a resource or fragment, one of its properties by field name or IRI, and a choice.
pub fn resolution(
    at: &Snapshot,
    resource: &str,
    property: Option<&str>,
    choice: Choice,
) -> Result<Resolution, Error> {
    let subject = at.expand(resource)?;
    let classes = at.classes_of(&subject)?;
    let field = property.and_then(|name| field(at.ontology(), &classes, name, at.base()));
    let predicate = match (property, field) {
        (Some(_), Some(field)) => Some(field.predicate.clone()),
        (Some(name), None) => Some(at.expand(name)?),
        (None, _) => None,
    };
    let take = match choice {
        Choice::Ours => Take::Ours,
        Choice::Theirs => Take::Theirs,
        Choice::Values(texts) => {
            Take::Values(texts.iter().map(|text| value(at, field, text)).collect::<Result<_, _>>()?)
        }
    };
    Ok(Resolution { subject, predicate, take })
}

/// Finds a field by the IRI of its property, by the name under which a conflict shows that property, or by its own name in a class: one of
/// the classes of the resource, as classes take different values for one property, else any that has it.
fn field<'a>(ontology: &'a Ontology, of: &[NamedNode], name: &str, base: &str) -> Option<&'a Field> {
    let own: Vec<&Field> = of
        .iter()
        .filter_map(|class| ontology.class(class.as_ref()))
        .flat_map(|class| &class.fields)
        .collect();
    let iri = NamedNode::new(if name.contains(':') { name.to_owned() } else { format!("{base}{name}") }).ok();
    let fields = || own.iter().copied().chain(ontology.classes().iter().flat_map(|class| &class.fields));
    let is_shown = |field: &&Field| {
        ontology.property(field.predicate.as_ref()).is_some_and(|property| property.name == name)
    };
    let of_iri = fields().find(|field| Some(&field.predicate) == iri.as_ref());
    of_iri.or_else(|| fields().find(is_shown)).or_else(|| fields().find(|field| field.is_named(name)))
}

fn value(at: &Snapshot, field: Option<&Field>, text: &str) -> Result<Term, Error> {
    match field {
        Some(field) => {
            table::value(text, &field.kind, at.ontology(), at.base()).map_err(Error::ResolutionValue)
        }
        None => Ok(Literal::from(text).into()),
    }
}
