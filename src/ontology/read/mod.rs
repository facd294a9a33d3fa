//! From the texts of the files to the ontology's parts.

mod annotations;
mod classes;
mod measures;
mod names;
mod reserved;
mod texts;

use super::class::{Class, Enumeration, Property};
use super::error::Error;
use super::graph::Files;
use super::shapes::Shapes;
use super::terms::sh;
use super::units::Units;
pub(super) use annotations::Annotations;
use classes::Declared;
use oxigraph::model::{NamedNode, NamedOrBlankNode};
pub(super) use reserved::add_shipped;
use std::collections::{BTreeMap, HashMap};
pub(super) use texts::TextPredicates;

/// All that the files declare.
pub(super) struct Parts {
    pub(super) classes: Vec<Class>,
    pub(super) properties: HashMap<String, Property>,
    pub(super) enumerations: BTreeMap<String, Enumeration>,
    pub(super) units: Units,
    pub(super) shapes: Shapes,
    pub(super) annotations: Annotations,
    pub(super) texts: TextPredicates,
}

/// Reads the files' parts; `shipped` names those files whose terms no other file may describe.
pub(super) fn read(texts: &[(&str, &str)], shipped: &[&str]) -> Result<Parts, Error> {
    let own = |(name, _): &&(&str, &str)| shipped.contains(name);
    let files = Files::parse(texts.iter().copied())?;
    refuse_redefinitions(&Files::parse(texts.iter().filter(own).copied())?, texts, shipped)?;
    refuse_sparql(&files)?;
    let Declared { classes, properties, enumerations } = classes::read(&files)?;
    names::check(&files, &classes, &enumerations)?;
    let superclasses = classes.iter().map(|class| (class.iri.clone(), class.ancestors.clone())).collect();
    let shapes =
        Shapes::compile(&files.graph, &superclasses).map_err(|message| blame(texts, shipped, message))?;
    let annotations = annotations::read(&files, &classes);
    let (units, texts) = (measures::read(&files)?, texts::read(&files));
    Ok(Parts { classes, properties, enumerations, units, shapes, annotations, texts })
}

/// A user's file may use shipped terms, and target shipped classes with shapes of its own, but must not describe
/// the terms themselves: what a shipped name means is the same in every thread.
fn refuse_redefinitions(shipped: &Files, texts: &[(&str, &str)], names: &[&str]) -> Result<(), Error> {
    for (file, text) in texts.iter().filter(|(name, _)| !names.contains(name)) {
        let own = Files::parse([(*file, *text)])?;
        let mut terms: Vec<&NamedNode> =
            own.origin.keys().filter(|term| shipped.origin.contains_key(*term)).collect();
        terms.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        if let Some(term) = terms.first() {
            return Err(Error::Redefined { file: (*file).to_owned(), term: (*term).clone() });
        }
    }
    Ok(())
}

/// The native engine passes over SPARQL constraints in silence, so they are refused aloud.
fn refuse_sparql(files: &Files) -> Result<(), Error> {
    let Some(triple) = files.graph.triples_for_predicate(sh::SPARQL).next() else { return Ok(()) };
    let file = match triple.subject.into_owned() {
        NamedOrBlankNode::NamedNode(shape) => files.file_of(&shape),
        NamedOrBlankNode::BlankNode(_) => "the ontology".to_owned(),
    };
    Err(Error::Invalid {
        file,
        message: "sh:sparql constraints are not supported; use the other SHACL constraints".to_owned(),
    })
}

/// Finds the file whose shapes do not compile: the first of the user's with which the shipped ones no longer do.
fn blame(texts: &[(&str, &str)], shipped: &[&str], message: String) -> Error {
    let compiles = |with: Option<&str>| {
        let chosen = texts.iter().filter(|(name, _)| shipped.contains(name) || Some(*name) == with).copied();
        Files::parse(chosen).is_ok_and(|files| Shapes::compile(&files.graph, &HashMap::new()).is_ok())
    };
    let users = texts.iter().map(|(name, _)| *name).filter(|name| !shipped.contains(name));
    let guilty = users.into_iter().find(|name| !compiles(Some(name)));
    Error::Invalid { file: guilty.unwrap_or("the ontology").to_owned(), message }
}

/// Returns the part of an IRI after its last `#` or `/`.
pub(super) fn local_name(iri: &NamedNode) -> String {
    iri.as_str().rsplit(['#', '/']).next().unwrap_or_default().to_owned()
}
