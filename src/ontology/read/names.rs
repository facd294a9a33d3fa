//! Whether everything can be called by its name in GraphQL, each by its own.

use crate::ontology::class::{Class, Enumeration};
use crate::ontology::error::Error;
use crate::ontology::graph::Files;
use oxigraph::model::NamedNode;
use std::collections::{BTreeMap, HashMap};

/// Refuses names that GraphQL cannot write, and types that share one.
pub(super) fn check(
    files: &Files,
    classes: &[Class],
    enumerations: &BTreeMap<String, Enumeration>,
) -> Result<(), Error> {
    let mut types: HashMap<&str, &NamedNode> = HashMap::new();
    let mut plurals: HashMap<&str, &NamedNode> = HashMap::new();
    for class in classes {
        for name in [&class.name, &class.plural] {
            refuse_odd(files, &class.iri, name)?;
        }
        types.insert(&class.name, &class.iri);
        if let Some(other) = plurals.insert(&class.plural, &class.iri) {
            let message =
                format!("{other} and {} share the plural {}; give one a tl:plural", class.iri, class.plural);
            return Err(Error::Invalid { file: files.file_of(&class.iri), message });
        }
        for field in &class.fields {
            refuse_odd(files, &field.predicate, &field.name)?;
        }
        for inverse in &class.inverses {
            refuse_odd(files, &inverse.predicate, &inverse.name)?;
        }
    }
    for enumeration in enumerations.values() {
        check_enumeration(files, enumeration, &types)?;
    }
    Ok(())
}

fn check_enumeration(
    files: &Files,
    enumeration: &Enumeration,
    types: &HashMap<&str, &NamedNode>,
) -> Result<(), Error> {
    let invalid = |message| Err(Error::Invalid { file: "the shapes".to_owned(), message });
    if let Some(class) = types.get(enumeration.name.as_str()) {
        let message = format!("the class and an enumeration are both named {}", enumeration.name);
        return Err(Error::Invalid { file: files.file_of(class), message });
    }
    if !is_name(&enumeration.name) {
        return invalid(format!("\"{}\" is no name for an enumeration", enumeration.name));
    }
    let odd = |value: &&String| !is_name(value) || matches!(value.as_str(), "true" | "false" | "null");
    match enumeration.values.iter().find(odd) {
        Some(value) => invalid(format!(
            "{} has the value \"{value}\", but values are written alike in RDF and GraphQL: letters, digits and _",
            enumeration.name
        )),
        None => Ok(()),
    }
}

fn refuse_odd(files: &Files, term: &NamedNode, name: &str) -> Result<(), Error> {
    if is_name(name) {
        return Ok(());
    }
    let message =
        format!("\"{name}\" is no name for {term}: letters, digits and _ alone; give it a tl:graphName");
    Err(Error::Invalid { file: files.file_of(term), message })
}

/// GraphQL specification, October 2021, 2.1.9; names that begin with `__` are reserved.
fn is_name(name: &str) -> bool {
    !name.starts_with("__")
        && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}
