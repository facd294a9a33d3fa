//! What differences mean: typed notes.

use super::{node, page};
use crate::app::Scope;
use crate::graph::ResourceDiff;
use crate::graphql::engine::Value;
use crate::graphql::engine::types::Definition;
use crate::graphql::engine::types::build::{enumeration, object};
use crate::graphql::error::Error;
use crate::ontology::Ontology;
use crate::thread::{self, Note, NoteKind};
use oxigraph::model::NamedNode;
use std::sync::Arc;

#[derive(Clone)]
pub(crate) struct NoteValue {
    from: Arc<Scope>,
    to: Arc<Scope>,
    note: Note,
    ontology: Arc<Ontology>,
}

impl NoteValue {
    pub(crate) fn new(from: &Arc<Scope>, to: &Arc<Scope>, note: Note, ontology: &Arc<Ontology>) -> Self {
        Self { from: Arc::clone(from), to: Arc::clone(to), note, ontology: Arc::clone(ontology) }
    }

    /// Wraps a resource at the version that has it, the later one where both do.
    fn node(&self, iri: &NamedNode) -> Result<Value, Error> {
        let scope = if self.to.snapshot.exists(iri)? { &self.to } else { &self.from };
        node::typed(scope, iri.clone(), &self.ontology)
    }
}

/// Describes what differences between two versions mean, in at most `limit` notes.
pub(crate) fn notes<'a>(
    from: &Arc<Scope>,
    to: &Arc<Scope>,
    diffs: impl Iterator<Item = &'a ResourceDiff>,
    limit: usize,
    ontology: &Arc<Ontology>,
) -> Result<Value, Error> {
    let notes = thread::notes(&from.snapshot, &to.snapshot, diffs, limit)?;
    Ok(values(from, to, notes, ontology))
}

/// Wraps notes on what differs between two versions.
fn values(from: &Arc<Scope>, to: &Arc<Scope>, notes: Vec<Note>, ontology: &Arc<Ontology>) -> Value {
    Value::objects(notes.into_iter().map(|note| NoteValue::new(from, to, note, ontology)))
}

pub(crate) fn types() -> Vec<Definition> {
    let kinds = NoteKind::ALL.map(|(_, name, comment)| (name, comment));
    let mut types = page::uncounted_connection::<NoteValue>("Note").to_vec();
    types.extend([
        enumeration("NoteKind", "What a note says.", &kinds),
        object::<NoteValue>("Note", "One thing that a difference means.")
            .field("kind", "NoteKind!", "What it is about.", |of, _| Ok(Value::Name(of.note.kind.name())))
            .field("text", "String!", "The whole in one sentence.", |of, _| Ok(of.note.text.clone().into()))
            .field("resource", "Record!", "The resource that changed.", |of, _| of.node(&of.note.resource))
            .field("subject", "ID!", "The resource or the fragment of it that the note is about.", |of, _| {
                Ok(of.to.snapshot.shorten(&of.note.subject).into())
            })
            .field("before", "String", "What was so before, in words.", |of, _| {
                Ok(of.note.before.clone().into())
            })
            .field("after", "String", "What is so after, in words.", |of, _| Ok(of.note.after.clone().into()))
            .field(
                "related",
                "[Record!]!",
                "The other resources that are part of it, such as the component and its parent.",
                |of, _| {
                    of.note.related.iter().map(|iri| of.node(iri)).collect::<Result<_, _>>().map(Value::List)
                },
            )
            .field("position", "String", "The position of what was installed.", |of, _| {
                Ok(of.note.position.clone().into())
            })
            .field("at", "DateTime", "When it happened, where the record states it.", |of, _| {
                Ok(of.note.at.map(|at| at.to_string()).into())
            })
            .done(),
    ]);
    types
}
