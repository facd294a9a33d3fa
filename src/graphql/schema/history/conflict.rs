//! What a change can be refused for: conflicts of two sides, broken shapes and rules, and links to what would be retired.

use crate::app::Scope;
use crate::graph::{Commit, Conflict, ConflictKind, Fault, Snapshot};
use crate::graphql::engine::types::Definition;
use crate::graphql::engine::types::build::{enumeration, object};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::{Cause, Error};
use crate::graphql::schema::shared::node::{self, property_name};
use crate::graphql::schema::shared::page;
use crate::model::statement::Statement;
use crate::ontology::Violation;
use oxigraph::model::Term;
use std::sync::Arc;

/// How many violations or faults a message names.
const NAMED_MAX: usize = 3;
/// How many characters of a place a message shows.
const PLACE_MAX: usize = 200;
/// How many characters of a reason a message shows.
const REASON_MAX: usize = 300;

#[derive(Clone)]
struct ConflictValue {
    scope: Arc<Scope>,
    conflict: Conflict,
}

struct SideValue {
    scope: Arc<Scope>,
    values: Vec<Term>,
    commit: Option<Commit>,
}

struct LinkValue {
    scope: Arc<Scope>,
    link: Statement,
}

#[derive(Clone)]
struct ViolationValue {
    scope: Arc<Scope>,
    violation: Violation,
}

/// Returns the types of conflicts, violations and links that are in the way.
pub(crate) fn types() -> Vec<Definition> {
    let mut types = vec![conflict(), side(), link(), violation()];
    types.extend(page::connection::<ConflictValue>("MergeConflict"));
    types.extend(page::connection::<ViolationValue>("Violation"));
    let kinds = [
        (ConflictKind::BothChanged, "Both sides changed the property, to different values."),
        (ConflictKind::RetiredAndChanged, "One side retired it, the other changed it."),
        (ConflictKind::RetiredAndLinked, "One side retired it, the other links to it."),
    ];
    let kinds = kinds.map(|(kind, comment)| (kind.as_str(), comment));
    types.push(enumeration("MergeConflictKind", "What two sides did to the same thing.", &kinds));
    types
}

/// Returns a page of what shapes and rules forbid.
pub(crate) fn violations(
    scope: &Arc<Scope>,
    violations: &[Violation],
    call: &Call<'_>,
) -> Result<Value, Error> {
    page::listed(violations, call.arguments, |violation| ViolationValue {
        scope: Arc::clone(scope),
        violation: violation.clone(),
    })
}

/// Returns a page of what two sides say differently.
pub(crate) fn conflicts(scope: &Arc<Scope>, conflicts: &[Conflict], call: &Call<'_>) -> Result<Value, Error> {
    page::listed(conflicts, call.arguments, |conflict| ConflictValue {
        scope: Arc::clone(scope),
        conflict: conflict.clone(),
    })
}

/// Describes in short what is wrong: the first few by their short names, and how many more there are.
pub(crate) fn summary(scope: &Scope, cause: &Cause) -> Option<String> {
    let snapshot = &scope.snapshot;
    let of_violation = |violation: &Violation| {
        format!("{}: {}", cut(&violation.place, PLACE_MAX), cut(&violation.message, REASON_MAX))
    };
    let of_fault = |fault: &Fault| {
        format!(
            "{} in commit {}: {}",
            fault.file,
            fault.commit,
            cut(&fault.reason.replace(snapshot.base(), ""), REASON_MAX)
        )
    };
    let (count, mut lines): (usize, Vec<String>) = match cause {
        Cause::Violations(found) => (found.len(), found.iter().take(NAMED_MAX).map(of_violation).collect()),
        Cause::Faults(found) => (found.len(), found.iter().take(NAMED_MAX).map(of_fault).collect()),
        Cause::Linked(_) | Cause::Conflict(_) | Cause::KeyUsed(_) => return None,
    };
    lines.extend((count > NAMED_MAX).then(|| format!("and {} more", count - NAMED_MAX)));
    Some(lines.join("\n"))
}

/// Returns the name of the field of a link in the class of its subject; that of the property where no class declares it.
fn field_name(snapshot: &Snapshot, link: &Statement) -> String {
    let ontology = snapshot.ontology();
    let classes = snapshot.classes_of(&link.subject).unwrap_or_default();
    let mut fields =
        classes.iter().filter_map(|class| ontology.class(class.as_ref())).flat_map(|class| &class.fields);
    let field = fields.find(|field| field.predicate == link.predicate);
    field.map_or_else(|| property_name(ontology, link.predicate.as_ref()), |field| field.name.clone())
}

