//! How completely the thread is linked.

use crate::graph::{Error, Snapshot};
use crate::model::statement::Statement;
use crate::ontology::Kind;
use oxigraph::model::{NamedNode, Term};
use std::collections::HashSet;

/// How many instances of a class have at least one link, field by field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// The class's name.
    pub class: String,
    /// The field's name, of a link or of the way back.
    pub field: String,
    /// How many instances there are.
    pub total: usize,
    /// Those without any, in IRI order.
    pub without: Vec<NamedNode>,
}

/// Returns how well each class with instances is linked: for each of its links and each way back, who has none.
pub fn coverage(snapshot: &Snapshot) -> Result<Vec<Coverage>, Error> {
    let mut found = Vec::new();
    for class in snapshot.ontology().classes().iter().filter(|class| !class.is_abstract && !class.fragment) {
        let instances = snapshot.instances(class.iri.as_ref())?;
        if instances.is_empty() {
            continue;
        }
        let links = class.fields.iter().filter(|field| matches!(field.kind, Kind::Link(_)));
        let links = links.map(|field| (&field.name, &field.predicate, false));
        let ways_back = class.inverses.iter().map(|inverse| (&inverse.name, &inverse.predicate, true));
        for (field, predicate, backward) in links.chain(ways_back) {
            let linked = linked(snapshot, predicate, backward)?;
            let without = instances.iter().filter(|instance| !linked.contains(*instance)).cloned();
            found.push(Coverage {
                class: class.name.clone(),
                field: field.clone(),
                total: instances.len(),
                without: without.collect(),
            });
        }
    }
    Ok(found)
}

/// Returns the ends of a predicate's statements: the subjects, or backwards the targets.
fn linked(snapshot: &Snapshot, predicate: &NamedNode, backward: bool) -> Result<HashSet<NamedNode>, Error> {
    let links = snapshot.matching(None, Some(predicate.as_ref()), None)?;
    let end = |link: Statement| match (backward, link.object) {
        (false, _) => Some(link.subject),
        (true, Term::NamedNode(target)) => Some(target),
        (true, _) => None,
    };
    Ok(links.into_iter().filter_map(end).collect())
}
