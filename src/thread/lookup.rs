//! From the names that people and other systems use to the resources that bear them.

use crate::graph::{Error, Snapshot};
use crate::ontology::terms::{adms, dcterms, skos};
use oxigraph::model::{Literal, NamedNode};

/// Returns the resources that bear an identifier, in IRI order: with a system, those that this system knows by it;
/// without one, those whose own identifier it is and those that any system knows by it.
pub fn lookup(snapshot: &Snapshot, system: Option<&str>, identifier: &str) -> Result<Vec<NamedNode>, Error> {
    let text = Literal::new_simple_literal(identifier).into();
    let mut found = match system {
        Some(_) => Vec::new(),
        None => snapshot.subjects(dcterms::IDENTIFIER, &text)?,
    };
    for foreign in snapshot.subjects(skos::NOTATION, &text)? {
        let agency = snapshot.text(&foreign, adms::SCHEMA_AGENCY)?;
        if system.is_none() || agency.as_deref() == system {
            found.extend(snapshot.subjects(adms::IDENTIFIER, &foreign.into())?);
        }
    }
    found.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
    found.dedup();
    Ok(found)
}
