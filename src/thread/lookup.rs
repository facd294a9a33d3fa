//! From the names that people and other systems use to the resources that bear them.

use crate::graph::{Error, Snapshot};
use crate::model::value::spellings;
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
