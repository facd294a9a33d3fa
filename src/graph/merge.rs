//! Three-way merging of families, on (subject, predicate): never two silent values.

use super::error::Clash;
use crate::model::statement::Statement;
use crate::ontology::Ontology;
use oxigraph::model::{NamedNode, Term};
use std::collections::{BTreeMap, BTreeSet};

type Properties = BTreeMap<(NamedNode, NamedNode), BTreeSet<Statement>>;

/// Merges what `theirs` changed since `base` into `ours`. The same change on both sides is no clash; a many-valued
/// property takes what either side added and drops what either removed; one value against another is a clash, as is a
/// subject that one side retired and the other changed.
pub(crate) fn merge(
    base: &[Statement],
    ours: &[Statement],
    theirs: &BTreeSet<Statement>,
    ontology: &Ontology,
) -> Result<BTreeSet<Statement>, Vec<Clash>> {
    let (base, ours) = (properties(base), properties(ours));
    let theirs = properties(theirs);
    let mut clashes = retired_clashes(&base, &ours, &theirs);
    let mut merged = BTreeSet::new();
    let nothing = BTreeSet::new();
    let keys: BTreeSet<_> = base.keys().chain(ours.keys()).chain(theirs.keys()).collect();
    for key in keys {
        let side = |of: &Properties| of.get(key).cloned().unwrap_or_else(|| nothing.clone());
        let (old, here, there) = (side(&base), side(&ours), side(&theirs));
        if here == there || there == old {
            merged.extend(here);
        } else if here == old {
            merged.extend(there);
        } else if is_many_valued(ontology, &key.1) {
            let removed: BTreeSet<_> =
                old.iter().filter(|value| !here.contains(value) || !there.contains(value)).collect();
            merged.extend(here.union(&there).filter(|value| !removed.contains(value)).cloned());
        } else {
            clashes.push(clash(key.0.clone(), Some(key.1.clone()), &old, &here, &there));
        }
    }
    if clashes.is_empty() { Ok(merged) } else { Err(clashes) }
}

fn is_many_valued(ontology: &Ontology, predicate: &NamedNode) -> bool {
    ontology.property(predicate.as_ref()).is_some_and(|property| !property.single_valued)
}

/// Finds subjects that one side retired while the other changed them.
fn retired_clashes(base: &Properties, ours: &Properties, theirs: &Properties) -> Vec<Clash> {
    let of = |side: &Properties, subject: &NamedNode| -> BTreeSet<Statement> {
        let about = side.iter().filter(|((about, _), _)| about == subject);
        about.flat_map(|(_, statements)| statements.iter().cloned()).collect()
    };
    let subjects: BTreeSet<&NamedNode> = base.keys().map(|(subject, _)| subject).collect();
    let mut clashes = Vec::new();
    for subject in subjects {
        let (old, here, there) = (of(base, subject), of(ours, subject), of(theirs, subject));
        let clashing = (here.is_empty() && !there.is_empty() && there != old)
            || (there.is_empty() && !here.is_empty() && here != old);
        if clashing {
            clashes.push(clash(subject.clone(), None, &old, &here, &there));
        }
    }
    clashes
}

fn properties<'a>(statements: impl IntoIterator<Item = &'a Statement>) -> Properties {
    let mut properties = Properties::new();
    for statement in statements {
        let key = (statement.subject.clone(), statement.predicate.clone());
        properties.entry(key).or_default().insert(statement.clone());
    }
    properties
}

fn clash(
    subject: NamedNode,
    predicate: Option<NamedNode>,
    base: &BTreeSet<Statement>,
    ours: &BTreeSet<Statement>,
    theirs: &BTreeSet<Statement>,
) -> Clash {
    let values = |side: &BTreeSet<Statement>| -> Vec<Term> {
        side.iter().map(|statement| statement.object.clone()).collect()
    };
    Clash { subject, predicate, base: values(base), ours: values(ours), theirs: values(theirs) }
}
