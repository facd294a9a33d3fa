//! Rule *no part contains itself*: a design revision does not use, at any depth, itself. A usage that names a part
//! rather than a revision may be filled by any revision of it that is neither obsolete nor superseded.

use crate::ontology::data::Data;
use crate::ontology::error::Error;
use crate::ontology::rules::Subject;
use crate::ontology::rules::reader::{self, Reader};
use crate::ontology::terms::tl;
use crate::ontology::violation::Violation;
use oxigraph::model::{NamedNode, Term};
use std::collections::HashSet;

const RULE: &str = "no part contains itself";

/// `subject` is a usage; the revisions that declare it are looked for below its child.
pub(in crate::ontology::rules) fn check<D: Data>(
    data: &Reader<'_, D>,
    subject: &Subject<'_>,
    found: &mut Vec<Violation>,
) -> Result<(), Error> {
    if !subject.profile.is_a(tl::PART_USAGE) {
        return Ok(());
    }
    let Some(child) = subject.target(tl::CHILD) else { return Ok(()) };
    for owner in data.linking(tl::USAGE, subject.node)? {
        let part = data.targets(&owner, tl::REVISION_OF)?;
        if part.contains(child) || contains(data, child, &owner)? {
            let message = format!("<{}> would contain itself", owner.as_str());
            let value = Some(Term::NamedNode(child.clone()));
            found.push(subject.violation(RULE, Some("child".to_owned()), value, message));
        }
    }
    Ok(())
}

fn contains<D: Data>(data: &Reader<'_, D>, top: &NamedNode, wanted: &NamedNode) -> Result<bool, Error> {
    let mut seen: HashSet<NamedNode> = HashSet::new();
    let mut pending = vec![top.clone()];
    while let Some(node) = pending.pop() {
        if node == *wanted {
            return Ok(true);
        }
        if !seen.insert(node.clone()) {
            continue;
        }
        for usage in data.targets(&node, tl::USAGE)? {
            pending.extend(data.targets(&usage, tl::CHILD)?);
        }
        for revision in data.linking(tl::REVISION_OF, &node)? {
            if is_current(data, &revision)? {
                pending.push(revision);
            }
        }
    }
    Ok(false)
}

fn is_current<D: Data>(data: &Reader<'_, D>, revision: &NamedNode) -> Result<bool, Error> {
    let about = data.about(revision)?;
    let obsolete =
        reader::values(&about, tl::STATUS).filter_map(reader::text).any(|status| status == "OBSOLETE");
    Ok(!obsolete && data.linking(tl::SUPERSEDES, revision)?.is_empty())
}
