//! Rule *released content is frozen*: once a design revision is RELEASED or OBSOLETE, its content and that of its fragments
//! stays; links to other resources may still be added and removed, and the status may change from one of the two to the other, but to
//! none before. Also OBSOLETE freezes, whatever was before it: what was RELEASED once stays as it was.

use crate::model::statement::Statement;
use crate::ontology::class::FieldKind;
use crate::ontology::data::Data;
use crate::ontology::error::Error;
use crate::ontology::rules::reader::{self, Reader};
use crate::ontology::schema::Ontology;
use crate::ontology::terms::{adms, rdf, tl};
use crate::ontology::violation::Violation;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};
use std::collections::{BTreeMap, HashMap};

/// The name of the rule.
pub const RULE: &str = "released content is frozen";
/// How deep fragments lie in fragments at most: revision, constraint, condition.
const DEPTH_MAX: usize = 4;

/// Which nodes belonged to a released revision before the change.
#[derive(Default)]
pub(in crate::ontology::rules) struct Memory(HashMap<NamedNode, bool>);

/// Compares a node before and after the change; `was` and `after` are all statements about it.
pub(in crate::ontology::rules) fn check<B: Data>(
    ontology: &Ontology,
    before: &Reader<'_, B>,
    (node, was): (&NamedNode, &[Statement]),
    after: &[Statement],
    memory: &mut Memory,
    found: &mut Vec<Violation>,
) -> Result<(), Error> {
    if was.is_empty() || was == after || !is_frozen(ontology, before, node, was, memory, DEPTH_MAX)? {
        return Ok(());
    }
    let is_revision = is_revision(was);
    let stays = |statement: &Statement| !is_revision || !may_change(ontology, statement, after);
    let message = "the design revision is RELEASED or OBSOLETE and its content is frozen: put the change into a new revision; an import that releases one must bring its usages, signals and constraints with it";
    found.extend(unchanging(ontology, (node, was), after, stays, (RULE, message)));
    Ok(())
}

/// Returns a violation for each field of which a statement that must stay comes or goes.
pub(super) fn unchanging(
    ontology: &Ontology,
    (node, was): (&NamedNode, &[Statement]),
    after: &[Statement],
    stays: impl Fn(&Statement) -> bool,
    (rule, message): (&str, &str),
) -> Vec<Violation> {
    let violation = |(path, statement): (String, &Statement)| {
        let value = Some(statement.object.clone());
        Violation::new(node.clone(), Some(path), value, message.to_owned(), rule)
    };
    differing(ontology, was, after, stays).into_iter().map(violation).collect()
}

/// Returns what comes or goes of the statements that must stay, by field; a changed value shows once, as what it would become.
fn differing<'a>(
    ontology: &Ontology,
    was: &'a [Statement],
    after: &'a [Statement],
    stays: impl Fn(&Statement) -> bool,
) -> BTreeMap<String, &'a Statement> {
    let removed = was.iter().filter(|statement| !after.contains(statement));
    let new = after.iter().filter(|statement| !was.contains(statement));
    let changed = removed.chain(new).filter(|statement| stays(statement));
    changed.map(|statement| (ontology.field_name(&statement.predicate), statement)).collect()
}

/// Returns whether the content of a design revision stays from this status on.
fn freezes(status: &str) -> bool {
    matches!(status, "RELEASED" | "OBSOLETE")
}

fn is_revision(about: &[Statement]) -> bool {
    reader::types(about).any(|class| class.as_ref() == tl::DESIGN_REVISION)
}

/// Returns whether a node was a frozen revision, or a fragment of one.
fn is_frozen<B: Data>(
    ontology: &Ontology,
    before: &Reader<'_, B>,
    node: &NamedNode,
    was: &[Statement],
    memory: &mut Memory,
    depth: usize,
) -> Result<bool, Error> {
    if is_revision(was) {
        return Ok(reader::values(was, tl::STATUS).filter_map(reader::text).any(freezes));
    }
    if let Some(frozen) = memory.0.get(node) {
        return Ok(*frozen);
    }
    let mut frozen = false;
    let owned =
        reader::types(was).any(|class| ontology.class(class.as_ref()).is_some_and(|class| class.fragment));
    if owned && depth > 0 {
        for predicate in ontology.fragment_predicates().filter(|p| !is_no_content(p.as_ref())) {
            for owner in before.linking(predicate.as_ref(), node)? {
                let about = before.about(&owner)?;
                frozen |= is_frozen(ontology, before, &owner, &about, memory, depth - 1)?;
            }
        }
    }
    memory.0.insert(node.clone(), frozen);
    Ok(frozen)
}

/// Returns whether fragments are no content of a design: other systems may come to know a released one by new names, and its
/// links may be confirmed.
pub(super) fn is_no_content(predicate: NamedNodeRef<'_>) -> bool {
    predicate == adms::IDENTIFIER || predicate == tl::CONFIRMATION
}

/// Returns whether a frozen revision may gain or lose a statement.
fn may_change(ontology: &Ontology, statement: &Statement, after: &[Statement]) -> bool {
    let predicate = statement.predicate.as_ref();
    if predicate == tl::STATUS {
        let mut statuses = reader::values(after, tl::STATUS).filter_map(reader::text).peekable();
        return statuses.peek().is_some() && statuses.all(freezes);
    }
    if predicate == rdf::TYPE || predicate == tl::REVISION_OF || after.is_empty() {
        return false;
    }
    let field = ontology.class(tl::DESIGN_REVISION).and_then(|class| class.field_of(predicate));
    match field.map(|field| &field.kind) {
        Some(FieldKind::Fragment(_)) => is_no_content(predicate),
        _ => matches!(statement.object, Term::NamedNode(_)),
    }
}
