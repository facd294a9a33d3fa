//! The schema: types from the ontology, and the types that no ontology changes.

pub(crate) mod account;
pub(crate) mod author;
pub(crate) mod change;
pub(crate) mod circumstances;
pub(crate) mod class;
pub(crate) mod comparison;
pub(crate) mod containment;
pub(crate) mod crossing;
pub(crate) mod decision;
pub(crate) mod diff;
pub(crate) mod effectiveness;
pub(crate) mod evidence;
pub(crate) mod exposure;
pub(crate) mod failure;
pub(crate) mod field;
pub(crate) mod fielded;
pub(crate) mod filing;
pub(crate) mod filter;
pub(crate) mod history;
pub(crate) mod link;
pub(crate) mod margin;
pub(crate) mod margin_change;
pub(crate) mod merge;
pub(crate) mod monitor;
pub(crate) mod mutation;
pub(crate) mod node;
pub(crate) mod note;
pub(crate) mod page;
pub(crate) mod past;
pub(crate) mod payload;
pub(crate) mod population;
pub(crate) mod position;
pub(crate) mod question;
pub(crate) mod readings;
pub(crate) mod review;
pub(crate) mod scalar;
pub(crate) mod search;
pub(crate) mod subscription;
pub(crate) mod suspect;
pub(crate) mod thread;
pub(crate) mod together;
pub(crate) mod trace;
pub(crate) mod unit;
pub(crate) mod usage;
pub(crate) mod version_arguments;
pub(crate) mod versions;
pub(crate) mod window;

use super::engine::Types;
use super::engine::prepare::Documents;
use super::engine::registry::Registry;
use super::engine::types::NameTaken;
use crate::ontology::Ontology;
use std::sync::Arc;

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
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Schema({})", self.ontology.digest())
    }
}

impl Schema {
    /// Makes the schema of an ontology.
    pub fn build(ontology: &Arc<Ontology>) -> Result<Self, SchemaError> {
        let mut types = Types::default();
        for definition in definitions(ontology) {
            types.add(definition)?;
        }
        let registry = Registry::new(&types).map_err(|error| SchemaError::Unfit(error.to_string()))?;
        Ok(Self { ontology: Arc::clone(ontology), types, registry, documents: Documents::default() })
    }

    /// Prints the schema.
    pub fn sdl(&self) -> String {
        self.registry.sdl()
    }
}

fn definitions(ontology: &Arc<Ontology>) -> Vec<super::engine::types::Definition> {
    let mut all = scalar::scalars();
    all.extend(thread::types(ontology));
    all.extend(class::types(ontology));
    all.extend(filter::shared_types());
    all.extend(filter::enumerations(ontology));
    all.extend(fielded::types(ontology));
    all.extend(comparison::types(ontology));
    all.extend(trace::types(ontology));
    all.extend(unit::types());
    all.extend(page::types());
    all.extend(history::types());
    all.extend(past::types(ontology));
    all.extend(search::types(ontology));
    all.extend(suspect::types(ontology));
    all.extend(diff::types());
    all.extend(exposure::types(ontology));
    all.extend(margin_change::types());
    all.extend(note::types());
    all.extend(change::types(ontology));
    all.extend(author::types());
    all.extend(merge::types());
    all.extend(filing::types());
    all.extend(decision::types());
    all.extend(effectiveness::types());
    all.extend(evidence::types());
    all.extend(monitor::types());
    all.extend(mutation::types(ontology));
    all.extend(crossing::types());
    all.extend(review::types());
    all.extend(subscription::types());
    all
}
