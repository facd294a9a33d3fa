//! What is reserved to use cases of the service: `tl:writtenBy` on classes and on property shapes.

use crate::model::use_case::UseCase;
use crate::ontology::class::{Class, Reserved};
use crate::ontology::error::Error;
use crate::ontology::graph::Files;
use crate::ontology::terms::{sh, tl};
use oxigraph::model::{NamedNode, NamedOrBlankNode};

/// Returns what a class or a property shape reserves, where it does.
pub(super) fn reserved(files: &Files, of: &NamedOrBlankNode) -> Result<Option<Reserved>, Error> {
    let names = files.texts(of, tl::WRITTEN_BY);
    if names.is_empty() {
        return Ok(None);
    }
    let mut to = Vec::new();
    for name in names {
        to.push(UseCase::named(&name).ok_or_else(|| unknown(files, of, &name))?);
    }
    to.sort_unstable();
    Ok(Some(Reserved { to, initial: files.object(of, sh::DEFAULT_VALUE) }))
}

/// Combines two declarations of the same: both count.
pub(super) fn both(one: Option<Reserved>, other: Option<Reserved>) -> Option<Reserved> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.and(&other)),
        (one, other) => one.or(other),
    }
}

/// Adds what the program's own ontology reserves: a thread keeps the shapes that it was made with, or that somebody pushed,
/// but who writes a decision does not depend on them.
pub(in crate::ontology) fn add_shipped(classes: &mut [Class], shipped: &[Class]) {
    for class in classes {
        let is_above = |above: &&Class| above.iri == class.iri || class.ancestors.contains(&above.iri);
        for above in shipped.iter().filter(is_above).filter(|above| above.has_reserved()) {
            class.reserved = both(class.reserved.take(), above.reserved.clone());
            for field in &mut class.fields {
                let own = above.field_of(field.predicate.as_ref()).and_then(|own| own.reserved.clone());
                field.reserved = both(field.reserved.take(), own);
            }
        }
    }
}

fn unknown(files: &Files, of: &NamedOrBlankNode, name: &str) -> Error {
    let subject = match of {
        NamedOrBlankNode::NamedNode(class) => Some(class.clone()),
        NamedOrBlankNode::BlankNode(_) => files.iri(of, sh::PATH),
    };
    let known: Vec<&str> = UseCase::ALL.iter().map(|(_, name)| *name).collect();
    Error::Invalid {
        file: subject
            .as_ref()
            .map_or_else(|| "the ontology".to_owned(), |iri: &NamedNode| files.file_of(iri)),
        message: format!("tl:writtenBy \"{name}\" is no use case; there are {}", known.join(", ")),
    }
}
