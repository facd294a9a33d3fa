//! From the names that people and other systems use to the resources that bear them.

use crate::graph::{Error, Snapshot};
use crate::model::statement::value::spellings;
use crate::ontology::terms::{adms, dcterms, skos};
use oxigraph::model::{Literal, NamedNode, Term};

/// Returns the resources that bear an identifier, in any of its Unicode spellings and in IRI order: with a system, those that this system knows by it;
/// without one, those whose own identifier it is and those that any system knows by it.
pub fn lookup(snapshot: &Snapshot, system: Option<&str>, identifier: &str) -> Result<Vec<NamedNode>, Error> {
    let mut found = Vec::new();
    for text in spellings(&Literal::new_simple_literal(identifier)).into_iter().map(Term::from) {
        if system.is_none() {
            found.extend(snapshot.subjects(dcterms::IDENTIFIER, &text)?);
        }
        for foreign in snapshot.subjects(skos::NOTATION, &text)? {
            let agency = snapshot.text(&foreign, adms::SCHEMA_AGENCY)?;
            if system.is_none() || agency.as_deref() == system {
                found.extend(snapshot.subjects(adms::IDENTIFIER, &foreign.into())?);
            }
        }
    }
    found.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
    found.dedup();
    Ok(found)
}

/// What a name in a question refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A resource, which need not exist where the name is an IRI.
    One(NamedNode),
    /// Several resources bear it as an identifier, in IRI order.
    Several(Vec<NamedNode>),
}

/// Finds the resource that a name refers to: its IRI in full or in short, or where no resource has that IRI the identifier that it
/// bears. Only those that are meant count as bearers.
pub fn find<E: From<Error>>(
    snapshot: &Snapshot,
    name: &str,
    is_meant: impl Fn(&NamedNode) -> Result<bool, E>,
) -> Result<Found, E> {
    let named = snapshot.expand(name);
    if let Ok(iri) = &named
        && snapshot.exists(iri)?
    {
        return Ok(Found::One(iri.clone()));
    }
    let mut bearing = Vec::new();
    for iri in lookup(snapshot, None, name)? {
        if is_meant(&iri)? {
            bearing.push(iri);
        }
    }
    match bearing.len() {
        0 => Ok(Found::One(named?)),
        1 => Ok(Found::One(bearing.remove(0))),
        _ => Ok(Found::Several(bearing)),
    }
}
