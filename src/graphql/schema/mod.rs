//! The schema: types from the ontology, and the types that no ontology changes.

mod actions;
pub(crate) mod class;
mod federation;
pub(crate) mod foresight;
pub(crate) mod history;
pub(crate) mod live;
pub(crate) mod mutation;
pub(crate) mod records;
pub(crate) mod scalar;
pub(crate) mod shared;
pub(crate) mod thread;
pub(crate) mod usage;
pub(crate) mod verdicts;

use super::engine::Types;
use super::engine::document::prepare::Documents;
use super::engine::types::registry::Registry;
use super::engine::types::{Definition, NameTaken};
use crate::ontology::Ontology;
use class::object_type::ObjectTypes;
use std::sync::{Arc, OnceLock};

/// Why no schema can be made of an ontology.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// Two types share a name.
    #[error(transparent)]
    NameTaken(#[from] NameTaken),
    /// The types do not fit together.
    #[error("the ontology makes no GraphQL schema: {0}")]
    Unfit(String),
}

/// A schema ready to answer: types with their resolvers, what answers introspection, and the documents seen so far.
pub struct Schema {
    pub(crate) ontology: Arc<Ontology>,
    pub(crate) types: Types,
    pub(crate) registry: Registry,
    pub(crate) documents: Documents,
    printed: OnceLock<Arc<str>>,
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Schema({})", self.ontology.digest())
    }
}

impl Schema {
    /// Makes the schema of an ontology.
    pub fn build(ontology: &Arc<Ontology>) -> Result<Self, SchemaError> {
        let objects = ObjectTypes::new(ontology);
        Self::of(ontology, definitions(ontology, &objects))
    }

    /// Makes the schema of an ontology as a part of a supergraph.
    pub fn build_federated(ontology: &Arc<Ontology>) -> Result<Self, SchemaError> {
        let objects = ObjectTypes::new(ontology);
        let sdl = Self::build(ontology)?.sdl();
        Self::of(ontology, federation::federate(definitions(ontology, &objects), &sdl, &objects))
    }

    fn of(ontology: &Arc<Ontology>, definitions: Vec<Definition>) -> Result<Self, SchemaError> {
        let mut types = Types::default();
        for definition in definitions {
            types.add(definition)?;
        }
        let types = types.reachable().with_optional_defaults().with_error_boundaries().described_once();
        let registry = Registry::new(&types).map_err(|error| SchemaError::Unfit(error.to_string()))?;
        let (ontology, documents, printed) = (Arc::clone(ontology), Documents::default(), OnceLock::new());
        Ok(Self { ontology, types, registry, documents, printed })
    }

    /// Prints the schema, once.
    pub fn sdl(&self) -> Arc<str> {
        Arc::clone(self.printed.get_or_init(|| self.registry.sdl(&self.types).into()))
    }
}

fn definitions(ontology: &Arc<Ontology>, objects: &Arc<ObjectTypes>) -> Vec<Definition> {
    let mut all = scalar::scalars();
    all.extend(thread::types(ontology));
    all.extend(class::types(ontology, objects));
    all.extend(records::filter::shared_types());
    all.extend(records::filter::enumerations(ontology));
    all.extend(class::fielded::types(ontology));
    all.extend(verdicts::comparison::types(ontology));
    all.extend(verdicts::life_comparison::types());
    all.extend(history::trace::types(ontology));
    all.extend(shared::unit::types());
    all.extend(shared::page::types());
    all.extend(history::types());
    all.extend(history::provenance::types(ontology));
    all.extend(records::search::types(ontology));
    all.extend(history::suspect::types(ontology));
    all.extend(history::diff::types());
    all.extend(verdicts::exposure::types(ontology));
    all.extend(verdicts::margin_change::types());
    all.extend(shared::note::types());
    all.extend(records::change::types(ontology));
    all.extend(shared::author::types());
    all.extend(history::merge::types());
    all.extend(history::conflict::types());
    all.extend(verdicts::filing::types());
    all.extend(verdicts::decision::types());
    all.extend(verdicts::effectiveness::types());
    all.extend(verdicts::monitor::types());
    all.extend(foresight::types());
    all.extend(actions::advance::types());
    all.extend(actions::health::types());
    all.extend(actions::outbox::types());
    all.extend(actions::policy::types());
    all.extend(live::broker::types());
    all.extend(live::job::types());
    all.extend(mutation::types());
    all.extend(live::margin_watch::types());
    all.extend(verdicts::review::types());
    all.extend(live::subscription::types());
    objects.complete(&mut all);
    all
}