fn cut(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Wraps what links to a resource.
pub(crate) fn inbound_links(scope: &Arc<Scope>, links: &[Statement]) -> Value {
    let wrap = |link: &Statement| LinkValue { scope: Arc::clone(scope), link: link.clone() };
    Value::objects(links.iter().map(wrap))
}

fn conflict() -> Definition {
    object::<ConflictValue>("MergeConflict", "One property that the two sides state differently.")
        .field("kind", "MergeConflictKind!", "What both sides did.", |of, _| {
            Ok(Value::Name(of.conflict.kind.as_str()))
        })
        .field("resource", "ID!", "The resource or fragment: what a Resolution names.", |of, _| {
            Ok(of.scope.snapshot.shorten(&of.conflict.subject).into())
        })
        .field(
            "property",
            "String",
            "The property: what a Resolution names; absent where the resource as a whole is at stake.",
            |of, _| {
                let name = |predicate: &oxigraph::model::NamedNode| {
                    property_name(of.scope.snapshot.ontology(), predicate.as_ref())
                };
                Ok(of.conflict.predicate.as_ref().map(name).into())
            },
        )
        .field("base", "[String!]!", "The values both started from.", |of, _| {
            Ok(texts(&of.scope, &of.conflict.base).into())
        })
        .field("ours", "MergeConflictSide!", "The branch's side.", |of, _| {
            Ok(of.side(&of.conflict.ours, of.conflict.ours_commit.as_ref()))
        })
        .field("theirs", "MergeConflictSide!", "The other side.", |of, _| {
            Ok(of.side(&of.conflict.theirs, of.conflict.theirs_commit.as_ref()))
        })
        .field("links", "[InboundLink!]!", "What links to a resource that one side retired.", |of, _| {
            Ok(inbound_links(&of.scope, &of.conflict.links))
        })
        .done()
}

impl ConflictValue {
    fn side(&self, values: &[Term], commit: Option<&Commit>) -> Value {
        let scope = Arc::clone(&self.scope);
        Value::object(SideValue { scope, values: values.to_vec(), commit: commit.cloned() })
    }
}

fn side() -> Definition {
    object::<SideValue>("MergeConflictSide", "What one side states.")
        .field("values", "[String!]!", "Its values; none where it has none.", |of, _| {
            Ok(texts(&of.scope, &of.values).into())
        })
        .field(
            "commit",
            "Commit",
            "The commit that last changed it on this side, where there is one.",
            |of, _| Ok(of.commit.clone().map_or(Value::Null, Value::object)),
        )
        .done()
}

fn link() -> Definition {
    object::<LinkValue>("InboundLink", "A link to a resource.")
        .field("from", "ID!", "The resource or fragment that links.", |of, _| {
            Ok(of.scope.snapshot.shorten(&of.link.subject).into())
        })
        .field(
            "property",
            "String!",
            "The link's field, or the IRI of one that no class declares.",
            |of, _| Ok(field_name(&of.scope.snapshot, &of.link).into()),
        )
        .field("to", "ID", "What it links to.", |of, _| {
            Ok(node::target(&of.link.object).map(|iri| of.scope.snapshot.shorten(iri)).into())
        })
        .done()
}

fn violation() -> Definition {
    object::<ViolationValue>("Violation", "What a shape or a rule of the ontology forbids.")
        .field("resource", "ID!", "The resource or fragment that breaks it.", |of, _| {
            Ok(of.scope.snapshot.shorten(&of.violation.resource).into())
        })
        .field("path", "String", "The field.", |of, _| Ok(of.violation.path.clone().into()))
        .field("value", "String", "The value: of a link, the short name of what it leads to.", |of, _| {
            let value = of.violation.value.as_ref();
            Ok(value.map(|value| node::shown(&of.scope.snapshot, value)).into())
        })
        .field(
            "place",
            "String!",
            "The resource with its identifier, the field and the value, for a person; without what the message shows.",
            |of, _| Ok(of.violation.place.clone().into()),
        )
        .field("message", "String!", "What is wrong.", |of, _| Ok(of.violation.message.clone().into()))
        .field("rule", "String!", "The shape or rule.", |of, _| Ok(of.violation.rule.clone().into()))
        .done()
}

fn texts(scope: &Scope, terms: &[Term]) -> Vec<String> {
    terms.iter().map(|term| node::shown(&scope.snapshot, term)).collect()
}
